#include "lib/inflight.h"

#include "lib/addrindex.h"

#include <criterion/criterion.h>

#define GIB (UINT64_C(1) << 30)

static const struct inflight_wishes usual = {.nb_workers = 1, .frames_per_s = 10000, .life_s = 8};
static const struct inflight_memory plenty = {.free_octets = 64 * GIB,
	.fixed_octets = 1 << 20,
	.slot_octets = 64,
	.answered_octets = 240};

static struct inflight choose(struct inflight_wishes wishes, uint64_t free_octets) {
	struct inflight_memory memory = plenty;
	struct inflight l;
	memory.free_octets = free_octets;
	inflight_choose(&wishes, &memory, &l);
	return l;
}

Test(inflight, the_rate_says_how_many_slots_are_needed) {
	struct inflight l = choose(usual, 64 * GIB);
	// 10,000 frames a second, 8 s, two frames a target at the least: 40,000
	cr_assert_eq(l.nb_slots, 65536);
	cr_assert_eq(l.nb_answered, 16384);
	cr_assert_eq(l.by, INFLIGHT_BY_RATE);
	cr_assert_eq(l.lack, INFLIGHT_LACK_NOTHING);
	cr_assert_eq(
		l.octets, plenty.fixed_octets + 65536 * 64 + addrindex_octets(65536) + 16384 * 240);
}

Test(inflight, workers_share_the_rate) {
	struct inflight_wishes w = usual;
	w.nb_workers = 4;
	cr_assert_eq(choose(w, 64 * GIB).nb_slots, 16384);
}

Test(inflight, a_line_of_ten_gigabit_gets_all_slots_within_four_gibibytes) {
	struct inflight_wishes w = usual;
	w.frames_per_s = 12.5e6;
	struct inflight l = choose(w, 4 * GIB - 128 * (1 << 20));
	cr_assert_eq(l.nb_slots, INFLIGHT_MOST_IN_FLIGHT);
	cr_assert_eq(l.nb_answered, INFLIGHT_MOST_ANSWERED);
	cr_assert_eq(l.by, INFLIGHT_BY_MOST);
}

Test(inflight, where_memory_is_short_the_slots_go_before_the_answered) {
	struct inflight_wishes w = usual;
	w.frames_per_s = 12.5e6;
	struct inflight_memory memory = plenty;
	memory.free_octets = 4 * GIB - 128 * (1 << 20);
	memory.answered_octets = 900;
	struct inflight l;
	inflight_choose(&w, &memory, &l);
	cr_assert_eq(l.nb_slots, INFLIGHT_MOST_IN_FLIGHT);
	cr_assert_geq(l.nb_answered, INFLIGHT_MOST_IN_FLIGHT / 20);
	cr_assert_lt(l.nb_answered, INFLIGHT_MOST_ANSWERED);
	cr_assert_leq(l.octets, memory.free_octets);
	cr_assert_gt(l.octets + memory.answered_octets, memory.free_octets);
}

Test(inflight, without_a_rate_memory_decides) {
	struct inflight_wishes w = usual;
	w.frames_per_s = 0;
	struct inflight l = choose(w, GIB);
	cr_assert_eq(l.by, INFLIGHT_BY_MEMORY);
	// 102 octets a slot
	cr_assert_eq(l.nb_slots, 1u << 23);
	cr_assert_leq(l.octets, GIB);
	cr_assert_gt(inflight_octets(&plenty, 1u << 24, 1u << 21), GIB);
	cr_assert_eq(choose(w, 64 * GIB).by, INFLIGHT_BY_MOST);
}

Test(inflight, all_workers_together_have_no_more_than_the_most) {
	struct inflight_wishes w = usual;
	w.frames_per_s = 0;
	for (w.nb_workers = 1; w.nb_workers <= 64; w.nb_workers++) {
		struct inflight l = choose(w, 64 * GIB);
		cr_assert_leq((uint64_t)l.nb_slots * w.nb_workers, INFLIGHT_MOST_IN_FLIGHT);
		cr_assert_leq((uint64_t)l.nb_answered * w.nb_workers, INFLIGHT_MOST_ANSWERED);
		cr_assert_eq(l.nb_slots & (l.nb_slots - 1), 0);
	}
}

