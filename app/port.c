#include "app/port.h"

#include "app/port_rss.h"
#include "app/say.h"
#include "lib/iface_offload.h"
#include "lib/tcpstack/siphash.h"

#include <rte_dev.h>
#include <rte_errno.h>

#include <string.h>
#include <unistd.h>

#define RX_DESCRIPTORS 1024
#define TX_DESCRIPTORS 1024
#define MBUF_CACHE 256
// Frames that a packet socket keeps for a worker that is off its CPU, 2 KiB each; shared out.
#define PACKET_RING_FRAMES 16384u
#define PACKET_RING_LEAST 2048u
#define LINK_WAIT_MS 10000
#define LINK_POLL_MS 10

// Merged frames are segments that nobody sent. What cannot be turned off is a virtual NIC's, whose
// host decides; it is said, as the frames may be whole all the same.
static int check_offloads(const struct options *o) {
	struct iface_offloads offloads;
	if (iface_offload_read(o->interface, &offloads) < 0)
		return 0; // a device without such features
	bool has_lro = offloads.has_lro && !offloads.is_lro_fixed;
	bool has_gro_hw = offloads.has_gro_hw && !offloads.is_gro_hw_fixed;
	if (offloads.has_gro || has_lro || has_gro_hw) {
		say("%s merges frames as they come (GRO or LRO): turn that off with: ethtool -K "
		    "%s%s%s%s",
			o->interface, o->interface, offloads.has_gro ? " gro off" : "",
			has_lro ? " lro off" : "", has_gro_hw ? " rx-gro-hw off" : "");
		return 1;
	}
	if (offloads.has_lro || offloads.has_gro_hw)
		say("%s may merge frames as they come, and that cannot be turned off here",
			o->interface);
	return 0;
}

