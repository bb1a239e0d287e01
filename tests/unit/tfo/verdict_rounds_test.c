// The truth table over several rounds, and with controls: sums of evidence made by hand.
#include "lib/tfo/verdict.h"

#include <criterion/criterion.h>

#define PAYLOAD 33
#define BIT(label) CONDITION_BIT(CONDITION_##label)

static const struct cookie cookie_a = {.len_octets = 8, .octets = {1, 2, 3, 4, 5, 6, 7, 8}};
static const struct cookie cookie_b = {.len_octets = 8, .octets = {1, 2, 3, 4, 5, 6, 7, 9}};

static struct verdict v;

static bool is_answered(enum outcome outcome) {
	return outcome == OUTCOME_OK || outcome == OUTCOME_STALL || outcome == OUTCOME_RESET_AFTER;
}

static struct evidence made(enum outcome outcome) {
	bool has_synack = is_answered(outcome);
	return (struct evidence){
		.sport = 40000,
		.outcome = (uint8_t)outcome,
		.marks = has_synack ? MARK_SYNACK : 0,
		.data_len = PAYLOAD,
		.data_acked = has_synack ? 0 : EVIDENCE_NO_LENGTH,
	};
}

static void offer(struct evidence *ev, const struct cookie *c) {
	ev->cookie_in = *c;
	ev->option_in = ev->option_out = COOKIE_OPTION_KIND34;
}

static void two(enum outcome baseline, enum outcome request) {
	struct evidence ev[NB_PROBES] = {made(baseline), made(request)};
	verdict_add_round(&v, ev);
}

static void three(enum outcome baseline, enum outcome request, enum outcome data, uint16_t acked) {
	struct evidence ev[NB_PROBES] = {made(baseline), made(request), made(data)};
	if (is_answered(request))
		offer(&ev[PROBE_REQUEST], &cookie_a);
	ev[PROBE_DATA].cookie_out = cookie_a;
	if (is_answered(data))
		ev[PROBE_DATA].data_acked = acked;
	verdict_add_round(&v, ev);
}

static uint64_t words(void) {
	return verdict_conditions(&v, false);
}

static uint64_t control_words(void) {
	return verdict_conditions(&v, true);
}

static void begin(void) {
	v = (struct verdict){0};
}

#define EXPECT(set, want)                                                                          \
	cr_expect_eq(set, want, "too much %lx, missing %lx", (set) & ~(want), (want) & ~(set))

TestSuite(verdict_rounds, .init = begin);

Test(verdict_rounds, what_agrees_needs_no_second_round) {
	two(OUTCOME_OK, OUTCOME_OK);
	cr_expect_not(verdict_is_open(&v));
	begin();
	two(OUTCOME_NONE, OUTCOME_NONE);
	cr_expect_not(verdict_is_open(&v));
	begin();
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, PAYLOAD);
	cr_expect_not(verdict_is_open(&v));
}

Test(verdict_rounds, what_differs_needs_one) {
	two(OUTCOME_OK, OUTCOME_NONE);
	cr_expect(verdict_is_open(&v));
	begin();
	two(OUTCOME_NONE, OUTCOME_OK);
	cr_expect(verdict_is_open(&v));
	begin();
	three(OUTCOME_NONE, OUTCOME_OK, OUTCOME_NONE, 0); // a cookie is known, and all else failed
	cr_expect(verdict_is_open(&v));
	begin();
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_STALL, PAYLOAD);
	cr_expect(verdict_is_open(&v));
}

Test(verdict_rounds, a_failure_that_does_not_come_again_is_recovered) {
	two(OUTCOME_OK, OUTCOME_NONE);
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, PAYLOAD);
	EXPECT(words(), BIT(WORKS) | BIT(RETRY_RECOVERED) | BIT(COOKIE_RECEIVED) |
				BIT(COOKIE_LENGTH_8) | BIT(SYNDATA_ACKED));
	cr_expect_eq(v.first_round, CONDITION_BROKEN);
	cr_expect_eq(v.nb_rounds, 2);
}

Test(verdict_rounds, success_may_come_from_different_rounds) {
	two(OUTCOME_OK, OUTCOME_NONE);
	two(OUTCOME_NONE, OUTCOME_OK);
	EXPECT(words(), BIT(WORKS) | BIT(RETRY_RECOVERED) | BIT(COOKIE_NOT_RECEIVED));
	cr_expect(verdict_is_open(&v), "the last round alone says whether another one follows");
}

