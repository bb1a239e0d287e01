#include "app/replay.h"

#include "app/replay_own.h"
#include "app/replay_sink.h"
#include "app/say.h"
#include "app/scan.h"
#include "lib/flowtable.h"
#include "lib/pcapfile.h"
#include "lib/tfo/conditions.h"
#include "lib/tfo/passive.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define MAX_CONNECTIONS (1u << 20)
#define STREAM_OCTETS (1u << 20)

struct replay {
	const struct options *o;
	const char *name; // of the file, for lines
	struct flowtable table;
	struct replay_sink sink;
	uint64_t nb_kinds[FRAME_NB_KINDS];
	uint64_t nb_no_ip, nb_bad_checksums, nb_cut;
};

static void interrupt(int signal_number) {
	(void)signal_number;
	replay_is_interrupted = 1;
}

// The first signal ends the reading, a second one the program.
static void catch_signals(void) {
	struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

// Wait until there is something to be read. False: a signal came, before or meanwhile; between the
// look at that and the wait no signal is lost.
static bool may_read(int fd) {
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	sigset_t ours, before;
	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGTERM);
	sigprocmask(SIG_BLOCK, &ours, &before);
	if (!replay_is_interrupted)
		ppoll(&poll_fd, 1, NULL, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return !replay_is_interrupted;
}

// As read(2), but the first signal is the end of the file.
static ssize_t read_more(int fd, void *buf, size_t len) {
	ssize_t n = 0;
	while (may_read(fd) && (n = read(fd, buf, len)) < 0 && errno == EINTR)
		n = 0;
	return n;
}

// ---- records

static void write_record(void *arg, const struct flowtable_conn *conn, uint64_t seen_until_ns) {
	struct replay *r = arg;
	const struct flow *f = &conn->flow;
	uint64_t conditions = passive_conditions(f, seen_until_ns);
	replay_sink_count(&r->sink, conditions);
	struct flow_place place = {
		.sip = conn->client,
		.dip = conn->server,
		.sp = conn->client_port,
		.dp = conn->server_port,
		.config = (uint8_t)flow_config_seen(f),
		.state = (uint8_t)flow_state_seen(f),
	};
	char *room = replay_sink_room(&r->sink, PASSIVE_LINE_MAX_OCTETS);
	if (room != NULL)
		replay_sink_add(&r->sink,
			passive_write(f, &place, conditions, r->o->seed_conditions_only, room));
}

// ---- frames

static void take_packet(struct replay *r, const struct pcapfile_packet *packet) {
	struct frame_captured c;
	enum frame_kind kind =
		frame_parse_captured(packet->octets, packet->len, packet->wire_len, &c);
	r->nb_kinds[kind]++;
	if (kind == FRAME_TCP) {
		r->nb_bad_checksums += c.has_bad_checksum;
		r->nb_cut += c.is_cut;
		flowtable_segment(&r->table, packet->time_ns, &c.frame.seg);
	} else if (kind == FRAME_ICMP) {
		flowtable_icmp(&r->table, packet->time_ns, &c.frame.quote);
	}
	replay_sink_push_if_due(&r->sink, r->table.now_ns);
}

static int read_packets(struct replay *r, struct pcapfile *file) {
	struct pcapfile_packet packet;
	enum pcapfile_step step = PCAPFILE_IP;
	while (r->sink.error == 0 && !replay_is_interrupted) {
		step = pcapfile_next(file, &packet);
		if (step == PCAPFILE_IP)
			take_packet(r, &packet);
		else if (step == PCAPFILE_NO_IP)
			r->nb_no_ip++;
		else
			break;
	}
	flowtable_finish(&r->table);
	if (replay_is_interrupted) {
		say("interrupted after packet %" PRIu64 " of %s", file->nb_packets, r->name);
		return EXIT_INTERRUPTED;
	}
	if (step != PCAPFILE_BROKEN)
		return EXIT_DONE;
	say("%s: packet %" PRIu64 " cannot be read: %s: the records are of what came before it",
		r->name, file->nb_packets + 1, file->error);
	return EXIT_CANNOT;
}

// ---- what was done

static void summary(const struct replay *r, uint64_t nb_packets) {
	const uint64_t *kinds = r->nb_kinds;
	say_plain("%12" PRIu64 "  frames of %s", nb_packets, r->name);
	say_plain("%12" PRIu64 "  connections", r->table.nb_connections);
	replay_sink_say(
		r->table.nb_early, "of them written before they had ended: too many at a time");
	replay_sink_say(
		r->table.nb_without_syn, "connections skipped: their SYN is not in the capture");
	replay_sink_say(r->nb_no_ip, "frames skipped: no IP");
	replay_sink_say(kinds[FRAME_OTHER] + kinds[FRAME_NEIGH], "frames skipped: no TCP");
	replay_sink_say(kinds[FRAME_FRAGMENT], "frames skipped: fragments");
	replay_sink_say(kinds[FRAME_TRUNCATED], "frames skipped: cut in their headers");
	replay_sink_say(kinds[FRAME_BAD_LENGTH] + kinds[FRAME_FORGED], "frames skipped: broken");
	replay_sink_say(r->nb_bad_checksums, "segments with a wrong checksum, read all the same");
	replay_sink_say(r->nb_cut, "segments cut behind their headers");
	replay_sink_say_conditions(&r->sink);
}

// ---- the file: its first octets are read by pcapng_next, so that a capture of our own is told
// from others, and what cannot be read at all is named as that; stdin can't be wound back, so
// libpcap gets a stream that begins with them

struct source {
	const struct pcapng_reader *reader; // what it has read comes first
	size_t taken;			    // of that
};

static ssize_t stream_read(void *cookie, char *buf, size_t len) {
	struct source *src = cookie;
	size_t left = src->reader->end - src->taken;
	if (left == 0)
		return src->reader->read(src->reader->fd, buf, len);
	size_t n = left < len ? left : len;
	memcpy(buf, src->reader->buf + src->taken, n);
	src->taken += n;
	return (ssize_t)n;
}

static int read_others(struct replay *r, const struct pcapng_reader *reader) {
	static char stream_buffer[STREAM_OCTETS];
	struct source src = {.reader = reader};
	FILE *stream = fopencookie(&src, "r", (cookie_io_functions_t){.read = stream_read});
	if (stream == NULL) {
		say("cannot read %s: %s", r->name, strerror(errno));
		return EXIT_CANNOT;
	}
	setvbuf(stream, stream_buffer, _IOFBF, sizeof(stream_buffer));
	struct pcapfile file;
	if (pcapfile_open(&file, stream) < 0) {
		say("%s is no capture that can be read: %s", r->name, file.error);
		return EXIT_USAGE;
	}
	int code = replay_sink_open(&r->sink, r->o);
	if (code == 0) {
		code = replay_sink_close(&r->sink, read_packets(r, &file));
		if (!r->o->quiet)
			summary(r, file.nb_packets);
	}
	pcapfile_close(&file);
	return code;
}

static int read_capture(struct replay *r, struct pcapng_reader *reader) {
	struct pcapng_block first;
	struct pcapng_text comment;
	enum pcapng_step step = pcapng_next(reader, &first);
	if (replay_is_interrupted) {
		say("interrupted before the first frame of %s", r->name);
		return EXIT_INTERRUPTED;
	}
	if (step == PCAPNG_FAILED) {
		say("cannot read %s: %s", r->name, strerror(reader->os_error));
		return EXIT_USAGE;
	}
	if (step == PCAPNG_FOUND && replay_own_is_it(&first, &comment))
		return replay_own_run(r->o, r->name, reader, &comment);
	return read_others(r, reader);
}

// ---- all of it

static int run_on(struct replay *r, int fd) {
	struct siphash_key key;
	if (getrandom(&key, sizeof(key), 0) != sizeof(key) ||
		flowtable_create(&r->table, MAX_CONNECTIONS, &key, write_record, r) < 0) {
		say("no memory, or no random number, for the table of connections");
		return EXIT_CANNOT;
	}
	catch_signals();
	struct pcapng_reader reader;
	int code = EXIT_CANNOT;
	if (pcapng_open(&reader, fd) == 0) {
		reader.read = read_more;
		code = read_capture(r, &reader);
	} else {
		say("no memory to read %s", r->name);
	}
	pcapng_close(&reader);
	flowtable_destroy(&r->table);
	return code;
}

int replay_run(const struct options *o) {
	static struct replay r;
	r.o = o;
	bool is_stdin = strcmp(o->read_pcap, "-") == 0;
	r.name = is_stdin ? "stdin" : o->read_pcap;
	int fd = is_stdin ? STDIN_FILENO : open(o->read_pcap, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		say("cannot read %s: %s", o->read_pcap, strerror(errno));
		return EXIT_USAGE;
	}
	int code = run_on(&r, fd);
	if (!is_stdin)
		close(fd);
	return code;
}
