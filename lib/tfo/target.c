#include "lib/tfo/target.h"

#include "lib/tfo/schedule.h"
#include "lib/tfo/target_parts.h"

// A second connection from a port whose first one has ended: behind its numbers.
#define SAME_PORT_ISN_STEP 0x01000000u
#define SAME_PORT_TSVAL_STEP 0x00100000u

static void start(struct target *t, uint64_t hash, const struct ip_addr *addr, uint16_t port,
	const uint8_t *question_octets, uint16_t question_len) {
	*t = (struct target){
		.addr = *addr,
		.hash = hash,
		.port = port,
		.question_octets = question_octets,
		.question_len = question_octets ? question_len : 0,
	};
}

void target_start(struct target *t, const struct target_rules *rules, const struct ip_addr *addr,
	uint16_t port, const uint8_t *question_octets, uint16_t question_len) {
	uint64_t hash = numbers_target(&rules->numbers, addr, port);
	start(t, hash, addr, port, question_octets, question_len);
}

void target_start_placebo(struct target *t) {
	unsigned int ordinal = t->first_ordinal + (unsigned int)t->nb_started;
	bool has_data = t->evidence[PROBE_DATA].sport != 0;
	struct ip_addr addr = t->addr;
	struct flow *flows = t->flows;
	start(t, t->hash, &addr, t->port, t->question_octets, t->question_len);
	target_want_flows(t, flows);
	t->first_ordinal = numbers_next_ordinal(ordinal);
	t->is_placebo = true;
	t->placebo_has_data = has_data;
}

struct question target_question(const struct target *t, const struct target_rules *rules) {
	bool has_own = t->question_len > 0;
	return (struct question){
		.octets = has_own ? t->question_octets : rules->question_octets,
		.len_octets = has_own ? t->question_len : rules->question_len,
		.dns_id = numbers_dns_id(t->hash),
		.random = t->hash,
	};
}

static const struct ip_addr *laddr_of(const struct target *t, const struct target_rules *rules) {
	return addr_is_v4(&t->addr) ? &rules->laddr4 : &rules->laddr6;
}

static struct conn *current_conn(struct target *t) {
	return &t->conns[t->current];
}

// ---- what a connection starts with

struct target_conn_id target_conn_id(const struct target_rules *rules, const struct ip_addr *addr,
	uint16_t port, unsigned int ordinal) {
	uint64_t hash = numbers_target(&rules->numbers, addr, port);
	return target_conn_id_by_hash(rules, hash, addr, port, ordinal);
}

static uint64_t hash_to(const struct target *t, const struct target_rules *rules, uint16_t port) {
	return port == t->port ? t->hash : numbers_target(&rules->numbers, &t->addr, port);
}

static struct target_conn_id next_conn_id(const struct target *t, const struct target_rules *rules,
	enum probe probe, uint64_t now_ns) {
	unsigned int ordinal = t->first_ordinal + (unsigned int)t->nb_started;
	if (probe == PROBE_DATA_SAME_PORT)
		ordinal = t->request_2_ordinal;
	uint16_t port = schedule_port(t, rules, probe);
	struct target_conn_id id =
		target_conn_id_by_hash(rules, hash_to(t, rules, port), &t->addr, port, ordinal);
	if (probe == PROBE_DATA_SAME_PORT) {
		id.numbers.isn += SAME_PORT_ISN_STEP;
		id.numbers.ts_base += SAME_PORT_TSVAL_STEP;
	}
	if (probe == PROBE_SAME_TUPLE) {
		const struct conn *lost = &t->conns[t->current];
		id.lport = lost->lport;
		id.numbers.isn = lost->isn;
		id.numbers.ts_base =
			lost->ts_base + (uint32_t)conn_elapsed_ms(lost->first_syn_ns, now_ns);
	}
	return id;
}

// Octets of payload over the whole connection: none where it is only opened.
static uint16_t payload_len(
	const struct target *t, const struct target_rules *rules, enum probe probe) {
	struct question question = target_question(t, rules);
	return probe == PROBE_OTHER_PORT ? 0 : rules->app->payload_len(&question);
}

static uint16_t syn_data_len(
	const struct target *t, const struct target_rules *rules, enum probe probe) {
	return schedule_has_data(probe) && !t->is_placebo ? payload_len(t, rules, probe) : 0;
}

