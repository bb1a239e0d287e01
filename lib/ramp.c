#include "lib/ramp.h"

#define CLIMB 2.0
#define PROBE 1.25
#define FLOOR_SHARE 0.05 // of the start
#define HOLD_NS UINT64_C(3000000000)
#define HOLD_MOST_NS UINT64_C(60000000000)
// So many answers need none of the epochs before.
#define ENOUGH 200
// So much more loss than before is none, however many targets say so; and what is more than chance.
#define TOLERATED 0.02
#define SIGMAS 4.0
#define HITS_TOLERATED 0.1
// So much loss is taken for the path's; and so much if a lower rate does not help.
#define BASE_MOST 0.01
#define VAIN_MOST 0.3
#define VAIN_SHARE 0.5	// of what was lost before, still lost at the lower rate
#define VAIN_ANSWERS 10 // to second SYNs; fewer don't tell how large a loss is
// Canaries: fewer say nothing; so many silent ones may be chance.
#define TOO_FEW_ASKED 4
#define SILENT_BY_CHANCE 2
#define SILENT_SHARE 0.2
#define OWN_TOLERATED 0.001
// What passed a bottleneck, less a little, is what it lets pass.
#define BELOW_CAPACITY 0.95
#define LEAST_STEP 0.9
#define MOST_STEP 0.25
// Who sends less than this share of the rate, or begins fewer targets than would take so many
// frames each (it pays for earlier ones), has not tried it.
#define USED 0.4
#define MOST_FRAMES_A_TARGET 100
#define FADES 0.8 // a fifth is new
#define LEARNS 0.5

static const struct ramp_seen nothing;

// The tail of the epoch that ends is judged with the next one, if that is to be.
static void begin_epoch(struct ramp *r, uint64_t now_ns, bool keeps_tail) {
	r->last_tail = keeps_tail ? r->tail : nothing;
	r->tail_from_ns = keeps_tail ? r->epoch_ns + RAMP_COHORT_TO_NS : now_ns;
	r->epoch_ns = now_ns;
	r->begun_ns = 0;
	r->cohort = r->tail = nothing;
	r->has_all = r->was_limited = false;
}

void ramp_init(struct ramp *r, double start_rate, double most_rate, uint64_t now_ns) {
	*r = (struct ramp){
		.rate = start_rate,
		.most = most_rate,
		.floor = start_rate * FLOOR_SHARE,
		.factor = CLIMB,
		.hold_ns = HOLD_NS,
		.base_loss = BASE_MOST,
		.base_most = BASE_MOST,
	};
	begin_epoch(r, now_ns, false);
}

// What was seen at the old rate is no measure of the step back from it.
void ramp_set_most(struct ramp *r, double most_rate) {
	r->most = most_rate;
	if (most_rate <= 0 || r->rate <= most_rate)
		return;
	r->rate = most_rate;
	r->seen = nothing;
	r->has_risen = false;
	r->backed_rate = r->backed_loss = 0;
	if (r->floor > most_rate * FLOOR_SHARE)
		r->floor = most_rate * FLOOR_SHARE;
}

void ramp_forget(struct ramp *r, uint64_t now_ns) {
	begin_epoch(r, now_ns, false);
}

bool ramp_is_over(struct ramp *r, uint64_t now_ns, uint64_t nb_launched, uint64_t nb_sent) {
	uint64_t age_ns = now_ns - r->epoch_ns;
	if (r->begun_ns == 0 && age_ns >= RAMP_COHORT_FROM_NS) {
		r->begun_ns = now_ns;
		r->nb_launched_before = nb_launched;
		r->nb_sent_before = nb_sent;
	}
	if (!r->has_all && age_ns >= RAMP_COHORT_TO_NS) {
		r->has_all = true;
		r->cohort.launched = (double)(nb_launched - r->nb_launched_before);
	}
	return age_ns >= RAMP_EPOCH_NS;
}

static double loss_of(const struct ramp_seen *s) {
	return s->second < s->first ? s->second / s->first : 1;
}

static double answers_of(const struct ramp_seen *s) {
	return s->first + s->second;
}

bool ramp_wants_canaries(const struct ramp *r, uint64_t now_ns) {
	bool has_just_backed = r->backed_rate > 0 && answers_of(&r->seen) <= 0;
	bool is_on_trial = r->has_risen || has_just_backed;
	return is_on_trial && r->begun_ns != 0 && now_ns - r->epoch_ns < RAMP_CANARIES_TO_NS;
}

static double hits_of(const struct ramp_seen *s) {
	return s->launched > 0 ? answers_of(s) / s->launched : 0;
}

// More, or fewer, than is tolerated and than chance makes it.
static bool is_beyond(double beyond, double expected) {
	return beyond > 0 && beyond * beyond > SIGMAS * SIGMAS * (expected + 1);
}

// What an epoch has seen by itself if that is enough, else all at this rate.
static const struct ramp_seen *evidence(const struct ramp *r) {
	return answers_of(&r->cohort) >= ENOUGH ? &r->cohort : &r->seen;
}

static double loss_of_syns(const struct ramp *r, const struct ramp_seen *s) {
	double expected = s->first * (r->base_loss + TOLERATED);
	return is_beyond(s->second - expected, expected) ? loss_of(s) : 0;
}

static double loss_of_canaries(const struct ramp_signs *signs) {
	if (signs->nb_asked < TOO_FEW_ASKED || signs->nb_silent <= SILENT_BY_CHANCE ||
		signs->nb_silent < SILENT_SHARE * signs->nb_asked)
		return 0;
	return (double)signs->nb_silent / signs->nb_asked;
}

