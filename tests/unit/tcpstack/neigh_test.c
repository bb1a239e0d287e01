// The frames were captured with tcpdump between two namespaces (Linux 6.18, veth, 2026-11-23: ping
// and ping -6 to a neighbour that was not known yet); the tcpdump line stands above each. A hostile
// frame is one of them with one thing changed, and a checksum that is right again.
#include "lib/tcpstack/neigh.h"

#include "lib/tcpstack/bytes.h"
#include "lib/tcpstack/checksum.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define ND_AT 54 // Ethernet and IPv6 header

// 02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff, ethertype ARP, length 42:
// Request who-has 192.0.2.2 tell 192.0.2.1, length 28
static const uint8_t arp_request[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x08,
	0x06, 0, 1, 0x08, 0x00, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 192,
	0, 2, 2};

// 02:00:00:00:00:02 > 02:00:00:00:00:01, ethertype ARP, length 42:
// Reply 192.0.2.2 is-at 02:00:00:00:00:02, length 28
static const uint8_t arp_reply[] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x06, 0, 1, 0x08,
	0x00, 6, 4, 0, 2, 2, 0, 0, 0, 0, 2, 192, 0, 2, 2, 2, 0, 0, 0, 0, 1, 192, 0, 2, 1};

// 02:00:00:00:00:01 > 33:33:ff:00:00:02, ethertype IPv6, length 86: (hlim 255, next-header ICMPv6
// payload length: 32) 2001:db8::1 > ff02::1:ff00:2: [icmp6 sum ok] ICMP6, neighbor solicitation,
// length 32, who has 2001:db8::2, source link-address option (1), length 8: 02:00:00:00:00:01
static const uint8_t nd_request[] = {0x33, 0x33, 0xff, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x86, 0xdd, 0x60,
	0, 0, 0, 0, 32, 58, 255, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff,
	0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 2, 135, 0, 0x1c, 0x27, 0, 0, 0, 0, 0x20,
	0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 1, 2, 0, 0, 0, 0, 1};

// 02:00:00:00:00:02 > 02:00:00:00:00:01, ethertype IPv6, length 86: (hlim 255, next-header ICMPv6
// payload length: 32) 2001:db8::2 > 2001:db8::1: [icmp6 sum ok] ICMP6, neighbor advertisement,
// length 32, tgt is 2001:db8::2, Flags [solicited, override],
// destination link-address option (2), length 8: 02:00:00:00:00:02
static const uint8_t nd_reply[] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x86, 0xdd, 0x60, 0, 0, 0, 0,
	32, 58, 255, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x20, 0x01, 0x0d,
	0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 136, 0, 0x8a, 0x71, 0x60, 0, 0, 0, 0x20, 0x01,
	0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 1, 2, 0, 0, 0, 0, 2};

// 02:00:00:00:00:02 > 33:33:ff:00:00:02, ethertype IPv6, length 86: (hlim 255, next-header ICMPv6
// payload length: 32) :: > ff02::1:ff00:2: [icmp6 sum ok] ICMP6, neighbor solicitation, length 32,
// who has 2001:db8::2, unknown option (14), length 8: ca01 4c9c 98ff
static const uint8_t nd_probe[] = {0x33, 0x33, 0xff, 0, 0, 2, 2, 0, 0, 0, 0, 2, 0x86, 0xdd, 0x60, 0,
	0, 0, 0, 32, 58, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0x02, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 2, 135, 0, 0x8f, 0x44, 0, 0, 0, 0, 0x20, 0x01, 0x0d, 0xb8,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 14, 1, 0xca, 0x01, 0x4c, 0x9c, 0x98, 0xff};

// 02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype IPv6, length 78: (hlim 255, next-header ICMPv6
// payload length: 24) 2001:db8::1 > fe80::ff:fe00:2: [icmp6 sum ok] ICMP6, neighbor advertisement,
// length 24, tgt is 2001:db8::1, Flags [solicited]
static const uint8_t nd_reply_without_mac[] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x86, 0xdd, 0x60,
	0, 0, 0, 0, 24, 58, 255, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xfe,
	0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe, 0, 0, 2, 136, 0, 0xde, 0xb5, 0x40, 0, 0, 0,
	0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

