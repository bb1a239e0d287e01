#include "app/collector.h"

#include <unistd.h>

#define RECORDS_A_RING 256
// Records that are on their way into the cache.
#define AHEAD 4
#define PUSH_OCTETS (256u << 10)
#define PUSH_NS (NSEC_PER_SEC / 10)
// A frame is compressed the better the longer it is.
#define PUSH_FRAME_NS NSEC_PER_SEC
#define RETRY_NS NSEC_PER_SEC

static void count(struct collector_counts *counts, uint64_t conditions, bool is_silent,
	uint64_t from_ns, uint64_t to_ns) {
	collector_counts_record(counts, conditions, is_silent);
	if (counts->first_syn_ns == 0 || from_ns < counts->first_syn_ns)
		counts->first_syn_ns = from_ns;
	if (to_ns > counts->last_verdict_ns)
		counts->last_verdict_ns = to_ns;
}

// Behind its line, if it has one.
static void note_recorded(struct collector *c, uint64_t position, uint64_t conditions,
	bool is_silent, bool is_placebo) {
	const struct recorded_entry entry = {
		.position = position,
		.end = c->output.added_octets,
		.conditions = conditions,
		.is_silent = is_silent,
		.is_placebo = is_placebo,
	};
	if (c->recorded)
		recorded_queue_add(c->recorded, &entry);
}

static enum output_state state_of(const struct collector *c) {
	return atomic_load_explicit(&c->state, memory_order_relaxed);
}

static size_t push_octets(const struct collector *c) {
	return c->output.frame ? OUTPUT_FRAME_OCTETS : PUSH_OCTETS;
}

// Room for a line, after a write if the buffer has had its fill; NULL: the output takes nothing
// now.
static char *line_room(struct collector *c, uint64_t now_ns) {
	bool is_full = c->recorded && recorded_queue_is_full(c->recorded);
	if ((is_full || c->output.len >= push_octets(c)) && state_of(c) == OUTPUT_OK)
		collector_flush(c, now_ns);
	if (is_full && recorded_queue_is_full(c->recorded))
		return NULL;
	return output_room(&c->output, RECORD_LINE_MAX_OCTETS);
}

static struct record_job job_of(uint64_t handle) {
	struct jobtext text;
	jobtext_get(handle, &text);
	return jobtext_for_record(&text);
}

// A silent target gets a bit in place of a line. False: not now.
static bool add_silent(struct collector *c, uint64_t index) {
	silentmap_lock(c->silent);
	bool is_added = silentmap_add(c->silent, index);
	silentmap_unlock(c->silent);
	return is_added;
}

// A target that may not be probed any more has no record; a placebo's target has one.
static bool forget(struct collector *c, const struct worker *w, uint64_t job, uint64_t index,
	bool is_placebo) {
	bool is_noted = c->recorded && !is_placebo;
	if (is_noted && recorded_queue_is_full(c->recorded))
		return false;
	const struct recorded_entry entry = {
		.position = index, .end = c->output.added_octets, .is_blocked = true};
	if (is_noted)
		recorded_queue_add(c->recorded, &entry);
	c->counts.nb_blocked += !is_placebo;
	capture_verdict(c->capture, w->id, index, 0);
	jobtext_release(c->texts, job);
	return true;
}

// False: there is no room for it now.
static bool take_record(struct collector *c, const struct worker *w, const struct record *r,
	const struct flow *flows, uint64_t now_ns) {
	if (r->is_blocked)
		return forget(c, w, r->job, r->index, r->is_placebo);
	char *room = line_room(c, now_ns);
	bool has_bit = r->is_silent && c->silent;
	if (!room || (has_bit && !add_silent(c, r->index)))
		return false;
	capture_verdict(c->capture, w->id, r->index, r->conditions);
	if (r->is_placebo)
		collector_counts_placebo(&c->counts, r->conditions);
	else
		count(&c->counts, r->conditions, r->is_silent, r->from_ns, r->to_ns);
	if (!r->is_placebo && !has_bit) {
		struct record_job job = job_of(r->job);
		output_add(&c->output, record_writer_write(&c->writer, r, flows, &job, room));
	}
	note_recorded(c, r->index, r->conditions, r->is_silent, r->is_placebo);
	if (!r->keeps_job)
		jobtext_release(c->texts, r->job);
	return true;
}

static void write_short(struct collector *c, const struct record_short *s, char *room) {
	struct record_job job = job_of(s->job);
	output_add(&c->output, record_writer_short(&c->writer, s, &job, room));
}

