// The loop: frames come off the wire, go through the simulated Internet, wait for their time, and
// leave.
#pragma once

#include "app/tfosim/wire.h"
#include "lib/clock.h"
#include "lib/delaystore.h"

struct responder {
	struct wire wire;
	struct sim sim;
	struct sim_sink sink;
	struct delaystore store;
	void *sim_memory, *store_memory;
	struct rte_mbuf *open; // handed to the simulation, and not yet finished
	struct tsc_clock clock;
	uint64_t nb_segmented; // frames that came in several mbufs: too long for the simulation
	double capacity_pps;   // of a bottleneck; 0: there is none
	double nb_tokens;      // frames that it lets pass at once
	uint64_t tokens_ns;    // when they were counted
	uint64_t nb_squeezed;  // frames that it did not
	uint64_t nb_store_full;
	unsigned int nb_idle; // turns in a row
	// from one turn to the next: a program that is off its CPU answers nobody
	uint64_t longest_pause_ns;
};

// 0, or the exit code; a line is on stderr. To be closed either way.
int responder_open(struct responder *r, const struct options *o);
void responder_close(struct responder *r);

// Until is_ending says so, or for duration_ns if that is not 0.
void responder_run(struct responder *r, bool (*is_ending)(void), uint64_t duration_ns);

// Frames that were lost without the path's doing: then a scan of it proves nothing.
uint64_t responder_losses(const struct responder *r);

// All counters, on stderr.
void responder_report(const struct responder *r);
