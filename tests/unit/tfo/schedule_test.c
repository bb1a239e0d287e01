// What follows what, and when: whole targets of which every answer is made by hand.
#include "lib/tfo/schedule.h"
#include "tests/unit/tfo/target_by_hand.h"

static void with_rounds(uint8_t nb_rounds, bool has_controls) {
	set_up();
	rules.nb_rounds = nb_rounds;
	rules.has_controls = has_controls;
	rules.later = rules.conn;
	rules.later.syn_tries = rules.later.data_tries = CONN_MAX_TRIES;
	rules.later.wait_ns = 10 * NSEC_PER_SEC;
}

static enum probe at_hand(void) {
	return t.probe_of[t.current];
}

// The SYN at hand and all its repeats, until it is given up.
static unsigned int stay_silent(void) {
	unsigned int nb_syns = conn()->nb_syns;
	enum probe probe = at_hand();
	for (;;) {
		enum target_step step = ask();
		if (conn()->state != CONN_SYN_SENT)
			break; // what step offers is of the next connection
		if (step == TARGET_SEND) {
			target_observe_sent(&t, &rules, now_ns, &out.seg);
			nb_syns++;
		} else {
			now_ns = wake_ns;
		}
	}
	cr_assert_eq(at_hand(), probe);
	return nb_syns;
}

// Wait for the next SYN, and send it. Returns how long it took, from the end of the one before.
static uint64_t next_syn(void) {
	uint64_t end_ns = conn()->end_ns;
	for (unsigned int i = 0; i < 20; i++) {
		enum target_step step = ask();
		cr_assert_neq(step, TARGET_DONE);
		if (step == TARGET_WAIT) {
			now_ns = wake_ns;
			continue;
		}
		target_observe_sent(&t, &rules, now_ns, &out.seg);
		if (out.seg.flags & TCP_SYN)
			return now_ns - end_ns;
	}
	cr_assert_fail("no SYN");
	return 0;
}

static void expect_done(void) {
	enum target_step step;
	while ((step = ask()) != TARGET_DONE) {
		cr_assert_neq(step, TARGET_UNFINISHED);
		if (step == TARGET_WAIT) {
			now_ns = wake_ns;
			continue;
		}
		cr_assert_eq(out.seg.flags & TCP_SYN, 0, "another connection");
		target_observe_sent(&t, &rules, now_ns, &out.seg);
	}
	cr_expect(target_is_done(&t, &rules, now_ns));
}

Test(schedule, one_round_is_all_that_one_round_is) {
	with_rounds(1, false);
	reach(PROBE_REQUEST);
	cr_expect_eq(stay_silent(), 3);
	expect_done();
	cr_expect(target_conditions(&t, &rules) & CONDITION_BIT(CONDITION_BROKEN));
}

Test(schedule, what_agrees_is_not_repeated) {
	with_rounds(3, false);
	send_all();
	cr_expect_eq(stay_silent(), 3);
	next_syn();
	cr_expect_eq(stay_silent(), 3);
	expect_done();
	cr_expect_eq(target_verdict(&t).nb_rounds, 1);
}

Test(schedule, the_second_round_begins_five_seconds_later_the_third_thirty) {
	with_rounds(3, false);
	reach(PROBE_REQUEST);
	stay_silent();
	uint64_t pause_ns = next_syn();
	cr_expect_geq(pause_ns, 5 * NSEC_PER_SEC);
	cr_expect_leq(pause_ns, 6250 * NSEC_PER_MSEC);
	cr_expect_eq(at_hand(), PROBE_BASELINE);
	complete(NULL, 0);
	next_syn();
	cr_expect_eq(stay_silent(), 8, "later rounds try harder");
	pause_ns = next_syn();
	cr_expect_geq(pause_ns, 30 * NSEC_PER_SEC);
	cr_expect_leq(pause_ns, 37500 * NSEC_PER_MSEC);
	complete(NULL, 0);
	next_syn();
	cr_expect_eq(stay_silent(), 8);
	expect_done();
	cr_expect_eq(target_verdict(&t).nb_rounds, 3);
	cr_expect(target_conditions(&t, &rules) & CONDITION_BIT(CONDITION_BROKEN));
}

Test(schedule, a_cookie_of_an_earlier_round_is_used_in_the_next) {
	with_rounds(3, false);
	reach(PROBE_DATA);
	stay_silent();
	next_syn();
	cr_expect_eq(at_hand(), PROBE_BASELINE);
	complete(NULL, 0);
	next_syn();
	cr_expect_eq(at_hand(), PROBE_REQUEST);
	stay_silent(); // no cookie this time
	next_syn();
	cr_expect_eq(at_hand(), PROBE_DATA);
	cr_expect_eq(evidence(PROBE_DATA)->cookie_out.len_octets, 8);
	cr_expect_gt(out.seg.data_len, 0);
	complete(NULL, 0);
	expect_done();
	uint64_t set = target_conditions(&t, &rules);
	cr_expect(set & CONDITION_BIT(CONDITION_WORKS));
	cr_expect(set & CONDITION_BIT(CONDITION_RETRY_RECOVERED));
	cr_expect(set & CONDITION_BIT(CONDITION_SYNDATA_ACKED));
}

