// What paths do that no verdict shows alone; the verdicts are in tests/conversation.
#include "tests/unit/sim/exchange.h"

static unsigned int nb_to_plain_syn(void) {
	ex_next_conn();
	ex_plain_syn();
	return ex.nb_left;
}

Test(sim_rows_path, a_blacklist_forgets_after_two_minutes_and_knows_its_clients) {
	ex_begin(36, true);
	cr_expect_eq(nb_to_plain_syn(), 1);
	ex_next_conn();
	ex_syn(34, NULL, 0, 0);
	cr_expect_eq(ex.nb_left, 0, "not even that SYN is answered");
	ex.now_ns += 120 * SECOND - 1;
	cr_expect_eq(nb_to_plain_syn(), 0);
	ex.client.octets[15]++;
	cr_expect_eq(nb_to_plain_syn(), 1, "another client");
	ex.client.octets[15]--;
	ex.now_ns++;
	cr_expect_eq(nb_to_plain_syn(), 1);
}

Test(sim_rows_path, the_late_riser_is_dead_until_the_first_request_and_then_up) {
	ex_begin(30, true);
	cr_expect_eq(nb_to_plain_syn(), 0);
	ex_next_conn();
	ex_syn(34, NULL, 0, 0);
	cr_expect_eq(ex.nb_left, 1);
	cr_expect_eq(nb_to_plain_syn(), 1);
	ex.server.octets[15]++;
	cr_expect_eq(nb_to_plain_syn(), 0, "another address has not been asked yet");
}

Test(sim_rows_path, who_dies_with_the_data_stays_dead) {
	ex_begin(33, true);
	cr_expect_eq(nb_to_plain_syn(), 1);
	ex_next_conn();
	ex_syn(0, NULL, 0, sizeof(question));
	cr_expect_eq(ex.nb_left, 0);
	ex.now_ns += 1000 * SECOND;
	cr_expect_eq(nb_to_plain_syn(), 0);
}

Test(sim_rows_path, the_first_syn_of_each_connection_is_lost_once) {
	ex_begin(27, true);
	for (unsigned int i = 0; i < 3; i++) {
		cr_expect_eq(nb_to_plain_syn(), 0);
		ex_plain_syn();
		cr_expect_eq(ex.nb_left, 1);
	}
}

Test(sim_rows_path, icmp_comes_first_and_a_syn_ack_to_the_second_syn) {
	ex_begin(35, false);
	ex_plain_syn();
	cr_assert_eq(ex.nb_left, 1);
	cr_expect_eq(ex.left[0].kind, FRAME_ICMP);
	ex_plain_syn();
	ex_expect_synack(0);
}

Test(sim_rows_path, a_flow_whose_syn_ack_is_dropped_is_dropped_for_good) {
	uint8_t cookie[SIM_OPTION_COOKIE_MAX_OCTETS];
	ex_begin(19, true);
	ex_syn(34, NULL, 0, 0);
	cr_assert_eq(ex_cookie(cookie), 8);
	ex_next_conn();
	ex_syn(34, cookie, 8, sizeof(question));
	cr_expect_eq(ex.nb_left, 0);
	ex_plain_syn();
	cr_expect_eq(ex.nb_left, 0, "nor does the same connection's plain SYN get anything");
	cr_expect_eq(nb_to_plain_syn(), 1);
}

Test(sim_rows_path, a_proxy_is_one_hop_nearer_and_has_another_clock) {
	struct segment_options proxy, server;
	ex_begin(38, true);
	ex_plain_syn();
	uint32_t iss = ex_left(0)->seq;
	uint8_t ttl = ex_left(0)->ttl;
	cr_expect_eq(ex_left(0)->window, 0);
	segment_options_read(ex_left(0), &proxy);
	ex_segment((struct segment){.seq = ex.seq + 1, .ack = iss + 1, .flags = TCP_ACK});
	cr_assert_eq(ex.nb_left, 1);
	cr_expect_gt(ex_left(0)->window, 0);
	cr_expect_eq(ex_left(0)->ttl, ttl - 1);
	segment_options_read(ex_left(0), &server);
	cr_expect_gt(server.tsval - proxy.tsval, 1000000);
}

Test(sim_rows_path, no_guess_is_a_number_that_counts) {
	ex_begin(46, true);
	ex_plain_syn();
	unsigned int nb_right = 0;
	for (unsigned int i = 0; i < ex.nb_left; i++) {
		const struct frame *f = &ex.left[i].frame;
		if (ex.left[i].kind == FRAME_ICMP)
			cr_expect_neq(f->quote.seq, ex.seq);
		else
			nb_right += f->seg.ack == ex.seq + 1 && (f->seg.flags & TCP_ACK);
	}
	cr_expect_eq(nb_right, 1, "the server's own SYN-ACK");
}

Test(sim_rows_path, about_a_fifth_of_the_frames_of_29_is_lost_each_way) {
	ex_begin(29, true);
	unsigned int nb = 0;
	for (unsigned int i = 0; i < 10000; i++)
		nb += nb_to_plain_syn();
	cr_expect(nb > 6200 && nb < 6600, "%u of 10000, and not 6400", nb);
}

Test(sim_rows_path, a_dead_connection_is_acknowledged_until_its_rst_comes) {
	ex_begin(0, true);
	cr_assert_eq(nb_to_plain_syn(), 1);
	cr_expect_eq(ex_left(0)->flags, TCP_ACK);
	uint32_t ack = ex_left(0)->ack;
	ex_plain_syn();
	cr_expect_eq(ex_left(0)->ack, ack, "the same again");
	ex_segment((struct segment){.seq = ack + 1, .flags = TCP_RST});
	ex_plain_syn();
	cr_expect_eq(ex_left(0)->flags, TCP_ACK, "a RST with another number ends nothing");
	ex_segment((struct segment){.seq = ack, .flags = TCP_RST});
	cr_expect_eq(ex.sim.counters.nb_dead_resets, 1);
	ex_plain_syn();
	ex_expect_synack(0);
}