Test(verdict_rounds, broken_is_broken_each_time) {
	for (unsigned int i = 0; i < 3; i++)
		three(OUTCOME_OK, OUTCOME_OK, OUTCOME_NONE, 0);
	EXPECT(words(), BIT(BROKEN) | BIT(COOKIE_RECEIVED) | BIT(COOKIE_LENGTH_8) |
				BIT(SYNDATA_FAILED) | BIT(FAILURE_TIMEOUT) | BIT(REQUEST_WORKS) |
				BIT(DATA_BROKEN));
}

Test(verdict_rounds, the_last_round_names_the_failure) {
	two(OUTCOME_OK, OUTCOME_NONE);
	two(OUTCOME_OK, OUTCOME_RST);
	EXPECT(words(), BIT(BROKEN) | BIT(FAILURE_RST));
}

Test(verdict_rounds, a_baseline_that_goes_away_has_flapped) {
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_NONE, 0);
	three(OUTCOME_NONE, OUTCOME_NONE, OUTCOME_NONE, 0);
	EXPECT(words(), BIT(OFFLINE) | BIT(BASELINE_FLAPPED) | BIT(COOKIE_RECEIVED) |
				BIT(COOKIE_LENGTH_8) | BIT(SYNDATA_FAILED) | BIT(FAILURE_TIMEOUT));
}

Test(verdict_rounds, transient_needs_a_baseline_that_never_came) {
	two(OUTCOME_NONE, OUTCOME_OK);
	two(OUTCOME_NONE, OUTCOME_OK);
	EXPECT(words(), BIT(TRANSIENT) | BIT(COOKIE_NOT_RECEIVED));
	two(OUTCOME_OK, OUTCOME_OK);
	EXPECT(words(), BIT(WORKS) | BIT(RETRY_RECOVERED) | BIT(COOKIE_NOT_RECEIVED));
}

Test(verdict_rounds, success_in_one_round_and_nothing_after_is_offline_without_a_failure) {
	two(OUTCOME_NONE, OUTCOME_OK);
	two(OUTCOME_NONE, OUTCOME_NONE);
	EXPECT(words(), BIT(OFFLINE) | BIT(COOKIE_NOT_RECEIVED));
}

Test(verdict_rounds, the_best_round_says_what_became_of_cookie_and_data) {
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_STALL, PAYLOAD);
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_NONE, 0);
	EXPECT(words() & (BIT(SYNDATA_ACKED) | BIT(SYNDATA_FAILED)), BIT(SYNDATA_ACKED));
	begin();
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_NONE, 0);
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, 0);
	EXPECT(words() & (BIT(SYNDATA_NOT_ACKED) | BIT(SYNDATA_FAILED)), BIT(SYNDATA_NOT_ACKED));
}

Test(verdict_rounds, a_cookie_now_and_none_then_is_intermittent) {
	struct evidence ev[NB_PROBES] = {made(OUTCOME_NONE), made(OUTCOME_OK), made(OUTCOME_OK)};
	offer(&ev[PROBE_REQUEST], &cookie_a);
	ev[PROBE_DATA].cookie_out = cookie_a;
	verdict_add_round(&v, ev);
	ev[PROBE_BASELINE] = made(OUTCOME_OK);
	ev[PROBE_REQUEST] = made(OUTCOME_OK);
	verdict_add_round(&v, ev);
	EXPECT(words(), BIT(WORKS) | BIT(RETRY_RECOVERED) | BIT(COOKIE_RECEIVED) |
				BIT(COOKIE_LENGTH_8) | BIT(COOKIE_INTERMITTENT) |
				BIT(SYNDATA_NOT_ACKED));
}

// ---- controls

static void control(enum probe p, enum outcome outcome, uint16_t acked, const struct cookie *in,
	const struct cookie *out) {
	struct evidence ev = made(outcome);
	if (is_answered(outcome))
		ev.data_acked = acked;
	if (in)
		offer(&ev, in);
	if (out)
		ev.cookie_out = *out;
	verdict_add_control(&v, p, &ev, &cookie_a);
}

static void tfo_server(void) {
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, PAYLOAD);
}

#define OF_TFO_SERVER                                                                              \
	(BIT(WORKS) | BIT(COOKIE_RECEIVED) | BIT(COOKIE_LENGTH_8) | BIT(SYNDATA_ACKED))

Test(verdict_rounds, without_controls_their_facts_say_nothing) {
	tfo_server();
	control(PROBE_BARE_DATA, OUTCOME_OK, PAYLOAD, NULL, NULL);
	EXPECT(words(), OF_TFO_SERVER);
	EXPECT(control_words(), OF_TFO_SERVER | BIT(COOKIELESS_ACCEPTED));
}

