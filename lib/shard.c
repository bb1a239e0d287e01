#include "lib/shard.h"

#include "lib/tcpstack/bytes.h"

static uint64_t hash_of(const struct siphash_key *key, const struct ip_addr *addr, uint16_t port) {
	if (addr_is_v4(addr)) {
		uint64_t word = (uint64_t)port << 32 | get_be32(addr_v4(addr));
		return siphash13_short(key, word, ADDR4_OCTETS + 2);
	}
	uint8_t octets[ADDR6_OCTETS + 2];
	memcpy(octets, addr->octets, ADDR6_OCTETS);
	put_be16(octets + ADDR6_OCTETS, port);
	return siphash13(key, octets, sizeof(octets));
}

unsigned int shard_of(const struct siphash_key *key, const struct ip_addr *addr, uint16_t port,
	unsigned int nb_shards) {
	// The high half of the hash, cut into equal parts: as even as a remainder, and no division.
	return (unsigned int)((hash_of(key, addr, port) >> 32) * nb_shards >> 32);
}
