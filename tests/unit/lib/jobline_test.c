// What holds for lines of both kinds, and names.
#include "lib/jobline.h"

#include "tests/unit/lib/jobline_lines.h"

Test(jobline, blanks_around_and_a_cr_at_the_end_dont_count) {
	cr_expect_eq(line_parse(" \t192.0.2.1\t "), JOBLINE_TARGET);
	cr_expect_eq(line_parse("192.0.2.1\r"), JOBLINE_TARGET);
	cr_expect_eq(line_parse("[2001:db8::1]:53 \r"), JOBLINE_TARGET);
	cr_expect_eq(line_job.port, 53);
	cr_expect_eq(line_parse(" {\"dip\":\"192.0.2.1\"} \r"), JOBLINE_TARGET);
	cr_expect_eq(line_job.text_len, strlen("\"dip\":\"192.0.2.1\""));
}

Test(jobline, blank_lines_and_comments_are_nothing) {
	static const char latin1[] = "# liste fran\xe7"
				     "aise \0\x01";
	cr_expect_eq(line_parse(""), JOBLINE_NOTHING);
	cr_expect_eq(line_parse("\r"), JOBLINE_NOTHING);
	cr_expect_eq(line_parse(" \t \r"), JOBLINE_NOTHING);
	cr_expect_eq(line_parse("#"), JOBLINE_NOTHING);
	cr_expect_eq(line_parse("  # 192.0.2.1"), JOBLINE_NOTHING);
	cr_expect_eq(
		jobline_parse((const uint8_t *)latin1, sizeof(latin1) - 1, &line_job, line_text),
		JOBLINE_NOTHING);
}

Test(jobline, the_longest_line_is_4096_octets) {
	static const char start[] = "{\"dp\":1e4,\"dip\":\"192.0.2.1\",\"x\":\"", end[] = "\"}";
	char line[JOBLINE_MAX_OCTETS + 2];
	memset(line, 'x', sizeof(line));
	memcpy(line, start, strlen(start));
	memcpy(line + JOBLINE_MAX_OCTETS - strlen(end), end, strlen(end));
	line[JOBLINE_MAX_OCTETS] = '\r';
	line[JOBLINE_MAX_OCTETS + 1] = '\0';

	cr_assert_eq(line_parse(line), JOBLINE_TARGET, "the CR isn't counted");
	cr_expect_eq(line_job.text_len, JOBLINE_MAX_OCTETS, "no braces, but dp has grown by two");
	line[JOBLINE_MAX_OCTETS] = ' ';
	cr_expect_eq(line_parse(line), JOBLINE_TOO_LONG, "a blank is");
	*line = '#';
	cr_expect_eq(line_parse(line), JOBLINE_NOTHING, "a comment may be of any length");
}

Test(jobline, a_line_cut_short_is_still_too_long) {
	uint8_t blanks[JOBLINE_MAX_OCTETS + 2];
	memset(blanks, ' ', sizeof(blanks));
	blanks[sizeof(blanks) - 1] = '\r';
	cr_expect_eq(jobline_parse(blanks, sizeof(blanks), &line_job, line_text), JOBLINE_TOO_LONG);
}

static const struct bad_line bad[] = {
	BAD("\x1f\x8b\x08\x00\x00\x00", JOBLINE_COMPRESSED),
	BAD("\x28\xb5\x2f\xfd\x04\x58", JOBLINE_COMPRESSED),
	BAD("192.0.2.1\0", JOBLINE_NUL),
	BAD("192.0.2.1\0:53", JOBLINE_NUL),
	BAD("{\"dip\":\"192.0.2.1\"}\0", JOBLINE_NUL),
	BAD("1\0009\0002\000.\000", JOBLINE_NUL),
	BAD("\xff\xfe", JOBLINE_NOT_UTF8),
	BAD("192.0.2.1 caf\xe9", JOBLINE_NOT_UTF8),
	BAD("192.0.2.1\xc0\xae", JOBLINE_NOT_UTF8),
	BAD("{\"dip\":\"192.0.2.1\",\"x\":\"\xed\xa0\x80\"}", JOBLINE_NOT_UTF8),
	BAD("192.0.2.1\r192.0.2.2", JOBLINE_CONTROL),
	BAD("\x1b[31m192.0.2.1", JOBLINE_CONTROL),
	BAD("192.0.2.1\v", JOBLINE_CONTROL),
	BAD("\xef\xbb\xbf"
	    "192.0.2.1",
		JOBLINE_BYTE_ORDER_MARK),
};

