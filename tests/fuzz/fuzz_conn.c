// libFuzzer target: the octets drive a conversation. The first choose the connection; every further
// one is a step: time passes, a segment arrives whose numbers lie near the connection's, the layer
// above is content, what is due leaves, or doesn't. See conn.h for what must hold.
#include "lib/tcpstack/bytes.h"
#include "lib/tcpstack/conn.h"
#include "lib/tcpstack/seq.h"

#include <stdlib.h>

#define REQUIRE(truth) ((truth) ? (void)0 : abort())

#define PAYLOAD_OCTETS 64
#define PEER_DATA_OCTETS 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *pos, *end;
};

struct world {
	struct input in;
	struct conn conn;
	struct conn lazy; // the same conversation, but nobody ever asks it to settle
	struct conn_rules rules;
	struct conn_context ctx;
	uint64_t now_ns;
	uint32_t syn_tsvals[CONN_MAX_TRIES];
	uint32_t last_tsval;
	uint32_t delivered;
	unsigned int nb_received, nb_bare, nb_rsts;
};

static uint8_t take(struct input *in) {
	return in->pos < in->end ? *in->pos++ : 0;
}

static uint16_t take16(struct input *in) {
	uint8_t high = take(in);
	return (uint16_t)(high << 8 | take(in));
}

// Numbers that wrap soon, and others.
static uint32_t initial_number(uint8_t choice) {
	static const uint32_t bases[] = {0, UINT32_MAX - 40, 0x7fffffe0, 1000000};
	return bases[choice % 4] + choice / 4;
}

static void begin(struct world *w) {
	uint8_t flags = take(&w->in);
	uint16_t payload_len = (uint16_t)(1 + take(&w->in) % PAYLOAD_OCTETS);
	w->rules = (struct conn_rules){
		.syn_tries = (uint8_t)(1 + (flags & 7)),
		.data_tries = (uint8_t)(1 + (flags >> 3 & 7)),
		.answer_wanted = flags & 0x40,
		.wait_ns = flags & 0x40 ? 5 * NSEC_PER_SEC : NSEC_PER_SEC / 2,
		.mss4 = 1460,
		.mss6 = 1440,
	};
	uint32_t isn = initial_number(take(&w->in));
	uint32_t ts_base = initial_number(take(&w->in));
	conn_start(&w->conn, 40000, isn, ts_base, payload_len, flags & 0x80 ? payload_len : 0);
	w->lazy = w->conn;
}

// ---- what must hold at any time

static void require_order(const struct conn *before, const struct conn *c) {
	REQUIRE(c->state >= before->state);
	REQUIRE(before->end == CONN_END_NONE || c->end == before->end);
	REQUIRE(before->close_ns == 0 || c->close_ns == before->close_ns);
	REQUIRE(before->end_ns == 0 || c->end_ns == before->end_ns);
	REQUIRE(before->synack_ns == 0 || c->synack_ns == before->synack_ns);
	REQUIRE(before->synack_ns == 0 || c->ack_offset == before->ack_offset);
	REQUIRE(c->acked_len >= before->acked_len);
	REQUIRE(c->fin_acked >= before->fin_acked && c->fin_received >= before->fin_received);
}

static void require_sense(const struct world *w) {
	const struct conn *c = &w->conn;
	REQUIRE(c->acked_len <= c->payload_len);
	REQUIRE(c->ack_offset <= c->syn_data_len);
	REQUIRE(c->nb_syns <= w->rules.syn_tries);
	REQUIRE(c->nb_fins <= w->rules.data_tries);
	REQUIRE(c->nb_data <= w->rules.data_tries + c->nb_fins);
	if (c->state == CONN_SYN_SENT)
		REQUIRE(c->synack_ns == 0);
	if (c->state == CONN_OPEN || c->state == CONN_CLOSING)
		REQUIRE(c->synack_ns != 0);
	REQUIRE((c->state >= CONN_CLOSING) == (c->end != CONN_END_NONE));
	REQUIRE((c->state >= CONN_CLOSING) == (c->close_ns != 0));
	REQUIRE((c->state == CONN_OVER) == (c->end_ns != 0));
	REQUIRE(c->end_ns <= w->now_ns && c->close_ns <= w->now_ns);
	if (c->synack_ns != 0)
		REQUIRE(c->rcv_nxt == c->irs + 1 + w->delivered + c->fin_received);
	REQUIRE(!c->rst_due || c->synack_ns == 0);
	// never more frames than came, but for those that are counted
	REQUIRE(w->nb_bare <= w->nb_received && w->nb_rsts <= w->nb_received);
}

