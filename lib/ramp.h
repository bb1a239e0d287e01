// Without a limit from the user the rate climbs, and only as long as more frames sent bring more
// frames back: past that point a queue somewhere overflows, the answers that it swallows look like
// silence, and silence becomes a wrong verdict.
//
//	climb: double every epoch ──► no gain: step back ──► hold ──► probe: a quarter more ─┐
//	                                                      ▲                              │
//	                                                      └────────── no gain ───────────┘
//
// Pure: time and counts come in.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define RAMP_EPOCH_NS UINT64_C(500000000)

struct ramp {
	double rate;	  // frames a second, now
	double last_rate; // before the last rise
	double last_gain; // frames a second that came back then
	double factor;	  // of the next rise
	double floor;
	uint64_t epoch_ns;	// when it began
	uint64_t half_received; // count at its middle: an answer needs time to come
	uint64_t hold_until_ns;
	bool has_half;
	bool has_risen; // the rate of this epoch is on trial
	bool was_limited;
};

void ramp_init(struct ramp *r, double start_rate, uint64_t now_ns);

// The rate, and nothing else, has held back a launch: only such an epoch is worth a rise.
static inline void ramp_note_limited(struct ramp *r) {
	r->was_limited = true;
}

// To be called often. nb_received: frames received so far. True: r->rate is another one now.
bool ramp_step(struct ramp *r, uint64_t now_ns, uint64_t nb_received);
