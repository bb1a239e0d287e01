#include "app/recorded.h"

#include <criterion/criterion.h>

#include <stdlib.h>

static struct recorded r, look;
static struct recorded_queue *q;

static void set_up(void) {
	recorded_init(&r);
	q = recorded_queue_create(&r);
	cr_assert(q);
}

TestSuite(recorded, .init = set_up);

static void add(uint64_t position, uint64_t end) {
	const struct recorded_entry e = {
		.position = position, .end = end, .conditions = CONDITION_BIT(CONDITION_WORKS)};
	recorded_queue_add(q, &e);
}

static bool is_done(uint64_t position) {
	return progress_has(&r.done, position);
}

Test(recorded, one_that_was_forbidden_is_done_without_a_record) {
	const struct recorded_entry e = {.position = 0, .end = 0, .is_blocked = true};
	recorded_queue_add(q, &e);
	recorded_settle(q);
	cr_assert(is_done(0));
	cr_assert_eq(r.counts.nb_blocked, 1);
	cr_assert_eq(r.counts.nb_records, 0);
}

Test(recorded, a_target_counts_when_its_line_is_written) {
	add(0, 100);
	add(1, 200);
	cr_assert_not(is_done(0));
	recorded_written(q, 150, 1150);
	cr_assert(is_done(0));
	cr_assert_not(is_done(1));
	cr_assert_eq(r.file_octets, 1150);
	cr_assert_eq(r.counts.nb_records, 1);
	recorded_written(q, 200, 1200);
	cr_assert(is_done(1));
	cr_assert_eq(r.counts.nb_by_condition[CONDITION_WORKS], 2);
	cr_assert(recorded_queue_is_empty(q));
}

Test(recorded, targets_without_a_line_need_no_turn_and_move_no_place) {
	add(7, 0);
	recorded_settle(q);
	cr_assert(is_done(7));
	cr_assert_eq(r.file_octets, 0);
}

Test(recorded, placebos_are_counted_and_are_no_position) {
	const struct recorded_entry e = {
		.position = 3, .conditions = CONDITION_BIT(CONDITION_BROKEN), .is_placebo = true};
	recorded_queue_add(q, &e);
	recorded_settle(q);
	cr_assert_not(is_done(3));
	cr_assert_eq(r.counts.nb_records, 0);
	cr_assert_eq(r.counts.nb_placebos_broken, 1);
}

Test(recorded, two_queues_fill_one_set) {
	struct recorded_queue *other = recorded_queue_create(&r);
	const struct recorded_entry e = {.position = 0, .end = 10};
	recorded_queue_add(other, &e);
	add(1, 10);
	recorded_written(q, 10, 10);
	cr_assert_not(is_done(0));
	recorded_written(other, 10, 20);
	cr_assert_eq(progress_low(&r.done), 2);
}

Test(recorded, a_look_is_a_copy) {
	add(0, 10);
	recorded_written(q, 10, 10);
	cr_assert(recorded_look(&r, &look));
	add(1, 20);
	recorded_written(q, 20, 20);
	cr_assert(progress_has(&look.done, 0));
	cr_assert_not(progress_has(&look.done, 1));
	cr_assert_eq(look.file_octets, 10);
}

Test(recorded, positions_without_a_record_are_done) {
	static const uint64_t positions[] = {0, 1, 5};
	recorded_skip(&r, positions, 3);
	cr_assert_eq(progress_low(&r.done), 2);
	cr_assert_eq(r.counts.nb_records, 0);
}

Test(recorded, a_queue_says_when_it_is_full) {
	for (unsigned int i = 0; i < RECORDED_QUEUE; i++) {
		cr_assert_not(recorded_queue_is_full(q));
		add(i, i + 1);
	}
	cr_assert(recorded_queue_is_full(q));
	recorded_written(q, 1, 1);
	cr_assert_not(recorded_queue_is_full(q));
}

Test(recorded, what_cannot_be_kept_is_told) {
	add(PROGRESS_MAX_SPAN, 1);
	recorded_written(q, 1, 1);
	cr_assert(r.has_failed);
}
