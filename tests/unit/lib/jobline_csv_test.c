// Lines of a CSV file: dip,dp,domain,rank.
#include "lib/jobline_csv.h"

#include "tests/unit/lib/jobline_lines.h"

static enum jobline_result csv_parse(const char *line) {
	memset(&line_job, 0xee, sizeof(line_job));
	return jobline_csv_parse((const uint8_t *)line, strlen(line), &line_job, line_text);
}

static void expect_text(const char *line, const char *text, uint16_t port) {
	enum jobline_result result = csv_parse(line);
	cr_assert_eq(result, JOBLINE_TARGET, "%s: %s", line, jobline_mend(result));
	line_text[line_job.text_len] = '\0';
	cr_expect_str_eq(line_text, text);
	cr_expect_eq(line_job.port, port);
}

Test(jobline_csv, the_fields_become_a_job) {
	expect_text("192.0.2.1,53,www.example.com,7",
		"\"dip\":\"192.0.2.1\",\"dp\":53,\"domain\":\"www.example.com\",\"rank\":\"7\"",
		53);
	cr_expect_eq(line_job.domain_len, 17);
	cr_expect(line_job.text_has_dip && line_job.text_has_dp && line_job.text_has_domain);
	expect_text("2001:db8::1,443,example.com\r",
		"\"dip\":\"2001:db8::1\",\"dp\":443,\"domain\":\"example.com\"", 443);
}

Test(jobline_csv, all_but_the_address_may_be_missing_or_empty) {
	expect_text("192.0.2.1", "\"dip\":\"192.0.2.1\"", 0);
	expect_text("192.0.2.1,,,", "\"dip\":\"192.0.2.1\"", 0);
	expect_text("192.0.2.1,53", "\"dip\":\"192.0.2.1\",\"dp\":53", 53);
	expect_text(
		"192.0.2.1,,example.com", "\"dip\":\"192.0.2.1\",\"domain\":\"example.com\"", 0);
	expect_text("192.0.2.1,,,9", "\"dip\":\"192.0.2.1\",\"rank\":\"9\"", 0);
}

Test(jobline_csv, fields_may_be_quoted) {
	expect_text("\"192.0.2.1\",\"53\",\"example.com\",\"a \"\"b\"\", c\\\"",
		"\"dip\":\"192.0.2.1\",\"dp\":53,\"domain\":\"example.com\","
		"\"rank\":\"a \\\"b\\\", c\\\\\"",
		53);
	expect_text("192.0.2.1,,,a\tb", "\"dip\":\"192.0.2.1\",\"rank\":\"a\\tb\"", 0);
}

Test(jobline_csv, headings_comments_and_blanks_are_nothing) {
	cr_expect_eq(csv_parse("dip,dp,domain,rank"), JOBLINE_NOTHING);
	cr_expect_eq(csv_parse("\"dip\",\"dp\""), JOBLINE_NOTHING);
	cr_expect_eq(csv_parse("# 192.0.2.1,53"), JOBLINE_NOTHING);
	cr_expect_eq(csv_parse("  \r"), JOBLINE_NOTHING);
}

Test(jobline_csv, what_is_no_job_is_refused_for_what_it_is) {
	static const struct {
		const char *line;
		enum jobline_result reason;
	} rows[] = {
		{"1,example.com", JOBLINE_RANK_DOMAIN},
		{"192.0.2.1,53,example.com,7,x", JOBLINE_CSV_FIELDS},
		{"192.0.2.1,\"53", JOBLINE_CSV_QUOTE},
		{"192.0.2.1,5\"3\"", JOBLINE_CSV_QUOTE},
		{"192.0.2.1,\"53\"x", JOBLINE_CSV_QUOTE},
		{"\"", JOBLINE_CSV_QUOTE},
		{",53,example.com", JOBLINE_NOT_ADDRESS},
		{"www.example.com,53,example.com", JOBLINE_HOST_NAME},
		{"192.0.2.0/24,53", JOBLINE_DIP_NETWORK},
		{"192.0.2.1,0", JOBLINE_DP},
		{"192.0.2.1,dns", JOBLINE_DP},
		{"192.0.2.1,53,a..b", JOBLINE_DOMAIN_EMPTY_LABEL},
		{"192.0.2.1,53,caf\xe9", JOBLINE_NOT_UTF8},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(csv_parse(rows[i].line), rows[i].reason, "%s: %s", rows[i].line,
			jobline_mend(csv_parse(rows[i].line)));
}

// As a job the line is longer than the limit, though it was not as it stood.
Test(jobline_csv, what_would_be_too_long_a_job_is_too_long) {
	char line[JOBLINE_MAX_OCTETS + 1];
	memset(line, '\\', sizeof(line));
	memcpy(line, "192.0.2.1,,,", 12);
	line[JOBLINE_MAX_OCTETS] = '\0';
	cr_expect_eq(csv_parse(line), JOBLINE_TOO_LONG);
	memset(line + 12, 'x', JOBLINE_MAX_OCTETS - 12);
	cr_expect_eq(csv_parse(line), JOBLINE_TOO_LONG);
	line[JOBLINE_MAX_OCTETS - 60] = '\0';
	cr_expect_eq(csv_parse(line), JOBLINE_TARGET);
}
