#include "app/lcores.h"

#include <criterion/criterion.h>

static struct lcores read_one(const char *option, const char *value) {
	char *argv[] = {(char *)"dpdk-tfoscan", (char *)option, (char *)value};
	return lcores_read(value ? 3 : 2, argv);
}

Test(lcores, a_list_is_counted_and_its_highest_cpu_is_known) {
	struct lcores l = read_one("-l", "0-7");
	cr_assert(l.is_given);
	cr_assert_not(l.is_bad);
	cr_assert_eq(l.nb, 8);
	cr_assert_eq(l.highest_cpu, 7);
	l = read_one("-l", "1,3,5-6");
	cr_assert_eq(l.nb, 4);
	cr_assert_eq(l.highest_cpu, 6);
}

Test(lcores, a_list_may_be_glued_to_its_option) {
	cr_assert_eq(read_one("-l0-2", NULL).nb, 3);
	cr_assert_eq(read_one("-l=0-2", NULL).nb, 3);
}

Test(lcores, a_map_counts_lcores_and_not_cpus) {
	struct lcores l = read_one("--lcores", "(0-7)@(0,1)");
	cr_assert_not(l.is_bad);
	cr_assert_eq(l.nb, 8);
	cr_assert_eq(l.highest_cpu, 0);
	cr_assert_eq(read_one("--lcores", "0@0,1@1").nb, 2);
	cr_assert_eq(read_one("--lcores=0,(1,2-4)@3,9@(5-7)", NULL).nb, 6);
}

Test(lcores, what_is_no_list_is_left_to_dpdk) {
	static const char *const bad[] = {"", "a", "1-", "7-0", "0,", "0-9999", "0;1"};
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert(read_one("-l", bad[i]).is_bad, "%s", bad[i]);
	cr_assert(read_one("--lcores", "(0-7@(0,1)").is_bad);
	cr_assert(read_one("--lcores", "(0-7)@(0,1").is_bad);
}

Test(lcores, other_options_are_none) {
	cr_assert_not(read_one("--log-level", "8").is_given);
	cr_assert_not(read_one("--lcoresx", "8").is_given);
}

Test(lcores, who_collects_is_no_worker) {
	cr_assert_eq(lcores_nb_workers(8, 1), 7);
	cr_assert_eq(lcores_nb_workers(10, 3), 7);
	cr_assert_eq(lcores_nb_workers(4, 3), 1);
}

Test(lcores, an_only_lcore_is_both) {
	cr_assert_eq(lcores_nb_workers(1, 1), 1);
	cr_assert_eq(lcores_nb_workers(2, 1), 1);
}

Test(lcores, more_collectors_than_lcores_leave_no_worker) {
	cr_assert_eq(lcores_nb_workers(3, 3), 0);
	cr_assert_eq(lcores_nb_workers(1, 2), 0);
	cr_assert_eq(lcores_nb_workers(2, 8), 0);
}
