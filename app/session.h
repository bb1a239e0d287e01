// A scan from its first open file to its exit code: everything is opened in order, run, and closed
// in reverse.
#pragma once

#include "app/scan.h"

// DPDK runs, the inputs are open. Returns the exit code.
int session_run(struct scan *s);
