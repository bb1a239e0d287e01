#include "lib/measure.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct measure measure = {.app = &app_dnstcp,
	.tries = 3,
	.rounds = 2,
	.timeout_s = 7,
	.ports = {.first = 40000, .count = 1000},
	.nb_workers = 3};

Test(measure, each_worker_has_ports_of_its_own) {
	struct target_rules rules;
	uint16_t next = 40000;
	for (unsigned int i = 0; i < 3; i++) {
		measure_rules(&measure, i, &rules);
		cr_expect_eq(rules.ports.first, next);
		cr_expect_eq(rules.ports.count, 333);
		next = (uint16_t)(next + 333);
	}
}

Test(measure, blocks_are_powers_of_two_aligned_and_within_the_range) {
	const struct port_range usual = {.first = 32768, .count = 28233};
	struct port_range blocks = measure_blocks(&usual, 4);
	cr_assert(blocks.first == 32768 && blocks.count == 4 * 4096);
	for (uint32_t first = 1; first < 60000; first += 997) {
		for (unsigned int nb = 1; nb <= 64; nb += 7) {
			const struct port_range all = {(uint16_t)first, (uint16_t)(64000 - first)};
			blocks = measure_blocks(&all, nb);
			uint32_t block = blocks.count / nb;
			cr_assert_gt(block, 0);
			cr_assert_eq(block & (block - 1), 0);
			cr_assert_eq(blocks.first % block, 0);
			cr_assert_geq(blocks.first, first);
			cr_assert_leq((uint32_t)blocks.first + blocks.count, 64000);
		}
	}
}

Test(measure, fewer_ports_than_workers_make_no_blocks) {
	const struct port_range few = {.first = 40000, .count = 3};
	cr_assert_eq(measure_blocks(&few, 4).count, 0);
}

Test(measure, later_rounds_try_harder_and_wait_longer) {
	struct target_rules rules;
	measure_rules(&measure, 0, &rules);
	cr_expect_eq(rules.conn.syn_tries, 3);
	cr_expect_eq(rules.conn.wait_ns, 7 * NSEC_PER_SEC);
	cr_expect_eq(rules.later.syn_tries, CONN_MAX_TRIES);
	cr_expect_eq(rules.later.wait_ns, 12 * NSEC_PER_SEC);
	measure.app = &app_tcp;
	measure_rules(&measure, 0, &rules);
	cr_expect_eq(rules.conn.wait_ns, 500 * NSEC_PER_MSEC);
	cr_expect_eq(rules.later.wait_ns, 500 * NSEC_PER_MSEC);
}

Test(measure, the_numbers_are_those_of_seed_and_epoch) {
	struct target_rules one, other;
	struct ip_addr addr = {.octets = {0x20, 1}};
	measure.seed = 5;
	measure_rules(&measure, 0, &one);
	measure.epoch++;
	measure_rules(&measure, 0, &other);
	cr_expect_neq(numbers_conn(numbers_target(&one.numbers, &addr, 53), 40000).isn,
		numbers_conn(numbers_target(&other.numbers, &addr, 53), 40000).isn);
}

Test(measure, ports_are_steered_to_the_queue_of_the_worker) {
	struct measure m = measure;
	m.ports = (struct port_range){32768, 28233};
	m.steer = (struct steer){.nb_entries = 4, .queues = {0, 1, 2, 1}};
	memset(m.steer.key, 0x5a, 7);
	memset(m.steer.key + 7, 0x3c, STEER_KEY_OCTETS - 7);
	m.steer.key[11] = m.steer.key[13] = 1;
	struct ip_addr addr = {.octets = {0x20, 1}};
	for (unsigned int i = 0; i < 3; i++) {
		struct target_rules rules;
		void *memory = malloc(measure_steer_octets(&m));
		measure_rules(&m, i, &rules);
		cr_assert_null(rules.ports.steering);
		cr_assert(measure_steer(&m, i, &rules, memory));
		uint16_t port = ports_choose(
			&rules.ports, numbers_target(&rules.numbers, &addr, 53), &addr, 53, 0);
		cr_expect_eq(steer_queue(&m.steer, &addr, &m.laddr6, 53, port), i);
		free(memory);
	}
}
