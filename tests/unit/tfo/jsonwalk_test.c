// The strict walk over one JSON object. A text is given with its length: it may hold NUL.
#include "lib/tfo/jsonwalk.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPEN_8 "[[[[[[[["
#define CLOSE_8 "]]]]]]]]"
#define OPEN_31 OPEN_8 OPEN_8 OPEN_8 "[[[[[[["
#define CLOSE_31 CLOSE_8 CLOSE_8 CLOSE_8 "]]]]]]]"

// The step after the last member; the text stands at the end of a heap block, for the sanitizer.
static enum jsonwalk_step last_step(const char *text, size_t len) {
	char *copy = malloc(len + (len == 0));
	memcpy(copy, text, len);
	struct jsonwalk walk = jsonwalk_begin(copy, len);
	struct json_span key, value;
	enum jsonwalk_step step;
	do
		step = jsonwalk_next(&walk, &key, &value);
	while (step == JSONWALK_MEMBER);
	cr_expect_eq(jsonwalk_next(&walk, &key, &value), step, "every further call answers alike");
	free(copy);
	return step;
}

static void expect_span(const struct json_span *span, const char *expected) {
	cr_expect_eq(span->len_octets, strlen(expected), "%s", expected);
	cr_expect_arr_eq(span->start, expected, strlen(expected), "%s", expected);
}

Test(jsonwalk, members_come_in_order_and_raw) {
	static const char text[] =
		" { \"a\" : 1 ,\t\"b c\":[ 1, {\"d\":\"}\"} ] ,\"\":\"\\\"\\u00e9\"\r\n} ";
	struct jsonwalk walk = jsonwalk_begin(text, strlen(text));
	struct json_span key, value;

	cr_assert_eq(jsonwalk_next(&walk, &key, &value), JSONWALK_MEMBER);
	expect_span(&key, "\"a\"");
	expect_span(&value, "1");
	cr_assert_eq(jsonwalk_next(&walk, &key, &value), JSONWALK_MEMBER);
	expect_span(&key, "\"b c\"");
	expect_span(&value, "[ 1, {\"d\":\"}\"} ]");
	cr_assert_eq(jsonwalk_next(&walk, &key, &value), JSONWALK_MEMBER);
	expect_span(&key, "\"\"");
	expect_span(&value, "\"\\\"\\u00e9\"");
	cr_assert_eq(jsonwalk_next(&walk, &key, &value), JSONWALK_END);
}

static const char *const good_values[] = {
	"0",
	"-0",
	"10",
	"-1.5",
	"1e9",
	"1E+9",
	"0.0e-0",
	"true",
	"false",
	"null",
	"[]",
	"{}",
	"[ ]",
	"{ }",
	"[1,2]",
	"[[],{}]",
	"{\"a\":{\"a\":[]}}",
	"\"\"",
	"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
	"\"\\u0000\\uFFFF\\ud7ff\\ue000\"",
	"\"\\ud800\\udc00\\uDBFF\\uDFFF\"",
	"\"\x7f\"",
	"\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\"",
	"\"\xe1\x80\x80\xe4\xb8\xad\xec\xbf\xbf\"",
	"\"\xf0\x90\x80\x80\xf1\x80\x80\x80\xf4\x8f\xbf\xbf\"",
	OPEN_31 CLOSE_31,
};

Test(jsonwalk, values_of_rfc_8259_are_walked) {
	for (size_t i = 0; i < sizeof(good_values) / sizeof(good_values[0]); i++) {
		char text[256];
		int len = snprintf(text, sizeof(text), "{\"x\":%s}", good_values[i]);
		cr_expect_eq(last_step(text, (size_t)len), JSONWALK_END, "%s", text);
		len = snprintf(text, sizeof(text), "{\"x\":%s ,\"y\":1}", good_values[i]);
		cr_expect_eq(last_step(text, (size_t)len), JSONWALK_END, "%s", text);
	}
}

