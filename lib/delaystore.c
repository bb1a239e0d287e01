#include "lib/delaystore.h"

// A slot holds what is due in one tick, of this turn of the wheel (a second) or of a later one,
// sorted: the first one due in front.
#define TICK_SHIFT 11
#define NB_SLOTS (UINT32_C(1) << 19)
#define NONE UINT32_MAX

static struct delaystore_slot *slot_of(struct delaystore *d, uint64_t tick) {
	return &d->slots[tick % NB_SLOTS];
}

size_t delaystore_octets(uint32_t capacity) {
	return NB_SLOTS * sizeof(struct delaystore_slot) +
	       (size_t)capacity * sizeof(struct delaystore_node);
}

void delaystore_init(struct delaystore *d, void *memory, uint32_t capacity, uint64_t now_ns) {
	*d = (struct delaystore){
		.slots = memory,
		.nodes = (void *)((uint8_t *)memory + NB_SLOTS * sizeof(struct delaystore_slot)),
		.free = NONE,
		.capacity = capacity,
		.now_tick = now_ns >> TICK_SHIFT,
	};
	for (uint32_t i = 0; i < NB_SLOTS; i++)
		d->slots[i] = (struct delaystore_slot){NONE, NONE};
	for (uint32_t i = capacity; i-- > 0;) {
		d->nodes[i].next = d->free;
		d->free = i;
	}
}

bool delaystore_add(struct delaystore *d, uint64_t at_ns, void *item) {
	uint32_t n = d->free;
	if (n == NONE)
		return false;
	struct delaystore_node *node = &d->nodes[n];
	d->free = node->next;
	d->nb++;
	if (at_ns >> TICK_SHIFT < d->now_tick)
		at_ns = d->now_tick << TICK_SHIFT;

	// nearly all belong at the end
	struct delaystore_slot *slot = slot_of(d, at_ns >> TICK_SHIFT);
	uint32_t prev = slot->last, next = NONE;
	while (prev != NONE && d->nodes[prev].at_ns > at_ns) {
		next = prev;
		prev = d->nodes[prev].prev;
	}
	*node = (struct delaystore_node){.at_ns = at_ns, .item = item, .next = next, .prev = prev};
	*(prev == NONE ? &slot->first : &d->nodes[prev].next) = n;
	*(next == NONE ? &slot->last : &d->nodes[next].prev) = n;
	return true;
}

static void *take_first(struct delaystore *d, struct delaystore_slot *slot) {
	uint32_t n = slot->first;
	struct delaystore_node *node = &d->nodes[n];
	slot->first = node->next;
	*(node->next == NONE ? &slot->last : &d->nodes[node->next].prev) = NONE;
	node->next = d->free;
	d->free = n;
	d->nb--;
	return node->item;
}

void *delaystore_due(struct delaystore *d, uint64_t now_ns) {
	uint64_t until = now_ns >> TICK_SHIFT;
	for (;;) {
		if (d->nb == 0 && d->now_tick < until)
			d->now_tick = until;
		struct delaystore_slot *slot = slot_of(d, d->now_tick);
		if (slot->first != NONE) {
			uint64_t at_ns = d->nodes[slot->first].at_ns;
			if (at_ns <= now_ns && at_ns >> TICK_SHIFT <= d->now_tick)
				return take_first(d, slot);
		}
		if (d->now_tick >= until)
			return NULL;
		d->now_tick++;
	}
}

void *delaystore_drain(struct delaystore *d) {
	uint64_t furthest = d->now_tick + NB_SLOTS;
	for (uint64_t tick = d->now_tick; d->nb > 0 && tick < furthest; tick++) {
		struct delaystore_slot *slot = slot_of(d, tick);
		if (slot->first != NONE)
			return take_first(d, slot);
	}
	return NULL;
}
