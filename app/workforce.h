// The workers of a scan, made to measure: as many as there are lcores and queues, with tables that
// fit the memory and the rate.
#pragma once

#include "app/scan.h"

// Lcores of DPDK's that may be workers. 0: collectors_check_lcores says that there are too few.
unsigned int workforce_nb_lcores(const struct options *o);

// 0, or the exit code; a line is on stderr.
int workforce_create(struct scan *s);
void workforce_destroy(struct scan *s);
// Start the thread that reads lists again, and the reader's; both on main's CPU.
int workforce_start_reload(struct scan *s);
int workforce_start_reader(struct scan *s);
