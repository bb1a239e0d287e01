// Lines that are an address, perhaps with a port, or should have been.
#include "lib/jobline_plain.h"

#include "tests/unit/lib/jobline_lines.h"

Test(jobline_plain, an_address_is_a_target) {
	expect_target("192.0.2.1", "192.0.2.1", 0);
	expect_target("0.0.0.0", "0.0.0.0", 0);
	expect_target("255.255.255.255", "255.255.255.255", 0);
	expect_target("2001:db8::1", "2001:db8::1", 0);
	expect_target("2001:DB8:0:0:0:0:0:A", "2001:db8::a", 0);
	expect_target("::", "::", 0);
	expect_target("64:ff9b::192.0.2.1", "64:ff9b::c000:201", 0);
	expect_target("[2001:db8::1]", "2001:db8::1", 0);
}

Test(jobline_plain, a_port_stands_behind_a_colon) {
	expect_target("192.0.2.1:5300", "192.0.2.1", 5300);
	expect_target("192.0.2.1:1", "192.0.2.1", 1);
	expect_target("192.0.2.1:65535", "192.0.2.1", 65535);
	expect_target("[2001:db8::1]:53", "2001:db8::1", 53);
}

Test(jobline_plain, a_plain_address_has_no_text) {
	line_parse("192.0.2.1:53");
	cr_expect_eq(line_job.text_len, 0);
	cr_expect_eq(line_job.domain_len, 0);
	cr_expect_not(line_job.text_has_dip);
	cr_expect_not(line_job.text_has_dp);
	cr_expect_not(line_job.text_has_domain);
}

static void expect_network(const char *line, const char *address, unsigned int bits) {
	char shown[INET6_ADDRSTRLEN];
	cr_assert_eq(line_parse(line), JOBLINE_NETWORK, "%s", line);
	bool is_v4 = addr_is_v4(&line_job.addr);
	inet_ntop(is_v4 ? AF_INET : AF_INET6,
		is_v4 ? addr_v4(&line_job.addr) : line_job.addr.octets, shown, sizeof(shown));
	cr_expect_str_eq(shown, address);
	cr_expect_eq(line_job.prefix_bits, bits, "%s", line);
}

Test(jobline_plain, a_network_has_its_length_behind_a_slash) {
	expect_network("192.0.2.0/24", "192.0.2.0", 24);
	expect_network("192.0.2.77/31", "192.0.2.77", 31);
	expect_network("0.0.0.0/0", "0.0.0.0", 0);
	expect_network("2001:db8::/65", "2001:db8::", 65);
	expect_network("[2001:db8::]/112", "2001:db8::", 112);
	expect_network("::/96", "::", 96);
	expect_network("  10.0.0.0/8\r", "10.0.0.0", 8);
}

Test(jobline_plain, a_network_of_one_address_is_a_target) {
	expect_target("192.0.2.1/32", "192.0.2.1", 0);
	expect_target("2001:db8::1/128", "2001:db8::1", 0);
}

// All that the quick way takes must be what the long one would have made of it.
Test(jobline_plain, the_quick_way_takes_nothing_else) {
	static const char *const lines[] = {"192.0.2.1", "192.0.2.1\r", "192.0.2.1:53",
		"192.0.2.1:53\r", "0.0.0.0", "255.255.255.255:65535"};
	static const char *const others[] = {"", "\r", "192.0.2.1 ", " 192.0.2.1", "192.0.2.1\r\r",
		"192.0.2.1.", "192.0.2", "192.0.2.", "192.0.2.256", "192.0.2.01", "1922.0.2.1",
		"192.0.2.1:", "192.0.2.1:0", "192.0.2.1:053", "192.0.2.1:65536", "192.0.2.1:5\r3",
		"192.0.2.1/24", "192.0.2.1,53", "#192.0.2.1", "2001:db8::1", "00.0.0.0"};
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct jobline quick = {.port = 0};
		cr_assert(jobline_plain_quick(lines[i], strlen(lines[i]), &quick), "%s", lines[i]);
		size_t len = strlen(lines[i]) - (strchr(lines[i], '\r') != NULL);
		struct jobline slow = {.port = 0};
		cr_expect_eq(jobline_plain_parse(lines[i], len, &slow), JOBLINE_TARGET);
		cr_expect(addr_equal(&quick.addr, &slow.addr) && quick.port == slow.port);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct jobline job = {.port = 0};
		cr_expect(
			!jobline_plain_quick(others[i], strlen(others[i]), &job), "%s", others[i]);
	}
}

