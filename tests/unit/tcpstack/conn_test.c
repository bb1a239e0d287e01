// A connection's SYNs, and its end if nobody answers them.
#include "tests/unit/tcpstack/conversation.h"

#include "tests/unit/tcpstack/captured.h"

// ---- our SYN

// IP 192.0.2.1.40001 > 192.0.2.2.53: Flags [S], seq 1000000, win 64240,
// options [mss 1460,sackOK,TS val 700000 ecr 0,nop,wscale 7], length 0
Test(conn, syn_has_the_options_of_linux_in_its_order) {
	static const uint8_t expected[] = {
		2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0x00, 0x0a, 0xae, 0x60, 0, 0, 0, 0, 1, 3, 3, 7};
	struct talk t = talk_plain();
	OFFERS(&t, SYN, 0, 0, "");
	cr_assert_eq(t.sent.options_len, sizeof(expected));
	cr_assert_arr_eq(t.sent.options, expected, sizeof(expected));
	cr_assert_eq(t.sent.window, 64240);
}

// Octets 54 to 73 of a captured SYN of Linux; TSval and the shift are values of that moment.
Test(conn, syn_is_that_of_a_captured_linux_but_for_its_numbers) {
	uint8_t linux_syn[CONN_SYN_BASE_OPTIONS_OCTETS];
	memcpy(linux_syn, captured_syn4 + 54, sizeof(linux_syn));
	put_be32(linux_syn + 8, TALK_TS_BASE);
	linux_syn[19] = 7;
	struct talk t = talk_plain();
	OFFERS(&t, SYN, 0, 0, "");
	cr_assert_arr_eq(t.sent.options, linux_syn, sizeof(linux_syn));
	cr_assert_eq(t.sent.window, get_be16(captured_syn4 + 48));
}

Test(conn, syn_to_an_ipv6_address_has_the_mss_of_ipv6) {
	struct talk t = talk_plain();
	t.ctx.laddr = &(const struct ip_addr){{0x20, 1, 0x0d, 0xb8, [15] = 1}};
	t.ctx.raddr = &(const struct ip_addr){{0x20, 1, 0x0d, 0xb8, [15] = 2}};
	OFFERS(&t, SYN, 0, 0, "");
	cr_assert_eq(talk_sent_options(&t).mss, 1440);
}

// options [mss 1460,sackOK,TS val 700000 ecr 0,nop,wscale 7,tfo cookiereq,nop,nop]
Test(conn, option_under_test_stands_behind_the_others) {
	static const uint8_t request[] = {34, 2, 1, 1};
	struct talk plain = talk_plain(), t = talk_plain();
	t.ctx.extra_options = request;
	t.ctx.extra_options_len = sizeof(request);
	OFFERS(&plain, SYN, 0, 0, "");
	OFFERS(&t, SYN, 0, 0, "");
	cr_assert_eq(t.sent.options_len, 24);
	cr_assert_arr_eq(t.sent.options, plain.sent.options, 20);
	cr_assert_arr_eq(t.sent.options + 20, request, sizeof(request));
}

Test(conn, forty_octets_of_options_fit) {
	static const uint8_t cookie[20] = {
		34, 18, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 1, 1};
	struct talk t = talk_plain();
	t.ctx.extra_options = cookie;
	t.ctx.extra_options_len = sizeof(cookie);
	OFFERS(&t, SYN, 0, 0, "");
	cr_assert_eq(t.sent.options_len, TCPOPT_MAX_OCTETS);
	cr_assert_arr_eq(t.sent.options + 20, cookie, sizeof(cookie));
}

Test(conn, syn_carries_the_payload_where_that_is_wanted) {
	struct talk t = talk_syn_data();
	OFFERS(&t, SYN, 0, 0, PAYLOAD);
}

Test(conn, syn_that_was_not_sent_is_offered_again) {
	struct talk t = talk_plain();
	OFFERS(&t, SYN, 0, 0, "");
	OFFERS(&t, SYN, 0, 0, "");
	AT(&t, 700);
	OFFERS(&t, SYN, 0, 0, "");
	cr_assert_eq(t.conn.nb_syns, 0);
	cr_assert_eq(talk_sent_options(&t).tsval, TALK_TS_BASE);
}

// ---- the tries

Test(conn, syns_leave_at_0_1_and_3_seconds) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	WAITS_UNTIL(&t, 1000);
	AT(&t, 1000);
	SENDS(&t, SYN, 0, 0, "");
	WAITS_UNTIL(&t, 3000);
	AT(&t, 3000);
	SENDS(&t, SYN, 0, 0, "");
	WAITS_UNTIL(&t, 4000);
}

Test(conn, eight_syns_leave_at_0_1_3_and_so_on_to_13_seconds) {
	static const uint64_t at_ms[] = {0, 1000, 3000, 5000, 7000, 9000, 11000, 13000};
	struct talk t = talk_plain();
	t.rules.syn_tries = 8;
	for (unsigned int n = 0; n < 8; n++) {
		cr_assert_eq(conn_syn_offset_ns(n), at_ms[n] * NSEC_PER_MSEC);
		AT(&t, at_ms[n]);
		SENDS(&t, SYN, 0, 0, "");
		WAITS_UNTIL(&t, n < 7 ? at_ms[n + 1] : 14000);
	}
}

Test(conn, syn_is_not_due_a_nanosecond_too_early) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	talk_at_ns(&t, talk_ns(1000) - 1);
	WAITS_UNTIL(&t, 1000);
}

