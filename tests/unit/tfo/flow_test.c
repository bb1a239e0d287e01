// Segment by segment: what a flow notes.
#include "tests/unit/tfo/flow_draft.h"

TestSuite(flow, .init = set_up);

static bool has(uint32_t mark) {
	return (f.marks & mark) == mark;
}

Test(flow, packets_and_octets_are_counted_by_direction) {
	rich_syn(&cookie_a, DLEN); // 20 + 20 + 12 + 12 + 33
	after_ms(3);
	synack(DLEN);
	client_ack();
	cr_expect_eq(f.pkt_fwd, 2);
	cr_expect_eq(f.oct_fwd, 97 + 40);
	cr_expect_eq(f.pkt_rev, 1);
	cr_expect_eq(f.oct_rev, 40);
	cr_expect_eq(f.from_ns, START_NS);
	cr_expect_eq(f.to_ns, START_NS + 3 * NSEC_PER_MSEC);
}

Test(flow, a_count_of_packets_does_not_wrap) {
	f.pkt_rev = UINT32_MAX;
	synack(0);
	cr_expect_eq(f.pkt_rev, UINT32_MAX);
}

Test(flow, a_clock_that_is_set_back_does_not_end_a_flow_before_its_start) {
	syn(0);
	now_ns -= NSEC_PER_SEC;
	synack(0);
	cr_expect_eq(f.from_ns, START_NS);
	cr_expect_eq(f.to_ns, START_NS);
}

Test(flow, the_first_syn_flags_of_each_side_count) {
	observe(FLOW_FWD, TCP_SYN | 0xc0, ISN, 0, 0);
	syn(0);
	observe(FLOW_REV, TCP_SYN | TCP_ACK | 0x40, IRS, ISN + 1, 0);
	synack(0);
	cr_expect_eq(f.synflags_fwd, 0xc2);
	cr_expect_eq(f.synflags_rev, 0x52);
}

Test(flow, a_handshake_connects) {
	syn(0);
	cr_expect_not(has(FLOW_CONNECTED));
	synack(0);
	cr_expect_not(has(FLOW_CONNECTED));
	client_ack();
	cr_expect(has(FLOW_CONNECTED));
	cr_expect_not(has(FLOW_RICH));
}

Test(flow, an_ack_without_a_syn_ack_connects_nothing) {
	syn(0);
	client_ack();
	cr_expect_not(has(FLOW_CONNECTED));
}

Test(flow, fin_and_rst_belong_to_their_direction) {
	syn(0);
	synack(0);
	observe(FLOW_FWD, TCP_FIN | TCP_ACK, ISN + 1, IRS + 1, 0);
	cr_expect(has(FLOW_FIN_FWD) && !has(FLOW_FIN_REV));
	cr_expect_not(flow_is_over(&f));
	observe(FLOW_REV, TCP_FIN | TCP_ACK, IRS + 1, ISN + 2, 0);
	cr_expect(has(FLOW_FIN_REV));
	cr_expect(flow_is_over(&f));
	cr_expect_not(has(FLOW_RST_FWD) || has(FLOW_RST_REV));

	set_up();
	syn(0);
	observe(FLOW_FWD, TCP_RST, ISN + 1, 0, 0);
	cr_expect(has(FLOW_RST_FWD) && !has(FLOW_RST_REV));
	cr_expect(flow_is_over(&f));
}

Test(flow, the_cookie_of_the_syn_and_that_of_the_syn_ack_are_kept_apart) {
	rich_syn(&cookie_none, 0);
	with_cookie(&cookie_a);
	synack(0);
	cr_expect_eq(f.option_out, COOKIE_OPTION_KIND34);
	cr_expect_eq(f.cookie_out_len, 0);
	cr_expect_eq(f.option_in, COOKIE_OPTION_KIND34);
	cr_expect_eq(f.cookie_in_len, 8);
	cr_expect(has(FLOW_COOKIE_GOOD) && !has(FLOW_COOKIE_SAME));
}

