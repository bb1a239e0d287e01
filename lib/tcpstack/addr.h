// An IPv4 or IPv6 address: always 16 octets in network order, IPv4 as ::ffff:a.b.c.d
// (RFC 4291 section 2.5.5.2), so that both families share tables, keys and code.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define ADDR4_OCTETS 4
#define ADDR6_OCTETS 16

struct ip_addr {
	uint8_t octets[ADDR6_OCTETS];
};

static inline struct ip_addr addr_from_v4(const uint8_t *v4) {
	struct ip_addr a = {.octets = {[10] = 0xff, [11] = 0xff}};
	memcpy(a.octets + 12, v4, ADDR4_OCTETS);
	return a;
}

static inline struct ip_addr addr_from_v6(const uint8_t *v6) {
	struct ip_addr a;
	memcpy(a.octets, v6, ADDR6_OCTETS);
	return a;
}

static inline bool addr_is_v4(const struct ip_addr *a) {
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	return memcmp(a->octets, mapped, sizeof(mapped)) == 0;
}

static inline const uint8_t *addr_v4(const struct ip_addr *a) {
	return a->octets + 12;
}

static inline bool addr_equal(const struct ip_addr *a, const struct ip_addr *b) {
	return memcmp(a, b, sizeof(*a)) == 0;
}

// The first len_bits of the address, counted in its own family, agree (len_bits 0 to 32 or 128).
static inline bool addr_in_prefix(
	const struct ip_addr *a, const struct ip_addr *prefix, unsigned int len_bits) {
	if (addr_is_v4(a) != addr_is_v4(prefix))
		return false;
	if (addr_is_v4(a))
		len_bits += 96;
	unsigned int whole = len_bits / 8, rest = len_bits % 8;
	if (memcmp(a->octets, prefix->octets, whole) != 0)
		return false;
	uint8_t mask = (uint8_t)(0xff00u >> rest);
	return rest == 0 || ((a->octets[whole] ^ prefix->octets[whole]) & mask) == 0;
}
