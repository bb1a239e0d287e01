#include "lib/tcpstack/frame.h"

#include "lib/tcpstack/bytes.h"
#include "lib/tcpstack/checksum.h"
#include "lib/tcpstack/frame_parts.h"

#define ICMP_HEADER_OCTETS 8
#define QUOTED_TCP_OCTETS 8 // ports and seq: what RFC 792 promises

#define PROTO_HOPOPTS 0
#define PROTO_ICMP 1
#define PROTO_ROUTING 43
#define PROTO_FRAGMENT 44
#define PROTO_ICMPV6 58
#define PROTO_DSTOPTS 60

#define ICMP_UNREACHABLE 3
#define ICMP_NETWORK_PROHIBITED 9
#define ICMP_HOST_PROHIBITED 10
#define ICMP_PROHIBITED 13
#define ICMPV6_UNREACHABLE 1
#define ICMPV6_PROHIBITED 1
#define ICMPV6_NEIGHBOR_SOLICITATION 135
#define ICMPV6_NEIGHBOR_ADVERTISEMENT 136

#define MAX_EXTENSION_HEADERS 8

// What an IP header says, and the octets behind it.
struct ip_view {
	struct ip_addr src, dst;
	uint8_t protocol, ttl;
	bool is_fragment;
	uint32_t octets; // of the whole packet, by its header
	const uint8_t *payload;
	size_t payload_len;
};

// whole: a packet of its own, whose lengths and checksum must agree; else the head of one that an
// ICMP message quotes, cut anywhere behind its IP header.
static enum frame_kind read_ipv4(
	const uint8_t *p, size_t len, bool whole, bool checksum_is_good, struct ip_view *ip) {
	if (len < IPV4_HEADER_OCTETS)
		return FRAME_TRUNCATED;
	size_t header = (size_t)(p[0] & 0x0f) * 4;
	size_t total = get_be16(p + 2);
	if (p[0] >> 4 != 4 || header < IPV4_HEADER_OCTETS || total < header)
		return FRAME_BAD_LENGTH;
	if (len < header || (whole && len < total))
		return FRAME_TRUNCATED;
	if (whole && !checksum_is_good && checksum(p, header) != 0)
		return FRAME_BAD_IP_CHECKSUM;

	ip->src = addr_from_v4(p + 12);
	ip->dst = addr_from_v4(p + 16);
	ip->protocol = p[9];
	ip->ttl = p[8];
	ip->is_fragment = (get_be16(p + 6) & 0x3fff) != 0; // MF or an offset
	ip->octets = (uint32_t)total;
	ip->payload = p + header;
	ip->payload_len = (len < total ? len : total) - header;
	return FRAME_OTHER;
}

static bool is_extension(uint8_t protocol) {
	return protocol == PROTO_HOPOPTS || protocol == PROTO_ROUTING ||
	       protocol == PROTO_DSTOPTS || protocol == PROTO_FRAGMENT;
}

// Walk the extension headers (RFC 8200 section 4) up to the upper-layer header, or up to that of a
// fragment: what stands behind it may be the middle of anything.
static enum frame_kind skip_extensions(struct ip_view *ip) {
	for (int i = 0; is_extension(ip->protocol) && !ip->is_fragment; i++) {
		if (i == MAX_EXTENSION_HEADERS)
			return FRAME_BAD_LENGTH;
		if (ip->payload_len < 8)
			return FRAME_TRUNCATED;
		size_t octets = 8;
		if (ip->protocol == PROTO_FRAGMENT)
			ip->is_fragment = (get_be16(ip->payload + 2) & 0xfff9) != 0;
		else
			octets += (size_t)ip->payload[1] * 8;
		if (ip->payload_len < octets)
			return FRAME_TRUNCATED;
		ip->protocol = ip->payload[0];
		ip->payload += octets;
		ip->payload_len -= octets;
	}
	return FRAME_OTHER;
}