static const uint8_t mac_1[] = {2, 0, 0, 0, 0, 1}, mac_2[] = {2, 0, 0, 0, 0, 2};
static const struct ip_addr v4_1 = {.octets = {[10] = 0xff, [11] = 0xff, 192, 0, 2, 1}};
static const struct ip_addr v4_2 = {.octets = {[10] = 0xff, [11] = 0xff, 192, 0, 2, 2}};
static const struct ip_addr v6_1 = {.octets = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}};
static const struct ip_addr v6_2 = {.octets = {0x20, 0x01, 0x0d, 0xb8, [15] = 2}};

#define PARSE(frame, msg) neigh_parse(frame, sizeof(frame), msg)

// A frame under construction, with room behind it.
struct frame {
	uint8_t octets[128];
	size_t len;
};

#define COPY(frame) copy(frame, sizeof(frame))

static struct frame copy(const uint8_t *octets, size_t len) {
	struct frame f = {.len = len};
	memcpy(f.octets, octets, len);
	return f;
}

static void mend_checksum(struct frame *f) {
	struct ip_addr src = addr_from_v6(f->octets + 22), dst = addr_from_v6(f->octets + 38);
	put_be16(f->octets + ND_AT + 2, 0);
	put_be16(f->octets + ND_AT + 2,
		checksum_pseudo(&src, &dst, 58, f->octets + ND_AT, get_be16(f->octets + 18)));
}

// Parsed from a block that ends where the frame does, so that ASan sees a read beyond it.
static bool is_accepted(const struct frame *f) {
	uint8_t *block = malloc(f->len + 1), *start = block + 1; // malloc(0) may give NULL
	struct neigh_msg msg;
	memcpy(start, f->octets, f->len);
	bool is_right = neigh_parse(start, f->len, &msg);
	free(block);
	return is_right;
}

// The ND frame with one octet changed and the checksum mended is refused; unchanged it is not.
static void refused_with(const uint8_t *octets, size_t len, size_t at, uint8_t value) {
	struct frame f = copy(octets, len);
	cr_assert(is_accepted(&f));
	f.octets[at] = value;
	mend_checksum(&f);
	cr_assert_not(is_accepted(&f), "octet %zu = %u", at, value);
}

// The same for ARP, which has no checksum.
static void arp_refused_with(const uint8_t *octets, size_t len, size_t at, uint8_t value) {
	struct frame f = copy(octets, len);
	cr_assert(is_accepted(&f));
	f.octets[at] = value;
	cr_assert_not(is_accepted(&f), "octet %zu = %u", at, value);
}

static void refused_when_cut(const uint8_t *octets, size_t len) {
	for (size_t cut = 0; cut < len; cut++) {
		struct frame f = copy(octets, cut);
		cr_expect_not(is_accepted(&f), "%zu of %zu octets", cut, len);
	}
}

Test(neigh, arp_request_tells_who_asks_for_whom) {
	struct neigh_msg msg;
	cr_assert(PARSE(arp_request, &msg));
	cr_assert_eq(msg.kind, NEIGH_REQUEST);
	cr_assert(addr_equal(&msg.sender, &v4_1));
	cr_assert(addr_equal(&msg.target, &v4_2));
	cr_assert_arr_eq(msg.sender_mac, mac_1, sizeof(mac_1));
}

Test(neigh, arp_reply_tells_who_is_at_which_mac) {
	struct neigh_msg msg;
	cr_assert(PARSE(arp_reply, &msg));
	cr_assert_eq(msg.kind, NEIGH_REPLY);
	cr_assert(addr_equal(&msg.sender, &v4_2));
	cr_assert(addr_equal(&msg.target, &v4_1));
	cr_assert_arr_eq(msg.sender_mac, mac_2, sizeof(mac_2));
}

Test(neigh, solicitation_tells_who_asks_for_whom) {
	struct neigh_msg msg;
	cr_assert(PARSE(nd_request, &msg));
	cr_assert_eq(msg.kind, NEIGH_REQUEST);
	cr_assert(addr_equal(&msg.sender, &v6_1));
	cr_assert(addr_equal(&msg.target, &v6_2));
	cr_assert_arr_eq(msg.sender_mac, mac_1, sizeof(mac_1));
}

