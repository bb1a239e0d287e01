// Which targets have their record in the output, as of which of its octets: what a checkpoint is
// made of. Collectors and the reader tell, the checkpoint's thread asks; a lock is between them,
// taken once for many targets.
//
// A target counts only once its line is in the file. So a collector queues what it takes, and what
// was written settles it.
#pragma once

#include "app/collector_counts.h"
#include "lib/progress.h"

#include <pthread.h>

struct recorded {
	pthread_mutex_t mutex;
	struct progress done;
	uint64_t file_octets;		// of the output, in which all of these lines are
	struct collector_counts counts; // of these lines
	bool has_failed;		// no memory: it is no longer true
};

void recorded_init(struct recorded *r);
void recorded_free(struct recorded *r);

// Positions that get no record: blocked, seen before, without a way.
#define RECORDED_SKIPS 256
void recorded_skip(struct recorded *r, const uint64_t *positions, unsigned int nb);

// What it is at this moment, for the caller to free. False: no memory.
bool recorded_look(struct recorded *r, struct recorded *copy);

// ---- a collector's queue

#define RECORDED_QUEUE (1u << 16)

struct recorded_entry {
	uint64_t position;
	uint64_t end; // where its line ends, of all octets that this collector added
	uint64_t conditions;
	bool is_silent, is_placebo; // a placebo has no position
	bool is_blocked;	    // since it was handed over: it is done, without a record
};

struct recorded_queue {
	struct recorded *recorded;
	uint64_t head, tail;
	struct recorded_entry entries[RECORDED_QUEUE];
};

// NULL: no memory.
struct recorded_queue *recorded_queue_create(struct recorded *r);

static inline bool recorded_queue_is_full(const struct recorded_queue *q) {
	return q->tail - q->head == RECORDED_QUEUE;
}

static inline bool recorded_queue_is_empty(const struct recorded_queue *q) {
	return q->tail == q->head;
}

// There is room.
static inline void recorded_queue_add(struct recorded_queue *q, const struct recorded_entry *e) {
	q->entries[q->tail++ % RECORDED_QUEUE] = *e;
}

// For output's on_written.
void recorded_written(void *queue, uint64_t lines_octets, uint64_t file_octets);

// No line waits: what is left has none, and is done.
void recorded_settle(struct recorded_queue *q);
