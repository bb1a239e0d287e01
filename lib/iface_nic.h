// What a network card is, and what its kernel driver can do, as ethtool tells it: for --check, and
// for drivers that share its queues. What the driver does not tell is 0 or "".
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define IFACE_PCI_OCTETS 13 // 0000:01:00.0

struct iface_range {
	uint32_t now, max;
};

struct iface_nic {
	char driver[32];
	char pci[IFACE_PCI_OCTETS]; // "": not a PCI device
	struct iface_range queues;  // that frames come in by; at least one
	uint32_t combined_queues;   // of those, the ones that ethtool calls so; the others: rx
	struct iface_range rx_descriptors, tx_descriptors;
	uint32_t rss_key_octets, rss_entries;
	int numa_node; // -1: not known
};

// 0 or -errno; -ENODEV: no such interface.
int iface_nic_read(const char *ifname, struct iface_nic *nic);

// Is this the address of a PCI function, in full: 0000:01:00.0?
bool iface_nic_is_pci(const char *text);

// The XDP program on the interface: its number, 0 if there is none; or -errno.
int iface_nic_xdp(const char *ifname, uint32_t *program_id);
