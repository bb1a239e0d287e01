#include "app/checkpoint_head.h"

#include "app/json_add.h"
#include "app/metadata_options.h"
#include "app/summary.h"
#include "lib/checkpoint.h"

#include <string.h>

#define LINE_OCTETS 1024
#define TEXT_OCTETS 300

// Besides those of the scan, for the place in the output and for this shard alone.
static const char *const options_of_run[] = {"output", "shard"};

static void add_digests(
	cJSON *to, const char *key, char (*digests)[DIGEST_TEXT_OCTETS], unsigned int nb) {
	cJSON *array = cJSON_AddArrayToObject(to, key);
	for (unsigned int i = 0; i < nb; i++)
		cJSON_AddItemToArray(array, cJSON_CreateString(digests[i]));
}

static void add_identity(cJSON *to, struct scan *s) {
	const struct options *o = &s->options;
	struct identity *id = &s->identity;
	cJSON_AddStringToObject(to, "version", TFOSCAN_VERSION);
	checkpoint_add_number(to, "seed", s->seed);
	checkpoint_add_number(to, "epoch", s->epoch);
	cJSON_AddItemToObject(to, "options", metadata_options(o));
	add_digests(to, "target_lists", id->targets, o->nb_targets);
	cJSON *addresses = cJSON_AddArrayToObject(to, "addresses");
	for (unsigned int i = 0; i < o->nb_addresses; i++)
		cJSON_AddItemToArray(addresses, cJSON_CreateString(o->addresses[i]));
	pthread_mutex_lock(&id->lists_lock);
	add_digests(to, "blocklists", id->blocklists, o->nb_blocklists);
	cJSON_AddStringToObject(to, "blocked", id->blocked);
	cJSON_AddStringToObject(to, "allowed", id->allowed);
	pthread_mutex_unlock(&id->lists_lock);
	cJSON_AddStringToObject(to, "question", id->question);
}

static void add_loss(cJSON *to, const struct ownloss *loss) {
	cJSON *object = cJSON_AddObjectToObject(to, "loss");
	checkpoint_add_number(object, "received", loss->received);
	checkpoint_add_number(object, "sent", loss->sent);
	checkpoint_add_number(object, "pauses", loss->nb_pauses);
	checkpoint_add_number(object, "pauses_mended", loss->nb_pauses_mended);
	for (enum ownloss_kind kind = 0; kind < OWNLOSS_NB_KINDS; kind++)
		checkpoint_add_number(object, ownloss_word(kind), loss->nb[kind]);
}

cJSON *checkpoint_head(struct scan *s, bool is_finished) {
	struct scan_totals t;
	summary_totals(s, &t);
	summary_add_past(s, &t);
	cJSON *head = cJSON_CreateObject();
	cJSON_AddBoolToObject(head, "finished", is_finished);
	add_identity(head, s);
	checkpoint_add_number(head, "runs", s->past.nb_runs + 1);
	add_loss(head, &t.loss);
	cJSON *counters = cJSON_AddObjectToObject(head, "counters");
#define X(name, text) checkpoint_add_number(counters, #name, t.workers.name);
	WORKER_COUNTERS(X)
#undef X
	return head;
}

void checkpoint_head_add(cJSON *head, const struct recorded *r, const char *digest) {
	const struct collector_counts *c = &r->counts;
	checkpoint_add_number(head, "output_octets", r->file_octets);
	cJSON_AddStringToObject(head, "output_sha256", digest);
	cJSON *counts = cJSON_AddObjectToObject(head, "counts");
	checkpoint_add_number(counts, "records", c->nb_records);
	checkpoint_add_number(counts, "silent", c->nb_silent);
	checkpoint_add_number(counts, "blocked", c->nb_blocked);
	checkpoint_add_number(counts, "placebos", c->nb_placebos);
	checkpoint_add_number(counts, "placebos_broken", c->nb_placebos_broken);
	checkpoint_add_number(counts, "placebos_transient", c->nb_placebos_transient);
	cJSON *conditions = cJSON_AddObjectToObject(head, "conditions");
	for (unsigned int i = 0; i < NB_CONDITIONS; i++)
		checkpoint_add_number(conditions, condition_word(i), c->nb_by_condition[i]);
}

// ---- reading

static const cJSON *object_of(const cJSON *head, const char *key) {
	return cJSON_GetObjectItemCaseSensitive(head, key);
}

static bool read_counts(const cJSON *head, struct collector_counts *c) {
	const cJSON *counts = object_of(head, "counts"),
		    *conditions = object_of(head, "conditions");
	bool is_good = checkpoint_number(counts, "records", &c->nb_records) &&
		       checkpoint_number(counts, "silent", &c->nb_silent) &&
		       checkpoint_number(counts, "blocked", &c->nb_blocked) &&
		       checkpoint_number(counts, "placebos", &c->nb_placebos) &&
		       checkpoint_number(counts, "placebos_broken", &c->nb_placebos_broken) &&
		       checkpoint_number(counts, "placebos_transient", &c->nb_placebos_transient);
	for (unsigned int i = 0; i < NB_CONDITIONS; i++)
		is_good = is_good &&
			  checkpoint_number(conditions, condition_word(i), &c->nb_by_condition[i]);
	return is_good;
}

static bool read_loss(const cJSON *head, struct ownloss *loss) {
	const cJSON *object = object_of(head, "loss");
	uint64_t nb_pauses = 0, nb_mended = 0;
	bool is_good = checkpoint_number(object, "received", &loss->received) &&
		       checkpoint_number(object, "sent", &loss->sent) &&
		       checkpoint_number(object, "pauses", &nb_pauses) &&
		       checkpoint_number(object, "pauses_mended", &nb_mended);
	for (enum ownloss_kind kind = 0; kind < OWNLOSS_NB_KINDS; kind++)
		is_good = is_good && checkpoint_number(object, ownloss_word(kind), &loss->nb[kind]);
	loss->nb_pauses = (unsigned int)nb_pauses;
	loss->nb_pauses_mended = (unsigned int)nb_mended;
	return is_good;
}

