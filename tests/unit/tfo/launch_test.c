// A launch and a struct target go through the same moments; at any of them the launch, expanded,
// must be the target, and stay it.
#include "lib/sim/sim_behaviour.h"
#include "lib/tfo/flow_write.h"
#include "lib/tfo/launch.h"
#include "lib/tfo/record_writer.h"

#include <criterion/criterion.h>
#include <stdalign.h>

#define START_NS (UINT64_C(1795608000) * NSEC_PER_SEC + 123456)

static const struct ip_addr us4 = {.octets = {[10] = 0xff, [11] = 0xff, 10, 99, 0, 3}};
static const struct ip_addr us6 = {.octets = {0x20, 0x01, 0x0d, 0xb8, [15] = 3}};
static const struct ip_addr them4 = {.octets = {[10] = 0xff, [11] = 0xff, 198, 18, 3, 4}};
static const struct ip_addr them6 = {.octets = {0x20, 0x01, 0x0d, 0xb8, [15] = 4}};
static const uint8_t name[] = {7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'c', 'o', 'm', 0};
static const struct sim_behaviour fast_open = {.cookie_octets = 8};

static const unsigned int tries_tried[] = {1, 2, 3, 8};
// How late a moment may come round; each is used for all moments of a run.
static const uint64_t lateness[] = {0, 999, 137 * NSEC_PER_USEC, 3 * NSEC_PER_MSEC + 1};

static struct target_rules rules;
static uint8_t first_ordinal; // of the target's connections

static void set_rules(unsigned int tries) {
	rules = (struct target_rules){
		.conn = {.syn_tries = (uint8_t)tries,
			.data_tries = (uint8_t)tries,
			.answer_wanted = true,
			.wait_ns = 5 * NSEC_PER_SEC,
			.mss4 = 1460,
			.mss6 = 1440},
		.app = &app_dnstcp,
		.ports = {.first = 40000, .count = 1000},
		.laddr4 = us4,
		.laddr6 = us6,
		.question_octets = name,
		.question_len = sizeof(name),
	};
	numbers_init(&rules.numbers, 11, 12);
}

struct pair {
	struct launch launch;
	struct target driven;
	struct flow flows[NB_PROBES]; // of driven
};

static void begin(struct pair *p, bool is_v4) {
	launch_start(&p->launch, &rules, is_v4 ? &them4 : &them6, 53);
	target_start(&p->driven, &rules, &p->launch.addr, 53, NULL, 0);
	target_want_flows(&p->driven, p->flows);
	p->launch.first_ordinal = p->driven.first_ordinal = first_ordinal;
}

static size_t as_frame(const struct segment *seg, uint8_t *octets) {
	static const struct frame_route route = {.src_mac = {2, 1}, .dst_mac = {2, 2}};
	size_t len = frame_write(octets, FRAME_MAX_OCTETS, &route, seg);
	cr_assert_gt(len, 0);
	return len;
}

static void expect_same_segment(const struct segment *a, const struct segment *b) {
	uint8_t octets_a[FRAME_MAX_OCTETS], octets_b[FRAME_MAX_OCTETS];
	size_t len = as_frame(a, octets_a);
	cr_assert_eq(as_frame(b, octets_b), len);
	cr_assert_arr_eq(octets_a, octets_b, len);
}

// One SYN of both, compared; and when either wants to be asked again.
static void pass_moment(struct pair *p, unsigned int moment, uint64_t now_ns) {
	unsigned int tries = rules.conn.syn_tries;
	struct segment syn;
	struct target_segment driven;
	struct conn_numbers numbers;
	uint8_t options[TCPOPT_MAX_OCTETS];
	uint64_t wake_ns;
	launch_syn(&p->launch, &rules, moment, now_ns, &syn, options, &numbers);
	cr_assert_eq(target_next(&p->driven, &rules, now_ns, &driven, &wake_ns), TARGET_SEND);
	expect_same_segment(&syn, &driven.seg);
	launch_sent(&p->launch, tries, moment, now_ns);
	target_observe_sent(&p->driven, &rules, now_ns, &driven.seg);
	cr_assert_eq(launch_port(&p->launch, &rules), syn.sport);
	cr_assert_eq(numbers.isn, syn.seq);
	cr_assert_eq(target_next(&p->driven, &rules, now_ns, &driven, &wake_ns), TARGET_WAIT);
	cr_assert_eq(wake_ns, launch_moment_ns(&p->launch, tries, moment + 1),
		"tries %u, moment %u", tries, moment + 1);
}

