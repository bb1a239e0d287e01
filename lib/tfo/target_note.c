// What received segments add to a target's evidence.
#include "lib/tcpstack/seq.h"
#include "lib/tfo/target_parts.h"

// A TTL that differs by less may be another path of the same host.
#define TTL_DIFFERS 3
// A clock of timestamps that is further off than this, in its own ticks, is another one: the
// fastest in use tick once a millisecond (RFC 7323 section 5.4).
#define TSVAL_SLACK 60000

static uint32_t us_between(uint64_t from_ns, uint64_t to_ns) {
	uint64_t us = (to_ns - from_ns) / NSEC_PER_USEC;
	return from_ns == 0 || us >= EVIDENCE_NO_TIME ? EVIDENCE_NO_TIME : (uint32_t)us;
}

static void note_cookie(
	struct target *t, enum probe probe, struct evidence *ev, const struct segment *seg) {
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
	if (offer.cookie.len_octets == 0)
		return;
	if (probe == PROBE_REQUEST && !t->is_placebo)
		t->cookie = offer.cookie;
	if (probe == PROBE_REQUEST_2 || probe == PROBE_REQUEST_3)
		t->control_cookie = offer.cookie;
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
	ev->marks &= ~(uint32_t)MARK_EARLY_DATA;
	if ((ev->marks & MARK_EARLY_TIMESTAMPS) && is_syn_data_acked(c))
		ev->marks |= MARK_ZERORTT_YES;
}

static void note_synack(struct target *t, enum probe probe, struct evidence *ev,
	const struct conn *c, const struct segment *seg) {
	struct segment_options options;
	segment_options_read(seg, &options);
	ev->marks |= MARK_SYNACK | (options.has_timestamps ? 0 : MARK_NO_TIMESTAMPS);
	ev->syn_rtt_us = us_between(c->answered_syn_ns, c->synack_ns);
	ev->data_acked = c->ack_offset;
	ev->ttl = seg->ttl;
	ev->mss = options.has_mss ? options.mss : 0;
	ev->window = seg->window;
	note_cookie(t, probe, ev, seg);
	if (seg->data_len > 0)
		ev->marks |= MARK_SYNACK_PAYLOAD;
	note_overtaken(ev, c, seg);
}

// A proxy that answers SYNs for a server gives itself away by what comes after: another distance,
// or a clock of timestamps that is not that of the SYN-ACK.
static void note_proxy(struct evidence *ev, const struct conn *c, const struct conn_seen *seen,
	uint64_t now_ns, const struct segment *seg) {
	unsigned int not_its = CONN_EV_SYNACK | CONN_EV_SYNACK_AGAIN | CONN_EV_ODD | CONN_EV_RST |
			       CONN_EV_ODD_RST | CONN_EV_EARLY_DATA | CONN_EV_CHALLENGE;
	if (c->synack_ns == 0 || (seen->events & not_its) || (seg->flags & TCP_SYN))
		return;
	struct segment_options options;
	segment_options_read(seg, &options);
	bool synack_had = !(ev->marks & MARK_NO_TIMESTAMPS);
	bool is_off = seg->ttl != ev->ttl || options.has_timestamps != synack_had;
	if (synack_had && options.has_timestamps) {
		int32_t ticks = seq_diff(options.tsval, c->synack_tsval);
		uint64_t elapsed_ms = conn_elapsed_ms(c->synack_ns, now_ns);
		// a segment that was overtaken by the SYN-ACK is older by little
		is_off |= ticks < -TSVAL_SLACK ||
			  ticks > (int64_t)(elapsed_ms + elapsed_ms / 8 + TSVAL_SLACK);
	}
	if (is_off)
		ev->marks |= MARK_SYNPROXY;
}

