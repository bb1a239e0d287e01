// What the peer sends between its SYN-ACK and what decides the connection.
#include "tests/unit/tcpstack/conversation.h"

// ---- what the peer sends

Test(conn_peer, data_in_order_are_delivered_and_acknowledged) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	cr_assert_eq(RECEIVES(&t, PSHACK, 1, 1 + PAYLOAD_LEN, "the "), CONN_EV_DATA);
	cr_assert(talk_delivers(&t, "the "));
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 5, "");
	cr_assert_eq(RECEIVES(&t, PSHACK, 5, 1 + PAYLOAD_LEN, "answer"), CONN_EV_DATA);
	cr_assert(talk_delivers(&t, "answer"));
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 11, "");
	WAITS_UNTIL(&t, 5020);
}

Test(conn_peer, data_before_our_ack_are_acknowledged_with_it) {
	struct talk t = talk_syn_data();
	talk_opens(&t, PAYLOAD_LEN);
	cr_assert_eq(RECEIVES(&t, PSHACK, 1, 1 + PAYLOAD_LEN, ANSWER), CONN_EV_DATA);
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1 + ANSWER_LEN, "");
	WAITS_UNTIL(&t, 5020);
}

Test(conn_peer, single_octet_is_delivered) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	cr_assert_eq(RECEIVES(&t, PSHACK, 1, 1 + PAYLOAD_LEN, "x"), CONN_EV_DATA);
	cr_assert(talk_delivers(&t, "x"));
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 2, "");
}

Test(conn_peer, repeated_data_are_acknowledged_and_not_delivered) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	RECEIVES(&t, PSHACK, 1, 1, ANSWER);
	talk_drain(&t);
	cr_assert_eq(RECEIVES(&t, PSHACK, 1, 1 + PAYLOAD_LEN, ANSWER), 0);
	cr_assert_eq(t.seen.data_len, 0);
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1 + ANSWER_LEN, "");
}

Test(conn_peer, of_overlapping_data_the_new_octets_are_delivered) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	RECEIVES(&t, PSHACK, 1, 1 + PAYLOAD_LEN, "the an");
	cr_assert_eq(RECEIVES(&t, PSHACK, 5, 1 + PAYLOAD_LEN, "answer"), CONN_EV_DATA);
	cr_assert(talk_delivers(&t, "swer"));
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1 + ANSWER_LEN, "");
}

Test(conn_peer, data_behind_a_gap_get_the_ack_of_what_is_missing) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	cr_assert_eq(RECEIVES(&t, PSHACK, 5, 1 + PAYLOAD_LEN, "answer"), 0);
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1, "");
	RECEIVES(&t, PSHACK, 1, 1 + PAYLOAD_LEN, "the ");
	cr_assert(talk_delivers(&t, "the "));
	RECEIVES(&t, PSHACK, 5, 1 + PAYLOAD_LEN, "answer");
	cr_assert(talk_delivers(&t, "answer"));
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1 + ANSWER_LEN, "");
}

Test(conn_peer, fin_behind_a_gap_does_not_count) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	RECEIVES(&t, FINACK, 1 + ANSWER_LEN, 1 + PAYLOAD_LEN, "");
	cr_assert_not(t.conn.fin_received);
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1, "");
}

Test(conn_peer, fin_before_data_that_are_known_does_not_count) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	RECEIVES(&t, PSHACK, 1, 1, ANSWER);
	talk_drain(&t);
	RECEIVES(&t, FINACK, 5, 1 + PAYLOAD_LEN, "");
	cr_assert_not(t.conn.fin_received);
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1 + ANSWER_LEN, "");
}

Test(conn_peer, fin_of_the_peer_is_acknowledged) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	RECEIVES(&t, FINPSHACK, 1, 1 + PAYLOAD_LEN, ANSWER);
	cr_assert(talk_delivers(&t, ANSWER));
	cr_assert(t.conn.fin_received);
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1 + ANSWER_LEN + 1, "");
}

Test(conn_peer, fin_behind_overlapping_data_counts) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	RECEIVES(&t, PSHACK, 1, 1 + PAYLOAD_LEN, ANSWER);
	cr_assert_eq(RECEIVES(&t, FINPSHACK, 1, 1 + PAYLOAD_LEN, ANSWER), 0);
	cr_assert(t.conn.fin_received);
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1 + ANSWER_LEN + 1, "");
}

Test(conn_peer, data_behind_the_peers_fin_are_not_delivered) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	RECEIVES(&t, FINACK, 1, 1 + PAYLOAD_LEN, "");
	cr_assert_eq(RECEIVES(&t, PSHACK, 2, 1 + PAYLOAD_LEN, "more"), 0);
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 2, "");
}

