// What single frames make a target's evidence say: injected octets, 0-RTT, answers, SYN-ACKs that
// disagree.
#include "tests/unit/tfo/target_by_hand.h"

TestSuite(target_words, .init = set_up);

// ---- injected

static void receive_rst(uint32_t acked, uint8_t ttl) {
	struct segment seg = theirs(TCP_RST | TCP_ACK, 0, acked);
	seg.ttl = ttl;
	cr_assert(receive(&seg));
}

Test(target_words, a_rst_from_elsewhere_is_injected) {
	reach(PROBE_REQUEST);
	receive_rst(1, TTL - 3);
	cr_expect(has(CONDITION_PATH_INJECTED));
	cr_expect_eq(evidence(PROBE_REQUEST)->outcome, OUTCOME_RST);
}

Test(target_words, a_rst_from_as_far_away_is_not) {
	reach(PROBE_REQUEST);
	receive_rst(1, TTL + 2);
	cr_expect(!has(CONDITION_PATH_INJECTED));
}

Test(target_words, a_rst_that_is_ignored_is_injected_if_it_came_from_elsewhere) {
	reach(PROBE_REQUEST);
	receive_rst(7, TTL);
	cr_expect(!has(CONDITION_PATH_INJECTED));
	receive_rst(7, TTL + 3);
	cr_expect(has(CONDITION_PATH_INJECTED));
	cr_expect_eq(conn()->state, CONN_SYN_SENT);
}

Test(target_words, a_rst_before_any_syn_ack_is_measured_by_the_next_one) {
	reach(PROBE_BASELINE);
	receive_rst(1, 255);
	cr_expect(!has(CONDITION_PATH_INJECTED));
	send_all();
	receive_synack(1, NULL, 0);
	cr_expect(has(CONDITION_PATH_INJECTED));
}

Test(target_words, a_rst_with_a_syn_ack_behind_it_is_injected_from_wherever) {
	rules.nb_rounds = 2; // the target waits for its second round
	reach(PROBE_REQUEST);
	receive_rst(1, TTL);
	cr_expect(!has(CONDITION_PATH_INJECTED));
	struct segment seg = theirs(TCP_SYN | TCP_ACK, SERVER_ISS, 1);
	cr_expect(!receive(&seg), "and the SYN-ACK is late");
	cr_expect(has(CONDITION_PATH_INJECTED));
	cr_expect_eq(evidence(PROBE_REQUEST)->outcome, OUTCOME_RST);
}

Test(target_words, data_from_elsewhere_are_injected) {
	reach(PROBE_BASELINE);
	receive_synack(1, NULL, 0);
	send_all();
	static const uint8_t octets[4] = {0};
	struct segment seg = theirs(TCP_ACK, SERVER_ISS + 1, 1u + payload_len());
	seg.data = octets;
	seg.data_len = sizeof(octets);
	seg.ttl = TTL + 2;
	cr_expect(receive(&seg));
	cr_expect(!has(CONDITION_PATH_INJECTED));
	seg.seq += sizeof(octets);
	seg.ttl = TTL + 3;
	cr_expect(receive(&seg));
	cr_expect(has(CONDITION_PATH_INJECTED));
}

static void receive_early(uint32_t seq) {
	static const uint8_t octets[4] = {0};
	struct segment seg = theirs(TCP_ACK, seq, 1u + payload_len());
	seg.data = octets;
	seg.data_len = sizeof(octets);
	cr_assert(receive(&seg));
}

Test(target_words, data_without_a_syn_ack_are_injected) {
	reach(PROBE_DATA);
	receive_early(SERVER_ISS + 1);
	cr_expect(has(CONDITION_PATH_INJECTED));
	give_up();
	cr_expect(has(CONDITION_PATH_INJECTED));
	cr_expect(has(CONDITION_FAILURE_TIMEOUT));
}

Test(target_words, data_that_overtook_their_syn_ack_are_not) {
	reach(PROBE_DATA);
	receive_early(SERVER_ISS + 1);
	receive_synack(1u + payload_len(), NULL, 0);
	cr_expect(!has(CONDITION_PATH_INJECTED));
	cr_expect(!has(CONDITION_ZERORTT_YES), "no timestamps");
}

Test(target_words, data_before_a_syn_ack_of_another_connection_are) {
	reach(PROBE_DATA);
	receive_early(SERVER_ISS - 1);
	receive_synack(1u + payload_len(), NULL, 0);
	cr_expect(has(CONDITION_PATH_INJECTED));
}

