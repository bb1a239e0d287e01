// Whole conversations of a target with the servers and middleboxes of lib/sim: both
// sides speak in frames, and the set of words must be the expected one, no more and no less.
#include "tests/conversation/world.h"

#include <criterion/criterion.h>

// A world is large, and one is enough.
static struct world w;

// Whatever happens on the way to asking target_next: late, or a segment that could not be sent.
struct manner {
	const char *name;
	uint64_t late_ns;
	unsigned int skip_every;
};

static const struct manner at_once = {"at once", 0, 0};

// The first row of a number.
static const struct sim_behaviour *row_of(unsigned int number) {
	unsigned int i = 0;
	while (sim_behaviour_row(i)->number != number)
		i++;
	return sim_behaviour_row(i);
}

static const struct sim_behaviour *row_by_name(const char *name) {
	unsigned int i = 0;
	while (strcmp(sim_behaviour_row(i)->name, name) != 0)
		i++;
	return sim_behaviour_row(i);
}

static void expect_words(const struct sim_behaviour *b, const struct app *app, bool is_v4,
	const struct manner *m, unsigned int variant) {
	world_init(&w, b, is_v4, app);
	w.late_ns = m->late_ns;
	w.skip_every = m->skip_every;
	w.sim.config.only_variant = (uint8_t)variant;
	uint64_t got = world_run(&w), want = world_expected(&w, NULL);
	cr_expect_eq(got, want, "#%u %s (%u), %s, IPv%c, %s:\n got     %s\n instead %s\n%s",
		b->number, b->name, variant, app->name, is_v4 ? '4' : '6', m->name,
		world_words(got), world_words(want), world_story(&w));
	// either would hold a place in the queue of Fast Open for a minute
	const struct sim_counters *counters = &w.sim.counters;
	cr_expect_eq(counters->nb_fast_resets > 0, b->number == 18, "#%u %s", b->number, b->name);
	cr_expect_eq(counters->nb_fast_timeouts > 0, b->number == 19, "#%u %s", b->number, b->name);
}

// #29 is of chance; disturbance_test.c has that.
static bool is_certain(const struct sim_behaviour *b) {
	return b->loss_ppm == 0;
}

static void expect_all_words(const struct app *app, const struct manner *m) {
	for (unsigned int i = 0; i < sim_behaviour_nb_rows(); i++) {
		const struct sim_behaviour *b = sim_behaviour_row(i);
		for (unsigned int v = 0; is_certain(b) && (v == 0 || v < b->nb_variants); v++) {
			expect_words(b, app, true, m, v);
			expect_words(b, app, false, m, v);
		}
	}
}

Test(conversation, every_behaviour_has_its_words_in_dnstcp_mode) {
	expect_all_words(&app_dnstcp, &at_once);
}

Test(conversation, every_behaviour_has_its_words_in_tcp_mode) {
	expect_all_words(&app_tcp, &at_once);
}

Test(conversation, every_behaviour_has_its_words_in_http_mode) {
	expect_all_words(&app_http, &at_once);
}

Test(conversation, every_behaviour_has_its_words_in_tls_mode) {
	expect_all_words(&app_tls, &at_once);
}

Test(conversation, no_word_changes_when_next_is_asked_late) {
	static const struct manner manners[] = {
		{"100 us late", 100 * NSEC_PER_USEC, 0},
		{"20 ms late", 20 * NSEC_PER_MSEC, 0},
		{"150 ms late", 150 * NSEC_PER_MSEC, 0},
	};
	for (unsigned int i = 0; i < sizeof(manners) / sizeof(manners[0]); i++) {
		expect_all_words(&app_dnstcp, &manners[i]);
		expect_all_words(&app_tcp, &manners[i]);
	}
}

