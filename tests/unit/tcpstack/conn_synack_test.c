// A connection from an answer to its SYN, good or odd, to CONN_OPEN or its end.
#include "tests/unit/tcpstack/conversation.h"

// ---- the SYN-ACK

Test(conn_synack, syn_ack_opens_the_connection) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	AT(&t, 20);
	cr_assert_eq(RECEIVES(&t, SYNACK, 0, 1, ""), CONN_EV_SYNACK);
	cr_assert_eq(t.conn.state, CONN_OPEN);
	cr_assert_eq(t.conn.synack_ns, talk_ns(20));
	cr_assert_eq(t.conn.ack_offset, 0);
	cr_assert_eq(t.conn.end, CONN_END_NONE);
}

Test(conn_synack, ecn_bits_of_a_syn_ack_do_not_matter) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	cr_assert_eq(RECEIVES(&t, SYNACK | 0x40 | 0x80, 0, 1, ""), CONN_EV_SYNACK);
}

Test(conn_synack, syn_ack_may_acknowledge_any_part_of_the_syn_data) {
	for (uint16_t acked = 0; acked <= PAYLOAD_LEN; acked++) {
		struct talk t = talk_syn_data();
		SENDS(&t, SYN, 0, 0, PAYLOAD);
		cr_assert_eq(RECEIVES(&t, SYNACK, 0, 1u + acked, ""), CONN_EV_SYNACK);
		cr_assert_eq(t.conn.ack_offset, acked);
		cr_assert_eq(t.conn.acked_len, acked);
	}
}

Test(conn_synack, syn_ack_beyond_the_syn_data_gets_a_rst_and_the_tries_go_on) {
	struct talk t = talk_syn_data();
	SENDS(&t, SYN, 0, 0, PAYLOAD);
	AT(&t, 20);
	cr_assert_eq(RECEIVES(&t, SYNACK, 0, 1 + PAYLOAD_LEN + 5, ""), CONN_EV_OVER_ACK);
	SENDS(&t, RST, 1 + PAYLOAD_LEN + 5, 0, "");
	cr_assert_eq(t.sent.options_len, 0);
	cr_assert_eq(t.conn.state, CONN_SYN_SENT);
	WAITS_UNTIL(&t, 1000);
	AT(&t, 1000);
	SENDS(&t, SYN, 0, 0, PAYLOAD);
}

Test(conn_synack, syn_ack_of_data_that_no_syn_carried_is_beyond_too) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	cr_assert_eq(RECEIVES(&t, SYNACK, 0, 2, ""), CONN_EV_OVER_ACK);
	SENDS(&t, RST, 2, 0, "");
}

Test(conn_synack, every_syn_ack_beyond_gets_its_rst) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	for (unsigned int n = 0; n < 2; n++) {
		cr_assert_eq(RECEIVES(&t, SYNACK, 0, 6, ""), CONN_EV_OVER_ACK);
		SENDS(&t, RST, 6, 0, "");
		WAITS_UNTIL(&t, 1000);
	}
}

Test(conn_synack, rst_that_was_not_sent_is_offered_again) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	RECEIVES(&t, SYNACK, 0, 6, "");
	OFFERS(&t, RST, 6, 0, "");
	OFFERS(&t, RST, 6, 0, "");
}

Test(conn_synack, good_syn_ack_after_one_beyond_opens_the_connection) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	RECEIVES(&t, SYNACK, 0, 6, "");
	SENDS(&t, RST, 6, 0, "");
	cr_assert_eq(RECEIVES(&t, SYNACK, 0, 1, ""), CONN_EV_SYNACK);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
}

// A RST would end the connection that the peer has just accepted.
Test(conn_synack, rst_that_is_due_does_not_leave_after_a_good_syn_ack) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	RECEIVES(&t, SYNACK, 0, 6, "");
	RECEIVES(&t, SYNACK, 0, 1, "");
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	WAITS_UNTIL(&t, 500);
}

Test(conn_synack, connection_answered_only_beyond_is_unanswered) {
	struct talk t = talk_plain();
	t.rules.syn_tries = 1;
	SENDS(&t, SYN, 0, 0, "");
	RECEIVES(&t, SYNACK, 0, 6, "");
	SENDS(&t, RST, 6, 0, "");
	AT(&t, 1000);
	cr_assert_eq(t.conn.end, CONN_END_UNANSWERED);
}

