// How a SYN is answered.
#include "lib/sim/sim_app.h"
#include "lib/sim/sim_emit.h"
#include "lib/sim/sim_hash.h"
#include "lib/sim/sim_option.h"
#include "lib/sim/sim_server.h"

#include "lib/tcpstack/bytes.h"
#include "lib/tcpstack/siphash.h"

#define SYNACK_RTO_NS UINT64_C(1000000000)

void sim_server_cookie(const struct sim_turn *turn, uint64_t key, uint8_t cookie[16]) {
	const struct siphash_key secret = {turn->sim->config.seed, key ^ 0x636f6f6b6965};
	uint8_t ends[2 * ADDR6_OCTETS];
	memcpy(ends, turn->client.octets, ADDR6_OCTETS);
	memcpy(ends + ADDR6_OCTETS, turn->addr.octets, ADDR6_OCTETS);
	uint64_t first = siphash13(&secret, ends, sizeof(ends)), second = sim_hash_mix(first);
	put_be32(cookie, (uint32_t)(first >> 32));
	put_be32(cookie + 4, (uint32_t)first);
	put_be32(cookie + 8, (uint32_t)(second >> 32));
	put_be32(cookie + 12, (uint32_t)second);
}

static bool is_cookie_length(uint8_t octets) {
	return octets == 0 || (octets >= 4 && octets <= 16 && octets % 2 == 0);
}

static void reply_as_linux(
	const struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	uint64_t draw = sim_hash_mix(turn->hash ^ ((uint64_t)syn->seq << 16 | syn->sport));
	reply->iss = (uint32_t)draw;
	reply->ts_base = sim_behaviour_draw(turn->hash, SIM_PURPOSE_TIMESTAMPS, UINT32_MAX);
	uint8_t octets = turn->row->cookie_octets, cookie[16];
	if (octets == 0)
		return;
	struct sim_option opt = sim_option_find(syn, turn->row->ignored_kind);
	if (opt.kind == SIM_OPTION_NONE || !is_cookie_length(opt.cookie_octets))
		return;
	sim_server_cookie(turn, 0, cookie);
	if (opt.cookie_octets == octets && memcmp(opt.cookie, cookie, octets) == 0)
		reply->ack_offset = reply->taken = syn->data_len;
	else
		sim_option_put(reply, opt.kind, cookie, octets);
}

static void write_options(const struct sim_turn *turn, struct sim_conn *c,
	const struct segment_options *theirs, const struct sim_reply *reply) {
	static const uint8_t mss_and_scale[] = {2, 4, 0x05, 0xb4, 1, 3, 3, 7};
	uint8_t *p = c->syn_options;
	if (!reply->is_only_option) {
		memcpy(p, mss_and_scale, sizeof(mss_and_scale));
		p += sizeof(mss_and_scale);
		c->has_timestamps = theirs->has_timestamps && !reply->has_no_timestamps;
		if (c->has_timestamps)
			p += sim_server_write_timestamps(turn, c, p);
	}
	size_t room = sizeof(c->syn_options) - (size_t)(p - c->syn_options);
	assert(reply->option_len <= room);
	memcpy(p, reply->option, reply->option_len);
	p += reply->option_len;
	while ((p - c->syn_options) % 4 != 0)
		*p++ = TCPOPT_KIND_NOP;
	c->syn_options_len = (uint8_t)(p - c->syn_options);
}

void sim_syn_ack(
	struct sim_turn *turn, struct sim_conn *c, uint32_t ack_offset, uint32_t data_len) {
	struct sim *s = turn->sim;
	uint8_t stream[SIM_APP_STREAM_OCTETS];
	if (data_len > 0)
		sim_app_write(c, stream);
	struct segment seg = {
		.seq = c->iss,
		.ack = c->irs + 1 + ack_offset,
		.flags = TCP_SYN | TCP_ACK,
		.window = turn->row->has_zero_window ? 0 : SIM_WINDOW,
		.options = c->syn_options,
		.options_len = c->syn_options_len,
		.data = stream,
		.data_len = (uint16_t)data_len,
	};
	sim_emit_segment(turn, c, s->config.synack_delay_ns, &seg);
	if (!c->is_established)
		sim_table_start(&s->table, c, SIM_TIMER_RETRANSMIT,
			SIM_DURATION_SYNACK + c->nb_timeouts,
			turn->now_ns + (SYNACK_RTO_NS << c->nb_timeouts));
}