// Deadlines hold by stamps: whether anybody asked in between makes no difference.
static void require_same_when_asked_late(struct world *w) {
	struct conn lazy = w->lazy;
	conn_settle(&lazy, &w->rules, w->now_ns);
	const struct conn *c = &w->conn;
	REQUIRE(lazy.state == c->state && lazy.end == c->end);
	REQUIRE(lazy.close_ns == c->close_ns && lazy.end_ns == c->end_ns);
	REQUIRE(lazy.acked_len == c->acked_len && lazy.rcv_nxt == c->rcv_nxt);
	REQUIRE(lazy.ack_due == c->ack_due && lazy.rst_due == c->rst_due);
}

// ---- what we send

static void require_good_syn(struct world *w, const struct segment *seg, uint32_t tsval) {
	REQUIRE(w->conn.state == CONN_SYN_SENT && w->conn.nb_syns < w->rules.syn_tries);
	REQUIRE(seg->flags == TCP_SYN && seg->seq == w->conn.isn && seg->ack == 0);
	REQUIRE(seg->data_len == w->conn.syn_data_len);
	w->syn_tsvals[w->conn.nb_syns] = tsval;
}

static void require_good_ack(
	struct world *w, const struct segment *seg, const struct segment_options *options) {
	const struct conn *c = &w->conn;
	REQUIRE(c->state != CONN_SYN_SENT && c->synack_ns != 0 && !c->reset);
	REQUIRE((seg->flags & (TCP_ACK | TCP_SYN | TCP_RST)) == TCP_ACK);
	REQUIRE(seg->ack == c->rcv_nxt);
	REQUIRE(options->has_timestamps == c->peer_has_timestamps);
	uint32_t from = seg->seq - c->isn - 1;
	REQUIRE(from + seg->data_len <= c->payload_len + (c->nb_fins > 0 ? 1u : 0u));
	if (seg->data_len > 0)
		REQUIRE(from == c->acked_len && seg->data == w->ctx.payload + from);
	if (seg->flags & TCP_FIN)
		REQUIRE(c->state >= CONN_CLOSING && from + seg->data_len == c->payload_len);
	else if (seg->data_len == 0)
		w->nb_bare++;
	for (unsigned int i = 0; options->has_timestamps && i < c->nb_syns; i++)
		REQUIRE(options->tsval != w->syn_tsvals[i]);
}

static void require_good_segment(struct world *w, const struct segment *seg) {
	struct segment_options options;
	segment_options_read(seg, &options);
	REQUIRE(seg->options_len % 4 == 0 && seg->options_len <= TCPOPT_MAX_OCTETS);
	if (options.has_timestamps) {
		REQUIRE(w->last_tsval == 0 || !seq_before(options.tsval, w->last_tsval));
		w->last_tsval = options.tsval;
	}
	if (seg->flags & TCP_RST) {
		REQUIRE(w->conn.synack_ns == 0 && w->conn.end != CONN_END_REFUSED);
		REQUIRE(seg->flags == TCP_RST && seg->data_len == 0);
		w->nb_rsts++;
	} else if (seg->flags & TCP_SYN) {
		require_good_syn(w, seg, options.tsval);
	} else {
		require_good_ack(w, seg, &options);
	}
}

// One segment, if one is due.
static bool send_one(struct world *w) {
	struct segment seg, again;
	uint8_t options[TCPOPT_MAX_OCTETS], options_again[TCPOPT_MAX_OCTETS];
	uint64_t wake_ns = 0;
	if (conn_next(&w->conn, &w->ctx, w->now_ns, &seg, options, &wake_ns) == CONN_WAIT) {
		REQUIRE(wake_ns > w->now_ns);
		return false;
	}
	// what was not sent is offered again
	REQUIRE(conn_next(&w->conn, &w->ctx, w->now_ns, &again, options_again, &wake_ns) ==
		CONN_SEND);
	REQUIRE(again.seq == seg.seq && again.ack == seg.ack && again.flags == seg.flags);
	require_good_segment(w, &seg);
	conn_observe_sent(&w->conn, &w->rules, w->now_ns, &seg);
	conn_observe_sent(&w->lazy, &w->rules, w->now_ns, &seg);
	return true;
}

static void send_all(struct world *w) {
	// all tries of one kind, if nobody asked for long; an ACK or RST; a FIN behind them
	unsigned int limit = 2 * CONN_MAX_TRIES + 2;
	while (send_one(w))
		REQUIRE(limit-- > 0);
}

// ---- what comes

