// Addresses as text.
#include "lib/addrtext.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>

static const struct {
	const char *text;
	enum addrtext_result result;
} rows[] = {
	{"0.0.0.0", ADDRTEXT_OK},
	{"255.255.255.255", ADDRTEXT_OK},
	{"10.20.30.40", ADDRTEXT_OK},
	{"9.9.9.9", ADDRTEXT_OK},
	{"::", ADDRTEXT_OK},
	{"::1", ADDRTEXT_OK},
	{"1::", ADDRTEXT_OK},
	{"2001:db8:0:0:0:0:0:1", ADDRTEXT_OK},
	{"2001:DB8::1", ADDRTEXT_OK},
	{"::192.0.2.1", ADDRTEXT_OK},
	{"64:ff9b::192.0.2.1", ADDRTEXT_OK},

	{"010.1.1.1", ADDRTEXT_OCTAL},
	{"1.1.1.00", ADDRTEXT_OCTAL},
	{"1.0000.1.1", ADDRTEXT_OCTAL},
	{"::ffff:192.0.2.1", ADDRTEXT_MAPPED},
	{"::ffff:0:0", ADDRTEXT_MAPPED},
	{"fe80::1%eth0", ADDRTEXT_ZONE},
	{"fe80::1%", ADDRTEXT_ZONE},
	{"256.1.1.1", ADDRTEXT_BAD_IPV4},
	{"1.2.3", ADDRTEXT_BAD_IPV4},
	{"1.2.3.", ADDRTEXT_BAD_IPV4},
	{"1.2.3.4.", ADDRTEXT_BAD_IPV4},
	{".1.2.3.4", ADDRTEXT_BAD_IPV4},
	{"1..2.3", ADDRTEXT_BAD_IPV4},
	{"1.2.3.4.5", ADDRTEXT_BAD_IPV4},
	{"1.2.3.1000", ADDRTEXT_BAD_IPV4},
	{"1.2.3.18446744073709551617", ADDRTEXT_BAD_IPV4},
	{"1", ADDRTEXT_BAD_IPV4},
	{".", ADDRTEXT_BAD_IPV4},
	{":", ADDRTEXT_BAD_IPV6},
	{":::", ADDRTEXT_BAD_IPV6},
	{"1::2::3", ADDRTEXT_BAD_IPV6},
	{"1:2:3:4:5:6:7", ADDRTEXT_BAD_IPV6},
	{"1:2:3:4:5:6:7:8:9", ADDRTEXT_BAD_IPV6},
	{"12345::", ADDRTEXT_BAD_IPV6},
	{"::1.2.3", ADDRTEXT_BAD_IPV6},
	{"::01.2.3.4", ADDRTEXT_BAD_IPV6},
	{"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", ADDRTEXT_BAD_IPV6},
	{"2001:0db8:0000:0000:0000:0000:192.0.2.0001", ADDRTEXT_BAD_IPV6},
	{"2001:0db8:0000:0000:0000:0000:192.000.002.1000", ADDRTEXT_BAD_IPV6}, // 46 octets
	{"", ADDRTEXT_OTHER},
	{"%eth0", ADDRTEXT_OTHER},
	{"eth0%::1", ADDRTEXT_OTHER},
	{"abcd", ADDRTEXT_OTHER},
	{" 1.2.3.4", ADDRTEXT_OTHER},
	{"1.2.3.4 ", ADDRTEXT_OTHER},
	{"1.2.3.4/24", ADDRTEXT_OTHER},
	{"::1/64", ADDRTEXT_OTHER},
	{"[::1]", ADDRTEXT_OTHER},
	{"-1.2.3.4", ADDRTEXT_OTHER},
	{"1.2.3.0x4", ADDRTEXT_OTHER},
	{"example.com", ADDRTEXT_OTHER},
};

Test(addrtext, each_text_has_its_word) {
	struct ip_addr addr;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(addrtext_parse(rows[i].text, strlen(rows[i].text), &addr),
			rows[i].result, "%s", rows[i].text);
}

// inet_pton is the judge, where it answers at all.
Test(addrtext, what_is_read_is_what_inet_pton_reads) {
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ip_addr addr;
		uint8_t expected[ADDR6_OCTETS];
		if (rows[i].result != ADDRTEXT_OK)
			continue;
		cr_assert_eq(
			addrtext_parse(rows[i].text, strlen(rows[i].text), &addr), ADDRTEXT_OK);
		if (addr_is_v4(&addr)) {
			cr_assert_eq(inet_pton(AF_INET, rows[i].text, expected), 1);
			cr_expect_arr_eq(addr_v4(&addr), expected, ADDR4_OCTETS);
		} else {
			cr_assert_eq(inet_pton(AF_INET6, rows[i].text, expected), 1);
			cr_expect_arr_eq(addr.octets, expected, ADDR6_OCTETS);
		}
	}
}

Test(addrtext, the_length_ends_the_text) {
	struct ip_addr addr;
	cr_expect_eq(addrtext_parse("1.2.3.45", 7, &addr), ADDRTEXT_OK);
	cr_expect_eq(addr_v4(&addr)[3], 4);
	cr_expect_eq(addrtext_parse("1.2.3.4\0", 8, &addr), ADDRTEXT_OTHER);
	cr_expect_eq(addrtext_parse("::1\0", 4, &addr), ADDRTEXT_OTHER);
}
