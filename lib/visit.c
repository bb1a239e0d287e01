#include "lib/visit_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct siphash_key visit_key(const struct visit *visit, uint64_t which) {
	return (struct siphash_key){.k0 = visit->config.seed, .k1 = which};
}

enum visit_step visit_fail(struct visit *visit, const char *path, const char *why) {
	visit->failed_path = path;
	visit->failure = why;
	return VISIT_ERROR;
}

// A job that names a domain asks for it with our label in front; those that name none ask for a
// name that has it already.
enum jobline_result visit_parse(const struct visit *visit, const struct visit_source *source,
	const uint8_t *line, size_t len, struct jobline *job, char *text) {
	enum jobline_result result = source->is_csv ? jobline_csv_parse(line, len, job, text)
						    : jobline_parse(line, len, job, text);
	const char *label = visit->config.label;
	if (result != JOBLINE_TARGET || label == NULL || job->domain_len == 0)
		return result;
	return jobline_label(label, strlen(label), job->domain, &job->domain_len);
}

void visit_show_bad(struct visit *visit, const struct visit_source *source, uint64_t line,
	enum jobline_result reason) {
	if (visit->nb_shown == VISIT_BAD_SHOWN || visit->config.on_bad == NULL)
		return;
	visit->nb_shown++;
	struct visit_bad bad = {
		.source = source->path,
		.line = line,
		.reason = reason,
		.mend = jobline_mend(reason),
	};
	visit->config.on_bad(visit->config.context, &bad);
}

bool visit_take_network(struct netset *set, const uint8_t *line, size_t len, bool *is_network) {
	struct jobline job;
	char text[JOBLINE_MAX_OCTETS];
	*is_network = len <= JOBLINE_MAX_OCTETS &&
		      jobline_parse(line, len, &job, text) == JOBLINE_NETWORK;
	return !*is_network || netset_add(set, &job.addr, job.prefix_bits) == 0;
}

static int open_sources(struct visit *v, const char **failed_path) {
	v->sources[0].path = "argument";
	v->sources[0].nb_lines = v->config.nb_arguments;
	v->nb_sources = 1;
	for (size_t i = 0; i < v->config.nb_paths; i++) {
		struct visit_source *source = &v->sources[i + 1];
		int fd;
		uint64_t begin;
		source->path = v->config.paths[i];
		int ret = linesource_open(&source->lines, source->path);
		if (ret != 0) {
			*failed_path = source->path;
			return ret;
		}
		v->nb_sources++;
		source->is_csv = linesource_is_csv(source->lines);
		source->is_file = linesource_is_plain_file(source->lines, &fd, &begin);
		if (source->is_file)
			linefile_init(&source->file, fd, begin);
		v->has_streams |= !source->is_file;
	}
	return 0;
}

static int add_networks(struct visit *v, const struct addrset *networks) {
	struct addrset_walk walk = {0};
	struct ip_addr addr;
	unsigned int bits;
	int ret = 0;
	while (ret == 0 && addrset_network(networks, &walk, &addr, &bits))
		ret = netset_add(&v->networks, &addr, bits);
	return ret;
}

int visit_create(
	const struct visit_config *config, struct visit **visit, const char **failed_path) {
	*failed_path = NULL;
	struct visit *v = calloc(1, sizeof(*v));
	if (v == NULL)
		return -ENOMEM;
	v->config = *config;
	netset_init(&v->networks);
	v->sources = calloc(config->nb_paths + 1, sizeof(*v->sources));
	v->texts = malloc((size_t)VISIT_BURST * JOBLINE_MAX_OCTETS);
	int ret = v->sources && v->texts ? open_sources(v, failed_path) : -ENOMEM;
	if (ret == 0 && config->networks)
		ret = add_networks(v, config->networks);
	if (ret != 0) {
		visit_destroy(v);
		return ret;
	}
	*visit = v;
	return 0;
}

void visit_destroy(struct visit *visit) {
	if (visit == NULL)
		return;
	for (size_t i = 0; i < visit->nb_sources; i++) {
		linefile_free(&visit->sources[i].file);
		linesource_close(visit->sources[i].lines);
	}
	linebatch_free(&visit->batch.lines);
	linebatch_free(&visit->gathered.lines);
	netset_free(&visit->gathered.networks);
	netset_free(&visit->batch_networks);
	netset_free(&visit->networks);
	free(visit->sources);
	free(visit->texts);
	free(visit);
}

uint64_t visit_nb(const struct visit *visit) {
	return netset_size(&visit->networks) + visit->nb_lines;
}

uint64_t visit_nb_lines(const struct visit *visit) {
	return visit->nb_lines;
}

bool visit_has_streams(const struct visit *visit) {
	return visit->has_streams;
}

enum visit_step visit_draw(struct visit *visit, int wait_ms,
	struct visit_target targets[static VISIT_BURST], size_t *nb) {
	*nb = 0;
	if (visit->batch.next == visit->batch.nb && visit->next_window < visit->nb_windows) {
		enum visit_step step = visit_files_fill(visit, visit->next_window);
		if (step != VISIT_FOUND)
			return step;
		visit->next_window++;
	}
	if (visit->next_window == visit->nb_windows && visit->has_streams)
		return visit_streams_draw(visit, wait_ms, targets, nb);
	if (visit->batch.next == visit->batch.nb)
		return VISIT_END;
	*nb = visit_batch_draw(visit, targets);
	return VISIT_FOUND;
}

enum visit_step visit_start_at(struct visit *visit, uint64_t position) {
	uint64_t low = 0, high = visit->nb_windows;
	if (position >= visit_nb(visit)) {
		visit->next_window = visit->nb_windows;
		visit->batch.position = visit_nb(visit);
		visit->nb_to_skip = position - visit_nb(visit);
		return VISIT_FOUND;
	}
	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;
		if (visit_files_first_position(visit, middle) <= position)
			low = middle;
		else
			high = middle;
	}
	enum visit_step step = visit_files_fill(visit, low);
	visit->next_window = low + 1;
	visit->batch.next = position - visit->batch.position;
	return step;
}

bool visit_covers(const struct visit *visit, const struct ip_addr *addr) {
	return netset_covers(&visit->networks, addr);
}

struct visit_counts visit_counts(const struct visit *visit) {
	return visit->counts;
}

const char *visit_refusal(const struct visit *visit, uint64_t *nb_bad, uint64_t *nb_lines) {
	*nb_bad = visit->probing.nb_bad;
	*nb_lines = visit->probing.nb_lines;
	return visit->sources[visit->probing.source].path;
}

const char *visit_failure(const struct visit *visit, const char **path) {
	*path = visit->failed_path;
	return visit->failure;
}
