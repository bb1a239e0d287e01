#include "app/eal.h"

#include "app/exit_code.h"
#include "app/say.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

// DPDK prints its usage on stdout, where records belong.
static int init_eal(struct eal_args *args) {
	int out = dup(STDOUT_FILENO);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	int ret = rte_eal_init(args->argc, args->argv);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	return ret;
}

int eal_start(
	struct eal_args *args, int eal_argc, char **eal_argv, const struct eal_wishes *wishes) {
	if (!eal_args_complete(args, eal_argc, eal_argv, wishes))
		return EXIT_USAGE;
	if (args->without_hugepages && !wishes->is_quiet)
		say("no free hugepages: tables in ordinary memory (faster with sysctl "
		    "vm.nr_hugepages=512)");
	if (init_eal(args) >= 0)
		return 0;
	say("DPDK does not start: %s (its own line above says why; without hugepages give "
	    "--no-huge before --)",
		rte_strerror(rte_errno));
	return EXIT_CANNOT;
}

// DPDK leaves its runtime directory behind, and telemetry's socket until the process ends; that of
// a prefix of our own is of no use to anybody.
void eal_stop(const struct eal_args *args) {
	char runtime_dir[PATH_MAX], socket[PATH_MAX + sizeof(EAL_TELEMETRY_SOCKET)];
	snprintf(runtime_dir, sizeof(runtime_dir), "%s", rte_eal_get_runtime_dir());
	snprintf(socket, sizeof(socket), "%s/" EAL_TELEMETRY_SOCKET, runtime_dir);
	rte_eal_cleanup();
	if (!args->has_own_prefix)
		return;
	unlink(socket);
	rmdir(runtime_dir);
}

bool eal_lcores_share_cpus(void) {
	rte_cpuset_t all;
	unsigned int lcore;
	CPU_ZERO(&all);
	RTE_LCORE_FOREACH(lcore) {
		rte_cpuset_t its = rte_lcore_cpuset(lcore);
		CPU_OR(&all, &all, &its);
	}
	return (unsigned int)CPU_COUNT(&all) < rte_lcore_count();
}
