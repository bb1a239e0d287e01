// Every line is read again by cJSON; docs/results.md says what must be there, and in what order.
#include "lib/tfo/record_writer.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>

static const struct ip_addr us4 = {.octets = {[10] = 0xff, [11] = 0xff, 10, 99, 0, 3}};
static const struct ip_addr us6 = {.octets = {0x20, 0x01, 0x0d, 0xb8, [15] = 3}};
static const struct ip_addr them4 = {.octets = {[10] = 0xff, [11] = 0xff, 198, 18, 3, 4}};
static const struct ip_addr them6 = {.octets = {0x20, 0x01, 0x0d, 0xb8, [15] = 4}};

static const struct record_job no_job = {0};
static struct record_style style;
static struct record_writer writer;
static struct record r;
static const struct flow *flows;

static const struct evidence answered = {
	.syn_rtt_us = 812,
	.answer_us = 1630,
	.marks = MARK_SYNACK,
	.sport = 40123,
	.data_len = 33,
	.data_acked = 0,
	.mss = 1460,
	.window = 64240,
	.syns = 1,
	.outcome = OUTCOME_OK,
	.ttl = 64,
	.code = 0,
};

static const struct evidence unanswered = {
	.syn_rtt_us = EVIDENCE_NO_TIME,
	.answer_us = EVIDENCE_NO_TIME,
	.sport = 40124,
	.data_len = EVIDENCE_NO_LENGTH,
	.data_acked = EVIDENCE_NO_LENGTH,
	.syns = 3,
	.outcome = OUTCOME_NONE,
	.code = EVIDENCE_NO_CODE,
	.option_out = COOKIE_OPTION_KIND34,
};

// 2026-11-23 12:00:00.123456 and .234567
#define FROM_NS (UINT64_C(1795435200123456) * NSEC_PER_USEC + 999)
#define TO_NS (UINT64_C(1795435200234567) * NSEC_PER_USEC)

static void set_up(void) {
	flows = NULL;
	style = (struct record_style){
		.laddr4 = us4, .laddr6 = us6, .cookie_key = {1, 2}, .domain = "www.example.com"};
	r = (struct record){
		.addr = them4,
		.port = 53,
		.from_ns = FROM_NS,
		.to_ns = TO_NS,
		.conditions = CONDITION_BIT(CONDITION_WORKS) |
			      CONDITION_BIT(CONDITION_COOKIE_RECEIVED) |
			      CONDITION_BIT(CONDITION_SYNDATA_ACKED) |
			      CONDITION_BIT(CONDITION_COOKIE_LENGTH_8),
		.rounds = 1,
		.first_round = CONDITION_WORKS,
		.evidence = {answered, answered, answered},
	};
	r.evidence[PROBE_REQUEST].option_out = COOKIE_OPTION_KIND34;
	r.evidence[PROBE_REQUEST].option_in = COOKIE_OPTION_KIND34;
	r.evidence[PROBE_REQUEST].cookie_raw_len = 8;
	r.evidence[PROBE_REQUEST].cookie_in =
		(struct cookie){.len_octets = 8, .octets = {0xde, 0xad, 0xbe, 0xef, 0, 1, 2, 3}};
	r.evidence[PROBE_DATA].option_out = COOKIE_OPTION_KIND34;
	r.evidence[PROBE_DATA].cookie_out = r.evidence[PROBE_REQUEST].cookie_in;
	r.evidence[PROBE_DATA].data_acked = 33;
}

TestSuite(record_writer, .init = set_up);

static char line[RECORD_LINE_MAX_OCTETS + 1];

static cJSON *written(const struct record_job *job) {
	memset(line, 0, sizeof(line));
	record_writer_init(&writer, &style);
	size_t len = record_writer_write(&writer, &r, flows, job, line);
	cr_assert_leq(len, RECORD_LINE_MAX_OCTETS);
	cr_assert_eq(strlen(line), len, "no NUL within");
	cr_assert_eq(line[len - 1], '\n');
	cr_assert_eq(strchr(line, '\n'), line + len - 1, "one line");
	const char *end;
	cJSON *json = cJSON_ParseWithOpts(line, &end, false);
	cr_assert_not_null(json, "%s", line);
	cr_assert_eq(end, line + len - 1, "nothing behind the object");
	return json;
}

