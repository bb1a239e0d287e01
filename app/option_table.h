// The options of a program as a table. A row is all there is of an option: its parser, its default,
// and what --help, the manual page, the completions and the configuration say of it.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct options; // every program has its own

enum options_result {
	OPTIONS_RUN,
	OPTIONS_STOP, // --help, --version: what was asked for is on stdout
	OPTIONS_BAD,  // one line on stderr says what
};

#define OPTION_TABLE_MAX_ROWS 160
#define OPTION_TABLE_MAX_SETTINGS 512

struct option_row {
	char short_name; // 0: none
	const char *long_name;
	const char *argument; // NULL: none; FILE and IF are completed as such
	const char *help;     // one line; NULL: an alias, for fingers, with the take of its option
	// NULL if all is well, else what is wrong with the value; not called for -h and -V. The
	// value is never empty.
	const char *(*take)(struct options *o, const char *value);

	// What follows may be left out.
	const char *section;  // its heading, of the first row of a section
	const char *standard; // the value that holds if none is given: it is taken at the start
	const char *words;    // the values there are, a blank between them; NULL: all kinds
	const char *text;     // sentences more, for the manual page
	bool is_of_scan;      // part of what is measured: one for all shards, and at every resume
	bool repeats;	      // each value that is given counts; else the last one
	bool is_of_call;      // asked of one call alone: no line of a configuration
};

struct option_table {
	const struct option_row *rows; // --help prints them in this order
	size_t nb_rows;		       // at most OPTION_TABLE_MAX_ROWS
	const char *brief;	       // what the program is, in a few words
	const char *usage;	       // its calls, one a line
	const char *about, *tail;      // of --help: paragraphs in front and behind
};

// An option that was given.
struct option_setting {
	const struct option_row *row; // of the option, also if an alias was typed
	const char *value;	      // NULL: it takes none
	unsigned int line;	      // of the configuration; 0: on the command line
};

// In the order in which they were given.
struct option_settings {
	struct option_setting said[OPTION_TABLE_MAX_SETTINGS];
	unsigned int nb;
};

// Every program has one.
const struct option_table *options_table(void);

// Give every option its default.
void option_table_defaults(const struct option_table *table, struct options *o);

// argv[0] is skipped. *nb_arguments: that are no options; argv is changed so that they stand from
// argv[1] on. Names must be written out: a part of one would change its meaning with the next
// version.
enum options_result option_table_read(const struct option_table *table, int argc, char **argv,
	struct options *o, struct option_settings *settings, int *nb_arguments);

// The row of a long option, or NULL.
const struct option_row *option_table_find(const struct option_table *table, const char *long_name);

// The same for an alias: the row of the option that it stands for.
const struct option_row *option_table_main(
	const struct option_table *table, const struct option_row *row);

// Take a value, and keep that it was given: the row is that of an option or an alias. NULL if all
// is well, else what is wrong, as the end of a sentence.
const char *option_table_take(const struct option_table *table, const struct option_row *row,
	const char *value, unsigned int line, struct options *o, struct option_settings *settings);

// A line on stderr, which points to --help: OPTIONS_BAD.
enum options_result option_table_bad(const char *format, ...) __attribute__((format(printf, 1, 2)));
