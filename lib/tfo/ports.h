// Local ports. A worker has a part of their range, so a local port tells its owner. Where the NIC
// spreads frames by a Toeplitz hash, the port is also chosen such that the replies come to that
// worker's queue. The hash is linear: that of a reply is the one of its other fields xor that of
// our port. So the ports of a part fall into classes, one for each value of the hash's low bits,
// and which classes lead to a queue follows from the other fields without a search.
//
//	class of the port  =  low bits of the hash of all else  xor  an entry that leads to the
// queue
//
// The ports of one target are a list: entry first, then place in the class. A target begins where
// its keyed hash says; the list is never written down. No allocation here: lib/steer.h fills the
// tables.
#pragma once

#include "lib/tcpstack/addr.h"

struct port_range {
	uint16_t first, count;
};

// Of the indirection table (RETA) of a NIC; a power of two.
#define PORTS_MAX_ENTRIES 2048

// One address family. All hashes are the low 16 bits of the Toeplitz hash.
struct ports_family {
	uint16_t ours;			   // of our address
	uint16_t raddr[ADDR6_OCTETS][256]; // of each octet of theirs; IPv4 has the last four
	uint16_t rport[2][256], lport[2][256];
	uint16_t nb_each;	  // ports that are used of a class, the same in all classes
	const uint16_t *by_class; // nb_each ports a class, class after class
	const uint16_t *place_of; // of each port of the part, in its class; from nb_each on: unused
};

struct ports_steering {
	uint16_t mask;	   // entries of the RETA less one
	uint16_t nb_good;  // entries that lead to our queue
	uint32_t per_good; // 2^32 / nb_good, rounded up; 0 for 1
	uint16_t good[PORTS_MAX_ENTRIES];
	uint16_t good_of[PORTS_MAX_ENTRIES]; // the inverse; PORTS_MAX_ENTRIES: leads elsewhere
	struct ports_family v4, v6;
};

struct ports {
	uint16_t first, count;		       // the worker's part
	const struct ports_steering *steering; // NULL: all ports of the part serve
};

// A place in a list of nb, evenly by 32 bits of a hash.
static inline uint32_t ports_place(uint32_t hash, uint32_t nb) {
	return (uint32_t)((uint64_t)hash * nb >> 32);
}

uint16_t ports_choose_steered(const struct ports *p, uint64_t target_hash,
	const struct ip_addr *raddr, uint16_t rport, unsigned int ordinal);

// The local port of a target's connection number ordinal, from 0. target_hash is keyed and evenly
// spread. Ports of ordinals that differ by less than ports_nb() differ.
static inline uint16_t ports_choose(const struct ports *p, uint64_t target_hash,
	const struct ip_addr *raddr, uint16_t rport, unsigned int ordinal) {
	if (p->steering)
		return ports_choose_steered(p, target_hash, raddr, rport, ordinal);
	uint32_t i = ports_place((uint32_t)(target_hash >> 32), p->count) + ordinal;
	while (i >= p->count)
		i -= p->count;
	return (uint16_t)(p->first + i);
}

// The inverse: the smallest ordinal with this port, or UINT32_MAX if the target has none.
uint32_t ports_ordinal(const struct ports *p, uint64_t target_hash, const struct ip_addr *raddr,
	uint16_t rport, uint16_t lport);

// How many ports a target of that family has.
uint32_t ports_nb(const struct ports *p, bool is_v4);
