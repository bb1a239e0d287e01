// The options of a program as a table: one row an option is parser and help in one.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct options; // every program has its own

enum options_result {
	OPTIONS_RUN,
	OPTIONS_STOP, // --help, --version: what was asked for is on stdout
	OPTIONS_BAD,  // one line on stderr says what
};

#define OPTION_TABLE_MAX_ROWS 96

struct option_row {
	char short_name; // 0: none
	const char *long_name;
	const char *argument; // NULL: none
	const char *help;     // NULL: an alias, for fingers
	// NULL if all is well, else what is wrong with the value; not called for -h and -V.
	const char *(*take)(struct options *o, const char *value);
};

struct option_table {
	const struct option_row *rows; // --help prints them in this order
	size_t nb_rows;		       // at most OPTION_TABLE_MAX_ROWS
	const char *head, *tail;       // of --help
};

// argv[0] is skipped. *nb_read: where the arguments begin that are no options; argv is sorted so
// that they stand behind. given: by row, set for those that stand there; NULL: nobody asks.
enum options_result option_table_read(const struct option_table *table, int argc, char **argv,
	struct options *o, int *nb_read, bool given[OPTION_TABLE_MAX_ROWS]);

// The row of a long option, or NULL.
const struct option_row *option_table_find(const struct option_table *table, const char *long_name);

// Was it given, by this or another of its names?
bool option_table_has(const struct option_table *table, const bool given[OPTION_TABLE_MAX_ROWS],
	const struct option_row *row);

// A line on stderr, which points to --help: OPTIONS_BAD.
enum options_result option_table_bad(const char *format, ...) __attribute__((format(printf, 1, 2)));
