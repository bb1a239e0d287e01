#include "tests/conversation/behaviour_words.h"

static bool is_syn(const struct segment *seg) {
	return (seg->flags & TCP_SYN) != 0;
}

static void write_nops(struct segment *seg, uint8_t *options, uint8_t kind) {
	for (unsigned int i = 0; i + 1u < seg->options_len;) {
		if (options[i] == TCPOPT_KIND_EOL)
			return;
		if (options[i] == TCPOPT_KIND_NOP) {
			i++;
			continue;
		}
		unsigned int octets = options[i + 1];
		if (options[i] == kind)
			memset(options + i, TCPOPT_KIND_NOP, octets);
		i += octets;
	}
}

static void syn_ignore_option(
	struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	(void)r;
	if (has_option(syn))
		reply->kind = SYN_IGNORED;
}

static void syn_ignore_data(
	struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	(void)r;
	if (syn->data_len > 0)
		reply->kind = SYN_IGNORED;
}

static void syn_ignore_both(
	struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	(void)r;
	if (syn->data_len > 0 && has_option(syn))
		reply->kind = SYN_IGNORED;
}

static void syn_reset_option(
	struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	(void)r;
	if (has_option(syn))
		reply->kind = SYN_RESET;
}

static void syn_reset_data(
	struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	(void)r;
	if (syn->data_len > 0)
		reply->kind = SYN_RESET;
}

static void syn_unreachable_option(
	struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	(void)r;
	if (has_option(syn))
		reply->kind = SYN_UNREACHABLE;
}

static void syn_unreachable_once(
	struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	if (!responder_seen_port(r, syn->sport))
		reply->kind = SYN_UNREACHABLE;
}

static void syn_dead(struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	(void)syn;
	r->is_dead = true;
	reply->kind = SYN_IGNORED;
}

static void syn_closed(struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	(void)r;
	(void)syn;
	reply->kind = SYN_RESET;
}

// Up from the first SYN with an option on.
static void syn_late_riser(
	struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	if (r->nb_conns == 0 && !has_option(syn))
		reply->kind = SYN_IGNORED;
}

// A page for every SYN with data, from a box that lets nothing else through.
static void syn_inject(struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	static const uint8_t page[] = "HTTP/1.1 403 Forbidden\r\n\r\n";
	if (syn->data_len == 0)
		return;
	reply->kind = SYN_IGNORED;
	struct segment seg = {
		.seq = 0x11111111,
		.ack = syn->seq + 1 + syn->data_len,
		.flags = TCP_PSH | TCP_ACK,
		.window = 1000,
		.data = page,
		.data_len = sizeof(page) - 1,
	};
	responder_emit(r, 0, syn->sport, &seg);
}

// Somebody who sees no SYN of ours, and guesses: every number is wrong by a little.
static void spoof(struct responder *r, const struct segment *syn) {
	const struct segment guesses[] = {
		{.ack = syn->seq, .flags = TCP_SYN | TCP_ACK, .window = 1},
		{.ack = syn->seq - 0x10000, .flags = TCP_SYN | TCP_ACK, .window = 1},
		{.ack = syn->seq + 0x20000, .flags = TCP_SYN | TCP_ACK, .window = 1},
		{.ack = syn->seq, .flags = TCP_RST | TCP_ACK},
		{.ack = syn->seq + 2 + syn->data_len, .flags = TCP_RST | TCP_ACK},
		{.seq = syn->seq + 1, .flags = TCP_RST},
		{.ack = syn->seq + 1, .flags = TCP_RST}, // a right number without the flag for it
		{.flags = TCP_SYN, .window = 1},
		{.flags = 0},
	};
	for (unsigned int i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++) {
		struct segment seg = guesses[i];
		responder_emit(r, 0, syn->sport, &seg);
	}
	responder_emit_icmp(r, 1);
	responder_emit_icmp(r, 0x80000000);
}

static void syn_spoofed(struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	(void)reply;
	spoof(r, syn);
}