// The cookie that the probe's SYN carries.
static struct cookie cookie_out(const struct target *t, enum probe probe) {
	struct cookie cookie = {0};
	if (t->is_placebo)
		return cookie;
	switch (probe) {
	case PROBE_DATA:
	case PROBE_HELD_ACK:
		return t->cookie;
	case PROBE_FLIPPED:
		cookie = t->cookie;
		cookie.octets[cookie.len_octets - 1] ^= 1;
		return cookie;
	case PROBE_DATA_2:
	case PROBE_DATA_SAME_PORT:
	case PROBE_DATA_3:
		return t->control_cookie;
	default:
		return cookie;
	}
}

static enum cookie_option option_out(const struct target *t, enum probe probe) {
	switch (probe) {
	case PROBE_BASELINE:
	case PROBE_SAME_TUPLE:
	case PROBE_FRESH_BASELINE:
	case PROBE_FOREIGN:
	case PROBE_BARE_DATA:
	case PROBE_LONE_BASELINE:
		return COOKIE_OPTION_NONE;
	case PROBE_EXPERIMENT:
		return COOKIE_OPTION_KIND254;
	default:
		return t->is_placebo ? COOKIE_OPTION_NONE : COOKIE_OPTION_KIND34;
	}
}

uint8_t target_option_write(enum probe probe, uint8_t *buf) {
	static const struct cookie request = {0};
	return probe == PROBE_BASELINE ? 0 : (uint8_t)cookie_option_write(&request, buf);
}

static uint8_t write_option(const struct target *t, enum probe probe, uint8_t *buf) {
	if (probe == PROBE_FOREIGN)
		return (uint8_t)cookie_option_write_foreign(buf);
	switch (option_out(t, probe)) {
	case COOKIE_OPTION_KIND254:
		return (uint8_t)cookie_option_write_exp(buf);
	case COOKIE_OPTION_KIND34: {
		struct cookie cookie = cookie_out(t, probe);
		return (uint8_t)cookie_option_write(&cookie, buf);
	}
	default:
		return 0;
	}
}

// ---- what was seen

enum outcome target_outcome(const struct conn *c, const struct evidence *ev) {
	switch ((enum conn_end)c->end) {
	case CONN_END_SUCCESS:
		return OUTCOME_OK;
	case CONN_END_REFUSED:
		return OUTCOME_RST;
	case CONN_END_RESET:
		return OUTCOME_RESET_AFTER;
	case CONN_END_STALLED:
		return OUTCOME_STALL;
	case CONN_END_UNANSWERED:
	case CONN_END_NONE:
		break;
	}
	// ICMP names the failure only if nothing else answered
	if (ev->marks & MARK_BADACK)
		return OUTCOME_BADACK;
	return ev->marks & MARK_ICMP ? OUTCOME_ICMP : OUTCOME_NONE;
}

// One that is over has no deadline ahead, and its outcome has been noted. Nor has a deadline passed
// at a stamp to which all was settled before: what is observed sets none but later ones.
static void settle(struct target *t, const struct target_rules *rules, uint64_t now_ns) {
	if (t->settled_ns == now_ns)
		return;
	t->settled_ns = now_ns;
	for (unsigned int i = 0; i < 2; i++) {
		struct conn *c = &t->conns[i];
		if (c->nb_syns == 0 || c->state == CONN_OVER)
			continue;
		conn_settle(c, target_conn_rules(t, rules, i), now_ns);
		struct evidence *ev = target_evidence(t, i);
		ev->outcome = (uint8_t)target_outcome(c, ev);
	}
}

struct verdict target_verdict(const struct target *t) {
	struct verdict v = t->verdict;
	enum probe probe = t->probe_of[t->current];
	if (probe < NB_PROBES) {
		verdict_add_round(&v, t->evidence);
		return v;
	}
	verdict_add_late_marks(&v, t->evidence);
	verdict_add_control(&v, probe, &t->controls[t->current], &t->cookie);
	return v;
}

uint64_t target_conditions(const struct target *t, const struct target_rules *rules) {
	struct verdict v = target_verdict(t);
	return verdict_conditions(&v, rules->has_controls);
}

// Both connections have nothing left to send, and none begins again.
static bool is_quiet(const struct target *t, const struct target_rules *rules) {
	const struct conn *c = &t->conns[t->current];
	if (t->nb_started == 0 || t->restart)
		return false;
	return conn_is_finished(c, target_conn_rules(t, rules, t->current)) &&
	       (!t->has_previous || conn_is_finished(&t->conns[1u - t->current],
					    target_conn_rules(t, rules, 1u - t->current)));
}