Test(inflight, a_short_list_needs_no_room_for_a_long_one) {
	struct inflight_wishes w = usual;
	w.frames_per_s = 0;
	w.nb_targets = 10;
	struct inflight l = choose(w, 64 * GIB);
	cr_assert_eq(l.nb_slots, INFLIGHT_LEAST);
	cr_assert_eq(l.nb_answered, INFLIGHT_LEAST);
	cr_assert_eq(l.by, INFLIGHT_BY_TARGETS);
	w.nb_targets = 1000000;
	cr_assert_eq(choose(w, 64 * GIB).nb_slots, 1u << 21);
	w.nb_targets = UINT64_MAX;
	cr_assert_eq(choose(w, 64 * GIB).nb_slots, INFLIGHT_MOST_IN_FLIGHT);
}

Test(inflight, what_is_asked_for_counts_more_than_need) {
	struct inflight_wishes w = usual;
	w.nb_targets = 10;
	w.max_in_flight = 3000000;
	struct inflight l = choose(w, 64 * GIB);
	cr_assert_eq(l.nb_slots, 1u << 21); // the power of two below
	cr_assert_eq(l.nb_answered, 1u << 18);
	cr_assert_eq(l.by, INFLIGHT_BY_OPTION);
	w.max_in_flight = 64;
	l = choose(w, 64 * GIB);
	cr_assert_eq(l.nb_slots, 64);
	cr_assert_eq(l.nb_answered, 64);
}

Test(inflight, places_for_the_answered_can_be_asked_for_and_get_slots_enough) {
	struct inflight_wishes w = usual;
	w.max_answered = 100000;
	struct inflight l = choose(w, 64 * GIB);
	cr_assert_eq(l.nb_answered, 100000);
	cr_assert_eq(l.nb_slots, 1u << 17); // the index has two entries a slot
	cr_assert_eq(l.by, INFLIGHT_BY_OPTION);
	w.max_in_flight = 1024;
	cr_assert_eq(choose(w, 64 * GIB).nb_answered, 1024);
}

Test(inflight, too_many_in_flight_for_the_memory_is_told_with_the_number_that_fits) {
	struct inflight_wishes w = usual;
	w.nb_workers = 2;
	w.max_in_flight = 1u << 24;
	struct inflight l = choose(w, GIB / 4);
	cr_assert_eq(l.lack, INFLIGHT_LACK_IN_FLIGHT);
	cr_assert_eq(l.fits, 1u << 22);
	w.max_in_flight = l.fits;
	l = choose(w, GIB / 4);
	cr_assert_eq(l.lack, INFLIGHT_LACK_NOTHING);
	cr_assert_eq(l.nb_slots, 1u << 21);
}

Test(inflight, too_many_answered_for_the_memory_is_told_with_the_number_that_fits) {
	struct inflight_wishes w = usual;
	w.max_answered = INFLIGHT_MOST_ANSWERED;
	struct inflight l = choose(w, GIB);
	cr_assert_eq(l.lack, INFLIGHT_LACK_ANSWERED);
	cr_assert_eq(l.fits, 1u << 21);
	w.max_answered = l.fits;
	cr_assert_eq(choose(w, GIB).lack, INFLIGHT_LACK_NOTHING);
}

Test(inflight, memory_for_nothing_is_told) {
	struct inflight_wishes w = usual;
	cr_assert_eq(choose(w, 1 << 20).lack, INFLIGHT_LACK_LEAST);
	w.max_in_flight = 4096;
	struct inflight l = choose(w, 1 << 20);
	cr_assert_eq(l.lack, INFLIGHT_LACK_IN_FLIGHT);
	cr_assert_eq(l.fits, 0);
	w.max_in_flight = 0;
	w.max_answered = 4096;
	l = choose(w, 1 << 20);
	cr_assert_eq(l.lack, INFLIGHT_LACK_ANSWERED);
	cr_assert_eq(l.fits, 0);
}

Test(inflight, less_memory_never_gives_more) {
	struct inflight_wishes w = usual;
	w.frames_per_s = 0;
	uint32_t before = INFLIGHT_MOST_IN_FLIGHT;
	for (uint64_t octets = 8 * GIB; octets > 4 << 20; octets -= octets / 16) {
		struct inflight l = choose(w, octets);
		cr_assert_eq(l.lack, INFLIGHT_LACK_NOTHING);
		cr_assert_leq(l.octets, octets);
		cr_assert_leq(l.nb_slots, before);
		before = l.nb_slots;
	}
}