Test(target_words, data_behind_a_syn_ack_that_overdid_it_are_not) {
	reach(PROBE_DATA);
	receive_flags(TCP_SYN | TCP_ACK, SERVER_ISS, payload_len() + 6u);
	receive_early(SERVER_ISS + 1);
	cr_expect(!has(CONDITION_PATH_INJECTED));
}

Test(target_words, what_was_injected_stays_known_on_another_port) {
	reach(PROBE_DATA);
	receive_early(SERVER_ISS + 1);
	receive_flags(TCP_ACK, 1, 0x99999);
	send_all();
	cr_expect(has(CONDITION_PATH_INJECTED));
	receive_synack(1u + payload_len(), NULL, 0);
	cr_expect(has(CONDITION_PATH_INJECTED));
}

// ---- 0-RTT

// An answer's first octets to the data in the SYN, with a TSecr so far behind the SYN's TSval.
static void receive_stamped(uint32_t tsecr_offset) {
	uint8_t options[12];
	static const uint8_t octets[4] = {0};
	struct segment seg = theirs(TCP_ACK, conn()->rcv_nxt, 1u + payload_len());
	seg.options = options;
	seg.options_len = timestamps_of(conn()->ts_base + tsecr_offset, options);
	seg.data = octets;
	seg.data_len = sizeof(octets);
	cr_assert(receive(&seg));
}

static void open_data(bool is_acked) {
	uint8_t options[12];
	reach(PROBE_DATA);
	uint32_t acked = is_acked ? payload_len() : 0;
	now_ns += 20 * NSEC_PER_MSEC;
	timestamps_of(conn()->ts_base, options);
	receive_synack(1 + acked, options, sizeof(options));
	send_all();
	cr_assert_eq(get_be32(out.seg.options + 4), conn()->ts_base + 21, "our ACK's TSval");
}

Test(target_words, octets_that_echo_the_syn_left_before_our_ack_came) {
	open_data(true);
	receive_stamped(0);
	cr_expect(has(CONDITION_ZERORTT_YES) && !has(CONDITION_ZERORTT_NO));
}

Test(target_words, octets_that_echo_our_ack_left_after_it) {
	open_data(true);
	receive_stamped(21);
	cr_expect(has(CONDITION_ZERORTT_NO) && !has(CONDITION_ZERORTT_YES));
}

Test(target_words, the_first_octets_decide) {
	open_data(true);
	receive_stamped(20);
	receive_stamped(21);
	cr_expect(has(CONDITION_ZERORTT_YES) && !has(CONDITION_ZERORTT_NO));
	set_up();
	open_data(true);
	receive_stamped(21);
	receive_stamped(20);
	cr_expect(has(CONDITION_ZERORTT_NO) && !has(CONDITION_ZERORTT_YES));
}

Test(target_words, nothing_is_said_of_octets_without_timestamps) {
	reach(PROBE_DATA);
	receive_synack(1u + payload_len(), NULL, 0);
	send_all();
	receive_answer(0);
	cr_expect(!has(CONDITION_ZERORTT_YES) && !has(CONDITION_ZERORTT_NO));
}

Test(target_words, nothing_is_said_of_data_that_were_not_taken_whole) {
	open_data(false);
	receive_stamped(0);
	cr_expect(!has(CONDITION_ZERORTT_YES) && !has(CONDITION_ZERORTT_NO));
}

Test(target_words, octets_that_overtook_the_syn_ack_left_before_our_ack) {
	reach(PROBE_DATA);
	uint8_t options[12];
	static const uint8_t octets[4] = {0};
	struct segment seg = theirs(TCP_ACK, SERVER_ISS + 1, 1u + payload_len());
	seg.options = options;
	seg.options_len = timestamps_of(conn()->ts_base, options);
	seg.data = octets;
	seg.data_len = sizeof(octets);
	cr_assert(receive(&seg));
	receive_synack(1u + payload_len(), options, sizeof(options));
	send_all();
	receive_stamped(1); // sent again
	cr_expect(has(CONDITION_ZERORTT_YES) && !has(CONDITION_ZERORTT_NO));
}

// ---- answers

