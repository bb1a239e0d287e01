// One source, line by line.
#include "lib/linesource.h"

#include "tests/unit/lib/visit_sources.h"

#include <zstd.h>

static struct linesource *source;
static struct line line;

static void open_path(const char *path) {
	cr_assert_eq(linesource_open(&source, path), 0);
}

static void expect_line(const char *want, uint64_t number) {
	cr_assert_eq(linesource_next(source, SHORT_MS, &line), LINESOURCE_LINE, "%s", want);
	cr_expect_eq(line.len, strlen(want), "%zu octets for %s", line.len, want);
	cr_expect_arr_eq(line.octets, want, strlen(want));
	cr_expect_eq(line.number, number);
}

static void expect_end(void) {
	cr_expect_eq(linesource_next(source, SHORT_MS, &line), LINESOURCE_END);
	cr_expect_eq(linesource_next(source, SHORT_MS, &line), LINESOURCE_END);
	linesource_close(source);
}

Test(linesource, lines_with_and_without_a_feed_at_the_end) {
	struct path file = file_of_text("one\n\nthree\r\nfour");
	open_path(file.name);
	expect_line("one", 1);
	expect_line("", 2);
	expect_line("three\r", 3);
	expect_line("four", 4);
	expect_end();
	file = file_of_text("");
	open_path(file.name);
	expect_end();
}

Test(linesource, a_byte_order_mark_in_front_is_no_part_of_the_first_line) {
	struct path file = file_of_text("\xef\xbb\xbfone\n\xef\xbb\xbftwo\n");
	open_path(file.name);
	expect_line("one", 1);
	expect_line("\xef\xbb\xbftwo", 2);
	expect_end();
}

// Lines of all lengths up to the limit, so that ends of the buffer fall everywhere.
Test(linesource, lines_survive_the_ends_of_the_buffer) {
	char *octets;
	size_t len;
	FILE *content = open_memstream(&octets, &len);
	for (int i = 0; i < 4000; i++)
		fprintf(content, "%0*d\n", i + 1, i);
	fclose(content);
	struct path file = file_of(octets, len);
	open_path(file.name);
	for (int i = 0; i < 4000; i++) {
		cr_assert_eq(linesource_next(source, SHORT_MS, &line), LINESOURCE_LINE);
		cr_assert_eq(line.len, (size_t)snprintf(NULL, 0, "%0*d", i + 1, i));
	}
	expect_end();
	free(octets);
}

static void expect_overlong(size_t len, const char *behind, bool is_kept) {
	char *content = malloc(len + 64);
	memset(content, 'x', len);
	strcpy(content + len, behind);
	struct path file = file_of_text(content);
	open_path(file.name);
	if (is_kept)
		linesource_keep(source);
	for (int times = is_kept ? 2 : 1; times > 0; times--) {
		cr_assert_eq(linesource_next(source, SHORT_MS, &line), LINESOURCE_LINE);
		size_t want = len < LINESOURCE_CUT_OCTETS ? len : LINESOURCE_CUT_OCTETS;
		cr_expect_eq(line.len, want, "%zu of %zu octets", line.len, len);
		if (*behind)
			expect_line("next", 2);
		if (times == 2)
			linesource_rewind(source);
	}
	expect_end();
	free(content);
	close(file.fd);
}

Test(linesource, a_line_of_any_length_is_one_line) {
	static const size_t lengths[] = {1, LINESOURCE_CUT_OCTETS - 1, LINESOURCE_CUT_OCTETS,
		LINESOURCE_CUT_OCTETS + 1, 8192, 131071, 131072, 262143, 262144, 262145, 1000000};
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		expect_overlong(lengths[i], "", false);
		expect_overlong(lengths[i], "\nnext\n", false);
		expect_overlong(lengths[i], "\nnext", true);
	}
}

Test(linesource, what_was_kept_comes_again_and_then_what_follows) {
	int ends[2];
	cr_assert_eq(pipe(ends), 0);
	struct path stream = path_of(ends[0]);
	open_path(stream.name);
	cr_assert_eq(write(ends[1], "one\ntwo\nthr", 11), 11);
	expect_line("one", 1);
	linesource_keep(source);
	expect_line("two", 2);
	cr_expect_eq(linesource_next(source, SHORT_MS, &line), LINESOURCE_AGAIN);
	linesource_rewind(source);
	expect_line("two", 2);
	cr_assert_eq(write(ends[1], "ee\n", 3), 3);
	expect_line("three", 3);
	close(ends[1]);
	expect_end();
}

