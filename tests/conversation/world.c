#include "tests/conversation/world.h"

#include "lib/sim/sim_expect.h"
#include "lib/tcpstack/bytes.h"
#include "lib/tfo/flow_write.h"

#include <criterion/criterion.h>
#include <stdalign.h>
#include <stdio.h>

#define STORY_OCTETS 65536

static const uint8_t question_name[] = {7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'c', 'o', 'm', 0};
static const uint8_t http_head[] = "HEAD / HTTP/1.0\r\n\r\n";

static const struct ip_addr scanner4 = {.octets = {[10] = 0xff, [11] = 0xff, 10, 99, 0, 3}};
static const struct ip_addr server4 = {.octets = {[10] = 0xff, [11] = 0xff, 198, 18, 3, 4}};
static const struct ip_addr scanner6 = {.octets = {0x20, 0x01, 0x0d, 0xb8, 0, 1, [15] = 3}};
static const struct ip_addr server6 = {.octets = {0x20, 0x01, 0x0d, 0xb8, 0, 2, [15] = 4}};

// ---- a server, alone in its Internet

static uint8_t *leaving_buffer(void *context) {
	struct world *w = context;
	return w->leaving;
}

static void send_off(struct world *w, enum direction direction, uint64_t sent_ns,
	const uint8_t *octets, size_t len);

static void leave(void *context, uint64_t at_ns, size_t len) {
	struct world *w = context;
	send_off(w, TO_SCANNER, at_ns, w->leaving, len);
}

static void start_server(struct world *w, const struct sim_behaviour *row) {
	static alignas(SIM_ALIGNMENT) uint8_t memory[WORLD_MAX_CONNS * 1024];
	const struct sim_config config = {.seed = 1, .mac = {2, 2}, .only = row};
	cr_assert_leq(sim_octets(WORLD_MAX_CONNS), sizeof(memory));
	sim_init(&w->sim, &config, memory, WORLD_MAX_CONNS);
	w->sink = (struct sim_sink){.context = w, .buffer = leaving_buffer, .commit = leave};
}

void world_init(
	struct world *w, const struct sim_behaviour *row, bool is_v4, const struct app *app) {
	bool has_answer = app->answer_wanted;
	*w = (struct world){
		.is_v4 = is_v4,
		.now_ns = WORLD_START_NS,
		.ask_ns = WORLD_START_NS,
		.path_ns = 10 * NSEC_PER_MSEC,
		.lose = WORLD_NO_FRAME,
		.twice = WORLD_NO_FRAME,
		.hold = WORLD_NO_FRAME,
		.random = 1,
	};
	w->rules = (struct target_rules){
		.conn = {.syn_tries = 3,
			.data_tries = 3,
			.answer_wanted = has_answer,
			.wait_ns = has_answer ? 5 * NSEC_PER_SEC : 500 * NSEC_PER_MSEC,
			.mss4 = 1460,
			.mss6 = 1440},
		.app = app,
		.ports = {.first = 40000, .count = 1000},
		.laddr4 = scanner4,
		.laddr6 = scanner6,
		.question_octets = app->asks_name ? question_name : http_head,
		.question_len = app->asks_name ? sizeof(question_name) : sizeof(http_head) - 1,
	};
	w->rules.later = w->rules.conn;
	w->rules.later.syn_tries = w->rules.later.data_tries = CONN_MAX_TRIES;
	if (has_answer)
		w->rules.later.wait_ns += 5 * NSEC_PER_SEC;
	numbers_init(&w->rules.numbers, 1, 1);
	const struct ip_addr *server = is_v4 ? &server4 : &server6;
	target_start(&w->target, &w->rules, server, app->default_port, NULL, 0);
	target_want_flows(&w->target, w->flows);
	start_server(w, row);
}

// ---- the path

static unsigned int percent(struct world *w) {
	w->random = w->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned int)(w->random >> 33) % 100;
}

static void fly(struct world *w, enum direction direction, uint64_t at_ns, const uint8_t *octets,
	size_t len) {
	for (unsigned int i = 0; i < WORLD_MAX_FLIGHTS; i++) {
		struct flight *f = &w->flights[i];
		if (f->is_used)
			continue;
		*f = (struct flight){
			.is_used = true,
			.direction = direction,
			.at_ns = at_ns,
			.order = w->nb_flights++,
			.len = (uint16_t)len,
		};
		memcpy(f->octets, octets, len);
		return;
	}
	cr_assert_fail("more frames are on their way than there is room for");
}

