#include "lib/visit_parts.h"

#include <errno.h>
#include <string.h>
#include <time.h>

// Lines that a call reads at the most before it lets its caller look round.
#define MAX_LINES_A_CALL 65536u
// Beside a burst that is given out, so that the next batch is there when this one ends.
#define LINES_BESIDE_A_BURST (2 * VISIT_BURST)

static int64_t now_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_full(const struct visit_gathered *gathered) {
	return gathered->lines.nb + gathered->networks.nb >= VISIT_STREAM_LINES ||
	       gathered->lines.used >= VISIT_STREAM_OCTETS;
}

static bool is_empty(const struct visit_gathered *gathered) {
	return gathered->lines.nb == 0 && gathered->networks.nb == 0;
}

static bool keep_line(struct visit *v, const struct line *line) {
	struct visit_gathered *gathered = &v->gathered;
	const struct visit_source *source = &v->sources[v->stream];
	bool is_network = false;
	if (!source->is_csv && memchr(line->octets, '/', line->len) != NULL) {
		if (!visit_take_network(&gathered->networks, line->octets, line->len, &is_network))
			return false;
		v->counts.lines += is_network;
		v->counts.good += is_network;
	}
	if (is_network)
		return true;
	if (!linebatch_reserve(&gathered->lines, 1, line->len))
		return false;
	linebatch_add(&gathered->lines, line->octets, line->len, (uint16_t)v->stream, line->number);
	return true;
}

// The next source that is a stream.
static void find_stream(struct visit *v) {
	while (v->stream < v->nb_sources &&
		(v->sources[v->stream].lines == NULL || v->sources[v->stream].is_file))
		v->stream++;
	v->are_streams_done = v->stream == v->nb_sources;
}

// What came before is given out first, and then the caller hears of it.
static void give_up(struct visit *v, const char *why) {
	visit_fail(v, v->sources[v->stream].path, why);
	v->stream = v->nb_sources;
	v->are_streams_done = true;
}

// Reads lines until there are enough, or none come.
static void gather(struct visit *v, int wait_ms, unsigned int max_lines) {
	for (unsigned int i = 0; i < max_lines && !is_full(&v->gathered); i++) {
		find_stream(v);
		if (v->are_streams_done)
			return;
		struct visit_source *source = &v->sources[v->stream];
		struct line line;
		bool was_empty = is_empty(&v->gathered);
		switch (linesource_next(source->lines, wait_ms, &line)) {
		case LINESOURCE_LINE:
			if (!keep_line(v, &line))
				give_up(v, strerror(ENOMEM));
			if (was_empty)
				v->gathered.since_ms = now_ms();
			break;
		case LINESOURCE_END:
			v->stream++;
			find_stream(v);
			break;
		case LINESOURCE_AGAIN:
			return;
		case LINESOURCE_ERROR:
			give_up(v, linesource_failure(source->lines));
			break;
		}
	}
}

static bool is_due(const struct visit *v) {
	if (is_empty(&v->gathered))
		return false;
	if (v->are_streams_done || is_full(&v->gathered))
		return true;
	return !v->config.is_patient && linesource_is_stream(v->sources[v->stream].lines) &&
	       now_ms() - v->gathered.since_ms >= VISIT_STREAM_MS;
}

// What was gathered becomes the batch.
static enum visit_step take_over(struct visit *v) {
	struct visit_batch *batch = &v->batch;
	struct linebatch used = batch->lines;
	uint64_t position = batch->position + batch->nb;
	if (netset_seal(&v->gathered.networks) != 0)
		return visit_fail(v, v->sources[v->nb_sources - 1].path,
			"its networks have more than 2^63 addresses");
	netset_free(&v->batch_networks);
	v->batch_networks = v->gathered.networks;
	netset_init(&v->gathered.networks);
	linebatch_clear(&used);
	*batch = (struct visit_batch){
		.lines = v->gathered.lines,
		.networks = &v->batch_networks,
		.nb_addresses = netset_size(&v->batch_networks),
		.position = position,
	};
	v->gathered.lines = used;
	visit_batch_begin(v, batch, position);
	uint64_t nb_skipped = v->nb_to_skip < batch->nb ? v->nb_to_skip : batch->nb;
	batch->next = nb_skipped;
	v->nb_to_skip -= nb_skipped;
	return VISIT_FOUND;
}

enum visit_step visit_streams_draw(
	struct visit *v, int wait_ms, struct visit_target *targets, size_t *nb) {
	bool is_used_up = v->batch.next == v->batch.nb;
	gather(v, is_used_up ? wait_ms : 0, is_used_up ? MAX_LINES_A_CALL : LINES_BESIDE_A_BURST);
	if (is_used_up && is_due(v)) {
		enum visit_step step = take_over(v);
		if (step != VISIT_FOUND)
			return step;
	} else if (is_used_up) {
		if (!v->are_streams_done)
			return VISIT_AGAIN;
		return v->failure ? VISIT_ERROR : VISIT_END;
	}
	*nb = visit_batch_draw(v, targets);
	return VISIT_FOUND;
}
