#include "app/check_parts.h"

#include "app/config.h"
#include "app/network.h"
#include "lib/addrtext.h"
#include "lib/iface_nic.h"
#include "lib/iface_offload.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define MEND_OCTETS 128

static void check_link(struct check *c, const struct iface_info *i) {
	char mend[MEND_OCTETS];
	snprintf(mend, sizeof(mend), "ip link set %s up", i->name);
	if (!i->is_ethernet)
		check_needs(c, "interface", NULL, "%s is no Ethernet", i->name);
	if (!i->is_up)
		check_needs(c, "link", mend, "%s is down", i->name);
	else if (!i->is_running)
		check_needs(c, "link", "look at the cable, and at its other end",
			"%s is up, and has no carrier", i->name);
	else
		check_ok("link", "up");
	const uint8_t *m = i->mac;
	check_ok("MAC", "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
	check_ok("MTU", "%u octets%s", i->mtu_octets,
		i->mtu_octets > 1500 ? ", of which 1500 are used" : "");
}

static void check_card(const struct iface_nic *n) {
	check_ok("driver", "%s%s%s", n->driver[0] ? n->driver : "not told",
		n->pci[0] ? ", PCI " : "", n->pci);
	check_ok("queues", "%u, %u at most", n->queues.now, n->queues.max);
	if (n->rx_descriptors.max > 0)
		check_ok("descriptors", "RX %u, %u at most; TX %u, %u at most",
			n->rx_descriptors.now, n->rx_descriptors.max, n->tx_descriptors.now,
			n->tx_descriptors.max);
	if (n->rss_entries > 0)
		check_ok("RSS", "key of %u octets, table of %u entries", n->rss_key_octets,
			n->rss_entries);
	else
		check_note("RSS", NULL, "none: workers hand over what is another's");
	if (n->numa_node >= 0)
		check_ok("NUMA", "node %d", n->numa_node);
}

static void check_merging(struct check *c, const char *name) {
	struct iface_offloads off;
	char mend[MEND_OCTETS];
	if (iface_offload_read(name, &off) < 0)
		return;
	bool has_lro = off.has_lro && !off.is_lro_fixed;
	bool has_gro_hw = off.has_gro_hw && !off.is_gro_hw_fixed;
	snprintf(mend, sizeof(mend), "ethtool -K %s%s%s%s", name, off.has_gro ? " gro off" : "",
		has_lro ? " lro off" : "", has_gro_hw ? " rx-gro-hw off" : "");
	if (off.has_gro || has_lro || has_gro_hw)
		check_needs(c, "offloads", mend, "frames are merged as they come");
	else if (off.has_lro || off.has_gro_hw)
		check_note("offloads", NULL, "frames may be merged, and that cannot be turned off");
	else
		check_ok("offloads", "frames are not merged");
}

// What af_xdp alone asks for.
static void check_xdp(struct check *c, const struct iface_nic *n, const char *name) {
	uint32_t program;
	char mend[MEND_OCTETS];
	snprintf(mend, sizeof(mend), "ip link set %s xdp off", name);
	if (iface_nic_xdp(name, &program) == 0 && program != 0)
		check_needs(c, "XDP", mend, "program %u is there already", program);
	else
		check_ok("XDP", "no program is in the way");
	snprintf(mend, sizeof(mend), "ethtool -L %s rx 1", name);
	if (n->queues.now > 1 && n->combined_queues != n->queues.now)
		check_needs(c, "XDP queues", mend, "af_xdp serves one of %u", n->queues.now);
	else if (n->queues.now > 1)
		check_note("XDP queues", NULL, "%u workers are needed: -l 0-%u before --",
			n->queues.now, n->queues.now);
}

static void check_source(struct check *c, const struct iface_info *i) {
	struct iface_addr free_addr;
	char text[ADDRTEXT_OCTETS];
	if (iface_propose_source(i, AF_INET, &free_addr) == 0)
		check_ok("source", "-S %s/%u seems to be free",
			addrtext_print(&free_addr.addr, text), free_addr.prefix_bits);
	else if (iface_propose_source(i, AF_INET6, &free_addr) == 0)
		check_ok("source", "-S %s/%u seems to be free",
			addrtext_print(&free_addr.addr, text), free_addr.prefix_bits);
	else
		check_needs(c, "source", "give -S ADDRESS/LEN, one of the subnet that nobody has",
			"%s has no subnet to propose an address of", i->name);
	if (i->has_gateway4)
		check_ok("gateway", "%s", addrtext_print(&i->gateway4, text));
	if (i->has_gateway6)
		check_ok("gateway", "%s", addrtext_print(&i->gateway6, text));
	if (!i->has_gateway4 && !i->has_gateway6 && !c->o->has_gateway_mac && !c->o->has_gateway4 &&
		!c->o->has_gateway6)
		check_note("gateway", "give -G, or: ip route add default via ADDRESS",
			"none: only targets of the subnet can be reached");
}

// The addresses that the scan would have, if they are given.
static void check_addresses(struct check *c, const struct iface_info *i) {
	struct network net;
	if (!c->o->source4.is_given && !c->o->source6.is_given)
		check_source(c, i);
	else if (network_plan(&net, c->o) != 0)
		check_needs(c, "addresses", NULL, "the line on stderr says what");
	else
		check_ok("addresses", "source and gateway go together");
}

static void save(struct check *c, const struct iface_info *i, const struct iface_nic *n) {
	const char *path;
	if (config_save(c->o, i, n->pci, &path) != 0)
		check_needs(c, "saved", NULL, "not: the line on stderr says why");
	else if (n->pci[0])
		check_ok("saved", "%s", path);
	else
		check_note("saved", NULL, "%s: %s is no PCI device, so it cannot be bound to DPDK",
			path, i->name);
}

void check_iface(struct check *c) {
	struct iface_info info;
	struct iface_nic nic;
	const char *name = c->o->interface;
	int ret = iface_read(name, &info);
	if (ret == 0)
		ret = iface_nic_read(name, &nic);
	if (ret < 0) {
		check_needs(c, "interface", "ip link (lists those that are there)", "%s: %s", name,
			strerror(-ret));
		return;
	}
	check_ok("interface", "%s, by %s", name,
		c->o->driver == DRIVER_AF_XDP ? "af_xdp" : "af_packet");
	check_link(c, &info);
	check_card(&nic);
	check_merging(c, name);
	if (c->o->driver == DRIVER_AF_XDP)
		check_xdp(c, &nic, name);
	check_addresses(c, &info);
	if (c->o->save)
		save(c, &info, &nic);
}