// The virtual device that shares a kernel interface.
static int make_device(const struct options *o, unsigned int nb_workers, uint16_t *port_id) {
	char name[32], args[256];
	if (o->driver == DRIVER_AF_XDP) {
		snprintf(name, sizeof(name), "net_af_xdp0");
		snprintf(args, sizeof(args), "iface=%s,start_queue=0,queue_count=1", o->interface);
	} else {
		snprintf(name, sizeof(name), "net_af_packet0");
		unsigned int nb_frames = PACKET_RING_FRAMES / nb_workers;
		if (nb_frames < PACKET_RING_LEAST)
			nb_frames = PACKET_RING_LEAST;
		snprintf(args, sizeof(args),
			"iface=%s,qpairs=%u,blocksz=4096,framesz=2048,framecnt=%u,qdisc_bypass=1",
			o->interface, nb_workers, nb_frames & ~1u);
	}
	int ret = rte_eal_hotplug_add("vdev", name, args);
	if (ret < 0 || rte_eth_dev_get_port_by_name(name, port_id) < 0) {
		say("%s: DPDK's %s cannot open it: %s (it needs root, or CAP_NET_RAW and "
		    "CAP_NET_ADMIN)",
			o->interface, name, ret < 0 ? strerror(-ret) : "no such port");
		return 1;
	}
	return 0;
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
	} else if (p->is_ours && !o->kernel_owns_source) {
		own_mac(net, net->hop.our_mac);
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

static int create_pool(struct port *p) {
	unsigned int nb_mbufs = p->nb_queues * (RX_DESCRIPTORS + TX_DESCRIPTORS + 2048) + 4096;
	p->pool = rte_pktmbuf_pool_create(
		"frames", nb_mbufs, MBUF_CACHE, 0, RTE_MBUF_DEFAULT_BUF_SIZE, p->socket_id);
	if (p->pool)
		return 0;
	say("no memory for %u mbufs (%s): reserve hugepages (sysctl vm.nr_hugepages=512), or give "
	    "--no-huge -m 1024 before --",
		nb_mbufs, rte_strerror(rte_errno));
	return 1;
}

static int configure(struct port *p, const struct rte_eth_dev_info *info) {
	struct rte_eth_conf conf = {0};
	port_rss_wish(info, p->nb_queues, &conf);
	uint16_t nb_rx = RX_DESCRIPTORS, nb_tx = TX_DESCRIPTORS;
	int ret =
		rte_eth_dev_configure(p->id, (uint16_t)p->nb_queues, (uint16_t)p->nb_queues, &conf);
	if (ret == 0)
		ret = rte_eth_dev_adjust_nb_rx_tx_desc(p->id, &nb_rx, &nb_tx);
	for (unsigned int q = 0; ret == 0 && q < p->nb_queues; q++) {
		ret = rte_eth_rx_queue_setup(
			p->id, (uint16_t)q, nb_rx, (unsigned int)p->socket_id, NULL, p->pool);
		if (ret == 0)
			ret = rte_eth_tx_queue_setup(
				p->id, (uint16_t)q, nb_tx, (unsigned int)p->socket_id, NULL);
	}
	if (ret == 0)
		ret = rte_eth_dev_start(p->id);
	if (ret == 0)
		return 0;
	say("port %u (%s) cannot be started: %s", p->id, p->driver, strerror(-ret));
	return 1;
}

static unsigned int fewer(unsigned int a, unsigned int b) {
	return a < b ? a : b;
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

int port_open(
	struct port *p, const struct options *o, struct network *net, unsigned int nb_workers) {
	*p = (struct port){0};
	if (o->interface) {
		p->is_ours = true;
		int code = check_offloads(o);
		if (code == 0)
			code = make_device(o, nb_workers, &p->id);
		if (code != 0)
			return code;
	} else if (rte_eth_dev_count_avail() == 0) {
		say("DPDK has no port: bind a NIC (dpdk-devbind.py --status lists them), give a "
		    "--vdev "
		    "before --, or name a kernel interface with -i");
		return 1;
	} else {
		p->id = (uint16_t)rte_eth_find_next_owned_by(0, RTE_ETH_DEV_NO_OWNER);
	}

	struct rte_eth_dev_info info;
	int ret = rte_eth_dev_info_get(p->id, &info);
	if (ret < 0) {
		say("port %u: %s", p->id, strerror(-ret));
		return 1;
	}
	snprintf(p->driver, sizeof(p->driver), "%s", info.driver_name);
	p->nb_queues = fewer(nb_workers, fewer(info.max_rx_queues, info.max_tx_queues));
	p->socket_id = rte_eth_dev_socket_id(p->id);
	if (p->socket_id < 0)
		p->socket_id = (int)rte_socket_id();
	int code = create_pool(p);
	if (code == 0)
		code = configure(p, &info);
	if (code == 0)
		read_rss(p, o);
	if (code == 0)
		code = find_mac(p, o, net);
	if (code != 0)
		return code;
	// for a MAC that is not the port's; drivers that can't do it show at once that nothing
	// comes
	rte_eth_promiscuous_enable(p->id);
	if (rte_eth_dev_get_mtu(p->id, &p->mtu) < 0 || p->mtu == 0)
		p->mtu = RTE_ETHER_MTU;
	if (net->has_iface && net->iface.mtu_octets < p->mtu)
		p->mtu = (uint16_t)net->iface.mtu_octets;
	return 0;
}

bool port_wait_link(const struct port *p) {
	for (unsigned int waited_ms = 0;; waited_ms += LINK_POLL_MS) {
		struct rte_eth_link link;
		if (rte_eth_link_get_nowait(p->id, &link) < 0 || link.link_status)
			return true; // a driver that does not know is believed
		if (waited_ms >= LINK_WAIT_MS)
			return false;
		usleep(LINK_POLL_MS * 1000);
	}
}

void port_close(struct port *p) {
	if (p->nb_queues > 0) {
		rte_eth_dev_stop(p->id);
		rte_eth_dev_close(p->id);
	}
	rte_mempool_free(p->pool);
}
