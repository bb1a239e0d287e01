// A client's frames to the simulated Internet, and what came of them.
#pragma once

#include "lib/sim/sim_behaviour.h"
#include "lib/sim/sim_option.h"
#include "lib/tcpstack/bytes.h"

#include <criterion/criterion.h>
#include <stdalign.h>

#define ROOM 64
#define MAX_FRAMES 64
#define SECOND UINT64_C(1000000000)
#define MS UINT64_C(1000000)
#define START_NS (1000 * SECOND)

static const struct ip_addr client4 = {.octets = {[10] = 0xff, [11] = 0xff, 10, 99, 0, 3}};
static const struct ip_addr server4 = {.octets = {[10] = 0xff, [11] = 0xff, 198, 18, 3, 4}};
static const struct ip_addr client6 = {.octets = {0x20, 0x01, 0x0d, 0xb8, 0, 1, [15] = 3}};
static const struct ip_addr server6 = {.octets = {0x20, 0x01, 0x0d, 0xb8, 0, 2, [15] = 4}};
static const uint8_t client_mac[MAC_OCTETS] = {2, 1};
static const uint8_t server_mac[MAC_OCTETS] = {2, 2};

// A question for the address of the root, and its length in front.
static const uint8_t question[] = {0, 17, 0xab, 0xcd, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1};

struct left {
	uint64_t at_ns;
	size_t len;
	uint8_t octets[FRAME_MAX_OCTETS];
	struct frame frame;
	enum frame_kind kind;
};

struct exchange {
	struct sim sim;
	struct sim_sink sink;
	uint64_t now_ns;
	struct ip_addr client, server;
	uint16_t client_port, server_port;
	uint32_t seq;	   // of the next SYN
	unsigned int room; // for frames; fewer than MAX_FRAMES
	struct left left[MAX_FRAMES];
	unsigned int nb_left; // since the last frame or tick
};

static struct exchange ex;

static uint8_t *ex_buffer(void *context) {
	struct exchange *e = context;
	return e->nb_left < e->room ? e->left[e->nb_left].octets : NULL;
}

static void ex_commit(void *context, uint64_t at_ns, size_t len) {
	struct exchange *e = context;
	struct left *l = &e->left[e->nb_left++];
	l->at_ns = at_ns;
	l->len = len;
	l->kind = frame_parse(l->octets, len, FRAME_TRUST_NOTHING, &l->frame);
}

static inline void ex_begin_with(const struct sim_config *config, bool is_v4) {
	static alignas(SIM_ALIGNMENT) uint8_t memory[ROOM * 1024];
	cr_assert_leq(sim_octets(ROOM), sizeof(memory));
	struct sim_config own = *config;
	memcpy(own.mac, server_mac, MAC_OCTETS);
	ex = (struct exchange){
		.now_ns = START_NS,
		.client = is_v4 ? client4 : client6,
		.server = is_v4 ? server4 : server6,
		.client_port = 40000,
		.server_port = 53,
		.seq = 1000,
		.room = MAX_FRAMES,
		.sink = {.context = &ex, .buffer = ex_buffer, .commit = ex_commit},
	};
	sim_init(&ex.sim, &own, memory, ROOM);
}

// The first row of the number, at every address.
static inline void ex_begin(unsigned int number, bool is_v4) {
	unsigned int i = 0;
	while (sim_behaviour_row(i)->number != number)
		i++;
	ex_begin_with(&(struct sim_config){.seed = 1, .only = sim_behaviour_row(i)}, is_v4);
}

static inline void ex_octets(const uint8_t *octets, size_t len) {
	ex.nb_left = 0;
	sim_receive(&ex.sim, ex.now_ns, octets, len, &ex.sink);
}

static inline void ex_tick(uint64_t now_ns) {
	ex.nb_left = 0;
	ex.now_ns = now_ns;
	sim_tick(&ex.sim, now_ns, &ex.sink);
}

static inline size_t ex_write(struct segment seg, uint8_t *octets) {
	struct frame_route route = {.src_mac = {2, 1}, .dst_mac = {2, 2}};
	seg.src = ex.client;
	seg.dst = ex.server;
	seg.sport = ex.client_port;
	seg.dport = ex.server_port;
	return frame_write(octets, FRAME_MAX_OCTETS, &route, &seg);
}

static inline void ex_segment(struct segment seg) {
	uint8_t octets[FRAME_MAX_OCTETS];
	ex_octets(octets, ex_write(seg, octets));
}

// A SYN with timestamps, the option if kind is not 0, and the first data_len octets of the
// question.
static inline void ex_syn(uint8_t kind, const uint8_t *cookie, uint8_t octets, uint16_t data_len) {
	struct sim_reply option = {0};
	uint8_t options[TCPOPT_MAX_OCTETS] = {1, 1, 8, 10, 0, 0, 0, 7};
	uint8_t len = 12;
	if (kind != 0)
		sim_option_put(&option, kind, cookie, octets);
	memcpy(options + len, option.option, option.option_len);
	len = (uint8_t)(len + option.option_len);
	while (len % 4 != 0)
		options[len++] = TCPOPT_KIND_NOP;
	ex_segment((struct segment){.seq = ex.seq,
		.flags = TCP_SYN,
		.window = 65535,
		.options = options,
		.options_len = len,
		.data = question,
		.data_len = data_len});
}

static inline void ex_plain_syn(void) {
	ex_syn(0, NULL, 0, 0);
}

static inline const struct segment *ex_left(unsigned int i) {
	cr_assert_lt(i, ex.nb_left, "only %u frames", ex.nb_left);
	cr_assert_eq(ex.left[i].kind, FRAME_TCP, "frame %u: kind %d", i, ex.left[i].kind);
	return &ex.left[i].frame.seg;
}

// The only frame is a SYN-ACK that acknowledges so much of the data.
static inline void ex_expect_synack(uint32_t ack_offset) {
	const struct segment *seg = ex_left(0);
	cr_assert_eq(seg->flags, TCP_SYN | TCP_ACK);
	cr_assert_eq(seg->ack, ex.seq + 1 + ack_offset);
}

// The cookie of the SYN-ACK, and its octets: 0 if it has none.
static inline uint8_t ex_cookie(uint8_t cookie[SIM_OPTION_COOKIE_MAX_OCTETS]) {
	struct sim_option opt = sim_option_find(ex_left(0), SIM_OPTION_NONE);
	if (opt.cookie_octets > 0)
		memcpy(cookie, opt.cookie, opt.cookie_octets);
	return opt.cookie_octets;
}

// From another port, with other numbers.
static inline void ex_next_conn(void) {
	ex.client_port++;
	ex.seq += 100000;
}
