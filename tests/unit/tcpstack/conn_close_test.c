// A connection from what decides it to its end.
#include "tests/unit/tcpstack/conversation.h"

// ---- our FIN

Test(conn_close, fin_acknowledges_the_answer) {
	struct talk t = talk_plain();
	talk_succeeds(&t);
	SENDS(&t, FINACK, 1 + PAYLOAD_LEN, 1 + ANSWER_LEN, "");
	cr_assert_eq(t.conn.fin_first_ns, talk_ns(40));
	WAITS_UNTIL(&t, 540);
}

// The trap of RFC 7413 section 5.1: a place in the server's queue is held until our ACK comes.
Test(conn_close, ack_of_the_syn_ack_goes_before_the_fin_even_if_success_came_with_it) {
	struct talk t = talk_syn_data();
	SENDS(&t, SYN, 0, 0, PAYLOAD);
	RECEIVES(&t, SYNACK, 0, 1 + PAYLOAD_LEN, ANSWER);
	conn_succeed(&t.conn, t.now_ns);
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1 + ANSWER_LEN, "");
	SENDS(&t, FINACK, 1 + PAYLOAD_LEN, 1 + ANSWER_LEN, "");
}

Test(conn_close, segment_that_was_not_sent_is_offered_again) {
	struct talk t = talk_plain();
	talk_succeeds(&t);
	OFFERS(&t, FINACK, 1 + PAYLOAD_LEN, 1 + ANSWER_LEN, "");
	AT(&t, 90);
	OFFERS(&t, FINACK, 1 + PAYLOAD_LEN, 1 + ANSWER_LEN, "");
	cr_assert_eq(t.conn.nb_fins, 0);
}

Test(conn_close, fin_carries_what_is_not_acknowledged) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	RECEIVES(&t, ACK, 1, 1 + 10, "");
	AT(&t, 400);
	RECEIVES(&t, PSHACK, 1, 1 + 10, ANSWER);
	conn_succeed(&t.conn, t.now_ns);
	SENDS(&t, FINPSHACK, 11, 1 + ANSWER_LEN, "abcdef");
}

Test(conn_close, fin_is_sent_again_half_a_second_and_one_and_a_half_later) {
	struct talk t = talk_plain();
	talk_succeeds(&t);
	cr_assert_eq(talk_drain(&t), 1);
	WAITS_UNTIL(&t, 540);
	AT(&t, 540);
	SENDS(&t, FINACK, 1 + PAYLOAD_LEN, 1 + ANSWER_LEN, "");
	AT(&t, 1540);
	SENDS(&t, FINACK, 1 + PAYLOAD_LEN, 1 + ANSWER_LEN, "");
	HAS_NOTHING_LEFT(&t);
}

Test(conn_close, bare_ack_after_our_fin_has_the_number_behind_it) {
	struct talk t = talk_plain();
	talk_succeeds(&t);
	talk_drain(&t);
	RECEIVES(&t, PSHACK, 1, 1 + PAYLOAD_LEN, ANSWER);
	SENDS(&t, ACK, 2 + PAYLOAD_LEN, 1 + ANSWER_LEN, "");
}

Test(conn_close, connection_is_over_when_the_fin_is_acknowledged) {
	struct talk t = talk_plain();
	talk_succeeds(&t);
	talk_drain(&t);
	AT(&t, 60);
	cr_assert_eq(RECEIVES(&t, ACK, 1 + ANSWER_LEN, 2 + PAYLOAD_LEN, ""), 0);
	cr_assert_eq(t.conn.state, CONN_OVER);
	cr_assert_eq(t.conn.end, CONN_END_SUCCESS);
	cr_assert_eq(t.conn.end_ns, talk_ns(60));
	HAS_NOTHING_LEFT(&t);
}

Test(conn_close, ack_of_the_payload_is_not_one_of_the_fin) {
	struct talk t = talk_plain();
	talk_succeeds(&t);
	talk_drain(&t);
	RECEIVES(&t, ACK, 1 + ANSWER_LEN, 1 + PAYLOAD_LEN, "");
	cr_assert_eq(t.conn.state, CONN_CLOSING);
}

Test(conn_close, ack_of_a_fin_that_was_not_sent_is_odd) {
	struct talk t = talk_plain();
	talk_succeeds(&t);
	cr_assert_eq(RECEIVES(&t, ACK, 1 + ANSWER_LEN, 2 + PAYLOAD_LEN, ""), CONN_EV_ODD);
	cr_assert_eq(t.conn.state, CONN_CLOSING);
}

Test(conn_close, ack_of_payload_and_fin_counts_for_both) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	conn_stall(&t.conn, t.now_ns);
	SENDS(&t, FINPSHACK, 1, 1, PAYLOAD);
	RECEIVES(&t, ACK, 1, 2 + PAYLOAD_LEN, "");
	cr_assert_eq(t.conn.acked_len, PAYLOAD_LEN);
	cr_assert_eq(t.conn.state, CONN_OVER);
	HAS_NOTHING_LEFT(&t);
}

