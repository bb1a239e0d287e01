#include "lib/tcpstack/syn_frame.h"

#include "lib/tcpstack/bytes.h"
#include "lib/tcpstack/checksum.h"
#include "lib/tcpstack/frame_parts.h"

#include <assert.h>

// No SYN with timestamps is shorter.
#define COPY_AT_ONCE 64

static uint8_t find_tsval(const uint8_t *tcp, const struct segment *seg, uint8_t tcp_offset) {
	struct tcpopt_iter it = tcpopt_begin(tcp + TCP_HEADER_OCTETS, seg->options_len);
	struct tcpopt opt;
	while (tcpopt_next(&it, &opt) == TCPOPT_FOUND) {
		if (opt.kind == TCPOPT_KIND_TIMESTAMPS && opt.len_octets == 8)
			return (uint8_t)(tcp_offset + (opt.value - tcp));
	}
	return 0;
}

void syn_pattern_init(
	struct syn_pattern *p, const uint8_t src_mac[MAC_OCTETS], const struct segment *seg) {
	assert(seg->data_len == 0);
	bool is_v4 = addr_is_v4(&seg->dst);
	static const uint8_t zeros[ADDR6_OCTETS];
	struct segment bare = *seg;
	bare.dst = is_v4 ? addr_from_v4(zeros) : addr_from_v6(zeros);
	bare.sport = bare.dport = 0;
	bare.seq = 0;
	struct frame_route route = {0};
	memcpy(route.src_mac, src_mac, MAC_OCTETS);
	*p = (struct syn_pattern){0};
	p->len = (uint8_t)frame_write(p->octets, sizeof(p->octets), &route, &bare);
	p->copy_octets = (uint8_t)((p->len + 15u) & ~15u);
	p->tcp_offset = ETHER_HEADER_OCTETS + (is_v4 ? IPV4_HEADER_OCTETS : IPV6_HEADER_OCTETS);
	uint8_t *ip = p->octets + ETHER_HEADER_OCTETS, *tcp = p->octets + p->tcp_offset;
	p->tsval_offset = find_tsval(tcp, seg, p->tcp_offset);
	if (p->tsval_offset != 0)
		put_be32(p->octets + p->tsval_offset, 0);
	put_be16(tcp + 16, 0);
	size_t tcp_octets = (size_t)(p->len - p->tcp_offset);
	p->tcp_sum =
		checksum_fold(checksum_pseudo_sum(&bare.src, &bare.dst, PROTO_TCP, tcp_octets) +
			      checksum_sum(tcp, tcp_octets));
	if (!is_v4)
		return;
	put_be16(ip + 10, 0);
	p->ip_sum = checksum_sum(ip, IPV4_HEADER_OCTETS);
}

static uint64_t write_ipv4(
	uint8_t *ip, const struct syn_pattern *p, const struct syn_fields *fields) {
	uint32_t dst = get_be32(addr_v4(fields->dst));
	put_be16(ip + 4, fields->ip_id);
	put_be32(ip + 16, dst);
	put_be16(ip + 10, checksum_of_sum((uint64_t)p->ip_sum + fields->ip_id + dst));
	return dst;
}

static uint64_t write_ipv6(uint8_t *ip, const struct syn_fields *fields) {
	put_be32(ip, 6u << 28 | (fields->flow_label & 0xfffff));
	memcpy(ip + 24, fields->dst->octets, ADDR6_OCTETS);
	uint64_t sum = 0;
	for (unsigned int i = 0; i < ADDR6_OCTETS; i += 4)
		sum += get_be32(fields->dst->octets + i);
	return sum;
}

void syn_frame_write(uint8_t *buf, const struct syn_pattern *p, const struct syn_fields *fields) {
	unsigned int nb_octets = p->copy_octets;
	memcpy(buf, p->octets, COPY_AT_ONCE);
	for (unsigned int i = COPY_AT_ONCE; i < nb_octets; i += 16)
		memcpy(buf + i, p->octets + i, 16);
	memcpy(buf, fields->dst_mac, MAC_OCTETS);
	uint8_t *ip = buf + ETHER_HEADER_OCTETS, *tcp = buf + p->tcp_offset;
	uint64_t sum = p->tcp_sum;
	if (p->tcp_offset == ETHER_HEADER_OCTETS + IPV4_HEADER_OCTETS)
		sum += write_ipv4(ip, p, fields);
	else
		sum += write_ipv6(ip, fields);
	uint32_t ports = (uint32_t)fields->sport << 16 | fields->dport;
	put_be32(tcp, ports);
	put_be32(tcp + 4, fields->seq);
	sum += (uint64_t)ports + fields->seq;
	if (p->tsval_offset != 0) {
		put_be32(buf + p->tsval_offset, fields->tsval);
		sum += fields->tsval;
	}
	put_be16(tcp + 16, checksum_of_sum(sum));
}
