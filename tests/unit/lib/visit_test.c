// All targets of a scan, in their order.
#include "lib/visit.h"

#include "tests/unit/lib/visit_sources.h"

Test(visit, arguments_files_and_networks_are_one) {
	static const char *const arguments[] = {"192.0.2.1", "192.0.2.2:80", "198.51.100.0/31"};
	struct path first = file_of_text("192.0.2.3\n203.0.113.8/31\n192.0.2.4"),
		    empty = file_of_text(""),
		    last = file_of_text("2001:db8::1\n2001:db8:1::/127\n");
	const char *paths[] = {first.name, empty.name, last.name};
	struct visit *visit = open_all(arguments, 3, paths, 3);
	cr_assert_eq(probe(visit), VISIT_FOUND);
	cr_expect_eq(visit_nb(visit), 6 + 8);
	cr_expect_eq(visit_nb_lines(visit), 8);
	cr_expect(!visit_has_streams(visit));
	expect_addresses(visit, "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 198.51.100.0 198.51.100.1 "
				"203.0.113.8 203.0.113.9 2001:db8::1 2001:db8:1:: 2001:db8:1::1");
	expect_counts(visit, 8, 8, 0);
	visit_destroy(visit);
}

Test(visit, a_job_comes_with_its_text) {
	struct visit *visit = open_text("{\"dip\":\"192.0.2.2\",\"dp\":80,\"n\":1}\n");
	struct visit_target targets[VISIT_BURST];
	size_t nb;
	cr_assert_eq(probe(visit), VISIT_FOUND);
	cr_assert_eq(visit_draw(visit, 0, targets, &nb), VISIT_FOUND);
	cr_assert_eq(nb, 1);
	cr_expect_eq(targets[0].job.port, 80);
	cr_expect_arr_eq(targets[0].text, "\"dip\":\"192.0.2.2\",\"dp\":80,\"n\":1",
		targets[0].job.text_len);
	visit_destroy(visit);
}

static struct visit *open_labelled(const char *list) {
	static struct path file;
	static const char *paths[] = {file.name};
	file = file_of_text(list);
	struct visit_config config = config_of(NULL, 0, paths, 1);
	config.label = "scan";
	return visit_open(&config);
}

Test(visit, a_label_goes_in_front_of_the_domain_that_a_job_names) {
	static const uint8_t wire[] = "\4scan\7example\3org";
	struct visit *visit =
		open_labelled("{\"dip\":\"192.0.2.1\",\"domain\":\"example.org\"}\n192.0.2.2\n");
	struct visit_target targets[VISIT_BURST];
	size_t nb;
	cr_assert_eq(probe(visit), VISIT_FOUND);
	cr_assert_eq(visit_draw(visit, 0, targets, &nb), VISIT_FOUND);
	cr_assert_eq(nb, 2);
	const struct jobline *named = &targets[targets[0].job.domain_len == 0].job;
	const struct jobline *other = &targets[targets[0].job.domain_len != 0].job;
	cr_assert_eq(named->domain_len, sizeof(wire));
	cr_expect_arr_eq(named->domain, wire, sizeof(wire));
	cr_expect_eq(other->domain_len, 0);
	visit_destroy(visit);
}

Test(visit, a_domain_without_room_for_the_label_is_a_bad_line) {
	char list[400] = "192.0.2.1\n{\"dip\":\"192.0.2.2\",\"domain\":\"";
	for (unsigned int i = 0; i < 25; i++)
		strcat(list, "123456789.");
	strcat(list, "a\"}\n");
	struct visit *visit = open_labelled(list);
	cr_expect_eq(probe(visit), VISIT_REFUSED);
	cr_assert_eq(nb_noted, 1);
	cr_expect_eq(noted[0].reason, JOBLINE_DOMAIN_NO_ROOM);
	cr_expect_eq(noted[0].line, 2);
	visit_destroy(visit);
}

Test(visit, networks_of_a_set_are_targets_too) {
	struct addrset set = {0};
	cr_assert_eq(addrset_add(&set, true, 0xc6336400, 0xc6336402), 0);
	cr_assert_eq(addrset_seal(&set), 0);
	struct visit_config config = config_of(NULL, 0, NULL, 0);
	config.networks = &set;
	struct visit *visit = visit_open(&config);
	cr_assert_eq(probe(visit), VISIT_FOUND);
	cr_expect_eq(visit_nb(visit), 3);
	cr_expect_eq(visit_nb_lines(visit), 0);
	expect_addresses(visit, "198.51.100.0 198.51.100.1 198.51.100.2");
	visit_destroy(visit);
	addrset_free(&set);
}

static struct drawn one[200000], two[200000];

static size_t draw_with(const struct visit_config *config, uint64_t start, struct drawn *drawn) {
	struct visit *visit = visit_open(config);
	cr_assert_eq(probe(visit), VISIT_FOUND);
	if (start > 0)
		cr_assert_eq(visit_start_at(visit, start), VISIT_FOUND);
	size_t nb = draw_all(visit, drawn, 200000);
	visit_destroy(visit);
	return nb;
}

Test(visit, the_same_seed_is_the_same_order_and_another_seed_another) {
	static const char *const arguments[] = {"192.0.2.0/24", "198.51.100.0/24"};
	struct path file = file_of_addresses(100000);
	const char *paths[] = {file.name};
	struct visit_config config = config_of(arguments, 2, paths, 1);
	size_t nb = draw_with(&config, 0, one);
	cr_assert_eq(nb, 100512);
	cr_assert_eq(draw_with(&config, 0, two), nb);
	cr_expect_eq(memcmp(one, two, nb * sizeof(*one)), 0);
	config.seed = 2;
	cr_assert_eq(draw_with(&config, 0, two), nb);
	size_t nb_same = 0;
	for (size_t i = 0; i < nb; i++)
		nb_same += addr_equal(&one[i].addr, &two[i].addr);
	cr_expect_lt(nb_same, 50, "%zu of them where they were", nb_same);
}

