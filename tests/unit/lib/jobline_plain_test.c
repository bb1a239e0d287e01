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

static const struct bad_line bad[] = {
	BAD("192.0.2.0/24", JOBLINE_CIDR),
	BAD("2001:db8::/32", JOBLINE_CIDR),
	BAD("[2001:db8::]/32", JOBLINE_CIDR),
	BAD("192.0.2.1/32", JOBLINE_CIDR),
	BAD("192.0.2.0/255.255.255.0", JOBLINE_CIDR),
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
	expect_reasons(bad, NB_BAD, JOBLINE_CIDR, JOBLINE_BAD_PORT);
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
