// The schedule of one target, and whose frames it takes: what single frames do that no whole
// conversation of tests/conversation shows.
#include "tests/unit/tfo/target_by_hand.h"

TestSuite(target, .init = set_up);

// ---- the schedule

Test(target, baseline_request_and_data_follow_each_other_from_neighbouring_ports) {
	reach(PROBE_DATA);
	complete(NULL, 0);
	cr_expect_eq(send_all(), 1, "the ACK of their FIN");
	cr_expect_eq(ask(), TARGET_DONE);
	for (unsigned int p = 0; p < NB_PROBES; p++) {
		cr_expect_eq(evidence(p)->sport,
			ports_choose(&rules.ports, numbers_target(&rules.numbers, &them4, 53),
				&them4, 53, p));
		cr_expect_eq(evidence(p)->outcome, OUTCOME_OK);
		cr_expect_eq(evidence(p)->syns, 1);
		cr_expect_eq(evidence(p)->data_len, payload_len());
	}
	cr_expect_eq(evidence(PROBE_DATA)->data_acked, payload_len());
	cr_expect_eq(t.nb_started, 3);
}

Test(target, without_a_cookie_there_is_no_third_connection) {
	reach(PROBE_REQUEST);
	complete(NULL, 0);
	cr_expect_eq(send_all(), 1);
	cr_expect_eq(ask(), TARGET_DONE);
	cr_expect_eq(evidence(PROBE_DATA)->sport, 0);
}

Test(target, a_cookie_is_used_whatever_became_of_the_request) {
	reach(PROBE_REQUEST);
	receive_synack(1, cookie_option, sizeof(cookie_option));
	send_all();
	receive_flags(TCP_RST, SERVER_ISS + 1, 0);
	cr_expect_eq(evidence(PROBE_REQUEST)->outcome, OUTCOME_RESET_AFTER);
	cr_expect_eq(send_all(), 1);
	cr_expect_eq(t.probe_of[t.current], PROBE_DATA);
	cr_expect_eq(out.seg.flags, TCP_SYN);
	cr_expect_eq(out.seg.data_len, payload_len());
	cr_assert_eq(out.seg.options_len, 20 + 12);
	cr_expect_arr_eq(out.seg.options + 20, cookie_option, sizeof(cookie_option));
}

Test(target, the_three_syns_differ_in_option_34_and_data_alone) {
	uint8_t first[TCPOPT_MAX_OCTETS];
	send_all();
	cr_assert_eq(out.seg.options_len, 20);
	memcpy(first, out.seg.options, 20);
	complete(NULL, 0);
	send_all();
	// [mss 1460,sackOK,TS val .. ecr 0,nop,wscale 7,tfo  cookiereq,nop,nop]
	static const uint8_t request[] = {34, 2, 1, 1};
	cr_assert_eq(out.seg.options_len, 24);
	cr_expect_arr_eq(out.seg.options + 20, request, 4);
	cr_expect_eq(out.seg.data_len, 0);
	memset(first + 8, 0, 4); // TSval
	uint8_t second[20];
	memcpy(second, out.seg.options, 20);
	memset(second + 8, 0, 4);
	cr_expect_arr_eq(first, second, 20);
}

Test(target, the_next_connection_waits_a_second_for_the_ack_of_our_fin) {
	send_all();
	receive_synack(1, NULL, 0);
	send_all();
	receive_answer(0);
	send_all();
	now_ns += NSEC_PER_SEC - 1;
	while (ask() == TARGET_SEND) { // our FIN again
		cr_expect_neq(out.seg.flags, TCP_SYN);
		target_observe_sent(&t, &rules, now_ns, &out.seg);
	}
	cr_expect_eq(wake_ns, START_NS + NSEC_PER_SEC);
	now_ns++;
	cr_expect_eq(ask(), TARGET_SEND);
	cr_expect_eq(out.seg.flags, TCP_SYN);
}

Test(target, a_fin_that_nobody_acknowledged_is_sent_again_beside_the_next_connection) {
	send_all();
	receive_synack(1, NULL, 0);
	send_all();
	receive_answer(0);
	send_all();
	uint16_t first_port = conn()->lport;
	now_ns = START_NS + NSEC_PER_SEC;
	send_all();
	cr_expect_neq(conn()->lport, first_port);
	now_ns = START_NS + 1500 * NSEC_PER_MSEC;
	cr_expect_eq(send_all(), 1);
	cr_expect_eq(out.seg.sport, first_port);
	cr_expect(out.seg.flags & TCP_FIN);
}

