// Our own segments as frames.
#include "lib/tcpstack/bytes.h"
#include "lib/tcpstack/checksum.h"
#include "lib/tcpstack/frame.h"
#include "lib/tcpstack/frame_parts.h"

#define DEFAULT_TTL 64

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