Test(jobline, what_no_line_may_hold_is_refused) {
	expect_bad(bad, sizeof(bad) / sizeof(bad[0]));
}

Test(jobline, every_reason_has_a_mend_of_one_line) {
	for (int reason = 0; reason < JOBLINE_NB_RESULTS; reason++) {
		const char *mend = jobline_mend(reason);
		cr_expect_gt(strlen(mend), 10);
		cr_expect_null(strchr(mend, '\n'));
		for (int other = 0; other < reason; other++)
			cr_expect_str_neq(mend, jobline_mend(other));
	}
}

static enum jobline_result name_parse(const char *name) {
	memset(&line_job, 0, sizeof(line_job));
	return jobline_domain(name, strlen(name), line_job.domain, &line_job.domain_len);
}

Test(jobline, names_of_many_kinds_are_fine) {
	static const char *const names[] = {"example.com", "example.com.", "a", "_dns.example.com",
		"xn--bcher-kva.example", "r3---sn-x.example", "-x.example", "EXAMPLE.com",
		"1.2.0.192.in-addr.arpa", LABEL_63 ".example", NAME_OF_255, NAME_OF_255 "."};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		cr_expect_eq(name_parse(names[i]), JOBLINE_TARGET, "%s", names[i]);
	cr_expect_eq(line_job.domain_len, JOBLINE_DOMAIN_MAX_OCTETS);
}

Test(jobline, a_dot_at_the_end_changes_nothing) {
	static const uint8_t wire[] = "\7example\3com";
	cr_expect_eq(name_parse("example.com."), JOBLINE_TARGET);
	cr_expect_eq(line_job.domain_len, sizeof(wire));
	cr_expect_arr_eq(line_job.domain, wire, sizeof(wire));
}

Test(jobline, a_name_ends_where_its_length_says) {
	memset(&line_job, 0, sizeof(line_job));
	cr_expect_eq(jobline_domain("examples", 7, line_job.domain, &line_job.domain_len),
		JOBLINE_TARGET);
	cr_expect_eq(line_job.domain_len, 9);
}

static enum jobline_result label_put(const char *name, const char *label) {
	name_parse(name);
	return jobline_label(label, strlen(label), line_job.domain, &line_job.domain_len);
}

Test(jobline, a_label_goes_in_front_of_a_name) {
	static const uint8_t wire[] = "\4scan\7example\3com";
	cr_expect_eq(label_put("example.com", "scan"), JOBLINE_TARGET);
	cr_expect_eq(line_job.domain_len, sizeof(wire));
	cr_expect_arr_eq(line_job.domain, wire, sizeof(wire));
}

Test(jobline, a_label_and_the_root_are_a_name) {
	cr_expect_eq(label_put(".", "s"), JOBLINE_TARGET);
	cr_expect_arr_eq(line_job.domain, "\1s", 3);
}

Test(jobline, a_label_fits_up_to_the_last_octet) {
	char name[JOBLINE_DOMAIN_MAX_OCTETS + 1] = LABEL_63 "." LABEL_63 "." LABEL_63 ".";
	strcat(name, "0123456789012345678901234567890123456789012345678901"); // 244 characters
	cr_assert_eq(strlen(name), 244);
	cr_expect_eq(label_put(name, "12345678"), JOBLINE_TARGET);
	cr_expect_eq(line_job.domain_len, JOBLINE_DOMAIN_MAX_OCTETS);
	cr_expect_eq(label_put(name, "123456789"), JOBLINE_DOMAIN_NO_ROOM);
	cr_expect_eq(line_job.domain_len, 246);
	cr_expect_eq(line_job.domain[0], 63);
}

Test(jobline, host_labels_are_letters_digits_and_hyphens) {
	static const char *const fine[] = {"a", "0", "tfo-scan", "TFO2026", LABEL_63};
	static const char *const wrong[] = {
		"", "-a", "a-", "-", "a_b", "a.b", "a b", "ä", LABEL_63 "a"};
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		cr_expect(jobline_is_host_label(fine[i], strlen(fine[i])), "%s", fine[i]);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_expect_not(jobline_is_host_label(wrong[i], strlen(wrong[i])), "%s", wrong[i]);
}

Test(jobline, a_dot_alone_is_the_root) {
	cr_expect_eq(name_parse("."), JOBLINE_TARGET);
	cr_expect_eq(line_job.domain_len, 1);
	cr_expect_eq(line_job.domain[0], 0);
}
