#include "app/check_parts.h"

#include "app/eal.h"
#include "app/eal_wishes.h"
#include "app/link.h"
#include "app/workforce.h"

#include <rte_lcore.h>

#include <stdio.h>
#include <string.h>

#define WORDS_OCTETS 128
#define TCP_HASHES (RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV6_TCP)

struct capability {
	uint64_t bit;
	const char *word;
};

static const char *words(uint64_t capa, const struct capability *list, size_t nb, char *out) {
	size_t len = 0;
	out[0] = '\0';
	for (size_t i = 0; i < nb; i++) {
		if (capa & list[i].bit)
			len += (size_t)snprintf(out + len, WORDS_OCTETS - len, "%s%s",
				len > 0 ? ", " : "", list[i].word);
	}
	return len > 0 ? out : "none";
}

static void check_offloads(const struct rte_eth_dev_info *info) {
	static const struct capability rx[] = {
		{RTE_ETH_RX_OFFLOAD_IPV4_CKSUM, "IPv4"},
		{RTE_ETH_RX_OFFLOAD_TCP_CKSUM, "TCP"},
	};
	static const struct capability tx[] = {
		{RTE_ETH_TX_OFFLOAD_IPV4_CKSUM, "IPv4"},
		{RTE_ETH_TX_OFFLOAD_TCP_CKSUM, "TCP"},
		{RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE, "fast free"},
	};
	char received[WORDS_OCTETS], sent[WORDS_OCTETS];
	check_ok("offloads", "checksums received: %s; sent: %s",
		words(info->rx_offload_capa, rx, 2, received),
		words(info->tx_offload_capa, tx, 3, sent));
}

static void check_rss(const struct rte_eth_dev_info *info) {
	if ((info->flow_type_rss_offloads & TCP_HASHES) == TCP_HASHES)
		check_ok("RSS", "key of %u octets, table of %u entries", info->hash_key_size,
			info->reta_size);
	else
		check_note("RSS", NULL, "none of TCP: workers hand over what is another's");
}

static void check_descriptors(const struct rte_eth_dev_info *info, const struct port_plan *plan) {
	check_ok("queues", "%u to receive, %u to send", info->max_rx_queues, info->max_tx_queues);
	check_ok("descriptors", "RX %u of %u, TX %u of %u; %u mbufs of %u octets", plan->nb_rx_desc,
		info->rx_desc_lim.nb_max, plan->nb_tx_desc, info->tx_desc_lim.nb_max,
		plan->nb_mbufs, plan->buffer_octets);
	check_ok("MTU", "%u octets", plan->mtu_octets);
}

static void check_numa(uint16_t port_id) {
	int node = rte_eth_dev_socket_id(port_id);
	unsigned int lcore;
	if (node < 0)
		return;
	RTE_LCORE_FOREACH(lcore) {
		if (rte_lcore_to_socket_id(lcore) == (unsigned int)node)
			continue;
		check_note("NUMA", "choose lcores of its node with -l",
			"node %d, and lcore %u is on node %u", node, lcore,
			rte_lcore_to_socket_id(lcore));
		return;
	}
	check_ok("NUMA", "node %d, as all lcores", node);
}

static bool check_abilities(struct check *c, uint16_t port_id, unsigned int nb_workers) {
	struct rte_eth_dev_info info;
	struct port_plan plan;
	char name[RTE_ETH_NAME_MAX_LEN] = "";
	rte_eth_dev_get_name_by_port(port_id, name);
	if (rte_eth_dev_info_get(port_id, &info) < 0) {
		check_needs(c, "port", NULL, "%u (%s) tells nothing of itself", port_id, name);
		return false;
	}
	check_ok("port", "%u, %s, by %s", port_id, name, info.driver_name);
	const struct port_wishes wishes = port_wishes_of(c->o, nb_workers);
	const char *lacks = port_plan_make(&info, &wishes, &plan);
	if (lacks) {
		check_needs(c, "port", NULL, "%s", lacks);
		return false;
	}
	check_descriptors(&info, &plan);
	if (plan.nb_queues < wishes.nb_queues)
		check_note("workers", NULL, "%u lcores, queues for %u: the others stay idle",
			wishes.nb_queues, plan.nb_queues);
	check_rss(&info);
	check_offloads(&info);
	check_numa(port_id);
	return true;
}

static void check_link(struct check *c, const struct port *p) {
	struct rte_eth_link link = {0};
	if (!link_wait(p)) {
		check_needs(c, "link", "look at the cable, and at its other end", "down for 10 s");
		return;
	}
	if (rte_eth_link_get_nowait(p->id, &link) == 0 && link.link_speed != 0 &&
		link.link_speed != RTE_ETH_SPEED_NUM_UNKNOWN)
		check_ok("link", "up, %u Mbit/s", link.link_speed);
	else
		check_ok("link", "up");
}

// The port that a scan would take, started as for a scan.
static void check_start(struct check *c, unsigned int nb_workers) {
	static struct port p;
	struct network net = {0};
	int code = port_open(&p, c->o, &net, nb_workers);
	if (code != 0) {
		check_needs(c, "start", NULL, "port %u does not start: the line on stderr says why",
			p.id);
	} else {
		const uint8_t *m = net.hop.our_mac;
		check_ok("start", "port %u, with %u queue%s", p.id, p.nb_queues,
			p.nb_queues > 1 ? "s" : "");
		check_ok(
			"MAC", "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
		if (rte_eth_promiscuous_get(p.id) == 1)
			check_ok("promiscuous", "yes");
		else
			check_note("promiscuous", NULL, "no: --source-mac may not be heard");
		check_link(c, &p);
	}
	port_close(&p);
}

static void check_addresses(struct check *c) {
	struct network net;
	if (!c->o->source4.is_given && !c->o->source6.is_given)
		check_needs(c, "source",
			"give -S ADDRESS/LEN and -G GATEWAY, or before the NIC is bound: "
			"dpdk-tfoscan -i eth0 --check --save",
			"none is given or saved");
	else if (network_plan(&net, c->o) != 0)
		check_needs(c, "addresses", NULL, "the line on stderr says what");
	else
		check_ok("addresses", "source and gateway go together");
}

// How many workers a scan would have; at the least one, to examine the ports for.
static unsigned int check_lcores(struct check *c) {
	unsigned int nb_workers = workforce_nb_lcores(c->o), nb_collectors = c->o->nb_collectors;
	if (nb_workers > 0)
		return nb_workers;
	check_needs(c, "lcores", "give more with -l, or fewer --collectors",
		"%u, and %u collectors with a worker take %u", rte_lcore_count(), nb_collectors,
		nb_collectors + 1);
	return 1;
}

void check_ports(struct check *c, int eal_argc, char **eal_argv) {
	const struct eal_wishes wishes = eal_wishes_of(c->o, 0);
	struct eal_args args;
	fflush(stdout);
	if (eal_start(&args, eal_argc, eal_argv, &wishes) != 0) {
		check_needs(c, "DPDK", NULL, "does not start: the lines on stderr say why");
		return;
	}
	unsigned int nb_workers = check_lcores(c);
	uint16_t port_id;
	bool has_first = false, can_first = false;
	RTE_ETH_FOREACH_DEV(port_id) {
		bool can = check_abilities(c, port_id, nb_workers);
		can_first = has_first ? can_first : can;
		has_first = true;
	}
	if (!has_first)
		check_needs(c, "port", "bind a NIC, or give a --vdev before --", "DPDK has none");
	if (can_first)
		check_start(c, nb_workers);
	check_addresses(c);
	eal_stop(&args);
}
