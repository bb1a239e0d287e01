#include "app/check_parts.h"

#include "app/eal_args.h"
#include "lib/pci_nics.h"

#include <dirent.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SYSFS "/sys"
#define MAX_NICS 64
// As much as an ordinary scan takes.
#define HUGEPAGES_WORTH_IT (128u << 20)
#define BIT(capability) (UINT64_C(1) << (capability))

static uint64_t effective_capabilities(void) {
	unsigned long long bits = 0;
	char line[128];
	FILE *f = fopen("/proc/self/status", "re");
	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "CapEff: %llx", &bits);
	if (f)
		fclose(f);
	return bits;
}

static void check_privileges(struct check *c) {
	uint64_t has = effective_capabilities();
	uint64_t wanted = BIT(CAP_NET_RAW) | BIT(CAP_NET_ADMIN);
	const char *names = "CAP_NET_RAW and CAP_NET_ADMIN";
	if (c->o->interface && c->o->driver == DRIVER_AF_XDP) {
		wanted |= BIT(CAP_BPF);
		names = "CAP_NET_RAW, CAP_NET_ADMIN and CAP_BPF";
	}
	if (c->has_nic_of_dpdk && geteuid() != 0)
		check_needs(c, "privileges", "sudo", "a NIC of DPDK's wants root");
	else if (c->o->interface && (has & wanted) != wanted)
		check_needs(c, "privileges", "sudo", "this user lacks %s", names);
	else
		check_ok("privileges", geteuid() == 0 ? "root" : "enough for -i");
}

static bool has_line(const char *path, const char *text) {
	char line[512];
	bool is_there = false;
	FILE *f = fopen(path, "re");
	while (f && !is_there && fgets(line, sizeof(line), f))
		is_there = strstr(line, text) != NULL;
	if (f)
		fclose(f);
	return is_there;
}

static void check_hugepages(struct check *c) {
	uint64_t free_octets = eal_free_hugepage_octets();
	const char *mend = "sysctl vm.nr_hugepages=512";
	if (free_octets >= HUGEPAGES_WORTH_IT)
		check_ok("hugepages", "%llu MiB free", (unsigned long long)(free_octets >> 20));
	else if (c->has_nic_of_dpdk)
		check_needs(c, "hugepages", mend, "%llu MiB free: a NIC's buffers lie there",
			(unsigned long long)(free_octets >> 20));
	else
		check_note("hugepages", mend, "%llu MiB free: without them it is slower",
			(unsigned long long)(free_octets >> 20));
	if (c->has_nic_of_dpdk && !has_line("/proc/mounts", " hugetlbfs "))
		check_needs(c, "hugetlbfs",
			"mkdir -p /dev/hugepages; mount -t hugetlbfs none /dev/hugepages",
			"is not mounted");
}

static bool has_entries(const char *directory) {
	DIR *dir = opendir(directory);
	bool has = false;
	for (struct dirent *e; dir && !has && (e = readdir(dir));)
		has = e->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return has;
}

// How a NIC gets its driver for user space.
static const char *check_binding(void) {
	if (has_entries(SYSFS "/kernel/iommu_groups")) {
		check_ok("IOMMU", "on: bind NICs to vfio-pci");
		return "vfio-pci";
	}
	check_note("IOMMU", "intel_iommu=on or amd_iommu=on on the kernel's command line",
		"off: a NIC can be bound to uio_pci_generic, as root, without protection of "
		"memory");
	return "uio_pci_generic";
}

static void check_nic(const struct pci_nic *nic, const char *driver) {
	char mend[256];
	const char *name = nic->interface[0] ? nic->interface : "no interface";
	switch (pci_nic_use(nic)) {
	case PCI_NIC_OF_DPDK:
		check_ok("NIC", "%s (%04x:%04x) is DPDK's, by %s: -a %s", nic->pci, nic->vendor,
			nic->device, nic->driver, nic->pci);
		return;
	case PCI_NIC_SHARED:
		check_ok("NIC", "%s (%04x:%04x), %s, stays with %s, beside DPDK: -a %s", nic->pci,
			nic->vendor, nic->device, name, nic->driver, nic->pci);
		return;
	case PCI_NIC_OF_KERNEL:
	case PCI_NIC_NO_DRIVER:
		break;
	}
	snprintf(mend, sizeof(mend), "modprobe %s; dpdk-devbind.py -b %s %s", driver, driver,
		nic->pci);
	if (nic->interface[0])
		snprintf(mend, sizeof(mend),
			"dpdk-tfoscan -i %s --check --save; ip link set %s down; modprobe %s; "
			"dpdk-devbind.py -b %s %s",
			nic->interface, nic->interface, driver, driver, nic->pci);
	check_note("NIC", mend, "%s (%04x:%04x), %s, %s: not DPDK's", nic->pci, nic->vendor,
		nic->device, name, nic->driver[0] ? nic->driver : "no driver");
}

void check_host(struct check *c) {
	struct pci_nic nics[MAX_NICS];
	check_privileges(c);
	check_hugepages(c);
	int nb = pci_nics_read(SYSFS, nics, MAX_NICS);
	const char *driver = nb > 0 ? check_binding() : NULL;
	for (int i = 0; i < nb; i++)
		check_nic(&nics[i], driver);
	if (nb <= 0)
		check_ok("NIC", "none on the PCI bus");
}
