// What may be probed, by two kinds of lists, and while they are replaced.
#include "lib/permit.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static bool allows(const struct permit *permit, const char *text) {
	uint8_t octets[ADDR4_OCTETS];
	cr_assert_eq(inet_pton(AF_INET, text, octets), 1);
	struct ip_addr a = addr_from_v4(octets);
	return permit_allows(permit, &a);
}

// The path of a file that holds the text.
static const char *file_of(const char *text, char path[static 32]) {
	int fd = memfd_create("list", 0);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return path;
}

// NULL: no such list.
static struct permit *permit_of(
	const char *blocked, const char *allowed, struct permit_error *error) {
	char blocked_path[32], allowed_path[32];
	const char *blocklists[1], *allowlists[1];
	struct permit_files files = {.blocklists = blocklists, .allowlists = allowlists};
	if (blocked)
		blocklists[files.nb_blocklists++] = file_of(blocked, blocked_path);
	if (allowed)
		allowlists[files.nb_allowlists++] = file_of(allowed, allowed_path);
	return permit_load(&files, error);
}

Test(permit, without_lists_all_is_allowed) {
	struct permit_error error;
	struct permit *p = permit_of(NULL, NULL, &error);
	cr_assert(p);
	cr_expect(allows(p, "10.0.0.1"));
	permit_destroy(p);
	permit_destroy(NULL);
}

Test(permit, the_list_that_is_built_in_is_in_force_if_it_is_wanted) {
	struct permit_error error;
	struct permit *p = permit_load(&(struct permit_files){.with_builtin = true}, &error);
	cr_assert(p);
	cr_expect_not(allows(p, "10.0.0.1"));
	cr_expect(allows(p, "1.1.1.1"));
	permit_destroy(p);
}

Test(permit, what_is_not_on_an_allowlist_is_not_allowed) {
	struct permit_error error;
	struct permit *p = permit_of(NULL, "198.51.100.0/24", &error);
	cr_assert(p);
	cr_expect(allows(p, "198.51.100.1"));
	cr_expect_not(allows(p, "198.51.101.1"));
	permit_destroy(p);
}

Test(permit, who_is_on_both_lists_is_not_allowed) {
	struct permit_error error;
	struct permit *p = permit_of("198.51.100.7", "198.51.100.0/24", &error);
	cr_assert(p);
	cr_expect(allows(p, "198.51.100.6"));
	cr_expect_not(allows(p, "198.51.100.7"));
	permit_destroy(p);
}

Test(permit, an_allowlist_without_an_address_allows_nobody) {
	struct permit_error error;
	struct permit *p = permit_of(NULL, "# nobody\n", &error);
	cr_assert(p);
	cr_expect_not(allows(p, "198.51.100.1"));
	permit_destroy(p);
}

Test(permit, a_bad_line_is_named_with_its_list) {
	struct permit_error error;
	cr_expect_null(permit_of("10.0.0.0/8\nx\n", "198.51.100.0/24", &error));
	cr_expect_not(error.is_allowlist);
	cr_expect_eq(error.at.line, 2);
	cr_expect_null(permit_of("10.0.0.0/8\n", "198.51.100.0/24\n\nx\n", &error));
	cr_expect(error.is_allowlist);
	cr_expect_eq(error.at.line, 3);
}

Test(permit, a_view_moves_on_when_it_looks) {
	struct permit_error error;
	struct permit *first = permit_of("198.51.100.1", NULL, &error);
	struct permit *second = permit_of("198.51.100.2", NULL, &error);
	struct permit_desk desk;
	struct permit_view view, other;
	permit_desk_open(&desk, first);
	permit_view_open(&view, &desk);
	permit_view_open(&other, &desk);
	cr_expect_not(permit_view_look(&view, &desk), "nothing is new");
	cr_expect(permit_view_has_moved_on(&view, &desk));
	cr_expect_eq(permit_desk_replace(&desk, second), first);
	cr_expect_not(permit_view_has_moved_on(&view, &desk));
	cr_expect_eq(view.permit, first);
	cr_expect(permit_view_look(&view, &desk));
	cr_expect_eq(view.permit, second);
	cr_expect(permit_view_has_moved_on(&view, &desk));
	cr_expect_not(permit_view_has_moved_on(&other, &desk));
	permit_view_close(&other);
	cr_expect(permit_view_has_moved_on(&other, &desk), "who asks no more holds nobody up");
	permit_destroy(first);
	permit_destroy(second);
}

static struct permit_desk desk;
static struct permit_view view;
static atomic_bool is_over;

// Asks as fast as it can. One of the two is blocked at any time.
static void *ask(void *nb_wrong) {
	while (!atomic_load(&is_over)) {
		permit_view_look(&view, &desk);
		bool is_first = allows(view.permit, "198.51.100.1");
		*(unsigned long *)nb_wrong += is_first == allows(view.permit, "198.51.100.2");
	}
	permit_view_close(&view);
	return NULL;
}

Test(permit, who_asks_meanwhile_never_sees_a_permit_that_is_gone) {
	struct permit_error error;
	unsigned long nb_wrong = 0;
	permit_desk_open(&desk, permit_of("198.51.100.1", NULL, &error));
	permit_view_open(&view, &desk);
	pthread_t thread;
	cr_assert_eq(pthread_create(&thread, NULL, ask, &nb_wrong), 0);
	for (int i = 0; i < 200; i++) {
		struct permit *next =
			permit_of(i % 2 ? "198.51.100.1" : "198.51.100.2", NULL, &error);
		cr_assert(next, "%d", i);
		struct permit *old = permit_desk_replace(&desk, next);
		while (!permit_view_has_moved_on(&view, &desk))
			usleep(10);
		permit_destroy(old);
	}
	atomic_store(&is_over, true);
	pthread_join(thread, NULL);
	cr_expect_eq(nb_wrong, 0);
	permit_destroy(atomic_load(&desk.current));
}
