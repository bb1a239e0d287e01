#include "app/eal_args.h"

#include "app/lcores.h"
#include "lib/hostmem.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// With less than this the tables of an ordinary scan would not fit.
#define HUGEPAGES_WORTH_IT (128u << 20)
// Of ordinary memory in their place.
#define LEAST_MIB 128u
#define USUAL_MIB 1024u
#define MOST_MIB 4096u

// What stands at the start of an option of DPDK's that users put where ours belong.
struct eal_option {
	const char *name;
	bool takes_value;
};

static const struct eal_option eal_options[] = {
	{"-l", true},
	{"-a", true},
	{"--allow", true},
	{"--block", true},
	{"--vdev", true},
	{"--lcores", true},
	{"--main-lcore", true},
	{"--file-prefix", true},
	{"--socket-mem", true},
	{"--huge-dir", true},
	{"--iova-mode", true},
	{"--proc-type", true},
	{"--log-level", true},
	{"--no-huge", false},
	{"--no-pci", false},
	{"--in-memory", false},
	{"--no-telemetry", false},
};

// The row of a stray EAL option, or NULL. Short ones may have their value glued on (-l0-7).
static const struct eal_option *eal_option_of(const char *arg) {
	for (size_t i = 0; i < sizeof(eal_options) / sizeof(eal_options[0]); i++) {
		const char *name = eal_options[i].name;
		size_t len = strlen(name);
		bool is_short = name[1] != '-';
		if (strncmp(arg, name, len) == 0 &&
			(arg[len] == '\0' || arg[len] == '=' ||
				(is_short && strncmp(arg, "--", 2) != 0)))
			return &eal_options[i];
	}
	return NULL;
}

static void print_word(const char *word) {
	bool is_plain = *word && !strpbrk(word, " \t'\"()$&;|<>*?#~");
	fprintf(stderr, is_plain ? " %s" : " '%s'", word);
}

// The command with what is DPDK's in front.
static void print_corrected(int argc, char **argv) {
	fputs(PROGRAM_NAME ": EAL options go before --: " PROGRAM_NAME, stderr);
	for (int pass = 0; pass < 2; pass++) {
		if (pass == 1)
			fputs(" --", stderr);
		for (int i = 1; i < argc; i++) {
			const struct eal_option *eal = eal_option_of(argv[i]);
			bool has_value = eal && eal->takes_value && i + 1 < argc &&
					 strcmp(argv[i], eal->name) == 0;
			if ((eal != NULL) == (pass == 0)) {
				print_word(argv[i]);
				if (has_value)
					print_word(argv[i + 1]);
			}
			i += has_value;
		}
	}
	fputc('\n', stderr);
}

bool eal_args_split(int argc, char **argv, int *eal_argc, int *own_argc, char ***own_argv) {
	int cut = argc;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0) {
			cut = i;
			break;
		}
	}
	if (cut < argc) {
		*eal_argc = cut;
		*own_argv = argv + cut;
		*own_argc = argc - cut;
		return true;
	}
	for (int i = 1; i < argc; i++) {
		if (eal_option_of(argv[i])) {
			print_corrected(argc, argv);
			return false;
		}
	}
	*eal_argc = 1;
	*own_argv = argv;
	*own_argc = argc;
	return true;
}

static bool add(struct eal_args *e, const char *arg) {
	if (e->argc == EAL_ARGS_MAX - 1)
		return false;
	e->argv[e->argc++] = (char *)arg;
	return true;
}

static bool has(const struct eal_args *e, const char *name) {
	size_t len = strlen(name);
	for (int i = 1; i < e->argc; i++) {
		if (strncmp(e->argv[i], name, len) == 0)
			return true;
	}
	return false;
}

uint64_t eal_free_hugepage_octets(void) {
	return hostmem_hugepages("/sys", -1);
}

// Of ordinary memory. It is taken page by page as it is used, but more than is there would end in
// the kernel's killing somebody: half of it at the most.
static unsigned int choose_memory_mib(uint64_t wanted_octets) {
	uint64_t mib = wanted_octets >> 20, half_mib = hostmem_available("/proc/meminfo") >> 21;
	if (mib < USUAL_MIB)
		mib = USUAL_MIB;
	if (mib > MOST_MIB)
		mib = MOST_MIB;
	if (mib > half_mib)
		mib = half_mib;
	return (unsigned int)(mib > LEAST_MIB ? mib : LEAST_MIB);
}

// lcore 0 is main and sleeps most of the time; lcore 1 is the worker, on a CPU of its own if there
// are two. One lcore floats on both.
static void default_lcores(struct eal_args *e, bool has_one) {
	cpu_set_t set;
	int cpus[2] = {0, 0}, nb = 0;
	if (sched_getaffinity(0, sizeof(set), &set) == 0) {
		for (int i = 0; i < CPU_SETSIZE && nb < 2; i++) {
			if (CPU_ISSET(i, &set))
				cpus[nb++] = i;
		}
	}
	if (nb < 2)
		cpus[1] = cpus[0];
	snprintf(e->lcores, sizeof(e->lcores),
		has_one ? "--lcores=0@(%d,%d)" : "--lcores=0@%d,1@%d", cpus[0], cpus[1]);
	add(e, e->lcores);
}

