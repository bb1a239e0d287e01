// Our own segments as frames.
#include "lib/tcpstack/bytes.h"
#include "lib/tcpstack/checksum.h"
#include "lib/tcpstack/frame.h"
#include "lib/tcpstack/frame_parts.h"

#define DEFAULT_TTL 64
#define DONT_FRAGMENT 0x4000u

static size_t write_ipv4(
	uint8_t *p, const struct frame_route *route, const struct segment *seg, size_t tcp_octets) {
	uint8_t ttl = seg->ttl ? seg->ttl : DEFAULT_TTL;
	uint16_t total = (uint16_t)(IPV4_HEADER_OCTETS + tcp_octets);
	uint32_t src = get_be32(addr_v4(&seg->src)), dst = get_be32(addr_v4(&seg->dst));
	uint64_t sum = (uint64_t)src + dst + 0x4500u + total + route->ip_id + DONT_FRAGMENT +
		       ((uint32_t)ttl << 8 | PROTO_TCP);
	put_be32(p, 0x45000000u | total);
	put_be32(p + 4, (uint32_t)route->ip_id << 16 | DONT_FRAGMENT);
	bool is_left = route->by_nic & FRAME_IP_CHECKSUM_BY_NIC;
	uint16_t ip_checksum = is_left ? 0 : checksum_of_sum(sum);
	put_be32(p + 8, (uint32_t)ttl << 24 | PROTO_TCP << 16 | ip_checksum);
	put_be32(p + 12, src);
	put_be32(p + 16, dst);
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

static void write_tcp(uint8_t *p, const struct frame_route *route, const struct segment *seg,
	size_t header_octets) {
	size_t octets = header_octets + seg->data_len;
	uint32_t ports = (uint32_t)seg->sport << 16 | seg->dport;
	uint32_t head =
		(uint32_t)(header_octets / 4) << 28 | (uint32_t)seg->flags << 16 | seg->window;
	uint64_t pseudo = checksum_pseudo_sum(&seg->src, &seg->dst, PROTO_TCP, octets);
	uint64_t sum = pseudo + ports + seg->seq + seg->ack + head;
	put_be32(p, ports);
	put_be32(p + 4, seg->seq);
	put_be32(p + 8, seg->ack);
	put_be32(p + 12, head);
	for (unsigned int i = 0; i < seg->options_len; i += 4) {
		uint32_t word = get_be32(seg->options + i);
		put_be32(p + TCP_HEADER_OCTETS + i, word);
		sum += word;
	}
	if (seg->data_len > 0) {
		memcpy(p + header_octets, seg->data, seg->data_len);
		sum += checksum_sum(seg->data, seg->data_len);
	}
	uint16_t tcp_checksum = route->by_nic & FRAME_TCP_CHECKSUM_BY_NIC ? checksum_fold(pseudo)
									  : checksum_of_sum(sum);
	put_be32(p + 16, (uint32_t)tcp_checksum << 16);
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
	write_tcp(ip + ip_octets, route, seg, tcp_header);
	return total;
}
