#include "lib/inflight.h"

#include "lib/addrindex.h"

#include <stdbool.h>

// The answered table has a place for one slot in so many, or in so many where memory is short: of
// addresses of all kinds one in a hundred is there at a time.
#define SLOTS_AN_ANSWERED 8
#define SLOTS_AN_ANSWERED_AT_MOST 20
// A list may be of servers that all answer, and each stay for seconds: so many cost little.
#define FEW_ANSWERED 16384u
// No target is done with fewer SYNs than one of the plain and one of the requesting connection.
#define LEAST_FRAMES_A_TARGET 2
// Who hashes to which worker is chance, and a full index makes targets wait.
#define TARGETS_SPARE 2

static uint32_t at_least(uint32_t n, uint32_t least) {
	return n > least ? n : least;
}

static uint32_t at_most(uint32_t n, uint32_t most) {
	return n < most ? n : most;
}

static uint32_t power_of_two_below(uint64_t n, uint32_t least) {
	uint32_t p = least;
	while (p < ADDRINDEX_MAX_POSITIONS && (uint64_t)p * 2 <= n)
		p *= 2;
	return p;
}

static uint32_t power_of_two_above(double n, uint32_t least, uint32_t most) {
	uint32_t p = least;
	while (p < n && p < most)
		p *= 2;
	return p;
}

uint64_t inflight_octets(
	const struct inflight_memory *memory, uint32_t nb_slots, uint32_t nb_answered) {
	return memory->fixed_octets + nb_slots * memory->slot_octets + addrindex_octets(nb_slots) +
	       nb_answered * memory->answered_octets;
}

// Places for those who have answered, of a worker with so many slots. More than slots would not
// find room in the index.
static uint32_t answered_for(
	const struct inflight_wishes *wishes, uint32_t nb_slots, uint32_t share) {
	if (wishes->max_answered > 0)
		return at_most(
			at_least(wishes->max_answered / wishes->nb_workers, INFLIGHT_LEAST_ASKED),
			nb_slots);
	uint32_t nb = at_most(nb_slots / share, INFLIGHT_MOST_ANSWERED / wishes->nb_workers);
	return at_most(at_least(nb, FEW_ANSWERED), nb_slots);
}

static bool fits(const struct inflight_wishes *wishes, const struct inflight_memory *memory,
	uint32_t nb_slots) {
	uint32_t nb_answered = answered_for(wishes, nb_slots, SLOTS_AN_ANSWERED_AT_MOST);
	return inflight_octets(memory, nb_slots, nb_answered) <= memory->free_octets;
}

// As many as memory has room for, from the least to the most for one slot.
static uint32_t answered_that_go_with(const struct inflight_wishes *wishes,
	const struct inflight_memory *memory, uint32_t nb_slots) {
	uint32_t least = answered_for(wishes, nb_slots, SLOTS_AN_ANSWERED_AT_MOST);
	uint32_t most = answered_for(wishes, nb_slots, SLOTS_AN_ANSWERED);
	uint64_t taken = inflight_octets(memory, nb_slots, least);
	if (taken >= memory->free_octets)
		return least;
	uint64_t more = (memory->free_octets - taken) / memory->answered_octets;
	return more < most - least ? least + (uint32_t)more : most;
}

// Slots that a worker has at least: those who have answered need room in its index.
static uint32_t least_slots(const struct inflight_wishes *wishes) {
	double nb_answered = (double)wishes->max_answered / wishes->nb_workers;
	return power_of_two_above(nb_answered, INFLIGHT_LEAST, ADDRINDEX_MAX_POSITIONS);
}

// Slots of a worker that would be enough, were there memory.
static uint32_t needed(const struct inflight_wishes *wishes, enum inflight_by *by) {
	uint32_t most =
		power_of_two_below(INFLIGHT_MOST_IN_FLIGHT / wishes->nb_workers, INFLIGHT_LEAST);
	double by_rate = wishes->frames_per_s * (double)wishes->life_s / LEAST_FRAMES_A_TARGET /
			 wishes->nb_workers;
	double by_targets = (double)wishes->nb_targets * TARGETS_SPARE / wishes->nb_workers;
	uint32_t nb = most;
	*by = INFLIGHT_BY_MOST;
	if (wishes->frames_per_s > 0 && by_rate <= most) {
		*by = INFLIGHT_BY_RATE;
		nb = power_of_two_above(by_rate, INFLIGHT_LEAST, most);
	}
	if (wishes->nb_targets > 0 && by_targets < nb) {
		*by = INFLIGHT_BY_TARGETS;
		nb = power_of_two_above(by_targets, INFLIGHT_LEAST, most);
	}
	uint32_t least = least_slots(wishes);
	if (nb >= least)
		return nb;
	*by = INFLIGHT_BY_OPTION;
	return least;
}

// The largest number of slots that fits, or 0.
static uint32_t slots_that_fit(const struct inflight_wishes *wishes,
	const struct inflight_memory *memory, uint32_t nb_slots) {
	while (nb_slots >= INFLIGHT_LEAST_ASKED && !fits(wishes, memory, nb_slots))
		nb_slots /= 2;
	return nb_slots >= INFLIGHT_LEAST_ASKED ? nb_slots : 0;
}

// The same of places for those who have answered, with the slots that these need.
static uint32_t answered_that_fit(
	const struct inflight_wishes *wishes, const struct inflight_memory *memory, uint32_t nb) {
	for (; nb >= INFLIGHT_LEAST_ASKED; nb /= 2) {
		struct inflight_wishes fewer = *wishes;
		fewer.max_answered = nb * wishes->nb_workers;
		if (fits(&fewer, memory, least_slots(&fewer)))
			return nb;
	}
	return 0;
}

static void find_lack(const struct inflight_wishes *wishes, const struct inflight_memory *memory,
	struct inflight *l) {
	if (wishes->max_in_flight > 0) {
		l->lack = INFLIGHT_LACK_IN_FLIGHT;
		l->fits = slots_that_fit(wishes, memory, l->nb_slots) * wishes->nb_workers;
	} else if (wishes->max_answered > 0) {
		l->lack = INFLIGHT_LACK_ANSWERED;
		l->fits = answered_that_fit(wishes, memory, l->nb_answered) * wishes->nb_workers;
	} else {
		l->lack = INFLIGHT_LACK_LEAST;
	}
}

void inflight_choose(const struct inflight_wishes *wishes, const struct inflight_memory *memory,
	struct inflight *l) {
	*l = (struct inflight){0};
	if (wishes->max_in_flight > 0) {
		l->by = INFLIGHT_BY_OPTION;
		l->nb_slots = power_of_two_below(
			wishes->max_in_flight / wishes->nb_workers, INFLIGHT_LEAST_ASKED);
	} else {
		l->nb_slots = needed(wishes, &l->by);
		uint32_t least = least_slots(wishes);
		while (l->nb_slots > least && !fits(wishes, memory, l->nb_slots)) {
			l->nb_slots /= 2;
			l->by = INFLIGHT_BY_MEMORY;
		}
	}
	l->nb_answered = answered_that_go_with(wishes, memory, l->nb_slots);
	l->octets = inflight_octets(memory, l->nb_slots, l->nb_answered);
	if (l->octets > memory->free_octets)
		find_lack(wishes, memory, l);
}