static void note_passed(struct world *w, enum direction direction, uint64_t sent_ns,
	const uint8_t *octets, size_t len) {
	struct frame frame;
	struct passed *p = &w->passed[w->nb_passed++];
	cr_assert_lt(w->nb_passed, WORLD_MAX_PASSED);
	*p = (struct passed){.direction = direction, .sent_ns = sent_ns};
	enum frame_kind kind = frame_parse(octets, len, FRAME_TRUST_NOTHING, &frame);
	bool may_be_bad = direction == TO_SCANNER && w->sim.config.path.corrupt_ppm > 0;
	cr_assert(kind == FRAME_TCP || kind == FRAME_ICMP || may_be_bad,
		"a frame that is neither: %d", kind);
	if (kind != FRAME_TCP)
		return;
	struct segment_options options;
	segment_options_read(&frame.seg, &options);
	p->flags = frame.seg.flags;
	p->sport = frame.seg.sport;
	p->dport = frame.seg.dport;
	p->seq = frame.seg.seq;
	p->ack = frame.seg.ack;
	p->data_len = frame.seg.data_len;
	p->tsval = options.tsval;
}

static void send_off(struct world *w, enum direction direction, uint64_t sent_ns,
	const uint8_t *octets, size_t len) {
	unsigned int number = w->nb_passed;
	note_passed(w, direction, sent_ns, octets, len);
	uint64_t at_ns = sent_ns + w->path_ns;
	if (number == w->hold || (w->hold_percent > 0 && percent(w) < w->hold_percent))
		at_ns += w->hold_ns;
	if (number == w->lose || (w->loss_percent > 0 && percent(w) < w->loss_percent))
		return;
	fly(w, direction, at_ns, octets, len);
	if (number == w->twice || w->all_twice)
		fly(w, direction, at_ns, octets, len);
}

// ---- flows: the same octets, read by somebody who knows nothing of targets

static struct flow *shown_flow(struct world *w, uint16_t sport) {
	unsigned int i = 0;
	while (i < w->nb_shown && w->shown[i].sport != sport)
		i++;
	cr_assert_lt(i, WORLD_MAX_CONNS);
	if (i == w->nb_shown)
		w->shown[w->nb_shown++] = (struct shown){.sport = sport};
	return &w->shown[i].flow;
}

static void show_sent(struct world *w, const uint8_t *octets, size_t len) {
	struct frame frame;
	cr_assert_eq(frame_parse(octets, len, FRAME_TRUST_NOTHING, &frame), FRAME_TCP);
	flow_observe(shown_flow(w, frame.seg.sport), FLOW_FWD, w->now_ns, &frame.seg);
}

static const char *flow_text(const struct flow *f) {
	static char texts[2][FLOW_WRITE_MAX_OCTETS + 1];
	static unsigned int turn;
	static const struct flow_place nowhere;
	char *text = texts[turn++ % 2];
	*flow_write(f, &nowhere, text) = '\0';
	return text;
}

static void check_flows(struct world *w) {
	for (unsigned int p = 0; p < NB_PROBES; p++) {
		const struct evidence *ev = &w->target.evidence[p];
		const struct flow *kept = &w->flows[p], none = {0};
		const struct flow *shown = ev->sport ? shown_flow(w, ev->sport) : &none;
		// a control may have had the ports and the number of the data
		if (p == PROBE_DATA && w->rules.has_controls)
			continue;
		cr_expect_str_eq(flow_text(kept), flow_text(shown), "%s\n%s\n%s", flow_text(kept),
			flow_text(shown), world_story(w));
		cr_expect_eq(kept->marks, shown->marks, "%x %x", kept->marks, shown->marks);
		cr_expect(cookie_equal(&kept->cookie_out, &shown->cookie_out));
	}
}

// ---- what must hold for every frame of the scanner's

