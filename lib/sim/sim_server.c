// A connection behind its SYN, and time.
#include "lib/sim/sim_server.h"

#include "lib/sim/sim_app.h"
#include "lib/sim/sim_emit.h"
#include "lib/sim/sim_hash.h"
#include "lib/tcpstack/bytes.h"
#include "lib/tcpstack/siphash.h"

#define NS_PER_MS UINT64_C(1000000)
#define DATA_RTO_NS (300 * NS_PER_MS)
#define LINGER_NS (1000 * NS_PER_MS)
#define WINDOW_OPENS_NS (5 * NS_PER_MS)
#define MAX_TIMEOUTS 5
#define WINDOW_SHIFT 7 // as the SYN-ACK says
static_assert(SIM_DURATION_SYNACK + MAX_TIMEOUTS < SIM_DURATION_DATA, "a list for each");
static_assert(SIM_DURATION_DATA + MAX_TIMEOUTS < SIM_DURATION_ANSWER, "a list for each");

uint64_t *sim_server_recall(const struct sim_turn *turn, enum sim_scope scope, uint32_t syn_seq) {
	uint8_t key[2 * ADDR6_OCTETS + 12] = {0};
	memcpy(key, turn->addr.octets, ADDR6_OCTETS);
	if (scope >= SIM_SCOPE_CLIENT)
		memcpy(key + ADDR6_OCTETS, turn->client.octets, ADDR6_OCTETS);
	if (scope >= SIM_SCOPE_PORT) {
		put_be16(key + 2 * ADDR6_OCTETS, turn->client_port);
		put_be16(key + 2 * ADDR6_OCTETS + 2, turn->port);
	}
	if (scope == SIM_SCOPE_CONN)
		put_be32(key + 2 * ADDR6_OCTETS + 4, syn_seq);
	put_be32(key + 2 * ADDR6_OCTETS + 8, scope);
	struct sim_table *t = &turn->sim->table;
	return sim_table_recall(t, siphash13(&t->key, key, sizeof(key)));
}

// ---- what it sends

uint8_t sim_server_write_timestamps(
	const struct sim_turn *turn, const struct sim_conn *c, uint8_t *p) {
	p[0] = p[1] = TCPOPT_KIND_NOP;
	p[2] = TCPOPT_KIND_TIMESTAMPS;
	p[3] = 10;
	put_be32(p + 4, c->ts_base + (uint32_t)(turn->now_ns / NS_PER_MS));
	put_be32(p + 8, c->ts_recent);
	return 12;
}

static void send_on(
	struct sim_turn *turn, struct sim_conn *c, uint64_t delay_ns, struct segment *seg) {
	uint8_t options[TCPOPT_MAX_OCTETS];
	seg->ack = c->rcv_nxt;
	seg->flags |= TCP_ACK;
	seg->window = SIM_WINDOW >> WINDOW_SHIFT;
	seg->options = options;
	if (c->has_timestamps)
		seg->options_len = sim_server_write_timestamps(turn, c, options);
	sim_emit_segment(turn, c, delay_ns, seg);
}

static void send_ack(struct sim_turn *turn, struct sim_conn *c, uint64_t delay_ns) {
	struct segment seg = {.seq = c->snd_nxt};
	send_on(turn, c, delay_ns, &seg);
}

void sim_server_ack(struct sim_turn *turn, struct sim_conn *c) {
	send_ack(turn, c, turn->row->ack_delay_ns);
}

static void start_data_timer(struct sim_turn *turn, struct sim_conn *c) {
	sim_table_start(&turn->sim->table, c, SIM_TIMER_RETRANSMIT,
		SIM_DURATION_DATA + c->nb_timeouts, turn->now_ns + (DATA_RTO_NS << c->nb_timeouts));
}