Test(flow, kind_254_with_the_experiment_counts_and_kinds_253_and_255_do_not) {
	with_exp_cookie(&cookie_a);
	syn(DLEN);
	cr_expect_eq(f.option_out, COOKIE_OPTION_KIND254);
	cr_expect_eq(f.cookie_out_len, 8);
	static const uint8_t kinds[] = {253, 255};
	for (size_t i = 0; i < sizeof(kinds); i++) {
		set_up();
		uint8_t option[4] = {kinds[i], 4, 0xf9, 0x89};
		add_option(option, sizeof(option));
		syn(0);
		cr_expect_eq(f.option_out, COOKIE_OPTION_NONE);
		cr_expect_not(has(FLOW_RICH));
	}
}

Test(flow, the_acknowledgement_is_counted_beyond_2_to_the_32) {
	rich_syn(&cookie_a, DLEN);
	synack(DLEN);
	cr_expect_lt(f.synack_ack, f.isn);
	cr_expect_eq(flow_acked(&f), DLEN);
	cr_expect(has(FLOW_SYNACK | FLOW_SYNACK_TO_RICH));
}

Test(flow, a_syn_ack_beyond_what_was_sent_is_none) {
	rich_syn(&cookie_a, DLEN);
	synack(DLEN + 1);
	cr_expect(has(FLOW_BAD_ACK) && !has(FLOW_SYNACK));
	cr_expect_eq(f.synack_ack, ISN + 1 + DLEN + 1);
	synack((uint32_t)-1); // before the SYN
	cr_expect_not(has(FLOW_SYNACK));
	synack(0);
	cr_expect(has(FLOW_SYNACK));
	cr_expect_eq(f.synack_ack, ISN + 1);
}

Test(flow, a_syn_ack_that_acknowledges_another_number_of_octets_is_inconsistent) {
	rich_syn(&cookie_a, DLEN);
	synack(0);
	synack(0);
	cr_expect_not(has(FLOW_INCONSISTENT));
	synack(DLEN);
	cr_expect(has(FLOW_INCONSISTENT));
	cr_expect_eq(flow_acked(&f), 0, "the first one counts");
}

Test(flow, a_syn_ack_without_a_syn_is_counted_and_no_more) {
	synack(0);
	cr_expect_eq(f.pkt_rev, 1);
	cr_expect_not(has(FLOW_SYNACK));
}

Test(flow, identical_syns_are_no_fallback) {
	rich_syn(&cookie_a, DLEN);
	after_ms(1000);
	stamps(TSVAL + 1000, 0);
	with_cookie(&cookie_a);
	syn(DLEN);
	cr_expect_not(has(FLOW_POOR));
	cr_expect_eq(f.last_syn_ms, 1000);
	synack(0);
	cr_expect(has(FLOW_SYNACK_TO_RICH));
}

Test(flow, a_syn_without_the_data_or_without_the_option_is_a_fallback) {
	rich_syn(&cookie_a, DLEN);
	with_cookie(&cookie_a);
	syn(0);
	cr_expect(has(FLOW_POOR));
	set_up();
	rich_syn(&cookie_none, 0);
	syn(0);
	cr_expect(has(FLOW_POOR));
	set_up();
	rich_syn(&cookie_a, DLEN);
	syn(DLEN);
	cr_expect(has(FLOW_POOR));
}

Test(flow, after_a_fallback_a_bare_syn_ack_is_nobodys) {
	rich_syn(&cookie_a, DLEN);
	poor_syn();
	synack(0);
	cr_expect(has(FLOW_SYNACK) && !has(FLOW_SYNACK_TO_RICH));
}

Test(flow, after_a_fallback_the_timestamp_tells_what_is_answered) {
	rich_syn(&cookie_a, DLEN);
	poor_syn();
	stamps(5, TSVAL);
	synack(0);
	cr_expect(has(FLOW_SYNACK_TO_RICH));
	set_up();
	rich_syn(&cookie_a, DLEN);
	poor_syn();
	stamps(5, TSVAL + 1000);
	synack(0);
	cr_expect_not(has(FLOW_SYNACK_TO_RICH));
}

