// The DPDK port: found or made, configured for so many workers, started.
#pragma once

#include "app/network.h"
#include "app/port_flow.h"
#include "app/port_plan.h"
#include "lib/steer.h"

#include <rte_ethdev.h>

struct port {
	uint16_t id;
	unsigned int nb_queues; // each RX and TX; the number of workers that can be
	int socket_id;
	char driver[64];
	uint16_t mtu;
	// checksums of our segments that the NIC makes: enum frame_by_nic, for struct frame_route
	// and tx_offload_mark
	unsigned int by_nic;
	struct rte_mempool *pool;
	struct steer steer;	// without entries: RSS steers nothing
	struct port_flow flows; // rules that do it in its place
};

// What a scan with so many workers asks of any port.
struct port_wishes port_wishes_of(const struct options *o, unsigned int nb_workers);

// 0, or the exit code; a line is on stderr. Fills the MAC of net->hop.
int port_open(
	struct port *p, const struct options *o, struct network *net, unsigned int nb_workers);
void port_close(struct port *p);