static void expect_keys(const cJSON *object, const char *const *keys) {
	const cJSON *member = object->child;
	for (; *keys != NULL; keys++, member = member->next) {
		cr_assert_not_null(member, "no %s: %s", *keys, line);
		cr_assert_str_eq(member->string, *keys, "%s", line);
	}
	cr_assert_null(member, "one key more: %s", line);
}

static const cJSON *at(const cJSON *object, const char *key) {
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, key);
	cr_assert_not_null(member, "no %s: %s", key, line);
	return member;
}

static void expect_text(const cJSON *object, const char *key, const char *text) {
	const cJSON *member = at(object, key);
	cr_assert(cJSON_IsString(member), "%s", key);
	cr_expect_str_eq(member->valuestring, text);
}

static void expect_number(const cJSON *object, const char *key, double number) {
	const cJSON *member = at(object, key);
	cr_assert(cJSON_IsNumber(member), "%s", key);
	cr_expect_eq(member->valuedouble, number, "%s: %f", key, member->valuedouble);
}

static void expect_null(const cJSON *object, const char *key) {
	cr_expect(cJSON_IsNull(at(object, key)), "%s: %s", key, line);
}

static void expect_list(const cJSON *object, const char *key, const char *const *texts) {
	const cJSON *item = at(object, key)->child;
	for (; *texts != NULL; texts++, item = item->next) {
		cr_assert_not_null(item, "no %s: %s", *texts, line);
		cr_expect_str_eq(item->valuestring, *texts);
	}
	cr_expect_null(item);
}

static const char *const evidence_keys[] = {"sport", "syns", "outcome", "syn_rtt_us", "answer_us",
	"data_len", "data_acked", "option_out", "cookie_out", "option_in", "cookie_in",
	"cookie_in_len", "ttl", "mss", "window", "rcode", "status", "alert", NULL};

Test(record_writer, the_keys_stand_in_the_order_of_cli_md) {
	static const char *const keys[] = {
		"dip", "dp", "domain", "sip", "path", "time", "conditions", "evidence", NULL};
	static const char *const time_keys[] = {"from", "to", NULL};
	static const char *const all_evidence[] = {
		"rounds", "first_round", "baseline", "request", "data", NULL};
	cJSON *json = written(&no_job);
	expect_keys(json, keys);
	expect_keys(at(json, "time"), time_keys);
	const cJSON *evidence = at(json, "evidence");
	expect_keys(evidence, all_evidence);
	expect_keys(at(evidence, "baseline"), evidence_keys);
	expect_keys(at(evidence, "request"), evidence_keys);
	expect_keys(at(evidence, "data"), evidence_keys);
	cJSON_Delete(json);
}

Test(record_writer, what_is_said_of_the_target) {
	static const char *const path[] = {"10.99.0.3", "198.18.3.4", NULL};
	static const char *const words[] = {"tfo.connectivity.works", "tfo.cookie.received",
		"tfo.syndata.acked", "tfo.cookie.length.8", NULL};
	cJSON *json = written(&no_job);
	expect_text(json, "dip", "198.18.3.4");
	expect_number(json, "dp", 53);
	expect_text(json, "domain", "www.example.com");
	expect_text(json, "sip", "10.99.0.3");
	expect_list(json, "path", path);
	expect_text(at(json, "time"), "from", "2026-11-23 12:00:00.123456");
	expect_text(at(json, "time"), "to", "2026-11-23 12:00:00.234567");
	expect_list(json, "conditions", words);
	expect_number(at(json, "evidence"), "rounds", 1);
	expect_text(at(json, "evidence"), "first_round", "works");
	cJSON_Delete(json);
}

