// Free memory out of a tree that looks like sysfs, and a file that looks like /proc/meminfo.
#include "lib/hostmem.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

static char root[] = "/tmp/hostmem_test.XXXXXX";

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

static void add_pages(const char *pages, const char *nb_free) {
	run("mkdir -p %1$s/%2$s && echo %3$s >%1$s/%2$s/free_hugepages", pages, nb_free);
}

static const char *meminfo(const char *text) {
	static char path[64];
	run("printf '%2$s' >%1$s/meminfo%3$s", text, "");
	snprintf(path, sizeof(path), "%s/meminfo", root);
	return path;
}

TestSuite(hostmem, .init = make_root, .fini = remove_root);

Test(hostmem, hugepages_of_all_sizes_are_counted_by_node) {
	add_pages("devices/system/node/node0/hugepages/hugepages-2048kB", "3");
	add_pages("devices/system/node/node0/hugepages/hugepages-1048576kB", "1");
	add_pages("devices/system/node/node1/hugepages/hugepages-2048kB", "5");
	add_pages("kernel/mm/hugepages/hugepages-2048kB", "8");
	cr_assert_eq(hostmem_hugepages(root, 0), (UINT64_C(3 * 2) << 20) + (UINT64_C(1) << 30));
	cr_assert_eq(hostmem_hugepages(root, 1), UINT64_C(5 * 2) << 20);
	cr_assert_eq(hostmem_hugepages(root, -1), UINT64_C(8 * 2) << 20);
}

Test(hostmem, a_kernel_without_nodes_has_one_count_for_all) {
	add_pages("kernel/mm/hugepages/hugepages-2048kB", "8");
	cr_assert_eq(hostmem_hugepages(root, 0), UINT64_C(8 * 2) << 20);
}

Test(hostmem, what_is_not_there_or_no_number_counts_as_nothing) {
	cr_assert_eq(hostmem_hugepages(root, 0), 0);
	add_pages("kernel/mm/hugepages/hugepages-2048kB", "many");
	add_pages("kernel/mm/hugepages/hugepages-kB", "7");
	cr_assert_eq(hostmem_hugepages(root, 0), 0);
	cr_assert_eq(hostmem_available("/nowhere/meminfo"), 0);
	cr_assert_eq(hostmem_available(meminfo("MemFree: 12 kB\\n")), 0);
}

Test(hostmem, ordinary_memory_is_what_the_kernel_calls_available) {
	cr_assert_eq(hostmem_available(meminfo(
			     "MemTotal: 99 kB\\nMemFree: 12 kB\\nMemAvailable:   34 kB\\n")),
		34 << 10);
}
