// Which positions of a target list are done: all below a mark, and some above it. It takes as much
// memory as lies between the mark and the highest position that is done: a bit each.
//
// No lock: one thread at a time, or all of them reading.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Of the span above the mark: 1 GiB of bits.
#define PROGRESS_MAX_SPAN (UINT64_C(1) << 33)

struct progress {
	uint64_t first_word; // all positions below 64 times this are done
	uint64_t end_word;   // none from 64 times this on is
	uint64_t *words;     // of word n: words[n % nb_words]; those outside of the two are 0
	uint64_t nb_words;   // a power of two, or 0
};

// An empty one is all zeros.
void progress_free(struct progress *p);

// False: no memory.
bool progress_copy(struct progress *to, const struct progress *from);

// False: no memory, or a span above PROGRESS_MAX_SPAN; then it is not in.
bool progress_add(struct progress *p, uint64_t position);
bool progress_has(const struct progress *p, uint64_t position);

// The lowest position that is not done.
uint64_t progress_low(const struct progress *p);

// The bits above progress_bitmap_start, the lowest bit of an octet first.
uint64_t progress_bitmap_start(const struct progress *p);
size_t progress_bitmap_octets(const struct progress *p);
void progress_bitmap(const struct progress *p, uint8_t *octets);

// The same again, out of what these gave. False: no memory, or no such start or length.
bool progress_restore(struct progress *p, uint64_t start, const uint8_t *octets, size_t len);