static bool take_short(struct collector *c, const struct worker *w, const struct record_short *s,
	uint64_t now_ns) {
	if (s->is_blocked)
		return forget(c, w, s->job, s->index, false);
	char *room = line_room(c, now_ns);
	if (!room || (c->silent && !add_silent(c, s->index)))
		return false;
	if (!c->silent)
		write_short(c, s, room);
	uint64_t conditions = verdict_of_silence();
	capture_verdict(c->capture, w->id, s->index, conditions);
	count(&c->counts, conditions, true, s->from_ns, s->to_ns);
	note_recorded(c, s->index, conditions, true, false);
	jobtext_release(c->texts, s->job);
	return true;
}

// ---- rings: records are read where the worker wrote them

// Element n of what was lent.
static const void *element(
	const struct rte_ring_zc_data *lent, unsigned int n, unsigned int octets) {
	if (n < lent->n1)
		return (const char *)lent->ptr1 + (size_t)n * octets;
	return (const char *)lent->ptr2 + (size_t)(n - lent->n1) * octets;
}

static void prefetch(const void *at, unsigned int octets) {
	for (unsigned int i = 0; i < octets; i += RTE_CACHE_LINE_SIZE)
		rte_prefetch0((const char *)at + i);
}

static unsigned int drain(struct collector *c, const struct worker *w, uint64_t now_ns) {
	unsigned int octets = worker_record_octets(w->flows != NULL), nb = 0;
	struct rte_ring_zc_data lent;
	unsigned int nb_lent = rte_ring_dequeue_zc_burst_elem_start(
		w->records, octets, RECORDS_A_RING, &lent, NULL);
	for (; nb < nb_lent; nb++) {
		if (nb + AHEAD < nb_lent)
			prefetch(element(&lent, nb + AHEAD, octets), sizeof(struct record));
		const struct record_with_flows *r = element(&lent, nb, octets);
		if (!take_record(c, w, &r->record, w->flows ? r->flows : NULL, now_ns))
			break;
	}
	rte_ring_dequeue_zc_elem_finish(w->records, nb);
	return nb;
}

static unsigned int drain_shorts(struct collector *c, const struct worker *w, uint64_t now_ns) {
	unsigned int octets = sizeof(struct record_short), nb = 0;
	struct rte_ring_zc_data lent;
	unsigned int nb_lent = rte_ring_dequeue_zc_burst_elem_start(
		w->shorts, octets, RECORDS_A_RING, &lent, NULL);
	for (; nb < nb_lent; nb++) {
		if (nb + AHEAD < nb_lent)
			prefetch(element(&lent, nb + AHEAD, octets), octets);
		if (!take_short(c, w, element(&lent, nb, octets), now_ns))
			break;
	}
	rte_ring_dequeue_zc_elem_finish(w->shorts, nb);
	return nb;
}

// ---- rounds

enum output_state collector_flush(struct collector *c, uint64_t now_ns) {
	c->pushed_ns = now_ns;
	enum output_state state = output_push(&c->output);
	if (c->recorded && output_waiting(&c->output) == 0)
		recorded_settle(c->recorded);
	if (state == OUTPUT_FULL)
		c->retry_ns = now_ns + RETRY_NS;
	atomic_store(&c->state, state);
	return state;
}

// Before anything leaves a ring: main must not see both empty.
static void note_work(struct collector *c) {
	bool is_idle = true;
	for (unsigned int i = 0; i < c->nb_workers && is_idle; i++)
		is_idle = rte_ring_empty(c->workers[i]->records) &&
			  rte_ring_empty(c->workers[i]->shorts);
	if (!is_idle)
		atomic_store(&c->has_rest, true);
}

unsigned int collector_step(struct collector *c, uint64_t now_ns) {
	unsigned int nb = 0;
	note_work(c);
	for (unsigned int i = 0; i < c->nb_workers; i++)
		nb += drain(c, c->workers[i], now_ns) + drain_shorts(c, c->workers[i], now_ns);
	size_t waiting = output_waiting(&c->output);
	uint64_t patience_ns = c->output.frame ? PUSH_FRAME_NS : PUSH_NS;
	bool is_due = waiting >= push_octets(c) || now_ns >= c->pushed_ns + patience_ns;
	bool may_push = state_of(c) != OUTPUT_FULL || now_ns >= c->retry_ns;
	bool has_news = waiting > 0 || (c->recorded && !recorded_queue_is_empty(c->recorded));
	if (is_due && may_push && has_news)
		collector_flush(c, now_ns);
	atomic_store(&c->has_rest, output_waiting(&c->output) > 0);
	return nb;
}

int collector_run(void *collector) {
	struct collector *c = collector;
	while (!control_is(&c->control->quit)) {
		if (collector_step(c, clock_now_ns(c->clock)) == 0)
			usleep(COLLECTOR_IDLE_US);
	}
	return 0;
}
