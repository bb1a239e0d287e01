// Pieces of JSON text for lines that are written by the million: as jsonput.h, but each function
// may write up to FAST_SLACK_OCTETS behind where it ends, so that lengths are no loops.
#pragma once

#include "lib/tcpstack/addr.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FAST_SLACK_OCTETS 64

// A text that is known when the program is built.
#define FAST_LITERAL(p, literal) fast_octets(p, literal, sizeof(literal) - 1)

static inline char *fast_octets(char *p, const char *octets, size_t len) {
	memcpy(p, octets, len);
	return p + len;
}

// One of a table of texts.
struct fast_piece {
	char text[47];
	uint8_t len;
};
#define FAST_PIECE(literal)                                                                        \
	{ literal, sizeof(literal) - 1 }

static inline char *fast_piece(char *p, const struct fast_piece *piece) {
	memcpy(p, piece->text, sizeof(piece->text));
	return p + piece->len;
}

// A text in a buffer of 64 octets.
static inline char *fast_text64(char *p, const char *text, size_t len) {
	memcpy(p, text, 64);
	return p + len;
}

// ---- numbers

struct fast_octet {
	char digits[3];
	uint8_t nb_digits;
};

#define FAST_OCTET(n)                                                                              \
	{                                                                                          \
		{(n) < 10	    ? '0' + (n)                                                    \
			: (n) < 100 ? '0' + (n) / 10                                               \
				    : '0' + (n) / 100,                                             \
			(n) < 10    ? 0                                                            \
			: (n) < 100 ? '0' + (n) % 10                                               \
				    : '0' + (n) / 10 % 10,                                         \
			(n) < 100 ? 0 : '0' + (n) % 10},                                           \
			(n) < 10    ? 1                                                            \
			: (n) < 100 ? 2                                                            \
				    : 3                                                            \
	}
#define FAST_OCTETS4(n) FAST_OCTET(n), FAST_OCTET((n) + 1), FAST_OCTET((n) + 2), FAST_OCTET((n) + 3)
#define FAST_OCTETS16(n)                                                                           \
	FAST_OCTETS4(n), FAST_OCTETS4((n) + 4), FAST_OCTETS4((n) + 8), FAST_OCTETS4((n) + 12)
#define FAST_OCTETS64(n)                                                                           \
	FAST_OCTETS16(n), FAST_OCTETS16((n) + 16), FAST_OCTETS16((n) + 32), FAST_OCTETS16((n) + 48)

// 0 to 255
static inline char *fast_u8(char *p, uint8_t v) {
	static const struct fast_octet octets[256] = {
		FAST_OCTETS64(0), FAST_OCTETS64(64), FAST_OCTETS64(128), FAST_OCTETS64(192)};
	memcpy(p, &octets[v], sizeof(octets[v]));
	return p + octets[v].nb_digits;
}

// The eight digits of a number below 10^8, the first one in the lowest octet: the number is cut in
// halves, these in halves, and so on, all at once.
static inline uint64_t fast_digits8(uint32_t v) {
	uint64_t fours = v / 10000 | (uint64_t)(v % 10000) << 32;
	uint64_t hundreds = (fours * 10486 >> 20) & 0x0000007f0000007f;
	uint64_t twos = hundreds | (fours - 100 * hundreds) << 16;
	uint64_t tens = (twos * 103 >> 10) & 0x000f000f000f000f;
	return tens | (twos - 10 * tens) << 8;
}

static inline void fast_store8(char *p, uint64_t octets) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	octets = __builtin_bswap64(octets);
#endif
	memcpy(p, &octets, sizeof(octets));
}

#define FAST_ZEROS 0x3030303030303030

static inline char *fast_u32(char *p, uint32_t v) {
	if (v >= 100000000) {
		p = fast_u8(p, (uint8_t)(v / 100000000));
		fast_store8(p, fast_digits8(v % 100000000) | FAST_ZEROS);
		return p + 8;
	}
	uint64_t digits = fast_digits8(v);
	// the last digit is written even if it is zero
	unsigned int nb_leading = (unsigned int)__builtin_ctzll(digits | UINT64_C(1) << 56) / 8;
	fast_store8(p, (digits | FAST_ZEROS) >> 8 * nb_leading);
	return p + 8 - nb_leading;
}

// Six digits, of a number below a million.
static inline char *fast_six(char *p, uint32_t v) {
	fast_store8(p, (fast_digits8(v) | FAST_ZEROS) >> 16);
	return p + 6;
}

static inline char *fast_addr4(char *p, const uint8_t *octets) {
	p = fast_u8(p, octets[0]);
	*p++ = '.';
	p = fast_u8(p, octets[1]);
	*p++ = '.';
	p = fast_u8(p, octets[2]);
	*p++ = '.';
	return fast_u8(p, octets[3]);
}
