#include "lib/jobtext.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

// In front of every block, which is aligned to its size: so a handle leads to it.
struct block {
	atomic_uint nb_jobs; // and one for the reader, as long as it fills the block
	uint32_t used_octets;
};

// In front of every job's octets: name, then text.
struct entry {
	uint16_t text_len;
	uint8_t name_len;
	uint8_t has_dip : 1, has_dp : 1, has_domain : 1;
};

struct jobtext_store {
	struct block *filling; // the reader's
	atomic_size_t nb_blocks;
	size_t max_blocks;
};

struct jobtext_store *jobtext_create(size_t max_octets) {
	struct jobtext_store *store = calloc(1, sizeof(*store));
	if (!store)
		return NULL;
	store->max_blocks = max_octets / JOBTEXT_BLOCK_OCTETS;
	if (store->max_blocks < 2)
		store->max_blocks = 2;
	return store;
}

static void leave_block(struct jobtext_store *store, struct block *b) {
	if (atomic_fetch_sub_explicit(&b->nb_jobs, 1, memory_order_acq_rel) > 1)
		return;
	free(b);
	atomic_fetch_sub(&store->nb_blocks, 1);
}

void jobtext_destroy(struct jobtext_store *store) {
	if (!store)
		return;
	if (store->filling)
		leave_block(store, store->filling);
	free(store);
}

static bool open_block(struct jobtext_store *store) {
	if (store->filling)
		leave_block(store, store->filling);
	store->filling = NULL;
	if (atomic_load(&store->nb_blocks) >= store->max_blocks)
		return false;
	struct block *b = aligned_alloc(JOBTEXT_BLOCK_OCTETS, JOBTEXT_BLOCK_OCTETS);
	if (!b)
		return false;
	atomic_init(&b->nb_jobs, 1);
	b->used_octets = sizeof(*b);
	atomic_fetch_add(&store->nb_blocks, 1);
	store->filling = b;
	return true;
}

uint64_t jobtext_put(struct jobtext_store *store, const struct jobtext *job) {
	uint32_t octets = (uint32_t)sizeof(struct entry) + job->name_len + job->text_len;
	octets = (octets + _Alignof(struct entry) - 1) & ~(uint32_t)(_Alignof(struct entry) - 1);
	bool fits = store->filling && store->filling->used_octets + octets <= JOBTEXT_BLOCK_OCTETS;
	if (!fits && !open_block(store))
		return 0;

	struct block *b = store->filling;
	struct entry *e = (struct entry *)((uint8_t *)b + b->used_octets);
	*e = (struct entry){
		.text_len = job->text_len,
		.name_len = job->name_len,
		.has_dip = job->has_dip,
		.has_dp = job->has_dp,
		.has_domain = job->has_domain,
	};
	uint8_t *octets_at = (uint8_t *)(e + 1);
	memcpy(octets_at, job->name, job->name_len);
	memcpy(octets_at + job->name_len, job->text, job->text_len);
	b->used_octets += octets;
	atomic_fetch_add_explicit(&b->nb_jobs, 1, memory_order_relaxed);
	return (uint64_t)(uintptr_t)e;
}

void jobtext_get(uint64_t handle, struct jobtext *job) {
	if (handle == 0) {
		*job = (struct jobtext){0};
		return;
	}
	const struct entry *e = (const struct entry *)(uintptr_t)handle;
	const uint8_t *octets_at = (const uint8_t *)(e + 1);
	*job = (struct jobtext){
		.text = (const char *)octets_at + e->name_len,
		.name = octets_at,
		.text_len = e->text_len,
		.name_len = e->name_len,
		.has_dip = e->has_dip,
		.has_dp = e->has_dp,
		.has_domain = e->has_domain,
	};
}

void jobtext_release(struct jobtext_store *store, uint64_t handle) {
	if (handle == 0)
		return;
	uintptr_t block_at = (uintptr_t)handle & ~(uintptr_t)(JOBTEXT_BLOCK_OCTETS - 1);
	leave_block(store, (struct block *)block_at);
}

struct record_job jobtext_for_record(const struct jobtext *job) {
	return (struct record_job){
		.text = job->text,
		.text_len = job->text_len,
		.has_dip = job->has_dip,
		.has_dp = job->has_dp,
		.has_domain = job->has_domain,
	};
}