Test(target_words, a_fin_before_the_answer_is_a_stall) {
	reach(PROBE_BASELINE);
	receive_synack(1, NULL, 0);
	send_all();
	receive_flags(TCP_ACK | TCP_FIN, SERVER_ISS + 1, 1u + payload_len());
	cr_expect_eq(evidence(PROBE_BASELINE)->outcome, OUTCOME_STALL);
}

Test(target_words, a_fin_with_the_answer_is_a_success) {
	reach(PROBE_BASELINE);
	receive_synack(1, NULL, 0);
	send_all();
	receive_answer(TCP_FIN);
	cr_expect_eq(evidence(PROBE_BASELINE)->outcome, OUTCOME_OK);
	cr_expect_eq(evidence(PROBE_BASELINE)->code, 0);
}

Test(target_words, a_rst_behind_the_answer_changes_nothing) {
	reach(PROBE_BASELINE);
	receive_synack(1, NULL, 0);
	send_all();
	receive_answer(0);
	receive_flags(TCP_RST, conn()->rcv_nxt, 0);
	cr_expect_eq(evidence(PROBE_BASELINE)->outcome, OUTCOME_OK);
	cr_expect_eq(send_all(), 1);
	cr_expect_eq(out.seg.flags, TCP_SYN, "and the next connection starts at once");
}

Test(target_words, a_second_answer_is_noted_even_behind_our_fin) {
	reach(PROBE_BASELINE);
	receive_synack(1, NULL, 0);
	send_all();
	receive_answer(0);
	send_all();
	receive_answer(0);
	cr_expect(has(CONDITION_ANSWER_DUPLICATE));
}

Test(target_words, the_same_octets_again_are_no_second_answer) {
	reach(PROBE_BASELINE);
	receive_synack(1, NULL, 0);
	send_all();
	receive_answer(0);
	uint8_t octets[APP_PAYLOAD_MAX_OCTETS];
	struct segment seg = theirs(TCP_ACK, SERVER_ISS + 1, 1u + payload_len());
	seg.data_len = (uint16_t)answer(octets);
	seg.data = octets;
	receive(&seg);
	cr_expect(!has(CONDITION_ANSWER_DUPLICATE));
}

Test(target_words, a_question_of_its_own_is_asked_and_answered) {
	static const uint8_t own[] = {2, 'd', 'e', 0};
	target_start(&t, &rules, &them4, 53, own, sizeof(own));
	send_all();
	receive_synack(1, NULL, 0);
	cr_assert_eq(ask(), TARGET_SEND);
	cr_expect_eq(out.seg.data_len, 14 + sizeof(own) + 4);
	cr_expect_arr_eq(out.seg.data + 14, own, sizeof(own));
}

// ---- SYN-ACKs that disagree

Test(target_words, a_second_syn_ack_with_another_number_of_octets_is_inconsistent) {
	reach(PROBE_DATA);
	receive_synack(1, NULL, 0);
	receive_synack(1u + payload_len(), NULL, 0);
	cr_expect(has(CONDITION_ANOMALY_SYNACK_INCONSISTENT));
	cr_expect(has(CONDITION_SYNDATA_NOT_ACKED), "the first one decides");
}

Test(target_words, the_same_syn_ack_again_is_not) {
	reach(PROBE_DATA);
	receive_synack(1u + payload_len(), NULL, 0);
	receive_synack(1u + payload_len(), NULL, 0);
	receive_flags(TCP_SYN | TCP_ACK, SERVER_ISS + 99, 1u + payload_len()); // of an old SYN
	receive_flags(TCP_SYN | TCP_ACK, SERVER_ISS, 6u + payload_len());      // not valid
	cr_expect(!has(CONDITION_ANOMALY_SYNACK_INCONSISTENT));
}

Test(target_words, an_odd_segment_counts_for_nothing) {
	reach(PROBE_BASELINE);
	receive_flags(TCP_SYN, SERVER_ISS, 0);
	receive_flags(0, SERVER_ISS, 0);
	receive_flags(TCP_FIN | TCP_ACK, SERVER_ISS, 1);
	receive_flags(TCP_SYN | TCP_ACK, SERVER_ISS, 0); // acknowledges nothing
	receive_flags(TCP_SYN | TCP_ACK, SERVER_ISS, 0x20000);
	cr_expect_eq(conn()->state, CONN_SYN_SENT);
	cr_expect_eq(evidence(PROBE_BASELINE)->marks, 0);
	cr_expect_eq(send_all(), 0);
}
