// What the XDP program of af_xdp has to know: which frames are ours. It stands in the program's
// constants, where xdp_program.c looks for the mark and writes over it.
#pragma once

#include <stdint.h>

#define XDP_OURS_MARK "dpdk-tfoscan ours"
#define XDP_OURS_QUEUES 64

struct xdp_ours {
	uint8_t mark[20];
	uint8_t mac[6];
	uint8_t is_shared; // the kernel has the same MAC: only our ports are ours
	uint8_t has_v4, has_v6;
	uint8_t v4[4], v6[16];
	uint16_t first_port, last_port;
};
