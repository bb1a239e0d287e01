#include "app/telemetry.h"

#include "app/eal.h"
#include "app/option_value.h"

#include <rte_eal.h>
#include <rte_telemetry.h>

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// DPDK hands a callback no context. Main only tries the lock.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct telemetry_view shown;
static struct rate_control *rate_control;

// ---- values

static uint64_t whole(double value) {
	return value > 0 ? (uint64_t)(value + 0.5) : 0;
}

static void refuse(struct rte_tel_data *d, const char *wrong) {
	rte_tel_data_add_dict_string(d, "error", wrong);
}

static void add_counters(struct rte_tel_data *d, const struct worker_counters *c) {
#define X(name, text) rte_tel_data_add_dict_u64(d, #name, c->name);
	WORKER_COUNTERS(X)
#undef X
}

static void add_rate(struct rte_tel_data *d, const struct rate_view *rate) {
	rte_tel_data_add_dict_u64(d, "rate_wanted", whole(rate->wanted));
	rte_tel_data_add_dict_u64(d, "rate_limit", whole(rate->limit));
	rte_tel_data_add_dict_u64(d, "rate_silent", whole(rate->silent));
	rte_tel_data_add_dict_u64(d, "rate_taken_back", rate->nb_back);
}

// A condition's word as DPDK and Prometheus take it: dots become underscores.
static const char *key_of(enum condition condition, char key[RTE_TEL_MAX_STRING_LEN]) {
	snprintf(key, RTE_TEL_MAX_STRING_LEN, "%s", condition_word(condition));
	for (char *dot = key; (dot = strchr(dot, '.')) != NULL;)
		*dot = '_';
	return key;
}

// ---- what can be asked

static void tell_status(struct rte_tel_data *d) {
	static const char *const phases[] = {
		[STATUS_SCANNING] = "scanning",
		[STATUS_ENDING] = "ending",
		[STATUS_COOLDOWN] = "cooldown",
		[STATUS_DONE] = "done",
	};
	const struct status *s = &shown.status;
	const struct status_counts *c = &s->counts;
	rte_tel_data_add_dict_string(d, "phase", phases[c->phase]);
	rte_tel_data_add_dict_u64(d, "elapsed_seconds", whole(s->elapsed_s));
	if (s->left_s >= 0)
		rte_tel_data_add_dict_u64(d, "left_seconds", whole(s->left_s));
	if (c->planned > 0)
		rte_tel_data_add_dict_u64(d, "targets_planned", c->planned);
	rte_tel_data_add_dict_u64(d, "targets_begun", c->begun);
	rte_tel_data_add_dict_u64(d, "in_flight", c->in_flight);
	rte_tel_data_add_dict_u64(d, "records", c->records);
	rte_tel_data_add_dict_u64(d, "answered", c->answered);
	rte_tel_data_add_dict_u64(d, "tfo", c->cookies);
	rte_tel_data_add_dict_u64(d, "sent", c->sent);
	rte_tel_data_add_dict_u64(d, "sent_per_second", whole(s->sent_now));
	rte_tel_data_add_dict_u64(d, "received", c->received);
	rte_tel_data_add_dict_u64(d, "received_per_second", whole(s->received_now));
	rte_tel_data_add_dict_u64(d, "drops", c->drops);
	rte_tel_data_add_dict_u64(d, "unsent", c->unsent);
	add_rate(d, &shown.rate);
}

static void tell_counters(struct rte_tel_data *d) {
	static const char *const names[OWNLOSS_NB_KINDS] = {
		[OWNLOSS_IMISSED] = "lost_imissed",
		[OWNLOSS_IERRORS] = "lost_ierrors",
		[OWNLOSS_RX_NOMBUF] = "lost_rx_nombuf",
		[OWNLOSS_SOCKET] = "lost_socket",
		[OWNLOSS_HANDOVER] = "lost_handover",
		[OWNLOSS_UNSENT] = "lost_unsent",
	};
	add_counters(d, &shown.sum);
	for (enum ownloss_kind kind = 0; kind < OWNLOSS_NB_KINDS; kind++)
		rte_tel_data_add_dict_u64(d, names[kind], shown.loss.nb[kind]);
	rte_tel_data_add_dict_u64(d, "pauses", shown.nb_pauses);
	rte_tel_data_add_dict_u64(d, "stalls", shown.nb_stalls);
}

