// How many frames a second the simulated Internet takes on one core: SYNs to random addresses, as a
// scan sends them. Built, not run by `meson test`.
//
//	sim_bench [MIX]		prints frames a second and what came back; MIX: realistic
#include "lib/sim/sim.h"
#include "lib/tcpstack/bytes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NB_FRAMES 20000000u
#define NB_DISTINCT 65536u // frames that are written before the clock starts
#define SECOND UINT64_C(1000000000)

struct frames {
	uint8_t octets[NB_DISTINCT][96];
	size_t len;
};

static uint8_t leaving[FRAME_MAX_OCTETS];

static uint8_t *buffer(void *context) {
	(void)context;
	return leaving;
}

static void commit(void *context, uint64_t at_ns, size_t len) {
	uint64_t *sum = context;
	*sum += at_ns + len;
}

static uint64_t monotonic_ns(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

static void write_syns(struct frames *frames) {
	static const uint8_t options[20] = {
		2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7};
	static const uint8_t client[] = {10, 99, 0, 3};
	const struct frame_route route = {.src_mac = {2, 1}, .dst_mac = {2, 2}};
	uint64_t random = 1;
	for (unsigned int i = 0; i < NB_DISTINCT; i++) {
		random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
		uint8_t server[4];
		memcpy(server, (const uint8_t *)&random + 4, sizeof(server));
		struct segment syn = {.src = addr_from_v4(client),
			.dst = addr_from_v4(server),
			.sport = (uint16_t)(32768 + i % 28000),
			.dport = 53,
			.seq = (uint32_t)random,
			.flags = TCP_SYN,
			.window = 64240,
			.options = options,
			.options_len = sizeof(options)};
		frames->len =
			frame_write(frames->octets[i], sizeof(frames->octets[i]), &route, &syn);
	}
}

// The next pass comes from another port: a new connection. RFC 1624 mends the checksum.
static void use_next_port(uint8_t *octets) {
	uint8_t *port = octets + 34, *checksum = octets + 50;
	uint16_t old = get_be16(port);
	put_be16(port, (uint16_t)(old + 1));
	uint32_t sum = (uint16_t)~get_be16(checksum) + (uint32_t)(uint16_t)~old + get_be16(port);
	sum = (sum & 0xffff) + (sum >> 16);
	put_be16(checksum, (uint16_t) ~((sum & 0xffff) + (sum >> 16)));
}

int main(int argc, char **argv) {
	struct sim_config config = {.seed = 1, .mac = {2, 2}, .rtt_max_ns = SECOND / 10};
	const char *mix = argc > 1 ? argv[1] : "realistic";
	if (!sim_mix_parse(mix, config.weights)) {
		fprintf(stderr, "sim_bench: '%s' is no mix\n", mix);
		return 2;
	}
	struct frames *frames = malloc(sizeof(*frames));
	size_t room = (sim_octets(SIM_DEFAULT_CONNS) + SIM_ALIGNMENT - 1) / SIM_ALIGNMENT;
	void *memory = aligned_alloc(SIM_ALIGNMENT, room * SIM_ALIGNMENT);
	if (!frames || !memory)
		return 1;
	static struct sim s;
	uint64_t sum = 0, now_ns = SECOND;
	const struct sim_sink sink = {.context = &sum, .buffer = buffer, .commit = commit};
	sim_init(&s, &config, memory, SIM_DEFAULT_CONNS);
	write_syns(frames);
	uint64_t start_ns = monotonic_ns();
	for (unsigned int i = 0; i < NB_FRAMES; i++) {
		now_ns += 200; // 5 million a second
		uint8_t *octets = frames->octets[i % NB_DISTINCT];
		sim_receive(&s, now_ns, octets, frames->len, &sink);
		use_next_port(octets);
		if (i % 32 == 0 && sim_wake_ns(&s) <= now_ns)
			sim_tick(&s, now_ns, &sink);
	}
	double seconds = (double)(monotonic_ns() - start_ns) / (double)SECOND;
	printf("%s: %.2f million frames a second, %.0f ns each\n", mix, NB_FRAMES / seconds / 1e6,
		seconds * 1e9 / NB_FRAMES);
	printf("ignored %" PRIu64 ", sent %" PRIu64 ", connections %" PRIu64 ", pushed out %" PRIu64
	       " (%" PRIx64 ")\n",
		s.counters.nb_ignored, s.counters.nb_sent, s.counters.nb_conns,
		s.counters.nb_evicted, sum);
	free(memory);
	free(frames);
	return 0;
}