static enum frame_kind read_ipv6(const uint8_t *p, size_t len, bool whole, struct ip_view *ip) {
	if (len < IPV6_HEADER_OCTETS)
		return FRAME_TRUNCATED;
	if (p[0] >> 4 != 6)
		return FRAME_BAD_LENGTH;
	size_t payload_len = get_be16(p + 4);
	if (whole && len - IPV6_HEADER_OCTETS < payload_len)
		return FRAME_TRUNCATED;

	ip->src = addr_from_v6(p + 8);
	ip->dst = addr_from_v6(p + 24);
	if (addr_is_v4(&ip->src) || addr_is_v4(&ip->dst))
		return FRAME_FORGED;
	ip->protocol = p[6];
	ip->ttl = p[7];
	ip->is_fragment = false;
	ip->octets = (uint32_t)(IPV6_HEADER_OCTETS + payload_len);
	ip->payload = p + IPV6_HEADER_OCTETS;
	size_t room = len - IPV6_HEADER_OCTETS;
	ip->payload_len = room < payload_len ? room : payload_len;
	return skip_extensions(ip);
}

static enum frame_kind parse_tcp(
	const struct ip_view *ip, enum frame_trust trust, struct segment *seg) {
	const uint8_t *p = ip->payload;
	if (ip->payload_len < TCP_HEADER_OCTETS)
		return FRAME_TRUNCATED;
	size_t header = (size_t)(p[12] >> 4) * 4;
	if (header < TCP_HEADER_OCTETS || header > ip->payload_len)
		return FRAME_BAD_LENGTH;
	if (!(trust & FRAME_TRUST_L4_CHECKSUM) &&
		checksum_pseudo(&ip->src, &ip->dst, PROTO_TCP, p, ip->payload_len) != 0)
		return FRAME_BAD_CHECKSUM;

	*seg = (struct segment){
		.src = ip->src,
		.dst = ip->dst,
		.sport = get_be16(p),
		.dport = get_be16(p + 2),
		.seq = get_be32(p + 4),
		.ack = get_be32(p + 8),
		.window = get_be16(p + 14),
		.flags = p[13],
		.ttl = ip->ttl,
		.options = p + TCP_HEADER_OCTETS,
		.options_len = (uint8_t)(header - TCP_HEADER_OCTETS),
		.data = p + header,
		.data_len = (uint16_t)(ip->payload_len - header),
		.ip_len_octets = ip->octets > UINT16_MAX ? UINT16_MAX : (uint16_t)ip->octets,
	};
	return FRAME_TCP;
}

bool icmp_is_prohibited(const struct icmp_quote *quote) {
	if (!addr_is_v4(&quote->dst))
		return quote->type == ICMPV6_UNREACHABLE && quote->code == ICMPV6_PROHIBITED;
	return quote->type == ICMP_UNREACHABLE &&
	       (quote->code == ICMP_NETWORK_PROHIBITED || quote->code == ICMP_HOST_PROHIBITED ||
		       quote->code == ICMP_PROHIBITED);
}

static enum frame_kind parse_quote(const struct ip_view *ip, bool is_v6, struct icmp_quote *quote) {
	struct ip_view inner;
	const uint8_t *p = ip->payload + ICMP_HEADER_OCTETS;
	size_t len = ip->payload_len - ICMP_HEADER_OCTETS;
	enum frame_kind kind =
		is_v6 ? read_ipv6(p, len, false, &inner) : read_ipv4(p, len, false, true, &inner);
	if (kind != FRAME_OTHER)
		return kind;
	if (inner.protocol != PROTO_TCP || inner.is_fragment)
		return FRAME_OTHER;
	if (inner.payload_len < QUOTED_TCP_OCTETS)
		return FRAME_TRUNCATED;

	*quote = (struct icmp_quote){
		.src = inner.src,
		.dst = inner.dst,
		.sport = get_be16(inner.payload),
		.dport = get_be16(inner.payload + 2),
		.seq = get_be32(inner.payload + 4),
		.type = ip->payload[0],
		.code = ip->payload[1],
	};
	return FRAME_ICMP;
}

