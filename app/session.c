#include "app/session.h"

#include "app/checkpoint_head.h"
#include "app/metadata.h"
#include "app/say.h"
#include "app/summary.h"
#include "app/workforce.h"
#include "lib/wholefile.h"

#include <rte_lcore.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_capture(struct scan *s) {
	const struct options *o = &s->options;
	if (o->write_pcap == NULL)
		return 0;
	struct capfile_head head = {
		.measure = s->measure,
		.raw_cookies = o->raw_cookies,
		.seed_conditions_only = o->seed_conditions_only,
		.has_flows = o->output_flows,
		.filter = o->write_pcap_filter,
	};
	if (s->collectors.each[0].writer.style.domain)
		snprintf(head.domain, sizeof(head.domain), "%s",
			s->collectors.each[0].writer.style.domain);
	s->capture.workers = s->workers;
	return capture_open(&s->capture, o->write_pcap, o->overwrite, &head,
		(uint64_t)o->pcap_buffer_mib << 20);
}

// A checkpoint that is there may be all that is left of a scan.
static int check_old_checkpoint(const struct scan *s) {
	const char *path = s->options.checkpoint;
	struct stat st;
	if (path == NULL || stat(path, &st) < 0 || st.st_size == 0)
		return 0;
	if (!s->options.overwrite) {
		say("%s is there: --resume %s goes on with it, --overwrite begins anew", path,
			path);
		return EXIT_USAGE;
	}
	if (!S_ISREG(st.st_mode) || unlink(path) < 0) {
		say("--checkpoint %s: cannot be replaced", path);
		return EXIT_USAGE;
	}
	return 0;
}

static int cannot_write_checkpoint(const struct scan *s, int ret) {
	say("cannot write --checkpoint %s: %s", s->checkpointer.path, strerror(-ret));
	return EXIT_USAGE;
}

// What can't be written is to be known before anything is said of the scan.
static int try_files(const struct scan *s) {
	int ret = s->checkpointer.path ? wholefile_try(s->checkpointer.path) : 0;
	return ret < 0 ? cannot_write_checkpoint(s, ret) : metadata_try(&s->options);
}

// Behind open_output. Nothing is written yet.
static int open_checkpoint(struct scan *s) {
	struct checkpointer *c = &s->checkpointer;
	if (c->path == NULL)
		return 0;
	if (!s->collectors.each[0].output.is_file) {
		say("%s is no file: a checkpoint names a place in the output, and a pipe has none",
			s->options.output);
		return EXIT_USAGE;
	}
	recorded_init(&c->recorded);
	c->silent = s->collectors.silent;
	c->metadata_path = s->options.metadata_file;
	int ret = checkpointer_open(c, s->options.output);
	if (ret == 0)
		ret = collectors_note(&s->collectors, &c->recorded);
	if (ret < 0)
		return cannot_write_checkpoint(s, ret);
	s->reader.recorded = &c->recorded;
	s->collectors.past = &s->past;
	if (!s->resume.head)
		return 0;
	s->reader.before = &s->resume.done;
	c->recorded.counts = s->past.counts;
	c->recorded.file_octets = s->resume.output_octets;
	return progress_copy(&c->recorded.done, &s->resume.done)
		       ? 0
		       : cannot_write_checkpoint(s, -ENOMEM);
}

static void say_resumed(const struct scan *s) {
	if (!s->resume.head)
		return;
	say("resuming %s: %" PRIu64 " records are there, all up to position %" PRIu64
	    "; what was in flight is measured again",
		s->options.resume, s->past.counts.nb_records, progress_low(&s->resume.done));
	if (visit_has_streams(s->reader.visit))
		say("the targets are a stream: its lines are skipped that have their record; it "
		    "must be the same as before");
}

// The first one.
static int begin_checkpoints(struct scan *s) {
	struct checkpointer *c = &s->checkpointer;
	if (c->path == NULL)
		return 0;
	say_resumed(s);
	int ret = checkpointer_write(c, checkpoint_head(s, false), NULL);
	c->due_ns = clock_now_ns(&s->clock) + CHECKPOINTER_NS;
	if (ret == 0)
		ret = checkpointer_start(c);
	return ret == 0 ? 0 : cannot_write_checkpoint(s, ret);
}

static int open_output(struct scan *s) {
	const struct options *o = &s->options;
	struct record_style style = {
		.laddr4 = s->network.hop.laddr4,
		.laddr6 = s->network.hop.laddr6,
		.cookie_key = {.k0 = s->seed, .k1 = s->seed},
		.raw_cookies = o->raw_cookies,
		.seed_conditions_only = o->seed_conditions_only,
		.domain = o->app->asks_name ? o->domain : NULL,
		.code = o->app->code,
	};
	int code = collectors_check_lcores(o, rte_lcore_count());
	if (code == 0)
		code = check_old_checkpoint(s);
	if (code != 0)
		return code;
	return collectors_open(&s->collectors, o, &style, s->seed, s->epoch, &s->resume);
}

