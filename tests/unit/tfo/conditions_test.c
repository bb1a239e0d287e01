// Every word, and docs/results.md, which defines them: DOCS_RESULTS is its path.
#include "lib/tfo/conditions.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

static char *read_file(const char *path) {
	FILE *f = fopen(path, "rb");
	cr_assert_not_null(f, "%s can't be read", path);
	cr_assert_eq(fseek(f, 0, SEEK_END), 0);
	long len = ftell(f);
	cr_assert_gt(len, 0);
	rewind(f);
	char *text = malloc((size_t)len + 1);
	cr_assert_eq(fread(text, 1, (size_t)len, f), (size_t)len);
	text[len] = '\0';
	fclose(f);
	return text;
}

static bool is_word_char(char c) {
	return isalnum((unsigned char)c) || c == '_' || c == '.';
}

// The word stands there as a whole, not as a part of a longer one.
static bool has_word(const char *text, const char *word) {
	size_t len = strlen(word);
	for (const char *p = text; (p = strstr(p, word)) != NULL; p += len) {
		bool starts = p == text || !is_word_char(p[-1]);
		bool ends = !is_word_char(p[len]) || (p[len] == '.' && !is_word_char(p[len + 1]));
		if (starts && ends)
			return true;
	}
	return false;
}

Test(conditions, the_words_differ_and_begin_with_tfo) {
	for (unsigned int i = 0; i < NB_CONDITIONS; i++) {
		const char *word = condition_word(i);
		cr_expect_eq(strncmp(word, "tfo.", 4), 0, "%s", word);
		cr_expect_not_null(strchr(word + 4, '.'), "%s", word);
		for (unsigned int k = 0; k < i; k++)
			cr_expect_str_neq(word, condition_word(k));
	}
}

Test(conditions, the_families_of_the_seed_come_first) {
	static const char *const seed[] = {"tfo.connectivity.works", "tfo.connectivity.broken",
		"tfo.connectivity.offline", "tfo.connectivity.transient", "tfo.cookie.received",
		"tfo.cookie.not_received", "tfo.syndata.acked", "tfo.syndata.not_acked",
		"tfo.syndata.failed"};
	cr_assert_eq(NB_SEED_CONDITIONS, sizeof(seed) / sizeof(seed[0]));
	for (unsigned int i = 0; i < NB_SEED_CONDITIONS; i++)
		cr_expect_str_eq(condition_word(i), seed[i]);
}

// docs/results.md: the words that appear whenever their rule holds.
Test(conditions, every_word_exists_and_no_other) {
	static const char *const words[] = {"tfo.cookie.length.4", "tfo.cookie.length.6",
		"tfo.cookie.length.8", "tfo.cookie.length.10", "tfo.cookie.length.12",
		"tfo.cookie.length.14", "tfo.cookie.length.16", "tfo.cookie.malformed",
		"tfo.cookie.echoed", "tfo.cookie.duplicate", "tfo.cookie.wrong_kind",
		"tfo.cookie.renewed", "tfo.cookie.rejected", "tfo.cookie.returned",
		"tfo.cookie.unsolicited", "tfo.syndata.partial", "tfo.failure.rst",
		"tfo.failure.icmp", "tfo.failure.badack", "tfo.failure.stall",
		"tfo.failure.reset_after", "tfo.failure.timeout", "tfo.baseline.closed",
		"tfo.anomaly.synack_inconsistent", "tfo.anomaly.challenge_ack",
		"tfo.synack.payload", "tfo.zerortt.yes", "tfo.zerortt.no", "tfo.request.works",
		"tfo.data.broken", "tfo.path.injected", "tfo.answer.duplicate",
		// with rounds
		"tfo.retry.recovered", "tfo.baseline.flapped", "tfo.cookie.intermittent",
		// with controls
		"tfo.cookie.stable", "tfo.cookie.rotating", "tfo.cookie.shared_ports",
		"tfo.cookie.port_bound", "tfo.cookie.never_accepted", "tfo.cookie.unchecked",
		"tfo.cookieless.accepted", "tfo.exp.received", "tfo.exp.not_received",
		"tfo.syndata.declined", "tfo.option.dropped", "tfo.data.dropped",
		"tfo.combo.dropped", "tfo.path.synack_dropped", "tfo.path.syndata_dropped",
		"tfo.path.flow_blackholed", "tfo.path.blacklist_suspect", "tfo.synproxy.suspect"};
	unsigned int nb_words = sizeof(words) / sizeof(words[0]);
	for (unsigned int i = 0; i < nb_words; i++) {
		unsigned int c = NB_SEED_CONDITIONS;
		while (c < NB_CONDITIONS && strcmp(condition_word(c), words[i]) != 0)
			c++;
		cr_expect_lt(c, NB_CONDITIONS, "%s", words[i]);
	}
	cr_expect_eq(NB_CONDITIONS, NB_SEED_CONDITIONS + nb_words, "and no other");
}

Test(conditions, each_is_found_by_its_word_and_by_no_other) {
	for (unsigned int i = 0; i < NB_CONDITIONS; i++) {
		const char *word = condition_word(i);
		cr_expect_eq(condition_by_word(word, strlen(word)), i);
		cr_expect_eq(condition_by_word(word, strlen(word) - 1), NB_CONDITIONS);
	}
	cr_expect_eq(condition_by_word("", 0), NB_CONDITIONS);
	cr_expect_eq(condition_by_word("tfo.connectivity.workz", 22), NB_CONDITIONS);
}

Test(conditions, docs_results_defines_every_word) {
	char *text = read_file(DOCS_RESULTS);
	for (unsigned int i = 0; i < NB_CONDITIONS; i++)
		cr_expect(has_word(text, condition_word(i)), "%s: no %s", DOCS_RESULTS,
			condition_word(i));
	free(text);
}
