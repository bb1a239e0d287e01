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
#include <zstd.h>

static char path[64];

static void set_up(void) {
	strcpy(path, "/tmp/tfoscan-output-XXXXXX");
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

// ---- compressed

static size_t nb_frames;

// What the file's frames hold, one by one as they stand there.
static size_t decompressed(char *text, size_t capacity) {
	static char octets[8 << 20];
	FILE *f = fopen(path, "re");
	size_t len = fread(octets, 1, sizeof(octets), f), at = 0, done = 0;
	fclose(f);
	for (nb_frames = 0; at < len; nb_frames++) {
		size_t frame = ZSTD_findFrameCompressedSize(octets + at, len - at);
		if (ZSTD_isError(frame))
			break; // torn
		size_t n = ZSTD_decompress(text + done, capacity - done, octets + at, frame);
		cr_assert_not(ZSTD_isError(n), "%s", ZSTD_getErrorName(n));
		done += n;
		at += frame;
	}
	return done;
}

static void open_compressed(struct output *o) {
	unlink(path);
	strcat(path, ".zst");
	cr_assert_eq(output_open_lines(o, path, true), 0);
}

static void add_lines(struct output *o, unsigned int from, unsigned int to) {
	for (unsigned int i = from; i < to; i++) {
		char line[64];
		snprintf(line, sizeof(line), "{\"line\":%u,\"is\":\"one of many\"}\n", i);
		add_line(o, line);
	}
}

static void expect_lines(const char *text, size_t len, unsigned int nb) {
	struct output o;
	static char plain[8 << 20];
	char plain_path[] = "/tmp/tfoscan-output-XXXXXX";
	int fd = mkstemp(plain_path);
	cr_assert_eq(output_open(&o, plain_path, true), 0);
	add_lines(&o, 0, nb);
	cr_assert_eq(output_push(&o), OUTPUT_OK);
	cr_assert_eq(output_close(&o), 0);
	cr_assert_eq(read(fd, plain, sizeof(plain)), (ssize_t)len);
	cr_assert_eq(memcmp(plain, text, len), 0, "the same octets as without compression");
	close(fd);
	unlink(plain_path);
}

Test(output, a_name_that_ends_in_zst_is_compressed) {
	static char text[8 << 20];
	struct output o;
	open_compressed(&o);
	add_lines(&o, 0, 1000);
	cr_assert_gt(output_waiting(&o), 0);
	cr_assert_eq(output_push(&o), OUTPUT_OK);
	cr_assert_eq(output_waiting(&o), 0);
	add_lines(&o, 1000, 70000);
	cr_assert_eq(output_push(&o), OUTPUT_OK);
	cr_assert_eq(output_close(&o), 0);
	expect_lines(text, decompressed(text, sizeof(text)), 70000);
	cr_assert_eq(nb_frames, 4, "one of the first push, three of the second: %zu", nb_frames);
}

Test(output, a_frame_torn_by_a_failure_is_taken_back) {
	static char text[8 << 20];
	struct output o;
	open_compressed(&o);
	add_lines(&o, 0, 1000);
	cr_assert_eq(output_push(&o), OUTPUT_OK);
	struct rlimit limit = {.rlim_cur = o.written_octets + 100, .rlim_max = RLIM_INFINITY};
	setrlimit(RLIMIT_FSIZE, &limit);
	add_lines(&o, 1000, 3000);
	cr_assert_eq(output_push(&o), OUTPUT_FAILED);
	cr_assert_eq(o.written_octets, limit.rlim_cur);
	size_t len = decompressed(text, sizeof(text));
	limit.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_FSIZE, &limit);
	expect_lines(text, len, 1000);
	cr_assert_eq(output_close(&o), 0);
	expect_lines(text, decompressed(text, sizeof(text)), 1000);
}

Test(output, a_frame_that_found_no_room_goes_on_where_it_stopped) {
	static char text[8 << 20];
	struct output o;
	open_compressed(&o);
	struct rlimit limit = {.rlim_cur = 50, .rlim_max = RLIM_INFINITY};
	setrlimit(RLIMIT_FSIZE, &limit);
	add_lines(&o, 0, 1000);
	size_t waiting = output_waiting(&o);
	cr_assert_eq(output_push(&o), OUTPUT_FAILED);
	cr_assert_eq(output_waiting(&o), waiting, "it is not in the file");
	limit.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_FSIZE, &limit);
	add_lines(&o, 1000, 2000);
	cr_assert_eq(output_push(&o), OUTPUT_OK);
	cr_assert_eq(output_close(&o), 0);
	expect_lines(text, decompressed(text, sizeof(text)), 2000);
}

// ---- several for one file

Test(output, who_was_stopped_in_the_middle_of_a_line_keeps_the_turn) {
	struct output first, second;
	char text[64];
	struct rlimit limit = {.rlim_cur = 10, .rlim_max = RLIM_INFINITY};
	cr_assert_eq(output_open(&first, path, false), 0);
	cr_assert_eq(output_share(&second, &first), 0);
	setrlimit(RLIMIT_FSIZE, &limit);
	add_line(&second, "of the second one\n");
	cr_assert_eq(output_push(&second), OUTPUT_FAILED);
	add_line(&first, "of the first one\n");
	cr_assert_eq(output_push(&first), OUTPUT_BUSY);
	limit.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_FSIZE, &limit);
	cr_assert_eq(output_push(&first), OUTPUT_BUSY);
	cr_assert_eq(output_push(&second), OUTPUT_OK);
	cr_assert_eq(output_push(&first), OUTPUT_OK);
	cr_assert_eq(output_close(&second), 0);
	cr_assert_eq(output_close(&first), 0);
	file_text(text, sizeof(text));
	cr_assert_str_eq(text, "of the second one\nof the first one\n");
}

