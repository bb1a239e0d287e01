#include "app/port_vdev.h"

#include "app/exit_code.h"
#include "app/say.h"
#include "app/xdp_program.h"
#include "lib/iface_nic.h"
#include "lib/iface_offload.h"

#include <rte_dev.h>
#include <rte_ethdev.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ARGS_OCTETS 256
// Frames that a packet socket keeps for a worker that is off its CPU, 2 KiB each; shared out.
#define PACKET_RING_FRAMES 16384u
#define PACKET_RING_LEAST 2048u

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

static bool has_kernels_mac(const struct network *net) {
	return memcmp(net->hop.our_mac, net->iface.mac, MAC_OCTETS) == 0;
}

// A queue without a socket of ours gives its frames to the kernel. DPDK's driver serves those alone
// that ethtool calls combined, or the only one.
static int check_queues(const struct options *o, unsigned int nb_workers, unsigned int *nb_queues) {
	struct iface_nic nic;
	*nb_queues = 1;
	if (iface_nic_read(o->interface, &nic) < 0 || nic.queues.now == 1)
		return 0;
	*nb_queues = nic.queues.now;
	bool is_combined = nic.combined_queues == nic.queues.now;
	if (is_combined && *nb_queues <= nb_workers)
		return 0;
	if (is_combined)
		say("%s has %u queues, and there are workers for %u: give more lcores before -- "
		    "(-l 0-%u), or the interface fewer queues: ethtool -L %s combined %u",
			o->interface, *nb_queues, nb_workers, *nb_queues, o->interface, nb_workers);
	else
		say("%s has %u queues, of which af_xdp serves only one: ethtool -L %s rx 1",
			o->interface, *nb_queues, o->interface);
	return EXIT_USAGE;
}

static int check_xdp(const struct options *o, const struct network *net) {
	uint32_t program;
	if (iface_nic_xdp(o->interface, &program) == 0 && program != 0) {
		say("%s has an XDP program already (number %u), of another program or of a scan "
		    "that was killed; if nobody needs it: ip link set %s xdp off",
			o->interface, program, o->interface);
		return EXIT_CANNOT;
	}
	if (has_kernels_mac(net) && !o->has_gateway_mac) {
		say("--driver af_xdp with the kernel's MAC leaves ARP to the kernel: give the "
		    "gateway's MAC with -G (ip neigh show dev %s)",
			o->interface);
		return EXIT_USAGE;
	}
	return 0;
}

static int open_program(const struct options *o, const struct network *net) {
	const struct next_hop *hop = &net->hop;
	struct xdp_ours ours = {
		.is_shared = has_kernels_mac(net),
		.has_v4 = hop->has_v4,
		.has_v6 = hop->has_v6,
		.first_port = o->source_port_first,
		.last_port = o->source_port_last,
	};
	memcpy(ours.mac, hop->our_mac, sizeof(ours.mac));
	if (hop->has_v4)
		memcpy(ours.v4, addr_v4(&hop->laddr4), sizeof(ours.v4));
	memcpy(ours.v6, hop->laddr6.octets, sizeof(ours.v6));
	return xdp_program_open(&ours);
}

static int plan_af_xdp(const struct options *o, const struct network *net, unsigned int nb_workers,
	char *args, int *xdp_fd) {
	unsigned int nb_queues;
	int code = check_xdp(o, net);
	if (code == 0)
		code = check_queues(o, nb_workers, &nb_queues);
	if (code != 0)
		return code;
	*xdp_fd = open_program(o, net);
	if (*xdp_fd < 0) {
		say("the XDP program of af_xdp cannot be made: %s", strerror(-*xdp_fd));
		return EXIT_CANNOT;
	}
	snprintf(args, ARGS_OCTETS,
		"iface=%s,start_queue=0,queue_count=%u,xdp_prog=/proc/self/fd/%d", o->interface,
		nb_queues, *xdp_fd);
	return 0;
}

static void plan_af_packet(const struct options *o, unsigned int nb_workers, char *args) {
	unsigned int nb_frames = PACKET_RING_FRAMES / nb_workers;
	if (nb_frames < PACKET_RING_LEAST)
		nb_frames = PACKET_RING_LEAST;
	snprintf(args, ARGS_OCTETS,
		"iface=%s,qpairs=%u,blocksz=4096,framesz=2048,framecnt=%u,qdisc_bypass=1",
		o->interface, nb_workers, nb_frames & ~1u);
}

int port_vdev_make(const struct options *o, const struct network *net, unsigned int nb_workers,
	uint16_t *port_id, int *xdp_fd) {
	bool is_xdp = o->driver == DRIVER_AF_XDP;
	const char *name = is_xdp ? "net_af_xdp0" : "net_af_packet0";
	char args[ARGS_OCTETS];
	int code = check_offloads(o);
	if (code == 0 && is_xdp)
		code = plan_af_xdp(o, net, nb_workers, args, xdp_fd);
	else if (code == 0)
		plan_af_packet(o, nb_workers, args);
	if (code != 0)
		return code;
	int ret = rte_eal_hotplug_add("vdev", name, args);
	if (ret < 0 || rte_eth_dev_get_port_by_name(name, port_id) < 0) {
		say("%s: DPDK's %s cannot open it: %s (it needs root, or CAP_NET_RAW and "
		    "CAP_NET_ADMIN)",
			o->interface, name, ret < 0 ? strerror(-ret) : "no such port");
		return EXIT_CANNOT;
	}
	return 0;
}
