#include "app/scan.h"

#include "app/checkpoint_head.h"
#include "app/metadata.h"
#include "app/say.h"
#include "app/steering.h"
#include "app/summary.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define LOOK_NS (20 * NSEC_PER_MSEC)
#define LINK_PATIENCE_NS (10 * NSEC_PER_SEC)
#define GIVE_UP_NS (60 * NSEC_PER_SEC)
#define LINK_NOTICED_NS NSEC_PER_SEC // at the latest so long after it went
#define QUIET_LOOKS 3 // of LOOK_NS, with nothing in flight, before an interrupted scan ends

static volatile sig_atomic_t nb_signals;
static struct control *signalled; // whose launching a signal stops

static void on_signal(int number) {
	(void)number;
	nb_signals++;
	control_set(&signalled->stop_launching, true);
}

bool scan_is_interrupted(void) {
	return nb_signals > 0;
}

void scan_catch_signals(struct control *control) {
	signalled = control;
	struct sigaction action = {.sa_handler = on_signal};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
	rate_control_catch_signals();
}

// What one look found: go on, or end with a code.
enum look {
	LOOK_GO_ON,
	LOOK_DONE,
	LOOK_CANNOT,
	LOOK_LATER, // the same, but with a checkpoint it can go on when that is mended
};

static void stop_launching(struct scan *s) {
	control_set(&s->control.stop_launching, true);
}

unsigned int scan_in_flight(const struct scan *s) {
	unsigned int nb = 0;
	for (unsigned int i = 0; i < s->nb_workers; i++)
		nb += atomic_load_explicit(&s->workers[i]->in_flight, memory_order_relaxed);
	return nb;
}

static uint64_t nb_done(const struct scan *s) {
	uint64_t nb = 0;
	for (unsigned int i = 0; i < s->nb_workers; i++)
		nb += s->workers[i]->counters.done + s->workers[i]->counters.blocked;
	return nb;
}

// ---- link

// Tell the workers whether frames that come are heard.
static void set_hearing(struct scan *s) {
	bool is_deaf = s->is_deaf && control_forgives_pauses(&s->control);
	control_set(&s->control.link_is_down, s->link_down_ns != 0 || is_deaf);
}

// What could not leave while the link was down is no loss: it is measured again.
static void forgive_unsent(struct scan *s, bool is_up) {
	struct rte_eth_stats stats;
	if (rte_eth_stats_get(s->port.id, &stats) != 0)
		return;
	if (!is_up)
		s->stats_before.oerrors += stats.oerrors - s->oerrors_seen;
	s->oerrors_seen = stats.oerrors;
}

static void link_went(struct scan *s, bool down, uint64_t now_ns) {
	uint64_t since_ns = (down ? now_ns : s->link_down_ns) - LINK_NOTICED_NS;
	s->link_down_ns = down ? now_ns : 0;
	set_hearing(s);
	control_note_outage(&s->control, since_ns);
	if (down)
		return;
	if (s->said_link_down)
		say("%s is up again: going on; what was in flight is measured again", s->link.name);
	s->said_link_down = false;
}

static enum look look_at_link(struct scan *s, uint64_t now_ns) {
	struct iface_watch_state state;
	if (!link_look(&s->link, now_ns, &state))
		return LOOK_GO_ON;
	const char *name = s->link.name;
	if (state.link == IFACE_LINK_GONE) {
		link_went(s, true, now_ns);
		say("%s is gone: stopped; start again when it is back", name);
		return LOOK_LATER;
	}
	bool is_down = state.link == IFACE_LINK_DOWN;
	forgive_unsent(s, !is_down && !state.has_flapped && s->link_down_ns == 0);
	if (state.has_flapped && !is_down && s->link_down_ns == 0)
		control_note_outage(&s->control, now_ns - LINK_NOTICED_NS);
	if (is_down != (s->link_down_ns != 0))
		link_went(s, is_down, now_ns);
	if (!is_down)
		return LOOK_GO_ON;
	if (now_ns - s->link_down_ns >= LINK_PATIENCE_NS && !s->said_link_down) {
		say("%s has been down for 10 s: launching waits; tried again each second, for 60 s "
		    "(%s)",
			name, s->link.mend);
		s->said_link_down = true;
	}
	if (now_ns - s->link_down_ns < LINK_PATIENCE_NS + GIVE_UP_NS)
		return LOOK_GO_ON;
	say("%s stayed down: stopped", name);
	return LOOK_LATER;
}

// ---- workers

