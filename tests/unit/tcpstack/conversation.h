// Conversations between a connection and an invented peer, on invented time, told as tcpdump tells
// them: milliseconds since the first SYN; numbers relative to the initial ones, so that 0 is the
// SYN and 1 the first octet.
//
//	struct talk t = talk_plain();
//	SENDS(&t, SYN, 0, 0, "");
//	AT(&t, 20);
//	RECEIVES(&t, SYNACK, 0, 1, "");
//	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
//	WAITS_UNTIL(&t, 520);
#pragma once

#include "lib/tcpstack/bytes.h"
#include "lib/tcpstack/conn.h"

#include <criterion/criterion.h>
#include <inttypes.h>

#define SYN TCP_SYN
#define ACK TCP_ACK
#define FIN TCP_FIN
#define RST TCP_RST
#define SYNACK (TCP_SYN | TCP_ACK)
#define PSHACK (TCP_PSH | TCP_ACK)
#define FINACK (TCP_FIN | TCP_ACK)
#define FINPSHACK (TCP_FIN | TCP_PSH | TCP_ACK)
#define RSTACK (TCP_RST | TCP_ACK)

#define PAYLOAD "0123456789abcdef"
#define PAYLOAD_LEN 16
#define ANSWER "the answer"
#define ANSWER_LEN 10

#define TALK_START_NS UINT64_C(1795444537274986000) // 2026-11-23
#define TALK_LPORT 40001
#define TALK_RPORT 53
#define TALK_ISN 1000000
#define TALK_IRS 5000000
#define TALK_TS_BASE 700000
#define TALK_PEER_TS_BASE 90000000
#define TALK_WINDOW 64
#define TALK_NEVER UINT64_MAX

static const struct ip_addr talk_laddr = {{[10] = 0xff, [11] = 0xff, 192, 0, 2, 1}};
static const struct ip_addr talk_raddr = {{[10] = 0xff, [11] = 0xff, 192, 0, 2, 2}};

struct talk {
	struct conn conn;
	struct conn_rules rules;
	struct conn_context ctx;
	uint64_t now_ns;
	uint32_t isn, irs;
	struct segment sent; // last offered by conn_next
	uint8_t sent_options[TCPOPT_MAX_OCTETS];
	uint64_t wake_ns;
	struct conn_seen seen; // of what was received last
	// of what the peer sends
	uint16_t window;
	bool peer_has_timestamps;
	uint32_t peer_tsval; // 0: the milliseconds that have passed
	uint32_t peer_tsecr; // 0: the last TSval that we sent
	uint8_t peer_options[CONN_TIMESTAMPS_OCTETS];
};

// ---- beginnings

static inline struct talk talk_of(uint32_t isn, uint16_t syn_data_len) {
	struct talk t = {
		.rules = {.syn_tries = 3,
			.data_tries = 3,
			.answer_wanted = true,
			.wait_ns = 5 * NSEC_PER_SEC,
			.mss4 = 1460,
			.mss6 = 1440},
		.ctx = {.laddr = &talk_laddr,
			.raddr = &talk_raddr,
			.rport = TALK_RPORT,
			.payload = (const uint8_t *)PAYLOAD},
		.now_ns = TALK_START_NS,
		.isn = isn,
		.irs = TALK_IRS,
		.window = TALK_WINDOW,
		.peer_has_timestamps = true,
	};
	conn_start(&t.conn, TALK_LPORT, isn, TALK_TS_BASE, PAYLOAD_LEN, syn_data_len);
	return t;
}

// A connection whose SYN carries no data: B and R.
static inline struct talk talk_plain(void) {
	return talk_of(TALK_ISN, 0);
}

// A connection with its payload in the SYN: D.
static inline struct talk talk_syn_data(void) {
	return talk_of(TALK_ISN, PAYLOAD_LEN);
}

static inline void talk_in_tcp_mode(struct talk *t) {
	t->rules.answer_wanted = false;
	t->rules.wait_ns = 500 * NSEC_PER_MSEC;
}

// ---- time

static inline uint64_t talk_ns(uint64_t ms) {
	return TALK_START_NS + ms * NSEC_PER_MSEC;
}

static inline void talk_at_ns(struct talk *t, uint64_t now_ns) {
	t->now_ns = now_ns;
	conn_settle(&t->conn, &t->rules, now_ns);
}

#define AT(t, ms) talk_at_ns((t), talk_ns(ms))

// ---- what we send

static inline enum conn_step talk_ask(struct talk *t) {
	t->ctx.rules = &t->rules;
	return conn_next(&t->conn, &t->ctx, t->now_ns, &t->sent, t->sent_options, &t->wake_ns);
}

static inline void talk_observe_sent(struct talk *t) {
	conn_observe_sent(&t->conn, &t->rules, t->now_ns, &t->sent);
}

static inline struct segment_options talk_sent_options(const struct talk *t) {
	struct segment_options options;
	segment_options_read(&t->sent, &options);
	return options;
}

