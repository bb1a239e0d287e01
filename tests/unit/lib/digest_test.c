#include "lib/digest.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// FIPS 180-4, of "" and of "abc"
#define OF_NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define OF_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
// of a million times "a"
#define OF_MILLION "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"

static char text[DIGEST_TEXT_OCTETS];

Test(digest, octets_have_the_standard_s_sum) {
	cr_assert_eq(digest_octets("abc", 3, text), 0);
	cr_assert_str_eq(text, OF_ABC);
	cr_assert_eq(digest_octets("", 0, text), 0);
	cr_assert_str_eq(text, OF_NOTHING);
}

static void write_file(char *path, size_t nb, char octet) {
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");
	for (size_t i = 0; i < nb; i++)
		fputc(octet, f);
	fclose(f);
}

Test(digest, a_file_longer_than_a_buffer_is_summed_whole) {
	char path[] = "/tmp/tfoscan-digest-XXXXXX";
	write_file(path, 1000000, 'a');
	int ret = digest_file(path, text);
	unlink(path);
	cr_assert_eq(ret, 0);
	cr_assert_str_eq(text, OF_MILLION);
}

Test(digest, an_empty_file_has_a_sum) {
	char path[] = "/tmp/tfoscan-digest-XXXXXX";
	write_file(path, 0, 'a');
	int ret = digest_file(path, text);
	unlink(path);
	cr_assert_eq(ret, 0);
	cr_assert_str_eq(text, OF_NOTHING);
}

Test(digest, what_can_be_read_once_is_not_opened, .timeout = 10) {
	char path[] = "/tmp/tfoscan-digest-XXXXXX";
	write_file(path, 0, 'a');
	unlink(path);
	cr_assert_eq(mkfifo(path, 0600), 0);
	int ret = digest_file(path, text);
	unlink(path);
	cr_assert_eq(ret, -ESPIPE);
	cr_assert_eq(digest_file("/tmp", text), -ESPIPE);
}

Test(digest, a_missing_file_says_so) {
	cr_assert_eq(digest_file("/nonexistent/list", text), -ENOENT);
}