bool target_rested_since(
	const struct target *t, const struct target_rules *rules, uint64_t since_ns) {
	return is_quiet(t, rules) && t->conns[t->current].end_ns < since_ns;
}

static bool is_done(const struct target *t, const struct target_rules *rules) {
	uint64_t from_ns;
	return is_quiet(t, rules) && schedule_next(t, rules, &from_ns) == NB_ALL_PROBES;
}

bool target_is_done(struct target *t, const struct target_rules *rules, uint64_t now_ns) {
	settle(t, rules, now_ns);
	return is_done(t, rules);
}

// The connection that a segment to our port, from theirs, belongs to. As long as nothing was heard
// only the one at hand counts, for that is all that the compact form of a target knows of.
static bool is_port_of(const struct target *t, const struct target_rules *rules, unsigned int i,
	uint16_t lport, uint16_t rport) {
	bool may_be = i == t->current || (t->is_heard && t->has_previous);
	return may_be && t->conns[i].nb_syns > 0 && lport == t->conns[i].lport &&
	       rport == schedule_port(t, rules, t->probe_of[i]);
}

bool target_observe_received(struct target *t, const struct target_rules *rules, uint64_t now_ns,
	const struct segment *seg) {
	settle(t, rules, now_ns);
	if (!addr_equal(&seg->src, &t->addr) || is_done(t, rules))
		return false;
	for (unsigned int n = 0; n < 2; n++) {
		unsigned int i = n == 0 ? t->current : 1u - t->current;
		struct conn *c = &t->conns[i];
		if (!is_port_of(t, rules, i, seg->dport, seg->sport))
			continue;
		t->is_heard = true;
		if (c->state == CONN_OVER && c->synack_ns == 0) {
			target_note_after_refusal(target_evidence(t, i), c, seg);
			continue;
		}
		// both sides have closed: what still comes is of another connection, made by an old
		// SYN of ours (late.h), or needs no more than the ACK that this one would get
		if (c->state == CONN_OVER && c->fin_acked && c->fin_received)
			continue;
		struct conn_seen seen =
			conn_observe_received(c, target_conn_rules(t, rules, i), now_ns, seg);
		target_note_seen(t, rules, i, now_ns, seg, &seen);
		target_flow_segment(t, i, FLOW_REV, now_ns, seg);
		return true;
	}
	return false;
}

bool target_observe_icmp(struct target *t, const struct target_rules *rules, uint64_t now_ns,
	const struct icmp_quote *quote) {
	settle(t, rules, now_ns);
	const struct conn *c = current_conn(t);
	bool is_ours = is_port_of(t, rules, t->current, quote->sport, quote->dport) &&
		       quote->seq == c->isn && addr_equal(&quote->dst, &t->addr) &&
		       addr_equal(&quote->src, laddr_of(t, rules));
	if (!is_ours || is_done(t, rules))
		return false;
	t->is_heard = true;
	if (c->state != CONN_SYN_SENT)
		return false;
	target_evidence(t, t->current)->marks |= MARK_ICMP;
	target_flow_icmp(t, t->current, quote);
	return true;
}

// ---- what was sent

// What a probe that begins again from another port keeps of what it saw.
static uint32_t kept_marks(uint32_t marks) {
	bool is_injected = marks & (MARK_INJECTED | MARK_EARLY_DATA);
	return (marks & MARK_CHALLENGE_ACK) | (is_injected ? MARK_INJECTED : 0);
}

static uint64_t hold_ack_ns(const struct target *t) {
	uint64_t rtt_us = t->evidence[PROBE_DATA].syn_rtt_us;
	uint64_t two_rtts_ns = rtt_us == EVIDENCE_NO_TIME ? 0 : 2 * rtt_us * NSEC_PER_USEC;
	return two_rtts_ns > SCHEDULE_HOLD_ACK_MIN_NS ? two_rtts_ns : SCHEDULE_HOLD_ACK_MIN_NS;
}

// The probe that the next SYN belongs to.
static enum probe next_probe(const struct target *t, const struct target_rules *rules) {
	uint64_t from_ns;
	if (t->nb_started == 0)
		return PROBE_BASELINE;
	if (t->restart)
		return t->probe_of[t->current];
	enum probe probe = schedule_next(t, rules, &from_ns);
	// nothing is due: only in a capture that is not what it should be
	return probe == NB_ALL_PROBES ? PROBE_BASELINE : probe;
}

// To the next connection; the round or control before it is summed up.
static void move_on(struct target *t, enum probe probe) {
	if (schedule_is_extra(probe))
		t->verdict = target_verdict(t);
	t->current = 1 - t->current;
	t->has_previous = true;
}

