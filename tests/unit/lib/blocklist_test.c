// Lists of networks, and the one that is compiled in.
#include "lib/blocklist.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static struct ip_addr addr(const char *text) {
	uint8_t octets[ADDR6_OCTETS];
	if (inet_pton(AF_INET, text, octets) == 1)
		return addr_from_v4(octets);
	cr_assert_eq(inet_pton(AF_INET6, text, octets), 1, "%s", text);
	return addr_from_v6(octets);
}

static bool covers(const struct blocklist *list, const char *text) {
	struct ip_addr a = addr(text);
	return blocklist_covers(list, &a);
}

static struct blocklist *list_of(const char *text) {
	struct blocklist_error error;
	struct blocklist *list = blocklist_create();
	cr_assert_eq(blocklist_add_text(list, "text", text, strlen(text), &error), 0, "%s:%d: %s",
		text, (int)error.line, error.mend);
	cr_assert_eq(blocklist_seal(list), 0);
	return list;
}

static struct blocklist *builtin(void) {
	struct blocklist_error error;
	struct blocklist *list = blocklist_create();
	cr_assert_eq(
		blocklist_add_builtin(list, &error), 0, "line %d: %s", (int)error.line, error.mend);
	cr_assert_eq(blocklist_seal(list), 0);
	return list;
}

