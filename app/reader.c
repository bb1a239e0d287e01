#include "app/reader.h"

#include <unistd.h>

#define WAIT_MS 100
#define WAIT_FOR_ROOM_US 1000

static void count(atomic_ullong *counter) {
	atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

// Is the target to be probed? What is not is counted.
static bool is_wanted(struct reader *r, const struct ip_addr *addr, uint16_t port) {
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
	if (seenset_add(r->seen, addr, port) == SEENSET_SEEN) {
		count(&r->nb_duplicate);
		return false;
	}
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

static void take_line(struct reader *r, const struct jobline *line, const char *text) {
	struct job job = {
		.addr = line->addr,
		.port = line->port ? line->port : r->target_port,
		.lists = atomic_load_explicit(&r->permit.generation, memory_order_relaxed),
	};
	if (!is_wanted(r, &job.addr, job.port))
		return;
	job.index = atomic_load_explicit(&r->nb_targets, memory_order_relaxed);
	if (keep_text(r, line, text, &job.text))
		hand_over(r, &job);
}

void *reader_run(void *reader) {
	struct reader *r = reader;
	struct jobline line;
	char text[JOBLINE_MAX_OCTETS];
	while (!is_stopped(r) &&
		(r->max_targets == 0 || atomic_load(&r->nb_targets) < r->max_targets)) {
		enum targets_step step = targets_next(r->targets, WAIT_MS, &line, text);
		atomic_store(&r->nb_bad, targets_counts(r->targets).bad);
		if (step == TARGETS_FOUND)
			take_line(r, &line, text);
		else if (step == TARGETS_ERROR)
			r->error = targets_failure(r->targets, &r->error_path);
		if (step == TARGETS_END || step == TARGETS_ERROR)
			break;
	}
	permit_view_close(&r->permit);
	atomic_store(&r->is_done, true);
	return NULL;
}
