// A SYN's frame written from a pattern: all SYNs of one kind to one family differ in a few fields,
// so the rest is copied and the checksums are those of the pattern, corrected (RFC 1624). The
// octets are those that frame_write would have written.
#pragma once

#include "lib/tcpstack/frame.h"

#define SYN_FRAME_MAX_OCTETS 160 // a multiple of 16, and no SYN without data is longer

struct syn_pattern {
	uint8_t octets[SYN_FRAME_MAX_OCTETS];
	uint8_t len;
	uint8_t copy_octets;  // len, up to a multiple of 16
	uint8_t tcp_offset;   // of the TCP header
	uint8_t tsval_offset; // 0: the options have no timestamps
	uint16_t ip_sum;      // of IPv4's header without what differs
	uint16_t tcp_sum;     // of TCP's, pseudo-header included, the same
};

// Of a SYN like this one. Its dst, sport, dport, seq and TSval don't matter, its family does; it
// has no data.
void syn_pattern_init(
	struct syn_pattern *p, const uint8_t src_mac[MAC_OCTETS], const struct segment *seg);

// What differs.
struct syn_fields {
	const struct ip_addr *dst; // of the pattern's family
	const uint8_t *dst_mac;
	uint32_t seq, tsval, flow_label;
	uint16_t sport, dport, ip_id;
};

// Write p->len octets; buf has room for SYN_FRAME_MAX_OCTETS.
void syn_frame_write(uint8_t *buf, const struct syn_pattern *p, const struct syn_fields *fields);