Test(verdict_rounds, bare_data_say_something_only_if_all_or_nothing_came_of_them) {
	tfo_server();
	control(PROBE_BARE_DATA, OUTCOME_OK, PAYLOAD - 1, NULL, NULL);
	EXPECT(control_words(), OF_TFO_SERVER);
	control(PROBE_BARE_DATA, OUTCOME_RST, 0, NULL, NULL);
	EXPECT(control_words(), OF_TFO_SERVER);
	control(PROBE_BARE_DATA, OUTCOME_NONE, 0, NULL, NULL);
	EXPECT(control_words(), OF_TFO_SERVER | BIT(DATA_DROPPED));
}

Test(verdict_rounds, an_experimental_request_is_answered_in_its_own_kind) {
	tfo_server();
	control(PROBE_EXPERIMENT, OUTCOME_OK, 0, NULL, NULL);
	EXPECT(control_words(), OF_TFO_SERVER | BIT(EXP_NOT_RECEIVED));
	control(PROBE_EXPERIMENT, OUTCOME_OK, 0, &cookie_a, NULL); // by kind 34
	EXPECT(control_words(), OF_TFO_SERVER | BIT(EXP_NOT_RECEIVED));
	struct evidence ev = made(OUTCOME_OK);
	offer(&ev, &cookie_a);
	ev.option_in = ev.option_out = COOKIE_OPTION_KIND254;
	verdict_add_control(&v, PROBE_EXPERIMENT, &ev, &cookie_a);
	EXPECT(control_words(), OF_TFO_SERVER | BIT(EXP_RECEIVED));
	control(PROBE_EXPERIMENT, OUTCOME_NONE, 0, NULL, NULL);
	EXPECT(control_words(), OF_TFO_SERVER);
}

Test(verdict_rounds, a_cookie_is_stable_if_two_more_requests_bring_it) {
	tfo_server();
	control(PROBE_REQUEST_2, OUTCOME_OK, 0, &cookie_a, NULL);
	EXPECT(control_words(), OF_TFO_SERVER);
	control(PROBE_REQUEST_3, OUTCOME_OK, 0, &cookie_a, NULL);
	EXPECT(control_words(), OF_TFO_SERVER | BIT(COOKIE_STABLE));
	control(PROBE_REQUEST_3, OUTCOME_OK, 0, &cookie_b, NULL);
	EXPECT(control_words(), OF_TFO_SERVER | BIT(COOKIE_ROTATING));
	control(PROBE_REQUEST_3, OUTCOME_OK, 0, NULL, NULL);
	EXPECT(control_words(), OF_TFO_SERVER | BIT(COOKIE_INTERMITTENT));
	control(PROBE_REQUEST_3, OUTCOME_NONE, 0, NULL, NULL);
	EXPECT(control_words(), OF_TFO_SERVER);
}

Test(verdict_rounds, the_same_cookie_on_another_port_is_shared) {
	tfo_server();
	control(PROBE_OTHER_PORT, OUTCOME_OK, 0, &cookie_b, NULL);
	EXPECT(control_words(), OF_TFO_SERVER);
	control(PROBE_OTHER_PORT, OUTCOME_OK, 0, &cookie_a, NULL);
	EXPECT(control_words(), OF_TFO_SERVER | BIT(COOKIE_SHARED_PORTS));
}

Test(verdict_rounds, a_flipped_cookie_that_is_accepted_was_not_checked) {
	tfo_server();
	control(PROBE_FLIPPED, OUTCOME_OK, 0, &cookie_a, &cookie_b);
	EXPECT(control_words(), OF_TFO_SERVER);
	control(PROBE_FLIPPED, OUTCOME_OK, PAYLOAD, NULL, &cookie_b);
	EXPECT(control_words(), OF_TFO_SERVER | BIT(COOKIE_UNCHECKED));
}

#define OF_REFUSAL                                                                                 \
	(BIT(WORKS) | BIT(COOKIE_RECEIVED) | BIT(COOKIE_LENGTH_8) | BIT(SYNDATA_NOT_ACKED))

static void refusing_server(const struct cookie *in) {
	struct evidence ev[NB_PROBES] = {made(OUTCOME_OK), made(OUTCOME_OK), made(OUTCOME_OK)};
	offer(&ev[PROBE_REQUEST], &cookie_a);
	offer(&ev[PROBE_DATA], in);
	ev[PROBE_DATA].cookie_out = cookie_a;
	verdict_add_round(&v, ev);
}

