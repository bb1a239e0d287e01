#include "lib/ramp.h"

#define CLIMB 2.0
#define PROBE 1.25
#define HOLD_NS UINT64_C(1500000000)
// Of the rise in sent frames, so much must be seen in received ones.
#define GAIN_SHARE 0.4
// Fewer frames back than this in half an epoch say nothing.
#define TOO_FEW 100
#define COLLAPSE 0.6

void ramp_init(struct ramp *r, double start_rate, uint64_t now_ns) {
	*r = (struct ramp){
		.rate = start_rate,
		.floor = start_rate,
		.factor = CLIMB,
		.epoch_ns = now_ns,
	};
}

static void begin_epoch(struct ramp *r, uint64_t now_ns) {
	r->epoch_ns = now_ns;
	r->has_half = false;
	r->was_limited = false;
}

static void rise(struct ramp *r, double gain) {
	r->last_rate = r->rate;
	r->last_gain = gain;
	r->rate *= r->factor;
	r->has_risen = true;
}

// Back to where more still brought more: what came back tells how far that is.
static void step_back(struct ramp *r, double gain, uint64_t now_ns) {
	double reached = r->last_gain > 0 ? r->last_rate * gain / r->last_gain : r->last_rate;
	double high = r->rate * 0.9;
	r->rate = reached < r->last_rate ? r->last_rate : reached > high ? high : reached;
	r->factor = PROBE;
	r->has_risen = false;
	r->last_gain = gain;
	r->hold_until_ns = now_ns + HOLD_NS;
}

static bool is_worth_it(const struct ramp *r, double gain) {
	if (r->last_gain < TOO_FEW)
		return true;
	double wanted = 1 + GAIN_SHARE * (r->rate / r->last_rate - 1);
	return gain >= r->last_gain * wanted;
}

static bool judge(struct ramp *r, uint64_t now_ns, double gain) {
	double before = r->rate;
	if (r->has_risen) {
		if (!is_worth_it(r, gain))
			step_back(r, gain, now_ns);
		else if (r->was_limited)
			rise(r, gain);
	} else if (now_ns < r->hold_until_ns) {
		if (r->last_gain >= TOO_FEW && gain < r->last_gain * COLLAPSE && r->rate > r->floor)
			r->rate = r->rate * 0.8 > r->floor ? r->rate * 0.8 : r->floor;
	} else if (r->was_limited) {
		rise(r, gain);
	}
	return r->rate != before;
}

bool ramp_step(struct ramp *r, uint64_t now_ns, uint64_t nb_received) {
	uint64_t age_ns = now_ns - r->epoch_ns;
	if (!r->has_half && age_ns >= RAMP_EPOCH_NS / 2) {
		r->has_half = true;
		r->half_received = nb_received;
	}
	if (age_ns < RAMP_EPOCH_NS)
		return false;
	double gain = (double)(nb_received - r->half_received);
	bool has_changed = judge(r, now_ns, gain);
	begin_epoch(r, now_ns);
	return has_changed;
}