Test(conn_peer, bare_ack_gets_no_answer) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	cr_assert_eq(RECEIVES(&t, ACK, 1, 1 + PAYLOAD_LEN, ""), 0);
	WAITS_UNTIL(&t, 5020);
}

Test(conn_peer, ack_of_what_was_never_sent_is_odd) {
	struct talk t = talk_plain();
	t.window = 0;
	talk_opens(&t, 0);
	talk_drain(&t);
	cr_assert_eq(RECEIVES(&t, PSHACK, 1, 2, ANSWER), CONN_EV_ODD);
	cr_assert_eq(RECEIVES(&t, PSHACK, 1, 1 + PAYLOAD_LEN, ANSWER), CONN_EV_ODD);
	cr_assert_eq(t.conn.acked_len, 0);
	WAITS_UNTIL(&t, 520);
}

Test(conn_peer, ack_beyond_the_payload_is_odd) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	cr_assert_eq(RECEIVES(&t, PSHACK, 1, 2 + PAYLOAD_LEN, ANSWER), CONN_EV_ODD);
	WAITS_UNTIL(&t, 520);
}

Test(conn_peer, ack_before_our_first_octet_is_odd) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	cr_assert_eq(RECEIVES(&t, PSHACK, 1, 0, ANSWER), CONN_EV_ODD);
	cr_assert_eq(RECEIVES(&t, PSHACK, 1, 0x80000000, ANSWER), CONN_EV_ODD);
	WAITS_UNTIL(&t, 520);
}

Test(conn_peer, segment_without_ack_is_odd) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	cr_assert_eq(RECEIVES(&t, TCP_PSH, 1, 1 + PAYLOAD_LEN, ANSWER), CONN_EV_ODD);
	WAITS_UNTIL(&t, 520);
}

// RFC 9293 section 3.10.7.4: the sequence number is looked at first.
Test(conn_peer, ack_in_a_segment_far_from_the_peers_numbers_is_odd) {
	static const uint32_t seqs[] = {1 + 0x10000, 0x80000001, 1 - 0x10000u};
	for (size_t i = 0; i < sizeof(seqs) / sizeof(seqs[0]); i++) {
		struct talk t = talk_plain();
		talk_opens(&t, 0);
		talk_drain(&t);
		cr_assert_eq(RECEIVES(&t, ACK, seqs[i], 1 + PAYLOAD_LEN, ""), CONN_EV_ODD);
		cr_assert_eq(RECEIVES(&t, PSHACK, seqs[i], 1 + PAYLOAD_LEN, "x"), CONN_EV_ODD);
		cr_assert_eq(t.conn.acked_len, 0);
		WAITS_UNTIL(&t, 520);
	}
}

// ---- SYN-ACK again

Test(conn_peer, second_syn_ack_is_acknowledged_again) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	AT(&t, 100);
	cr_assert_eq(RECEIVES(&t, SYNACK, 0, 1, ""), CONN_EV_SYNACK_AGAIN);
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1, "");
	WAITS_UNTIL(&t, 520);
	cr_assert_eq(t.conn.synack_ns, talk_ns(20));
}

Test(conn_peer, first_syn_ack_decides_what_was_acknowledged) {
	struct talk t = talk_syn_data();
	talk_opens(&t, 0);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	cr_assert_eq(RECEIVES(&t, SYNACK, 0, 1 + PAYLOAD_LEN, ""),
		CONN_EV_SYNACK_AGAIN | CONN_EV_SYNACK_DIFFERS);
	cr_assert_eq(t.conn.ack_offset, 0);
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1, "");
}

Test(conn_peer, syn_ack_with_another_number_differs_and_gets_nothing) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	cr_assert_eq(RECEIVES(&t, SYNACK, 4321, 1, ""), CONN_EV_ODD | CONN_EV_SYNACK_DIFFERS);
	WAITS_UNTIL(&t, 520);
}

Test(conn_peer, syn_ack_beyond_gets_no_rst_any_more) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	cr_assert(RECEIVES(&t, SYNACK, 0, 6, "") & CONN_EV_ODD);
	WAITS_UNTIL(&t, 520);
}

Test(conn_peer, syn_of_the_peer_is_odd) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	cr_assert_eq(RECEIVES(&t, SYN, 0, 1, ""), CONN_EV_ODD);
	WAITS_UNTIL(&t, 520);
}

// ---- RST