Test(target, the_end_is_the_last_event_that_took_part) {
	reach(PROBE_DATA);
	now_ns += 70 * NSEC_PER_MSEC;
	receive_synack(1u + payload_len(), NULL, 0);
	send_all();
	now_ns += 30 * NSEC_PER_MSEC;
	receive_answer(0);
	send_all();
	now_ns += 500 * NSEC_PER_MSEC;
	receive_flags(TCP_ACK | TCP_FIN, conn()->rcv_nxt, 2u + payload_len());
	send_all();
	cr_expect_eq(target_to_ns(&t), START_NS + 100 * NSEC_PER_MSEC);
}

Test(target, next_changes_nothing) {
	reach(PROBE_REQUEST);
	receive_synack(1, cookie_option, sizeof(cookie_option));
	struct target before = t;
	struct target_segment first;
	cr_assert_eq(ask(), TARGET_SEND);
	first = out;
	for (int i = 0; i < 5; i++) {
		cr_assert_eq(ask(), TARGET_SEND);
		cr_expect_eq(out.seg.seq, first.seg.seq);
		cr_expect_eq(out.seg.data_len, first.seg.data_len);
	}
	cr_expect_eq(t.nb_started, before.nb_started);
	cr_expect_eq(t.conns[t.current].nb_data, 0);
	cr_expect(t.conns[t.current].ack_due);
}

// ---- whose frames

Test(target, segments_of_strangers_are_not_ours) {
	reach(PROBE_BASELINE);
	struct segment seg = theirs(TCP_SYN | TCP_ACK, SERVER_ISS, 1);
	seg.src = other4;
	cr_expect(!receive(&seg));
	seg.src = them4;
	seg.sport = 54;
	cr_expect(!receive(&seg));
	seg.sport = 53;
	seg.dport++;
	cr_expect(!receive(&seg));
	cr_expect_eq(conn()->state, CONN_SYN_SENT);
	seg.dport--;
	cr_expect(receive(&seg));
	cr_expect_eq(conn()->state, CONN_OPEN);
}

Test(target, a_syn_ack_after_the_end_is_late) {
	reach(PROBE_BASELINE);
	struct segment seg = theirs(TCP_SYN | TCP_ACK, SERVER_ISS, 1);
	now_ns += NSEC_PER_SEC;
	send_all();
	now_ns += 2 * NSEC_PER_SEC;
	send_all();
	now_ns = START_NS + 4 * NSEC_PER_SEC;
	cr_expect(!receive(&seg));
	cr_expect_eq(evidence(PROBE_BASELINE)->outcome, OUTCOME_NONE);
	cr_expect_eq(evidence(PROBE_BASELINE)->marks, 0);
}

// An old SYN of ours opens a second connection at the server when the first one is over.
Test(target, a_second_connection_from_an_old_syn_is_late) {
	reach(PROBE_BASELINE);
	complete(NULL, 0);
	struct segment seg = theirs(TCP_SYN | TCP_ACK, SERVER_ISS + 12345, 1);
	cr_expect(!receive(&seg));
	send_all();
	seg.dport = evidence(PROBE_BASELINE)->sport;
	cr_expect(!receive(&seg));
	cr_expect(!has(CONDITION_ANOMALY_SYNACK_INCONSISTENT));
}

// ---- ICMP

static struct icmp_quote quote(void) {
	return (struct icmp_quote){.src = us4,
		.dst = them4,
		.sport = conn()->lport,
		.dport = 53,
		.seq = conn()->isn,
		.type = 3,
		.code = 13};
}

static bool observe_icmp(const struct icmp_quote *q) {
	return target_observe_icmp(&t, &rules, now_ns, q);
}

Test(target, an_unreachable_message_names_the_failure_if_nothing_else_came) {
	reach(PROBE_REQUEST);
	struct icmp_quote q = quote();
	cr_expect(observe_icmp(&q));
	give_up();
	cr_expect_eq(evidence(PROBE_REQUEST)->outcome, OUTCOME_ICMP);
	cr_expect(has(CONDITION_FAILURE_ICMP));
}

