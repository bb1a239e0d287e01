#include "lib/tcpstack/siphash.h"

#include <string.h>

// Several hashes a SYN: without the attribute each round is a call.
#define ALWAYS_INLINE static inline __attribute__((always_inline))

struct sip {
	uint64_t v0, v1, v2, v3;
};

ALWAYS_INLINE uint64_t rotl(uint64_t x, unsigned int bits) {
	return x << bits | x >> (64 - bits);
}

ALWAYS_INLINE void sip_round(struct sip *s) {
	s->v0 += s->v1;
	s->v1 = rotl(s->v1, 13) ^ s->v0;
	s->v0 = rotl(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotl(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotl(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotl(s->v1, 17) ^ s->v2;
	s->v2 = rotl(s->v2, 32);
}

ALWAYS_INLINE void sip_word(struct sip *s, uint64_t word) {
	s->v3 ^= word;
	sip_round(s);
	s->v0 ^= word;
}

static uint64_t get_le64(const uint8_t *p) {
	uint64_t v;
	memcpy(&v, p, sizeof(v));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

ALWAYS_INLINE struct sip begin(const struct siphash_key *key) {
	return (struct sip){
		.v0 = key->k0 ^ 0x736f6d6570736575,
		.v1 = key->k1 ^ 0x646f72616e646f6d,
		.v2 = key->k0 ^ 0x6c7967656e657261,
		.v3 = key->k1 ^ 0x7465646279746573,
	};
}

ALWAYS_INLINE uint64_t finish(struct sip *s, uint64_t last_word) {
	sip_word(s, last_word);
	s->v2 ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(s);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

uint64_t siphash13(const struct siphash_key *key, const uint8_t *octets, size_t len) {
	struct sip s = begin(key);
	size_t whole = len & ~(size_t)7;
	for (size_t i = 0; i < whole; i += 8)
		sip_word(&s, get_le64(octets + i));
	uint64_t last = (uint64_t)len << 56;
	for (size_t i = whole; i < len; i++)
		last |= (uint64_t)octets[i] << (8 * (i - whole));
	return finish(&s, last);
}

uint64_t siphash13_short(const struct siphash_key *key, uint64_t word, unsigned int len) {
	struct sip s = begin(key);
	return finish(&s, (uint64_t)len << 56 | word);
}
