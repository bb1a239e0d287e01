#include "lib/capkeep.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define OCTETS (1u << 20)
#define FRAME_OCTETS 96

static struct capkeep *keep;

static void set_up(void) {
	keep = capkeep_create(OCTETS);
	cr_assert_not_null(keep);
}

static void tear_down(void) {
	capkeep_destroy(keep);
}

TestSuite(capkeep, .init = set_up, .fini = tear_down);

static void add(uint64_t target, uint32_t number, uint32_t flags) {
	struct {
		struct capring_entry e;
		uint8_t octets[FRAME_OCTETS];
	} frame = {.e = {.time_ns = number,
			   .target = target,
			   .number = number,
			   .size = sizeof(frame),
			   .len = FRAME_OCTETS,
			   .flags = flags | (number == 1 ? CAPRING_BEGINS : 0)}};
	memset(frame.octets, (int)(target + number), sizeof(frame.octets));
	capkeep_add(keep, &frame.e);
}

// What was handed out last.
static struct {
	uint64_t target;
	uint32_t first, last, nb, nb_missing;
} taken;

static void frame(void *context, const struct capring_entry *e, uint32_t nb_missing) {
	(void)context;
	cr_assert_eq(e->target, taken.target);
	cr_assert_eq(e->time_ns, e->number);
	cr_assert_eq(capring_octets(e)[FRAME_OCTETS - 1], (uint8_t)(e->target + e->number));
	cr_assert(taken.nb == 0 || e->number > taken.last, "in their order");
	if (taken.nb++ == 0)
		taken.first = e->number;
	taken.last = e->number;
	taken.nb_missing = nb_missing;
}

static uint32_t take(uint64_t target) {
	memset(&taken, 0, sizeof(taken));
	taken.target = target;
	uint32_t nb_missing = capkeep_take(keep, target, frame, NULL);
	cr_assert(taken.nb == 0 || nb_missing == taken.nb_missing);
	return nb_missing;
}

static void fill(unsigned int nb_frames) {
	static uint64_t filler = 1000000;
	for (unsigned int i = 0; i < nb_frames; i++)
		add(filler++, 1, 0);
}

Test(capkeep, frames_come_out_once_in_their_order_and_of_one_target) {
	for (uint32_t n = 1; n <= 20; n++) {
		for (uint64_t target = 0; target < 100; target++)
			add(target, n, 0);
	}
	for (uint64_t target = 0; target < 100; target++) {
		cr_assert_eq(take(target), 0);
		cr_assert_eq(taken.nb, 20);
		cr_assert_eq(taken.first, 1);
		cr_assert_eq(take(target), 1, "there is nothing any more");
		cr_assert_eq(taken.nb, 0);
	}
}

Test(capkeep, the_oldest_frames_are_forgotten_and_counted) {
	for (uint32_t n = 1; n <= 10; n++)
		add(7, n, 0);
	fill(OCTETS / 300);
	for (uint32_t n = 11; n <= 14; n++)
		add(7, n, 0);
	fill(OCTETS / 130 - OCTETS / 300);
	cr_assert_eq(take(7), 10);
	cr_expect_eq(taken.first, 11);
	cr_expect_eq(taken.nb, 4);
}

Test(capkeep, what_lies_apart_is_not_forgotten) {
	for (uint32_t n = 1; n <= 10; n++)
		add(7, n, 0);
	add(7, 11, CAPRING_APART);
	fill(OCTETS / 100);
	add(7, 12, CAPRING_APART);
	fill(OCTETS / 100);
	cr_assert_eq(take(7), 0);
	cr_expect_eq(taken.nb, 12);
	cr_expect_eq(take(7), 1);
}

Test(capkeep, a_target_that_begins_again_has_the_new_frames_alone) {
	for (uint32_t n = 1; n <= 10; n++)
		add(7, n, n > 4 ? CAPRING_APART : 0);
	for (uint32_t n = 1; n <= 3; n++)
		add(7, n, 0);
	cr_assert_eq(take(7), 0);
	cr_expect_eq(taken.nb, 3);
}

Test(capkeep, what_is_dropped_does_not_come_out) {
	add(7, 1, 0);
	add(8, 1, 0);
	add(8, 2, CAPRING_APART);
	capkeep_drop(keep, 7);
	capkeep_drop(keep, 8);
	capkeep_drop(keep, 9);
	cr_expect_eq(take(7), 1);
	cr_expect_eq(take(8), 1);
}

Test(capkeep, memory_apart_is_bounded_and_the_oldest_target_leaves) {
	for (uint64_t target = 0; target < OCTETS / 100; target++) {
		for (uint32_t n = 1; n <= 3; n++)
			add(target, n, n > 1 ? CAPRING_APART : 0);
	}
	cr_expect_eq(take(OCTETS / 100 - 1), 0);
	cr_expect_eq(taken.nb, 3);
	add(0, 4, CAPRING_APART);
	cr_expect_eq(take(0), 3);
	cr_expect_eq(taken.nb, 1);
}

Test(capkeep, who_sends_without_end_does_not_take_all_the_room) {
	for (uint32_t n = 1; n <= 5000; n++)
		add(7, n, n > 1 ? CAPRING_APART : 0);
	cr_expect_eq(take(7), 5000 - 4096);
	cr_expect_eq(taken.nb, 4096);
}

// Many targets of all kinds, beside a model that remembers all.
Test(capkeep, it_agrees_with_a_model) {
	enum { TARGETS = 500 };
	static uint32_t nb[TARGETS];
	uint64_t random = 1;
	for (unsigned int i = 0; i < 300000; i++) {
		random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
		unsigned int target = (unsigned int)(random >> 33) % TARGETS;
		bool is_long = target % 25 == 0;
		if (nb[target] < (is_long ? 100 : 6)) {
			nb[target]++;
			add(target, nb[target], is_long && nb[target] > 5 ? CAPRING_APART : 0);
			continue;
		}
		uint32_t nb_missing = take(target);
		cr_assert_eq(taken.nb + nb_missing, nb[target], "target %u: %u and %u of %u",
			target, taken.nb, nb_missing, nb[target]);
		nb[target] = 0;
	}
}