Test(flow, after_a_fallback_acknowledged_data_or_an_option_tell_it_too) {
	rich_syn(&cookie_a, DLEN);
	poor_syn();
	stamps(5, TSVAL + 1000);
	synack(DLEN);
	cr_expect(has(FLOW_SYNACK_TO_RICH));
	set_up();
	rich_syn(&cookie_none, 0);
	poor_syn();
	with_cookie(&cookie_a);
	synack(0);
	cr_expect(has(FLOW_SYNACK_TO_RICH));
}

Test(flow, a_fallback_behind_the_syn_ack_changes_nothing) {
	rich_syn(&cookie_a, DLEN);
	synack(0);
	poor_syn();
	cr_expect(has(FLOW_SYNACK_TO_RICH | FLOW_POOR));
}

Test(flow, of_a_poor_syn_before_the_rich_one_nothing_is_known) {
	stamps(TSVAL - 1, 0);
	syn(0);
	rich_syn(&cookie_a, DLEN);
	stamps(5, TSVAL - 1);
	synack(0);
	cr_expect_not(has(FLOW_SYNACK_TO_RICH));
}

Test(flow, octets_before_the_clients_ack_took_no_round_trip) {
	rich_syn(&cookie_a, DLEN);
	synack(DLEN);
	server_data(50);
	cr_expect(has(FLOW_ZERORTT_YES | FLOW_DATA_REV));
	client_ack();
	server_data(50);
	cr_expect_not(has(FLOW_ZERORTT_NO));
}

Test(flow, octets_in_the_syn_ack_took_no_round_trip) {
	rich_syn(&cookie_a, DLEN);
	observe(FLOW_REV, TCP_SYN | TCP_ACK, IRS, ISN + 1 + DLEN, 50);
	cr_expect(has(FLOW_SYNACK_PAYLOAD | FLOW_ZERORTT_YES));
}

static void acked_then_data(uint32_t ack_tsval, uint32_t tsecr) {
	set_up();
	rich_syn(&cookie_a, DLEN);
	stamps(5, TSVAL);
	synack(DLEN);
	stamps(ack_tsval, 5);
	client_ack();
	stamps(6, tsecr);
	server_data(50);
}

Test(flow, behind_the_ack_the_timestamp_tells_whether_a_round_trip_was_saved) {
	acked_then_data(TSVAL + 2, TSVAL);
	cr_expect(has(FLOW_ZERORTT_YES) && !has(FLOW_ZERORTT_NO));
	acked_then_data(TSVAL + 2, TSVAL + 2);
	cr_expect(has(FLOW_ZERORTT_NO) && !has(FLOW_ZERORTT_YES));
}

Test(flow, where_the_timestamp_cannot_tell_nothing_is_said) {
	acked_then_data(TSVAL, TSVAL); // the ACK left within the tick of the SYN
	cr_expect_not(has(FLOW_ZERORTT_NO) || has(FLOW_ZERORTT_YES));
	acked_then_data(TSVAL + 2, TSVAL - (1u << 21)); // none of the client's
	cr_expect_not(has(FLOW_ZERORTT_NO) || has(FLOW_ZERORTT_YES));
	set_up();
	rich_syn(&cookie_a, DLEN);
	synack(DLEN);
	client_ack();
	server_data(50);
	cr_expect_not(has(FLOW_ZERORTT_NO) || has(FLOW_ZERORTT_YES));
}

Test(flow, data_that_were_not_acknowledged_save_no_round_trip) {
	rich_syn(&cookie_a, DLEN);
	synack(DLEN - 1);
	server_data(50);
	cr_expect_not(has(FLOW_ZERORTT_NO) || has(FLOW_ZERORTT_YES));
}

