// The tables were read from a namespace with two veth interfaces (Linux 6.18, 2026-11-23), the
// blanks at the ends of the lines cut off.
#include "lib/iface_gateway.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#define HEADER4                                                                                    \
	"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
#define ZERO6 "00000000000000000000000000000000"
#define DEFAULT6 ZERO6 " 00 " ZERO6 " 00 "

// default via 10.98.0.254 dev vb metric 50, via 10.99.0.254 dev va metric 100 and 10.99.0.253
// metric 4294967295, an unreachable default, one without gateway, connected and other routes
static const char table4[] =
	HEADER4 "va\t00000000\t00000000\t0001\t0\t0\t7\t00000000\t0\t0\t0\n"
		"vb\t00000000\tFE00620A\t0003\t0\t0\t50\t00000000\t0\t0\t0\n"
		"va\t00000000\tFE00630A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
		"*\t00000000\t00000000\t0201\t0\t0\t5000\t00000000\t0\t0\t0\n"
		"va\t00000000\tFD00630A\t0003\t0\t0\t4294967295\t00000000\t0\t0\t0\n"
		"vb\t0000620A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
		"va\t0000630A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
		"vc\t000010AC\t0900630A\t0003\t0\t0\t0\t0000F0FF\t0\t0\t0\n";

// default via fe80::2 dev va metric 1024 and 2001:db8:99::fe metric 2048, via 2001:db8:98::fe
// dev vb metric 10, unreachable defaults (on lo), 2000::/3 via 2001:db8:99::3 dev vc
static const char table6[] =
	"20010db8009900000000000000000000 40 " ZERO6 " 00 " ZERO6
	" 00000100 00000002 00000000 00000001       va\n"
	"20000000000000000000000000000000 03 " ZERO6
	" 00 20010db8009900000000000000000003 00000400 00000001 00000000 00000003       "
	"vc\n" DEFAULT6
	"20010db80098000000000000000000fe 0000000a 00000001 00000000 00000003       vb\n" DEFAULT6
	"20010db80099000000000000000000fe 00000800 00000001 00000000 00000003       va\n" DEFAULT6
	"fe800000000000000000000000000002 00000400 00000001 00000000 00000003       va\n" DEFAULT6
		ZERO6 " 00001388 00000001 00000000 00200200       lo\n" DEFAULT6 ZERO6
	" ffffffff 00000001 00000000 00200200       lo\n";

typedef int read_gateway(FILE *routes, const char *ifname, struct ip_addr *gateway);

static int read_text(read_gateway *read, const char *text, size_t len, const char *ifname,
	struct ip_addr *gateway) {
	FILE *routes = fmemopen((void *)(uintptr_t)text, len, "r");
	cr_assert_not_null(routes);
	int result = read(routes, ifname, gateway);
	fclose(routes);
	return result;
}

static int read4(const char *text, const char *ifname, struct ip_addr *gateway) {
	return read_text(iface_gateway_read4, text, strlen(text), ifname, gateway);
}

static int read6(const char *text, const char *ifname, struct ip_addr *gateway) {
	return read_text(iface_gateway_read6, text, strlen(text), ifname, gateway);
}

static bool is_v4(const struct ip_addr *a, uint8_t b0, uint8_t b1, uint8_t b2, uint8_t b3) {
	const uint8_t octets[] = {b0, b1, b2, b3};
	struct ip_addr b = addr_from_v4(octets);
	return addr_equal(a, &b);
}

Test(iface_gateway, ipv4_gateway_is_read_in_network_order) {
	struct ip_addr gateway;
	cr_assert_eq(read4(table4, "vb", &gateway), 0);
	cr_assert(is_v4(&gateway, 10, 98, 0, 254));
}

Test(iface_gateway, ipv4_lowest_metric_wins) {
	struct ip_addr gateway;
	cr_assert_eq(read4(table4, "va", &gateway), 0);
	cr_assert(is_v4(&gateway, 10, 99, 0, 254));
}

Test(iface_gateway, ipv4_metric_that_looks_negative_is_the_highest) {
	struct ip_addr gateway;
	cr_assert_eq(
		read4(HEADER4 "va\t00000000\tFD00630A\t0003\t0\t0\t-2\t00000000\t0\t0\t0\n"
			      "va\t00000000\tFE00630A\t0003\t0\t0\t2147483647\t00000000\t0\t0\t0\n",
			"va", &gateway),
		0);
	cr_assert(is_v4(&gateway, 10, 99, 0, 254));
}

