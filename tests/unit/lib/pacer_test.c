#include "lib/pacer.h"

#include <criterion/criterion.h>

#define MS UINT64_C(1000000)
#define START (UINT64_C(1700000000) * 1000 * MS)

// Frames that go out in a second if somebody asks every tick_ns, and owes so many more each time.
static double sent_in_a_second(double rate, uint64_t tick_ns, unsigned int owed_each) {
	struct pacer p;
	unsigned int nb = 0;
	pacer_init(&p, rate, START);
	for (uint64_t now = START; now < START + 1000 * MS; now += tick_ns) {
		while (nb < 10000000 && pacer_may_send(&p, now)) {
			for (unsigned int i = 0; i < 1 + owed_each; i++)
				pacer_charge(&p, now, 1);
			nb += 1 + owed_each;
		}
	}
	return nb;
}

Test(pacer, a_second_holds_the_rate_however_often_it_is_asked) {
	cr_assert_float_eq(sent_in_a_second(10000, 1000, 0), 10000, 60);
	cr_assert_float_eq(sent_in_a_second(10000, 3 * MS, 0), 10000, 60);
	cr_assert_float_eq(sent_in_a_second(1, 1000, 0), 1, 1);
}

Test(pacer, what_is_sent_unasked_is_owed) {
	cr_assert_float_eq(sent_in_a_second(10000, 1000, 13), 10000, 80);
}

Test(pacer, no_rate_is_no_limit) {
	struct pacer p;
	pacer_init(&p, 0, START);
	for (unsigned int i = 0; i < 1000; i++) {
		cr_assert(pacer_may_send(&p, START));
		pacer_charge(&p, START, 1);
	}
}

Test(pacer, a_pause_is_made_good_for_the_depth_of_the_bucket_only) {
	struct pacer p;
	pacer_init(&p, 100000, START);
	pacer_charge(&p, START, 1);
	uint64_t later = START + 10000 * MS;
	unsigned int nb = 0;
	while (pacer_may_send(&p, later)) {
		pacer_charge(&p, later, 1);
		nb++;
	}
	cr_assert_float_eq((double)nb, 100000 * (double)PACER_DEPTH_NS / 1e9, 2);
}

Test(pacer, a_day_at_the_highest_rate_does_not_overflow) {
	struct pacer p;
	pacer_init(&p, 1e8, START);
	uint64_t later = START + UINT64_C(86400) * 30 * 1000 * MS;
	pacer_charge(&p, later, 1);
	cr_assert(pacer_may_send(&p, later));
	pacer_charge(&p, later + 1, 1);
	cr_assert_gt(p.paid_until_ps, (later - START) * 1000 - PACER_DEPTH_NS * 1000);
}

Test(pacer, what_is_owed_at_one_rate_is_paid_at_the_next) {
	struct pacer p;
	pacer_init(&p, 1000, 0);
	pacer_charge(&p, 10 * MS, 100); // 95 ms behind the depth of the bucket
	pacer_set_rate(&p, 100000, 10 * MS);
	cr_assert_not(pacer_may_send(&p, 10 * MS));
	cr_assert(pacer_may_send(&p, 11 * MS));
	pacer_charge(&p, 11 * MS, 1000);
	pacer_set_rate(&p, 1000, 11 * MS);
	cr_assert_not(pacer_may_send(&p, 500 * MS));
	cr_assert(pacer_may_send(&p, 1100 * MS));
}
