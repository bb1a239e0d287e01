// One client connection of ours, from its first SYN to its FIN, as plain data.
//
// observe() notes what passed, sent frames as well as received ones; next() says what to send, and
// when to be asked again. Nothing changes but by observe(): a segment that next() offered and that
// was not sent is offered again. Time is nanoseconds and comes in; a deadline holds by comparison
// of stamps, so it does not matter when, or how often, anybody asks.
//
//	                 SYN-ACK, ack in range                 success, or its deadline
//	CONN_SYN_SENT ─────────────────────────► CONN_OPEN ───────────────────────────► CONN_CLOSING
//	      │ 1 s after the last SYN, or RST       │ RST                  FIN acked, 1 s, or RST │
//	      └──────────────────────────────────────┴────────────► CONN_OVER ◄────────────────────┘
//
// The peer may be anybody: a number is believed after comparison with ours (RFC 9293
// section 3.10.7), and a segment that fails is counted, not answered.
#pragma once

#include "lib/tcpstack/segment.h"

#define NSEC_PER_USEC UINT64_C(1000)
#define NSEC_PER_MSEC UINT64_C(1000000)
#define NSEC_PER_SEC UINT64_C(1000000000)

#define CONN_MAX_TRIES 8
#define CONN_SYN_GIVE_UP_NS NSEC_PER_SEC // after the last SYN
#define CONN_CLOSE_NS NSEC_PER_SEC	 // after the first FIN the next connection may start
#define CONN_NEVER UINT64_MAX

// Octets of options in our SYN that are not the option under test: MSS, SACK-permitted, timestamps,
// NOP, window scale, in the order that Linux writes them.
#define CONN_SYN_BASE_OPTIONS_OCTETS 20
#define CONN_TIMESTAMPS_OCTETS 12
#define CONN_EXTRA_OPTIONS_OCTETS (TCPOPT_MAX_OCTETS - CONN_SYN_BASE_OPTIONS_OCTETS)

// What all connections of a round have in common.
struct conn_rules {
	uint8_t syn_tries; // 1 to CONN_MAX_TRIES SYNs, at 0, 1, 3, 5, … s
	// 1 to CONN_MAX_TRIES of data and FIN each, at 0, 0.5, 1.5, 2.5, … s. If the SYN-ACK has
	// acknowledged all data, of our ACK: lost, it would leave a server waiting that took them,
	// and connections with data in the SYN would fail more often than others.
	uint8_t data_tries;
	// Success is a complete answer, told by conn_succeed(); else it is what tcp mode asks for:
	// the peer acknowledges the payload or sends an octet or FIN, or wait_ns pass without a
	// RST.
	bool answer_wanted;
	uint64_t wait_ns; // for either, from our first segment after the SYN-ACK
	uint16_t mss4, mss6;
};

enum conn_state {
	CONN_SYN_SENT,
	CONN_OPEN,
	CONN_CLOSING,
	CONN_OVER,
};

// How the connection ended, or CONN_END_NONE as long as nothing has decided it.
enum conn_end {
	CONN_END_NONE,
	CONN_END_SUCCESS,
	CONN_END_REFUSED,    // RST in CONN_SYN_SENT
	CONN_END_UNANSWERED, // no acceptable SYN-ACK
	CONN_END_RESET,	     // RST in CONN_OPEN
	CONN_END_STALLED,    // no success in time, or the peer's FIN before it
};

// What one received segment was, for the layer above. Bits, as one segment can be several things.
enum conn_event {
	CONN_EV_SYNACK = 1 << 0, // the first acceptable SYN-ACK: read ack_offset and its options
	CONN_EV_SYNACK_AGAIN = 1 << 1, // a later one
	CONN_EV_SYNACK_DIFFERS =
		1 << 2,		     // a later one with another acknowledgement or sequence number
	CONN_EV_OVER_ACK = 1 << 3,   // a SYN-ACK beyond what we sent
	CONN_EV_CHALLENGE = 1 << 4,  // of a dead connection with our ports, in CONN_SYN_SENT
	CONN_EV_DATA = 1 << 5,	     // new octets in order: data, data_len
	CONN_EV_EARLY_DATA = 1 << 6, // octets in CONN_SYN_SENT without a SYN-ACK
	CONN_EV_RST = 1 << 7,	     // acceptable: the connection is over
	CONN_EV_ODD_RST = 1 << 8,    // not acceptable: ignored
	CONN_EV_ODD = 1 << 9,	     // anything else that is ignored
};

struct conn_seen {
	unsigned int events; // enum conn_event
	const uint8_t *data; // in the segment's octets
	uint16_t data_len;
};