Test(neigh, advertisement_tells_who_is_at_which_mac) {
	struct neigh_msg msg;
	cr_assert(PARSE(nd_reply, &msg));
	cr_assert_eq(msg.kind, NEIGH_REPLY);
	cr_assert(addr_equal(&msg.sender, &v6_2));
	cr_assert(addr_equal(&msg.target, &v6_1));
	cr_assert_arr_eq(msg.sender_mac, mac_2, sizeof(mac_2));
}

Test(neigh, advertisement_speaks_for_its_target_not_for_its_source) {
	struct frame f = COPY(nd_reply);
	f.octets[22 + 15] = 0x77;
	mend_checksum(&f);
	struct neigh_msg msg;
	cr_assert(neigh_parse(f.octets, f.len, &msg));
	cr_assert(addr_equal(&msg.sender, &v6_2));
}

Test(neigh, address_check_has_no_sender_and_the_mac_of_the_frame) {
	static const struct ip_addr none;
	struct neigh_msg msg;
	cr_assert(PARSE(nd_probe, &msg));
	cr_assert_eq(msg.kind, NEIGH_REQUEST);
	cr_assert(addr_equal(&msg.sender, &none));
	cr_assert(addr_equal(&msg.target, &v6_2));
	cr_assert_arr_eq(msg.sender_mac, mac_2, sizeof(mac_2));
}

Test(neigh, arp_probe_has_no_sender) {
	struct frame f = COPY(arp_request);
	memset(f.octets + 28, 0, 4);
	struct neigh_msg msg;
	cr_assert(neigh_parse(f.octets, f.len, &msg));
	static const uint8_t none[4];
	cr_assert(addr_is_v4(&msg.sender));
	cr_assert_arr_eq(addr_v4(&msg.sender), none, 4);
}

Test(neigh, solicitation_without_option_comes_from_the_mac_of_the_frame) {
	struct frame f = COPY(nd_request);
	f.len -= 8;
	f.octets[19] = 24;
	f.octets[6 + 5] = 0x77;
	mend_checksum(&f);
	struct neigh_msg msg;
	cr_assert(neigh_parse(f.octets, f.len, &msg));
	cr_assert_eq(msg.sender_mac[5], 0x77);
}

Test(neigh, option_counts_more_than_the_mac_of_the_frame) {
	struct frame f = COPY(nd_request);
	f.octets[6 + 5] = 0x77;
	struct neigh_msg msg;
	cr_assert(neigh_parse(f.octets, f.len, &msg));
	cr_assert_arr_eq(msg.sender_mac, mac_1, sizeof(mac_1));
}

Test(neigh, first_of_two_macs_counts) {
	struct frame f = COPY(nd_reply);
	static const uint8_t second[] = {2, 1, 2, 0, 0, 0, 0, 0x66};
	memcpy(f.octets + f.len, second, sizeof(second));
	f.len += sizeof(second);
	f.octets[19] = 40;
	mend_checksum(&f);
	struct neigh_msg msg;
	cr_assert(neigh_parse(f.octets, f.len, &msg));
	cr_assert_arr_eq(msg.sender_mac, mac_2, sizeof(mac_2));
}

Test(neigh, unknown_options_are_stepped_over) {
	struct frame f = COPY(nd_reply);
	static const uint8_t tail[] = {2, 1, 2, 0, 0, 0, 0, 2};
	memset(f.octets + ND_AT + 24, 0xab, 16);
	f.octets[ND_AT + 25] = 2;
	memcpy(f.octets + ND_AT + 40, tail, sizeof(tail));
	f.len = ND_AT + 48;
	f.octets[19] = 48;
	mend_checksum(&f);
	struct neigh_msg msg;
	cr_assert(neigh_parse(f.octets, f.len, &msg));
	cr_assert_arr_eq(msg.sender_mac, mac_2, sizeof(mac_2));
}

Test(neigh, padding_behind_the_message_is_ignored) {
	struct frame arp = COPY(arp_reply), nd = COPY(nd_reply);
	memset(arp.octets + arp.len, 0xee, 18);
	arp.len += 18;
	memset(nd.octets + nd.len, 0xee, 18);
	nd.len += 18;
	cr_assert(is_accepted(&arp));
	cr_assert(is_accepted(&nd));
}

