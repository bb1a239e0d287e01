// What is made of an option table when the programs are built, on stdout: the manual page, and what
// bash and zsh complete.
//
//	option-pages man|bash|zsh
#include "app/option_help.h"
#include "app/option_table.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

// ---- the manual page

// Text for roff: nothing of it is a request, and hyphens can be copied.
static void put_roff(const char *text) {
	bool is_line_start = true;
	for (; *text; text++) {
		if (is_line_start && (*text == '.' || *text == '\''))
			printf("\\&");
		if (*text == '-')
			printf("\\-");
		else if (*text == '\\')
			printf("\\e");
		else
			putchar(*text);
		is_line_start = *text == '\n';
	}
}

// Lines that stay lines.
static void put_roff_lines(const char *text) {
	puts(".nf");
	put_roff(text);
	puts(".fi");
}

static void man_row(const struct option_row *row) {
	char text[OPTION_HELP_OCTETS];
	printf(".TP\n\\fB");
	if (row->short_name)
		printf("\\-%c\\fR, \\fB", row->short_name);
	printf("\\-\\-");
	put_roff(row->long_name);
	printf("\\fR");
	if (row->argument) {
		printf(" \\fI");
		put_roff(row->argument);
		printf("\\fR");
	}
	putchar('\n');
	put_roff(option_help_line(row, text));
	puts(".");
	if (row->text) {
		put_roff(row->text);
		putchar('\n');
	}
}

static void print_man(const struct option_table *table) {
	printf(".TH ");
	for (const char *p = PROGRAM_NAME; *p; p++)
		putchar(toupper((unsigned char)*p));
	puts(" 1 \"\" \"" PROGRAM_NAME " " TFOSCAN_VERSION "\" \"User Commands\"\n.SH NAME");
	put_roff(PROGRAM_NAME);
	printf(" \\- ");
	put_roff(table->brief);
	puts("\n.SH SYNOPSIS");
	put_roff_lines(table->usage);
	puts(".SH DESCRIPTION");
	put_roff(table->about);
	puts(".SH OPTIONS");
	for (size_t i = 0; i < table->nb_rows; i++) {
		const struct option_row *row = &table->rows[i];
		if (row->section)
			printf(".SS %s\n", row->section);
		if (row->help)
			man_row(row);
	}
	puts(".SH NOTES");
	put_roff_lines(table->tail);
}

// ---- completions

static bool is_argument(const struct option_row *row, const char *argument) {
	return row->argument && !row->words && strcmp(row->argument, argument) == 0;
}

// The names of a row as a pattern: -r|--rate
static void put_names(const struct option_row *row) {
	if (row->short_name)
		printf("-%c|", row->short_name);
	printf("--%s", row->long_name);
}

// One case for all options whose argument is completed in the same way.
static void bash_case(const struct option_table *table, const char *argument, const char *action) {
	const char *bar = "\t";
	for (size_t i = 0; i < table->nb_rows; i++) {
		const struct option_row *row = &table->rows[i];
		bool is_other = strcmp(argument, "") == 0 && row->argument && !row->words &&
				!is_argument(row, "FILE") && !is_argument(row, "IF");
		if (!row->help || !(is_other || is_argument(row, argument)))
			continue;
		printf("%s", bar);
		put_names(row);
		bar = "|";
	}
	if (*bar == '|')
		printf(") %s ;;\n", action);
}

static void put_function(void) {
	putchar('_');
	for (const char *p = PROGRAM_NAME; *p; p++)
		putchar(*p == '-' ? '_' : *p);
}

static void print_bash(const struct option_table *table) {
	puts("# bash completion for " PROGRAM_NAME ", made of its table of options");
	put_function();
	puts("() {\n"
	     "\tlocal i=$COMP_CWORD words\n"
	     "\tlocal cur=${COMP_WORDS[i]} prev=${COMP_WORDS[i - 1]}\n"
	     "\t[[ $cur != = ]] || cur=\n"
	     "\t[[ $prev != = ]] || prev=${COMP_WORDS[i - 2]}\n"
	     "\tCOMPREPLY=()\n"
	     "\tcase $prev in");
	for (size_t i = 0; i < table->nb_rows; i++) {
		if (!table->rows[i].help || !table->rows[i].words)
			continue;
		putchar('\t');
		put_names(&table->rows[i]);
		printf(") words='%s' ;;\n", table->rows[i].words);
	}
	bash_case(table, "IF", "words=$(ls /sys/class/net)");
	bash_case(table, "FILE",
		"compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "
		"\"$cur\"); return");
	bash_case(table, "", "return");
	printf("\t*)\n"
	       "\t\t[[ $cur == -* ]] || return\n"
	       "\t\twords='");
	for (size_t i = 0; i < table->nb_rows; i++) {
		if (table->rows[i].help)
			printf("%s--%s", i > 0 ? " " : "", table->rows[i].long_name);
	}
	puts("'\n"
	     "\t\t;;\n"
	     "\tesac\n"
	     "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
	     "}");
	printf("complete -F ");
	put_function();
	puts(" " PROGRAM_NAME);
}

// Inside '…[…]' of _arguments.
static void put_zsh(const char *text) {
	for (; *text; text++) {
		if (*text == '\'')
			printf("'\\''");
		else if (strchr("[]:\\", *text))
			printf("\\%c", *text);
		else
			putchar(*text);
	}
}

static void zsh_row(const struct option_row *row) {
	char text[OPTION_HELP_OCTETS];
	const char *sign = row->argument ? "=" : "";
	if (row->repeats)
		printf("\t'*'");
	else if (row->short_name)
		printf("\t'(-%c --%s)'", row->short_name, row->long_name);
	else
		printf("\t");
	if (row->short_name)
		printf("{-%c%s,--%s%s}", row->short_name, row->argument ? "+" : "", row->long_name,
			sign);
	else
		printf("--%s%s", row->long_name, sign);
	printf("'[");
	put_zsh(option_help_line(row, text));
	putchar(']');
	if (row->argument) {
		putchar(':');
		put_zsh(row->argument);
		putchar(':');
	}
	if (row->words)
		printf("(%s)", row->words);
	else if (is_argument(row, "FILE"))
		printf("_files");
	else if (is_argument(row, "IF"))
		printf("_net_interfaces");
	else if (row->argument)
		putchar(' ');
	puts("' \\");
}

static void print_zsh(const struct option_table *table) {
	puts("#compdef " PROGRAM_NAME "\n"
	     "# made of the table of options of " PROGRAM_NAME "\n"
	     "_arguments -s \\");
	for (size_t i = 0; i < table->nb_rows; i++) {
		if (table->rows[i].help)
			zsh_row(&table->rows[i]);
	}
	puts("\t'*:argument: '");
}

int main(int argc, char **argv) {
	static const struct {
		const char *name;
		void (*print)(const struct option_table *table);
	} pages[] = {{"man", print_man}, {"bash", print_bash}, {"zsh", print_zsh}};
	for (size_t i = 0; argc == 2 && i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (strcmp(argv[1], pages[i].name) == 0) {
			pages[i].print(options_table());
			return fflush(stdout) == 0 ? 0 : 1;
		}
	}
	fputs("usage: option-pages man|bash|zsh\n", stderr);
	return 2;
}
