// What a worker says of a target, in the forms in which it is handed over.
#include "lib/tfo/record.h"

#include <criterion/criterion.h>

static const struct ip_addr them = {.octets = {0x20, 0x01, 0x0d, 0xb8, [15] = 4}};

Test(record, a_silent_target_is_offline) {
	struct record r;
	record_of_silence(&them, 53, 1, 2, &r);
	cr_expect(r.is_silent);
	cr_expect_eq(r.conditions, CONDITION_BIT(CONDITION_OFFLINE));
	cr_expect_eq(r.port, 53);
	cr_expect_eq(r.from_ns, 1);
	cr_expect_eq(r.to_ns, 2);
}

Test(record, the_short_form_of_a_silent_target_says_the_same) {
	struct record_short s = {.addr = them, .from_ns = 1, .to_ns = 2, .port = 53};
	struct record r, of_short;
	record_of_silence(&them, 53, 1, 2, &r);
	record_of_short(&s, &of_short);
	cr_expect_arr_eq(&of_short, &r, sizeof(r));
	s.job = 7;
	s.index = UINT64_MAX;
	record_of_short(&s, &of_short);
	cr_expect_eq(of_short.job, 7);
	cr_expect_eq(of_short.index, UINT64_MAX);
}
