// Frames under construction: a captured one, changed in one place, its checksums made right again.
#pragma once

#include "lib/tcpstack/frame.h"

#include "lib/tcpstack/bytes.h"
#include "lib/tcpstack/checksum.h"
#include "tests/unit/tcpstack/captured.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define IP_AT ETHER_HEADER_OCTETS
#define TCP4_AT (IP_AT + 20)
#define TCP6_AT (IP_AT + 40)
#define ICMP_OCTETS 8
#define QUOTE4_AT (TCP4_AT + ICMP_OCTETS)
#define QUOTE6_AT (TCP6_AT + ICMP_OCTETS)

#define PROTO_ICMP 1
#define PROTO_TCP 6
#define PROTO_UDP 17
#define PROTO_ICMPV6 58

#define NB(array) (sizeof(array) / sizeof((array)[0]))

// With room behind it.
struct draft {
	uint8_t octets[512];
	size_t len;
};

#define COPY(captured) copy(captured, sizeof(captured))

static inline struct draft copy(const uint8_t *octets, size_t len) {
	struct draft d = {.len = len};
	memcpy(d.octets, octets, len);
	return d;
}

// From a block that ends where the frame does, so that a sanitizer sees what is read beyond.
static inline enum frame_kind parse_cut(
	const uint8_t *octets, size_t len, enum frame_trust trust, struct frame *out) {
	uint8_t *block = malloc(len + 1) /* malloc(0) may be NULL */, *start = block + 1;
	memcpy(start, octets, len);
	enum frame_kind kind = frame_parse(start, len, trust, out);
	free(block);
	return kind;
}

static inline enum frame_kind kind_of(const struct draft *d) {
	struct frame f;
	return parse_cut(d->octets, d->len, FRAME_TRUST_NOTHING, &f);
}

static inline enum frame_kind kind_with_trust(const struct draft *d, enum frame_trust trust) {
	struct frame f;
	return parse_cut(d->octets, d->len, trust, &f);
}

static inline void mend_ipv4(struct draft *d) {
	uint8_t *ip = d->octets + IP_AT;
	put_be16(ip + 10, 0);
	put_be16(ip + 10, checksum(ip, (size_t)(ip[0] & 15) * 4));
}

static inline void mend_icmp(struct draft *d) {
	uint8_t *icmp = d->octets + TCP4_AT;
	put_be16(icmp + 2, 0);
	put_be16(icmp + 2, checksum(icmp, d->len - TCP4_AT));
}

static inline void mend_icmp6(struct draft *d) {
	uint8_t *icmp = d->octets + TCP6_AT;
	struct ip_addr src = addr_from_v6(d->octets + IP_AT + 8);
	struct ip_addr dst = addr_from_v6(d->octets + IP_AT + 24);
	put_be16(icmp + 2, 0);
	put_be16(icmp + 2, checksum_pseudo(&src, &dst, PROTO_ICMPV6, icmp, d->len - TCP6_AT));
}

static inline void mend_tcp4(struct draft *d) {
	uint8_t *tcp = d->octets + TCP4_AT;
	struct ip_addr src = addr_from_v4(d->octets + IP_AT + 12);
	struct ip_addr dst = addr_from_v4(d->octets + IP_AT + 16);
	put_be16(tcp + 16, 0);
	put_be16(tcp + 16, checksum_pseudo(&src, &dst, PROTO_TCP, tcp, d->len - TCP4_AT));
}

// The frame ends after its first len octets, and its IP header says so.
static inline void end_ipv4_at(struct draft *d, size_t len) {
	d->len = len;
	put_be16(d->octets + IP_AT + 2, (uint16_t)(len - IP_AT));
	mend_ipv4(d);
}

static inline void end_ipv6_at(struct draft *d, size_t len) {
	d->len = len;
	put_be16(d->octets + IP_AT + 4, (uint16_t)(len - TCP6_AT));
}

static inline struct ip_addr v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
	return addr_from_v4((const uint8_t[]){a, b, c, d});
}

static inline struct ip_addr v6(uint16_t group, uint8_t last) {
	struct ip_addr a = {.octets = {0x20, 0x01, 0x0d, 0xb8, [15] = last}};
	put_be16(a.octets + 4, group);
	return a;
}

// Every shorter length is called truncated, and the whole is not.
static inline void truncated_at_every_length(const uint8_t *octets, size_t len) {
	for (size_t cut = 0; cut < len; cut++) {
		struct frame f;
		cr_assert_eq(parse_cut(octets, cut, FRAME_TRUST_NOTHING, &f), FRAME_TRUNCATED,
			"length %zu", cut);
	}
	struct frame f;
	cr_assert_neq(parse_cut(octets, len, FRAME_TRUST_NOTHING, &f), FRAME_TRUNCATED);
}
