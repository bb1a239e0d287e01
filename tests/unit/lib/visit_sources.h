// What the tests of the visit and its sources share. Files are memory (memfd), streams are pipes;
// nothing waits longer than a few milliseconds but where a signal ends the wait.
#pragma once

#include "lib/addrtext.h"
#include "lib/visit.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#define SHORT_MS 20
#define LONG_MS 60000
#define MAX_NOTED 32

static struct noted {
	char source[32];
	uint64_t line;
	enum jobline_result reason;
} noted[MAX_NOTED];
static size_t nb_noted;

static inline void note(void *context, const struct visit_bad *bad) {
	cr_assert_eq(context, &nb_noted);
	cr_assert_lt(nb_noted, MAX_NOTED);
	cr_expect_str_eq(bad->mend, jobline_mend(bad->reason));
	struct noted *n = &noted[nb_noted++];
	snprintf(n->source, sizeof(n->source), "%s", bad->source);
	n->line = bad->line;
	n->reason = bad->reason;
}

struct path {
	char name[32];
	int fd;
};

static inline struct path path_of(int fd) {
	struct path path = {.fd = fd};
	snprintf(path.name, sizeof(path.name), "/proc/self/fd/%d", fd);
	return path;
}

static inline struct path file_of(const char *content, size_t len) {
	int fd = memfd_create("targets", 0);
	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, content, len), (ssize_t)len);
	return path_of(fd);
}

static inline struct path file_of_text(const char *content) {
	return file_of(content, strlen(content));
}

// A file of that name in a directory of ours.
static inline const char *file_named(const char *name, const void *octets, size_t len) {
	static char path[64];
	char directory[] = "/dev/shm/targets-XXXXXX";
	cr_assert_not_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	FILE *out = fopen(path, "w");
	cr_assert_eq(fwrite(octets, 1, len, out), len);
	fclose(out);
	return path;
}

static inline void remove_file(const char *path) {
	char directory[64];
	unlink(path);
	snprintf(directory, sizeof(directory), "%.*s", (int)(strrchr(path, '/') - path), path);
	rmdir(directory);
}

// The addresses from 10.0.0.0 on, one a line.
static inline struct path file_of_addresses(uint32_t nb) {
	char *octets;
	size_t len;
	FILE *content = open_memstream(&octets, &len);
	for (uint32_t i = 0; i < nb; i++)
		fprintf(content, "10.%u.%u.%u\n", i >> 16, i >> 8 & 255, i & 255);
	fclose(content);
	struct path path = file_of(octets, len);
	free(octets);
	return path;
}

static inline struct visit_config config_of(const char *const *arguments, size_t nb_arguments,
	const char *const *paths, size_t nb_paths) {
	return (struct visit_config){
		.arguments = arguments,
		.nb_arguments = nb_arguments,
		.paths = paths,
		.nb_paths = nb_paths,
		.seed = 1,
		.on_bad = note,
		.context = &nb_noted,
	};
}

static inline struct visit *visit_open(const struct visit_config *config) {
	struct visit *visit;
	const char *failed;
	cr_assert_eq(visit_create(config, &visit, &failed), 0, "%s", failed);
	nb_noted = 0;
	return visit;
}

static inline struct visit *open_all(const char *const *arguments, size_t nb_arguments,
	const char *const *paths, size_t nb_paths) {
	struct visit_config config = config_of(arguments, nb_arguments, paths, nb_paths);
	return visit_open(&config);
}

static inline struct visit *open_text(const char *content) {
	static struct path path;
	static const char *paths[1];
	path = file_of_text(content);
	paths[0] = path.name;
	return open_all(NULL, 0, paths, 1);
}

static inline enum visit_step probe(struct visit *visit) {
	enum visit_step step;
	do
		step = visit_probe(visit, SHORT_MS);
	while (step == VISIT_AGAIN);
	return step;
}

// All targets to the end, in the order of the visit; their number.
struct drawn {
	struct ip_addr addr;
	uint16_t port;
	bool is_of_network;
	uint64_t position;
};

static inline size_t draw_all(struct visit *visit, struct drawn *drawn, size_t room) {
	size_t nb_drawn = 0, nb;
	enum visit_step step = VISIT_AGAIN;
	while (step != VISIT_END) {
		struct visit_target targets[VISIT_BURST];
		step = visit_draw(visit, SHORT_MS, targets, &nb);
		cr_assert_neq(step, VISIT_ERROR);
		for (size_t i = 0; i < nb; i++) {
			cr_assert_lt(nb_drawn, room);
			drawn[nb_drawn++] = (struct drawn){targets[i].job.addr, targets[i].job.port,
				targets[i].is_of_network, targets[i].position};
		}
	}
	return nb_drawn;
}

static inline int by_addr(const void *a, const void *b) {
	return memcmp(a, b, sizeof(struct ip_addr));
}

// The visit gives these addresses, in any order: a string of them, sorted, with blanks between.
static inline void expect_addresses(struct visit *visit, const char *want) {
	static struct drawn drawn[4096];
	char got[8192] = "", text[ADDRTEXT_OCTETS];
	size_t nb = draw_all(visit, drawn, 4096);
	qsort(drawn, nb, sizeof(*drawn), by_addr);
	for (size_t i = 0; i < nb && strlen(got) < sizeof(got) - 2 * ADDRTEXT_OCTETS; i++) {
		strcat(got, i > 0 ? " " : "");
		strcat(got, addrtext_print(&drawn[i].addr, text));
	}
	cr_expect_str_eq(got, want);
}

static inline void expect_counts(
	const struct visit *visit, uint64_t lines, uint64_t good, uint64_t bad) {
	struct visit_counts counts = visit_counts(visit);
	cr_expect_eq(counts.lines, lines, "%lu lines", (unsigned long)counts.lines);
	cr_expect_eq(counts.good, good, "%lu good", (unsigned long)counts.good);
	cr_expect_eq(counts.bad, bad, "%lu bad", (unsigned long)counts.bad);
}

static inline void ignore(int signal) {
	(void)signal;
}

// Again and again: a signal may strike before the wait has begun.
static inline void signals_start(void) {
	struct itimerval every = {
		.it_value = {.tv_usec = 20000}, .it_interval = {.tv_usec = 20000}};
	signal(SIGALRM, ignore);
	setitimer(ITIMER_REAL, &every, NULL);
}

static inline void signals_stop(void) {
	struct itimerval never = {0};
	setitimer(ITIMER_REAL, &never, NULL);
}
