// The file is read here as its description says, not by the code that wrote it.
#include "lib/silentmap.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[] = "/tmp/tfoscan-silentmap-XXXXXX";
static struct silentmap *map;

static void set_up(void) {
	int fd = mkstemp(path);
	cr_assert_geq(fd, 0);
	close(fd);
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(silentmap_create(&map, path, false, 7, 0x0102030405060708), 0);
}

static void tear_down(void) {
	unlink(path);
}

TestSuite(silentmap, .init = set_up, .fini = tear_down);

static uint64_t number_at(FILE *f, long offset, unsigned int nb_octets) {
	uint64_t v = 0;
	fseek(f, offset, SEEK_SET);
	for (unsigned int i = 0; i < nb_octets; i++) {
		int octet = fgetc(f);
		cr_assert_geq(octet, 0, "the file ends at %ld", offset);
		v |= (uint64_t)octet << (8 * i);
	}
	return v;
}

static bool is_set(uint64_t index) {
	FILE *f = fopen(path, "re");
	fseek(f, (long)(4096 + index / 8), SEEK_SET);
	int octet = fgetc(f);
	fclose(f);
	return octet != EOF && (octet >> (index % 8) & 1);
}

// Of the first so many.
static unsigned int nb_set(uint64_t nb_indices) {
	FILE *f = fopen(path, "re");
	fseek(f, 4096, SEEK_SET);
	unsigned int nb = 0;
	int octet;
	for (uint64_t i = 0; i < nb_indices / 8 && (octet = fgetc(f)) != EOF; i++)
		nb += (unsigned int)__builtin_popcount((unsigned int)octet);
	fclose(f);
	return nb;
}

static void add(uint64_t index) {
	silentmap_lock(map);
	cr_assert(silentmap_add(map, index));
	silentmap_unlock(map);
}

Test(silentmap, the_header_is_as_described) {
	char magic[9] = "";
	add(3);
	add(4);
	add(4);
	cr_assert_eq(silentmap_nb(map), 2, "one target, one bit");
	cr_assert_eq(silentmap_flush(map), 0);
	FILE *f = fopen(path, "re");
	cr_assert_eq(fread(magic, 1, 8, f), 8);
	cr_assert_str_eq(magic, "TFOSILNT");
	cr_assert_eq(number_at(f, 8, 4), 1);
	cr_assert_eq(number_at(f, 12, 4), 4096);
	cr_assert_eq(number_at(f, 16, 8), 7);
	cr_assert_eq(number_at(f, 24, 8), 0x0102030405060708);
	cr_assert_eq(number_at(f, 32, 8), 2);
	cr_assert_eq(number_at(f, 40, 8), 0, "it runs");
	fclose(f);
	cr_assert_eq(silentmap_close(map), 0);
	f = fopen(path, "re");
	cr_assert_eq(number_at(f, 40, 8), 1, "it has ended");
	fclose(f);
}

Test(silentmap, those_that_were_added_are_set_and_no_others) {
	static const uint64_t added[] = {0, 7, 8, 32767, 32768, 1000000};
	for (unsigned int i = 0; i < sizeof(added) / sizeof(added[0]); i++)
		add(added[i]);
	cr_assert_eq(silentmap_close(map), 0);
	cr_assert_eq(nb_set(1100000), sizeof(added) / sizeof(added[0]));
	for (unsigned int i = 0; i < sizeof(added) / sizeof(added[0]); i++)
		cr_assert(is_set(added[i]), "%lu", (unsigned long)added[i]);
}

// Pages that share a place in the cache are written and read again.
Test(silentmap, targets_that_are_far_apart_do_not_disturb_each_other) {
	static const uint64_t far = UINT64_C(2048) * 32768;
	for (uint64_t i = 0; i < 100; i++) {
		add(i);
		add(3 * far + i);
		add(far + i);
	}
	cr_assert_eq(silentmap_nb(map), 300);
	cr_assert_eq(silentmap_close(map), 0);
	for (uint64_t i = 0; i < 100; i++)
		cr_assert(is_set(i) && is_set(far + i) && is_set(3 * far + i));
	cr_assert_not(is_set(2 * far));
	struct stat st;
	stat(path, &st);
	cr_assert_lt(st.st_blocks, 100, "what lies between takes no room");
}

Test(silentmap, a_file_that_takes_nothing_loses_nothing) {
	static const uint64_t far = UINT64_C(2048) * 32768;
	struct rlimit limit;
	getrlimit(RLIMIT_FSIZE, &limit);
	add(1);
	struct rlimit none = {.rlim_cur = 0, .rlim_max = limit.rlim_max};
	setrlimit(RLIMIT_FSIZE, &none);
	cr_assert_eq(silentmap_flush(map), -EFBIG);
	cr_assert_eq(silentmap_error(map), -EFBIG);
	silentmap_lock(map);
	cr_assert_not(silentmap_add(map, far + 1), "the page in its place can't be written");
	silentmap_unlock(map);
	setrlimit(RLIMIT_FSIZE, &limit);
	add(far + 1);
	cr_assert_eq(silentmap_error(map), 0);
	cr_assert_eq(silentmap_close(map), 0);
	cr_assert(is_set(1) && is_set(far + 1));
}

Test(silentmap, a_file_that_is_not_empty_is_refused_and_kept) {
	add(5);
	cr_assert_eq(silentmap_close(map), 0);
	cr_assert_eq(silentmap_create(&map, path, false, 1, 1), -EEXIST);
	cr_assert(is_set(5));
	cr_assert_eq(silentmap_create(&map, path, true, 1, 1), 0);
	cr_assert_not(is_set(5));
	cr_assert_eq(silentmap_close(map), 0);
}

Test(silentmap, closing_none_is_fine) {
	cr_assert_eq(silentmap_close(NULL), 0);
	cr_assert_eq(silentmap_close(map), 0);
}

// ---- going on with a file

static bool is_even(void *context, uint64_t index) {
	(void)context;
	return index % 2 == 0;
}

Test(silentmap, bits_of_what_is_not_done_are_taken_back) {
	const uint64_t far = UINT64_C(3) << 32;
	add(3);
	add(4);
	add(40000);
	add(40001);
	add(far);
	add(far + 1);
	cr_assert_eq(silentmap_close(map), 0);
	cr_assert_eq(silentmap_resume(&map, path, 7, 99, is_even, NULL), 0);
	cr_assert_eq(silentmap_nb(map), 3);
	add(5);
	cr_assert_eq(silentmap_close(map), 0);
	cr_assert(is_set(4) && is_set(40000) && is_set(far) && is_set(5));
	cr_assert_not(is_set(3) || is_set(40001) || is_set(far + 1));
	FILE *f = fopen(path, "re");
	cr_assert_eq(number_at(f, 24, 8), 99, "epoch");
	cr_assert_eq(number_at(f, 32, 8), 4, "number of bits");
	fclose(f);
}

Test(silentmap, a_file_of_another_scan_or_of_something_else_is_left_alone) {
	add(3);
	cr_assert_eq(silentmap_close(map), 0);
	cr_assert_eq(silentmap_resume(&map, path, 8, 99, is_even, NULL), -EINVAL);
	cr_assert(is_set(3));
	cr_assert_eq(truncate(path, 100), 0);
	cr_assert_eq(silentmap_resume(&map, path, 7, 99, is_even, NULL), -ENODATA);
	unlink(path);
	cr_assert_eq(silentmap_resume(&map, path, 7, 99, is_even, NULL), -ENOENT);
	cr_assert_neq(access(path, F_OK), 0);
}
