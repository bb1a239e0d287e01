#include "lib/tcpstack/seq.h"

#include <criterion/criterion.h>

static void is_before(uint32_t a, uint32_t b) {
	cr_assert(seq_before(a, b), "%u before %u", a, b);
	cr_assert_not(seq_before(b, a), "not %u before %u", b, a);
	cr_assert(seq_after(b, a), "%u after %u", b, a);
	cr_assert_not(seq_after(a, b), "not %u after %u", a, b);
}

Test(seq, a_number_is_neither_before_nor_after_itself) {
	static const uint32_t numbers[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		cr_assert_not(seq_before(numbers[i], numbers[i]));
		cr_assert_not(seq_after(numbers[i], numbers[i]));
	}
}

Test(seq, smaller_numbers_are_before_larger_ones) {
	is_before(0, 1);
	is_before(1000, 2460);
	is_before(0x7fffffff, 0x80000000);
}

Test(seq, last_number_is_before_zero) {
	is_before(0xffffffff, 0);
	is_before(0xfffffff0, 0x10);
}

Test(seq, order_holds_up_to_half_the_circle) {
	is_before(0, 0x7fffffff);
	is_before(0x80000001, 0);
	is_before(0xffffffff, 0x7ffffffe);
}

Test(seq, difference_counts_across_the_wrap) {
	cr_assert_eq(seq_diff(5, 3), 2);
	cr_assert_eq(seq_diff(3, 5), -2);
	cr_assert_eq(seq_diff(4, 0xfffffffe), 6);
	cr_assert_eq(seq_diff(0xfffffffe, 4), -6);
}
