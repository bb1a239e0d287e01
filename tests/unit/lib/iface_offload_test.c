#include "lib/iface_offload.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

Test(iface_offload, loopback_has_no_hardware_that_merges) {
	struct iface_offloads offloads = {.has_lro = true, .has_gro_hw = true};
	cr_assert_eq(iface_offload_read("lo", &offloads), 0);
	cr_assert_not(offloads.has_lro);
	cr_assert_not(offloads.has_gro_hw);
}

Test(iface_offload, unknown_interface_is_refused_and_nothing_written) {
	struct iface_offloads offloads = {.has_gro = true};
	cr_assert_eq(iface_offload_read("no-such-iface", &offloads), -ENODEV);
	cr_assert(offloads.has_gro);
}

Test(iface_offload, name_longer_than_an_interface_has_is_refused) {
	struct iface_offloads offloads;
	char name[200] = {0};
	cr_assert_eq(iface_offload_read("sixteen-letters!", &offloads), -ENODEV);
	memset(name, 'l', sizeof(name) - 1);
	cr_assert_eq(iface_offload_read(name, &offloads), -ENODEV);
}
