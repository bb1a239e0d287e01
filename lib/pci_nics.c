#include "lib/pci_nics.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLASS_ETHERNET 0x0200u
// Paths of sysfs are short; each of these has room for the ones before it.
#define SYSFS_MAX_OCTETS 128
#define DEVICE_OCTETS (SYSFS_MAX_OCTETS + 64)
#define PATH_OCTETS (DEVICE_OCTETS + 64)

// A number out of a file of one line; false: there is none.
static bool read_number(const char *device, const char *file, long *number) {
	char path[PATH_OCTETS];
	snprintf(path, sizeof(path), "%s/%s", device, file);
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return false;
	bool is_read = fscanf(f, "%li", number) == 1;
	fclose(f);
	return is_read;
}

static void read_driver(const char *device, char *driver, size_t size) {
	char path[PATH_OCTETS], target[PATH_MAX];
	snprintf(path, sizeof(path), "%s/driver", device);
	ssize_t len = readlink(path, target, sizeof(target) - 1);
	if (len <= 0)
		return;
	target[len] = '\0';
	const char *slash = strrchr(target, '/');
	snprintf(driver, size, "%.*s", (int)size - 1, slash ? slash + 1 : target);
}

// The first entry of the directory that begins so; false: there is none.
static bool first_entry(const char *directory, const char *start, char *name, size_t size) {
	DIR *dir = opendir(directory);
	bool is_found = false;
	for (struct dirent *e; dir && !is_found && (e = readdir(dir));) {
		is_found = e->d_name[0] != '.' && strncmp(e->d_name, start, strlen(start)) == 0 &&
			   strlen(e->d_name) < size;
		if (is_found)
			strcpy(name, e->d_name);
	}
	if (dir)
		closedir(dir);
	return is_found;
}

// Below the device, or below the virtio device that it carries.
static void read_interface(const char *device, char *interface) {
	char path[PATH_OCTETS], virtio[32];
	snprintf(path, sizeof(path), "%s/net", device);
	if (first_entry(path, "", interface, IFNAMSIZ))
		return;
	if (!first_entry(device, "virtio", virtio, sizeof(virtio)))
		return;
	snprintf(path, sizeof(path), "%s/%s/net", device, virtio);
	first_entry(path, "", interface, IFNAMSIZ);
}

static bool read_nic(const char *device, const char *pci, struct pci_nic *nic) {
	long class = 0, vendor = 0, number = 0, numa_node = -1;
	if (!read_number(device, "class", &class) || class >> 8 != CLASS_ETHERNET)
		return false;
	*nic = (struct pci_nic){.numa_node = -1};
	memcpy(nic->pci, pci, sizeof(nic->pci));
	read_number(device, "vendor", &vendor);
	read_number(device, "device", &number);
	nic->vendor = (uint16_t)vendor;
	nic->device = (uint16_t)number;
	if (read_number(device, "numa_node", &numa_node))
		nic->numa_node = (int)numa_node;
	read_driver(device, nic->driver, sizeof(nic->driver));
	read_interface(device, nic->interface);
	return true;
}

static int by_address(const void *a, const void *b) {
	return strcmp(((const struct pci_nic *)a)->pci, ((const struct pci_nic *)b)->pci);
}

int pci_nics_read(const char *sysfs, struct pci_nic *nics, size_t max) {
	char devices[SYSFS_MAX_OCTETS + 32], device[DEVICE_OCTETS];
	if (strlen(sysfs) >= SYSFS_MAX_OCTETS)
		return -ENAMETOOLONG;
	snprintf(devices, sizeof(devices), "%s/bus/pci/devices", sysfs);
	DIR *dir = opendir(devices);
	if (dir == NULL)
		return errno == ENOENT ? 0 : -errno; // a machine without PCI
	size_t nb = 0;
	for (struct dirent *e; nb < max && (e = readdir(dir));) {
		if (!iface_nic_is_pci(e->d_name))
			continue;
		snprintf(device, sizeof(device), "%s/%.12s", devices, e->d_name);
		nb += read_nic(device, e->d_name, &nics[nb]);
	}
	closedir(dir);
	qsort(nics, nb, sizeof(nics[0]), by_address);
	return (int)nb;
}

static bool is_one_of(const char *driver, const char *const *drivers) {
	for (; *drivers; drivers++) {
		if (strcmp(driver, *drivers) == 0)
			return true;
	}
	return false;
}

enum pci_nic_use pci_nic_use(const struct pci_nic *nic) {
	static const char *const for_dpdk[] = {"vfio-pci", "uio_pci_generic", "igb_uio", NULL};
	static const char *const shared[] = {"mlx5_core", "mlx4_core", "mana", NULL};
	if (nic->driver[0] == '\0')
		return PCI_NIC_NO_DRIVER;
	if (is_one_of(nic->driver, for_dpdk))
		return PCI_NIC_OF_DPDK;
	return is_one_of(nic->driver, shared) ? PCI_NIC_SHARED : PCI_NIC_OF_KERNEL;
}