Test(conversation, no_word_changes_when_an_offered_segment_is_not_sent_at_first) {
	static const struct manner manners[] = {
		{"every second offer is not sent", 0, 2},
		{"every third offer is not sent", 0, 3},
		{"every fourth offer is not sent, and late", 20 * NSEC_PER_MSEC, 4},
	};
	for (unsigned int i = 0; i < sizeof(manners) / sizeof(manners[0]); i++) {
		expect_all_words(&app_dnstcp, &manners[i]);
		expect_all_words(&app_tcp, &manners[i]);
	}
}

// ---- with rounds and controls

static void expect_words_at_length(const struct sim_behaviour *b, const struct app *app, bool is_v4,
	unsigned int variant, unsigned int nb_rounds, bool has_controls) {
	world_init(&w, b, is_v4, app);
	w.sim.config.only_variant = (uint8_t)variant;
	w.rules.nb_rounds = (uint8_t)nb_rounds;
	w.rules.has_controls = has_controls;
	uint64_t got = world_run(&w), want = world_expected(&w, NULL);
	cr_expect_eq(got, want,
		"#%u %s (%u), %s, IPv%c, %u rounds%s:\n got     %s\n instead %s\n%s", b->number,
		b->name, variant, app->name, is_v4 ? '4' : '6', nb_rounds,
		has_controls ? ", controls" : "", world_words(got), world_words(want),
		world_story(&w));
}

static void expect_all_words_at_length(unsigned int nb_rounds, bool has_controls) {
	for (unsigned int i = 0; i < sim_behaviour_nb_rows(); i++) {
		const struct sim_behaviour *b = sim_behaviour_row(i);
		for (unsigned int v = 0; is_certain(b) && (v == 0 || v < b->nb_variants); v++) {
			expect_words_at_length(
				b, &app_dnstcp, i % 2 == 0, v, nb_rounds, has_controls);
			expect_words_at_length(b, &app_tcp, i % 2 != 0, v, nb_rounds, has_controls);
			expect_words_at_length(
				b, &app_http, i % 2 == 0, v, nb_rounds, has_controls);
			expect_words_at_length(b, &app_tls, i % 2 != 0, v, nb_rounds, has_controls);
		}
	}
}

Test(conversation, every_behaviour_has_its_words_after_two_or_three_rounds) {
	expect_all_words_at_length(2, false);
	expect_all_words_at_length(3, false);
}

Test(conversation, every_behaviour_has_its_words_with_controls) {
	expect_all_words_at_length(1, true);
	expect_all_words_at_length(3, true);
}

// Of the machines with two keys, which word it is depends on where in their order a target begins.
Test(conversation, the_order_of_two_keys_decides_over_data_and_cookies) {
	uint64_t seen[2] = {0};
	for (uint64_t seed = 1; seed <= 40; seed++) {
		for (unsigned int with_controls = 0; with_controls < 2; with_controls++) {
			world_init(&w, row_of(6), true, &app_dnstcp);
			w.sim.config.seed = seed;
			w.rules.has_controls = with_controls;
			uint64_t got = world_run(&w), want = world_expected(&w, NULL);
			cr_expect_eq(got, want, "seed %u: %s\n instead %s\n%s", (unsigned int)seed,
				world_words(got), world_words(want), world_story(&w));
			seen[with_controls] |= got;
		}
	}
	cr_expect(seen[0] & CONDITION_BIT(CONDITION_SYNDATA_ACKED));
	cr_expect(seen[0] & CONDITION_BIT(CONDITION_SYNDATA_NOT_ACKED));
	cr_expect(seen[1] & CONDITION_BIT(CONDITION_COOKIE_ROTATING));
}

// 28: the SYN was repeated, yet the application saw one question a connection.
Test(conversation, a_question_reaches_the_application_once_a_connection) {
	for (unsigned int i = 0; i < sim_behaviour_nb_rows(); i++) {
		const struct sim_behaviour *b = sim_behaviour_row(i);
		world_init(&w, b, true, &app_dnstcp);
		world_run(&w);
		cr_expect_leq(w.sim.counters.max_questions, 1, "#%u %s", b->number, b->name);
	}
}

