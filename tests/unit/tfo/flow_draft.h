// Segments of one connection, for the tests of flow, flow_write and passive: the client is at ISN
// 0xfffffff0, so that whatever is counted behind it wraps.
#pragma once

#include "lib/tfo/flow.h"

#include "lib/tcpstack/bytes.h"
#include "lib/tcpstack/conn.h"

#include <criterion/criterion.h>

#define ISN 0xfffffff0u
#define IRS 0x7fffffffu
#define START_NS UINT64_C(1795435200000000000)
#define DLEN 33
#define TSVAL 1000u // of the client's first SYN, a tick is a millisecond

static struct flow f;
static uint64_t now_ns;
static uint8_t option_octets[TCPOPT_MAX_OCTETS];
static uint8_t nb_option_octets;

static const struct cookie cookie_a = {.len_octets = 8, .octets = {1, 2, 3, 4, 5, 6, 7, 8}};
static const struct cookie cookie_b = {.len_octets = 8, .octets = {8, 7, 6, 5, 4, 3, 2, 1}};
static const struct cookie cookie_none = {.len_octets = 0};

static inline void set_up(void) {
	f = (struct flow){0};
	now_ns = START_NS;
	nb_option_octets = 0;
}

static inline void after_ms(uint64_t ms) {
	now_ns += ms * NSEC_PER_MSEC;
}

static inline void no_options(void) {
	nb_option_octets = 0;
}

static inline void add_option(const uint8_t *octets, uint8_t len) {
	memcpy(option_octets + nb_option_octets, octets, len);
	nb_option_octets = (uint8_t)(nb_option_octets + len);
}

static inline void stamps(uint32_t tsval, uint32_t tsecr) {
	uint8_t option[12] = {1, 1, 8, 10};
	put_be32(option + 4, tsval);
	put_be32(option + 8, tsecr);
	add_option(option, sizeof(option));
}

// Kind 34: a request if the cookie is empty.
static inline void with_cookie(const struct cookie *cookie) {
	uint8_t option[COOKIE_OPTION_MAX_OCTETS];
	add_option(option, (uint8_t)cookie_option_write(cookie, option));
}

static inline void with_exp_cookie(const struct cookie *cookie) {
	uint8_t option[4 + COOKIE_MAX_OCTETS] = {
		254, (uint8_t)(4 + cookie->len_octets), 0xf9, 0x89};
	memcpy(option + 4, cookie->octets, cookie->len_octets);
	add_option(option, (uint8_t)(4 + cookie->len_octets));
}

// Sends what options were added, and forgets them.
static inline void observe(enum flow_direction direction, uint8_t flags, uint32_t seq, uint32_t ack,
	uint16_t data_len) {
	struct segment seg = {
		.src = {.octets = {[10] = 0xff, [11] = 0xff, 10, 0, 0, 1}},
		.dst = {.octets = {[10] = 0xff, [11] = 0xff, 10, 0, 0, 2}},
		.seq = seq,
		.ack = ack,
		.flags = flags,
		.options = option_octets,
		.options_len = nb_option_octets,
		.data_len = data_len,
	};
	flow_observe(&f, direction, now_ns, &seg);
	no_options();
}

static inline void syn(uint16_t data_len) {
	observe(FLOW_FWD, TCP_SYN, ISN, 0, data_len);
}

static inline void synack(uint32_t acked) {
	observe(FLOW_REV, TCP_SYN | TCP_ACK, IRS, ISN + 1 + acked, 0);
}

static inline void client_ack(void) {
	observe(FLOW_FWD, TCP_ACK, ISN + 1, IRS + 1, 0);
}

static inline void server_data(uint16_t len) {
	observe(FLOW_REV, TCP_ACK | TCP_PSH, IRS + 1, ISN + 1 + DLEN, len);
}

static inline void server_rst(uint32_t seq, uint32_t acked) {
	observe(FLOW_REV, TCP_RST | TCP_ACK, seq, ISN + 1 + acked, 0);
}

static inline void rich_syn(const struct cookie *cookie, uint16_t data_len) {
	stamps(TSVAL, 0);
	with_cookie(cookie);
	syn(data_len);
}

// As Linux sends it a second later: no option, no data.
static inline void poor_syn(void) {
	after_ms(1000);
	stamps(TSVAL + 1000, 0);
	syn(0);
}