Test(iface_gateway, first_of_two_with_the_same_metric_wins) {
	struct ip_addr gateway;
	cr_assert_eq(read4("va\t00000000\tFD00630A\t0003\t0\t0\t5\t00000000\t0\t0\t0\n"
			   "va\t00000000\tFE00630A\t0003\t0\t0\t5\t00000000\t0\t0\t0\n",
			     "va", &gateway),
		0);
	cr_assert(is_v4(&gateway, 10, 99, 0, 253));
}

Test(iface_gateway, route_to_a_part_of_the_internet_is_no_default) {
	struct ip_addr gateway;
	cr_assert_eq(read4(table4, "vc", &gateway), -ENOENT);
	cr_assert_eq(read6(table6, "vc", &gateway), -ENOENT);
	// 0.0.0.0/1
	cr_assert_eq(
		read4("va\t00000000\tFD00630A\t0003\t0\t0\t5\t00000080\t0\t0\t0\n", "va", &gateway),
		-ENOENT);
}

Test(iface_gateway, default_route_without_gateway_is_none) {
	struct ip_addr gateway;
	cr_assert_eq(
		read4("va\t00000000\t00000000\t0001\t0\t0\t7\t00000000\t0\t0\t0\n", "va", &gateway),
		-ENOENT);
}

Test(iface_gateway, unreachable_default_is_none) {
	struct ip_addr gateway;
	cr_assert_eq(read4(table4, "*", &gateway), -ENOENT);
	cr_assert_eq(read6(table6, "lo", &gateway), -ENOENT);
	// with the flags of a gateway, too
	cr_assert_eq(
		read4("va\t00000000\tFD00630A\t0203\t0\t0\t5\t00000000\t0\t0\t0\n", "va", &gateway),
		-ENOENT);
}

Test(iface_gateway, route_that_is_not_up_is_none) {
	struct ip_addr gateway;
	cr_assert_eq(
		read4("va\t00000000\tFD00630A\t0002\t0\t0\t5\t00000000\t0\t0\t0\n", "va", &gateway),
		-ENOENT);
}

Test(iface_gateway, other_interfaces_do_not_count) {
	struct ip_addr gateway;
	cr_assert_eq(read4(table4, "v", &gateway), -ENOENT);
	cr_assert_eq(read4(table4, "vaa", &gateway), -ENOENT);
	cr_assert_eq(read6(table6, "v", &gateway), -ENOENT);
}

Test(iface_gateway, ipv6_lowest_metric_wins) {
	static const struct ip_addr wanted = {.octets = {0xfe, 0x80, [15] = 2}};
	struct ip_addr gateway;
	cr_assert_eq(read6(table6, "va", &gateway), 0);
	cr_assert(addr_equal(&gateway, &wanted));
}

Test(iface_gateway, ipv6_gateway_may_be_global) {
	static const struct ip_addr wanted = {
		.octets = {0x20, 0x01, 0x0d, 0xb8, 0, 0x98, [15] = 0xfe}};
	struct ip_addr gateway;
	cr_assert_eq(read6(table6, "vb", &gateway), 0);
	cr_assert(addr_equal(&gateway, &wanted));
}

Test(iface_gateway, ipv6_default_of_some_sources_only_is_none) {
	struct ip_addr gateway;
	cr_assert_eq(read6(ZERO6 " 00 20010db8009900000000000000000000 40 "
				 "fe800000000000000000000000000002 00000400 00000001 00000000 "
				 "00000003       va\n",
			     "va", &gateway),
		-ENOENT);
}

Test(iface_gateway, nothing_is_written_if_there_is_none) {
	struct ip_addr gateway = {.octets = {0x5a}}, before = gateway;
	cr_assert_eq(read4(table4, "vc", &gateway), -ENOENT);
	cr_assert_eq(read6(table6, "vc", &gateway), -ENOENT);
	cr_assert(addr_equal(&gateway, &before));
}