Test(conn_close, without_an_ack_it_is_over_a_second_after_the_first_fin) {
	struct talk t = talk_plain();
	talk_succeeds(&t);
	AT(&t, 50);
	talk_drain(&t);
	AT(&t, 550);
	talk_drain(&t);
	WAITS_UNTIL(&t, 1050);
	talk_at_ns(&t, talk_ns(1050) - 1);
	cr_assert_eq(t.conn.state, CONN_CLOSING);
	AT(&t, 1050);
	cr_assert_eq(t.conn.state, CONN_OVER);
	cr_assert_eq(t.conn.end, CONN_END_SUCCESS);
	cr_assert_eq(t.conn.end_ns, talk_ns(1050));
	WAITS_UNTIL(&t, 1550);
}

Test(conn_close, connection_that_is_over_repeats_its_last_fin) {
	struct talk t = talk_plain();
	talk_succeeds(&t);
	talk_drain(&t);
	AT(&t, 540);
	talk_drain(&t);
	AT(&t, 1540);
	cr_assert_eq(t.conn.state, CONN_OVER);
	SENDS(&t, FINACK, 1 + PAYLOAD_LEN, 1 + ANSWER_LEN, "");
	HAS_NOTHING_LEFT(&t);
}

Test(conn_close, fin_that_is_acknowledged_late_is_not_repeated) {
	struct talk t = talk_plain();
	talk_succeeds(&t);
	talk_drain(&t);
	AT(&t, 540);
	talk_drain(&t);
	AT(&t, 1100);
	RECEIVES(&t, ACK, 1 + ANSWER_LEN, 2 + PAYLOAD_LEN, "");
	cr_assert(t.conn.fin_acked);
	cr_assert_eq(t.conn.end_ns, talk_ns(1040));
	HAS_NOTHING_LEFT(&t);
}

Test(conn_close, asking_a_minute_late_changes_no_stamp) {
	struct talk t = talk_plain();
	talk_succeeds(&t);
	talk_drain(&t);
	AT(&t, 60000);
	cr_assert_eq(t.conn.end_ns, talk_ns(1040));
	cr_assert_eq(t.conn.close_ns, talk_ns(40));
}

// ---- the peer's FIN

Test(conn_close, fin_of_the_peer_before_ours_is_acknowledged_with_it) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	RECEIVES(&t, FINPSHACK, 1, 1 + PAYLOAD_LEN, ANSWER);
	conn_succeed(&t.conn, t.now_ns);
	SENDS(&t, FINACK, 1 + PAYLOAD_LEN, 2 + ANSWER_LEN, "");
	RECEIVES(&t, ACK, 2 + ANSWER_LEN, 2 + PAYLOAD_LEN, "");
	cr_assert_eq(t.conn.state, CONN_OVER);
	HAS_NOTHING_LEFT(&t);
}

Test(conn_close, fin_of_the_peer_that_acknowledges_ours_ends_it) {
	struct talk t = talk_plain();
	talk_succeeds(&t);
	talk_drain(&t);
	RECEIVES(&t, FINACK, 1 + ANSWER_LEN, 2 + PAYLOAD_LEN, "");
	cr_assert_eq(t.conn.state, CONN_OVER);
	SENDS(&t, ACK, 2 + PAYLOAD_LEN, 2 + ANSWER_LEN, "");
	HAS_NOTHING_LEFT(&t);
}

Test(conn_close, fins_that_cross_are_both_acknowledged) {
	struct talk t = talk_plain();
	talk_succeeds(&t);
	talk_drain(&t);
	RECEIVES(&t, FINACK, 1 + ANSWER_LEN, 1 + PAYLOAD_LEN, "");
	cr_assert_eq(t.conn.state, CONN_CLOSING);
	SENDS(&t, ACK, 2 + PAYLOAD_LEN, 2 + ANSWER_LEN, "");
	RECEIVES(&t, ACK, 2 + ANSWER_LEN, 2 + PAYLOAD_LEN, "");
	cr_assert_eq(t.conn.state, CONN_OVER);
	HAS_NOTHING_LEFT(&t);
}

Test(conn_close, fin_of_the_peer_after_the_end_is_acknowledged) {
	struct talk t = talk_plain();
	talk_succeeds(&t);
	talk_drain(&t);
	RECEIVES(&t, ACK, 1 + ANSWER_LEN, 2 + PAYLOAD_LEN, "");
	AT(&t, 3000);
	RECEIVES(&t, FINACK, 1 + ANSWER_LEN, 2 + PAYLOAD_LEN, "");
	SENDS(&t, ACK, 2 + PAYLOAD_LEN, 2 + ANSWER_LEN, "");
	HAS_NOTHING_LEFT(&t);
}

