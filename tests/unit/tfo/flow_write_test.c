// An element of flow_results, read again by cJSON.
#include "lib/tfo/evidence.h"
#include "lib/tfo/flow_write.h"

#include "tests/unit/tfo/flow_draft.h"

#include <cjson/cJSON.h>

TestSuite(flow_write, .init = set_up);

static const struct flow_place place = {
	.sip = {.octets = {[10] = 0xff, [11] = 0xff, 10, 0, 0, 1}},
	.dip = {.octets = {0x20, 1, 0xd, 0xb8, [15] = 2}},
	.sp = 40000,
	.dp = 53,
	.config = FLOW_CONFIG_DATA,
	.state = FLOW_STATE_OK,
};

static cJSON *written(const struct flow_place *where) {
	static char buf[FLOW_WRITE_MAX_OCTETS + 1];
	char *end = flow_write(&f, where, buf);
	cr_assert_leq(end - buf, FLOW_WRITE_MAX_OCTETS);
	*end = '\0';
	cJSON *json = cJSON_Parse(buf);
	cr_assert_not_null(json, "%s", buf);
	return json;
}

static double number(const cJSON *json, const char *key) {
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
	cr_assert(cJSON_IsNumber(item), "%s", key);
	return item->valuedouble;
}

static bool truth(const cJSON *json, const char *key) {
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
	cr_assert(cJSON_IsBool(item), "%s", key);
	return cJSON_IsTrue(item);
}

static bool null(const cJSON *json, const char *key) {
	return cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(json, key));
}

static const char *text(const cJSON *json, const char *key) {
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));
}

Test(flow_write, all_keys_stand_in_their_order) {
	static const char *const keys[] = {"config", "observed", "dip", "sip", "sp", "dp", "proto",
		"pkt_fwd", "pkt_rev", "oct_fwd", "oct_rev", "tcp_synflags_fwd", "tcp_synflags_rev",
		"tcp_fin_fwd", "tcp_fin_rev", "tcp_rst_fwd", "tcp_rst_rev", "tcp_connected",
		"tfo_synkind", "tfo_ackkind", "tfo_synclen", "tfo_ackclen", "tfo_seq", "tfo_dlen",
		"tfo_ack", "tfo_acked", "tfo_fallback", "spdr_start", "spdr_stop", "spdr_state"};
	syn(0);
	cJSON *json = written(&place);
	size_t i = 0;
	for (const cJSON *item = json->child; item; item = item->next, i++) {
		cr_assert_lt(i, sizeof(keys) / sizeof(keys[0]), "%s", item->string);
		cr_expect_str_eq(item->string, keys[i]);
	}
	cr_expect_eq(i, sizeof(keys) / sizeof(keys[0]));
	cJSON_Delete(json);
}

Test(flow_write, cookie_and_data_in_the_syn_are_told) {
	rich_syn(&cookie_a, DLEN);
	after_ms(3);
	with_cookie(&cookie_b);
	synack(DLEN);
	client_ack();
	cJSON *json = written(&place);
	cr_expect(truth(json, "observed"));
	cr_expect_str_eq(text(json, "sip"), "10.0.0.1");
	cr_expect_str_eq(text(json, "dip"), "2001:db8::2");
	cr_expect_eq(number(json, "sp"), 40000);
	cr_expect_eq(number(json, "dp"), 53);
	cr_expect_eq(number(json, "config"), 2);
	cr_expect_eq(number(json, "pkt_fwd"), 2);
	cr_expect_eq(number(json, "oct_rev"), 52);
	cr_expect_eq(number(json, "tcp_synflags_fwd"), 2);
	cr_expect_eq(number(json, "tcp_synflags_rev"), 18);
	cr_expect(truth(json, "tcp_connected"));
	cr_expect_eq(number(json, "tfo_synkind"), 34);
	cr_expect_eq(number(json, "tfo_ackkind"), 34);
	cr_expect_eq(number(json, "tfo_synclen"), 8);
	cr_expect_eq(number(json, "tfo_ackclen"), 8);
	cr_expect_eq(number(json, "tfo_seq"), ISN);
	cr_expect_eq(number(json, "tfo_dlen"), DLEN);
	cr_expect_eq(number(json, "tfo_ack"), (uint32_t)(ISN + 1 + DLEN));
	cr_expect_eq(number(json, "tfo_acked"), DLEN);
	cr_expect_not(truth(json, "tfo_fallback"));
	cr_expect_str_eq(text(json, "spdr_start"), "2026-11-23 12:00:00.000000");
	cr_expect_str_eq(text(json, "spdr_stop"), "2026-11-23 12:00:00.003000");
	cr_expect_eq(number(json, "spdr_state"), 0);
	cJSON_Delete(json);
}

