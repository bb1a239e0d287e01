#include "lib/tfo/numbers.h"

#include "lib/tcpstack/bytes.h"

#define TARGET_OCTETS (ADDR6_OCTETS + 2)
#define TARGET4_OCTETS (ADDR4_OCTETS + 2)

// Two independent words out of (seed, epoch): the label tells them apart.
static uint64_t derive(uint64_t seed, uint64_t epoch, uint8_t label) {
	struct siphash_key key = {.k0 = seed, .k1 = epoch};
	return siphash13(&key, &label, sizeof(label));
}

void numbers_init(struct numbers *n, uint64_t seed, uint64_t epoch) {
	n->key.k0 = derive(seed, epoch, 0);
	n->key.k1 = derive(seed, epoch, 1);
}

uint64_t numbers_target(const struct numbers *n, const struct ip_addr *raddr, uint16_t rport) {
	if (addr_is_v4(raddr)) {
		uint64_t word = (uint64_t)rport << 32 | get_be32(addr_v4(raddr));
		return siphash13_short(&n->key, word, TARGET4_OCTETS);
	}
	uint8_t octets[TARGET_OCTETS];
	memcpy(octets, raddr->octets, ADDR6_OCTETS);
	put_be16(octets + ADDR6_OCTETS, rport);
	return siphash13(&n->key, octets, sizeof(octets));
}

uint32_t numbers_choice(const struct numbers *n, const struct ip_addr *raddr, uint16_t rport,
	enum numbers_label label) {
	uint8_t octets[TARGET_OCTETS + 1]; // no other hash under this key is of that length
	memcpy(octets, raddr->octets, ADDR6_OCTETS);
	put_be16(octets + ADDR6_OCTETS, rport);
	octets[TARGET_OCTETS] = (uint8_t)label;
	return (uint32_t)siphash13(&n->key, octets, sizeof(octets));
}