// Lists and networks, several windows: wherever it begins it goes on as the whole visit does.
Test(visit, it_can_start_at_any_position) {
	static const char *const arguments[] = {"192.0.0.0/19", "2001:db8::/120"};
	struct path file = file_of_addresses(150001);
	const char *paths[] = {file.name};
	struct visit_config config = config_of(arguments, 2, paths, 1);
	size_t nb = draw_with(&config, 0, one);
	cr_assert_eq(nb, 150001 + 8192 + 256);
	uint64_t nb_all = nb + 2; // and the arguments themselves, which are lines
	for (uint64_t start = 1; start <= nb_all; start += 14407) {
		size_t nb_rest = draw_with(&config, start, two), i = 0;
		while (i < nb && one[i].position < start)
			i++;
		cr_assert_eq(nb_rest, nb - i, "from %lu", (unsigned long)start);
		cr_assert_eq(memcmp(one + i, two, nb_rest * sizeof(*one)), 0);
	}
	cr_expect_eq(draw_with(&config, nb_all, two), 0);
}

Test(visit, every_position_comes_once) {
	struct path file = file_of_addresses(150001);
	const char *paths[] = {file.name};
	struct visit_config config = config_of(NULL, 0, paths, 1);
	static bool seen[150001];
	size_t nb = draw_with(&config, 0, one);
	cr_assert_eq(nb, 150001);
	for (size_t i = 0; i < nb; i++) {
		uint32_t v4 = (uint32_t)(addr_v4(&one[i].addr)[1] << 16 |
					 addr_v4(&one[i].addr)[2] << 8 | addr_v4(&one[i].addr)[3]);
		cr_assert(v4 < 150001 && !seen[v4]);
		seen[v4] = true;
		cr_assert_eq(one[i].position, i);
	}
}

// A sorted list of 586 networks of 256 addresses: of 1,000 targets one after the other two are of
// each network if they are drawn blindly.
Test(visit, a_sorted_list_makes_no_burst_to_a_network) {
	struct path file = file_of_addresses(150000);
	const char *paths[] = {file.name};
	struct visit_config config = config_of(NULL, 0, paths, 1);
	static unsigned int nb_of[65536];
	size_t nb = draw_with(&config, 0, one);
	unsigned int most = 0;
	for (size_t i = 0; i < nb; i++) {
		const uint8_t *v4 = addr_v4(&one[i].addr);
		unsigned int network = (unsigned int)(v4[1] << 8 | v4[2]);
		if (i >= 1000) {
			v4 = addr_v4(&one[i - 1000].addr);
			nb_of[v4[1] << 8 | v4[2]]--;
		}
		if (++nb_of[network] > most)
			most = nb_of[network];
	}
	cr_expect_leq(most, 16, "%u of one network among 1,000", most);
}

Test(visit, addresses_of_networks_are_known_by_it) {
	static const char *const arguments[] = {"192.0.2.0/30", "198.51.100.1"};
	struct visit *visit = open_all(arguments, 2, NULL, 0);
	cr_assert_eq(probe(visit), VISIT_FOUND);
	size_t nb = draw_all(visit, one, 10);
	cr_assert_eq(nb, 5);
	for (size_t i = 0; i < nb; i++) {
		bool is_of_network = addr_v4(&one[i].addr)[0] == 192;
		cr_expect_eq(one[i].is_of_network, is_of_network);
		cr_expect_eq(visit_covers(visit, &one[i].addr), is_of_network);
	}
	visit_destroy(visit);
}

Test(visit, a_missing_file_is_known_at_once) {
	struct path good = file_of_text("192.0.2.1\n");
	static const struct {
		const char *path;
		int error;
	} rows[] = {{"/nonexistent/list", -ENOENT}, {"/proc/self", -EISDIR}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *paths[] = {good.name, rows[i].path}, *failed = NULL;
		struct visit_config config = {.paths = paths, .nb_paths = 2};
		struct visit *visit = NULL;
		cr_expect_eq(visit_create(&config, &visit, &failed), rows[i].error);
		cr_expect_eq(failed, rows[i].path);
		cr_expect_null(visit);
	}
}

// The next descriptor to be given is the lowest that is free.
static int lowest_free_fd(void) {
	int fd = dup(STDIN_FILENO);
	close(fd);
	return fd;
}

Test(visit, every_file_is_closed_again) {
	struct path first = file_of_text("192.0.2.1\n"), second = file_of_text("192.0.2.2\n");
	const char *paths[] = {first.name, second.name, "/nonexistent/list"}, *failed;
	struct visit_config config = {.paths = paths, .nb_paths = 3};
	int before = lowest_free_fd();
	struct visit *visit;
	cr_expect_eq(visit_create(&config, &visit, &failed), -ENOENT);
	cr_expect_eq(lowest_free_fd(), before, "when another is missing");
	visit = open_all(NULL, 0, paths, 2);
	cr_expect_neq(lowest_free_fd(), before);
	cr_expect_eq(probe(visit), VISIT_FOUND);
	visit_destroy(visit);
	cr_expect_eq(lowest_free_fd(), before);
}

Test(visit, nobody_needs_to_hear_of_bad_lines) {
	static const char *const arguments[] = {"x", "192.0.2.1"};
	struct visit_config config = {.arguments = arguments, .nb_arguments = 2};
	struct visit *visit = visit_open(&config);
	cr_expect_eq(probe(visit), VISIT_REFUSED);
	visit_destroy(visit);
	visit_destroy(NULL);
}
