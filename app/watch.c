#include "app/watch.h"

#include "app/room.h"
#include "app/say.h"
#include "app/summary.h"
#include "app/telemetry.h"

#include <rte_eal.h>
#include <rte_lcore.h>

#include <string.h>

#define SECOND_NS NSEC_PER_SEC
#define VIEW_NS (100 * NSEC_PER_MSEC)

int watch_open(struct scan *s) {
	telemetry_open(&s->rate);
	return status_file_open(&s->watch.file, s->options.status_updates, s->options.overwrite);
}

void watch_close(struct scan *s) {
	status_file_close(&s->watch.file);
}

static double silent_rate(const struct scan *s) {
	const struct options *o = &s->options;
	double nb_slots = (double)s->workers[0]->nb_slots * s->nb_workers;
	return room_silent_rate(o, nb_slots);
}

// Where to ask: the name of a process of -i is one of its own.
static void say_telemetry(const struct scan *s) {
	const char *path = telemetry_socket();
	if (s->options.quiet || path == NULL)
		return;
	const char *prefix = strrchr(rte_eal_get_runtime_dir(), '/');
	say("telemetry: dpdk-telemetry.py -f %s (%s)", prefix ? prefix + 1 : "rte", path);
}

void watch_begin(struct scan *s) {
	struct watch *w = &s->watch;
	w->plan = (struct status_plan){
		.max_runtime_s = s->options.max_runtime_s,
		.life_s = (double)room_life_s(&s->options),
		.cooldown_s = s->options.cooldown_s,
	};
	w->phase_ns = w->view_ns = s->start_ns;
	w->second_ns = s->start_ns + SECOND_NS;
	rate_control_begin(&s->rate, &s->control, s->options.rate_pps, silent_rate(s));
	say_telemetry(s);
}

// ---- counts

static uint64_t fewer_of_known(uint64_t a, uint64_t b) {
	if (a == 0 || b == 0)
		return a + b;
	return RTE_MIN(a, b);
}

// Lines that turned out to be no targets are none that are to come. 0: nobody knows.
static uint64_t nb_planned(const struct scan *s) {
	const struct reader *r = &s->reader;
	if (atomic_load(&r->is_done) && !control_is(&s->control.stop_launching))
		return atomic_load(&r->nb_targets);
	uint64_t nb = s->nb_lines;
	uint64_t skipped = atomic_load(&r->nb_bad) + atomic_load(&r->nb_blocked) +
			   atomic_load(&r->nb_duplicate) + atomic_load(&r->nb_no_way);
	if (nb > 0)
		nb = nb > skipped ? nb - skipped : 0;
	return fewer_of_known(nb, s->options.max_targets);
}

static enum status_phase phase_of(
	const struct scan *s, const struct scan_totals *t, uint32_t in_flight) {
	if (s->has_ended)
		return STATUS_DONE;
	if (s->cooldown_from_ns != 0)
		return STATUS_COOLDOWN;
	bool has_all = atomic_load(&s->reader.is_done) &&
		       t->workers.done + in_flight >= atomic_load(&s->reader.nb_targets);
	return has_all || control_is(&s->control.stop_launching) ? STATUS_ENDING : STATUS_SCANNING;
}

static double note_phase(struct watch *w, enum status_phase phase, uint64_t now_ns) {
	if (phase != w->phase) {
		w->phase = phase;
		w->phase_ns = now_ns;
	}
	return (double)(now_ns - w->phase_ns) / 1e9;
}

static uint64_t nb_drops(const struct ownloss *loss) {
	return ownloss_total(loss) - loss->nb[OWNLOSS_UNSENT];
}

