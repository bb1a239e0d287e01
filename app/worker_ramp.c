// The slow start of a worker: its rate, and the canaries it asks meanwhile.
#include "app/worker_parts.h"

// A canary answers at once.
#define CANARY_RTT_US 200000
#define CANARY_SPACE_NS (100 * NSEC_PER_MSEC)
#define ABOVE_COST 1.1

// Its connections are counted down from the last number, so that they have nothing to do with
// those that made it one.
static unsigned int ordinal_of(const struct canary *canary) {
	return NUMBERS_MAX_CONNECTIONS - 1u - canary->nb_asked;
}

static bool ask_canary(struct worker *w, struct canary *canary, uint64_t now_ns) {
	if (lists_forbid_canary(w, canary)) {
		canaries_drop(&w->canaries, canary);
		return false;
	}
	struct launch l;
	launch_start(&l, &w->rules, &canary->addr, canary->port);
	l.first_ordinal = ordinal_of(canary);
	struct segment seg;
	uint8_t options[TCPOPT_MAX_OCTETS];
	struct conn_numbers numbers;
	launch_syn(&l, &w->rules, 0, now_ns, &seg, options, &numbers);
	if (!tx_segment(w, now_ns, canary->dst_mac, &seg, &numbers))
		return false;
	canaries_asked(&w->canaries, canary, seg.sport, now_ns);
	w->counters.canaries++;
	return true;
}

static void ask_canaries(struct worker *w, uint64_t now_ns) {
	if (now_ns < w->canary_ns || !ramp_wants_canaries(&w->ramp, now_ns))
		return;
	struct canary *canary = canaries_next(&w->canaries, now_ns);
	if (canary && ask_canary(w, canary, now_ns))
		w->canary_ns = now_ns + CANARY_SPACE_NS;
}

// A little more than rate / cost: it is the frames that are to be limited, not the targets.
static void set_rate(struct worker *w, uint64_t now_ns) {
	pacer_set_rate(&w->pacer, w->ramp.rate, now_ns);
	pacer_set_rate(&w->launches, w->ramp.rate * ABOVE_COST / w->cost.frames, now_ns);
}

// The rate was too high: what was under way says nothing. One by one, as if they came from the
// list.
static void begin_again_since(struct worker *w, uint64_t since_ns) {
	launch_void_since(w, since_ns);
	answered_void_since(w, since_ns);
}

static struct ramp_signs signs_of_epoch(struct worker *w) {
	uint64_t nb_lost = atomic_load_explicit(&w->control->nb_lost, memory_order_relaxed);
	uint64_t nb_heard = atomic_load_explicit(&w->control->nb_heard, memory_order_relaxed);
	struct ramp_signs signs = {
		.nb_lost = nb_lost - w->lost_seen,
		.nb_received = nb_heard - w->heard_seen,
	};
	canaries_count(&w->canaries, &signs.nb_asked, &signs.nb_silent);
	w->counters.canaries_silent += signs.nb_silent;
	w->lost_seen = nb_lost;
	w->heard_seen = nb_heard;
	return signs;
}

static void judge(struct worker *w, uint64_t now_ns) {
	struct ramp_signs signs = signs_of_epoch(w);
	// it may have begun behind the cohort of the epoch before
	uint64_t since_ns = w->ramp.epoch_ns - RAMP_EPOCH_NS;
	enum ramp_verdict verdict = ramp_judge(&w->ramp, now_ns, w->counters.frames_sent, &signs);
	set_rate(w, now_ns);
	if (verdict == RAMP_BACK)
		begin_again_since(w, since_ns);
}

void worker_ramp_poll(struct worker *w, uint64_t now_ns) {
	if (!w->has_ramp || w->has_stopped)
		return;
	if (w->counters.launched == 0)
		worker_ramp_forget(w, now_ns); // the first epoch begins with the first target
	if (cost_step(&w->cost, now_ns, w->counters.frames_sent, w->counters.launched))
		set_rate(w, now_ns);
	ask_canaries(w, now_ns);
	if (ramp_is_over(&w->ramp, now_ns, w->counters.launched, w->counters.frames_sent))
		judge(w, now_ns);
}

// It has not climbed so far, and has no count of what a target costs.
static void begin_climb(struct worker *w, double from, double most, uint64_t now_ns) {
	w->has_ramp = true;
	ramp_init(&w->ramp, from, most, now_ns);
	cost_init(&w->cost, from, now_ns);
	w->cost.nb_sent = w->counters.frames_sent;
	w->cost.nb_launched = w->counters.launched;
	worker_ramp_forget(w, now_ns);
}

void worker_ramp_want(struct worker *w, double frames_per_s, uint64_t now_ns) {
	double climb_from = CLIMB_FROM_FRAMES_PER_S / w->nb_workers;
	bool has_to_climb = frames_per_s <= 0 || frames_per_s > climb_from;
	if (!w->has_ramp && !has_to_climb) {
		pacer_set_rate(&w->pacer, frames_per_s, now_ns);
		return;
	}
	if (w->has_ramp)
		ramp_set_most(&w->ramp, frames_per_s);
	else
		begin_climb(w, climb_from, frames_per_s, now_ns);
	set_rate(w, now_ns);
}

void worker_ramp_forget(struct worker *w, uint64_t now_ns) {
	ramp_forget(&w->ramp, now_ns);
	canaries_forget(&w->canaries);
	w->lost_seen = atomic_load_explicit(&w->control->nb_lost, memory_order_relaxed);
	w->heard_seen = atomic_load_explicit(&w->control->nb_heard, memory_order_relaxed);
}

void worker_ramp_finished(struct worker *w, const struct answered *a) {
	const struct evidence *baseline = &a->target.evidence[PROBE_BASELINE];
	bool is_good = baseline->outcome == OUTCOME_OK && baseline->syns == 1 &&
		       baseline->syn_rtt_us <= CANARY_RTT_US;
	if (w->has_ramp && is_good)
		canaries_add(&w->canaries, &a->target.addr, a->target.port, a->dst_mac);
}
