// The workers of a scan, made to measure: as many as there are lcores and queues, with tables that
// fit the memory and the rate.
#pragma once

#include "app/scan.h"

// Lcores that may be workers: not main's, if there is another, nor those of collectors.
unsigned int workforce_nb_lcores(const struct options *o);

// 0, or the exit code; a line is on stderr.
int workforce_create(struct scan *s);
void workforce_destroy(struct scan *s);
// Start the reader's thread on main's CPU.
int workforce_start_reader(struct scan *s);
