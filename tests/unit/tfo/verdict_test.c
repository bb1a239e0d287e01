// The truth table of docs/results.md, row by row, from evidence made by hand. Each test states
// the whole set of words.
#include "lib/tfo/verdict.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define PAYLOAD 33

#define WORKS "tfo.connectivity.works"
#define BROKEN "tfo.connectivity.broken"
#define OFFLINE "tfo.connectivity.offline"
#define TRANSIENT "tfo.connectivity.transient"
#define RECEIVED "tfo.cookie.received"
#define NOT_RECEIVED "tfo.cookie.not_received"
#define LENGTH_8 "tfo.cookie.length.8"
#define ACKED "tfo.syndata.acked"
#define NOT_ACKED "tfo.syndata.not_acked"
#define FAILED "tfo.syndata.failed"
#define ONLY_DATA "tfo.request.works", "tfo.data.broken"

static const struct cookie cookie_a = {.len_octets = 8, .octets = {1, 2, 3, 4, 5, 6, 7, 8}};
static const struct cookie cookie_b = {.len_octets = 8, .octets = {1, 2, 3, 4, 5, 6, 7, 9}};

static struct evidence ev[NB_PROBES];

static bool is_answered(enum outcome outcome) {
	return outcome == OUTCOME_OK || outcome == OUTCOME_STALL || outcome == OUTCOME_RESET_AFTER;
}

// A connection that ended so: with a SYN-ACK if the outcome says so.
static void made(enum probe p, enum outcome outcome) {
	bool has_synack = is_answered(outcome);
	ev[p] = (struct evidence){
		.sport = (uint16_t)(40000 + p),
		.syns = 1,
		.outcome = (uint8_t)outcome,
		.marks = has_synack ? MARK_SYNACK : 0,
		.data_len = has_synack || p == PROBE_DATA ? PAYLOAD : EVIDENCE_NO_LENGTH,
		.data_acked = has_synack ? 0 : EVIDENCE_NO_LENGTH,
		.option_out = p == PROBE_BASELINE ? COOKIE_OPTION_NONE : COOKIE_OPTION_KIND34,
	};
}

static void offered(enum probe p, const struct cookie *c) {
	ev[p].cookie_in = *c;
	ev[p].option_in = COOKIE_OPTION_KIND34;
	ev[p].cookie_raw_len = c->len_octets;
}

// Baseline and request as given; no cookie, so no third connection.
static void two(enum outcome baseline, enum outcome request) {
	memset(ev, 0, sizeof(ev));
	made(PROBE_BASELINE, baseline);
	made(PROBE_REQUEST, request);
}

// The request brought a cookie, and the third connection ended so.
static void three(enum outcome baseline, enum outcome request, enum outcome data, uint16_t acked) {
	two(baseline, request);
	offered(PROBE_REQUEST, &cookie_a);
	made(PROBE_DATA, data);
	ev[PROBE_DATA].cookie_out = cookie_a;
	if (is_answered(data))
		ev[PROBE_DATA].data_acked = acked;
}

static void print(uint64_t set, char *text) {
	*text = '\0';
	for (unsigned int c = 0; c < NB_CONDITIONS; c++) {
		if (set & CONDITION_BIT(c))
			text += sprintf(text, "%s ", condition_word(c));
	}
}

static void expect_words(int line, const char *const *words) {
	uint64_t want = 0;
	for (; *words != NULL; words++) {
		unsigned int c = 0;
		while (c < NB_CONDITIONS && strcmp(condition_word(c), *words) != 0)
			c++;
		cr_assert_lt(c, NB_CONDITIONS, "no such word: %s", *words);
		want |= CONDITION_BIT(c);
	}
	uint64_t got = verdict_of_round(ev);
	char text[2048];
	print(got, text);
	cr_expect_eq(got, want, "line %d: %s", line, text);
}

#define EXPECT(...) expect_words(__LINE__, (const char *const[]){__VA_ARGS__, NULL})

// ---- connectivity

Test(verdict, works_if_baseline_and_request_are_ok) {
	two(OUTCOME_OK, OUTCOME_OK);
	EXPECT(WORKS, NOT_RECEIVED);
}

Test(verdict, works_if_baseline_and_data_are_ok_whatever_became_of_the_request) {
	three(OUTCOME_OK, OUTCOME_STALL, OUTCOME_OK, PAYLOAD);
	EXPECT(WORKS, RECEIVED, LENGTH_8, ACKED);
}

