// One TCP connection as its segments show it, whoever sent them: what PATHspider's flow records
// hold, and what a sight without hands can tell about Fast Open. Filled by flow_observe, read by
// flow_write.h and passive.h.
//
//	struct flow f = {0};
//	flow_observe(&f, FLOW_FWD, now_ns, seg); // each segment, as it is seen
//
// A client may repeat its SYN without the option and without the data: Linux does after a second.
// So two SYNs are told apart. The rich one is the first that has the Fast Open option or data; a
// poor one is one that lacks what the rich one had. A SYN-ACK answers the rich one if it
// acknowledges data or brings an option, if there was no poor one before it, or if its timestamp
// says so. Else nobody can tell.
#pragma once

#include "lib/tcpstack/frame.h"
#include "lib/tfo/cookie.h"

enum flow_direction {
	FLOW_FWD, // from the client, who sent the SYN
	FLOW_REV,
};

enum flow_mark {
	FLOW_SYN = 1 << 0,
	FLOW_RICH = 1 << 1,	    // a rich SYN was there
	FLOW_POOR = 1 << 2,	    // and a poor one
	FLOW_POOR_STAMPED = 1 << 3, // it had timestamps: poor_tsval
	FLOW_SYN_STAMPED = 1 << 4,  // the last SYN before the SYN-ACK had some: syn_tsval
	FLOW_SYNACK = 1 << 5, // a valid one: it acknowledges our SYN and no more than its data
	FLOW_SYNACK_TO_RICH = 1 << 6,
	FLOW_BAD_ACK = 1 << 7, // a SYN-ACK beyond what was sent
	FLOW_INCONSISTENT = 1 << 8,
	FLOW_SYNACK_PAYLOAD = 1 << 9,
	FLOW_COOKIE_EMPTY = 1 << 10, // of the SYN-ACK's option, as the next four
	FLOW_COOKIE_MALFORMED = 1 << 11,
	FLOW_COOKIE_DUPLICATE = 1 << 12,
	FLOW_COOKIE_GOOD = 1 << 13, // 4 to 16 octets, even
	FLOW_COOKIE_SAME = 1 << 14, // the one that was sent
	FLOW_CONNECTED = 1 << 15,   // an ACK of the client followed the SYN-ACK
	FLOW_ACK_STAMPED = 1 << 16, // it had timestamps: ack_tsval
	FLOW_FIN_FWD = 1 << 17,
	FLOW_FIN_REV = 1 << 18,
	FLOW_RST_FWD = 1 << 19,
	FLOW_RST_REV = 1 << 20,
	FLOW_REFUSED_RICH = 1 << 21, // a RST answered the rich SYN
	FLOW_REFUSED = 1 << 22,	     // a RST answered some SYN
	FLOW_RESET_AFTER = 1 << 23,  // a RST after the SYN-ACK, before anything else of either side
	FLOW_ICMP = 1 << 24,	     // unreachable, before any poor SYN and any SYN-ACK
	FLOW_DATA_REV = 1 << 25,     // octets of the server
	FLOW_ZERORTT_YES = 1 << 26,
	FLOW_ZERORTT_NO = 1 << 27,
	FLOW_EARLY = 1 << 28, // octets of the server before a SYN-ACK, which irs would fit
};

struct flow {
	uint64_t from_ns, to_ns; // first and last segment
	uint64_t oct_fwd, oct_rev;
	uint32_t pkt_fwd, pkt_rev; // stay at their maximum
	uint32_t marks;		   // enum flow_mark
	uint32_t isn;
	uint32_t irs;	     // of the SYN-ACK that counts: the first valid one
	uint32_t synack_ack; // of that; without any, of the first invalid one
	uint32_t syn_tsval, poor_tsval, ack_tsval;
	uint32_t last_syn_ms; // after from_ns
	uint16_t syn_data_len;
	uint8_t synflags_fwd, synflags_rev;    // of the first segment with SYN; 0: none
	uint8_t option_out : 4;		       // enum cookie_option: of the rich SYN
	uint8_t option_in : 4;		       // of the SYN-ACK
	uint8_t cookie_out_len, cookie_in_len; // as on the wire, valid or not
	struct cookie cookie_out;
};

// Segments in the order in which they were seen. A SYN of the client with another ISN begins the
// flow anew.
void flow_observe(
	struct flow *f, enum flow_direction direction, uint64_t now_ns, const struct segment *seg);

// A destination-unreachable message that quotes a segment of the client.
void flow_observe_icmp(struct flow *f, const struct icmp_quote *quote);

// A SYN of the client that is not of this connection.
bool flow_is_other(const struct flow *f, const struct segment *seg);

// Both sides have closed, or one has reset.
bool flow_is_over(const struct flow *f);

// Octets of the SYN's data that the SYN-ACK acknowledges. Only with FLOW_SYNACK.
static inline uint32_t flow_acked(const struct flow *f) {
	return f->synack_ack - f->isn - 1;
}

static inline bool flow_is_seen(const struct flow *f) {
	return f->pkt_fwd > 0 || f->pkt_rev > 0;
}
