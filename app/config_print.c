#include "app/config_print.h"

#include "app/config.h"
#include "app/exit_code.h"
#include "app/option_help.h"
#include "app/say.h"
#include "lib/conffile.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define COMMENT_COLUMNS 100u

static void print_comment(const char *text) {
	size_t column = 0;
	while (*text) {
		size_t len = strcspn(text, " ");
		bool is_new = column == 0 || column + 1 + len > COMMENT_COLUMNS;
		printf("%s%.*s", !is_new ? " " : column == 0 ? "# " : "\n# ", (int)len, text);
		column = is_new ? 2 + len : column + 1 + len;
		text += len + (text[len] == ' ');
	}
	putchar('\n');
}

static void print_where(const struct options *o, const struct option_setting *s) {
	if (s->line == 0) {
		puts("  # command line");
		return;
	}
	printf("  # ");
	for (const char *p = config_path(o); *p; p++)
		putchar((unsigned char)*p < ' ' || *p == 0x7f ? '?' : *p);
	printf(":%u\n", s->line);
}

// False: the value can't stand in a line.
static bool print_setting(const struct options *o, const struct option_setting *s) {
	char value[CONFFILE_MAX_LINE_OCTETS - CONFFILE_MAX_NAME_OCTETS - 3];
	printf("%s", s->row->long_name);
	if (s->value) {
		if (conffile_write_value(s->value, value, sizeof(value)) == 0)
			return false;
		printf(" = %s", value);
	}
	print_where(o, s);
	return true;
}

static void print_unset(const struct option_row *row) {
	if (row->standard)
		printf("#%s = %s  # default\n", row->long_name, row->standard);
	else if (row->argument)
		printf("#%s = %s\n", row->long_name, row->argument);
	else
		printf("#%s\n", row->long_name);
}

// All its values, or the last one, which counts.
static bool print_row(const struct options *o, const struct option_row *row) {
	const struct option_settings *given = &o->settings;
	unsigned int nb = 0, nb_all = 0;
	for (unsigned int i = 0; i < given->nb; i++)
		nb_all += given->said[i].row == row;
	if (nb_all == 0)
		print_unset(row);
	for (unsigned int i = 0; i < given->nb; i++) {
		const struct option_setting *s = &given->said[i];
		nb += s->row == row;
		if (s->row != row || (!row->repeats && nb < nb_all))
			continue;
		if (!print_setting(o, s)) {
			say("--%s: its value can't stand in a configuration: too long, or no text",
				row->long_name);
			return false;
		}
	}
	return true;
}

int config_print(const struct options *o) {
	const struct option_table *table = options_table();
	printf("# Options of " PROGRAM_NAME
	       ", as --print-config writes them; -C reads them, by default from\n"
	       "# " CONFIG_USUAL_PATH ". NAME = VALUE, or NAME alone; what the command line says "
	       "counts for more.\n"
	       "# Remove the # in front of an option to set it.\n");
	for (size_t i = 0; i < table->nb_rows; i++) {
		const struct option_row *row = &table->rows[i];
		if (row->section)
			printf("\n## %s\n", row->section);
		if (row->help == NULL || row->is_of_call)
			continue;
		putchar('\n');
		print_comment(row->help);
		if (row->text)
			print_comment(row->text);
		if (!print_row(o, row))
			return EXIT_USAGE;
	}
	return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_DONE : EXIT_CANNOT;
}