bool checkpoint_head_past(const cJSON *head, struct past *past) {
	uint64_t nb_runs = 0;
	*past = (struct past){0};
	bool is_good = checkpoint_number(head, "runs", &nb_runs) && nb_runs > 0 &&
		       read_counts(head, &past->counts) && read_loss(head, &past->loss);
	const cJSON *counters = object_of(head, "counters");
#define X(name, text) is_good = is_good && checkpoint_number(counters, #name, &past->counters.name);
	WORKER_COUNTERS(X)
#undef X
	past->nb_runs = (unsigned int)nb_runs;
	return is_good;
}

// ---- comparing

static const char *text_of(const cJSON *value, char text[TEXT_OCTETS]) {
	if (cJSON_IsString(value))
		snprintf(text, TEXT_OCTETS, "%s", value->valuestring);
	else if (cJSON_IsTrue(value))
		snprintf(text, TEXT_OCTETS, "given");
	else
		snprintf(text, TEXT_OCTETS, "not given");
	return text;
}

static const char *compare_option(
	const cJSON *theirs, const cJSON *ours, const char *name, char line[LINE_OCTETS]) {
	const cJSON *was = object_of(theirs, name), *is = object_of(ours, name);
	char was_text[TEXT_OCTETS], is_text[TEXT_OCTETS];
	if ((!was && !is) || cJSON_Compare(was, is, true))
		return NULL;
	snprintf(line, LINE_OCTETS, "--%s was %s, is %s", name, text_of(was, was_text),
		text_of(is, is_text));
	return line;
}

static const char *compare_options(const cJSON *theirs, const cJSON *ours, char line[LINE_OCTETS]) {
	const struct option_table *table = options_table();
	const char *differs = NULL;
	for (size_t i = 0; i < table->nb_rows && !differs; i++) {
		if (table->rows[i].is_of_scan)
			differs = compare_option(theirs, ours, table->rows[i].long_name, line);
	}
	for (size_t i = 0; i < sizeof(options_of_run) / sizeof(options_of_run[0]); i++)
		differs = differs ? differs : compare_option(theirs, ours, options_of_run[i], line);
	return differs;
}

static const char *compare_lists(const cJSON *theirs, struct scan *s, char line[LINE_OCTETS]) {
	const struct options *o = &s->options;
	int nb = cJSON_GetArraySize(theirs);
	if (nb != (int)o->nb_targets) {
		snprintf(line, LINE_OCTETS, "--targets were %d files, are %u", nb, o->nb_targets);
		return line;
	}
	for (int i = 0; i < nb; i++) {
		const char *was = cJSON_GetStringValue(cJSON_GetArrayItem(theirs, i));
		const char *is = s->identity.targets[i];
		if (was && strcmp(was, is) == 0)
			continue;
		snprintf(line, LINE_OCTETS,
			"the target list %s is another one (SHA-256 was %.16s, is %.16s)",
			o->targets[i], was && *was ? was : "that of a stream",
			*is ? is : "that of a stream");
		return line;
	}
	return NULL;
}

static bool has_text(const cJSON *array, const char *text) {
	const cJSON *element;
	cJSON_ArrayForEach(element, array) {
		const char *other = cJSON_GetStringValue(element);
		if (other && *other && strcmp(other, text) == 0)
			return true;
	}
	return false;
}

// Every blocklist of theirs is one of ours: at least as much is blocked as was.
static bool blocks_no_less(const cJSON *theirs, const cJSON *ours) {
	const cJSON *list, *theirs_lists = object_of(theirs, "blocklists");
	if (!cJSON_IsArray(theirs_lists))
		return false;
	cJSON_ArrayForEach(list, theirs_lists) {
		const char *digest = cJSON_GetStringValue(list);
		if (!digest || !has_text(object_of(ours, "blocklists"), digest))
			return false;
	}
	return true;
}

const char *checkpoint_head_differs(const cJSON *head, struct scan *s) {
	static char line[LINE_OCTETS];
	static const struct {
		const char *key, *sentence;
	} plain[] = {
		{"addresses", "the addresses on the command line are others"},
		{"blocked", "what is blocked differs: name the files of before with -b, as they "
			    "were; who has opted out since goes into one more"},
		{"allowed", "what alone may be probed differs (-w)"},
		{"question", "the payload, or the name that is asked for, differs"},
	};
	cJSON *own = cJSON_CreateObject();
	add_identity(own, s);
	const char *differs = NULL;
	const cJSON *version = object_of(head, "version");
	char text[TEXT_OCTETS];
	if (!cJSON_Compare(version, object_of(own, "version"), true)) {
		snprintf(line, sizeof(line), "the version was %s, is %s", text_of(version, text),
			TFOSCAN_VERSION);
		differs = line;
	}
	if (!differs)
		differs = compare_options(
			object_of(head, "options"), object_of(own, "options"), line);
	if (!differs)
		differs = compare_lists(object_of(head, "target_lists"), s, line);
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]) && !differs; i++) {
		const cJSON *was = object_of(head, plain[i].key);
		if (strcmp(plain[i].key, "blocked") == 0 && blocks_no_less(head, own))
			continue;
		if (!cJSON_Compare(was, object_of(own, plain[i].key), true))
			differs = plain[i].sentence;
	}
	cJSON_Delete(own);
	return differs;
}
