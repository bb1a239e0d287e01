// Streams and compressed files: gathered, then shuffled.
#include "tests/unit/lib/visit_sources.h"

#include <fcntl.h>
#include <zstd.h>

static struct drawn one[5000], two[5000];

// A pipe that holds these lines and is at its end.
static struct path stream_of(const char *content) {
	int ends[2];
	cr_assert_eq(pipe(ends), 0);
	cr_assert_geq(fcntl(ends[1], F_SETPIPE_SZ, 1 << 17), 1 << 17);
	cr_assert_eq(write(ends[1], content, strlen(content)), (ssize_t)strlen(content));
	close(ends[1]);
	return path_of(ends[0]);
}

static char *addresses(int nb) {
	char *octets;
	size_t len;
	FILE *content = open_memstream(&octets, &len);
	for (int i = 0; i < nb; i++)
		fprintf(content, "10.0.%d.%d\n", i / 256, i % 256);
	fclose(content);
	return octets;
}

static size_t draw_stream(const char *content, uint64_t seed, uint64_t start, struct drawn *drawn) {
	struct path stream = stream_of(content);
	const char *paths[] = {stream.name};
	struct visit_config config = config_of(NULL, 0, paths, 1);
	config.seed = seed;
	struct visit *visit = visit_open(&config);
	cr_assert_eq(probe(visit), VISIT_FOUND);
	cr_expect(visit_has_streams(visit));
	cr_expect_eq(visit_nb(visit), 0);
	if (start > 0)
		cr_assert_eq(visit_start_at(visit, start), VISIT_FOUND);
	size_t nb = draw_all(visit, drawn, 5000);
	visit_destroy(visit);
	close(stream.fd);
	return nb;
}

Test(visit_streams, a_stream_is_shuffled_by_the_seed) {
	char *list = addresses(4000);
	cr_assert_eq(draw_stream(list, 1, 0, one), 4000);
	cr_assert_eq(draw_stream(list, 1, 0, two), 4000);
	cr_expect_eq(memcmp(one, two, 4000 * sizeof(*one)), 0);
	cr_assert_eq(draw_stream(list, 2, 0, two), 4000);
	cr_expect_neq(memcmp(one, two, 4000 * sizeof(*one)), 0);
	int nb_followed = 0;
	for (int i = 0; i < 4000; i++) {
		cr_expect_eq(one[i].position, (uint64_t)i);
		nb_followed +=
			i > 0 && addr_v4(&one[i].addr)[3] == addr_v4(&one[i - 1].addr)[3] + 1;
	}
	cr_expect_lt(nb_followed, 60, "%d behind their neighbours", nb_followed);
	free(list);
}

Test(visit_streams, it_starts_at_a_position_by_passing_over_what_is_before) {
	char *list = addresses(1000);
	cr_assert_eq(draw_stream(list, 1, 0, one), 1000);
	cr_assert_eq(draw_stream(list, 1, 700, two), 300);
	cr_expect_eq(memcmp(one + 700, two, 300 * sizeof(*one)), 0);
	free(list);
}

Test(visit_streams, networks_of_a_stream_are_taken_apart) {
	struct path stream =
		stream_of("192.0.2.0/30\n192.0.2.2/31\n198.51.100.1\n198.51.100.0/31\n{\"dip\":"
			  "\"203.0.113.1\",\"url\":\"a/b\"}\n2001:db8::/127\n");
	const char *paths[] = {stream.name};
	struct visit *visit = open_all(NULL, 0, paths, 1);
	cr_assert_eq(probe(visit), VISIT_FOUND);
	expect_addresses(visit, "192.0.2.0 192.0.2.1 192.0.2.2 192.0.2.3 198.51.100.0 198.51.100.1 "
				"198.51.100.1 203.0.113.1 2001:db8:: 2001:db8::1");
	expect_counts(visit, 6, 6, 0);
	visit_destroy(visit);
}

Test(visit_streams, streams_come_behind_the_files) {
	struct path stream = stream_of("192.0.2.1\n192.0.2.2\n"), file = file_of_addresses(100);
	const char *paths[] = {stream.name, file.name};
	struct visit *visit = open_all(NULL, 0, paths, 2);
	cr_assert_eq(probe(visit), VISIT_FOUND);
	cr_assert_eq(draw_all(visit, one, 5000), 102);
	for (size_t i = 0; i < 102; i++) {
		cr_expect_eq(addr_v4(&one[i].addr)[0], i < 100 ? 10 : 192);
		cr_expect_eq(one[i].position, i);
	}
	visit_destroy(visit);
}

