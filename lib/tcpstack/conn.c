#include "lib/tcpstack/conn.h"

#include "lib/tcpstack/bytes.h"
#include "lib/tcpstack/seq.h"

#include <assert.h>

// What Linux announces: 64,240 octets, scaled by 7 after the handshake.
#define SYN_WINDOW 64240
#define WINDOW_SHIFT 7
#define OPEN_WINDOW (65535u >> WINDOW_SHIFT)

#define DATA_FIRST_RETRY_NS (NSEC_PER_SEC / 2)

uint64_t conn_syn_offset_ns(unsigned int n) {
	return n == 0 ? 0 : (2 * (uint64_t)n - 1) * NSEC_PER_SEC;
}

// Of data, and of FIN, from the first time they were sent.
static uint64_t data_offset_ns(unsigned int n) {
	return n == 0 ? 0 : (uint64_t)n * NSEC_PER_SEC - DATA_FIRST_RETRY_NS;
}

void conn_start(struct conn *c, uint16_t lport, uint32_t isn, uint32_t ts_base,
	uint16_t payload_len, uint16_t syn_data_len) {
	assert(payload_len > 0 && (syn_data_len == 0 || syn_data_len == payload_len));
	*c = (struct conn){
		.lport = lport,
		.isn = isn,
		.ts_base = ts_base,
		.payload_len = payload_len,
		.syn_data_len = syn_data_len,
		.state = CONN_SYN_SENT,
	};
}

static void close_at(struct conn *c, enum conn_end end, uint64_t at_ns) {
	c->state = CONN_CLOSING;
	c->end = (uint8_t)end;
	c->close_ns = at_ns;
}

// A connection ends once: what comes later finds it over, and moves no stamp.
static void over_at(struct conn *c, enum conn_end end, uint64_t at_ns) {
	if (c->state == CONN_OVER)
		return;
	c->state = CONN_OVER;
	if (c->end == CONN_END_NONE)
		c->end = (uint8_t)end;
	if (c->close_ns == 0)
		c->close_ns = at_ns;
	c->end_ns = at_ns;
}

void conn_settle(struct conn *c, const struct conn_rules *rules, uint64_t now_ns) {
	if (c->state == CONN_SYN_SENT && c->nb_syns >= rules->syn_tries &&
		now_ns >= c->last_syn_ns + CONN_SYN_GIVE_UP_NS)
		over_at(c, CONN_END_UNANSWERED, c->last_syn_ns + CONN_SYN_GIVE_UP_NS);
	if (c->state == CONN_OPEN && c->ack_ns != 0 && now_ns >= c->ack_ns + rules->wait_ns)
		close_at(c, rules->answer_wanted ? CONN_END_STALLED : CONN_END_SUCCESS,
			c->ack_ns + rules->wait_ns);
	if (c->state == CONN_CLOSING && c->fin_first_ns != 0 &&
		now_ns >= c->fin_first_ns + CONN_CLOSE_NS)
		over_at(c, CONN_END_NONE, c->fin_first_ns + CONN_CLOSE_NS);
}

void conn_succeed(struct conn *c, uint64_t now_ns) {
	if (c->state == CONN_OPEN)
		close_at(c, CONN_END_SUCCESS, now_ns);
}

void conn_stall(struct conn *c, uint64_t now_ns) {
	if (c->state == CONN_OPEN)
		close_at(c, CONN_END_STALLED, now_ns);
}

static uint64_t elapsed_ms(uint64_t from_ns, uint64_t now_ns) {
	return now_ns > from_ns ? (now_ns - from_ns) / NSEC_PER_MSEC : 0;
}

// One more than the milliseconds since the first SYN, so that no later segment repeats the TSval
// of a SYN: by what comes back in TSecr it is told whether an answer left before our ACK arrived.
static uint32_t tsval_at(const struct conn *c, uint64_t now_ns) {
	return c->ts_base + (uint32_t)elapsed_ms(c->first_syn_ns, now_ns) + 1;
}

// ---- what we sent

static void sent_syn(struct conn *c, uint64_t now_ns) {
	if (c->nb_syns == 0)
		c->first_syn_ns = now_ns;
	// whole microseconds from the first SYN: what the compact form of a silent target can hold
	c->last_syn_ns =
		c->first_syn_ns + (now_ns - c->first_syn_ns) / NSEC_PER_USEC * NSEC_PER_USEC;
	c->nb_syns++;
}

