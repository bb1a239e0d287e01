#include "lib/tfo/numbers.h"

#include "lib/tcpstack/bytes.h"

#define TARGET_OCTETS (ADDR6_OCTETS + 2)
#define CONN_OCTETS (TARGET_OCTETS + 2)

// Four independent words out of (seed, epoch): the label tells them apart.
static uint64_t derive(uint64_t seed, uint64_t epoch, uint8_t label) {
	struct siphash_key key = {.k0 = seed, .k1 = epoch};
	return siphash13(&key, &label, sizeof(label));
}

void numbers_init(struct numbers *n, uint64_t seed, uint64_t epoch) {
	n->target_key.k0 = derive(seed, epoch, 0);
	n->target_key.k1 = derive(seed, epoch, 1);
	n->conn_key.k0 = derive(seed, epoch, 2);
	n->conn_key.k1 = derive(seed, epoch, 3);
}

uint64_t numbers_target(const struct numbers *n, const struct ip_addr *raddr, uint16_t rport) {
	uint8_t octets[TARGET_OCTETS];
	memcpy(octets, raddr->octets, ADDR6_OCTETS);
	put_be16(octets + ADDR6_OCTETS, rport);
	return siphash13(&n->target_key, octets, sizeof(octets));
}

uint16_t numbers_port(const struct numbers *n, const struct ports *ports,
	const struct ip_addr *raddr, uint16_t rport, unsigned int ordinal) {
	return ports_choose(ports, numbers_target(n, raddr, rport), raddr, rport, ordinal);
}

uint16_t numbers_dns_id(const struct numbers *n, const struct ip_addr *raddr, uint16_t rport) {
	return (uint16_t)numbers_target(n, raddr, rport);
}

uint32_t numbers_choice(const struct numbers *n, const struct ip_addr *raddr, uint16_t rport,
	enum numbers_label label) {
	uint8_t octets[TARGET_OCTETS + 1]; // no other hash under this key is of that length
	memcpy(octets, raddr->octets, ADDR6_OCTETS);
	put_be16(octets + ADDR6_OCTETS, rport);
	octets[TARGET_OCTETS] = (uint8_t)label;
	return (uint32_t)siphash13(&n->target_key, octets, sizeof(octets));
}

struct conn_numbers numbers_conn(
	const struct numbers *n, const struct ip_addr *raddr, uint16_t rport, uint16_t lport) {
	uint8_t octets[CONN_OCTETS];
	memcpy(octets, raddr->octets, ADDR6_OCTETS);
	put_be16(octets + ADDR6_OCTETS, rport);
	put_be16(octets + TARGET_OCTETS, lport);
	uint64_t hash = siphash13(&n->conn_key, octets, sizeof(octets));
	uint64_t spread = hash * UINT64_C(0x9e3779b97f4a7c15);
	return (struct conn_numbers){
		.isn = (uint32_t)hash,
		.ts_base = (uint32_t)(hash >> 32),
		.ip_id = (uint16_t)(spread >> 16),
		.flow_label = (uint32_t)(spread >> 40) & 0xfffff,
	};
}
