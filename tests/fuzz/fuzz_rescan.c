// libFuzzer target: any packets as a capture of our own. Reading ends, and no target has two
// records. A packet is: flags, time since the one before (8 octets, ns), lengths of frame and
// comment (2 each), both. The corpus has whole conversations with lib/sim.
#include "lib/rescan.h"
#include "lib/tfo/record_writer.h"

#include <stdlib.h>

#define REQUIRE(truth) ((truth) ? (void)0 : abort())

#define FLAG_OUTBOUND 1
#define HEADER_OCTETS 13

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t nb_records;

static void count(
	void *arg, const struct record *r, const struct flow *flows, const struct record_job *job) {
	static char line[RECORD_LINE_MAX_OCTETS];
	static const struct record_style style = {.domain = "example.com"};
	struct record_writer writer;
	(void)arg;
	nb_records++;
	record_writer_init(&writer, &style);
	// a job's text may be longer than any that a target list can hold
	if (job->text_len <= 4096)
		REQUIRE(record_writer_write(&writer, r, flows, job, line) <= sizeof(line));
}

static const struct capfile_head head = {
	.measure = {.seed = 1,
		.epoch = 1,
		.app = &app_dnstcp,
		.tries = 3,
		.rounds = 3,
		.has_controls = true,
		.timeout_s = 5,
		.mss4 = 1460,
		.mss6 = 1440,
		.laddr4 = {.octets = {[10] = 0xff, [11] = 0xff, 10, 99, 0, 3}},
		.laddr6 = {.octets = {0xfd, [15] = 3}},
		.ports = {.first = 32768, .count = 28000},
		.nb_workers = 1,
		.question_len = 13,
		.question = {7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'c', 'o', 'm', 0}},
	.has_flows = true,
};

static uint64_t number_at(const uint8_t *p, unsigned int octets) {
	uint64_t v = 0;
	for (unsigned int i = 0; i < octets; i++)
		v = v << 8 | p[i];
	return v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct rescan *r = rescan_create(&head, count, NULL);
	REQUIRE(r != NULL);
	uint64_t now_ns = UINT64_C(1795608000000000000), number = 0;
	nb_records = 0;
	while (size >= HEADER_OCTETS) {
		size_t len = number_at(data + 9, 2), comment_len = number_at(data + 11, 2);
		now_ns += number_at(data + 1, 8) % (1000 * NSEC_PER_SEC);
		enum pcapng_direction direction =
			data[0] & FLAG_OUTBOUND ? PCAPNG_OUTBOUND : PCAPNG_INBOUND;
		data += HEADER_OCTETS;
		size -= HEADER_OCTETS;
		if (len + comment_len > size)
			break;
		const struct pcapng_packet packet = {.time_ns = now_ns,
			.len = (uint32_t)len,
			.wire_len = (uint32_t)len,
			.octets = data,
			.direction = direction};
		const char *comment = (const char *)data + len;
		REQUIRE(rescan_packet(r, ++number, &packet, comment, comment_len));
		data += len + comment_len;
		size -= len + comment_len;
	}
	rescan_finish(r, now_ns + 100 * NSEC_PER_SEC);
	const struct rescan_counts *c = rescan_counts(r);
	REQUIRE(c->nb_records == nb_records && nb_records <= number);
	REQUIRE(c->nb_targets <= number && c->first_wrong_frame <= number);
	rescan_destroy(r);
	return 0;
}