// Through the first nb_moments moments. Returns the stamp of the last one.
static uint64_t drive(struct pair *p, unsigned int nb_moments, uint64_t late_ns) {
	uint64_t now_ns = START_NS;
	for (unsigned int m = 0; m < nb_moments; m++) {
		if (m > 0)
			now_ns = launch_moment_ns(&p->launch, rules.conn.syn_tries, m) + late_ns;
		pass_moment(p, m, now_ns);
	}
	return now_ns;
}

static void expect_same_conn(const struct conn *a, const struct conn *b) {
	cr_expect_eq(a->first_syn_ns, b->first_syn_ns);
	cr_expect_eq(a->last_syn_ns, b->last_syn_ns);
	cr_expect_eq(a->close_ns, b->close_ns);
	cr_expect_eq(a->end_ns, b->end_ns);
	cr_expect_eq(a->isn, b->isn);
	cr_expect_eq(a->ts_base, b->ts_base);
	cr_expect_eq(a->lport, b->lport);
	cr_expect_eq(a->payload_len, b->payload_len);
	cr_expect_eq(a->syn_data_len, b->syn_data_len);
	cr_expect_eq(a->nb_syns, b->nb_syns);
	cr_expect_eq(a->state, b->state);
	cr_expect_eq(a->end, b->end);
}

static void expect_same_evidence(const struct evidence *a, const struct evidence *b) {
	cr_expect_eq(a->sport, b->sport);
	cr_expect_eq(a->syns, b->syns);
	cr_expect_eq(a->outcome, b->outcome);
	cr_expect_eq(a->marks, b->marks);
	cr_expect_eq(a->option_out, b->option_out);
	cr_expect_eq(a->syn_rtt_us, b->syn_rtt_us);
	cr_expect_eq(a->answer_us, b->answer_us);
	cr_expect_eq(a->data_len, b->data_len);
	cr_expect_eq(a->data_acked, b->data_acked);
	cr_expect_eq(a->code, b->code);
}

// Of a SYN that came late the launch keeps the microsecond if it is the newest, else no time at
// all.
static void expect_same_flows(const struct flow *a, const struct flow *b, bool is_on_time) {
	static const struct flow_place nowhere;
	for (unsigned int p = 0; p < NB_PROBES; p++) {
		char text_a[FLOW_WRITE_MAX_OCTETS], text_b[FLOW_WRITE_MAX_OCTETS];
		struct flow of_a = a[p], of_b = b[p];
		if (!is_on_time && p != PROBE_BASELINE)
			cr_assert_lt(of_b.to_ns - of_a.to_ns, NSEC_PER_USEC, "probe %u", p);
		if (!is_on_time)
			of_a.to_ns = of_b.to_ns = 0;
		size_t len = (size_t)(flow_write(&of_a, &nowhere, text_a) - text_a);
		cr_assert_eq((size_t)(flow_write(&of_b, &nowhere, text_b) - text_b), len);
		cr_assert_arr_eq(text_a, text_b, len, "probe %u:\n%.*s\n%.*s", p, (int)len, text_a,
			(int)len, text_b);
	}
}

