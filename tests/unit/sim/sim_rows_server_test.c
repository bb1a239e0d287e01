// What servers do that no verdict shows alone; the verdicts are in tests/conversation.
#include "tests/unit/sim/exchange.h"

static uint8_t request(uint8_t kind, uint8_t *cookie) {
	ex_next_conn();
	ex_syn(kind, NULL, 0, 0);
	return ex_cookie(cookie);
}

Test(sim_rows_server, two_keys_take_turns_of_two_syns) {
	uint8_t cookies[8][SIM_OPTION_COOKIE_MAX_OCTETS];
	ex_begin(6, true);
	for (unsigned int i = 0; i < 8; i++)
		cr_assert_eq(request(34, cookies[i]), 8);
	unsigned int nb_changes = 0;
	for (unsigned int i = 0; i < 7; i++)
		nb_changes += memcmp(cookies[i], cookies[i + 1], 8) != 0;
	for (unsigned int i = 0; i < 4; i++) {
		cr_expect_arr_eq(cookies[i], cookies[i + 4], 8);
		cr_expect_arr_neq(cookies[i], cookies[i + 2], 8);
	}
	cr_expect(nb_changes == 3 || nb_changes == 4, "%u", nb_changes);
}

Test(sim_rows_server, a_syn_that_is_repeated_is_not_the_next_turn_of_two_keys) {
	uint8_t cookies[8][SIM_OPTION_COOKIE_MAX_OCTETS];
	ex_begin(6, true);
	for (unsigned int i = 0; i < 8; i++) {
		cr_assert_eq(request(34, cookies[i]), 8);
		ex_syn(34, NULL, 0, 0);
	}
	for (unsigned int i = 0; i < 4; i++) {
		cr_expect_arr_eq(cookies[i], cookies[i + 4], 8);
		cr_expect_arr_neq(cookies[i], cookies[i + 2], 8);
	}
}

Test(sim_rows_server, a_server_whose_key_changes_takes_its_old_cookies_but_no_flipped_one) {
	uint8_t first[SIM_OPTION_COOKIE_MAX_OCTETS], second[SIM_OPTION_COOKIE_MAX_OCTETS];
	ex_begin(8, true);
	cr_assert_eq(request(34, first), 8);
	cr_assert_eq(request(34, second), 8);
	cr_expect_arr_neq(first, second, 8);
	ex_next_conn();
	ex_syn(34, first, 8, sizeof(question));
	ex_expect_synack(sizeof(question));
	cr_expect_eq(ex_cookie(second), 8);
	cr_expect_arr_neq(first, second, 8);
	for (unsigned int octet = 0; octet < 8; octet++) {
		ex_next_conn();
		first[octet] ^= 1;
		ex_syn(34, first, 8, sizeof(question));
		ex_expect_synack(0);
		first[octet] ^= 1;
	}
}

Test(sim_rows_server, freebsd_takes_any_cookie_but_not_of_kind_254) {
	static const uint8_t any[4] = {1, 2, 3, 4};
	uint8_t cookie[SIM_OPTION_COOKIE_MAX_OCTETS];
	ex_begin(7, true);
	ex_syn(34, any, sizeof(any), sizeof(question));
	ex_expect_synack(sizeof(question));
	cr_expect_eq(request(254, cookie), 0);
}

Test(sim_rows_server, an_old_linux_knows_kind_254_alone) {
	uint8_t cookie[SIM_OPTION_COOKIE_MAX_OCTETS];
	ex_begin(26, true);
	cr_expect_eq(request(34, cookie), 0);
	cr_assert_eq(request(254, cookie), 8);
	ex_next_conn();
	ex_syn(254, cookie, 8, sizeof(question));
	ex_expect_synack(sizeof(question));
}

Test(sim_rows_server, the_mirror_sends_back_whatever_cookie_came) {
	static const uint8_t mine[8] = {9, 8, 7, 6, 5, 4, 3, 2};
	uint8_t cookie[SIM_OPTION_COOKIE_MAX_OCTETS];
	ex_begin(23, true);
	ex_syn(34, mine, 8, sizeof(question));
	ex_expect_synack(0);
	cr_assert_eq(ex_cookie(cookie), 8);
	cr_expect_arr_eq(cookie, mine, 8);
}

Test(sim_rows_server, the_longest_options_fill_the_header_exactly) {
	uint8_t cookie[SIM_OPTION_COOKIE_MAX_OCTETS];
	for (unsigned int i = 0; i < sim_behaviour_nb_rows(); i++) {
		const struct sim_behaviour *row = sim_behaviour_row(i);
		if (row->cookie_octets != 16)
			continue;
		ex_begin_with(&(struct sim_config){.only = row}, true);
		cr_expect_eq(request(254, cookie), 16);
		cr_expect_eq(ex_left(0)->options_len, TCPOPT_MAX_OCTETS);
	}
}

Test(sim_rows_server, the_numbers_of_44_wrap_within_an_answer) {
	ex_begin(44, true);
	for (unsigned int i = 0; i < 20; i++) {
		ex_plain_syn();
		cr_expect_gt(ex_left(0)->seq, UINT32_MAX - 60);
		ex_next_conn();
	}
}
