// How many records a second one core formats and writes: workers' rings are filled with records as
// scans give them, and collector_step takes them into a file. No port, no EAL, no target.
//
//	collector_bench [FILE [SECONDS]]	/dev/shm/collector_bench, 3; the file is removed
//	collector_bench FILE 0 GIB		a file so long, until it is on the disk
//
// Prints lines of key and value; the clock runs in collector_step alone, but with GIB all the time.
#include "app/collector.h"

#include <rte_cycles.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NB_WORKERS 4
#define RING_RECORDS 8192
#define NB_PATTERNS 4096		  // different records; a power of two
#define FILE_OCTETS (UINT64_C(256) << 20) // its pages are used again, not got from the host
#define START_NS (UINT64_C(1795435200) * NSEC_PER_SEC)

// What decides how long a line is: an answering target is a plain server, or one with Fast Open.
enum kind {
	KIND_PLAIN,
	KIND_TFO,
	KIND_SHORT,
	NB_KINDS,
};

static struct record patterns[NB_KINDS][NB_PATTERNS];
static struct worker workers[NB_WORKERS];
static struct collector collector;
static struct capture no_capture;
static const char *path = "/dev/shm/collector_bench";

static uint64_t random_state = 1;

static uint32_t random_below(uint32_t n) {
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)((random_state >> 32) * n >> 32);
}

static uint64_t now_ns(void) {
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
}

static void die(const char *what) {
	perror(what);
	exit(1);
}

// ---- records

static struct evidence evidence_of(enum probe probe, bool has_tfo) {
	struct evidence ev = {
		.syn_rtt_us = 300 + random_below(300000),
		.answer_us = 1000 + random_below(600000),
		.marks = MARK_SYNACK,
		.sport = (uint16_t)(32768 + random_below(28000)),
		.data_len = 33,
		.mss = 1460,
		.window = (uint16_t)(29200 + random_below(36000)),
		.syns = 1,
		.outcome = OUTCOME_OK,
		.ttl = (uint8_t)(40 + random_below(24)),
		.code = (uint16_t)(random_below(2) * 5),
	};
	if (probe == PROBE_BASELINE)
		return ev;
	ev.option_out = COOKIE_OPTION_KIND34;
	if (!has_tfo)
		return ev;
	struct cookie cookie = {.len_octets = 8};
	for (unsigned int i = 0; i < cookie.len_octets; i++)
		cookie.octets[i] = (uint8_t)random_below(256);
	if (probe == PROBE_REQUEST) {
		ev.option_in = COOKIE_OPTION_KIND34;
		ev.cookie_in = cookie;
		ev.cookie_raw_len = cookie.len_octets;
	} else {
		ev.cookie_out = cookie;
		ev.data_acked = ev.data_len;
	}
	return ev;
}

static uint64_t words_of(enum kind kind) {
	switch (kind) {
	case KIND_SHORT:
		return CONDITION_BIT(CONDITION_OFFLINE);
	case KIND_TFO:
		return CONDITION_BIT(CONDITION_WORKS) | CONDITION_BIT(CONDITION_COOKIE_RECEIVED) |
		       CONDITION_BIT(CONDITION_SYNDATA_ACKED) |
		       CONDITION_BIT(CONDITION_COOKIE_LENGTH_8);
	default:
		return CONDITION_BIT(CONDITION_WORKS) |
		       CONDITION_BIT(CONDITION_COOKIE_NOT_RECEIVED);
	}
}

static void make_patterns(void) {
	for (unsigned int kind = 0; kind < NB_KINDS; kind++) {
		for (unsigned int i = 0; i < NB_PATTERNS; i++) {
			uint32_t v4 = random_below(UINT32_MAX);
			struct record *r = &patterns[kind][i];
			*r = (struct record){
				.addr = addr_from_v4((const uint8_t *)&v4),
				.port = 53,
				.conditions = words_of(kind),
				.rounds = 1,
				.first_round = CONDITION_WORKS,
				.is_silent = kind == KIND_SHORT,
			};
			for (unsigned int p = 0; kind != KIND_SHORT && p < NB_PROBES; p++) {
				if (kind == KIND_TFO || p != PROBE_DATA)
					r->evidence[p] = evidence_of(p, kind == KIND_TFO);
			}
		}
	}
}

// One in so many answering targets has Fast Open.
static uint64_t fill(enum kind kind, unsigned int tfo_in, uint64_t nb_before) {
	uint64_t nb = 0;
	for (unsigned int w = 0; w < NB_WORKERS; w++) {
		struct rte_ring *ring = kind == KIND_SHORT ? workers[w].shorts : workers[w].records;
		while (!rte_ring_full(ring)) {
			uint64_t n = nb_before + nb++;
			bool has_tfo = kind == KIND_TFO && n % tfo_in == 0;
			enum kind this = kind == KIND_TFO && !has_tfo ? KIND_PLAIN : kind;
			struct record r = patterns[this][n & (NB_PATTERNS - 1)];
			r.index = n;
			r.from_ns = START_NS + n * 500 + random_below(1000);
			r.to_ns = r.from_ns + 1000000 + random_below(900000000);
			if (kind != KIND_SHORT) {
				rte_ring_enqueue_elem(ring, &r, sizeof(r));
				continue;
			}
			struct record_short s = {.addr = r.addr,
				.from_ns = r.from_ns,
				.to_ns = r.from_ns + 8 * NSEC_PER_SEC,
				.index = n,
				.port = 53};
			rte_ring_enqueue_elem(ring, &s, sizeof(s));
		}
	}
	return nb;
}

