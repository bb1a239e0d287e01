// The rule that a list of the wrong kind is refused before the first frame.
#include "lib/targets.h"

#include "tests/unit/lib/targets_sources.h"

// nb_good addresses with nb_bad bad lines among the first of them, then tail.
static struct targets *open_mixed(int nb_good, int nb_bad, const char *tail) {
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
	struct targets *targets = open_text(octets);
	free(octets);
	return targets;
}

Test(targets, more_than_one_bad_line_in_a_hundred_is_refused) {
	static const struct {
		int nb_good, nb_bad;
		enum targets_step step;
	} lists[] = {
		{1000, 0, TARGETS_FOUND},
		{990, 10, TARGETS_FOUND},
		{989, 11, TARGETS_REFUSED},
		{5000, 10, TARGETS_FOUND},
		{5000, 11, TARGETS_REFUSED},
		{199, 1, TARGETS_FOUND},
		{99, 1, TARGETS_FOUND},
		{98, 1, TARGETS_REFUSED},
		{2, 1, TARGETS_REFUSED},
		{0, 1, TARGETS_REFUSED},
		{0, 3000, TARGETS_REFUSED},
		{1, 0, TARGETS_FOUND},
		{0, 0, TARGETS_END},
	};
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct targets *targets = open_mixed(lists[i].nb_good, lists[i].nb_bad, "");
		cr_expect_eq(targets_probe(targets, SHORT_MS), lists[i].step, "%d good, %d bad",
			lists[i].nb_good, lists[i].nb_bad);
		cr_expect_eq(targets_probe(targets, SHORT_MS), lists[i].step, "asked again");
		targets_destroy(targets);
	}
}

Test(targets, bad_lines_after_the_first_thousand_are_skipped) {
	struct targets *targets =
		open_mixed(1000, 0, "x\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\n192.0.2.1\n");
	cr_assert_eq(targets_probe(targets, SHORT_MS), TARGETS_FOUND);
	expect_counts(targets, 1000, 1000, 0);
	for (int i = 0; i < 1000; i++)
		cr_assert_eq(targets_next(targets, SHORT_MS, &job, text), TARGETS_FOUND);
	expect_v4(targets, "192.0.2.1");
	expect_end(targets);
	expect_counts(targets, 1013, 1001, 12);
	targets_destroy(targets);
}

// 995 good, 5 bad, and then nothing but bad ones: the thousandth line is where the rule ends.
Test(targets, the_probe_does_not_read_past_the_thousandth_line) {
	char *octets;
	size_t len;
	FILE *content = open_memstream(&octets, &len);
	for (int i = 0; i < 995; i++)
		fprintf(content, "192.0.2.1\n");
	for (int i = 0; i < 3000; i++)
		fprintf(content, "x\n");
	fclose(content);
	struct targets *targets = open_text(octets);
	cr_expect_eq(targets_probe(targets, SHORT_MS), TARGETS_FOUND);
	expect_counts(targets, 1000, 995, 5);
	targets_destroy(targets);
	free(octets);
}

Test(targets, what_the_probe_read_comes_out_unchanged) {
	struct targets *targets = open_text(
		"192.0.2.1:80\n{\"dip\":\"192.0.2.2\",\"n\":1}\n{\"dip\":\"192.0.2.3\"}\n");
	cr_assert_eq(targets_probe(targets, SHORT_MS), TARGETS_FOUND);
	expect_v4(targets, "192.0.2.1");
	cr_expect_eq(job.port, 80);
	cr_expect_eq(job.text_len, 0);
	expect_v4(targets, "192.0.2.2");
	cr_expect_arr_eq(text, "\"dip\":\"192.0.2.2\",\"n\":1", job.text_len);
	targets_destroy(targets); // the third one's text is given back, too
}

Test(targets, one_bad_argument_is_enough) {
	char *octets;
	size_t len;
	FILE *content = open_memstream(&octets, &len);
	for (int i = 0; i < 2000; i++)
		fprintf(content, "192.0.2.1\n");
	fclose(content);
	static const char *const arguments[] = {"192.0.2.9", "host.example"};
	struct path file = file_of(octets, len);
	const char *paths[] = {file.name};
	struct targets *targets = open_all(arguments, 2, paths, 1);
	cr_expect_eq(targets_probe(targets, SHORT_MS), TARGETS_REFUSED);
	cr_expect_str_eq(noted[0].source, "argument");
	cr_expect_eq(noted[0].line, 2);
	targets_destroy(targets);
	free(octets);
}

Test(targets, a_stream_that_pauses_is_judged_by_what_has_come, .timeout = 30) {
	int ends[2];
	cr_assert_eq(pipe(ends), 0);
	struct path stream = path_of(ends[0]);
	const char *paths[] = {stream.name};
	struct targets *targets = open_all(NULL, 0, paths, 1);

	cr_expect_eq(targets_probe(targets, SHORT_MS), TARGETS_AGAIN, "nothing has come");
	cr_assert_eq(write(ends[1], "# hello\n192.0.2.1", 17), 17);
	cr_expect_eq(targets_probe(targets, SHORT_MS), TARGETS_AGAIN, "no line is whole");
	cr_assert_eq(write(ends[1], "\n192.0.2.2\n192.", 15), 15);
	cr_expect_eq(targets_probe(targets, SHORT_MS), TARGETS_FOUND);
	cr_expect_eq(targets_probe(targets, LONG_MS), TARGETS_FOUND, "it does not wait again");

	expect_v4(targets, "192.0.2.1");
	expect_v4(targets, "192.0.2.2");
	cr_expect_eq(targets_next(targets, SHORT_MS, &job, text), TARGETS_AGAIN);
	cr_assert_eq(write(ends[1], "0.2.3\n192.0.2.4", 15), 15);
	expect_v4(targets, "192.0.2.3");
	cr_expect_eq(targets_next(targets, 0, &job, text), TARGETS_AGAIN);
	close(ends[1]);
	expect_v4(targets, "192.0.2.4");
	expect_end(targets);
	targets_destroy(targets);
}

Test(targets, a_short_stream_is_not_waited_for_after_its_end) {
	int ends[2];
	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(write(ends[1], "192.0.2.1\nx\n", 12), 12);
	close(ends[1]);
	cr_assert_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	static const char *const paths[] = {"-"};
	struct targets *targets = open_all(NULL, 0, paths, 1);
	cr_expect_eq(targets_probe(targets, LONG_MS), TARGETS_REFUSED);
	cr_expect_str_eq(noted[0].source, "-");
	targets_destroy(targets);
	char c;
	cr_expect_eq(read(STDIN_FILENO, &c, 1), 0, "stdin is not ours to close");
}

// Else a scan would start with three lines because somebody resized the terminal.
Test(targets, a_signal_does_not_end_the_probe_early, .timeout = 30) {
	int ends[2];
	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(write(ends[1], "192.0.2.1\n", 10), 10);
	struct path stream = path_of(ends[0]);
	const char *paths[] = {stream.name};
	struct targets *targets = open_all(NULL, 0, paths, 1);
	signals_start();

	cr_expect_eq(targets_probe(targets, LONG_MS), TARGETS_AGAIN, "one line, but not judged");
	signals_stop();
	cr_expect_eq(targets_probe(targets, SHORT_MS / 2), TARGETS_FOUND);
	targets_destroy(targets);
}
