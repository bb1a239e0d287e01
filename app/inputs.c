#include "app/inputs.h"

#include "app/lcores.h"
#include "app/lists.h"
#include "app/say.h"
#include "app/target_list.h"
#include "lib/addrtext.h"
#include "lib/netset.h"
#include "lib/tfo/jsonput.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEEN_MAX_OCTETS (8ull << 30)
// Beside the seed: another hash than the one that spreads addresses over workers.
#define KEY_OF_SHARDS UINT64_C(0x7368617264730000)

static const char default_payload[] = "HEAD / HTTP/1.0\r\n\r\n";

static void say_no_way(const struct ip_addr *addr) {
	char text[ADDRTEXT_OCTETS];
	say("no way to %s: give an %s source (-S) and a gateway (-G); such targets are skipped and "
	    "counted",
		addrtext_print(addr, text), addr_is_v4(addr) ? "IPv4" : "IPv6");
}

static int open_lists(struct scan *s) {
	char why[LISTS_WHY_OCTETS];
	struct permit *permit = lists_load(&s->options, false, why);
	if (!permit) {
		say("%s", why);
		return EXIT_USAGE;
	}
	permit_desk_open(&s->permits, permit);
	s->reader.permits = &s->permits;
	permit_view_open(&s->reader.permit, &s->permits);
	return 0;
}

static int read_payload(struct scan *s, const char *path) {
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, s->question, sizeof(s->question));
	char more;
	bool is_longer = len == (ssize_t)sizeof(s->question) && read(fd, &more, 1) == 1;
	int os_error = errno;
	if (fd >= 0)
		close(fd);
	if (len < 0)
		say("--payload %s: %s", path, strerror(os_error));
	else if (len == 0)
		say("--payload %s: is empty; at least one octet is needed to see whether it "
		    "arrives",
			path);
	else if (is_longer)
		say("--payload %s: is longer than %zu octets, which would not fit every SYN", path,
			sizeof(s->question));
	if (len <= 0 || is_longer)
		return EXIT_USAGE;
	s->question_len = (uint16_t)len;
	return 0;
}

static int open_question(struct scan *s) {
	const struct options *o = &s->options;
	if (o->payload_path)
		return read_payload(s, o->payload_path);
	if (!o->app->asks_name) {
		s->question_len = sizeof(default_payload) - 1;
		memcpy(s->question, default_payload, s->question_len);
		return 0;
	}
	uint8_t len;
	jobline_domain(o->domain, strlen(o->domain), s->question, &len); // checked with the options
	if (o->probe_id)
		jobline_label(o->probe_id, strlen(o->probe_id), s->question, &len);
	s->question_len = len;
	return 0;
}

// An allowlist's networks can be visited if each has a beginning and an end within 64 bits.
static bool can_be_visited(const struct addrset *networks) {
	struct addrset_walk walk = {0};
	struct ip_addr addr;
	unsigned int bits;
	char text[ADDRTEXT_OCTETS];
	while (addrset_network(networks, &walk, &addr, &bits)) {
		if (addr_is_v4(&addr) || bits >= NETSET_MIN_PREFIX6)
			continue;
		say("--allowlist-file: %s/%u is too large to be visited address by address: give "
		    "--targets, or networks from /%d on",
			addrtext_print(&addr, text), bits, NETSET_MIN_PREFIX6);
		return false;
	}
	return true;
}

// Whole networks, and nothing says what to leave out.
static void look_for_guard(struct scan *s) {
	uint64_t nb_of_networks = visit_nb(s->reader.visit) - visit_nb_lines(s->reader.visit);
	const struct options *o = &s->options;
	s->is_unguarded = o->no_default_blocklist && o->nb_blocklists == 0 && nb_of_networks > 0;
	if (s->is_unguarded)
		say("warning: --no-default-blocklist without -b: networks are scanned whole, with "
		    "special-purpose addresses and those who asked to be left out");
}

static int open_targets(struct scan *s) {
	struct options *o = &s->options;
	const struct addrset *networks = NULL;
	const struct blocklist *allowed = s->reader.permit.permit->allowed;
	bool is_named = o->nb_targets > 0 || o->nb_addresses > 0;
	if (!is_named && allowed) {
		networks = blocklist_set(allowed);
		if (!can_be_visited(networks))
			return EXIT_USAGE;
	} else if (!is_named) {
		if (isatty(STDIN_FILENO)) {
			say("no targets: give --targets FILE, addresses, or jobs on stdin");
			return EXIT_USAGE;
		}
		o->targets[o->nb_targets++] = "-";
	}
	const struct visit_config config = {
		.arguments = o->addresses,
		.nb_arguments = o->nb_addresses,
		.paths = o->targets,
		.nb_paths = o->nb_targets,
		.networks = networks,
		.label = o->probe_id,
		.seed = s->seed,
		// a dry run, and who resumes, must have the same order
		.is_patient = o->answered_only || s->checkpointer.path,
	};
	int code = target_list_open(&config, scan_is_interrupted, &s->reader.visit);
	if (code == 0)
		look_for_guard(s);
	// streams are not known before their end
	if (code == 0 && visit_has_streams(s->reader.visit) && !o->quiet)
		say("streams and compressed lists are shuffled in windows of a million lines, not "
		    "as a whole");
	if (code == 0 && !visit_has_streams(s->reader.visit))
		s->nb_lines = (visit_nb(s->reader.visit) + o->nb_shards - 1) / o->nb_shards;
	return code;
}

