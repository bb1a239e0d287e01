// Lines of a file at any place.
#include "lib/linefile.h"

#include "tests/unit/lib/visit_sources.h"

#define MAX_LEN 5000

static char slashes[1024];

static void note_slash(void *context, const uint8_t *line, size_t len) {
	(void)context;
	size_t used = strlen(slashes);
	cr_assert_lt(used + len + 2, sizeof(slashes));
	snprintf(slashes + used, sizeof(slashes) - used, "%.*s;", (int)len, (const char *)line);
}

static struct linefile index_of(int fd, uint64_t begin) {
	struct linefile file;
	enum linefile_result result;
	linefile_init(&file, fd, begin);
	slashes[0] = '\0';
	do
		result = linefile_index(&file, note_slash, NULL);
	while (result == LINEFILE_MORE);
	cr_assert_eq(result, LINEFILE_DONE);
	return file;
}

static void expect_line(struct linebatch *batch, size_t i, const char *want, uint64_t number) {
	const struct lineref *ref = &batch->refs[i];
	cr_assert_lt(i, batch->nb);
	cr_expect_eq(ref->len, strlen(want), "%u octets for %s", ref->len, want);
	cr_expect_eq(memcmp(batch->octets + ref->at, want, ref->len), 0, "%s", want);
	cr_expect_eq(ref->number, number);
}

// Any lines from any place, of a file with so many, whose last one has a feed or has none.
static void expect_any(uint64_t nb_lines, bool has_last_feed) {
	char *octets, want[32];
	size_t len;
	FILE *content = open_memstream(&octets, &len);
	for (uint64_t i = 0; i < nb_lines; i++)
		fprintf(content, "line %lu\n", (unsigned long)i);
	fclose(content);
	struct path path = file_of(octets, len - (nb_lines > 0 && !has_last_feed));
	struct linefile file = index_of(path.fd, 0);
	struct linebatch batch;
	linebatch_init(&batch);
	cr_assert_eq(file.nb_lines, nb_lines);
	for (uint64_t first = 0; first < nb_lines; first += 1 + first / 7) {
		for (uint64_t nb = 0; nb <= 40 && first + nb <= nb_lines; nb++) {
			linebatch_clear(&batch);
			cr_assert_eq(
				linefile_read(&file, first, nb, MAX_LEN, 3, &batch), LINEFILE_DONE);
			cr_assert_eq(batch.nb, nb);
			for (uint64_t i = 0; i < nb; i++) {
				snprintf(
					want, sizeof(want), "line %lu", (unsigned long)(first + i));
				expect_line(&batch, i, want, first + i + 1);
			}
		}
	}
	linebatch_free(&batch);
	linefile_free(&file);
	close(path.fd);
	free(octets);
}

Test(linefile, any_line_of_any_file) {
	static const uint64_t numbers[] = {0, 1, 2, 15, 16, 17, 31, 32, 33, 1000};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		expect_any(numbers[i], true);
		expect_any(numbers[i], false);
	}
}

Test(linefile, a_file_of_several_mebibytes) {
	struct path path = file_of_addresses(300000);
	struct linefile file = index_of(path.fd, 0);
	struct linebatch batch;
	linebatch_init(&batch);
	cr_assert_eq(file.nb_lines, 300000);
	for (uint32_t i = 5; i < 300000; i += 997) {
		char want[24];
		linebatch_clear(&batch);
		cr_assert_eq(linefile_read(&file, i, 1, MAX_LEN, 0, &batch), LINEFILE_DONE);
		snprintf(want, sizeof(want), "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
		expect_line(&batch, 0, want, i + 1);
	}
	linebatch_free(&batch);
	linefile_free(&file);
}

Test(linefile, lines_with_a_slash_are_shown_but_for_jobs) {
	struct path path =
		file_of_text("192.0.2.1\n192.0.2.0/24\n{\"url\":\"a/b\"}\n\t {/}\n/\n#/\n"
			     "no slash\n2001:db8::/112");
	struct linefile file = index_of(path.fd, 0);
	cr_expect_str_eq(slashes, "192.0.2.0/24;/;#/;2001:db8::/112;");
	linefile_free(&file);
}

// A line of three mebibytes with slashes in it, between two networks, over the ends of the buffer.
Test(linefile, a_line_without_end_is_one_line) {
	size_t len = 3 << 20;
	char *octets = malloc(len + 100);
	cr_assert(octets);
	strcpy(octets, "10.0.0.0/8\n");
	memset(octets + 11, 'x', len);
	memcpy(octets + (2 << 20), "10.0.0.0/9", 10);
	strcpy(octets + 11 + len, "y/7\n11.0.0.0/8\nlast");
	struct path path = file_of_text(octets);
	struct linefile file = index_of(path.fd, 0);
	struct linebatch batch;
	linebatch_init(&batch);
	cr_expect_str_eq(slashes, "10.0.0.0/8;11.0.0.0/8;");
	cr_assert_eq(file.nb_lines, 4);
	cr_assert_eq(linefile_read(&file, 0, 4, MAX_LEN, 0, &batch), LINEFILE_DONE);
	expect_line(&batch, 0, "10.0.0.0/8", 1);
	cr_expect_eq(batch.refs[1].len, MAX_LEN);
	cr_expect_eq(batch.octets[batch.refs[1].at + MAX_LEN - 1], 'x');
	expect_line(&batch, 2, "11.0.0.0/8", 3);
	expect_line(&batch, 3, "last", 4);
	cr_assert_eq(linefile_read(&file, 2, 1, MAX_LEN, 0, &batch), LINEFILE_DONE);
	expect_line(&batch, 4, "11.0.0.0/8", 3);
	linebatch_free(&batch);
	linefile_free(&file);
	free(octets);
}

Test(linefile, what_is_in_front_of_its_beginning_does_not_count) {
	struct path path = file_of_text("head/1\none\ntwo\n");
	struct linefile file = index_of(path.fd, 7);
	struct linebatch batch;
	linebatch_init(&batch);
	cr_expect_eq(file.nb_lines, 2);
	cr_expect_str_eq(slashes, "");
	cr_assert_eq(linefile_read(&file, 0, 2, MAX_LEN, 0, &batch), LINEFILE_DONE);
	expect_line(&batch, 0, "one", 1);
	linebatch_free(&batch);
	linefile_free(&file);
}

Test(linefile, a_file_that_was_cut_short_or_written_anew_is_noticed) {
	struct path path = file_of_addresses(100000);
	struct linefile file = index_of(path.fd, 0);
	struct linebatch batch;
	linebatch_init(&batch);
	cr_assert_eq(pwrite(path.fd, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 30, 160), 30);
	cr_expect_eq(linefile_read(&file, 0, 32, MAX_LEN, 0, &batch), LINEFILE_CHANGED);
	cr_assert_eq(ftruncate(path.fd, 70000), 0);
	cr_expect_eq(linefile_read(&file, 90000, 16, MAX_LEN, 0, &batch), LINEFILE_CHANGED);
	cr_expect_eq(linefile_read(&file, 32, 16, MAX_LEN, 0, &batch), LINEFILE_DONE);
	cr_expect_eq(linefile_read(&file, 0, 100000, MAX_LEN, 0, &batch), LINEFILE_CHANGED,
		"a part as long as this is read in pieces");
	linebatch_free(&batch);
	linefile_free(&file);
}

Test(linefile, what_cannot_be_read_fails) {
	struct linefile file;
	linefile_init(&file, -1, 0);
	cr_expect_eq(linefile_index(&file, NULL, NULL), LINEFILE_FAILED);
	cr_expect_eq(errno, EBADF);
	linefile_free(&file);
}
