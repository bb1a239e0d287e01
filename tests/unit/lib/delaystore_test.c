#include "lib/delaystore.h"

#include <criterion/criterion.h>

#include <stdlib.h>

#define MS UINT64_C(1000000)
#define SECOND (1000 * MS)
#define START (UINT64_C(1700000000) * SECOND)
#define CAPACITY 1000u

static struct delaystore d;
static void *memory;
static int items[CAPACITY + 1];

static void set_up(void) {
	memory = malloc(delaystore_octets(CAPACITY));
	delaystore_init(&d, memory, CAPACITY, START);
}

static void tear_down(void) {
	free(memory);
}

TestSuite(delaystore, .init = set_up, .fini = tear_down);

Test(delaystore, an_item_comes_out_at_its_nanosecond_and_not_before) {
	delaystore_add(&d, START + 40 * MS, &items[7]);
	cr_assert_null(delaystore_due(&d, START + 40 * MS - 1));
	cr_assert_eq(delaystore_due(&d, START + 40 * MS), &items[7]);
	cr_assert_null(delaystore_due(&d, START + 41 * MS));
	cr_assert_eq(d.nb, 0);
}

Test(delaystore, a_time_that_has_passed_is_due_at_once) {
	cr_assert_null(delaystore_due(&d, START + SECOND));
	delaystore_add(&d, START, &items[1]);
	cr_assert_eq(delaystore_due(&d, START + SECOND), &items[1]);
}

Test(delaystore, items_of_one_time_keep_their_order) {
	for (unsigned int i = 0; i < 100; i++)
		delaystore_add(&d, START + 5 * MS + i / 10, &items[i]);
	for (unsigned int i = 0; i < 100; i++)
		cr_assert_eq(delaystore_due(&d, START + 6 * MS), &items[i], "item %u", i);
}

Test(delaystore, items_of_one_tick_come_in_the_order_of_their_nanoseconds) {
	uint64_t tick_ns = START & ~UINT64_C(2047);
	delaystore_add(&d, tick_ns + 2047, &items[3]);
	delaystore_add(&d, tick_ns + 2001, &items[1]);
	delaystore_add(&d, tick_ns + 2000, &items[0]);
	delaystore_add(&d, tick_ns + 2001, &items[2]);
	for (unsigned int i = 0; i < 4; i++)
		cr_assert_eq(delaystore_due(&d, START + MS), &items[i], "item %u", i);
}

Test(delaystore, a_time_many_turns_of_the_wheel_ahead_is_waited_for) {
	delaystore_add(&d, START + 3600 * SECOND, &items[0]);
	for (uint64_t at_ns = START; at_ns < START + 3600 * SECOND; at_ns += 700 * MS)
		cr_assert_null(delaystore_due(&d, at_ns));
	cr_assert_null(delaystore_due(&d, START + 3600 * SECOND - 1));
	cr_assert_eq(delaystore_due(&d, START + 3600 * SECOND), &items[0]);
}

// The turns of one slot, asked for after a pause of all of them.
Test(delaystore, after_a_long_pause_the_order_is_that_of_the_times) {
	const uint64_t turn_ns = UINT64_C(1) << 30;
	delaystore_add(&d, START + 2 * turn_ns, &items[3]);
	delaystore_add(&d, START + turn_ns, &items[1]);
	delaystore_add(&d, START + turn_ns + 100 * MS, &items[2]);
	delaystore_add(&d, START + 100 * MS, &items[0]);
	for (unsigned int i = 0; i < 4; i++)
		cr_assert_eq(delaystore_due(&d, START + 5 * turn_ns), &items[i], "item %u", i);
	cr_assert_null(delaystore_due(&d, START + 5 * turn_ns));
}

Test(delaystore, a_full_store_refuses_and_has_room_again_when_one_has_left) {
	for (unsigned int i = 0; i < CAPACITY; i++)
		cr_assert(delaystore_add(&d, START + i * MS, &items[i]));
	cr_assert_not(delaystore_add(&d, START, &items[CAPACITY]));
	cr_assert_eq(d.nb, CAPACITY);
	cr_assert_eq(delaystore_due(&d, START), &items[0]);
	cr_assert(delaystore_add(&d, START + 2 * SECOND, &items[CAPACITY]));
	cr_assert_not(delaystore_add(&d, START, &items[0]));
}

Test(delaystore, whatever_waits_can_be_taken_at_the_end) {
	delaystore_add(&d, START + 500 * SECOND, &items[0]);
	delaystore_add(&d, START + 20 * MS, &items[1]);
	cr_assert_null(delaystore_due(&d, START + MS));
	unsigned int nb = 0;
	while (delaystore_drain(&d) != NULL)
		nb++;
	cr_assert_eq(nb, 2);
	cr_assert_eq(d.nb, 0);
}

// Against a plain search for the first of the earliest.
Test(delaystore, a_million_random_steps_give_what_sorting_gives) {
	static uint64_t at_ns[CAPACITY], age[CAPACITY];
	static bool is_in[CAPACITY];
	uint64_t random = 1, now_ns = START, nb_added = 0;
	for (unsigned int step = 0; step < 1000000; step++) {
		random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
		unsigned int i = (unsigned int)(random >> 33) % 24;
		if (!is_in[i]) {
			is_in[i] = true;
			age[i] = nb_added++;
			at_ns[i] =
				now_ns + (random >> 40) % 7 * ((random >> 50) % 3 ? 500 : 600 * MS);
			cr_assert(delaystore_add(&d, at_ns[i], &items[i]));
			continue;
		}
		now_ns += (random >> 20) % 4000;
		unsigned int first = CAPACITY;
		for (unsigned int k = 0; k < 24; k++) {
			bool is_due = is_in[k] && at_ns[k] <= now_ns;
			if (is_due && (first == CAPACITY || at_ns[k] < at_ns[first] ||
					      (at_ns[k] == at_ns[first] && age[k] < age[first])))
				first = k;
		}
		int *got = delaystore_due(&d, now_ns);
		cr_assert_eq(got, first == CAPACITY ? NULL : &items[first], "step %u", step);
		if (got)
			is_in[first] = false;
	}
}
