// What is said of connections of others, and what is not.
#include "lib/tfo/conditions.h"
#include "lib/tfo/passive.h"

#include "tests/unit/tfo/flow_draft.h"

#include <cjson/cJSON.h>

TestSuite(passive, .init = set_up);

#define BIT(label) CONDITION_BIT(CONDITION_##label)

// Seen until long after the last segment.
static void expect(uint64_t set) {
	uint64_t got = passive_conditions(&f, now_ns + 60 * NSEC_PER_SEC);
	for (unsigned int c = 0; c < NB_CONDITIONS; c++)
		cr_expect_eq(got & CONDITION_BIT(c), set & CONDITION_BIT(c), "%s",
			condition_word((enum condition)c));
}

Test(passive, of_a_plain_connection_nothing_is_said) {
	syn(0);
	synack(0);
	client_ack();
	expect(0);
}

Test(passive, of_a_connection_without_its_syn_nothing_is_said) {
	with_cookie(&cookie_a);
	synack(0);
	expect(0);
}

Test(passive, a_request_brings_a_cookie_or_none) {
	rich_syn(&cookie_none, 0);
	with_cookie(&cookie_a);
	synack(0);
	expect(BIT(COOKIE_RECEIVED) | BIT(COOKIE_LENGTH_8));
	set_up();
	rich_syn(&cookie_none, 0);
	synack(0);
	expect(BIT(COOKIE_NOT_RECEIVED));
}

Test(passive, every_length_has_its_word) {
	for (uint8_t len = COOKIE_MIN_OCTETS; len <= COOKIE_MAX_OCTETS; len += 2) {
		struct cookie cookie = {.len_octets = len};
		set_up();
		rich_syn(&cookie_none, 0);
		with_cookie(&cookie);
		synack(0);
		unsigned int row = (len - COOKIE_MIN_OCTETS) / 2u;
		expect(BIT(COOKIE_RECEIVED) | CONDITION_BIT(CONDITION_COOKIE_LENGTH_4 + row));
	}
}

Test(passive, odd_options_have_their_words) {
	rich_syn(&cookie_none, 0);
	with_cookie(&cookie_none);
	synack(0);
	expect(BIT(COOKIE_NOT_RECEIVED) | BIT(COOKIE_ECHOED));
	set_up();
	rich_syn(&cookie_none, 0);
	add_option((const uint8_t[]){34, 5, 1, 2, 3, 1, 1, 1}, 8);
	synack(0);
	expect(BIT(COOKIE_NOT_RECEIVED) | BIT(COOKIE_MALFORMED));
	set_up();
	rich_syn(&cookie_none, 0);
	with_cookie(&cookie_a);
	with_cookie(&cookie_b);
	synack(0);
	expect(BIT(COOKIE_RECEIVED) | BIT(COOKIE_LENGTH_8) | BIT(COOKIE_DUPLICATE));
	set_up();
	rich_syn(&cookie_none, 0);
	with_exp_cookie(&cookie_a);
	synack(0);
	expect(BIT(COOKIE_RECEIVED) | BIT(COOKIE_LENGTH_8) | BIT(COOKIE_WRONG_KIND));
}

Test(passive, a_request_of_the_experiment_has_words_of_its_own) {
	with_exp_cookie(&cookie_none);
	syn(0);
	with_exp_cookie(&cookie_a);
	synack(0);
	expect(BIT(COOKIE_RECEIVED) | BIT(COOKIE_LENGTH_8) | BIT(EXP_RECEIVED));
	set_up();
	with_exp_cookie(&cookie_none);
	syn(0);
	synack(0);
	expect(BIT(COOKIE_NOT_RECEIVED) | BIT(EXP_NOT_RECEIVED));
}

Test(passive, data_are_acknowledged_in_whole_in_part_or_not) {
	rich_syn(&cookie_a, DLEN);
	synack(DLEN);
	expect(BIT(SYNDATA_ACKED));
	set_up();
	rich_syn(&cookie_a, DLEN);
	synack(5);
	expect(BIT(SYNDATA_NOT_ACKED) | BIT(SYNDATA_PARTIAL));
	set_up();
	rich_syn(&cookie_a, DLEN);
	synack(0);
	expect(BIT(SYNDATA_NOT_ACKED));
}

Test(passive, the_cookie_that_comes_back_with_it_tells_more) {
	rich_syn(&cookie_a, DLEN);
	with_cookie(&cookie_b);
	synack(DLEN);
	expect(BIT(SYNDATA_ACKED) | BIT(COOKIE_RENEWED) | BIT(COOKIE_RECEIVED) |
		BIT(COOKIE_LENGTH_8));
	set_up();
	rich_syn(&cookie_a, DLEN);
	with_cookie(&cookie_b);
	synack(0);
	expect(BIT(SYNDATA_NOT_ACKED) | BIT(COOKIE_REJECTED) | BIT(COOKIE_RECEIVED) |
		BIT(COOKIE_LENGTH_8));
	set_up();
	rich_syn(&cookie_a, DLEN);
	with_cookie(&cookie_a);
	synack(0);
	expect(BIT(SYNDATA_NOT_ACKED) | BIT(COOKIE_RETURNED));
}

Test(passive, a_saved_round_trip_is_told) {
	rich_syn(&cookie_a, DLEN);
	synack(DLEN);
	server_data(50);
	client_ack();
	expect(BIT(SYNDATA_ACKED) | BIT(ZERORTT_YES));
	set_up();
	rich_syn(&cookie_a, DLEN);
	synack(DLEN);
	stamps(TSVAL + 2, 0);
	client_ack();
	stamps(6, TSVAL + 2);
	server_data(50);
	expect(BIT(SYNDATA_ACKED) | BIT(ZERORTT_NO));
}

