// The command line cut in two, and DPDK's half completed: `EAL options -- our options`, or ours
// alone with -i.
#pragma once

#include "app/options.h"

#define EAL_ARGS_MAX 96

struct eal_args {
	int argc;
	char *argv[EAL_ARGS_MAX];
	bool without_hugepages; // our doing, to be said
	bool has_own_prefix;	// of this process alone: its runtime directory is nobody else's
	char lcores[64], file_prefix[64];
};

// Octets of hugepages that nobody uses.
uint64_t eal_free_hugepage_octets(void);

// Cut argv at `--`: *eal_argc arguments for DPDK, the rest (its first element stands for argv[0])
// for us. False: an option of DPDK's stands where ours belong; one line on stderr shows the
// corrected command.
bool eal_args_split(int argc, char **argv, int *eal_argc, int *own_argc, char ***own_argv);

// What rte_eal_init gets. Without a -i and without arguments of DPDK's there is no port: false,
// and a line on stderr.
bool eal_args_complete(struct eal_args *e, int eal_argc, char **eal_argv, const struct options *o);
