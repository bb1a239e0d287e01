#include "lib/sim/sim_option.h"

#include <criterion/criterion.h>

static struct segment with(const uint8_t *options, uint8_t len) {
	return (struct segment){.options = options, .options_len = len};
}

Test(sim_option, of_two_options_the_last_one_counts) {
	static const uint8_t both[] = {34, 2, 254, 8, 0xf9, 0x89, 1, 2, 3, 4};
	struct segment seg = with(both, sizeof(both));
	struct sim_option opt = sim_option_find(&seg, SIM_OPTION_NONE);
	cr_expect_eq(opt.kind, 254);
	cr_expect_eq(opt.cookie_octets, 4);
	cr_expect_eq(opt.cookie[0], 1);
	opt = sim_option_find(&seg, 254);
	cr_expect_eq(opt.kind, 34);
	cr_expect_eq(opt.cookie_octets, 0);
}

Test(sim_option, another_experiment_is_odd_but_not_fast_open) {
	static const uint8_t foreign[] = {254, 4, 0x12, 0x34}, cut[] = {254, 3, 0xf9, 1};
	struct segment seg = with(foreign, sizeof(foreign));
	cr_expect(!sim_option_is_there(&seg));
	cr_expect(sim_option_is_odd(&seg));
	seg = with(cut, sizeof(cut));
	cr_expect(!sim_option_is_there(&seg));
	seg = with(NULL, 0);
	cr_expect(!sim_option_is_odd(&seg));
}

Test(sim_option, kind_253_and_broken_options_are_nothing) {
	static const uint8_t other[] = {253, 4, 0xf9, 0x89}, broken[] = {34, 1, 0, 0};
	struct segment seg = with(other, sizeof(other));
	cr_expect(!sim_option_is_there(&seg) && !sim_option_is_odd(&seg));
	seg = with(broken, sizeof(broken));
	cr_expect(!sim_option_is_there(&seg));
}

Test(sim_option, what_is_put_is_found) {
	static const uint8_t cookie[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
	static const uint8_t kinds[] = {34, 254};
	for (unsigned int k = 0; k < 2; k++) {
		for (uint8_t octets = 0; octets <= 16; octets++) {
			struct sim_reply reply = {0};
			sim_option_put(&reply, kinds[k], cookie, octets);
			struct segment seg = with(reply.option, reply.option_len);
			struct sim_option opt = sim_option_find(&seg, SIM_OPTION_NONE);
			cr_expect_eq(opt.kind, kinds[k]);
			cr_expect_eq(opt.cookie_octets, octets);
			cr_expect_eq(memcmp(opt.cookie, cookie, octets), 0);
		}
	}
}

Test(sim_option, stripping_leaves_nops_and_all_other_options) {
	uint8_t options[] = {2, 4, 5, 0xb4, 34, 6, 1, 2, 3, 4, 1, 1, 254, 4, 0xf9, 0x89};
	static const uint8_t left[] = {2, 4, 5, 0xb4, 1, 1, 1, 1, 1, 1, 1, 1, 254, 4, 0xf9, 0x89};
	struct segment seg = with(options, sizeof(options));
	sim_option_strip(&seg, options, 34);
	cr_expect_arr_eq(options, left, sizeof(left));
	uint8_t end[] = {0, 34, 2, 1};
	seg = with(end, sizeof(end));
	sim_option_strip(&seg, end, 34);
	cr_expect_eq(end[1], 34, "behind the end of the list");
}