Test(flow_write, without_the_option_the_tfo_numbers_are_0) {
	syn(DLEN);
	synack(DLEN);
	cJSON *json = written(&place);
	static const char *const keys[] = {"tfo_synkind", "tfo_ackkind", "tfo_synclen",
		"tfo_ackclen", "tfo_seq", "tfo_dlen", "tfo_ack"};
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		cr_expect_eq(number(json, keys[i]), 0, "%s", keys[i]);
	cr_expect_eq(number(json, "tfo_acked"), DLEN);
	cJSON_Delete(json);
}

Test(flow_write, the_experimental_kind_has_its_number) {
	with_exp_cookie(&cookie_a);
	syn(DLEN);
	with_exp_cookie(&cookie_b);
	synack(0);
	cJSON *json = written(&place);
	cr_expect_eq(number(json, "tfo_synkind"), 254);
	cr_expect_eq(number(json, "tfo_ackkind"), 254);
	cJSON_Delete(json);
}

Test(flow_write, what_was_not_seen_is_null) {
	rich_syn(&cookie_a, DLEN);
	poor_syn();
	cJSON *json = written(&place);
	cr_expect(null(json, "tcp_synflags_rev"));
	cr_expect(null(json, "tfo_acked"));
	cr_expect(truth(json, "tfo_fallback"));
	synack(0);
	cJSON_Delete(json);
	json = written(&place);
	cr_expect(null(json, "tfo_acked"), "it answers nobody knows what");
	cr_expect_eq(number(json, "tfo_ack"), (uint32_t)(ISN + 1));
	cJSON_Delete(json);
}

Test(flow_write, a_connection_that_was_not_made_is_short) {
	struct flow_place none = {.config = 2, .state = FLOW_STATE_SKIPPED};
	cJSON *json = written(&none);
	cr_expect_eq(cJSON_GetArraySize(json), 3);
	cr_expect_not(truth(json, "observed"));
	cr_expect_eq(number(json, "spdr_state"), 3);
	cJSON_Delete(json);
}

Test(flow_write, the_longest_element_has_room) {
	syn(0);
	f.from_ns = f.to_ns = f.oct_fwd = f.oct_rev = UINT64_MAX;
	f.pkt_fwd = f.pkt_rev = f.isn = f.synack_ack = UINT32_MAX;
	f.synflags_fwd = f.synflags_rev = f.cookie_out_len = f.cookie_in_len = UINT8_MAX;
	f.option_out = f.option_in = COOKIE_OPTION_KIND254;
	f.syn_data_len = UINT16_MAX;
	f.marks = 0;
	struct flow_place far = {.sp = UINT16_MAX, .dp = UINT16_MAX};
	memset(far.sip.octets, 0xff, sizeof(far.sip.octets));
	memset(far.dip.octets, 0xff, sizeof(far.dip.octets));
	cJSON_Delete(written(&far));
}

Test(flow_write, the_state_of_a_foreign_connection_is_what_was_seen) {
	rich_syn(&cookie_none, 0);
	cr_expect_eq(flow_config_seen(&f), FLOW_CONFIG_REQUEST);
	cr_expect_eq(flow_state_seen(&f), FLOW_STATE_TIMEOUT);
	synack(0);
	client_ack();
	cr_expect_eq(flow_state_seen(&f), FLOW_STATE_OK);
	set_up();
	syn(0);
	cr_expect_eq(flow_config_seen(&f), FLOW_CONFIG_BASELINE);
	server_rst(0, 0);
	cr_expect_eq(flow_state_seen(&f), FLOW_STATE_FAILED);
	set_up();
	rich_syn(&cookie_a, DLEN);
	cr_expect_eq(flow_config_seen(&f), FLOW_CONFIG_DATA);
}

Test(flow_write, every_outcome_has_a_state) {
	cr_expect_eq(flow_state_of_outcome(OUTCOME_OK), FLOW_STATE_OK);
	cr_expect_eq(flow_state_of_outcome(OUTCOME_RST), FLOW_STATE_FAILED);
	cr_expect_eq(flow_state_of_outcome(OUTCOME_RESET_AFTER), FLOW_STATE_FAILED);
	cr_expect_eq(flow_state_of_outcome(OUTCOME_ICMP), FLOW_STATE_FAILED);
	cr_expect_eq(flow_state_of_outcome(OUTCOME_STALL), FLOW_STATE_TIMEOUT);
	cr_expect_eq(flow_state_of_outcome(OUTCOME_BADACK), FLOW_STATE_TIMEOUT);
	cr_expect_eq(flow_state_of_outcome(OUTCOME_NONE), FLOW_STATE_TIMEOUT);
}
