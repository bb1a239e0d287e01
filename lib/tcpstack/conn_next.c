// What a connection sends, and when: nothing here changes it.
#include "lib/tcpstack/bytes.h"
#include "lib/tcpstack/conn.h"

// What Linux announces: 64,240 octets, scaled by 7 after the handshake.
#define SYN_WINDOW 64240
#define WINDOW_SHIFT 7
#define OPEN_WINDOW (65535u >> WINDOW_SHIFT)

// One more than the milliseconds since the first SYN, so that no later segment repeats the TSval
// of a SYN: by what comes back in TSecr it is told whether an answer left before our ACK arrived.
static uint32_t tsval_at(const struct conn *c, uint64_t now_ns) {
	return c->ts_base + (uint32_t)conn_elapsed_ms(c->first_syn_ns, now_ns) + 1;
}

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
	put_be16(p, addr_is_v4(ctx->raddr) ? rules->mss4 : rules->mss6);
	p += 2;
	*p++ = TCPOPT_KIND_SACK_PERMITTED;
	*p++ = 2;
	p += write_timestamps(p, ts_base + (uint32_t)conn_elapsed_ms(first_ns, now_ns), 0);
	*p++ = TCPOPT_KIND_NOP;
	*p++ = TCPOPT_KIND_WSCALE;
	*p++ = 3;
	*p++ = WINDOW_SHIFT;
	if (ctx->extra_options_len > 0)
		memcpy(p, ctx->extra_options, ctx->extra_options_len);
	*out = (struct segment){
		.src = *ctx->laddr,
		.dst = *ctx->raddr,
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
		.src = *ctx->laddr,
		.dst = *ctx->raddr,
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
		.src = *ctx->laddr,
		.dst = *ctx->raddr,
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
		return c->data_first_ns + conn_data_offset_ns(c->nb_data);
	if (!c->window_is_zero)
		return 0;
	// a zero window is probed at the latest when a first retransmission would be due
	return c->ack_ns == 0 ? CONN_NEVER : c->ack_ns + conn_data_offset_ns(1);
}

// Our ACK again: data were taken from the SYN, and not even the first octet of an answer is here.
static uint64_t ack_again_due_ns(const struct conn *c, const struct conn_rules *rules) {
	bool is_all_taken = c->payload_len > 0 && c->ack_offset == c->payload_len;
	bool has_come = c->rcv_nxt != c->irs + 1;
	if (!is_all_taken || has_come || c->nb_acks == 0 || c->nb_acks >= rules->data_tries)
		return CONN_NEVER;
	return c->ack_ns + conn_data_offset_ns(c->nb_acks);
}

static uint64_t fin_due_ns(const struct conn *c, const struct conn_rules *rules) {
	if (c->fin_acked || c->nb_fins >= rules->data_tries)
		return CONN_NEVER;
	return c->nb_fins == 0 ? 0 : c->fin_first_ns + conn_data_offset_ns(c->nb_fins);
}

static enum conn_step next_in_syn_sent(const struct conn *c, const struct conn_context *ctx,
	uint64_t now_ns, struct segment *out, uint8_t *options, uint64_t *wake_ns) {
	uint64_t due_ns = syn_due_ns(c, ctx->rules);
	if (now_ns >= due_ns) {
		conn_write_syn(ctx, c->lport, c->isn, c->ts_base,
			c->nb_syns ? c->first_syn_ns : now_ns, now_ns,
			c->syn_is_plain ? 0 : c->syn_data_len, out, options);
		return CONN_SEND;
	}
	*wake_ns = due_ns == CONN_NEVER ? c->last_syn_ns + CONN_SYN_GIVE_UP_NS : due_ns;
	return CONN_WAIT;
}

bool conn_is_finished(const struct conn *c, const struct conn_rules *rules) {
	if (c->state != CONN_OVER || c->rst_due)
		return false;
	bool is_silent = c->synack_ns == 0 || c->reset;
	return is_silent || (!c->ack_due && fin_due_ns(c, rules) == CONN_NEVER);
}

// When our first ACK may leave: at once, unless it is held back.
static uint64_t ack_from_ns(const struct conn *c) {
	bool is_held = c->ack_ns == 0 && c->acked_len == c->payload_len;
	return is_held ? c->synack_ns + c->hold_ack_ns : 0;
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
	if (now_ns < ack_from_ns(c)) {
		*wake_ns = ack_from_ns(c);
		return CONN_WAIT;
	}

	if (c->state == CONN_OPEN) {
		uint64_t due_ns = data_due_ns(c, ctx->rules);
		uint64_t ack_due_ns = ack_again_due_ns(c, ctx->rules);
		if (now_ns >= due_ns || now_ns >= ack_due_ns || c->ack_due) {
			write_ack(c, ctx, now_ns, now_ns >= due_ns, 0, out, options);
			return CONN_SEND;
		}
		*wake_ns = earlier(earlier(due_ns, ack_due_ns), c->ack_ns + ctx->rules->wait_ns);
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
