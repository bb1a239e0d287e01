// A keyed permutation of the numbers from 0 to n - 1: the order in which a scan visits what it has,
// known at every place without the places before it. Who has the key has the order; nobody needs
// memory for it.
//
// A Feistel network over the smallest power of two that holds n, in six rounds. What falls outside
// of n is put through again until it falls inside (Black and Rogaway, "Ciphers with Arbitrary
// Finite Domains", 2002, section 4): less than twice on average. It spreads, it does not hide: the
// rounds mix by multiplication, which is no cipher.
//
// Pure.
#pragma once

#include "lib/tcpstack/siphash.h"

#include <stdint.h>

#define PERMUTE_ROUNDS 6

struct permute {
	uint64_t n;
	uint64_t keys[PERMUTE_ROUNDS];
	uint64_t left_mask, right_mask;
	unsigned int right_bits;
};

// Any n; of 0 nothing may be asked.
void permute_init(struct permute *p, const struct siphash_key *key, uint64_t n);

// Where i goes; i < n.
uint64_t permute_at(const struct permute *p, uint64_t i);
