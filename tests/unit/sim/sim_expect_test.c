// What the words mean is shown in tests/conversation; here, how they are put together.
#include "lib/sim/sim_expect.h"

#include "lib/sim/sim_behaviour.h"

#include <criterion/criterion.h>

static const struct ip_addr addr = {.octets = {0x20, 0x01, 0x0d, 0xb8, [15] = 4}};
static struct sim_config config;
static struct sim_expected out;

static void expect(unsigned int number, unsigned int nb_rounds, bool has_controls, bool is_tcp) {
	const struct sim_expect_rules rules = {nb_rounds, has_controls, is_tcp, false};
	config.weights[number] = 1;
	sim_expect(&config, &addr, &rules, &out);
	config.weights[number] = 0;
}

static bool has(const char *const *list, const char *word) {
	for (; *list != NULL; list++) {
		if (strcmp(*list, word) == 0)
			return true;
	}
	return false;
}

static unsigned int nb_words(void) {
	unsigned int n = 0;
	while (out.words[n] != NULL)
		n++;
	return n;
}

Test(sim_expect, a_dead_address_is_offline_whatever_is_asked) {
	for (unsigned int i = 0; i < 8; i++) {
		expect(31, i & 1 ? 3 : 1, i & 2, i & 4);
		cr_expect_eq(nb_words(), 1);
		cr_expect(has(out.words, "tfo.connectivity.offline"));
	}
}

Test(sim_expect, controls_add_words_and_rounds_replace_them) {
	expect(1, 1, false, false);
	cr_expect_eq(nb_words(), 5);
	expect(1, 3, true, false);
	cr_expect_eq(nb_words(), 8);
	cr_expect(has(out.words, "tfo.cookie.stable"));
	expect(36, 1, false, false);
	cr_expect(has(out.words, "tfo.connectivity.broken"));
	expect(36, 3, false, false);
	cr_expect(has(out.words, "tfo.connectivity.offline"));
	cr_expect(has(out.words, "tfo.baseline.flapped"));
	expect(36, 3, true, false);
	cr_expect_eq(nb_words(), 3);
	cr_expect(has(out.words, "tfo.path.blacklist_suspect"));
}

Test(sim_expect, in_tcp_mode_a_server_that_never_answers_works) {
	expect(16, 1, false, false);
	cr_expect(has(out.words, "tfo.failure.stall"));
	expect(16, 1, false, true);
	cr_expect(has(out.words, "tfo.connectivity.works"));
}

Test(sim_expect, an_answer_slower_than_the_way_comes_behind_our_ack) {
	config.rtt_min_ns = 10000000;
	config.answer_delay_ns = 9999999;
	expect(1, 1, false, false);
	cr_expect(has(out.words, "tfo.zerortt.yes"));
	config.answer_delay_ns = 10000000;
	expect(1, 1, false, false);
	cr_expect(has(out.words, "tfo.zerortt.no"));
	cr_expect(!has(out.words, "tfo.zerortt.yes"));
	expect(37, 1, false, false);
	cr_expect(has(out.words, "tfo.zerortt.yes"), "that answer waits for nothing");
	config.rtt_min_ns = config.answer_delay_ns = 0;
}

Test(sim_expect, no_cookie_and_no_acknowledgement_comes_by_chance) {
	static const unsigned int without[] = {
		2, 3, 4, 10, 13, 20, 21, 22, 24, 26, 32, 34, 36, 38, 43};
	for (unsigned int i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
		expect(without[i], 3, true, false);
		cr_expect(!has(out.words, "tfo.cookie.received"), "#%u", without[i]);
		cr_expect(!has(out.by_chance, "tfo.cookie.received"), "#%u", without[i]);
	}
	// not 9: the first cookie may be lost, and the next one is good
	static const unsigned int refused[] = {5, 11, 12, 14, 17, 18, 19, 23, 33, 39};
	for (unsigned int i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		expect(refused[i], 3, true, false);
		cr_expect(!has(out.words, "tfo.syndata.acked"), "#%u", refused[i]);
		cr_expect(!has(out.by_chance, "tfo.syndata.acked"), "#%u", refused[i]);
	}
	expect(1, 3, true, false);
	cr_expect(has(out.by_chance, "tfo.connectivity.broken"), "three times bad luck");
	cr_expect(!has(out.by_chance, "tfo.syndata.not_acked"));
	cr_expect(!has(out.by_chance, "tfo.cookie.not_received"));
}

Test(sim_expect, no_list_has_a_word_twice) {
	for (unsigned int number = 0; number <= SIM_NB_BEHAVIOURS; number++) {
		for (unsigned int i = 0; i < 4; i++) {
			expect(number, i & 1 ? 3 : 1, i & 2, false);
			const char **lists[] = {out.words, out.by_chance};
			for (unsigned int l = 0; l < 2; l++) {
				for (const char **word = lists[l]; *word != NULL; word++)
					cr_expect(!has(word + 1, *word), "#%u %s", number, *word);
			}
		}
	}
}

Test(sim_expect, who_looks_for_one_message_is_told_of_no_second) {
	const struct sim_expect_rules rules = {1, false, false, true};
	expect(40, 1, false, false);
	unsigned int nb = nb_words();
	cr_assert(has(out.words, "tfo.answer.duplicate"));
	config.weights[40] = 1;
	sim_expect(&config, &addr, &rules, &out);
	cr_expect(!has(out.words, "tfo.answer.duplicate"));
	cr_expect(!has(out.by_chance, "tfo.answer.duplicate"));
	cr_expect_eq(nb_words(), nb - 1);
}
