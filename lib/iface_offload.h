// Does the kernel, or the card for it, merge received frames of one connection into one? A scanner
// that shares the interface would then read segments that nobody sent. What mends it:
// `ethtool -K IF gro off lro off rx-gro-hw off`.
#pragma once

#include <stdbool.h>

struct iface_offloads {
	bool has_gro;
	bool has_lro;
	bool has_gro_hw;
	bool is_lro_fixed; // ethtool can't change it; what the kernel calls GRO it always can
	bool is_gro_hw_fixed;
};

// 0 or -errno; -ENODEV: no such interface. A feature that the kernel doesn't know is off.
int iface_offload_read(const char *ifname, struct iface_offloads *offloads);
