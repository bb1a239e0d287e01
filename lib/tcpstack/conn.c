#include "lib/tcpstack/conn.h"

#include "lib/tcpstack/seq.h"

#include <assert.h>

#define DATA_FIRST_RETRY_NS (NSEC_PER_SEC / 2)

uint64_t conn_data_offset_ns(unsigned int n) {
	return n == 0 ? 0 : (uint64_t)n * NSEC_PER_SEC - DATA_FIRST_RETRY_NS;
}

void conn_start(struct conn *c, uint16_t lport, uint32_t isn, uint32_t ts_base,
	uint16_t payload_len, uint16_t syn_data_len) {
	assert(syn_data_len == 0 || syn_data_len == payload_len);
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
	// one that answers a repeated SYN-ACK in between takes no try away
	if (now_ns >= c->ack_ns + conn_data_offset_ns(c->nb_acks) && c->nb_acks < CONN_MAX_TRIES)
		c->nb_acks++;
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
	uint64_t last_ms = conn_elapsed_ms(c->first_syn_ns, c->last_syn_ns);
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
	c->ts_recent = c->synack_tsval = options->tsval;
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

// Of a connection with our ports that the peer has not forgotten, and we have: it answers a SYN by
// an ACK (RFC 5961 section 4), or sends again what it had for the one before us.
static bool is_of_dead_connection(const struct segment *seg, bool is_beyond) {
	bool is_ack = (seg->flags & (TCP_SYN | TCP_ACK)) == TCP_ACK;
	bool is_bare = seg->data_len == 0 && !(seg->flags & TCP_FIN);
	return is_ack && (is_bare || is_beyond);
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
	if (is_of_dead_connection(seg, ack_offset > c->syn_data_len)) {
		seen->events |= c->refuse_done ? CONN_EV_ODD : CONN_EV_CHALLENGE;
		c->rst_due = !c->refuse_done;
		c->rst_seq = seg->ack;
		return;
	}
	seen->events |= seg->data_len > 0 ? CONN_EV_EARLY_DATA : CONN_EV_ODD;
	if (seg->data_len > 0)
		c->early_seq = seg->seq;
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
