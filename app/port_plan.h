// What a port is asked for, within the limits that its driver tells: queues, descriptors, buffers,
// offloads. Nothing is assumed that the driver doesn't say. A port that refuses is asked for less.
#pragma once

#include <rte_ethdev.h>

#include <stdbool.h>

struct port_wishes {
	unsigned int nb_queues;	     // one a worker
	unsigned int mbufs_a_worker; // that it may hold besides those of its descriptors
	bool no_offloads;	     // checksums in software
};

struct port_plan {
	uint16_t nb_queues;		 // each RX and TX
	uint16_t nb_rx_desc, nb_tx_desc; // of each queue
	uint16_t mtu_octets;
	uint16_t buffer_octets; // of an mbuf, headroom included
	unsigned int nb_mbufs;
	uint64_t rx_offloads, tx_offloads;
	bool has_rss;
};

// The best that the port can do. NULL, or what it lacks, as the end of a sentence.
const char *port_plan_make(const struct rte_eth_dev_info *info, const struct port_wishes *wishes,
	struct port_plan *plan);

// For a port that refused the plan: leave something away. Returns what the plan is now without, or
// NULL: nothing is left that could be.
const char *port_plan_weaken(const struct rte_eth_dev_info *info, struct port_plan *plan);
