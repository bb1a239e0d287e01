// A target on its way from the reader to the worker that its address belongs to; through an
// rte_ring, so its size is a multiple of four.
#pragma once

#include "lib/tcpstack/addr.h"

struct job {
	struct ip_addr addr;
	uint64_t text;	// jobtext handle
	uint64_t index; // its position in the lists, see targets_position
	uint16_t port;
	uint8_t first_ordinal; // of its connections, see struct target
	uint8_t unused;
	uint32_t lists; // generation of the lists that permit it, see lib/permit.h
};