static void count(struct scan *s, const struct scan_totals *t, const struct collector_counts *sum,
	uint64_t now_ns, struct status_counts *c) {
	uint32_t in_flight = scan_in_flight(s);
	enum status_phase phase = phase_of(s, t, in_flight);
	*c = (struct status_counts){
		.sent = t->workers.frames_sent,
		.received = t->workers.frames_received,
		.drops = nb_drops(&t->loss),
		.unsent = t->loss.nb[OWNLOSS_UNSENT],
		.begun = t->workers.launched - t->workers.launched_again,
		.records = sum->nb_records,
		.answered = sum->nb_records - sum->nb_silent,
		.cookies = sum->nb_by_condition[CONDITION_COOKIE_RECEIVED],
		.planned = nb_planned(s),
		.in_flight = in_flight,
		.nb_workers = phase == STATUS_SCANNING ? s->nb_workers : 0,
		.limit = t->rate > 0 ? t->rate : s->rate.wanted,
		.is_climbing = t->rate > 0,
		.nb_back = t->nb_back,
		.slowed = t->workers.slowed_prefixes,
		.phase = phase,
		.phase_s = note_phase(&s->watch, phase, now_ns),
	};
}

// ---- telemetry

static void fill_worker(
	const struct worker *w, unsigned int lcore, double limit, struct telemetry_worker *view) {
	*view = (struct telemetry_worker){
		.counters = w->counters,
		.lcore = lcore,
		.in_flight = atomic_load_explicit(&w->in_flight, memory_order_relaxed),
		.nb_slots = w->nb_slots,
		.nb_answered_places = w->nb_answered,
		.limit = w->has_ramp ? w->ramp.rate : limit,
		.longest_pause_ns = w->longest_pause_ns,
	};
}

static void show(const struct scan *s, const struct scan_totals *t,
	const struct collector_counts *sum, const struct status *status) {
	struct telemetry_view *v = telemetry_take();
	if (v == NULL)
		return;
	v->status = *status;
	v->rate = (struct rate_view){
		.wanted = s->rate.wanted,
		.limit = status->counts.limit,
		.silent = s->rate.silent,
		.nb_back = t->nb_back,
	};
	v->loss = t->loss;
	v->nb_pauses = atomic_load(&s->control.pauses);
	v->nb_stalls = atomic_load(&s->control.stalls);
	v->sum = t->workers;
	v->counts = *sum;
	v->nb_workers = s->nb_workers;
	unsigned int lcore = rte_get_main_lcore();
	for (unsigned int i = 0; i < s->nb_workers; i++) {
		if (!s->is_one_loop)
			lcore = rte_get_next_lcore(i == 0 ? -1u : lcore, 1, 0);
		fill_worker(s->workers[i], lcore, s->rate.wanted / s->nb_workers, &v->workers[i]);
	}
	telemetry_show(v);
}

// ---- the looks

static void look(struct scan *s, uint64_t now_ns, bool is_second) {
	struct watch *w = &s->watch;
	struct scan_totals t;
	struct collector_counts sum;
	struct status_counts c;
	summary_totals(s, &t);
	collectors_sum(&s->collectors, &sum);
	count(s, &t, &sum, now_ns, &c);
	if (is_second)
		status_step(
			&w->track, &w->plan, &c, (double)(now_ns - s->start_ns) / 1e9, &w->status);
	else
		w->status.counts = c;
	show(s, &t, &sum, &w->status);
}

void watch_look(struct scan *s, uint64_t now_ns) {
	struct watch *w = &s->watch;
	rate_control_look(&s->rate, summary_rate(s));
	bool is_second = now_ns >= w->second_ns;
	if (!is_second && now_ns < w->view_ns)
		return;
	w->view_ns = now_ns + VIEW_NS;
	look(s, now_ns, is_second);
	if (!is_second)
		return;
	w->second_ns += SECOND_NS;
	status_file_write(&w->file, &w->status);
	if (s->options.quiet)
		return;
	char line[STATUS_LINE_OCTETS];
	status_line(&w->status, say_columns(), line);
	say_status("%s", line);
}

void watch_end(struct scan *s) {
	look(s, s->end_ns, true);
	status_file_write(&s->watch.file, &s->watch.status);
}
