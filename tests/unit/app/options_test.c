// The table of options, row by row, and command lines and configurations read by it.
#include "app/option_nearest.h"
#include "app/options.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>

#include <stdio.h>
#include <string.h>

static struct options o;

static enum options_result read_words(unsigned int nb, const char *const words[]) {
	static char *argv[64];
	static char text[64][128];
	argv[0] = "dpdk-tfoscan";
	for (unsigned int i = 0; i < nb; i++)
		argv[i + 1] = strcpy(text[i], words[i]);
	return options_read((int)nb + 1, argv, &o);
}

#define READ(...)                                                                                  \
	read_words(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *),                    \
		(const char *const[]){__VA_ARGS__})

static bool has_word(const char *words, const char *word) {
	size_t len = strlen(word);
	for (const char *p = strstr(words, word); p; p = strstr(p + 1, word)) {
		if ((p == words || p[-1] == ' ') && (p[len] == ' ' || p[len] == '\0'))
			return true;
	}
	return false;
}

// ---- rows

#define FOR_EACH_ROW(row)                                                                          \
	for (const struct option_row *row = options_table()->rows;                                 \
		row < options_table()->rows + options_table()->nb_rows; row++)

Test(options, every_name_is_there_once) {
	FOR_EACH_ROW(a) {
		FOR_EACH_ROW(b) {
			bool is_twin = a != b &&
				       (strcmp(a->long_name, b->long_name) == 0 ||
					       (a->short_name && a->short_name == b->short_name));
			cr_assert(!is_twin, "%s", a->long_name);
		}
	}
}

Test(options, a_row_is_an_option_or_the_alias_of_one) {
	FOR_EACH_ROW(row) {
		const struct option_row *option = option_table_main(options_table(), row);
		cr_assert_not_null(option->help, "%s", row->long_name);
		cr_assert_eq(option->argument != NULL, row->argument != NULL, "%s", row->long_name);
		cr_assert(row->help || !(row->text || row->standard || row->words || row->section));
		cr_assert_leq(strlen(option->help), 100, "%s", row->long_name);
		cr_assert_null(strpbrk(option->help, "\n\t"), "%s", row->long_name);
	}
}

Test(options, a_row_accepts_its_default_and_its_words_and_no_other_word) {
	FOR_EACH_ROW(row) {
		if (row->standard)
			cr_assert_null(row->take(&o, row->standard), "%s", row->long_name);
		if (!row->words)
			continue;
		cr_assert(!row->standard || has_word(row->words, row->standard), "%s",
			row->long_name);
		cr_assert_not_null(row->take(&o, "frobnicate"), "%s", row->long_name);
		char words[256], *rest = words;
		snprintf(words, sizeof(words), "%s", row->words);
		for (char *word = strsep(&rest, " "); word; word = strsep(&rest, " "))
			cr_assert_null(row->take(&o, word), "%s %s", row->long_name, word);
	}
}

static bool is_free_text(const struct option_row *row) {
	return strcmp(row->argument, "FILE") == 0 || strcmp(row->argument, "TEXT") == 0;
}

Test(options, a_wrong_or_an_empty_value_is_refused_by_every_option, .init = cr_redirect_stderr) {
	char name[64];
	FOR_EACH_ROW(row) {
		snprintf(name, sizeof(name), "--%s", row->long_name);
		if (row->argument) {
			cr_assert_eq(READ(name, ""), OPTIONS_BAD, "%s", name);
			cr_assert_eq(READ(name), OPTIONS_BAD, "%s", name);
		}
		if (row->argument && !is_free_text(row))
			cr_assert_eq(READ(name, "@/nowhere,@"), OPTIONS_BAD, "%s", name);
		strcat(name, "=x");
		if (!row->argument)
			cr_assert_eq(READ(name), OPTIONS_BAD, "%s", name);
	}
}

static const struct option_row *option_of(const char *name) {
	return option_table_main(options_table(), option_table_find(options_table(), name));
}

// By one of its names.
static void suggests(const char *typed, const char *name) {
	const char *nearest = option_nearest(options_table(), typed);
	cr_assert_not_null(nearest, "%s", typed);
	cr_assert_eq(option_of(nearest), option_of(name), "%s: not %s", typed, nearest);
}

Test(options, a_name_with_a_typing_error_is_refused_and_its_option_suggested,
	.init = cr_redirect_stderr) {
	FOR_EACH_ROW(row) {
		char typed[64], dashed[68];
		size_t len = strlen(row->long_name);
		if (len < 4)
			continue;
		for (size_t i = 0; i + 1 < len; i++) { // two letters exchanged
			strcpy(typed, row->long_name);
			typed[i] = row->long_name[i + 1];
			typed[i + 1] = row->long_name[i];
			if (strcmp(typed, row->long_name) == 0)
				continue;
			suggests(typed, row->long_name);
			snprintf(dashed, sizeof(dashed), "--%s", typed);
			cr_assert_eq(READ(dashed, "1"), OPTIONS_BAD, "%s", dashed);
		}
		for (size_t i = 0; i < len; i++) { // one left out
			snprintf(typed, sizeof(typed), "%.*s%s", (int)i, row->long_name,
				row->long_name + i + 1);
			if (option_table_find(options_table(), typed))
				continue; // --target-port, --target-ports
			cr_assert_not_null(option_nearest(options_table(), typed), "%s", typed);
			snprintf(dashed, sizeof(dashed), "--%s", typed);
			cr_assert_eq(READ(dashed, "1"), OPTIONS_BAD, "%s", dashed);
		}
	}
}

