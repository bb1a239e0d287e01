// Lines that are jobs, or should have been.
#include "lib/jobline_json.h"

#include "tests/unit/lib/jobline_lines.h"

#define OPEN_8 "[[[[[[[["
#define CLOSE_8 "]]]]]]]]"
// The job itself is the first level.
#define OPEN_31 OPEN_8 OPEN_8 OPEN_8 "[[[[[[["
#define CLOSE_31 CLOSE_8 CLOSE_8 CLOSE_8 "]]]]]]]"

static void expect_text(const char *line, const char *expected) {
	enum jobline_result result = line_parse(line);
	cr_assert_eq(result, JOBLINE_TARGET, "%s: %s", line, jobline_mend(result));
	cr_expect_eq(line_job.text_len, strlen(expected), "%s: %.*s", line, line_job.text_len,
		line_text);
	cr_expect_arr_eq(line_text, expected, strlen(expected), "%s: %.*s", line, line_job.text_len,
		line_text);
}

Test(jobline_json, a_job_gives_address_port_and_name) {
	static const uint8_t wire[] = "\3www\7example\3com";
	expect_target("{\"dip\":\"192.0.2.1\",\"dp\":53,\"domain\":\"www.example.com\"}",
		"192.0.2.1", 53);
	cr_expect_eq(line_job.domain_len, sizeof(wire));
	cr_expect_arr_eq(line_job.domain, wire, sizeof(wire));
	expect_target("{\"dp\":5300,\"dip\":\"2001:db8::1\"}", "2001:db8::1", 5300);
	expect_target("{\"dip\":\"192.0.2.1\"}", "192.0.2.1", 0);
}

Test(jobline_json, ports_go_from_1_to_65535) {
	expect_target("{\"dp\":1,\"dip\":\"192.0.2.1\"}", "192.0.2.1", 1);
	expect_target("{\"dp\":65535,\"dip\":\"192.0.2.1\"}", "192.0.2.1", 65535);
	expect_target("{\"dp\":\"65535\",\"dip\":\"192.0.2.1\"}", "192.0.2.1", 65535);
}

Test(jobline_json, what_a_job_lacks_is_not_in_its_text) {
	line_parse("{\"dip\":\"192.0.2.1\"}");
	cr_expect(line_job.text_has_dip);
	cr_expect_not(line_job.text_has_dp);
	cr_expect_not(line_job.text_has_domain);
	line_parse("{\"dip\":\"192.0.2.1\",\"dp\":53}");
	cr_expect(line_job.text_has_dp);
	cr_expect_not(line_job.text_has_domain);
	line_parse("{\"dip\":\"192.0.2.1\",\"domain\":\"a\"}");
	cr_expect_not(line_job.text_has_dp);
	cr_expect(line_job.text_has_domain);
}

Test(jobline_json, text_keeps_members_in_order_octet_for_octet) {
	expect_text("{\"rank\":\"7\",\"dip\":\"192.0.2.1\",\"x\":{ \"a\" : [1, 2e0] }}",
		"\"rank\":\"7\",\"dip\":\"192.0.2.1\",\"x\":{ \"a\" : [1, 2e0] }");
	expect_text("{\"dip\":\"2001:DB8::1\",\"\\u00e9\":\"caf\xc3\xa9 \\ud83d\\ude00 \\/\"}",
		"\"dip\":\"2001:DB8::1\",\"\\u00e9\":\"caf\xc3\xa9 \\ud83d\\ude00 \\/\"");
}

Test(jobline_json, text_has_no_blanks_between_members) {
	expect_text("{ \"dip\" : \"192.0.2.1\" ,\t\"a b\" : \"c d\" }",
		"\"dip\":\"192.0.2.1\",\"a b\":\"c d\"");
}

Test(jobline_json, dp_becomes_a_number_in_the_text) {
	expect_text("{\"dip\":\"192.0.2.1\",\"dp\":\"53\"}", "\"dip\":\"192.0.2.1\",\"dp\":53");
	expect_text("{\"dp\":53.0,\"dip\":\"192.0.2.1\"}", "\"dp\":53,\"dip\":\"192.0.2.1\"");
	expect_text("{\"dp\":1e4,\"dip\":\"192.0.2.1\"}", "\"dp\":10000,\"dip\":\"192.0.2.1\"");
	cr_expect_eq(line_job.port, 10000);
}

Test(jobline_json, what_a_record_adds_is_dropped) {
	expect_text("{\"sip\":\"10.99.0.3\",\"path\":[],\"time\":{},\"dip\":\"192.0.2.1\","
		    "\"conditions\":[],\"evidence\":null,\"flow_results\":[],\"sp\":1}",
		"\"dip\":\"192.0.2.1\",\"sp\":1");
	expect_text("{\"dip\":\"192.0.2.1\",\"t\\u0069me\":1,\"Time\":2}",
		"\"dip\":\"192.0.2.1\",\"Time\":2");
}

