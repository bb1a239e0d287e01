// A mapped file that somebody cuts short.
#include "lib/mapped.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define OCTETS 65536

static int file_of_y(size_t len) {
	int fd = memfd_create("mapped", 0);
	char *octets = malloc(len);
	memset(octets, 'y', len);
	cr_assert_eq(write(fd, octets, len), (ssize_t)len);
	free(octets);
	return fd;
}

Test(mapped, octets_are_copied) {
	struct mapped map;
	char to[4] = "";
	cr_assert(mapped_open(&map, file_of_y(OCTETS)));
	cr_expect_eq(map.len, OCTETS);
	cr_expect(mapped_copy(&map, OCTETS - 3, to, 3));
	cr_expect_str_eq(to, "yyy");
	mapped_close(&map);
}

Test(mapped, what_was_cut_off_fails_again_and_again_and_the_rest_does_not) {
	struct mapped map;
	char to[16];
	int fd = file_of_y(OCTETS);
	cr_assert(mapped_open(&map, fd));
	cr_assert_eq(ftruncate(fd, OCTETS / 2), 0);
	for (int i = 0; i < 3; i++) {
		cr_expect(!mapped_copy(&map, OCTETS - 16, to, 16));
		cr_expect(mapped_copy(&map, 0, to, 16));
	}
	mapped_close(&map);
}

Test(mapped, an_empty_file_and_a_pipe_are_not_mapped) {
	struct mapped map;
	int ends[2];
	cr_expect(!mapped_open(&map, memfd_create("empty", 0)));
	cr_assert_eq(pipe(ends), 0);
	cr_expect(!mapped_open(&map, ends[0]));
	cr_expect_null(map.octets);
	mapped_close(&map);
}

// The signal of somebody else still does what it did.
Test(mapped, another_sigbus_ends_the_process, .signal = SIGBUS) {
	struct mapped map;
	int fd = file_of_y(OCTETS);
	cr_assert(mapped_open(&map, fd));
	cr_assert_eq(ftruncate(fd, 0), 0);
	volatile const uint8_t *octet = map.octets;
	cr_expect_eq(*octet, 'y');
}