static void syn_dead_spoofed(
	struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	spoof(r, syn);
	syn_dead(r, syn, reply);
}

// RSTs and data around the connection, off by one or far away.
static void spoof_open(struct responder *r, struct server_conn *c) {
	struct segment rst = {.seq = c->snd_nxt + 1, .flags = TCP_RST};
	struct segment old_rst = {.seq = c->iss, .flags = TCP_RST};
	struct segment data = {.seq = c->snd_nxt,
		.ack = c->rcv_nxt + 0x10000,
		.flags = TCP_ACK,
		.data = c->in,
		.data_len = 20};
	responder_emit(r, 0, c->sport, &rst);
	responder_emit(r, 0, c->sport, &old_rst);
	responder_emit(r, 0, c->sport, &data);
}

static bool request_strip(struct responder *r, struct segment *seg, uint8_t *options) {
	(void)r;
	if (is_syn(seg))
		write_nops(seg, options, 34);
	return true;
}

static bool reply_strip(struct responder *r, struct segment *seg, uint8_t *options) {
	(void)r;
	if (is_syn(seg))
		write_nops(seg, options, 34);
	return true;
}

static bool reply_without_acked_data(struct responder *r, struct segment *seg, uint8_t *options) {
	struct server_conn *c = responder_conn(r, seg->dport);
	(void)options;
	return !is_syn(seg) || !c || seg->ack == c->irs + 1;
}

// The whole connection is lost with its SYN-ACK.
static bool request_flow_blocked(struct responder *r, struct segment *seg, uint8_t *options) {
	struct server_conn *c = responder_conn(r, seg->sport);
	(void)options;
	return is_syn(seg) || !c || c->ack_offset == 0;
}

static bool reply_flow_blocked(struct responder *r, struct segment *seg, uint8_t *options) {
	struct server_conn *c = responder_conn(r, seg->dport);
	return reply_without_acked_data(r, seg, options) && (!c || c->ack_offset == 0);
}

static bool reply_loses_synack_once(struct responder *r, struct segment *seg, uint8_t *options) {
	struct server_conn *c = responder_conn(r, seg->dport);
	(void)options;
	if (!c || c->ack_offset == 0 || !is_syn(seg))
		return true;
	return responder_seen_port(r, seg->dport);
}

static bool reply_loses_all_once(struct responder *r, struct segment *seg, uint8_t *options) {
	struct server_conn *c = responder_conn(r, seg->dport);
	(void)options;
	if (!c || c->ack_offset == 0 || c->is_established)
		return true;
	return c->nb_timeouts > 0;
}

static bool request_loses_syn_once(struct responder *r, struct segment *seg, uint8_t *options) {
	(void)options;
	return !is_syn(seg) || responder_seen_port(r, seg->sport);
}

static bool request_until_data(struct responder *r, struct segment *seg, uint8_t *options) {
	(void)options;
	if (is_syn(seg) && seg->data_len > 0)
		r->is_dead = true;
	return !r->is_dead;
}

// A proxy answers the SYN, from one hop nearer; the server behind it does the rest.
static bool reply_of_proxy(struct responder *r, struct segment *seg, uint8_t *options) {
	(void)r;
	(void)options;
	if (!is_syn(seg))
		seg->ttl = RESPONDER_TTL - 1;
	return true;
}

// ---- connections that only the server remembers

static void syn_forgotten(struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	bool is_new = !responder_seen_port(r, syn->sport);
	bool is_turn = is_new && r->nb_seen_ports == r->variant + 1u;
	if (is_turn || r->dead_port == syn->sport)
		reply->kind = SYN_CHALLENGED;
}

static void syn_always_forgotten(
	struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	if (!responder_seen_port(r, syn->sport) || r->dead_port == syn->sport)
		reply->kind = SYN_CHALLENGED;
}

const struct behaviour behaviour_forgotten = {0, "a connection we forgot", 8, .syn = syn_forgotten,
	.words = {WORKS, RECEIVED, LENGTH_8, ACKED, EARLY, "tfo.anomaly.challenge_ack"}};
