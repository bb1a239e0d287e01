#include "app/option_value.h"

#include <criterion/criterion.h>

#include <string.h>

Test(option_value, numbers_are_digits_within_their_bounds) {
	static const char *const bad[] = {
		"", " 1", "-1", "+1", "1x", "0x10", "11", "99999999999999999999"};
	uint64_t v = 77;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_not_null(value_number(bad[i], 0, 10, &v), "%s", bad[i]);
	cr_assert_eq(v, 77);
	cr_assert_null(value_number("10", 0, 10, &v));
	cr_assert_eq(v, 10);
	cr_assert_null(value_number("18446744073709551615", 0, UINT64_MAX, &v));
	cr_assert_eq(v, UINT64_MAX);
}

Test(option_value, a_port_range_has_64_ports_above_1023) {
	static const char *const bad[] = {"", "32768", "32768-", "-61000", "32768-61000x",
		"61000-32768", "80-61000", "32768-65536", "40000-40126", "32768 - 61000", "a-b"};
	uint16_t first, last;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_not_null(value_port_range(bad[i], &first, &last), "%s", bad[i]);
	cr_assert_null(value_port_range("40000-40127", &first, &last));
	cr_assert_eq(first, 40000);
	cr_assert_eq(last, 40127);
	cr_assert_null(value_port_range("1024-65535", &first, &last));
}

Test(option_value, a_rate_may_have_a_unit) {
	static const char *const bad[] = {
		"", "-1", "k", "1kk", "1 k", "0.5", "nan", "inf", "0x10", "1e300", "10T"};
	double v;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_not_null(value_rate(bad[i], &v), "%s", bad[i]);
	cr_assert_null(value_rate("10000", &v));
	cr_assert_float_eq(v, 10000, 1e-9);
	cr_assert_null(value_rate("1.5M", &v));
	cr_assert_float_eq(v, 1.5e6, 1e-3);
	cr_assert_null(value_rate("10k", &v));
	cr_assert_float_eq(v, 1e4, 1e-9);
	cr_assert_null(value_rate("0", &v));
	cr_assert_float_eq(v, 0, 1e-9);
}

Test(option_value, a_bandwidth_has_a_unit_or_many_digits) {
	static const char *const bad[] = {"", "0", "999", "-1k", "k", "1kk", "1 G", "10Gbit", "nan",
		"0x1000", "1e300", "1001G"};
	double v;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_not_null(value_bandwidth(bad[i], &v), "%s", bad[i]);
	cr_assert_null(value_bandwidth("10G", &v));
	cr_assert_float_eq(v, 1e10, 1);
	cr_assert_null(value_bandwidth("1.5M", &v));
	cr_assert_float_eq(v, 1.5e6, 1e-3);
	cr_assert_null(value_bandwidth("1000", &v));
	cr_assert_float_eq(v, 1000, 1e-9);
}

Test(option_value, a_share_is_a_number_from_0_to_1) {
	static const char *const bad[] = {
		"", "x", "-0.1", "1.01", "0x1", "1%", "0.5 ", ".", "inf", "nan", "1e1"};
	double v = -1;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_not_null(value_share(bad[i], &v), "%s", bad[i]);
	cr_assert_null(value_share("0.01", &v));
	cr_assert_float_eq(v, 0.01, 1e-12);
	cr_assert_null(value_share("1", &v));
	cr_assert_float_eq(v, 1, 1e-12);
	cr_assert_null(value_share("0", &v));
	cr_assert_float_eq(v, 0, 1e-12);
}

Test(option_value, a_prefix_is_an_address_with_or_without_a_length) {
	static const char *const bad[] = {"", "x", "10.0.0.1/33", "10.0.0.1/", "10.0.0.1/-1",
		"::1/129", "10.0.0.1/8x", "/8", "10.0.0/8"};
	struct ip_addr addr;
	int bits;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_not_null(value_prefix(bad[i], &addr, &bits), "%s", bad[i]);
	cr_assert_null(value_prefix("10.99.0.3/24", &addr, &bits));
	cr_assert_eq(bits, 24);
	cr_assert(addr_is_v4(&addr));
	cr_assert_null(value_prefix("fd00:99::3", &addr, &bits));
	cr_assert_eq(bits, -1);
	cr_assert_not(addr_is_v4(&addr));
}

Test(option_value, a_mac_is_six_octets_in_hex) {
	static const char *const bad[] = {"", "02:00:00:00:00", "02:00:00:00:00:01:02",
		"2:0:0:0:0:1", "02-00-00-00-00-01", "02:00:00:00:00:0g", "02:00:00:00:00:01 "};
	static const uint8_t want[] = {0x02, 0xab, 0xCD, 0, 0, 1};
	uint8_t mac[6];
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_not_null(value_mac(bad[i], mac), "%s", bad[i]);
	cr_assert_null(value_mac("02:ab:CD:00:00:01", mac));
	cr_assert_eq(memcmp(mac, want, sizeof(want)), 0);
}