Test(conn, syns_differ_in_nothing_but_tsval) {
	struct talk t = talk_syn_data();
	static const uint8_t request[] = {34, 2, 1, 1};
	t.ctx.extra_options = request;
	t.ctx.extra_options_len = sizeof(request);
	SENDS(&t, SYN, 0, 0, PAYLOAD);
	struct segment first = t.sent;
	uint8_t first_options[TCPOPT_MAX_OCTETS];
	memcpy(first_options, t.sent_options, sizeof(first_options));
	for (unsigned int n = 1; n < 3; n++) {
		AT(&t, n == 1 ? 1000 : 3000);
		SENDS(&t, SYN, 0, 0, PAYLOAD);
		cr_assert_eq(talk_sent_options(&t).tsval, TALK_TS_BASE + (n == 1 ? 1000u : 3000u));
		put_be32(t.sent_options + 8, TALK_TS_BASE);
		cr_assert_eq(t.sent.options_len, first.options_len);
		cr_assert_arr_eq(t.sent_options, first_options, first.options_len);
		cr_assert_eq(t.sent.window, first.window);
		cr_assert_eq(t.sent.ack, first.ack);
		cr_assert_eq(t.sent.ttl, first.ttl);
	}
}

Test(conn, tsval_counts_whole_milliseconds_of_what_has_passed) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	talk_at_ns(&t, talk_ns(1001) - 1);
	SENDS(&t, SYN, 0, 0, "");
	cr_assert_eq(talk_sent_options(&t).tsval, TALK_TS_BASE + 1000);
}

Test(conn, late_syn_leaves_the_next_one_where_it_was) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	AT(&t, 1800);
	SENDS(&t, SYN, 0, 0, "");
	cr_assert_eq(talk_sent_options(&t).tsval, TALK_TS_BASE + 1800);
	WAITS_UNTIL(&t, 3000);
}

Test(conn, connection_is_given_up_one_second_after_the_last_syn) {
	struct talk t = talk_plain();
	for (unsigned int n = 0; n < 3; n++) {
		talk_at_ns(&t, TALK_START_NS + conn_syn_offset_ns(n));
		SENDS(&t, SYN, 0, 0, "");
	}
	talk_at_ns(&t, talk_ns(4000) - 1);
	cr_assert_eq(t.conn.state, CONN_SYN_SENT);
	AT(&t, 4000);
	cr_assert_eq(t.conn.state, CONN_OVER);
	cr_assert_eq(t.conn.end, CONN_END_UNANSWERED);
	cr_assert_eq(t.conn.end_ns, talk_ns(4000));
	HAS_NOTHING_LEFT(&t);
}

Test(conn, single_try_is_given_up_after_one_second) {
	struct talk t = talk_plain();
	t.rules.syn_tries = 1;
	SENDS(&t, SYN, 0, 0, "");
	WAITS_UNTIL(&t, 1000);
	AT(&t, 1000);
	cr_assert_eq(t.conn.end, CONN_END_UNANSWERED);
}

Test(conn, last_second_counts_from_when_the_last_syn_left) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	AT(&t, 1000);
	SENDS(&t, SYN, 0, 0, "");
	AT(&t, 3250);
	SENDS(&t, SYN, 0, 0, "");
	WAITS_UNTIL(&t, 4250);
	AT(&t, 4249);
	cr_assert_eq(t.conn.state, CONN_SYN_SENT);
	AT(&t, 4250);
	cr_assert_eq(t.conn.end_ns, talk_ns(4250));
}

Test(conn, nobody_asks_for_a_minute_and_the_end_is_at_its_time) {
	struct talk t = talk_plain();
	t.rules.syn_tries = 1;
	SENDS(&t, SYN, 0, 0, "");
	AT(&t, 60000);
	cr_assert_eq(t.conn.end, CONN_END_UNANSWERED);
	cr_assert_eq(t.conn.end_ns, talk_ns(1000));
	cr_assert_eq(t.conn.close_ns, talk_ns(1000));
}

Test(conn, syn_ack_at_the_deadline_is_too_late) {
	struct talk t = talk_plain();
	t.rules.syn_tries = 1;
	SENDS(&t, SYN, 0, 0, "");
	t.now_ns = talk_ns(1000); // nobody asked before
	cr_assert_eq(RECEIVES(&t, SYNACK, 0, 1, ""), CONN_EV_ODD);
	cr_assert_eq(t.conn.state, CONN_OVER);
	cr_assert_eq(t.conn.end, CONN_END_UNANSWERED);
	HAS_NOTHING_LEFT(&t);
}

Test(conn, syn_ack_just_before_the_deadline_counts) {
	struct talk t = talk_plain();
	t.rules.syn_tries = 1;
	SENDS(&t, SYN, 0, 0, "");
	t.now_ns = talk_ns(1000) - 1;
	cr_assert_eq(RECEIVES(&t, SYNACK, 0, 1, ""), CONN_EV_SYNACK);
	cr_assert_eq(t.conn.state, CONN_OPEN);
}

Test(conn, syn_ack_between_tries_ends_them) {
	struct talk t = talk_plain();
	SENDS(&t, SYN, 0, 0, "");
	AT(&t, 999);
	RECEIVES(&t, SYNACK, 0, 1, "");
	AT(&t, 1000);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	cr_assert_eq(t.conn.nb_syns, 1);
}

Test(conn, nothing_can_be_received_before_the_first_syn) {
	struct talk t = talk_plain();
	cr_assert_eq(RECEIVES(&t, SYNACK, 0, 1, ""), 0);
	cr_assert_eq(RECEIVES(&t, RSTACK, 0, 1, ""), 0);
	cr_assert_eq(t.conn.state, CONN_SYN_SENT);
	OFFERS(&t, SYN, 0, 0, "");
}