Test(record_writer, what_is_said_of_a_connection) {
	cJSON *json = written(&no_job);
	const cJSON *b = at(at(json, "evidence"), "baseline");
	expect_number(b, "sport", 40123);
	expect_number(b, "syns", 1);
	expect_text(b, "outcome", "ok");
	expect_number(b, "syn_rtt_us", 812);
	expect_number(b, "answer_us", 1630);
	expect_number(b, "data_len", 33);
	expect_number(b, "data_acked", 0);
	expect_text(b, "option_out", "none");
	expect_null(b, "cookie_out");
	expect_text(b, "option_in", "none");
	expect_null(b, "cookie_in");
	expect_null(b, "cookie_in_len");
	expect_number(b, "ttl", 64);
	expect_number(b, "mss", 1460);
	expect_number(b, "window", 64240);
	expect_number(b, "rcode", 0);
	expect_null(b, "status");
	expect_null(b, "alert");
	cJSON_Delete(json);
}

Test(record_writer, the_code_of_an_answer_stands_under_the_key_of_its_protocol) {
	static const char *const keys[] = {[APP_CODE_RCODE] = "rcode",
		[APP_CODE_STATUS] = "status",
		[APP_CODE_ALERT] = "alert"};
	r.evidence[PROBE_BASELINE].code = 200;
	r.evidence[PROBE_REQUEST].code = EVIDENCE_NO_CODE;
	for (unsigned int code = 0; code < NB_APP_CODES; code++) {
		style.code = code;
		cJSON *json = written(&no_job);
		const cJSON *evidence = at(json, "evidence");
		expect_keys(at(evidence, "baseline"), evidence_keys);
		for (unsigned int k = 0; k < NB_APP_CODES; k++) {
			expect_null(at(evidence, "request"), keys[k]);
			if (k == code)
				expect_number(at(evidence, "baseline"), keys[k], 200);
			else
				expect_null(at(evidence, "baseline"), keys[k]);
		}
		cJSON_Delete(json);
	}
}

Test(record_writer, what_does_not_apply_is_null) {
	r.evidence[PROBE_BASELINE] = unanswered;
	r.evidence[PROBE_REQUEST] = unanswered;
	r.evidence[PROBE_DATA] = (struct evidence){0};
	cJSON *json = written(&no_job);
	const cJSON *evidence = at(json, "evidence");
	expect_null(evidence, "data");
	const cJSON *request = at(evidence, "request");
	expect_keys(request, evidence_keys);
	expect_number(request, "syns", 3);
	expect_text(request, "outcome", "none");
	expect_text(request, "option_out", "kind34");
	expect_text(request, "option_in", "none");
	static const char *const nulls[] = {"syn_rtt_us", "answer_us", "data_len", "data_acked",
		"cookie_out", "cookie_in", "cookie_in_len", "ttl", "mss", "window", "rcode",
		"status", "alert"};
	for (unsigned int i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++)
		expect_null(request, nulls[i]);
	cJSON_Delete(json);
}

Test(record_writer, a_syn_ack_without_mss_has_none) {
	r.evidence[PROBE_BASELINE].mss = 0;
	r.evidence[PROBE_BASELINE].window = 0;
	cJSON *json = written(&no_job);
	const cJSON *b = at(at(json, "evidence"), "baseline");
	expect_null(b, "mss");
	expect_number(b, "window", 0);
	cJSON_Delete(json);
}

Test(record_writer, every_outcome_and_every_kind_of_option_has_its_word) {
	static const char *const outcomes[] = {
		"ok", "rst", "icmp", "badack", "stall", "reset_after", "none"};
	static const char *const options[] = {"none", "kind34", "kind254"};
	for (unsigned int i = 0; i < NB_OUTCOMES; i++) {
		r.evidence[PROBE_BASELINE].outcome = (uint8_t)i;
		cJSON *json = written(&no_job);
		expect_text(at(at(json, "evidence"), "baseline"), "outcome", outcomes[i]);
		cJSON_Delete(json);
	}
	for (unsigned int i = 0; i < 3; i++) {
		r.evidence[PROBE_DATA].option_in = (uint8_t)i;
		cJSON *json = written(&no_job);
		expect_text(at(at(json, "evidence"), "data"), "option_in", options[i]);
		cJSON_Delete(json);
	}
}