Test(schedule, an_ending_scan_lets_the_round_end_and_begins_no_other) {
	with_rounds(3, false);
	reach(PROBE_REQUEST);
	rules.is_ending = true;
	stay_silent();
	enum target_step step;
	while ((step = ask()) == TARGET_WAIT)
		now_ns = wake_ns;
	cr_expect_eq(step, TARGET_UNFINISHED);
}

Test(schedule, a_target_rests_between_its_rounds_and_at_no_other_time) {
	with_rounds(3, false);
	cr_expect_not(target_rested_since(&t, &rules, now_ns + NSEC_PER_SEC), "not begun");
	reach(PROBE_REQUEST);
	cr_expect_not(target_rested_since(&t, &rules, now_ns + NSEC_PER_SEC));
	stay_silent();
	uint64_t end_ns = conn()->end_ns;
	cr_expect(target_rested_since(&t, &rules, end_ns + 1));
	cr_expect_not(target_rested_since(&t, &rules, end_ns), "it ended then");
	next_syn();
	cr_expect_not(target_rested_since(&t, &rules, now_ns + NSEC_PER_SEC));
}

// ---- controls

// The server does what is asked of it: a cookie for a request, and it takes data.
static void serve_until_fin(const uint8_t *cookie, uint8_t len, bool takes_data) {
	bool has_data = conn()->syn_data_len > 0 && !conn()->syn_is_plain;
	bool wants_cookie = at_hand() == PROBE_REQUEST || at_hand() == PROBE_REQUEST_2 ||
			    at_hand() == PROBE_REQUEST_3 || at_hand() == PROBE_OTHER_PORT;
	bool brings = wants_cookie || (has_data && !takes_data && at_hand() != PROBE_BARE_DATA);
	uint32_t acked = 1u + (has_data && takes_data ? conn()->syn_data_len : 0);
	struct segment seg = theirs(TCP_SYN | TCP_ACK, SERVER_ISS, acked);
	seg.sport = out.seg.dport;
	seg.options = cookie;
	seg.options_len = brings ? len : 0;
	cr_assert(receive(&seg));
	send_all();
	if (conn()->payload_len > 0) {
		receive_answer(0);
		send_all();
	}
}

static void serve(const uint8_t *cookie, uint8_t len, bool takes_data) {
	serve_until_fin(cookie, len, takes_data);
	struct segment fin = theirs(TCP_ACK | TCP_FIN, conn()->rcv_nxt, 2u + conn()->payload_len);
	fin.sport = out.seg.dport;
	now_ns += NSEC_PER_MSEC;
	cr_assert(receive(&fin));
}

static void expect_controls(const enum probe *probes, unsigned int nb, bool takes_data) {
	for (unsigned int i = 0; i < nb; i++) {
		next_syn();
		cr_assert_eq(at_hand(), probes[i], "%u: %u instead of %u", i, at_hand(), probes[i]);
		serve(cookie_option, sizeof(cookie_option), takes_data);
	}
	expect_done();
}

static void one_round(bool takes_data) {
	reach(PROBE_DATA);
	serve(cookie_option, sizeof(cookie_option), takes_data);
}

#define NB(array) (sizeof(array) / sizeof((array)[0]))

Test(schedule, a_fast_open_server_without_timestamps_gets_these_controls) {
	static const enum probe probes[] = {PROBE_EXPERIMENT, PROBE_BARE_DATA, PROBE_REQUEST_2,
		PROBE_FLIPPED, PROBE_OTHER_PORT, PROBE_HELD_ACK, PROBE_REQUEST_3};
	with_rounds(3, true);
	one_round(true);
	// our ACK is held back: the answer comes before it
	for (unsigned int i = 0; i < NB(probes); i++) {
		next_syn();
		cr_assert_eq(at_hand(), probes[i], "%u: %u instead of %u", i, at_hand(), probes[i]);
		serve(cookie_option, sizeof(cookie_option), true);
		if (probes[i] == PROBE_HELD_ACK)
			cr_expect_eq(conn()->ack_ns, 0);
		if (probes[i] == PROBE_REQUEST_3)
			cr_expect_geq(conn()->first_syn_ns - t.request_2_ns, 60 * NSEC_PER_SEC);
	}
	expect_done();
	uint64_t set = target_conditions(&t, &rules);
	cr_expect(set & CONDITION_BIT(CONDITION_COOKIE_STABLE));
	cr_expect(set & CONDITION_BIT(CONDITION_COOKIE_SHARED_PORTS));
	cr_expect(set & CONDITION_BIT(CONDITION_COOKIE_UNCHECKED));
	cr_expect(set & CONDITION_BIT(CONDITION_COOKIELESS_ACCEPTED));
	cr_expect(set & CONDITION_BIT(CONDITION_ZERORTT_YES));
}