// So one that is always busy does not keep the others out.
Test(output, a_turn_is_over_when_what_began_it_is_written) {
	struct output first, second;
	struct rlimit limit = {.rlim_cur = 2, .rlim_max = RLIM_INFINITY};
	char text[64];
	cr_assert_eq(output_open(&first, path, false), 0);
	cr_assert_eq(output_share(&second, &first), 0);
	setrlimit(RLIMIT_FSIZE, &limit);
	add_line(&first, "one\n");
	cr_assert_eq(output_push(&first), OUTPUT_FAILED);
	limit.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_FSIZE, &limit);
	add_line(&first, "three\n");
	add_line(&second, "two\n");
	cr_assert_eq(output_push(&first), OUTPUT_OK);
	cr_assert_eq(output_waiting(&first), 6);
	cr_assert_eq(output_push(&second), OUTPUT_OK);
	cr_assert_eq(output_push(&first), OUTPUT_OK);
	cr_assert_eq(output_close(&second), 0);
	cr_assert_eq(output_close(&first), 0);
	file_text(text, sizeof(text));
	cr_assert_str_eq(text, "one\ntwo\nthree\n");
}

// ---- going on with a file

static void write_file(const char *text) {
	FILE *f = fopen(path, "we");
	fputs(text, f);
	fclose(f);
}

Test(output, a_file_is_cut_and_written_on) {
	struct output o;
	char text[64];
	write_file("one\ntwo\ntorn");
	cr_assert_eq(output_resume_lines(&o, path, 4), 0);
	add_line(&o, "three\n");
	cr_assert_eq(output_push(&o), OUTPUT_OK);
	cr_assert_eq(o.whole_octets, 10);
	cr_assert_eq(output_close(&o), 0);
	file_text(text, sizeof(text));
	cr_assert_str_eq(text, "one\nthree\n");
}

Test(output, a_file_that_is_shorter_or_gone_is_left_alone) {
	struct output o;
	char text[64];
	write_file("one\n");
	cr_assert_eq(output_resume_lines(&o, path, 5), -ENODATA);
	file_text(text, sizeof(text));
	cr_assert_str_eq(text, "one\n");
	unlink(path);
	cr_assert_eq(output_resume_lines(&o, path, 0), -ENOENT);
	cr_assert_neq(access(path, F_OK), 0);
}

struct told {
	unsigned int nb;
	uint64_t lines_octets, file_octets;
};

static void tell(void *context, uint64_t lines_octets, uint64_t file_octets) {
	struct told *told = context;
	*told = (struct told){told->nb + 1, lines_octets, file_octets};
}

Test(output, what_is_in_the_file_is_told_at_the_end_of_a_turn) {
	struct output o, other;
	struct told told = {0};
	cr_assert_eq(output_open(&o, path, false), 0);
	cr_assert_eq(output_share(&other, &o), 0);
	other.on_written = tell;
	other.context = &told;
	add_line(&o, "one\n");
	add_line(&other, "other\n");
	cr_assert_eq(output_push(&o), OUTPUT_OK);
	cr_assert_eq(told.nb, 0);
	cr_assert_eq(output_push(&other), OUTPUT_OK);
	cr_assert_eq(told.nb, 1);
	cr_assert_eq(told.lines_octets, 6);
	cr_assert_eq(told.file_octets, 10);
	cr_assert_eq(output_push(&other), OUTPUT_OK);
	cr_assert_eq(told.nb, 1, "there was no turn");
	output_close(&other);
	output_close(&o);
}

Test(output, a_turn_that_is_not_over_tells_nothing) {
	struct output o;
	struct told told = {0};
	struct rlimit limit = {.rlim_cur = 10, .rlim_max = RLIM_INFINITY};
	cr_assert_eq(output_open(&o, path, false), 0);
	o.on_written = tell;
	o.context = &told;
	setrlimit(RLIMIT_FSIZE, &limit);
	add_line(&o, "whole\n");
	add_line(&o, "torn, and later whole\n");
	cr_assert_eq(output_push(&o), OUTPUT_FAILED);
	cr_assert_eq(told.nb, 0);
	limit.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_FSIZE, &limit);
	cr_assert_eq(output_push(&o), OUTPUT_OK);
	cr_assert_eq(told.lines_octets, 28);
	cr_assert_eq(told.file_octets, 28);
	output_close(&o);
}

Test(output, of_compressed_lines_the_place_is_the_end_of_a_frame) {
	struct output o;
	struct told told = {0};
	char text[64];
	open_compressed(&o);
	o.on_written = tell;
	o.context = &told;
	add_line(&o, "one\n");
	cr_assert_eq(output_push(&o), OUTPUT_OK);
	uint64_t place = told.file_octets;
	cr_assert_eq(told.lines_octets, 4);
	add_line(&o, "two\n");
	cr_assert_eq(output_push(&o), OUTPUT_OK);
	output_close(&o);
	cr_assert_eq(output_resume_lines(&o, path, place), 0);
	add_line(&o, "three\n");
	cr_assert_eq(output_push(&o), OUTPUT_OK);
	output_close(&o);
	size_t len = decompressed(text, sizeof(text) - 1);
	text[len] = '\0';
	cr_assert_str_eq(text, "one\nthree\n");
}
