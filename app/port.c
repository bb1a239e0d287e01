#include "app/port.h"

#include "app/eal.h"
#include "app/port_rss.h"
#include "app/port_start.h"
#include "app/port_vdev.h"
#include "app/say.h"
#include "lib/tcpstack/siphash.h"

#include <rte_errno.h>

#include <string.h>
#include <unistd.h>

#define MBUF_CACHE 256
// What a worker, and the caches, may hold besides what lies in descriptors and frame rings.
#define MBUFS_A_WORKER 2048

struct port_wishes port_wishes_of(const struct options *o, unsigned int nb_workers) {
	return (struct port_wishes){
		.nb_queues = nb_workers,
		.mbufs_a_worker = MBUFS_A_WORKER + (nb_workers > 1 ? WORKER_RING_FRAMES : 0),
		// a capture shows the checksums that are in the mbufs
		.no_offloads = o->no_offloads || o->write_pcap != NULL,
	};
}

// A locally administered MAC of our own, the same at every run on this interface: so the kernel
// takes the frames that come for us for somebody else's, and the neighbours need not learn anew.
static void own_mac(const struct network *net, uint8_t mac[MAC_OCTETS]) {
	static const struct siphash_key key = {.k0 = 0x74666f7363616e, .k1 = 0x6d6163};
	uint64_t hash = siphash13(&key, net->iface.mac, MAC_OCTETS);
	memcpy(mac, &hash, MAC_OCTETS);
	mac[0] = (uint8_t)((mac[0] & 0xfc) | 0x02);
}

static int find_mac(const struct port *p, const struct options *o, struct network *net) {
	if (o->has_source_mac) {
		memcpy(net->hop.our_mac, o->source_mac, MAC_OCTETS);
	} else if (o->interface && !o->kernel_owns_source) {
		own_mac(net, net->hop.our_mac);
	} else if (o->interface) {
		memcpy(net->hop.our_mac, net->iface.mac, MAC_OCTETS);
	} else {
		struct rte_ether_addr mac;
		int ret = rte_eth_macaddr_get(p->id, &mac);
		if (ret < 0) {
			say("the port's MAC cannot be read (%s): give one with --source-mac",
				strerror(-ret));
			return 1;
		}
		memcpy(net->hop.our_mac, mac.addr_bytes, MAC_OCTETS);
	}
	return 0;
}

static int create_pool(struct port *p, const struct port_plan *plan) {
	// who is off its CPU, as its lcore has not got one for itself, keeps none of the others
	// waiting
	const char *ops = eal_lcores_share_cpus() ? "ring_mt_rts" : NULL;
	p->pool = rte_pktmbuf_pool_create_by_ops(
		"frames", plan->nb_mbufs, MBUF_CACHE, 0, plan->buffer_octets, p->socket_id, ops);
	if (p->pool)
		return 0;
	say("no memory for %u mbufs (%s): reserve hugepages (sysctl vm.nr_hugepages=512), or give "
	    "--no-huge -m 1024 before --",
		plan->nb_mbufs, rte_strerror(rte_errno));
	return 1;
}

// What is planned, and what came of it.
static int start(struct port *p, const struct options *o, unsigned int nb_workers) {
	struct rte_eth_dev_info info;
	int ret = rte_eth_dev_info_get(p->id, &info);
	if (ret < 0) {
		say("port %u: %s", p->id, strerror(-ret));
		return 1;
	}
	snprintf(p->driver, sizeof(p->driver), "%s", info.driver_name);
	p->socket_id = rte_eth_dev_socket_id(p->id);
	if (p->socket_id < 0)
		p->socket_id = (int)rte_socket_id();
	const struct port_wishes wishes = port_wishes_of(o, nb_workers);
	struct port_plan plan;
	const char *lacks = port_plan_make(&info, &wishes, &plan);
	if (lacks) {
		say("port %u (%s) cannot be used: %s", p->id, p->driver, lacks);
		return 1;
	}
	int code = create_pool(p, &plan);
	if (code != 0)
		return code;
	p->nb_queues = plan.nb_queues; // from now on it is to be closed
	code = port_start(p, &info, &plan);
	if (code != 0)
		return code;
	p->nb_queues = plan.nb_queues;
	if (plan.tx_offloads & RTE_ETH_TX_OFFLOAD_IPV4_CKSUM)
		p->by_nic |= FRAME_IP_CHECKSUM_BY_NIC;
	if (plan.tx_offloads & RTE_ETH_TX_OFFLOAD_TCP_CKSUM)
		p->by_nic |= FRAME_TCP_CHECKSUM_BY_NIC;
	return 0;
}