Test(conn_synack, rst_that_is_due_leaves_even_when_the_connection_is_over) {
	struct talk t = talk_plain();
	t.rules.syn_tries = 1;
	SENDS(&t, SYN, 0, 0, "");
	AT(&t, 999);
	RECEIVES(&t, SYNACK, 0, 6, "");
	AT(&t, 1001);
	cr_assert_eq(t.conn.state, CONN_OVER);
	SENDS(&t, RST, 6, 0, "");
	HAS_NOTHING_LEFT(&t);
}

Test(conn_synack, rst_of_the_peer_takes_back_the_one_that_is_due) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	RECEIVES(&t, SYNACK, 0, 6, "");
	RECEIVES(&t, RSTACK, 0, 1, "");
	HAS_NOTHING_LEFT(&t);
}

Test(conn_synack, number_of_a_syn_ack_beyond_is_kept) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	RECEIVES(&t, SYNACK, 33, 6, "");
	cr_assert_eq(t.conn.irs, TALK_IRS + 33);
}

Test(conn_synack, syn_ack_far_from_our_numbers_is_odd_and_gets_nothing) {
	static const uint32_t acks[] = {0, 0x80000000, 0xffffffff, 1 + 0x10000};
	for (size_t i = 0; i < sizeof(acks) / sizeof(acks[0]); i++) {
		struct talk t = talk_syn_data();
		SENDS(&t, SYN, 0, 0, PAYLOAD);
		cr_assert_eq(RECEIVES(&t, SYNACK, 0, acks[i], ""), CONN_EV_ODD, "ack %u", acks[i]);
		WAITS_UNTIL(&t, 1000);
	}
}

Test(conn_synack, odd_syn_ack_does_not_take_back_a_rst_that_is_due) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	RECEIVES(&t, SYNACK, 0, 6, "");
	RECEIVES(&t, SYNACK, 0, 0x80000000, "");
	SENDS(&t, RST, 6, 0, "");
}

Test(conn_synack, syn_ack_with_data_delivers_them) {
	struct talk t = talk_syn_data();
	SENDS(&t, SYN, 0, 0, PAYLOAD);
	AT(&t, 20);
	cr_assert_eq(
		RECEIVES(&t, SYNACK, 0, 1 + PAYLOAD_LEN, ANSWER), CONN_EV_SYNACK | CONN_EV_DATA);
	cr_assert(talk_delivers(&t, ANSWER));
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1 + ANSWER_LEN, "");
}

Test(conn_synack, syn_ack_with_fin_ends_the_peers_side) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	RECEIVES(&t, SYNACK | FIN, 0, 1, "");
	cr_assert(t.conn.fin_received);
	SENDS(&t, PSHACK, 1, 2, PAYLOAD);
}

Test(conn_synack, syn_ack_after_the_end_is_odd) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	RECEIVES(&t, RSTACK, 0, 1, "");
	cr_assert_eq(RECEIVES(&t, SYNACK, 0, 1, ""), CONN_EV_ODD);
	cr_assert_eq(t.conn.end, CONN_END_REFUSED);
	HAS_NOTHING_LEFT(&t);
}

// ---- which SYN it answers

// SYNs at 0, 1 and 3 s, then a SYN-ACK with this TSecr.
static uint64_t answered_syn_of(uint32_t tsecr) {
	struct talk t = talk_plain();
	for (unsigned int n = 0; n < 3; n++) {
		talk_at_ns(&t, TALK_START_NS + conn_syn_offset_ns(n));
		SENDS(&t, SYN, 0, 0, "");
	}
	AT(&t, 3030);
	t.peer_tsecr = tsecr;
	RECEIVES(&t, SYNACK, 0, 1, "");
	return t.conn.answered_syn_ns;
}

Test(conn_synack, syn_that_is_answered_is_told_by_its_tsval) {
	cr_assert_eq(answered_syn_of(TALK_TS_BASE), talk_ns(0));
	cr_assert_eq(answered_syn_of(TALK_TS_BASE + 1000), talk_ns(1000));
	cr_assert_eq(answered_syn_of(TALK_TS_BASE + 3000), talk_ns(3000));
}

Test(conn_synack, tsval_of_no_syn_tells_nothing) {
	cr_assert_eq(answered_syn_of(TALK_TS_BASE - 1), 0);
	cr_assert_eq(answered_syn_of(TALK_TS_BASE + 1), 0);
	cr_assert_eq(answered_syn_of(TALK_TS_BASE + 999), 0);
	cr_assert_eq(answered_syn_of(TALK_TS_BASE + 3001), 0);
	cr_assert_eq(answered_syn_of(0x12345678), 0);
}

