// A set of addresses of both families, given as ranges: which addresses it covers is found in some
// tens of nanoseconds, however many ranges there are.
//
//	addrset_add … → addrset_seal → addrset_covers, addrset_network
//
// Sealed, it is a sorted array of disjoint ranges a family, and an index by the first bits of an
// address that says which few of them to look at. Who only reads may do so from any thread. Both
// families are apart: ::/0 covers no IPv4, and neither does ::ffff:0:0/96.
#pragma once

#include "lib/tcpstack/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// An address as a number, IPv4 in the lowest 32 bits.
__extension__ typedef unsigned __int128 addrset_number;

struct addrset_range {
	addrset_number first, last; // both are covered
};

struct addrset_family {
	struct addrset_range *ranges;
	size_t nb, room;
	uint32_t *starts;   // for each value of the first bits: the first range that begins there
	unsigned int shift; // of an address, for its first bits
};

// Begin with zeroes.
struct addrset {
	struct addrset_family v4, v6;
	bool is_sealed;
};

void addrset_free(struct addrset *set); // empty again, and open

// first <= last. 0 or -ENOMEM.
int addrset_add(struct addrset *set, bool is_v4, addrset_number first, addrset_number last);

// After it nothing may be added. 0 or -ENOMEM, then it is not sealed.
int addrset_seal(struct addrset *set);

bool addrset_covers(const struct addrset *set, const struct ip_addr *addr);

// Addresses of IPv4 that are covered, 0 to 2^32.
uint64_t addrset_nb_ipv4(const struct addrset *set);

bool addrset_is_empty(const struct addrset *set);

// Where a walk over the networks is; begin with zeroes.
struct addrset_walk {
	bool is_in_v6;
	size_t range;
	addrset_number done; // addresses of that range
};

// The next network of those that, together, are the set: the largest that fit, IPv4 first, in
// ascending order. bits: of the address's own family. False: there are no more.
bool addrset_network(const struct addrset *set, struct addrset_walk *walk, struct ip_addr *addr,
	unsigned int *bits);
