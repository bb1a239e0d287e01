#include "lib/tcpstack/checksum.h"

#include "lib/tcpstack/bytes.h"

static uint64_t sum_words(uint64_t sum, const uint8_t *octets, size_t len) {
	size_t i = 0;
	for (; i + 3 < len; i += 4)
		sum += get_be32(octets + i);
	if (i + 1 < len) {
		sum += get_be16(octets + i);
		i += 2;
	}
	if (i < len)
		sum += (uint64_t)octets[i] << 8;
	return sum;
}

static uint16_t fold(uint64_t sum) {
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

uint16_t checksum(const uint8_t *octets, size_t len) {
	return fold(sum_words(0, octets, len));
}

uint16_t checksum_pseudo(const struct ip_addr *src, const struct ip_addr *dst, uint8_t protocol,
	const uint8_t *octets, size_t len) {
	size_t skip = addr_is_v4(src) ? ADDR6_OCTETS - ADDR4_OCTETS : 0;
	uint64_t sum = protocol + (uint64_t)len;
	sum = sum_words(sum, src->octets + skip, ADDR6_OCTETS - skip);
	sum = sum_words(sum, dst->octets + skip, ADDR6_OCTETS - skip);
	return fold(sum_words(sum, octets, len));
}
