// Ethernet frames: what came off the wire, told apart and checked; and our own segments put on it.
// Every octet is hostile until its length has been compared. Nothing here fails but by its word.
#pragma once

#include "lib/tcpstack/segment.h"

#define MAC_OCTETS 6
#define ETHER_HEADER_OCTETS 14
#define FRAME_MAX_OCTETS 1514

enum frame_kind {
	FRAME_TCP,   // frame.seg
	FRAME_ICMP,  // a destination-unreachable message that quotes a TCP segment: frame.quote
	FRAME_NEIGH, // ARP or IPv6 neighbour discovery: for neigh_parse
	FRAME_OTHER, // well-formed as far as looked at, and none of our business
	FRAME_TRUNCATED,
	FRAME_BAD_LENGTH,      // a length field that contradicts another or the frame
	FRAME_BAD_IP_CHECKSUM, // IPv4 header
	FRAME_BAD_CHECKSUM,    // TCP, ICMP or ICMPv6
	FRAME_FRAGMENT,	       // fragments are not put together
	FRAME_FORGED,	       // an IPv4-mapped address in an IPv6 header (RFC 4942 section 2.2)
	FRAME_NB_KINDS,
};

// The segment of ours that an ICMP or ICMPv6 destination-unreachable message quotes
// (RFC 792, RFC 4443 section 3.1). The eight octets that are always there reach to seq.
struct icmp_quote {
	struct ip_addr src, dst; // of the quoted segment: src is us
	uint16_t sport, dport;
	uint32_t seq;
	uint8_t type, code;
};

// It says that a filter forbids what was sent: administratively prohibited, be it the network, the
// host or the communication (RFC 1812 section 5.2.7.1), or RFC 4443 section 3.1.
bool icmp_is_prohibited(const struct icmp_quote *quote);

struct frame {
	const uint8_t *src_mac, *dst_mac;
	union {
		struct segment seg;
		struct icmp_quote quote;
	};
};

enum frame_trust {
	FRAME_TRUST_NOTHING = 0,
	FRAME_TRUST_IP_CHECKSUM = 1, // the NIC has found it good
	FRAME_TRUST_L4_CHECKSUM = 2,
};

// Tell what a frame is. out points into octets; out->seg or out->quote is only valid for
// FRAME_TCP and FRAME_ICMP, the MACs unless FRAME_TRUNCATED.
enum frame_kind frame_parse(
	const uint8_t *octets, size_t len, enum frame_trust trust, struct frame *out);

// The same of a bare IP packet, IPv4 or IPv6 by its first four bits. No MACs are set.
enum frame_kind frame_parse_ip(
	const uint8_t *octets, size_t len, enum frame_trust trust, struct frame *out);

// An IP packet out of somebody else's capture: len octets of it are there, wire_len were on the
// wire. It may be cut behind the headers, larger than any frame (segmentation offload), and its
// checksums wrong (checksum offload).
struct frame_captured {
	struct frame frame;
	bool has_bad_checksum; // of IPv4, TCP or ICMP; of a packet that is cut nobody knows
	bool is_cut;	       // frame.seg.data is NULL, data_len is what was on the wire
};

// FRAME_TRUNCATED if the headers are not all there.
enum frame_kind frame_parse_captured(
	const uint8_t *octets, size_t len, size_t wire_len, struct frame_captured *out);

// Checksums that the NIC makes when the frame leaves: IPv4's is then zero, and TCP's the sum over
// the pseudo-header alone.
enum frame_by_nic {
	FRAME_ALL_WRITTEN = 0,
	FRAME_IP_CHECKSUM_BY_NIC = 1,
	FRAME_TCP_CHECKSUM_BY_NIC = 2,
};

// How a frame of ours leaves. ip_id goes into IPv4's identification, flow_label (20 bits) into
// IPv6's; both are free to choose, and the same for the same octets sent again.
struct frame_route {
	uint8_t src_mac[MAC_OCTETS];
	uint8_t dst_mac[MAC_OCTETS];
	uint16_t ip_id;
	uint32_t flow_label;
	unsigned int by_nic; // enum frame_by_nic
};

// Write a segment as a whole frame, checksums included unless the NIC makes them: TTL 64 if
// seg->ttl is 0, IPv4 with DF set. seg->options_len is a multiple of four, at most 40. Returns the
// octets written, or 0 if capacity is too small. buf does not overlap seg's octets.
size_t frame_write(
	uint8_t *buf, size_t capacity, const struct frame_route *route, const struct segment *seg);
