#include "app/capture.h"

#include "app/say.h"
#include "app/scan.h"
#include "lib/pcapng.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define BLOCK_MAX_OCTETS (CAPRING_MAX_ENTRY + 256)
#define FRAMES_A_STEP 4096
#define PUSH_OCTETS (256u << 10)
#define PUSH_NS (NSEC_PER_SEC / 10)
#define FULL_PATIENCE_NS (60 * NSEC_PER_SEC)
#define CLOSE_PATIENCE_MS 1000 // without anything having gone

static struct pcapng_text text_of(const char *text, size_t len) {
	return (struct pcapng_text){text, len};
}

static void write_head(struct capture *c, const struct capfile_head *head) {
	static const char application[] = PROGRAM_NAME " " TFOSCAN_VERSION;
	char comment[CAPFILE_HEAD_MAX_OCTETS], name[32];
	const struct pcapng_section section = {
		.comment = text_of(comment, capfile_write_head(head, comment)),
		.userappl = text_of(application, strlen(application)),
	};
	output_add(&c->output,
		pcapng_write_section((uint8_t *)output_room(&c->output, BLOCK_MAX_OCTETS),
			BLOCK_MAX_OCTETS, &section));
	for (unsigned int i = 0; i < c->nb_workers; i++) {
		int len = snprintf(name, sizeof(name), "worker %u", i);
		const struct pcapng_interface interface = {
			.link_type = PCAPNG_LINK_ETHERNET, .name = text_of(name, (size_t)len)};
		output_add(&c->output,
			pcapng_write_interface((uint8_t *)output_room(&c->output, BLOCK_MAX_OCTETS),
				BLOCK_MAX_OCTETS, &interface));
	}
}

int capture_open(struct capture *c, const char *path, bool overwrite,
	const struct capfile_head *head, uint64_t keep_octets) {
	c->path = path;
	c->nb_workers = head->measure.nb_workers;
	if (head->filter)
		c->filter = CONDITION_BIT(condition_by_word(head->filter, strlen(head->filter)));
	if (head->filter && (c->keep = capkeep_create(keep_octets)) == NULL) {
		say("no memory for %llu MiB of frames: give less with --pcap-buffer",
			(unsigned long long)(keep_octets >> 20));
		return EXIT_CANNOT;
	}
	int ret = output_open(&c->output, path, overwrite);
	if (ret == -EEXIST)
		say("%s is not empty: give --overwrite, or another name with --write-pcap", path);
	else if (ret < 0)
		say("cannot write %s: %s", path, strerror(-ret));
	if (ret < 0)
		return EXIT_USAGE;
	c->is_open = true;
	c->output.has_no_lines = true;
	write_head(c, head);
	return 0;
}

// ---- blocks

static void write_entry(struct capture *c, unsigned int worker, const struct capring_entry *e,
	const struct pcapng_text *comment) {
	uint8_t *room = (uint8_t *)output_room(&c->output, BLOCK_MAX_OCTETS);
	bool is_out = e->flags & CAPRING_OUTBOUND;
	const struct pcapng_packet packet = {
		.time_ns = e->time_ns,
		.interface = worker,
		.len = e->len,
		.wire_len = e->len,
		.octets = capring_octets(e),
		.direction = is_out ? PCAPNG_OUTBOUND : PCAPNG_INBOUND,
		.comments = comment,
		.nb_comments = comment->len > 0,
	};
	size_t len = room ? pcapng_write_packet(room, BLOCK_MAX_OCTETS, &packet) : 0;
	if (len == 0) {
		c->nb_missing++;
		return;
	}
	output_add(&c->output, len);
	c->nb_frames++;
	c->nb_targets += (e->flags & CAPRING_BEGINS) != 0;
}

static void push(struct capture *c, uint64_t now_ns) {
	c->pushed_ns = now_ns;
	c->state = output_push(&c->output);
	if (c->state != OUTPUT_FULL)
		c->full_ns = 0;
	else if (c->full_ns == 0)
		c->full_ns = now_ns;
}

// The scan is worth more than its capture: it goes on, and must not wait for room in the rings.
static void give_up(struct capture *c, const char *why) {
	say("cannot write %s: %s: the scan goes on without a capture", c->path, why);
	c->is_open = false;
	output_close(&c->output);
}

static unsigned int discard(struct capture *c) {
	unsigned int nb = 0;
	for (unsigned int i = 0; i < c->nb_workers; i++) {
		struct capring *ring = &c->workers[i]->capture;
		for (; capring_first(ring) != NULL; nb++)
			capring_next(ring);
	}
	return nb;
}

static void take_entry(struct capture *c, unsigned int worker, const struct capring_entry *e) {
	if (c->keep == NULL) {
		struct pcapng_text comment = text_of(capring_text(e), e->text_len);
		write_entry(c, worker, e, &comment);
	} else if (e->target != CAPRING_NO_TARGET) {
		capkeep_add(c->keep, e);
	}
}

static bool has_room(struct capture *c) {
	return output_room(&c->output, BLOCK_MAX_OCTETS) != NULL;
}

