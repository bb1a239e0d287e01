#include "app/reload.h"

#include "app/exit_code.h"
#include "app/lists.h"
#include "app/say.h"

#include <rte_lcore.h>

#include <signal.h>
#include <string.h>

#define WAIT_NS (100 * 1000 * 1000)

static sigset_t hangup(void) {
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	return set;
}

void reload_hold_signal(void) {
	sigset_t set = hangup();
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static bool is_old_done(const struct reload *r) {
	for (unsigned int i = 0; i < r->nb_views; i++) {
		if (!permit_view_has_moved_on(r->views[i], r->permits))
			return false;
	}
	return true;
}

static void free_old(struct reload *r) {
	if (r->old == NULL || !is_old_done(r))
		return;
	permit_destroy(r->old);
	r->old = NULL;
}

static void read_again(struct reload *r) {
	const struct options *o = r->options;
	if (o->nb_blocklists == 0 && o->nb_allowlists == 0) {
		say("SIGHUP: there is no list to be read again (-b, -w): nothing has changed");
		return;
	}
	char why[LISTS_WHY_OCTETS];
	struct permit *next = lists_load(o, true, why);
	if (!next) {
		say("%s; the lists from before stay in force", why);
		return;
	}
	r->old = permit_desk_replace(r->permits, next);
	lists_say(next, "lists read again, and in force: ");
	if (r->identity)
		identity_read_lists(r->identity, o, next);
}

static void *run(void *reload) {
	struct reload *r = reload;
	const sigset_t set = hangup();
	const struct timespec wait = {.tv_nsec = WAIT_NS};
	bool is_wanted = false;
	for (;;) {
		is_wanted |= sigtimedwait(&set, NULL, &wait) == SIGHUP;
		if (control_is(&r->control->quit))
			return NULL;
		free_old(r);
		if (!is_wanted || r->old)
			continue;
		is_wanted = false;
		read_again(r);
	}
}

int reload_start(struct reload *r) {
	int ret = rte_ctrl_thread_create(&r->thread, "tfoscan-reload", NULL, run, r);
	r->has_thread = ret == 0;
	if (ret != 0)
		say("cannot start the thread that waits for SIGHUP: %s", strerror(-ret));
	return ret == 0 ? 0 : EXIT_CANNOT;
}

void reload_stop(struct reload *r) {
	if (!r->has_thread)
		return;
	pthread_kill(r->thread, SIGHUP); // it waits for nothing else
	pthread_join(r->thread, NULL);
	r->has_thread = false;
	permit_destroy(r->old); // nobody looks any more
	r->old = NULL;
}
