// Lines that come out of their order: what is said of those that are bad.
#include "tests/unit/lib/visit_sources.h"

// So many good lines, then these.
static struct visit *open_behind(int nb_good, const char *tail) {
	char *octets;
	size_t len;
	FILE *content = open_memstream(&octets, &len);
	for (int i = 0; i < nb_good; i++)
		fprintf(content, "10.0.%d.%d\n", i / 256, i % 256);
	fprintf(content, "%s", tail);
	fclose(content);
	struct visit *visit = open_text(octets);
	free(octets);
	cr_assert_eq(probe(visit), VISIT_FOUND);
	return visit;
}

static struct drawn drawn[4000];

Test(visit_batch, bad_lines_are_named_by_source_and_line) {
	struct visit *visit = open_behind(1500, "# comment\n\n192.0.2.1/33\nhost\n192.0.2.2\n");
	cr_expect_eq(nb_noted, 0);
	cr_expect_eq(draw_all(visit, drawn, 4000), 1501);
	cr_assert_eq(nb_noted, 2);
	size_t host = noted[0].line == 1504 ? 0 : 1;
	cr_expect_eq(noted[host].line, 1504);
	cr_expect_eq(noted[host].reason, JOBLINE_HOST_NAME);
	cr_expect_eq(noted[1 - host].line, 1503);
	cr_expect_eq(noted[1 - host].reason, JOBLINE_BAD_PREFIX);
	cr_expect(strncmp(noted[0].source, "/proc/self/fd/", 14) == 0);
	expect_counts(visit, 1505, 1501, 2);
	visit_destroy(visit);
}

Test(visit_batch, what_the_probe_has_shown_is_not_shown_again) {
	struct visit *visit = open_behind(500, "x\nx\nx\n");
	cr_expect_eq(nb_noted, 3);
	cr_expect_eq(draw_all(visit, drawn, 4000), 500);
	cr_expect_eq(nb_noted, 3);
	expect_counts(visit, 503, 500, 3);
	visit_destroy(visit);
}

Test(visit_batch, ten_bad_lines_are_shown_and_all_are_counted) {
	struct visit *visit = open_behind(1000, "x\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\n192.0.2.1\n");
	cr_expect_eq(draw_all(visit, drawn, 4000), 1001);
	cr_expect_eq(nb_noted, VISIT_BAD_SHOWN);
	expect_counts(visit, 1013, 1001, 12);
	visit_destroy(visit);
}

Test(visit_batch, a_nul_is_part_of_its_line) {
	struct path file = file_of("192.0.2.1\0\n192.0.2.2\n", 21), many = file_of_addresses(200);
	const char *paths[] = {file.name, many.name};
	struct visit *visit = open_all(NULL, 0, paths, 2);
	cr_expect_eq(probe(visit), VISIT_REFUSED);
	cr_expect_eq(noted[0].reason, JOBLINE_NUL);
	visit_destroy(visit);
}
