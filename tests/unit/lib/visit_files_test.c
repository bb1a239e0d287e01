// The part of a visit that can be read at any place.
#include "tests/unit/lib/visit_sources.h"

static struct drawn drawn[300000];

Test(visit_files, every_file_may_start_with_a_byte_order_mark) {
	struct path file = file_of_text("\xef\xbb\xbf"
					"192.0.2.1\r\n192.0.2.2\n");
	const char *paths[] = {file.name, file.name};
	struct visit *visit = open_all(NULL, 0, paths, 2);
	cr_assert_eq(probe(visit), VISIT_FOUND);
	expect_addresses(visit, "192.0.2.1 192.0.2.1 192.0.2.2 192.0.2.2");
	expect_counts(visit, 4, 4, 0);
	visit_destroy(visit);
}

// Files of which none is a whole number of blocks: a block may lie in several.
Test(visit_files, blocks_go_over_the_ends_of_files) {
	static const char *const arguments[] = {"192.0.2.1", "192.0.2.2", "192.0.2.3"};
	struct path one = file_of_text("198.51.100.1\n"), seven = file_of_addresses(7),
		    many = file_of_addresses(1234);
	const char *paths[] = {one.name, seven.name, many.name, one.name, one.name, many.name};
	struct visit *visit = open_all(arguments, 3, paths, 6);
	cr_assert_eq(probe(visit), VISIT_FOUND);
	cr_assert_eq(draw_all(visit, drawn, 300000), 3 + 3 + 7 + 2 * 1234);
	static int nb_of[1234];
	int nb_others = 0;
	for (size_t i = 0; i < 3 + 3 + 7 + 2 * 1234; i++) {
		const uint8_t *v4 = addr_v4(&drawn[i].addr);
		if (v4[0] == 10)
			nb_of[v4[2] << 8 | v4[3]]++;
		else
			nb_others++;
	}
	cr_expect_eq(nb_others, 6);
	for (int i = 0; i < 1234; i++)
		cr_expect_eq(nb_of[i], i < 7 ? 3 : 2);
	visit_destroy(visit);
}

// A few lines and many addresses: the lines are spread over all of it, not put at one end.
Test(visit_files, lines_lie_among_the_addresses) {
	static const char *const arguments[] = {"172.16.0.0/14"};
	struct path file = file_of_addresses(1000);
	const char *paths[] = {file.name};
	struct visit *visit = open_all(arguments, 1, paths, 1);
	cr_assert_eq(probe(visit), VISIT_FOUND);
	size_t nb = draw_all(visit, drawn, 300000), nb_of[8] = {0};
	cr_assert_eq(nb, 262144 + 1000);
	for (size_t i = 0; i < nb; i++)
		nb_of[i * 8 / nb] += !drawn[i].is_of_network;
	for (int i = 0; i < 8; i++)
		cr_expect(nb_of[i] > 80 && nb_of[i] < 170, "%zu in part %d", nb_of[i], i);
	visit_destroy(visit);
}

Test(visit_files, a_file_that_is_cut_short_is_an_error_that_names_it) {
	struct path file = file_of_addresses(200000);
	const char *paths[] = {file.name}, *failed;
	struct visit *visit = open_all(NULL, 0, paths, 1);
	struct visit_target targets[VISIT_BURST];
	size_t nb;
	enum visit_step step;
	cr_assert_eq(probe(visit), VISIT_FOUND);
	cr_assert_eq(visit_draw(visit, 0, targets, &nb), VISIT_FOUND);
	cr_assert_eq(ftruncate(file.fd, 5), 0);
	while ((step = visit_draw(visit, 0, targets, &nb)) == VISIT_FOUND)
		;
	cr_assert_eq(step, VISIT_ERROR);
	cr_expect_str_eq(visit_failure(visit, &failed), "it was changed while it was read");
	cr_expect_eq(failed, paths[0]);
	visit_destroy(visit);
}

// Long lines make smaller windows; nothing else changes.
Test(visit_files, a_list_of_long_jobs) {
	char *octets;
	size_t len;
	FILE *content = open_memstream(&octets, &len);
	for (int i = 0; i < 3000; i++)
		fprintf(content, "{\"dip\":\"10.0.%d.%d\",\"x\":\"%03000d\"}\n", i / 256, i % 256,
			i);
	fclose(content);
	struct path file = file_of(octets, len);
	const char *paths[] = {file.name};
	struct visit *visit = open_all(NULL, 0, paths, 1);
	cr_assert_eq(probe(visit), VISIT_FOUND);
	cr_expect_eq(draw_all(visit, drawn, 3001), 3000);
	expect_counts(visit, 3000, 3000, 0);
	visit_destroy(visit);
	free(octets);
}