Test(neigh, cut_frames_are_refused_at_every_length) {
	refused_when_cut(arp_request, sizeof(arp_request));
	refused_when_cut(arp_reply, sizeof(arp_reply));
	refused_when_cut(nd_request, sizeof(nd_request));
	refused_when_cut(nd_reply, sizeof(nd_reply));
	refused_when_cut(nd_probe, sizeof(nd_probe));
}

Test(neigh, nothing_is_written_for_a_refused_frame) {
	struct frame arp = COPY(arp_reply), nd = COPY(nd_reply);
	arp.octets[22] = 0xff;
	nd.octets[ND_AT + 26] = 0xff;
	mend_checksum(&nd);
	struct neigh_msg msg, before;
	memset(&msg, 0x5a, sizeof(msg));
	before = msg;
	cr_assert_not(neigh_parse(arp.octets, arp.len, &msg));
	cr_assert_arr_eq(&msg, &before, sizeof(msg));
	cr_assert_not(neigh_parse(nd.octets, nd.len, &msg));
	cr_assert_arr_eq(&msg, &before, sizeof(msg));
}

Test(neigh, other_ethertypes_are_not_ours) {
	arp_refused_with(arp_reply, sizeof(arp_reply), 13, 0x00);
	arp_refused_with(nd_reply, sizeof(nd_reply), 12, 0x88);
}

Test(neigh, arp_of_other_hardware_is_refused) {
	arp_refused_with(arp_reply, sizeof(arp_reply), 15, 6);
}

Test(neigh, arp_for_other_protocols_is_refused) {
	arp_refused_with(arp_reply, sizeof(arp_reply), 16, 0x86);
}

Test(neigh, arp_with_other_address_lengths_is_refused) {
	arp_refused_with(arp_reply, sizeof(arp_reply), 18, 8);
	arp_refused_with(arp_reply, sizeof(arp_reply), 19, 16);
}

Test(neigh, arp_operations_but_request_and_reply_are_refused) {
	arp_refused_with(arp_reply, sizeof(arp_reply), 21, 0);
	arp_refused_with(arp_reply, sizeof(arp_reply), 21, 3); // RARP
	arp_refused_with(arp_reply, sizeof(arp_reply), 20, 1);
}

Test(neigh, arp_from_a_group_or_no_mac_is_refused) {
	arp_refused_with(arp_reply, sizeof(arp_reply), 22, 0x01);
	struct frame f = COPY(arp_reply);
	memset(f.octets + 22, 0, 6);
	cr_assert_not(is_accepted(&f));
	memset(f.octets + 22, 0xff, 6);
	cr_assert_not(is_accepted(&f));
}

Test(neigh, arp_from_multicast_or_broadcast_address_is_refused) {
	arp_refused_with(arp_reply, sizeof(arp_reply), 28, 224);
	arp_refused_with(arp_reply, sizeof(arp_reply), 28, 239);
	struct frame f = COPY(arp_request);
	memset(f.octets + 28, 0xff, 4);
	cr_assert_not(is_accepted(&f));
}

Test(neigh, arp_reply_from_no_address_is_refused) {
	struct frame f = COPY(arp_reply);
	memset(f.octets + 28, 0, 4);
	cr_assert_not(is_accepted(&f));
}

Test(neigh, hop_limit_below_255_is_refused) {
	refused_with(nd_request, sizeof(nd_request), 21, 254);
	refused_with(nd_reply, sizeof(nd_reply), 21, 64);
}

Test(neigh, wrong_ip_version_is_refused) {
	refused_with(nd_reply, sizeof(nd_reply), 14, 0x40);
}

Test(neigh, message_behind_an_extension_header_is_refused) {
	refused_with(nd_reply, sizeof(nd_reply), 20, 0);
	refused_with(nd_reply, sizeof(nd_reply), 20, 44); // fragment: RFC 6980
}

