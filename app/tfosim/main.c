#include "app/eal.h"
#include "app/exit_code.h"
#include "app/say.h"
#include "app/tfosim/expect.h"
#include "app/tfosim/responder.h"

#include <signal.h>

static volatile sig_atomic_t has_signal;

static void on_signal(int number) {
	(void)number;
	has_signal = 1;
}

static bool is_ending(void) {
	return has_signal;
}

static void catch_signals(void) {
	struct sigaction action = {.sa_handler = on_signal};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}

static void say_start(const struct responder *r, const struct options *o) {
	const uint8_t *mac = o->config.mac;
	say("port %u (%s) with %u queue%s, MAC %02x:%02x:%02x:%02x:%02x:%02x, mix %s, seed %llu",
		r->wire.port_id, r->wire.driver, o->nb_queues, o->nb_queues > 1 ? "s" : "", mac[0],
		mac[1], mac[2], mac[3], mac[4], mac[5], o->mix, (unsigned long long)o->config.seed);
}

static int answer(const struct options *o) {
	static struct responder r;
	int code = responder_open(&r, o);
	if (code == 0) {
		if (!o->is_quiet)
			say_start(&r, o);
		responder_run(&r, is_ending, o->duration_ns);
		if (!o->is_quiet)
			responder_report(&r);
		uint64_t nb_lost = responder_losses(&r);
		if (nb_lost > 0)
			say("%llu frames were lost that should not: less at a time, or more "
			    "--in-flight",
				(unsigned long long)nb_lost);
		code = nb_lost > 0 ? EXIT_OWN_LOSS : EXIT_DONE;
	}
	responder_close(&r);
	return code;
}

static int answer_with_eal(const struct options *o, int eal_argc, char **eal_argv) {
	const struct eal_wishes wishes = {
		.is_private = true,
		.no_port = "give DPDK one before --: tfosim --vdev "
			   "net_memif0,role=server,id=0,socket=/run/tfosim.sock -- …",
		.has_one_lcore = true,
		.is_quiet = o->is_quiet,
		.is_verbose = o->is_verbose,
	};
	struct eal_args args;
	catch_signals();
	int code = eal_start(&args, eal_argc, eal_argv, &wishes);
	if (code != 0)
		return code;
	code = answer(o);
	eal_stop(&args);
	return code;
}

int main(int argc, char **argv) {
	struct options o;
	int eal_argc, own_argc;
	char **own_argv;
	if (!eal_args_split(argc, argv, &eal_argc, &own_argc, &own_argv))
		return EXIT_USAGE;
	enum options_result result = options_read(own_argc, own_argv, &o);
	if (result != OPTIONS_RUN)
		return result == OPTIONS_STOP ? EXIT_DONE : EXIT_USAGE;
	return o.is_expect ? expect_run(&o) : answer_with_eal(&o, eal_argc, argv);
}