Test(verdict_rounds, a_cookie_that_comes_back_is_an_echo_if_a_flipped_one_does_too) {
	refusing_server(&cookie_a);
	EXPECT(control_words(), OF_REFUSAL | BIT(COOKIE_RETURNED));
	control(PROBE_FLIPPED, OUTCOME_OK, 0, &cookie_b, &cookie_b);
	EXPECT(control_words(), OF_REFUSAL | BIT(COOKIE_RETURNED) | BIT(COOKIE_ECHOED));
	control(PROBE_FLIPPED, OUTCOME_OK, 0, &cookie_a, &cookie_b);
	EXPECT(control_words(), OF_REFUSAL | BIT(COOKIE_RETURNED) | BIT(SYNDATA_DECLINED));
}

Test(verdict_rounds, three_fresh_cookies_refused_are_never_accepted) {
	refusing_server(&cookie_b);
	const uint64_t base = OF_REFUSAL | BIT(COOKIE_REJECTED) | BIT(COOKIE_ROTATING);
	control(PROBE_DATA_2, OUTCOME_OK, 0, &cookie_a, &cookie_b);
	control(PROBE_DATA_SAME_PORT, OUTCOME_OK, 0, &cookie_a, &cookie_b);
	EXPECT(control_words(), base);
	control(PROBE_DATA_3, OUTCOME_OK, 0, &cookie_a, &cookie_b);
	EXPECT(control_words(), base | BIT(COOKIE_NEVER_ACCEPTED));
	control(PROBE_DATA_3, OUTCOME_OK, PAYLOAD, NULL, &cookie_b);
	EXPECT(control_words(), base);
}

Test(verdict_rounds, a_refusal_without_another_cookie_says_nothing_of_cookies) {
	static const struct cookie none;
	refusing_server(&none);
	control(PROBE_DATA_2, OUTCOME_OK, 0, NULL, &cookie_a);
	control(PROBE_DATA_SAME_PORT, OUTCOME_OK, 0, NULL, &cookie_a);
	control(PROBE_DATA_3, OUTCOME_OK, 0, NULL, &cookie_a);
	EXPECT(control_words(), OF_REFUSAL);
	control(PROBE_DATA_SAME_PORT, OUTCOME_OK, PAYLOAD, NULL, &cookie_a);
	EXPECT(control_words(), OF_REFUSAL);
}

Test(verdict_rounds, a_cookie_that_data_get_instead_of_theirs_rotates) {
	tfo_server();
	control(PROBE_REQUEST_2, OUTCOME_OK, 0, &cookie_a, NULL);
	control(PROBE_REQUEST_3, OUTCOME_OK, 0, &cookie_a, NULL);
	EXPECT(control_words(), OF_TFO_SERVER | BIT(COOKIE_STABLE));
	control(PROBE_FLIPPED, OUTCOME_OK, 0, &cookie_a, &cookie_b);
	EXPECT(control_words(), OF_TFO_SERVER | BIT(COOKIE_STABLE));
	static const struct cookie third = {.len_octets = 4, .octets = {1, 2, 3, 4}};
	control(PROBE_FLIPPED, OUTCOME_OK, 0, &third, &cookie_b);
	EXPECT(control_words(), OF_TFO_SERVER | BIT(COOKIE_ROTATING));
}

Test(verdict_rounds, a_cookie_that_is_good_from_its_own_port_alone_is_bound_to_it) {
	refusing_server(&cookie_b);
	const uint64_t base = OF_REFUSAL | BIT(COOKIE_REJECTED) | BIT(COOKIE_ROTATING);
	control(PROBE_DATA_SAME_PORT, OUTCOME_OK, PAYLOAD, NULL, &cookie_b);
	EXPECT(control_words(), base);
	control(PROBE_DATA_2, OUTCOME_OK, 0, &cookie_a, &cookie_b);
	EXPECT(control_words(), base | BIT(COOKIE_PORT_BOUND));
}

Test(verdict_rounds, what_is_dropped_is_told_by_what_is_not) {
	two(OUTCOME_OK, OUTCOME_NONE);
	const uint64_t base = BIT(BROKEN) | BIT(FAILURE_TIMEOUT);
	control(PROBE_FOREIGN, OUTCOME_OK, 0, NULL, NULL);
	EXPECT(control_words(), base);
	control(PROBE_FOREIGN, OUTCOME_NONE, 0, NULL, NULL);
	EXPECT(control_words(), base | BIT(OPTION_DROPPED));
}

