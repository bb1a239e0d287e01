#include "lib/tcpstack/syn_frame.h"

#include "lib/tcpstack/frame_parts.h"

#include <assert.h>

// Octets as they lie in memory, whatever the machine's order: a sum of 16-bit words (RFC 1071
// section 2) does not care, as long as it is stored as it was loaded.
static uint32_t load32(const uint8_t *p) {
	uint32_t v;
	memcpy(&v, p, sizeof(v));
	return v;
}

static void store16(uint8_t *p, uint16_t v) {
	memcpy(p, &v, sizeof(v));
}

static void store32(uint8_t *p, uint32_t v) {
	memcpy(p, &v, sizeof(v));
}

static uint16_t swap16(uint16_t v) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return __builtin_bswap16(v);
#else
	return v;
#endif
}

static uint32_t swap32(uint32_t v) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return __builtin_bswap32(v);
#else
	return v;
#endif
}

static uint16_t fold(uint64_t sum) {
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

// Of the octets that stand there, an even number.
static uint32_t sum_of(const uint8_t *octets, size_t len) {
	uint64_t sum = 0;
	for (size_t i = 0; i < len; i += 2) {
		uint16_t v;
		memcpy(&v, octets + i, sizeof(v));
		sum += v;
	}
	return fold(sum);
}

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
		store32(p->octets + p->tsval_offset, 0);
	store16(tcp + 16, 0);
	size_t tcp_octets = (size_t)(p->len - p->tcp_offset);
	uint64_t sum = sum_of(tcp, tcp_octets) + (uint64_t)swap16(PROTO_TCP) +
		       swap16((uint16_t)tcp_octets);
	if (is_v4) {
		store16(ip + 10, 0);
		p->ip_sum = sum_of(ip, IPV4_HEADER_OCTETS);
		p->tcp_sum = fold(sum + sum_of(ip + 12, ADDR4_OCTETS));
	} else {
		p->tcp_sum = fold(sum + sum_of(ip + 8, ADDR6_OCTETS));
	}
}

static uint64_t write_ipv4(
	uint8_t *ip, const struct syn_pattern *p, const struct syn_fields *fields) {
	uint32_t dst = load32(addr_v4(fields->dst));
	uint16_t id = swap16(fields->ip_id);
	store16(ip + 4, id);
	store32(ip + 16, dst);
	store16(ip + 10, (uint16_t)~fold((uint64_t)p->ip_sum + id + dst));
	return dst;
}

static uint64_t write_ipv6(uint8_t *ip, const struct syn_fields *fields) {
	store32(ip, swap32(6u << 28 | (fields->flow_label & 0xfffff)));
	memcpy(ip + 24, fields->dst->octets, ADDR6_OCTETS);
	uint64_t sum = 0;
	for (unsigned int i = 0; i < ADDR6_OCTETS; i += 4)
		sum += load32(fields->dst->octets + i);
	return sum;
}

void syn_frame_write(uint8_t *buf, const struct syn_pattern *p, const struct syn_fields *fields) {
	for (unsigned int i = 0; i < p->copy_octets; i += 16)
		memcpy(buf + i, p->octets + i, 16);
	memcpy(buf, fields->dst_mac, MAC_OCTETS);
	uint8_t *ip = buf + ETHER_HEADER_OCTETS, *tcp = buf + p->tcp_offset;
	uint64_t sum = p->tcp_sum;
	if (p->tcp_offset == ETHER_HEADER_OCTETS + IPV4_HEADER_OCTETS)
		sum += write_ipv4(ip, p, fields);
	else
		sum += write_ipv6(ip, fields);
	uint32_t ports = swap32((uint32_t)fields->sport << 16 | fields->dport);
	uint32_t seq = swap32(fields->seq), tsval = swap32(fields->tsval);
	store32(tcp, ports);
	store32(tcp + 4, seq);
	sum += (uint64_t)ports + seq;
	if (p->tsval_offset != 0) {
		uint8_t *at = buf + p->tsval_offset;
		store32(at, tsval);
		sum += tsval;
	}
	store16(tcp + 16, (uint16_t)~fold(sum));
}