Test(conn_synack, tsval_between_two_syns_is_of_none) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	AT(&t, 2500);
	SENDS(&t, SYN, 0, 0, "");
	t.peer_tsecr = TALK_TS_BASE + 1700;
	RECEIVES(&t, SYNACK, 0, 1, "");
	cr_assert_eq(t.conn.answered_syn_ns, 0);
}

Test(conn_synack, last_syn_is_known_to_the_microsecond) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	talk_at_ns(&t, talk_ns(1000) + 345678);
	SENDS(&t, SYN, 0, 0, "");
	AT(&t, 1020);
	RECEIVES(&t, SYNACK, 0, 1, "");
	cr_assert_eq(t.conn.answered_syn_ns, talk_ns(1000) + 345000);
}

Test(conn_synack, without_timestamps_the_only_syn_is_answered) {
	struct talk t = talk_plain();
	t.peer_has_timestamps = false;
	SENDS(&t, SYN, 0, 0, "");
	AT(&t, 20);
	RECEIVES(&t, SYNACK, 0, 1, "");
	cr_assert_eq(t.conn.answered_syn_ns, talk_ns(0));
}

Test(conn_synack, without_timestamps_nobody_knows_which_of_two_syns_is_answered) {
	struct talk t = talk_plain();
	t.peer_has_timestamps = false;
	SENDS(&t, SYN, 0, 0, "");
	AT(&t, 1000);
	SENDS(&t, SYN, 0, 0, "");
	AT(&t, 1020);
	RECEIVES(&t, SYNACK, 0, 1, "");
	cr_assert_eq(t.conn.answered_syn_ns, 0);
}

Test(conn_synack, tsval_may_wrap_between_syns) {
	struct talk t = talk_plain();
	t.conn.ts_base = 0xfffffe00;
	SENDS(&t, SYN, 0, 0, "");
	AT(&t, 1000);
	SENDS(&t, SYN, 0, 0, "");
	cr_assert_eq(talk_sent_options(&t).tsval, 0xfffffe00 + 1000);
	RECEIVES(&t, SYNACK, 0, 1, "");
	cr_assert_eq(t.conn.answered_syn_ns, talk_ns(1000));
}

// ---- RST in answer to a SYN

static unsigned int rst_events(struct talk t, uint8_t flags, uint32_t ack) {
	cr_assert_eq(talk_ask(&t), CONN_SEND);
	talk_observe_sent(&t);
	unsigned int events = RECEIVES(&t, flags, 0, ack, "");
	cr_assert_eq(t.conn.end, events & CONN_EV_RST ? CONN_END_REFUSED : CONN_END_NONE);
	cr_assert_eq(t.conn.state, events & CONN_EV_RST ? CONN_OVER : CONN_SYN_SENT);
	if (events & CONN_EV_RST)
		HAS_NOTHING_LEFT(&t);
	else
		WAITS_UNTIL(&t, 1000);
	return events;
}

Test(conn_synack, rst_that_acknowledges_the_syn_refuses) {
	cr_assert_eq(rst_events(talk_plain(), RSTACK, 1), CONN_EV_RST);
	cr_assert_eq(rst_events(talk_syn_data(), RSTACK, 1), CONN_EV_RST);
}

Test(conn_synack, rst_that_acknowledges_syn_and_data_refuses) {
	cr_assert_eq(rst_events(talk_syn_data(), RSTACK, 1 + PAYLOAD_LEN), CONN_EV_RST);
}

Test(conn_synack, rst_that_acknowledges_anything_else_is_odd) {
	cr_assert_eq(rst_events(talk_plain(), RSTACK, 0), CONN_EV_ODD_RST);
	cr_assert_eq(rst_events(talk_plain(), RSTACK, 2), CONN_EV_ODD_RST);
	cr_assert_eq(rst_events(talk_plain(), RSTACK, 1 + PAYLOAD_LEN), CONN_EV_ODD_RST);
	cr_assert_eq(rst_events(talk_syn_data(), RSTACK, PAYLOAD_LEN), CONN_EV_ODD_RST);
	cr_assert_eq(rst_events(talk_syn_data(), RSTACK, 2 + PAYLOAD_LEN), CONN_EV_ODD_RST);
	cr_assert_eq(rst_events(talk_syn_data(), RSTACK, 0x80000001), CONN_EV_ODD_RST);
}

