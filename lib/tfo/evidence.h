// What was seen of one connection of a target, as far as verdict and record need it. Filled by
// target_observe*(), read by verdict.c and record.c; times are microseconds.
#pragma once

#include "lib/tfo/cookie.h"

#include <assert.h>

#define EVIDENCE_NO_TIME UINT32_MAX
#define EVIDENCE_NO_LENGTH UINT16_MAX
#define EVIDENCE_NO_CODE UINT16_MAX

// The three connections of a round, in their order; then the controls, in theirs.
enum probe {
	PROBE_BASELINE, // no Fast Open option
	PROBE_REQUEST,	// an empty one: asks for a cookie
	PROBE_DATA,	// cookie, and the payload in the SYN
	NB_PROBES,
	PROBE_SAME_TUPLE = NB_PROBES, // plain SYNs with the numbers of a SYN with data that is lost
	PROBE_FRESH_BASELINE,	      // after it, or after a request that nothing answered
	PROBE_FOREIGN,		      // an option that nobody knows
	PROBE_EXPERIMENT,	      // a request in kind 254
	PROBE_BARE_DATA,	      // the payload in the SYN, no option
	PROBE_REQUEST_2,	      // from another port
	PROBE_DATA_2,		      // with its cookie, from a port of its own
	PROBE_DATA_SAME_PORT,	      // the same from the port that asked for the cookie
	PROBE_FLIPPED,		      // cookie with one bit changed, and the payload in the SYN
	PROBE_OTHER_PORT,	      // a request to another port of the server
	PROBE_HELD_ACK,		      // as PROBE_DATA, but our ACK waits
	PROBE_REQUEST_3,	      // a minute later
	PROBE_DATA_3,		      // with its cookie
	PROBE_LONE_BASELINE,	      // after a long pause
	NB_ALL_PROBES,
};
#define NB_CONTROLS (NB_ALL_PROBES - NB_PROBES)

// First match counts.
enum outcome {
	OUTCOME_OK,
	OUTCOME_RST,	     // to the SYN
	OUTCOME_ICMP,	     // unreachable, and nothing else answered the SYN
	OUTCOME_BADACK,	     // SYN-ACKs acknowledged more than was sent, and no other came
	OUTCOME_STALL,	     // SYN-ACK, then no success
	OUTCOME_RESET_AFTER, // SYN-ACK, then RST before success
	OUTCOME_NONE,	     // nothing answered the SYN
	NB_OUTCOMES,
};

enum evidence_mark {
	MARK_SYNACK = 1 << 0,
	MARK_ICMP = 1 << 1,
	MARK_BADACK = 1 << 2,
	MARK_COOKIE_EMPTY = 1 << 3,
	MARK_COOKIE_MALFORMED = 1 << 4,
	MARK_COOKIE_DUPLICATE = 1 << 5,
	MARK_SYNACK_INCONSISTENT = 1 << 6,
	MARK_CHALLENGE_ACK = 1 << 7,
	MARK_SYNACK_PAYLOAD = 1 << 8,
	MARK_ZERORTT_YES = 1 << 9,
	MARK_ZERORTT_NO = 1 << 10,
	MARK_ANSWER_DUPLICATE = 1 << 11,
	MARK_INJECTED = 1 << 12,
	MARK_EARLY_DATA = 1 << 13,	 // octets before a SYN-ACK: injected, unless it turns up
	MARK_EARLY_TIMESTAMPS = 1 << 14, // they had timestamps
	MARK_NO_TIMESTAMPS = 1 << 15,	 // the SYN-ACK had none
	MARK_SYNPROXY = 1 << 16,	 // what followed the SYN-ACK is somebody else's
};

struct evidence {
	uint32_t syn_rtt_us;
	uint32_t answer_us; // from the SYN that was answered to the last octet of the answer
	uint32_t marks;	    // enum evidence_mark
	uint16_t sport;	    // 0: the connection was not made
	uint16_t data_len;  // octets of payload that left, in the SYN or behind it
	uint16_t data_acked;
	uint16_t mss, window; // of the SYN-ACK; mss 0: it had none
	uint16_t code;	      // of the answer, enum app_code says what it is
	uint8_t syns;
	uint8_t outcome;	  // enum outcome
	uint8_t ttl;		  // of the SYN-ACK
	uint8_t rst_ttl;	  // of a RST that was ignored or that answered the SYN, 0: none
	uint8_t option_out : 4;	  // enum cookie_option
	uint8_t option_in : 4;	  // of the SYN-ACK
	uint8_t cookie_raw_len;	  // of the SYN-ACK's option, as it was on the wire
	struct cookie cookie_out; // in our SYN
	struct cookie cookie_in;  // in the SYN-ACK
};
static_assert(sizeof(struct evidence) <= 64, "each answered target has five");