void conn_observe_sent(struct conn *c, const struct conn_rules *rules, uint64_t now_ns,
	const struct segment *seg) {
	conn_settle(c, rules, now_ns);
	if (seg->flags & TCP_SYN) {
		sent_syn(c, now_ns);
		return;
	}
	if (seg->flags & TCP_RST) {
		c->rst_due = false;
		c->refuse_done = true;
		return;
	}
	c->ack_due = false;
	if (c->ack_ns == 0)
		c->ack_ns = now_ns;
	if (seg->data_len > 0) {
		if (c->nb_data++ == 0)
			c->data_first_ns = now_ns;
	}
	if (seg->flags & TCP_FIN) {
		if (c->nb_fins++ == 0)
			c->fin_first_ns = now_ns;
	}
}

// ---- what came

// When the SYN left that this SYN-ACK answers: told by TSecr (RFC 7323 section 4), without
// timestamps only if there was but one. 0 if it can't be told.
static uint64_t answered_syn(const struct conn *c, const struct segment_options *options) {
	if (!options->has_timestamps)
		return c->nb_syns == 1 ? c->first_syn_ns : 0;
	uint32_t after_ms = options->tsecr - c->ts_base;
	if (after_ms == 0)
		return c->first_syn_ns;
	uint64_t last_ms = elapsed_ms(c->first_syn_ns, c->last_syn_ns);
	if (after_ms == last_ms)
		return c->last_syn_ns;
	// of those between the first and the last nothing is kept; none left before it was due
	bool is_between = c->nb_syns > 2 && after_ms < last_ms &&
			  after_ms >= conn_syn_offset_ns(1) / NSEC_PER_MSEC;
	return is_between ? c->first_syn_ns + after_ms * NSEC_PER_MSEC : 0;
}

static void take_synack(struct conn *c, uint64_t now_ns, const struct segment *seg,
	const struct segment_options *options) {
	c->state = CONN_OPEN;
	c->synack_ns = now_ns;
	c->answered_syn_ns = answered_syn(c, options);
	c->irs = seg->seq;
	c->rcv_nxt = seg->seq + 1;
	c->ack_offset = (uint16_t)(seg->ack - c->isn - 1);
	c->acked_len = c->ack_offset;
	c->peer_has_timestamps = options->has_timestamps;
	c->ts_recent = options->tsval;
	c->window_is_zero = seg->window == 0;
	c->ack_due = true;
	c->rst_due = false;
}

// New octets in order, and a FIN behind them. A segment that starts beyond rcv_nxt is dropped: the
// ACK that it gets makes the peer send the gap again.
static void take_data(struct conn *c, const struct segment *seg, struct conn_seen *seen) {
	uint32_t seq = seg->seq + ((seg->flags & TCP_SYN) != 0);
	bool has_fin = (seg->flags & TCP_FIN) != 0;
	if (seg->data_len == 0 && !has_fin)
		return;
	c->ack_due = true;
	if (seq_after(seq, c->rcv_nxt) || c->fin_received)
		return;
	uint32_t known = c->rcv_nxt - seq;
	if (known > seg->data_len)
		return;
	if (known < seg->data_len) {
		seen->events |= CONN_EV_DATA;
		seen->data = seg->data + known;
		seen->data_len = (uint16_t)(seg->data_len - known);
		c->rcv_nxt += seen->data_len;
	}
	if (has_fin) {
		c->fin_received = true;
		c->rcv_nxt++;
	}
}

// Acknowledgement numbers count from the ISN: 1 for the SYN, then the payload, 1 for the FIN.
static bool take_ack(struct conn *c, uint64_t now_ns, const struct segment *seg) {
	uint32_t acked = seg->ack - c->isn - 1;
	uint32_t sent = c->nb_data > 0 || c->nb_fins > 0 ? c->payload_len : c->ack_offset;
	if (c->syn_data_len > sent)
		sent = c->syn_data_len;
	if (acked > sent + (c->nb_fins > 0))
		return false;
	if (acked > c->payload_len) {
		if (!c->fin_acked && c->state == CONN_CLOSING)
			over_at(c, CONN_END_NONE, now_ns);
		c->fin_acked = true;
		acked = c->payload_len;
	}
	if (acked > c->acked_len)
		c->acked_len = (uint16_t)acked;
	c->window_is_zero = seg->window == 0;
	return true;
}

