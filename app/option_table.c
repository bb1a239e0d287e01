#include "app/option_table.h"

#include <assert.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define HELP_COLUMN 34

// A long option's value is the number of its row behind all chars.
#define ROW_BASE 256

static void print_help(const struct option_table *table) {
	fputs(table->head, stdout);
	for (size_t i = 0; i < table->nb_rows; i++) {
		const struct option_row *row = &table->rows[i];
		if (!row->help)
			continue;
		char left[80];
		char short_name[] = {row->short_name ? '-' : ' ',
			row->short_name ? row->short_name : ' ', row->short_name ? ',' : ' ', '\0'};
		snprintf(left, sizeof(left), "  %s --%s %s", short_name, row->long_name,
			row->argument ? row->argument : "");
		printf("%-*s %s\n", HELP_COLUMN, left, row->help);
	}
	fputs(table->tail, stdout);
}

enum options_result option_table_bad(const char *format, ...) {
	va_list args;
	va_start(args, format);
	fputs(PROGRAM_NAME ": ", stderr);
	vfprintf(stderr, format, args);
	fputs(" (--help lists the options)\n", stderr);
	va_end(args);
	return OPTIONS_BAD;
}

// getopt's tables, out of ours.
static void getopt_tables(
	const struct option_table *table, char *short_names, struct option *long_names) {
	*short_names++ = ':';
	for (size_t i = 0; i < table->nb_rows; i++) {
		const struct option_row *row = &table->rows[i];
		bool has_argument = row->argument != NULL;
		long_names[i] = (struct option){.name = row->long_name,
			.has_arg = has_argument ? required_argument : no_argument,
			.val = (int)(ROW_BASE + i)};
		if (!row->short_name)
			continue;
		*short_names++ = row->short_name;
		if (has_argument)
			*short_names++ = ':';
	}
	*short_names = '\0';
	long_names[table->nb_rows] = (struct option){0};
}

static const struct option_row *row_of(const struct option_table *table, int value) {
	for (size_t i = 0; i < table->nb_rows; i++) {
		const struct option_row *row = &table->rows[i];
		if (value == (int)(ROW_BASE + i) || (row->short_name && value == row->short_name))
			return row;
	}
	return NULL;
}

static enum options_result refuse(
	const struct option_table *table, int value, const char *argument) {
	if (value == ':')
		return option_table_bad("%s needs an argument", argument);
	if (optopt > 0 && optopt < ROW_BASE)
		return option_table_bad("unknown option -%c", optopt);
	if (optopt >= ROW_BASE)
		return option_table_bad(
			"--%s takes no argument", table->rows[optopt - ROW_BASE].long_name);
	return option_table_bad("unknown or ambiguous option %s", argument);
}

const struct option_row *option_table_find(
	const struct option_table *table, const char *long_name) {
	for (size_t i = 0; i < table->nb_rows; i++) {
		if (strcmp(table->rows[i].long_name, long_name) == 0)
			return &table->rows[i];
	}
	return NULL;
}

bool option_table_has(const struct option_table *table, const bool given[OPTION_TABLE_MAX_ROWS],
	const struct option_row *row) {
	for (size_t i = 0; i < table->nb_rows; i++) {
		if (given[i] && table->rows[i].take == row->take)
			return true;
	}
	return false;
}

enum options_result option_table_read(const struct option_table *table, int argc, char **argv,
	struct options *o, int *nb_read, bool given[OPTION_TABLE_MAX_ROWS]) {
	char short_names[2 * OPTION_TABLE_MAX_ROWS + 2];
	struct option long_names[OPTION_TABLE_MAX_ROWS + 1];
	assert(table->nb_rows <= OPTION_TABLE_MAX_ROWS);
	getopt_tables(table, short_names, long_names);
	opterr = 0;
	optind = 1;
	int value;
	while ((value = getopt_long(argc, argv, short_names, long_names, NULL)) != -1) {
		const struct option_row *row = row_of(table, value);
		if (!row)
			return refuse(table, value, argv[optind - 1]);
		if (row->short_name == 'h') {
			print_help(table);
			return OPTIONS_STOP;
		}
		if (row->short_name == 'V') {
			puts(PROGRAM_NAME " " TFOSCAN_VERSION);
			return OPTIONS_STOP;
		}
		if (given)
			given[row - table->rows] = true;
		const char *wrong = row->take(o, optarg);
		if (wrong)
			return option_table_bad(
				"--%s %s: %s", row->long_name, optarg ? optarg : "", wrong);
	}
	*nb_read = optind;
	return OPTIONS_RUN;
}
