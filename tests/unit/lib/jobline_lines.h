// What the tests of jobline and its parts share: lines that are targets, a table of bad lines, each
// with its reason, names at the limits.
#pragma once

#include "lib/jobline.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdlib.h>

#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN
#define LABEL_63 SIXTY "abc"
#define LABEL_64 LABEL_63 "d"
// 3 labels of 63 and one of 61 are 3 * 64 + 62 + 1 = 255 octets on the wire.
#define NAME_OF_255 LABEL_63 "." LABEL_63 "." LABEL_63 "." SIXTY "a"
#define NAME_OF_256 LABEL_63 "." LABEL_63 "." LABEL_63 "." SIXTY "ab"

// Of the line that was parsed last.
static struct jobline line_job;
static char line_text[JOBLINE_MAX_OCTETS];

static inline enum jobline_result line_parse(const char *line) {
	memset(&line_job, 0xee, sizeof(line_job)); // what is not written shows
	return jobline_parse((const uint8_t *)line, strlen(line), &line_job, line_text);
}

static inline void expect_target(const char *line, const char *address, uint16_t port) {
	enum jobline_result result = line_parse(line);
	cr_assert_eq(result, JOBLINE_TARGET, "%s: %s", line, jobline_mend(result));
	char shown[INET6_ADDRSTRLEN];
	if (addr_is_v4(&line_job.addr))
		inet_ntop(AF_INET, addr_v4(&line_job.addr), shown, sizeof(shown));
	else
		inet_ntop(AF_INET6, line_job.addr.octets, shown, sizeof(shown));
	cr_expect_str_eq(shown, address, "%s", line);
	cr_expect_eq(line_job.port, port, "%s", line);
}

struct bad_line {
	const char *line;
	size_t len; // a line may hold NUL
	enum jobline_result reason;
};

#define BAD(line, reason)                                                                          \
	{ line, sizeof(line) - 1, reason }

// Each line is refused for its reason, and no line, nor the beginning of one, is read beyond its
// end: it stands at the end of a heap block, where the sanitizer sees it.
static inline void expect_bad(const struct bad_line *bad, size_t nb_bad) {
	struct jobline job;
	char text[JOBLINE_MAX_OCTETS];
	for (size_t i = 0; i < nb_bad; i++)
		for (size_t len = 0; len <= bad[i].len; len++) {
			uint8_t *line = malloc(len + (len == 0));
			memcpy(line, bad[i].line, len);
			enum jobline_result result = jobline_parse(line, len, &job, text);
			cr_expect(len < bad[i].len || result == bad[i].reason, "%s: %s",
				bad[i].line, jobline_mend(result));
			free(line);
		}
}

// Each reason from first to last has its line in the table.
static inline void expect_reasons(const struct bad_line *bad, size_t nb_bad, int first, int last) {
	for (int reason = first; reason <= last; reason++) {
		size_t i = 0;
		while (i < nb_bad && (int)bad[i].reason != reason)
			i++;
		cr_expect_lt(i, nb_bad, "no line for: %s", jobline_mend(reason));
	}
}
