#include "app/port_plan.h"

#include <string.h>

#define RX_DESCRIPTORS 1024
#define TX_DESCRIPTORS 1024
// With these a queue works, though a pause of its worker costs frames.
#define FEW_DESCRIPTORS 256
#define ETHER_OVERHEAD (RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN)
// A SYN-ACK with all its options, and a segment of the size that every path lets through.
#define LEAST_MTU 576
#define SPARE_MBUFS 4096

#define RX_CHECKSUMS (RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_TCP_CKSUM)
#define TX_CHECKSUMS (RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_TCP_CKSUM)

// A driver for cards of one queue (82540) and of two (82574). It tells of two for all, and what is
// given to the second of an 82540 never leaves; none spreads what comes.
#define ONE_QUEUE_DRIVER "net_e1000_em"

static unsigned int fewer(unsigned int a, unsigned int b) {
	return a < b ? a : b;
}

static unsigned int choose_queues(const struct rte_eth_dev_info *info, unsigned int nb_wanted) {
	if (info->driver_name && strcmp(info->driver_name, ONE_QUEUE_DRIVER) == 0)
		return 1;
	return fewer(nb_wanted, fewer(info->max_rx_queues, info->max_tx_queues));
}

// As many as wanted, or what the queue allows. A limit of 0 is none.
static uint16_t descriptors(unsigned int nb_wanted, const struct rte_eth_desc_lim *limits) {
	unsigned int align = limits->nb_align > 0 ? limits->nb_align : 1;
	unsigned int nb = nb_wanted;
	if (limits->nb_max > 0)
		nb = fewer(nb, limits->nb_max);
	nb -= nb % align;
	unsigned int least = limits->nb_min > align ? limits->nb_min : align;
	return (uint16_t)(nb > least ? nb : least);
}

static uint16_t choose_mtu(const struct rte_eth_dev_info *info) {
	unsigned int mtu = RTE_ETHER_MTU;
	if (info->max_mtu > 0)
		mtu = fewer(mtu, info->max_mtu);
	if (info->max_rx_pktlen > ETHER_OVERHEAD)
		mtu = fewer(mtu, info->max_rx_pktlen - ETHER_OVERHEAD);
	return (uint16_t)(mtu > info->min_mtu ? mtu : info->min_mtu);
}

// A frame lies in one buffer: nothing here looks at further segments.
static unsigned int choose_buffer(const struct rte_eth_dev_info *info, unsigned int mtu) {
	unsigned int room = RTE_MBUF_DEFAULT_DATAROOM;
	if (room < info->min_rx_bufsize)
		room = info->min_rx_bufsize;
	if (room < mtu + ETHER_OVERHEAD)
		room = mtu + ETHER_OVERHEAD;
	return room + RTE_PKTMBUF_HEADROOM;
}

static uint64_t choose_tx_offloads(const struct rte_eth_dev_info *info, bool no_offloads) {
	uint64_t wanted = no_offloads ? 0 : TX_CHECKSUMS;
	// all that a worker sends is out of one pool, and nobody else refers to it
	wanted |= RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	return wanted & info->tx_offload_capa;
}

const char *port_plan_make(const struct rte_eth_dev_info *info, const struct port_wishes *wishes,
	struct port_plan *plan) {
	*plan = (struct port_plan){0};
	if (info->max_rx_queues == 0 || info->max_tx_queues == 0)
		return "it has no queue to receive from, or none to send to";
	plan->mtu_octets = choose_mtu(info);
	if (plan->mtu_octets < LEAST_MTU)
		return "its frames are too short";
	unsigned int buffer_octets = choose_buffer(info, plan->mtu_octets);
	if (buffer_octets > UINT16_MAX)
		return "it wants buffers of more than 64 KiB";
	plan->buffer_octets = (uint16_t)buffer_octets;
	plan->nb_queues = (uint16_t)choose_queues(info, wishes->nb_queues);
	plan->nb_rx_desc = descriptors(RX_DESCRIPTORS, &info->rx_desc_lim);
	plan->nb_tx_desc = descriptors(TX_DESCRIPTORS, &info->tx_desc_lim);
	plan->nb_mbufs =
		SPARE_MBUFS + plan->nb_queues * ((unsigned int)plan->nb_rx_desc + plan->nb_tx_desc +
							wishes->mbufs_a_worker);
	plan->rx_offloads = wishes->no_offloads ? 0 : RX_CHECKSUMS & info->rx_offload_capa;
	plan->tx_offloads = choose_tx_offloads(info, wishes->no_offloads);
	plan->has_rss = plan->nb_queues > 1 && info->flow_type_rss_offloads != 0;
	return NULL;
}

// vmxnet3 takes 1, 2, 4, 8 queues.
static uint16_t power_of_two_below(uint16_t nb) {
	uint16_t p = 1;
	while (2 * p < nb)
		p *= 2;
	return p;
}

const char *port_plan_weaken(const struct rte_eth_dev_info *info, struct port_plan *plan) {
	if (plan->rx_offloads != 0 || plan->tx_offloads != 0) {
		plan->rx_offloads = plan->tx_offloads = 0;
		return "offloads";
	}
	if (plan->has_rss) {
		plan->has_rss = false;
		return "RSS";
	}
	if (plan->nb_queues > 1) {
		plan->nb_queues = power_of_two_below(plan->nb_queues);
		return plan->nb_queues == 1 ? "more than one queue" : "so many queues";
	}
	uint16_t nb_rx = descriptors(FEW_DESCRIPTORS, &info->rx_desc_lim);
	uint16_t nb_tx = descriptors(FEW_DESCRIPTORS, &info->tx_desc_lim);
	if (nb_rx >= plan->nb_rx_desc && nb_tx >= plan->nb_tx_desc)
		return NULL;
	plan->nb_rx_desc = (uint16_t)fewer(nb_rx, plan->nb_rx_desc);
	plan->nb_tx_desc = (uint16_t)fewer(nb_tx, plan->nb_tx_desc);
	return "so many descriptors";
}
