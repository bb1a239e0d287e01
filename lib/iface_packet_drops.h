// Frames that the kernel dropped because the ring of one of this process's own packet sockets was
// full. DPDK's net_af_packet keeps its sockets to itself and doesn't report them (22.11), so they
// are looked for among the open files. The sockets stay the driver's: read before the port is
// closed, and let nobody else read PACKET_STATISTICS, for the kernel's counters restart at each
// look.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define IFACE_PACKET_DROPS_SOCKETS_MAX 256

struct iface_packet_drops {
	size_t nb_sockets;
	int sockets[IFACE_PACKET_DROPS_SOCKETS_MAX];
	uint64_t nb_dropped; // since the opening
};

// Find the packet sockets bound to the interface with this index (0: to any), and set their
// counters to zero. 0 or -errno; -ENOENT: there is none; -E2BIG: more than fit.
int iface_packet_drops_open(struct iface_packet_drops *drops, unsigned int ifindex);

// Bring drops->nb_dropped up to date. 0, or -errno if a socket is no longer there.
int iface_packet_drops_read(struct iface_packet_drops *drops);