// It left before our ACK could arrive, as the SYN-ACK did; what comes again says nothing.
Test(flow, an_answer_that_overtakes_the_syn_ack_saved_a_round_trip) {
	rich_syn(&cookie_a, DLEN);
	server_data(50);
	synack(DLEN);
	cr_expect(has(FLOW_ZERORTT_YES));
	after_ms(300);
	stamps(TSVAL + 2, 0);
	client_ack();
	stamps(0, TSVAL + 2);
	server_data(50);
	cr_expect_not(has(FLOW_ZERORTT_NO));
	set_up();
	rich_syn(&cookie_a, DLEN);
	observe(FLOW_REV, TCP_ACK | TCP_PSH, IRS + 100, ISN + 1 + DLEN, 50);
	synack(DLEN);
	cr_expect_not(has(FLOW_ZERORTT_YES), "somebody else's");
}

Test(flow, a_rst_answers_the_syn_by_its_number) {
	rich_syn(&cookie_a, DLEN);
	server_rst(0, DLEN + 1);
	cr_expect_not(has(FLOW_REFUSED));
	server_rst(0, DLEN);
	cr_expect(has(FLOW_REFUSED | FLOW_REFUSED_RICH));
	set_up();
	rich_syn(&cookie_a, DLEN);
	server_rst(0, 5); // kernels take it, too
	cr_expect(has(FLOW_REFUSED | FLOW_REFUSED_RICH));
	set_up();
	rich_syn(&cookie_a, DLEN);
	server_rst(0, 0);
	cr_expect(has(FLOW_REFUSED | FLOW_REFUSED_RICH));
	set_up();
	rich_syn(&cookie_a, DLEN);
	poor_syn();
	server_rst(0, 0);
	cr_expect(has(FLOW_REFUSED) && !has(FLOW_REFUSED_RICH));
	set_up();
	syn(0);
	server_rst(0, 0);
	cr_expect(has(FLOW_REFUSED) && !has(FLOW_REFUSED_RICH));
}

Test(flow, a_rst_right_behind_the_syn_ack_is_a_reset) {
	rich_syn(&cookie_a, DLEN);
	synack(DLEN);
	server_rst(IRS + 2, DLEN);
	cr_expect_not(has(FLOW_RESET_AFTER), "not the number that comes next");
	server_rst(IRS + 1, DLEN);
	cr_expect(has(FLOW_RESET_AFTER));
	set_up();
	rich_syn(&cookie_a, DLEN);
	synack(DLEN);
	observe(FLOW_FWD, TCP_FIN | TCP_ACK, ISN + 1 + DLEN, IRS + 1, 0);
	server_rst(IRS + 1, DLEN);
	cr_expect_not(has(FLOW_RESET_AFTER), "the client had closed");
}

Test(flow, icmp_counts_while_the_rich_syn_waits) {
	struct icmp_quote quote = {.seq = ISN};
	rich_syn(&cookie_a, DLEN);
	quote.seq++;
	flow_observe_icmp(&f, &quote);
	cr_expect_not(has(FLOW_ICMP));
	quote.seq--;
	flow_observe_icmp(&f, &quote);
	cr_expect(has(FLOW_ICMP));
	set_up();
	rich_syn(&cookie_a, DLEN);
	poor_syn();
	flow_observe_icmp(&f, &quote);
	cr_expect_not(has(FLOW_ICMP));
}

Test(flow, a_syn_with_another_isn_begins_anew) {
	rich_syn(&cookie_a, DLEN);
	synack(DLEN);
	struct segment again = {.seq = ISN, .flags = TCP_SYN}, other = {.seq = 7, .flags = TCP_SYN};
	cr_expect_not(flow_is_other(&f, &again));
	cr_expect(flow_is_other(&f, &other));
	after_ms(10);
	observe(FLOW_FWD, TCP_SYN, 7, 0, 0);
	cr_expect_eq(f.pkt_fwd, 1);
	cr_expect_eq(f.pkt_rev, 0);
	cr_expect_eq(f.isn, 7);
	cr_expect_eq(f.from_ns, now_ns);
	cr_expect_not(has(FLOW_RICH));
}
