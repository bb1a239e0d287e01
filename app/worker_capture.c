// What a worker puts into the ring of --write-pcap: each frame with the stamp that it was judged
// by.
#include "app/worker_parts.h"

#include "lib/capfile.h"

static bool has_capture(const struct worker *w) {
	return w->capture.octets != NULL;
}

bool capture_has_room(const struct worker *w) {
	return !has_capture(w) || capring_free(&w->capture) >= w->capture.capacity / 2;
}

static void put(struct worker *w, struct capring_entry *e, const uint8_t *octets, size_t len,
	const char *text) {
	e->len = (uint16_t)len;
	if (len > UINT16_MAX || !capring_put(&w->capture, e, octets, text))
		w->counters.capture_lost++;
}

// The frame that was sent last waits at the end of the burst.
static void put_sent(struct worker *w, struct capring_entry *e, const char *text) {
	const struct rte_mbuf *m = w->tx[w->nb_tx - 1];
	e->flags |= CAPRING_OUTBOUND;
	put(w, e, rte_pktmbuf_mtod(m, const uint8_t *), rte_pktmbuf_data_len(m), text);
}

// The first SYN of a target, or what stands for it, says which job it is.
static uint16_t write_job(struct capfile_target *begun, uint64_t job, char *text) {
	jobtext_get(job, &begun->job);
	return (uint16_t)capfile_write_target(begun, text);
}

static void put_first(
	struct worker *w, struct capring_entry *e, struct capfile_target *begun, uint64_t job) {
	char text[CAPFILE_TARGET_MAX_OCTETS];
	e->text_len = write_job(begun, job, text);
	e->flags |= CAPRING_BEGINS;
	put_sent(w, e, text);
}

void capture_launch(
	struct worker *w, const struct launch *slot, unsigned int moment, uint64_t now_ns) {
	if (!has_capture(w))
		return;
	struct capring_entry e = {.time_ns = now_ns, .target = slot->index, .number = moment + 1};
	if (moment > 0) {
		put_sent(w, &e, NULL);
		return;
	}
	struct capfile_target begun = {.index = slot->index, .first_ordinal = slot->first_ordinal};
	put_first(w, &e, &begun, slot->job);
}

static struct capring_entry entry_of(struct answered *a, uint64_t now_ns) {
	const struct target *t = &a->target;
	bool is_long = t->verdict.nb_rounds > 0 || t->conns[t->current].nb_syns > 1;
	return (struct capring_entry){
		.time_ns = now_ns,
		.target = a->index,
		.number = ++a->nb_frames,
		.flags = is_long ? CAPRING_APART : 0,
	};
}

void capture_sent(struct worker *w, struct answered *a, bool is_first, uint64_t now_ns) {
	if (!has_capture(w))
		return;
	if (is_first)
		a->nb_frames = 0;
	struct capring_entry e = entry_of(a, now_ns);
	if (!is_first) {
		put_sent(w, &e, NULL);
		return;
	}
	const struct target *t = &a->target;
	struct capfile_target begun = {.index = a->index,
		.first_ordinal = t->first_ordinal,
		.is_placebo = t->is_placebo,
		.placebo_has_data = t->placebo_has_data};
	put_first(w, &e, &begun, a->job);
}

void capture_unreached(struct worker *w, const struct job *job, uint64_t from_ns, uint64_t to_ns) {
	if (!has_capture(w))
		return;
	char text[CAPFILE_TARGET_MAX_OCTETS];
	struct capfile_target target = {.index = job->index,
		.is_unreached = true,
		.addr = job->addr,
		.port = job->port,
		.from_ns = from_ns,
		.to_ns = to_ns};
	struct capring_entry e = {
		.time_ns = to_ns, .target = job->index, .number = 1, .flags = CAPRING_BEGINS};
	e.text_len = write_job(&target, job->text, text);
	put(w, &e, NULL, 0, text);
}

void capture_late(struct worker *w, uint64_t now_ns) {
	if (!has_capture(w))
		return;
	struct capring_entry e = {.time_ns = now_ns, .target = CAPRING_NO_TARGET};
	put_sent(w, &e, NULL);
}

void capture_received(
	struct worker *w, struct answered *a, const struct rte_mbuf *m, uint64_t now_ns) {
	if (!has_capture(w))
		return;
	struct capring_entry e = {.time_ns = now_ns, .target = CAPRING_NO_TARGET};
	if (a != NULL)
		e = entry_of(a, now_ns);
	put(w, &e, rte_pktmbuf_mtod(m, const uint8_t *), rte_pktmbuf_data_len(m), NULL);
}
