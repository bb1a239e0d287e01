// Bare IP packets, and packets out of captures: cut, without checksums, larger than any frame.
#include "tests/unit/tcpstack/draft.h"

#define PACKET(captured) (captured) + IP_AT
#define PACKET_LEN(captured) (sizeof(captured) - IP_AT)

// From a block that ends where the packet does.
static enum frame_kind parse_block(
	const uint8_t *octets, size_t len, size_t wire_len, struct frame_captured *out) {
	uint8_t *block = malloc(len + 1), *start = block + 1;
	memcpy(start, octets, len);
	enum frame_kind kind = frame_parse_captured(start, len, wire_len, out);
	free(block);
	return kind;
}

Test(frame_captured, a_bare_packet_is_what_it_was_in_its_frame) {
	struct frame f, bare;
	cr_assert_eq(frame_parse(captured_syn_data6, sizeof(captured_syn_data6),
			     FRAME_TRUST_NOTHING, &f),
		FRAME_TCP);
	cr_assert_eq(frame_parse_ip(PACKET(captured_syn_data6), PACKET_LEN(captured_syn_data6),
			     FRAME_TRUST_NOTHING, &bare),
		FRAME_TCP);
	cr_expect_eq(f.seg.seq, bare.seg.seq);
	cr_expect_eq(f.seg.data, bare.seg.data);
	cr_expect_eq(frame_parse_ip(PACKET(captured_icmp4), PACKET_LEN(captured_icmp4),
			     FRAME_TRUST_NOTHING, &bare),
		FRAME_ICMP);
	cr_expect_eq(frame_parse_ip(captured_syn4, 0, FRAME_TRUST_NOTHING, &bare), FRAME_TRUNCATED);
}

Test(frame_captured, the_length_of_the_packet_is_kept) {
	struct frame f;
	frame_parse(captured_syn_data4, sizeof(captured_syn_data4), FRAME_TRUST_NOTHING, &f);
	cr_expect_eq(f.seg.ip_len_octets, PACKET_LEN(captured_syn_data4));
	cr_expect_eq(segment_ip_len(&f.seg), PACKET_LEN(captured_syn_data4));
	f.seg.ip_len_octets = 0;
	cr_expect_eq(segment_ip_len(&f.seg), PACKET_LEN(captured_syn_data4));
	frame_parse(captured_syn_data6, sizeof(captured_syn_data6), FRAME_TRUST_NOTHING, &f);
	cr_expect_eq(segment_ip_len(&f.seg), PACKET_LEN(captured_syn_data6));
	f.seg.ip_len_octets = 0;
	cr_expect_eq(segment_ip_len(&f.seg), PACKET_LEN(captured_syn_data6));
}

Test(frame_captured, a_whole_packet_is_read) {
	struct frame_captured c;
	size_t len = PACKET_LEN(captured_syn_data4);
	cr_assert_eq(frame_parse_captured(PACKET(captured_syn_data4), len, len, &c), FRAME_TCP);
	cr_expect_not(c.is_cut);
	cr_expect_not(c.has_bad_checksum);
	cr_expect_eq(c.frame.seg.data_len, 5);
	cr_expect_arr_eq(c.frame.seg.data, "hello", 5);
}

Test(frame_captured, padding_behind_the_packet_is_nothing) {
	struct draft d = COPY(captured_rst4);
	size_t len = d.len - IP_AT;
	struct frame_captured c;
	cr_assert_eq(frame_parse_captured(d.octets + IP_AT, len + 6, len + 6, &c), FRAME_TCP);
	cr_expect_not(c.is_cut);
	cr_expect_eq(c.frame.seg.data_len, 0);
}

Test(frame_captured, a_cut_packet_keeps_its_length_and_gives_no_data) {
	struct frame_captured c;
	size_t len = PACKET_LEN(captured_syn_data4);
	for (size_t cut = 1; cut <= 5; cut++) {
		cr_assert_eq(
			parse_block(PACKET(captured_syn_data4), len - cut, len, &c), FRAME_TCP);
		cr_expect(c.is_cut);
		cr_expect_not(c.has_bad_checksum);
		cr_expect_eq(c.frame.seg.options_len, 32);
		cr_expect_eq(c.frame.seg.data_len, 5);
		cr_expect_null(c.frame.seg.data);
		cr_expect_eq(c.frame.seg.ip_len_octets, len);
	}
}

