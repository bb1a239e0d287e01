#include "tests/conversation/responder.h"

#include "lib/tcpstack/bytes.h"

#include <assert.h>

#define SYNACK_RTO_NS NSEC_PER_SEC
#define DATA_RTO_NS (300 * NSEC_PER_MSEC)
#define MAX_TIMEOUTS 5
#define WINDOW 65160

void responder_init(struct responder *r, const struct behaviour *b, const struct ip_addr *addr,
	const struct ip_addr *scanner, uint16_t port) {
	*r = (struct responder){
		.behaviour = b,
		.addr = *addr,
		.scanner = *scanner,
		.port = port,
		.speaks_dns = true,
		.first_iss = 0x1000,
		.ts_base = 0x77000000,
		.cookie = {0xc0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
	};
}

struct server_conn *responder_conn(struct responder *r, uint16_t sport) {
	for (unsigned int i = 0; i < RESPONDER_MAX_CONNS; i++) {
		if (r->conns[i].is_used && r->conns[i].sport == sport)
			return &r->conns[i];
	}
	return NULL;
}

bool responder_seen_port(struct responder *r, uint16_t port) {
	for (unsigned int i = 0; i < r->nb_seen_ports; i++) {
		if (r->seen_ports[i] == port)
			return true;
	}
	assert(r->nb_seen_ports < RESPONDER_MAX_CONNS);
	r->seen_ports[r->nb_seen_ports++] = port;
	return false;
}

// ---- one connection

static uint8_t write_timestamps(const struct responder *r, uint32_t tsecr, uint8_t *p) {
	p[0] = p[1] = TCPOPT_KIND_NOP;
	p[2] = TCPOPT_KIND_TIMESTAMPS;
	p[3] = 10;
	put_be32(p + 4, r->ts_base + (uint32_t)(r->now_ns / NSEC_PER_MSEC));
	put_be32(p + 8, tsecr);
	return 12;
}

static void send_on(struct responder *r, struct server_conn *c, uint64_t delay_ns, uint8_t flags,
	uint32_t seq, const uint8_t *data, size_t len) {
	uint8_t options[TCPOPT_MAX_OCTETS];
	struct segment seg = {
		.seq = seq,
		.ack = c->rcv_nxt,
		.flags = (uint8_t)(TCP_ACK | flags),
		.window = WINDOW >> 7,
		.options = options,
		.data = data,
		.data_len = (uint16_t)len,
	};
	if (c->has_timestamps)
		seg.options_len = write_timestamps(r, c->ts_recent, options);
	responder_emit(r, delay_ns, c->sport, &seg);
}

static void send_synack(
	struct responder *r, struct server_conn *c, uint32_t ack_offset, size_t data_len) {
	uint8_t options[TCPOPT_MAX_OCTETS];
	memcpy(options, c->syn_options, c->syn_options_len);
	struct segment seg = {
		.seq = c->iss,
		.ack = c->irs + 1 + ack_offset,
		.flags = TCP_SYN | TCP_ACK,
		.window = r->behaviour->has_zero_window ? 0 : WINDOW,
		.options = options,
		.options_len = c->syn_options_len,
		.data = c->out,
		.data_len = (uint16_t)data_len,
	};
	responder_emit(r, r->synack_delay_ns, c->sport, &seg);
	if (!c->is_established)
		c->timer_ns = r->now_ns + (SYNACK_RTO_NS << c->nb_timeouts);
}

static void send_ack(struct responder *r, struct server_conn *c) {
	send_on(r, c, r->behaviour->ack_delay_ns, 0, c->snd_nxt, NULL, 0);
}

void responder_put(struct server_conn *c, const uint8_t *octets, size_t len) {
	assert(c->out_len + len <= sizeof(c->out));
	memcpy(c->out + c->out_len, octets, len);
	c->out_len = (uint16_t)(c->out_len + len);
}

// Send from a number on whatever there is, FIN included.
static void send_from(struct responder *r, struct server_conn *c, uint32_t seq) {
	uint32_t from = seq - c->iss - 1;
	if (from > (uint32_t)c->out_len || (from == c->out_len && !c->out_fin))
		return;
	uint8_t flags = (uint8_t)((from < c->out_len ? TCP_PSH : 0) | (c->out_fin ? TCP_FIN : 0));
	send_on(r, c, 0, flags, seq, c->out + from, c->out_len - from);
	c->snd_nxt = c->iss + 1 + c->out_len + c->out_fin;
	if (c->timer_ns == CONN_NEVER)
		c->timer_ns = r->now_ns + (DATA_RTO_NS << c->nb_timeouts);
}

void responder_push(struct responder *r, struct server_conn *c) {
	send_from(r, c, c->snd_nxt);
}

void responder_reset(struct responder *r, struct server_conn *c) {
	struct segment seg = {.seq = c->snd_nxt, .flags = TCP_RST};
	responder_emit(r, 0, c->sport, &seg);
	c->is_used = false;
}

// ---- the application

// A question with one address behind it.
static void put_dns_answer(struct server_conn *c) {
	static const uint8_t record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 53};
	uint8_t message[RESPONDER_STREAM_OCTETS];
	size_t len = get_be16(c->in) + 2u;
	memcpy(message, c->in, len);
	message[4] |= 0x80;
	message[9] = 1;
	memcpy(message + len, record, sizeof(record));
	len += sizeof(record);
	put_be16(message, (uint16_t)(len - 2));
	responder_put(c, message, len);
}