// The port, its link, and the way out of it.
static int open_port(struct scan *s) {
	int code = port_open(&s->port, &s->options, &s->network, workforce_nb_lcores(&s->options));
	if (code != 0)
		return code;
	clock_set(&s->clock);
	if (!link_wait(&s->port)) {
		say("port %u (%s) has no link: look at the cable, and at its other end", s->port.id,
			s->port.driver);
		return EXIT_CANNOT;
	}
	return network_resolve(&s->network, s->port.id, s->port.nb_queues, s->port.pool, &s->clock);
}

static void open_watches(struct scan *s) {
	link_open(&s->link, &s->port, s->options.interface);
	s->has_drops = s->options.interface && s->options.driver == DRIVER_AF_PACKET &&
		       iface_packet_drops_open(&s->drops, s->network.iface.index) == 0;
	rte_eth_stats_get(s->port.id, &s->stats_before);
	s->oerrors_seen = s->stats_before.oerrors;
}

static enum metadata_state state_of(const struct scan *s, int code) {
	if (code == EXIT_INTERRUPTED)
		return METADATA_INTERRUPTED;
	bool is_whole = s->reader.is_at_end && s->nb_unfinished == 0 && code != EXIT_CANNOT;
	return is_whole ? METADATA_FINISHED : METADATA_STOPPED;
}

static int end_checkpoints(struct scan *s, int code) {
	struct checkpointer *c = &s->checkpointer;
	if (c->path == NULL)
		return 0;
	checkpointer_stop(c);
	const struct collector_counts *done = &c->recorded.counts;
	bool is_finished =
		state_of(s, code) == METADATA_FINISHED &&
		done->nb_records + done->nb_blocked == atomic_load(&s->reader.nb_targets);
	int ret = checkpointer_write(c, checkpoint_head(s, is_finished), NULL);
	if (ret < 0) {
		say("cannot write --checkpoint %s: %s; the one before stands", c->path,
			strerror(-ret));
		return EXIT_CANNOT;
	}
	if (!s->options.quiet)
		say("%" PRIu64 " checkpoints, the longest took %.1f ms%s%s", c->nb_written,
			(double)c->longest_ns / 1e6, is_finished ? "" : "; go on with --resume ",
			is_finished ? "" : c->path);
	return 0;
}

static int finish(struct scan *s, enum exit_code code) {
	if (s->options.write_pcap && capture_close(&s->capture, s->end_ns) != 0)
		code = EXIT_CANNOT;
	bool is_doubtful = summary_after(s);
	if (s->options.write_pcap && !s->options.quiet)
		say("capture: %" PRIu64 " frames of %" PRIu64 " targets in %s, %" PRIu64 " missing",
			s->capture.nb_frames, s->capture.nb_targets, s->options.write_pcap,
			capture_nb_missing(&s->capture));
	if (end_checkpoints(s, code) != 0)
		code = EXIT_CANNOT;
	if (collectors_close(&s->collectors, &s->options) != 0)
		code = EXIT_CANNOT;
	if (s->reader.error) {
		say("target list %s: %s: the targets behind are missing", s->reader.error_path,
			s->reader.error);
		code = EXIT_CANNOT;
	}
	int end = code == EXIT_DONE && is_doubtful ? EXIT_OWN_LOSS : (int)code;
	return metadata_write(s, state_of(s, end), end) == 0 ? end : EXIT_CANNOT;
}

int session_run(struct scan *s) {
	int code = watch_open(s);
	if (code == 0)
		code = try_files(s);
	if (code == 0)
		code = open_output(s);
	if (code == 0)
		code = open_checkpoint(s);
	if (code == 0)
		code = open_port(s);
	if (code == 0)
		code = workforce_create(s);
	if (code == 0)
		code = open_capture(s);
	if (code == 0) {
		open_watches(s);
		if (!s->options.quiet)
			summary_before(s);
		code = workforce_start_reload(s);
	}
	if (code == 0)
		code = metadata_write(s, METADATA_RUNNING, -1);
	if (code == 0)
		code = begin_checkpoints(s);
	if (code == 0)
		code = workforce_start_reader(s);
	if (code == 0)
		code = finish(s, scan_run(s));
	watch_close(s);
	control_set(&s->control.quit, true);
	reload_stop(&s->reload);
	checkpointer_close(&s->checkpointer);
	link_close(&s->link);
	workforce_destroy(s);
	port_close(&s->port);
	return code;
}