// The tries of a SYN are the same octets, but for TSval and the checksum over it.
static void check_syn(struct world *w, const uint8_t *octets, size_t len) {
	size_t tcp_at = ETHER_HEADER_OCTETS + (w->is_v4 ? 20 : 40);
	uint8_t copy[FRAME_MAX_OCTETS];
	memcpy(copy, octets, len);
	memset(copy + tcp_at + 16, 0, 2);
	memset(copy + tcp_at + 20 + 8, 0, 4); // MSS, SACK-permitted, kind and length come before
	for (unsigned int i = 0; i < w->nb_our_conns; i++) {
		if (memcmp(w->first_syns[i] + tcp_at, copy + tcp_at, 2) != 0)
			continue;
		// controls use ports again, with other SYNs
		if (w->rules.has_controls &&
			(w->first_syn_lens[i] != len || memcmp(w->first_syns[i], copy, len) != 0))
			continue;
		cr_assert_eq(w->first_syn_lens[i], len, "a SYN of another length");
		cr_assert_arr_eq(w->first_syns[i], copy, len, "another SYN than the first");
		return;
	}
	memcpy(w->first_syns[w->nb_our_conns], copy, len);
	w->first_syn_lens[w->nb_our_conns++] = (uint16_t)len;
	cr_assert_lt(w->nb_our_conns, WORLD_MAX_CONNS);
}

// No RST on a connection whose SYN-ACK was accepted, no FIN before an ACK.
static void check_open_segment(const struct world *w, const struct segment *seg) {
	const struct target *t = &w->target;
	const struct conn *c = NULL;
	// of two with one port, a control's is the one at hand
	for (unsigned int i = 1u - t->current, n = 0; n < 2; i = 1 - i, n++) {
		if (t->conns[i].nb_syns > 0 && t->conns[i].lport == seg->sport)
			c = &t->conns[i];
	}
	cr_assert_not_null(c, "a segment from a port of no connection");
	if (seg->flags & TCP_RST)
		cr_assert_eq(c->synack_ns, 0, "RST on a connection that was accepted");
	else if (c->ack_ns == 0)
		cr_assert_eq(seg->flags & TCP_FIN, 0, "FIN before the first ACK");
}

static void send_segment(struct world *w, const struct segment *seg,
	const struct conn_numbers *numbers, bool is_late) {
	uint8_t octets[FRAME_MAX_OCTETS];
	struct frame_route route = {
		.src_mac = {2, 1},
		.dst_mac = {2, 2},
		.ip_id = numbers->ip_id,
		.flow_label = numbers->flow_label,
	};
	size_t len = frame_write(octets, sizeof(octets), &route, seg);
	cr_assert_gt(len, 0);
	if (seg->flags & TCP_SYN)
		check_syn(w, octets, len);
	if (seg->flags & TCP_RST)
		w->nb_our_rsts++;
	if (!is_late)
		show_sent(w, octets, len);
	send_off(w, TO_SERVER, w->now_ns, octets, len);
}

// ---- the scanner's side

static void receive_late(struct world *w, const struct segment *seg) {
	struct segment out;
	struct conn_numbers numbers;
	uint8_t options[TCPOPT_MAX_OCTETS];
	if (!late_answer(&w->rules, seg, &out, options, &numbers))
		return;
	cr_assert_eq(out.flags & TCP_RST, 0, "RST to a late frame");
	w->nb_late_answers++;
	send_segment(w, &out, &numbers, true);
}

static void receive_at_scanner(struct world *w, const uint8_t *octets, size_t len) {
	struct frame frame;
	enum frame_kind kind = frame_parse(octets, len, FRAME_TRUST_NOTHING, &frame);
	struct target *t = &w->target;
	const struct segment *seg = &frame.seg;
	if (kind == FRAME_ICMP && target_observe_icmp(t, &w->rules, w->now_ns, &frame.quote))
		flow_observe_icmp(shown_flow(w, frame.quote.sport), &frame.quote);
	if (kind != FRAME_TCP)
		return;
	if (target_observe_received(t, &w->rules, w->now_ns, seg))
		flow_observe(shown_flow(w, seg->dport), FLOW_REV, w->now_ns, seg);
	else
		receive_late(w, seg);
}

static void ask(struct world *w) {
	struct target_segment out;
	uint64_t wake_ns;
	for (;;) {
		enum target_step step =
			target_next(&w->target, &w->rules, w->now_ns, &out, &wake_ns);
		if (step == TARGET_DONE && !w->is_done) {
			w->is_done = true;
			w->done_ns = w->now_ns;
		}
		if (step != TARGET_SEND) {
			w->ask_ns = step == TARGET_DONE ? CONN_NEVER : wake_ns + w->late_ns;
			return;
		}
		if (w->skip_every > 0 && ++w->nb_offered % w->skip_every == 0) {
			w->ask_ns = w->now_ns + 10 * NSEC_PER_USEC;
			return;
		}
		target_observe_sent(&w->target, &w->rules, w->now_ns, &out.seg);
		if (!(out.seg.flags & TCP_SYN))
			check_open_segment(w, &out.seg);
		send_segment(w, &out.seg, &out.numbers, false);
	}
}