static void read_rss(struct port *p, const struct options *o) {
	if (p->nb_queues == 1)
		return;
	const char *why = NULL;
	if (o->has_rss_key)
		port_rss_by_hand(o->rss_key, p->nb_queues, &p->steer);
	else
		why = port_rss_read(p->id, p->nb_queues, &p->steer);
	if (why && o->verbose > 0)
		say("port %u (%s): replies are not steered to queues, as %s", p->id, p->driver,
			why);
}

// Of IPv6: who is asked for by neighbours is asked in this group (RFC 4291 section 2.7.1).
static struct rte_ether_addr solicited_group(const struct ip_addr *addr) {
	struct rte_ether_addr group = {{0x33, 0x33, 0xff}};
	memcpy(group.addr_bytes + 3, addr->octets + ADDR6_OCTETS - 3, 3);
	return group;
}

// Frames to our MAC and to our groups are to pass the filter of the NIC. One that knows no
// promiscuous mode is told of them.
static void open_filter(const struct port *p, const struct next_hop *hop) {
	if (rte_eth_promiscuous_enable(p->id) == 0)
		return;
	struct rte_ether_addr group = solicited_group(&hop->laddr6);
	if (rte_eth_allmulticast_enable(p->id) != 0 && hop->has_v6 &&
		rte_eth_dev_set_mc_addr_list(p->id, &group, 1) != 0)
		say("port %u (%s) hears no multicast: who asks for the MAC of our IPv6 address "
		    "gets no answer",
			p->id, p->driver);
	struct rte_ether_addr own, ours;
	memcpy(ours.addr_bytes, hop->our_mac, MAC_OCTETS);
	if (rte_eth_macaddr_get(p->id, &own) == 0 && rte_is_same_ether_addr(&own, &ours))
		return;
	if (rte_eth_dev_mac_addr_add(p->id, &ours, 0) != 0)
		say("port %u (%s) has no promiscuous mode and takes no second MAC: if nothing is "
		    "heard, leave --source-mac out",
			p->id, p->driver);
}

// Longer frames than an ordinary path carries are of no use: nobody may send us any.
static void find_mtu(struct port *p, const struct network *net) {
	if (rte_eth_dev_get_mtu(p->id, &p->mtu) < 0 || p->mtu == 0 || p->mtu > RTE_ETHER_MTU)
		p->mtu = RTE_ETHER_MTU;
	if (net->has_iface && net->iface.mtu_octets < p->mtu)
		p->mtu = (uint16_t)net->iface.mtu_octets;
}

int port_open(
	struct port *p, const struct options *o, struct network *net, unsigned int nb_workers) {
	*p = (struct port){0};
	int xdp_fd = -1, code = 0;
	if (o->interface) {
		code = find_mac(p, o, net);
		if (code == 0)
			code = port_vdev_make(o, net, nb_workers, &p->id, &xdp_fd);
	} else if (rte_eth_dev_count_avail() == 0) {
		say("DPDK has no port: bind a NIC (dpdk-devbind.py --status lists them), give a "
		    "--vdev "
		    "before --, or name a kernel interface with -i");
		code = 1;
	} else {
		p->id = (uint16_t)rte_eth_find_next_owned_by(0, RTE_ETH_DEV_NO_OWNER);
	}
	if (code == 0)
		code = start(p, o, nb_workers);
	if (xdp_fd >= 0)
		close(xdp_fd); // loaded
	if (code == 0)
		read_rss(p, o);
	if (code == 0 && !o->interface)
		code = find_mac(p, o, net);
	if (code != 0)
		return code;
	open_filter(p, &net->hop);
	find_mtu(p, net);
	return 0;
}

void port_close(struct port *p) {
	if (p->nb_queues > 0) {
		port_flow_destroy(&p->flows, p->id);
		rte_eth_dev_stop(p->id);
		rte_eth_dev_close(p->id);
	}
	rte_mempool_free(p->pool);
}