// ---- cookies

Test(record_writer, a_cookie_is_written_raw_if_asked_for) {
	style.raw_cookies = true;
	cJSON *json = written(&no_job);
	const cJSON *evidence = at(json, "evidence");
	expect_text(at(evidence, "request"), "cookie_in", "deadbeef00010203");
	expect_number(at(evidence, "request"), "cookie_in_len", 8);
	expect_null(at(evidence, "request"), "cookie_out");
	expect_text(at(evidence, "data"), "cookie_out", "deadbeef00010203");
	expect_null(at(evidence, "data"), "cookie_in");
	cJSON_Delete(json);
}

static void cookie_in_text(char text[9]) {
	r.evidence[PROBE_DATA].cookie_out = r.evidence[PROBE_REQUEST].cookie_in;
	cJSON *json = written(&no_job);
	const cJSON *request = at(at(json, "evidence"), "request");
	const char *hash = at(request, "cookie_in")->valuestring;
	cr_assert_eq(strlen(hash), 8);
	cr_assert_eq(strspn(hash, "0123456789abcdef"), 8);
	cr_expect_str_eq(at(at(at(json, "evidence"), "data"), "cookie_out")->valuestring, hash,
		"equal cookies look equal");
	cr_expect_null(strstr(line, "deadbeef"));
	memcpy(text, hash, 9);
	cJSON_Delete(json);
}

Test(record_writer, a_cookie_is_hashed_by_the_key_otherwise) {
	char first[9], again[9], other_key[9], other_cookie[9];
	cookie_in_text(first);
	cookie_in_text(again);
	cr_expect_str_eq(first, again);
	style.cookie_key.k1++;
	cookie_in_text(other_key);
	cr_expect_str_neq(first, other_key);
	style.cookie_key.k1--;
	r.evidence[PROBE_REQUEST].cookie_in.octets[7]++;
	cookie_in_text(other_cookie);
	cr_expect_str_neq(first, other_cookie);
}

Test(record_writer, an_empty_or_malformed_cookie_has_a_length_alone) {
	r.evidence[PROBE_REQUEST].cookie_in.len_octets = 0;
	r.evidence[PROBE_REQUEST].cookie_raw_len = 7;
	cJSON *json = written(&no_job);
	const cJSON *request = at(at(json, "evidence"), "request");
	expect_text(request, "option_in", "kind34");
	expect_null(request, "cookie_in");
	expect_number(request, "cookie_in_len", 7);
	cJSON_Delete(json);
}

// ---- conditions

Test(record_writer, the_seed_s_words_alone_if_asked_for) {
	static const char *const words[] = {
		"tfo.connectivity.works", "tfo.cookie.received", "tfo.syndata.acked", NULL};
	style.seed_conditions_only = true;
	cJSON *json = written(&no_job);
	expect_list(json, "conditions", words);
	cJSON_Delete(json);
}

Test(record_writer, the_words_stand_in_the_order_of_the_table) {
	r.conditions = (CONDITION_BIT(NB_CONDITIONS - 1) << 1) - 1;
	cJSON *json = written(&no_job);
	const cJSON *word = at(json, "conditions")->child;
	for (unsigned int c = 0; c < NB_CONDITIONS; c++, word = word->next)
		cr_assert_str_eq(word->valuestring, condition_word(c));
	cJSON_Delete(json);
}

// ---- silence

Test(record_writer, a_silent_target_has_a_short_record) {
	static const char *const keys[] = {
		"dip", "dp", "domain", "sip", "time", "conditions", NULL};
	static const char *const words[] = {"tfo.connectivity.offline", NULL};
	record_of_silence(&them6, 53, FROM_NS, TO_NS, &r);
	cJSON *json = written(&no_job);
	expect_keys(json, keys);
	expect_text(json, "dip", "2001:db8::4");
	expect_text(json, "sip", "2001:db8::3");
	expect_list(json, "conditions", words);
	expect_text(at(json, "time"), "to", "2026-11-23 12:00:00.234567");
	cJSON_Delete(json);
}

