// Frames that are read: what stands in captured.h, whole, cut, and with one thing changed.
#include "tests/unit/tcpstack/draft.h"

// ---- TCP over IPv4

Test(frame, ipv4_syn_is_read) {
	struct frame f;
	enum frame_kind kind =
		frame_parse(captured_syn4, sizeof(captured_syn4), FRAME_TRUST_NOTHING, &f);
	struct ip_addr src = v4(192, 0, 2, 1), dst = v4(192, 0, 2, 2);
	cr_assert_eq(kind, FRAME_TCP);
	cr_assert(addr_equal(&f.seg.src, &src));
	cr_assert(addr_equal(&f.seg.dst, &dst));
	cr_assert_eq(f.seg.sport, 43662);
	cr_assert_eq(f.seg.dport, 53);
	cr_assert_eq(f.seg.seq, 4211734079);
	cr_assert_eq(f.seg.ack, 0);
	cr_assert_eq(f.seg.window, 64240);
	cr_assert_eq(f.seg.flags, TCP_SYN);
	cr_assert_eq(f.seg.ttl, 64);
	cr_assert_eq(f.seg.options_len, 20);
	cr_assert_eq(f.seg.options, captured_syn4 + TCP4_AT + 20);
	cr_assert_eq(f.seg.data_len, 0);
}

Test(frame, macs_point_into_the_frame) {
	struct frame f;
	frame_parse(captured_syn4, sizeof(captured_syn4), FRAME_TRUST_NOTHING, &f);
	cr_assert_eq(f.dst_mac, captured_syn4);
	cr_assert_eq(f.src_mac, captured_syn4 + MAC_OCTETS);
}

Test(frame, ipv4_answer_is_read_with_its_data) {
	struct frame f;
	enum frame_kind kind =
		frame_parse(captured_answer4, sizeof(captured_answer4), FRAME_TRUST_NOTHING, &f);
	cr_assert_eq(kind, FRAME_TCP);
	cr_assert_eq(f.seg.flags, TCP_PSH | TCP_ACK);
	cr_assert_eq(f.seg.options_len, 12);
	cr_assert_eq(f.seg.data_len, 5);
	cr_assert_arr_eq(f.seg.data, "world", 5);
}

Test(frame, data_in_a_syn_are_read) {
	struct frame f;
	enum frame_kind kind = frame_parse(
		captured_syn_data4, sizeof(captured_syn_data4), FRAME_TRUST_NOTHING, &f);
	cr_assert_eq(kind, FRAME_TCP);
	cr_assert_eq(f.seg.options_len, 32);
	cr_assert_eq(f.seg.data_len, 5);
	cr_assert_arr_eq(f.seg.data, "hello", 5);
}

Test(frame, rst_without_options_is_read) {
	struct frame f;
	enum frame_kind kind =
		frame_parse(captured_rst4, sizeof(captured_rst4), FRAME_TRUST_NOTHING, &f);
	cr_assert_eq(kind, FRAME_TCP);
	cr_assert_eq(f.seg.flags, TCP_RST | TCP_ACK);
	cr_assert_eq(f.seg.ack, 3489939994);
	cr_assert_eq(f.seg.options_len, 0);
}

// A RST of 40 octets fills up to 60 on an Ethernet.
Test(frame, padding_behind_the_packet_is_not_data) {
	struct draft d = COPY(captured_rst4);
	memset(d.octets + d.len, 0xee, 6);
	d.len += 6;
	struct frame f;
	cr_assert_eq(frame_parse(d.octets, d.len, FRAME_TRUST_NOTHING, &f), FRAME_TCP);
	cr_assert_eq(f.seg.data_len, 0);
}

// ip_options: router alert (RFC 2113)
Test(frame, segment_behind_ip_options_is_read) {
	static const uint8_t router_alert[] = {0x94, 4, 0, 0};
	struct draft d = COPY(captured_syn4);
	memmove(d.octets + TCP4_AT + 4, d.octets + TCP4_AT, d.len - TCP4_AT);
	memcpy(d.octets + TCP4_AT, router_alert, sizeof(router_alert));
	d.octets[IP_AT] = 0x46;
	end_ipv4_at(&d, d.len + 4);
	struct frame f;
	cr_assert_eq(frame_parse(d.octets, d.len, FRAME_TRUST_NOTHING, &f), FRAME_TCP);
	cr_assert_eq(f.seg.sport, 43662);
	cr_assert_eq(f.seg.options, d.octets + TCP4_AT + 24);
}

