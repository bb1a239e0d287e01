// The rule that a list of the wrong kind is refused before the first frame.
#include "tests/unit/lib/visit_sources.h"

// nb_good addresses with nb_bad bad lines among the first of them, then tail.
static struct visit *open_mixed(int nb_good, int nb_bad, const char *tail) {
	char *octets;
	size_t len;
	FILE *content = open_memstream(&octets, &len);
	for (int i = 0; i < nb_good + nb_bad; i++) {
		if (i < nb_bad)
			fprintf(content, "# comment\n\nhost.example\n");
		else
			fprintf(content, "10.0.%d.%d\n", i / 256, i % 256);
	}
	fprintf(content, "%s", tail);
	fclose(content);
	struct visit *visit = open_text(octets);
	free(octets);
	return visit;
}

Test(visit_probe, more_than_one_bad_line_in_a_hundred_is_refused) {
	static const struct {
		int nb_good, nb_bad;
		enum visit_step step;
	} lists[] = {
		{1000, 0, VISIT_FOUND},
		{990, 10, VISIT_FOUND},
		{989, 11, VISIT_REFUSED},
		{5000, 10, VISIT_FOUND},
		{5000, 11, VISIT_REFUSED},
		{199, 1, VISIT_FOUND},
		{99, 1, VISIT_FOUND},
		{98, 1, VISIT_REFUSED},
		{2, 1, VISIT_REFUSED},
		{0, 1, VISIT_REFUSED},
		{0, 3000, VISIT_REFUSED},
		{1, 0, VISIT_FOUND},
		{0, 0, VISIT_END},
	};
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct visit *visit = open_mixed(lists[i].nb_good, lists[i].nb_bad, "");
		cr_expect_eq(visit_probe(visit, SHORT_MS), lists[i].step, "%d good, %d bad",
			lists[i].nb_good, lists[i].nb_bad);
		cr_expect_eq(visit_probe(visit, SHORT_MS), lists[i].step, "asked again");
		visit_destroy(visit);
	}
}

// 995 good, 5 bad, and then nothing but bad ones: the thousandth line is where the rule ends.
Test(visit_probe, the_probe_does_not_read_past_the_thousandth_line) {
	char *octets;
	size_t len;
	FILE *content = open_memstream(&octets, &len);
	for (int i = 0; i < 995; i++)
		fprintf(content, "192.0.2.1\n");
	for (int i = 0; i < 3000; i++)
		fprintf(content, "x\n");
	fclose(content);
	struct visit *visit = open_text(octets);
	cr_expect_eq(visit_probe(visit, SHORT_MS), VISIT_FOUND);
	cr_expect_eq(nb_noted, 5, "%zu bad ones", nb_noted);
	visit_destroy(visit);
	free(octets);
}

// The rule is about each list: a wrong one is not saved by a good one in front of it.
Test(visit_probe, each_list_is_judged_by_itself) {
	struct path good = file_of_addresses(5000), bad = file_of_text("192.0.2.1\nx\n");
	const char *paths[] = {good.name, bad.name};
	struct visit *visit = open_all(NULL, 0, paths, 2);
	uint64_t nb_bad, nb_lines;
	cr_assert_eq(probe(visit), VISIT_REFUSED);
	cr_expect_eq(visit_refusal(visit, &nb_bad, &nb_lines), paths[1]);
	cr_expect_eq(nb_bad, 1);
	cr_expect_eq(nb_lines, 2);
	visit_destroy(visit);
}

Test(visit_probe, a_source_that_cannot_be_read_is_named) {
	struct path good = file_of_text("192.0.2.1\n");
	const char *paths[] = {good.name, "/proc/self/mem"}, *failed = NULL; // nothing is at 0
	struct visit *visit = open_all(NULL, 0, paths, 2);
	cr_assert_eq(probe(visit), VISIT_ERROR);
	cr_expect_str_eq(visit_failure(visit, &failed), strerror(EIO));
	cr_expect_eq(failed, paths[1]);
	visit_destroy(visit);
}