// ---- flows

static const struct flow three_flows[NB_PROBES] = {
	{.pkt_fwd = 4, .pkt_rev = 3, .marks = FLOW_SYN | FLOW_SYNACK | FLOW_CONNECTED},
	{.pkt_fwd = 3, .option_out = COOKIE_OPTION_KIND34, .marks = FLOW_SYN | FLOW_RICH},
};

Test(record_writer, flows_stand_between_the_conditions_and_the_evidence) {
	static const char *const keys[] = {"dip", "dp", "domain", "sip", "path", "time",
		"conditions", "flow_results", "evidence", NULL};
	flows = three_flows;
	cJSON *json = written(&no_job);
	expect_keys(json, keys);
	cJSON_Delete(json);
}

Test(record_writer, each_connection_has_its_flow_in_the_order_of_pathspider) {
	static const char *const not_made[] = {"config", "observed", "spdr_state", NULL};
	flows = three_flows;
	r.evidence[PROBE_REQUEST].sport = 40124;
	r.evidence[PROBE_REQUEST].outcome = OUTCOME_NONE;
	r.evidence[PROBE_DATA] = (struct evidence){0};
	cJSON *json = written(&no_job);
	const cJSON *all = at(json, "flow_results");
	cr_assert_eq(cJSON_GetArraySize(all), NB_PROBES);
	for (int i = 0; i < NB_PROBES; i++)
		expect_number(cJSON_GetArrayItem(all, i), "config", i);
	const cJSON *b = cJSON_GetArrayItem(all, 0), *q = cJSON_GetArrayItem(all, 1);
	expect_text(b, "dip", "198.18.3.4");
	expect_text(b, "sip", "10.99.0.3");
	expect_number(b, "sp", 40123);
	expect_number(b, "dp", 53);
	expect_number(b, "pkt_fwd", 4);
	expect_number(b, "pkt_rev", 3);
	expect_number(b, "spdr_state", 0);
	expect_number(q, "sp", 40124);
	expect_number(q, "tfo_synkind", 34);
	expect_number(q, "spdr_state", 2);
	expect_keys(cJSON_GetArrayItem(all, 2), not_made);
	expect_number(cJSON_GetArrayItem(all, 2), "spdr_state", 3);
	cJSON_Delete(json);
}

Test(record_writer, the_state_of_a_flow_is_that_of_the_outcome) {
	static const double states[] = {0, 1, 1, 2, 2, 1, 2};
	flows = three_flows;
	for (unsigned int i = 0; i < NB_OUTCOMES; i++) {
		r.evidence[PROBE_BASELINE].outcome = (uint8_t)i;
		cJSON *json = written(&no_job);
		expect_number(at(json, "flow_results")->child, "spdr_state", states[i]);
		cJSON_Delete(json);
	}
}

Test(record_writer, a_short_record_has_its_flows_too) {
	static const char *const keys[] = {
		"dip", "dp", "domain", "sip", "time", "conditions", "flow_results", NULL};
	record_of_silence(&them6, 53, FROM_NS, TO_NS, &r);
	flows = three_flows;
	r.evidence[PROBE_BASELINE] = r.evidence[PROBE_REQUEST] = unanswered;
	cJSON *json = written(&no_job);
	expect_keys(json, keys);
	const cJSON *b = at(json, "flow_results")->child;
	expect_text(b, "dip", "2001:db8::4");
	expect_text(b, "sip", "2001:db8::3");
	expect_number(b, "spdr_state", 2);
	cJSON_Delete(json);
}

// ---- jobs

static struct record_job job_of(const char *text, bool has_dip, bool has_dp, bool has_domain) {
	return (struct record_job){
		.text = text,
		.text_len = (uint16_t)strlen(text),
		.has_dip = has_dip,
		.has_dp = has_dp,
		.has_domain = has_domain,
	};
}

