#include "lib/visit_parts.h"

#include <errno.h>
#include <string.h>
#include <time.h>

// Comments without end make no list.
#define MAX_LINES 65536
// Steps of an index in a call.
#define MAX_STEPS 16

// Of lists that are read at any place; visit_take_network has no other way to say so.
struct taking {
	struct netset *networks;
	bool is_failed;
};

static void take_network(void *context, const uint8_t *line, size_t len) {
	struct taking *taking = context;
	bool is_network;
	taking->is_failed |= !visit_take_network(taking->networks, line, len, &is_network);
}

static void judge_line(struct visit *v, const struct visit_source *source, const uint8_t *octets,
	size_t len, uint64_t number) {
	struct jobline job;
	char text[JOBLINE_MAX_OCTETS];
	enum jobline_result result = visit_parse(v, source, octets, len, &job, text);
	v->probing.nb_lines++;
	if (result == JOBLINE_TARGET || result == JOBLINE_NETWORK) {
		v->probing.nb_good++;
	} else if (result != JOBLINE_NOTHING) {
		v->probing.nb_bad++;
		visit_show_bad(v, source, number, result);
	}
}

static enum visit_step judge_arguments(struct visit *v) {
	struct taking taking = {.networks = &v->networks};
	for (size_t i = 0; i < v->config.nb_arguments; i++) {
		const uint8_t *argument = (const uint8_t *)v->config.arguments[i];
		size_t len = strlen(v->config.arguments[i]);
		judge_line(v, &v->sources[0], argument, len, i + 1);
		take_network(&taking, argument, len);
	}
	v->sources[0].probed_until = v->config.nb_arguments;
	if (taking.is_failed)
		return visit_fail(v, v->sources[0].path, strerror(ENOMEM));
	return v->probing.nb_bad > 0 ? VISIT_REFUSED : VISIT_FOUND;
}

static int64_t now_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Nothing comes at the moment: is what has come enough? What was waited for the first line of all
// does not count.
static bool is_patience_over(struct visit_probing *p, int wait_ms) {
	if (p->nb_good_before + p->nb_good + p->nb_bad > 0)
		return now_ms() - p->since_ms >= wait_ms;
	p->since_ms = 0;
	return false;
}

// VISIT_FOUND: there is enough to judge by.
static enum visit_step judge_lines(struct visit *v, struct visit_source *source, int wait_ms) {
	struct visit_probing *p = &v->probing;
	if (p->since_ms == 0)
		p->since_ms = now_ms();
	while (p->nb_good + p->nb_bad < VISIT_PROBE_LINES && p->nb_lines < MAX_LINES) {
		struct line line;
		switch (linesource_next(source->lines, wait_ms, &line)) {
		case LINESOURCE_LINE:
			judge_line(v, source, line.octets, line.len, line.number);
			source->probed_until = line.number;
			break;
		case LINESOURCE_END:
			return VISIT_FOUND;
		case LINESOURCE_AGAIN:
			return is_patience_over(p, wait_ms) ? VISIT_FOUND : VISIT_AGAIN;
		case LINESOURCE_ERROR:
			return visit_fail(v, source->path, linesource_failure(source->lines));
		}
	}
	return VISIT_FOUND;
}

static enum visit_step judge(struct visit *v, struct visit_source *source, int wait_ms) {
	struct visit_probing *p = &v->probing;
	if (source->lines == NULL)
		return judge_arguments(v);
	if (!p->is_begun)
		linesource_keep(source->lines);
	p->is_begun = true;
	enum visit_step step = judge_lines(v, source, wait_ms);
	if (step != VISIT_FOUND)
		return step;
	linesource_rewind(source->lines);
	return p->nb_bad * 100 > p->nb_good + p->nb_bad ? VISIT_REFUSED : VISIT_FOUND;
}

static enum visit_step index_file(struct visit *v, struct visit_source *source) {
	struct taking taking = {.networks = &v->networks};
	for (int i = 0; i < MAX_STEPS; i++) {
		enum linefile_result result = linefile_index(
			&source->file, source->is_csv ? NULL : take_network, &taking);
		if (result == LINEFILE_FAILED || taking.is_failed)
			return visit_fail(
				v, source->path, strerror(taking.is_failed ? ENOMEM : errno));
		if (result == LINEFILE_DONE) {
			source->nb_lines = source->file.nb_lines;
			return VISIT_FOUND;
		}
	}
	return VISIT_AGAIN;
}

static enum visit_step probe_source(struct visit *v, struct visit_source *source, int wait_ms) {
	struct visit_probing *p = &v->probing;
	if (!p->is_judged) {
		enum visit_step step = judge(v, source, wait_ms);
		if (step != VISIT_FOUND)
			return step;
		p->is_judged = true;
	}
	return source->is_file ? index_file(v, source) : VISIT_FOUND;
}

static enum visit_step probe_all(struct visit *v, int wait_ms) {
	struct visit_probing *p = &v->probing;
	while (p->source < v->nb_sources) {
		enum visit_step step = probe_source(v, &v->sources[p->source], wait_ms);
		if (step != VISIT_FOUND)
			return step;
		*p = (struct visit_probing){
			.source = p->source + 1,
			.nb_good_before = p->nb_good_before + p->nb_good,
		};
	}
	if (p->nb_good_before == 0 && v->networks.nb == 0)
		return VISIT_END;
	if (netset_seal(&v->networks) != 0)
		return visit_fail(v, v->sources[v->nb_sources - 1].path,
			"its networks have more than 2^63 addresses");
	visit_files_plan(v);
	return VISIT_FOUND;
}

enum visit_step visit_probe(struct visit *visit, int wait_ms) {
	struct visit_probing *p = &visit->probing;
	if (p->is_done)
		return p->answer;
	enum visit_step step = probe_all(visit, wait_ms);
	if (step == VISIT_AGAIN)
		return step;
	p->is_done = true;
	p->answer = step;
	return step;
}
