// Options as they stand in a SYN-ACK; the tcpdump line is above them where tcpdump prints one.
#include "lib/tfo/cookie.h"

#include <criterion/criterion.h>

static struct cookie_offer offer_of(const uint8_t *options, size_t len) {
	struct cookie_offer offer;
	// an exact block, so that a read past its end is seen
	uint8_t *block = len > 0 ? malloc(len) : NULL;
	if (len > 0)
		memcpy(block, options, len);
	memset(&offer, 0xaa, sizeof(offer));
	cookie_read(block, len, &offer);
	free(block);
	return offer;
}

#define OFFER(...) offer_of((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void expect_cookie(const struct cookie_offer *o, enum cookie_option option,
	const uint8_t *octets, uint8_t len) {
	cr_expect_eq(o->option, option);
	cr_expect_eq(o->cookie.len_octets, len);
	cr_expect_arr_eq(o->cookie.octets, octets, len);
	cr_expect_eq(o->raw_octets, len);
	cr_expect(!o->is_empty && !o->is_malformed);
}

static void expect_malformed(const struct cookie_offer *o, enum cookie_option option, uint8_t raw) {
	cr_expect_eq(o->option, option);
	cr_expect(o->is_malformed && !o->is_empty);
	cr_expect_eq(o->cookie.len_octets, 0);
	cr_expect_eq(o->raw_octets, raw);
}

Test(cookie, no_option_is_no_offer) {
	struct cookie_offer none = offer_of(NULL, 0);
	cr_expect_eq(none.option, COOKIE_OPTION_NONE);
	// [mss 1460,nop,wscale 7]
	struct cookie_offer others = OFFER(2, 4, 0x05, 0xb4, 1, 3, 3, 7);
	cr_expect_eq(others.option, COOKIE_OPTION_NONE);
	cr_expect(!others.is_empty && !others.is_malformed && !others.is_duplicate);
	cr_expect_eq(others.cookie.len_octets, 0);
}

// [mss 1460,nop,nop,tfo  cookie c001020304050607]
Test(cookie, eight_octets_are_a_cookie) {
	static const uint8_t cookie[] = {0xc0, 1, 2, 3, 4, 5, 6, 7};
	struct cookie_offer o = OFFER(2, 4, 0x05, 0xb4, 1, 1, 34, 10, 0xc0, 1, 2, 3, 4, 5, 6, 7);
	expect_cookie(&o, COOKIE_OPTION_KIND34, cookie, sizeof(cookie));
	cr_expect(!o.is_duplicate);
}

Test(cookie, four_to_sixteen_even_octets_are_a_cookie_and_no_other_number_is) {
	for (uint8_t len = 1; len <= 38; len++) {
		uint8_t options[40] = {34, (uint8_t)(2 + len)};
		for (uint8_t i = 0; i < len; i++)
			options[2 + i] = (uint8_t)(i + 1);
		struct cookie_offer o = offer_of(options, 2u + len);
		if (len >= 4 && len <= 16 && len % 2 == 0)
			expect_cookie(&o, COOKIE_OPTION_KIND34, options + 2, len);
		else
			expect_malformed(&o, COOKIE_OPTION_KIND34, len);
	}
}

Test(cookie, a_cookie_of_zeros_is_a_cookie) {
	static const uint8_t zeros[8] = {0};
	struct cookie_offer o = OFFER(34, 10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1);
	expect_cookie(&o, COOKIE_OPTION_KIND34, zeros, sizeof(zeros));
}

// RFC 7413 with errata 4238 and 4239: an empty option has the length 2.
Test(cookie, an_option_without_octets_is_empty_and_not_malformed) {
	struct cookie_offer o = OFFER(34, 2, 1, 1);
	cr_expect_eq(o.option, COOKIE_OPTION_KIND34);
	cr_expect(o.is_empty && !o.is_malformed);
	cr_expect_eq(o.cookie.len_octets, 0);
	cr_expect_eq(o.raw_octets, 0);
}

Test(cookie, a_length_of_zero_or_one_is_malformed) {
	struct cookie_offer zero = OFFER(34, 0, 1, 2, 3, 4, 5, 6);
	expect_malformed(&zero, COOKIE_OPTION_KIND34, 0);
	struct cookie_offer one = OFFER(34, 1, 1, 2, 3, 4, 5, 6);
	expect_malformed(&one, COOKIE_OPTION_KIND34, 0);
}

