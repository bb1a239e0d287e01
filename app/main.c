#include "app/check.h"
#include "app/config.h"
#include "app/config_print.h"
#include "app/eal.h"
#include "app/eal_wishes.h"
#include "app/inputs.h"
#include "app/lcores.h"
#include "app/options_check.h"
#include "app/reload.h"
#include "app/replay.h"
#include "app/room.h"
#include "app/say.h"
#include "app/session.h"
#include "lib/tfo/conditions.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

// The seed if none is given, and the epoch, which is new at every start: a server that still holds
// a dead connection of an earlier run must not meet its numbers again.
static int choose_numbers(struct scan *s) {
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	s->epoch = (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
	if (!s->resume.head)
		s->seed = s->options.seed;
	if (s->options.has_seed || s->resume.head)
		return 0;
	if (getrandom(&s->seed, sizeof(s->seed), 0) == sizeof(s->seed))
		return 0;
	say("no random seed to be had (%s): give one with -e", strerror(errno));
	return EXIT_CANNOT;
}

// Which file is written, and what it goes on from. A dry run lists all targets.
static int open_checkpoint(struct scan *s, bool *is_finished) {
	const struct options *o = &s->options;
	*is_finished = false;
	if (o->dry_run)
		return 0;
	s->checkpointer.path = o->resume ? o->resume : o->checkpoint;
	return o->resume ? resume_read(s, is_finished) : 0;
}

static int scan_with_eal(struct scan *s, int eal_argc, char **eal_argv) {
	const struct eal_wishes wishes =
		eal_wishes_of(&s->options, room_wanted_octets(&s->options, s->nb_lines));
	struct eal_args args;
	int code = eal_start(&args, eal_argc, eal_argv, &wishes);
	if (code != 0)
		return code;
	code = session_run(s);
	eal_stop(&args);
	return code;
}

// False: the line on stderr says why.
static bool open_log(const struct options *o) {
	int ret = o->log_file ? say_log_to(o->log_file) : 0;
	if (ret < 0)
		say("%s: %s (--log-file names another)", o->log_file, strerror(-ret));
	return ret == 0;
}

static int list_conditions(const struct options *o) {
	unsigned int nb = o->seed_conditions_only ? NB_SEED_CONDITIONS : NB_CONDITIONS;
	for (unsigned int i = 0; i < nb; i++)
		puts(condition_word(i));
	return fflush(stdout) == 0 ? EXIT_DONE : EXIT_CANNOT;
}

int main(int argc, char **argv) {
	static struct scan s; // as large as its workers' list
	int eal_argc, own_argc;
	char **own_argv;
	if (!eal_args_split(argc, argv, &eal_argc, &own_argc, &own_argv))
		return EXIT_USAGE;
	enum options_result result = options_read(own_argc, own_argv, &s.options);
	if (result == OPTIONS_RUN && !s.options.read_pcap)
		result = config_read(&s.options, eal_argc, argv);
	if (result == OPTIONS_RUN && s.options.print_config)
		return config_print(&s.options);
	if (result == OPTIONS_RUN && s.options.list_conditions)
		return list_conditions(&s.options);
	if (result == OPTIONS_RUN)
		result = options_check(&s.options);
	if (result != OPTIONS_RUN)
		return result == OPTIONS_STOP ? EXIT_DONE : EXIT_USAGE;
	options_settle(&s.options);
	if (!open_log(&s.options))
		return EXIT_USAGE;

	if (s.options.read_pcap)
		return replay_run(&s.options);
	if (s.options.check)
		return check_run(&s.options, eal_argc, argv);

	scan_catch_signals(&s.control);
	if (!s.options.dry_run)
		reload_hold_signal();
	bool is_finished;
	int code = open_checkpoint(&s, &is_finished);
	if (code != 0 || is_finished)
		return code;
	code = choose_numbers(&s);
	bool has_source = s.options.source4.is_given || s.options.source6.is_given;
	if (code == 0 && (!s.options.dry_run || has_source))
		code = network_plan(&s.network, &s.options);
	if (code == 0)
		code = inputs_open(&s);
	if (code == 0 && s.resume.head)
		code = resume_check(&s);
	if (code == 0 && s.options.dry_run)
		code = inputs_dry_run(&s, lcores_read(eal_argc, argv).nb);
	else if (code == 0)
		code = scan_with_eal(&s, eal_argc, argv);
	inputs_close(&s);
	resume_free(&s.resume);
	return code;
}
