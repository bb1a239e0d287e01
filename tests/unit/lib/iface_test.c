// What needs no privilege: the loopback interface, documentation addresses that no host owns, and
// facts made by hand. tests/live/iface_test.sh has the rest.
#include "lib/iface.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <sys/socket.h>

#define V4(a, b, c, d)                                                                             \
	{                                                                                          \
		.octets = { [10] = 0xff, [11] = 0xff, a, b, c, d }                                 \
	}
#define DOC6(last)                                                                                 \
	{                                                                                          \
		.octets = { 0x20, 0x01, 0x0d, 0xb8, [15] = last }                                  \
	}

static struct iface_info with(struct ip_addr addr, uint8_t prefix_bits) {
	return (struct iface_info){.mac = {2, 0, 0, 0, 0, 1},
		.nb_addrs = 1,
		.addrs = {{.addr = addr, .prefix_bits = prefix_bits}}};
}

Test(iface, loopback_is_read) {
	struct iface_info lo;
	cr_assert_eq(iface_read("lo", &lo), 0);
	cr_assert_str_eq(lo.name, "lo");
	cr_assert_eq(lo.index, if_nametoindex("lo"));
	cr_assert_not(lo.is_ethernet);
	cr_assert_gt(lo.mtu_octets, 0);
	cr_assert_not(lo.has_gateway4);
	cr_assert_not(lo.has_gateway6);
}

Test(iface, unknown_interface_is_refused) {
	struct iface_info info;
	cr_assert_eq(iface_read("no-such-iface", &info), -ENODEV);
	cr_assert_eq(iface_read("", &info), -ENODEV);
}

Test(iface, name_longer_than_an_interface_has_is_refused) {
	struct iface_info info;
	cr_assert_eq(iface_read("lo-and-fourteen-more", &info), -ENODEV);
	cr_assert_eq(iface_read("sixteen-letters!", &info), -ENODEV);
}

Test(iface, prefix_is_that_of_the_subnet_with_the_address) {
	struct ip_addr subnet = V4(203, 0, 113, 1);
	struct ip_addr inside = V4(203, 0, 113, 255), outside = V4(203, 0, 114, 1), other = DOC6(1);
	struct iface_info info = with(subnet, 24);
	cr_assert_eq(iface_prefix_bits(&info, &inside), 24);
	cr_assert_eq(iface_prefix_bits(&info, &outside), -ENOENT);
	cr_assert_eq(iface_prefix_bits(&info, &other), -ENOENT);
}

Test(iface, longest_of_several_prefixes_counts) {
	struct ip_addr wide = V4(203, 0, 113, 1), narrow = V4(203, 0, 113, 129);
	struct ip_addr in_both = V4(203, 0, 113, 130), in_one = V4(203, 0, 113, 3);
	struct iface_info info = with(narrow, 25);
	info.addrs[info.nb_addrs++] = (struct iface_addr){.addr = wide, .prefix_bits = 16};
	cr_assert_eq(iface_prefix_bits(&info, &in_both), 25);
	cr_assert_eq(iface_prefix_bits(&info, &in_one), 16);
}

Test(iface, ipv6_prefix_is_found) {
	struct ip_addr subnet = DOC6(1), inside = DOC6(0xfe);
	struct iface_info info = with(subnet, 64);
	cr_assert_eq(iface_prefix_bits(&info, &inside), 64);
}

Test(iface, documentation_addresses_are_not_owned) {
	struct ip_addr v4 = V4(203, 0, 113, 77), v6 = DOC6(0x77);
	bool is_owned = true;
	cr_assert_eq(iface_owns(&v4, &is_owned), 0);
	cr_assert_not(is_owned);
	is_owned = true;
	cr_assert_eq(iface_owns(&v6, &is_owned), 0);
	cr_assert_not(is_owned);
}

Test(iface, unspecified_address_is_the_kernels) {
	struct ip_addr v4 = V4(0, 0, 0, 0);
	bool is_owned = false;
	struct iface_info lo;
	cr_assert_eq(iface_read("lo", &lo), 0);
	if (!lo.is_up)
		cr_skip("loopback is down");
	cr_assert_eq(iface_owns(&v4, &is_owned), 0);
	cr_assert(is_owned);
}

Test(iface, whole_loopback_network_is_owned) {
	struct ip_addr v4 = V4(127, 9, 8, 7);
	bool is_owned = false;
	struct iface_info lo;
	cr_assert_eq(iface_read("lo", &lo), 0);
	if (!lo.is_up)
		cr_skip("loopback is down");
	cr_assert_eq(iface_owns(&v4, &is_owned), 0);
	cr_assert(is_owned);
}

Test(iface, proposal_is_in_the_subnet_with_its_prefix) {
	struct ip_addr subnet = V4(203, 0, 113, 1);
	struct iface_info info = with(subnet, 24);
	struct iface_addr found;
	cr_assert_eq(iface_propose_source(&info, AF_INET, &found), 0);
	cr_assert_eq(found.prefix_bits, 24);
	cr_assert(addr_in_prefix(&found.addr, &subnet, 24));
	cr_assert_neq(found.addr.octets[15], 0);
	cr_assert_neq(found.addr.octets[15], 255);
}

Test(iface, proposal_is_the_same_every_time) {
	struct ip_addr subnet = V4(203, 0, 113, 1);
	struct iface_info info = with(subnet, 24);
	struct iface_addr first, second;
	cr_assert_eq(iface_propose_source(&info, AF_INET, &first), 0);
	cr_assert_eq(iface_propose_source(&info, AF_INET, &second), 0);
	cr_assert(addr_equal(&first.addr, &second.addr));
}

