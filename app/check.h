// --check: what the ports can do, what is missing for a scan, and the command that mends it.
// Nothing is sent; a line on stdout for each finding:
//
//	ok     what        finding
//	note   what        finding that a scan can live with; mend: command
//	needs  what        finding without which no scan can start; mend: command
#pragma once

#include "app/options.h"

// The exit code: 0 if a scan could start.
int check_run(const struct options *o, int eal_argc, char **eal_argv);