Test(neigh, payload_length_beyond_the_frame_is_refused) {
	struct frame f = COPY(nd_reply);
	f.octets[19] = 40;
	memcpy(f.octets + f.len, "\1\1\1\1\1\1\1\1", 8);
	mend_checksum(&f);
	cr_assert_not(is_accepted(&f));
	f.octets[18] = 0xff;
	cr_assert_not(is_accepted(&f));
}

Test(neigh, payload_below_24_octets_is_refused) {
	for (unsigned int len = 0; len < 24; len++)
		refused_with(nd_request, sizeof(nd_request), 19, (uint8_t)len);
}

Test(neigh, wrong_checksum_is_refused) {
	struct frame f = COPY(nd_reply);
	f.octets[ND_AT + 3] ^= 1;
	cr_assert_not(is_accepted(&f));
	f = COPY(nd_request);
	f.octets[22 + 15] ^= 1; // in the pseudo-header
	cr_assert_not(is_accepted(&f));
}

Test(neigh, other_icmpv6_types_are_not_ours) {
	refused_with(nd_request, sizeof(nd_request), ND_AT, 134);
	refused_with(nd_reply, sizeof(nd_reply), ND_AT, 137);
	refused_with(nd_reply, sizeof(nd_reply), ND_AT, 128);
}

Test(neigh, code_other_than_0_is_refused) {
	refused_with(nd_request, sizeof(nd_request), ND_AT + 1, 1);
	refused_with(nd_reply, sizeof(nd_reply), ND_AT + 1, 255);
}

Test(neigh, multicast_target_is_refused) {
	refused_with(nd_request, sizeof(nd_request), ND_AT + 8, 0xff);
	refused_with(nd_reply, sizeof(nd_reply), ND_AT + 8, 0xff);
}

Test(neigh, unspecified_target_is_refused) {
	struct frame f = COPY(nd_reply);
	memset(f.octets + ND_AT + 8, 0, 16);
	mend_checksum(&f);
	cr_assert_not(is_accepted(&f));
}

Test(neigh, multicast_source_is_refused) {
	refused_with(nd_request, sizeof(nd_request), 22, 0xff);
	refused_with(nd_reply, sizeof(nd_reply), 22, 0xff);
}

Test(neigh, ipv6_cannot_speak_of_mapped_ipv4_addresses) {
	static const size_t at[] = {22, 38, ND_AT + 8};
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		struct frame f = COPY(nd_reply);
		memcpy(f.octets + at[i], v4_2.octets, sizeof(v4_2.octets));
		mend_checksum(&f);
		cr_expect_not(is_accepted(&f), "octet %zu", at[i]);
	}
}

Test(neigh, option_of_length_0_is_refused) {
	refused_with(nd_request, sizeof(nd_request), ND_AT + 25, 0);
	refused_with(nd_probe, sizeof(nd_probe), ND_AT + 25, 0);
}

Test(neigh, option_beyond_the_message_is_refused) {
	refused_with(nd_probe, sizeof(nd_probe), ND_AT + 25, 2);
	refused_with(nd_probe, sizeof(nd_probe), ND_AT + 25, 255);
}

Test(neigh, option_cut_below_8_octets_is_refused) {
	for (size_t cut = 1; cut < 8; cut++) {
		struct frame f = COPY(nd_request);
		f.len -= cut;
		f.octets[19] = (uint8_t)(32 - cut);
		mend_checksum(&f);
		cr_expect_not(is_accepted(&f), "without the last %zu octets", cut);
	}
}

Test(neigh, mac_option_of_another_length_is_refused) {
	struct frame f = COPY(nd_reply);
	f.octets[19] = 40;
	f.octets[ND_AT + 25] = 2;
	f.len += 8;
	mend_checksum(&f);
	cr_assert_not(is_accepted(&f));
}

Test(neigh, mac_option_of_a_group_or_of_nobody_is_refused) {
	refused_with(nd_request, sizeof(nd_request), ND_AT + 26, 0x33);
	refused_with(nd_reply, sizeof(nd_reply), ND_AT + 26, 0x01);
	struct frame f = COPY(nd_reply);
	memset(f.octets + ND_AT + 26, 0, 6);
	mend_checksum(&f);
	cr_assert_not(is_accepted(&f));
}