// ---- time

static struct flight *first_flight(struct world *w) {
	struct flight *first = NULL;
	for (unsigned int i = 0; i < WORLD_MAX_FLIGHTS; i++) {
		struct flight *f = &w->flights[i];
		if (!f->is_used)
			continue;
		if (!first || f->at_ns < first->at_ns ||
			(f->at_ns == first->at_ns && f->order < first->order))
			first = f;
	}
	return first;
}

static void land(struct world *w, struct flight *f) {
	w->now_ns = f->at_ns;
	if (f->direction == TO_SERVER) {
		sim_receive(&w->sim, w->now_ns, f->octets, f->len, &w->sink);
	} else {
		receive_at_scanner(w, f->octets, f->len);
		uint64_t ask_ns = w->now_ns + w->late_ns;
		if (!w->is_done && ask_ns < w->ask_ns)
			w->ask_ns = ask_ns;
	}
	f->is_used = false;
}

bool world_step(struct world *w) {
	struct flight *f = first_flight(w);
	uint64_t wake_ns = sim_wake_ns(&w->sim);
	uint64_t flight_ns = f ? f->at_ns : CONN_NEVER;
	if (w->ask_ns == CONN_NEVER && !f && wake_ns == CONN_NEVER)
		return false;
	if (flight_ns <= w->ask_ns && flight_ns <= wake_ns) {
		land(w, f);
	} else if (w->ask_ns <= wake_ns) {
		w->now_ns = w->ask_ns;
		ask(w);
	} else {
		w->now_ns = wake_ns;
		sim_tick(&w->sim, wake_ns, &w->sink);
	}
	return true;
}

uint64_t world_run(struct world *w) {
	for (unsigned int i = 0; world_step(w); i++)
		cr_assert_lt(i, 10000, "the conversation doesn't end:\n%s", world_story(w));
	cr_assert(w->is_done);
	check_flows(w);
	struct record r;
	record_of_target(&w->target, &w->rules, &r);
	return r.conditions;
}

// ---- words

const char *world_words(uint64_t conditions) {
	static char texts[4][2048];
	static unsigned int turn;
	char *text = texts[turn++ % 4], *p = text;
	*p = '\0';
	for (unsigned int c = 0; c < NB_CONDITIONS; c++) {
		if (conditions & CONDITION_BIT(c))
			p += sprintf(p, "%s ", condition_word(c));
	}
	return text;
}

uint64_t world_set(const char *const *words) {
	uint64_t set = 0;
	for (; *words != NULL; words++) {
		enum condition c = condition_by_word(*words, strlen(*words));
		cr_assert_lt(c, NB_CONDITIONS, "no such word: %s", *words);
		set |= CONDITION_BIT(c);
	}
	return set;
}

uint64_t world_expected(const struct world *w, uint64_t *by_chance) {
	const struct sim_expect_rules rules = {
		.nb_rounds = w->rules.nb_rounds > 0 ? w->rules.nb_rounds : 1,
		.has_controls = w->rules.has_controls,
		.is_tcp = !w->rules.app->answer_wanted,
		.has_one_message = w->rules.app == &app_http || w->rules.app == &app_tls};
	struct sim_expected expected;
	sim_expect(&w->sim.config, &w->target.addr, &rules, &expected);
	if (by_chance)
		*by_chance = world_set(expected.by_chance);
	return world_set(expected.words);
}

const char *world_story(const struct world *w) {
	static char story[STORY_OCTETS];
	char *p = story;
	for (unsigned int i = 0; i < w->nb_passed && p - story < STORY_OCTETS - 200; i++) {
		const struct passed *f = &w->passed[i];
		p += sprintf(p, "%3u %9.6f %s %5u > %5u %s%s%s%s%s seq %08x ack %08x len %u\n", i,
			(double)(f->sent_ns - WORLD_START_NS) / 1e9,
			f->direction == TO_SERVER ? "->" : "<-", f->sport, f->dport,
			f->flags & TCP_SYN ? "S" : "", f->flags & TCP_FIN ? "F" : "",
			f->flags & TCP_RST ? "R" : "", f->flags & TCP_PSH ? "P" : "",
			f->flags & TCP_ACK ? "." : "", f->seq, f->ack, f->data_len);
	}
	return story;
}