Test(conversation, a_normal_conversation_takes_twelve_frames_of_ours) {
	world_init(&w, row_of(1), true, &app_dnstcp);
	world_run(&w);
	unsigned int nb_ours = 0;
	for (unsigned int i = 0; i < w.nb_passed; i++)
		nb_ours += w.passed[i].direction == TO_SERVER;
	// SYN, question (in the third connection the ACK alone), FIN, ACK of the peer's FIN
	cr_expect_eq(nb_ours, 12, "%s", world_story(&w));
	cr_expect_eq(w.nb_our_rsts, 0);
	// the target is done when its last FIN is acknowledged; the peer's own comes behind that
	cr_expect_eq(w.nb_late_answers, 1);
}

// ---- connections that only the server remembers

static void expect_forgotten(unsigned int turn, bool is_v4) {
	world_init(&w, row_by_name("a connection we forgot"), is_v4, &app_dnstcp);
	w.sim.config.only_variant = (uint8_t)turn;
	uint64_t got = world_run(&w);
	cr_expect_eq(got, world_set(row_by_name("a connection we forgot")->words),
		"turn %u: %s\n%s", turn, world_words(got), world_story(&w));
	cr_expect_eq(w.sim.counters.nb_challenges, 1);
	cr_expect_eq(w.sim.counters.nb_dead_resets, 1, "RST with the number that the ACK named");
	cr_expect_eq(w.nb_our_rsts, 1);
	cr_expect_eq(w.nb_our_conns, 4, "one new port");
	const struct evidence *ev = &w.target.evidence[turn];
	cr_expect_eq(ev->syns, 1, "the count of SYNs starts again");
	cr_expect_eq(ev->outcome, OUTCOME_OK);
	for (unsigned int i = 0; i < w.nb_passed; i++)
		cr_expect_lt(w.passed[i].sent_ns, WORLD_START_NS + NSEC_PER_SEC,
			"nobody waits for a second");
}

Test(conversation, a_challenge_ack_gets_a_rst_and_the_probe_another_port) {
	for (unsigned int turn = 0; turn < NB_PROBES; turn++) {
		expect_forgotten(turn, true);
		expect_forgotten(turn, false);
	}
}

Test(conversation, a_challenge_ack_that_comes_twice_still_moves_the_probe_once) {
	world_init(&w, row_by_name("a connection we forgot"), true, &app_dnstcp);
	w.twice = 1; // 0 is our SYN
	cr_expect_eq(world_run(&w), world_set(row_by_name("a connection we forgot")->words), "%s",
		world_story(&w));
	cr_expect_eq(w.nb_our_conns, 4, "%s", world_story(&w));
	cr_expect_eq(w.nb_our_rsts, 1);
}

Test(conversation, a_challenge_ack_to_the_last_syn_moves_the_probe_even_if_next_comes_late) {
	world_init(&w, row_by_name("a connection we forgot"), true, &app_dnstcp);
	w.path_ns = 499 * NSEC_PER_MSEC;
	w.rules.conn.syn_tries = 1; // given up 1 s after the SYN, 2 ms after the ACK came
	w.late_ns = 5 * NSEC_PER_MSEC;
	cr_expect_eq(world_run(&w), world_set(row_by_name("a connection we forgot")->words), "%s",
		world_story(&w));
	cr_expect_eq(w.sim.counters.nb_dead_resets, 1);
	cr_expect_eq(w.nb_our_conns, 4);
}

Test(conversation, a_server_that_forgets_nothing_is_measured_on_the_second_port) {
	world_init(&w, row_by_name("connections we forgot"), true, &app_dnstcp);
	uint64_t got = world_run(&w);
	cr_expect_eq(got, world_set(row_by_name("connections we forgot")->words), "%s\n%s",
		world_words(got), world_story(&w));
	cr_expect_eq(w.nb_our_conns, 6, "one new port a probe, not more");
	cr_expect_eq(w.nb_our_rsts, 6, "%s", world_story(&w));
}
