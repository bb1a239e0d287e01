#include "app/option_table.h"

#include "app/option_help.h"
#include "app/option_nearest.h"
#include "app/say.h"
#include "app/version.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINE_OCTETS 900
#define NAME_OCTETS 64

// The command line, as far as it is read.
struct reading {
	const struct option_table *table;
	struct options *o;
	struct option_settings *settings;
	char **argv;
	int argc;
	int next; // the argument to be read
};

enum options_result option_table_bad(const char *format, ...) {
	char line[LINE_OCTETS];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	say("%s (--help lists the options)", line);
	return OPTIONS_BAD;
}

const struct option_row *option_table_find(
	const struct option_table *table, const char *long_name) {
	for (size_t i = 0; i < table->nb_rows; i++) {
		if (strcmp(table->rows[i].long_name, long_name) == 0)
			return &table->rows[i];
	}
	return NULL;
}

static const struct option_row *find_short(const struct option_table *table, char name) {
	for (size_t i = 0; i < table->nb_rows; i++) {
		if (table->rows[i].short_name == name)
			return &table->rows[i];
	}
	return NULL;
}

const struct option_row *option_table_main(
	const struct option_table *table, const struct option_row *row) {
	for (size_t i = 0; row->help == NULL && i < table->nb_rows; i++) {
		const struct option_row *other = &table->rows[i];
		if (other->help && other->take == row->take)
			return other;
	}
	return row;
}

void option_table_defaults(const struct option_table *table, struct options *o) {
	assert(table->nb_rows <= OPTION_TABLE_MAX_ROWS);
	for (size_t i = 0; i < table->nb_rows; i++) {
		const struct option_row *row = &table->rows[i];
		const char *wrong = row->standard ? row->take(o, row->standard) : NULL;
		assert(wrong == NULL);
		(void)wrong;
	}
}

const char *option_table_take(const struct option_table *table, const struct option_row *row,
	const char *value, unsigned int line, struct options *o, struct option_settings *settings) {
	if (value && *value == '\0')
		return "must not be empty";
	const char *wrong = row->take(o, value);
	if (wrong)
		return wrong;
	if (settings->nb == OPTION_TABLE_MAX_SETTINGS)
		return "is one option too many";
	settings->said[settings->nb++] = (struct option_setting){
		.row = option_table_main(table, row), .value = value, .line = line};
	return NULL;
}

static enum options_result take(
	const struct reading *r, const struct option_row *row, const char *value) {
	if (row->take == NULL && row->short_name == 'h') {
		option_help(r->table);
		return OPTIONS_STOP;
	}
	if (row->take == NULL) {
		version_print();
		return OPTIONS_STOP;
	}
	const char *wrong = option_table_take(r->table, row, value, 0, r->o, r->settings);
	if (wrong == NULL)
		return OPTIONS_RUN;
	return option_table_bad("--%s %.400s: %s", row->long_name, value ? value : "", wrong);
}

static enum options_result unknown(const struct reading *r, const char *name) {
	const char *nearest = option_nearest(r->table, name);
	if (nearest)
		return option_table_bad("unknown option --%s: did you mean --%s?", name, nearest);
	return option_table_bad("unknown option --%s", name);
}

// --name, --name value or --name=value
static enum options_result read_long(struct reading *r, const char *typed) {
	char name[NAME_OCTETS];
	size_t len = strcspn(typed, "=");
	const char *value = typed[len] == '=' ? typed + len + 1 : NULL;
	snprintf(name, sizeof(name), "%.*s", (int)len, typed);
	const struct option_row *row = option_table_find(r->table, name);
	if (row == NULL)
		return unknown(r, name);
	if (value && !row->argument)
		return option_table_bad("--%s takes no argument", name);
	if (row->argument && !value) {
		if (r->next == r->argc)
			return option_table_bad("--%s needs an argument", name);
		value = r->argv[r->next++];
	}
	return take(r, row, value);
}

// -x, -x value, -xvalue, or several that take none behind one dash
static enum options_result read_short(struct reading *r, const char *typed) {
	for (const char *p = typed; *p; p++) {
		const struct option_row *row = find_short(r->table, *p);
		if (row == NULL)
			return option_table_bad("unknown option -%c", *p);
		const char *value = NULL;
		if (row->argument && p[1] == '\0' && r->next == r->argc)
			return option_table_bad("-%c needs an argument", *p);
		if (row->argument)
			value = p[1] ? p + 1 : r->argv[r->next++];
		enum options_result result = take(r, row, value);
		if (result != OPTIONS_RUN || value)
			return result;
	}
	return OPTIONS_RUN;
}

enum options_result option_table_read(const struct option_table *table, int argc, char **argv,
	struct options *o, struct option_settings *settings, int *nb_arguments) {
	struct reading r = {.table = table,
		.o = o,
		.settings = settings,
		.argv = argv,
		.argc = argc,
		.next = 1};
	bool has_ended = false; // by --
	int nb = 0;
	while (r.next < argc) {
		char *typed = argv[r.next++];
		enum options_result result = OPTIONS_RUN;
		if (has_ended || typed[0] != '-' || typed[1] == '\0')
			argv[1 + nb++] = typed; // never before it was read
		else if (strcmp(typed, "--") == 0)
			has_ended = true;
		else if (typed[1] == '-')
			result = read_long(&r, typed + 2);
		else
			result = read_short(&r, typed + 1);
		if (result != OPTIONS_RUN)
			return result;
	}
	*nb_arguments = nb;
	return OPTIONS_RUN;
}