static void accept_syn(
	struct sim_turn *turn, const struct segment *syn, const struct sim_reply *reply) {
	struct sim *s = turn->sim;
	const struct sim_ends ends = {.client = turn->client,
		.addr = turn->addr,
		.client_port = turn->client_port,
		.port = turn->port};
	struct segment_options theirs;
	bool is_evicted;
	segment_options_read(syn, &theirs);
	struct sim_conn *c = sim_table_add(&s->table, &ends, &is_evicted);
	s->counters.nb_conns++;
	s->counters.nb_evicted += is_evicted;
	memcpy(c->client_mac, turn->client_mac, MAC_OCTETS);
	c->row = turn->row;
	c->variant = (uint8_t)turn->variant;
	c->is_fast = reply->taken > 0;
	c->irs = syn->seq;
	c->rcv_nxt = syn->seq + 1 + reply->taken;
	c->iss = reply->iss;
	c->snd_una = c->snd_nxt = c->iss + 1;
	c->ts_recent = theirs.tsval;
	c->ts_base = reply->ts_base;
	c->ack_offset = reply->ack_offset;
	write_options(turn, c, &theirs, reply);
	if (reply->has_answer) {
		// what the application writes leaves with the SYN-ACK
		turn->holds_back = true;
		sim_server_take(turn, c, syn->data, reply->taken);
		turn->holds_back = false;
		sim_syn_ack(turn, c, reply->ack_offset, sim_app_len(c));
		return;
	}
	sim_syn_ack(turn, c, reply->ack_offset, 0);
	if (reply->says_more)
		sim_syn_ack(turn, c, syn->data_len, 0);
	sim_server_take(turn, c, syn->data, reply->taken);
}

// The ACK of a connection that is dead: with numbers which the client can't know.
static void challenge(struct sim_turn *turn, const struct segment *syn) {
	struct segment seg = {.seq = 0xfffffff0,
		.ack = syn->seq - SIM_CHALLENGE_OFFSET,
		.flags = TCP_ACK,
		.window = SIM_WINDOW};
	turn->sim->counters.nb_challenges++;
	sim_emit_segment(turn, NULL, 0, &seg);
}

static void receive_again(struct sim_turn *turn, struct sim_conn *c, const struct segment *syn) {
	if (!c->is_established && syn->seq == c->irs)
		sim_syn_ack(turn, c, c->ack_offset, 0);
	else
		sim_server_ack(turn, c);
}

void sim_syn_receive(struct sim_turn *turn, struct sim_conn *c, const struct segment *syn) {
	struct sim_reply reply = {0};
	turn->sim->counters.nb_syns++;
	if (c != NULL && c->is_closed) { // a new connection may take its place
		sim_table_remove(&turn->sim->table, c);
		c = NULL;
	}
	reply_as_linux(turn, syn, &reply);
	if (turn->row->syn)
		turn->row->syn(turn, syn, &reply);
	if (c != NULL && reply.kind == SIM_SYN_ACCEPTED) {
		receive_again(turn, c, syn);
		return;
	}
	struct segment rst = {.ack = syn->seq + 1 + syn->data_len, .flags = TCP_RST | TCP_ACK};
	switch (reply.kind) {
	case SIM_SYN_ACCEPTED:
		accept_syn(turn, syn, &reply);
		break;
	case SIM_SYN_RESET:
		sim_emit_segment(turn, c, 0, &rst);
		break;
	case SIM_SYN_UNREACHABLE:
		sim_emit_unreachable(turn, 0);
		break;
	case SIM_SYN_CHALLENGED:
		challenge(turn, syn);
		break;
	case SIM_SYN_IGNORED:
		break;
	}
}
