// What DPDK's -l and --lcores ask for, read without starting DPDK: a dry run needs the number, and
// a CPU that is not there deserves a line of its own.
#pragma once

#include <stdbool.h>

struct lcores {
	bool is_given;
	bool is_bad;		  // not a list: DPDK will say so
	unsigned int nb;	  // lcores asked for
	unsigned int highest_cpu; // of -l, where lcore and CPU are the same; 0 for --lcores
};

// argv[0] is skipped. The last option given counts, as for DPDK.
struct lcores lcores_read(int argc, char **argv);

// How many of these lcores can be workers: those that are no collector's. The first collector has
// main's lcore, and if that is the only one, it is a worker, too. 0: there are too few.
unsigned int lcores_nb_workers(unsigned int nb_lcores, unsigned int nb_collectors);
