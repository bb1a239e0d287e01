// How frames leave; the same for all workers, and settled before they start.
#pragma once

#include "lib/tcpstack/frame.h"

struct next_hop {
	uint8_t our_mac[MAC_OCTETS];
	struct ip_addr laddr4, laddr6;
	bool has_v4, has_v6;
	// targets in these networks are asked for their own MAC; all others go to the gateway
	bool has_onlink4, has_onlink6;
	uint8_t prefix4_bits, prefix6_bits;
	bool has_gateway4, has_gateway6;
	uint8_t gateway4_mac[MAC_OCTETS], gateway6_mac[MAC_OCTETS];
};

static inline bool next_hop_owns(const struct next_hop *hop, const struct ip_addr *addr) {
	return (hop->has_v4 && addr_equal(addr, &hop->laddr4)) ||
	       (hop->has_v6 && addr_equal(addr, &hop->laddr6));
}

static inline bool next_hop_is_onlink(const struct next_hop *hop, const struct ip_addr *addr) {
	if (addr_is_v4(addr))
		return hop->has_onlink4 && addr_in_prefix(addr, &hop->laddr4, hop->prefix4_bits);
	return hop->has_onlink6 && addr_in_prefix(addr, &hop->laddr6, hop->prefix6_bits);
}

// Is there any way to the address: a source of its family, and a gateway or the link?
static inline bool next_hop_reaches(const struct next_hop *hop, const struct ip_addr *addr) {
	bool is_v4 = addr_is_v4(addr);
	if (!(is_v4 ? hop->has_v4 : hop->has_v6))
		return false;
	return (is_v4 ? hop->has_gateway4 : hop->has_gateway6) || next_hop_is_onlink(hop, addr);
}