const struct behaviour behaviour_forgotten_always = {0, "connections we forgot", 8,
	.syn = syn_always_forgotten,
	.words = {WORKS, RECEIVED, LENGTH_8, ACKED, EARLY, "tfo.anomaly.challenge_ack"}};

const struct behaviour behaviours_path[] = {
	{10, "drops the option", 8, .syn = syn_ignore_option, .words = {BROKEN, TIMEOUT}},
	{11, "drops data", 8, .syn = syn_ignore_data,
		.words = {BROKEN, RECEIVED, LENGTH_8, FAILED, TIMEOUT, ONLY_DATA}},
	{12, "drops option with data", 8, .syn = syn_ignore_both,
		.words = {BROKEN, RECEIVED, LENGTH_8, FAILED, TIMEOUT, ONLY_DATA}},
	{13, "RST to the option", 8, .syn = syn_reset_option, .words = {BROKEN, "tfo.failure.rst"}},
	{14, "RST to data", 8, .syn = syn_reset_data,
		.words = {BROKEN, RECEIVED, LENGTH_8, FAILED, "tfo.failure.rst", ONLY_DATA}},
	{19, "SYN-ACK lost if it acknowledges data", 8, .request_passes = request_flow_blocked,
		.reply_passes = reply_flow_blocked,
		.words = {BROKEN, RECEIVED, LENGTH_8, FAILED, TIMEOUT, ONLY_DATA}},
	{20, "option taken out on the way there", 8, .request_passes = request_strip,
		.words = {WORKS, NOT_RECEIVED}},
	{21, "option taken out on the way back", 8, .reply_passes = reply_strip,
		.words = {WORKS, NOT_RECEIVED}},
	{27, "each first SYN lost", 8, .request_passes = request_loses_syn_once,
		.words = {WORKS, RECEIVED, LENGTH_8, ACKED, EARLY}},
	{28, "SYN-ACK lost once", 8, .reply_passes = reply_loses_synack_once,
		.words = {WORKS, RECEIVED, LENGTH_8, ACKED, EARLY}},
	{28, "SYN-ACK lost once, and what followed it", 8, .reply_passes = reply_loses_all_once,
		.words = {WORKS, RECEIVED, LENGTH_8, ACKED, "tfo.zerortt.no"},
		.tcp_words = {WORKS, RECEIVED, LENGTH_8, ACKED}}, // over before the answer comes
	{30, "baseline dead, then up", 8, .syn = syn_late_riser,
		.words = {TRANSIENT, RECEIVED, LENGTH_8, ACKED, EARLY}},
	{31, "dead", 0, .syn = syn_dead, .words = {OFFLINE}},
	{32, "closed", 0, .syn = syn_closed, .words = {OFFLINE, "tfo.baseline.closed"}},
	{33, "dies before the data", 8, .request_passes = request_until_data,
		.words = {BROKEN, RECEIVED, LENGTH_8, FAILED, TIMEOUT, ONLY_DATA}},
	{34, "ICMP to the option", 8, .syn = syn_unreachable_option,
		.words = {BROKEN, "tfo.failure.icmp"}},
	{35, "ICMP first", 8, .syn = syn_unreachable_once,
		.words = {WORKS, RECEIVED, LENGTH_8, ACKED, EARLY}},
	{38, "proxy before it", 0, .has_zero_window = true, .reply_passes = reply_of_proxy,
		.words = {WORKS, NOT_RECEIVED}},
	{39, "injects a page", 8, .syn = syn_inject,
		.words = {BROKEN, RECEIVED, LENGTH_8, FAILED, TIMEOUT, ONLY_DATA,
			"tfo.path.injected"}},
	{46, "somebody guesses", 8, .syn = syn_spoofed, .established = spoof_open,
		.words = {WORKS, RECEIVED, LENGTH_8, ACKED, EARLY}},
	{46, "somebody guesses for the dead", 0, .syn = syn_dead_spoofed, .words = {OFFLINE}},
};
const unsigned int nb_behaviours_path = sizeof(behaviours_path) / sizeof(behaviours_path[0]);
