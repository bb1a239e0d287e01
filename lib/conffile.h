// Lines of a configuration file: `name = value`, or a name alone; `#` begins a comment where a word
// may begin. Blanks around a value don't count, quotes around all of it are taken off; between them
// a quote is doubled: "say ""no"" # twice".
#pragma once

#include <stddef.h>

#define CONFFILE_MAX_LINE_OCTETS 8448 // twice the longest path, if all of it were quotes
#define CONFFILE_MAX_NAME_OCTETS 40

enum conffile_result {
	CONFFILE_ENTRY,
	CONFFILE_NOTHING, // blank, or a comment
	CONFFILE_TOO_LONG,
	CONFFILE_CONTROL_OCTET,
	CONFFILE_BAD_NAME,
	CONFFILE_OPEN_QUOTE,
	CONFFILE_SINGLE_QUOTE,
	CONFFILE_NB_RESULTS,
};

struct conffile_entry {
	const char *name;
	const char *value; // NULL: a name alone
};

// Read a line of len octets, its line feed not included. line[len] is written to, too: what *entry
// points to lies in the line, and ends there with a NUL.
enum conffile_result conffile_line(char *line, size_t len, struct conffile_entry *entry);

// What is wrong and how to mend it, as the end of a sentence; of the first two: NULL.
const char *conffile_mend(enum conffile_result result);

// Write a value such that conffile_line reads it again: in quotes if it needs them. The length, or
// 0 if it does not fit, or holds what no line can hold.
size_t conffile_write_value(const char *value, char *out, size_t out_octets);