// A worker off its CPU hears nothing, neither for its own targets nor for those whose frames land
// on its queue: as if the link were down. What is under way is measured again. How often that
// happened count the workers, each when it is back.
static void look_at_workers(struct scan *s, uint64_t now_ns) {
	uint64_t oldest_ns = now_ns;
	for (unsigned int i = 0; i < s->nb_workers; i++) {
		uint64_t polled_ns =
			atomic_load_explicit(&s->workers[i]->polled_ns, memory_order_relaxed);
		if (polled_ns != 0 && polled_ns < oldest_ns)
			oldest_ns = polled_ns;
	}
	bool is_deaf = now_ns - oldest_ns >= CONTROL_PAUSE_NS;
	if (is_deaf == s->is_deaf)
		return;
	s->is_deaf = is_deaf;
	set_hearing(s);
	if (is_deaf && control_forgives_pauses(&s->control))
		control_note_outage(&s->control, oldest_ns);
}

// What a worker whose rate climbs wants to know of the port that it shares with others.
static void tell_losses(struct scan *s) {
	if (!s->workers[0]->has_ramp)
		return;
	struct scan_totals t;
	summary_totals(s, &t);
	atomic_store_explicit(&s->control.nb_lost, ownloss_of_rate(&t.loss), memory_order_relaxed);
	atomic_store_explicit(&s->control.nb_heard, t.loss.received, memory_order_relaxed);
}

// ---- output

static enum look look_at_full_disk(struct scan *s, uint64_t now_ns) {
	if (s->disk_full_ns == 0) {
		s->disk_full_ns = now_ns;
		control_set(&s->control.hold_launching, true);
		say("no room on the disk for %s: launching waits; tried again each second, for 60 "
		    "s",
			s->options.output);
		return LOOK_GO_ON;
	}
	if (now_ns - s->disk_full_ns < GIVE_UP_NS)
		return LOOK_GO_ON;
	say("no room on the disk for %s for 60 s: stopped; the %llu octets of whole "
	    "records "
	    "there are good",
		s->options.output, (unsigned long long)s->collectors.each[0].output.whole_octets);
	return LOOK_LATER;
}

static enum look look_at_output(struct scan *s, uint64_t now_ns) {
	int os_error;
	switch (collectors_state(&s->collectors, &os_error)) {
	case OUTPUT_OK:
	case OUTPUT_BUSY:
		if (s->disk_full_ns == 0)
			return LOOK_GO_ON;
		say("room on the disk again: going on");
		s->disk_full_ns = 0;
		control_set(&s->control.hold_launching, false);
		return LOOK_GO_ON;
	case OUTPUT_FULL:
		return look_at_full_disk(s, now_ns);
	case OUTPUT_NO_READER:
		say("the reader of the output pipe is gone: stopped");
		return LOOK_CANNOT;
	case OUTPUT_FAILED:
		break;
	}
	say("cannot write %s: %s: stopped", s->options.output, strerror(os_error));
	return LOOK_CANNOT;
}

// ---- checkpoints

static void look_at_checkpoint(struct scan *s, uint64_t now_ns) {
	struct checkpointer *c = &s->checkpointer;
	if (!checkpointer_is_due(c, now_ns))
		return;
	int error = atomic_load(&c->error);
	if (error != 0 && !c->said_error)
		say("cannot write --checkpoint %s: %s; the one before stands, tried again", c->path,
			strerror(error));
	if (error == 0 && c->said_error)
		say("checkpoints are written again");
	c->said_error = error != 0;
	char *metadata = s->options.metadata_file ? metadata_text(s, METADATA_RUNNING, -1) : NULL;
	checkpointer_ask(c, checkpoint_head(s, false), metadata, now_ns);
}

// ---- the end

// What is in flight may take so long: the SYNs of two silent connections, or a slow answer.
static uint64_t patience_ns(const struct options *o) {
	uint64_t syns_ns = conn_syn_offset_ns(o->tries - 1u) + CONN_SYN_GIVE_UP_NS;
	uint64_t answer_ns = o->timeout_s * NSEC_PER_SEC;
	// one connection of a later round or of a control
	if (o->rounds > 1 || o->controls)
		return conn_syn_offset_ns(CONN_MAX_TRIES - 1) + CONN_SYN_GIVE_UP_NS + answer_ns +
		       7 * NSEC_PER_SEC;
	return syns_ns + (syns_ns > answer_ns ? syns_ns : answer_ns) + 3 * NSEC_PER_SEC;
}

static void look_at_signals(struct scan *s, uint64_t now_ns) {
	if (nb_signals == 0 || s->interrupted)
		return;
	s->interrupted = true;
	control_set(&s->control.is_ending, true);
	s->give_up_ns = now_ns + patience_ns(&s->options);
	say("interrupted: launching stopped, %u targets in flight end within %llu s (once more: at "
	    "once)",
		scan_in_flight(s), (unsigned long long)(patience_ns(&s->options) / NSEC_PER_SEC));
}

