#include "lib/wholefile.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char directory[] = "/tmp/tfoscan-wholefile-XXXXXX";
static char path[64], draft[80];

static void set_up(void) {
	cr_assert(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/file", directory);
	snprintf(draft, sizeof(draft), "%s.tmp", path);
}

static void tear_down(void) {
	unlink(path);
	unlink(draft);
	rmdir(directory);
}

TestSuite(wholefile, .init = set_up, .fini = tear_down);

static const char *content(void) {
	static char buf[64];
	FILE *f = fopen(path, "re");
	cr_assert(f);
	buf[fread(buf, 1, sizeof(buf) - 1, f)] = '\0';
	fclose(f);
	return buf;
}

Test(wholefile, it_is_there_and_its_draft_is_not) {
	cr_assert_eq(wholefile_write(path, "one", 3), 0);
	cr_assert_str_eq(content(), "one");
	cr_assert_neq(access(draft, F_OK), 0);
}

Test(wholefile, who_asks_whether_it_can_be_written_changes_nothing) {
	cr_assert_eq(wholefile_try(path), 0);
	cr_assert_neq(access(path, F_OK), 0);
	cr_assert_neq(access(draft, F_OK), 0);
	cr_assert_eq(wholefile_write(path, "one", 3), 0);
	cr_assert_eq(wholefile_try(path), 0);
	cr_assert_str_eq(content(), "one");
	cr_assert_eq(wholefile_try("/nowhere/file"), -ENOENT);
}

Test(wholefile, a_shorter_one_takes_the_place_of_a_longer_one) {
	cr_assert_eq(wholefile_write(path, "long and old", 12), 0);
	cr_assert_eq(wholefile_write(path, "new", 3), 0);
	cr_assert_str_eq(content(), "new");
}

Test(wholefile, a_draft_that_a_kill_left_is_no_hindrance) {
	FILE *f = fopen(draft, "we");
	fputs("half of something longer than what comes", f);
	fclose(f);
	cr_assert_eq(wholefile_write(path, "new", 3), 0);
	cr_assert_str_eq(content(), "new");
}

Test(wholefile, without_room_the_old_one_stands) {
	static char large[4096];
	cr_assert_eq(wholefile_write(path, "old", 3), 0);
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){.rlim_cur = 100, .rlim_max = 100});
	cr_assert_eq(wholefile_write(path, large, sizeof(large)), -EFBIG);
	cr_assert_str_eq(content(), "old");
	cr_assert_neq(access(draft, F_OK), 0);
}

Test(wholefile, a_directory_that_is_not_there_is_an_error) {
	cr_assert_eq(wholefile_write("/nonexistent/file", "x", 1), -ENOENT);
	cr_assert_eq(wholefile_sync_directory("/nonexistent/file"), -ENOENT);
}

Test(wholefile, a_name_without_a_directory_lies_in_this_one) {
	cr_assert_eq(chdir(directory), 0);
	cr_assert_eq(wholefile_write("file", "here", 4), 0);
	cr_assert_str_eq(content(), "here");
}