Test(neigh, solicitation_from_a_frame_without_a_host_is_refused) {
	struct frame f = COPY(nd_probe);
	f.octets[6] = 0x33;
	cr_assert_not(is_accepted(&f));
}

Test(neigh, address_check_outside_the_group_of_its_target_is_refused) {
	refused_with(nd_probe, sizeof(nd_probe), 38 + 15, 3);
	refused_with(nd_probe, sizeof(nd_probe), 38, 0x20);
}

Test(neigh, address_check_with_a_mac_option_is_refused) {
	refused_with(nd_probe, sizeof(nd_probe), ND_AT + 24, 1);
}

Test(neigh, advertisement_without_mac_is_refused) {
	struct frame f = COPY(nd_reply_without_mac);
	cr_assert_not(is_accepted(&f));
	refused_with(nd_reply, sizeof(nd_reply), ND_AT + 24, 1); // that of a solicitation
}

Test(neigh, advertisement_from_no_address_is_refused) {
	struct frame f = COPY(nd_reply);
	memset(f.octets + 22, 0, 16);
	mend_checksum(&f);
	cr_assert_not(is_accepted(&f));
}

Test(neigh, solicited_advertisement_to_a_group_is_refused) {
	struct frame f = COPY(nd_reply);
	memset(f.octets + 38, 0, 16);
	f.octets[38] = 0xff;
	f.octets[39] = 0x02;
	f.octets[53] = 1;
	mend_checksum(&f);
	cr_assert_not(is_accepted(&f));
	f.octets[ND_AT + 4] = 0x20;
	mend_checksum(&f);
	cr_assert(is_accepted(&f));
}

Test(neigh, arp_request_is_written_as_linux_writes_it_and_padded) {
	uint8_t buf[NEIGH_FRAME_MAX_OCTETS];
	memset(buf, 0xee, sizeof(buf));
	cr_assert_eq(neigh_request_write(buf, sizeof(buf), mac_1, &v4_1, &v4_2), NEIGH_ARP_OCTETS);
	cr_assert_arr_eq(buf, arp_request, sizeof(arp_request));
	for (size_t i = sizeof(arp_request); i < NEIGH_ARP_OCTETS; i++)
		cr_assert_eq(buf[i], 0, "octet %zu", i);
}

Test(neigh, arp_reply_is_written_as_linux_writes_it_and_padded) {
	uint8_t buf[NEIGH_FRAME_MAX_OCTETS];
	struct neigh_msg msg;
	memset(buf, 0xee, sizeof(buf));
	cr_assert(PARSE(arp_request, &msg));
	cr_assert_eq(neigh_reply_write(buf, sizeof(buf), mac_2, &v4_2, &msg), NEIGH_ARP_OCTETS);
	cr_assert_arr_eq(buf, arp_reply, sizeof(arp_reply));
	cr_assert_eq(buf[NEIGH_ARP_OCTETS - 1], 0);
}

Test(neigh, solicitation_is_written_as_linux_writes_it) {
	uint8_t buf[NEIGH_FRAME_MAX_OCTETS];
	memset(buf, 0xee, sizeof(buf));
	cr_assert_eq(
		neigh_request_write(buf, sizeof(buf), mac_1, &v6_1, &v6_2), sizeof(nd_request));
	cr_assert_arr_eq(buf, nd_request, sizeof(nd_request));
}

// RFC 4861 section 4.3: a solicitation from :: with a MAC in it is dropped by who should answer.
Test(neigh, address_check_is_written_without_a_mac) {
	static const struct ip_addr none;
	uint8_t buf[NEIGH_FRAME_MAX_OCTETS];
	struct neigh_msg msg;
	size_t len = neigh_request_write(buf, sizeof(buf), mac_2, &none, &v6_2);
	cr_assert_eq(len, sizeof(nd_probe) - 8);
	cr_assert_arr_eq(buf, nd_probe, 18);
	cr_assert_arr_eq(buf + 20, nd_probe + 20, ND_AT + 2 - 20);
	cr_assert(neigh_parse(buf, len, &msg));
	cr_assert(addr_equal(&msg.sender, &none));
	cr_assert(addr_equal(&msg.target, &v6_2));
}

