// Pieces of JSON text, octet for octet.
#include "lib/tfo/jsonput.h"

#include "lib/tfo/conditions.h"

#include <criterion/criterion.h>
#include <time.h>

#define DAY_NS UINT64_C(86400000000000)

static char buf[8192];

static void expect(const char *end, const char *text) {
	size_t len = (size_t)(end - buf);
	cr_assert_lt(len, sizeof(buf));
	buf[len] = '\0';
	cr_expect_str_eq(buf, text);
}

Test(jsonput, numbers_of_every_length_are_written) {
	expect(put_number(buf, 0), "0");
	expect(put_number(buf, 10), "10");
	expect(put_number(buf, UINT64_MAX), "18446744073709551615");
}

Test(jsonput, addresses_are_written_as_rfc_5952_has_them) {
	struct ip_addr v4 = {.octets = {[10] = 0xff, [11] = 0xff, 192, 0, 2, 1}};
	struct ip_addr v6 = {.octets = {0x20, 1, 0xd, 0xb8, [15] = 1}};
	expect(put_addr(buf, &v4), "192.0.2.1");
	expect(put_quoted_addr(buf, &v6), "\"2001:db8::1\"");
}

Test(jsonput, members_begin_with_a_comma) {
	expect(put_member(buf, "a", 7, false), ",\"a\":7");
	expect(put_member(buf, "a", 7, true), ",\"a\":null");
	expect(put_word_member(buf, "a", "b"), ",\"a\":\"b\"");
	expect(put_bool_member(buf, "a", true), ",\"a\":true");
	expect(put_bool_member(buf, "a", false), ",\"a\":false");
}

Test(jsonput, conditions_stand_in_their_order) {
	uint64_t set = CONDITION_BIT(CONDITION_ZERORTT_YES) | CONDITION_BIT(CONDITION_WORKS);
	expect(put_conditions(buf, set, false),
		",\"conditions\":[\"tfo.connectivity.works\",\"tfo.zerortt.yes\"]");
	expect(put_conditions(buf, set, true), ",\"conditions\":[\"tfo.connectivity.works\"]");
	expect(put_conditions(buf, 0, false), ",\"conditions\":[]");
}

Test(jsonput, times_are_utc_in_microseconds) {
	expect(put_time(buf, 0), "1970-01-01 00:00:00.000000");
	expect(put_time(buf, UINT64_C(1795435200123456789)), "2026-11-23 12:00:00.123456");
	expect(put_time_member(buf, 0, 1999),
		",\"time\":{\"from\":\"1970-01-01 00:00:00.000000\",\"to\":\"1970-01-01 "
		"00:00:00.000001\"}");
}

Test(jsonput, every_day_until_the_number_overflows_has_the_date_of_the_c_library) {
	for (uint64_t day = 0; day <= UINT64_MAX / DAY_NS; day++) {
		time_t seconds = (time_t)(day * 86400 + 86399);
		struct tm tm;
		gmtime_r(&seconds, &tm);
		char text[64];
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S.999999", &tm);
		if (day == UINT64_MAX / DAY_NS)
			break; // its end is beyond the number
		expect(put_time(buf, day * DAY_NS + DAY_NS - 1), text);
	}
}
