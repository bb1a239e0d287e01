// The slow start. The rate climbs, to what the user wants or as far as it goes, and only while what
// is sent is answered as before. Past that point a queue somewhere overflows, the answers that it
// swallows look like silence, and silence becomes a wrong verdict.
//
//	climb: double every epoch ──► step back ──► hold ──► probe: a quarter more ─┐
//	                                  ▲                                         │
//	                                  └─────────────────────────────────────────┘
//
// What tells that answers are lost, from the surest on:
// - frames that came and were lost on our own side,
// - canaries, targets that are known to answer (lib/canary.h), that are silent,
// - targets that answer, but not their first SYN. Those that never answer have no part in it, so
//   it does not matter whether the list has many of them here and few there.
// A share of hits that falls with none of these may be the list's or the path's: it takes nothing
// back, but the next rise has to wait for an epoch that is not lower.
//
//	an epoch: │ settle │ cohort │ tail: begun, and judged with the next epoch │ judgement
//
// The cohort has until the end to answer its second SYN.
//
// Who can't be told anything (nobody answers) climbs: there is nobody whose answers could be lost.
// Pure: time and counts come in.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The second SYN leaves a second after the first one.
#define RAMP_EPOCH_NS UINT64_C(1500000000)
#define RAMP_COHORT_FROM_NS UINT64_C(100000000)
#define RAMP_COHORT_TO_NS UINT64_C(300000000)
// The last canary has 200 ms for its answer.
#define RAMP_CANARIES_TO_NS UINT64_C(1300000000)

// Targets of a cohort, or of several: doubles, because what is old counts less.
struct ramp_seen {
	double launched, first, second; // that answered their first SYN, or their second
};

// What an epoch has seen besides.
struct ramp_signs {
	unsigned int nb_asked, nb_silent; // canaries
	uint64_t nb_lost, nb_received;	  // frames, on our own side
};

struct ramp {
	double rate;   // frames a second, now
	double most;   // never above; 0: no limit
	double floor;  // never below, but for most
	double factor; // of the next rise
	// at rates that held: share of first SYNs without an answer, and what it is taken for at
	// most; share of targets that answered
	double base_loss, base_most, base_hits;
	struct ramp_seen seen;	 // at this rate
	struct ramp_seen cohort; // of this epoch
	// who was begun behind the cohort: in this epoch, and in the one before, from tail_from_ns
	// on
	struct ramp_seen tail, last_tail;
	uint64_t tail_from_ns;
	double last_sent;  // frames a second in the epoch before
	uint64_t epoch_ns; // when it began
	uint64_t begun_ns; // when its cohort did; 0: not yet
	uint64_t nb_launched_before, nb_sent_before;
	uint64_t hold_until_ns, hold_ns;
	// of the last step back, until the next rise: from which rate, how many frames a second
	// passed, and what share of SYNs was lost; 0: none, or other signs told
	double backed_rate, backed_passed, backed_loss;
	unsigned int nb_back; // times that it stepped back
	bool has_all;	      // the cohort
	bool has_risen;	      // the rate of this epoch is on trial
	bool was_limited;
};

// most_rate 0: no limit.
void ramp_init(struct ramp *r, double start_rate, double most_rate, uint64_t now_ns);

// The user wants another rate; 0: no limit. A lower one is there at once, a higher one is climbed
// to as before.
void ramp_set_most(struct ramp *r, double most_rate);

// The rate, and nothing else, has held back a launch: only such an epoch is worth a rise.
static inline void ramp_note_limited(struct ramp *r) {
	r->was_limited = true;
}

// The part of an epoch that a target begun at from_ns is of; NULL: of none.
static inline struct ramp_seen *ramp_part(struct ramp *r, uint64_t from_ns) {
	if (from_ns < r->epoch_ns)
		return from_ns >= r->tail_from_ns ? &r->last_tail : NULL;
	uint64_t age_ns = from_ns - r->epoch_ns;
	if (age_ns < RAMP_COHORT_FROM_NS)
		return NULL;
	return age_ns < RAMP_COHORT_TO_NS ? &r->cohort : &r->tail;
}

// The first answer of a target that was begun at from_ns, to its SYN number nb_syns.
static inline void ramp_note_answer(struct ramp *r, uint64_t from_ns, unsigned int nb_syns) {
	struct ramp_seen *part = ramp_part(r, from_ns);
	if (!part)
		return;
	part->first += nb_syns == 1;
	part->second += nb_syns == 2;
}

// What has been seen of this epoch says nothing: not all was heard.
void ramp_forget(struct ramp *r, uint64_t now_ns);

// To be called often, with targets begun and frames sent so far. True: the epoch is over, and to be
// judged.
bool ramp_is_over(struct ramp *r, uint64_t now_ns, uint64_t nb_launched, uint64_t nb_sent);

// This is the time to ask canaries, one after the other: a queue that overflows does so in bursts.
bool ramp_wants_canaries(const struct ramp *r, uint64_t now_ns);

// What an epoch came to.
enum ramp_verdict {
	RAMP_HOLDS, // the rate may be a higher one now
	RAMP_BACK,  // it is a lower one, and what was begun in the epoch says nothing
};

// End the epoch and begin the next one. nb_sent as above.
enum ramp_verdict ramp_judge(
	struct ramp *r, uint64_t now_ns, uint64_t nb_sent, const struct ramp_signs *signs);
