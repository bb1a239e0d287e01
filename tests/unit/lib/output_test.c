#include "lib/output.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char path[] = "/tmp/tfoscan-output-XXXXXX";

static void set_up(void) {
	int fd = mkstemp(path);
	cr_assert_geq(fd, 0);
	close(fd);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

static void tear_down(void) {
	unlink(path);
}

TestSuite(output, .init = set_up, .fini = tear_down);

static void add_line(struct output *o, const char *line) {
	char *room = output_room(o, strlen(line));
	cr_assert_not_null(room);
	memcpy(room, line, strlen(line));
	output_add(o, strlen(line));
}

static size_t file_text(char *buf, size_t capacity) {
	FILE *f = fopen(path, "re");
	size_t len = fread(buf, 1, capacity - 1, f);
	buf[len] = '\0';
	fclose(f);
	return len;
}

Test(output, lines_reach_the_file) {
	struct output o;
	char text[64];
	cr_assert_eq(output_open(&o, path, false), 0);
	add_line(&o, "one\n");
	add_line(&o, "two\n");
	cr_assert_eq(output_push(&o), OUTPUT_OK);
	cr_assert_eq(output_close(&o), 0);
	file_text(text, sizeof(text));
	cr_assert_str_eq(text, "one\ntwo\n");
}

Test(output, a_file_that_is_not_empty_is_refused_and_kept) {
	struct output o;
	char text[64];
	cr_assert_eq(output_open(&o, path, false), 0);
	add_line(&o, "old\n");
	output_push(&o);
	output_close(&o);
	cr_assert_eq(output_open(&o, path, false), -EEXIST);
	file_text(text, sizeof(text));
	cr_assert_str_eq(text, "old\n");
}

Test(output, overwrite_starts_an_empty_file) {
	struct output o;
	char text[64];
	cr_assert_eq(output_open(&o, path, false), 0);
	add_line(&o, "a long old line\n");
	output_push(&o);
	output_close(&o);
	cr_assert_eq(output_open(&o, path, true), 0);
	add_line(&o, "new\n");
	output_push(&o);
	output_close(&o);
	file_text(text, sizeof(text));
	cr_assert_str_eq(text, "new\n");
}

Test(output, a_missing_folder_is_an_error) {
	struct output o;
	cr_assert_eq(output_open(&o, "/nowhere/at/all", false), -ENOENT);
}

Test(output, no_room_on_the_disk_keeps_the_lines_until_there_is) {
	struct output o;
	cr_assert_eq(output_open(&o, "/dev/full", false), 0);
	add_line(&o, "kept\n");
	cr_assert_eq(output_push(&o), OUTPUT_FULL);
	cr_assert_eq(o.len, 5);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	dup2(fd, o.fd); // room
	close(fd);
	cr_assert_eq(output_push(&o), OUTPUT_OK);
	output_close(&o);
	char text[64];
	file_text(text, sizeof(text));
	cr_assert_str_eq(text, "kept\n");
}

Test(output, a_line_torn_by_a_failure_is_taken_back) {
	struct output o;
	char text[64];
	// the file may hold ten octets: the second line is cut in its middle
	struct rlimit limit = {.rlim_cur = 10, .rlim_max = RLIM_INFINITY};
	cr_assert_eq(output_open(&o, path, false), 0);
	setrlimit(RLIMIT_FSIZE, &limit);
	add_line(&o, "whole\n");
	add_line(&o, "torn and gone\n");
	cr_assert_eq(output_push(&o), OUTPUT_FAILED);
	cr_assert_eq(o.written_octets, 10);
	cr_assert_eq(o.whole_octets, 6);
	cr_assert_eq(output_close(&o), 0);
	file_text(text, sizeof(text));
	cr_assert_str_eq(text, "whole\n");
}

// stdout as a pipe, whose reading end is given back.
static int pipe_as_stdout(struct output *o) {
	int ends[2];
	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	cr_assert_eq(output_open(o, "-", false), 0);
	o->fd = ends[1];
	o->is_file = false;
	return ends[0];
}

Test(output, a_slow_reader_makes_it_busy_and_loses_nothing) {
	struct output o;
	char line[1000];
	int reading_end = pipe_as_stdout(&o);
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	size_t put = 0, got = 0;
	for (int i = 0; i < 1000; i++, put += sizeof(line)) {
		char *room = output_room(&o, sizeof(line));
		cr_assert_not_null(room);
		memcpy(room, line, sizeof(line));
		output_add(&o, sizeof(line));
	}
	cr_assert_eq(output_push(&o), OUTPUT_BUSY);
	char buf[8192];
	while (got < put) {
		ssize_t n = read(reading_end, buf, sizeof(buf));
		cr_assert_gt(n, 0);
		got += (size_t)n;
		output_push(&o);
	}
	cr_assert_eq(o.len, 0);
	cr_assert_eq(o.written_octets, put);
}

Test(output, a_reader_that_is_gone_is_told) {
	struct output o;
	close(pipe_as_stdout(&o));
	add_line(&o, "nobody\n");
	cr_assert_eq(output_push(&o), OUTPUT_NO_READER);
}

Test(output, a_full_buffer_says_so) {
	struct output o;
	cr_assert_eq(output_open(&o, path, false), 0);
	while (output_room(&o, 8192))
		output_add(&o, 8192);
	cr_assert_geq(o.len, 4000000);
	cr_assert_eq(output_push(&o), OUTPUT_OK);
	cr_assert_not_null(output_room(&o, 8192));
	output_close(&o);
}