static void note_early_data(struct evidence *ev, const struct conn *c, const struct segment *seg) {
	if ((ev->marks & MARK_BADACK) && is_behind(seg->seq, c->irs))
		return;
	struct segment_options options;
	segment_options_read(seg, &options);
	ev->marks |= MARK_EARLY_DATA;
	ev->marks |= options.has_timestamps ? MARK_EARLY_TIMESTAMPS : 0;
}

// Answer octets whose TSecr is older than our ACK's TSval left before the ACK arrived: only then
// was a round trip saved (RFC 7413 section 4.2.2, RFC 7323 section 4). Where our ACK is held back,
// what comes before it leaves needs no timestamp.
static void note_zerortt(struct evidence *ev, const struct conn *c, const struct segment *seg) {
	bool is_known = ev->marks & (MARK_ZERORTT_YES | MARK_ZERORTT_NO);
	if (is_known || !is_syn_data_acked(c))
		return;
	struct segment_options options;
	segment_options_read(seg, &options);
	if (!options.has_timestamps && c->hold_ack_ns == 0)
		return;
	uint64_t acked_ms =
		c->ack_ns > c->first_syn_ns ? (c->ack_ns - c->first_syn_ns) / NSEC_PER_MSEC : 0;
	uint32_t ack_tsval = c->ts_base + (uint32_t)acked_ms + 1;
	bool is_early =
		c->ack_ns == 0 || (options.has_timestamps && seq_before(options.tsecr, ack_tsval));
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
	struct evidence *ev = target_evidence(t, i);
	struct question question = target_question(t, rules);
	rules->app->answer_feed(&t->answers[i], &question, seen->data, seen->data_len);
	if (t->answers[i].nb_complete == 0)
		return;
	if (t->answers[i].nb_complete > 1)
		ev->marks |= MARK_ANSWER_DUPLICATE;
	if (c->state == CONN_OPEN) {
		ev->answer_us = us_between(c->answered_syn_ns, now_ns);
		ev->code = t->answers[i].code;
		conn_succeed(c, now_ns);
	}
}

// One new port for a challenge ACK, not more; none where it is the port that is measured.
static void note_challenge(struct target *t, enum probe probe, struct evidence *ev) {
	bool is_bound = probe == PROBE_SAME_TUPLE || probe == PROBE_DATA_SAME_PORT;
	t->restart |= !is_bound && !(ev->marks & MARK_CHALLENGE_ACK);
	ev->marks |= MARK_CHALLENGE_ACK;
}

void target_note_seen(struct target *t, const struct target_rules *rules, unsigned int i,
	uint64_t now_ns, const struct segment *seg, const struct conn_seen *seen) {
	struct conn *c = &t->conns[i];
	enum probe probe = t->probe_of[i];
	struct evidence *ev = target_evidence(t, i);
	if (seen->events & CONN_EV_SYNACK) {
		note_synack(t, probe, ev, c, seg);
		note_earlier_rsts(t, ev);
		if (c->payload_len == 0)
			conn_succeed(c, now_ns);
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
	if (seen->events & CONN_EV_CHALLENGE)
		note_challenge(t, probe, ev);
	if (seen->events & (CONN_EV_SYNACK | CONN_EV_RST))
		t->restart = false;
	note_injection(t, ev, seen, seg);
	note_proxy(ev, c, seen, now_ns, seg);
	if (seen->events & CONN_EV_DATA) {
		note_zerortt(ev, c, seg);
		feed_answer(t, rules, i, now_ns, seen);
	}
	if (c->fin_received && rules->conn.answer_wanted)
		conn_stall(c, now_ns);
	ev->outcome = (uint8_t)target_outcome(c, ev);
}

// Both the RST and the SYN-ACK behind it can't be the server's.
void target_note_after_refusal(
	struct evidence *ev, const struct conn *c, const struct segment *seg) {
	bool is_synack = (seg->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == (TCP_SYN | TCP_ACK);
	if (is_synack && c->end == CONN_END_REFUSED && seg->ack - c->isn - 1 <= c->syn_data_len)
		ev->marks |= MARK_INJECTED;
}