static void begin_evidence(struct target *t, enum probe probe, uint16_t sport, bool is_restart) {
	struct evidence *ev = target_evidence(t, t->current);
	*ev = (struct evidence){
		.sport = sport,
		.syn_rtt_us = EVIDENCE_NO_TIME,
		.answer_us = EVIDENCE_NO_TIME,
		.data_len = EVIDENCE_NO_LENGTH,
		.data_acked = EVIDENCE_NO_LENGTH,
		.code = EVIDENCE_NO_CODE,
		.outcome = OUTCOME_NONE,
		.option_out = (uint8_t)option_out(t, probe),
		.cookie_out = cookie_out(t, probe),
		.rst_ttl = is_restart ? ev->rst_ttl : 0,
		.marks = is_restart ? kept_marks(ev->marks) : 0,
	};
	target_flow_begin(t, t->current);
}

static void begin_connection(struct target *t, const struct target_rules *rules, uint64_t now_ns) {
	bool is_restart = t->restart;
	enum probe probe = next_probe(t, rules);
	struct target_conn_id id = next_conn_id(t, rules, probe, now_ns);
	if (t->nb_started == 0)
		t->from_ns = now_ns;
	else if (!is_restart)
		move_on(t, probe);
	bool is_same_tuple = probe == PROBE_SAME_TUPLE;
	uint16_t len = payload_len(t, rules, probe);
	struct conn *c = current_conn(t);
	conn_start(c, id.lport, id.numbers.isn, id.numbers.ts_base, len,
		is_same_tuple ? len : syn_data_len(t, rules, probe));
	c->syn_is_plain = is_same_tuple;
	c->hold_ack_ns = probe == PROBE_HELD_ACK ? hold_ack_ns(t) : 0;
	t->answers[t->current] = (struct answer){0};
	t->probe_of[t->current] = (uint8_t)probe;
	t->is_later[t->current] = probe >= NB_PROBES || t->verdict.nb_rounds > 0;
	if (probe == PROBE_REQUEST_2) {
		t->request_2_ns = now_ns;
		t->request_2_ordinal = (uint8_t)(t->first_ordinal + t->nb_started);
	}
	t->nb_started++;
	t->restart = false;
	begin_evidence(t, probe, id.lport, is_restart);
	if (is_same_tuple)
		target_evidence(t, t->current)->data_len = len;
}

// Ours, at hand: two in a row may have one local port, if they go to two ports of the server.
static bool is_of_current(
	const struct target *t, const struct target_rules *rules, const struct segment *seg) {
	return seg->sport == t->conns[t->current].lport &&
	       seg->dport == schedule_port(t, rules, t->probe_of[t->current]);
}

// As many microseconds from the first SYN: what the compact form of a silent target can hold.
static uint64_t whole_us(uint64_t from_ns, uint64_t now_ns) {
	return from_ns + (now_ns - from_ns) / NSEC_PER_USEC * NSEC_PER_USEC;
}

void target_observe_sent(struct target *t, const struct target_rules *rules, uint64_t now_ns,
	const struct segment *seg) {
	settle(t, rules, now_ns);
	bool is_new = t->nb_started == 0 || !is_of_current(t, rules, seg) ||
		      current_conn(t)->state == CONN_OVER;
	if ((seg->flags & TCP_SYN) && is_new) {
		if (t->nb_started > 0)
			now_ns = whole_us(t->from_ns, now_ns);
		begin_connection(t, rules, now_ns);
	}
	unsigned int i = is_of_current(t, rules, seg) ? t->current : 1u - t->current;
	struct evidence *ev = target_evidence(t, i);
	conn_observe_sent(&t->conns[i], target_conn_rules(t, rules, i), now_ns, seg);
	ev->syns = t->conns[i].nb_syns;
	if (seg->data_len > 0)
		ev->data_len = t->conns[i].payload_len;
	target_flow_segment(t, i, FLOW_FWD, now_ns, seg);
}

// ---- what to send

// The octets of the payload are written if there are any in the segment (write_payload); the option
// only if a SYN can be next.
static void fill_context(const struct target *t, const struct target_rules *rules,
	const struct conn_rules *conn_rules, enum probe probe, bool may_be_syn,
	struct target_segment *out, uint8_t *option, struct conn_context *ctx) {
	*ctx = (struct conn_context){
		.rules = conn_rules,
		.laddr = laddr_of(t, rules),
		.raddr = &t->addr,
		.rport = schedule_port(t, rules, probe),
		.payload = out->payload,
		.extra_options = option,
		.extra_options_len = may_be_syn ? write_option(t, probe, option) : 0,
	};
}

