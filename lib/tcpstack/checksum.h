// The Internet checksum (RFC 1071), and that of TCP and ICMPv6 with their pseudo-headers
// (RFC 9293 section 3.1, RFC 8200 section 8.1).
#pragma once

#include "lib/tcpstack/addr.h"

#include <stddef.h>
#include <stdint.h>

// The checksum of len octets, host order, ready to be written with put_be16. Over octets that
// include a right checksum it is 0.
uint16_t checksum(const uint8_t *octets, size_t len);

// The parts of one that is put together: the sum of so many octets, and of a pseudo-header with len
// octets behind it. Words that the caller knows are added as numbers, of 16 or of 32 bits, so that
// nobody has to read what was just written.
uint16_t checksum_sum(const uint8_t *octets, size_t len);
uint64_t checksum_pseudo_sum(
	const struct ip_addr *src, const struct ip_addr *dst, uint8_t protocol, size_t len);

// A sum in 16 bits. That of a pseudo-header alone is what a NIC that makes the checksum itself
// wants to find in its place.
static inline uint16_t checksum_fold(uint64_t sum) {
	// without a branch: how often it takes depends on the sum
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

static inline uint16_t checksum_of_sum(uint64_t sum) {
	return (uint16_t)~checksum_fold(sum);
}

// The same over pseudo-header and payload. Both addresses are of one family; protocol is the
// IP protocol number.
uint16_t checksum_pseudo(const struct ip_addr *src, const struct ip_addr *dst, uint8_t protocol,
	const uint8_t *octets, size_t len);