Test(verdict, broken_by_its_kind_of_failure_if_the_request_alone_fails) {
	two(OUTCOME_OK, OUTCOME_NONE);
	EXPECT(BROKEN, "tfo.failure.timeout");
	two(OUTCOME_OK, OUTCOME_RST);
	EXPECT(BROKEN, "tfo.failure.rst");
	two(OUTCOME_OK, OUTCOME_ICMP);
	EXPECT(BROKEN, "tfo.failure.icmp");
	two(OUTCOME_OK, OUTCOME_BADACK);
	EXPECT(BROKEN, "tfo.failure.badack");
	two(OUTCOME_OK, OUTCOME_STALL);
	EXPECT(BROKEN, NOT_RECEIVED, "tfo.failure.stall");
	two(OUTCOME_OK, OUTCOME_RESET_AFTER);
	EXPECT(BROKEN, NOT_RECEIVED, "tfo.failure.reset_after");
}

Test(verdict, broken_by_data_alone_says_that_the_request_works) {
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_NONE, 0);
	EXPECT(BROKEN, RECEIVED, LENGTH_8, FAILED, "tfo.failure.timeout", ONLY_DATA);
}

Test(verdict, broken_by_both_does_not_say_that_the_request_works) {
	three(OUTCOME_OK, OUTCOME_STALL, OUTCOME_STALL, PAYLOAD);
	EXPECT(BROKEN, RECEIVED, LENGTH_8, ACKED, "tfo.failure.stall");
}

Test(verdict, the_failure_is_that_of_the_data_and_not_that_of_the_request) {
	three(OUTCOME_OK, OUTCOME_RESET_AFTER, OUTCOME_NONE, 0);
	EXPECT(BROKEN, RECEIVED, LENGTH_8, FAILED, "tfo.failure.timeout");
}

Test(verdict, transient_if_the_baseline_alone_fails) {
	static const enum outcome failures[] = {OUTCOME_NONE, OUTCOME_RST, OUTCOME_ICMP,
		OUTCOME_BADACK, OUTCOME_STALL, OUTCOME_RESET_AFTER};
	for (unsigned int i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		two(failures[i], OUTCOME_OK);
		EXPECT(TRANSIENT, NOT_RECEIVED);
		three(failures[i], OUTCOME_OK, OUTCOME_OK, PAYLOAD);
		EXPECT(TRANSIENT, RECEIVED, LENGTH_8, ACKED);
	}
}

Test(verdict, offline_if_all_fail_and_nothing_else_is_said_of_silence) {
	two(OUTCOME_NONE, OUTCOME_NONE);
	EXPECT(OFFLINE);
	cr_expect_eq(verdict_of_silence(), verdict_of_round(ev));
}

Test(verdict, offline_and_closed_if_the_baseline_got_a_rst) {
	two(OUTCOME_RST, OUTCOME_RST);
	EXPECT(OFFLINE, "tfo.baseline.closed");
	two(OUTCOME_RST, OUTCOME_NONE);
	EXPECT(OFFLINE, "tfo.baseline.closed");
	two(OUTCOME_NONE, OUTCOME_RST);
	EXPECT(OFFLINE);
	two(OUTCOME_RESET_AFTER, OUTCOME_NONE);
	EXPECT(OFFLINE); // it was open
}

Test(verdict, offline_with_a_cookie_says_what_became_of_the_data) {
	three(OUTCOME_NONE, OUTCOME_OK, OUTCOME_NONE, 0);
	EXPECT(OFFLINE, RECEIVED, LENGTH_8, FAILED, "tfo.failure.timeout");
	three(OUTCOME_STALL, OUTCOME_STALL, OUTCOME_STALL, PAYLOAD);
	EXPECT(OFFLINE, RECEIVED, LENGTH_8, ACKED, "tfo.failure.stall");
}

// ---- cookie

Test(verdict, nothing_is_said_of_cookies_without_a_syn_ack_to_the_option) {
	two(OUTCOME_OK, OUTCOME_BADACK);
	offered(PROBE_BASELINE, &cookie_a);
	EXPECT(BROKEN, "tfo.failure.badack");
}

Test(verdict, a_cookie_is_received_with_its_length) {
	static const struct {
		uint8_t octets;
		const char *word;
	} rows[] = {{4, "tfo.cookie.length.4"}, {6, "tfo.cookie.length.6"},
		{8, "tfo.cookie.length.8"}, {10, "tfo.cookie.length.10"},
		{12, "tfo.cookie.length.12"}, {14, "tfo.cookie.length.14"},
		{16, "tfo.cookie.length.16"}};
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		three(OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, PAYLOAD);
		ev[PROBE_REQUEST].cookie_in.len_octets = rows[i].octets;
		EXPECT(WORKS, RECEIVED, rows[i].word, ACKED);
	}
}

Test(verdict, an_empty_option_is_an_echo) {
	two(OUTCOME_OK, OUTCOME_OK);
	ev[PROBE_REQUEST].option_in = COOKIE_OPTION_KIND34;
	ev[PROBE_REQUEST].marks |= MARK_COOKIE_EMPTY;
	EXPECT(WORKS, NOT_RECEIVED, "tfo.cookie.echoed");
}

