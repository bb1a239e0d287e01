#include "app/replay_own.h"

#include "app/replay_sink.h"
#include "app/say.h"
#include "app/scan.h"
#include "lib/rescan.h"
#include "lib/tfo/conditions.h"
#include "lib/tfo/record_writer.h"

#include <inttypes.h>
#include <string.h>

struct replay_own {
	const char *name; // of the file, for lines
	struct replay_sink sink;
	struct capfile_head head;
	struct record_writer writer;
	struct rescan *rescan;
	uint64_t nb_frames, nb_missing, end_ns;
	bool has_end, has_no_memory;
};

static struct pcapng_text comment_of(const struct pcapng_block *block) {
	struct pcapng_option option;
	size_t pos = 0;
	while (pcapng_option_next(block, &pos, &option)) {
		if (option.code == PCAPNG_OPT_COMMENT)
			return (struct pcapng_text){(const char *)option.value, option.len};
	}
	return (struct pcapng_text){"", 0};
}

bool replay_own_is_it(const struct pcapng_block *first, struct pcapng_text *comment) {
	if (first->kind != PCAPNG_SECTION)
		return false;
	*comment = comment_of(first);
	return capfile_is_head(comment->text, comment->len);
}

// ---- records

static void write_record(
	void *arg, const struct record *r, const struct flow *flows, const struct record_job *job) {
	struct replay_own *own = arg;
	replay_sink_count(&own->sink, r->conditions);
	char *room = replay_sink_room(&own->sink, RECORD_LINE_MAX_OCTETS);
	if (room != NULL)
		replay_sink_add(&own->sink, record_writer_write(&own->writer, r, flows, job, room));
}

static void fill_writer(struct replay_own *own, const struct options *o) {
	const struct capfile_head *head = &own->head;
	const struct measure *m = &head->measure;
	struct record_style style = {
		.laddr4 = m->laddr4,
		.laddr6 = m->laddr6,
		.cookie_key = {.k0 = m->seed, .k1 = m->seed},
		.raw_cookies = head->raw_cookies,
		.seed_conditions_only = head->seed_conditions_only || o->seed_conditions_only,
		.domain = head->domain[0] ? head->domain : NULL,
		.code = m->app->code,
	};
	record_writer_init(&own->writer, &style);
}

// ---- blocks

static uint64_t lost_of(const struct pcapng_block *block) {
	struct pcapng_option option;
	size_t pos = 0;
	uint64_t lost = 0;
	while (pcapng_option_next(block, &pos, &option)) {
		if (option.code != PCAPNG_ISB_OSDROP || option.len != sizeof(lost))
			continue;
		memcpy(&lost, option.value, sizeof(lost));
		lost = block->is_swapped ? __builtin_bswap64(lost) : lost;
	}
	return lost;
}

static void take_block(struct replay_own *own, const struct pcapng_block *block) {
	struct pcapng_text comment = comment_of(block);
	bool is_end = comment.len == strlen(CAPFILE_END) &&
		      memcmp(comment.text, CAPFILE_END, comment.len) == 0;
	if (block->kind == PCAPNG_STATISTICS && is_end) {
		own->has_end = true;
		own->end_ns = block->statistics_time_ns;
		own->nb_missing = lost_of(block);
	}
	if (block->kind != PCAPNG_PACKET)
		return;
	own->nb_frames++;
	own->has_no_memory = !rescan_packet(
		own->rescan, own->nb_frames, &block->packet, comment.text, comment.len);
	replay_sink_push_if_due(&own->sink, block->packet.time_ns);
}

static enum pcapng_step read_blocks(struct replay_own *own, struct pcapng_reader *reader) {
	struct pcapng_block block;
	enum pcapng_step step = PCAPNG_END;
	while (own->sink.error == 0 && !replay_is_interrupted && !own->has_no_memory) {
		step = pcapng_next(reader, &block);
		if (step != PCAPNG_FOUND)
			break;
		take_block(own, &block);
	}
	rescan_finish(own->rescan, own->end_ns);
	return step;
}

// ---- what was found

