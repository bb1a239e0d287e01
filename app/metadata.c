#include "app/metadata.h"

#include "app/metadata_options.h"
#include "app/metadata_parts.h"
#include "app/say.h"
#include "lib/wholefile.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TIME_OCTETS 40

static const char *const state_words[] = {
	[METADATA_RUNNING] = "running",
	[METADATA_FINISHED] = "finished",
	[METADATA_STOPPED] = "stopped",
	[METADATA_INTERRUPTED] = "interrupted",
};

// As ZMap writes them, but with a colon in the zone, as RFC 3339 wants it. 0: not yet.
static void add_time(cJSON *to, const char *key, uint64_t ns) {
	char text[TIME_OCTETS];
	struct tm utc;
	time_t seconds = (time_t)(ns / NSEC_PER_SEC);
	bool is_time = ns != 0 && gmtime_r(&seconds, &utc) &&
		       strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S+00:00", &utc) > 0;
	json_add_text(to, key, is_time ? text : "");
}

static void add_list(cJSON *array, const char *path, const char *digest) {
	cJSON *list = cJSON_CreateObject();
	cJSON_AddStringToObject(list, "path", path);
	json_add_text(list, "sha256", digest);
	cJSON_AddItemToArray(array, list);
}

static void add_lists(cJSON *to, struct scan *s) {
	const struct options *o = &s->options;
	struct identity *id = &s->identity;
	cJSON *targets = cJSON_AddArrayToObject(to, "target_lists");
	for (unsigned int i = 0; i < o->nb_targets; i++)
		add_list(targets, o->targets[i], id->targets[i]);
	cJSON *addresses = cJSON_AddArrayToObject(to, "cli_cidr_destinations");
	for (unsigned int i = 0; i < o->nb_addresses; i++)
		cJSON_AddItemToArray(addresses, cJSON_CreateString(o->addresses[i]));
	pthread_mutex_lock(&id->lists_lock);
	cJSON *blocklists = cJSON_AddArrayToObject(to, "blocklists");
	for (unsigned int i = 0; i < o->nb_blocklists; i++)
		add_list(blocklists, o->blocklists[i], id->blocklists[i]);
	cJSON *allowlists = cJSON_AddArrayToObject(to, "allowlists");
	for (unsigned int i = 0; i < o->nb_allowlists; i++)
		add_list(allowlists, o->allowlists[i], id->allowlists[i]);
	json_add_text(to, "allowed_sha256", id->allowed);
	json_add_text(to, "blocked_sha256", id->blocked);
	uint64_t nb_blocked = id->nb_blocked_ipv4;
	pthread_mutex_unlock(&id->lists_lock);
	json_add_text(to, "question_sha256", id->question);
	cJSON_AddBoolToObject(to, "unguarded", s->is_unguarded);
	json_add_number(to, "blocklist_total_allowed", (UINT64_C(1) << 32) - nb_blocked);
	json_add_number(to, "blocklist_total_not_allowed", nb_blocked);
}

static void add_choices(cJSON *to, const struct scan *s) {
	const struct options *o = &s->options;
	json_add_number(to, "seed", s->seed);
	json_add_hex(to, "seed_hex", s->seed);
	cJSON_AddBoolToObject(to, "seed_provided", o->has_seed);
	json_add_number(to, "epoch", s->epoch);
	json_add_number(to, "runs", s->past.nb_runs + 1);
	json_add_number(to, "shard_num", o->shard);
	json_add_number(to, "total_shards", o->nb_shards);
	json_add_number(to, "target_port", s->reader.target_port);
	json_add_text(to, "probe_module", o->app->name);
	cJSON_AddStringToObject(to, "output_module", "json");
	json_add_text(to, "checkpoint_filename", s->checkpointer.path);
	json_add_text(to, "output_filename", o->output);
	json_add_number(to, "max_targets", o->max_targets);
	json_add_number(to, "max_runtime", o->max_runtime_s);
	cJSON_AddNumberToObject(to, "rate", o->rate_pps);
	cJSON_AddNumberToObject(to, "bandwidth", o->bandwidth_bps);
	json_add_number(to, "cooldown_secs", o->cooldown_s);
	cJSON_AddBoolToObject(to, "quiet", o->quiet);
	cJSON_AddItemToObject(to, "options", metadata_options(o));
	cJSON_AddItemToObject(to, "options_of_scan", metadata_options_of_scan());
	json_add_text(to, "log_file", o->log_file);
	json_add_text(to, "notes", o->notes);
}

static void add_course(cJSON *to, const struct scan *s, enum metadata_state state, int code) {
	cJSON_AddStringToObject(to, "state", state_words[state]);
	if (code < 0)
		cJSON_AddNullToObject(to, "exit_code");
	else
		json_add_number(to, "exit_code", (uint64_t)code);
	add_time(to, "send_start_time", s->start_ns);
	add_time(to, "send_end_time", s->cooldown_from_ns ? s->cooldown_from_ns : s->end_ns);
	add_time(to, "recv_start_time", s->start_ns);
	add_time(to, "recv_end_time", s->end_ns);
}

char *metadata_text(struct scan *s, enum metadata_state state, int code) {
	struct metadata_sums sums;
	summary_totals(s, &sums.totals);
	summary_add_past(s, &sums.totals);
	collectors_sum(&s->collectors, &sums.counts);
	cJSON *object = cJSON_CreateObject();
	add_course(object, s, state, code);
	add_choices(object, s);
	add_lists(object, s);
	metadata_add_host(object, s);
	metadata_add_outcome(object, s, &sums);
	char *text = cJSON_PrintBuffered(object, 1 << 16, true);
	cJSON_Delete(object);
	size_t len = text ? strlen(text) : 0;
	char *line = text ? realloc(text, len + 2) : NULL;
	if (line)
		memcpy(line + len, "\n", 2);
	else
		free(text);
	return line;
}

static int cannot_write(const char *path, int ret, int code) {
	say("cannot write --metadata-file %s: %s", path, strerror(-ret));
	return code;
}

int metadata_try(const struct options *o) {
	int ret = o->metadata_file ? wholefile_try(o->metadata_file) : 0;
	return ret == 0 ? 0 : cannot_write(o->metadata_file, ret, EXIT_USAGE);
}

int metadata_write(struct scan *s, enum metadata_state state, int code) {
	const char *path = s->options.metadata_file;
	if (path == NULL)
		return 0;
	char *text = metadata_text(s, state, code);
	int ret = text ? wholefile_write(path, text, strlen(text)) : -ENOMEM;
	free(text);
	if (ret == 0)
		return 0;
	return cannot_write(path, ret, state == METADATA_RUNNING ? EXIT_USAGE : EXIT_CANNOT);
}
