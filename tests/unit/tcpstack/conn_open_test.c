// What we send, and when, between the SYN-ACK and what decides the connection.
#include "tests/unit/tcpstack/conversation.h"

// ---- the ACK and the payload

Test(conn_open, payload_leaves_at_once_with_the_ack) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	cr_assert_eq(t.conn.ack_ns, talk_ns(20));
	WAITS_UNTIL(&t, 520);
}

Test(conn_open, ack_of_accepted_syn_data_is_bare) {
	struct talk t = talk_syn_data();
	talk_opens(&t, PAYLOAD_LEN);
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1, "");
	cr_assert_eq(t.conn.ack_ns, talk_ns(20));
}

// A server that took data keeps sending SYN-ACKs, and no answer twice, until it has our ACK.
Test(conn_open, ack_of_accepted_syn_data_is_sent_as_often_as_data_until_an_octet_comes) {
	struct talk t = talk_syn_data();
	talk_opens(&t, PAYLOAD_LEN);
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1, "");
	WAITS_UNTIL(&t, 520);
	AT(&t, 520);
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1, "");
	AT(&t, 1000);
	RECEIVES(&t, SYNACK, 0, 1 + PAYLOAD_LEN, "");
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1, ""); // between two tries, and none of them
	WAITS_UNTIL(&t, 1520);
	AT(&t, 1520);
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1, "");
	WAITS_UNTIL(&t, 5020);
}

Test(conn_open, ack_of_accepted_syn_data_is_not_sent_again_behind_an_octet) {
	struct talk t = talk_syn_data();
	talk_opens(&t, PAYLOAD_LEN);
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1, "");
	RECEIVES(&t, PSHACK, 1, 1 + PAYLOAD_LEN, "x");
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 2, "");
	WAITS_UNTIL(&t, 5020);
}

Test(conn_open, syn_data_that_were_not_accepted_are_sent_again_with_the_ack) {
	struct talk t = talk_syn_data();
	talk_opens(&t, 0);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	WAITS_UNTIL(&t, 520);
}

Test(conn_open, of_half_accepted_syn_data_the_tail_is_sent_with_the_ack) {
	struct talk t = talk_syn_data();
	talk_opens(&t, 6);
	SENDS(&t, PSHACK, 7, 1, "6789abcdef");
	WAITS_UNTIL(&t, 520);
}

Test(conn_open, tail_of_one_octet_is_sent_and_repeated) {
	struct talk t = talk_syn_data();
	talk_opens(&t, PAYLOAD_LEN - 1);
	SENDS(&t, PSHACK, PAYLOAD_LEN, 1, "f");
	WAITS_UNTIL(&t, 520);
}

Test(conn_open, ack_that_was_not_sent_is_offered_again) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	OFFERS(&t, PSHACK, 1, 1, PAYLOAD);
	AT(&t, 90);
	OFFERS(&t, PSHACK, 1, 1, PAYLOAD);
	cr_assert_eq(t.conn.nb_data, 0);
	cr_assert_eq(t.conn.ack_ns, 0);
}

// IP 192.0.2.1.40001 > 192.0.2.2.53: Flags [P.], seq 1:17, ack 1, win 511,
// options [nop,nop,TS val 700021 ecr 90000020], length 16
Test(conn_open, segments_after_the_syn_have_the_options_of_linux) {
	static const uint8_t expected[] = {
		1, 1, 8, 10, 0x00, 0x0a, 0xae, 0x75, 0x05, 0x5d, 0x4a, 0x94};
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	OFFERS(&t, PSHACK, 1, 1, PAYLOAD);
	cr_assert_eq(t.sent.options_len, sizeof(expected));
	cr_assert_arr_eq(t.sent.options, expected, sizeof(expected));
	cr_assert_eq(t.sent.window, 511);
}

Test(conn_open, peer_without_timestamps_gets_none) {
	struct talk t = talk_plain();
	t.peer_has_timestamps = false;
	talk_opens(&t, 0);
	OFFERS(&t, PSHACK, 1, 1, PAYLOAD);
	cr_assert_eq(t.sent.options_len, 0);
}

// ---- TSvals

Test(conn_open, tsval_of_our_ack_is_none_of_our_syns) {
	for (uint64_t after_ns = 0; after_ns < 3 * NSEC_PER_MSEC; after_ns += NSEC_PER_MSEC / 4) {
		struct talk t = talk_plain();
		SENDS(&t, SYN, 0, 0, "");
		AT(&t, 1000);
		SENDS(&t, SYN, 0, 0, "");
		uint32_t last = talk_sent_options(&t).tsval;
		talk_at_ns(&t, talk_ns(1000) + after_ns);
		RECEIVES(&t, SYNACK, 0, 1, "");
		SENDS(&t, PSHACK, 1, 1, PAYLOAD);
		cr_assert(talk_sent_options(&t).tsval > last, "%" PRIu64 " ns later", after_ns);
	}
}

