#include "lib/wheel.h"

#include <criterion/criterion.h>

#define MS UINT64_C(1000000)
#define START (UINT64_C(1700000000) * 1000 * MS)
#define NB_ITEMS 1000u

static struct wheel wheel;
static struct wheel_node nodes[NB_ITEMS];

static void set_up(void) {
	wheel_init(&wheel, nodes, NB_ITEMS, START);
}

TestSuite(wheel, .init = set_up);

Test(wheel, a_timer_fires_at_its_time_and_not_before) {
	wheel_set(&wheel, 7, START + 500 * MS);
	cr_assert_eq(wheel_expired(&wheel, START + 500 * MS - 1), WHEEL_NONE);
	cr_assert_eq(wheel_expired(&wheel, START + 500 * MS), 7);
	cr_assert_eq(wheel_expired(&wheel, START + 900 * MS), WHEEL_NONE);
}

Test(wheel, a_timer_is_set_until_it_fires_or_is_cancelled) {
	cr_assert_not(wheel_is_set(&wheel, 7));
	wheel_set(&wheel, 7, START + 500 * MS);
	cr_assert(wheel_is_set(&wheel, 7));
	wheel_cancel(&wheel, 7);
	cr_assert_not(wheel_is_set(&wheel, 7));
	wheel_set(&wheel, 7, START + 500 * MS);
	cr_assert_eq(wheel_expired(&wheel, START + 600 * MS), 7);
	cr_assert_not(wheel_is_set(&wheel, 7));
}

Test(wheel, a_time_between_two_ticks_fires_at_the_second) {
	wheel_set(&wheel, 3, START + 10 * MS + 1);
	cr_assert_eq(wheel_expired(&wheel, START + 10 * MS + 1), WHEEL_NONE);
	cr_assert_eq(wheel_expired(&wheel, START + 11 * MS), 3);
}

Test(wheel, a_time_that_has_passed_fires_at_once) {
	cr_assert_eq(wheel_expired(&wheel, START + 100 * MS), WHEEL_NONE);
	wheel_set(&wheel, 1, START + 5 * MS);
	cr_assert_eq(wheel_expired(&wheel, START + 100 * MS), 1);
}

Test(wheel, a_cancelled_timer_does_not_fire) {
	wheel_set(&wheel, 1, START + MS);
	wheel_set(&wheel, 2, START + MS);
	wheel_set(&wheel, 3, START + MS);
	wheel_cancel(&wheel, 2);
	wheel_cancel(&wheel, 2);
	unsigned int sum = 0, item;
	while ((item = wheel_expired(&wheel, START + 2 * MS)) != WHEEL_NONE)
		sum += item;
	cr_assert_eq(sum, 4);
}

Test(wheel, a_timer_that_is_set_again_fires_once_at_the_new_time) {
	wheel_set(&wheel, 5, START + 10 * MS);
	wheel_set(&wheel, 5, START + 30 * MS);
	cr_assert_eq(wheel_expired(&wheel, START + 20 * MS), WHEEL_NONE);
	cr_assert_eq(wheel_expired(&wheel, START + 30 * MS), 5);
	cr_assert_eq(wheel_expired(&wheel, START + 30 * MS), WHEEL_NONE);
}

Test(wheel, a_timer_beyond_the_horizon_fires_at_the_horizon) {
	uint64_t horizon = START + (WHEEL_TICKS - 1) * MS;
	wheel_set(&wheel, 9, START + 3600 * 1000 * MS);
	cr_assert_eq(wheel_expired(&wheel, horizon - MS), WHEEL_NONE);
	cr_assert_eq(wheel_expired(&wheel, horizon), 9);
}

Test(wheel, all_fire_once_in_the_order_of_their_ticks_over_several_turns) {
	for (unsigned int i = 0; i < NB_ITEMS; i++)
		wheel_set(&wheel, i, START + (i * 37 % 16000) * MS);
	uint64_t last = 0;
	unsigned int nb = 0;
	for (uint64_t now = START; now < START + 40000 * MS; now += 250 * MS) {
		unsigned int item;
		while ((item = wheel_expired(&wheel, now)) != WHEEL_NONE) {
			uint64_t due = item * 37 % 16000;
			cr_assert_geq(due, last);
			cr_assert_leq(START + due * MS, now);
			last = due;
			nb++;
		}
	}
	cr_assert_eq(nb, NB_ITEMS);
}

Test(wheel, a_timer_set_at_latest_moves_forward_and_never_back) {
	wheel_set_at_latest(&wheel, 5, START + 30 * MS);
	wheel_set_at_latest(&wheel, 5, START + 50 * MS);
	wheel_set_at_latest(&wheel, 6, START + 50 * MS);
	wheel_set_at_latest(&wheel, 6, START + 30 * MS);
	cr_assert_eq(wheel_expired(&wheel, START + 30 * MS - 1), WHEEL_NONE);
	unsigned int sum = 0, item;
	while ((item = wheel_expired(&wheel, START + 30 * MS)) != WHEEL_NONE)
		sum += item;
	cr_assert_eq(sum, 11);
	cr_assert_eq(wheel_expired(&wheel, START + 50 * MS), WHEEL_NONE);
}

Test(wheel, a_timer_set_at_latest_is_right_beyond_the_first_turn) {
	uint64_t turn = WHEEL_TICKS * MS;
	cr_assert_eq(wheel_expired(&wheel, START + turn - 5 * MS), WHEEL_NONE);
	wheel_set_at_latest(&wheel, 5, START + turn + 10 * MS);
	wheel_set_at_latest(&wheel, 5, START + turn + 7 * MS);
	wheel_set_at_latest(&wheel, 5, START + turn + 20 * MS);
	cr_assert_eq(wheel_expired(&wheel, START + turn + 7 * MS - 1), WHEEL_NONE);
	cr_assert_eq(wheel_expired(&wheel, START + turn + 7 * MS), 5);
}

Test(wheel, an_empty_wheel_begins_again_at_any_time) {
	uint64_t later = START + 1000 * WHEEL_TICKS * MS;
	wheel_set(&wheel, 5, START + MS);
	wheel_cancel(&wheel, 5);
	wheel_restart(&wheel, later);
	wheel_set(&wheel, 5, later + 10 * MS);
	cr_assert_eq(wheel_expired(&wheel, later + 10 * MS - 1), WHEEL_NONE);
	cr_assert_eq(wheel_expired(&wheel, later + 10 * MS), 5);
}