// Whatever there is from a number on, FIN included.
static void send_from(struct sim_turn *turn, struct sim_conn *c, uint32_t seq) {
	uint8_t stream[SIM_APP_STREAM_OCTETS];
	uint32_t from = seq - c->iss - 1, len = sim_app_len(c);
	if (from > len || (from == len && !c->out_fin))
		return;
	sim_app_write(c, stream);
	struct segment seg = {
		.seq = seq,
		.flags = (uint8_t)((from < len ? TCP_PSH : 0) | (c->out_fin ? TCP_FIN : 0)),
		.data = stream + from,
		.data_len = (uint16_t)(len - from),
	};
	send_on(turn, c, 0, &seg);
	c->snd_nxt = c->iss + 1 + len + c->out_fin;
	// of a connection that is not open yet, the SYN-ACK is what is sent again
	if (c->due_ns[SIM_TIMER_RETRANSMIT] == SIM_TIMER_OFF)
		start_data_timer(turn, c);
}

void sim_server_answer(struct sim_turn *turn, struct sim_conn *c) {
	bool fin_is_sent = c->snd_nxt - c->iss - 1 > sim_app_len(c);
	if (fin_is_sent) // the client was there first, with its own
		return;
	sim_app_answer(c);
	send_from(turn, c, c->snd_nxt);
}

void sim_server_reset(struct sim_turn *turn, struct sim_conn *c) {
	struct segment seg = {.seq = c->snd_nxt, .flags = TCP_RST};
	sim_emit_segment(turn, c, 0, &seg);
	sim_table_remove(&turn->sim->table, c);
	turn->is_gone = true;
}

// ---- what reaches the application

static void ask_application(struct sim_turn *turn, struct sim_conn *c) {
	if (turn->row->app)
		turn->row->app(turn, c);
	else
		sim_server_answer(turn, c);
}

void sim_server_take(struct sim_turn *turn, struct sim_conn *c, const uint8_t *octets, size_t len) {
	struct sim *s = turn->sim;
	if (!sim_app_take(c, octets, len))
		return;
	s->counters.nb_questions++;
	if (c->nb_questions > s->counters.max_questions)
		s->counters.max_questions = c->nb_questions;
	// an answer that leaves with the SYN-ACK is there at once
	if (s->config.answer_delay_ns > 0 && !turn->holds_back)
		sim_table_start(&s->table, c, SIM_TIMER_ANSWER, SIM_DURATION_ANSWER,
			turn->now_ns + s->config.answer_delay_ns);
	else
		ask_application(turn, c);
}

// ---- segments of a connection

static void establish(struct sim_turn *turn, struct sim_conn *c) {
	c->is_established = true;
	c->nb_timeouts = 0;
	sim_table_stop(&turn->sim->table, c, SIM_TIMER_RETRANSMIT);
	if (c->snd_nxt != c->snd_una)
		start_data_timer(turn, c);
	if (turn->row->established)
		turn->row->established(turn, c);
	if (turn->row->has_zero_window && !turn->is_gone)
		send_ack(turn, c, WINDOW_OPENS_NS);
}

static void take_ack(struct sim_turn *turn, struct sim_conn *c, const struct segment *seg) {
	uint32_t acked = seg->ack - c->snd_una;
	if (acked == 0 || acked > c->snd_nxt - c->snd_una)
		return;
	c->snd_una = seg->ack;
	c->nb_timeouts = 0;
	sim_table_stop(&turn->sim->table, c, SIM_TIMER_RETRANSMIT);
	if (c->snd_una != c->snd_nxt)
		start_data_timer(turn, c);
}

static void receive_rst(struct sim_turn *turn, struct sim_conn *c, const struct segment *seg) {
	struct sim *s = turn->sim;
	if (turn->row->reset)
		turn->row->reset(turn, seg);
	// over SYN data that the SYN-ACK overdid, any number in the window will do
	if (c == NULL || seg->seq - c->rcv_nxt > SIM_WINDOW)
		return;
	s->counters.nb_fast_resets += c->is_fast && !c->is_established;
	sim_table_remove(&s->table, c);
}

static bool is_over(const struct sim_conn *c) {
	return c->fin_received && c->out_fin && c->snd_una == c->snd_nxt &&
	       c->snd_nxt == c->iss + 1 + sim_app_len(c) + 1;
}

