// SIGHUP: the block- and allowlists are read again while the scan runs, by a thread of its own, and
// take the place of those in force. What is wrong with them is said, and those stay.
#pragma once

#include "app/control.h"
#include "app/identity.h"
#include "app/options.h"
#include "app/worker.h"

#include <pthread.h>

struct reload {
	const struct options *options;
	const struct control *control;
	struct permit_desk *permits;
	struct identity *identity;			 // NULL: nobody needs it
	const struct permit_view *views[WORKER_MAX + 1]; // of all who ask
	unsigned int nb_views;
	struct permit *old; // replaced, and perhaps still looked at; NULL: none
	pthread_t thread;
	bool has_thread;
};

// Before there are other threads: from now on the signal waits for reload_start.
void reload_hold_signal(void);

// All fields up to the views are set. 0, or an exit code: a line has been said.
int reload_start(struct reload *r);

// control->quit is set. Fine without a start, too.
void reload_stop(struct reload *r);