// In tcp mode the peer's first sign beyond the SYN-ACK is success.
static void succeed_without_answer(struct conn *c, uint64_t now_ns, const struct conn_seen *seen) {
	if (c->acked_len == c->payload_len || c->fin_received || (seen->events & CONN_EV_DATA))
		conn_succeed(c, now_ns);
}

static void received_synack_again(
	struct conn *c, const struct segment *seg, struct conn_seen *seen) {
	uint32_t ack_offset = seg->ack - c->isn - 1;
	if (ack_offset > c->syn_data_len || seg->seq != c->irs) {
		seen->events |= CONN_EV_ODD;
		if (ack_offset <= c->syn_data_len)
			seen->events |= CONN_EV_SYNACK_DIFFERS;
		return;
	}
	seen->events |= CONN_EV_SYNACK_AGAIN;
	if (ack_offset != c->ack_offset)
		seen->events |= CONN_EV_SYNACK_DIFFERS;
	c->ack_due = true;
}

// RST with seq = its ack, and on with the tries (RFC 9293 section 3.10.7.3). Only an
// acknowledgement of what could be ours is worth one.
static void received_over_ack(
	struct conn *c, const struct segment *seg, uint32_t ack_offset, struct conn_seen *seen) {
	if (ack_offset > UINT16_MAX) {
		seen->events |= CONN_EV_ODD;
		return;
	}
	seen->events |= CONN_EV_OVER_ACK;
	c->irs = seg->seq;
	c->rst_due = true;
	c->rst_seq = seg->ack;
}

static void received_in_syn_sent(
	struct conn *c, uint64_t now_ns, const struct segment *seg, struct conn_seen *seen) {
	uint32_t ack_offset = seg->ack - c->isn - 1;
	if (seg->flags & TCP_RST) {
		// RFC 9293 section 3.10.7.3; over SYN data it acknowledges nothing or all
		bool acceptable = (seg->flags & TCP_ACK) &&
				  (ack_offset == 0 || ack_offset == c->syn_data_len);
		seen->events |= acceptable ? CONN_EV_RST : CONN_EV_ODD_RST;
		if (acceptable) {
			over_at(c, CONN_END_REFUSED, now_ns);
			c->rst_due = false;
		}
		return;
	}
	if ((seg->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK)) {
		if (ack_offset > c->syn_data_len) {
			received_over_ack(c, seg, ack_offset, seen);
			return;
		}
		struct segment_options options;
		segment_options_read(seg, &options);
		take_synack(c, now_ns, seg, &options);
		seen->events |= CONN_EV_SYNACK;
		take_data(c, seg, seen);
		return;
	}
	if (seg->data_len > 0) {
		seen->events |= CONN_EV_EARLY_DATA;
		c->early_seq = seg->seq;
		return;
	}
	if ((seg->flags & (TCP_SYN | TCP_ACK | TCP_FIN)) == TCP_ACK && !c->refuse_done) {
		seen->events |= CONN_EV_CHALLENGE;
		c->rst_due = true;
		c->rst_seq = seg->ack;
		return;
	}
	seen->events |= CONN_EV_ODD;
}

// No further from rcv_nxt than any window of ours or of the peer's retransmissions: what lies
// elsewhere is somebody else's (RFC 9293 section 3.10.7.4, first check).
static bool is_near(const struct conn *c, uint32_t seq) {
	return seq - c->rcv_nxt + UINT16_MAX <= 2u * UINT16_MAX;
}

// RFC 7323 section 4.3: neither a segment behind a gap nor an old one.
static void take_timestamp(struct conn *c, const struct segment *seg) {
	struct segment_options options;
	segment_options_read(seg, &options);
	if (options.has_timestamps && !seq_after(seg->seq, c->rcv_nxt) &&
		!seq_before(options.tsval, c->ts_recent))
		c->ts_recent = options.tsval;
}

