#include "app/eal_args.h"
#include "app/inputs.h"
#include "app/say.h"
#include "app/summary.h"
#include "app/workforce.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

// The seed if none is given, and the epoch, which is new at every start: a server that still holds
// a dead connection of an earlier run must not meet its numbers again.
static int choose_numbers(struct scan *s) {
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	s->epoch = (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
	s->seed = s->options.seed;
	if (s->options.has_seed)
		return 0;
	if (getrandom(&s->seed, sizeof(s->seed), 0) == sizeof(s->seed))
		return 0;
	say("no random seed to be had (%s): give one with -e", strerror(errno));
	return EXIT_CANNOT;
}

static int start_eal(struct scan *s, int eal_argc, char **eal_argv, struct eal_args *args) {
	if (!eal_args_complete(args, eal_argc, eal_argv, &s->options))
		return EXIT_USAGE;
	if (args->without_hugepages && !s->options.dry_run)
		say("no free hugepages: tables in ordinary memory (faster with sysctl "
		    "vm.nr_hugepages=512)");
	if (rte_eal_init(args->argc, args->argv) >= 0)
		return 0;
	say("DPDK does not start: %s (its own line above says why; without hugepages give "
	    "--no-huge "
	    "before --)",
		rte_strerror(rte_errno));
	return EXIT_CANNOT;
}

// DPDK leaves its runtime directory behind; that of a prefix of our own is of no use to anybody.
static void stop_eal(const struct eal_args *args) {
	char runtime_dir[PATH_MAX];
	snprintf(runtime_dir, sizeof(runtime_dir), "%s", rte_eal_get_runtime_dir());
	rte_eal_cleanup();
	if (args->has_own_prefix)
		rmdir(runtime_dir);
}

static int open_output(struct scan *s) {
	const struct options *o = &s->options;
	int ret = output_open(&s->collector.output, o->output, o->overwrite);
	if (ret == -EEXIST)
		say("%s is not empty: give --overwrite, or another name with -o", o->output);
	else if (ret < 0)
		say("cannot write %s: %s", o->output, strerror(-ret));
	s->collector.style = (struct record_style){
		.laddr4 = s->network.hop.laddr4,
		.laddr6 = s->network.hop.laddr6,
		.cookie_key = {.k0 = s->seed, .k1 = s->seed},
		.raw_cookies = o->raw_cookies,
		.seed_conditions_only = o->seed_conditions_only,
		.domain = o->app->answer_wanted ? o->domain : NULL,
	};
	return ret < 0 ? EXIT_USAGE : 0;
}

// The port, its link, and the way out of it.
static int open_port(struct scan *s) {
	unsigned int nb_lcores = rte_lcore_count() == 1 ? 1 : rte_lcore_count() - 1;
	int code = port_open(&s->port, &s->options, &s->network, nb_lcores);
	if (code != 0)
		return code;
	clock_set(&s->clock);
	if (!port_wait_link(&s->port)) {
		say("port %u (%s) has no link: check the cable", s->port.id, s->port.driver);
		return EXIT_CANNOT;
	}
	return network_resolve(&s->network, s->port.id, s->port.nb_queues, s->port.pool, &s->clock);
}

static void open_watches(struct scan *s) {
	if (s->options.interface) {
		s->has_watch = iface_watch_open(&s->watch, s->options.interface) == 0;
		s->has_drops = s->options.driver == DRIVER_AF_PACKET &&
			       iface_packet_drops_open(&s->drops, s->network.iface.index) == 0;
	}
	rte_eth_stats_get(s->port.id, &s->stats_before);
}

static int finish(struct scan *s, enum exit_code code) {
	bool is_doubtful = summary_after(s);
	int ret = output_close(&s->collector.output);
	if (ret < 0 && code != EXIT_CANNOT) {
		say("cannot write %s: %s", s->options.output, strerror(-ret));
		code = EXIT_CANNOT;
	}
	if (s->reader.error != 0) {
		say("target list %s: %s: the targets behind are missing", s->reader.error_path,
			strerror(s->reader.error));
		code = EXIT_CANNOT;
	}
	return code == EXIT_DONE && is_doubtful ? EXIT_OWN_LOSS : (int)code;
}

static int scan(struct scan *s) {
	int code = open_output(s);
	if (code == 0)
		code = open_port(s);
	if (code == 0)
		code = workforce_create(s);
	if (code == 0) {
		open_watches(s);
		if (!s->options.quiet)
			summary_before(s);
		code = workforce_start_reader(s);
	}
	if (code == 0)
		code = finish(s, scan_run(s));
	if (s->has_watch)
		iface_watch_close(&s->watch);
	workforce_destroy(s);
	port_close(&s->port);
	return code;
}

int main(int argc, char **argv) {
	static struct scan s; // as large as its workers' list
	int eal_argc, own_argc;
	char **own_argv;
	if (!eal_args_split(argc, argv, &eal_argc, &own_argc, &own_argv))
		return EXIT_USAGE;
	enum options_result result = options_read(own_argc, own_argv, &s.options);
	if (result != OPTIONS_RUN)
		return result == OPTIONS_STOP ? EXIT_DONE : EXIT_USAGE;

	scan_catch_signals(&s.control);
	int code = choose_numbers(&s);
	bool has_source = s.options.source4.is_given || s.options.source6.is_given;
	if (code == 0 && (!s.options.dry_run || has_source))
		code = network_plan(&s.network, &s.options);
	if (code == 0)
		code = inputs_open(&s);
	struct eal_args args = {0};
	bool has_eal = false;
	if (code == 0) {
		code = start_eal(&s, eal_argc, argv, &args);
		has_eal = code == 0;
	}
	if (code == 0 && s.options.dry_run)
		code = inputs_dry_run(&s, rte_lcore_count() == 1 ? 1 : rte_lcore_count() - 1);
	else if (code == 0)
		code = scan(&s);
	inputs_close(&s);
	if (has_eal)
		stop_eal(&args);
	return code;
}
