#include "tests/unit/sim/exchange.h"

static uint32_t iss;

// Through the handshake; the client's next number is then ex.seq + 1.
static void open(unsigned int number) {
	ex_begin(number, true);
	ex_plain_syn();
	iss = ex_left(0)->seq;
	ex_segment((struct segment){.seq = ex.seq + 1, .ack = iss + 1, .flags = TCP_ACK});
}

static void ask(void) {
	ex_segment((struct segment){.seq = ex.seq + 1,
		.ack = iss + 1,
		.flags = TCP_ACK | TCP_PSH,
		.data = question,
		.data_len = sizeof(question)});
}

static uint32_t answer_len(void) {
	return sizeof(question) + 16;
}

Test(sim_server, a_question_is_acknowledged_and_answered) {
	open(2);
	cr_expect_eq(ex.nb_left, 0);
	ask();
	cr_assert_eq(ex.nb_left, 2);
	cr_expect_eq(ex_left(0)->flags, TCP_ACK);
	cr_expect_eq(ex_left(0)->ack, ex.seq + 1 + sizeof(question));
	cr_expect_eq(ex_left(1)->data_len, answer_len());
	cr_expect_eq(ex.sim.counters.nb_questions, 1);
}

Test(sim_server, octets_that_come_again_reach_nobody_twice) {
	open(2);
	ask();
	ask();
	cr_assert_eq(ex.nb_left, 1);
	cr_expect_eq(ex_left(0)->data_len, 0);
	cr_expect_eq(ex.sim.counters.nb_questions, 1);
}

Test(sim_server, octets_before_their_turn_are_not_taken) {
	open(2);
	ex_segment((struct segment){.seq = ex.seq + 3,
		.ack = iss + 1,
		.flags = TCP_ACK,
		.data = question,
		.data_len = 5});
	cr_assert_eq(ex.nb_left, 1);
	cr_expect_eq(ex_left(0)->ack, ex.seq + 1);
}

Test(sim_server, a_syn_ack_is_sent_again_after_1_2_4_8_and_16_seconds) {
	static const unsigned int seconds[] = {1, 3, 7, 15, 31};
	ex_begin(2, true);
	ex_plain_syn();
	for (unsigned int i = 0; i < 5; i++) {
		uint64_t due_ns = START_NS + seconds[i] * SECOND;
		cr_assert_eq(sim_wake_ns(&ex.sim), due_ns);
		ex_tick(due_ns - 1);
		cr_expect_eq(ex.nb_left, 0);
		ex_tick(due_ns);
		cr_assert_eq(ex.nb_left, 1);
		ex_expect_synack(0);
	}
	ex_tick(START_NS + 63 * SECOND);
	cr_expect_eq(ex.nb_left, 0, "and then given up");
	cr_expect_eq(sim_nb_conns(&ex.sim), 0);
	cr_expect_eq(sim_wake_ns(&ex.sim), SIM_NEVER);
}

Test(sim_server, an_answer_is_sent_again_until_it_is_acknowledged) {
	open(2);
	ask();
	cr_assert_eq(sim_wake_ns(&ex.sim), START_NS + 300 * MS);
	ex_tick(START_NS + 300 * MS);
	cr_assert_eq(ex.nb_left, 1);
	cr_expect_eq(ex_left(0)->data_len, answer_len());
	cr_expect_eq(ex_left(0)->seq, iss + 1);
	cr_assert_eq(sim_wake_ns(&ex.sim), START_NS + 900 * MS);
	ex_segment((struct segment){.seq = ex.seq + 1 + sizeof(question),
		.ack = iss + 1 + answer_len(),
		.flags = TCP_ACK});
	cr_expect_eq(sim_wake_ns(&ex.sim), SIM_NEVER);
}

Test(sim_server, a_fin_is_answered_by_one_and_the_last_ack_ends_it) {
	open(2);
	ex_segment((struct segment){.seq = ex.seq + 1, .ack = iss + 1, .flags = TCP_ACK | TCP_FIN});
	cr_assert_eq(ex.nb_left, 2);
	cr_expect_eq(ex_left(0)->ack, ex.seq + 2);
	cr_expect_eq(ex_left(1)->flags, TCP_ACK | TCP_FIN);
	cr_expect_eq(sim_nb_conns(&ex.sim), 1);
	ex_segment((struct segment){.seq = ex.seq + 2, .ack = iss + 2, .flags = TCP_ACK});
	cr_expect_eq(ex.nb_left, 0);
	cr_expect_eq(sim_nb_conns(&ex.sim), 0);
}

