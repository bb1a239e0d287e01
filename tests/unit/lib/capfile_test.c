#include "lib/capfile.h"

#include <criterion/criterion.h>
#include <string.h>

static struct capfile_head some_head(void) {
	struct capfile_head head = {
		.measure = {.seed = UINT64_MAX,
			.epoch = 1795608000000000000,
			.app = &app_dnstcp,
			.tries = 3,
			.rounds = 2,
			.has_controls = true,
			.timeout_s = 5,
			.mss4 = 1460,
			.mss6 = 1440,
			.laddr4 = {.octets = {[10] = 0xff, [11] = 0xff, 10, 99, 0, 3}},
			.laddr6 = {.octets = {0xfd, [15] = 3}},
			.ports = {.first = 32768, .count = 28233},
			.nb_workers = 7,
			.question_len = 3,
			.question = {1, 'a', 0}},
		.raw_cookies = true,
		.filter = "tfo.connectivity.broken",
		.domain = "example.com",
	};
	return head;
}

Test(capfile, a_head_is_read_as_it_was_written) {
	char text[CAPFILE_HEAD_MAX_OCTETS], again[CAPFILE_HEAD_MAX_OCTETS];
	struct capfile_head head = some_head(), read;
	size_t len = capfile_write_head(&head, text);
	cr_assert_lt(len, sizeof(text));
	cr_assert_eq(capfile_read_head(text, len, &read), CAPFILE_OK);
	cr_assert_eq(read.measure.seed, UINT64_MAX);
	cr_assert_eq(read.measure.app, &app_dnstcp);
	cr_assert_eq(read.measure.nb_workers, 7);
	cr_assert_str_eq(read.filter, head.filter);
	cr_assert_str_eq(read.domain, head.domain);
	cr_assert_eq(capfile_write_head(&read, again), len);
	cr_assert_arr_eq(text, again, len);
}

static struct capfile_head steered_head(uint16_t nb_entries) {
	struct capfile_head head = some_head();
	head.measure.steer.nb_entries = nb_entries;
	memset(head.measure.steer.key, 0xa5, STEER_KEY_OCTETS);
	for (unsigned int i = 0; i < nb_entries; i++)
		head.measure.steer.queues[i] = (uint8_t)(i % 7);
	return head;
}

Test(capfile, a_head_holds_what_steered_the_ports) {
	char text[CAPFILE_HEAD_MAX_OCTETS];
	struct capfile_head head = steered_head(128), read;
	size_t len = capfile_write_head(&head, text);
	cr_assert_eq(capfile_read_head(text, len, &read), CAPFILE_OK);
	cr_expect_eq(read.measure.steer.nb_entries, 128);
	cr_expect_arr_eq(read.measure.steer.key, head.measure.steer.key, STEER_KEY_OCTETS);
	cr_expect_arr_eq(read.measure.steer.queues, head.measure.steer.queues, 128);
	for (size_t cut = 1; cut < len; cut++)
		cr_expect_neq(capfile_read_head(text, len - cut, &read), CAPFILE_OK);
}

Test(capfile, a_table_that_no_nic_has_is_broken) {
	char text[CAPFILE_HEAD_MAX_OCTETS];
	struct capfile_head head = steered_head(100), read;
	size_t len = capfile_write_head(&head, text);
	cr_expect_eq(capfile_read_head(text, len, &read), CAPFILE_BROKEN);
}

Test(capfile, the_longest_head_has_room) {
	char text[CAPFILE_HEAD_MAX_OCTETS];
	struct capfile_head head = steered_head(PORTS_MAX_ENTRIES), read;
	head.measure.app = &app_tcp;
	head.measure.question_len = APP_PAYLOAD_MAX_OCTETS;
	memset(head.measure.question, 0xff, APP_PAYLOAD_MAX_OCTETS);
	memset(head.domain, 'a', 253);
	for (unsigned int i = 63; i < 253; i += 64)
		head.domain[i] = '.';
	head.domain[253] = '\0';
	size_t len = capfile_write_head(&head, text);
	cr_assert_lt(len, sizeof(text));
	cr_assert_eq(capfile_read_head(text, len, &read), CAPFILE_OK);
	cr_assert_arr_eq(read.measure.question, head.measure.question, APP_PAYLOAD_MAX_OCTETS);
}