static void received_when_open(
	struct conn *c, uint64_t now_ns, const struct segment *seg, struct conn_seen *seen) {
	if (seg->flags & TCP_RST) {
		// only the exact next number (RFC 9293 section 3.10.7.4)
		bool acceptable = seg->seq == c->rcv_nxt;
		seen->events |= acceptable ? CONN_EV_RST : CONN_EV_ODD_RST;
		if (acceptable) {
			c->reset = true;
			over_at(c, CONN_END_RESET, now_ns);
		}
		return;
	}
	if (seg->flags & TCP_SYN) {
		if (seg->flags & TCP_ACK)
			received_synack_again(c, seg, seen);
		else
			seen->events |= CONN_EV_ODD;
		return;
	}
	if (!(seg->flags & TCP_ACK) || !is_near(c, seg->seq) || !take_ack(c, now_ns, seg)) {
		seen->events |= CONN_EV_ODD;
		return;
	}
	take_timestamp(c, seg);
	take_data(c, seg, seen);
}

struct conn_seen conn_observe_received(struct conn *c, const struct conn_rules *rules,
	uint64_t now_ns, const struct segment *seg) {
	struct conn_seen seen = {0};
	conn_settle(c, rules, now_ns);
	if (c->nb_syns == 0)
		return seen;
	if (c->state == CONN_SYN_SENT)
		received_in_syn_sent(c, now_ns, seg, &seen);
	else if (c->synack_ns != 0 && !c->reset)
		received_when_open(c, now_ns, seg, &seen);
	else
		seen.events |= CONN_EV_ODD;
	if (c->state == CONN_OPEN && !rules->answer_wanted)
		succeed_without_answer(c, now_ns, &seen);
	return seen;
}

// ---- what to send

static size_t write_timestamps(uint8_t *p, uint32_t tsval, uint32_t tsecr) {
	p[0] = TCPOPT_KIND_TIMESTAMPS;
	p[1] = 10;
	put_be32(p + 2, tsval);
	put_be32(p + 6, tsecr);
	return 10;
}

void conn_write_syn(const struct conn_context *ctx, uint16_t lport, uint32_t isn, uint32_t ts_base,
	uint64_t first_ns, uint64_t now_ns, uint16_t data_len, struct segment *out,
	uint8_t *options) {
	const struct conn_rules *rules = ctx->rules;
	uint8_t *p = options;
	*p++ = TCPOPT_KIND_MSS;
	*p++ = 4;
	put_be16(p, addr_is_v4(&ctx->raddr) ? rules->mss4 : rules->mss6);
	p += 2;
	*p++ = TCPOPT_KIND_SACK_PERMITTED;
	*p++ = 2;
	p += write_timestamps(p, ts_base + (uint32_t)elapsed_ms(first_ns, now_ns), 0);
	*p++ = TCPOPT_KIND_NOP;
	*p++ = TCPOPT_KIND_WSCALE;
	*p++ = 3;
	*p++ = WINDOW_SHIFT;
	if (ctx->extra_options_len > 0)
		memcpy(p, ctx->extra_options, ctx->extra_options_len);
	*out = (struct segment){
		.src = ctx->laddr,
		.dst = ctx->raddr,
		.sport = lport,
		.dport = ctx->rport,
		.seq = isn,
		.window = SYN_WINDOW,
		.flags = TCP_SYN,
		.options = options,
		.options_len = (uint8_t)(CONN_SYN_BASE_OPTIONS_OCTETS + ctx->extra_options_len),
		.data = ctx->payload,
		.data_len = data_len,
	};
}

// Octets of payload before the next one that was never sent.
static uint16_t sent_len(const struct conn *c) {
	return c->nb_data > 0 || c->nb_fins > 0 ? c->payload_len : c->acked_len;
}

// A segment behind the SYN-ACK that carries what the peer has not acknowledged of our payload.
static void write_ack(const struct conn *c, const struct conn_context *ctx, uint64_t now_ns,
	bool with_data, uint8_t extra_flags, struct segment *out, uint8_t *options) {
	uint16_t from = with_data ? c->acked_len : c->payload_len;
	uint32_t seq_offset = with_data ? from : sent_len(c) + (c->nb_fins > 0);
	*out = (struct segment){
		.src = ctx->laddr,
		.dst = ctx->raddr,
		.sport = c->lport,
		.dport = ctx->rport,
		.seq = c->isn + 1 + seq_offset,
		.ack = c->rcv_nxt,
		.window = OPEN_WINDOW,
		.flags = (uint8_t)(TCP_ACK | extra_flags),
		.options = options,
		.data = ctx->payload + from,
		.data_len = (uint16_t)(c->payload_len - from),
	};
	if (out->data_len > 0)
		out->flags |= TCP_PSH;
	if (!c->peer_has_timestamps)
		return;
	options[0] = options[1] = TCPOPT_KIND_NOP;
	write_timestamps(options + 2, tsval_at(c, now_ns), c->ts_recent);
	out->options_len = CONN_TIMESTAMPS_OCTETS;
}

