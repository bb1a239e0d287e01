// The port that shares a kernel interface (-i): a virtual device of DPDK's.
#pragma once

#include "app/network.h"

// net->hop.our_mac is known. *xdp_fd: to be closed when the port is started; -1: nothing.
// 0, or the exit code; a line is on stderr.
int port_vdev_make(const struct options *o, const struct network *net, unsigned int nb_workers,
	uint16_t *port_id, int *xdp_fd);
