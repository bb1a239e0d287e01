#include "lib/tfo/jsonwalk.h"

#include <string.h>

// The readers below take the position by reference, move it behind what they have read and answer
// JSONWALK_MEMBER; or they leave it at the octet to blame and answer a refusal.

static bool is_digit(char c) {
	return c >= '0' && c <= '9';
}

static void skip_blanks(const char **pos, const char *end) {
	while (*pos < end && (**pos == ' ' || **pos == '\t' || **pos == '\n' || **pos == '\r'))
		++*pos;
}

// RFC 3629 section 4: what may follow the first octet depends on it, so that every character has
// its one shortest form and no surrogate gets in.
size_t jsonwalk_utf8_octets(const char *pos, const char *end) {
	static const struct {
		uint8_t first_min, first_max, second_min, second_max;
		size_t octets;
	} forms[] = {
		{0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3},
		{0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4},
		{0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	if (pos >= end)
		return 0;

	const uint8_t *octets = (const uint8_t *)pos;
	if (octets[0] < 0x80)
		return 1;
	size_t room = (size_t)(end - pos);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (octets[0] < forms[i].first_min || octets[0] > forms[i].first_max)
			continue;
		if (forms[i].octets > room)
			return 0;
		if (octets[1] < forms[i].second_min || octets[1] > forms[i].second_max)
			return 0;
		for (size_t j = 2; j < forms[i].octets; j++)
			if ((octets[j] & 0xc0) != 0x80)
				return 0;
		return forms[i].octets;
	}
	return 0;
}

static int hex_digit(char c) {
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

// The four digits behind \u; *unit is an output.
static enum jsonwalk_step hex4_read(const char **pos, const char *end, unsigned int *unit) {
	*unit = 0;
	for (int i = 0; i < 4; i++, ++*pos) {
		if (*pos == end)
			return JSONWALK_CUT;
		int digit = hex_digit(**pos);
		if (digit < 0)
			return JSONWALK_BAD_ESCAPE;
		*unit = *unit << 4 | (unsigned int)digit;
	}
	return JSONWALK_MEMBER;
}

// *pos is behind the \u.
static enum jsonwalk_step unicode_escape_read(const char **pos, const char *end) {
	unsigned int unit, low;
	enum jsonwalk_step step = hex4_read(pos, end, &unit);
	if (step != JSONWALK_MEMBER)
		return step;
	if (unit < 0xd800 || unit > 0xdfff)
		return JSONWALK_MEMBER;

	// RFC 8259 section 7: a character beyond U+FFFF is two escapes, high surrogate first.
	if (unit > 0xdbff)
		return JSONWALK_BAD_ESCAPE;
	for (const char *expected = "\\u"; *expected != '\0'; expected++, ++*pos) {
		if (*pos == end)
			return JSONWALK_CUT;
		if (**pos != *expected)
			return JSONWALK_BAD_ESCAPE;
	}
	step = hex4_read(pos, end, &low);
	if (step != JSONWALK_MEMBER)
		return step;
	return low >= 0xdc00 && low <= 0xdfff ? JSONWALK_MEMBER : JSONWALK_BAD_ESCAPE;
}

// *pos is behind the backslash.
static enum jsonwalk_step escape_read(const char **pos, const char *end) {
	if (*pos == end)
		return JSONWALK_CUT;
	char c = *(*pos)++;
	if (c == 'u')
		return unicode_escape_read(pos, end);
	return c != '\0' && strchr("\"\\/bfnrt", c) ? JSONWALK_MEMBER : JSONWALK_BAD_ESCAPE;
}

static enum jsonwalk_step string_read(const char **pos, const char *end) {
	if (*pos == end)
		return JSONWALK_CUT;
	if (*(*pos)++ != '"')
		return JSONWALK_BROKEN;

	while (*pos < end) {
		uint8_t octet = (uint8_t)(**pos);
		size_t octets = jsonwalk_utf8_octets(*pos, end);
		if (octet < 0x20)
			return JSONWALK_BAD_CONTROL;
		if (octets == 0)
			return JSONWALK_BAD_UTF8;
		*pos += octets;
		if (octet == '"')
			return JSONWALK_MEMBER;
		if (octet != '\\')
			continue;
		enum jsonwalk_step step = escape_read(pos, end);
		if (step != JSONWALK_MEMBER)
			return step;
	}
	return JSONWALK_CUT;
}

static bool digits_read(const char **pos, const char *end) {
	const char *start = *pos;
	while (*pos < end && is_digit(**pos))
		++*pos;
	return *pos > start;
}

// RFC 8259 section 6: [ minus ] int [ frac ] [ exp ]; *pos is not at the end.
static enum jsonwalk_step number_read(const char **pos, const char *end) {
	if (**pos == '-')
		++*pos;
	const char *first = *pos;
	if (!digits_read(pos, end) || (*first == '0' && *pos - first > 1))
		return JSONWALK_BAD_NUMBER;

	if (*pos < end && **pos == '.') {
		++*pos;
		if (!digits_read(pos, end))
			return JSONWALK_BAD_NUMBER;
	}
	if (*pos < end && (**pos == 'e' || **pos == 'E')) {
		++*pos;
		if (*pos < end && (**pos == '+' || **pos == '-'))
			++*pos;
		if (!digits_read(pos, end))
			return JSONWALK_BAD_NUMBER;
	}
	return JSONWALK_MEMBER;
}

static enum jsonwalk_step word_read(const char **pos, const char *end) {
	static const char *const words[] = {"true", "false", "null"};
	size_t room = (size_t)(end - *pos);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i]);
		if (room >= len && memcmp(*pos, words[i], len) == 0) {
			*pos += len;
			return JSONWALK_MEMBER;
		}
		if (room < len && memcmp(*pos, words[i], room) == 0)
			return JSONWALK_CUT;
	}
	return JSONWALK_BROKEN;
}