Test(verdict_rounds, silence_of_a_host_that_is_gone_says_nothing_of_options) {
	two(OUTCOME_OK, OUTCOME_NONE);
	const uint64_t base = BIT(BROKEN) | BIT(FAILURE_TIMEOUT);
	control(PROBE_FOREIGN, OUTCOME_NONE, 0, NULL, NULL);
	control(PROBE_BARE_DATA, OUTCOME_NONE, 0, NULL, NULL);
	control(PROBE_FRESH_BASELINE, OUTCOME_OK, 0, NULL, NULL);
	EXPECT(control_words(), base | BIT(OPTION_DROPPED) | BIT(DATA_DROPPED));
	control(PROBE_FRESH_BASELINE, OUTCOME_NONE, 0, NULL, NULL);
	cr_expect(verdict_is_gone(&v));
	EXPECT(control_words(), base);
	control(PROBE_LONE_BASELINE, OUTCOME_OK, 0, NULL, NULL);
	EXPECT(control_words(), base | BIT(PATH_BLACKLIST_SUSPECT));
	EXPECT(words(), base);
}

#define OF_LOST_DATA                                                                               \
	(BIT(BROKEN) | BIT(COOKIE_RECEIVED) | BIT(COOKIE_LENGTH_8) | BIT(SYNDATA_FAILED) |         \
		BIT(FAILURE_TIMEOUT) | BIT(REQUEST_WORKS) | BIT(DATA_BROKEN))

Test(verdict_rounds, a_plain_syn_on_the_same_tuple_tells_where_data_were_lost) {
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_NONE, 0);
	EXPECT(control_words(), OF_LOST_DATA);
	control(PROBE_SAME_TUPLE, OUTCOME_OK, PAYLOAD, NULL, NULL);
	EXPECT(control_words(), OF_LOST_DATA | BIT(PATH_SYNACK_DROPPED));
	control(PROBE_SAME_TUPLE, OUTCOME_OK, 0, NULL, NULL);
	EXPECT(control_words(), OF_LOST_DATA | BIT(PATH_SYNDATA_DROPPED));
	control(PROBE_SAME_TUPLE, OUTCOME_NONE, 0, NULL, NULL);
	EXPECT(control_words(), OF_LOST_DATA);
	control(PROBE_FRESH_BASELINE, OUTCOME_OK, 0, NULL, NULL);
	EXPECT(control_words(), OF_LOST_DATA | BIT(PATH_FLOW_BLACKHOLED));
	control(PROBE_BARE_DATA, OUTCOME_OK, 0, NULL, NULL);
	EXPECT(control_words(), OF_LOST_DATA | BIT(PATH_FLOW_BLACKHOLED) | BIT(COMBO_DROPPED));
	control(PROBE_BARE_DATA, OUTCOME_NONE, 0, NULL, NULL);
	EXPECT(control_words(), OF_LOST_DATA | BIT(PATH_FLOW_BLACKHOLED) | BIT(DATA_DROPPED));
}

Test(verdict_rounds, a_baseline_that_comes_back_makes_a_flap_a_blacklist) {
	two(OUTCOME_OK, OUTCOME_NONE);
	two(OUTCOME_NONE, OUTCOME_NONE);
	control(PROBE_LONE_BASELINE, OUTCOME_NONE, 0, NULL, NULL);
	EXPECT(control_words(), BIT(OFFLINE) | BIT(BASELINE_FLAPPED));
	control(PROBE_LONE_BASELINE, OUTCOME_OK, 0, NULL, NULL);
	EXPECT(control_words(), BIT(BROKEN) | BIT(FAILURE_TIMEOUT) | BIT(PATH_BLACKLIST_SUSPECT));
	EXPECT(words(), BIT(OFFLINE) | BIT(BASELINE_FLAPPED));
}

Test(verdict_rounds, a_held_ack_speaks_for_peers_without_timestamps) {
	tfo_server();
	struct evidence ev = made(OUTCOME_OK);
	ev.marks |= MARK_ZERORTT_YES;
	verdict_add_control(&v, PROBE_HELD_ACK, &ev, &cookie_a);
	EXPECT(control_words(), OF_TFO_SERVER | BIT(ZERORTT_YES));
	ev.marks = MARK_SYNACK | MARK_ZERORTT_NO;
	verdict_add_control(&v, PROBE_HELD_ACK, &ev, &cookie_a);
	EXPECT(control_words(), OF_TFO_SERVER | BIT(ZERORTT_NO));
}

Test(verdict_rounds, a_proxy_is_suspected_with_controls_alone) {
	struct evidence ev[NB_PROBES] = {made(OUTCOME_OK), made(OUTCOME_OK)};
	ev[PROBE_REQUEST].marks |= MARK_SYNPROXY;
	verdict_add_round(&v, ev);
	EXPECT(words(), BIT(WORKS) | BIT(COOKIE_NOT_RECEIVED));
	EXPECT(control_words(), BIT(WORKS) | BIT(COOKIE_NOT_RECEIVED) | BIT(SYNPROXY_SUSPECT));
}
