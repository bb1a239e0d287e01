// Steering: the tables of lib/tfo/ports.h out of what a NIC says of its receive-side scaling, the
// key of its Toeplitz hash and its indirection table (RETA). The NIC hashes source address,
// destination address, source port, destination port of TCP over IPv4 and over IPv6, and takes the
// hash's low bits for the RETA.
#pragma once

#include "lib/tfo/numbers.h"

#include <stddef.h>

// What the hash of the longest tuple reads; the key may be longer.
#define STEER_KEY_OCTETS 40

struct steer {
	uint16_t nb_entries; // 0: no steering; else a power of two, PORTS_MAX_ENTRIES at most
	uint8_t key[STEER_KEY_OCTETS];
	uint8_t queues[PORTS_MAX_ENTRIES]; // the RETA
};

// Octets of the tables for so many ports.
size_t steer_octets(uint16_t nb_ports);

// The steering of the worker with this queue and part of the ports. memory: steer_octets(), aligned
// for a struct ports_steering; all of it belongs to the result. NULL: its replies can't be steered,
// as fewer than NUMBERS_MAX_CONNECTIONS ports for a target would lead to the queue.
const struct ports_steering *steer_build(const struct steer *steer, uint16_t queue,
	const struct port_range *range, const struct ip_addr *laddr4, const struct ip_addr *laddr6,
	void *memory);

// The queue of a reply by the plain definition, bit by bit: for counting and checking.
uint16_t steer_queue(const struct steer *steer, const struct ip_addr *raddr,
	const struct ip_addr *laddr, uint16_t rport, uint16_t lport);
