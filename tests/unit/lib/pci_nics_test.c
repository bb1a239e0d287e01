// Network cards out of a tree that looks like sysfs.
#include "lib/pci_nics.h"

#include <criterion/criterion.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/pci_nics_test.XXXXXX";

static void run(const char *format, const char *a, const char *b) {
	char command[1024];
	snprintf(command, sizeof(command), format, root, a, b);
	cr_assert_eq(system(command), 0, "%s", command);
}

static void make_root(void) {
	cr_assert_not_null(mkdtemp(root));
}

static void remove_root(void) {
	run("rm -rf %s%s%s", "", "");
}

static void add_device(const char *pci, const char *class) {
	run("mkdir -p %1$s/bus/pci/devices/%2$s && cd %1$s/bus/pci/devices/%2$s && "
	    "echo %3$s >class && echo 0x8086 >vendor && echo 0x1521 >device",
		pci, class);
}

static void add_driver(const char *pci, const char *driver) {
	run("ln -s ../../drivers/%3$s %1$s/bus/pci/devices/%2$s/driver", pci, driver);
}

TestSuite(pci_nics, .init = make_root, .fini = remove_root);

Test(pci_nics, cards_are_found_among_other_devices_in_the_order_of_their_addresses) {
	struct pci_nic nics[8];
	add_device("0000:02:00.0", "0x020000");
	add_device("0000:00:01.0", "0x060000");
	add_device("0000:01:00.1", "0x020000");
	add_device("not-an-address", "0x020000");
	cr_assert_eq(pci_nics_read(root, nics, 8), 2);
	cr_assert_str_eq(nics[0].pci, "0000:01:00.1");
	cr_assert_str_eq(nics[1].pci, "0000:02:00.0");
	cr_assert_eq(nics[0].vendor, 0x8086);
	cr_assert_eq(nics[0].device, 0x1521);
	cr_assert_eq(nics[0].numa_node, -1);
}

Test(pci_nics, driver_and_interface_of_a_card_are_known) {
	struct pci_nic nic;
	add_device("0000:01:00.0", "0x020000");
	add_driver("0000:01:00.0", "igb");
	run("mkdir -p %s/bus/pci/devices/%s/net/%s", "0000:01:00.0", "eth0");
	run("echo 1 >%s/bus/pci/devices/%s/%s", "0000:01:00.0", "numa_node");
	cr_assert_eq(pci_nics_read(root, &nic, 1), 1);
	cr_assert_str_eq(nic.driver, "igb");
	cr_assert_str_eq(nic.interface, "eth0");
	cr_assert_eq(nic.numa_node, 1);
	cr_assert_eq(pci_nic_use(&nic), PCI_NIC_OF_KERNEL);
}

Test(pci_nics, interface_of_a_virtio_card_lies_one_device_deeper) {
	struct pci_nic nic;
	add_device("0000:00:03.0", "0x020000");
	add_driver("0000:00:03.0", "virtio-pci");
	run("mkdir -p %s/bus/pci/devices/%s/virtio0/net/%s", "0000:00:03.0", "ens3");
	cr_assert_eq(pci_nics_read(root, &nic, 1), 1);
	cr_assert_str_eq(nic.interface, "ens3");
}

Test(pci_nics, who_has_a_card_is_told_by_its_driver) {
	struct pci_nic nic = {.driver = "vfio-pci"};
	cr_assert_eq(pci_nic_use(&nic), PCI_NIC_OF_DPDK);
	nic = (struct pci_nic){.driver = "mlx5_core"};
	cr_assert_eq(pci_nic_use(&nic), PCI_NIC_SHARED);
	nic = (struct pci_nic){.driver = ""};
	cr_assert_eq(pci_nic_use(&nic), PCI_NIC_NO_DRIVER);
}

Test(pci_nics, no_more_are_read_than_there_is_room_for) {
	struct pci_nic nic;
	add_device("0000:01:00.0", "0x020000");
	add_device("0000:01:00.1", "0x020000");
	cr_assert_eq(pci_nics_read(root, &nic, 1), 1);
}

Test(pci_nics, a_machine_without_pci_has_none) {
	struct pci_nic nic;
	cr_assert_eq(pci_nics_read(root, &nic, 1), 0);
}