static void summary(const struct replay_own *own) {
	const struct rescan_counts *c = rescan_counts(own->rescan);
	say_plain("%12" PRIu64 "  frames of %s, a capture of our own", own->nb_frames, own->name);
	say_plain("%12" PRIu64 "  targets", c->nb_targets);
	say_plain("%12" PRIu64 "  records", c->nb_records);
	replay_sink_say(c->nb_unfinished, "targets that had no verdict yet at the end");
	replay_sink_say(c->nb_incomplete, "targets without a record: frames of theirs are missing");
	replay_sink_say(c->nb_contradicted,
		"targets without a record: they were sent something else, or do not begin");
	replay_sink_say(c->nb_placebos, "placebos");
	replay_sink_say(c->nb_placebos_broken, "of them broken");
	replay_sink_say(c->nb_placebos_transient, "of them transient");
	replay_sink_say(c->nb_strange, "frames passed over: no scan of ours captures such");
	replay_sink_say_conditions(&own->sink);
}

static int say_incomplete(const struct replay_own *own) {
	if (!own->has_end)
		say("%s is incomplete: it ends before the scan did, after frame %" PRIu64,
			own->name, own->nb_frames);
	else
		say("%s is incomplete: %" PRIu64 " frames are missing; a record may be of what is "
		    "left",
			own->name, own->nb_missing);
	return EXIT_OWN_LOSS;
}

// What is wrong with the file comes before what is wrong with the scan.
static int judge(
	const struct replay_own *own, const struct pcapng_reader *reader, enum pcapng_step step) {
	const struct rescan_counts *c = rescan_counts(own->rescan);
	if (replay_is_interrupted) {
		say("interrupted after frame %" PRIu64 " of %s", own->nb_frames, own->name);
		return EXIT_INTERRUPTED;
	}
	if (own->has_no_memory) {
		say("no memory for the targets of %s after frame %" PRIu64, own->name,
			own->nb_frames);
		return EXIT_CANNOT;
	}
	if (step == PCAPNG_FAILED) {
		say("cannot read %s: %s", own->name, strerror(reader->os_error));
		return EXIT_CANNOT;
	}
	if (step != PCAPNG_END && step != PCAPNG_FOUND) {
		say("%s: block %" PRIu64 " at octet %" PRIu64
		    " cannot be read: %s: the records are "
		    "of what came before it",
			own->name, reader->nb_blocks, reader->offset,
			step == PCAPNG_TRUNCATED ? "the file ends in it" : reader->what);
		return EXIT_CANNOT;
	}
	if (!own->has_end || own->nb_missing > 0)
		return say_incomplete(own);
	if (c->nb_contradicted == 0)
		return EXIT_DONE;
	say("%s: frame %" PRIu64 " contradicts the method: %s", own->name, c->first_wrong_frame,
		c->reason);
	return EXIT_CANNOT;
}

static int run(struct replay_own *own, const struct options *o, struct pcapng_reader *reader) {
	fill_writer(own, o);
	own->rescan = rescan_create(&own->head, write_record, own);
	if (own->rescan == NULL) {
		say("no memory to read %s", own->name);
		return EXIT_CANNOT;
	}
	int code = replay_sink_open(&own->sink, o);
	if (code == 0) {
		enum pcapng_step step = read_blocks(own, reader);
		code = replay_sink_close(&own->sink, judge(own, reader, step));
		if (!o->quiet)
			summary(own);
	}
	rescan_destroy(own->rescan);
	return code;
}

int replay_own_run(const struct options *o, const char *name, struct pcapng_reader *reader,
	const struct pcapng_text *comment) {
	static struct replay_own own;
	own.name = name;
	switch (capfile_read_head(comment->text, comment->len, &own.head)) {
	case CAPFILE_OK:
		return run(&own, o, reader);
	case CAPFILE_NEWER:
		say("%s was written by another version of dpdk-tfoscan, whose captures are not "
		    "known "
		    "here",
			name);
		return EXIT_USAGE;
	default:
		say("%s is a capture of our own, but its head is damaged: it does not say how the "
		    "scan measured",
			name);
		return EXIT_USAGE;
	}
}
