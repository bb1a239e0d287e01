// What the scanner wants of DPDK, by its options, and by what it has room for.
#pragma once

#include "app/eal_args.h"
#include "app/options.h"

static inline struct eal_wishes eal_wishes_of(const struct options *o, uint64_t memory_octets) {
	static const char no_port[] =
		"name a kernel interface (-i eth0), or give DPDK its options before -- "
		"(dpdk-tfoscan -l 0-7 -a 0000:01:00.0 -- …); dpdk-tfoscan --check says what there "
		"is";
	return (struct eal_wishes){
		.is_private = o->interface != NULL,
		.pci = o->interface ? NULL : o->pci,
		.no_port = o->interface || o->pci ? NULL : no_port,
		.has_telemetry = true,
		.is_quiet = o->quiet,
		.is_verbose = o->verbose > 0,
		.memory_octets = memory_octets,
	};
}
