// The flows that hang on a target: which connection's segments they hold, and when they begin anew.
// tests/conversation compares them with the frames of whole conversations.
#include "tests/unit/tfo/target_by_hand.h"

static struct flow flows[NB_PROBES];

static void set_up_with_flows(void) {
	set_up();
	memset(flows, 0xff, sizeof(flows));
	target_want_flows(&t, flows);
}

TestSuite(target_flow, .init = set_up_with_flows);

static void complete_round(void) {
	complete(NULL, 0);
	send_all();
	complete(cookie_option, sizeof(cookie_option));
	send_all();
	complete(NULL, 0);
}

// Until the next connection begins.
static void wait_for(enum probe probe) {
	while (t.probe_of[t.current] != probe) {
		cr_assert_eq(ask(), TARGET_WAIT);
		now_ns = wake_ns;
		send_all();
	}
}

// The baseline is answered, D never is: round 2 begins with everything known of round 1.
static void fail_data_of_round_1(void) {
	rules.later = rules.conn;
	rules.nb_rounds = 2;
	reach(PROBE_DATA);
	give_up();
	wait_for(PROBE_BASELINE);
}

Test(target_flow, each_connection_of_a_round_has_its_own) {
	reach(PROBE_BASELINE);
	complete_round();
	for (unsigned int p = 0; p < NB_PROBES; p++) {
		const struct flow *f = &flows[p];
		struct target_conn_id id = target_conn_id(&rules, &them4, 53, p);
		bool has_data = p == PROBE_DATA;
		cr_expect_eq(f->isn, id.numbers.isn);
		cr_expect_eq(f->syn_data_len, has_data ? payload_len() : 0);
		cr_expect_eq(f->option_out, evidence(p)->option_out);
		cr_expect_eq(f->cookie_out_len, has_data ? 8 : 0);
		cr_expect_eq(f->cookie_in_len, p == PROBE_REQUEST ? 8 : 0);
		cr_expect(f->marks & FLOW_CONNECTED);
		cr_expect(f->marks & FLOW_FIN_FWD);
		cr_expect(f->marks & FLOW_FIN_REV);
		cr_expect_eq(f->pkt_rev, 3, "SYN-ACK, answer, FIN");
	}
	cr_expect_eq(flows[PROBE_BASELINE].pkt_fwd, 4, "SYN, question, FIN, ACK of the FIN");
	cr_expect_eq(flows[PROBE_DATA].pkt_fwd, 3, "SYN, ACK, FIN; then it was done");
}

Test(target_flow, octets_are_those_of_ip_packets_both_ways) {
	reach(PROBE_BASELINE);
	uint16_t syn_octets = 20 + 20 + out.seg.options_len;
	cr_expect_eq(flows[PROBE_BASELINE].oct_fwd, syn_octets);
	struct segment seg = theirs(TCP_SYN | TCP_ACK, SERVER_ISS, 1);
	seg.ip_len_octets = 1000;
	cr_assert(receive(&seg));
	cr_expect_eq(flows[PROBE_BASELINE].oct_rev, 1000);
}

Test(target_flow, a_connection_that_was_not_made_has_an_empty_one) {
	reach(PROBE_REQUEST);
	complete(NULL, 0);
	send_all();
	cr_assert_eq(ask(), TARGET_DONE);
	cr_expect_not(flow_is_seen(&flows[PROBE_DATA]));
}

Test(target_flow, a_probe_that_begins_again_from_another_port_leaves_nothing_of_the_first) {
	send_all();
	uint32_t first_isn = flows[PROBE_BASELINE].isn;
	struct segment challenge = theirs(TCP_ACK, 12345, 54321);
	cr_assert(receive(&challenge));
	cr_expect_eq(flows[PROBE_BASELINE].pkt_rev, 1);
	send_all();
	const struct flow *f = &flows[PROBE_BASELINE];
	cr_expect_neq(f->isn, first_isn);
	cr_expect_eq(f->pkt_fwd, 1, "the RST went with the first");
	cr_expect_eq(f->pkt_rev, 0);
	cr_expect_not(f->marks & FLOW_RST_FWD);
}