static void write_payload(
	const struct target *t, const struct target_rules *rules, struct target_segment *out) {
	if (out->seg.data_len == 0)
		return;
	struct question question = target_question(t, rules);
	rules->app->payload_write(&question, out->payload);
}

static enum target_step offer_first_syn(const struct target *t, const struct target_rules *rules,
	enum probe probe, uint64_t now_ns, struct target_segment *out) {
	uint8_t option[COOKIE_OPTION_MAX_OCTETS];
	struct conn_context ctx;
	fill_context(t, rules, &rules->conn, probe, true, out, option, &ctx);
	struct target_conn_id id = next_conn_id(t, rules, probe, now_ns);
	conn_write_syn(&ctx, id.lport, id.numbers.isn, id.numbers.ts_base, now_ns, now_ns,
		syn_data_len(t, rules, probe), &out->seg, out->options);
	return TARGET_SEND;
}

static enum conn_step ask(const struct target *t, const struct target_rules *rules, unsigned int i,
	uint64_t now_ns, struct target_segment *out, uint64_t *wake_ns) {
	uint8_t option[COOKIE_OPTION_MAX_OCTETS];
	struct conn_context ctx;
	bool may_be_syn = t->conns[i].state == CONN_SYN_SENT;
	fill_context(t, rules, target_conn_rules(t, rules, i), t->probe_of[i], may_be_syn, out,
		option, &ctx);
	return conn_next(&t->conns[i], &ctx, now_ns, &out->seg, out->options, wake_ns);
}

static enum target_step next_connection(const struct target *t, const struct target_rules *rules,
	uint64_t now_ns, struct target_segment *out, uint64_t *wake_ns) {
	uint64_t from_ns;
	enum probe probe = schedule_next(t, rules, &from_ns);
	bool is_quiet_now = *wake_ns == CONN_NEVER;
	if (probe == NB_ALL_PROBES)
		return is_quiet_now ? TARGET_DONE : TARGET_WAIT;
	bool is_extra = schedule_is_extra(probe) || t->verdict.nb_rounds > 0;
	if (rules->is_ending && is_extra)
		return is_quiet_now ? TARGET_UNFINISHED : TARGET_WAIT;
	if (now_ns >= from_ns)
		return offer_first_syn(t, rules, probe, now_ns, out);
	if (from_ns < *wake_ns)
		*wake_ns = from_ns;
	return TARGET_WAIT;
}

static bool has_more_of_previous(const struct target *t, const struct target_rules *rules) {
	unsigned int previous = 1u - t->current;
	return t->has_previous &&
	       !conn_is_finished(&t->conns[previous], target_conn_rules(t, rules, previous));
}

static enum target_step next(const struct target *t, const struct target_rules *rules,
	uint64_t now_ns, struct target_segment *out, uint64_t *wake_ns) {
	if (t->nb_started == 0)
		return offer_first_syn(t, rules, PROBE_BASELINE, now_ns, out);

	uint64_t previous_wake_ns = CONN_NEVER;
	if (has_more_of_previous(t, rules) &&
		ask(t, rules, 1u - t->current, now_ns, out, &previous_wake_ns) == CONN_SEND)
		return TARGET_SEND;
	const struct conn *c = &t->conns[t->current];
	if (t->restart && c->refuse_done)
		return offer_first_syn(t, rules, t->probe_of[t->current], now_ns, out);
	if (ask(t, rules, t->current, now_ns, out, wake_ns) == CONN_SEND)
		return TARGET_SEND;
	if (previous_wake_ns < *wake_ns)
		*wake_ns = previous_wake_ns;
	return c->state == CONN_OVER ? next_connection(t, rules, now_ns, out, wake_ns)
				     : TARGET_WAIT;
}

enum target_step target_next(struct target *t, const struct target_rules *rules, uint64_t now_ns,
	struct target_segment *out, uint64_t *wake_ns) {
	settle(t, rules, now_ns);
	enum target_step step = next(t, rules, now_ns, out, wake_ns);
	if (step != TARGET_SEND)
		return step;
	write_payload(t, rules, out);
	out->numbers = numbers_conn(hash_to(t, rules, out->seg.dport), out->seg.sport);
	return step;
}

uint64_t target_to_ns(const struct target *t) {
	return t->conns[t->current].close_ns;
}
