#include "app/option_help.h"

#include <stdio.h>

#define HELP_COLUMN 34
#define LEFT_OCTETS 80

const char *option_help_line(const struct option_row *row, char text[OPTION_HELP_OCTETS]) {
	snprintf(text, OPTION_HELP_OCTETS, "%s%s%s%s", row->help, row->standard ? " (" : "",
		row->standard ? row->standard : "", row->standard ? ")" : "");
	return text;
}

static void print_row(const struct option_row *row) {
	char left[LEFT_OCTETS], text[OPTION_HELP_OCTETS];
	char short_name[] = {row->short_name ? '-' : ' ', row->short_name ? row->short_name : ' ',
		row->short_name ? ',' : ' ', '\0'};
	snprintf(left, sizeof(left), "  %s --%s %s", short_name, row->long_name,
		row->argument ? row->argument : "");
	printf("%-*s %s\n", HELP_COLUMN, left, option_help_line(row, text));
}

void option_help(const struct option_table *table) {
	printf("usage: ");
	for (const char *p = table->usage; *p; p++) {
		putchar(*p);
		if (*p == '\n' && p[1])
			printf("       ");
	}
	printf("\n%s", table->about);
	for (size_t i = 0; i < table->nb_rows; i++) {
		const struct option_row *row = &table->rows[i];
		if (row->section)
			printf("\n%s:\n", row->section);
		if (row->help)
			print_row(row);
	}
	printf("\n%s", table->tail);
}
