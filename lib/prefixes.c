#include "lib/prefixes.h"

#include <string.h>

#define PS_PER_S 1e12
#define NS_PER_MS 1000000u
// A bucket this deep makes good for timers that fire a millisecond late, and for a worker that
// another thread kept from its CPU: a second may hold a twentieth more.
#define DEPTH_PS UINT64_C(50000000000)
#define V4_NETWORK_OCTETS 15 // of the address as IPv6 has it: ::ffff:a.b.c
#define V6_NETWORK_OCTETS 6

// Answers that say no, see the header.
#define PROHIBITED_IN_A_ROW 0x0fu
#define RSTS_IN_A_ROW 8u
#define RSTS_BEFORE 24u
#define RSTS_BEFORE_AT_LEAST 8u
#define RSTS_ONE_IN 4u // at most, before

static size_t places_at(uint32_t nb_buckets) {
	return nb_buckets * sizeof(struct prefix_bucket);
}

static size_t nodes_at(uint32_t nb_buckets, uint32_t nb_places) {
	return places_at(nb_buckets) + nb_places * sizeof(struct prefix_place);
}

size_t prefixes_octets(uint32_t nb_buckets, uint32_t nb_places) {
	return nodes_at(nb_buckets, nb_places) + nb_places * sizeof(struct wheel_node);
}

static void free_places(struct prefixes *p) {
	for (uint32_t i = 0; i < p->nb_places; i++)
		p->places[i].next = i + 1 < p->nb_places ? i + 1 : PREFIXES_NONE;
	p->first_free = p->nb_places > 0 ? 0 : PREFIXES_NONE;
	p->nb_waiting = 0;
}

void prefixes_init(struct prefixes *p, void *memory, uint32_t nb_buckets, uint32_t nb_places,
	double frames_per_s, const struct siphash_key *key, uint64_t now_ns) {
	uint8_t *octets = memory;
	*p = (struct prefixes){
		.buckets = memory,
		.places = (void *)(octets + places_at(nb_buckets)),
		.keys = {siphash13_short(key, 'p', 1), siphash13_short(key, 'q', 1)},
		.start_ns = now_ns,
		.interval_ps = frames_per_s > 0 ? (uint64_t)(PS_PER_S / frames_per_s) : 0,
		.bucket_mask = nb_buckets - 1,
		.nb_places = nb_places,
		.is_on = frames_per_s > 0,
	};
	wheel_init(
		&p->wheel, (void *)(octets + nodes_at(nb_buckets, nb_places)), nb_places, now_ns);
	for (uint32_t i = 0; i < nb_buckets; i++)
		p->buckets[i].first = p->buckets[i].last = PREFIXES_NONE;
	free_places(p);
}

struct ip_addr prefixes_network(const struct ip_addr *addr) {
	struct ip_addr network = {0};
	memcpy(network.octets, addr->octets,
		addr_is_v4(addr) ? V4_NETWORK_OCTETS : V6_NETWORK_OCTETS);
	return network;
}

uint32_t prefixes_bucket(const struct prefixes *p, const struct ip_addr *addr) {
	struct ip_addr network = prefixes_network(addr);
	uint64_t words[2];
	memcpy(words, network.octets, sizeof(words));
	unsigned __int128 product =
		(unsigned __int128)(words[0] ^ p->keys[0]) * (words[1] ^ p->keys[1]);
	return (uint32_t)((uint64_t)product ^ (uint64_t)(product >> 64)) & p->bucket_mask;
}

// ---- rates

static uint64_t now_ps(const struct prefixes *p, uint64_t now_ns) {
	return (now_ns - p->start_ns) * 1000;
}

static uint32_t now_ms(const struct prefixes *p, uint64_t now_ns) {
	return (uint32_t)((now_ns - p->start_ns) / NS_PER_MS);
}

static uint64_t larger(uint64_t a, uint64_t b) {
	return a > b ? a : b;
}

// The interval between two frames, halved so often as a rate.
static uint64_t slowed_ps(const struct prefixes *p, unsigned int steps) {
	if (steps == 0)
		return p->interval_ps;
	uint64_t from_ps = larger(p->interval_ps, (uint64_t)(PS_PER_S / PREFIXES_SLOW_FROM));
	uint64_t ps = from_ps << steps, most_ps = (uint64_t)(PS_PER_S / PREFIXES_SLOW_LEAST);
	return larger(p->interval_ps, ps < most_ps ? ps : most_ps);
}

// Steps are taken back as time passes; nobody looks but who needs the rate.
static void ease(const struct prefixes *p, struct prefix_bucket *b, uint64_t now_ns) {
	uint32_t ms = now_ms(p, now_ns);
	while (b->steps > 0 && ms - b->said_ms >= PREFIXES_EASE_MS) {
		b->steps--;
		b->said_ms += PREFIXES_EASE_MS;
	}
}

// Without a rate what was owed is forgotten: there is nothing to wait for.
static bool has_token(const struct prefixes *p, struct prefix_bucket *b, uint64_t now_ns) {
	ease(p, b, now_ns);
	return slowed_ps(p, b->steps) == 0 || b->paid_until_ps <= now_ps(p, now_ns);
}

bool prefixes_may_begin(struct prefixes *p, uint32_t bucket, uint64_t now_ns) {
	struct prefix_bucket *b = &p->buckets[bucket];
	return b->first == PREFIXES_NONE && has_token(p, b, now_ns);
}

