#include "lib/sim/sim.h"

#include "lib/sim/sim_behaviour.h"
#include "lib/sim/sim_emit.h"
#include "lib/sim/sim_server.h"
#include "lib/tcpstack/neigh.h"

size_t sim_octets(uint32_t nb_conns) {
	return sim_table_octets(nb_conns);
}

void sim_init(struct sim *s, const struct sim_config *config, void *memory, uint32_t nb_conns) {
	const struct siphash_key key = {config->seed, 0x7461626c65};
	*s = (struct sim){.config = *config};
	s->config.total_weight = sim_behaviour_total_weight(config);
	sim_table_init(&s->table, memory, nb_conns, key);
}

uint32_t sim_nb_conns(const struct sim *s) {
	return s->table.nb_conns;
}

unsigned int sim_behaviour_of(const struct sim_config *config, const struct ip_addr *addr) {
	unsigned int variant;
	return sim_behaviour_at(config, sim_behaviour_hash(config, addr), &variant)->number;
}

static uint64_t rtt_ns(const struct sim_config *config, uint64_t hash) {
	if (config->rtt_max_ns <= config->rtt_min_ns)
		return config->rtt_min_ns;
	uint64_t share = sim_behaviour_draw(hash, SIM_PURPOSE_RTT, UINT32_MAX);
	// in millionths of the span, so that no span is too long
	return config->rtt_min_ns + (config->rtt_max_ns - config->rtt_min_ns) / SIM_MILLION *
					    (share * SIM_MILLION >> 32);
}

uint64_t sim_rtt_ns(const struct sim_config *config, const struct ip_addr *addr) {
	return rtt_ns(config, sim_behaviour_hash(config, addr));
}

// ---- frames

static void receive_segment(struct sim *s, const struct sim_sink *sink, uint64_t now_ns,
	const uint8_t *octets, size_t len, const struct frame *frame) {
	struct segment seg = frame->seg;
	uint64_t hash = sim_behaviour_hash(&s->config, &seg.dst);
	unsigned int variant;
	const struct sim_behaviour *row = sim_behaviour_at(&s->config, hash, &variant);
	if (row->is_dead && !row->syn)
		return;
	if (sim_emit_chance(s, row->loss_ppm)) {
		s->counters.nb_lost_in++;
		return;
	}
	struct sim_turn turn = {
		.sim = s,
		.sink = sink,
		.now_ns = now_ns,
		.row = row,
		.variant = variant,
		.hash = hash,
		.rtt_ns = rtt_ns(&s->config, hash),
		.addr = seg.dst,
		.client = seg.src,
		.port = seg.dport,
		.client_port = seg.sport,
		.request = octets,
		.request_len = len,
	};
	uint8_t options[TCPOPT_MAX_OCTETS];
	memcpy(turn.client_mac, frame->src_mac, MAC_OCTETS);
	memcpy(options, seg.options, seg.options_len);
	seg.options = options;
	sim_server_receive(&turn, &seg, options);
}

// Every address is ours. A client that only makes sure that nobody has its own gets no answer.
static void receive_neighbour(struct sim *s, const struct sim_sink *sink, uint64_t now_ns,
	const uint8_t *octets, size_t len) {
	static const struct ip_addr nobody6;
	static const struct ip_addr nobody4 = {.octets = {[10] = 0xff, [11] = 0xff}};
	struct neigh_msg msg;
	bool is_asked = neigh_parse(octets, len, &msg) && msg.kind == NEIGH_REQUEST &&
			!addr_equal(&msg.sender, &nobody4) && !addr_equal(&msg.sender, &nobody6) &&
			!addr_equal(&msg.sender, &msg.target);
	if (!is_asked) {
		s->counters.nb_ignored++;
		return;
	}
	uint8_t *buf = sink->buffer(sink->context);
	if (buf == NULL) {
		s->counters.nb_no_buffer++;
		return;
	}
	size_t reply_len =
		neigh_reply_write(buf, FRAME_MAX_OCTETS, s->config.mac, &msg.target, &msg);
	assert(reply_len > 0); // request and target are of one family
	s->counters.nb_neighbours++;
	s->counters.nb_sent++;
	sink->commit(sink->context, now_ns, reply_len);
}

static void receive_once(struct sim *s, const struct sim_sink *sink, uint64_t now_ns,
	const uint8_t *octets, size_t len) {
	struct frame frame;
	switch (frame_parse(octets, len, FRAME_TRUST_NOTHING, &frame)) {
	case FRAME_TCP:
		receive_segment(s, sink, now_ns, octets, len, &frame);
		break;
	case FRAME_NEIGH:
		receive_neighbour(s, sink, now_ns, octets, len);
		break;
	default:
		s->counters.nb_ignored++;
		break;
	}
}

void sim_receive(struct sim *s, uint64_t now_ns, const uint8_t *octets, size_t len,
	const struct sim_sink *sink) {
	s->counters.nb_received++;
	if (sim_emit_chance(s, s->config.path.loss_in_ppm)) {
		s->counters.nb_lost_in++;
		return;
	}
	receive_once(s, sink, now_ns, octets, len);
	if (!sim_emit_chance(s, s->config.path.duplicate_ppm))
		return;
	s->counters.nb_duplicated++;
	receive_once(s, sink, now_ns, octets, len);
}

// ---- time

uint64_t sim_wake_ns(const struct sim *s) {
	return sim_table_due_ns(&s->table);
}

static void time_out(struct sim *s, const struct sim_sink *sink, uint64_t now_ns,
	struct sim_conn *c, enum sim_timer timer) {
	uint64_t hash = sim_behaviour_hash(&s->config, &c->ends.addr);
	struct sim_turn turn = {
		.sim = s,
		.sink = sink,
		.now_ns = now_ns,
		.row = c->row,
		.variant = c->variant,
		.hash = hash,
		.rtt_ns = rtt_ns(&s->config, hash),
		.addr = c->ends.addr,
		.client = c->ends.client,
		.port = c->ends.port,
		.client_port = c->ends.client_port,
	};
	memcpy(turn.client_mac, c->client_mac, MAC_OCTETS);
	sim_server_time_out(&turn, c, timer);
}

void sim_tick(struct sim *s, uint64_t now_ns, const struct sim_sink *sink) {
	enum sim_timer timer;
	struct sim_conn *c;
	while ((c = sim_table_due(&s->table, now_ns, &timer)) != NULL)
		time_out(s, sink, now_ns, c, timer);
}