static void write_rst(const struct conn *c, const struct conn_context *ctx, struct segment *out) {
	*out = (struct segment){
		.src = ctx->laddr,
		.dst = ctx->raddr,
		.sport = c->lport,
		.dport = ctx->rport,
		.seq = c->rst_seq,
		.flags = TCP_RST,
	};
}

static uint64_t earlier(uint64_t a, uint64_t b) {
	return a < b ? a : b;
}

static uint64_t syn_due_ns(const struct conn *c, const struct conn_rules *rules) {
	if (c->nb_syns == 0)
		return 0;
	if (c->nb_syns < rules->syn_tries)
		return c->first_syn_ns + conn_syn_offset_ns(c->nb_syns);
	return CONN_NEVER;
}

static uint64_t data_due_ns(const struct conn *c, const struct conn_rules *rules) {
	if (c->acked_len == c->payload_len || c->nb_data >= rules->data_tries)
		return CONN_NEVER;
	if (c->nb_data > 0)
		return c->data_first_ns + data_offset_ns(c->nb_data);
	if (!c->window_is_zero)
		return 0;
	// a zero window is probed at the latest when a first retransmission would be due
	return c->ack_ns == 0 ? CONN_NEVER : c->ack_ns + DATA_FIRST_RETRY_NS;
}

static uint64_t fin_due_ns(const struct conn *c, const struct conn_rules *rules) {
	if (c->fin_acked || c->nb_fins >= rules->data_tries)
		return CONN_NEVER;
	return c->nb_fins == 0 ? 0 : c->fin_first_ns + data_offset_ns(c->nb_fins);
}

static enum conn_step next_in_syn_sent(const struct conn *c, const struct conn_context *ctx,
	uint64_t now_ns, struct segment *out, uint8_t *options, uint64_t *wake_ns) {
	uint64_t due_ns = syn_due_ns(c, ctx->rules);
	if (now_ns >= due_ns) {
		conn_write_syn(ctx, c->lport, c->isn, c->ts_base,
			c->nb_syns ? c->first_syn_ns : now_ns, now_ns, c->syn_data_len, out,
			options);
		return CONN_SEND;
	}
	*wake_ns = due_ns == CONN_NEVER ? c->last_syn_ns + CONN_SYN_GIVE_UP_NS : due_ns;
	return CONN_WAIT;
}

enum conn_step conn_next(const struct conn *c, const struct conn_context *ctx, uint64_t now_ns,
	struct segment *out, uint8_t *options, uint64_t *wake_ns) {
	if (c->rst_due) {
		write_rst(c, ctx, out);
		return CONN_SEND;
	}
	if (c->state == CONN_SYN_SENT)
		return next_in_syn_sent(c, ctx, now_ns, out, options, wake_ns);
	*wake_ns = CONN_NEVER;
	if (c->synack_ns == 0 || c->reset)
		return CONN_WAIT;

	if (c->state == CONN_OPEN) {
		uint64_t due_ns = data_due_ns(c, ctx->rules);
		if (now_ns >= due_ns || c->ack_due) {
			write_ack(c, ctx, now_ns, now_ns >= due_ns, 0, out, options);
			return CONN_SEND;
		}
		*wake_ns = earlier(due_ns, c->ack_ns + ctx->rules->wait_ns);
		return CONN_WAIT;
	}

	// the SYN-ACK is acknowledged before we close: it frees the place that a Fast Open server
	// keeps for us; what came later is acknowledged with the FIN, if one is due
	uint64_t due_ns = fin_due_ns(c, ctx->rules);
	bool is_fin_due = now_ns >= due_ns && c->ack_ns != 0;
	if (c->ack_due && !is_fin_due) {
		write_ack(c, ctx, now_ns, false, 0, out, options);
		return CONN_SEND;
	}
	if (is_fin_due) {
		write_ack(c, ctx, now_ns, true, TCP_FIN, out, options);
		return CONN_SEND;
	}
	*wake_ns = due_ns;
	if (c->state == CONN_CLOSING)
		*wake_ns = earlier(due_ns, c->fin_first_ns + CONN_CLOSE_NS);
	return CONN_WAIT;
}