int inputs_open(struct scan *s) {
	int code = open_lists(s);
	if (code == 0)
		code = open_question(s);
	if (code == 0)
		code = open_targets(s);
	if (code == 0 && (s->options.metadata_file || s->checkpointer.path))
		code = identity_read(&s->identity, &s->options, s->reader.permit.permit,
			s->question, s->question_len);
	if (code != 0)
		return code;
	struct siphash_key key = {.k0 = s->seed, .k1 = s->epoch};
	s->reader.seen = seenset_create(&key, SEEN_MAX_OCTETS);
	s->reader.texts = jobtext_create((size_t)s->options.job_memory_mib << 20);
	s->reader.app = s->options.app;
	s->reader.target_port =
		s->options.target_port ? s->options.target_port : s->options.app->default_port;
	s->reader.max_targets = s->options.max_targets;
	s->reader.control = &s->control;
	s->reader.hop = &s->network.hop;
	s->reader.on_no_way = say_no_way;
	s->reader.spread_by_network = s->options.max_per_prefix > 0;
	s->reader.addr_key = (struct siphash_key){.k0 = s->seed, .k1 = ~s->seed};
	s->reader.nb_shards = s->options.nb_shards;
	s->reader.shard = s->options.shard;
	s->reader.shard_key = (struct siphash_key){.k0 = s->seed, .k1 = KEY_OF_SHARDS};
	if (s->reader.seen && s->reader.texts) {
		seenset_expect(s->reader.seen, visit_nb_lines(s->reader.visit));
		return 0;
	}
	say("no memory for the target list");
	return EXIT_CANNOT;
}

void inputs_close(struct scan *s) {
	visit_destroy(s->reader.visit);
	permit_destroy(atomic_load(&s->permits.current));
	seenset_destroy(s->reader.seen);
	jobtext_destroy(s->reader.texts);
}

// ---- dry run

#define DRY_LINE_OCTETS 96

static bool print_job(void *context, unsigned int worker, const struct job *job) {
	struct scan *s = context;
	char line[DRY_LINE_OCTETS], *p = put_addr(line, &job->addr);
	*p++ = ' ';
	p = put_number(p, job->port);
	*p++ = ' ';
	p = put_number(p, worker);
	if (s->options.answered_only) { // scripts/silent looks for its bit
		*p++ = ' ';
		p = put_number(p, job->index);
	}
	*p++ = '\n';
	fwrite_unlocked(line, 1, (size_t)(p - line), stdout);
	jobtext_release(s->reader.texts, job->text);
	return true;
}

int inputs_dry_run(struct scan *s, unsigned int nb_lcores) {
	unsigned int nb_workers = lcores_nb_workers(nb_lcores, s->options.nb_collectors);
	if (nb_workers == 0)
		nb_workers = 1; // as if there were lcores enough
	struct reader *r = &s->reader;
	struct next_hop *hop = &s->network.hop;
	bool has_source = hop->has_v4 || hop->has_v6;
	// without a source every family counts as reachable; gateways are not asked for their MACs
	hop->has_gateway4 |= s->network.ask_gateway4 || !has_source;
	hop->has_gateway6 |= s->network.ask_gateway6 || !has_source;
	hop->has_v4 |= !has_source;
	hop->has_v6 |= !has_source;
	r->nb_workers = nb_workers;
	r->hand_over = print_job;
	r->context = s;
	if (!s->options.has_seed)
		say("seed %llu: with -e it gives this order again", (unsigned long long)s->seed);
	reader_run(r);
	if (r->error) {
		say("target list %s: %s", r->error_path, r->error);
		return EXIT_CANNOT;
	}
	if (fflush(stdout) != 0) {
		say("cannot write stdout: %s", strerror(errno));
		return EXIT_CANNOT;
	}
	say("dry run: %llu targets for %u worker%s; skipped: %llu bad lines, %llu blocked, %llu "
	    "duplicate%s, %llu without a way; nothing was sent",
		(unsigned long long)atomic_load(&r->nb_targets), nb_workers,
		nb_workers > 1 ? "s" : "", (unsigned long long)atomic_load(&r->nb_bad),
		(unsigned long long)atomic_load(&r->nb_blocked),
		(unsigned long long)atomic_load(&r->nb_duplicate),
		seenset_is_exact(r->seen) ? "" : " (not exact: memory ran out)",
		(unsigned long long)atomic_load(&r->nb_no_way));
	return scan_is_interrupted() ? EXIT_INTERRUPTED : EXIT_DONE;
}