Test(cookie, an_option_past_the_end_of_the_header_is_malformed) {
	struct cookie_offer cut = OFFER(1, 1, 34, 10, 1, 2, 3, 4);
	expect_malformed(&cut, COOKIE_OPTION_KIND34, 0);
	struct cookie_offer bare = OFFER(1, 1, 1, 34);
	expect_malformed(&bare, COOKIE_OPTION_KIND34, 0);
	struct cookie_offer experimental = OFFER(254, 12, 0xf9, 0x89);
	expect_malformed(&experimental, COOKIE_OPTION_KIND254, 0);
}

Test(cookie, another_option_past_the_end_is_none_of_ours) {
	struct cookie_offer mss = OFFER(1, 1, 2, 10);
	cr_expect_eq(mss.option, COOKIE_OPTION_NONE);
	struct cookie_offer foreign = OFFER(254, 12, 0xf9, 0x88);
	cr_expect_eq(foreign.option, COOKIE_OPTION_NONE);
	struct cookie_offer short_254 = OFFER(1, 254, 12, 0xf9);
	cr_expect_eq(short_254.option, COOKIE_OPTION_NONE);
	struct cookie_offer bare_254 = OFFER(1, 1, 1, 254);
	cr_expect_eq(bare_254.option, COOKIE_OPTION_NONE);
}

Test(cookie, nothing_behind_the_end_of_the_list_counts) {
	struct cookie_offer o = OFFER(0, 34, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1);
	cr_expect_eq(o.option, COOKIE_OPTION_NONE);
}

Test(cookie, an_id_that_ends_behind_the_header_is_not_read) {
	static const uint8_t options[] = {254, 3, 0xf9, 0x89, 254, 12, 0xf9, 0x89};
	struct cookie_offer o;
	cookie_read(options, 3, &o);
	cr_expect_eq(o.option, COOKIE_OPTION_NONE);
	cookie_read(options + 4, 3, &o);
	cr_expect_eq(o.option, COOKIE_OPTION_NONE);
}

// [mss 1460,exp-tfo cookie c001020304050607]
Test(cookie, the_experimental_form_is_kind_254_with_its_id) {
	static const uint8_t cookie[] = {0xc0, 1, 2, 3, 4, 5, 6, 7};
	struct cookie_offer o =
		OFFER(2, 4, 0x05, 0xb4, 254, 12, 0xf9, 0x89, 0xc0, 1, 2, 3, 4, 5, 6, 7);
	expect_cookie(&o, COOKIE_OPTION_KIND254, cookie, sizeof(cookie));
}

Test(cookie, the_experimental_form_follows_the_same_lengths) {
	struct cookie_offer empty = OFFER(254, 4, 0xf9, 0x89);
	cr_expect(empty.is_empty && !empty.is_malformed);
	cr_expect_eq(empty.option, COOKIE_OPTION_KIND254);
	struct cookie_offer odd = OFFER(254, 9, 0xf9, 0x89, 1, 2, 3, 4, 5, 1, 1, 1);
	expect_malformed(&odd, COOKIE_OPTION_KIND254, 5);
}

Test(cookie, kind_253_and_255_and_foreign_ids_are_not_fast_open) {
	struct cookie_offer k253 = OFFER(253, 8, 0xf9, 0x89, 1, 2, 3, 4);
	cr_expect_eq(k253.option, COOKIE_OPTION_NONE);
	struct cookie_offer k255 = OFFER(255, 8, 0xf9, 0x89, 1, 2, 3, 4);
	cr_expect_eq(k255.option, COOKIE_OPTION_NONE);
	struct cookie_offer foreign = OFFER(254, 8, 0x89, 0xf9, 1, 2, 3, 4);
	cr_expect_eq(foreign.option, COOKIE_OPTION_NONE);
	struct cookie_offer no_id = OFFER(254, 3, 0xf9, 1);
	cr_expect_eq(no_id.option, COOKIE_OPTION_NONE);
}