static void expect_start(const char *text) {
	cr_expect_eq(strncmp(line, text, strlen(text)), 0, "%s\n instead of\n%s", line, text);
}

Test(record_writer, a_job_stands_first_octet_for_octet) {
	struct record_job job = job_of("\"rank\": \"7\",\"dip\":\"198.18.3.4\",\"x\":[1, 2.50,"
				       "{\"y\":null}],\"dp\":53,\"domain\":\"a\\u00e9\"",
		true, true, true);
	cJSON *json = written(&job);
	expect_start(
		"{\"rank\": \"7\",\"dip\":\"198.18.3.4\",\"x\":[1, 2.50,{\"y\":null}],\"dp\":53,"
		"\"domain\":\"a\\u00e9\",\"sip\":\"10.99.0.3\",\"path\":[");
	cJSON_Delete(json);
}

Test(record_writer, what_a_job_does_not_name_is_added) {
	struct record_job job = job_of("\"dip\":\"198.18.3.4\",\"rank\":7", true, false, false);
	cJSON *json = written(&job);
	expect_start("{\"dip\":\"198.18.3.4\",\"rank\":7,\"dp\":53,\"domain\":\"www.example.com\","
		     "\"sip\":");
	cJSON_Delete(json);
	job = job_of("\"domain\":\"a.example\"", false, false, true);
	json = written(&job);
	expect_start("{\"dip\":\"198.18.3.4\",\"domain\":\"a.example\",\"dp\":53,\"sip\":");
	cJSON_Delete(json);
}

Test(record_writer, a_plain_address_has_no_domain_in_tcp_mode) {
	style.domain = NULL;
	cJSON *json = written(&no_job);
	expect_start("{\"dip\":\"198.18.3.4\",\"dp\":53,\"sip\":\"10.99.0.3\",\"path\":");
	cJSON_Delete(json);
}

// ---- addresses and times

Test(record_writer, ipv6_addresses_are_written_as_rfc_5952_says) {
	static const struct {
		struct ip_addr addr;
		const char *text;
	} rows[] = {
		{{{0}}, "::"},
		{{{[15] = 1}}, "::1"},
		{{{0x20, 0x01, 0x0d, 0xb8}}, "2001:db8::"},
		{{{0x20, 0x01, 0x0d, 0xb8, [15] = 1}}, "2001:db8::1"},
		// one group of zeros is not shortened
		{{{0x20, 1, 0x0d, 0xb8, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1}},
			"2001:db8:0:1:1:1:1:1"},
		// of two runs the longer, of equal ones the first
		{{{0x20, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}}, "2001:0:0:1::1"},
		{{{0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1}}, "2001:db8::1:0:0:1"},
		{{{0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5}}, "::1:2:3:4:5"},
		{{{0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 0, 0, 0}}, "1:2:3:4:5:6::"},
		// lower case, no zeros in front
		{{{0xAB, 0xCD, 0x0A, 0xBC, 0, 0xAB, 0, 0x0A, 0, 1, 0, 1, 0x10, 0, 0xff, 0xff}},
			"abcd:abc:ab:a:1:1:1000:ffff"},
	};
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		r.addr = rows[i].addr;
		cJSON *json = written(&no_job);
		expect_text(json, "dip", rows[i].text);
		expect_text(json, "sip", "2001:db8::3");
		cJSON_Delete(json);
	}
}

Test(record_writer, ipv4_addresses_are_written_with_dots) {
	r.addr = (struct ip_addr){.octets = {[10] = 0xff, [11] = 0xff, 0, 10, 200, 255}};
	cJSON *json = written(&no_job);
	expect_text(json, "dip", "0.10.200.255");
	cJSON_Delete(json);
}