Test(iface, hosts_with_different_macs_get_different_proposals) {
	struct ip_addr subnet = V4(203, 0, 113, 1);
	struct iface_info one = with(subnet, 24), other = one;
	other.mac[5] = 2;
	struct iface_addr first, second;
	cr_assert_eq(iface_propose_source(&one, AF_INET, &first), 0);
	cr_assert_eq(iface_propose_source(&other, AF_INET, &second), 0);
	cr_assert_not(addr_equal(&first.addr, &second.addr));
}

// In a /30 with the gateway at .1 only .2 is left, whatever the MAC; and the other way round.
Test(iface, gateway_network_and_broadcast_are_not_proposed) {
	struct ip_addr subnet = V4(203, 0, 113, 1);
	struct iface_info info = with(subnet, 30);
	info.has_gateway4 = true;
	for (uint8_t mac = 0; mac < 16; mac++) {
		struct iface_addr found;
		info.mac[5] = mac;
		for (uint8_t host = 1; host <= 2; host++) {
			info.gateway4 = (struct ip_addr)V4(203, 0, 113, host);
			cr_assert_eq(iface_propose_source(&info, AF_INET, &found), 0);
			cr_expect_eq(found.addr.octets[15], 3 - host);
		}
	}
}

Test(iface, ipv6_gateway_and_routers_anycast_are_not_proposed) {
	struct ip_addr subnet = DOC6(1), gateway = DOC6(1);
	struct iface_info info = with(subnet, 126);
	info.has_gateway6 = true;
	info.gateway6 = gateway;
	for (uint8_t mac = 0; mac < 16; mac++) {
		struct iface_addr found;
		info.mac[5] = mac;
		cr_assert_eq(iface_propose_source(&info, AF_INET6, &found), 0);
		cr_expect_eq(found.addr.octets[15], 2);
	}
}

Test(iface, ipv6_anycast_of_rfc_2526_is_not_proposed) {
	struct ip_addr subnet = DOC6(1);
	struct iface_info info = with(subnet, 120);
	for (unsigned int mac = 0; mac < 256; mac++) {
		struct iface_addr found;
		info.mac[5] = (uint8_t)mac;
		cr_assert_eq(iface_propose_source(&info, AF_INET6, &found), 0);
		cr_assert_lt(found.addr.octets[15], 128);
		cr_assert_gt(found.addr.octets[15], 0);
	}
}

Test(iface, ipv6_proposal_stays_in_its_64) {
	struct ip_addr subnet = DOC6(1);
	struct iface_info info = with(subnet, 64);
	struct iface_addr found;
	cr_assert_eq(iface_propose_source(&info, AF_INET6, &found), 0);
	cr_assert_eq(found.prefix_bits, 64);
	cr_assert(addr_in_prefix(&found.addr, &subnet, 96));
}

Test(iface, subnets_without_room_give_no_proposal) {
	struct ip_addr v4 = V4(203, 0, 113, 1), v6 = DOC6(1);
	struct iface_addr found;
	for (uint8_t bits = 31; bits <= 32; bits++) {
		struct iface_info info = with(v4, bits);
		cr_expect_eq(iface_propose_source(&info, AF_INET, &found), -EADDRNOTAVAIL);
	}
	for (uint8_t bits = 127; bits <= 128; bits++) {
		struct iface_info info = with(v6, bits);
		cr_expect_eq(iface_propose_source(&info, AF_INET6, &found), -EADDRNOTAVAIL);
	}
}

Test(iface, second_subnet_is_taken_if_the_first_has_no_room) {
	struct ip_addr full = V4(203, 0, 113, 1), other = V4(198, 51, 100, 1);
	struct iface_info info = with(full, 32);
	info.addrs[info.nb_addrs++] = (struct iface_addr){.addr = other, .prefix_bits = 24};
	struct iface_addr found;
	cr_assert_eq(iface_propose_source(&info, AF_INET, &found), 0);
	cr_assert(addr_in_prefix(&found.addr, &other, 24));
}

Test(iface, first_subnet_with_room_is_taken) {
	struct ip_addr first = V4(203, 0, 113, 1), second = V4(198, 51, 100, 1);
	struct iface_info info = with(first, 24);
	info.addrs[info.nb_addrs++] = (struct iface_addr){.addr = second, .prefix_bits = 24};
	struct iface_addr found;
	cr_assert_eq(iface_propose_source(&info, AF_INET, &found), 0);
	cr_assert(addr_in_prefix(&found.addr, &first, 24));
}

Test(iface, other_family_gives_no_proposal) {
	struct ip_addr subnet = V4(203, 0, 113, 1);
	struct iface_info info = with(subnet, 24);
	struct iface_addr found;
	cr_assert_eq(iface_propose_source(&info, AF_INET6, &found), -EADDRNOTAVAIL);
}

Test(iface, link_local_subnet_gives_no_proposal) {
	struct ip_addr subnet = V4(169, 254, 0, 1);
	struct iface_info info = with(subnet, 16);
	info.addrs[0].is_link_local = true;
	struct iface_addr found;
	cr_assert_eq(iface_propose_source(&info, AF_INET, &found), -EADDRNOTAVAIL);
}

Test(iface, widest_subnets_are_counted_without_overflow) {
	struct ip_addr v4 = V4(203, 0, 113, 1), v6 = DOC6(1);
	struct iface_info wide4 = with(v4, 0), wide6 = with(v6, 0);
	struct iface_addr found;
	cr_expect_eq(iface_propose_source(&wide4, AF_INET, &found), 0);
	cr_expect_eq(iface_propose_source(&wide6, AF_INET6, &found), 0);
}