Test(frame, all_bits_of_the_flags_come_through) {
	struct draft d = COPY(captured_syn4);
	d.octets[TCP4_AT + 13] = 0xff;
	mend_tcp4(&d);
	struct frame f;
	cr_assert_eq(frame_parse(d.octets, d.len, FRAME_TRUST_NOTHING, &f), FRAME_TCP);
	cr_assert_eq(f.seg.flags, 0xff);
}

// ---- TCP over IPv6

Test(frame, ipv6_syn_is_read) {
	struct frame f;
	enum frame_kind kind = frame_parse(
		captured_syn_data6, sizeof(captured_syn_data6), FRAME_TRUST_NOTHING, &f);
	struct ip_addr src = v6(0, 1), dst = v6(0, 2);
	cr_assert_eq(kind, FRAME_TCP);
	cr_assert(addr_equal(&f.seg.src, &src));
	cr_assert(addr_equal(&f.seg.dst, &dst));
	cr_assert_eq(f.seg.sport, 60760);
	cr_assert_eq(f.seg.dport, 53);
	cr_assert_eq(f.seg.seq, 19499678);
	cr_assert_eq(f.seg.window, 64800);
	cr_assert_eq(f.seg.flags, TCP_SYN);
	cr_assert_eq(f.seg.ttl, 64);
	cr_assert_eq(f.seg.options_len, 32);
	cr_assert_eq(f.seg.data_len, 5);
	cr_assert_arr_eq(f.seg.data, "hello", 5);
}

Test(frame, padding_behind_an_ipv6_packet_is_not_data) {
	struct draft d = COPY(captured_answer6);
	memset(d.octets + d.len, 0xee, 10);
	d.len += 10;
	struct frame f;
	cr_assert_eq(frame_parse(d.octets, d.len, FRAME_TRUST_NOTHING, &f), FRAME_TCP);
	cr_assert_eq(f.seg.data_len, 5);
}

// ---- cut frames

Test(frame, cut_frame_is_truncated_at_every_length) {
	truncated_at_every_length(captured_syn4, sizeof(captured_syn4));
	truncated_at_every_length(captured_answer4, sizeof(captured_answer4));
	truncated_at_every_length(captured_syn6, sizeof(captured_syn6));
	truncated_at_every_length(captured_answer6, sizeof(captured_answer6));
}

Test(frame, cut_icmp_frame_is_truncated_at_every_length) {
	truncated_at_every_length(captured_icmp4, sizeof(captured_icmp4));
	truncated_at_every_length(captured_icmp6, sizeof(captured_icmp6));
}

// ---- the shortest of each

Test(frame, ethernet_header_alone_is_whole) {
	struct draft d = COPY(captured_syn4);
	put_be16(d.octets + 12, 0x88cc);
	d.len = ETHER_HEADER_OCTETS;
	cr_assert_eq(kind_of(&d), FRAME_OTHER);
}

Test(frame, ip_header_alone_is_whole) {
	struct draft d = COPY(captured_syn4);
	d.octets[IP_AT + 9] = PROTO_UDP;
	end_ipv4_at(&d, TCP4_AT);
	cr_assert_eq(kind_of(&d), FRAME_OTHER);
	d = COPY(captured_syn6);
	d.octets[IP_AT + 6] = 59; // no next header
	end_ipv6_at(&d, TCP6_AT);
	cr_assert_eq(kind_of(&d), FRAME_OTHER);
}

// ICMP echo request, length 8
Test(frame, icmp_header_alone_is_whole) {
	struct draft d = COPY(captured_icmp4);
	d.octets[TCP4_AT] = 8;
	end_ipv4_at(&d, TCP4_AT + ICMP_OCTETS);
	mend_icmp(&d);
	cr_assert_eq(kind_of(&d), FRAME_OTHER);
	d = COPY(captured_icmp6);
	d.octets[TCP6_AT] = 128;
	end_ipv6_at(&d, TCP6_AT + ICMP_OCTETS);
	mend_icmp6(&d);
	cr_assert_eq(kind_of(&d), FRAME_OTHER);
}