Test(verdict, an_option_of_an_impossible_length_is_malformed) {
	two(OUTCOME_OK, OUTCOME_OK);
	ev[PROBE_REQUEST].option_in = COOKIE_OPTION_KIND34;
	ev[PROBE_REQUEST].marks |= MARK_COOKIE_MALFORMED;
	EXPECT(WORKS, NOT_RECEIVED, "tfo.cookie.malformed");
}

Test(verdict, of_two_options_the_last_one_counts_and_it_is_said) {
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, PAYLOAD);
	ev[PROBE_REQUEST].marks |= MARK_COOKIE_DUPLICATE;
	EXPECT(WORKS, RECEIVED, LENGTH_8, ACKED, "tfo.cookie.duplicate");
	two(OUTCOME_OK, OUTCOME_OK);
	ev[PROBE_REQUEST].marks |= MARK_COOKIE_DUPLICATE | MARK_COOKIE_EMPTY;
	EXPECT(WORKS, NOT_RECEIVED, "tfo.cookie.duplicate", "tfo.cookie.echoed");
}

Test(verdict, a_cookie_in_the_other_kind_of_option_is_received) {
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, PAYLOAD);
	ev[PROBE_REQUEST].option_in = COOKIE_OPTION_KIND254;
	EXPECT(WORKS, RECEIVED, LENGTH_8, ACKED, "tfo.cookie.wrong_kind");
}

Test(verdict, a_cookie_that_only_the_baseline_got_was_not_asked_for) {
	two(OUTCOME_OK, OUTCOME_OK);
	offered(PROBE_BASELINE, &cookie_a);
	EXPECT(WORKS, NOT_RECEIVED, "tfo.cookie.unsolicited");
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, PAYLOAD);
	offered(PROBE_BASELINE, &cookie_a);
	EXPECT(WORKS, RECEIVED, LENGTH_8, ACKED); // not only
}

// ---- syndata

Test(verdict, data_are_acked_if_the_syn_ack_covers_all_of_them) {
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, PAYLOAD);
	EXPECT(WORKS, RECEIVED, LENGTH_8, ACKED);
}

Test(verdict, data_acked_with_a_new_cookie_renew_it) {
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, PAYLOAD);
	offered(PROBE_DATA, &cookie_b);
	EXPECT(WORKS, RECEIVED, LENGTH_8, ACKED, "tfo.cookie.renewed");
}

Test(verdict, data_acked_with_the_same_cookie_renew_nothing) {
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, PAYLOAD);
	offered(PROBE_DATA, &cookie_a);
	EXPECT(WORKS, RECEIVED, LENGTH_8, ACKED);
}

Test(verdict, data_acked_in_part_are_not_acked) {
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, 1);
	EXPECT(WORKS, RECEIVED, LENGTH_8, NOT_ACKED, "tfo.syndata.partial");
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, PAYLOAD - 1);
	EXPECT(WORKS, RECEIVED, LENGTH_8, NOT_ACKED, "tfo.syndata.partial");
}

Test(verdict, data_not_acked_without_an_option_are_just_not_acked) {
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, 0);
	EXPECT(WORKS, RECEIVED, LENGTH_8, NOT_ACKED);
}

Test(verdict, data_not_acked_with_another_cookie_reject_ours) {
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, 0);
	offered(PROBE_DATA, &cookie_b);
	EXPECT(WORKS, RECEIVED, LENGTH_8, NOT_ACKED, "tfo.cookie.rejected");
}

Test(verdict, data_not_acked_with_our_cookie_return_it) {
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, 0);
	offered(PROBE_DATA, &cookie_a);
	EXPECT(WORKS, RECEIVED, LENGTH_8, NOT_ACKED, "tfo.cookie.returned");
}

Test(verdict, data_overacked_alone_are_not_acked) {
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_BADACK, 0);
	ev[PROBE_DATA].marks |= MARK_BADACK;
	EXPECT(BROKEN, RECEIVED, LENGTH_8, NOT_ACKED, "tfo.failure.badack", ONLY_DATA);
}

Test(verdict, data_that_nothing_acknowledges_failed) {
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_RST, 0);
	EXPECT(BROKEN, RECEIVED, LENGTH_8, FAILED, "tfo.failure.rst", ONLY_DATA);
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_ICMP, 0);
	EXPECT(BROKEN, RECEIVED, LENGTH_8, FAILED, "tfo.failure.icmp", ONLY_DATA);
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_NONE, 0);
	EXPECT(BROKEN, RECEIVED, LENGTH_8, FAILED, "tfo.failure.timeout", ONLY_DATA);
}

