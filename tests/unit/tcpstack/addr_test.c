#include "lib/tcpstack/addr.h"

#include <criterion/criterion.h>

static const uint8_t v4_octets[] = {192, 0, 2, 1};
static const uint8_t v6_octets[] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

static struct ip_addr v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
	return addr_from_v4((const uint8_t[]){a, b, c, d});
}

// 2001:db8::, with its last octet
static struct ip_addr v6(uint8_t last) {
	struct ip_addr a = addr_from_v6(v6_octets);
	a.octets[15] = last;
	return a;
}

static bool in_prefix(struct ip_addr a, struct ip_addr prefix, unsigned int len_bits) {
	return addr_in_prefix(&a, &prefix, len_bits);
}

Test(addr, ipv4_is_kept_as_a_mapped_address) {
	static const uint8_t mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};
	struct ip_addr a = addr_from_v4(v4_octets);
	cr_assert_arr_eq(a.octets, mapped, sizeof(mapped));
}

Test(addr, ipv4_comes_back_as_its_four_octets) {
	struct ip_addr a = addr_from_v4(v4_octets);
	cr_assert_arr_eq(addr_v4(&a), v4_octets, sizeof(v4_octets));
}

Test(addr, ipv6_is_kept_as_it_is) {
	struct ip_addr a = addr_from_v6(v6_octets);
	cr_assert_arr_eq(a.octets, v6_octets, sizeof(v6_octets));
}

Test(addr, families_are_told_apart) {
	struct ip_addr a = addr_from_v4(v4_octets), b = addr_from_v6(v6_octets);
	cr_assert(addr_is_v4(&a));
	cr_assert_not(addr_is_v4(&b));
}

Test(addr, compatible_and_unspecified_addresses_are_ipv6) {
	struct ip_addr none = {0}, compatible = {.octets = {[12] = 192, [14] = 2, [15] = 1}};
	cr_assert_not(addr_is_v4(&none));
	cr_assert_not(addr_is_v4(&compatible));
}

Test(addr, one_other_octet_in_front_makes_it_ipv6) {
	for (size_t i = 0; i < 12; i++) {
		struct ip_addr a = addr_from_v4(v4_octets);
		a.octets[i] ^= 0x01;
		cr_assert_not(addr_is_v4(&a), "octet %zu", i);
	}
}

Test(addr, equal_addresses_agree_in_every_octet) {
	struct ip_addr a = addr_from_v6(v6_octets), b = a;
	cr_assert(addr_equal(&a, &b));
	for (size_t i = 0; i < ADDR6_OCTETS; i++) {
		b = a;
		b.octets[i] ^= 0x80;
		cr_assert_not(addr_equal(&a, &b), "octet %zu", i);
	}
}

Test(addr, ipv4_prefix_of_whole_octets) {
	cr_assert(in_prefix(v4(10, 255, 255, 255), v4(10, 0, 0, 0), 8));
	cr_assert_not(in_prefix(v4(11, 0, 0, 0), v4(10, 0, 0, 0), 8));
	cr_assert_not(in_prefix(v4(9, 255, 255, 255), v4(10, 0, 0, 0), 8));
}

Test(addr, ipv4_prefix_that_cuts_an_octet) {
	cr_assert(in_prefix(v4(172, 16, 0, 0), v4(172, 16, 0, 0), 12));
	cr_assert(in_prefix(v4(172, 31, 255, 255), v4(172, 16, 0, 0), 12));
	cr_assert_not(in_prefix(v4(172, 32, 0, 0), v4(172, 16, 0, 0), 12));
	cr_assert_not(in_prefix(v4(172, 15, 255, 255), v4(172, 16, 0, 0), 12));
}

Test(addr, ipv4_prefix_of_32_bits_is_one_address) {
	cr_assert(in_prefix(v4(192, 0, 2, 1), v4(192, 0, 2, 1), 32));
	cr_assert_not(in_prefix(v4(192, 0, 2, 0), v4(192, 0, 2, 1), 32));
}

Test(addr, ipv4_prefix_of_31_bits_is_two_addresses) {
	cr_assert(in_prefix(v4(192, 0, 2, 1), v4(192, 0, 2, 0), 31));
	cr_assert_not(in_prefix(v4(192, 0, 2, 2), v4(192, 0, 2, 0), 31));
}

Test(addr, prefix_of_no_bits_holds_all_of_its_family) {
	cr_assert(in_prefix(v4(255, 1, 2, 3), v4(0, 0, 0, 0), 0));
	cr_assert(in_prefix(v6(1), (struct ip_addr){0}, 0));
}

Test(addr, prefix_holds_nothing_of_the_other_family) {
	cr_assert_not(in_prefix(v6(1), v4(0, 0, 0, 0), 0));
	cr_assert_not(in_prefix(v4(192, 0, 2, 1), (struct ip_addr){0}, 0));
}

Test(addr, octets_behind_the_prefix_do_not_count) {
	cr_assert(in_prefix(v4(10, 1, 2, 3), v4(10, 9, 9, 9), 8));
}

Test(addr, ipv6_prefix_of_whole_octets) {
	struct ip_addr other = v6(1);
	other.octets[4] = 1;
	cr_assert(in_prefix(v6(1), v6(0), 32));
	cr_assert(in_prefix(other, v6(0), 32));
	cr_assert_not(in_prefix(other, v6(0), 40));
}

Test(addr, ipv6_prefix_that_cuts_an_octet) {
	struct ip_addr prefix = {.octets = {0xfe, 0x80}};
	cr_assert(in_prefix((struct ip_addr){.octets = {0xfe, 0xbf, 1}}, prefix, 10));
	cr_assert_not(in_prefix((struct ip_addr){.octets = {0xfe, 0xc0}}, prefix, 10));
}

Test(addr, ipv6_prefix_of_128_bits_is_one_address) {
	cr_assert(in_prefix(v6(7), v6(7), 128));
	cr_assert_not(in_prefix(v6(6), v6(7), 128));
	cr_assert(in_prefix(v6(6), v6(7), 127));
}