static void put_http_answer(struct server_conn *c) {
	static const char page[] = "HTTP/1.0 200 OK\r\n\r\n";
	responder_put(c, (const uint8_t *)page, sizeof(page) - 1);
	c->out_fin = true;
}

void responder_answer(struct responder *r, struct server_conn *c) {
	if (r->speaks_dns)
		put_dns_answer(c);
	else
		put_http_answer(c);
	responder_push(r, c);
}

static void answer(struct responder *r, struct server_conn *c) {
	c->answer_ns = CONN_NEVER;
	if (r->behaviour->app)
		r->behaviour->app(r, c);
	else
		responder_answer(r, c);
}

static bool has_question(const struct responder *r, const struct server_conn *c) {
	if (r->speaks_dns)
		return c->in_len >= 2 && c->in_len >= 2u + get_be16(c->in);
	return c->in_len >= 4 && memcmp(c->in + c->in_len - 4, "\r\n\r\n", 4) == 0;
}

static void take_octets(
	struct responder *r, struct server_conn *c, const uint8_t *octets, size_t len) {
	assert(c->in_len + len <= sizeof(c->in));
	memcpy(c->in + c->in_len, octets, len);
	c->in_len = (uint16_t)(c->in_len + len);
	c->rcv_nxt += (uint32_t)len;
	if (len == 0 || !has_question(r, c))
		return;
	c->nb_questions++;
	if (r->answer_delay_ns > 0)
		c->answer_ns = r->now_ns + r->answer_delay_ns;
	else
		answer(r, c);
}

// ---- the SYN

unsigned int responder_option(const struct segment *seg, const uint8_t **cookie, uint8_t *len) {
	struct tcpopt_iter it = tcpopt_begin(seg->options, seg->options_len);
	struct tcpopt opt;
	while (tcpopt_next(&it, &opt) == TCPOPT_FOUND) {
		if (opt.kind != 34)
			continue;
		*cookie = opt.value;
		*len = opt.len_octets;
		return opt.kind;
	}
	return 0;
}

void responder_set_option(
	struct syn_reply *reply, uint8_t kind, const uint8_t *cookie, uint8_t cookie_octets) {
	uint8_t *p = reply->option + reply->option_len;
	p[0] = kind;
	p[1] = (uint8_t)(2 + cookie_octets);
	if (cookie_octets > 0)
		memcpy(p + 2, cookie, cookie_octets);
	reply->option_len = (uint8_t)(reply->option_len + 2 + cookie_octets);
}

static void reply_as_linux(
	const struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	const uint8_t *cookie;
	uint8_t len, octets = r->behaviour->cookie_octets;
	if (octets == 0 || responder_option(syn, &cookie, &len) == 0)
		return;
	if (len == octets && memcmp(cookie, r->cookie, len) == 0) {
		reply->ack_offset = reply->taken = syn->data_len;
		return;
	}
	responder_set_option(reply, 34, r->cookie, octets);
}

static void write_syn_options(struct responder *r, struct server_conn *c,
	const struct segment_options *theirs, const struct syn_reply *reply) {
	static const uint8_t mss_and_scale[] = {2, 4, 0x05, 0xb4, 1, 3, 3, 7};
	uint8_t *p = c->syn_options;
	if (!reply->is_only_option) {
		memcpy(p, mss_and_scale, sizeof(mss_and_scale));
		p += sizeof(mss_and_scale);
		c->has_timestamps = theirs->has_timestamps && !r->without_timestamps;
		if (c->has_timestamps)
			p += write_timestamps(r, c->ts_recent, p);
	}
	memcpy(p, reply->option, reply->option_len);
	p += reply->option_len;
	while ((p - c->syn_options) % 4 != 0)
		*p++ = TCPOPT_KIND_NOP;
	c->syn_options_len = (uint8_t)(p - c->syn_options);
}