static void tell_conditions(struct rte_tel_data *d) {
	char key[RTE_TEL_MAX_STRING_LEN];
	for (enum condition i = 0; i < NB_CONDITIONS; i++)
		rte_tel_data_add_dict_u64(d, key_of(i, key), shown.counts.nb_by_condition[i]);
}

static void add_worker(struct rte_tel_data *d, const struct telemetry_worker *w) {
	rte_tel_data_add_dict_u64(d, "lcore", w->lcore);
	rte_tel_data_add_dict_u64(d, "in_flight", w->in_flight);
	rte_tel_data_add_dict_u64(d, "slots", w->nb_slots);
	rte_tel_data_add_dict_u64(d, "answered_places", w->nb_answered_places);
	rte_tel_data_add_dict_u64(d, "rate_limit", whole(w->limit));
	rte_tel_data_add_dict_u64(d, "longest_pause_us", w->longest_pause_ns / 1000);
}

static void tell_workers(struct rte_tel_data *d) {
	for (unsigned int i = 0; i < shown.nb_workers; i++) {
		const struct telemetry_worker *w = &shown.workers[i];
		struct rte_tel_data *one = rte_tel_data_alloc();
		char name[16];
		if (one == NULL)
			return;
		rte_tel_data_start_dict(one);
		add_worker(one, w);
		rte_tel_data_add_dict_u64(one, "frames_sent", w->counters.frames_sent);
		rte_tel_data_add_dict_u64(one, "frames_received", w->counters.frames_received);
		rte_tel_data_add_dict_u64(one, "launched", w->counters.launched);
		rte_tel_data_add_dict_u64(one, "answered", w->counters.answered);
		rte_tel_data_add_dict_u64(one, "done", w->counters.done);
		snprintf(name, sizeof(name), "worker_%u", i);
		if (rte_tel_data_add_dict_container(d, name, one, 0) != 0)
			rte_tel_data_free(one);
	}
}

static void tell_one_worker(struct rte_tel_data *d, const char *params) {
	uint64_t id;
	if (value_number(params, 0, WORKER_MAX, &id) != NULL || id >= shown.nb_workers) {
		refuse(d, "no such worker: /tfoscan/workers lists them");
		return;
	}
	add_worker(d, &shown.workers[id]);
	add_counters(d, &shown.workers[id].counters);
}

static void set_rate(struct rte_tel_data *d, const char *params) {
	double wanted;
	const char *wrong = value_rate(params, &wanted);
	if (wrong) {
		refuse(d, wrong);
		return;
	}
	rate_control_ask(rate_control, wanted);
	shown.rate.wanted = wanted;
	add_rate(d, &shown.rate);
}

// ---- callbacks

static int answer(const char *cmd, const char *params, struct rte_tel_data *d) {
	bool has_params = params && *params;
	rte_tel_data_start_dict(d);
	pthread_mutex_lock(&lock);
	if (strcmp(cmd, "/tfoscan/rate") == 0)
		has_params ? set_rate(d, params) : add_rate(d, &shown.rate);
	else if (strcmp(cmd, "/tfoscan/workers") == 0)
		has_params ? tell_one_worker(d, params) : tell_workers(d);
	else if (has_params)
		refuse(d, "takes no parameter");
	else if (strcmp(cmd, "/tfoscan/counters") == 0)
		tell_counters(d);
	else if (strcmp(cmd, "/tfoscan/conditions") == 0)
		tell_conditions(d);
	else
		tell_status(d);
	pthread_mutex_unlock(&lock);
	return 0;
}

void telemetry_open(struct rate_control *rate) {
	// DPDK takes up to 63 characters
	static const char *const commands[][2] = {
		{"/tfoscan/conditions", "Targets with each condition so far."},
		{"/tfoscan/counters", "Counters of all workers, and own losses."},
		{"/tfoscan/rate", "Frames a second. Parameter: a new rate (20000, 20k; 0: none)"},
		{"/tfoscan/status", "What the status line says."},
		{"/tfoscan/workers", "The workers. Parameter: one of them, with its counters"},
	};
	rate_control = rate;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		rte_telemetry_register_cmd(commands[i][0], answer, commands[i][1]);
}

const char *telemetry_socket(void) {
	static char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/" EAL_TELEMETRY_SOCKET, rte_eal_get_runtime_dir());
	return access(path, F_OK) == 0 ? path : NULL;
}

struct telemetry_view *telemetry_take(void) {
	return pthread_mutex_trylock(&lock) == 0 ? &shown : NULL;
}

void telemetry_show(struct telemetry_view *view) {
	(void)view;
	pthread_mutex_unlock(&lock);
}
