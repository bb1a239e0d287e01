// DPDK's environment: started with the arguments that app/eal_args.h made, and left as it was
// found.
#pragma once

#include "app/eal_args.h"

// Of telemetry, in the runtime directory.
#define EAL_TELEMETRY_SOCKET "dpdk_telemetry.v2"

// 0, or the exit code; a line is on stderr.
int eal_start(
	struct eal_args *args, int eal_argc, char **eal_argv, const struct eal_wishes *wishes);
void eal_stop(const struct eal_args *args);

// Whether several lcores are on one CPU, as with --lcores '(0-7)@(0,1)'.
bool eal_lcores_share_cpus(void);