static enum jsonwalk_step scalar_read(const char **pos, const char *end) {
	if (**pos == '"')
		return string_read(pos, end);
	if (is_digit(**pos) || (**pos != '\0' && strchr("-+.NI", **pos) != NULL))
		return number_read(
			pos, end); // the signs of a number gone wrong are its business too
	return word_read(pos, end);
}

// From behind a key to where its value starts.
static enum jsonwalk_step colon_read(const char **pos, const char *end) {
	skip_blanks(pos, end);
	if (*pos == end)
		return JSONWALK_CUT;
	if (*(*pos)++ != ':')
		return JSONWALK_BROKEN;
	skip_blanks(pos, end);
	return *pos == end ? JSONWALK_CUT : JSONWALK_MEMBER;
}

static enum jsonwalk_step key_read(const char **pos, const char *end) {
	enum jsonwalk_step step = string_read(pos, end);
	return step == JSONWALK_MEMBER ? colon_read(pos, end) : step;
}

static enum jsonwalk_step container_read(const char **pos, const char *end, int depth);

// depth counts the containers that are open around the value; *pos is not at the end.
static enum jsonwalk_step value_read(const char **pos, const char *end, int depth) {
	if (**pos != '{' && **pos != '[')
		return scalar_read(pos, end);
	if (depth == JSONWALK_MAX_DEPTH)
		return JSONWALK_TOO_DEEP;
	return container_read(pos, end, depth + 1);
}

// An object or an array. Recursion ends at JSONWALK_MAX_DEPTH.
static enum jsonwalk_step container_read(const char **pos, const char *end, int depth) {
	bool is_object = *(*pos)++ == '{';
	char close = is_object ? '}' : ']';