// The client closed first and has acknowledged our FIN: nothing can come any more. If we did, its
// FIN may come again.
static void close_if_over(struct sim_turn *turn, struct sim_conn *c, bool is_by_fin) {
	struct sim_table *t = &turn->sim->table;
	if (!is_over(c) || c->is_closed)
		return;
	if (!is_by_fin) {
		sim_table_remove(t, c);
		return;
	}
	c->is_closed = true;
	sim_table_start(t, c, SIM_TIMER_RETRANSMIT, SIM_DURATION_LINGER, turn->now_ns + LINGER_NS);
}

static void take_fin(struct sim_turn *turn, struct sim_conn *c) {
	bool is_first = !c->out_fin;
	c->rcv_nxt++;
	c->fin_received = true;
	c->out_fin = true;
	sim_server_ack(turn, c);
	if (is_first)
		send_from(turn, c, c->snd_nxt);
	close_if_over(turn, c, true);
}

static void take_octets(struct sim_turn *turn, struct sim_conn *c, const struct segment *seg) {
	uint32_t known = c->rcv_nxt - seg->seq;
	if (known > seg->data_len || c->fin_received) {
		sim_server_ack(turn, c);
		return;
	}
	bool is_new = known < seg->data_len, has_fin = (seg->flags & TCP_FIN) != 0;
	c->rcv_nxt += seg->data_len - known;
	if (!has_fin || is_new)
		sim_server_ack(turn, c);
	sim_server_take(turn, c, seg->data + known, seg->data_len - known);
	if (has_fin && !turn->is_gone)
		take_fin(turn, c);
}

static void receive_on(struct sim_turn *turn, struct sim_conn *c, const struct segment *seg) {
	if (!(seg->flags & TCP_ACK) || seg->ack - c->iss - 1 > c->snd_nxt - c->iss - 1)
		return;
	if (!c->is_established)
		establish(turn, c);
	if (turn->is_gone)
		return;
	struct segment_options theirs;
	segment_options_read(seg, &theirs);
	take_ack(turn, c, seg);
	bool is_newer = (int32_t)(theirs.tsval - c->ts_recent) >= 0;
	if (theirs.has_timestamps && is_newer && seg->seq - c->rcv_nxt - 1 > SIM_WINDOW)
		c->ts_recent = theirs.tsval;
	if (segment_seq_len(seg) == 0)
		close_if_over(turn, c, false);
	else
		take_octets(turn, c, seg);
}

void sim_server_receive(struct sim_turn *turn, struct segment *seg, uint8_t *options) {
	const struct sim_ends ends = {.client = turn->client,
		.addr = turn->addr,
		.client_port = turn->client_port,
		.port = turn->port};
	struct sim_conn *c = sim_table_find(&turn->sim->table, &ends);
	if (turn->row->request_passes && !turn->row->request_passes(turn, c, seg, options))
		return;
	if (seg->flags & TCP_RST) {
		receive_rst(turn, c, seg);
	} else if (seg->flags & TCP_SYN) {
		if (!(seg->flags & (TCP_ACK | TCP_FIN)))
			sim_syn_receive(turn, c, seg);
	} else if (c != NULL) {
		receive_on(turn, c, seg);
	} else if (!turn->row->is_dead) {
		struct segment rst = {.seq = seg->ack, .flags = TCP_RST};
		sim_emit_segment(turn, NULL, 0, &rst);
	}
}

// ---- time

void sim_server_time_out(struct sim_turn *turn, struct sim_conn *c, enum sim_timer timer) {
	struct sim *s = turn->sim;
	if (timer == SIM_TIMER_ANSWER) {
		ask_application(turn, c);
		return;
	}
	if (c->is_closed || ++c->nb_timeouts > MAX_TIMEOUTS) {
		s->counters.nb_fast_timeouts += c->is_fast && !c->is_established;
		sim_table_remove(&s->table, c);
		return;
	}
	if (c->is_established)
		send_from(turn, c, c->snd_una);
	else
		sim_syn_ack(turn, c, c->ack_offset, 0);
}