static double loss_of_our_own(const struct ramp_signs *signs) {
	double nb = (double)signs->nb_lost + (double)signs->nb_received;
	double loss = nb > 0 ? (double)signs->nb_lost / nb : 0;
	return loss > OWN_TOLERATED ? loss : 0;
}

static double larger(double a, double b) {
	return a > b ? a : b;
}

// Who was not limited by the rate all the time sent less.
static double true_rate(const struct ramp *r, uint64_t now_ns, uint64_t nb_sent) {
	double seconds = (double)(now_ns - r->begun_ns) / 1e9;
	double rate = (double)(nb_sent - r->nb_sent_before) / seconds;
	return rate < r->rate ? rate : r->rate;
}

static void set_rate(struct ramp *r, double rate) {
	r->rate = rate;
	r->seen = nothing;
}

// passed: frames a second that did.
static void step_back(struct ramp *r, uint64_t now_ns, double passed) {
	double most = r->rate * LEAST_STEP;
	double rate = larger(passed * BELOW_CAPACITY, r->rate * MOST_STEP);
	rate = larger(rate < most ? rate : most, r->floor);
	// it failed more than once: look more rarely
	if (r->factor == PROBE && r->has_risen && r->hold_ns < HOLD_MOST_NS)
		r->hold_ns *= 2;
	r->factor = PROBE;
	r->backed_rate = r->rate;
	r->backed_passed = passed;
	r->has_risen = false;
	r->hold_until_ns = now_ns + r->hold_ns;
	r->nb_back++;
	set_rate(r, rate);
}

// A lower rate loses as much, though all should pass that passed before: it is not the rate.
static bool was_in_vain(const struct ramp *r, const struct ramp_seen *seen) {
	double loss = loss_of(seen), expected = larger(1 - r->backed_passed / r->rate, 0);
	return r->backed_loss > 0 && seen->second >= VAIN_ANSWERS && loss <= VAIN_MOST &&
	       loss > expected + r->backed_loss * VAIN_SHARE;
}

static void take_for_the_paths(struct ramp *r, double loss) {
	r->base_loss = r->base_most = loss;
	set_rate(r, r->backed_rate);
	r->factor = CLIMB;
	r->hold_until_ns = 0;
	r->backed_rate = r->backed_loss = 0;
}

// False: there are fewer hits than before, and what they are now is the new measure.
static bool learn(struct ramp *r) {
	const struct ramp_seen *s = evidence(r);
	double loss = s->first > 0 ? loss_of(s) : 0;
	r->base_loss += LEARNS * ((loss < r->base_most ? loss : r->base_most) - r->base_loss);
	double hits = hits_of(&r->cohort), expected = r->cohort.launched * r->base_hits;
	double missing = expected * (1 - HITS_TOLERATED) - r->cohort.launched * hits;
	bool has_fallen = is_beyond(missing, expected);
	if (r->cohort.launched > 0)
		r->base_hits += (has_fallen ? 1 : LEARNS) * (hits - r->base_hits);
	return !has_fallen;
}

static bool may_rise(const struct ramp *r, uint64_t now_ns, double sent) {
	double seconds = (double)(RAMP_COHORT_TO_NS - RAMP_COHORT_FROM_NS) / 1e9;
	bool is_idle = r->cohort.launched * MOST_FRAMES_A_TARGET < r->rate * seconds;
	return r->was_limited && !is_idle && sent >= r->rate * USED && now_ns >= r->hold_until_ns &&
	       (r->most <= 0 || r->rate < r->most);
}

static void go_on(struct ramp *r, uint64_t now_ns, double sent) {
	bool hits_hold = learn(r);
	if (r->has_risen)
		r->hold_ns = HOLD_NS;
	r->has_risen = hits_hold && may_rise(r, now_ns, sent);
	if (!r->has_risen)
		return;
	r->backed_rate = r->backed_loss = 0;
	double rate = r->rate * r->factor;
	set_rate(r, r->most > 0 && rate > r->most ? r->most : rate);
}

// What is long ago fades.
static void add_cohort(struct ramp *r) {
	r->seen.first = r->seen.first * FADES + r->cohort.first;
	r->seen.second = r->seen.second * FADES + r->cohort.second;
}

enum ramp_verdict ramp_judge(
	struct ramp *r, uint64_t now_ns, uint64_t nb_sent, const struct ramp_signs *signs) {
	add_cohort(r);
	double syns = loss_of_syns(r, evidence(r)), tail = loss_of_syns(r, &r->last_tail);
	double others = larger(loss_of_canaries(signs), loss_of_our_own(signs));
	double sent = true_rate(r, now_ns, nb_sent);
	double passed = sent * (1 - larger(syns, others)), before = r->last_sent * (1 - tail);
	bool is_back = others > 0 || syns > 0 || tail > 0;
	const struct ramp_seen *worse = tail > syns ? &r->last_tail : evidence(r);
	if (is_back && others <= 0 && was_in_vain(r, worse)) {
		take_for_the_paths(r, loss_of(worse));
		is_back = false;
	} else if (is_back) {
		step_back(r, now_ns, tail > 0 && before < passed ? before : passed);
		r->backed_loss = others > 0 ? 0 : larger(syns, tail);
	} else {
		go_on(r, now_ns, sent);
	}
	r->last_sent = sent;
	begin_epoch(r, now_ns, !is_back);
	return is_back ? RAMP_BACK : RAMP_HOLDS;
}