void prefixes_charge(struct prefixes *p, uint32_t bucket, uint64_t now_ns, unsigned int nb_frames) {
	struct prefix_bucket *b = &p->buckets[bucket];
	ease(p, b, now_ns);
	uint64_t ps = now_ps(p, now_ns), interval_ps = slowed_ps(p, b->steps);
	if (interval_ps == 0)
		return;
	b->paid_until_ps = larger(b->paid_until_ps, ps > DEPTH_PS ? ps - DEPTH_PS : 0) +
			   nb_frames * interval_ps;
}

void prefixes_refund(struct prefixes *p, uint32_t bucket, unsigned int nb_frames) {
	struct prefix_bucket *b = &p->buckets[bucket];
	uint64_t ps = nb_frames * p->interval_ps;
	b->paid_until_ps -= ps < b->paid_until_ps ? ps : b->paid_until_ps;
}

// ---- queues

static uint64_t token_ns(const struct prefixes *p, const struct prefix_bucket *b) {
	return p->start_ns + (b->paid_until_ps + 999) / 1000;
}

uint32_t prefixes_wait(struct prefixes *p, uint32_t bucket, uint64_t now_ns) {
	uint32_t place = p->first_free;
	if (place == PREFIXES_NONE)
		return PREFIXES_NONE;
	struct prefix_bucket *b = &p->buckets[bucket];
	p->first_free = p->places[place].next;
	p->places[place] = (struct prefix_place){.next = PREFIXES_NONE, .bucket = bucket};
	if (p->nb_waiting++ == 0)
		wheel_restart(&p->wheel, now_ns);
	if (b->first == PREFIXES_NONE) {
		b->first = place;
		wheel_set(&p->wheel, place, token_ns(p, b));
	} else {
		p->places[b->last].next = place;
	}
	b->last = place;
	return place;
}

uint32_t prefixes_due(struct prefixes *p, uint64_t now_ns) {
	while (p->nb_waiting > 0) {
		uint32_t place = wheel_expired(&p->wheel, now_ns);
		if (place == PREFIXES_NONE)
			break;
		struct prefix_bucket *b = &p->buckets[p->places[place].bucket];
		if (has_token(p, b, now_ns))
			return place;
		wheel_set(&p->wheel, place, token_ns(p, b));
	}
	return PREFIXES_NONE;
}

void prefixes_leave(struct prefixes *p, uint32_t place) {
	struct prefix_place *left = &p->places[place];
	struct prefix_bucket *b = &p->buckets[left->bucket];
	assert(b->first == place);
	b->first = left->next;
	if (b->first == PREFIXES_NONE)
		b->last = PREFIXES_NONE;
	else
		wheel_set(&p->wheel, b->first, token_ns(p, b));
	left->next = p->first_free;
	p->first_free = place;
	p->nb_waiting--;
}

void prefixes_put_off(struct prefixes *p, uint32_t place, uint64_t until_ns) {
	wheel_set(&p->wheel, place, until_ns);
}

void prefixes_drop_all(struct prefixes *p) {
	if (p->nb_waiting == 0)
		return;
	for (uint32_t i = 0; i <= p->bucket_mask; i++)
		p->buckets[i].first = p->buckets[i].last = PREFIXES_NONE;
	for (uint32_t i = 0; i < p->nb_places; i++)
		wheel_cancel(&p->wheel, i);
	free_places(p);
}

// ---- networks that say no

static bool are_all_rsts(const struct prefix_bucket *b) {
	uint32_t mask = (1u << RSTS_IN_A_ROW) - 1;
	return b->nb_answers >= RSTS_IN_A_ROW && (b->rsts & mask) == mask;
}

static bool has_jumped(const struct prefix_bucket *b) {
	unsigned int nb_before = b->nb_answers - RSTS_IN_A_ROW;
	return are_all_rsts(b) && nb_before >= RSTS_BEFORE_AT_LEAST &&
	       (unsigned int)__builtin_popcount(b->rsts >> RSTS_IN_A_ROW) * RSTS_ONE_IN <=
		       nb_before;
}

static void remember(struct prefix_bucket *b, enum prefix_answer answer) {
	b->rsts = b->rsts << 1 | (answer == PREFIX_ANSWER_RST);
	b->prohibited = (uint8_t)(b->prohibited << 1 | (answer == PREFIX_ANSWER_PROHIBITED));
	if (b->nb_answers < RSTS_IN_A_ROW + RSTS_BEFORE)
		b->nb_answers++;
}

enum prefix_change prefixes_note(
	struct prefixes *p, uint32_t bucket, enum prefix_answer answer, uint64_t now_ns) {
	struct prefix_bucket *b = &p->buckets[bucket];
	remember(b, answer);
	ease(p, b, now_ns);
	bool is_prohibited = (b->prohibited & PROHIBITED_IN_A_ROW) == PROHIBITED_IN_A_ROW;
	bool says_no = is_prohibited || has_jumped(b);
	bool is_slow = b->steps > 0;
	// RSTs that go on are no new jump, but no reason to be faster either
	if (!says_no && !(is_slow && are_all_rsts(b)))
		return PREFIX_STAYS;
	b->said_ms = now_ms(p, now_ns);
	bool is_too_soon = is_slow && b->said_ms - b->cut_ms < PREFIXES_STEP_MS;
	if (!says_no || is_too_soon || b->steps == PREFIXES_MAX_STEPS)
		return PREFIX_STAYS;
	b->steps++;
	b->cut_ms = b->said_ms;
	p->is_on = true;
	// nothing was charged while there was no rate
	if (p->interval_ps == 0 && !is_slow)
		b->paid_until_ps = now_ps(p, now_ns);
	return is_slow ? PREFIX_CUT : PREFIX_SLOWED;
}