static void expect_same_target(const struct target *a, const struct target *b, bool is_on_time) {
	cr_expect(addr_equal(&a->addr, &b->addr));
	cr_expect_eq(a->port, b->port);
	cr_expect_eq(a->from_ns, b->from_ns);
	cr_expect_eq(a->nb_started, b->nb_started);
	cr_expect_eq(a->current, b->current);
	cr_expect_eq(a->has_previous, b->has_previous);
	cr_expect_eq(a->restart, b->restart);
	cr_expect_eq(a->first_ordinal, b->first_ordinal);
	cr_expect_eq(a->question_len, b->question_len);
	cr_expect_eq(a->question_octets, b->question_octets);
	for (unsigned int i = 0; i < 2; i++) {
		cr_expect_eq(a->probe_of[i], b->probe_of[i]);
		// of a baseline that is over, the launch keeps no more than that it is
		if (is_on_time || i == a->current)
			expect_same_conn(&a->conns[i], &b->conns[i]);
	}
	for (unsigned int p = 0; p < NB_PROBES; p++)
		expect_same_evidence(&a->evidence[p], &b->evidence[p]);
}

// ---- and on, in lockstep, with a server that answers both alike

#define SERVER_CONNS 16

static struct sim server;

// Where its frames go: both sides of the comparison take each at once.
struct both {
	struct target *a, *b;
	uint8_t octets[FRAME_MAX_OCTETS];
};

static uint8_t *both_buffer(void *context) {
	struct both *both = context;
	return both->octets;
}

static void both_receive(void *context, uint64_t at_ns, size_t len) {
	struct both *both = context;
	struct frame frame;
	cr_assert_eq(frame_parse(both->octets, len, FRAME_TRUST_NOTHING, &frame), FRAME_TCP);
	bool is_ours = target_observe_received(both->a, &rules, at_ns, &frame.seg);
	cr_assert_eq(target_observe_received(both->b, &rules, at_ns, &frame.seg), is_ours);
}

static void start_server(void) {
	static alignas(SIM_ALIGNMENT) uint8_t memory[SERVER_CONNS * 1024];
	const struct sim_config config = {.seed = 1, .only = &fast_open};
	cr_assert_leq(sim_octets(SERVER_CONNS), sizeof(memory));
	sim_init(&server, &config, memory, SERVER_CONNS);
}

static void tell_server(
	struct target *a, struct target *b, uint64_t now_ns, const uint8_t *octets, size_t len) {
	struct both both = {.a = a, .b = b};
	const struct sim_sink sink = {
		.context = &both, .buffer = both_buffer, .commit = both_receive};
	sim_receive(&server, now_ns, octets, len, &sink);
}

static void continue_both(struct target *a, struct target *b, uint64_t now_ns) {
	struct target_segment out_a, out_b;
	uint64_t wake_a = 0, wake_b = 0;
	for (unsigned int i = 0; i < 1000; i++) {
		enum target_step step = target_next(a, &rules, now_ns, &out_a, &wake_a);
		cr_assert_eq(target_next(b, &rules, now_ns, &out_b, &wake_b), step);
		if (step == TARGET_DONE)
			return;
		if (step == TARGET_WAIT) {
			cr_assert_eq(wake_a, wake_b);
			now_ns = wake_a;
			continue;
		}
		expect_same_segment(&out_a.seg, &out_b.seg);
		target_observe_sent(a, &rules, now_ns, &out_a.seg);
		target_observe_sent(b, &rules, now_ns, &out_b.seg);
		uint8_t octets[FRAME_MAX_OCTETS];
		size_t len = as_frame(&out_a.seg, octets);
		tell_server(a, b, now_ns, octets, len);
	}
	cr_assert_fail("the conversation doesn't end");
}

static void expect_same_record(const struct target *a, const struct target *b) {
	static const struct record_style style = {.raw_cookies = true};
	static const struct record_job job = {0};
	char line_a[RECORD_LINE_MAX_OCTETS], line_b[RECORD_LINE_MAX_OCTETS];
	struct record_writer writer;
	struct record r;
	record_writer_init(&writer, &style);
	record_of_target(a, &rules, &r);
	size_t len = record_writer_write(&writer, &r, NULL, &job, line_a);
	record_of_target(b, &rules, &r);
	cr_assert_eq(record_writer_write(&writer, &r, NULL, &job, line_b), len);
	cr_assert_arr_eq(line_a, line_b, len);
}

