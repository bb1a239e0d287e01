#include "lib/tcpstack/frame.h"

#include "lib/tcpstack/bytes.h"
#include "lib/tcpstack/checksum.h"

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_ARP 0x0806
#define ETHERTYPE_IPV6 0x86dd

#define IPV4_HEADER_OCTETS 20
#define IPV6_HEADER_OCTETS 40
#define TCP_HEADER_OCTETS 20
#define ICMP_HEADER_OCTETS 8
#define QUOTED_TCP_OCTETS 8 // ports and seq: what RFC 792 promises

#define PROTO_HOPOPTS 0
#define PROTO_ICMP 1
#define PROTO_TCP 6
#define PROTO_ROUTING 43
#define PROTO_FRAGMENT 44
#define PROTO_ICMPV6 58
#define PROTO_DSTOPTS 60

#define ICMP_UNREACHABLE 3
#define ICMPV6_UNREACHABLE 1
#define ICMPV6_NEIGHBOR_SOLICITATION 135
#define ICMPV6_NEIGHBOR_ADVERTISEMENT 136

#define DEFAULT_TTL 64
#define MAX_EXTENSION_HEADERS 8

// What an IP header says, and the octets behind it.
struct ip_view {
	struct ip_addr src, dst;
	uint8_t protocol, ttl;
	bool is_fragment;
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
	};
	return FRAME_TCP;
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

enum frame_kind frame_parse(
	const uint8_t *octets, size_t len, enum frame_trust trust, struct frame *out) {
	if (len < ETHER_HEADER_OCTETS)
		return FRAME_TRUNCATED;
	out->dst_mac = octets;
	out->src_mac = octets + MAC_OCTETS;

	struct ip_view ip;
	enum frame_kind kind;
	const uint8_t *packet = octets + ETHER_HEADER_OCTETS;
	size_t packet_len = len - ETHER_HEADER_OCTETS;
	switch (get_be16(octets + 2 * MAC_OCTETS)) {
	case ETHERTYPE_ARP:
		return FRAME_NEIGH;
	case ETHERTYPE_IPV4:
		kind = read_ipv4(packet, packet_len, true, trust & FRAME_TRUST_IP_CHECKSUM, &ip);
		break;
	case ETHERTYPE_IPV6:
		kind = read_ipv6(packet, packet_len, true, &ip);
		break;
	default:
		return FRAME_OTHER;
	}
	if (kind != FRAME_OTHER)
		return kind;
	if (ip.is_fragment)
		return FRAME_FRAGMENT;

	bool is_v4 = addr_is_v4(&ip.src);
	if (ip.protocol == PROTO_TCP)
		return parse_tcp(&ip, trust, &out->seg);
	if (ip.protocol == PROTO_ICMP && is_v4)
		return parse_icmp(&ip, trust, &out->quote);
	if (ip.protocol == PROTO_ICMPV6 && !is_v4)
		return parse_icmpv6(&ip, trust, &out->quote);
	return FRAME_OTHER;
}

static size_t write_ipv4(
	uint8_t *p, const struct frame_route *route, const struct segment *seg, size_t tcp_octets) {
	p[0] = 0x45;
	p[1] = 0;
	put_be16(p + 2, (uint16_t)(IPV4_HEADER_OCTETS + tcp_octets));
	put_be16(p + 4, route->ip_id);
	put_be16(p + 6, 0x4000); // DF
	p[8] = seg->ttl ? seg->ttl : DEFAULT_TTL;
	p[9] = PROTO_TCP;
	put_be16(p + 10, 0);
	memcpy(p + 12, addr_v4(&seg->src), ADDR4_OCTETS);
	memcpy(p + 16, addr_v4(&seg->dst), ADDR4_OCTETS);
	put_be16(p + 10, checksum(p, IPV4_HEADER_OCTETS));
	return IPV4_HEADER_OCTETS;
}

static size_t write_ipv6(
	uint8_t *p, const struct frame_route *route, const struct segment *seg, size_t tcp_octets) {
	put_be32(p, 6u << 28 | (route->flow_label & 0xfffff));
	put_be16(p + 4, (uint16_t)tcp_octets);
	p[6] = PROTO_TCP;
	p[7] = seg->ttl ? seg->ttl : DEFAULT_TTL;
	memcpy(p + 8, seg->src.octets, ADDR6_OCTETS);
	memcpy(p + 24, seg->dst.octets, ADDR6_OCTETS);
	return IPV6_HEADER_OCTETS;
}

static void write_tcp(uint8_t *p, const struct segment *seg, size_t header_octets) {
	put_be16(p, seg->sport);
	put_be16(p + 2, seg->dport);
	put_be32(p + 4, seg->seq);
	put_be32(p + 8, seg->ack);
	p[12] = (uint8_t)(header_octets / 4 << 4);
	p[13] = seg->flags;
	put_be16(p + 14, seg->window);
	put_be16(p + 16, 0);
	put_be16(p + 18, 0);
	if (seg->options_len > 0)
		memcpy(p + TCP_HEADER_OCTETS, seg->options, seg->options_len);
	if (seg->data_len > 0)
		memcpy(p + header_octets, seg->data, seg->data_len);
	size_t octets = header_octets + seg->data_len;
	put_be16(p + 16, checksum_pseudo(&seg->src, &seg->dst, PROTO_TCP, p, octets));
}

size_t frame_write(
	uint8_t *buf, size_t capacity, const struct frame_route *route, const struct segment *seg) {
	bool is_v4 = addr_is_v4(&seg->dst);
	size_t ip_octets = is_v4 ? IPV4_HEADER_OCTETS : IPV6_HEADER_OCTETS;
	size_t tcp_header = TCP_HEADER_OCTETS + (size_t)seg->options_len;
	size_t tcp_octets = tcp_header + seg->data_len;
	size_t total = ETHER_HEADER_OCTETS + ip_octets + tcp_octets;
	if (capacity < total)
		return 0;

	memcpy(buf, route->dst_mac, MAC_OCTETS);
	memcpy(buf + MAC_OCTETS, route->src_mac, MAC_OCTETS);
	put_be16(buf + 2 * MAC_OCTETS, is_v4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
	uint8_t *ip = buf + ETHER_HEADER_OCTETS;
	if (is_v4)
		write_ipv4(ip, route, seg, tcp_octets);
	else
		write_ipv6(ip, route, seg, tcp_octets);
	write_tcp(ip + ip_octets, seg, tcp_header);
	return total;
}