Test(sim_server, who_closed_first_answers_a_repeated_fin_for_a_while) {
	static const char head[] = "HEAD / HTTP/1.0\r\n\r\n";
	ex_begin(2, true);
	ex.server_port = 80;
	ex_plain_syn();
	iss = ex_left(0)->seq;
	ex_segment((struct segment){.seq = ex.seq + 1,
		.ack = iss + 1,
		.flags = TCP_ACK,
		.data = (const uint8_t *)head,
		.data_len = sizeof(head) - 1});
	cr_expect_eq(ex_left(1)->flags, TCP_ACK | TCP_PSH | TCP_FIN);
	uint32_t end = ex_left(1)->seq + ex_left(1)->data_len + 1;
	for (unsigned int i = 0; i < 2; i++) {
		ex_segment((struct segment){
			.seq = ex.seq + sizeof(head), .ack = end, .flags = TCP_ACK | TCP_FIN});
		cr_assert_eq(ex.nb_left, 1);
		cr_expect_eq(ex_left(0)->flags, TCP_ACK);
		cr_expect_eq(ex_left(0)->ack, ex.seq + sizeof(head) + 1);
	}
	ex.seq += 777;
	ex_plain_syn(); // a new connection may have the place
	ex_expect_synack(0);
	ex_begin(2, true);
}

Test(sim_server, a_rst_in_the_window_ends_the_connection_and_another_does_not) {
	open(2);
	ex_segment((struct segment){.seq = ex.seq, .flags = TCP_RST});
	cr_expect_eq(sim_nb_conns(&ex.sim), 1);
	ex_segment((struct segment){.seq = ex.seq + 1, .flags = TCP_RST});
	cr_expect_eq(sim_nb_conns(&ex.sim), 0);
	cr_expect_eq(ex.nb_left, 0);
	cr_expect_eq(ex.sim.counters.nb_fast_resets, 0);
}

Test(sim_server, an_ack_of_what_was_never_sent_opens_nothing) {
	ex_begin(2, true);
	ex_plain_syn();
	iss = ex_left(0)->seq;
	ex_segment((struct segment){.seq = ex.seq + 1, .ack = iss + 2, .flags = TCP_ACK});
	cr_expect_eq(sim_wake_ns(&ex.sim), START_NS + SECOND, "the SYN-ACK is still sent again");
}

Test(sim_server, a_segment_of_no_connection_gets_a_rst_unless_nobody_is_there) {
	ex_begin(2, true);
	ex_segment((struct segment){.seq = 5, .ack = 77, .flags = TCP_ACK});
	cr_assert_eq(ex.nb_left, 1);
	cr_expect_eq(ex_left(0)->flags, TCP_RST);
	cr_expect_eq(ex_left(0)->seq, 77);
	ex_begin(31, true);
	ex_segment((struct segment){.seq = 5, .ack = 77, .flags = TCP_ACK});
	cr_expect_eq(ex.nb_left, 0);
}

Test(sim_server, an_answer_takes_as_long_as_the_application_does) {
	open(2);
	ex.sim.config.answer_delay_ns = 50 * MS;
	ask();
	cr_assert_eq(ex.nb_left, 1);
	cr_expect_eq(sim_wake_ns(&ex.sim), START_NS + 50 * MS);
	ex_tick(START_NS + 50 * MS);
	cr_assert_eq(ex.nb_left, 1);
	cr_expect_eq(ex_left(0)->data_len, answer_len());
}

Test(sim_server, an_answer_behind_our_fin_is_not_given_any_more) {
	open(2);
	ex.sim.config.answer_delay_ns = 50 * MS;
	ask();
	ex_segment((struct segment){
		.seq = ex.seq + 1 + sizeof(question), .ack = iss + 1, .flags = TCP_ACK | TCP_FIN});
	cr_assert_eq(ex.nb_left, 2);
	ex_tick(START_NS + 50 * MS);
	cr_expect_eq(ex.nb_left, 0);
}