Test(jsonwalk, an_empty_object_has_no_member) {
	cr_expect_eq(last_step("{}", 2), JSONWALK_END);
	cr_expect_eq(last_step(" { } ", 5), JSONWALK_END);
}

#define BAD(text, step)                                                                            \
	{ text, sizeof(text) - 1, step }
#define BAD_VALUE(value, step) BAD("{\"x\":" value "}", step)

static const struct {
	const char *text;
	size_t len;
	enum jsonwalk_step step;
} bad_texts[] = {
	BAD("", JSONWALK_NOT_OBJECT),
	BAD(" ", JSONWALK_NOT_OBJECT),
	BAD("[]", JSONWALK_NOT_OBJECT),
	BAD("1", JSONWALK_NOT_OBJECT),
	BAD("\xef\xbb\xbf{}", JSONWALK_NOT_OBJECT),
	BAD("\0{}", JSONWALK_NOT_OBJECT),

	BAD("{", JSONWALK_CUT),
	BAD("{\"", JSONWALK_CUT),
	BAD("{\"x", JSONWALK_CUT),
	BAD("{\"x\"", JSONWALK_CUT),
	BAD("{\"x\":", JSONWALK_CUT),
	BAD("{\"x\": ", JSONWALK_CUT),
	BAD("{\"x\":1", JSONWALK_CUT),
	BAD("{\"x\":1,", JSONWALK_CUT),
	BAD("{\"x\":[", JSONWALK_CUT),
	BAD("{\"x\":[1", JSONWALK_CUT),
	BAD("{\"x\":[1,", JSONWALK_CUT),
	BAD("{\"x\":{\"y\":1}", JSONWALK_CUT),
	BAD("{\"x\":tru", JSONWALK_CUT),
	BAD("{\"x\":\"\\", JSONWALK_CUT),
	BAD("{\"x\":\"\\u12", JSONWALK_CUT),
	BAD("{\"x\":\"\\ud800", JSONWALK_CUT),
	BAD("{\"x\":\"\\ud800\\", JSONWALK_CUT),
	BAD("{\"x\":\"\\ud800\\udc0", JSONWALK_CUT),

	BAD("{,}", JSONWALK_BROKEN),
	BAD("{x:1}", JSONWALK_BROKEN),
	BAD("{1:1}", JSONWALK_BROKEN),
	BAD("{\"x\"}", JSONWALK_BROKEN),
	BAD("{\"x\" 1}", JSONWALK_BROKEN),
	BAD("{\"x\"::1}", JSONWALK_BROKEN),
	BAD("{\"x\":1,}", JSONWALK_BROKEN),
	BAD("{\"x\":1 \"y\":2}", JSONWALK_BROKEN),
	BAD("{\"x\":1,,\"y\":2}", JSONWALK_BROKEN),
	BAD("{\"x\":1]", JSONWALK_BROKEN),
	BAD("{\"x\":1\v}", JSONWALK_BROKEN),
	BAD_VALUE("", JSONWALK_BROKEN),
	BAD_VALUE("[1,]", JSONWALK_BROKEN),
	BAD_VALUE("[,1]", JSONWALK_BROKEN),
	BAD_VALUE("[1 2]", JSONWALK_BROKEN),
	BAD_VALUE("[1}", JSONWALK_BROKEN),
	BAD_VALUE("{\"y\":1]", JSONWALK_BROKEN),
	BAD_VALUE("{1}", JSONWALK_BROKEN),
	BAD_VALUE("TRUE", JSONWALK_BROKEN),
	BAD_VALUE("nulll", JSONWALK_BROKEN),
	BAD_VALUE("undefined", JSONWALK_BROKEN),
	BAD_VALUE("'x'", JSONWALK_BROKEN),
	BAD_VALUE("/* */1", JSONWALK_BROKEN),
	BAD_VALUE("\0", JSONWALK_BROKEN),
	BAD_VALUE("0x10", JSONWALK_BROKEN), // 0 is a number; what follows it is no comma
	BAD_VALUE("1e5.5", JSONWALK_BROKEN),

	BAD_VALUE("01", JSONWALK_BAD_NUMBER),
	BAD_VALUE("-01", JSONWALK_BAD_NUMBER),
	BAD_VALUE("00", JSONWALK_BAD_NUMBER),
	BAD_VALUE("-", JSONWALK_BAD_NUMBER),
	BAD_VALUE("+1", JSONWALK_BAD_NUMBER),
	BAD_VALUE(".5", JSONWALK_BAD_NUMBER),
	BAD_VALUE("1.", JSONWALK_BAD_NUMBER),
	BAD_VALUE("1.e5", JSONWALK_BAD_NUMBER),
	BAD_VALUE("1e", JSONWALK_BAD_NUMBER),
	BAD_VALUE("1e+", JSONWALK_BAD_NUMBER),
	BAD_VALUE("NaN", JSONWALK_BAD_NUMBER),
	BAD_VALUE("-Infinity", JSONWALK_BAD_NUMBER),

	BAD_VALUE("\"\\x41\"", JSONWALK_BAD_ESCAPE),
	BAD_VALUE("\"\\'\"", JSONWALK_BAD_ESCAPE),
	BAD_VALUE("\"\\\0\"", JSONWALK_BAD_ESCAPE),
	BAD_VALUE("\"\\U0041\"", JSONWALK_BAD_ESCAPE),
	BAD_VALUE("\"\\u004\"", JSONWALK_BAD_ESCAPE),
	BAD_VALUE("\"\\u00g1\"", JSONWALK_BAD_ESCAPE),
	BAD_VALUE("\"\\u+041\"", JSONWALK_BAD_ESCAPE),
	BAD_VALUE("\"\\ud800\"", JSONWALK_BAD_ESCAPE),
	BAD_VALUE("\"\\ud800x\"", JSONWALK_BAD_ESCAPE),
	BAD_VALUE("\"\\ud800\\n\"", JSONWALK_BAD_ESCAPE),
	BAD_VALUE("\"\\ud800\\ud800\"", JSONWALK_BAD_ESCAPE),
	BAD_VALUE("\"\\ud800\\u0041\"", JSONWALK_BAD_ESCAPE),
	BAD_VALUE("\"\\udc00\"", JSONWALK_BAD_ESCAPE),
	BAD_VALUE("\"\\udfff\"", JSONWALK_BAD_ESCAPE),
	BAD("{\"\\q\":1}", JSONWALK_BAD_ESCAPE),

	BAD_VALUE("\"\t\"", JSONWALK_BAD_CONTROL),
	BAD_VALUE("\"\n\"", JSONWALK_BAD_CONTROL),
	BAD_VALUE("\"\x1f\"", JSONWALK_BAD_CONTROL),
	BAD_VALUE("\"\0\"", JSONWALK_BAD_CONTROL),
	BAD("{\"\t\":1}", JSONWALK_BAD_CONTROL),

	BAD_VALUE("\"\x80\"", JSONWALK_BAD_UTF8),
	BAD_VALUE("\"\xc0\xae\"", JSONWALK_BAD_UTF8),
	BAD_VALUE("\"\xc1\xbf\"", JSONWALK_BAD_UTF8),
	BAD_VALUE("\"\xc2\"", JSONWALK_BAD_UTF8),
	BAD_VALUE("\"\xe0\x9f\xbf\"", JSONWALK_BAD_UTF8),
	BAD_VALUE("\"\xe1\x80\"", JSONWALK_BAD_UTF8),
	BAD_VALUE("\"\xed\xa0\x80\"", JSONWALK_BAD_UTF8),
	BAD_VALUE("\"\xf0\x8f\xbf\xbf\"", JSONWALK_BAD_UTF8),
	BAD_VALUE("\"\xf4\x90\x80\x80\"", JSONWALK_BAD_UTF8),
	BAD_VALUE("\"\xf5\x80\x80\x80\"", JSONWALK_BAD_UTF8),
	BAD_VALUE("\"\xff\"", JSONWALK_BAD_UTF8),
	BAD("{\"x\":\"\xe1\x80", JSONWALK_BAD_UTF8),
	BAD("{\"x\":\"\xc2", JSONWALK_BAD_UTF8),

	BAD_VALUE("[" OPEN_31 CLOSE_31 "]", JSONWALK_TOO_DEEP),
	BAD_VALUE(OPEN_31 "{}" CLOSE_31, JSONWALK_TOO_DEEP),

	BAD("{} x", JSONWALK_TRAILING),
	BAD("{}{}", JSONWALK_TRAILING),
	BAD("{\"x\":1}}", JSONWALK_TRAILING),
	BAD("{},", JSONWALK_TRAILING),
	BAD("{}\0", JSONWALK_TRAILING),
};