static bool check_lcores(int eal_argc, char **eal_argv) {
	struct lcores l = lcores_read(eal_argc, eal_argv);
	long nb_cpus = sysconf(_SC_NPROCESSORS_CONF);
	if (!l.is_given || l.is_bad || nb_cpus <= 0 || l.highest_cpu < (unsigned int)nb_cpus)
		return true;
	fprintf(stderr,
		PROGRAM_NAME ": -l asks for CPU %u, and there are %ld: to share those among %u "
			     "lcores give --lcores '(0-%u)@(0-%ld)' in its place\n",
		l.highest_cpu, nb_cpus, l.nb, l.nb - 1, nb_cpus - 1);
	return false;
}

// The value behind -a or --allow, however it is glued on; NULL: it is another option.
static const char *allowed(int argc, char **argv, int i) {
	const char *arg = argv[i];
	size_t len = strncmp(arg, "--allow", 7) == 0 ? 7 : 2;
	if (len == 2 && (arg[0] != '-' || arg[1] != 'a'))
		return NULL;
	if (arg[len] == '\0')
		return i + 1 < argc ? argv[i + 1] : "";
	return arg + len + (arg[len] == '=');
}

// 01:00.0 is 0000:01:00.0, and arguments of the driver may follow.
static bool is_device(const char *text, const char *pci) {
	size_t len = strcspn(text, ",");
	size_t pci_len = strlen(pci);
	return len <= pci_len && len >= 7 && strncmp(text, pci + pci_len - len, len) == 0;
}

bool eal_args_choose_other(int eal_argc, char **eal_argv, const char *pci) {
	for (int i = 1; i < eal_argc; i++) {
		if (strncmp(eal_argv[i], "--vdev", 6) == 0 || strcmp(eal_argv[i], "--no-pci") == 0)
			return true;
		const char *device = allowed(eal_argc, eal_argv, i);
		if (device && (pci == NULL || !is_device(device, pci)))
			return true;
	}
	return false;
}

// A prefix of our own, and memory of whichever kind there is.
static void complete_private(struct eal_args *e, const struct eal_wishes *wishes) {
	if (!has(e, "-a") && !has(e, "--allow") && !has(e, "--no-pci"))
		add(e, "--no-pci");
	if (!wishes->has_telemetry && !has(e, "--no-telemetry"))
		add(e, "--no-telemetry");
	if (!has(e, "--file-prefix")) {
		snprintf(e->file_prefix, sizeof(e->file_prefix), "--file-prefix=tfoscan%d",
			(int)getpid());
		e->has_own_prefix = add(e, e->file_prefix);
	}
	e->without_hugepages =
		!has(e, "--no-huge") && eal_free_hugepage_octets() < HUGEPAGES_WORTH_IT;
	if (e->without_hugepages)
		add(e, "--no-huge");
	// nothing of ours stays behind; DPDK does not take --in-memory together with --no-huge
	bool is_huge = !has(e, "--no-huge");
	if (!has(e, "--in-memory") && !has(e, "--no-shconf"))
		add(e, is_huge ? "--in-memory" : "--no-shconf");
	if (!is_huge && !has(e, "-m")) {
		snprintf(e->memory, sizeof(e->memory), "-m%u",
			choose_memory_mib(wishes->memory_octets));
		add(e, e->memory);
	}
}

bool eal_args_complete(
	struct eal_args *e, int eal_argc, char **eal_argv, const struct eal_wishes *wishes) {
	*e = (struct eal_args){0};
	add(e, PROGRAM_NAME);
	for (int i = 1; i < eal_argc; i++) {
		if (!add(e, eal_argv[i])) {
			fprintf(stderr, PROGRAM_NAME ": too many EAL options\n");
			return false;
		}
	}
	if (wishes->no_port && eal_argc == 1) {
		fprintf(stderr, PROGRAM_NAME ": no port: %s\n", wishes->no_port);
		return false;
	}
	if (!check_lcores(eal_argc, eal_argv))
		return false;
	if (!has(e, "-l") && !has(e, "--lcores") && !has(e, "-c"))
		default_lcores(e, wishes->has_one_lcore);
	if (!has(e, "--log-level") && !wishes->is_verbose)
		add(e, "--log-level=*:error");
	if (wishes->pci && !has(e, "-a") && !has(e, "--allow") && !has(e, "--vdev") &&
		!has(e, "--no-pci")) {
		add(e, "-a");
		add(e, wishes->pci);
	}
	if (wishes->is_private)
		complete_private(e, wishes);
	return true;
}
