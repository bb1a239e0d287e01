// Pieces of text against those of the C library.
#include "lib/tfo/jsonfast.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

static char buf[64 + FAST_SLACK_OCTETS];

static void expect(const char *end, const char *text) {
	size_t len = (size_t)(end - buf);
	cr_assert_lt(len, 64);
	cr_assert_eq(len, strlen(text), "%s", text);
	cr_assert_eq(memcmp(buf, text, len), 0, "%.*s instead of %s", (int)len, buf, text);
}

static void expect_number(uint32_t v) {
	char text[16];
	snprintf(text, sizeof(text), "%" PRIu32, v);
	memset(buf, 'x', sizeof(buf));
	expect(fast_u32(buf, v), text);
}

Test(jsonfast, every_octet_is_written) {
	for (unsigned int v = 0; v <= UINT8_MAX; v++) {
		char text[16];
		snprintf(text, sizeof(text), "%u", v);
		expect(fast_u8(buf, (uint8_t)v), text);
	}
}

Test(jsonfast, numbers_at_every_power_of_ten_are_written) {
	for (uint64_t power = 1; power <= UINT32_MAX; power *= 10) {
		for (uint64_t v = power - 1; v <= power + 1; v++)
			expect_number((uint32_t)v);
		expect_number((uint32_t)(power / 2));
	}
	expect_number(UINT32_MAX);
	expect_number(UINT32_MAX - 1);
}

Test(jsonfast, numbers_all_over_the_range_are_written) {
	for (uint64_t v = 0; v <= UINT32_MAX; v += 9973)
		expect_number((uint32_t)v);
	for (uint32_t v = 0; v < 1000000; v++)
		expect_number(v);
}

Test(jsonfast, microseconds_have_six_digits) {
	for (uint32_t v = 0; v < 1000000; v++) {
		char text[16];
		snprintf(text, sizeof(text), "%06" PRIu32, v);
		expect(fast_six(buf, v), text);
	}
}

Test(jsonfast, texts_are_as_long_as_they_say) {
	static const struct fast_piece piece = FAST_PIECE(",\"a\":");
	static const char text[64] = "\"quoted\" and more";
	expect(fast_piece(buf, &piece), ",\"a\":");
	expect(fast_text64(buf, text, 8), "\"quoted\"");
	expect(FAST_LITERAL(buf, "null"), "null");
}

Test(jsonfast, an_ipv4_address_has_dots) {
	expect(fast_addr4(buf, (const uint8_t[]){192, 0, 2, 255}), "192.0.2.255");
	expect(fast_addr4(buf, (const uint8_t[]){0, 10, 100, 1}), "0.10.100.1");
}