// The ring whose next frame is the oldest, so that the file is nearly in the order of time.
static struct capring *oldest(struct capture *c, unsigned int *worker) {
	struct capring *ring = NULL;
	uint64_t time_ns = UINT64_MAX;
	for (unsigned int i = 0; i < c->nb_workers; i++) {
		const struct capring_entry *e = capring_first(&c->workers[i]->capture);
		if (e == NULL || e->time_ns >= time_ns)
			continue;
		time_ns = e->time_ns;
		ring = &c->workers[i]->capture;
		*worker = i;
	}
	return ring;
}

static unsigned int drain(struct capture *c, unsigned int max) {
	unsigned int nb = 0, worker = 0;
	struct capring *ring;
	while (nb < max && has_room(c) && (ring = oldest(c, &worker)) != NULL) {
		take_entry(c, worker, capring_first(ring));
		capring_next(ring);
		nb++;
	}
	return nb;
}

unsigned int capture_step(struct capture *c, uint64_t now_ns) {
	if (!c->is_open)
		return discard(c);
	unsigned int nb = drain(c, FRAMES_A_STEP);
	bool is_due = c->output.len >= PUSH_OCTETS || now_ns >= c->pushed_ns + PUSH_NS;
	// a full disk is tried again ten times a second
	bool may_push = c->state == OUTPUT_OK || c->state == OUTPUT_BUSY ||
			(c->state == OUTPUT_FULL && now_ns >= c->pushed_ns + PUSH_NS);
	if (is_due && may_push && c->output.len > 0)
		push(c, now_ns);
	if (c->state > OUTPUT_FULL)
		give_up(c, strerror(c->output.os_error));
	else if (c->full_ns != 0 && now_ns - c->full_ns >= FULL_PATIENCE_NS)
		give_up(c, "no room on the disk for 60 s");
	return nb;
}

// ---- verdicts

struct chosen {
	struct capture *c;
	unsigned int worker;
	bool has_begun;
};

// The first of a target's frames says how many are missing, so that nobody judges by the rest.
// Which job it was knows only the one that began it.
static void write_chosen(void *context, const struct capring_entry *e, uint32_t nb_missing) {
	struct chosen *chosen = context;
	char text[CAPFILE_TARGET_MAX_OCTETS];
	struct capfile_target target = {.index = e->target, .job = {.text = ""}};
	struct pcapng_text comment = text_of(text, 0);
	if (e->flags & CAPRING_BEGINS)
		capfile_read_target(capring_text(e), e->text_len, &target);
	if (!chosen->has_begun) {
		target.nb_missing = nb_missing;
		comment.len = capfile_write_target(&target, text);
		chosen->c->nb_targets += !(e->flags & CAPRING_BEGINS);
	}
	chosen->has_begun = true;
	write_entry(chosen->c, chosen->worker, e, &comment);
}

void capture_verdict(struct capture *c, unsigned int worker, uint64_t index, uint64_t conditions) {
	if (!c->is_open || c->keep == NULL)
		return;
	struct capring *ring = &c->workers[worker]->capture;
	for (const struct capring_entry *e; (e = capring_first(ring)) != NULL; capring_next(ring))
		take_entry(c, worker, e);
	if (!(conditions & c->filter)) {
		capkeep_drop(c->keep, index);
		return;
	}
	struct chosen chosen = {.c = c, .worker = worker};
	c->nb_missing += capkeep_take(c->keep, index, write_chosen, &chosen);
}

// ---- the end

uint64_t capture_nb_missing(const struct capture *c) {
	uint64_t nb = c->nb_missing;
	for (unsigned int i = 0; i < c->nb_workers; i++)
		nb += c->workers[i]->counters.capture_lost;
	return nb;
}

// As long as the disk, or who reads the pipe, takes something within the time.
static bool write_out(struct capture *c) {
	for (unsigned int waited_ms = 0; c->output.len > 0 && waited_ms < CLOSE_PATIENCE_MS;) {
		size_t before = c->output.len;
		c->state = output_push(&c->output);
		if (c->state > OUTPUT_FULL)
			return false;
		bool has_gone = c->output.len < before;
		waited_ms = has_gone ? 0 : waited_ms + 10;
		if (!has_gone)
			poll(NULL, 0, 10);
	}
	return c->output.len == 0;
}

int capture_close(struct capture *c, uint64_t end_ns) {
	bool is_written = c->is_open;
	while (is_written && drain(c, UINT32_MAX) > 0)
		is_written = write_out(c);
	uint8_t *room = c->is_open ? (uint8_t *)output_room(&c->output, BLOCK_MAX_OCTETS) : NULL;
	if (is_written && room != NULL) {
		const struct pcapng_statistics statistics = {
			.time_ns = end_ns,
			.osdrop = capture_nb_missing(c),
			.comment = text_of(CAPFILE_END, strlen(CAPFILE_END)),
		};
		output_add(
			&c->output, pcapng_write_statistics(room, BLOCK_MAX_OCTETS, &statistics));
		is_written = write_out(c);
	}
	if (c->keep)
		capkeep_destroy(c->keep);
	if (!c->is_open)
		return EXIT_CANNOT; // a line was said when it failed
	int ret = output_close(&c->output);
	c->is_open = false;
	if (is_written && ret == 0)
		return 0;
	say("cannot write the end of %s: %s", c->path,
		strerror(ret < 0 ? -ret : c->output.os_error));
	return EXIT_CANNOT;
}
