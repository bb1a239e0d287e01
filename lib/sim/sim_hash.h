// Small keyed choices of the simulated Internet.
#pragma once

#include <stdint.h>

// All bits of the result depend on all bits of x: the finaliser of SplitMix64.
static inline uint64_t sim_hash_mix(uint64_t x) {
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}