Test(record_writer, times_are_utc_with_microseconds) {
	static const struct {
		uint64_t ns;
		const char *text;
	} rows[] = {
		{0, "1970-01-01 00:00:00.000000"},
		{999, "1970-01-01 00:00:00.000000"},
		{UINT64_C(951782400) * NSEC_PER_SEC, "2000-02-29 00:00:00.000000"},
		{UINT64_C(1798761599) * NSEC_PER_SEC + 999999999, "2026-12-31 23:59:59.999999"},
		{UINT64_C(4102444800) * NSEC_PER_SEC + 1000, "2100-01-01 00:00:00.000001"},
	};
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		r.from_ns = r.to_ns = rows[i].ns;
		cJSON *json = written(&no_job);
		expect_text(at(json, "time"), "from", rows[i].text);
		expect_text(at(json, "time"), "to", rows[i].text);
		cJSON_Delete(json);
	}
}

// ---- the largest of all

static void make_largest(struct flow *f) {
	*f = (struct flow){
		.from_ns = TO_NS,
		.to_ns = TO_NS,
		.oct_fwd = UINT64_MAX,
		.oct_rev = UINT64_MAX,
		.pkt_fwd = UINT32_MAX,
		.pkt_rev = UINT32_MAX,
		.marks = FLOW_SYN | FLOW_SYNACK | FLOW_SYNACK_TO_RICH,
		.isn = UINT32_MAX - UINT16_MAX,
		.synack_ack = UINT32_MAX,
		.syn_data_len = UINT16_MAX,
		.synflags_fwd = UINT8_MAX,
		.synflags_rev = UINT8_MAX,
		.option_out = COOKIE_OPTION_KIND254,
		.option_in = COOKIE_OPTION_KIND254,
		.cookie_out_len = UINT8_MAX,
		.cookie_in_len = UINT8_MAX,
	};
}

Test(record_writer, the_largest_record_fits_its_buffer) {
	static char text[4096], domain[1025];
	memset(domain, 'd', sizeof(domain) - 1);
	size_t quoted = sizeof("\"k\":\"\"") - 1;
	memcpy(text, "\"k\":\"", 5);
	memset(text + 5, 'v', sizeof(text) - quoted);
	text[sizeof(text) - 1] = '"';
	struct record_job job = {.text = text, .text_len = sizeof(text)};
	style.domain = domain;
	style.raw_cookies = true;
	r.conditions = (CONDITION_BIT(NB_CONDITIONS - 1) << 1) - 1;
	memset(r.addr.octets, 0xff, sizeof(r.addr.octets));
	style.laddr6 = r.addr;
	r.port = UINT16_MAX;
	r.rounds = UINT8_MAX;
	r.first_round = CONDITION_TRANSIENT;
	for (unsigned int p = 0; p < NB_PROBES; p++) {
		struct evidence *ev = &r.evidence[p];
		*ev = (struct evidence){
			.syn_rtt_us = EVIDENCE_NO_TIME - 1,
			.answer_us = EVIDENCE_NO_TIME - 1,
			.marks = UINT16_MAX,
			.sport = UINT16_MAX,
			.data_len = EVIDENCE_NO_LENGTH - 1,
			.data_acked = EVIDENCE_NO_LENGTH - 1,
			.mss = UINT16_MAX,
			.window = UINT16_MAX,
			.syns = UINT8_MAX,
			.outcome = OUTCOME_RESET_AFTER,
			.ttl = UINT8_MAX,
			.code = EVIDENCE_NO_CODE - 1,
			.option_out = COOKIE_OPTION_KIND254,
			.option_in = COOKIE_OPTION_KIND254,
			.cookie_raw_len = UINT8_MAX,
		};
		ev->cookie_in.len_octets = COOKIE_MAX_OCTETS;
		memset(ev->cookie_in.octets, 0xff, COOKIE_MAX_OCTETS);
	}
	cJSON_Delete(written(&job));
	cr_expect_leq(strlen(line), RECORD_PLAIN_MAX_OCTETS);
	static struct flow largest[NB_PROBES];
	for (unsigned int p = 0; p < NB_PROBES; p++)
		make_largest(&largest[p]);
	flows = largest;
	cJSON_Delete(written(&job));
	cr_expect_gt(strlen(line), RECORD_PLAIN_MAX_OCTETS);
}
