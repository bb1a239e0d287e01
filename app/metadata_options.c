#include "app/metadata_options.h"

#include <stdbool.h>
#include <stddef.h>

static bool is_listed(const struct option_row *row) {
	return row->help != NULL && row->take != NULL;
}

static cJSON *values_of(const struct options *o, const struct option_row *row) {
	cJSON *values = cJSON_CreateArray();
	for (unsigned int i = 0; i < o->settings.nb; i++) {
		const struct option_setting *s = &o->settings.said[i];
		if (s->row == row)
			cJSON_AddItemToArray(values, cJSON_CreateString(s->value));
	}
	return values;
}

// The last one that was given, or NULL.
static const struct option_setting *last_of(const struct options *o, const struct option_row *row) {
	const struct option_setting *last = NULL;
	for (unsigned int i = 0; i < o->settings.nb; i++) {
		if (o->settings.said[i].row == row)
			last = &o->settings.said[i];
	}
	return last;
}

static cJSON *value_of(const struct options *o, const struct option_row *row) {
	const struct option_setting *last = last_of(o, row);
	if (row->argument == NULL)
		return cJSON_CreateBool(last != NULL);
	if (row->repeats)
		return values_of(o, row);
	if (last)
		return cJSON_CreateString(last->value);
	return row->standard ? cJSON_CreateString(row->standard) : cJSON_CreateNull();
}

cJSON *metadata_options(const struct options *o) {
	const struct option_table *table = options_table();
	cJSON *object = cJSON_CreateObject();
	for (size_t i = 0; i < table->nb_rows; i++) {
		const struct option_row *row = &table->rows[i];
		if (is_listed(row))
			cJSON_AddItemToObject(object, row->long_name, value_of(o, row));
	}
	return object;
}

cJSON *metadata_options_of_scan(void) {
	const struct option_table *table = options_table();
	cJSON *names = cJSON_CreateArray();
	for (size_t i = 0; i < table->nb_rows; i++) {
		if (table->rows[i].is_of_scan)
			cJSON_AddItemToArray(names, cJSON_CreateString(table->rows[i].long_name));
	}
	return names;
}
