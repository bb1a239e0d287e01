// What a worker hands over to the collector. Both rings are filled in place. Short records become
// the collector's once a round, all at once: the ring's tail is a cache line that two cores share.
#include "app/worker_parts.h"

// Short records a round.
#define SHORTS_OPEN 64
// A ring that is this full holds back new targets.
#define RECORDS_RESERVE 64

bool records_have_room(const struct worker *w) {
	return rte_ring_free_count(w->records) >= RECORDS_RESERVE &&
	       rte_ring_free_count(w->shorts) >= RECORDS_RESERVE;
}

struct record_with_flows *records_room(struct worker *w) {
	struct rte_ring_zc_data place;
	unsigned int octets = worker_record_octets(w->flows != NULL);
	if (rte_ring_enqueue_zc_bulk_elem_start(w->records, octets, 1, &place, NULL) == 0)
		return NULL;
	return place.ptr1;
}

void records_add(struct worker *w, const struct record_with_flows *r) {
	w->counters.done += !r->record.is_placebo;
	w->counters.placebos += r->record.is_placebo;
	rte_ring_enqueue_zc_elem_finish(w->records, 1);
}

static bool add_with_flows(
	struct worker *w, const struct record_short *silence, const struct launch *l) {
	struct record_with_flows *r = records_room(w);
	if (!r)
		return false;
	if (l) {
		launch_record(l, &w->rules, r->flows, &r->record);
	} else {
		*r = (struct record_with_flows){0};
		record_of_short(silence, &r->record);
	}
	r->record.job = silence->job;
	r->record.index = silence->index;
	records_add(w, r);
	return true;
}

static struct record_short *short_room(struct worker *w) {
	if (w->nb_shorts == w->nb_shorts_open) {
		records_flush(w);
		w->nb_shorts_open = rte_ring_enqueue_zc_burst_elem_start(
			w->shorts, sizeof(struct record_short), SHORTS_OPEN, &w->shorts_open, NULL);
		if (w->nb_shorts_open == 0)
			return NULL;
	}
	unsigned int n = w->nb_shorts++, nb_before_wrap = w->shorts_open.n1;
	if (n < nb_before_wrap)
		return (struct record_short *)w->shorts_open.ptr1 + n;
	return (struct record_short *)w->shorts_open.ptr2 + (n - nb_before_wrap);
}

bool records_silence(struct worker *w, const struct record_short *silence, const struct launch *l) {
	if (w->flows)
		return add_with_flows(w, silence, l);
	struct record_short *place = short_room(w);
	if (!place)
		return false;
	*place = *silence;
	w->counters.done++;
	return true;
}

bool records_blocked_answered(struct worker *w, uint64_t text, uint64_t index, bool is_placebo) {
	struct record_with_flows *r = records_room(w);
	if (!r)
		return false;
	r->record = (struct record){
		.job = text, .index = index, .is_blocked = true, .is_placebo = is_placebo};
	rte_ring_enqueue_zc_elem_finish(w->records, 1);
	return true;
}

bool records_blocked(struct worker *w, uint64_t text, uint64_t index) {
	struct record_short *place = short_room(w);
	if (!place)
		return false;
	*place = (struct record_short){.job = text, .index = index, .is_blocked = true};
	return true;
}

void records_flush(struct worker *w) {
	if (w->nb_shorts_open == 0)
		return;
	rte_ring_enqueue_zc_elem_finish(w->shorts, w->nb_shorts);
	w->nb_shorts_open = w->nb_shorts = 0;
}
