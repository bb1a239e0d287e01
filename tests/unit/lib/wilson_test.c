#include "lib/wilson.h"

#include <criterion/criterion.h>

static void expect(uint64_t hits, uint64_t trials, double low, double high) {
	struct wilson w = wilson(hits, trials);
	cr_expect_float_eq(w.low, low, 5e-5, "%lu of %lu: %f", hits, trials, w.low);
	cr_expect_float_eq(w.high, high, 5e-5, "%lu of %lu: %f", hits, trials, w.high);
}

// Values of Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
Test(wilson, agrees_with_published_values) {
	expect(81, 263, 0.2553, 0.3662);
	expect(15, 148, 0.0624, 0.1605);
	expect(0, 20, 0.0, 0.1611);
	expect(1, 29, 0.0061, 0.1718);
}

Test(wilson, knows_nothing_of_what_was_not_tried) {
	expect(0, 0, 0, 1);
}

Test(wilson, stays_between_0_and_1) {
	expect(20, 20, 0.8389, 1.0);
	struct wilson w = wilson(UINT64_C(1) << 40, UINT64_C(1) << 40);
	cr_expect_leq(w.low, 1);
	cr_expect_geq(w.high, w.low);
	cr_expect_eq(w.high, 1);
}