	skip_blanks(pos, end);
	if (*pos < end && **pos == close) {
		++*pos;
		return JSONWALK_MEMBER;
	}
	while (*pos < end) {
		enum jsonwalk_step step = is_object ? key_read(pos, end) : JSONWALK_MEMBER;
		if (step == JSONWALK_MEMBER)
			step = value_read(pos, end, depth);
		if (step != JSONWALK_MEMBER)
			return step;

		skip_blanks(pos, end);
		if (*pos == end)
			return JSONWALK_CUT;
		char c = *(*pos)++;
		if (c == close)
			return JSONWALK_MEMBER;
		if (c != ',')
			return JSONWALK_BROKEN;
		skip_blanks(pos, end);
	}
	return JSONWALK_CUT;
}

struct jsonwalk jsonwalk_begin(const char *text, size_t len_octets) {
	return (struct jsonwalk){
		.pos = text, .end = text + len_octets, .stopped_by = JSONWALK_MEMBER};
}

static enum jsonwalk_step stop(struct jsonwalk *walk, enum jsonwalk_step why) {
	walk->stopped_by = why;
	return why;
}

// Behind the { or behind a member: to where the next key starts, or to the end.
static enum jsonwalk_step approach_key(struct jsonwalk *walk) {
	skip_blanks(&walk->pos, walk->end);
	if (!walk->is_inside) {
		if (walk->pos == walk->end || *walk->pos != '{')
			return JSONWALK_NOT_OBJECT;
		walk->pos++;
		walk->is_inside = true;
		skip_blanks(&walk->pos, walk->end);
	}
	if (walk->pos == walk->end)
		return JSONWALK_CUT;

	if (*walk->pos == '}') {
		walk->pos++;
		skip_blanks(&walk->pos, walk->end);
		return walk->pos == walk->end ? JSONWALK_END : JSONWALK_TRAILING;
	}
	if (walk->has_member) {
		if (*walk->pos++ != ',')
			return JSONWALK_BROKEN;
		skip_blanks(&walk->pos, walk->end);
	}
	return JSONWALK_MEMBER;
}

enum jsonwalk_step jsonwalk_next(
	struct jsonwalk *walk, struct json_span *key, struct json_span *value) {
	if (walk->stopped_by != JSONWALK_MEMBER)
		return walk->stopped_by;
	enum jsonwalk_step step = approach_key(walk);
	if (step != JSONWALK_MEMBER)
		return stop(walk, step);

	const char *key_start = walk->pos;
	step = string_read(&walk->pos, walk->end);
	size_t key_octets = (size_t)(walk->pos - key_start);
	if (step == JSONWALK_MEMBER)
		step = colon_read(&walk->pos, walk->end);
	if (step != JSONWALK_MEMBER)
		return stop(walk, step);

	const char *value_start = walk->pos;
	step = value_read(&walk->pos, walk->end, 1);
	if (step != JSONWALK_MEMBER)
		return stop(walk, step);

	*key = (struct json_span){.start = key_start, .len_octets = key_octets};
	*value = (struct json_span){
		.start = value_start, .len_octets = (size_t)(walk->pos - value_start)};
	walk->has_member = true;
	return JSONWALK_MEMBER;
}

// One character of a string that was walked before, as a number; what is not ASCII comes as one
// that no ASCII character has.
static int character_read(const char **pos, const char *end) {
	static const char escapes[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	unsigned int unit;

	char c = *(*pos)++;
	if (c != '\\')
		return (uint8_t)c;
	c = *(*pos)++;
	if (c != 'u')
		return meant[strchr(escapes, c) - escapes];
	hex4_read(pos, end, &unit);
	return (int)unit;
}

bool jsonwalk_string_is(const struct json_span *string, const char *plain) {
	if (string->len_octets < 2 || *string->start != '"')
		return false;
	const char *pos = string->start + 1, *end = string->start + string->len_octets - 1;
	while (pos < end && *plain != '\0')
		if (character_read(&pos, end) != *plain++)
			return false;
	return pos == end && *plain == '\0';
}
