#include "lib/tcpstack/checksum.h"

#include "lib/tcpstack/bytes.h"

// Words are added as they lie in memory, eight octets at a time, and the sum is turned round at the
// end: it does not care (RFC 1071 section 2).
static uint64_t sum_words(const uint8_t *octets, size_t len) {
	uint64_t sum = 0, eight;
	uint32_t four = 0;
	uint16_t two = 0, last = 0;
	for (; len >= 8; octets += 8, len -= 8) {
		memcpy(&eight, octets, sizeof(eight));
		sum += (eight & UINT32_MAX) + (eight >> 32);
	}
	if (len >= 4) {
		memcpy(&four, octets, sizeof(four));
		octets += 4;
		len -= 4;
	}
	if (len >= 2) {
		memcpy(&two, octets, sizeof(two));
		octets += 2;
		len -= 2;
	}
	if (len > 0)
		memcpy(&last, octets, 1);
	return sum + four + two + last;
}

static uint16_t host_order(uint16_t v) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return __builtin_bswap16(v);
#else
	return v;
#endif
}

uint16_t checksum_sum(const uint8_t *octets, size_t len) {
	return host_order(checksum_fold(sum_words(octets, len)));
}

uint16_t checksum(const uint8_t *octets, size_t len) {
	return (uint16_t)~checksum_sum(octets, len);
}

uint64_t checksum_pseudo_sum(
	const struct ip_addr *src, const struct ip_addr *dst, uint8_t protocol, size_t len) {
	if (addr_is_v4(src))
		return (uint64_t)get_be32(addr_v4(src)) + get_be32(addr_v4(dst)) + protocol + len;
	uint64_t addrs =
		sum_words(src->octets, ADDR6_OCTETS) + sum_words(dst->octets, ADDR6_OCTETS);
	return (uint64_t)host_order(checksum_fold(addrs)) + protocol + len;
}

uint16_t checksum_pseudo(const struct ip_addr *src, const struct ip_addr *dst, uint8_t protocol,
	const uint8_t *octets, size_t len) {
	return checksum_of_sum(
		checksum_pseudo_sum(src, dst, protocol, len) + checksum_sum(octets, len));
}