static enum frame_kind parse_icmp(
	const struct ip_view *ip, enum frame_trust trust, struct icmp_quote *quote) {
	if (ip->payload_len < ICMP_HEADER_OCTETS)
		return FRAME_TRUNCATED;
	if (!(trust & FRAME_TRUST_L4_CHECKSUM) && checksum(ip->payload, ip->payload_len) != 0)
		return FRAME_BAD_CHECKSUM;
	if (ip->payload[0] != ICMP_UNREACHABLE)
		return FRAME_OTHER;
	return parse_quote(ip, false, quote);
}

static enum frame_kind parse_icmpv6(
	const struct ip_view *ip, enum frame_trust trust, struct icmp_quote *quote) {
	if (ip->payload_len < ICMP_HEADER_OCTETS)
		return FRAME_TRUNCATED;
	uint8_t type = ip->payload[0];
	// neigh_parse checks these whole
	if (type == ICMPV6_NEIGHBOR_SOLICITATION || type == ICMPV6_NEIGHBOR_ADVERTISEMENT)
		return FRAME_NEIGH;
	if (!(trust & FRAME_TRUST_L4_CHECKSUM) && checksum_pseudo(&ip->src, &ip->dst, PROTO_ICMPV6,
							  ip->payload, ip->payload_len) != 0)
		return FRAME_BAD_CHECKSUM;
	if (type != ICMPV6_UNREACHABLE)
		return FRAME_OTHER;
	return parse_quote(ip, true, quote);
}

// What stands in an IP packet that has been read.
static enum frame_kind parse_payload(
	const struct ip_view *ip, enum frame_trust trust, struct frame *out) {
	if (ip->is_fragment)
		return FRAME_FRAGMENT;
	bool is_v4 = addr_is_v4(&ip->src);
	if (ip->protocol == PROTO_TCP)
		return parse_tcp(ip, trust, &out->seg);
	if (ip->protocol == PROTO_ICMP && is_v4)
		return parse_icmp(ip, trust, &out->quote);
	if (ip->protocol == PROTO_ICMPV6 && !is_v4)
		return parse_icmpv6(ip, trust, &out->quote);
	return FRAME_OTHER;
}

static enum frame_kind parse_ipv4(
	const uint8_t *octets, size_t len, enum frame_trust trust, struct frame *out) {
	struct ip_view ip;
	enum frame_kind kind = read_ipv4(octets, len, true, trust & FRAME_TRUST_IP_CHECKSUM, &ip);
	return kind == FRAME_OTHER ? parse_payload(&ip, trust, out) : kind;
}

static enum frame_kind parse_ipv6(
	const uint8_t *octets, size_t len, enum frame_trust trust, struct frame *out) {
	struct ip_view ip;
	enum frame_kind kind = read_ipv6(octets, len, true, &ip);
	return kind == FRAME_OTHER ? parse_payload(&ip, trust, out) : kind;
}

enum frame_kind frame_parse(
	const uint8_t *octets, size_t len, enum frame_trust trust, struct frame *out) {
	if (len < ETHER_HEADER_OCTETS)
		return FRAME_TRUNCATED;
	out->dst_mac = octets;
	out->src_mac = octets + MAC_OCTETS;

	const uint8_t *packet = octets + ETHER_HEADER_OCTETS;
	size_t packet_len = len - ETHER_HEADER_OCTETS;
	switch (get_be16(octets + 2 * MAC_OCTETS)) {
	case ETHERTYPE_ARP:
		return FRAME_NEIGH;
	case ETHERTYPE_IPV4:
		return parse_ipv4(packet, packet_len, trust, out);
	case ETHERTYPE_IPV6:
		return parse_ipv6(packet, packet_len, trust, out);
	default:
		return FRAME_OTHER;
	}
}

enum frame_kind frame_parse_ip(
	const uint8_t *octets, size_t len, enum frame_trust trust, struct frame *out) {
	if (len == 0)
		return FRAME_TRUNCATED;
	return octets[0] >> 4 == 4 ? parse_ipv4(octets, len, trust, out)
				   : parse_ipv6(octets, len, trust, out);
}

