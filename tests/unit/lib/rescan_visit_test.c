#include "lib/rescan_visit.h"

#include <criterion/criterion.h>
#include <string.h>

static struct rescan_visits visits;

static void set_up(void) {
	const struct siphash_key key = {1, 2};
	cr_assert(rescan_visits_create(&visits, &key));
}

static void tear_down(void) {
	rescan_visits_destroy(&visits);
}

TestSuite(rescan_visit, .init = set_up, .fini = tear_down);

static struct ip_addr addr_of(unsigned int i) {
	return (struct ip_addr){.octets = {0xfd, [13] = (uint8_t)(i >> 16),
					[14] = (uint8_t)(i >> 8), [15] = (uint8_t)i}};
}

static const struct target_rules rules;

static struct rescan_visit *add(unsigned int i) {
	struct ip_addr addr = addr_of(i);
	const struct capfile_target begun = {.index = i,
		.job = {.text = "\"a\":1",
			.text_len = 5,
			.name = (const uint8_t *)"\1a",
			.name_len = 3}};
	return rescan_visit_add(&visits, &rules, &begun, &addr, 53);
}

static struct rescan_visit *find(unsigned int i) {
	struct ip_addr addr = addr_of(i);
	return rescan_visit_find(&visits, &addr);
}

Test(rescan_visit, each_is_found_by_its_address_until_it_leaves) {
	for (unsigned int i = 0; i < 5000; i++)
		cr_assert_not_null(add(i));
	for (unsigned int i = 0; i < 5000; i += 3)
		rescan_visit_remove(&visits, find(i));
	for (unsigned int i = 0; i < 5000; i++) {
		const struct rescan_visit *v = find(i);
		cr_assert_eq(v == NULL, i % 3 == 0);
		cr_assert(v == NULL || v->index == i);
	}
	cr_expect_eq(visits.nb, 3333);
}

Test(rescan_visit, it_keeps_the_job_s_octets) {
	const struct rescan_visit *v = add(7);
	cr_expect_eq(v->job.name_len, 3);
	cr_expect_arr_eq(v->job.name, "\1a", 3);
	cr_expect_eq(v->job.text_len, 5);
	cr_expect_arr_eq(v->job.text, "\"a\":1", 5);
	cr_expect_eq(v->launch.port, 53);
}

Test(rescan_visit, who_answers_is_found_as_before) {
	struct rescan_visit *v = add(7);
	cr_assert(rescan_visit_answer(&visits, v));
	cr_expect_eq(find(7), v);
	cr_expect_eq(visits.nb_answered, 1);
	rescan_visit_remove(&visits, v);
	cr_expect_eq(visits.nb_answered, 0);
	cr_expect_null(find(7));
}

Test(rescan_visit, the_oldest_stands_in_front_until_it_is_sent_to_the_end) {
	for (unsigned int i = 0; i < 3; i++)
		add(i);
	cr_assert_eq(visits.oldest->index, 0);
	rescan_visit_to_end(&visits, visits.oldest);
	cr_assert_eq(visits.oldest->index, 1);
	cr_assert_eq(visits.newest->index, 0);
	rescan_visit_remove(&visits, visits.newest);
	cr_assert_eq(visits.newest->index, 2);
	rescan_visit_to_end(&visits, visits.newest);
	cr_assert_eq(visits.newest->index, 2);
	cr_assert_eq(visits.oldest->index, 1);
}

Test(rescan_visit, there_are_no_more_than_so_many) {
	visits.nb = RESCAN_MAX_VISITS;
	cr_expect_null(add(1));
	visits.nb = 0;
	struct rescan_visit *v = add(1);
	visits.nb_answered = RESCAN_MAX_ANSWERED;
	cr_expect_not(rescan_visit_answer(&visits, v));
	visits.nb_answered = 0;
}