// Replaces one word of a good head, and reads it.
static enum capfile_result read_with(const char *word, const char *by) {
	char text[2 * CAPFILE_HEAD_MAX_OCTETS];
	struct capfile_head head = some_head(), read;
	size_t len = capfile_write_head(&head, text);
	text[len] = '\0';
	char *place = strstr(text, word);
	cr_assert_not_null(place, "%s", word);
	memmove(place + strlen(by), place + strlen(word), strlen(place + strlen(word)) + 1);
	memcpy(place, by, strlen(by));
	return capfile_read_head(text, strlen(text), &read);
}

static enum capfile_result read_question(
	const struct app *app, const uint8_t *octets, uint16_t len) {
	char text[CAPFILE_HEAD_MAX_OCTETS];
	struct capfile_head head = some_head(), read;
	head.measure.app = app;
	head.measure.question_len = len;
	memcpy(head.measure.question, octets, len);
	return capfile_read_head(text, capfile_write_head(&head, text), &read);
}

Test(capfile, a_question_that_no_payload_can_be_made_of_is_broken) {
	static const struct app *const of_names[] = {&app_dnstcp, &app_http, &app_tls};
	static const uint8_t line[] = {7, 'a', '\r', '\n', 'H', 'o', 's', 't', 0};
	static const uint8_t cut[] = {3, 'w', 'w'};
	// labels of 63 octets: with the rest of the query it would not fit a payload
	uint8_t labels[APP_PAYLOAD_MAX_OCTETS];
	memset(labels, 'a', sizeof(labels));
	for (unsigned int i = 0; i < sizeof(labels); i += 64)
		labels[i] = 63;
	labels[APP_PAYLOAD_MAX_OCTETS - 64] = 0;
	for (unsigned int i = 0; i < 3; i++) {
		const struct app *app = of_names[i];
		cr_expect_eq(read_question(app, (const uint8_t *)"\1a", 3), CAPFILE_OK);
		cr_expect_eq(read_question(app, line, sizeof(line)), CAPFILE_BROKEN);
		cr_expect_eq(read_question(app, cut, sizeof(cut)), CAPFILE_BROKEN);
		cr_expect_eq(read_question(app, labels, 1024), CAPFILE_BROKEN);
		cr_expect_eq(read_question(app, labels, 1024 - 63), CAPFILE_BROKEN);
	}
	cr_expect_eq(read_question(&app_tcp, line, sizeof(line)), CAPFILE_OK, "any octets");
	cr_expect_eq(read_question(&app_tcp, labels, 1024), CAPFILE_OK);
	cr_expect_eq(read_question(&app_tcp, labels, 0), CAPFILE_BROKEN);
}

Test(capfile, what_is_not_a_head_is_told_apart) {
	struct capfile_head read;
	cr_expect_eq(capfile_read_head("", 0, &read), CAPFILE_OTHER);
	cr_expect_eq(capfile_read_head("Wireshark", 9, &read), CAPFILE_OTHER);
	cr_expect_eq(read_with("capture 1", "capture 3"), CAPFILE_NEWER);
	cr_expect_eq(read_with("capture 1", "capture 2"), CAPFILE_BROKEN, "no table behind");
	cr_expect_eq(read_with("capture 1", "capture x"), CAPFILE_BROKEN);
	cr_expect_eq(read_with("tries 3", "tries 3"), CAPFILE_OK);
}

Test(capfile, a_head_that_lies_is_broken) {
	static const char *const lies[][2] = {{"tries 3", "tries 0"}, {"tries 3", "tries 9"},
		{"tries 3", "tries"}, {"tries 3", "tries -1"}, {"tries 3", "tries 3 "},
		{"seed 18446744073709551615", "seed 18446744073709551616"}, {"rounds", "round"},
		{"connect dnstcp", "connect smtp"}, {"controls 1", "controls 2"},
		{"workers 7", "workers 0"}, {"workers 7", "workers 300"},
		{"ports 28233", "ports 65535"}, {"10.99.0.3", "fd00::1"}, {"10.99.0.3", "x"},
		{"fd00::3", "10.0.0.1"}, {"broken", "brokem"}, {"example.com", "exa mple.com"},
		{"example.com", "a\"b"}, {"question 016100", "question 01610"},
		{"question 016100", "question 0161zz"}, {"question 016100", "question "},
		{"question 016100\n", "question 016100"}};
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++)
		cr_expect_eq(read_with(lies[i][0], lies[i][1]), CAPFILE_BROKEN, "%s", lies[i][1]);
}

