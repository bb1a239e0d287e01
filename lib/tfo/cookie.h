// The Fast Open option: RFC 7413 section 4.1.1 with errata 4238 and 4239, and its experimental form
// (RFC 6994: kind 254 with ExID 0xF989).
//
// Two cookies are never to be mixed up: the one that we sent and the one that we got. Structures
// here hold either, and say which by the name of the member that holds them.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COOKIE_MIN_OCTETS 4
#define COOKIE_MAX_OCTETS 16
#define COOKIE_OPTION_MAX_OCTETS 20 // kind, length, cookie, padded to a multiple of four

struct cookie {
	uint8_t len_octets; // 0: none; else 4 to 16, even
	uint8_t octets[COOKIE_MAX_OCTETS];
};

enum cookie_option {
	COOKIE_OPTION_NONE,
	COOKIE_OPTION_KIND34,
	COOKIE_OPTION_KIND254,
};

// What the options of a SYN-ACK say about Fast Open. Of several options the last one counts, as
// in Linux.
struct cookie_offer {
	uint8_t option;	    // enum cookie_option
	bool is_empty;	    // a length of two: our own request come back
	bool is_malformed;  // odd, 1 to 3 or more than 16 octets, or past the end of the header
	bool is_duplicate;  // more than one option
	uint8_t raw_octets; // length as it was on the wire
	struct cookie cookie;
};

void cookie_read(const uint8_t *options, size_t len_octets, struct cookie_offer *offer);

// Write the option as our SYN carries it, padded with NOPs behind it to a
// multiple of four: a request if sent has no octets. Returns the octets, at most
// COOKIE_OPTION_MAX_OCTETS.
size_t cookie_option_write(const struct cookie *sent, uint8_t *buf);

// The same with kind 254: its request, and an option of an experiment that nobody runs (ExID 0xA10D
// is not in IANA's registry), for comparison. Both are four octets.
size_t cookie_option_write_exp(uint8_t *buf);
size_t cookie_option_write_foreign(uint8_t *buf);

bool cookie_equal(const struct cookie *a, const struct cookie *b);
