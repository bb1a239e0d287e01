// The network cards on the PCI bus, whoever drives them, as sysfs shows them. No privilege is
// needed.
#pragma once

#include "lib/iface_nic.h"

#include <net/if.h>
#include <stddef.h>

struct pci_nic {
	char pci[IFACE_PCI_OCTETS];
	uint16_t vendor, device;
	char driver[32];	  // of the kernel; "": none
	char interface[IFNAMSIZ]; // the kernel's name for it; "": none
	int numa_node;		  // -1: not known
};

enum pci_nic_use {
	PCI_NIC_OF_KERNEL, // has to be bound to another driver before DPDK can have it
	PCI_NIC_OF_DPDK,   // bound to a driver for user space
	PCI_NIC_SHARED,	   // DPDK drives it beside the kernel's driver
	PCI_NIC_NO_DRIVER,
};

// In the order of their addresses, max at most: their number, or -errno. sysfs: where it is
// mounted.
int pci_nics_read(const char *sysfs, struct pci_nic *nics, size_t max);

enum pci_nic_use pci_nic_use(const struct pci_nic *nic);