#define NB_BAD (sizeof(bad_texts) / sizeof(bad_texts[0]))

Test(jsonwalk, what_rfc_8259_refuses_is_refused_by_name) {
	for (size_t i = 0; i < NB_BAD; i++)
		cr_expect_eq(last_step(bad_texts[i].text, bad_texts[i].len), bad_texts[i].step,
			"%s", bad_texts[i].text);
}

Test(jsonwalk, no_text_is_read_beyond_its_end) {
	for (size_t i = 0; i < NB_BAD; i++)
		for (size_t len = 0; len < bad_texts[i].len; len++)
			cr_expect_neq(last_step(bad_texts[i].text, len), JSONWALK_MEMBER);
}

static bool is_plain(const char *raw, const char *plain) {
	struct json_span string = {.start = raw, .len_octets = strlen(raw)};
	return jsonwalk_string_is(&string, plain);
}

Test(jsonwalk, a_string_is_compared_as_what_it_means) {
	cr_expect(is_plain("\"dip\"", "dip"));
	cr_expect(is_plain("\"d\\u0069p\"", "dip"));
	cr_expect(is_plain("\"\\u0064\\u0069\\u0070\"", "dip"));
	cr_expect(is_plain("\"\\u006a\\u006A\\u006f\\u006F\"", "jjoo"));
	cr_expect(is_plain("\"a\\/b\\n\"", "a/b\n"));
	cr_expect(is_plain("\"\"", ""));
}