Test(linesource, a_line_without_end_does_not_hold_anybody_up, .timeout = 30) {
	open_path("/dev/zero");
	cr_assert_eq(linesource_next(source, SHORT_MS, &line), LINESOURCE_LINE);
	cr_expect_eq(line.len, LINESOURCE_CUT_OCTETS);
	for (int i = 0; i < 3; i++)
		cr_expect_eq(linesource_next(source, SHORT_MS, &line), LINESOURCE_AGAIN);
	linesource_close(source);
}

Test(linesource, a_signal_ends_the_wait, .timeout = 30) {
	int ends[2];
	cr_assert_eq(pipe(ends), 0);
	struct path stream = path_of(ends[0]);
	open_path(stream.name);
	signals_start();
	cr_expect_eq(linesource_next(source, LONG_MS, &line), LINESOURCE_AGAIN);
	linesource_close(source);
}

Test(linesource, stdin_is_read_from_where_it_is_and_not_closed) {
	struct path file = file_of_text("head\none\n");
	cr_assert_eq(dup2(file.fd, STDIN_FILENO), STDIN_FILENO);
	cr_assert_eq(lseek(STDIN_FILENO, 5, SEEK_SET), 5);
	int fd;
	uint64_t begin;
	open_path("-");
	cr_expect(linesource_is_plain_file(source, &fd, &begin));
	cr_expect_eq(fd, STDIN_FILENO);
	cr_expect_eq(begin, 5);
	expect_line("one", 1);
	expect_end();
	cr_expect_eq(lseek(STDIN_FILENO, 0, SEEK_CUR), 5, "still open");
}

Test(linesource, the_name_says_what_it_holds) {
	static const struct {
		const char *name;
		bool is_csv, is_plain;
	} rows[] = {{"list", false, true}, {"list.csv", true, true}, {"list.txt", false, true},
		{"list.csv.gz", true, false}, {"list.csv.zst", true, false},
		{"list.gz", false, false}, {"list.zst", false, false}, {"listcsv", false, true}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *path = file_named(rows[i].name, "x\n", 2);
		int fd;
		uint64_t begin;
		open_path(path);
		cr_expect_eq(linesource_is_plain_file(source, &fd, &begin), rows[i].is_plain);
		cr_expect_eq(linesource_is_csv(source), rows[i].is_csv, "%s", path);
		cr_expect(!linesource_is_stream(source));
		linesource_close(source);
		remove_file(path);
	}
}

// Zeros pack well: a few octets are many buffers full.
Test(linesource, a_compressed_file_of_many_buffers) {
	size_t len = 3 << 20;
	char *text = malloc(len), *packed = malloc(len);
	for (size_t i = 0; i < len; i++)
		text[i] = i % 16 == 15 ? '\n' : '0';
	size_t packed_len = ZSTD_compress(packed, len, text, len, 3);
	const char *path = file_named("list.zst", packed, packed_len);
	open_path(path);
	for (size_t i = 0; i < len / 16; i++) {
		cr_assert_eq(linesource_next(source, SHORT_MS, &line), LINESOURCE_LINE);
		cr_assert_eq(line.len, 15);
	}
	expect_end();
	remove_file(path);

	path = file_named("list.zst", packed, packed_len - 3);
	open_path(path);
	enum linesource_step step;
	while ((step = linesource_next(source, SHORT_MS, &line)) == LINESOURCE_LINE)
		;
	cr_expect_eq(step, LINESOURCE_ERROR, "it was cut short");
	cr_expect_str_eq(
		linesource_failure(source), "the compressed data end too soon, or are none");
	linesource_close(source);
	remove_file(path);
	path = file_named("list.zst", "192.0.2.1\n", 10);
	open_path(path);
	cr_expect_eq(linesource_next(source, SHORT_MS, &line), LINESOURCE_ERROR);
	linesource_close(source);
	remove_file(path);
	free(text);
	free(packed);
}

Test(linesource, what_cannot_be_opened_is_known_at_once) {
	cr_expect_eq(linesource_open(&source, "/nonexistent/list"), -ENOENT);
	cr_expect_eq(linesource_open(&source, "/proc/self"), -EISDIR);
}

Test(linesource, what_cannot_be_read_says_why) {
	open_path("/proc/self/mem"); // nothing is at 0
	cr_expect_eq(linesource_next(source, SHORT_MS, &line), LINESOURCE_ERROR);
	cr_expect_str_eq(linesource_failure(source), strerror(EIO));
	linesource_close(source);
}
