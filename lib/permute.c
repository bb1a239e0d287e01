#include "lib/permute.h"

#include <assert.h>

// An odd number whose bits look random: the golden ratio's.
#define GOLDEN 0x9e3779b97f4a7c15

static unsigned int bits_of(uint64_t v) {
	return v == 0 ? 0 : 64 - (unsigned int)__builtin_clzll(v);
}

void permute_init(struct permute *p, const struct siphash_key *key, uint64_t n) {
	unsigned int bits = n == 0 ? 0 : bits_of(n - 1);
	p->n = n;
	p->right_bits = bits - bits / 2;
	p->right_mask = (UINT64_C(1) << p->right_bits) - 1;
	p->left_mask = (UINT64_C(1) << (bits / 2)) - 1;
	for (unsigned int i = 0; i < PERMUTE_ROUNDS; i++)
		p->keys[i] = siphash13_short(key, i, 1);
}

// Both halves of a product of 128 bits: every bit of v counts in the low bits of the answer.
static uint64_t mix(uint64_t v, uint64_t key) {
	unsigned __int128 product = (unsigned __int128)(v ^ key) * (key ^ GOLDEN);
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t pass(const struct permute *p, uint64_t v) {
	uint64_t left = v >> p->right_bits, right = v & p->right_mask;
	for (unsigned int i = 0; i < PERMUTE_ROUNDS; i += 2) {
		left ^= mix(right, p->keys[i]) & p->left_mask;
		right ^= mix(left, p->keys[i + 1]) & p->right_mask;
	}
	return left << p->right_bits | right;
}

uint64_t permute_at(const struct permute *p, uint64_t i) {
	assert(i < p->n);
	do {
		i = pass(p, i);
	} while (i >= p->n);
	return i;
}