static const struct bad_line bad[] = {
	BAD("192.0.2.0/33", JOBLINE_BAD_PREFIX),
	BAD("192.0.2.0/", JOBLINE_BAD_PREFIX),
	BAD("192.0.2.0/-1", JOBLINE_BAD_PREFIX),
	BAD("192.0.2.0/024", JOBLINE_BAD_PREFIX),
	BAD("192.0.2.0/24/8", JOBLINE_BAD_PREFIX),
	BAD("192.0.2.0/255.255.255.0", JOBLINE_BAD_PREFIX),
	BAD("2001:db8::/129", JOBLINE_BAD_PREFIX),
	BAD("2001:db8::/64", JOBLINE_NETWORK_TOO_LARGE),
	BAD("[2001:db8::]/32", JOBLINE_NETWORK_TOO_LARGE),
	BAD("::/0", JOBLINE_NETWORK_TOO_LARGE),
	BAD("::/80", JOBLINE_NETWORK_TOO_LARGE), // which holds IPv4
	BAD("::ffff:0:0/96", JOBLINE_MAPPED),
	BAD("192.0.2.0/24:53", JOBLINE_NETWORK_PORT),
	BAD("[2001:db8::]/112:53", JOBLINE_NETWORK_PORT),
	BAD("300.0.2.0/24", JOBLINE_BAD_IPV4),
	BAD("example.com/24", JOBLINE_URL),
	BAD("192.0.2.1-192.0.2.9", JOBLINE_RANGE),
	BAD("192.0.2.1-9", JOBLINE_RANGE),
	BAD("https://192.0.2.1/", JOBLINE_URL),
	BAD("example.com/index.html", JOBLINE_URL),
	BAD("www.example.com", JOBLINE_HOST_NAME),
	BAD("www.example.com:80", JOBLINE_HOST_NAME),
	BAD("localhost", JOBLINE_HOST_NAME),
	BAD("aa", JOBLINE_HOST_NAME),
	BAD("zz", JOBLINE_HOST_NAME),
	BAD("AA", JOBLINE_HOST_NAME),
	BAD("ZZ", JOBLINE_HOST_NAME),
	BAD("b\xc3\xbc"
	    "cher.example",
		JOBLINE_HOST_NAME),
	BAD("0x7f000001", JOBLINE_HOST_NAME),
	BAD("7,example.com", JOBLINE_RANK_DOMAIN),
	BAD("1,www.example.com,192.0.2.1", JOBLINE_RANK_DOMAIN),
	BAD("dip,dp,domain", JOBLINE_CSV),
	BAD("192.0.2.1,53", JOBLINE_CSV),
	BAD("\"192.0.2.1\",\"53\"", JOBLINE_CSV),
	BAD("192.0.2.1;53", JOBLINE_CSV),
	BAD("192.0.2.1 192.0.2.2", JOBLINE_MANY_WORDS),
	BAD("192.0.2.1 # a resolver", JOBLINE_MANY_WORDS),
	BAD("192.0.2.1\t53", JOBLINE_MANY_WORDS),
	BAD("\"192.0.2.1\"", JOBLINE_QUOTED),
	BAD("'192.0.2.1'", JOBLINE_QUOTED),
	BAD("192.0.2.*", JOBLINE_NOT_ADDRESS),
	BAD("192.0.2.1#53", JOBLINE_NOT_ADDRESS),
	BAD(":53", JOBLINE_NOT_ADDRESS),
	BAD("-", JOBLINE_NOT_ADDRESS),
	BAD("@example.com", JOBLINE_NOT_ADDRESS),
	BAD("256.1.1.1", JOBLINE_BAD_IPV4),
	BAD("192.0.2", JOBLINE_BAD_IPV4),
	BAD("192.0.2.1.5", JOBLINE_BAD_IPV4),
	BAD("192.0..1", JOBLINE_BAD_IPV4),
	BAD("192.0.2.1.", JOBLINE_BAD_IPV4),
	BAD("3221225985", JOBLINE_BAD_IPV4),
	BAD("99999999999999999999.0.2.1", JOBLINE_BAD_IPV4),
	BAD("192.0.2:53", JOBLINE_BAD_IPV4),
	BAD("010.1.1.1", JOBLINE_OCTAL),
	BAD("10.1.1.01", JOBLINE_OCTAL),
	BAD("192.0.2.00", JOBLINE_OCTAL),
	BAD("010.1.1.1:53", JOBLINE_OCTAL),
	BAD("2001:db8", JOBLINE_BAD_IPV4), // as 2001 with the port db8
	BAD("2001:db8:::1", JOBLINE_BAD_IPV6),
	BAD("2001::db8::1", JOBLINE_BAD_IPV6),
	BAD("2001:db8:1:2:3:4:5:6:53", JOBLINE_BAD_IPV6),
	BAD("20010:db8::1", JOBLINE_BAD_IPV6),
	BAD("::1.2.3.256", JOBLINE_BAD_IPV6),
	BAD("[12345::]:53", JOBLINE_BAD_IPV6),
	BAD("::ffff:192.0.2.1", JOBLINE_MAPPED),
	BAD("::ffff:c000:201", JOBLINE_MAPPED),
	BAD("[::FFFF:192.0.2.1]:53", JOBLINE_MAPPED),
	BAD("fe80::1%eth0", JOBLINE_ZONE),
	BAD("[fe80::1%2]:53", JOBLINE_ZONE),
	BAD("[2001:db8::1", JOBLINE_BRACKET),
	BAD("2001:db8::1]", JOBLINE_BRACKET),
	BAD("2001:db8::1]:53", JOBLINE_BRACKET),
	BAD("[2001:db8::1]53", JOBLINE_BRACKET),
	BAD("[192.0.2.1]:53", JOBLINE_BRACKET),
	BAD("[", JOBLINE_BRACKET),
	BAD("[]", JOBLINE_NOT_ADDRESS),
	BAD("192.0.2.1:0", JOBLINE_BAD_PORT),
	BAD("192.0.2.1:65536", JOBLINE_BAD_PORT),
	BAD("192.0.2.1:4294967349", JOBLINE_BAD_PORT),
	BAD("192.0.2.1:", JOBLINE_BAD_PORT),
	BAD("192.0.2.1:053", JOBLINE_BAD_PORT),
	BAD("192.0.2.1:+53", JOBLINE_BAD_PORT),
	BAD("192.0.2.1:http", JOBLINE_BAD_PORT),
	BAD("[2001:db8::1]:", JOBLINE_BAD_PORT),
	BAD("[2001:db8::1]:0", JOBLINE_BAD_PORT),
};

#define NB_BAD (sizeof(bad) / sizeof(bad[0]))

Test(jobline_plain, what_is_no_address_is_refused_for_what_it_is) {
	expect_bad(bad, NB_BAD);
}

Test(jobline_plain, every_reason_has_a_bad_line) {
	expect_reasons(bad, NB_BAD, JOBLINE_BAD_PREFIX, JOBLINE_CSV);
	expect_reasons(bad, NB_BAD, JOBLINE_MANY_WORDS, JOBLINE_BAD_PORT);
}

Test(jobline_plain, a_port_has_no_sign_blank_or_zero_in_front) {
	static const char *const no_ports[] = {"", "0", "00", "053", "+53", "-1", " 53", "53 ",
		"5x", "65536", "99999", "100000", "4294967349"};
	uint16_t port = 7;
	for (size_t i = 0; i < sizeof(no_ports) / sizeof(no_ports[0]); i++)
		cr_expect_not(jobline_plain_port(no_ports[i], strlen(no_ports[i]), &port));
	cr_expect_eq(port, 7);
	cr_expect(jobline_plain_port("65535", 5, &port));
	cr_expect_eq(port, 65535);
}
