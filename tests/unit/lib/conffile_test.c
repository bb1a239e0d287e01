// Lines of a configuration file, good and hostile.
#include "lib/conffile.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

// Into a block of the very size: the line and the octet behind it.
static enum conffile_result read_octets(const char *octets, size_t len, char *name, char *value) {
	char *line = malloc(len + 1);
	memcpy(line, octets, len);
	line[len] = '\n';
	struct conffile_entry entry;
	enum conffile_result result = conffile_line(line, len, &entry);
	strcpy(name, result == CONFFILE_ENTRY ? entry.name : "");
	strcpy(value, result == CONFFILE_ENTRY && entry.value ? entry.value : "(none)");
	free(line);
	return result;
}

static void is_entry(const char *line, const char *name, const char *value) {
	char got_name[64], got_value[9000];
	cr_assert_eq(
		read_octets(line, strlen(line), got_name, got_value), CONFFILE_ENTRY, "%s", line);
	cr_assert_str_eq(got_name, name);
	cr_assert_str_eq(got_value, value);
}

static void is_result(const char *line, enum conffile_result result) {
	char name[64], value[9000];
	cr_assert_eq(read_octets(line, strlen(line), name, value), result, "%s", line);
}

Test(conffile, a_name_and_its_value) {
	is_entry("rate = 10000", "rate", "10000");
	is_entry("rate=10000", "rate", "10000");
	is_entry("\t source-ip\t=  10.0.0.1/24  ", "source-ip", "10.0.0.1/24");
	is_entry("rate = 1\r", "rate", "1");
	is_entry("a = b = c", "a", "b = c");
}

Test(conffile, a_name_alone_has_no_value_and_an_empty_one_is_a_value) {
	is_entry("quiet", "quiet", "(none)");
	is_entry("  quiet  # please", "quiet", "(none)");
	is_entry("output =", "output", "");
}

Test(conffile, quotes_around_a_value_are_taken_off) {
	is_entry("notes = \"a # b \"", "notes", "a # b ");
	is_entry("notes = \"\"", "notes", "");
	is_entry("notes = a \"b\"", "notes", "a \"b\"");
	is_result("notes = \"a", CONFFILE_OPEN_QUOTE);
	is_result("notes = \"", CONFFILE_OPEN_QUOTE);
}

Test(conffile, a_quote_between_quotes_is_doubled) {
	is_entry("notes = \"a \"\"b\"\" # c\"", "notes", "a \"b\" # c");
	is_entry("notes = \"\"\"\"", "notes", "\"");
	is_entry("notes = \"a\"\" #\" # comment", "notes", "a\" #");
	is_result("notes = \"a\"b\"", CONFFILE_SINGLE_QUOTE);
	is_result("notes = \"\"\"", CONFFILE_SINGLE_QUOTE);
}

// Written, read again: the same.
static void comes_back(const char *value) {
	char line[4200], got_name[64], got_value[4200];
	strcpy(line, "notes = ");
	size_t len = conffile_write_value(value, line + strlen(line), sizeof(line) - 100);
	cr_assert_eq(len, strlen(line) - strlen("notes = "));
	strcat(line, "  # a comment \"behind\"");
	cr_assert_eq(
		read_octets(line, strlen(line), got_name, got_value), CONFFILE_ENTRY, "%s", line);
	cr_assert_str_eq(got_value, value);
}

Test(conffile, what_is_written_is_read_as_it_was) {
	static const char *const values[] = {"10000", "", " ", " a", "a\t", "a b", "#", "a#b",
		"a #b", "\"", "\"\"", "\"a\"", "a\"", "\"a", "a\" #b", "\"a\" \"b\" #", "=",
		"a = b", "\\", "\\\"", "'a'", "é …"};
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		comes_back(values[i]);
	char text[7] = "";
	for (unsigned int n = 0; n < 46656; n++) { // all words of six out of six letters
		for (unsigned int i = 0, rest = n; i < 6; i++, rest /= 6)
			text[i] = "\"# a=\t"[rest % 6];
		comes_back(text);
	}
}

Test(conffile, what_no_line_can_hold_is_not_written) {
	char out[8];
	cr_assert_eq(conffile_write_value("a\nb", out, sizeof(out)), 0);
	cr_assert_eq(conffile_write_value("a\x7f", out, sizeof(out)), 0);
	cr_assert_eq(conffile_write_value("123456789", out, sizeof(out)), 0);
	cr_assert_eq(conffile_write_value("\"\"\"\"", out, sizeof(out)), 0);
	cr_assert_eq(conffile_write_value("1234", out, sizeof(out)), 4);
}

Test(conffile, comments_and_blank_lines_are_nothing) {
	is_result("", CONFFILE_NOTHING);
	is_result(" \t ", CONFFILE_NOTHING);
	is_result("# rate = 1", CONFFILE_NOTHING);
	is_result("   # rate = 1", CONFFILE_NOTHING);
	is_entry("rate = 1 # fast", "rate", "1");
	is_entry("output = a#b", "output", "a#b");
}

Test(conffile, what_is_no_name_is_refused) {
	is_result("= 1", CONFFILE_BAD_NAME);
	is_result("Rate = 1", CONFFILE_BAD_NAME);
	is_result("--rate 5", CONFFILE_BAD_NAME);
	is_result("[section]", CONFFILE_BAD_NAME);
	is_result("rate 5", CONFFILE_BAD_NAME);
	is_result("a-name-of-more-than-forty-octets-is-nobodys = 1", CONFFILE_BAD_NAME);
}

Test(conffile, octets_that_are_no_text_are_refused) {
	char name[64], value[9000];
	is_result("rate = 1\x1b[2J", CONFFILE_CONTROL_OCTET);
	cr_assert_eq(read_octets("rate\0 = 1", 9, name, value), CONFFILE_CONTROL_OCTET);
}

Test(conffile, a_line_has_its_limit) {
	char line[CONFFILE_MAX_LINE_OCTETS + 2];
	memset(line, 'a', sizeof(line));
	memcpy(line, "b = ", 4);
	line[sizeof(line) - 1] = '\0';
	is_result(line, CONFFILE_TOO_LONG);
	line[sizeof(line) - 2] = '\0';
	is_entry(line, "b", line + 4);
}

Test(conffile, every_refusal_says_how_to_mend_it) {
	for (enum conffile_result r = CONFFILE_TOO_LONG; r < CONFFILE_NB_RESULTS; r++)
		cr_assert_not_null(conffile_mend(r));
	cr_assert_null(conffile_mend(CONFFILE_ENTRY));
}
