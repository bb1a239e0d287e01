// Rules of rte_flow: TCP to the local ports of each worker goes to its queue. For a NIC that has
// these, and no RSS that can be steered.
#pragma once

#include "lib/tfo/ports.h"

#include <stdbool.h>

struct rte_flow;

#define PORT_FLOW_MAX_RULES 128 // one a worker and family

// How a rule names ports. Few NICs know ranges; all that compare under a mask know blocks.
enum port_flow_form {
	PORT_FLOW_BLOCKS, // a power of two of them, aligned to their number
	PORT_FLOW_RANGES,
};

struct port_flow {
	struct rte_flow *rules[PORT_FLOW_MAX_RULES];
	unsigned int nb;
};

// The parts of the range, as measure_ports has them, one for each queue from 0 on, of each family.
// All rules or none. NULL, or what the driver says against it.
const char *port_flow_make(struct port_flow *f, uint16_t port_id, enum port_flow_form form,
	const struct port_range *all, unsigned int nb_queues, bool has_v4, bool has_v6);

// The NIC forgets them. Before the port is stopped; one that has none is fine.
void port_flow_destroy(struct port_flow *f, uint16_t port_id);