Test(jsonwalk, a_string_with_more_or_less_is_another) {
	cr_expect_not(is_plain("\"di\"", "dip"));
	cr_expect_not(is_plain("\"dips\"", "dip"));
	cr_expect_not(is_plain("\"dip\\u0000\"", "dip"));
	cr_expect_not(is_plain("\"dip\xc3\xa9\"", "dip"));
	cr_expect_not(is_plain("\"\\u0164ip\"", "dip"));
	cr_expect_not(is_plain("\"DIP\"", "dip"));
	cr_expect_not(is_plain("\"\"", "dip"));
	cr_expect_not(is_plain("\"dip\"", "dip\""));
	cr_expect_not(is_plain("dip", "dip"), "no string at all");
	cr_expect_not(is_plain("xdipx", "dip"), "no string at all");
	cr_expect_not(is_plain("\"", ""), "half a string");
}

static size_t utf8_octets(const char *text) {
	return jsonwalk_utf8_octets(text, text + strlen(text));
}

Test(jsonwalk, utf8_is_measured_to_the_end_of_the_text) {
	cr_expect_eq(utf8_octets(""), 0);
	cr_expect_eq(utf8_octets("a"), 1);
	cr_expect_eq(utf8_octets("\xc3\xa9x"), 2);
	cr_expect_eq(utf8_octets("\xe4\xb8\xadx"), 3);
	cr_expect_eq(utf8_octets("\xf0\x9f\x98\x80x"), 4);
	cr_expect_eq(utf8_octets("\xc3"), 0);
	cr_expect_eq(utf8_octets("\xe4\xb8"), 0);
	cr_expect_eq(utf8_octets("\xf0\x9f\x98"), 0);
	cr_expect_eq(utf8_octets("\xf0\x9f\x98x"), 0);
}
