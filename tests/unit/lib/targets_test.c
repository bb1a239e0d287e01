// Sources of targets, read line by line.
#include "lib/targets.h"

#include "tests/unit/lib/targets_sources.h"

Test(targets, arguments_come_first_then_the_files_in_order) {
	static const char *const arguments[] = {"192.0.2.1", "192.0.2.2:80"};
	struct path first = file_of("192.0.2.3\n192.0.2.4", 19), empty = file_of("", 0),
		    last = file_of("192.0.2.5\n", 10);
	const char *paths[] = {first.name, empty.name, last.name};
	struct targets *targets = open_all(arguments, 2, paths, 3);

	expect_v4(targets, "192.0.2.1");
	expect_v4(targets, "192.0.2.2");
	cr_expect_eq(job.port, 80);
	expect_v4(targets, "192.0.2.3");
	expect_v4(targets, "192.0.2.4");
	expect_v4(targets, "192.0.2.5");
	expect_end(targets);
	expect_counts(targets, 5, 5, 0);
	targets_destroy(targets);
}

Test(targets, cr_lf_and_a_byte_order_mark_in_front_are_fine) {
	struct targets *targets = open_text("\xef\xbb\xbf# list\r\n192.0.2.1\r\n\r\n192.0.2.2\r\n");
	expect_v4(targets, "192.0.2.1");
	expect_v4(targets, "192.0.2.2");
	expect_end(targets);
	expect_counts(targets, 4, 2, 0);
	targets_destroy(targets);
}

Test(targets, every_file_may_start_with_a_byte_order_mark) {
	struct path file = file_of("\xef\xbb\xbf"
				   "192.0.2.1\n\xef\xbb\xbf"
				   "192.0.2.2\n",
		26);
	const char *paths[] = {file.name, file.name};
	struct targets *targets = open_all(NULL, 0, paths, 2);
	expect_v4(targets, "192.0.2.1");
	expect_v4(targets, "192.0.2.1");
	expect_end(targets);
	cr_expect_eq(nb_noted, 2);
	cr_expect_eq(noted[0].reason, JOBLINE_BYTE_ORDER_MARK);
	targets_destroy(targets);
}

Test(targets, bad_lines_are_named_by_source_and_line) {
	struct targets *targets = open_text("# first\n192.0.2.1\n\n192.0.2.0/24\n192.0.2.2\nhost");
	expect_v4(targets, "192.0.2.1");
	expect_v4(targets, "192.0.2.2");
	expect_end(targets);
	expect_counts(targets, 6, 2, 2);

	cr_assert_eq(nb_noted, 2);
	cr_expect_eq(noted[0].line, 4);
	cr_expect_eq(noted[0].reason, JOBLINE_CIDR);
	cr_expect(strncmp(noted[0].source, "/proc/self/fd/", 14) == 0);
	cr_expect_eq(noted[1].line, 6);
	cr_expect_eq(noted[1].reason, JOBLINE_HOST_NAME);
	targets_destroy(targets);
}

Test(targets, line_numbers_start_anew_in_every_file) {
	struct path first = file_of("192.0.2.1\nx y\n", 14), second = file_of("x y\n", 4);
	const char *paths[] = {first.name, second.name};
	struct targets *targets = open_all(NULL, 0, paths, 2);
	expect_v4(targets, "192.0.2.1");
	expect_end(targets);
	cr_expect_eq(noted[0].line, 2);
	cr_expect_eq(noted[1].line, 1);
	cr_expect_str_eq(noted[1].source, second.name);
	targets_destroy(targets);
}

Test(targets, ten_bad_lines_are_shown_and_all_are_counted) {
	struct targets *targets = open_text("x\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\n192.0.2.1\n");
	expect_v4(targets, "192.0.2.1");
	cr_expect_eq(nb_noted, TARGETS_BAD_SHOWN);
	expect_counts(targets, 13, 1, 12);
	targets_destroy(targets);
}

Test(targets, a_nul_is_part_of_its_line) {
	struct path file = file_of("192.0.2.1\0\n192.0.2.2\n", 21);
	const char *paths[] = {file.name};
	struct targets *targets = open_all(NULL, 0, paths, 1);
	expect_v4(targets, "192.0.2.2");
	cr_expect_eq(noted[0].reason, JOBLINE_NUL);
	targets_destroy(targets);
}