static void accept_syn(
	struct responder *r, const struct segment *syn, const struct syn_reply *reply) {
	struct server_conn *c = &r->conns[r->nb_conns++ % RESPONDER_MAX_CONNS];
	struct segment_options theirs;
	segment_options_read(syn, &theirs);
	uint32_t iss = r->first_iss + r->nb_conns * 0x10000;
	if (r->first_iss > UINT32_MAX - 256)
		iss = r->first_iss; // near the end of the number space, in every connection
	*c = (struct server_conn){
		.is_used = true,
		.is_fast = reply->taken > 0,
		.sport = syn->sport,
		.irs = syn->seq,
		.rcv_nxt = syn->seq + 1,
		.iss = iss,
		.snd_una = iss + 1,
		.snd_nxt = iss + 1,
		.ts_recent = theirs.tsval,
		.ack_offset = reply->ack_offset,
		.timer_ns = CONN_NEVER,
		.answer_ns = CONN_NEVER,
	};
	write_syn_options(r, c, &theirs, reply);
	if (reply->has_answer) {
		// the SYN-ACK takes the place of the segment that the application's push made
		unsigned int nb_replies = r->nb_replies;
		take_octets(r, c, syn->data, reply->taken);
		r->nb_replies = nb_replies;
		send_synack(r, c, reply->ack_offset, c->out_len);
		return;
	}
	send_synack(r, c, reply->ack_offset, 0);
	if (reply->says_more)
		send_synack(r, c, syn->data_len, 0);
	take_octets(r, c, syn->data, reply->taken);
}

static void challenge(struct responder *r, const struct segment *syn) {
	if (r->dead_port != syn->sport) {
		r->dead_port = syn->sport;
		r->dead_seq = 0xfffffff0;
		r->dead_ack = syn->seq - 0x12345;
	}
	r->nb_challenges++;
	struct segment seg = {
		.seq = r->dead_seq, .ack = r->dead_ack, .flags = TCP_ACK, .window = WINDOW};
	responder_emit(r, 0, syn->sport, &seg);
}

static void receive_syn(struct responder *r, const struct segment *syn) {
	r->nb_syns++;
	struct server_conn *c = responder_conn(r, syn->sport);
	struct syn_reply reply = {0};
	reply_as_linux(r, syn, &reply);
	if (r->behaviour->syn)
		r->behaviour->syn(r, syn, &reply);
	if (c != NULL && reply.kind == SYN_ACCEPTED) {
		if (!c->is_established)
			send_synack(r, c, c->ack_offset, 0);
		else
			send_ack(r, c);
		return;
	}
	struct segment rst = {.ack = syn->seq + 1 + syn->data_len, .flags = TCP_RST | TCP_ACK};
	switch (reply.kind) {
	case SYN_ACCEPTED:
		accept_syn(r, syn, &reply);
		break;
	case SYN_RESET:
		responder_emit(r, 0, syn->sport, &rst);
		break;
	case SYN_UNREACHABLE:
		responder_emit_icmp(r, 0);
		break;
	case SYN_CHALLENGED:
		challenge(r, syn);
		break;
	case SYN_IGNORED:
		break;
	}
}

// ---- everything else

static void establish(struct responder *r, struct server_conn *c) {
	c->is_established = true;
	c->timer_ns = CONN_NEVER;
	c->nb_timeouts = 0;
	if (c->snd_nxt != c->snd_una)
		c->timer_ns = r->now_ns + DATA_RTO_NS;
	if (r->behaviour->has_zero_window)
		send_on(r, c, 5 * NSEC_PER_MSEC, 0, c->snd_nxt, NULL, 0);
	if (r->behaviour->established)
		r->behaviour->established(r, c);
}

static void take_ack(struct server_conn *c, const struct segment *seg) {
	uint32_t acked = seg->ack - c->snd_una;
	if (acked == 0 || acked > c->snd_nxt - c->snd_una)
		return;
	c->snd_una = seg->ack;
	c->nb_timeouts = 0;
	c->timer_ns = CONN_NEVER;
}

