// Memory of this machine that nobody uses: hugepages by NUMA node, and ordinary memory. No
// privilege is needed.
#pragma once

#include <stdint.h>

// Octets of free hugepages of all sizes on a node; of the whole machine if node is below 0, or if
// the kernel tells of no nodes. sysfs: where it is mounted.
uint64_t hostmem_hugepages(const char *sysfs, int node);

// Octets that can be had without swapping (MemAvailable), or 0. meminfo: /proc/meminfo.
uint64_t hostmem_available(const char *meminfo);
