// The truth table: what was seen of a target's connections → conditions. docs/results.md says each
// rule in words. Nothing here looks at anything but evidence.
//
// A struct verdict is a sum: rounds are added in their order, then controls in any; the words are
// read out of it. All zero is the start.
#pragma once

#include "lib/tfo/conditions.h"
#include "lib/tfo/evidence.h"

// What a control showed; nothing if it was not made.
enum control_fact {
	FACT_OK = 1 << 0,	    // its outcome
	FACT_SYNACK = 1 << 1,	    // a valid one came
	FACT_SILENT = 1 << 2,	    // nothing came
	FACT_ACKED = 1 << 3,	    // all of the payload in the SYN, by the SYN-ACK
	FACT_REFUSED = 1 << 4,	    // none of it
	FACT_COOKIE = 1 << 5,	    // the SYN-ACK brought a valid one
	FACT_COOKIE_SENT = 1 << 6,  // the one that our SYN had
	FACT_COOKIE_KNOWN = 1 << 7, // the one that the last round's request brought
	FACT_COOKIE_KIND254 = 1 << 8,
	FACT_ZERORTT_YES = 1 << 9,
	FACT_ZERORTT_NO = 1 << 10,
	FACT_FAILED = 1 << 11, // it was made, and its outcome is not OK
	// A valid SYN-ACK acknowledged no octet and brought another cookie than the one sent.
	FACT_REJECTED = 1 << 12,
};

struct verdict {
	uint64_t cookie_words, syndata_words; // of the best round; of equals the last one
	uint64_t other_words;		      // of all rounds
	uint8_t cookie_rank, syndata_rank;
	uint8_t nb_rounds;
	uint8_t first_round; // enum condition: the connectivity word of the first round alone
	uint8_t failed;	     // enum outcome: of X in the last round
	bool b_any, x_any;   // X is D if a cookie is known, else R
	bool b_last, x_last, request_last;
	bool x_is_data;			     // in the last round
	bool b_refused, r_silent, d_silent;  // in the last round
	bool d_acked, d_refused, d_rejected; // in the last round
	bool d_has_no_stamp;		     // in the last round
	bool with_cookie, without_cookie;    // SYN-ACKs to requests, in any round
	bool is_synproxy;		     // in any round
	uint16_t facts[NB_CONTROLS];
};

// evidence[PROBE_BASELINE] and evidence[PROBE_REQUEST] were made, evidence[PROBE_DATA] unless its
// sport is 0: it is made whenever a cookie is known.
void verdict_add_round(struct verdict *v, const struct evidence evidence[NB_PROBES]);

// What came about the last round's connections after it had been added.
void verdict_add_late_marks(struct verdict *v, const struct evidence evidence[NB_PROBES]);

// known: the cookie that the rounds brought, or none.
void verdict_add_control(struct verdict *v, enum probe control, const struct evidence *ev,
	const struct cookie *known);

// The rounds so far leave it open whether it was chance (science: b and x differ, or a cookie is
// known and not both are good): another round is worth its frames.
bool verdict_is_open(const struct verdict *v);

// The conditions, as a set of CONDITION_BIT, of what was added. with_controls: the words that need
// controls may be said.
uint64_t verdict_conditions(const struct verdict *v, bool with_controls);

// The conditions of one round alone.
uint64_t verdict_of_round(const struct evidence evidence[NB_PROBES]);

// The conditions of a target from whose address no frame came in any connection.
uint64_t verdict_of_silence(void);

// What answered in the last round answers no plain SYN any more: silence then says nothing about
// options or data.
bool verdict_is_gone(const struct verdict *v);

// The connectivity word alone, out of a set that holds one.
enum condition verdict_connectivity(uint64_t conditions);

static inline bool verdict_has(const struct verdict *v, enum probe control, unsigned int fact) {
	return (v->facts[control - NB_PROBES] & fact) == fact;
}
