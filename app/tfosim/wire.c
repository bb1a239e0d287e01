#include "app/tfosim/wire.h"

#include "app/exit_code.h"
#include "app/say.h"
#include "app/tfosim/spread.h"

#include <rte_errno.h>

#include <string.h>

#define RX_DESCRIPTORS 1024
#define TX_DESCRIPTORS 1024
#define BURST 32
#define MBUF_CACHE 256
// Behind the headroom there is room for FRAME_MAX_OCTETS; a multiple of the cache line.
#define TX_BUFFER_OCTETS (RTE_PKTMBUF_HEADROOM + 1536)

static struct rte_mempool *create_pool(
	const char *name, unsigned int nb, uint16_t octets, int socket_id) {
	struct rte_mempool *pool =
		rte_pktmbuf_pool_create(name, nb, MBUF_CACHE, 0, octets, socket_id);
	if (!pool)
		say("no memory for %u mbufs (%s): reserve hugepages (sysctl vm.nr_hugepages=512), "
		    "give less --in-flight, or --no-huge -m 1024 before --",
			nb, rte_strerror(rte_errno));
	return pool;
}

static int create_pools(struct wire *w, const struct options *o, int socket_id) {
	unsigned int nb_rx = w->nb_queues * (RX_DESCRIPTORS + BURST) + 2 * MBUF_CACHE;
	unsigned int nb_tx = w->nb_queues * (TX_DESCRIPTORS + WIRE_TX_FRAMES) + 2 * MBUF_CACHE;
	w->rx_pool = create_pool("rx", nb_rx, RTE_MBUF_DEFAULT_BUF_SIZE, socket_id);
	if (!w->rx_pool)
		return EXIT_CANNOT;
	w->tx_pool = create_pool("tx", nb_tx + o->nb_delayed, TX_BUFFER_OCTETS, socket_id);
	return w->tx_pool ? 0 : EXIT_CANNOT;
}

static int configure(struct wire *w, unsigned int socket_id) {
	const struct rte_eth_conf conf = {0};
	uint16_t nb = (uint16_t)w->nb_queues, nb_rx = RX_DESCRIPTORS, nb_tx = TX_DESCRIPTORS;
	int ret = rte_eth_dev_configure(w->port_id, nb, nb, &conf);
	if (ret == 0)
		ret = rte_eth_dev_adjust_nb_rx_tx_desc(w->port_id, &nb_rx, &nb_tx);
	for (uint16_t q = 0; ret == 0 && q < nb; q++) {
		ret = rte_eth_rx_queue_setup(w->port_id, q, nb_rx, socket_id, NULL, w->rx_pool);
		if (ret == 0)
			ret = rte_eth_tx_queue_setup(w->port_id, q, nb_tx, socket_id, NULL);
	}
	if (ret == 0)
		ret = rte_eth_dev_start(w->port_id);
	if (ret == 0)
		return 0;
	say("port %u (%s) cannot be started with %u queues: %s", w->port_id, w->driver, nb,
		strerror(-ret));
	return EXIT_CANNOT;
}

int wire_open(struct wire *w, const struct options *o) {
	*w = (struct wire){.nb_queues = o->nb_queues, .is_unspread = o->is_unspread};
	struct rte_eth_dev_info info;
	if (rte_eth_dev_count_avail() == 0) {
		say("DPDK has no port: give one before --, such as --vdev "
		    "net_memif0,role=server,id=0,socket=/run/tfosim.sock");
		w->nb_queues = 0;
		return EXIT_CANNOT;
	}
	w->port_id = (uint16_t)rte_eth_find_next_owned_by(0, RTE_ETH_DEV_NO_OWNER);
	int ret = rte_eth_dev_info_get(w->port_id, &info);
	if (ret < 0) {
		say("port %u: %s", w->port_id, strerror(-ret));
		w->nb_queues = 0;
		return EXIT_CANNOT;
	}
	snprintf(w->driver, sizeof(w->driver), "%s", info.driver_name);
	int socket_id = rte_eth_dev_socket_id(w->port_id);
	if (socket_id < 0)
		socket_id = (int)rte_socket_id();
	int code = create_pools(w, o, socket_id);
	if (code == 0)
		code = configure(w, (unsigned int)socket_id);
	if (code == 0) // drivers that can't do it show at once that nothing comes
		rte_eth_promiscuous_enable(w->port_id);
	return code;
}

void wire_close(struct wire *w) {
	for (unsigned int q = 0; q < w->nb_queues; q++)
		rte_pktmbuf_free_bulk(w->queues[q].frames, w->queues[q].nb);
	if (w->nb_queues > 0) {
		rte_eth_dev_stop(w->port_id);
		rte_eth_dev_close(w->port_id);
	}
	rte_mempool_free(w->rx_pool);
	rte_mempool_free(w->tx_pool);
}

bool wire_has_room(const struct wire *w) {
	for (unsigned int q = 0; q < w->nb_queues; q++) {
		if (w->queues[q].nb == WIRE_TX_FRAMES)
			return false;
	}
	return true;
}

// Nobody at the other end: what was on its way is lost, as on a cable that is pulled.
static void drop_if_unlinked(struct wire *w, struct wire_queue *queue) {
	struct rte_eth_link link;
	if (rte_eth_link_get_nowait(w->port_id, &link) < 0 || link.link_status)
		return;
	rte_pktmbuf_free_bulk(queue->frames, queue->nb);
	w->counters.unlinked += queue->nb;
	queue->nb = 0;
}

// What the driver does not take stays, in its order.
static void flush_queue(struct wire *w, uint16_t q) {
	struct wire_queue *queue = &w->queues[q];
	if (queue->nb == 0)
		return;
	uint16_t nb_sent = rte_eth_tx_burst(w->port_id, q, queue->frames, (uint16_t)queue->nb);
	w->counters.tx += nb_sent;
	if (nb_sent < queue->nb) {
		w->counters.tx_refused++;
		memmove(queue->frames, queue->frames + nb_sent,
			(queue->nb - nb_sent) * sizeof(queue->frames[0]));
	}
	queue->nb -= nb_sent;
	if (nb_sent == 0)
		drop_if_unlinked(w, queue);
}

void wire_send(struct wire *w, struct rte_mbuf *m) {
	unsigned int nb_queues = w->is_unspread ? 1 : w->nb_queues;
	unsigned int q = spread_queue(
		rte_pktmbuf_mtod(m, const uint8_t *), rte_pktmbuf_data_len(m), nb_queues);
	struct wire_queue *queue = &w->queues[q];
	queue->frames[queue->nb++] = m;
	if (queue->nb == WIRE_TX_FRAMES)
		flush_queue(w, (uint16_t)q);
}

void wire_flush(struct wire *w) {
	for (unsigned int q = 0; q < w->nb_queues; q++)
		flush_queue(w, (uint16_t)q);
}

uint64_t wire_losses(const struct wire *w) {
	struct rte_eth_stats stats;
	if (rte_eth_stats_get(w->port_id, &stats) != 0)
		return 0;
	return stats.imissed + stats.ierrors + stats.rx_nombuf;
}
