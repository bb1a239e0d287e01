#include "app/recorded.h"

#include <stdlib.h>

void recorded_init(struct recorded *r) {
	*r = (struct recorded){0};
	pthread_mutex_init(&r->mutex, NULL);
}

void recorded_free(struct recorded *r) {
	progress_free(&r->done);
}

static void add(struct recorded *r, uint64_t position) {
	if (!progress_add(&r->done, position))
		r->has_failed = true;
}

void recorded_skip(struct recorded *r, const uint64_t *positions, unsigned int nb) {
	pthread_mutex_lock(&r->mutex);
	for (unsigned int i = 0; i < nb; i++)
		add(r, positions[i]);
	pthread_mutex_unlock(&r->mutex);
}

bool recorded_look(struct recorded *r, struct recorded *copy) {
	pthread_mutex_lock(&r->mutex);
	*copy = *r;
	bool is_copied = progress_copy(&copy->done, &r->done);
	pthread_mutex_unlock(&r->mutex);
	return is_copied;
}

struct recorded_queue *recorded_queue_create(struct recorded *r) {
	struct recorded_queue *q = malloc(sizeof(*q));
	if (q) {
		q->recorded = r;
		q->head = q->tail = 0;
	}
	return q;
}

static void settle(struct recorded_queue *q, uint64_t lines_octets) {
	struct recorded *r = q->recorded;
	for (; q->head != q->tail; q->head++) {
		const struct recorded_entry *e = &q->entries[q->head % RECORDED_QUEUE];
		if (e->end > lines_octets)
			break;
		if (e->is_placebo) {
			collector_counts_placebo(&r->counts, e->conditions);
			continue;
		}
		add(r, e->position);
		if (e->is_blocked)
			r->counts.nb_blocked++;
		else
			collector_counts_record(&r->counts, e->conditions, e->is_silent);
	}
}

void recorded_written(void *queue, uint64_t lines_octets, uint64_t file_octets) {
	struct recorded_queue *q = queue;
	pthread_mutex_lock(&q->recorded->mutex);
	settle(q, lines_octets);
	q->recorded->file_octets = file_octets;
	pthread_mutex_unlock(&q->recorded->mutex);
}

void recorded_settle(struct recorded_queue *q) {
	pthread_mutex_lock(&q->recorded->mutex);
	settle(q, UINT64_MAX);
	pthread_mutex_unlock(&q->recorded->mutex);
}