Test(jobline_json, a_record_of_ours_is_a_valid_job) {
	expect_text(
		"{\"dip\":\"198.18.3.4\",\"dp\":53,\"domain\":\"www.example.com\",\"rank\":\"7\","
		"\"sip\":\"10.99.0.3\",\"path\":[\"10.99.0.3\",\"198.18.3.4\"],"
		"\"time\":{\"from\":\"2026-11-23 12:00:00.123456\","
		"\"to\":\"2026-11-23 12:00:00.234567\"},"
		"\"conditions\":[\"tfo.connectivity.works\",\"tfo.cookie.length.8\"],"
		"\"evidence\":{\"rounds\":1,\"first_round\":\"works\",\"baseline\":{\"sport\":"
		"40123,\"syns\":1,\"outcome\":\"ok\",\"cookie_out\":null},\"data\":null}}",
		"\"dip\":\"198.18.3.4\",\"dp\":53,\"domain\":\"www.example.com\",\"rank\":\"7\"");
	cr_expect_eq(line_job.port, 53);
	cr_expect_eq(line_job.domain_len, 17);
}

Test(jobline_json, a_key_is_what_it_means_not_how_it_is_escaped) {
	expect_target("{\"d\\u0069p\":\"192.0.2.1\",\"\\u0064p\":53}", "192.0.2.1", 53);
	expect_text("{\"d\\u0069p\":\"192.0.2.1\"}", "\"d\\u0069p\":\"192.0.2.1\"");
}

Test(jobline_json, a_nul_in_a_key_makes_it_another_key) {
	expect_target("{\"dip\\u0000\":\"192.0.2.2\",\"dip\":\"192.0.2.1\"}", "192.0.2.1", 0);
	cr_expect_eq(line_parse("{\"dip\\u0000\":\"192.0.2.2\"}"), JOBLINE_NO_DIP);
}

Test(jobline_json, only_case_sensitive_keys_count) {
	expect_target("{\"DIP\":\"192.0.2.2\",\"dip\":\"192.0.2.1\",\"Dp\":99}", "192.0.2.1", 0);
}

Test(jobline_json, nesting_ends_at_level_32) {
	cr_expect_eq(
		line_parse("{\"dip\":\"192.0.2.1\",\"x\":" OPEN_31 CLOSE_31 "}"), JOBLINE_TARGET);
}

#define BAD_MEMBER(member, reason) BAD("{\"dip\":\"192.0.2.1\"," member "}", reason)
#define BAD_DOMAIN(name, reason) BAD_MEMBER("\"domain\":\"" name "\"", reason)