// ---- lengths that contradict

Test(frame, ip_header_shorter_than_20_octets_is_a_bad_length) {
	struct draft d = COPY(captured_syn4);
	d.octets[IP_AT] = 0x44;
	mend_ipv4(&d);
	cr_assert_eq(kind_of(&d), FRAME_BAD_LENGTH);
	d.octets[IP_AT] = 0x40;
	cr_assert_eq(kind_of(&d), FRAME_BAD_LENGTH);
}

Test(frame, total_length_below_the_ip_header_is_a_bad_length) {
	struct draft d = COPY(captured_syn4);
	put_be16(d.octets + IP_AT + 2, 19);
	mend_ipv4(&d);
	cr_assert_eq(kind_of(&d), FRAME_BAD_LENGTH);
	put_be16(d.octets + IP_AT + 2, 0);
	mend_ipv4(&d);
	cr_assert_eq(kind_of(&d), FRAME_BAD_LENGTH);
}

Test(frame, total_length_beyond_the_frame_is_truncation) {
	struct draft d = COPY(captured_syn4);
	put_be16(d.octets + IP_AT + 2, (uint16_t)(d.len - IP_AT + 1));
	mend_ipv4(&d);
	cr_assert_eq(kind_of(&d), FRAME_TRUNCATED);
}

Test(frame, ip_version_must_be_that_of_the_ethertype) {
	struct draft d = COPY(captured_syn4);
	d.octets[IP_AT] = 0x65;
	mend_ipv4(&d);
	cr_assert_eq(kind_of(&d), FRAME_BAD_LENGTH);
	d = COPY(captured_syn6);
	d.octets[IP_AT] = 0x40;
	cr_assert_eq(kind_of(&d), FRAME_BAD_LENGTH);
}

Test(frame, tcp_header_shorter_than_20_octets_is_a_bad_length) {
	for (uint8_t words = 0; words < 5; words++) {
		struct draft d = COPY(captured_syn4);
		d.octets[TCP4_AT + 12] = (uint8_t)(words << 4);
		mend_tcp4(&d);
		cr_assert_eq(kind_of(&d), FRAME_BAD_LENGTH, "%u words", words);
	}
}

Test(frame, tcp_header_beyond_the_packet_is_a_bad_length) {
	struct draft d = COPY(captured_syn4);
	d.octets[TCP4_AT + 12] = 11 << 4; // it has 10
	mend_tcp4(&d);
	cr_assert_eq(kind_of(&d), FRAME_BAD_LENGTH);
}

Test(frame, tcp_header_may_not_reach_into_the_padding) {
	struct draft d = COPY(captured_rst4);
	d.octets[TCP4_AT + 12] = 6 << 4;
	mend_tcp4(&d);
	memset(d.octets + d.len, 0, 6);
	d.len += 6;
	cr_assert_eq(kind_of(&d), FRAME_BAD_LENGTH);
}

Test(frame, packet_too_short_for_a_tcp_header_is_truncated) {
	struct draft d = COPY(captured_syn4);
	end_ipv4_at(&d, TCP4_AT + 19);
	cr_assert_eq(kind_of(&d), FRAME_TRUNCATED);
	end_ipv4_at(&d, TCP4_AT);
	cr_assert_eq(kind_of(&d), FRAME_TRUNCATED);
	d = COPY(captured_syn6);
	end_ipv6_at(&d, TCP6_AT + 19);
	cr_assert_eq(kind_of(&d), FRAME_TRUNCATED);
}

// ---- checksums

Test(frame, changed_ip_header_has_a_bad_ip_checksum) {
	static const size_t ats[] = {1, 4, 5, 8, 9, 10, 11, 12, 15, 16, 19};
	for (size_t i = 0; i < NB(ats); i++) {
		struct draft d = COPY(captured_syn4);
		d.octets[IP_AT + ats[i]] ^= 0x10;
		cr_assert_eq(kind_of(&d), FRAME_BAD_IP_CHECKSUM, "octet %zu", ats[i]);
	}
}

