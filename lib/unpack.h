// gzip (RFC 1952) and zstd (RFC 8878) as they come, a piece at a time: what `zcat` and `zstdcat`
// would write, of several members or frames in a row, too.
//
// The octets are hostile. Memory is bounded: 128 MiB for the window of a zstd frame, as zstd itself
// has it without --long.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum unpack_kind {
	UNPACK_GZIP,
	UNPACK_ZSTD,
};

struct unpack;

struct unpack *unpack_create(enum unpack_kind kind); // NULL: no memory
void unpack_destroy(struct unpack *u);		     // NULL is fine

// *in_len and *out_len: what is there, and what was used of it. False: the octets are broken, or a
// zstd frame wants too large a window.
bool unpack_step(
	struct unpack *u, const uint8_t *in, size_t *in_len, uint8_t *out, size_t *out_len);

// May the octets end here? Else they were cut short.
bool unpack_is_whole(const struct unpack *u);
