#include "app/metadata_parts.h"

#include "lib/tfo/conditions.h"
#include "lib/wilson.h"

static void add_targets(cJSON *to, const struct scan *s, const struct collector_counts *c) {
	const struct reader *r = &s->reader;
	uint64_t nb_read = atomic_load(&r->nb_targets);
	cJSON *targets = cJSON_AddObjectToObject(to, "targets");
	uint64_t planned = atomic_load(&r->is_done) ? nb_read : s->nb_lines;
	if (s->options.max_targets > 0 && planned > s->options.max_targets)
		planned = s->options.max_targets;
	if (planned > 0 || atomic_load(&r->is_done))
		json_add_number(targets, "planned", planned);
	else
		cJSON_AddNullToObject(targets, "planned");
	json_add_number(targets, "sent", nb_read);
	json_add_number(targets, "recorded", c->nb_records);
	json_add_number(targets, "answered", c->nb_records - c->nb_silent);
	json_add_number(targets, "silent", c->nb_silent);
	uint64_t nb_over = c->nb_records + c->nb_blocked;
	json_add_number(targets, "unfinished", nb_read > nb_over ? nb_read - nb_over : 0);
	json_add_number(targets, "blocked", atomic_load(&r->nb_blocked) + c->nb_blocked);
	json_add_number(targets, "duplicate", atomic_load(&r->nb_duplicate));
	cJSON_AddBoolToObject(targets, "duplicates_are_exact", seenset_is_exact(r->seen));
	json_add_number(targets, "bad_lines", atomic_load(&r->nb_bad));
	json_add_number(targets, "no_way", atomic_load(&r->nb_no_way));
}

static void add_conditions(cJSON *to, const struct collector_counts *c) {
	cJSON *conditions = cJSON_AddObjectToObject(to, "conditions");
	for (unsigned int i = 0; i < NB_CONDITIONS; i++)
		json_add_number(conditions, condition_word(i), c->nb_by_condition[i]);
}

static void add_share(cJSON *to, const char *key, uint64_t nb, uint64_t nb_all) {
	struct wilson interval = wilson(nb, nb_all);
	cJSON *object = cJSON_AddObjectToObject(to, key);
	json_add_number(object, "targets", nb);
	if (nb_all > 0)
		cJSON_AddNumberToObject(object, "share", (double)nb / (double)nb_all);
	else
		cJSON_AddNullToObject(object, "share");
	cJSON_AddNumberToObject(object, "low", interval.low);
	cJSON_AddNumberToObject(object, "high", interval.high);
}

static void add_placebo(cJSON *to, const struct collector_counts *c) {
	cJSON *placebo = cJSON_AddObjectToObject(to, "placebo");
	json_add_number(placebo, "targets", c->nb_placebos);
	add_share(placebo, "broken", c->nb_placebos_broken, c->nb_placebos);
	add_share(placebo, "transient", c->nb_placebos_transient, c->nb_placebos);
}

static void add_loss(cJSON *to, const struct scan_totals *t) {
	const struct ownloss *loss = &t->loss;
	cJSON *object = cJSON_AddObjectToObject(to, "loss");
	json_add_number(object, "received", loss->received);
	json_add_number(object, "sent", loss->sent);
	for (enum ownloss_kind kind = 0; kind < OWNLOSS_NB_KINDS; kind++)
		json_add_number(object, ownloss_word(kind), loss->nb[kind]);
	json_add_number(object, "pauses", loss->nb_pauses);
	json_add_number(object, "pauses_mended", loss->nb_pauses_mended);
	json_add_number(object, "longest_pause_us", t->longest_pause_ns / 1000);
}

static void add_counters(cJSON *to, const struct worker_counters *c) {
	cJSON *counters = cJSON_AddObjectToObject(to, "counters");
#define X(name, text) json_add_number(counters, #name, c->name);
	WORKER_COUNTERS(X)
#undef X
}

static void add_trust(cJSON *to, const struct ownloss *loss) {
	char doubt[OWNLOSS_DOUBT_OCTETS];
	bool is_doubtful = ownloss_doubt(loss, doubt, sizeof(doubt));
	cJSON_AddBoolToObject(to, "trusted", !is_doubtful);
	cJSON *doubts = cJSON_AddArrayToObject(to, "doubts");
	if (is_doubtful)
		cJSON_AddItemToArray(doubts, cJSON_CreateString(doubt));
}

void metadata_add_outcome(cJSON *to, struct scan *s, const struct metadata_sums *sums) {
	const struct scan_totals *t = &sums->totals;
	const struct collector_counts *c = &sums->counts;
	uint64_t nb_answered = c->nb_records - c->nb_silent;
	json_add_number(to, "total_sent", t->workers.frames_sent);
	json_add_number(to, "send_to_failures", t->loss.nb[OWNLOSS_UNSENT]);
	json_add_number(to, "success_total", nb_answered);
	json_add_number(to, "success_unique", nb_answered);
	cJSON_AddNumberToObject(to, "hitrate",
		c->nb_records > 0 ? 100.0 * (double)nb_answered / (double)c->nb_records : 0);
	add_targets(to, s, c);
	add_conditions(to, c);
	add_placebo(to, c);
	add_loss(to, t);
	add_counters(to, &t->workers);
	add_trust(to, &t->loss);
}