// ---- packets of a capture

// A length of 0 is what segmentation offload leaves in a header that the NIC will fill in, also
// IPv6's, if the packet is too long for the field: then the wire's length is all there is.
static enum frame_kind read_captured(
	const uint8_t *p, size_t len, size_t wire_len, struct ip_view *ip) {
	if (len == 0)
		return FRAME_TRUNCATED;
	bool is_v4 = p[0] >> 4 == 4;
	size_t header = is_v4 ? IPV4_HEADER_OCTETS : IPV6_HEADER_OCTETS;
	if (len < header)
		return FRAME_TRUNCATED;
	bool has_no_length = get_be16(p + (is_v4 ? 2 : 4)) == 0 && wire_len > header;
	if (!has_no_length)
		return is_v4 ? read_ipv4(p, len, false, true, ip) : read_ipv6(p, len, false, ip);

	uint8_t copy[IPV6_HEADER_OCTETS];
	size_t octets = wire_len > UINT16_MAX ? UINT16_MAX : wire_len;
	struct ip_view head;
	memcpy(copy, p, header);
	put_be16(copy + (is_v4 ? 2 : 4), (uint16_t)(is_v4 ? octets : octets - header));
	enum frame_kind kind = is_v4 ? read_ipv4(copy, header, false, true, &head)
				     : read_ipv6(copy, header, false, &head);
	if (kind != FRAME_OTHER || head.payload != copy + header)
		return kind == FRAME_OTHER ? FRAME_BAD_LENGTH : kind;
	*ip = head;
	ip->payload = p + header;
	ip->payload_len = (len < octets ? len : octets) - header;
	return FRAME_OTHER;
}

static enum frame_kind parse_cut_tcp(
	const struct ip_view *ip, size_t wire_payload_len, struct segment *seg) {
	const uint8_t *p = ip->payload;
	if (ip->payload_len < TCP_HEADER_OCTETS)
		return FRAME_TRUNCATED;
	size_t header = (size_t)(p[12] >> 4) * 4;
	if (header < TCP_HEADER_OCTETS || header > wire_payload_len)
		return FRAME_BAD_LENGTH;
	if (header > ip->payload_len)
		return FRAME_TRUNCATED;
	struct ip_view headers = *ip;
	headers.payload_len = header;
	enum frame_kind kind = parse_tcp(&headers, FRAME_TRUST_L4_CHECKSUM, seg);
	seg->data = NULL;
	seg->data_len = (uint16_t)(wire_payload_len - header);
	return kind;
}

enum frame_kind frame_parse_captured(
	const uint8_t *octets, size_t len, size_t wire_len, struct frame_captured *out) {
	struct ip_view ip;
	out->has_bad_checksum = out->is_cut = false;
	enum frame_kind kind = read_captured(octets, len, wire_len, &ip);
	if (kind != FRAME_OTHER)
		return kind;
	if (ip.octets > wire_len)
		return FRAME_BAD_LENGTH;
	size_t before = (size_t)(ip.payload - octets);
	size_t wire_payload_len = ip.octets - before;
	out->is_cut = ip.payload_len < wire_payload_len;
	if (out->is_cut && ip.protocol == PROTO_TCP && !ip.is_fragment)
		return parse_cut_tcp(&ip, wire_payload_len, &out->frame.seg);
	if (out->is_cut)
		return ip.is_fragment ? FRAME_FRAGMENT : FRAME_TRUNCATED;

	const enum frame_trust all = FRAME_TRUST_IP_CHECKSUM | FRAME_TRUST_L4_CHECKSUM;
	bool is_v4 = addr_is_v4(&ip.src);
	out->has_bad_checksum = is_v4 && checksum(octets, (size_t)(octets[0] & 0x0f) * 4) != 0;
	kind = parse_payload(&ip, FRAME_TRUST_IP_CHECKSUM, &out->frame);
	if (kind != FRAME_BAD_CHECKSUM)
		return kind;
	out->has_bad_checksum = true;
	return parse_payload(&ip, all, &out->frame);
}
