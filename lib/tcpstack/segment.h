// A TCP segment as plain data, in both directions: what a frame said, or what a frame shall say.
// Everything is in host order. options and data point into octets that the caller owns.
#pragma once

#include "lib/tcpstack/addr.h"
#include "lib/tcpstack/tcpopt.h"

enum tcp_flag {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
};

struct segment {
	struct ip_addr src, dst;
	uint16_t sport, dport;
	uint32_t seq, ack;
	uint16_t window;
	uint8_t flags; // enum tcp_flag; other bits of the octet as they came
	uint8_t ttl;   // TTL or hop limit
	uint8_t options_len;
	uint16_t data_len;
	uint16_t ip_len_octets; // of the packet it came in, IP header included; 0: not of a packet
	const uint8_t *options;
	const uint8_t *data;
};

// The options every TCP uses, decoded. Broken ones, and those of a wrong length, count as absent.
struct segment_options {
	uint32_t tsval, tsecr;
	uint16_t mss;
	bool has_timestamps, has_mss;
};

void segment_options_read(const struct segment *seg, struct segment_options *out);

// Octets of its IP packet; of one that frame_write has yet to make, those that it will have.
static inline uint32_t segment_ip_len(const struct segment *seg) {
	if (seg->ip_len_octets > 0)
		return seg->ip_len_octets;
	return (addr_is_v4(&seg->dst) ? 20u : 40u) + 20u + seg->options_len + seg->data_len;
}

// Octets of sequence space that the segment takes (RFC 9293 section 3.4).
static inline uint32_t segment_seq_len(const struct segment *seg) {
	return seg->data_len + ((seg->flags & TCP_SYN) != 0) + ((seg->flags & TCP_FIN) != 0);
}