Test(iface_gateway, lines_that_make_no_sense_are_skipped) {
	static const char *const bad4[] = {"\n", "va\n", "va\t00000000\n", "va 0 1 3 0 0 x 0\n",
		"va\tzzzzzzzz\tFE00630A\t0003\t0\t0\t1\t00000000\n",
		"va\t000000000\tFE00630A\t0003\t0\t0\t1\t00000000\t0\t0\t0\n",
		"vavavavavavavavavavavavava\t00000000\tFE00630A\t0003\t0\t0\t1\t00000000\n"};
	for (size_t i = 0; i < sizeof(bad4) / sizeof(bad4[0]); i++) {
		struct ip_addr gateway;
		char text[2048];
		snprintf(text, sizeof(text), "%s%s", bad4[i], table4);
		cr_expect_eq(read4(text, "va", &gateway), 0);
		cr_expect(is_v4(&gateway, 10, 99, 0, 254), "behind %s", bad4[i]);
	}
}

Test(iface_gateway, line_cut_short_takes_nothing_from_the_line_before) {
	static const char *const cut4[] = {
		"va\n", "va\t00000000\tFD00630A\n", "va\t00000000\tFD00630A\t0003\t0\t0\t1\n"};
	for (size_t i = 0; i < sizeof(cut4) / sizeof(cut4[0]); i++) {
		struct ip_addr gateway;
		char text[2048];
		snprintf(text, sizeof(text), "vb\t00000000\tFE00620A\t0003\t0\t0\t50\t00000000\n%s",
			cut4[i]);
		cr_expect_eq(read4(text, "va", &gateway), -ENOENT, "%s", cut4[i]);
	}
}

Test(iface_gateway, ipv6_addresses_of_another_length_are_skipped) {
	static const char *const bad6[] = {
		"0000 00 " ZERO6 " 00 fe800000000000000000000000000002 00000400 1 0 00000003 va\n",
		DEFAULT6 "fe80 00000400 00000001 00000000 00000003       va\n",
		DEFAULT6
		"fe8000000000000000000000000000021 00000400 00000001 00000000 00000003 va\n",
		DEFAULT6
		"fe80000000000000000000000000000g 00000400 00000001 00000000 00000003 va\n",
		DEFAULT6 "\n", "va\n"};
	for (size_t i = 0; i < sizeof(bad6) / sizeof(bad6[0]); i++) {
		struct ip_addr gateway;
		cr_expect_eq(read6(bad6[i], "va", &gateway), -ENOENT, "%s", bad6[i]);
	}
}

Test(iface_gateway, name_longer_than_an_interface_has_is_no_interface) {
	struct ip_addr gateway;
	cr_assert_eq(read4("fifteen-letters\t00000000\tFE00630A\t0003\t0\t0\t1\t00000000\t0\n",
			     "fifteen-letters", &gateway),
		0);
	cr_assert_eq(read4("fifteen-lettersX\t00000000\tFE00630A\t0003\t0\t0\t1\t00000000\t0\n",
			     "fifteen-letters", &gateway),
		-ENOENT);
}

Test(iface_gateway, tables_cut_anywhere_are_read_as_far_as_they_go) {
	for (size_t len = 1; len < sizeof(table4); len++) {
		struct ip_addr gateway;
		int result = read_text(iface_gateway_read4, table4, len, "vb", &gateway);
		cr_expect(result == -ENOENT || is_v4(&gateway, 10, 98, 0, 254), "%zu", len);
	}
	for (size_t len = 1; len < sizeof(table6); len++) {
		struct ip_addr gateway;
		int result = read_text(iface_gateway_read6, table6, len, "vb", &gateway);
		cr_expect(result == -ENOENT || gateway.octets[15] == 0xfe, "%zu", len);
	}
}

Test(iface_gateway, zero_octets_and_endless_lines_are_survived) {
	size_t len = 100000;
	char *text = malloc(len + sizeof(table4));
	memset(text, 'v', len);
	memset(text + 500, 0, 500);
	text[len - 1] = '\n';
	memcpy(text + len, table4, sizeof(table4));
	struct ip_addr gateway;
	cr_assert_eq(read_text(iface_gateway_read4, text, len + sizeof(table4), "vb", &gateway), 0);
	cr_assert(is_v4(&gateway, 10, 98, 0, 254));
	free(text);
}

Test(iface_gateway, empty_table_has_none) {
	struct ip_addr gateway;
	cr_assert_eq(read4("\n", "va", &gateway), -ENOENT);
	cr_assert_eq(read6("\n", "va", &gateway), -ENOENT);
}
