// What the kernel tells of an interface's card. Every machine has lo.
#include "lib/iface_nic.h"

#include <criterion/criterion.h>

#include <errno.h>

Test(iface_nic, the_address_of_a_pci_function_is_known_by_its_form) {
	cr_assert(iface_nic_is_pci("0000:01:00.0"));
	cr_assert(iface_nic_is_pci("00ff:aB:1f.7"));
	cr_assert_not(iface_nic_is_pci(""));
	cr_assert_not(iface_nic_is_pci("01:00.0"));
	cr_assert_not(iface_nic_is_pci("0000:01:00.0 "));
	cr_assert_not(iface_nic_is_pci("0000:01:00,0"));
	cr_assert_not(iface_nic_is_pci("0000:0g:00.0"));
	cr_assert_not(iface_nic_is_pci("usb-0000:00:"));
}

Test(iface_nic, an_interface_that_is_not_there_is_said) {
	struct iface_nic nic;
	uint32_t id;
	cr_assert_eq(iface_nic_read("nosuch0", &nic), -ENODEV);
	cr_assert_eq(iface_nic_read("a_name_that_is_too_long_for_one", &nic), -ENODEV);
	cr_assert_eq(iface_nic_xdp("nosuch0", &id), -ENODEV);
}

Test(iface_nic, loopback_is_no_card_and_has_a_queue) {
	struct iface_nic nic;
	cr_assert_eq(iface_nic_read("lo", &nic), 0);
	cr_assert_str_empty(nic.pci);
	cr_assert_eq(nic.queues.now, 1);
	cr_assert_geq(nic.queues.max, nic.queues.now);
	cr_assert_eq(nic.rss_entries, 0);
	cr_assert_eq(nic.numa_node, -1);
}

Test(iface_nic, loopback_has_no_xdp_program) {
	uint32_t id = 7;
	cr_assert_eq(iface_nic_xdp("lo", &id), 0);
	cr_assert_eq(id, 0);
}
