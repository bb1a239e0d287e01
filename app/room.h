// Room for targets in flight: how much of the memory that DPDK has, or can have, each worker takes,
// and on which NUMA node.
#pragma once

#include "app/scan.h"
#include "lib/inflight.h"

struct room {
	int sockets[WORKER_MAX]; // of each worker's memory
	struct inflight_wishes wishes;
	struct inflight_memory memory; // of the worker that has the least
	struct inflight limits;
	bool has_hugepages;
};

// What DPDK should be given if there are no hugepages: enough for what -r or --max-in-flight needs.
uint64_t room_wanted_octets(const struct options *o, uint64_t nb_targets);

// Of a silent target, from its first SYN to its record.
uint64_t room_life_s(const struct options *o);
// Frames a second that so many places for targets in flight carry if all of these are silent.
double room_silent_rate(const struct options *o, double nb_slots);

// For s->nb_workers, on the lcores that they will have. False: it is too small for what is asked
// for; a line on stderr says so.
bool room_choose(struct room *room, const struct scan *s);

// It was not to be had after all: choose less. False, and a line on stderr, if that may not be.
bool room_choose_less(struct room *room);

// In one line, with -v, what was chosen and why; and, if that is less than -r needs, that.
void room_say(const struct room *room, const struct options *o);
