#include "app/replay.h"

#include "app/say.h"
#include "app/scan.h"
#include "lib/flowtable.h"
#include "lib/output.h"
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
#define PUSH_OCTETS (1u << 18)
#define PUSH_NS UINT64_C(1000000000) // of the capture's time: who reads an endless one waits for it
#define STREAM_OCTETS (1u << 20)

struct replay {
	const struct options *o;
	const char *name; // of the file, for lines
	struct flowtable table;
	struct output output;
	int output_error; // -errno of a write that will not succeed any more
	uint64_t pushed_ns;
	uint64_t nb_kinds[FRAME_NB_KINDS];
	uint64_t nb_no_ip, nb_bad_checksums, nb_cut;
	uint64_t nb_conditions[NB_CONDITIONS];
};

static volatile sig_atomic_t is_interrupted;

static void interrupt(int signal_number) {
	(void)signal_number;
	is_interrupted = 1;
}

// The first signal ends the reading, a second one the program.
static void catch_signals(void) {
	struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

// ---- records

// Here it may wait: nothing is lost meanwhile.
static void push(struct replay *r) {
	struct output *out = &r->output;
	while (out->len > 0 && r->output_error == 0) {
		enum output_state state = output_push(out);
		struct pollfd pfd = {.fd = out->fd, .events = POLLOUT};
		if (state == OUTPUT_BUSY)
			poll(&pfd, 1, -1);
		else if (state != OUTPUT_OK)
			r->output_error = -out->os_error;
	}
	r->pushed_ns = r->table.now_ns;
}

static void write_record(void *arg, const struct flowtable_conn *conn, uint64_t seen_until_ns) {
	struct replay *r = arg;
	const struct flow *f = &conn->flow;
	uint64_t conditions = passive_conditions(f, seen_until_ns);
	for (unsigned int c = 0; c < NB_CONDITIONS; c++)
		r->nb_conditions[c] += (conditions & CONDITION_BIT(c)) != 0;
	struct flow_place place = {
		.sip = conn->client,
		.dip = conn->server,
		.sp = conn->client_port,
		.dp = conn->server_port,
		.config = (uint8_t)flow_config_seen(f),
		.state = (uint8_t)flow_state_seen(f),
	};
	char *room = output_room(&r->output, PASSIVE_LINE_MAX_OCTETS);
	if (room == NULL || r->output_error != 0)
		return; // only after an error: replay_packets pushes long before
	output_add(
		&r->output, passive_write(f, &place, conditions, r->o->seed_conditions_only, room));
	if (r->output.len >= PUSH_OCTETS)
		push(r);
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
	if (r->table.now_ns - r->pushed_ns >= PUSH_NS)
		push(r);
}

static int read_packets(struct replay *r, struct pcapfile *file) {
	struct pcapfile_packet packet;
	enum pcapfile_step step = PCAPFILE_IP;
	while (r->output_error == 0 && !is_interrupted) {
		step = pcapfile_next(file, &packet);
		if (step == PCAPFILE_IP)
			take_packet(r, &packet);
		else if (step == PCAPFILE_NO_IP)
			r->nb_no_ip++;
		else
			break;
	}
	flowtable_finish(&r->table);
	push(r);
	if (is_interrupted) {
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

static void count_line(uint64_t n, const char *what) {
	if (n > 0)
		say_plain("%12" PRIu64 "  %s", n, what);
}

static void summary(const struct replay *r, uint64_t nb_packets) {
	const uint64_t *kinds = r->nb_kinds;
	say_plain("%12" PRIu64 "  frames of %s", nb_packets, r->name);
	say_plain("%12" PRIu64 "  connections", r->table.nb_connections);
	count_line(r->table.nb_early, "of them written before they had ended: too many at a time");
	count_line(r->table.nb_without_syn, "connections skipped: their SYN is not in the capture");
	count_line(r->nb_no_ip, "frames skipped: no IP");
	count_line(kinds[FRAME_OTHER] + kinds[FRAME_NEIGH], "frames skipped: no TCP");
	count_line(kinds[FRAME_FRAGMENT], "frames skipped: fragments");
	count_line(kinds[FRAME_TRUNCATED], "frames skipped: cut in their headers");
	count_line(kinds[FRAME_BAD_LENGTH] + kinds[FRAME_FORGED], "frames skipped: broken");
	count_line(r->nb_bad_checksums, "segments with a wrong checksum, read all the same");
	count_line(r->nb_cut, "segments cut behind their headers");
	for (unsigned int c = 0; c < NB_CONDITIONS; c++)
		count_line(r->nb_conditions[c], condition_word(c));
}

// ---- the file: its first octets are read here, so that what cannot be read at all is named as
// that; stdin can't be wound back, so libpcap gets a stream that begins with them

struct source {
	int fd;
	uint8_t first[4096];
	size_t len, taken; // of first
};

static ssize_t read_more(const struct source *src, char *buf, size_t len) {
	ssize_t n;
	while ((n = read(src->fd, buf, len)) < 0 && errno == EINTR) {
		if (is_interrupted)
			return 0;
	}
	return n;
}

static ssize_t stream_read(void *cookie, char *buf, size_t len) {
	struct source *src = cookie;
	size_t left = src->len - src->taken;
	if (left == 0)
		return read_more(src, buf, len);
	size_t n = left < len ? left : len;
	memcpy(buf, src->first + src->taken, n);
	src->taken += n;
	return (ssize_t)n;
}

static int open_output(struct replay *r) {
	const struct options *o = r->o;
	int ret = output_open(&r->output, o->output, o->overwrite);
	if (ret == -EEXIST)
		say("%s is not empty: give --overwrite, or another name with -o", o->output);
	else if (ret < 0)
		say("cannot write %s: %s", o->output, strerror(-ret));
	return ret;
}

static int close_output(struct replay *r, int code) {
	int ret = output_close(&r->output);
	if (r->output_error != 0)
		ret = r->output_error;
	if (ret == 0)
		return code;
	say("cannot write %s: %s", r->o->output, strerror(-ret));
	return EXIT_CANNOT;
}

static int read_capture(struct replay *r, int fd) {
	static char stream_buffer[STREAM_OCTETS];
	struct source src = {.fd = fd};
	ssize_t len = read_more(&src, (char *)src.first, sizeof(src.first));
	if (len < 0) {
		say("cannot read %s: %s", r->name, strerror(errno));
		return EXIT_USAGE;
	}
	src.len = (size_t)len;
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
	int code = EXIT_USAGE;
	if (open_output(r) == 0) { // not before: what is there may be of worth
		code = close_output(r, read_packets(r, &file));
		if (!r->o->quiet)
			summary(r, file.nb_packets);
	}
	pcapfile_close(&file);
	return code;
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
	int code = read_capture(r, fd);
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