// Lines of all lengths up to the limit, so that ends of the buffer fall everywhere.
Test(targets, lines_survive_the_ends_of_the_buffer) {
	FILE *content = NULL;
	char *octets;
	size_t len;
	content = open_memstream(&octets, &len);
	for (int i = 0; i < 4000; i++)
		fprintf(content, "{\"dip\":\"10.0.%d.%d\",\"i\":\"%0*d\"}\n", i / 256, i % 256,
			i % 4000 + 1, i);
	fclose(content);
	struct path file = file_of(octets, len);
	const char *paths[] = {file.name};
	struct targets *targets = open_all(NULL, 0, paths, 1);

	for (int i = 0; i < 4000; i++) {
		char address[24];
		snprintf(address, sizeof(address), "10.0.%d.%d", i / 256, i % 256);
		expect_v4(targets, address);
		cr_assert_eq(job.text_len, strlen("\"dip\":\"\",\"i\":\"\"") + strlen(address) +
						   (size_t)snprintf(NULL, 0, "%0*d", i + 1, i));
	}
	expect_end(targets);
	targets_destroy(targets);
	free(octets);
}

static void expect_overlong(size_t len, char fill, const char *behind, bool is_bad) {
	char *content = malloc(len + 64);
	memset(content, fill, len);
	strcpy(content + len, behind);
	struct targets *targets = open_text(content);
	if (*behind != '\0')
		expect_v4(targets, "192.0.2.1");
	expect_end(targets);
	cr_assert_eq(nb_noted, is_bad ? 1 : 0, "%zu octets", len);
	if (is_bad) {
		cr_expect_eq(noted[0].line, 1);
		cr_expect_eq(noted[0].reason, JOBLINE_TOO_LONG, "%zu octets", len);
	}
	expect_counts(targets, *behind != '\0' ? 2 : 1, *behind != '\0' ? 1 : 0, is_bad ? 1 : 0);
	targets_destroy(targets);
	free(content);
}

Test(targets, a_line_of_any_length_is_one_line) {
	static const size_t lengths[] = {
		4097, 4103, 4104, 4105, 8192, 262143, 262144, 262145, 1000000};
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		expect_overlong(lengths[i], 'x', "\n192.0.2.1\n", true);
		expect_overlong(lengths[i], 'x', "\r\n192.0.2.1", true);
		expect_overlong(lengths[i], 'x', "", true);
		expect_overlong(lengths[i], ' ', "\n192.0.2.1\n", true);
		expect_overlong(lengths[i], '#', "\n192.0.2.1\n", false);
	}
}

Test(targets, a_signal_ends_the_wait, .timeout = 30) {
	int ends[2];
	cr_assert_eq(pipe(ends), 0);
	struct path stream = path_of(ends[0]);
	const char *paths[] = {stream.name};
	struct targets *targets = open_all(NULL, 0, paths, 1);
	signals_start();

	cr_expect_eq(targets_probe(targets, LONG_MS), TARGETS_AGAIN);
	cr_expect_eq(targets_next(targets, LONG_MS, &job, text), TARGETS_AGAIN);
	targets_destroy(targets);
}

// The first read takes all of it, so that nothing is left when the end is met.
Test(targets, a_line_that_ends_with_its_file_ends_there) {
	char *octets = malloc(256 * 1024);
	memset(octets, 'x', 256 * 1024);
	struct path first = file_of(octets, 256 * 1024), second = file_of("192.0.2.1\n", 10);
	const char *paths[] = {first.name, second.name};
	struct targets *targets = open_all(NULL, 0, paths, 2);
	expect_v4(targets, "192.0.2.1");
	expect_end(targets);
	targets_destroy(targets);
	free(octets);
}

// The next descriptor to be given is the lowest that is free.
static int lowest_free_fd(void) {
	int fd = dup(STDIN_FILENO);
	close(fd);
	return fd;
}

Test(targets, every_file_is_closed_again) {
	struct path first = file_of("192.0.2.1\n", 10), second = file_of("192.0.2.2\n", 10);
	const char *paths[] = {first.name, second.name, "/nonexistent/list"}, *failed;
	struct targets_config config = {.paths = paths, .nb_paths = 3};
	int before = lowest_free_fd();
	struct targets *targets;
	cr_expect_eq(targets_create(&config, &targets, &failed), -ENOENT);
	cr_expect_eq(lowest_free_fd(), before, "when another is missing");

	targets = open_all(NULL, 0, paths, 2);
	cr_expect_neq(lowest_free_fd(), before);
	expect_v4(targets, "192.0.2.1");
	expect_v4(targets, "192.0.2.2");
	cr_expect_eq(lowest_free_fd(), before, "when it was read");
	targets_destroy(targets);
	cr_expect_eq(lowest_free_fd(), before);

	targets_destroy(open_all(NULL, 0, paths, 2));
	cr_expect_eq(lowest_free_fd(), before, "when it was not");
}

Test(targets, thousands_of_comments_let_the_caller_breathe) {
	char *octets;
	size_t len;
	FILE *content = open_memstream(&octets, &len);
	for (int i = 0; i < 10000; i++)
		fprintf(content, "#\n");
	fprintf(content, "192.0.2.1\n");
	fclose(content);
	struct targets *targets = open_text(octets);
	enum targets_step step;
	int nb_again = 0;
	while ((step = targets_next(targets, SHORT_MS, &job, text)) == TARGETS_AGAIN)
		nb_again++;
	cr_expect_eq(step, TARGETS_FOUND);
	cr_expect_eq(nb_again, 2);
	targets_destroy(targets);
	free(octets);
}

