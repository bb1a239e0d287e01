#include "lib/capring.h"

#include <assert.h>
#include <string.h>

static_assert(sizeof(struct capring_entry) % 8 == 0, "entries follow one another");

void capring_init(struct capring *r, void *memory, uint64_t capacity) {
	assert(capacity >= 2 * CAPRING_MAX_ENTRY && (capacity & (capacity - 1)) == 0);
	*r = (struct capring){.octets = memory, .capacity = capacity};
}

uint64_t capring_free(const struct capring *r) {
	uint64_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
	return r->capacity - (head - atomic_load_explicit(&r->tail, memory_order_acquire));
}

static struct capring_entry *at(const struct capring *r, uint64_t position) {
	return (void *)(r->octets + (position & (r->capacity - 1)));
}

// What is left up to the end of the memory, where too short for an entry, is passed over: it has
// the size of the gap and no frame, or not even room to say so.
static uint64_t gap_before(const struct capring *r, uint64_t head, uint64_t size) {
	uint64_t left = r->capacity - (head & (r->capacity - 1));
	return left < size ? left : 0;
}

bool capring_put(
	struct capring *r, struct capring_entry *entry, const uint8_t *octets, const char *text) {
	uint64_t size = sizeof(*entry) + entry->len + entry->text_len;
	size = (size + 7) & ~UINT64_C(7);
	entry->size = (uint32_t)size;
	uint64_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
	uint64_t gap = gap_before(r, head, size);
	if (capring_free(r) < gap + size)
		return false;
	if (gap >= sizeof(*entry))
		at(r, head)->size = 0;
	struct capring_entry *place = at(r, head + gap);
	*place = *entry;
	if (entry->len > 0)
		memcpy(place + 1, octets, entry->len);
	if (entry->text_len > 0)
		memcpy((uint8_t *)(place + 1) + entry->len, text, entry->text_len);
	atomic_store_explicit(&r->head, head + gap + size, memory_order_release);
	return true;
}

const struct capring_entry *capring_first(struct capring *r) {
	uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
	if (tail == atomic_load_explicit(&r->head, memory_order_acquire))
		return NULL;
	uint64_t left = r->capacity - (tail & (r->capacity - 1));
	if (left < sizeof(struct capring_entry) || at(r, tail)->size == 0) {
		tail += left;
		atomic_store_explicit(&r->tail, tail, memory_order_release);
	}
	return at(r, tail);
}

void capring_next(struct capring *r) {
	const struct capring_entry *e = capring_first(r);
	uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
	atomic_store_explicit(&r->tail, tail + e->size, memory_order_release);
}