static const struct bad_line bad[] = {
	BAD("[\"192.0.2.1\"]", JOBLINE_JSON_NOT_OBJECT),
	BAD("[{\"dip\":\"192.0.2.1\"},", JOBLINE_JSON_NOT_OBJECT),
	BAD("[[1]]", JOBLINE_JSON_NOT_OBJECT),
	BAD("[{", JOBLINE_JSON_NOT_OBJECT),
	BAD("{", JOBLINE_JSON_CUT),
	BAD("{\"dip\":\"192.0.2.1\"", JOBLINE_JSON_CUT),
	BAD("{\"dip\":\"192.0.2.1", JOBLINE_JSON_CUT),
	BAD("{dip:\"192.0.2.1\"}", JOBLINE_JSON_BROKEN),
	BAD("{'dip':'192.0.2.1'}", JOBLINE_JSON_BROKEN),
	BAD("{\"dip\":\"192.0.2.1\",}", JOBLINE_JSON_BROKEN),
	BAD("{\"dip\" \"192.0.2.1\"}", JOBLINE_JSON_BROKEN),
	BAD_MEMBER("\"x\":nul", JOBLINE_JSON_BROKEN),
	BAD_MEMBER("\"x\":True", JOBLINE_JSON_BROKEN),
	BAD_MEMBER("\"x\":01", JOBLINE_JSON_NUMBER),
	BAD_MEMBER("\"x\":1.", JOBLINE_JSON_NUMBER),
	BAD_MEMBER("\"x\":.5", JOBLINE_JSON_NUMBER),
	BAD_MEMBER("\"x\":NaN", JOBLINE_JSON_NUMBER),
	BAD_MEMBER("\"x\":\"\\x41\"", JOBLINE_JSON_ESCAPE),
	BAD_MEMBER("\"x\":\"\\ud800\"", JOBLINE_JSON_ESCAPE),
	BAD_MEMBER("\"x\":\"a\tb\"", JOBLINE_JSON_CONTROL),
	BAD_MEMBER("\"x\":[" OPEN_31 CLOSE_31 "]", JOBLINE_JSON_DEPTH),
	BAD("{\"dip\":\"192.0.2.1\"} x", JOBLINE_JSON_TRAILING),
	BAD("{\"dip\":\"192.0.2.1\"}{\"dip\":\"192.0.2.2\"}", JOBLINE_JSON_TRAILING),
	BAD("{\"dip\":\"192.0.2.1\"},", JOBLINE_JSON_TRAILING),
	BAD_MEMBER("\"dip\":\"192.0.2.2\"", JOBLINE_KEY_TWICE),
	BAD_MEMBER("\"d\\u0069p\":\"192.0.2.1\"", JOBLINE_KEY_TWICE),
	BAD_MEMBER("\"dp\":53,\"dp\":54", JOBLINE_KEY_TWICE),
	BAD_MEMBER("\"domain\":\"a\",\"domain\":\"a\"", JOBLINE_KEY_TWICE),
	BAD("{}", JOBLINE_NO_DIP),
	BAD("{\"domain\":\"example.com\",\"dp\":53}", JOBLINE_NO_DIP),
	BAD("{\"DIP\":\"192.0.2.1\"}", JOBLINE_NO_DIP),
	BAD("{\"x\":{\"dip\":\"192.0.2.1\"}}", JOBLINE_NO_DIP),
	BAD("{\"dip\":3221225985}", JOBLINE_DIP_TYPE),
	BAD("{\"dip\":null}", JOBLINE_DIP_TYPE),
	BAD("{\"dip\":[\"192.0.2.1\"]}", JOBLINE_DIP_TYPE),
	BAD("{\"dip\":\"192.0.2.1:53\"}", JOBLINE_DIP_PORT),
	BAD("{\"dip\":\"[2001:db8::1]\"}", JOBLINE_DIP_PORT),
	BAD("{\"dip\":\"\"}", JOBLINE_NOT_ADDRESS),
	BAD("{\"dip\":\"192.0.2.1\\u0000\"}", JOBLINE_NOT_ADDRESS),
	BAD("{\"dip\":\" 192.0.2.1\"}", JOBLINE_MANY_WORDS),
	BAD("{\"dip\":\"www.example.com\"}", JOBLINE_HOST_NAME),
	BAD("{\"dip\":\"192.0.2.0/24\"}", JOBLINE_DIP_NETWORK),
	BAD("{\"dip\":\"010.1.1.1\"}", JOBLINE_OCTAL),
	BAD("{\"dip\":\"::ffff:192.0.2.1\"}", JOBLINE_MAPPED),
	BAD_MEMBER("\"dp\":0", JOBLINE_DP),
	BAD_MEMBER("\"dp\":65536", JOBLINE_DP),
	BAD_MEMBER("\"dp\":-1", JOBLINE_DP),
	BAD_MEMBER("\"dp\":53.5", JOBLINE_DP),
	BAD_MEMBER("\"dp\":1e999", JOBLINE_DP),
	BAD_MEMBER("\"dp\":\"\"", JOBLINE_DP),
	BAD_MEMBER("\"dp\":\"0x35\"", JOBLINE_DP),
	BAD_MEMBER("\"dp\":\"53\\u0000\"", JOBLINE_DP),
	BAD_MEMBER("\"dp\":null", JOBLINE_DP),
	BAD_MEMBER("\"dp\":[53]", JOBLINE_DP),
	BAD_MEMBER("\"domain\":7", JOBLINE_DOMAIN_TYPE),
	BAD_MEMBER("\"domain\":null", JOBLINE_DOMAIN_TYPE),
	BAD_DOMAIN("", JOBLINE_DOMAIN_EMPTY_LABEL),
	BAD_DOMAIN("..", JOBLINE_DOMAIN_EMPTY_LABEL),
	BAD_DOMAIN(".example.com", JOBLINE_DOMAIN_EMPTY_LABEL),
	BAD_DOMAIN("www..example.com", JOBLINE_DOMAIN_EMPTY_LABEL),
	BAD_DOMAIN("example.com..", JOBLINE_DOMAIN_EMPTY_LABEL),
	BAD_DOMAIN(LABEL_64 ".example", JOBLINE_DOMAIN_LONG_LABEL),
	BAD_DOMAIN(NAME_OF_256, JOBLINE_DOMAIN_TOO_LONG),
	BAD_DOMAIN("b\xc3\xbc"
		   "cher.example",
		JOBLINE_DOMAIN_CHARACTER),
	BAD_DOMAIN("https://example.com/", JOBLINE_DOMAIN_CHARACTER),
	BAD_DOMAIN("exa mple.com", JOBLINE_DOMAIN_CHARACTER),
	BAD_DOMAIN("example.com\\u0000.org", JOBLINE_DOMAIN_CHARACTER),
	BAD_DOMAIN("example.com\\n", JOBLINE_DOMAIN_CHARACTER),

};

#define NB_BAD (sizeof(bad) / sizeof(bad[0]))

Test(jobline_json, bad_jobs_are_refused_for_their_reason) {
	expect_bad(bad, NB_BAD);
}

// Whether cJSON reads a number of more than 63 digits depends on its version: no line for that.
Test(jobline_json, every_reason_has_a_bad_job) {
	expect_reasons(bad, NB_BAD, JOBLINE_JSON_NOT_OBJECT, JOBLINE_JSON_UNREADABLE - 1);
	expect_reasons(bad, NB_BAD, JOBLINE_JSON_UNREADABLE + 1, JOBLINE_DOMAIN_CHARACTER);
}