Test(conn_open, tsval_goes_on_with_the_milliseconds) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	cr_assert_eq(talk_sent_options(&t).tsval, TALK_TS_BASE + 21);
	AT(&t, 520);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	cr_assert_eq(talk_sent_options(&t).tsval, TALK_TS_BASE + 521);
}

Test(conn_open, tsecr_is_the_tsval_of_the_peers_last_segment) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	cr_assert_eq(talk_sent_options(&t).tsecr, TALK_PEER_TS_BASE + 20);
	AT(&t, 40);
	RECEIVES(&t, PSHACK, 1, 1 + PAYLOAD_LEN, ANSWER);
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1 + ANSWER_LEN, "");
	cr_assert_eq(talk_sent_options(&t).tsecr, TALK_PEER_TS_BASE + 40);
}

// RFC 7323 section 4.3: neither a segment behind a gap, nor an old one
Test(conn_open, tsecr_is_never_that_of_a_segment_out_of_order) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	t.peer_tsval = TALK_PEER_TS_BASE + 50;
	RECEIVES(&t, PSHACK, 1, 1 + PAYLOAD_LEN, ANSWER);
	t.peer_tsval = TALK_PEER_TS_BASE + 70;
	RECEIVES(&t, PSHACK, 100, 1 + PAYLOAD_LEN, "later");
	t.peer_tsval = TALK_PEER_TS_BASE + 30;
	RECEIVES(&t, PSHACK, 1, 1 + PAYLOAD_LEN, "the");
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1 + ANSWER_LEN, "");
	cr_assert_eq(talk_sent_options(&t).tsecr, TALK_PEER_TS_BASE + 50);
}

Test(conn_open, tsval_of_the_peer_may_wrap) {
	struct talk t = talk_plain();
	t.peer_tsval = 0xfffffff0;
	talk_opens(&t, 0);
	talk_drain(&t);
	t.peer_tsval = 0x10;
	RECEIVES(&t, PSHACK, 1, 1 + PAYLOAD_LEN, ANSWER);
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1 + ANSWER_LEN, "");
	cr_assert_eq(talk_sent_options(&t).tsecr, 0x10);
}

// ---- sent again

Test(conn_open, payload_is_sent_again_half_a_second_and_one_and_a_half_later) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	WAITS_UNTIL(&t, 520);
	AT(&t, 520);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	WAITS_UNTIL(&t, 1520);
	AT(&t, 1520);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	WAITS_UNTIL(&t, 5020);
}

Test(conn_open, eight_tries_of_data_end_six_and_a_half_seconds_later) {
	static const uint64_t after_ms[] = {0, 500, 1500, 2500, 3500, 4500, 5500, 6500};
	struct talk t = talk_plain();
	t.rules.data_tries = 8;
	t.rules.wait_ns = 10 * NSEC_PER_SEC;
	talk_opens(&t, 0);
	for (unsigned int n = 0; n < 8; n++) {
		AT(&t, 20 + after_ms[n]);
		SENDS(&t, PSHACK, 1, 1, PAYLOAD);
		WAITS_UNTIL(&t, n < 7 ? 20 + after_ms[n + 1] : 10020);
	}
}

Test(conn_open, tries_count_from_when_the_first_left) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	AT(&t, 200);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	WAITS_UNTIL(&t, 700);
	AT(&t, 800);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	WAITS_UNTIL(&t, 1700);
}

Test(conn_open, payload_that_is_acknowledged_is_not_sent_again) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	AT(&t, 40);
	cr_assert_eq(RECEIVES(&t, ACK, 1, 1 + PAYLOAD_LEN, ""), 0);
	WAITS_UNTIL(&t, 5020);
}

Test(conn_open, what_is_acknowledged_of_the_payload_is_not_sent_again) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	RECEIVES(&t, ACK, 1, 1 + 10, "");
	WAITS_UNTIL(&t, 520);
	AT(&t, 520);
	SENDS(&t, PSHACK, 11, 1, "abcdef");
}

Test(conn_open, late_ack_of_syn_data_counts) {
	struct talk t = talk_syn_data();
	t.window = 0;
	talk_opens(&t, 0);
	SENDS(&t, ACK, 1, 1, "");
	RECEIVES(&t, ACK, 1, 1 + PAYLOAD_LEN, "");
	WAITS_UNTIL(&t, 5020);
	AT(&t, 40);
	RECEIVES(&t, PSHACK, 1, 1 + PAYLOAD_LEN, ANSWER);
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1 + ANSWER_LEN, "");
}

Test(conn_open, acknowledgements_never_go_back) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	RECEIVES(&t, ACK, 1, 1 + PAYLOAD_LEN, "");
	RECEIVES(&t, ACK, 1, 1 + 3, "");
	cr_assert_eq(t.conn.acked_len, PAYLOAD_LEN);
	WAITS_UNTIL(&t, 5020);
}

// ---- a window of 0

