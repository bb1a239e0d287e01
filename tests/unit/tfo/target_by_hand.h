// A target fed by hand, one segment at a time; what its tests share.
#pragma once

#include "lib/tcpstack/bytes.h"
#include "lib/tfo/target.h"
#include "lib/tfo/verdict.h"

#include <criterion/criterion.h>

#define START_NS (UINT64_C(1795608000) * NSEC_PER_SEC)
#define SERVER_ISS 0x70000000u
#define TTL 57

static const struct ip_addr us4 = {.octets = {[10] = 0xff, [11] = 0xff, 10, 99, 0, 3}};
static const struct ip_addr them4 = {.octets = {[10] = 0xff, [11] = 0xff, 198, 18, 3, 4}};
static const struct ip_addr other4 = {.octets = {[10] = 0xff, [11] = 0xff, 198, 18, 3, 5}};
static const uint8_t name[] = {7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'c', 'o', 'm', 0};

static struct target_rules rules;
static struct target t;
static struct target_segment out;
static uint64_t now_ns, wake_ns;

static inline void set_up(void) {
	rules = (struct target_rules){
		.conn = {.syn_tries = 3,
			.data_tries = 3,
			.answer_wanted = true,
			.wait_ns = 5 * NSEC_PER_SEC,
			.mss4 = 1460,
			.mss6 = 1440},
		.app = &app_dnstcp,
		.ports = {.first = 40000, .count = 1000},
		.laddr4 = us4,
		.question_octets = name,
		.question_len = sizeof(name),
	};
	numbers_init(&rules.numbers, 1, 1);
	target_start(&t, &rules, &them4, 53, NULL, 0);
	now_ns = START_NS;
}

// ---- our side

static inline enum target_step ask(void) {
	return target_next(&t, &rules, now_ns, &out, &wake_ns);
}

// Everything that is due goes out; the last segment stays in out.
static inline unsigned int send_all(void) {
	unsigned int n = 0;
	struct target_segment last;
	while (ask() == TARGET_SEND) {
		target_observe_sent(&t, &rules, now_ns, &out.seg);
		last = out;
		cr_assert_lt(n++, 20);
	}
	if (n > 0)
		out = last;
	return n;
}

static const struct conn *conn(void) {
	return &t.conns[t.current];
}

static inline struct evidence *evidence(enum probe p) {
	return &t.evidence[p];
}

// ---- their side

static inline uint8_t timestamps_of(uint32_t tsecr, uint8_t *p) {
	static const uint8_t head[] = {1, 1, 8, 10, 0, 0, 0, 1};
	memcpy(p, head, sizeof(head));
	put_be32(p + 8, tsecr);
	return 12;
}

static inline struct segment theirs(uint8_t flags, uint32_t seq, uint32_t acked) {
	return (struct segment){
		.src = them4,
		.dst = us4,
		.sport = 53,
		.dport = conn()->lport,
		.seq = seq,
		.ack = conn()->isn + acked,
		.window = 64240,
		.flags = flags,
		.ttl = TTL,
	};
}

static inline bool receive(const struct segment *seg) {
	return target_observe_received(&t, &rules, now_ns, seg);
}

static inline void receive_flags(uint8_t flags, uint32_t seq, uint32_t acked) {
	struct segment seg = theirs(flags, seq, acked);
	cr_assert(receive(&seg));
}

static inline uint16_t payload_len(void) {
	return conn()->payload_len;
}

// Our question, come back as an answer of 31 octets.
static inline size_t answer(uint8_t *octets) {
	uint16_t len = payload_len();
	struct question q = {
		.octets = name, .len_octets = sizeof(name), .dns_id = numbers_dns_id(t.hash)};
	app_dnstcp.payload_write(&q, octets);
	octets[4] |= 0x80;
	return len;
}

static inline void receive_answer(uint8_t flags) {
	uint8_t octets[APP_PAYLOAD_MAX_OCTETS];
	struct segment seg = theirs(flags | TCP_ACK | TCP_PSH, conn()->rcv_nxt, 1u + payload_len());
	seg.data_len = (uint16_t)answer(octets);
	seg.data = octets;
	cr_assert(receive(&seg));
}

static inline void receive_synack(uint32_t acked, const uint8_t *options, uint8_t len) {
	struct segment seg = theirs(TCP_SYN | TCP_ACK, SERVER_ISS, acked);
	seg.options = options;
	seg.options_len = len;
	cr_assert(receive(&seg));
}

// The connection at hand, from its SYN (already sent) to the ACK of our FIN.
static inline void complete(const uint8_t *options, uint8_t len) {
	receive_synack(1u + conn()->syn_data_len, options, len);
	send_all();
	bool has_acked = conn()->ack_ns != 0;
	receive_answer(0);
	cr_expect_eq(send_all(), has_acked ? 1 : 2, "ACK of the SYN-ACK, and FIN");
	receive_flags(TCP_ACK | TCP_FIN, conn()->rcv_nxt, 2u + payload_len());
}

static const uint8_t cookie_option[] = {34, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1};

// Up to the SYN of the request, or of the data.
static inline void reach(enum probe probe) {
	send_all();
	if (probe == PROBE_BASELINE)
		return;
	complete(NULL, 0);
	send_all();
	if (probe == PROBE_REQUEST)
		return;
	complete(cookie_option, sizeof(cookie_option));
	send_all();
	cr_assert_eq(t.probe_of[t.current], PROBE_DATA);
}

static inline bool has(enum condition c) {
	return verdict_of_round(t.evidence) & CONDITION_BIT(c);
}

static inline void give_up(void) {
	uint64_t from_ns = now_ns;
	for (unsigned int s = 1; s <= 4; s++) {
		now_ns = from_ns + s * NSEC_PER_SEC;
		if (s < 4)
			send_all();
	}
	ask();
}
