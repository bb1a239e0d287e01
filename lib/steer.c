#include "lib/steer.h"

#include "lib/tcpstack/bytes.h"

#include <assert.h>
#include <string.h>

#define PORT_OCTETS 2
#define TUPLE_MAX_OCTETS (2 * ADDR6_OCTETS + 2 * PORT_OCTETS)

static_assert(STEER_KEY_OCTETS == TUPLE_MAX_OCTETS + 4, "32 bits of key from each bit on");

// The low 16 bits of what an octet at this place of the tuple adds to the hash.
static uint16_t hash_octet(const uint8_t *key, unsigned int place, uint8_t octet) {
	// the key's bits 16 to 39 behind the place: 16 for each of the octet's bits
	uint32_t bits = (uint32_t)get_be16(key + place + 2) << 8 | key[place + 4];
	uint16_t hash = 0;
	for (unsigned int bit = 0; bit < 8; bit++) {
		if (octet & 0x80 >> bit)
			hash ^= (uint16_t)(bits >> (8 - bit));
	}
	return hash;
}

static uint16_t hash_octets(
	const uint8_t *key, unsigned int place, const uint8_t *octets, unsigned int len) {
	uint16_t hash = 0;
	for (unsigned int i = 0; i < len; i++)
		hash ^= hash_octet(key, place + i, octets[i]);
	return hash;
}

static void fill_octet(const uint8_t *key, unsigned int place, uint16_t table[256]) {
	for (unsigned int v = 0; v < 256; v++)
		table[v] = hash_octet(key, place, (uint8_t)v);
}

static void fill_hashes(
	struct ports_family *f, const uint8_t *key, bool is_v4, const struct ip_addr *laddr) {
	unsigned int len = is_v4 ? ADDR4_OCTETS : ADDR6_OCTETS;
	unsigned int skip = ADDR6_OCTETS - len; // of the octets of an address
	for (unsigned int i = 0; i < len; i++)
		fill_octet(key, i, f->raddr[skip + i]);
	f->ours = hash_octets(key, len, laddr->octets + skip, len);
	for (unsigned int i = 0; i < PORT_OCTETS; i++) {
		fill_octet(key, 2 * len + i, f->rport[i]);
		fill_octet(key, 2 * len + PORT_OCTETS + i, f->lport[i]);
	}
}

static uint16_t class_of(const struct ports_family *f, uint16_t mask, uint32_t port) {
	return (f->lport[0][port >> 8] ^ f->lport[1][port & 0xff]) & mask;
}

// Ports in the order of their numbers, each class cut to the size of the smallest.
static void fill_classes(
	struct ports_family *f, uint16_t mask, const struct port_range *range, uint16_t *memory) {
	uint16_t sizes[PORTS_MAX_ENTRIES] = {0};
	uint16_t *place_of = memory, *by_class = memory + range->count;
	for (uint32_t i = 0; i < range->count; i++)
		place_of[i] = sizes[class_of(f, mask, range->first + i)]++;
	f->nb_each = UINT16_MAX;
	for (uint32_t class = 0; class <= mask; class ++) {
		if (sizes[class] < f->nb_each)
			f->nb_each = sizes[class];
	}
	for (uint32_t i = 0; i < range->count; i++) {
		uint32_t class = class_of(f, mask, range->first + i);
		if (place_of[i] < f->nb_each)
			by_class[class * f->nb_each + place_of[i]] = (uint16_t)(range->first + i);
	}
	f->place_of = place_of;
	f->by_class = by_class;
}

// The smallest power of two after which the table repeats itself: as good as the whole, with fewer
// and larger classes. That of queues which take turns is short.
static uint16_t period(const struct steer *steer) {
	uint16_t nb = steer->nb_entries;
	while (nb > 1 && memcmp(steer->queues, steer->queues + nb / 2,
				 nb / 2 * sizeof(steer->queues[0])) == 0)
		nb /= 2;
	return nb;
}

static void fill_good(struct ports_steering *s, const struct steer *steer, uint16_t queue) {
	s->nb_good = 0;
	for (uint16_t i = 0; i <= s->mask; i++) {
		s->good_of[i] = PORTS_MAX_ENTRIES;
		if (steer->queues[i] != queue)
			continue;
		s->good_of[i] = s->nb_good;
		s->good[s->nb_good++] = i;
	}
}

static bool has_enough(const struct ports_steering *s, const struct ports_family *f) {
	return (uint32_t)s->nb_good * f->nb_each >= NUMBERS_MAX_CONNECTIONS;
}

size_t steer_octets(uint16_t nb_ports) {
	return sizeof(struct ports_steering) + 4 * sizeof(uint16_t) * (size_t)nb_ports;
}

const struct ports_steering *steer_build(const struct steer *steer, uint16_t queue,
	const struct port_range *range, const struct ip_addr *laddr4, const struct ip_addr *laddr6,
	void *memory) {
	struct ports_steering *s = memory;
	uint16_t *ports = (uint16_t *)(s + 1);
	uint16_t nb = steer->nb_entries;
	if (nb == 0 || nb > PORTS_MAX_ENTRIES || (nb & (nb - 1)) != 0)
		return NULL;
	s->mask = (uint16_t)(period(steer) - 1);
	fill_good(s, steer, queue);
	if (s->nb_good == 0)
		return NULL;
	// for 1 it would be 2^32, which nobody reads
	s->per_good = (uint32_t)(UINT32_MAX / s->nb_good + 1u);
	fill_hashes(&s->v4, steer->key, true, laddr4);
	fill_hashes(&s->v6, steer->key, false, laddr6);
	fill_classes(&s->v4, s->mask, range, ports);
	fill_classes(&s->v6, s->mask, range, ports + 2 * (size_t)range->count);
	return has_enough(s, &s->v4) && has_enough(s, &s->v6) ? s : NULL;
}

uint16_t steer_queue(const struct steer *steer, const struct ip_addr *raddr,
	const struct ip_addr *laddr, uint16_t rport, uint16_t lport) {
	unsigned int len = addr_is_v4(raddr) ? ADDR4_OCTETS : ADDR6_OCTETS;
	unsigned int skip = ADDR6_OCTETS - len;
	uint8_t octets[2 * PORT_OCTETS];
	put_be16(octets, rport);
	put_be16(octets + PORT_OCTETS, lport);
	uint16_t hash = hash_octets(steer->key, 0, raddr->octets + skip, len) ^
			hash_octets(steer->key, len, laddr->octets + skip, len) ^
			hash_octets(steer->key, 2 * len, octets, sizeof(octets));
	return steer->queues[hash & (steer->nb_entries - 1)];
}