Test(visit_probe, networks_that_are_too_many_are_refused) {
	struct visit *visit = open_text("2001:db8::/65\n2001:db8:1::/65\n");
	const char *failed;
	cr_assert_eq(probe(visit), VISIT_ERROR);
	cr_expect_str_eq(
		visit_failure(visit, &failed), "its networks have more than 2^63 addresses");
	visit_destroy(visit);
}

Test(visit_probe, a_line_without_end_is_refused, .timeout = 30) {
	static const char *const paths[] = {"/dev/zero"};
	struct visit *visit = open_all(NULL, 0, paths, 1);
	cr_expect_eq(probe(visit), VISIT_REFUSED);
	cr_expect_eq(noted[0].line, 1);
	visit_destroy(visit);
}

Test(visit_probe, one_bad_argument_is_enough) {
	char *octets;
	size_t len;
	FILE *content = open_memstream(&octets, &len);
	for (int i = 0; i < 2000; i++)
		fprintf(content, "192.0.2.1\n");
	fclose(content);
	static const char *const arguments[] = {"192.0.2.9", "host.example"};
	struct path file = file_of(octets, len);
	const char *paths[] = {file.name};
	struct visit *visit = open_all(arguments, 2, paths, 1);
	cr_expect_eq(visit_probe(visit, SHORT_MS), VISIT_REFUSED);
	cr_expect_str_eq(noted[0].source, "argument");
	cr_expect_eq(noted[0].line, 2);
	visit_destroy(visit);
	free(octets);
}

Test(visit_probe, a_stream_that_pauses_is_judged_by_what_has_come, .timeout = 30) {
	int ends[2];
	cr_assert_eq(pipe(ends), 0);
	struct path stream = path_of(ends[0]);
	const char *paths[] = {stream.name};
	struct visit *visit = open_all(NULL, 0, paths, 1);

	cr_expect_eq(visit_probe(visit, SHORT_MS), VISIT_AGAIN, "nothing has come");
	cr_assert_eq(write(ends[1], "# hello\n192.0.2.1", 17), 17);
	cr_expect_eq(visit_probe(visit, SHORT_MS), VISIT_AGAIN, "no line is whole");
	cr_assert_eq(write(ends[1], "\n192.0.2.2\n192.", 15), 15);
	cr_expect_eq(visit_probe(visit, SHORT_MS), VISIT_FOUND);
	cr_expect_eq(visit_probe(visit, LONG_MS), VISIT_FOUND, "it does not wait again");

	cr_assert_eq(write(ends[1], "0.2.3\n192.0.2.4", 15), 15);
	close(ends[1]);
	expect_addresses(visit, "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4");
	visit_destroy(visit);
}

Test(visit_probe, a_short_stream_is_not_waited_for_after_its_end) {
	int ends[2];
	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(write(ends[1], "192.0.2.1\nx\n", 12), 12);
	close(ends[1]);
	cr_assert_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	static const char *const paths[] = {"-"};
	struct visit *visit = open_all(NULL, 0, paths, 1);
	cr_expect_eq(visit_probe(visit, LONG_MS), VISIT_REFUSED);
	cr_expect_str_eq(noted[0].source, "-");
	visit_destroy(visit);
	char c;
	cr_expect_eq(read(STDIN_FILENO, &c, 1), 0, "stdin is not ours to close");
}

// Else a scan would start with three lines because somebody resized the terminal.
Test(visit_probe, a_signal_does_not_end_the_probe_early, .timeout = 30) {
	int ends[2];
	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(write(ends[1], "192.0.2.1\n", 10), 10);
	struct path stream = path_of(ends[0]);
	const char *paths[] = {stream.name};
	struct visit *visit = open_all(NULL, 0, paths, 1);
	signals_start();

	cr_expect_eq(visit_probe(visit, LONG_MS), VISIT_AGAIN, "one line, but not judged");
	signals_stop();
	cr_expect_eq(visit_probe(visit, SHORT_MS / 2), VISIT_FOUND);
	visit_destroy(visit);
}
