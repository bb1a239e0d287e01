// How far apart two CPUs are: cycles of the TSC until a cache line has gone to the other one and
// come back. Virtual CPUs are moved, and what two programs say to each other goes this way.
//
//	distance CPU CPU	prints the cycles of the run in the middle
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <x86intrin.h>

#define RUNS 101
#define TRIPS 200

static struct { _Alignas(128) atomic_uint ball; } line;

static bool go_to(int cpu) {
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) == 0;
}

static void *return_balls(void *cpu) {
	if (!go_to(*(const int *)cpu))
		exit(1);
	for (unsigned int n = 1; n <= 2 * RUNS * TRIPS; n += 2) {
		while (atomic_load_explicit(&line.ball, memory_order_acquire) != n)
			;
		atomic_store_explicit(&line.ball, n + 1, memory_order_release);
	}
	return NULL;
}

static int compare(const void *a, const void *b) {
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

int main(int argc, char **argv) {
	static uint64_t cycles[RUNS];
	pthread_t other;
	int cpu = argc > 2 ? atoi(argv[2]) : 0;
	if (argc != 3 || !go_to(atoi(argv[1])) ||
		pthread_create(&other, NULL, return_balls, &cpu) != 0) {
		fprintf(stderr, "usage: distance CPU CPU\n");
		return 2;
	}
	unsigned int n = 1;
	for (unsigned int run = 0; run < RUNS; run++) {
		uint64_t before = __rdtsc();
		for (unsigned int trip = 0; trip < TRIPS; trip++, n += 2) {
			atomic_store_explicit(&line.ball, n, memory_order_release);
			while (atomic_load_explicit(&line.ball, memory_order_acquire) != n + 1)
				;
		}
		cycles[run] = (__rdtsc() - before) / TRIPS;
	}
	pthread_join(other, NULL);
	qsort(cycles, RUNS, sizeof(cycles[0]), compare);
	printf("%llu\n", (unsigned long long)cycles[RUNS / 2]);
	return 0;
}
