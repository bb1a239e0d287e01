#include "lib/capkeep.h"

#include "lib/tcpstack/siphash.h"

#include <stdlib.h>
#include <string.h>

#define NB_HEADS (1u << 18)
#define NO_POSITION UINT64_MAX
#define MAX_FRAMES_OUT 4096 // of one target

// In front of each entry in the ring.
struct link {
	uint64_t previous; // position of the target's entry before, or NO_POSITION
	uint64_t next_in_bucket;
};

// The frames of a target whose first round is over.
struct apart {
	uint64_t target;
	struct apart *next_in_bucket;
	struct apart *older, *newer;
	uint8_t *octets;
	size_t len, capacity;
	unsigned int nb_frames, nb_lost; // that are kept; that could not be
};

struct capkeep {
	uint8_t *ring;
	uint64_t capacity, head, tail; // positions since the start; capacity is a power of two
	uint64_t *newest;	       // of each bucket: positions of entries
	struct apart **aparts, *oldest_apart, *newest_apart;
	uint64_t apart_octets, max_apart_octets;
};

static unsigned int bucket_of(uint64_t target) {
	return (unsigned int)((target * UINT64_C(0x9e3779b97f4a7c15)) >> 46);
}

struct capkeep *capkeep_create(uint64_t max_octets) {
	struct capkeep *k = calloc(1, sizeof(*k));
	if (k == NULL)
		return NULL;
	k->capacity = 4 * CAPRING_MAX_ENTRY;
	k->capacity = UINT64_C(1) << (64 - __builtin_clzll(k->capacity));
	while (k->capacity * 2 <= max_octets)
		k->capacity *= 2;
	k->max_apart_octets = max_octets;
	k->ring = malloc(k->capacity);
	k->newest = malloc(NB_HEADS * sizeof(*k->newest));
	k->aparts = calloc(NB_HEADS, sizeof(struct apart *));
	if (k->ring == NULL || k->newest == NULL || k->aparts == NULL) {
		capkeep_destroy(k);
		return NULL;
	}
	memset(k->newest, 0xff, NB_HEADS * sizeof(*k->newest));
	return k;
}

// ---- apart

static struct apart *find_apart(const struct capkeep *k, uint64_t target) {
	struct apart *a = k->aparts[bucket_of(target)];
	while (a != NULL && a->target != target)
		a = a->next_in_bucket;
	return a;
}

static void remove_apart(struct capkeep *k, struct apart *a) {
	struct apart **p = &k->aparts[bucket_of(a->target)];
	while (*p != a)
		p = &(*p)->next_in_bucket;
	*p = a->next_in_bucket;
	*(a->older ? &a->older->newer : &k->oldest_apart) = a->newer;
	*(a->newer ? &a->newer->older : &k->newest_apart) = a->older;
	k->apart_octets -= a->capacity;
	free(a->octets);
	free(a);
}

static struct apart *add_apart(struct capkeep *k, uint64_t target) {
	struct apart *a = calloc(1, sizeof(*a));
	if (a == NULL)
		return NULL;
	a->target = target;
	a->next_in_bucket = k->aparts[bucket_of(target)];
	k->aparts[bucket_of(target)] = a;
	a->older = k->newest_apart;
	*(a->older ? &a->older->newer : &k->oldest_apart) = a;
	k->newest_apart = a;
	return a;
}

// Who sends frames without end shall not take all the room.
static void append(struct capkeep *k, struct apart *a, const struct capring_entry *e) {
	a->nb_lost++;
	if (a->nb_frames == MAX_FRAMES_OUT)
		return;
	if (a->len + e->size > a->capacity) {
		size_t capacity = 2 * a->capacity + e->size;
		uint8_t *octets = realloc(a->octets, capacity);
		if (octets == NULL)
			return;
		k->apart_octets += capacity - a->capacity;
		a->octets = octets;
		a->capacity = capacity;
	}
	memcpy(a->octets + a->len, e, e->size);
	a->len += e->size;
	a->nb_frames++;
	a->nb_lost--;
	while (k->apart_octets > k->max_apart_octets && k->oldest_apart != a)
		remove_apart(k, k->oldest_apart);
}

// ---- the ring

static struct link *link_at(const struct capkeep *k, uint64_t position) {
	return (void *)(k->ring + (position & (k->capacity - 1)));
}

static const struct capring_entry *entry_at(const struct capkeep *k, uint64_t position) {
	return (const void *)(link_at(k, position) + 1);
}

static bool is_kept(const struct capkeep *k, uint64_t position) {
	return position != NO_POSITION && position >= k->tail;
}

// The place in its bucket where the target's newest entry stands, or where the bucket ends. Those
// that have left the ring end it.
static uint64_t *find_newest(const struct capkeep *k, uint64_t target) {
	uint64_t *p = &k->newest[bucket_of(target)];
	while (is_kept(k, *p) && entry_at(k, *p)->target != target)
		p = &link_at(k, *p)->next_in_bucket;
	return p;
}

