#include "lib/tfo/target.h"

#include "lib/tcpstack/seq.h"

// A TTL that differs by less may be another path of the same host.
#define TTL_DIFFERS 3

void target_start(struct target *t, const struct ip_addr *addr, uint16_t port,
	const uint8_t *question_octets, uint16_t question_len) {
	*t = (struct target){
		.addr = *addr,
		.port = port,
		.question_octets = question_octets,
		.question_len = question_octets ? question_len : 0,
	};
}

static struct question question_of(const struct target *t, const struct target_rules *rules) {
	bool has_own = t->question_len > 0;
	return (struct question){
		.octets = has_own ? t->question_octets : rules->question_octets,
		.len_octets = has_own ? t->question_len : rules->question_len,
		.dns_id = numbers_dns_id(&rules->numbers, &t->addr, t->port),
	};
}

struct target_conn_id target_conn_id(const struct target_rules *rules, const struct ip_addr *addr,
	uint16_t port, unsigned int ordinal) {
	struct target_conn_id id;
	id.lport = numbers_port(&rules->numbers, &rules->ports, addr, port, ordinal);
	id.numbers = numbers_conn(&rules->numbers, addr, port, id.lport);
	return id;
}

uint8_t target_option_write(
	enum probe probe, const struct evidence evidence[NB_PROBES], uint8_t *buf) {
	static const struct cookie request = {0};
	if (probe == PROBE_BASELINE)
		return 0;
	bool is_request = probe == PROBE_REQUEST;
	return (uint8_t)cookie_option_write(
		is_request ? &request : &evidence[PROBE_REQUEST].cookie_in, buf);
}

static const struct ip_addr *laddr_of(const struct target *t, const struct target_rules *rules) {
	return addr_is_v4(&t->addr) ? &rules->laddr4 : &rules->laddr6;
}

static struct conn *current_conn(struct target *t) {
	return &t->conns[t->current];
}

// The probe after this one, or NB_PROBES. Every probe that applies is made, whatever became of the
// one before.
static enum probe probe_after(const struct target *t, enum probe probe) {
	if (probe == PROBE_BASELINE)
		return PROBE_REQUEST;
	if (probe == PROBE_REQUEST && t->evidence[PROBE_REQUEST].cookie_in.len_octets > 0)
		return PROBE_DATA;
	return NB_PROBES;
}

// ---- what was seen