Test(conn_close, repeated_fin_of_the_peer_is_acknowledged_again) {
	struct talk t = talk_plain();
	talk_succeeds(&t);
	talk_drain(&t);
	for (unsigned int n = 0; n < 3; n++) {
		RECEIVES(&t, FINACK, 1 + ANSWER_LEN, 2 + PAYLOAD_LEN, "");
		SENDS(&t, ACK, 2 + PAYLOAD_LEN, 2 + ANSWER_LEN, "");
		HAS_NOTHING_LEFT(&t);
	}
}

Test(conn_close, fin_of_the_peer_before_an_answer_is_a_stall) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	AT(&t, 40);
	RECEIVES(&t, FINACK, 1, 1 + PAYLOAD_LEN, "");
	conn_stall(&t.conn, t.now_ns);
	cr_assert_eq(t.conn.end, CONN_END_STALLED);
	cr_assert_eq(t.conn.close_ns, talk_ns(40));
	SENDS(&t, FINACK, 1 + PAYLOAD_LEN, 2, "");
}

// ---- what comes too late

Test(conn_close, stall_after_success_changes_nothing) {
	struct talk t = talk_plain();
	talk_succeeds(&t);
	AT(&t, 50);
	conn_stall(&t.conn, t.now_ns);
	cr_assert_eq(t.conn.end, CONN_END_SUCCESS);
	cr_assert_eq(t.conn.close_ns, talk_ns(40));
}

Test(conn_close, success_after_a_stall_changes_nothing) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	AT(&t, 5020);
	conn_succeed(&t.conn, t.now_ns);
	cr_assert_eq(t.conn.end, CONN_END_STALLED);
}

Test(conn_close, success_before_the_syn_ack_is_none) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	conn_succeed(&t.conn, t.now_ns);
	conn_stall(&t.conn, t.now_ns);
	cr_assert_eq(t.conn.state, CONN_SYN_SENT);
	cr_assert_eq(t.conn.end, CONN_END_NONE);
}

Test(conn_close, stalled_connection_closes_with_its_payload) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	AT(&t, 5020);
	SENDS(&t, FINPSHACK, 1, 1, PAYLOAD);
	WAITS_UNTIL(&t, 5520);
	AT(&t, 5520);
	SENDS(&t, FINPSHACK, 1, 1, PAYLOAD);
	WAITS_UNTIL(&t, 6020);
	AT(&t, 6020);
	cr_assert_eq(t.conn.state, CONN_OVER);
	cr_assert_eq(t.conn.end, CONN_END_STALLED);
	WAITS_UNTIL(&t, 6520);
}

Test(conn_close, data_while_closing_are_delivered_and_acknowledged) {
	struct talk t = talk_plain();
	talk_succeeds(&t);
	talk_drain(&t);
	cr_assert_eq(RECEIVES(&t, PSHACK, 1 + ANSWER_LEN, 1 + PAYLOAD_LEN, "!"), CONN_EV_DATA);
	SENDS(&t, ACK, 2 + PAYLOAD_LEN, 2 + ANSWER_LEN, "");
}

Test(conn_close, rst_while_closing_ends_it_and_success_remains) {
	struct talk t = talk_plain();
	talk_succeeds(&t);
	AT(&t, 50);
	cr_assert_eq(RECEIVES(&t, RST, 1 + ANSWER_LEN, 0, ""), CONN_EV_RST);
	cr_assert_eq(t.conn.state, CONN_OVER);
	cr_assert_eq(t.conn.end, CONN_END_SUCCESS);
	cr_assert_eq(t.conn.close_ns, talk_ns(40));
	cr_assert_eq(t.conn.end_ns, talk_ns(50));
	HAS_NOTHING_LEFT(&t);
}

Test(conn_close, rst_after_the_end_silences_and_moves_no_stamp) {
	struct talk t = talk_plain();
	talk_succeeds(&t);
	talk_drain(&t);
	AT(&t, 540);
	talk_drain(&t);
	AT(&t, 1200);
	cr_assert_eq(RECEIVES(&t, RST, 1 + ANSWER_LEN, 0, ""), CONN_EV_RST);
	cr_assert_eq(t.conn.end, CONN_END_SUCCESS);
	cr_assert_eq(t.conn.end_ns, talk_ns(1040));
	HAS_NOTHING_LEFT(&t);
}

Test(conn_close, syn_ack_again_while_closing_is_acknowledged) {
	struct talk t = talk_plain();
	talk_succeeds(&t);
	talk_drain(&t);
	cr_assert_eq(RECEIVES(&t, SYNACK, 0, 1, ""), CONN_EV_SYNACK_AGAIN);
	SENDS(&t, ACK, 2 + PAYLOAD_LEN, 1 + ANSWER_LEN, "");
}
