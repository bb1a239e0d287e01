#include "app/reader.h"

#include <unistd.h>

#define WAIT_MS 100
#define WAIT_FOR_ROOM_US 1000

// Others read the counters; nobody else writes them.
static void count(atomic_ullong *counter) {
	unsigned long long nb = atomic_load_explicit(counter, memory_order_relaxed);
	atomic_store_explicit(counter, nb + 1, memory_order_relaxed);
}

// Is it ours, and may it be probed? What may not is counted; what belongs to another shard is not.
static bool is_wanted(struct reader *r, const struct ip_addr *addr, uint16_t port) {
	if (r->nb_shards > 1 && shard_of(&r->shard_key, addr, port, r->nb_shards) != r->shard)
		return false;
	if (!permit_allows(r->permit.permit, addr)) {
		count(&r->nb_blocked);
		return false;
	}
	if (!next_hop_reaches(r->hop, addr)) {
		if (atomic_load(&r->nb_no_way) == 0)
			r->on_no_way(addr);
		count(&r->nb_no_way);
		return false;
	}
	return true;
}

// An address of a network comes once by itself, and a line with it is one too many.
static bool is_duplicate(
	struct reader *r, const struct job *job, bool is_of_network, uint64_t hash) {
	if (is_of_network)
		return false;
	bool is_covered = job->port == r->target_port && visit_covers(r->visit, &job->addr);
	if (!is_covered && seenset_add_hashed(r->seen, &job->addr, job->port, hash) != SEENSET_SEEN)
		return false;
	count(&r->nb_duplicate);
	return true;
}

// Between two lines, and while it waits: new lists are taken, the old ones are needed no more.
static bool is_stopped(struct reader *r) {
	permit_view_look(&r->permit, r->permits);
	return control_is(&r->control->stop_launching);
}

// The text's handle, waiting until there is room for it; false if launching stops meanwhile.
static bool keep_text(
	struct reader *r, const struct jobline *line, const char *text, uint64_t *handle) {
	struct jobtext job = {
		.text = text,
		.text_len = line->text_len,
		.name = line->domain,
		.name_len = r->app->asks_name ? line->domain_len : 0,
		.has_dip = line->text_has_dip,
		.has_dp = line->text_has_dp,
		.has_domain = line->text_has_domain,
	};
	*handle = 0;
	if (job.text_len == 0 && job.name_len == 0)
		return true;
	while ((*handle = jobtext_put(r->texts, &job)) == 0) {
		if (is_stopped(r))
			return false;
		usleep(WAIT_FOR_ROOM_US);
	}
	return true;
}

static bool hand_over(struct reader *r, const struct job *job) {
	unsigned int worker =
		worker_of_addr(&r->addr_key, &job->addr, r->spread_by_network, r->nb_workers);
	while (!r->hand_over(r->context, worker, job)) {
		if (is_stopped(r))
			return false;
		usleep(WAIT_FOR_ROOM_US);
	}
	count(&r->nb_targets);
	return true;
}

static void tell_skipped(struct reader *r) {
	if (r->nb_skipped > 0)
		recorded_skip(r->recorded, r->skipped, r->nb_skipped);
	r->nb_skipped = 0;
}

static void skip(struct reader *r, uint64_t position) {
	if (!r->recorded)
		return;
	r->skipped[r->nb_skipped++] = position;
	if (r->nb_skipped == RECORDED_SKIPS)
		tell_skipped(r);
}

// What was visited before this position and did not come out is no target.
static void come_to(struct reader *r, uint64_t position) {
	for (; r->recorded && r->next_position < position; r->next_position++)
		skip(r, r->next_position);
	r->next_position = position + 1;
}

// It is counted as a target again, in its place.
static bool has_record(struct reader *r, uint64_t position) {
	if (!r->before || !progress_has(r->before, position))
		return false;
	count(&r->nb_before);
	count(&r->nb_targets);
	return true;
}

static bool is_enough(const struct reader *r) {
	return r->max_targets > 0 && atomic_load(&r->nb_targets) >= r->max_targets;
}

static void take_burst(struct reader *r, const struct visit_target *targets, size_t nb) {
	struct job jobs[VISIT_BURST];
	uint64_t hashes[VISIT_BURST] = {0};
	bool are_wanted[VISIT_BURST];
	for (size_t i = 0; i < nb; i++) {
		const struct jobline *line = &targets[i].job;
		jobs[i] = (struct job){
			.addr = line->addr,
			.port = line->port ? line->port : r->target_port,
			.lists = atomic_load_explicit(&r->permit.generation, memory_order_relaxed),
		};
		are_wanted[i] = is_wanted(r, &jobs[i].addr, jobs[i].port);
		if (are_wanted[i] && !targets[i].is_of_network)
			hashes[i] = seenset_prefetch(r->seen, &jobs[i].addr, jobs[i].port);
	}
	for (size_t i = 0; i < nb && !is_enough(r); i++) {
		struct job *job = &jobs[i];
		job->index = targets[i].position;
		come_to(r, job->index);
		if (!are_wanted[i] || is_duplicate(r, job, targets[i].is_of_network, hashes[i])) {
			skip(r, job->index);
			continue;
		}
		if (has_record(r, job->index))
			continue;
		if (!keep_text(r, &targets[i].job, targets[i].text, &job->text) ||
			!hand_over(r, job))
			return;
	}
}

void *reader_run(void *reader) {
	struct reader *r = reader;
	struct visit_target targets[VISIT_BURST];
	while (!is_stopped(r) && !is_enough(r)) {
		size_t nb;
		enum visit_step step = visit_draw(r->visit, WAIT_MS, targets, &nb);
		atomic_store(&r->nb_bad, visit_counts(r->visit).bad);
		take_burst(r, targets, nb);
		if (step == VISIT_ERROR)
			r->error = visit_failure(r->visit, &r->error_path);
		r->is_at_end = step == VISIT_END;
		if (step == VISIT_END || step == VISIT_ERROR)
			break;
	}
	r->is_at_end |= is_enough(r);
	tell_skipped(r);
	permit_view_close(&r->permit);
	atomic_store(&r->is_done, true);
	return NULL;
}