static void forget_in_ring(struct capkeep *k, uint64_t target) {
	uint64_t *p = find_newest(k, target);
	if (!is_kept(k, *p))
		return;
	*p = link_at(k, *p)->next_in_bucket;
}

static void make_room(struct capkeep *k, uint64_t size) {
	while (k->head + size - k->tail > k->capacity) {
		uint64_t left = k->capacity - (k->tail & (k->capacity - 1));
		bool is_gap = left < sizeof(struct link) + sizeof(struct capring_entry) ||
			      entry_at(k, k->tail)->size == 0;
		k->tail += is_gap ? left : sizeof(struct link) + entry_at(k, k->tail)->size;
	}
}

// The buckets are in the order of positions, the newest first: what has left the ring stands behind
// all that has not.
static void add_to_ring(struct capkeep *k, const struct capring_entry *e) {
	uint64_t size = sizeof(struct link) + e->size;
	uint64_t left = k->capacity - (k->head & (k->capacity - 1));
	uint64_t gap = left < size ? left : 0;
	make_room(k, gap + size);
	if (gap >= sizeof(struct link) + sizeof(*e))
		((struct capring_entry *)(link_at(k, k->head) + 1))->size = 0;
	uint64_t position = k->head + gap;
	uint64_t *newest = find_newest(k, e->target), previous = NO_POSITION;
	if (is_kept(k, *newest)) {
		previous = *newest;
		*newest = link_at(k, *newest)->next_in_bucket;
	}
	uint64_t *head = &k->newest[bucket_of(e->target)];
	*link_at(k, position) = (struct link){.previous = previous, .next_in_bucket = *head};
	memcpy(link_at(k, position) + 1, e, e->size);
	*head = position;
	k->head = position + size;
}

// ---- a target's frames

struct frames {
	const struct capring_entry *list[MAX_FRAMES_OUT];
	unsigned int nb;
};

static void collect_from_ring(const struct capkeep *k, uint64_t target, struct frames *out) {
	uint64_t position = *find_newest(k, target);
	for (; is_kept(k, position) && out->nb < MAX_FRAMES_OUT;
		position = link_at(k, position)->previous)
		out->list[out->nb++] = entry_at(k, position);
	for (unsigned int i = 0; i < out->nb / 2; i++) {
		const struct capring_entry *e = out->list[i];
		out->list[i] = out->list[out->nb - 1 - i];
		out->list[out->nb - 1 - i] = e;
	}
}

static void collect_apart(const struct apart *a, struct frames *out) {
	for (size_t at = 0; at < a->len && out->nb < MAX_FRAMES_OUT;) {
		const struct capring_entry *e = (const void *)(a->octets + at);
		out->list[out->nb++] = e;
		at += e->size;
	}
}

void capkeep_drop(struct capkeep *k, uint64_t target) {
	struct apart *a = find_apart(k, target);
	if (a != NULL)
		remove_apart(k, a);
	forget_in_ring(k, target);
}

void capkeep_add(struct capkeep *k, const struct capring_entry *e) {
	if (e->flags & CAPRING_BEGINS)
		capkeep_drop(k, e->target);
	struct apart *a = find_apart(k, e->target);
	if (a == NULL && (e->flags & CAPRING_APART)) {
		static struct frames before;
		before.nb = 0;
		collect_from_ring(k, e->target, &before);
		a = add_apart(k, e->target);
		for (unsigned int i = 0; a != NULL && i < before.nb; i++)
			append(k, a, before.list[i]);
		forget_in_ring(k, e->target);
	}
	if (a != NULL)
		append(k, a, e);
	else
		add_to_ring(k, e);
}

uint32_t capkeep_take(struct capkeep *k, uint64_t target, capkeep_frame_fn frame, void *context) {
	static struct frames frames;
	frames.nb = 0;
	const struct apart *a = find_apart(k, target);
	if (a != NULL)
		collect_apart(a, &frames);
	else
		collect_from_ring(k, target, &frames);
	uint32_t nb_missing = a != NULL ? a->nb_lost : frames.nb == 0, next = 1;
	for (unsigned int i = 0; i < frames.nb; i++) {
		nb_missing += frames.list[i]->number - next;
		next = frames.list[i]->number + 1;
	}
	for (unsigned int i = 0; i < frames.nb; i++)
		frame(context, frames.list[i], nb_missing);
	capkeep_drop(k, target);
	return nb_missing;
}

void capkeep_destroy(struct capkeep *k) {
	while (k->aparts != NULL && k->oldest_apart != NULL)
		remove_apart(k, k->oldest_apart);
	free(k->ring);
	free(k->newest);
	free(k->aparts);
	free(k);
}
