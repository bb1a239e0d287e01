// The XDP program of a shared interface as a file for DPDK's driver, which loads it by a path.
#pragma once

#include "app/xdp_ours.h"

// ours->mark need not be set. Returns the descriptor of a file without a name (/proc/self/fd/N
// leads to it), which is the caller's to close; or -errno.
int xdp_program_open(const struct xdp_ours *ours);