Test(option_value, an_interface_name_cannot_smuggle_driver_arguments) {
	cr_assert_null(value_interface("eth0"));
	cr_assert_null(value_interface("enp0s31f6"));
	cr_assert_not_null(value_interface("eth0,iface=lo"));
	cr_assert_not_null(value_interface("a=b"));
	cr_assert_not_null(value_interface(""));
	cr_assert_not_null(value_interface("a_name_that_is_too_long"));
}

Test(option_value, a_percentage_may_have_a_fraction) {
	static const char *const bad[] = {"", "x", "-1", "100.1", "1e1", "0x1", "1%", "1 ", ".5",
		"5.", "1.2.3", "inf", "nan", "0.00001", "100000000000000000000000000"};
	uint32_t ppm = 77;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_not_null(value_percent(bad[i], &ppm), "%s", bad[i]);
	cr_assert_eq(ppm, 77);
	cr_assert_null(value_percent("0.0001", &ppm));
	cr_assert_eq(ppm, 1);
	cr_assert_null(value_percent("12.5", &ppm));
	cr_assert_eq(ppm, 125000);
	cr_assert_null(value_percent("100", &ppm));
	cr_assert_eq(ppm, 1000000);
	cr_assert_null(value_percent("0", &ppm));
	cr_assert_eq(ppm, 0);
}

Test(option_value, a_time_has_a_unit) {
	static const char *const bad[] = {"", "1", "ms", "-1ms", "1 ms", "1m", "1h", "1msx",
		"1e3ms", "0x1s", "3601s", "1ms-2ms", ".5s", "5.s", "inf", "99999999999s"};
	uint64_t ns = 77;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_not_null(value_time(bad[i], &ns), "%s", bad[i]);
	cr_assert_eq(ns, 77);
	cr_assert_null(value_time("250ns", &ns));
	cr_assert_eq(ns, 250);
	cr_assert_null(value_time("1.5ms", &ns));
	cr_assert_eq(ns, 1500000);
	cr_assert_null(value_time("40us", &ns));
	cr_assert_eq(ns, 40000);
	cr_assert_null(value_time("3600s", &ns));
	cr_assert_eq(ns, UINT64_C(3600000000000));
	cr_assert_null(value_time("0", &ns));
	cr_assert_eq(ns, 0);
}

Test(option_value, a_range_of_times_is_two_times_or_one) {
	static const char *const bad[] = {
		"", "-", "1ms-", "-1ms", "2ms-1ms", "1-2ms", "1ms-2", "1ms-2ms-3ms", "1ms - 2ms"};
	uint64_t min = 7, max = 77;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_not_null(value_time_range(bad[i], &min, &max), "%s", bad[i]);
	cr_assert_eq(min, 7);
	cr_assert_eq(max, 77);
	cr_assert_null(value_time_range("500us-40ms", &min, &max));
	cr_assert_eq(min, 500000);
	cr_assert_eq(max, 40000000);
	cr_assert_null(value_time_range("0-1s", &min, &max));
	cr_assert_eq(min, 0);
	cr_assert_eq(max, 1000000000);
	cr_assert_null(value_time_range("3ms", &min, &max));
	cr_assert_eq(min, 3000000);
	cr_assert_eq(max, 3000000);
}

Test(option_value, a_number_of_32_bits_stays_as_it_was_if_it_is_wrong) {
	uint32_t v = 7;
	cr_expect_not_null(value_u32("0", 1, 9, &v));
	cr_expect_not_null(value_u32("10", 1, 9, &v));
	cr_expect_eq(v, 7);
	cr_expect_null(value_u32("9", 1, 9, &v));
	cr_expect_eq(v, 9);
}

Test(option_value, a_mac_of_ours_is_no_group_s) {
	uint8_t mac[6];
	cr_expect_null(value_own_mac("02:00:00:00:00:01", mac));
	cr_expect_not_null(value_own_mac("03:00:00:00:00:01", mac));
	cr_expect_not_null(value_own_mac("02:00", mac));
}

Test(option_value, files_are_taken_up_to_a_number) {
	const char *files[VALUE_MAX_FILES];
	unsigned int nb = 0;
	for (unsigned int i = 0; i < VALUE_MAX_FILES; i++)
		cr_assert_null(value_file(files, &nb, "a"));
	cr_expect_not_null(value_file(files, &nb, "b"));
	cr_expect_eq(nb, VALUE_MAX_FILES);
}

Test(option_value, an_rss_key_has_forty_octets_in_hex) {
	static const char text[] =
		"6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01FA";
	uint8_t key[VALUE_RSS_KEY_OCTETS];
	cr_assert_null(value_rss_key(text, key));
	cr_expect_eq(key[0], 0x6d);
	cr_expect_eq(key[39], 0xfa);
	cr_expect_not_null(value_rss_key(text + 2, key));
	cr_expect_not_null(value_rss_key("", key));
}