Test(conn_open, window_0_gets_a_bare_ack_and_the_payload_half_a_second_later) {
	struct talk t = talk_plain();
	t.window = 0;
	talk_opens(&t, 0);
	SENDS(&t, ACK, 1, 1, "");
	WAITS_UNTIL(&t, 520);
	AT(&t, 520);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	WAITS_UNTIL(&t, 1020);
}

Test(conn_open, payload_leaves_when_the_window_opens) {
	struct talk t = talk_plain();
	t.window = 0;
	talk_opens(&t, 0);
	SENDS(&t, ACK, 1, 1, "");
	AT(&t, 100);
	t.window = TALK_WINDOW;
	RECEIVES(&t, ACK, 1, 1, "");
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	WAITS_UNTIL(&t, 600);
}

Test(conn_open, window_that_stays_0_holds_the_payload_back) {
	struct talk t = talk_plain();
	t.window = 0;
	talk_opens(&t, 0);
	SENDS(&t, ACK, 1, 1, "");
	AT(&t, 100);
	RECEIVES(&t, ACK, 1, 1, "");
	WAITS_UNTIL(&t, 520);
}

Test(conn_open, tail_of_half_accepted_syn_data_waits_for_the_window_too) {
	struct talk t = talk_syn_data();
	t.window = 0;
	talk_opens(&t, 6);
	SENDS(&t, ACK, 7, 1, "");
	WAITS_UNTIL(&t, 520);
	AT(&t, 520);
	SENDS(&t, PSHACK, 7, 1, "6789abcdef");
}

// ---- the deadline

Test(conn_open, answer_is_awaited_five_seconds_from_our_ack) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	AT(&t, 30);
	talk_drain(&t);
	talk_at_ns(&t, talk_ns(5030) - 1);
	cr_assert_eq(t.conn.state, CONN_OPEN);
	AT(&t, 5030);
	cr_assert_eq(t.conn.state, CONN_CLOSING);
	cr_assert_eq(t.conn.end, CONN_END_STALLED);
	cr_assert_eq(t.conn.close_ns, talk_ns(5030));
}

Test(conn_open, bare_ack_starts_the_time_of_the_answer) {
	struct talk t = talk_plain();
	t.window = 0;
	talk_opens(&t, 0);
	SENDS(&t, ACK, 1, 1, "");
	AT(&t, 520);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	AT(&t, 5020);
	cr_assert_eq(t.conn.end, CONN_END_STALLED);
}

Test(conn_open, answer_just_before_the_deadline_is_success) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	t.now_ns = talk_ns(5020) - 1;
	cr_assert_eq(RECEIVES(&t, PSHACK, 1, 1 + PAYLOAD_LEN, ANSWER), CONN_EV_DATA);
	conn_succeed(&t.conn, t.now_ns);
	cr_assert_eq(t.conn.end, CONN_END_SUCCESS);
	cr_assert_eq(t.conn.close_ns, t.now_ns);
}

Test(conn_open, answer_at_the_deadline_is_too_late) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	t.now_ns = talk_ns(5020); // nobody asked before
	RECEIVES(&t, PSHACK, 1, 1 + PAYLOAD_LEN, ANSWER);
	conn_succeed(&t.conn, t.now_ns);
	cr_assert_eq(t.conn.end, CONN_END_STALLED);
	cr_assert_eq(t.conn.close_ns, talk_ns(5020));
}

Test(conn_open, asking_a_minute_late_changes_no_stamp) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	AT(&t, 60000);
	cr_assert_eq(t.conn.end, CONN_END_STALLED);
	cr_assert_eq(t.conn.close_ns, talk_ns(5020));
}

Test(conn_open, segment_that_left_after_the_deadline_does_not_move_it) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	AT(&t, 520);
	OFFERS(&t, PSHACK, 1, 1, PAYLOAD);
	t.now_ns = talk_ns(6000); // nobody asked before
	talk_observe_sent(&t);
	cr_assert_eq(t.conn.end, CONN_END_STALLED);
	cr_assert_eq(t.conn.close_ns, talk_ns(5020));
}

Test(conn_open, asking_often_changes_nothing) {
	struct talk often = talk_plain(), once = talk_plain();
	talk_opens(&often, 0);
	talk_opens(&once, 0);
	talk_drain(&often);
	talk_drain(&once);
	for (uint64_t ms = 21; ms <= 5020; ms++) {
		AT(&often, ms);
		struct conn before = often.conn;
		struct segment sent = often.sent;
		talk_ask(&often);
		often.sent = sent;
		cr_assert_arr_eq(&before, &often.conn, sizeof(before));
	}
	AT(&once, 5020);
	cr_assert_eq(often.conn.state, once.conn.state);
	cr_assert_eq(often.conn.end, once.conn.end);
	cr_assert_eq(often.conn.close_ns, once.conn.close_ns);
	cr_assert_eq(often.conn.nb_data, once.conn.nb_data);
}