Test(conn_synack, rst_without_ack_is_odd) {
	struct talk t = talk_of(UINT32_MAX, 0); // ISN + 1 is 0, as the field without meaning is
	cr_assert_eq(rst_events(t, RST, 1), CONN_EV_ODD_RST);
}

Test(conn_synack, rst_with_syn_is_a_rst) {
	cr_assert_eq(rst_events(talk_plain(), SYNACK | RST, 1), CONN_EV_RST);
}

Test(conn_synack, refused_connection_is_over_at_once) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	AT(&t, 20);
	RECEIVES(&t, RSTACK, 0, 1, "");
	cr_assert_eq(t.conn.end_ns, talk_ns(20));
}

// ---- other answers to a SYN

Test(conn_synack, challenge_ack_gets_a_rst_with_its_number) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	cr_assert_eq(RECEIVES(&t, ACK, 77, 123456, ""), CONN_EV_CHALLENGE);
	cr_assert_not(t.conn.refuse_done);
	SENDS(&t, RST, 123456, 0, "");
	cr_assert(t.conn.refuse_done);
	WAITS_UNTIL(&t, 1000);
}

Test(conn_synack, second_challenge_ack_gets_no_rst) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	RECEIVES(&t, ACK, 77, 123456, "");
	SENDS(&t, RST, 123456, 0, "");
	cr_assert_eq(RECEIVES(&t, ACK, 77, 123456, ""), CONN_EV_ODD);
	WAITS_UNTIL(&t, 1000);
}

Test(conn_synack, odd_syn_ack_does_not_take_back_the_rst_of_a_challenge) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	RECEIVES(&t, ACK, 77, 123456, "");
	RECEIVES(&t, SYNACK, 0, 0x80000000, "");
	SENDS(&t, RST, 123456, 0, "");
}

Test(conn_synack, data_without_a_syn_ack_are_early_and_get_nothing) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	cr_assert_eq(RECEIVES(&t, PSHACK, 1, 1, ANSWER), CONN_EV_EARLY_DATA);
	cr_assert_eq(t.conn.early_seq, t.irs + 1);
	WAITS_UNTIL(&t, 1000);
}

// A server sends again what the connection before us had, dead since we were killed.
Test(conn_synack, octets_that_acknowledge_another_connection_are_no_early_data) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	cr_assert_eq(RECEIVES(&t, PSHACK, 77, 123456, ANSWER), CONN_EV_CHALLENGE);
	SENDS(&t, RST, 123456, 0, "");
	cr_assert_eq(RECEIVES(&t, PSHACK, 77, 123456, ANSWER), CONN_EV_ODD);
	WAITS_UNTIL(&t, 1000);
	cr_assert_eq(RECEIVES(&t, SYNACK, 0, 1, ""), CONN_EV_SYNACK);
}

Test(conn_synack, a_fin_of_another_connection_gets_a_rst) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	cr_assert_eq(RECEIVES(&t, ACK | FIN, 77, 0, ""), CONN_EV_CHALLENGE);
	SENDS(&t, RST, 0, 0, "");
}

Test(conn_synack, single_octet_without_a_syn_ack_is_early) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	cr_assert_eq(RECEIVES(&t, PSHACK, 1, 1, "x"), CONN_EV_EARLY_DATA);
}

Test(conn_synack, early_data_are_not_delivered_later) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	RECEIVES(&t, PSHACK, 1, 1, ANSWER);
	cr_assert_eq(RECEIVES(&t, SYNACK, 0, 1, ""), CONN_EV_SYNACK);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
}

Test(conn_synack, syn_of_the_peer_is_odd) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	cr_assert_eq(RECEIVES(&t, SYN, 0, 1, ""), CONN_EV_ODD);
	WAITS_UNTIL(&t, 1000);
}

Test(conn_synack, fin_without_a_syn_ack_is_odd) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	cr_assert_eq(RECEIVES(&t, FINACK, 1, 1, ""), CONN_EV_ODD);
	cr_assert_eq(RECEIVES(&t, FIN, 1, 0, ""), CONN_EV_ODD);
	cr_assert_eq(RECEIVES(&t, 0, 1, 0, ""), CONN_EV_ODD);
	WAITS_UNTIL(&t, 1000);
}
