// Networks as one row of addresses.
#include "lib/netset.h"

#include "lib/addrtext.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

static struct netset set_of(const char *const *networks, size_t nb, int want) {
	struct netset set;
	netset_init(&set);
	for (size_t i = 0; i < nb; i++) {
		struct ip_addr addr;
		const char *slash = strchr(networks[i], '/');
		cr_assert_eq(addrtext_parse(networks[i], (size_t)(slash - networks[i]), &addr),
			ADDRTEXT_OK);
		cr_assert_eq(netset_add(&set, &addr, (unsigned int)atoi(slash + 1)), 0);
	}
	cr_assert_eq(netset_seal(&set), want);
	return set;
}

#define SET(...)                                                                                   \
	set_of((const char *const[]){__VA_ARGS__},                                                 \
		sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), 0)

static void expect_at(const struct netset *set, uint64_t i, const char *want) {
	char text[ADDRTEXT_OCTETS];
	struct ip_addr addr = netset_at(set, i);
	cr_expect_str_eq(addrtext_print(&addr, text), want);
	cr_expect(netset_covers(set, &addr));
}

static bool covers(const struct netset *set, const char *text) {
	struct ip_addr addr;
	cr_assert_eq(addrtext_parse(text, strlen(text), &addr), ADDRTEXT_OK);
	return netset_covers(set, &addr);
}

Test(netset, both_families_in_one_row) {
	struct netset set = SET("192.0.2.0/30", "2001:db8::/126", "198.51.100.7/32");
	cr_expect_eq(netset_size(&set), 9);
	expect_at(&set, 0, "192.0.2.0");
	expect_at(&set, 3, "192.0.2.3");
	expect_at(&set, 4, "198.51.100.7");
	expect_at(&set, 5, "2001:db8::");
	expect_at(&set, 8, "2001:db8::3");
	netset_free(&set);
}

Test(netset, overlapping_networks_count_once) {
	struct netset set = SET("10.0.0.0/16", "10.0.0.0/8", "10.0.0.0/24", "10.255.255.0/24",
		"10.0.0.0/8", "11.0.0.0/32");
	cr_expect_eq(netset_size(&set), (1 << 24) + 1);
	expect_at(&set, 0, "10.0.0.0");
	expect_at(&set, (1 << 24) - 1, "10.255.255.255");
	expect_at(&set, 1 << 24, "11.0.0.0");
	netset_free(&set);
}

Test(netset, host_bits_do_not_count) {
	struct netset set = SET("10.1.2.3/8", "2001:db8::77/120");
	cr_expect_eq(netset_size(&set), (1 << 24) + 256);
	expect_at(&set, 0, "10.0.0.0");
	expect_at(&set, 1 << 24, "2001:db8::");
	netset_free(&set);
}

Test(netset, what_lies_outside_is_not_covered) {
	struct netset set = SET("192.0.2.0/31", "192.0.2.4/31", "2001:db8::/120");
	cr_expect(!covers(&set, "192.0.1.255"));
	cr_expect(covers(&set, "192.0.2.1"));
	cr_expect(!covers(&set, "192.0.2.2"));
	cr_expect(!covers(&set, "192.0.2.3"));
	cr_expect(covers(&set, "192.0.2.4"));
	cr_expect(!covers(&set, "192.0.2.6"));
	cr_expect(!covers(&set, "2001:db8::100"));
	cr_expect(!covers(&set, "::1"));
	netset_free(&set);
}

Test(netset, all_of_ipv4) {
	struct netset set = SET("0.0.0.0/0");
	cr_expect_eq(netset_size(&set), UINT64_C(1) << 32);
	expect_at(&set, 0, "0.0.0.0");
	expect_at(&set, UINT32_MAX, "255.255.255.255");
	netset_free(&set);
}

Test(netset, the_most_that_is_possible_and_one_more) {
	struct netset set = SET("2001:db8::/65");
	cr_expect_eq(netset_size(&set), NETSET_MAX_ADDRESSES);
	expect_at(&set, NETSET_MAX_ADDRESSES - 1, "2001:db8::7fff:ffff:ffff:ffff");
	netset_free(&set);
	static const char *const more[] = {"2001:db8::/65", "192.0.2.1/32"};
	set = set_of(more, 2, -EOVERFLOW);
	netset_free(&set);
	static const char *const twice[] = {"2001:db8::/65", "2001:db8:1::/65"};
	set = set_of(twice, 2, -EOVERFLOW);
	netset_free(&set);
}

Test(netset, nothing_covers_nothing) {
	struct netset set;
	netset_init(&set);
	cr_expect_eq(netset_seal(&set), 0);
	cr_expect_eq(netset_size(&set), 0);
	cr_expect(!covers(&set, "192.0.2.1"));
	netset_free(&set);
}

// Many networks drawn at random, against a map of all addresses of a /16.
Test(netset, as_a_map_of_all_addresses_has_it) {
	static bool map[65536];
	struct netset set;
	netset_init(&set);
	uint32_t random = 1;
	for (int i = 0; i < 300; i++) {
		random = random * 1664525 + 1013904223;
		unsigned int bits = 22 + random % 11;
		uint16_t host = (uint16_t)(random >> 12);
		uint8_t octets[] = {198, 18, (uint8_t)(host >> 8), (uint8_t)host};
		struct ip_addr addr = addr_from_v4(octets);
		cr_assert_eq(netset_add(&set, &addr, bits), 0);
		uint32_t nb = 1u << (32 - bits), first = host & ~(nb - 1);
		for (uint32_t k = first; k < first + nb; k++)
			map[k] = true;
	}
	cr_assert_eq(netset_seal(&set), 0);
	uint64_t nb = 0;
	for (uint32_t host = 0; host < 65536; host++) {
		uint8_t octets[] = {198, 18, (uint8_t)(host >> 8), (uint8_t)host};
		struct ip_addr addr = addr_from_v4(octets);
		cr_assert_eq(netset_covers(&set, &addr), map[host]);
		if (!map[host])
			continue;
		struct ip_addr at = netset_at(&set, nb++);
		cr_assert(addr_equal(&at, &addr));
	}
	cr_expect_eq(netset_size(&set), nb);
	netset_free(&set);
}