Test(capfile, a_head_that_is_cut_anywhere_is_broken) {
	char text[CAPFILE_HEAD_MAX_OCTETS];
	struct capfile_head head = some_head(), read;
	size_t len = capfile_write_head(&head, text);
	for (size_t cut = 22; cut < len; cut++)
		cr_assert_eq(capfile_read_head(text, cut, &read), CAPFILE_BROKEN, "%zu", cut);
}

Test(capfile, a_target_is_read_as_it_was_written) {
	char text[CAPFILE_TARGET_MAX_OCTETS];
	struct capfile_target target = {.index = 1234567890123,
		.nb_missing = 4,
		.first_ordinal = 12,
		.is_placebo = true,
		.placebo_has_data = true,
		.job = {.text = "\"dip\":\"192.0.2.1\",\"rank\":\"7\"",
			.text_len = 29,
			.has_dip = true,
			.name = (const uint8_t *)"\1a",
			.name_len = 3}};
	struct capfile_target read;
	size_t len = capfile_write_target(&target, text);
	cr_assert(capfile_read_target(text, len, &read));
	cr_expect_eq(read.index, target.index);
	cr_expect_eq(read.nb_missing, 4);
	cr_expect_eq(read.first_ordinal, 12);
	cr_expect(read.is_placebo);
	cr_expect(read.placebo_has_data);
	cr_expect(read.job.has_dip);
	cr_expect_not(read.job.has_dp);
	cr_expect_eq(read.job.name_len, 3);
	cr_expect_arr_eq(read.job.name, target.job.name, 3);
	cr_expect_eq(read.job.text_len, 29);
	cr_expect_arr_eq(read.job.text, target.job.text, 29);
	for (size_t cut = 0; cut < len - 29; cut++)
		cr_expect_not(capfile_read_target(text, cut, &read));
}

Test(capfile, a_target_that_was_never_reached_says_what_its_record_says) {
	char text[CAPFILE_TARGET_MAX_OCTETS];
	struct capfile_target target = {.index = 3,
		.is_unreached = true,
		.addr = {.octets = {0xfd, [15] = 9}},
		.port = 53,
		.from_ns = 1795608000000000001,
		.to_ns = 1795608003000000002,
		.job = {.text = ""}};
	struct capfile_target read;
	size_t len = capfile_write_target(&target, text);
	cr_assert(capfile_read_target(text, len, &read));
	cr_expect(read.is_unreached);
	cr_expect(addr_equal(&read.addr, &target.addr));
	cr_expect_eq(read.port, 53);
	cr_expect_eq(read.from_ns, target.from_ns);
	cr_expect_eq(read.to_ns, target.to_ns);
	cr_expect_eq(read.index, 3);
}

Test(capfile, a_target_without_a_job_has_no_text) {
	char text[CAPFILE_TARGET_MAX_OCTETS];
	struct capfile_target target = {.index = 0, .job = {.text = ""}}, read;
	size_t len = capfile_write_target(&target, text);
	cr_assert(capfile_read_target(text, len, &read));
	cr_expect_eq(read.job.text_len, 0);
	cr_expect_eq(read.job.name_len, 0);
}

Test(capfile, a_job_of_the_longest_line_has_room_and_a_longer_one_is_refused) {
	static char text[CAPFILE_TARGET_MAX_OCTETS], job[UINT16_MAX];
	uint8_t name[255] = {0};
	struct capfile_target target = {.index = UINT64_MAX,
		.nb_missing = UINT32_MAX,
		.job = {.text = job, .text_len = 2 * 4096, .name = name, .name_len = 255}};
	size_t len = capfile_write_target(&target, text);
	cr_expect_gt(len, 2 * 4096);
	cr_expect_leq(len, sizeof(text));
	target.job.text_len = UINT16_MAX;
	cr_expect_eq(capfile_write_target(&target, text), 0);
}
