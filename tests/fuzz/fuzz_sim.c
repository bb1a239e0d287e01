// libFuzzer target: any frames, and any time between them, for the simulated Internet. What it
// sends is well-formed and not without end, and its memory holds. The first octets choose a
// behaviour; then come steps of the kinds below.
#include "lib/sim/sim_behaviour.h"

#include <stdalign.h>
#include <stdlib.h>

#define REQUIRE(truth) ((truth) ? (void)0 : abort())

#define NB_CONNS 8u
#define MAX_FRAMES_OUT 64u // for one frame in, or one tick

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum step {
	STEP_RAW,     // len (two octets), octets: a frame as it is
	STEP_SEGMENT, // a TCP segment with what follows
	STEP_TIME,    // milliseconds (two octets)
	STEP_ANSWER,  // an acknowledgement of the last segment that came, flags, octets of data
	NB_STEPS,
};

struct input {
	const uint8_t *p, *end;
};

static struct sim sim;
static struct {
	uint8_t leaving[FRAME_MAX_OCTETS];
	uint64_t now_ns;
	unsigned int nb_out;
	bool may_be_corrupt, has_last;
	struct segment last; // of the server's; its octets are gone
} world;

static uint8_t *buffer(void *context) {
	(void)context;
	return world.leaving;
}

static void commit(void *context, uint64_t at_ns, size_t len) {
	struct frame frame;
	(void)context;
	REQUIRE(at_ns >= world.now_ns);
	REQUIRE(len > 0 && len <= FRAME_MAX_OCTETS);
	REQUIRE(++world.nb_out <= MAX_FRAMES_OUT);
	enum frame_kind kind = frame_parse(world.leaving, len, FRAME_TRUST_NOTHING, &frame);
	bool is_good = kind == FRAME_TCP || kind == FRAME_ICMP || kind == FRAME_NEIGH;
	REQUIRE(is_good || world.may_be_corrupt);
	if (kind != FRAME_TCP)
		return;
	world.last = frame.seg;
	world.has_last = true;
}

static const struct sim_sink sink = {.buffer = buffer, .commit = commit};

static uint8_t take(struct input *in) {
	return in->p < in->end ? *in->p++ : 0;
}

static uint16_t take16(struct input *in) {
	unsigned int high = take(in);
	return (uint16_t)(high << 8 | take(in));
}

static size_t take_octets(struct input *in, const uint8_t **octets, size_t len) {
	size_t left = (size_t)(in->end - in->p);
	*octets = in->p;
	if (len > left)
		len = left;
	in->p += len;
	return len;
}

static void send(const struct segment *seg) {
	static const struct frame_route route = {.src_mac = {2, 1}, .dst_mac = {2, 2}};
	uint8_t octets[FRAME_MAX_OCTETS];
	size_t len = frame_write(octets, sizeof(octets), &route, seg);
	if (len > 0)
		sim_receive(&sim, world.now_ns, octets, len, &sink);
}

static struct ip_addr addr_of(bool is_v4, uint8_t host) {
	struct ip_addr addr = {.octets = {0xfd, [15] = host}};
	const uint8_t v4[] = {198, 18, 0, host};
	return is_v4 ? addr_from_v4(v4) : addr;
}

static void send_segment(struct input *in) {
	uint8_t who = take(in);
	struct segment seg = {
		.src = addr_of(who & 1, 200),
		.dst = addr_of(who & 1, who >> 4),
		.sport = (uint16_t)(40000 + (who >> 1 & 3)),
		.dport = who & 8 ? 80 : 53,
		.flags = take(in),
		.window = 1000,
	};
	seg.seq = (uint32_t)take16(in) << 8;
	seg.ack = (uint32_t)take16(in) << 8;
	seg.options_len = (uint8_t)(take_octets(in, &seg.options, take(in) % 41u) & ~3u);
	seg.data_len = (uint16_t)take_octets(in, &seg.data, take16(in) % 1400u);
	send(&seg);
}

static void send_answer(struct input *in) {
	if (!world.has_last)
		return;
	struct segment seg = {
		.src = world.last.dst,
		.dst = world.last.src,
		.sport = world.last.dport,
		.dport = world.last.sport,
		.seq = world.last.ack,
		.ack = world.last.seq + segment_seq_len(&world.last),
		.flags = (uint8_t)(TCP_ACK | take(in)),
		.window = 1000,
	};
	seg.data_len = (uint16_t)take_octets(in, &seg.data, take(in));
	send(&seg);
}

static void step(struct input *in) {
	const uint8_t *octets;
	size_t len;
	world.nb_out = 0;
	switch ((enum step)(take(in) % NB_STEPS)) {
	case STEP_RAW:
		len = take_octets(in, &octets, take16(in));
		sim_receive(&sim, world.now_ns, octets, len, &sink);
		break;
	case STEP_SEGMENT:
		send_segment(in);
		break;
	case STEP_TIME:
		world.now_ns += take16(in) * UINT64_C(1000000);
		sim_tick(&sim, world.now_ns, &sink);
		break;
	case STEP_ANSWER:
		send_answer(in);
		break;
	case NB_STEPS:
		break;
	}
	REQUIRE(sim_nb_conns(&sim) <= NB_CONNS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	static alignas(SIM_ALIGNMENT) uint8_t memory[64 << 10];
	struct input in = {data, data + size};
	struct sim_config config = {.seed = 1, .mac = {2, 2}};
	REQUIRE(sim_octets(NB_CONNS) <= sizeof(memory));
	config.only = sim_behaviour_row(take(&in) % sim_behaviour_nb_rows());
	uint8_t nb_variants = config.only->nb_variants;
	config.only_variant = nb_variants > 0 ? take(&in) % nb_variants : 0;
	uint8_t path = take(&in);
	config.path = (struct sim_path){.loss_in_ppm = path & 1 ? 200000 : 0,
		.loss_out_ppm = path & 2 ? 200000 : 0,
		.duplicate_ppm = path & 4 ? 300000 : 0,
		.reorder_ppm = path & 8 ? 300000 : 0,
		.reorder_ns = 1000000,
		.corrupt_ppm = path & 16 ? 300000 : 0};
	config.rtt_max_ns = path & 32 ? 50000000 : 0;
	config.answer_delay_ns = path & 64 ? 20000000 : 0;
	world.may_be_corrupt = path & 16;
	world.has_last = false;
	world.now_ns = UINT64_C(1795608000000000000);
	sim_init(&sim, &config, memory, NB_CONNS);
	while (in.p < in.end)
		step(&in);
	return 0;
}