static void receive(struct world *w) {
	static const uint8_t octets[PEER_DATA_OCTETS];
	static const uint8_t flags_of[] = {TCP_SYN | TCP_ACK, TCP_ACK, TCP_PSH | TCP_ACK,
		TCP_FIN | TCP_ACK, TCP_RST, TCP_RST | TCP_ACK, TCP_SYN, 0};
	uint8_t form = take(&w->in), lens = take(&w->in);
	int8_t seq_off = (int8_t)take(&w->in), ack_off = (int8_t)take(&w->in);
	uint8_t options[CONN_TIMESTAMPS_OCTETS] = {1, 1, 8, 10};
	put_be32(options + 4, w->conn.ts_recent + (uint32_t)(int8_t)take(&w->in));
	put_be32(options + 8, w->conn.ts_base + take16(&w->in));
	uint8_t flags = flags_of[form & 7];
	struct segment seg = {
		.seq = (w->conn.synack_ns ? w->conn.rcv_nxt : 7000) + (uint32_t)seq_off,
		.ack = w->conn.isn + 1 + (form & 8 ? w->conn.payload_len : 0) + (uint32_t)ack_off,
		.window = form & 0x10 ? 0 : 64,
		.flags = flags ? flags : take(&w->in),
		.ttl = 60,
		.options = options,
		.options_len = form & 0x20 ? 0 : sizeof(options),
		.data = octets,
		.data_len = lens % PEER_DATA_OCTETS,
	};
	if (form & 0x40) // anywhere
		seg.seq ^= (uint32_t)take(&w->in) << 24;
	if (form & 0x80)
		seg.ack ^= (uint32_t)take(&w->in) << 24;

	struct conn_seen seen = conn_observe_received(&w->conn, &w->rules, w->now_ns, &seg);
	struct conn_seen lazy = conn_observe_received(&w->lazy, &w->rules, w->now_ns, &seg);
	REQUIRE(seen.events == lazy.events && seen.data_len == lazy.data_len);
	REQUIRE((seen.data_len > 0) == ((seen.events & CONN_EV_DATA) != 0));
	if (seen.data_len > 0)
		REQUIRE(seen.data >= octets && seen.data + seen.data_len == octets + seg.data_len);
	w->delivered += seen.data_len;
	w->nb_received++;
}

// ---- the conversation

static void pass_time(struct world *w) {
	static const uint64_t steps_ns[] = {1, NSEC_PER_USEC, NSEC_PER_MSEC, 10 * NSEC_PER_MSEC,
		100 * NSEC_PER_MSEC, NSEC_PER_SEC / 2, NSEC_PER_SEC, 60 * NSEC_PER_SEC};
	uint8_t choice = take(&w->in);
	w->now_ns += steps_ns[choice & 7] * (1 + (choice >> 3));
	conn_settle(&w->conn, &w->rules, w->now_ns);
}

static void step(struct world *w) {
	switch (take(&w->in) % 8) {
	case 0:
		send_one(w);
		break;
	case 1:
	case 2:
		send_all(w);
		break;
	case 3:
	case 4:
		pass_time(w);
		break;
	case 5:
		conn_succeed(&w->conn, w->now_ns);
		conn_settle(&w->lazy, &w->rules, w->now_ns);
		conn_succeed(&w->lazy, w->now_ns);
		break;
	case 6:
		conn_stall(&w->conn, w->now_ns);
		conn_settle(&w->lazy, &w->rules, w->now_ns);
		conn_stall(&w->lazy, w->now_ns);
		break;
	default:
		receive(w);
	}
}

// Left alone, every connection comes to its end, within a time that the rules give.
static void require_end(struct world *w) {
	uint64_t limit_ns = w->now_ns + 60 * NSEC_PER_SEC;
	for (;;) {
		struct segment seg;
		uint8_t options[TCPOPT_MAX_OCTETS];
		uint64_t wake_ns;
		send_all(w);
		REQUIRE(conn_next(&w->conn, &w->ctx, w->now_ns, &seg, options, &wake_ns) ==
			CONN_WAIT);
		if (wake_ns == CONN_NEVER)
			break;
		REQUIRE(wake_ns <= limit_ns);
		w->now_ns = wake_ns;
		conn_settle(&w->conn, &w->rules, wake_ns);
		require_sense(w);
	}
	REQUIRE(w->conn.state == CONN_OVER);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	static const uint8_t payload[PAYLOAD_OCTETS];
	static const struct ip_addr laddr = {{[10] = 0xff, [11] = 0xff, 192, 0, 2, 1}};
	static const struct ip_addr raddr = {{[10] = 0xff, [11] = 0xff, 192, 0, 2, 2}};
	struct world w = {
		.in = {.pos = data, .end = data + size},
		.now_ns = UINT64_C(1795444537274986000),
		.ctx = {.laddr = &laddr, .raddr = &raddr, .rport = 53, .payload = payload},
	};
	w.ctx.rules = &w.rules;
	begin(&w);
	while (w.in.pos < w.in.end) {
		struct conn before = w.conn;
		step(&w);
		require_order(&before, &w.conn);
		require_sense(&w);
		require_same_when_asked_late(&w);
	}
	require_end(&w);
	return 0;
}