Test(visit_streams, bad_lines_of_a_stream_have_their_numbers) {
	char *list = addresses(1200), *longer = malloc(strlen(list) + 100);
	sprintf(longer, "%s# comment\n\nhost\n192.0.2.1\n", list);
	cr_assert_eq(draw_stream(longer, 1, 0, one), 1201);
	cr_assert_eq(nb_noted, 1);
	cr_expect_eq(noted[0].line, 1203);
	cr_expect_eq(noted[0].reason, JOBLINE_HOST_NAME);
	free(list);
	free(longer);
}

// Who writes slowly need not wait until a million have come.
Test(visit_streams, a_stream_that_pauses_is_given_out_but_for_a_patient_visit, .timeout = 60) {
	for (int is_patient = 0; is_patient <= 1; is_patient++) {
		int ends[2];
		cr_assert_eq(pipe(ends), 0);
		struct path stream = path_of(ends[0]);
		const char *paths[] = {stream.name};
		struct visit_config config = config_of(NULL, 0, paths, 1);
		config.is_patient = is_patient == 1;
		struct visit *visit = visit_open(&config);
		cr_assert_eq(write(ends[1], "192.0.2.1\n", 10), 10);
		cr_assert_eq(probe(visit), VISIT_FOUND);
		struct visit_target targets[VISIT_BURST];
		size_t nb = 0, nb_calls = 0;
		while (nb == 0 && nb_calls++ < VISIT_STREAM_MS / SHORT_MS + 100)
			visit_draw(visit, SHORT_MS, targets, &nb);
		cr_expect_eq(nb, is_patient ? 0 : 1);
		cr_assert_eq(write(ends[1], "192.0.2.2\n", 10), 10);
		close(ends[1]);
		expect_addresses(visit, is_patient ? "192.0.2.1 192.0.2.2" : "192.0.2.2");
		visit_destroy(visit);
	}
}

// What was read before it broke off is not lost.
Test(visit_streams, a_compressed_list_that_breaks_off_gives_what_it_has_then_the_error) {
	char *list = addresses(4000), packed[40000];
	size_t len = strlen(list), packed_len = ZSTD_compress(packed, sizeof(packed), list, len, 3);
	cr_assert(!ZSTD_isError(packed_len));
	const char *path = file_named("list.zst", packed, packed_len);
	FILE *out = fopen(path, "a");
	fputs("rubbish", out);
	fclose(out);
	struct visit *visit = open_all(NULL, 0, &path, 1);
	cr_assert_eq(probe(visit), VISIT_FOUND);
	struct visit_target targets[VISIT_BURST];
	enum visit_step step;
	size_t nb, nb_all = 0;
	do {
		step = visit_draw(visit, SHORT_MS, targets, &nb);
		nb_all += nb;
	} while (step == VISIT_FOUND || step == VISIT_AGAIN);
	const char *failed;
	cr_expect_eq(step, VISIT_ERROR);
	cr_expect_eq(nb_all, 4000);
	cr_expect_str_eq(
		visit_failure(visit, &failed), "the compressed data are broken, or are none");
	cr_expect_eq(failed, path);
	visit_destroy(visit);
	remove_file(path);
	free(list);
}

Test(visit_streams, a_signal_ends_the_wait, .timeout = 30) {
	int ends[2];
	cr_assert_eq(pipe(ends), 0);
	struct path stream = path_of(ends[0]);
	const char *paths[] = {stream.name};
	struct visit *visit = open_all(NULL, 0, paths, 1);
	signals_start();
	cr_expect_eq(visit_probe(visit, LONG_MS), VISIT_AGAIN);
	signals_stop();
	cr_assert_eq(write(ends[1], "192.0.2.1\n", 10), 10);
	cr_assert_eq(probe(visit), VISIT_FOUND);
	signals_start();
	struct visit_target targets[VISIT_BURST];
	size_t nb;
	cr_expect_eq(visit_draw(visit, LONG_MS, targets, &nb), VISIT_AGAIN);
	visit_destroy(visit);
}
