// What a target costs: the frames that leave for one that is begun. Only first SYNs wait for the
// pacer, all else is sent at once and owed; so targets that are begun at the rate of frames would
// come in bursts, each followed by the answers to it and by a pause in which they are paid. Begun
// at rate / cost they come evenly.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define COST_WINDOW_NS UINT64_C(250000000)
#define COST_FADES 0.9 // what is left of a window after the next one
#define COST_LEAST 2.0
#define COST_MOST 16.0
// At first: a target that answers. Silent ones cost one to six.
#define COST_FIRST 10.0
#define COST_FEW 16.0

struct cost {
	double frames;		       // a target
	double sent, launched;	       // of late
	uint64_t window_ns;	       // when it began
	uint64_t nb_sent, nb_launched; // then
};

// What is said at first has the weight of a window at frames_per_s.
static inline void cost_init(struct cost *c, double frames_per_s, uint64_t now_ns) {
	*c = (struct cost){
		.frames = COST_FIRST,
		.sent = frames_per_s * (double)COST_WINDOW_NS / 1e9,
		.launched = frames_per_s * (double)COST_WINDOW_NS / 1e9 / COST_FIRST,
		.window_ns = now_ns,
	};
}

// To be called often, with the counts so far. True: c->frames is new.
static inline bool cost_step(
	struct cost *c, uint64_t now_ns, uint64_t nb_sent, uint64_t nb_launched) {
	if (now_ns - c->window_ns < COST_WINDOW_NS)
		return false;
	c->sent = c->sent * COST_FADES + (double)(nb_sent - c->nb_sent);
	c->launched = c->launched * COST_FADES + (double)(nb_launched - c->nb_launched);
	c->window_ns = now_ns;
	c->nb_sent = nb_sent;
	c->nb_launched = nb_launched;
	if (c->launched < COST_FEW)
		return false; // nearly nothing is begun: it says nothing
	double frames = c->sent / c->launched;
	c->frames = frames < COST_LEAST ? COST_LEAST : frames > COST_MOST ? COST_MOST : frames;
	return true;
}
