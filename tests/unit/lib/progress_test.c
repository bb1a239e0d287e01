#include "lib/progress.h"

#include <criterion/criterion.h>

#include <stdlib.h>

static struct progress p;

static void tear_down(void) {
	progress_free(&p);
}

TestSuite(progress, .fini = tear_down);

static void add(uint64_t from, uint64_t to) {
	for (uint64_t i = from; i < to; i++)
		cr_assert(progress_add(&p, i));
}

Test(progress, nothing_is_done_at_first) {
	cr_assert_eq(progress_low(&p), 0);
	cr_assert_not(progress_has(&p, 0));
	cr_assert_eq(progress_bitmap_octets(&p), 0);
}

Test(progress, the_mark_is_the_lowest_that_is_not_done) {
	add(1, 200);
	cr_assert_eq(progress_low(&p), 0);
	add(0, 1);
	cr_assert_eq(progress_low(&p), 200);
	cr_assert(progress_has(&p, 0) && progress_has(&p, 199));
	cr_assert_not(progress_has(&p, 200));
}

Test(progress, adding_twice_changes_nothing) {
	add(0, 130);
	add(0, 130);
	cr_assert_eq(progress_low(&p), 130);
}

Test(progress, the_mark_stops_at_the_end_of_a_word_that_is_full) {
	add(0, 64);
	cr_assert_eq(progress_low(&p), 64);
	cr_assert_eq(progress_bitmap_octets(&p), 0);
	add(64, 65);
	cr_assert_eq(progress_low(&p), 65);
}

Test(progress, a_hole_far_behind_makes_it_grow_and_closing_it_makes_it_small) {
	add(1, 1000000);
	cr_assert_geq(progress_bitmap_octets(&p), 125000);
	cr_assert_eq(progress_low(&p), 0);
	add(0, 1);
	cr_assert_eq(progress_low(&p), 1000000);
	cr_assert_leq(progress_bitmap_octets(&p), 8);
}

Test(progress, it_goes_round_its_words_again_and_again) {
	for (uint64_t i = 0; i < 1000000; i++)
		cr_assert(progress_add(&p, i ^ 31));
	cr_assert_eq(progress_low(&p), 1000000);
	cr_assert_leq(p.nb_words, 1024);
	cr_assert_not(progress_has(&p, 1000000));
}

Test(progress, a_span_without_end_is_refused_and_leaves_the_rest_as_it_was) {
	add(1, 5);
	cr_assert_not(progress_add(&p, PROGRESS_MAX_SPAN));
	cr_assert_not(progress_add(&p, UINT64_MAX));
	cr_assert_not(progress_has(&p, UINT64_MAX));
	cr_assert_eq(progress_low(&p), 0);
	cr_assert(progress_has(&p, 4));
}

Test(progress, a_random_set_is_the_same_as_one_of_plain_booleans) {
	enum { NB = 100000 };
	static bool plain[NB];
	srandom(1);
	for (int i = 0; i < 3 * NB; i++) {
		uint64_t position = (uint64_t)random() % NB * (uint64_t)i / (3 * NB);
		plain[position] = true;
		cr_assert(progress_add(&p, position));
	}
	uint64_t low = 0;
	while (plain[low])
		low++;
	cr_assert_eq(progress_low(&p), low);
	for (uint64_t i = 0; i < NB; i++)
		cr_assert_eq(progress_has(&p, i), plain[i]);
}

Test(progress, it_is_the_same_when_it_is_restored) {
	add(0, 100);
	add(5000, 5100);
	add(70000, 70001);
	size_t len = progress_bitmap_octets(&p);
	uint8_t *octets = malloc(len);
	progress_bitmap(&p, octets);
	struct progress again;
	cr_assert(progress_restore(&again, progress_bitmap_start(&p), octets, len));
	free(octets);
	cr_assert_eq(progress_low(&again), 100);
	for (uint64_t i = 0; i < 80000; i++)
		cr_assert_eq(progress_has(&again, i), progress_has(&p, i));
	cr_assert(progress_add(&again, 100));
	cr_assert_eq(progress_low(&again), 101);
	progress_free(&again);
}

Test(progress, a_start_or_a_length_that_it_never_gives_is_refused) {
	static const uint8_t octets[16];
	cr_assert_not(progress_restore(&p, 1, octets, 8));
	cr_assert_not(progress_restore(&p, 64, octets, 7));
	cr_assert_not(progress_restore(&p, 0, octets, PROGRESS_MAX_SPAN / 8 + 8));
}

Test(progress, near_the_end_of_all_numbers_it_holds) {
	static const uint8_t octets[8] = {1};
	cr_assert(progress_restore(&p, UINT64_MAX - 63, octets, 8));
	cr_assert(progress_has(&p, UINT64_MAX - 63));
	cr_assert_not(progress_has(&p, UINT64_MAX));
}
