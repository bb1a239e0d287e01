// Where the records of a capture go. Here it may wait: nothing is lost meanwhile.
#pragma once

#include "app/options.h"
#include "lib/output.h"
#include "lib/tfo/conditions.h"

#include <signal.h>

struct replay_sink {
	const char *path;
	struct output output;
	int error; // -errno of a write that will not succeed any more
	uint64_t pushed_ns;
	uint64_t nb_conditions[NB_CONDITIONS]; // of the records
};

// Set by the first INT or TERM.
extern volatile sig_atomic_t replay_is_interrupted;

// Not before the capture is known to be one: what is there may be of worth. 0, or an exit code: a
// line has been said.
int replay_sink_open(struct replay_sink *s, const struct options *o);

// Room for a line, or NULL after an error.
char *replay_sink_room(struct replay_sink *s, size_t len);
void replay_sink_add(struct replay_sink *s, size_t len);

// Every record's set, for the summary.
void replay_sink_count(struct replay_sink *s, uint64_t conditions);

// A line of the summary, unless it is about nothing.
void replay_sink_say(uint64_t n, const char *what);
void replay_sink_say_conditions(const struct replay_sink *s);

// now_ns: the capture's time. Who reads an endless one waits for its records.
void replay_sink_push_if_due(struct replay_sink *s, uint64_t now_ns);

// All that is left. code, or another if something could not be written.
int replay_sink_close(struct replay_sink *s, int code);