// The special-purpose registries: first and last address, and the neighbours outside; NULL where
// the neighbour is special, too, or there is none.
static const struct {
	const char *before, *first, *last, *after;
} special[] = {
	{NULL, "0.0.0.0", "0.255.255.255", "1.0.0.0"},
	{"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
	{"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"},
	{"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"},
	{"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"},
	{"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
	{"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"},
	{"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"},
	{"192.31.195.255", "192.31.196.0", "192.31.196.255", "192.31.197.0"},
	{"192.52.192.255", "192.52.193.0", "192.52.193.255", "192.52.194.0"},
	{"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"},
	{"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"},
	{"192.175.47.255", "192.175.48.0", "192.175.48.255", "192.175.49.0"},
	{"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"},
	{"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"},
	{"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"},
	{"223.255.255.255", "224.0.0.0", "239.255.255.255", NULL},
	{NULL, "240.0.0.0", "255.255.255.255", NULL},

	{NULL, "::", "::1", "::2"},
	{"64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff", "64:ff9b::", "64:ff9b::ffff:ffff",
		"64:ff9b::1:0:0"},
	{"64:ff9b:0:ffff:ffff:ffff:ffff:ffff", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
		"64:ff9b:2::"},
	{"ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "100::", "100::ffff:ffff:ffff:ffff",
		"100:0:0:1::"},
	{"2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		"2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"},
	{"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
		"2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"},
	{"2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		"2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"},
	{"2620:4f:7fff:ffff:ffff:ffff:ffff:ffff",
		"2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", "2620:4f:8001::"},
	{"3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		"3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"},
	{"5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		"5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "5f01::"},
	{"fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		"fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe00::"},
	{"fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		"fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fec0::"},
	{"feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		"ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL},
};

Test(blocklist, special_networks_are_built_in_to_their_edges) {
	struct blocklist *list = builtin();
	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
		cr_expect(covers(list, special[i].first), "%s", special[i].first);
		cr_expect(covers(list, special[i].last), "%s", special[i].last);
		if (special[i].before != NULL)
			cr_expect_not(covers(list, special[i].before), "%s", special[i].before);
		if (special[i].after != NULL)
			cr_expect_not(covers(list, special[i].after), "%s", special[i].after);
	}
	blocklist_destroy(list);
}

// Each range of the table, counted: nothing else is built in.
Test(blocklist, nothing_else_of_ipv4_is_built_in) {
	struct blocklist *list = builtin();
	uint64_t nb = 0;
	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
		struct in_addr first, last;
		if (inet_pton(AF_INET, special[i].first, &first) == 1 &&
			inet_pton(AF_INET, special[i].last, &last) == 1)
			nb += (uint64_t)ntohl(last.s_addr) - ntohl(first.s_addr) + 1;
	}
	cr_expect_eq(addrset_nb_ipv4(blocklist_set(list)), nb);
	blocklist_destroy(list);
}

Test(blocklist, public_addresses_are_free) {
	struct blocklist *list = builtin();
	cr_expect_not(covers(list, "1.1.1.1"));
	cr_expect_not(covers(list, "8.8.8.8"));
	cr_expect_not(covers(list, "2001:4860:4860::8888"));
	cr_expect_not(covers(list, "2620:fe::fe"));
	blocklist_destroy(list);
}

Test(blocklist, an_empty_list_covers_nothing) {
	struct blocklist *list = list_of("");
	cr_expect_not(covers(list, "0.0.0.0"));
	cr_expect_not(covers(list, "::"));
	cr_expect_eq(addrset_nb_ipv4(blocklist_set(list)), 0);
	blocklist_destroy(list);
	blocklist_destroy(NULL);
}

Test(blocklist, comments_blanks_and_cr_lf_are_fine) {
	struct blocklist *list =
		list_of("# list\r\n\r\n\t192.0.2.0/25 # half\r\n"
			"  192.0.2.200\r\n2001:db8::/32# all\n#\n  \n198.51.100.7");
	cr_expect(covers(list, "192.0.2.127"));
	cr_expect_not(covers(list, "192.0.2.128"));
	cr_expect(covers(list, "192.0.2.200"));
	cr_expect_not(covers(list, "192.0.2.201"));
	cr_expect(covers(list, "2001:db8::1"));
	cr_expect(covers(list, "198.51.100.7"), "the last line needs no LF");
	blocklist_destroy(list);
}

Test(blocklist, ranges_cover_both_their_ends) {
	struct blocklist *list = list_of(
		"8.12.162.0-8.12.164.255\n192.0.2.7-192.0.2.7\n"
		"2001:db8::1-2001:db8::ff\n0.0.0.0-0.0.0.9\n255.255.255.255-255.255.255.255");
	cr_expect_eq(addrset_nb_ipv4(blocklist_set(list)), 3 * 256 + 1 + 10 + 1);
	cr_expect(covers(list, "8.12.162.0"));
	cr_expect(covers(list, "8.12.164.255"));
	cr_expect_not(covers(list, "8.12.165.0"));
	cr_expect(covers(list, "2001:db8::ff"));
	cr_expect_not(covers(list, "2001:db8::100"));
	blocklist_destroy(list);
}

// masscan reads all of a line, ZMap its first word: who wrote two networks means both.
Test(blocklist, a_line_may_hold_several_networks) {
	struct blocklist *list = list_of("192.0.2.1,192.0.2.3 192.0.2.5\t192.0.2.7 ,  192.0.2.9,\n"
					 "192.0.2.11, ; and no more 192.0.2.13\n");
	cr_expect_eq(addrset_nb_ipv4(blocklist_set(list)), 6);
	cr_expect(covers(list, "192.0.2.5"));
	cr_expect(covers(list, "192.0.2.9"));
	cr_expect_not(covers(list, "192.0.2.13"));
	blocklist_destroy(list);
}

Test(blocklist, a_byte_order_mark_is_skipped) {
	struct blocklist *list = list_of("\xef\xbb\xbf"
					 "192.0.2.1\r\n");
	cr_expect(covers(list, "192.0.2.1"));
	blocklist_destroy(list);
}

Test(blocklist, prefixes_of_all_lengths_cover_what_they_say) {
	for (int len = 0; len <= 32; len++) {
		char line[32];
		snprintf(line, sizeof(line), "192.0.2.1/%d", len);
		struct blocklist *list = list_of(line);
		cr_expect_eq(addrset_nb_ipv4(blocklist_set(list)), (uint64_t)1 << (32 - len), "/%d",
			len);
		cr_expect(covers(list, "192.0.2.1"));
		blocklist_destroy(list);
	}
	for (int len = 0; len <= 128; len++) {
		char line[32];
		snprintf(line, sizeof(line), "2001:db8::1/%d", len);
		struct blocklist *list = list_of(line);
		cr_expect(covers(list, "2001:db8::1"));
		cr_expect_eq(covers(list, "2001:db8::"), len < 128, "/%d", len);
		cr_expect_eq(covers(list, "ffff::"), len == 0, "/%d", len);
		blocklist_destroy(list);
	}
}

Test(blocklist, families_do_not_cover_each_other) {
	struct blocklist *list = list_of("::/0");
	cr_expect(covers(list, "2001:db8::1"));
	cr_expect_not(covers(list, "192.0.2.1"));
	blocklist_destroy(list);
	list = list_of("::ffff:0:0/96");
	cr_expect_not(covers(list, "192.0.2.1"));
	blocklist_destroy(list);
	list = list_of("0.0.0.0/0");
	cr_expect(covers(list, "192.0.2.1"));
	cr_expect_not(covers(list, "::1"));
	blocklist_destroy(list);
}

Test(blocklist, overlapping_and_adjacent_networks_become_one) {
	struct blocklist *list =
		list_of("192.0.2.128/25\n192.0.2.0/25\n192.0.2.64/26\n192.0.2.0/24\n"
			"192.0.3.0\n192.0.2.7\n255.255.255.255\n255.255.255.254/31\n"
			"0.0.0.0\n0.0.0.0\n");
	cr_expect_eq(addrset_nb_ipv4(blocklist_set(list)), 256 + 1 + 2 + 1);
	cr_expect(covers(list, "192.0.2.0"));
	cr_expect(covers(list, "192.0.2.255"));
	cr_expect(covers(list, "192.0.3.0"));
	cr_expect_not(covers(list, "192.0.1.255"));
	cr_expect_not(covers(list, "192.0.3.1"));
	blocklist_destroy(list);
}

// A hundred thousand networks, every second /24 of 0.0.0.0 to 12.53.0.0, in a scattered order.
Test(blocklist, a_hundred_thousand_networks_are_each_found) {
	enum { NB = 100000, STEP = 7919 };
	char *text;
	size_t len;
	FILE *stream = open_memstream(&text, &len);
	for (int i = 0, n = 0; i < NB; i++, n = (n + STEP) % NB)
		fprintf(stream, "%d.%d.%d.0/24\n", n * 2 >> 16, n * 2 >> 8 & 255, n * 2 & 255);
	fclose(stream);
	struct blocklist *list = list_of(text);
	cr_expect_eq(addrset_nb_ipv4(blocklist_set(list)), (uint64_t)NB * 256);
	for (int n = 0; n < 2 * NB; n++) {
		uint8_t octets[] = {(uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n, 255};
		struct ip_addr a = addr_from_v4(octets);
		cr_assert_eq(blocklist_covers(list, &a), n % 2 == 0);
	}
	blocklist_destroy(list);
	free(text);
}

static const char *const bad_lines[] = {
	"example.com",
	"192.0.2.0 private",
	"192.0.2.0 - 192.0.2.9",
	"192.0.2.0- 192.0.2.9",
	"192.0.2.0-9",
	"192.0.2.9-192.0.2.0",
	"192.0.2.0-2001:db8::1",
	"192.0.2.0-192.0.2.9-192.0.2.20",
	"192.0.2.0/24-192.0.3.0/24",
	"2001:db8::1-192.0.2.0",
	"2001:db8::2-2001:db8::1",
	"::ffff:192.0.2.1-::ffff:192.0.2.9",
	"-192.0.2.9",
	"-",
	"my-host.example.com",
	"192.0.2.0,24",
	"192.0.2.0/",
	"192.0.2.0/33",
	"192.0.2.0/-1",
	"192.0.2.0/+8",
	"192.0.2.0/ 8",
	"192.0.2.0/24x",
	"192.0.2.0/24/24",
	"192.0.2.0/4294967304",
	"192.0.2.0/255.255.255.0",
	"192.0.2/24",
	"256.0.2.0/24",
	"010.0.0.0/8",
	"/8",
	"/",
	"::/129",
	"2001:db8:::/32",
	"[2001:db8::]/32",
	"fe80::%eth0/10",
	"::ffff:192.0.2.0/120",
	"::ffff:192.0.2.1",
	"::ffff:0:0/97",
	"10/8",
};

Test(blocklist, one_bad_line_stops_the_load_and_is_named) {
	for (size_t i = 0; i < sizeof(bad_lines) / sizeof(bad_lines[0]); i++) {
		char text[128];
		int len = snprintf(
			text, sizeof(text), "# list\n10.0.0.0/8\n%s\n127.0.0.0/8\n", bad_lines[i]);
		struct blocklist_error error = {.line = 99};
		struct blocklist *list = blocklist_create();
		cr_expect_eq(blocklist_add_text(list, "name", text, (size_t)len, &error), -EINVAL,
			"%s", bad_lines[i]);
		cr_expect_eq(error.line, 3, "%s", bad_lines[i]);
		cr_expect_str_eq(error.source, "name");
		cr_expect_eq(error.os_error, 0);
		cr_expect_not_null(error.mend, "%s", bad_lines[i]);
		blocklist_destroy(list);
	}
}

Test(blocklist, a_nul_in_a_line_is_bad) {
	struct blocklist_error error;
	struct blocklist *list = blocklist_create();
	cr_expect_eq(blocklist_add_text(list, "", "10.0.0.0/8\0", 11, &error), -EINVAL);
	cr_expect_eq(blocklist_add_text(list, "", "10.0.0.0\0/8", 11, &error), -EINVAL);
	blocklist_destroy(list);
}

static void expect_file(const char *content, size_t len, size_t times, int code, uint64_t line) {
	char path[32];
	int fd = memfd_create("blocklist", 0);
	for (size_t i = 0; i < times; i++)
		cr_assert_eq(write(fd, content, len), (ssize_t)len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);

	struct blocklist_error error = {0};
	struct blocklist *list = blocklist_create();
	cr_expect_eq(blocklist_add_file(list, path, &error), code);
	cr_expect_eq(error.line, line);
	if (code < 0)
		cr_expect_str_eq(error.source, path);
	cr_assert_eq(blocklist_seal(list), 0);
	cr_expect_eq(covers(list, "192.0.2.1"), code != -EFBIG);
	blocklist_destroy(list);
	close(fd);
}

Test(blocklist, files_are_read_to_their_end) {
	expect_file("192.0.2.0/24\n", 13, 1, 0, 0);
	expect_file("192.0.2.0/24\n", 13, 50000, 0, 0);
	expect_file("192.0.2.0/24\nx\n", 15, 1, -EINVAL, 2);
	expect_file("192.0.2.0/24 # a comment that makes this line 64 octets long ..\n", 64, 262145,
		-EFBIG, 0);
}

Test(blocklist, a_file_that_cannot_be_read_is_named) {
	struct blocklist_error error;
	struct blocklist *list = blocklist_create();
	cr_expect_eq(blocklist_add_file(list, "/nonexistent/list", &error), -ENOENT);
	cr_expect_str_eq(error.source, "/nonexistent/list");
	cr_expect_eq(error.line, 0);
	cr_expect_eq(error.os_error, ENOENT);
	cr_expect_null(error.mend);
	cr_expect_eq(blocklist_add_file(list, "/proc/self", &error), -EISDIR);
	blocklist_destroy(list);
}

Test(blocklist, a_sealed_list_takes_no_more, .signal = SIGABRT) {
	struct blocklist_error error;
	blocklist_add_text(list_of("10.0.0.0/8"), "", "127.0.0.0/8", 11, &error);
}

Test(blocklist, a_list_is_sealed_before_it_is_asked, .signal = SIGABRT) {
	covers(blocklist_create(), "192.0.2.1");
}

static void digest_of(const char *text, char digest[DIGEST_TEXT_OCTETS]) {
	struct blocklist *list = blocklist_create();
	struct blocklist_error error;
	cr_assert_eq(blocklist_add_text(list, "test", text, strlen(text), &error), 0);
	cr_assert_eq(blocklist_seal(list), 0);
	cr_assert_eq(blocklist_digest(list, digest), 0);
	blocklist_destroy(list);
}

Test(blocklist, the_digest_is_of_what_is_covered_and_not_of_how_it_is_written) {
	char one[DIGEST_TEXT_OCTETS], two[DIGEST_TEXT_OCTETS];
	digest_of("192.0.2.0/25\n192.0.2.128/25 # both halves\n2001:db8::/32\n", one);
	digest_of("2001:db8::/32\n192.0.2.0/24\n", two);
	cr_assert_str_eq(one, two);
	digest_of("192.0.2.0/24\n", two);
	cr_assert_str_neq(one, two);
}

Test(blocklist, the_digest_tells_the_families_apart) {
	char one[DIGEST_TEXT_OCTETS], two[DIGEST_TEXT_OCTETS];
	digest_of("0.0.0.1\n", one);
	digest_of("::1\n", two);
	cr_assert_str_neq(one, two);
}
