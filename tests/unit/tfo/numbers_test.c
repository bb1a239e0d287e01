#include "lib/tfo/numbers.h"

#include <criterion/criterion.h>

static const struct ip_addr a4 = {.octets = {[10] = 0xff, [11] = 0xff, 192, 0, 2, 1}};
static const struct ip_addr a6 = {.octets = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}};

static struct numbers with(uint64_t seed, uint64_t epoch) {
	struct numbers n;
	numbers_init(&n, seed, epoch);
	return n;
}

static bool conn_equal(struct conn_numbers a, struct conn_numbers b) {
	return a.isn == b.isn && a.ts_base == b.ts_base && a.ip_id == b.ip_id &&
	       a.flow_label == b.flow_label;
}

Test(numbers, the_same_seed_and_epoch_give_the_same_numbers) {
	struct numbers a = with(7, 9), b = with(7, 9);
	cr_expect(conn_equal(numbers_conn(numbers_target(&a, &a4, 53), 40000),
		numbers_conn(numbers_target(&b, &a4, 53), 40000)));
	cr_expect_eq(numbers_dns_id(numbers_target(&a, &a4, 53)),
		numbers_dns_id(numbers_target(&b, &a4, 53)));
}

Test(numbers, another_seed_or_epoch_gives_others) {
	struct numbers a = with(7, 9), seed = with(8, 9), epoch = with(7, 10);
	uint32_t isn = numbers_conn(numbers_target(&a, &a4, 53), 40000).isn;
	cr_expect_neq(isn, numbers_conn(numbers_target(&seed, &a4, 53), 40000).isn);
	cr_expect_neq(isn, numbers_conn(numbers_target(&epoch, &a4, 53), 40000).isn);
	cr_expect_neq(numbers_dns_id(numbers_target(&a, &a6, 53)),
		numbers_dns_id(numbers_target(&epoch, &a6, 53)));
}

Test(numbers, whom_we_talk_to_and_from_where_is_all_in_the_isn) {
	struct numbers n = with(1, 2);
	uint32_t isn = numbers_conn(numbers_target(&n, &a4, 53), 40000).isn;
	cr_expect_neq(isn, numbers_conn(numbers_target(&n, &a6, 53), 40000).isn);
	cr_expect_neq(isn, numbers_conn(numbers_target(&n, &a4, 54), 40000).isn);
	cr_expect_neq(isn, numbers_conn(numbers_target(&n, &a4, 53), 40001).isn);
}

Test(numbers, the_ports_of_a_target_differ_and_stay_within_the_range) {
	static const struct ports ranges[] = {{32768, 28233, NULL},
		{40000, NUMBERS_MAX_CONNECTIONS, NULL}, {65535 - 127, 128, NULL}, {1, 129, NULL}};
	for (unsigned int r = 0; r < sizeof(ranges) / sizeof(ranges[0]); r++) {
		for (unsigned int seed = 0; seed < 200; seed++) {
			struct numbers n = with(seed, 1);
			uint16_t ports[NUMBERS_MAX_CONNECTIONS];
			for (unsigned int i = 0; i < NUMBERS_MAX_CONNECTIONS; i++) {
				ports[i] = ports_choose(
					&ranges[r], numbers_target(&n, &a6, 53), &a6, 53, i);
				cr_assert_geq(ports[i], ranges[r].first);
				cr_assert_leq(ports[i], ranges[r].first + ranges[r].count - 1);
				for (unsigned int k = 0; k < i; k++)
					cr_assert_neq(ports[i], ports[k]);
			}
		}
	}
}

Test(numbers, first_ports_are_spread_over_the_range) {
	struct ports range = {40000, 100, NULL};
	unsigned int hits[100] = {0};
	struct numbers n = with(3, 3);
	struct ip_addr a = a4;
	for (unsigned int i = 0; i < 10000; i++) {
		a.octets[14] = (uint8_t)(i >> 8);
		a.octets[15] = (uint8_t)i;
		hits[ports_choose(&range, numbers_target(&n, &a, 53), &a, 53, 0) - 40000]++;
	}
	// 100 each, standard deviation 10
	for (unsigned int i = 0; i < 100; i++)
		cr_expect(hits[i] > 50 && hits[i] < 150, "port %u: %u times", 40000 + i, hits[i]);
}

Test(numbers, a_flow_label_has_twenty_bits) {
	struct numbers n = with(4, 4);
	uint32_t all = 0;
	for (uint16_t port = 1; port < 1000; port++)
		all |= numbers_conn(numbers_target(&n, &a6, 53), port).flow_label;
	cr_expect_eq(all, 0xfffff);
}