static void receive_rst(struct responder *r, const struct segment *seg, struct server_conn *c) {
	if (seg->sport == r->dead_port && seg->seq == r->dead_ack) {
		r->dead_port = 0;
		r->nb_dead_reset++;
	}
	// over SYN data that the SYN-ACK overdid, any number in the window will do
	if (c != NULL && seg->seq - c->rcv_nxt <= WINDOW) {
		r->nb_fast_resets += c->is_fast && !c->is_established;
		c->is_used = false;
	}
}

static void receive_on(struct responder *r, struct server_conn *c, const struct segment *seg) {
	if (!(seg->flags & TCP_ACK) || seg->ack - c->iss - 1 > c->snd_nxt - c->iss - 1)
		return;
	if (!c->is_established)
		establish(r, c);
	if (!c->is_used)
		return;
	struct segment_options theirs;
	segment_options_read(seg, &theirs);
	take_ack(c, seg);
	bool is_newer = (int32_t)(theirs.tsval - c->ts_recent) >= 0;
	if (theirs.has_timestamps && is_newer && seg->seq - c->rcv_nxt - 1 > WINDOW)
		c->ts_recent = theirs.tsval;
	if (segment_seq_len(seg) == 0) {
		if (c->fin_received && c->out_fin && c->snd_una == c->snd_nxt)
			c->is_used = false;
		return;
	}
	uint32_t known = c->rcv_nxt - seg->seq;
	if (known <= seg->data_len && !c->fin_received) {
		bool is_new = known < seg->data_len;
		bool has_fin = (seg->flags & TCP_FIN) != 0;
		if (!has_fin || is_new)
			send_ack(r, c);
		take_octets(r, c, seg->data + known, seg->data_len - known);
		if (!has_fin)
			return;
		c->rcv_nxt++;
		c->fin_received = true;
		c->out_fin = true;
		send_ack(r, c);
		responder_push(r, c);
		return;
	}
	send_ack(r, c);
}

void responder_receive(struct responder *r, uint64_t now_ns, const uint8_t *octets, size_t len) {
	struct frame frame;
	uint8_t options[TCPOPT_MAX_OCTETS];
	r->now_ns = now_ns;
	r->request = octets;
	r->request_len = len;
	enum frame_kind kind = frame_parse(octets, len, FRAME_TRUST_NOTHING, &frame);
	assert(kind == FRAME_TCP);
	(void)kind;
	struct segment *seg = &frame.seg;
	memcpy(options, seg->options, seg->options_len);
	seg->options = options;
	if (r->behaviour->request_passes && !r->behaviour->request_passes(r, seg, options))
		return;
	struct server_conn *c = responder_conn(r, seg->sport);
	if (seg->flags & TCP_RST) {
		receive_rst(r, seg, c);
	} else if (seg->flags & TCP_SYN) {
		receive_syn(r, seg);
	} else if (c != NULL) {
		receive_on(r, c, seg);
	} else if (!r->is_dead) {
		struct segment rst = {.seq = seg->ack, .flags = TCP_RST};
		responder_emit(r, 0, seg->sport, &rst);
	}
}

// ---- time

uint64_t responder_wake_ns(const struct responder *r) {
	uint64_t wake_ns = CONN_NEVER;
	for (unsigned int i = 0; i < RESPONDER_MAX_CONNS; i++) {
		const struct server_conn *c = &r->conns[i];
		if (c->is_used && c->timer_ns < wake_ns)
			wake_ns = c->timer_ns;
		if (c->is_used && c->answer_ns < wake_ns)
			wake_ns = c->answer_ns;
	}
	return wake_ns;
}

static void time_out(struct responder *r, struct server_conn *c) {
	c->timer_ns = CONN_NEVER;
	if (++c->nb_timeouts > MAX_TIMEOUTS) {
		r->nb_fast_timeouts += c->is_fast && !c->is_established;
		c->is_used = false;
		return;
	}
	if (c->is_established)
		send_from(r, c, c->snd_una);
	else
		send_synack(r, c, c->ack_offset, 0);
}

void responder_tick(struct responder *r, uint64_t now_ns) {
	r->now_ns = now_ns;
	for (unsigned int i = 0; i < RESPONDER_MAX_CONNS; i++) {
		struct server_conn *c = &r->conns[i];
		if (c->is_used && c->answer_ns <= now_ns)
			answer(r, c);
		if (c->is_used && c->timer_ns <= now_ns)
			time_out(r, c);
	}
}