static enum outcome outcome_of(const struct conn *c, const struct evidence *ev) {
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

static void settle(struct target *t, const struct target_rules *rules, uint64_t now_ns) {
	for (unsigned int i = 0; i < 2; i++) {
		struct conn *c = &t->conns[i];
		if (c->nb_syns == 0)
			continue;
		conn_settle(c, &rules->conn, now_ns);
		struct evidence *ev = &t->evidence[t->probe_of[i]];
		ev->outcome = (uint8_t)outcome_of(c, ev);
	}
}

static uint32_t us_between(uint64_t from_ns, uint64_t to_ns) {
	uint64_t us = (to_ns - from_ns) / NSEC_PER_USEC;
	return from_ns == 0 || us >= EVIDENCE_NO_TIME ? EVIDENCE_NO_TIME : (uint32_t)us;
}

static void note_cookie(struct evidence *ev, const struct segment *seg) {
	struct cookie_offer offer;
	cookie_read(seg->options, seg->options_len, &offer);
	ev->option_in = offer.option;
	ev->cookie_raw_len = offer.raw_octets;
	ev->cookie_in = offer.cookie;
	if (offer.option == COOKIE_OPTION_NONE)
		return;
	if (offer.is_empty)
		ev->marks |= MARK_COOKIE_EMPTY;
	if (offer.is_malformed)
		ev->marks |= MARK_COOKIE_MALFORMED;
	if (offer.is_duplicate)
		ev->marks |= MARK_COOKIE_DUPLICATE;
}

static bool ttl_differs(uint8_t a, uint8_t b) {
	return a != 0 && b != 0 && (a > b ? a - b : b - a) >= TTL_DIFFERS;
}

// RSTs that came before any SYN-ACK are measured by the first one that comes after them.
static void note_earlier_rsts(struct target *t, const struct evidence *ev) {
	for (unsigned int p = 0; p < NB_PROBES; p++) {
		struct evidence *other = &t->evidence[p];
		bool has_own_ttl = other != ev && other->ttl != 0;
		if (!has_own_ttl && ttl_differs(other->rst_ttl, ev->ttl))
			other->marks |= MARK_INJECTED;
	}
}

static bool is_syn_data_acked(const struct conn *c) {
	return c->syn_data_len > 0 && c->ack_offset == c->syn_data_len;
}

// Octets that follow a SYN-ACK, going by their number.
static bool is_behind(uint32_t seq, uint32_t synack_seq) {
	return seq - synack_seq - 1 <= UINT16_MAX;
}

// Octets that overtook the SYN-ACK on their way are the server's own, and left before our ACK.
static void note_overtaken(struct evidence *ev, const struct conn *c, const struct segment *seg) {
	if (!(ev->marks & MARK_EARLY_DATA) || !is_behind(c->early_seq, seg->seq))
		return;
	ev->marks &= (uint16_t)~MARK_EARLY_DATA;
	if ((ev->marks & MARK_EARLY_TIMESTAMPS) && is_syn_data_acked(c))
		ev->marks |= MARK_ZERORTT_YES;
}

static void note_synack(struct evidence *ev, const struct conn *c, const struct segment *seg) {
	struct segment_options options;
	segment_options_read(seg, &options);
	ev->marks |= MARK_SYNACK;
	ev->syn_rtt_us = us_between(c->answered_syn_ns, c->synack_ns);
	ev->data_acked = c->ack_offset;
	ev->ttl = seg->ttl;
	ev->mss = options.has_mss ? options.mss : 0;
	ev->window = seg->window;
	note_cookie(ev, seg);
	if (seg->data_len > 0)
		ev->marks |= MARK_SYNACK_PAYLOAD;
	note_overtaken(ev, c, seg);
}

static void note_early_data(struct evidence *ev, const struct conn *c, const struct segment *seg) {
	if ((ev->marks & MARK_BADACK) && is_behind(seg->seq, c->irs))
		return;
	struct segment_options options;
	segment_options_read(seg, &options);
	ev->marks |= MARK_EARLY_DATA | (options.has_timestamps ? MARK_EARLY_TIMESTAMPS : 0);
}

// Answer octets whose TSecr is older than our ACK's TSval left before the ACK arrived: only then
// was a round trip saved (RFC 7413 section 4.2.2, RFC 7323 section 4).
static void note_zerortt(struct evidence *ev, const struct conn *c, const struct segment *seg) {
	bool is_known = ev->marks & (MARK_ZERORTT_YES | MARK_ZERORTT_NO);
	struct segment_options options;
	segment_options_read(seg, &options);
	if (is_known || !is_syn_data_acked(c) || !options.has_timestamps)
		return;
	uint64_t acked_ms =
		c->ack_ns > c->first_syn_ns ? (c->ack_ns - c->first_syn_ns) / NSEC_PER_MSEC : 0;
	uint32_t ack_tsval = c->ts_base + (uint32_t)acked_ms + 1;
	bool is_early = c->ack_ns == 0 || seq_before(options.tsecr, ack_tsval);
	ev->marks |= is_early ? MARK_ZERORTT_YES : MARK_ZERORTT_NO;
}

// The TTL of the target's own SYN-ACKs, of this connection or else of another.
static uint8_t synack_ttl(const struct target *t, const struct evidence *ev) {
	for (unsigned int p = 0; ev->ttl == 0 && p < NB_PROBES; p++) {
		if (t->evidence[p].ttl != 0)
			return t->evidence[p].ttl;
	}
	return ev->ttl;
}

static void note_injection(struct target *t, struct evidence *ev, const struct conn_seen *seen,
	const struct segment *seg) {
	if (seen->events & (CONN_EV_RST | CONN_EV_ODD_RST))
		ev->rst_ttl = seg->ttl;
	else if (!(seen->events & CONN_EV_DATA))
		return;
	if (ttl_differs(seg->ttl, synack_ttl(t, ev)))
		ev->marks |= MARK_INJECTED;
}

static void feed_answer(struct target *t, const struct target_rules *rules, unsigned int i,
	uint64_t now_ns, const struct conn_seen *seen) {
	struct conn *c = &t->conns[i];
	struct evidence *ev = &t->evidence[t->probe_of[i]];
	struct question question = question_of(t, rules);
	rules->app->answer_feed(&t->answers[i], &question, seen->data, seen->data_len);
	if (t->answers[i].nb_complete == 0)
		return;
	if (t->answers[i].nb_complete > 1)
		ev->marks |= MARK_ANSWER_DUPLICATE;
	if (c->state == CONN_OPEN) {
		ev->answer_us = us_between(c->answered_syn_ns, now_ns);
		ev->rcode = t->answers[i].rcode;
		conn_succeed(c, now_ns);
	}
}

static void note_seen(struct target *t, const struct target_rules *rules, unsigned int i,
	uint64_t now_ns, const struct segment *seg, const struct conn_seen *seen) {
	struct conn *c = &t->conns[i];
	struct evidence *ev = &t->evidence[t->probe_of[i]];
	if (seen->events & CONN_EV_SYNACK) {
		note_synack(ev, c, seg);
		note_earlier_rsts(t, ev);
	}
	if (seen->events & CONN_EV_OVER_ACK) {
		ev->marks |= MARK_BADACK;
		note_overtaken(ev, c, seg);
	}
	// one that differs in its own number alone answers an old SYN of ours that was held up
	if ((seen->events & CONN_EV_SYNACK_DIFFERS) && seg->ack - c->isn - 1 != c->ack_offset)
		ev->marks |= MARK_SYNACK_INCONSISTENT;
	if (seen->events & CONN_EV_EARLY_DATA)
		note_early_data(ev, c, seg);
	if (seen->events & CONN_EV_CHALLENGE) {
		t->restart |= !(ev->marks & MARK_CHALLENGE_ACK); // one new port, not more
		ev->marks |= MARK_CHALLENGE_ACK;
	}
	if (seen->events & (CONN_EV_SYNACK | CONN_EV_RST))
		t->restart = false;
	note_injection(t, ev, seen, seg);
	if (seen->events & CONN_EV_DATA) {
		note_zerortt(ev, c, seg);
		feed_answer(t, rules, i, now_ns, seen);
	}
	if (c->fin_received && rules->conn.answer_wanted)
		conn_stall(c, now_ns);
	ev->outcome = (uint8_t)outcome_of(c, ev);
}

// A RST ended the connection before a SYN-ACK came that would have opened it: both can't be the
// server's.
static void note_after_refusal(
	struct evidence *ev, const struct conn *c, const struct segment *seg) {
	bool is_synack = (seg->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == (TCP_SYN | TCP_ACK);
	if (is_synack && c->end == CONN_END_REFUSED && seg->ack - c->isn - 1 <= c->syn_data_len)
		ev->marks |= MARK_INJECTED;
}

bool target_observe_received(struct target *t, const struct target_rules *rules, uint64_t now_ns,
	const struct segment *seg) {
	settle(t, rules, now_ns);
	if (seg->sport != t->port || !addr_equal(&seg->src, &t->addr))
		return false;
	for (unsigned int n = 0; n < 2; n++) {
		unsigned int i = n == 0 ? t->current : 1u - t->current;
		struct conn *c = &t->conns[i];
		if (seg->dport != c->lport || c->nb_syns == 0)
			continue;
		if (c->state == CONN_OVER && c->synack_ns == 0) {
			note_after_refusal(&t->evidence[t->probe_of[i]], c, seg);
			continue;
		}
		// both sides have closed: what still comes is of another connection, made by an old
		// SYN of ours (late.h), or needs no more than the ACK that this one would get
		if (c->state == CONN_OVER && c->fin_acked && c->fin_received)
			continue;
		struct conn_seen seen = conn_observe_received(c, &rules->conn, now_ns, seg);
		note_seen(t, rules, i, now_ns, seg, &seen);
		return true;
	}
	return false;
}

bool target_observe_icmp(struct target *t, const struct target_rules *rules, uint64_t now_ns,
	const struct icmp_quote *quote) {
	settle(t, rules, now_ns);
	const struct conn *c = current_conn(t);
	bool is_ours = c->nb_syns > 0 && quote->sport == c->lport && quote->dport == t->port &&
		       quote->seq == c->isn && addr_equal(&quote->dst, &t->addr) &&
		       addr_equal(&quote->src, laddr_of(t, rules));
	if (!is_ours || c->state != CONN_SYN_SENT)
		return false;
	t->evidence[t->probe_of[t->current]].marks |= MARK_ICMP;
	return true;
}

// ---- what was sent

// What a probe that begins again from another port keeps of what it saw.
static uint16_t kept_marks(uint16_t marks) {
	bool is_injected = marks & (MARK_INJECTED | MARK_EARLY_DATA);
	return (uint16_t)((marks & MARK_CHALLENGE_ACK) | (is_injected ? MARK_INJECTED : 0));
}

static void begin_connection(struct target *t, const struct target_rules *rules, uint64_t now_ns,
	const struct segment *syn) {
	enum probe probe = PROBE_BASELINE;
	if (t->nb_started > 0) {
		probe = t->probe_of[t->current];
		if (!t->restart) {
			probe = probe_after(t, probe);
			t->current = 1 - t->current;
			t->has_previous = true;
		}
	} else {
		t->from_ns = now_ns;
	}
	struct question question = question_of(t, rules);
	struct target_conn_id id =
		target_conn_id(rules, &t->addr, t->port, t->first_ordinal + t->nb_started);
	conn_start(current_conn(t), id.lport, id.numbers.isn, id.numbers.ts_base,
		rules->app->payload_len(&question), syn->data_len);
	t->answers[t->current] = (struct answer){0};
	t->probe_of[t->current] = (uint8_t)probe;
	t->nb_started++;
	t->restart = false;
	struct evidence *ev = &t->evidence[probe];
	*ev = (struct evidence){
		.sport = id.lport,
		.syn_rtt_us = EVIDENCE_NO_TIME,
		.answer_us = EVIDENCE_NO_TIME,
		.data_len = EVIDENCE_NO_LENGTH,
		.data_acked = EVIDENCE_NO_LENGTH,
		.rcode = EVIDENCE_NO_RCODE,
		.outcome = OUTCOME_NONE,
		.option_out = probe == PROBE_BASELINE ? COOKIE_OPTION_NONE : COOKIE_OPTION_KIND34,
		.rst_ttl = ev->rst_ttl,
		.marks = kept_marks(ev->marks),
	};
}

void target_observe_sent(struct target *t, const struct target_rules *rules, uint64_t now_ns,
	const struct segment *seg) {
	settle(t, rules, now_ns);
	if ((seg->flags & TCP_SYN) && (t->nb_started == 0 || seg->sport != current_conn(t)->lport))
		begin_connection(t, rules, now_ns, seg);
	unsigned int i = seg->sport == current_conn(t)->lport ? t->current : 1u - t->current;
	struct conn *c = &t->conns[i];
	struct evidence *ev = &t->evidence[t->probe_of[i]];
	conn_observe_sent(c, &rules->conn, now_ns, seg);
	ev->syns = c->nb_syns;
	if (seg->data_len > 0)
		ev->data_len = c->payload_len;
}

// ---- what to send

static void fill_context(struct target *t, const struct target_rules *rules, enum probe probe,
	struct target_segment *out, uint8_t *option, struct conn_context *ctx) {
	struct question question = question_of(t, rules);
	rules->app->payload_write(&question, out->payload);
	*ctx = (struct conn_context){
		.rules = &rules->conn,
		.laddr = *laddr_of(t, rules),
		.raddr = t->addr,
		.rport = t->port,
		.payload = out->payload,
		.extra_options = option,
		.extra_options_len = target_option_write(probe, t->evidence, option),
	};
}

static enum target_step offer_first_syn(struct target *t, const struct target_rules *rules,
	enum probe probe, uint64_t now_ns, struct target_segment *out) {
	uint8_t option[COOKIE_OPTION_MAX_OCTETS];
	struct conn_context ctx;
	fill_context(t, rules, probe, out, option, &ctx);
	struct question question = question_of(t, rules);
	uint16_t data_len = probe == PROBE_DATA ? rules->app->payload_len(&question) : 0;
	struct target_conn_id id =
		target_conn_id(rules, &t->addr, t->port, t->first_ordinal + t->nb_started);
	conn_write_syn(&ctx, id.lport, id.numbers.isn, id.numbers.ts_base, now_ns, now_ns, data_len,
		&out->seg, out->options);
	return TARGET_SEND;
}

static enum conn_step ask(struct target *t, const struct target_rules *rules, unsigned int i,
	uint64_t now_ns, struct target_segment *out, uint64_t *wake_ns) {
	uint8_t option[COOKIE_OPTION_MAX_OCTETS];
	struct conn_context ctx;
	fill_context(t, rules, t->probe_of[i], out, option, &ctx);
	return conn_next(&t->conns[i], &ctx, now_ns, &out->seg, out->options, wake_ns);
}

enum target_step target_next(struct target *t, const struct target_rules *rules, uint64_t now_ns,
	struct target_segment *out, uint64_t *wake_ns) {
	settle(t, rules, now_ns);
	if (t->nb_started == 0)
		return offer_first_syn(t, rules, PROBE_BASELINE, now_ns, out);

	uint64_t previous_wake_ns = CONN_NEVER;
	if (t->has_previous &&
		ask(t, rules, 1u - t->current, now_ns, out, &previous_wake_ns) == CONN_SEND)
		return TARGET_SEND;
	enum probe probe = t->probe_of[t->current];
	const struct conn *c = current_conn(t);
	if (t->restart && c->refuse_done)
		return offer_first_syn(t, rules, probe, now_ns, out);
	if (ask(t, rules, t->current, now_ns, out, wake_ns) == CONN_SEND)
		return TARGET_SEND;
	if (c->state == CONN_OVER && probe_after(t, probe) != NB_PROBES)
		return offer_first_syn(t, rules, probe_after(t, probe), now_ns, out);
	if (previous_wake_ns < *wake_ns)
		*wake_ns = previous_wake_ns;
	return c->state == CONN_OVER && *wake_ns == CONN_NEVER ? TARGET_DONE : TARGET_WAIT;
}

uint64_t target_to_ns(const struct target *t) {
	return t->conns[t->current].close_ns;
}