Test(cookie, of_two_options_the_last_counts) {
	static const uint8_t second[] = {5, 6, 7, 8};
	struct cookie_offer o = OFFER(34, 6, 1, 2, 3, 4, 34, 6, 5, 6, 7, 8);
	expect_cookie(&o, COOKIE_OPTION_KIND34, second, sizeof(second));
	cr_expect(o.is_duplicate);

	struct cookie_offer mixed = OFFER(34, 6, 1, 2, 3, 4, 254, 8, 0xf9, 0x89, 5, 6, 7, 8);
	expect_cookie(&mixed, COOKIE_OPTION_KIND254, second, sizeof(second));
	cr_expect(mixed.is_duplicate);

	struct cookie_offer mended = OFFER(34, 5, 1, 2, 3, 34, 6, 5, 6, 7, 8, 1);
	expect_cookie(&mended, COOKIE_OPTION_KIND34, second, sizeof(second));
	cr_expect(mended.is_duplicate);
}

Test(cookie, a_malformed_last_option_takes_the_first_away) {
	struct cookie_offer brief = OFFER(34, 6, 1, 2, 3, 4, 34, 4, 5, 6, 1, 1);
	expect_malformed(&brief, COOKIE_OPTION_KIND34, 2);
	cr_expect(brief.is_duplicate);
	struct cookie_offer cut = OFFER(34, 6, 1, 2, 3, 4, 34, 6, 5, 6);
	expect_malformed(&cut, COOKIE_OPTION_KIND34, 0);
	cr_expect(cut.is_duplicate);
}

// Linux's client keeps the first one, and its data are taken.
Test(cookie, a_last_option_of_an_odd_length_is_passed_over) {
	static const uint8_t first[] = {1, 2, 3, 4};
	struct cookie_offer odd = OFFER(34, 6, 1, 2, 3, 4, 34, 5, 5, 6, 7, 1);
	cr_expect_eq(odd.option, COOKIE_OPTION_KIND34);
	cr_expect_eq(odd.cookie.len_octets, sizeof(first));
	cr_expect_arr_eq(odd.cookie.octets, first, sizeof(first));
	cr_expect(odd.is_duplicate && odd.is_malformed);
}

// [tfo  cookiereq,nop,nop]
Test(cookie, a_request_is_an_empty_option_and_two_nops) {
	static const uint8_t want[] = {34, 2, 1, 1};
	static const struct cookie none = {0};
	uint8_t buf[COOKIE_OPTION_MAX_OCTETS];
	cr_assert_eq(cookie_option_write(&none, buf), sizeof(want));
	cr_expect_arr_eq(buf, want, sizeof(want));
}

Test(cookie, what_is_written_is_read_again_at_every_length) {
	for (uint8_t len = COOKIE_MIN_OCTETS; len <= COOKIE_MAX_OCTETS; len += 2) {
		struct cookie sent = {.len_octets = len};
		for (uint8_t i = 0; i < len; i++)
			sent.octets[i] = (uint8_t)(0xf0 + i);
		uint8_t buf[COOKIE_OPTION_MAX_OCTETS];
		size_t octets = cookie_option_write(&sent, buf);
		cr_expect_eq(octets % 4, 0);
		cr_expect_leq(octets, COOKIE_OPTION_MAX_OCTETS);
		cr_expect_lt(octets, len + 2u + 4u, "no more padding than is needed");
		struct cookie_offer o = offer_of(buf, octets);
		expect_cookie(&o, COOKIE_OPTION_KIND34, sent.octets, len);
	}
}

Test(cookie, cookies_are_equal_by_length_and_octets) {
	struct cookie a = {.len_octets = 4, .octets = {1, 2, 3, 4}};
	struct cookie same = {.len_octets = 4, .octets = {1, 2, 3, 4, 9}};
	struct cookie other = {.len_octets = 4, .octets = {1, 2, 3, 5}};
	struct cookie longer = {.len_octets = 6, .octets = {1, 2, 3, 4}};
	struct cookie none = {0}, none_either = {.octets = {1}};
	cr_expect(cookie_equal(&a, &same));
	cr_expect(!cookie_equal(&a, &other));
	cr_expect(!cookie_equal(&a, &longer));
	cr_expect(!cookie_equal(&a, &none));
	cr_expect(cookie_equal(&none, &none_either));
}