// ---- measuring

static struct rte_ring *make_ring(unsigned int element_octets) {
	ssize_t octets = rte_ring_get_memsize_elem(element_octets, RING_RECORDS);
	struct rte_ring *ring =
		octets > 0 ? aligned_alloc(64, ((size_t)octets + 63) & ~63ul) : NULL;
	if (!ring || rte_ring_init(ring, "bench", RING_RECORDS, RING_F_SP_ENQ | RING_F_SC_DEQ) != 0)
		die("ring");
	return ring;
}

static void open_collector(void) {
	struct record_style style = {.laddr4 = addr_from_v4((const uint8_t[]){10, 99, 0, 3}),
		.cookie_key = {1, 2},
		.domain = "example.com"};
	memset(&collector, 0, sizeof(collector));
	collector.capture = &no_capture;
	for (unsigned int w = 0; w < NB_WORKERS; w++)
		collector.workers[collector.nb_workers++] = &workers[w];
	record_writer_init(&collector.writer, &style);
	if (output_open(&collector.output, path, true) != 0)
		die(path);
}

struct result {
	uint64_t nb, octets, ns, cycles;
};

// Until the time is over, the file begun anew whenever it is large.
static struct result run(enum kind kind, unsigned int tfo_in, unsigned int seconds) {
	struct result sum = {0};
	while (sum.ns < seconds * NSEC_PER_SEC) {
		open_collector();
		uint64_t nb = 0;
		while (collector.output.written_octets < FILE_OCTETS &&
			sum.ns < seconds * NSEC_PER_SEC) {
			nb += fill(kind, tfo_in, nb);
			uint64_t begun_ns = now_ns(), begun = rte_rdtsc();
			while (collector_step(&collector, now_ns()) > 0) {
				if (collector.state > OUTPUT_BUSY)
					die(path);
			}
			sum.cycles += rte_rdtsc() - begun;
			sum.ns += now_ns() - begun_ns;
		}
		uint64_t begun_ns = now_ns(), begun = rte_rdtsc();
		collector_flush(&collector, begun_ns);
		sum.cycles += rte_rdtsc() - begun;
		sum.ns += now_ns() - begun_ns;
		if (collector.counts.nb_records != nb || collector.output.len > 0)
			die("records are missing");
		sum.nb += nb;
		sum.octets += collector.output.written_octets;
		output_close(&collector.output);
	}
	return sum;
}

// As dd with conv=fsync: whoever fills the rings meanwhile is another core in a scan, and here
// takes a tenth of the time.
static void print_disk(uint64_t gib) {
	uint64_t nb = 0, begun_ns = now_ns();
	open_collector();
	while (collector.output.written_octets < gib << 30) {
		nb += fill(KIND_TFO, 50, nb);
		while (collector_step(&collector, now_ns()) > 0) {
			if (collector.state > OUTPUT_BUSY)
				die(path);
		}
	}
	if (collector_flush(&collector, now_ns()) != OUTPUT_OK || fsync(collector.output.fd) < 0)
		die(path);
	double s = (double)(now_ns() - begun_ns) / 1e9;
	printf("collector.disk_records_per_s %.0f\n", (double)nb / s);
	printf("collector.disk_octets_per_s %.0f\n", (double)collector.output.written_octets / s);
	output_close(&collector.output);
}

static void print(const char *what, struct result r) {
	double s = (double)r.ns / 1e9, nb = (double)r.nb;
	printf("collector.%srecords_per_s %.0f\n", what, nb / s);
	printf("collector.%scycles_per_record %.0f\n", what, (double)r.cycles / nb);
	printf("collector.%soctets_per_record %.0f\n", what, (double)r.octets / nb);
	printf("collector.%soctets_per_s %.0f\n", what, (double)r.octets / s);
}

int main(int argc, char **argv) {
	if (argc > 1)
		path = argv[1];
	unsigned int seconds = argc > 2 ? (unsigned int)atoi(argv[2]) : 3;
	for (unsigned int w = 0; w < NB_WORKERS; w++) {
		workers[w].records = make_ring(sizeof(struct record));
		workers[w].shorts = make_ring(sizeof(struct record_short));
	}
	make_patterns();
	if (argc > 3) {
		print_disk(strtoull(argv[3], NULL, 10));
		unlink(path);
		return 0;
	}
	run(KIND_TFO, 50, 1); // memory that this machine's host has to find first
	print("", run(KIND_TFO, 50, seconds));
	print("tfo_", run(KIND_TFO, 1, seconds));
	print("short_", run(KIND_SHORT, 1, seconds));
	unlink(path);
	return 0;
}