Test(neigh, advertisement_is_written_as_linux_writes_it) {
	uint8_t buf[NEIGH_FRAME_MAX_OCTETS];
	struct neigh_msg msg;
	memset(buf, 0xee, sizeof(buf));
	cr_assert(PARSE(nd_request, &msg));
	cr_assert_eq(neigh_reply_write(buf, sizeof(buf), mac_2, &v6_2, &msg), sizeof(nd_reply));
	cr_assert_arr_eq(buf, nd_reply, sizeof(nd_reply));
}

Test(neigh, address_check_is_answered_to_all_nodes_and_unsolicited) {
	static const uint8_t to_mac[] = {0x33, 0x33, 0, 0, 0, 1};
	static const struct ip_addr to = {.octets = {0xff, 0x02, [15] = 1}};
	uint8_t buf[NEIGH_FRAME_MAX_OCTETS];
	struct neigh_msg msg;
	cr_assert(PARSE(nd_probe, &msg));
	size_t len = neigh_reply_write(buf, sizeof(buf), mac_1, &v6_2, &msg);
	cr_assert_eq(len, NEIGH_FRAME_MAX_OCTETS);
	cr_assert_arr_eq(buf, to_mac, sizeof(to_mac));
	cr_assert_eq(buf[ND_AT + 4], 0x20);
	cr_assert(neigh_parse(buf, len, &msg));
	cr_assert(addr_equal(&msg.target, &to));
	cr_assert(addr_equal(&msg.sender, &v6_2));
}

Test(neigh, arp_probe_is_answered_to_the_mac_that_asked) {
	struct frame f = COPY(arp_request);
	memset(f.octets + 28, 0, 4);
	uint8_t buf[NEIGH_FRAME_MAX_OCTETS];
	struct neigh_msg msg;
	cr_assert(neigh_parse(f.octets, f.len, &msg));
	cr_assert_eq(neigh_reply_write(buf, sizeof(buf), mac_2, &v4_2, &msg), NEIGH_ARP_OCTETS);
	cr_assert_arr_eq(buf, mac_1, sizeof(mac_1));
}

Test(neigh, nothing_is_written_into_too_little_room) {
	struct neigh_msg arp, nd;
	cr_assert(PARSE(arp_request, &arp));
	cr_assert(PARSE(nd_request, &nd));
	for (size_t cap = 0; cap < NEIGH_FRAME_MAX_OCTETS; cap++) {
		uint8_t *block = malloc(cap + 1), *buf = block + 1;
		cr_expect_eq(neigh_request_write(buf, cap, mac_1, &v6_1, &v6_2), 0);
		cr_expect_eq(neigh_reply_write(buf, cap, mac_2, &v6_2, &nd), 0);
		if (cap < NEIGH_ARP_OCTETS) {
			cr_expect_eq(neigh_request_write(buf, cap, mac_1, &v4_1, &v4_2), 0);
			cr_expect_eq(neigh_reply_write(buf, cap, mac_2, &v4_2, &arp), 0);
		}
		free(block);
	}
}

Test(neigh, addresses_of_two_families_are_not_written) {
	uint8_t buf[NEIGH_FRAME_MAX_OCTETS];
	struct neigh_msg arp, nd;
	cr_assert(PARSE(arp_request, &arp));
	cr_assert(PARSE(nd_request, &nd));
	cr_assert_eq(neigh_request_write(buf, sizeof(buf), mac_1, &v4_1, &v6_2), 0);
	cr_assert_eq(neigh_request_write(buf, sizeof(buf), mac_1, &v6_1, &v4_2), 0);
	cr_assert_eq(neigh_reply_write(buf, sizeof(buf), mac_2, &v4_2, &nd), 0);
	cr_assert_eq(neigh_reply_write(buf, sizeof(buf), mac_2, &v6_2, &arp), 0);
}

Test(neigh, a_reply_is_not_answered) {
	uint8_t buf[NEIGH_FRAME_MAX_OCTETS];
	struct neigh_msg msg;
	cr_assert(PARSE(arp_reply, &msg));
	cr_assert_eq(neigh_reply_write(buf, sizeof(buf), mac_1, &v4_1, &msg), 0);
}