Test(options, what_is_like_no_name_has_no_suggestion) {
	suggests("rat", "rate");
	suggests("blacklist-file", "blocklist-file");
	suggests("no-default", "no-default-blocklist");
	cr_assert_null(option_nearest(options_table(), "frobnicate"));
	cr_assert_null(option_nearest(options_table(), "x"));
	cr_assert_null(option_nearest(options_table(), ""));
}

// ---- the command line

Test(options, arguments_may_stand_anywhere) {
	cr_assert_eq(
		READ("9.9.9.9", "-r", "5", "9.9.9.10", "--seed=7", "-", "-qv", "-n3", "--", "-q"),
		OPTIONS_RUN);
	cr_assert_eq(o.nb_addresses, 4);
	cr_assert_str_eq(o.addresses[0], "9.9.9.9");
	cr_assert_str_eq(o.addresses[1], "9.9.9.10");
	cr_assert_str_eq(o.addresses[2], "-");
	cr_assert_str_eq(o.addresses[3], "-q");
	cr_assert_float_eq(o.rate_pps, 5, 1e-9);
	cr_assert_eq(o.seed, 7);
	cr_assert(o.quiet && o.verbose == 1);
	cr_assert_eq(o.max_targets, 3);
}

Test(options, aliases_are_their_options) {
	cr_assert_eq(
		READ("-iL", "a", "-I", "b", "--input", "c", "--list-of-ips-file", "d", "--probes",
			"2", "--wait", "1", "--excludefile", "e", "--output-file=f", "--dryrun",
			"--target-ports", "80", "--router-mac", "02:00:00:00:00:01"),
		OPTIONS_RUN);
	cr_assert_eq(o.nb_targets, 4);
	cr_assert_eq(o.tries, 2);
	cr_assert_eq(o.cooldown_s, 1);
	cr_assert_eq(o.nb_blocklists, 1);
	cr_assert_str_eq(o.output, "f");
	cr_assert(o.dry_run && o.has_gateway_mac);
	cr_assert_eq(o.target_port, 80);
	cr_assert_str_eq(o.settings.said[0].row->long_name, "targets");
}

Test(options, defaults_hold) {
	cr_assert_eq(READ("-q"), OPTIONS_RUN);
	cr_assert_float_eq(o.rate_pps, 10000, 1e-9);
	cr_assert_float_eq(o.placebo_share, 0.01, 1e-12);
	cr_assert_eq(o.source_port_first, 32768);
	cr_assert_eq(o.source_port_last, 61000);
	cr_assert_eq(o.tries, 3);
	cr_assert_eq(o.settings.nb, 1);
}

Test(options, more_options_than_there_is_room_for_are_refused, .init = cr_redirect_stderr) {
	static char *argv[OPTION_TABLE_MAX_SETTINGS + 2];
	argv[0] = "dpdk-tfoscan";
	for (int i = 1; i < OPTION_TABLE_MAX_SETTINGS + 2; i++)
		argv[i] = "-v";
	cr_assert_eq(options_read(OPTION_TABLE_MAX_SETTINGS + 1, argv, &o), OPTIONS_RUN);
	cr_assert_eq(options_read(OPTION_TABLE_MAX_SETTINGS + 2, argv, &o), OPTIONS_BAD);
}

// ---- what follows

Test(options, bandwidth_counts_framing_and_yields_to_a_lower_rate) {
	// a SYN of 78 octets, and 24 of preamble, checksum and gap: 816 bits
	cr_assert_eq(READ("-B", "81.6M"), OPTIONS_RUN);
	options_settle(&o);
	cr_assert_float_eq(o.rate_pps, 100000, 1e-3);
	cr_assert_eq(READ("-B", "81.6M", "-r", "500"), OPTIONS_RUN);
	options_settle(&o);
	cr_assert_float_eq(o.rate_pps, 500, 1e-9);
	cr_assert_eq(READ("-r", "0", "-B", "81.6k"), OPTIONS_RUN);
	options_settle(&o);
	cr_assert_float_eq(o.rate_pps, 100, 1e-6);
	cr_assert_eq(READ("-B", "97.6M", "-S", "2001:db8::1/64"), OPTIONS_RUN);
	options_settle(&o);
	cr_assert_float_eq(o.rate_pps, 100000, 1e-3);
}

// ---- the configuration

Test(options, a_line_of_the_configuration_yields_to_the_command_line) {
	cr_assert_eq(READ("-r", "5", "--input", "a"), OPTIONS_RUN);
	cr_assert_null(options_set(&o, "rate", "6", 1));
	cr_assert_null(options_set(&o, "targets", "b", 2));
	cr_assert_null(options_set(&o, "blocklist-file", "c", 3));
	cr_assert_null(options_set(&o, "excludefile", "d", 4));
	cr_assert_float_eq(o.rate_pps, 5, 1e-9);
	cr_assert_eq(o.nb_targets, 1);
	cr_assert_eq(o.nb_blocklists, 2);
	cr_assert_eq(o.settings.nb, 4);
	cr_assert_eq(o.settings.said[3].line, 4);
}

Test(options, a_wrong_line_of_the_configuration_is_refused) {
	cr_assert_eq(READ("-q"), OPTIONS_RUN);
	cr_assert_str_eq(options_set(&o, "rat", "6", 1), "no such option: did you mean rate?");
	FOR_EACH_ROW(row) {
		bool is_of_call = option_table_main(options_table(), row)->is_of_call;
		const char *wrong = options_set(&o, row->long_name, row->argument ? NULL : "x", 1);
		cr_assert_not_null(wrong, "%s", row->long_name);
		cr_assert_eq(is_of_call, strcmp(wrong, "belongs on the command line") == 0, "%s",
			row->long_name);
		if (row->argument)
			cr_assert_not_null(options_set(&o, row->long_name, "", 1));
	}
}
