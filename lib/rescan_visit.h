// The targets of a capture that are on their way to their verdict: found by their address, and in
// the order in which they began. As in a worker, a target is in full only once it has answered.
#pragma once

#include "lib/capfile.h"
#include "lib/tfo/launch.h"

// More at a time are refused: a capture may be made to eat memory.
#define RESCAN_MAX_VISITS (1u << 24)
#define RESCAN_MAX_ANSWERED (1u << 21)

// A target that has answered.
struct rescan_answered {
	struct target target;
	struct flow flows[NB_PROBES];
};

struct rescan_visit {
	struct rescan_visit *next_in_bucket;
	struct rescan_visit *older, *newer;
	uint64_t index;
	struct rescan_answered *answered; // NULL: nobody has answered yet
	struct launch launch;		  // as long as that is so
	uint8_t worker;
	bool is_judged; // of what follows nothing counts: frames are missing, or contradict
	struct jobtext job;
	uint8_t octets[]; // of its name and its text
};

struct rescan_visits {
	struct rescan_visit **buckets;
	struct rescan_visit *oldest, *newest;
	struct siphash_key key;
	uint32_t nb, nb_answered;
};

bool rescan_visits_create(struct rescan_visits *visits, const struct siphash_key *key);
void rescan_visits_destroy(struct rescan_visits *visits); // all zero is fine

const struct ip_addr *rescan_visit_addr(const struct rescan_visit *v);
struct rescan_visit *rescan_visit_find(
	const struct rescan_visits *visits, const struct ip_addr *addr);

// One that begins at an address where there is none; the job's octets are copied. NULL: no memory.
struct rescan_visit *rescan_visit_add(struct rescan_visits *visits,
	const struct target_rules *rules, const struct capfile_target *begun,
	const struct ip_addr *addr, uint16_t port);

// It has answered, or is a placebo: room for the target, not yet filled. False: no memory.
bool rescan_visit_answer(struct rescan_visits *visits, struct rescan_visit *v);

// Behind all others in the order.
void rescan_visit_to_end(struct rescan_visits *visits, struct rescan_visit *v);

void rescan_visit_remove(struct rescan_visits *visits, struct rescan_visit *v);