Test(verdict, data_acked_or_not_may_still_stall_or_be_reset) {
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_STALL, PAYLOAD);
	EXPECT(BROKEN, RECEIVED, LENGTH_8, ACKED, "tfo.failure.stall", ONLY_DATA);
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_STALL, 0);
	EXPECT(BROKEN, RECEIVED, LENGTH_8, NOT_ACKED, "tfo.failure.stall", ONLY_DATA);
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_RESET_AFTER, PAYLOAD);
	EXPECT(BROKEN, RECEIVED, LENGTH_8, ACKED, "tfo.failure.reset_after", ONLY_DATA);
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_RESET_AFTER, 7);
	EXPECT(BROKEN, RECEIVED, LENGTH_8, NOT_ACKED, "tfo.syndata.partial",
		"tfo.failure.reset_after", ONLY_DATA);
}

// ---- extra words

Test(verdict, zero_rtt_is_said_of_acked_data_only) {
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, PAYLOAD);
	ev[PROBE_DATA].marks |= MARK_ZERORTT_YES;
	EXPECT(WORKS, RECEIVED, LENGTH_8, ACKED, "tfo.zerortt.yes");
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, PAYLOAD);
	ev[PROBE_DATA].marks |= MARK_ZERORTT_NO;
	EXPECT(WORKS, RECEIVED, LENGTH_8, ACKED, "tfo.zerortt.no");
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, 0);
	ev[PROBE_DATA].marks |= MARK_ZERORTT_YES;
	EXPECT(WORKS, RECEIVED, LENGTH_8, NOT_ACKED);
}

Test(verdict, what_any_connection_showed_is_said) {
	static const struct {
		uint16_t mark;
		const char *word;
	} rows[] = {{MARK_SYNACK_INCONSISTENT, "tfo.anomaly.synack_inconsistent"},
		{MARK_CHALLENGE_ACK, "tfo.anomaly.challenge_ack"},
		{MARK_SYNACK_PAYLOAD, "tfo.synack.payload"},
		{MARK_ANSWER_DUPLICATE, "tfo.answer.duplicate"},
		{MARK_INJECTED, "tfo.path.injected"}, {MARK_EARLY_DATA, "tfo.path.injected"}};
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (unsigned int p = 0; p < NB_PROBES; p++) {
			three(OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, PAYLOAD);
			ev[p].marks |= rows[i].mark;
			EXPECT(WORKS, RECEIVED, LENGTH_8, ACKED, rows[i].word);
		}
	}
}

Test(verdict, marks_that_say_nothing_by_themselves_add_no_word) {
	three(OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, PAYLOAD);
	ev[PROBE_REQUEST].marks |= MARK_ICMP | MARK_BADACK; // a SYN-ACK came after all
	ev[PROBE_DATA].marks |= MARK_EARLY_TIMESTAMPS | MARK_ICMP | MARK_BADACK;
	EXPECT(WORKS, RECEIVED, LENGTH_8, ACKED);
}

// ---- every combination

Test(verdict, every_round_has_one_word_of_each_family_at_most) {
	const uint64_t connectivity =
		CONDITION_BIT(CONDITION_WORKS) | CONDITION_BIT(CONDITION_BROKEN) |
		CONDITION_BIT(CONDITION_OFFLINE) | CONDITION_BIT(CONDITION_TRANSIENT);
	const uint64_t cookie = CONDITION_BIT(CONDITION_COOKIE_RECEIVED) |
				CONDITION_BIT(CONDITION_COOKIE_NOT_RECEIVED);
	const uint64_t syndata = CONDITION_BIT(CONDITION_SYNDATA_ACKED) |
				 CONDITION_BIT(CONDITION_SYNDATA_NOT_ACKED) |
				 CONDITION_BIT(CONDITION_SYNDATA_FAILED);
	for (unsigned int b = 0; b < NB_OUTCOMES; b++) {
		for (unsigned int r = 0; r < NB_OUTCOMES; r++) {
			two(b, r);
			uint64_t set = verdict_of_round(ev);
			cr_expect_eq(__builtin_popcountll(set & connectivity), 1);
			cr_expect_eq(__builtin_popcountll(set & cookie), is_answered(r));
			cr_expect_eq(set & syndata, 0);
			for (unsigned int d = 0; is_answered(r) && d < NB_OUTCOMES; d++) {
				three(b, r, d, PAYLOAD);
				set = verdict_of_round(ev);
				cr_expect_eq(__builtin_popcountll(set & connectivity), 1);
				cr_expect_eq(
					set & cookie, CONDITION_BIT(CONDITION_COOKIE_RECEIVED));
				cr_expect_eq(__builtin_popcountll(set & syndata), 1);
				cr_expect_eq(CONDITION_BIT(verdict_connectivity(set)),
					set & connectivity);
			}
		}
	}
}
