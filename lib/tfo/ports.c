#include "lib/tfo/ports.h"

static uint16_t hash4(const struct ports_family *f, const uint8_t *octets) {
	return f->raddr[12][octets[12]] ^ f->raddr[13][octets[13]] ^ f->raddr[14][octets[14]] ^
	       f->raddr[15][octets[15]];
}

static uint16_t hash6(const struct ports_family *f, const uint8_t *octets) {
	uint16_t hash = 0;
	for (unsigned int i = 0; i < ADDR6_OCTETS; i++)
		hash ^= f->raddr[i][octets[i]];
	return hash;
}

// Of the reply, but for our port.
static uint16_t hash_of(
	const struct ports_family *f, bool is_v4, const struct ip_addr *raddr, uint16_t rport) {
	uint16_t hash = is_v4 ? hash4(f, raddr->octets) : hash6(f, raddr->octets);
	return hash ^ f->ours ^ f->rport[0][rport >> 8] ^ f->rport[1][rport & 0xff];
}

static const struct ports_family *family(const struct ports_steering *s, bool is_v4) {
	return is_v4 ? &s->v4 : &s->v6;
}

// n / nb_good: exact, as n is far below 2^20.
static uint32_t per_good(const struct ports_steering *s, uint32_t n) {
	return s->nb_good == 1 ? n : (uint32_t)((uint64_t)n * s->per_good >> 32);
}

uint16_t ports_choose_steered(const struct ports *p, uint64_t target_hash,
	const struct ip_addr *raddr, uint16_t rport, unsigned int ordinal) {
	const struct ports_steering *s = p->steering;
	bool is_v4 = addr_is_v4(raddr);
	const struct ports_family *f = family(s, is_v4);
	uint32_t m = ports_place((uint32_t)target_hash, s->nb_good) + ordinal;
	uint32_t turns = per_good(s, m);
	uint32_t j = ports_place((uint32_t)(target_hash >> 32), f->nb_each) + turns;
	m -= turns * s->nb_good;
	while (j >= f->nb_each)
		j -= f->nb_each;
	uint32_t class = (hash_of(f, is_v4, raddr, rport) & s->mask) ^ s->good[m];
	return f->by_class[class * f->nb_each + j];
}

static uint32_t ordinal_plain(const struct ports *p, uint64_t target_hash, uint32_t offset) {
	uint32_t start = ports_place((uint32_t)(target_hash >> 32), p->count);
	return offset >= start ? offset - start : offset + p->count - start;
}

uint32_t ports_ordinal(const struct ports *p, uint64_t target_hash, const struct ip_addr *raddr,
	uint16_t rport, uint16_t lport) {
	const struct ports_steering *s = p->steering;
	uint32_t offset = (uint32_t)lport - p->first;
	if (lport < p->first || offset >= p->count)
		return UINT32_MAX;
	if (!s)
		return ordinal_plain(p, target_hash, offset);
	bool is_v4 = addr_is_v4(raddr);
	const struct ports_family *f = family(s, is_v4);
	uint16_t hash = hash_of(f, is_v4, raddr, rport) ^ f->lport[0][lport >> 8] ^
			f->lport[1][lport & 0xff];
	uint32_t m = s->good_of[hash & s->mask];
	uint32_t j = f->place_of[offset];
	if (m >= s->nb_good || j >= f->nb_each)
		return UINT32_MAX;
	uint32_t start = ports_place((uint32_t)(target_hash >> 32), f->nb_each) * s->nb_good +
			 ports_place((uint32_t)target_hash, s->nb_good);
	uint32_t here = j * s->nb_good + m;
	return here >= start ? here - start : here + ports_nb(p, is_v4) - start;
}

uint32_t ports_nb(const struct ports *p, bool is_v4) {
	const struct ports_steering *s = p->steering;
	return s ? (uint32_t)s->nb_good * family(s, is_v4)->nb_each : p->count;
}