struct conn {
	uint64_t first_syn_ns, last_syn_ns;
	uint64_t synack_ns;	  // the first acceptable SYN-ACK
	uint64_t answered_syn_ns; // when the SYN left that it answers, 0 if that can't be told
	uint64_t ack_ns;	  // our first segment after it
	uint64_t data_first_ns;
	uint64_t close_ns; // success, or the deadline that took its place
	uint64_t fin_first_ns;
	uint64_t end_ns; // when the next connection to the address may start
	// Our first ACK is held back so long after a SYN-ACK that acknowledges all of the payload;
	// 0: it goes at once. Set after conn_start by who wants it.
	uint64_t hold_ack_ns;
	uint32_t isn;
	uint32_t ts_base; // TSval of the first SYN
	uint32_t rcv_nxt;
	uint32_t irs; // in CONN_SYN_SENT that of the last CONN_EV_OVER_ACK
	uint32_t ts_recent;
	uint32_t synack_tsval;
	uint32_t rst_seq;
	uint32_t early_seq; // of CONN_EV_EARLY_DATA
	uint16_t lport;
	uint16_t payload_len;  // octets to deliver, at most 1024; 0: the connection is only opened
	uint16_t syn_data_len; // of these, in the SYN: none or all
	uint16_t acked_len;    // octets of payload that the peer has acknowledged
	uint16_t ack_offset;   // octets of payload that the first SYN-ACK acknowledged
	uint8_t nb_syns, nb_data, nb_fins;
	uint8_t nb_acks; // of the SYN-ACK, as long as nothing came behind it: our first, and
			 // repeats
	uint8_t state;	 // enum conn_state
	uint8_t end;	 // enum conn_end
	// The SYN goes without the data that syn_data_len counts: an earlier SYN of these numbers
	// had them, and the peer may acknowledge them. Set after conn_start.
	bool syn_is_plain;
	bool peer_has_timestamps;
	bool window_is_zero;
	bool ack_due, rst_due;
	bool fin_acked, fin_received;
	bool refuse_done; // the RST that was due has left
	bool reset;	  // by the peer, after its SYN-ACK
};

// What must be known to write the connection's segments; belongs to the caller, and stays the same
// for all calls of one connection.
struct conn_context {
	const struct conn_rules *rules;
	const struct ip_addr *laddr, *raddr;
	uint16_t rport;
	const uint8_t *payload;
	const uint8_t
		*extra_options; // in the SYN, behind the base options; a multiple of four octets
	uint8_t extra_options_len;
};

enum conn_step {
	CONN_SEND, // *out is to be sent, and then observed
	CONN_WAIT, // nothing before *wake_ns
};

void conn_start(struct conn *c, uint16_t lport, uint32_t isn, uint32_t ts_base,
	uint16_t payload_len, uint16_t syn_data_len);

// Note a segment of ours that left at now_ns.
void conn_observe_sent(
	struct conn *c, const struct conn_rules *rules, uint64_t now_ns, const struct segment *seg);

// Note a segment that arrived at now_ns on the connection's four-tuple.
struct conn_seen conn_observe_received(
	struct conn *c, const struct conn_rules *rules, uint64_t now_ns, const struct segment *seg);

// The layer above has seen a complete answer: close. Nothing happens if it comes too late.
void conn_succeed(struct conn *c, uint64_t now_ns);

// The layer above knows that no answer will come any more.
void conn_stall(struct conn *c, uint64_t now_ns);

// Let the deadlines up to now_ns take effect. The observing functions do so themselves.
void conn_settle(struct conn *c, const struct conn_rules *rules, uint64_t now_ns);

// What is due at now_ns; the deadlines up to now_ns have taken effect (conn_settle).
// options: 40 octets that out->options will point into. A connection that is CONN_OVER may still
// have a FIN to repeat; CONN_WAIT with CONN_NEVER says that it has nothing left to send.
enum conn_step conn_next(const struct conn *c, const struct conn_context *ctx, uint64_t now_ns,
	struct segment *out, uint8_t *options, uint64_t *wake_ns);

// Nothing is left to be sent, whatever the time: neither FIN nor ACK nor RST.
bool conn_is_finished(const struct conn *c, const struct conn_rules *rules);

// Whole milliseconds from one stamp to another that is not before it.
static inline uint64_t conn_elapsed_ms(uint64_t from_ns, uint64_t now_ns) {
	return now_ns > from_ns ? (now_ns - from_ns) / NSEC_PER_MSEC : 0;
}

// The offset of SYN number n (from 0) from the first one.
static inline uint64_t conn_syn_offset_ns(unsigned int n) {
	return n == 0 ? 0 : (2 * (uint64_t)n - 1) * NSEC_PER_SEC;
}

// The same of data, of FIN, and of our ACK.
uint64_t conn_data_offset_ns(unsigned int n);

// The SYN of a connection whose first SYN left at first_ns, as it leaves at now_ns; for callers
// who keep no struct conn (a target that nobody has answered).
void conn_write_syn(const struct conn_context *ctx, uint16_t lport, uint32_t isn, uint32_t ts_base,
	uint64_t first_ns, uint64_t now_ns, uint16_t data_len, struct segment *out,
	uint8_t *options);