// One target in 28,000 has it by chance. The peer's FIN comes when the next SYN has left.
Test(schedule, two_in_a_row_may_have_one_local_port_if_they_go_to_two_ports) {
	const unsigned int nb_before = 3; // controls: kind 254, bare data, the second request
	const unsigned int ordinal = NB_PROBES + nb_before + 1; // of PROBE_OTHER_PORT
	with_rounds(1, true);
	struct target_conn_id before, after;
	uint64_t seed = 0;
	do {
		numbers_init(&rules.numbers, ++seed, 1);
		before = target_conn_id(&rules, &t.addr, t.port, ordinal - 1);
		after = target_conn_id(&rules, &t.addr, t.port == 53 ? 853 : 53, ordinal);
	} while (before.lport != after.lport);
	t.hash = numbers_target(&rules.numbers, &t.addr, t.port);
	one_round(true);
	for (unsigned int i = 0; i < nb_before; i++) {
		next_syn();
		serve(cookie_option, sizeof(cookie_option), true);
	}
	next_syn();
	cr_assert_eq(at_hand(), PROBE_FLIPPED);
	serve_until_fin(cookie_option, sizeof(cookie_option), true);
	const struct conn *flipped = conn();
	struct segment fin = theirs(TCP_ACK, flipped->rcv_nxt, 2u + flipped->payload_len);
	cr_assert(receive(&fin));
	next_syn();
	cr_assert_eq(at_hand(), PROBE_OTHER_PORT);
	cr_assert_eq(conn()->lport, flipped->lport);
	fin.flags |= TCP_FIN;
	cr_assert(receive(&fin));
	cr_assert(flipped->ack_due);
	for (unsigned int i = 0; i < 5 && ask() == TARGET_SEND; i++)
		target_observe_sent(&t, &rules, now_ns, &out.seg);
	cr_expect_not(flipped->ack_due, "it was sent, and is not sent for ever");
	cr_expect_eq(conn()->nb_syns, 1);
}

Test(schedule, a_server_that_refuses_cookies_is_asked_until_it_is_certain) {
	static const enum probe probes[] = {PROBE_EXPERIMENT, PROBE_BARE_DATA, PROBE_REQUEST_2,
		PROBE_FLIPPED, PROBE_OTHER_PORT, PROBE_REQUEST_3};
	with_rounds(3, true);
	one_round(false); // it brings back the cookie that it was sent
	expect_controls(probes, NB(probes), false);
	uint64_t set = target_conditions(&t, &rules);
	cr_expect(set & CONDITION_BIT(CONDITION_COOKIE_RETURNED));
	cr_expect(set & CONDITION_BIT(CONDITION_SYNDATA_DECLINED));
}

Test(schedule, a_server_that_rejects_cookies_gets_two_more_and_one_from_the_same_port) {
	static const uint8_t other[] = {34, 10, 9, 2, 3, 4, 5, 6, 7, 8, 1, 1};
	static const enum probe probes[] = {PROBE_EXPERIMENT, PROBE_BARE_DATA, PROBE_REQUEST_2,
		PROBE_DATA_2, PROBE_DATA_SAME_PORT, PROBE_OTHER_PORT, PROBE_REQUEST_3,
		PROBE_DATA_3};
	with_rounds(3, true);
	reach(PROBE_DATA);
	serve(other, sizeof(other), false);
	uint16_t request_port = 0;
	for (unsigned int i = 0; i < NB(probes); i++) {
		next_syn();
		cr_assert_eq(at_hand(), probes[i], "%u: %u instead of %u", i, at_hand(), probes[i]);
		if (probes[i] == PROBE_REQUEST_2)
			request_port = conn()->lport;
		cr_expect_eq(conn()->lport == request_port,
			probes[i] == PROBE_DATA_SAME_PORT || probes[i] == PROBE_REQUEST_2);
		bool is_data = schedule_has_data(probes[i]);
		serve(is_data ? cookie_option : other, sizeof(other), false);
	}
	expect_done();
	uint64_t set = target_conditions(&t, &rules);
	cr_expect(set & CONDITION_BIT(CONDITION_COOKIE_NEVER_ACCEPTED));
	cr_expect(set & CONDITION_BIT(CONDITION_COOKIE_ROTATING));
}