static void look_at_runtime(struct scan *s, uint64_t now_ns) {
	uint64_t limit_ns = s->options.max_runtime_s * NSEC_PER_SEC;
	if (limit_ns == 0 || s->runtime_over || now_ns - s->start_ns < limit_ns)
		return;
	s->runtime_over = true;
	stop_launching(s);
}

static uint64_t nb_handed_over(const struct scan *s) {
	return atomic_load(&s->reader.nb_targets) - atomic_load(&s->reader.nb_before);
}

static bool is_all_done(struct scan *s, unsigned int *nb_quiet) {
	if (!atomic_load(&s->reader.is_done))
		return false;
	if (!control_is(&s->control.stop_launching))
		return nb_handed_over(s) == nb_done(s) && scan_in_flight(s) == 0;
	*nb_quiet = scan_in_flight(s) == 0 ? *nb_quiet + 1 : 0;
	return *nb_quiet >= QUIET_LOOKS;
}

static enum look look_at_end(struct scan *s, uint64_t now_ns, unsigned int *nb_quiet) {
	if (s->cooldown_from_ns == 0) {
		bool is_enough = s->interrupted && now_ns >= s->give_up_ns;
		if (is_enough || is_all_done(s, nb_quiet))
			s->cooldown_from_ns = now_ns;
		return LOOK_GO_ON;
	}
	bool is_over = s->interrupted ||
		       now_ns - s->cooldown_from_ns >= s->options.cooldown_s * NSEC_PER_SEC;
	bool is_written = collectors_have_written(&s->collectors);
	if (s->interrupted && now_ns >= s->give_up_ns)
		is_written = true; // or never will be: disk full, reader of the pipe asleep
	return is_over && is_written ? LOOK_DONE : LOOK_GO_ON;
}

static enum look look_around(struct scan *s, uint64_t now_ns, unsigned int *nb_quiet) {
	look_at_signals(s, now_ns);
	look_at_runtime(s, now_ns);
	look_at_workers(s, now_ns);
	tell_losses(s);
	look_at_checkpoint(s, now_ns);
	steering_look(s, false);
	enum look look = look_at_link(s, now_ns);
	if (look == LOOK_GO_ON)
		look = look_at_output(s, now_ns);
	if (look == LOOK_GO_ON)
		look = look_at_end(s, now_ns, nb_quiet);
	return look;
}

static enum look loop(struct scan *s) {
	unsigned int nb_quiet = 0;
	uint64_t look_ns = 0;
	enum look look = LOOK_GO_ON;
	while (look == LOOK_GO_ON && nb_signals < 2) {
		if (s->is_one_loop) {
			look_at_workers(s, clock_now_ns(&s->clock)); // before it hears again
			worker_poll(s->workers[0]);
			worker_rest(s->workers[0]);
		}
		uint64_t now_ns = clock_now_ns(&s->clock);
		unsigned int nb_taken = capture_step(&s->capture, now_ns);
		nb_taken += collectors_step(&s->collectors, now_ns);
		if (now_ns >= look_ns) {
			look_ns = now_ns + LOOK_NS;
			look = look_around(s, now_ns, &nb_quiet);
			watch_look(s, now_ns);
		}
		if (nb_taken == 0 && !s->is_one_loop)
			usleep(COLLECTOR_IDLE_US);
	}
	return look;
}

// Workers, then collectors, on the lcores in their order.
static void launch_lcores(struct scan *s) {
	unsigned int lcore = rte_get_next_lcore(-1, 1, 0);
	for (unsigned int i = 0; i < s->nb_workers; i++) {
		rte_eal_remote_launch(worker_run, s->workers[i], lcore);
		lcore = rte_get_next_lcore(lcore, 1, 0);
	}
	for (unsigned int i = 1; i < s->collectors.nb; i++) {
		rte_eal_remote_launch(collector_run, &s->collectors.each[i], lcore);
		lcore = rte_get_next_lcore(lcore, 1, 0);
	}
}

enum exit_code scan_run(struct scan *s) {
	s->start_ns = clock_now_ns(&s->clock);
	watch_begin(s);
	if (s->is_one_loop)
		worker_begin();
	else
		launch_lcores(s);
	enum look look = loop(s);
	stop_launching(s);
	control_set(&s->control.quit, true);
	rte_eal_mp_wait_lcore();
	s->end_ns = clock_now_ns(&s->clock);
	steering_look(s, true);
	s->has_ended = true;
	collectors_write_rest(&s->collectors);
	pthread_join(s->reader_thread, NULL);
	s->nb_unfinished = nb_handed_over(s) - nb_done(s);
	watch_end(s);
	if (look == LOOK_CANNOT || (look == LOOK_LATER && !s->checkpointer.path))
		return EXIT_CANNOT;
	if (look == LOOK_LATER)
		return EXIT_INTERRUPTED;
	return s->interrupted || nb_signals > 0 ? EXIT_INTERRUPTED : EXIT_DONE;
}