Test(targets, a_file_that_is_cut_short_just_ends) {
	char *octets;
	size_t len;
	FILE *content = open_memstream(&octets, &len);
	for (int i = 0; i < 60000; i++)
		fprintf(content, "192.0.2.1\n");
	fclose(content);
	struct path file = file_of(octets, len);
	const char *paths[] = {file.name};
	struct targets *targets = open_all(NULL, 0, paths, 1);
	expect_v4(targets, "192.0.2.1");
	cr_assert_eq(ftruncate(file.fd, 5), 0);
	while (targets_next(targets, SHORT_MS, &job, text) == TARGETS_FOUND)
		;
	expect_end(targets);
	cr_expect_lt(targets_counts(targets).good, 60000);
	targets_destroy(targets);
	free(octets);
}

Test(targets, a_missing_file_is_known_at_once) {
	struct path good = file_of("192.0.2.1\n", 10);
	static const struct {
		const char *path;
		int error;
	} rows[] = {{"/nonexistent/list", -ENOENT}, {"/proc/self", -EISDIR}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *paths[] = {good.name, rows[i].path}, *failed = NULL;
		struct targets_config config = {.paths = paths, .nb_paths = 2};
		struct targets *targets = NULL;
		cr_expect_eq(targets_create(&config, &targets, &failed), rows[i].error);
		cr_expect_eq(failed, rows[i].path);
		cr_expect_null(targets);
	}
}

Test(targets, a_source_that_cannot_be_read_is_named) {
	struct path good = file_of("192.0.2.1\n", 10);
	const char *paths[] = {good.name, "/proc/self/mem"}, *failed = NULL; // nothing is at 0
	struct targets *targets = open_all(NULL, 0, paths, 2);
	expect_v4(targets, "192.0.2.1");
	cr_expect_eq(targets_next(targets, SHORT_MS, &job, text), TARGETS_ERROR);
	cr_expect_eq(targets_failure(targets, &failed), EIO);
	cr_expect_eq(failed, paths[1]);
	targets_destroy(targets);

	targets = open_all(NULL, 0, paths, 2);
	cr_expect_eq(targets_probe(targets, SHORT_MS), TARGETS_ERROR);
	targets_destroy(targets);
}

Test(targets, nobody_needs_to_hear_of_bad_lines) {
	static const char *const arguments[] = {"x", "192.0.2.1"};
	struct targets_config config = {.arguments = arguments, .nb_arguments = 2};
	struct targets *targets;
	const char *failed;
	cr_assert_eq(targets_create(&config, &targets, &failed), 0);
	expect_v4(targets, "192.0.2.1");
	expect_counts(targets, 2, 1, 1);
	targets_destroy(targets);
	targets_destroy(NULL);
}

Test(targets, a_label_goes_in_front_of_the_domain_that_a_job_names) {
	static const uint8_t wire[] = "\4scan\7example\3org";
	static const char list[] =
		"{\"dip\":\"192.0.2.1\",\"domain\":\"example.org\"}\n192.0.2.2\n";
	struct path file = file_of(list, sizeof(list) - 1);
	const char *paths[] = {file.name}, *failed_path;
	struct targets_config config = {.paths = paths, .nb_paths = 1, .label = "scan"};
	struct targets *targets;
	cr_assert_eq(targets_create(&config, &targets, &failed_path), 0);
	expect_v4(targets, "192.0.2.1");
	cr_expect_eq(job.domain_len, sizeof(wire));
	cr_expect_arr_eq(job.domain, wire, sizeof(wire));
	expect_v4(targets, "192.0.2.2");
	cr_expect_eq(job.domain_len, 0);
	targets_destroy(targets);
}

Test(targets, a_domain_without_room_for_the_label_is_a_bad_line) {
	char list[400] = "192.0.2.1\n{\"dip\":\"192.0.2.2\",\"domain\":\"";
	for (unsigned int i = 0; i < 25; i++)
		strcat(list, "123456789.");
	strcat(list, "a\"}\n");
	struct path file = file_of(list, strlen(list));
	const char *paths[] = {file.name}, *failed_path;
	struct targets_config config = {.paths = paths,
		.nb_paths = 1,
		.label = "scan",
		.on_bad = note,
		.context = &nb_noted};
	struct targets *targets;
	cr_assert_eq(targets_create(&config, &targets, &failed_path), 0);
	expect_v4(targets, "192.0.2.1");
	expect_end(targets);
	cr_assert_eq(nb_noted, 1);
	cr_expect_eq(noted[0].reason, JOBLINE_DOMAIN_NO_ROOM);
	targets_destroy(targets);
}