Test(target_flow, a_later_round_replaces_one_after_the_other) {
	fail_data_of_round_1();
	struct flow request = flows[PROBE_REQUEST], data = flows[PROBE_DATA];
	cr_expect_eq(data.pkt_fwd, 3, "the SYNs that nobody answered");
	cr_expect_eq(data.pkt_rev, 0);
	cr_expect_eq(flows[PROBE_BASELINE].pkt_fwd, 1, "of the new one");
	cr_expect_eq(flows[PROBE_BASELINE].from_ns, t.from_ns + (now_ns - t.from_ns) / 1000 * 1000);
	// even if the new number were that of the old one
	flows[PROBE_REQUEST].isn = target_conn_id(&rules, &them4, 53, 4).numbers.isn;
	complete(NULL, 0);
	send_all();
	cr_expect_neq(flows[PROBE_REQUEST].isn, request.isn);
	cr_expect_eq(flows[PROBE_REQUEST].pkt_fwd, 1);
	cr_expect_arr_eq(&flows[PROBE_DATA], &data, sizeof(data));
	complete(cookie_option, sizeof(cookie_option));
	send_all();
	cr_expect_neq(flows[PROBE_DATA].isn, data.isn);
	cr_expect_eq(flows[PROBE_DATA].pkt_fwd, 1);
	for (unsigned int p = 0; p < NB_PROBES; p++)
		cr_expect_gt(flows[p].from_ns, data.to_ns);
}

Test(target_flow, controls_touch_none) {
	rules.later = rules.conn;
	rules.nb_rounds = 1;
	rules.has_controls = true;
	reach(PROBE_DATA);
	give_up();
	send_all();
	// the very ports and numbers of the data
	cr_assert_eq(t.probe_of[t.current], PROBE_SAME_TUPLE);
	struct flow before[NB_PROBES];
	memcpy(before, flows, sizeof(before));
	complete(NULL, 0);
	send_all();
	cr_assert_geq(t.probe_of[t.current], NB_PROBES);
	cr_expect_arr_eq(flows, before, sizeof(before));
}

Test(target_flow, a_placebo_begins_with_empty_ones) {
	reach(PROBE_BASELINE);
	complete_round();
	send_all();
	cr_assert_eq(ask(), TARGET_DONE);
	target_start_placebo(&t);
	for (unsigned int p = 0; p < NB_PROBES; p++)
		cr_expect_not(flow_is_seen(&flows[p]));
	send_all();
	cr_expect_eq(flows[PROBE_BASELINE].pkt_fwd, 1);
}

Test(target_flow, an_unreachable_is_noted_while_the_syn_waits) {
	send_all();
	struct icmp_quote quote = {
		.src = us4, .dst = them4, .sport = conn()->lport, .dport = 53, .seq = conn()->isn};
	cr_assert(target_observe_icmp(&t, &rules, now_ns, &quote));
	cr_expect(flows[PROBE_BASELINE].marks & FLOW_ICMP);
}

Test(target_flow, what_is_not_of_a_connection_or_comes_when_all_is_done_is_not_noted) {
	reach(PROBE_BASELINE);
	struct segment stray = theirs(TCP_ACK, 1, 1);
	stray.dport++;
	cr_expect_not(receive(&stray));
	cr_expect_eq(flows[PROBE_BASELINE].pkt_rev, 0);
	complete_round();
	send_all();
	cr_assert_eq(ask(), TARGET_DONE);
	struct flow before[NB_PROBES];
	memcpy(before, flows, sizeof(before));
	struct segment late = theirs(TCP_ACK, conn()->rcv_nxt, 2u + payload_len());
	cr_expect_not(receive(&late));
	cr_expect_arr_eq(flows, before, sizeof(before));
}

Test(target_flow, evidence_is_the_same_with_and_without) {
	struct evidence with[NB_PROBES];
	reach(PROBE_BASELINE);
	complete_round();
	memcpy(with, t.evidence, sizeof(with));
	set_up();
	reach(PROBE_BASELINE);
	complete_round();
	cr_expect_null(t.flows);
	cr_expect_arr_eq(t.evidence, with, sizeof(with));
}
