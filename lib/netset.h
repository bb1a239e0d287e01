// Networks and addresses of both families as one row of addresses: element i of all that they
// cover, each address once, however the networks overlap.
//
//	netset_init → netset_add … → netset_seal → netset_size, netset_at, netset_covers
//
// Sealed, it is a sorted array of disjoint ranges, with how many addresses lie before each: both
// questions are a binary search, read only, and may be asked by any number of threads. 40 octets a
// range. The mapped form of IPv4 (::ffff:0:0/96) belongs to IPv4: an IPv6 network that holds it
// must not be added.
#pragma once

#include "lib/tcpstack/addr.h"

#include <stddef.h>

// Addresses of all networks together: so the number and the sum of two fit 64 bits.
#define NETSET_MAX_ADDRESSES (UINT64_C(1) << 63)
// The shortest prefix of IPv6 that is within that.
#define NETSET_MIN_PREFIX6 65

struct netrange;

struct netset {
	struct netrange *ranges;
	size_t nb, capacity;
	uint64_t nb_addresses; // when sealed
};

void netset_init(struct netset *set);
void netset_free(struct netset *set); // empty again, as after netset_init

// bits: of the address's own family, 0 to 32 or NETSET_MIN_PREFIX6 to 128; host bits don't count.
// 0 or -ENOMEM.
int netset_add(struct netset *set, const struct ip_addr *addr, unsigned int bits);

// Sort and merge; after it nothing may be added. -EOVERFLOW: more than NETSET_MAX_ADDRESSES.
int netset_seal(struct netset *set);

uint64_t netset_size(const struct netset *set);

// In ascending order, IPv4 as its mapped form; i < netset_size.
struct ip_addr netset_at(const struct netset *set, uint64_t i);

bool netset_covers(const struct netset *set, const struct ip_addr *addr);
