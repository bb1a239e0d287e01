#include "lib/ramp.h"

#include <criterion/criterion.h>

#define MS UINT64_C(1000000)

// A path that gives back no more than capacity frames a second, asked every 10 ms. Returns the rate
// at the end; *highest is the highest on the way.
static double climb(double start, double share, double capacity, unsigned int seconds,
	bool is_limited, double *highest) {
	struct ramp r;
	double received = 0;
	ramp_init(&r, start, 0);
	*highest = start;
	for (uint64_t now = 0; now < seconds * 1000 * MS; now += 10 * MS) {
		double back = r.rate * share;
		received += (back < capacity ? back : capacity) / 100;
		if (is_limited)
			ramp_note_limited(&r);
		ramp_step(&r, now, (uint64_t)received);
		if (r.rate > *highest)
			*highest = r.rate;
	}
	return r.rate;
}

Test(ramp, it_settles_near_the_capacity_of_the_path) {
	double highest, rate = climb(50000, 0.75, 100000, 20, true, &highest);
	// 100,000 come back for 133,000 sent
	cr_assert_gt(rate, 100000);
	cr_assert_lt(rate, 180000);
	cr_assert_leq(highest, 200000);
}

Test(ramp, it_doubles_while_more_brings_more) {
	double highest, rate = climb(50000, 0.1, 1e12, 5, true, &highest);
	cr_assert_geq(rate, 50000 * 256);
}

Test(ramp, it_climbs_where_nothing_ever_answers) {
	double highest, rate = climb(50000, 0, 1e12, 5, true, &highest);
	cr_assert_geq(rate, 50000 * 256);
}

Test(ramp, it_stays_where_the_rate_is_not_what_holds_back) {
	double highest, rate = climb(50000, 0.75, 1e12, 5, false, &highest);
	cr_assert_float_eq(rate, 50000, 1);
}

Test(ramp, it_never_falls_below_its_start) {
	double highest, rate = climb(50000, 0.75, 1000, 20, true, &highest);
	cr_assert_geq(rate, 50000);
	cr_assert_leq(highest, 100000);
}

Test(ramp, it_yields_when_the_path_collapses_at_a_steady_rate) {
	struct ramp r;
	double received = 0, before = 0;
	ramp_init(&r, 50000, 0);
	for (uint64_t now = 0; now < 3000 * MS; now += 10 * MS) {
		double back = r.rate * 0.75;
		bool has_collapsed = r.hold_until_ns > now && r.rate > 90000;
		if (has_collapsed && before == 0)
			before = r.rate;
		received += (before > 0 ? 20000 : back < 80000 ? back : 80000) / 100;
		ramp_note_limited(&r);
		ramp_step(&r, now, (uint64_t)received);
	}
	cr_assert_gt(before, 0);
	cr_assert_lt(r.rate, before);
}
