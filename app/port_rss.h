// Receive-side scaling of the port: asked for, and read back, as the ports of the connections are
// chosen by it (lib/steer.h).
#pragma once

#include "lib/steer.h"

#include <rte_ethdev.h>

// Before the port is configured: hashes of TCP, where the NIC has them.
void port_rss_wish(
	const struct rte_eth_dev_info *info, unsigned int nb_queues, struct rte_eth_conf *conf);

// After it was started: what the NIC says that it does. Without RSS that can be told in advance,
// steer->nb_entries is 0, and frames are handed over in software. Returns why, or NULL.
const char *port_rss_read(uint16_t port_id, unsigned int nb_queues, struct steer *steer);

// The NIC is said to hash with this key into 128 entries in which the queues take turns.
void port_rss_by_hand(
	const uint8_t key[STEER_KEY_OCTETS], unsigned int nb_queues, struct steer *steer);
