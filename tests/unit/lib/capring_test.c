#include "lib/capring.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY (1u << 19)

static struct capring ring;
static uint8_t octets[UINT16_MAX];

static void set_up(void) {
	capring_init(&ring, aligned_alloc(64, CAPACITY), CAPACITY);
	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)(i * 7);
}

static void tear_down(void) {
	free(ring.octets);
}

TestSuite(capring, .init = set_up, .fini = tear_down);

static bool put(uint64_t number, uint16_t len, const char *text) {
	struct capring_entry e = {.time_ns = number,
		.target = 2 * number,
		.len = len,
		.text_len = (uint16_t)strlen(text),
		.flags = CAPRING_OUTBOUND};
	return capring_put(&ring, &e, octets, text);
}

static void expect(uint64_t number, uint16_t len, const char *text) {
	const struct capring_entry *e = capring_first(&ring);
	cr_assert_not_null(e);
	cr_assert_eq(e->time_ns, number);
	cr_assert_eq(e->target, 2 * number);
	cr_assert_eq(e->len, len);
	cr_assert_eq(e->text_len, strlen(text));
	cr_assert_arr_eq(capring_octets(e), octets, len);
	cr_assert_eq(memcmp(capring_text(e), text, strlen(text)), 0);
	capring_next(&ring);
}

Test(capring, what_goes_in_comes_out_in_its_order) {
	cr_assert_null(capring_first(&ring));
	cr_assert(put(1, 60, "a target"));
	cr_assert(put(2, 0, ""));
	cr_assert(put(3, UINT16_MAX, "x"));
	expect(1, 60, "a target");
	expect(2, 0, "");
	expect(3, UINT16_MAX, "x");
	cr_assert_null(capring_first(&ring));
	cr_expect_eq(capring_free(&ring), CAPACITY);
}

Test(capring, a_full_ring_takes_nothing_and_loses_nothing) {
	uint64_t nb = 0, next = 0;
	while (put(nb, 1000, ""))
		nb++;
	cr_expect_gt(nb, CAPACITY / 1100);
	cr_expect_not(put(nb, 1000, ""));
	expect(next++, 1000, "");
	cr_expect(put(nb++, 1000, ""));
	while (next < nb)
		expect(next++, 1000, "");
	cr_assert_null(capring_first(&ring));
}

// Entries of all sizes meet the end of the memory in every way.
Test(capring, no_entry_lies_over_the_end_of_the_memory) {
	uint64_t nb = 0, next = 0;
	uint16_t lens[1u << 12];
	for (unsigned int i = 0; i < 200000; i++) {
		uint16_t len = (uint16_t)(i * 2654435761u >> 20);
		while (!put(nb, len, "")) {
			expect(next, lens[next % (1u << 12)], "");
			next++;
		}
		lens[nb++ % (1u << 12)] = len;
	}
	for (; next < nb; next++)
		expect(next, lens[next % (1u << 12)], "");
}

#define NB_PASSED 300000u

static void *write_all(void *unused) {
	for (uint64_t i = 0; i < NB_PASSED; i++) {
		while (!put(i, (uint16_t)(i % 200), ""))
			sched_yield();
	}
	return unused;
}

Test(capring, one_thread_writes_while_another_reads) {
	pthread_t writer;
	cr_assert_eq(pthread_create(&writer, NULL, write_all, NULL), 0);
	for (uint64_t i = 0; i < NB_PASSED; i++) {
		while (capring_first(&ring) == NULL)
			sched_yield();
		expect(i, (uint16_t)(i % 200), "");
	}
	pthread_join(writer, NULL);
	cr_expect_null(capring_first(&ring));
}
