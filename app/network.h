// How frames leave: source addresses, subnets, gateways and MACs, out of the options and of what
// the kernel knows of the interface; and the gateways' MACs, asked for on the wire.
#pragma once

#include "app/options.h"
#include "app/worker.h"
#include "lib/iface.h"

struct network {
	struct next_hop hop;
	struct ip_addr gateway4, gateway6; // whose MACs are to be asked for
	bool ask_gateway4, ask_gateway6;
	bool kernel_owns_source;
	bool has_iface;
	struct iface_info iface; // of -i
};

// Fill all but the MACs, without sending anything. 0, or the exit code; a line is on stderr.
int network_plan(struct network *net, const struct options *o);

// Ask for the gateways' MACs, and whether anybody else has our addresses. The port is started.
// 0, or the exit code; a line is on stderr.
int network_resolve(struct network *net, uint16_t port_id, unsigned int nb_queues,
	struct rte_mempool *pool, const struct tsc_clock *clock);