Test(frame, changed_segment_has_a_bad_checksum) {
	for (size_t at = TCP4_AT; at < sizeof(captured_answer4); at++) {
		struct draft d = COPY(captured_answer4);
		d.octets[at] ^= 0x01;
		cr_assert_eq(kind_of(&d), FRAME_BAD_CHECKSUM, "octet %zu", at);
	}
}

Test(frame, changed_ipv6_address_has_a_bad_checksum) {
	struct draft d = COPY(captured_syn6);
	d.octets[IP_AT + 8 + 15] ^= 0x01;
	cr_assert_eq(kind_of(&d), FRAME_BAD_CHECKSUM);
}

Test(frame, changed_icmp_message_has_a_bad_checksum) {
	struct draft d = COPY(captured_icmp4);
	d.octets[d.len - 1] ^= 0x01;
	cr_assert_eq(kind_of(&d), FRAME_BAD_CHECKSUM);
	d = COPY(captured_icmp6);
	d.octets[d.len - 1] ^= 0x01;
	cr_assert_eq(kind_of(&d), FRAME_BAD_CHECKSUM);
}

Test(frame, each_trust_spares_its_own_checksum) {
	struct draft ip = COPY(captured_syn4), tcp = COPY(captured_syn4),
		     icmp = COPY(captured_icmp4), icmp6 = COPY(captured_icmp6);
	ip.octets[IP_AT + 5] ^= 1;
	tcp.octets[TCP4_AT + 5] ^= 1;
	icmp.octets[QUOTE4_AT + 20 + 5] ^= 1;
	icmp6.octets[QUOTE6_AT + 40 + 5] ^= 1;
	cr_assert_eq(kind_with_trust(&ip, FRAME_TRUST_IP_CHECKSUM), FRAME_TCP);
	cr_assert_eq(kind_with_trust(&ip, FRAME_TRUST_L4_CHECKSUM), FRAME_BAD_IP_CHECKSUM);
	cr_assert_eq(kind_with_trust(&tcp, FRAME_TRUST_IP_CHECKSUM), FRAME_BAD_CHECKSUM);
	cr_assert_eq(kind_with_trust(&tcp, FRAME_TRUST_L4_CHECKSUM), FRAME_TCP);
	cr_assert_eq(kind_with_trust(&icmp, FRAME_TRUST_IP_CHECKSUM), FRAME_BAD_CHECKSUM);
	cr_assert_eq(kind_with_trust(&icmp, FRAME_TRUST_L4_CHECKSUM), FRAME_ICMP);
	cr_assert_eq(kind_with_trust(&icmp6, FRAME_TRUST_IP_CHECKSUM), FRAME_BAD_CHECKSUM);
	cr_assert_eq(kind_with_trust(&icmp6, FRAME_TRUST_L4_CHECKSUM), FRAME_ICMP);
}

Test(frame, both_trusts_spare_both_checksums) {
	struct draft d = COPY(captured_syn4);
	d.octets[IP_AT + 5] ^= 1;
	d.octets[TCP4_AT + 5] ^= 1;
	cr_assert_eq(
		kind_with_trust(&d, FRAME_TRUST_IP_CHECKSUM | FRAME_TRUST_L4_CHECKSUM), FRAME_TCP);
}

Test(frame, trust_spares_no_length) {
	struct draft d = COPY(captured_syn4);
	d.octets[TCP4_AT + 12] = 11 << 4;
	cr_assert_eq(kind_with_trust(&d, FRAME_TRUST_IP_CHECKSUM | FRAME_TRUST_L4_CHECKSUM),
		FRAME_BAD_LENGTH);
}

// ---- none of our business

Test(frame, other_ethertypes_are_other) {
	// VLAN, QinQ, PPPoE, LLDP, and a length of IEEE 802.3
	static const uint16_t types[] = {0x8100, 0x88a8, 0x8864, 0x88cc, 64};
	for (size_t i = 0; i < NB(types); i++) {
		struct draft d = COPY(captured_syn4);
		put_be16(d.octets + 12, types[i]);
		cr_assert_eq(kind_of(&d), FRAME_OTHER, "%#x", types[i]);
	}
}

