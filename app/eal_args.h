// The command line cut in two, and DPDK's half completed: `EAL options -- our options`, or ours
// alone with -i.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define EAL_ARGS_MAX 96

// What a program wants of DPDK.
struct eal_wishes {
	// The port is a virtual one, and its memory nobody else's: no PCI, a prefix of our own,
	// ordinary memory if there are no hugepages. What the user says counts for more.
	bool is_private;
	const char *pci;     // the NIC, if the user names no other; NULL: none is known
	const char *no_port; // what to say if there are no EAL options; NULL: none are needed
	bool has_one_lcore;
	bool has_telemetry; // in a private process, too
	bool is_quiet, is_verbose;
	uint64_t memory_octets; // of ordinary memory, if there are no hugepages; 0: what is usual
};

struct eal_args {
	int argc;
	char *argv[EAL_ARGS_MAX];
	bool without_hugepages; // our doing, to be said
	bool has_own_prefix;	// of this process alone: its runtime directory is nobody else's
	char lcores[64], file_prefix[64], memory[16];
};

// Octets of hugepages that nobody uses.
uint64_t eal_free_hugepage_octets(void);

// Cut argv at `--`: *eal_argc arguments for DPDK, the rest (its first element stands for argv[0])
// for us. False: an option of DPDK's stands where ours belong; one line on stderr shows the
// corrected command.
bool eal_args_split(int argc, char **argv, int *eal_argc, int *own_argc, char ***own_argv);

// Do these options choose a port, and another one than the NIC with this address (NULL: any)?
bool eal_args_choose_other(int eal_argc, char **eal_argv, const char *pci);

// What rte_eal_init gets. False, and a line on stderr, if it cannot be.
bool eal_args_complete(
	struct eal_args *e, int eal_argc, char **eal_argv, const struct eal_wishes *wishes);
