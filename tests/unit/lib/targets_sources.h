// What the tests of targets share. Files are memory (memfd), streams are pipes; nothing waits
// longer than a few milliseconds but where a signal ends the wait.
#pragma once

#include "lib/targets.h"

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

static inline void note(void *context, const struct targets_bad *bad) {
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

static inline struct targets *open_all(const char *const *arguments, size_t nb_arguments,
	const char *const *paths, size_t nb_paths) {
	struct targets_config config = {
		.arguments = arguments,
		.nb_arguments = nb_arguments,
		.paths = paths,
		.nb_paths = nb_paths,
		.on_bad = note,
		.context = &nb_noted,
	};
	struct targets *targets;
	const char *failed;
	cr_assert_eq(targets_create(&config, &targets, &failed), 0, "%s", failed);
	nb_noted = 0;
	return targets;
}

static inline struct targets *open_text(const char *content) {
	static struct path path;
	static const char *paths[1];
	path = file_of(content, strlen(content));
	paths[0] = path.name;
	return open_all(NULL, 0, paths, 1);
}

static struct jobline job;
static char text[JOBLINE_MAX_OCTETS];

static inline void expect_v4(struct targets *targets, const char *address) {
	char shown[24];
	cr_assert_eq(targets_next(targets, SHORT_MS, &job, text), TARGETS_FOUND, "%s", address);
	const uint8_t *v4 = addr_v4(&job.addr);
	snprintf(shown, sizeof(shown), "%d.%d.%d.%d", v4[0], v4[1], v4[2], v4[3]);
	cr_expect_str_eq(shown, address);
}

static inline void expect_end(struct targets *targets) {
	cr_expect_eq(targets_next(targets, SHORT_MS, &job, text), TARGETS_END);
	cr_expect_eq(targets_next(targets, SHORT_MS, &job, text), TARGETS_END);
}

static inline void expect_counts(
	const struct targets *targets, uint64_t lines, uint64_t good, uint64_t bad) {
	struct targets_counts counts = targets_counts(targets);
	cr_expect_eq(counts.lines, lines);
	cr_expect_eq(counts.good, good);
	cr_expect_eq(counts.bad, bad);
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