// vlan 1, p 0, ethertype IPv4
Test(frame, frame_with_a_vlan_tag_is_other) {
	static const uint8_t tag[] = {0x81, 0x00, 0x00, 0x01};
	struct draft d = COPY(captured_syn4);
	memmove(d.octets + 16, d.octets + 12, d.len - 12);
	memcpy(d.octets + 12, tag, sizeof(tag));
	d.len += sizeof(tag);
	cr_assert_eq(kind_of(&d), FRAME_OTHER);
}

Test(frame, other_protocols_are_other) {
	static const uint8_t protocols[] = {2, PROTO_UDP, 47, PROTO_ICMPV6, 132};
	for (size_t i = 0; i < NB(protocols); i++) {
		struct draft d = COPY(captured_syn4);
		d.octets[IP_AT + 9] = protocols[i];
		mend_ipv4(&d);
		cr_assert_eq(kind_of(&d), FRAME_OTHER, "protocol %u", protocols[i]);
	}
}

Test(frame, other_next_headers_are_other) {
	// UDP, ICMP, ESP, AH, none
	static const uint8_t protocols[] = {PROTO_UDP, PROTO_ICMP, 50, 51, 59};
	for (size_t i = 0; i < NB(protocols); i++) {
		struct draft d = COPY(captured_syn6);
		d.octets[IP_AT + 6] = protocols[i];
		cr_assert_eq(kind_of(&d), FRAME_OTHER, "protocol %u", protocols[i]);
	}
}

Test(frame, arp_and_neighbour_discovery_are_left_to_neigh) {
	struct draft d = COPY(captured_syn4);
	put_be16(d.octets + 12, 0x0806);
	cr_assert_eq(kind_of(&d), FRAME_NEIGH);
	for (uint8_t type = 135; type <= 136; type++) {
		d = COPY(captured_icmp6);
		d.octets[TCP6_AT] = type;
		mend_icmp6(&d);
		cr_assert_eq(kind_of(&d), FRAME_NEIGH);
	}
}

Test(frame, other_icmpv6_types_are_other) {
	// packet too big, time exceeded, echo request, router advertisement, redirect
	static const uint8_t types[] = {2, 3, 128, 134, 137};
	for (size_t i = 0; i < NB(types); i++) {
		struct draft d = COPY(captured_icmp6);
		d.octets[TCP6_AT] = types[i];
		mend_icmp6(&d);
		cr_assert_eq(kind_of(&d), FRAME_OTHER, "type %u", types[i]);
	}
}

Test(frame, other_icmp_types_are_other) {
	// echo reply, source quench, redirect, echo request, time exceeded
	static const uint8_t types[] = {0, 4, 5, 8, 11};
	for (size_t i = 0; i < NB(types); i++) {
		struct draft d = COPY(captured_icmp4);
		d.octets[TCP4_AT] = types[i];
		mend_icmp(&d);
		cr_assert_eq(kind_of(&d), FRAME_OTHER, "type %u", types[i]);
	}
}

// RFC 4942 section 2.2: they would pass for IPv4
Test(frame, mapped_address_in_an_ipv6_header_is_forged) {
	static const size_t ats[] = {8, 24};
	struct ip_addr mapped = v4(192, 0, 2, 1);
	for (size_t i = 0; i < NB(ats); i++) {
		struct draft d = COPY(captured_syn6);
		memcpy(d.octets + IP_AT + ats[i], mapped.octets, sizeof(mapped.octets));
		cr_assert_eq(kind_of(&d), FRAME_FORGED);
	}
}

static bool is_prohibited(bool is_v4, uint8_t type, uint8_t code) {
	struct icmp_quote quote = {.type = type, .code = code};
	if (is_v4)
		quote.dst = addr_from_v4((uint8_t[]){192, 0, 2, 1});
	else
		quote.dst.octets[0] = 0x20;
	return icmp_is_prohibited(&quote);
}

Test(frame, administratively_prohibited_is_told_from_other_messages) {
	for (unsigned int code = 0; code < 16; code++) {
		bool is_so = code == 9 || code == 10 || code == 13;
		cr_expect_eq(is_prohibited(true, 3, (uint8_t)code), is_so, "code %u", code);
		cr_expect_eq(is_prohibited(false, 1, (uint8_t)code), code == 1, "code %u", code);
	}
	cr_expect_not(is_prohibited(true, 11, 13));
	cr_expect_not(is_prohibited(false, 3, 1));
}
