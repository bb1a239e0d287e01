#include "lib/sim/sim_behaviour.h"

#include <criterion/criterion.h>
#include <limits.h>

static struct sim_config config;

static struct ip_addr address(uint32_t n) {
	struct ip_addr a = {.octets = {0x20, 0x01, 0x0d, 0xb8}};
	memcpy(a.octets + 12, &n, sizeof(n));
	return a;
}

Test(sim_behaviour, every_number_has_a_row_and_rows_of_one_number_stand_together) {
	bool is_over[SIM_NB_BEHAVIOURS + 1] = {false};
	unsigned int previous = UINT_MAX;
	for (unsigned int i = 0; i < sim_behaviour_nb_rows(); i++) {
		const struct sim_behaviour *row = sim_behaviour_row(i);
		cr_assert_leq(row->number, SIM_NB_BEHAVIOURS);
		cr_expect_not_null(row->words[0], "%s", row->name);
		if (row->number == previous)
			continue;
		cr_expect(!is_over[row->number], "#%u again", row->number);
		is_over[row->number] = true;
		previous = row->number;
	}
	for (unsigned int i = 0; i <= SIM_NB_BEHAVIOURS; i++)
		cr_expect(is_over[i], "#%u", i);
}

Test(sim_behaviour, behaviours_are_met_as_often_as_their_weights_say) {
	unsigned int nb_met[SIM_NB_BEHAVIOURS + 1] = {0};
	config = (struct sim_config){.seed = 3};
	cr_assert(sim_mix_parse("1:10,31:70,46:19,0:1", config.weights));
	for (uint32_t n = 0; n < 100000; n++) {
		struct ip_addr a = address(n);
		nb_met[sim_behaviour_of(&config, &a)]++;
	}
	cr_expect(nb_met[1] > 9500 && nb_met[1] < 10500, "%u", nb_met[1]);
	cr_expect(nb_met[31] > 69500 && nb_met[31] < 70500, "%u", nb_met[31]);
	cr_expect(nb_met[46] > 18500 && nb_met[46] < 19500, "%u", nb_met[46]);
	cr_expect(nb_met[0] > 800 && nb_met[0] < 1200, "%u", nb_met[0]);
	cr_expect_eq(nb_met[0] + nb_met[1] + nb_met[31] + nb_met[46], 100000);
}

Test(sim_behaviour, an_address_keeps_its_behaviour_under_one_seed_only) {
	struct sim_config other;
	unsigned int nb_other = 0;
	config = (struct sim_config){.seed = 3};
	cr_assert(sim_mix_parse("even", config.weights));
	other = config;
	other.seed = 4;
	for (uint32_t n = 0; n < 1000; n++) {
		struct ip_addr a = address(n);
		unsigned int number = sim_behaviour_of(&config, &a);
		cr_expect_eq(sim_behaviour_of(&config, &a), number);
		nb_other += sim_behaviour_of(&other, &a) != number;
	}
	cr_expect_gt(nb_other, 900);
}

Test(sim_behaviour, all_rows_and_variants_of_a_number_are_met) {
	static const unsigned int nb_forms[] = {[0] = 7, [25] = 3, [43] = 10, [24] = 5, [46] = 2};
	for (unsigned int number = 0; number < sizeof(nb_forms) / sizeof(nb_forms[0]); number++) {
		bool is_met[128][16] = {{false}};
		unsigned int nb_met = 0;
		config = (struct sim_config){.seed = 5, .weights = {[0] = 0}};
		config.weights[number] = 1;
		for (uint32_t n = 0; n < 1000 && nb_forms[number] > 0; n++) {
			struct ip_addr a = address(n);
			unsigned int variant, row = 0;
			const struct sim_behaviour *at = sim_behaviour_at(
				&config, sim_behaviour_hash(&config, &a), &variant);
			while (sim_behaviour_row(row) != at)
				row++;
			cr_assert_eq(at->number, number);
			cr_assert(variant == 0 || variant < at->nb_variants);
			nb_met += !is_met[row][variant];
			is_met[row][variant] = true;
		}
		cr_expect_eq(nb_met, nb_forms[number], "#%u: %u", number, nb_met);
	}
}

Test(sim_behaviour, one_row_may_stand_at_every_address) {
	static const struct sim_behaviour mine = {.number = 7};
	unsigned int variant;
	config = (struct sim_config){.only = &mine, .only_variant = 3};
	cr_expect_eq(sim_behaviour_at(&config, 12345, &variant), &mine);
	cr_expect_eq(variant, 3);
}

Test(sim_behaviour, draws_for_different_purposes_are_independent_and_in_range) {
	unsigned int nb_same = 0, nb_zero = 0;
	for (uint64_t hash = 0; hash < 10000; hash++) {
		uint32_t turn = sim_behaviour_draw(hash, SIM_PURPOSE_TURN, 4);
		cr_assert_lt(turn, 4);
		nb_zero += turn == 0;
		nb_same += turn == sim_behaviour_draw(hash, SIM_PURPOSE_VARIANT, 4);
	}
	cr_expect(nb_same > 2200 && nb_same < 2800, "%u", nb_same);
	cr_expect(nb_zero > 2200 && nb_zero < 2800, "%u", nb_zero);
}