Test(target, an_unreachable_message_must_quote_what_we_sent) {
	reach(PROBE_BASELINE);
	struct icmp_quote q = quote();
	q.src = other4;
	cr_expect(!observe_icmp(&q));
	q = quote();
	q.dst = other4;
	cr_expect(!observe_icmp(&q));
	q = quote();
	q.sport++;
	cr_expect(!observe_icmp(&q));
	q = quote();
	q.dport++;
	cr_expect(!observe_icmp(&q));
	q = quote();
	q.seq++;
	cr_expect(!observe_icmp(&q));
	cr_expect_eq(evidence(PROBE_BASELINE)->marks, 0);
}

Test(target, an_unreachable_message_after_the_syn_ack_is_ignored) {
	reach(PROBE_BASELINE);
	receive_synack(1, NULL, 0);
	struct icmp_quote q = quote();
	cr_expect(!observe_icmp(&q));
}

Test(target, a_syn_ack_that_overdoes_it_is_more_of_an_answer_than_icmp) {
	reach(PROBE_DATA);
	struct icmp_quote q = quote();
	cr_expect(observe_icmp(&q));
	receive_flags(TCP_SYN | TCP_ACK, SERVER_ISS, payload_len() + 6u);
	send_all();
	cr_expect_eq(out.seg.flags, TCP_RST);
	give_up();
	cr_expect_eq(evidence(PROBE_DATA)->outcome, OUTCOME_BADACK);
	cr_expect(has(CONDITION_SYNDATA_NOT_ACKED));
}

Test(target, a_syn_ack_wins_over_all_that_came_before) {
	reach(PROBE_DATA);
	struct icmp_quote q = quote();
	cr_expect(observe_icmp(&q));
	receive_flags(TCP_SYN | TCP_ACK, SERVER_ISS, payload_len() + 6u);
	receive_synack(1u + payload_len(), NULL, 0);
	send_all();
	cr_expect_neq(out.seg.flags, TCP_RST, "none after all");
	receive_answer(0);
	cr_expect_eq(evidence(PROBE_DATA)->outcome, OUTCOME_OK);
}

// ---- challenge ACKs

Test(target, a_syn_ack_before_our_rst_left_lets_the_probe_stay) {
	reach(PROBE_BASELINE);
	uint16_t port = conn()->lport;
	receive_flags(TCP_ACK, 1, 0x99999);
	receive_synack(1, NULL, 0);
	send_all();
	cr_expect_eq(conn()->lport, port);
	receive_answer(0);
	send_all();
	receive_flags(TCP_ACK | TCP_FIN, conn()->rcv_nxt, 2u + payload_len());
	send_all();
	cr_expect_eq(t.probe_of[t.current], PROBE_REQUEST, "and the next one is the next");
	cr_expect_eq(evidence(PROBE_BASELINE)->outcome, OUTCOME_OK);
	cr_expect_eq(evidence(PROBE_BASELINE)->sport, port);
}

Test(target, a_rst_before_our_rst_left_ends_the_probe) {
	reach(PROBE_BASELINE);
	receive_flags(TCP_ACK, 1, 0x99999);
	receive_flags(TCP_RST | TCP_ACK, 0, 1);
	cr_expect_eq(send_all(), 1);
	cr_expect_eq(out.seg.flags, TCP_SYN, "no RST to a RST");
	cr_expect_eq(t.probe_of[t.current], PROBE_REQUEST);
	cr_expect_eq(evidence(PROBE_BASELINE)->outcome, OUTCOME_RST);
}

Test(target, a_probe_moves_to_another_port_once) {
	reach(PROBE_BASELINE);
	uint16_t first = conn()->lport;
	receive_flags(TCP_ACK, 1, 0x99999);
	cr_expect_eq(send_all(), 2, "RST, SYN");
	uint16_t second = conn()->lport;
	cr_expect_neq(first, second);
	receive_flags(TCP_ACK, 1, 0x99999);
	cr_expect_eq(send_all(), 1, "RST");
	cr_expect_eq(out.seg.flags, TCP_RST);
	cr_expect_eq(conn()->lport, second);
	now_ns += NSEC_PER_SEC;
	cr_expect_eq(send_all(), 1);
	cr_expect_eq(out.seg.flags, TCP_SYN);
	cr_expect_eq(out.seg.sport, second);
	cr_expect(has(CONDITION_ANOMALY_CHALLENGE_ACK));
}
