// How many targets may be in flight: slots of the launch ring and places in the answered table of
// each worker. As many as the rate needs, or the list has, within the memory that there is. Pure:
// what things cost, and what is free, comes in.
#pragma once

#include <stdint.h>

#define INFLIGHT_MOST_IN_FLIGHT (1u << 25) // of all workers
#define INFLIGHT_MOST_ANSWERED (1u << 22)
// Places that a worker has at least of either kind, if nobody asks for fewer.
#define INFLIGHT_LEAST 1024u
// The least that can be asked for of one worker.
#define INFLIGHT_LEAST_ASKED 64u

// What is asked for, of all workers together; 0: nothing is said of it.
struct inflight_wishes {
	unsigned int nb_workers;
	uint32_t max_in_flight, max_answered;
	double frames_per_s; // at the most
	uint64_t life_s;     // of a silent target in the launch ring
	uint64_t nb_targets; // of the lists
};

// Octets, of one worker.
struct inflight_memory {
	uint64_t free_octets;  // what it may take
	uint64_t fixed_octets; // what it takes besides
	uint64_t slot_octets;  // the index not included
	uint64_t answered_octets;
};

// What decided the number of slots.
enum inflight_by {
	INFLIGHT_BY_OPTION,
	INFLIGHT_BY_TARGETS, // the lists have no more
	INFLIGHT_BY_RATE,    // it begins no more in the life of a silent one
	INFLIGHT_BY_MEMORY,  // there is none for more
	INFLIGHT_BY_MOST,    // nobody knows how many are needed, and there is memory for all
	INFLIGHT_NB_BY,
};

// What does not fit.
enum inflight_lack {
	INFLIGHT_LACK_NOTHING,
	INFLIGHT_LACK_IN_FLIGHT, // max_in_flight
	INFLIGHT_LACK_ANSWERED,	 // max_answered
	INFLIGHT_LACK_LEAST,	 // not even the least that there must be
};

struct inflight {
	uint32_t nb_slots, nb_answered; // of each worker; nb_slots is a power of two
	uint64_t octets;		// of each worker, all told
	enum inflight_by by;
	enum inflight_lack lack;
	uint32_t fits; // of what lacks, of all workers: as many as could be asked for. 0: none
};

// nb_workers is at least 1. With a lack, *l is what was asked for, and must not be taken.
void inflight_choose(const struct inflight_wishes *wishes, const struct inflight_memory *memory,
	struct inflight *l);

// Octets that a worker with these numbers takes.
uint64_t inflight_octets(
	const struct inflight_memory *memory, uint32_t nb_slots, uint32_t nb_answered);
