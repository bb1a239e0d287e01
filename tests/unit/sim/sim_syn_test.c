#include "tests/unit/sim/exchange.h"

Test(sim_syn, a_syn_gets_a_syn_ack_with_the_usual_options) {
	for (unsigned int is_v4 = 0; is_v4 < 2; is_v4++) {
		struct segment_options options;
		ex_begin(2, is_v4);
		ex_plain_syn();
		cr_assert_eq(ex.nb_left, 1);
		ex_expect_synack(0);
		segment_options_read(ex_left(0), &options);
		cr_expect_eq(options.mss, 1460);
		cr_expect(options.has_timestamps);
		cr_expect_eq(options.tsecr, 7);
		cr_expect_gt(ex_left(0)->window, 0);
	}
}

Test(sim_syn, a_request_gets_a_cookie_in_the_kind_that_asked) {
	static const uint8_t kinds[] = {34, 254};
	uint8_t cookies[2][SIM_OPTION_COOKIE_MAX_OCTETS];
	for (unsigned int i = 0; i < 2; i++) {
		ex_begin(1, true);
		ex_syn(kinds[i], NULL, 0, 0);
		cr_expect_eq(sim_option_find(ex_left(0), SIM_OPTION_NONE).kind, kinds[i]);
		cr_expect_eq(ex_cookie(cookies[i]), 8);
	}
	cr_expect_arr_eq(cookies[0], cookies[1], 8);
}

Test(sim_syn, data_with_the_cookie_are_taken_and_answered_before_any_ack) {
	uint8_t cookie[SIM_OPTION_COOKIE_MAX_OCTETS];
	ex_begin(1, true);
	ex_syn(34, NULL, 0, sizeof(question));
	ex_expect_synack(0);
	cr_assert_eq(ex.nb_left, 1, "a request's data are not looked at");
	ex_cookie(cookie);
	ex_next_conn();
	ex_syn(34, cookie, 8, sizeof(question));
	ex_expect_synack(sizeof(question));
	cr_expect_eq(ex_cookie(cookie), 0, "and no option");
	cr_assert_eq(ex.nb_left, 2);
	cr_expect_eq(ex_left(1)->data_len, sizeof(question) + 16);
	cr_expect_eq(ex_left(1)->seq, ex_left(0)->seq + 1);
	cr_expect_eq(ex.sim.counters.nb_questions, 1);
}

Test(sim_syn, a_wrong_cookie_gets_the_right_one_and_one_of_no_length_gets_nothing) {
	static const uint8_t wrong[18] = {0};
	uint8_t cookie[SIM_OPTION_COOKIE_MAX_OCTETS];
	ex_begin(1, true);
	ex_syn(34, wrong, 8, sizeof(question));
	ex_expect_synack(0);
	cr_expect_eq(ex_cookie(cookie), 8);
	ex_next_conn();
	ex_syn(34, cookie, 8, sizeof(question));
	ex_expect_synack(sizeof(question));
	static const uint8_t odd[] = {1, 2, 3, 5, 7, 18};
	for (unsigned int i = 0; i < sizeof(odd); i++) {
		ex_next_conn();
		ex_syn(34, wrong, odd[i], sizeof(question));
		ex_expect_synack(0);
		cr_expect_eq(ex_cookie(cookie), 0, "%u octets", odd[i]);
	}
}

Test(sim_syn, another_client_gets_another_cookie) {
	uint8_t one[SIM_OPTION_COOKIE_MAX_OCTETS], two[SIM_OPTION_COOKIE_MAX_OCTETS];
	ex_begin(1, true);
	ex_syn(34, NULL, 0, 0);
	ex_cookie(one);
	ex.client.octets[15] = 99;
	ex_syn(34, NULL, 0, 0);
	ex_cookie(two);
	cr_expect_arr_neq(one, two, 8);
}

Test(sim_syn, the_same_syn_again_gets_the_same_syn_ack) {
	ex_begin(1, true);
	ex_syn(34, NULL, 0, 0);
	struct left first = ex.left[0];
	ex_syn(34, NULL, 0, 0);
	cr_assert_eq(ex.nb_left, 1);
	cr_expect_arr_eq(first.octets, ex.left[0].octets, first.len);
	cr_expect_eq(sim_nb_conns(&ex.sim), 1);
}

// Its numbers are those of the connection that is there: a challenge ACK.
Test(sim_syn, another_syn_on_the_ports_of_a_connection_gets_an_ack) {
	ex_begin(2, true);
	ex_plain_syn();
	uint32_t iss = ex_left(0)->seq, seq = ex.seq;
	ex.seq += 5000;
	ex_plain_syn();
	cr_assert_eq(ex.nb_left, 1);
	cr_expect_eq(ex_left(0)->flags, TCP_ACK);
	cr_expect_eq(ex_left(0)->ack, seq + 1);
	cr_expect_eq(ex_left(0)->seq, iss + 1);
}

Test(sim_syn, a_plain_syn_with_the_number_of_a_lost_one_is_told_what_was_taken) {
	uint8_t cookie[SIM_OPTION_COOKIE_MAX_OCTETS];
	ex_begin(1, true);
	ex_syn(34, NULL, 0, 0);
	ex_cookie(cookie);
	ex_next_conn();
	ex_syn(34, cookie, 8, sizeof(question));
	ex_plain_syn();
	cr_assert_eq(ex.nb_left, 1);
	ex_expect_synack(sizeof(question));
	cr_expect_eq(ex.sim.counters.nb_questions, 1);
}

Test(sim_syn, a_syn_with_fin_or_ack_gets_nothing) {
	ex_begin(1, true);
	ex_segment((struct segment){.seq = 1, .flags = TCP_SYN | TCP_FIN});
	cr_expect_eq(ex.nb_left, 0);
	ex_segment((struct segment){.seq = 1, .flags = TCP_SYN | TCP_ACK});
	cr_expect_eq(ex.nb_left, 0);
	cr_expect_eq(sim_nb_conns(&ex.sim), 0);
}
