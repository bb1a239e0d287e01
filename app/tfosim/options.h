// tfosim's command line, read and checked.
#pragma once

#include "app/option_table.h"
#include "app/option_value.h"
#include "lib/sim/sim_expect.h"
#include "lib/tfo/app.h"

#include <stdbool.h>

#define OPTIONS_MAX_QUEUES 64

struct options {
	struct sim_config config;
	const char *mix; // as given
	uint32_t nb_conns;
	uint32_t nb_delayed; // frames under way at a time
	unsigned int nb_queues;
	bool is_unspread;      // all frames land on queue 0
	uint32_t capacity_pps; // frames a second that are taken, the others are lost; 0: all
	uint64_t duration_ns;  // 0: until a signal
	bool is_quiet, is_verbose;

	bool is_expect; // write what must be found, and answer nobody
	struct sim_expect_rules rules;
	const char *targets[VALUE_MAX_FILES];
	unsigned int nb_targets;
	const char *const *addresses; // the arguments that are no options
	unsigned int nb_addresses;
	const char *output; // NULL: stdout
};

// argv[0] is skipped; its strings must outlive the options.
enum options_result options_read(int argc, char **argv, struct options *o);
