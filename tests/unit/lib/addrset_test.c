// Sets of addresses: what they cover, and the networks they are made of.
#include "lib/addrset.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static struct ip_addr addr(const char *text) {
	uint8_t octets[ADDR6_OCTETS];
	if (inet_pton(AF_INET, text, octets) == 1)
		return addr_from_v4(octets);
	cr_assert_eq(inet_pton(AF_INET6, text, octets), 1, "%s", text);
	return addr_from_v6(octets);
}

static addrset_number number(const char *text) {
	struct ip_addr a = addr(text);
	const uint8_t *octets = addr_is_v4(&a) ? addr_v4(&a) : a.octets;
	addrset_number n = 0;
	for (int i = 0; i < (addr_is_v4(&a) ? ADDR4_OCTETS : ADDR6_OCTETS); i++)
		n = n << 8 | octets[i];
	return n;
}

static void add(struct addrset *set, const char *first, const char *last) {
	bool is_v4 = strchr(first, ':') == NULL;
	cr_assert_eq(addrset_add(set, is_v4, number(first), number(last)), 0);
}

static bool covers(const struct addrset *set, const char *text) {
	struct ip_addr a = addr(text);
	return addrset_covers(set, &a);
}

Test(addrset, ranges_cover_their_edges_and_nothing_beside_them) {
	struct addrset set = {0};
	add(&set, "192.0.2.3", "192.0.2.9");
	add(&set, "2001:db8::5", "2001:db9::5");
	cr_assert_eq(addrset_seal(&set), 0);
	cr_expect(covers(&set, "192.0.2.3") && covers(&set, "192.0.2.9"));
	cr_expect_not(covers(&set, "192.0.2.2") || covers(&set, "192.0.2.10"));
	cr_expect(covers(&set, "2001:db8::5") && covers(&set, "2001:db9::5"));
	cr_expect_not(covers(&set, "2001:db8::4") || covers(&set, "2001:db9::6"));
	addrset_free(&set);
}

Test(addrset, the_first_and_the_last_address_of_all_can_be_covered) {
	struct addrset set = {0};
	add(&set, "0.0.0.0", "0.0.0.0");
	add(&set, "255.255.255.255", "255.255.255.255");
	add(&set, "::", "::");
	add(&set, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	cr_assert_eq(addrset_seal(&set), 0);
	cr_expect(covers(&set, "0.0.0.0") && covers(&set, "255.255.255.255"));
	cr_expect_not(covers(&set, "0.0.0.1") || covers(&set, "255.255.255.254"));
	cr_expect(covers(&set, "::"));
	cr_expect(covers(&set, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
	cr_expect_not(covers(&set, "::1"));
	cr_expect_eq(addrset_nb_ipv4(&set), 2);
	addrset_free(&set);
}

Test(addrset, an_empty_set_covers_nothing_and_has_no_network) {
	struct addrset set = {0};
	struct addrset_walk walk = {0};
	struct ip_addr network;
	unsigned int bits;
	cr_expect(addrset_is_empty(&set));
	cr_assert_eq(addrset_seal(&set), 0);
	cr_expect_not(covers(&set, "0.0.0.0") || covers(&set, "::"));
	cr_expect_not(addrset_network(&set, &walk, &network, &bits));
	addrset_free(&set);
}

static uint64_t next_random(uint64_t *state) {
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

// Some thousand ranges in the 65,536 addresses below base, and a list of bits that says the same.
static void compare_with_bits(bool is_v4, addrset_number base, unsigned int nb_ranges) {
	static bool bits[65536];
	uint64_t state = nb_ranges;
	struct addrset set = {0};
	memset(bits, 0, sizeof(bits));
	for (unsigned int i = 0; i < nb_ranges; i++) {
		unsigned int first = next_random(&state) & 0xffff, last = first;
		last += (unsigned int)(next_random(&state) % 7);
		last = last > 0xffff ? 0xffff : last;
		cr_assert_eq(addrset_add(&set, is_v4, base + first, base + last), 0);
		for (unsigned int n = first; n <= last; n++)
			bits[n] = true;
	}
	cr_assert_eq(addrset_seal(&set), 0);
	for (unsigned int n = 0; n < 65536; n++) {
		addrset_number value = base + n;
		uint8_t octets[ADDR6_OCTETS];
		for (int i = 0; i < (is_v4 ? ADDR4_OCTETS : ADDR6_OCTETS); i++)
			octets[i] = (uint8_t)(value >> 8 * ((is_v4 ? 3 : 15) - i));
		struct ip_addr a = is_v4 ? addr_from_v4(octets) : addr_from_v6(octets);
		cr_assert_eq(addrset_covers(&set, &a), bits[n], "%u", n);
	}
	addrset_free(&set);
}

Test(addrset, random_ranges_cover_what_a_list_of_bits_says) {
	for (unsigned int nb = 1; nb <= 16384; nb *= 4) {
		compare_with_bits(true, number("198.18.0.0"), nb);
		compare_with_bits(true, number("255.255.0.0"), nb);
		compare_with_bits(false, number("2001:db8::"), nb);
		// across a border of the first 64 bits
		compare_with_bits(false, number("2001:db8::ffff:ffff:ffff:8000"), nb);
	}
}

// What the walk says, joined by blanks.
static void expect_networks(struct addrset *set, const char *expected) {
	char text[ADDR6_OCTETS * 64], *end = text;
	struct addrset_walk walk = {0};
	struct ip_addr network;
	unsigned int bits;
	*text = '\0';
	cr_assert_eq(addrset_seal(set), 0);
	while (addrset_network(set, &walk, &network, &bits)) {
		char address[INET6_ADDRSTRLEN];
		bool is_v4 = addr_is_v4(&network);
		inet_ntop(is_v4 ? AF_INET : AF_INET6, is_v4 ? addr_v4(&network) : network.octets,
			address, sizeof(address));
		end += sprintf(end, "%s%s/%u", end > text ? " " : "", address, bits);
	}
	cr_expect_str_eq(text, expected);
	addrset_free(set);
}

Test(addrset, a_walk_gives_the_largest_networks_in_order) {
	struct addrset set = {0};
	add(&set, "2001:db8::", "2001:db8::2");
	add(&set, "192.0.2.1", "192.0.2.9");
	add(&set, "10.0.0.0", "10.255.255.255");
	expect_networks(&set, "10.0.0.0/8 192.0.2.1/32 192.0.2.2/31 192.0.2.4/30 192.0.2.8/31 "
			      "2001:db8::/127 2001:db8::2/128");
}

Test(addrset, a_walk_over_everything_ends) {
	struct addrset set = {0};
	add(&set, "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	add(&set, "0.0.0.0", "255.255.255.255");
	expect_networks(&set, "0.0.0.0/0 ::/0");
	add(&set, "0.0.0.1", "255.255.255.255");
	cr_assert_eq(addrset_seal(&set), 0);
	struct addrset_walk walk = {0};
	struct ip_addr network;
	unsigned int bits, nb = 0;
	while (addrset_network(&set, &walk, &network, &bits))
		nb++;
	cr_expect_eq(nb, 32);
	addrset_free(&set);
}

Test(addrset, a_sealed_set_takes_no_more, .signal = SIGABRT) {
	struct addrset set = {0};
	add(&set, "192.0.2.1", "192.0.2.1");
	addrset_seal(&set);
	add(&set, "192.0.2.2", "192.0.2.2");
}
