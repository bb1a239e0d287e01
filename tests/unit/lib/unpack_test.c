// gzip and zstd, a piece at a time.
#include "lib/unpack.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#define TEXT_OCTETS 100000

static char text[TEXT_OCTETS];
static uint8_t packed[2 * TEXT_OCTETS];

static size_t pack(enum unpack_kind kind, uint8_t *to, size_t room) {
	for (size_t i = 0; i < TEXT_OCTETS; i++)
		text[i] = (char)('a' + (i * i / 7) % 26);
	if (kind == UNPACK_ZSTD)
		return ZSTD_compress(to, room, text, TEXT_OCTETS, 3);
	z_stream z = {.next_in = (uint8_t *)text,
		.avail_in = TEXT_OCTETS,
		.next_out = to,
		.avail_out = (uInt)room};
	cr_assert_eq(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	cr_assert_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return room - z.avail_out;
}

// Octets unpacked, or -1; in pieces of the given sizes.
static long unpack_all(enum unpack_kind kind, size_t len, size_t in_piece, size_t out_piece,
	bool *is_whole, bool must_match) {
	struct unpack *u = unpack_create(kind);
	uint8_t *out = malloc(out_piece);
	size_t at = 0;
	long nb = 0;
	bool is_good = true, is_full = false;
	while (is_good && (at < len || is_full)) {
		size_t in = len - at < in_piece ? len - at : in_piece, room = out_piece;
		is_good = unpack_step(u, packed + at, &in, out, &room);
		if (!is_good)
			break;
		at += in;
		is_full = room == out_piece;
		for (size_t i = 0; must_match && i < room; i++)
			cr_assert_eq(out[i], text[((size_t)nb + i) % TEXT_OCTETS]);
		nb += (long)room;
	}
	*is_whole = unpack_is_whole(u);
	free(out);
	unpack_destroy(u);
	return is_good ? nb : -1;
}

static void expect_all(enum unpack_kind kind) {
	static const size_t pieces[] = {1, 7, 1000, 2 * TEXT_OCTETS};
	size_t len = pack(kind, packed, sizeof(packed));
	bool is_whole;
	for (size_t i = 0; i < 4; i++) {
		cr_expect_eq(unpack_all(kind, len, pieces[i], 1000, &is_whole, true), TEXT_OCTETS);
		cr_expect(is_whole);
		cr_expect_eq(unpack_all(kind, len, 1000, pieces[i], &is_whole, true), TEXT_OCTETS);
		cr_expect(is_whole);
	}
}

Test(unpack, in_pieces_of_any_size) {
	expect_all(UNPACK_GZIP);
	expect_all(UNPACK_ZSTD);
}

static void expect_two(enum unpack_kind kind) {
	size_t len = pack(kind, packed, sizeof(packed) / 2);
	memcpy(packed + len, packed, len);
	bool is_whole;
	cr_expect_eq(unpack_all(kind, 2 * len, 333, 1000, &is_whole, true), 2 * TEXT_OCTETS);
	cr_expect(is_whole);
}

Test(unpack, two_in_a_row_are_one_text) {
	expect_two(UNPACK_GZIP);
	expect_two(UNPACK_ZSTD);
}

Test(unpack, what_is_cut_short_is_not_whole) {
	for (int kind = UNPACK_GZIP; kind <= UNPACK_ZSTD; kind++) {
		size_t len = pack((enum unpack_kind)kind, packed, sizeof(packed));
		bool is_whole;
		cr_expect_geq(
			unpack_all((enum unpack_kind)kind, len - 5, 333, 1000, &is_whole, true), 0);
		cr_expect(!is_whole);
		unpack_all((enum unpack_kind)kind, 0, 333, 1000, &is_whole, true);
		cr_expect(!is_whole, "nothing at all");
	}
}

Test(unpack, broken_octets_are_told) {
	for (int kind = UNPACK_GZIP; kind <= UNPACK_ZSTD; kind++) {
		size_t len = pack((enum unpack_kind)kind, packed, sizeof(packed));
		bool is_whole;
		packed[0] ^= 1;
		cr_expect_eq(
			unpack_all((enum unpack_kind)kind, len, 333, 1000, &is_whole, true), -1);
		packed[0] ^= 1;
		if (kind == UNPACK_GZIP) { // its checksum is at the end
			packed[len - 6] ^= 1;
			cr_expect_eq(unpack_all(UNPACK_GZIP, len, 333, 1000, &is_whole, true), -1);
		}
	}
}