Test(schedule, silence_to_data_is_followed_by_a_plain_syn_with_the_same_numbers) {
	with_rounds(1, true);
	reach(PROBE_DATA);
	uint16_t lport = conn()->lport;
	uint32_t isn = conn()->isn, first_tsval = get_be32(out.seg.options + 8);
	stay_silent();
	next_syn();
	cr_assert_eq(at_hand(), PROBE_SAME_TUPLE);
	cr_expect_eq(out.seg.sport, lport);
	cr_expect_eq(out.seg.seq, isn);
	cr_expect_eq(out.seg.data_len, 0);
	cr_expect_eq(out.seg.options_len, 20, "no option");
	cr_expect_eq(get_be32(out.seg.options + 8) - first_tsval, 4000, "4 s later");
	receive_flags(TCP_SYN | TCP_ACK, SERVER_ISS, 1u + payload_len());
	send_all();
	receive_answer(0);
	send_all();
	uint64_t set = target_conditions(&t, &rules);
	cr_expect(set & CONDITION_BIT(CONDITION_PATH_SYNACK_DROPPED));
}

Test(schedule, silence_to_a_request_is_believed_only_of_a_host_that_is_still_there) {
	with_rounds(1, true);
	reach(PROBE_REQUEST);
	stay_silent();
	next_syn();
	cr_expect_eq(at_hand(), PROBE_FRESH_BASELINE);
	complete(NULL, 0);
	next_syn();
	cr_expect_eq(at_hand(), PROBE_FOREIGN);

	with_rounds(1, true);
	reach(PROBE_REQUEST);
	stay_silent();
	next_syn();
	stay_silent();
	uint64_t pause_ns = next_syn();
	cr_expect_eq(at_hand(), PROBE_LONE_BASELINE, "and nothing that could begin a blacklist");
	cr_expect_geq(pause_ns, 150 * NSEC_PER_SEC);
	stay_silent();
	expect_done();
}

Test(schedule, what_comes_to_the_last_round_during_controls_is_in_the_verdict) {
	with_rounds(1, true);
	reach(PROBE_DATA);
	receive_flags(TCP_RST | TCP_ACK, 0, 1u + payload_len());
	struct segment late = theirs(TCP_SYN | TCP_ACK, SERVER_ISS, 1u + payload_len());
	next_syn();
	cr_expect(!receive(&late), "a SYN-ACK behind a RST");
	uint64_t set = target_conditions(&t, &rules);
	cr_expect(set & CONDITION_BIT(CONDITION_FAILURE_RST));
	cr_expect(set & CONDITION_BIT(CONDITION_PATH_INJECTED));
}

Test(schedule, a_flapped_target_gets_one_baseline_after_a_long_pause_and_nothing_else) {
	with_rounds(2, true);
	reach(PROBE_REQUEST);
	stay_silent();
	next_syn();
	stay_silent();
	next_syn();
	stay_silent();
	uint64_t pause_ns = next_syn();
	cr_expect_eq(at_hand(), PROBE_LONE_BASELINE);
	cr_expect_geq(pause_ns, 150 * NSEC_PER_SEC);
	complete(NULL, 0);
	expect_done();
	uint64_t set = target_conditions(&t, &rules);
	cr_expect(set & CONDITION_BIT(CONDITION_PATH_BLACKLIST_SUSPECT));
	cr_expect(set & CONDITION_BIT(CONDITION_BROKEN));
}

Test(schedule, a_dead_target_gets_no_control) {
	with_rounds(3, true);
	send_all();
	stay_silent();
	next_syn();
	stay_silent();
	expect_done();
	cr_expect_eq(t.nb_started, 2);
}

// ---- placebo

Test(schedule, a_placebo_makes_the_same_connections_without_fast_open) {
	with_rounds(3, true);
	rules.has_controls = false;
	one_round(true);
	expect_done();
	uint8_t nb_before = t.nb_started;
	target_start_placebo(&t);
	cr_expect_eq(t.first_ordinal, nb_before);
	cr_expect_eq(ask(), TARGET_SEND);
	target_observe_sent(&t, &rules, now_ns, &out.seg);
	for (enum probe p = PROBE_BASELINE; p < NB_PROBES; p++) {
		if (p > PROBE_BASELINE)
			next_syn();
		cr_expect_eq(at_hand(), p);
		cr_expect_eq(out.seg.options_len, CONN_SYN_BASE_OPTIONS_OCTETS);
		cr_expect_eq(out.seg.data_len, 0);
		complete(NULL, 0);
	}
	expect_done();
	cr_expect(target_conditions(&t, &rules) & CONDITION_BIT(CONDITION_WORKS));
}
