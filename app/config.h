// The configuration file: long options, one a line (lib/conffile.h). The command line counts for
// more.
#pragma once

#include "app/options.h"
#include "lib/iface.h"

#define CONFIG_USUAL_PATH "/etc/dpdk-tfoscan/tfoscan.conf"

// That of -C, or the usual one.
const char *config_path(const struct options *o);

// Read the file of -C, or the usual one if there is any. What it says of a NIC (pci, source-ip,
// source-mac, gateway) is left out if another port was chosen, by -i or by DPDK's options.
enum options_result config_read(struct options *o, int eal_argc, char **eal_argv);

// Write what the kernel knows of an interface, for when it is bound to DPDK. pci: its address, or
// "". 0, or the exit code: a line is on stderr. *path: where it was written.
int config_save(const struct options *o, const struct iface_info *iface, const char *pci,
	const char **path);
