// SipHash-1-3 (Aumasson, Bernstein: "SipHash: a fast short-input PRF", 2012): a keyed hash that a
// sender of frames, lists or cookies can't steer without the key. 64 bits out.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
	uint64_t k0, k1;
};

uint64_t siphash13(const struct siphash_key *key, const uint8_t *octets, size_t len);

// The same of at most seven octets, that the caller holds in a word: the first in its lowest bits,
// those behind the last 0.
uint64_t siphash13_short(const struct siphash_key *key, uint64_t word, unsigned int len);