Test(conn_peer, rst_with_the_next_number_ends_the_connection) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	AT(&t, 40);
	cr_assert_eq(RECEIVES(&t, RST, 1, 0, ""), CONN_EV_RST);
	cr_assert_eq(t.conn.state, CONN_OVER);
	cr_assert_eq(t.conn.end, CONN_END_RESET);
	cr_assert_eq(t.conn.end_ns, talk_ns(40));
	HAS_NOTHING_LEFT(&t);
}

Test(conn_peer, rst_before_our_ack_ends_the_connection) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	cr_assert_eq(RECEIVES(&t, RSTACK, 1, 1, ""), CONN_EV_RST);
	HAS_NOTHING_LEFT(&t);
}

Test(conn_peer, rst_with_any_other_number_is_odd) {
	static const uint32_t seqs[] = {0, 2, 1 + ANSWER_LEN - 1, 2 + ANSWER_LEN, 0x80000000};
	for (size_t i = 0; i < sizeof(seqs) / sizeof(seqs[0]); i++) {
		struct talk t = talk_plain();
		talk_opens(&t, 0);
		RECEIVES(&t, PSHACK, 1, 1, ANSWER);
		talk_drain(&t);
		cr_assert_eq(RECEIVES(&t, RST, seqs[i], 0, ""), CONN_EV_ODD_RST, "seq %u", seqs[i]);
		cr_assert_eq(t.conn.state, CONN_OPEN);
		WAITS_UNTIL(&t, 520);
	}
}

Test(conn_peer, rst_after_data_has_the_number_behind_them) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	RECEIVES(&t, PSHACK, 1, 1, ANSWER);
	cr_assert_eq(RECEIVES(&t, RST, 1 + ANSWER_LEN, 0, ""), CONN_EV_RST);
}

Test(conn_peer, nothing_counts_after_a_rst) {
	struct talk t = talk_plain();
	talk_opens(&t, 0);
	talk_drain(&t);
	RECEIVES(&t, RST, 1, 0, "");
	cr_assert_eq(RECEIVES(&t, PSHACK, 1, 1 + PAYLOAD_LEN, ANSWER), CONN_EV_ODD);
	cr_assert_eq(RECEIVES(&t, SYNACK, 0, 1, ""), CONN_EV_ODD);
	HAS_NOTHING_LEFT(&t);
}

// ---- numbers that wrap

// A whole conversation, as above, wherever the numbers begin.
static void whole_conversation(uint32_t isn, uint32_t irs) {
	struct talk t = talk_of(isn, 0);
	t.irs = irs;
	talk_opens(&t, 0);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	RECEIVES(&t, ACK, 1, 1 + 6, "");
	cr_assert_eq(t.conn.acked_len, 6);
	RECEIVES(&t, PSHACK, 5, 1 + PAYLOAD_LEN, "answer");
	cr_assert_eq(t.seen.events, 0);
	RECEIVES(&t, PSHACK, 1, 1 + PAYLOAD_LEN, "the ans");
	cr_assert(talk_delivers(&t, "the ans"));
	RECEIVES(&t, PSHACK, 5, 1 + PAYLOAD_LEN, "answer");
	cr_assert(talk_delivers(&t, "wer"));
	cr_assert_eq(RECEIVES(&t, RST, ANSWER_LEN, 0, ""), CONN_EV_ODD_RST);
	conn_succeed(&t.conn, t.now_ns);
	SENDS(&t, FINACK, 1 + PAYLOAD_LEN, 1 + ANSWER_LEN, "");
	RECEIVES(&t, FINACK, 1 + ANSWER_LEN, 2 + PAYLOAD_LEN, "");
	SENDS(&t, ACK, 2 + PAYLOAD_LEN, 2 + ANSWER_LEN, "");
	cr_assert_eq(t.conn.state, CONN_OVER);
	HAS_NOTHING_LEFT(&t);
}

Test(conn_peer, conversation_is_the_same_where_numbers_wrap) {
	for (uint32_t n = 0; n < 32; n++) {
		whole_conversation(UINT32_MAX - n, 5);
		whole_conversation(5, UINT32_MAX - n);
		whole_conversation(0x7fffffff - n, 0x80000000 - n);
	}
}

Test(conn_peer, syn_data_may_wrap) {
	for (uint32_t n = 0; n < 2 * PAYLOAD_LEN; n++) {
		struct talk t = talk_of(UINT32_MAX - n, PAYLOAD_LEN);
		talk_opens(&t, 6);
		SENDS(&t, PSHACK, 7, 1, "6789abcdef");
		RECEIVES(&t, ACK, 1, 1 + PAYLOAD_LEN, "");
		cr_assert_eq(t.conn.acked_len, PAYLOAD_LEN);
	}
}