Test(passive, silence_fails_once_it_has_lasted) {
	rich_syn(&cookie_a, DLEN);
	cr_expect_eq(passive_conditions(&f, now_ns + NSEC_PER_SEC - 1), 0);
	cr_expect_eq(passive_conditions(&f, 0), 0);
	expect(BIT(SYNDATA_FAILED) | BIT(FAILURE_TIMEOUT));
}

Test(passive, a_client_that_fell_back_says_nothing_of_its_data) {
	rich_syn(&cookie_a, DLEN);
	poor_syn();
	expect(0); // nobody is there
	synack(0);
	expect(0); // one lost SYN looks the same as a path that drops them
}

Test(passive, a_client_that_fell_back_may_still_be_answered) {
	rich_syn(&cookie_a, DLEN);
	poor_syn();
	synack(DLEN);
	expect(BIT(SYNDATA_ACKED));
	set_up();
	rich_syn(&cookie_none, 0);
	poor_syn();
	synack(0);
	expect(0); // nor is a cookie missing
}

Test(passive, what_refuses_the_data_is_named) {
	rich_syn(&cookie_a, DLEN);
	server_rst(0, DLEN);
	expect(BIT(SYNDATA_FAILED) | BIT(FAILURE_RST));
	set_up();
	rich_syn(&cookie_a, DLEN);
	flow_observe_icmp(&f, &(struct icmp_quote){.seq = ISN});
	expect(BIT(SYNDATA_FAILED) | BIT(FAILURE_ICMP));
	set_up();
	rich_syn(&cookie_a, DLEN);
	synack(DLEN + 5);
	expect(BIT(SYNDATA_NOT_ACKED) | BIT(FAILURE_BADACK));
	set_up();
	rich_syn(&cookie_a, DLEN);
	synack(DLEN);
	server_rst(IRS + 1, DLEN);
	expect(BIT(SYNDATA_ACKED) | BIT(FAILURE_RESET_AFTER));
}

Test(passive, a_rst_ends_the_connection_though_a_syn_ack_follows) {
	rich_syn(&cookie_a, DLEN);
	server_rst(0, DLEN);
	synack(DLEN);
	observe(FLOW_FWD, TCP_RST, ISN + 1 + DLEN, 0, 0); // nobody wants it any more
	expect(BIT(SYNDATA_FAILED) | BIT(FAILURE_RST));
	set_up();
	rich_syn(&cookie_none, 0);
	server_rst(0, 0);
	with_cookie(&cookie_a);
	synack(0);
	expect(0);
	set_up();
	rich_syn(&cookie_a, DLEN); // a client that takes no notice of the RST
	server_rst(0, DLEN);
	synack(DLEN);
	client_ack();
	expect(BIT(SYNDATA_ACKED));
}

Test(passive, a_refused_request_or_a_refused_fallback_is_a_closed_port) {
	rich_syn(&cookie_none, 0);
	server_rst(0, 0);
	expect(0);
	set_up();
	rich_syn(&cookie_a, DLEN);
	poor_syn();
	server_rst(0, 0);
	expect(0);
}

Test(passive, a_client_that_gave_up_by_itself_was_not_refused) {
	rich_syn(&cookie_a, DLEN);
	observe(FLOW_FWD, TCP_RST, ISN + 1, 0, 0);
	expect(0);
}

Test(passive, what_nobody_asked_for_is_told) {
	syn(0);
	with_cookie(&cookie_a);
	synack(0);
	expect(BIT(COOKIE_UNSOLICITED));
	set_up();
	syn(DLEN);
	synack(DLEN);
	expect(BIT(COOKIELESS_ACCEPTED));
	set_up();
	syn(DLEN);
	synack(0);
	expect(0);
}

Test(passive, anomalies_are_told_of_any_connection) {
	syn(0);
	observe(FLOW_REV, TCP_SYN | TCP_ACK, IRS, ISN + 1, 10);
	expect(BIT(SYNACK_PAYLOAD));
	set_up();
	rich_syn(&cookie_a, DLEN);
	synack(0);
	synack(DLEN);
	expect(BIT(SYNDATA_NOT_ACKED) | BIT(ANOMALY_SYNACK_INCONSISTENT));
}

Test(passive, the_record_is_one_line_with_its_keys_in_order) {
	static const char *const keys[] = {
		"dip", "dp", "sip", "sp", "path", "time", "conditions", "flow_results"};
	static char buf[PASSIVE_LINE_MAX_OCTETS + 1];
	struct flow_place place = {.sp = 40000, .dp = 53};
	memset(place.sip.octets, 0xff, sizeof(place.sip.octets));
	memset(place.dip.octets, 0xfe, sizeof(place.dip.octets));
	rich_syn(&cookie_a, DLEN);
	size_t len = passive_write(&f, &place, UINT64_MAX, false, buf);
	cr_assert_leq(len, PASSIVE_LINE_MAX_OCTETS);
	buf[len] = '\0';
	cr_expect_eq(strchr(buf, '\n'), buf + len - 1);
	cJSON *json = cJSON_Parse(buf);
	cr_assert_not_null(json, "%s", buf);
	size_t i = 0;
	for (const cJSON *item = json->child; item; item = item->next, i++)
		cr_expect_str_eq(item->string, keys[i]);
	cr_expect_eq(i, 8);
	cr_expect_eq(cJSON_GetArraySize(cJSON_GetObjectItem(json, "path")), 2);
	cr_expect_eq(cJSON_GetArraySize(cJSON_GetObjectItem(json, "conditions")), NB_CONDITIONS);
	cr_expect_eq(cJSON_GetArraySize(cJSON_GetObjectItem(json, "flow_results")), 1);
	cJSON_Delete(json);
}