Test(frame_captured, a_packet_cut_in_its_headers_is_truncated) {
	struct frame_captured c;
	size_t len4 = PACKET_LEN(captured_syn_data4), len6 = PACKET_LEN(captured_syn_data6);
	for (size_t there = 0; there < len4 - 5; there++)
		cr_expect_eq(parse_block(PACKET(captured_syn_data4), there, len4, &c),
			FRAME_TRUNCATED, "%zu", there);
	for (size_t there = 0; there < len6 - 5; there++)
		cr_expect_eq(parse_block(PACKET(captured_syn_data6), there, len6, &c),
			FRAME_TRUNCATED, "%zu", there);
}

Test(frame_captured, a_length_beyond_the_wire_is_bad) {
	struct frame_captured c;
	size_t len = PACKET_LEN(captured_syn_data4);
	cr_expect_eq(
		parse_block(PACKET(captured_syn_data4), len - 1, len - 1, &c), FRAME_BAD_LENGTH);
}

Test(frame_captured, a_bad_checksum_is_told_and_accepted) {
	struct draft d = COPY(captured_syn_data4);
	struct frame_captured c;
	d.octets[TCP4_AT + 16] ^= 1;
	cr_assert_eq(frame_parse_captured(d.octets + IP_AT, d.len - IP_AT, d.len - IP_AT, &c),
		FRAME_TCP);
	cr_expect(c.has_bad_checksum);
	d = COPY(captured_syn_data4);
	d.octets[IP_AT + 10] ^= 1;
	cr_assert_eq(frame_parse_captured(d.octets + IP_AT, d.len - IP_AT, d.len - IP_AT, &c),
		FRAME_TCP);
	cr_expect(c.has_bad_checksum);
}

// Its header as segmentation offload leaves it: the length is 0.
Test(frame_captured, a_length_of_0_is_that_of_the_wire) {
	static uint8_t big[70000];
	struct frame_captured c;
	memcpy(big, PACKET(captured_syn_data4), PACKET_LEN(captured_syn_data4));
	put_be16(big + 2, 0);
	cr_assert_eq(parse_block(big, 60000, 60000, &c), FRAME_TCP);
	cr_expect_eq(c.frame.seg.data_len, 60000 - 20 - 52);
	cr_assert_eq(parse_block(big, 100, 60000, &c), FRAME_TCP);
	cr_expect_eq(c.frame.seg.data_len, 60000 - 20 - 52);
	cr_expect(c.is_cut);
	cr_assert_eq(parse_block(big, sizeof(big), sizeof(big), &c), FRAME_TCP);
	cr_expect_eq(c.frame.seg.data_len, UINT16_MAX - 20 - 52, "no more than a field holds");

	memcpy(big, PACKET(captured_syn_data6), PACKET_LEN(captured_syn_data6));
	put_be16(big + 4, 0);
	cr_assert_eq(parse_block(big, 60000, 60000, &c), FRAME_TCP);
	cr_expect_eq(c.frame.seg.ip_len_octets, 60000);
}

Test(frame_captured, a_packet_of_64_kib_is_read) {
	static uint8_t big[40 + 65535];
	struct frame_captured c;
	memcpy(big, PACKET(captured_syn_data6), PACKET_LEN(captured_syn_data6));
	put_be16(big + 4, 65535);
	cr_assert_eq(parse_block(big, sizeof(big), sizeof(big), &c), FRAME_TCP);
	cr_expect_eq(c.frame.seg.data_len, 65535 - 52);
	cr_expect_eq(c.frame.seg.ip_len_octets, UINT16_MAX);
}

Test(frame_captured, what_is_no_segment_is_told_apart) {
	struct frame_captured c;
	size_t len = PACKET_LEN(captured_icmp4);
	cr_expect_eq(parse_block(PACKET(captured_icmp4), len, len, &c), FRAME_ICMP);
	cr_expect_eq(c.frame.quote.type, 3);
	struct draft d = COPY(captured_syn4);
	d.octets[IP_AT + 9] = PROTO_UDP;
	cr_expect_eq(parse_block(d.octets + IP_AT, d.len - IP_AT, d.len - IP_AT, &c), FRAME_OTHER);
	d = COPY(captured_syn4);
	d.octets[IP_AT + 6] = 0x20;
	cr_expect_eq(
		parse_block(d.octets + IP_AT, d.len - IP_AT, d.len - IP_AT, &c), FRAME_FRAGMENT);
	d.octets[IP_AT] = 0x55;
	cr_expect_eq(
		parse_block(d.octets + IP_AT, d.len - IP_AT, d.len - IP_AT, &c), FRAME_BAD_LENGTH);
}
