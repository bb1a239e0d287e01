// tfosim's side of the wire: a DPDK port, started, and the frames that its queues could not take
// yet.
#pragma once

#include "app/tfosim/options.h"

#include <rte_ethdev.h>

#define WIRE_TX_FRAMES 64

struct wire_queue {
	struct rte_mbuf *frames[WIRE_TX_FRAMES];
	unsigned int nb; // below WIRE_TX_FRAMES, or the queue is full
};

struct wire_counters {
	uint64_t rx, tx;
	uint64_t tx_refused; // times that the driver took less than it was given
	uint64_t unlinked;   // frames that nobody was there to take
};

struct wire {
	uint16_t port_id;
	char driver[64];
	unsigned int nb_queues;
	bool is_unspread;
	struct rte_mempool *rx_pool, *tx_pool;
	struct wire_queue queues[OPTIONS_MAX_QUEUES];
	struct wire_counters counters;
};

// The first port that there is. 0, or the exit code; a line is on stderr.
int wire_open(struct wire *w, const struct options *o);
void wire_close(struct wire *w);

// Whether a frame can be handed to any of the queues.
bool wire_has_room(const struct wire *w);

// Put a frame on the queue that it is spread to; there is room. The mbuf is the wire's now.
void wire_send(struct wire *w, struct rte_mbuf *m);

// Hand over what has gathered, as much as the driver takes.
void wire_flush(struct wire *w);

// Frames that were lost because the driver had no mbuf, or by the device.
uint64_t wire_losses(const struct wire *w);
