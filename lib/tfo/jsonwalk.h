// A strict walk over the members of one JSON object (RFC 8259), octet for octet.
//
//	struct jsonwalk walk = jsonwalk_begin(line, len);
//	struct json_span key, value;
//	while ((step = jsonwalk_next(&walk, &key, &value)) == JSONWALK_MEMBER)
//		...
//
// cJSON reads more than RFC 8259 writes (01, raw control characters, text after the last brace),
// and what it read can't be copied into a record as it was written. The walk refuses all of that.
// Every value is walked to its end, so JSONWALK_END means that the whole text is one valid object.
// Stricter than the RFC in two points: nesting ends at JSONWALK_MAX_DEPTH, and half a surrogate
// pair (\ud800 alone) is refused, because no program can turn it into text.
//
// Pure: nothing is allocated. The text belongs to the caller; spans point into it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSONWALK_MAX_DEPTH 32 // the outermost object is the first level

enum jsonwalk_step {
	JSONWALK_MEMBER, // *key and *value hold one member
	JSONWALK_END,	 // the object is closed and nothing but blanks follows

	// Refusals; every further call answers the same.
	JSONWALK_NOT_OBJECT,  // the text doesn't start with {
	JSONWALK_CUT,	      // the text ends before the object does
	JSONWALK_BROKEN,      // a comma, colon, quote or word where another belongs
	JSONWALK_BAD_NUMBER,  // 01, 1., .5, +1, NaN
	JSONWALK_BAD_ESCAPE,  // \x, \u12g4, half a surrogate pair
	JSONWALK_BAD_CONTROL, // an octet below 0x20 inside a string
	JSONWALK_BAD_UTF8,    // an octet sequence that is no UTF-8 inside a string
	JSONWALK_TOO_DEEP,    // more than JSONWALK_MAX_DEPTH levels
	JSONWALK_TRAILING,    // text after the last brace
};

struct json_span {
	const char *start;
	size_t len_octets;
};

struct jsonwalk {
	const char *pos;
	const char *end;
	enum jsonwalk_step stopped_by; // JSONWALK_MEMBER while the walk goes on
	bool is_inside;		       // the outermost { is behind us
	bool has_member;	       // so a comma has to come before the next
};

struct jsonwalk jsonwalk_begin(const char *text, size_t len_octets);

// Step to the next member. *key and *value are outputs, raw: strings with their quotes, no blanks
// around. They are written only with JSONWALK_MEMBER.
enum jsonwalk_step jsonwalk_next(
	struct jsonwalk *walk, struct json_span *key, struct json_span *value);

// A string that the walk gave out, compared as what it means: "d\u0069p" is dip. plain is ASCII.
bool jsonwalk_string_is(const struct json_span *string, const char *plain);

// Octets of the UTF-8 sequence at pos (RFC 3629: shortest form, no surrogates), 0 if there is none.
size_t jsonwalk_utf8_octets(const char *pos, const char *end);