static void expand_and_compare(bool is_v4, unsigned int nb_moments, uint64_t late_ns) {
	struct pair p;
	struct target expanded;
	struct flow flows[NB_PROBES];
	begin(&p, is_v4);
	uint64_t now_ns = drive(&p, nb_moments, late_ns);
	launch_expand(&p.launch, &rules, NULL, 0, flows, &expanded);
	expect_same_target(&expanded, &p.driven, late_ns == 0);
	expect_same_flows(flows, p.flows, late_ns == 0);

	start_server();
	// the last SYN arrives after all
	struct segment syn;
	struct conn_numbers numbers;
	uint8_t options[TCPOPT_MAX_OCTETS], octets[FRAME_MAX_OCTETS];
	launch_syn(&p.launch, &rules, nb_moments - 1, now_ns, &syn, options, &numbers);
	size_t len = as_frame(&syn, octets);
	tell_server(&expanded, &p.driven, now_ns + 5 * NSEC_PER_MSEC, octets, len);
	continue_both(&expanded, &p.driven, now_ns + 5 * NSEC_PER_MSEC);
	expect_same_record(&expanded, &p.driven);
	expect_same_flows(flows, p.flows, late_ns == 0);
	// the words are those of a server with Fast Open: it has been a conversation
	cr_expect_eq(p.driven.evidence[PROBE_DATA].outcome, OUTCOME_OK);
}

Test(launch, expanded_after_any_syn_it_is_the_target_driven_in_full) {
	for (unsigned int i = 0; i < sizeof(tries_tried) / sizeof(tries_tried[0]); i++) {
		unsigned int tries = tries_tried[i];
		set_rules(tries);
		for (unsigned int n = 1; n <= 2 * tries; n++) {
			for (unsigned int l = 0; l < sizeof(lateness) / sizeof(lateness[0]); l++) {
				expand_and_compare(true, n, lateness[l]);
				expand_and_compare(false, n, lateness[l]);
			}
		}
	}
}

Test(launch, begun_again_it_is_the_target_begun_again) {
	set_rules(3);
	first_ordinal = 7;
	for (unsigned int n = 1; n <= 6; n++)
		expand_and_compare(n % 2 == 0, n, 0);
	struct pair p;
	begin(&p, true);
	drive(&p, 1, 0);
	cr_expect_eq(launch_port(&p.launch, &rules),
		ports_choose(
			&rules.ports, numbers_target(&rules.numbers, &them4, 53), &them4, 53, 7));
}

Test(launch, expanded_with_a_question_of_its_own_it_asks_that) {
	static const uint8_t own[] = {2, 'd', 'e', 0};
	set_rules(3);
	struct pair p;
	struct target expanded;
	begin(&p, true);
	drive(&p, 4, 0);
	launch_expand(&p.launch, &rules, own, sizeof(own), NULL, &expanded);
	cr_expect_eq(expanded.question_octets, own);
	cr_expect_eq(expanded.question_len, sizeof(own));
	cr_expect_eq(expanded.conns[expanded.current].payload_len, 14 + sizeof(own) + 4);
}

Test(launch, a_target_that_stays_silent_ends_as_the_one_driven_in_full) {
	for (unsigned int i = 0; i < sizeof(tries_tried) / sizeof(tries_tried[0]); i++) {
		unsigned int tries = tries_tried[i];
		set_rules(tries);
		for (unsigned int l = 0; l < sizeof(lateness) / sizeof(lateness[0]); l++) {
			struct pair p;
			struct target_segment out;
			struct record r, silent;
			struct flow flows[NB_PROBES];
			uint64_t wake_ns;
			begin(&p, l % 2 == 0);
			drive(&p, 2 * tries, lateness[l]);
			uint64_t end_ns = launch_to_ns(&p.launch);
			cr_expect_eq(launch_moment_ns(&p.launch, tries, 2 * tries), end_ns);
			cr_expect_eq(target_next(&p.driven, &rules, end_ns - 1, &out, &wake_ns),
				TARGET_WAIT);
			cr_expect_eq(target_next(&p.driven, &rules, end_ns, &out, &wake_ns),
				TARGET_DONE);
			record_of_target(&p.driven, &rules, &r);
			launch_record(&p.launch, &rules, flows, &silent);
			cr_expect(silent.is_silent);
			cr_expect_eq(r.from_ns, silent.from_ns);
			cr_expect_eq(r.to_ns, silent.to_ns);
			cr_expect_eq(r.conditions, silent.conditions);
			cr_expect_eq(r.first_round, silent.first_round);
			for (unsigned int n = 0; n < NB_PROBES; n++)
				expect_same_evidence(&r.evidence[n], &silent.evidence[n]);
			expect_same_flows(flows, p.flows, lateness[l] == 0);
		}
	}
}

