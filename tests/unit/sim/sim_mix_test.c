#include "lib/sim/sim_mix.h"

#include <criterion/criterion.h>

static uint32_t weights[SIM_NB_BEHAVIOURS + 1];

static uint64_t sum(void) {
	uint64_t all = 0;
	for (unsigned int i = 0; i <= SIM_NB_BEHAVIOURS; i++)
		all += weights[i];
	return all;
}

Test(sim_mix, most_of_the_realistic_internet_is_dead) {
	cr_assert(sim_mix_parse("realistic", weights));
	cr_expect_gt(weights[31] * 100u, sum() * 97);
	cr_expect_lt(weights[31] * 100u, sum() * 99);
	cr_expect_gt(weights[2] * 100u, sum());
	cr_expect_gt(weights[1] * 2000u, sum());
	for (unsigned int i = 0; i <= SIM_NB_BEHAVIOURS; i++)
		cr_expect_gt(weights[i], 0, "a sprinkling of #%u", i);
}

Test(sim_mix, an_even_mix_has_every_behaviour_with_a_number_once) {
	cr_assert(sim_mix_parse("even", weights));
	cr_expect_eq(weights[0], 0);
	for (unsigned int i = 1; i <= SIM_NB_BEHAVIOURS; i++)
		cr_expect_eq(weights[i], 1);
}

Test(sim_mix, in_an_answering_mix_nobody_is_dead_or_closed) {
	cr_assert(sim_mix_parse("answering", weights));
	cr_expect_eq(weights[31] + weights[32] + weights[46], 0);
	cr_expect_eq(sum(), SIM_NB_BEHAVIOURS - 3);
}

Test(sim_mix, a_number_is_that_behaviour_alone) {
	cr_assert(sim_mix_parse("46", weights));
	cr_expect_eq(weights[46], 1);
	cr_expect_eq(sum(), 1);
	cr_assert(sim_mix_parse("0", weights));
	cr_expect_eq(weights[0], 1);
}

Test(sim_mix, pairs_name_numbers_and_weights) {
	cr_assert(sim_mix_parse("1:50,2:0,31:1000000000", weights));
	cr_expect_eq(weights[1], 50);
	cr_expect_eq(weights[2], 0);
	cr_expect_eq(weights[31], 1000000000);
	cr_expect_eq(sum(), 1000000050);
}

Test(sim_mix, a_bad_text_is_refused_and_changes_nothing) {
	static const char *const bad[] = {"", " ", "evenly", "even ", "47", "-1", "1:", ":1",
		"1:2,", "1:2,,3:4", "47:1", "1:1:1", "1:1,1:2", "1:0", "1:0,2:0", "1:1000000001",
		"1:4294967297", "4294967297", "1:1 ,2:1", "1:x", "x:1", "1:-1", "1,2"};
	cr_assert(sim_mix_parse("7", weights));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_not(sim_mix_parse(bad[i], weights), "'%s'", bad[i]);
		cr_expect(weights[7] == 1 && sum() == 1, "'%s' changed it", bad[i]);
	}
}