// What conn_next offers is this segment, from our port to the peer's.
static inline void talk_offers(
	struct talk *t, int line, uint8_t flags, uint32_t seq, uint32_t ack, const char *data) {
	cr_assert_eq(talk_ask(t), CONN_SEND, "line %d: nothing is offered", line);
	const struct segment *s = &t->sent;
	uint32_t ack_of = flags & TCP_ACK ? s->ack - t->irs : s->ack;
	cr_assert_eq(s->flags, flags, "line %d: flags %#x, not %#x", line, s->flags, flags);
	cr_assert_eq(s->seq - t->isn, seq, "line %d: seq %u", line, s->seq - t->isn);
	cr_assert_eq(ack_of, ack, "line %d: ack %u", line, ack_of);
	cr_assert_eq(s->data_len, strlen(data), "line %d: %u octets", line, s->data_len);
	cr_assert_eq(memcmp(s->data_len ? s->data : (const uint8_t *)"", data, s->data_len), 0,
		"line %d: data", line);
	cr_assert(addr_equal(&s->src, t->ctx.laddr) && addr_equal(&s->dst, t->ctx.raddr),
		"line %d: addresses", line);
	cr_assert(s->sport == TALK_LPORT && s->dport == TALK_RPORT, "line %d: ports", line);
}

static inline void talk_sends(
	struct talk *t, int line, uint8_t flags, uint32_t seq, uint32_t ack, const char *data) {
	talk_offers(t, line, flags, seq, ack, data);
	talk_observe_sent(t);
}

static inline void talk_waits_until(struct talk *t, int line, uint64_t wake_ns) {
	cr_assert_eq(talk_ask(t), CONN_WAIT, "line %d: flags %#x, seq %u are offered", line,
		t->sent.flags, t->sent.seq - t->isn);
	cr_assert_eq(t->wake_ns, wake_ns, "line %d: at %" PRId64 " µs", line,
		(int64_t)(t->wake_ns - TALK_START_NS) / 1000);
}

#define OFFERS(t, flags, seq, ack, data) talk_offers((t), __LINE__, (flags), (seq), (ack), (data))
#define SENDS(t, flags, seq, ack, data) talk_sends((t), __LINE__, (flags), (seq), (ack), (data))
#define WAITS_UNTIL(t, ms) talk_waits_until((t), __LINE__, talk_ns(ms))
#define HAS_NOTHING_LEFT(t) talk_waits_until((t), __LINE__, TALK_NEVER)

// ---- what the peer sends

static inline uint8_t talk_peer_options(struct talk *t) {
	if (!t->peer_has_timestamps)
		return 0;
	uint32_t passed_ms = (uint32_t)((t->now_ns - TALK_START_NS) / NSEC_PER_MSEC);
	uint8_t *p = t->peer_options;
	p[0] = p[1] = TCPOPT_KIND_NOP;
	p[2] = TCPOPT_KIND_TIMESTAMPS;
	p[3] = 10;
	put_be32(p + 4, t->peer_tsval ? t->peer_tsval : TALK_PEER_TS_BASE + passed_ms);
	put_be32(p + 8, t->peer_tsecr ? t->peer_tsecr : talk_sent_options(t).tsval);
	return CONN_TIMESTAMPS_OCTETS;
}

// seq counts from the peer's initial number, ack from ours.
static inline unsigned int talk_receives(
	struct talk *t, uint8_t flags, uint32_t seq, uint32_t ack, const char *data) {
	struct segment seg = {
		.src = *t->ctx.raddr,
		.dst = *t->ctx.laddr,
		.sport = TALK_RPORT,
		.dport = TALK_LPORT,
		.seq = t->irs + seq,
		.ack = t->isn + ack, // whether ACK is set or not
		.window = t->window,
		.flags = flags,
		.ttl = 60,
		.options = t->peer_options,
		.options_len = talk_peer_options(t),
		.data = (const uint8_t *)data,
		.data_len = (uint16_t)strlen(data),
	};
	t->seen = conn_observe_received(&t->conn, &t->rules, t->now_ns, &seg);
	return t->seen.events;
}

#define RECEIVES(t, flags, seq, ack, data) talk_receives((t), (flags), (seq), (ack), (data))

static inline bool talk_delivers(const struct talk *t, const char *data) {
	return (t->seen.events & CONN_EV_DATA) && t->seen.data_len == strlen(data) &&
	       memcmp(t->seen.data, data, t->seen.data_len) == 0;
}

// ---- whole phases

// SYN, and 20 ms later a SYN-ACK that acknowledges acked octets of the payload.
static inline void talk_opens(struct talk *t, uint16_t acked) {
	cr_assert_eq(talk_ask(t), CONN_SEND);
	talk_observe_sent(t);
	AT(t, 20);
	cr_assert_eq(RECEIVES(t, SYNACK, 0, 1u + acked, "") & CONN_EV_SYNACK, CONN_EV_SYNACK);
}

// Everything that is due is sent; how many segments that were.
static inline unsigned int talk_drain(struct talk *t) {
	unsigned int nb_sent = 0;
	while (talk_ask(t) == CONN_SEND) {
		talk_observe_sent(t);
		cr_assert_leq(++nb_sent, 64u, "no end of segments");
	}
	return nb_sent;
}

// Opened, asked and acknowledged; then the answer at 40 ms, and the layer above is content.
static inline void talk_succeeds(struct talk *t) {
	talk_opens(t, 0);
	talk_drain(t);
	AT(t, 40);
	RECEIVES(t, PSHACK, 1, 1 + PAYLOAD_LEN, ANSWER);
	conn_succeed(&t->conn, t->now_ns);
}