// SYNs of the baseline at 0, 1, 3 s, given up at 4; of the request at 4, 5, 7, given up at 8.
Test(launch, three_tries_have_the_moments_of_the_schedule) {
	static const uint64_t seconds[] = {0, 1, 3, 4, 5, 7, 8};
	set_rules(3);
	struct pair p;
	begin(&p, true);
	cr_assert_eq(launch_nb_moments(3), sizeof(seconds) / sizeof(seconds[0]));
	for (unsigned int m = 0; m < 6; m++) {
		uint64_t now_ns = START_NS + seconds[m] * NSEC_PER_SEC;
		if (m > 0)
			cr_expect_eq(launch_moment_ns(&p.launch, 3, m), now_ns);
		pass_moment(&p, m, now_ns);
	}
	cr_expect_eq(launch_moment_ns(&p.launch, 3, 6), START_NS + 8 * NSEC_PER_SEC);
}

Test(launch, a_moment_that_came_late_moves_only_those_that_count_from_it) {
	set_rules(3);
	struct pair p;
	begin(&p, true);
	uint64_t late_ns = 300 * NSEC_PER_MSEC;
	pass_moment(&p, 0, START_NS);
	pass_moment(&p, 1, START_NS + NSEC_PER_SEC + late_ns);
	cr_expect_eq(launch_moment_ns(&p.launch, 3, 2), START_NS + 3 * NSEC_PER_SEC);
	pass_moment(&p, 2, START_NS + 3 * NSEC_PER_SEC + late_ns);
	cr_expect_eq(launch_moment_ns(&p.launch, 3, 3), START_NS + 4 * NSEC_PER_SEC + late_ns,
		"1 s after the last SYN");
}

Test(launch, a_frame_takes_it_by_the_ports_of_its_probe_at_hand_and_in_time) {
	set_rules(3);
	struct pair p;
	begin(&p, true);
	drive(&p, 2, 0);
	cr_expect_eq(launch_nb_sent(&p.launch, 3), 2);
	uint16_t of_baseline = launch_port(&p.launch, &rules);
	uint64_t now_ns = START_NS + NSEC_PER_SEC;
	cr_expect(launch_takes(&p.launch, &rules, of_baseline, 53, now_ns));
	cr_expect_not(launch_takes(&p.launch, &rules, of_baseline, 54, now_ns));
	cr_expect_not(launch_takes(&p.launch, &rules, (uint16_t)(of_baseline ^ 1), 53, now_ns));
	begin(&p, true);
	drive(&p, 6, 0);
	cr_expect_eq(launch_nb_sent(&p.launch, 3), 6);
	uint16_t of_request = launch_port(&p.launch, &rules);
	uint64_t end_ns = launch_to_ns(&p.launch);
	cr_expect(launch_takes(&p.launch, &rules, of_request, 53, end_ns - 1));
	cr_expect_not(launch_takes(&p.launch, &rules, of_request, 53, end_ns), "too late");
	cr_expect_not(launch_takes(&p.launch, &rules, of_baseline, 53, end_ns - 1), "over");
}

Test(launch, baseline_and_request_leave_from_neighbouring_ports) {
	set_rules(1);
	struct pair p;
	begin(&p, false);
	drive(&p, 1, 0);
	uint16_t first = launch_port(&p.launch, &rules);
	begin(&p, false);
	drive(&p, 2, 0);
	uint16_t second = launch_port(&p.launch, &rules);
	cr_expect_eq(
		(first + 1u - rules.ports.first) % rules.ports.count, second - rules.ports.first);
}
