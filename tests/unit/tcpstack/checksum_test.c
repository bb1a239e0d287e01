#include "lib/tcpstack/checksum.h"

#include "lib/tcpstack/bytes.h"
#include "tests/unit/tcpstack/captured.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define IP_AT 14
#define TCP4_AT (IP_AT + 20)
#define TCP6_AT (IP_AT + 40)
#define PROTO_TCP 6
#define PROTO_ICMPV6 58

// On the heap, where a sanitizer sees the first octet beyond.
static uint16_t checksum_of(const uint8_t *octets, size_t len) {
	uint8_t *block = calloc(1, len ? len : 1);
	memcpy(block, octets, len);
	uint16_t sum = checksum(block, len);
	free(block);
	return sum;
}

static uint16_t tcp4_checksum(const uint8_t *frame, size_t len) {
	struct ip_addr src = addr_from_v4(frame + IP_AT + 12),
		       dst = addr_from_v4(frame + IP_AT + 16);
	return checksum_pseudo(&src, &dst, PROTO_TCP, frame + TCP4_AT, len - TCP4_AT);
}

static uint16_t ipv6_checksum(const uint8_t *frame, size_t len, uint8_t protocol) {
	struct ip_addr src = addr_from_v6(frame + IP_AT + 8),
		       dst = addr_from_v6(frame + IP_AT + 24);
	return checksum_pseudo(&src, &dst, protocol, frame + TCP6_AT, len - TCP6_AT);
}

// RFC 1071 section 3: 00 01 f2 03 f4 f5 f6 f7 sum up to ddf2
Test(checksum, example_of_rfc_1071) {
	static const uint8_t octets[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
	cr_assert_eq(checksum_of(octets, sizeof(octets)), (uint16_t)~0xddf2);
}

Test(checksum, no_octets_sum_up_to_nothing) {
	cr_assert_eq(checksum_of((const uint8_t *)"", 0), 0xffff);
}

Test(checksum, odd_octet_is_the_high_half_of_a_word) {
	static const uint8_t octets[] = {0x12, 0x34, 0x56, 0x78, 0x9a};
	cr_assert_eq(checksum_of(octets, 1), (uint16_t)~0x1200);
	cr_assert_eq(checksum_of(octets, 3), (uint16_t) ~(0x1234 + 0x5600));
	cr_assert_eq(checksum_of(octets, 5), (uint16_t) ~(0x1234 + 0x5678 + 0x9a00 - 0xffff));
}

Test(checksum, words_are_summed_with_their_carries) {
	static const uint8_t octets[] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x02};
	cr_assert_eq(checksum_of(octets, 6), (uint16_t)~0x0002);
}

Test(checksum, carries_are_folded_until_none_is_left) {
	// many large words: the first fold leaves a carry of its own
	uint8_t octets[65534];
	memset(octets, 0xff, sizeof(octets));
	octets[sizeof(octets) - 1] = 0xfe;
	cr_assert_eq(checksum_of(octets, sizeof(octets)), 0x0001);
}

Test(checksum, captured_ip_headers_come_out_as_zero) {
	cr_assert_eq(checksum_of(captured_syn4 + IP_AT, 20), 0);
	cr_assert_eq(checksum_of(captured_rst4 + IP_AT, 20), 0);
	cr_assert_eq(checksum_of(captured_icmp4 + IP_AT, 20), 0);
}

Test(checksum, captured_icmp_message_comes_out_as_zero) {
	cr_assert_eq(checksum_of(captured_icmp4 + TCP4_AT, sizeof(captured_icmp4) - TCP4_AT), 0);
}

Test(checksum, every_changed_bit_of_a_header_is_seen) {
	for (size_t bit = 0; bit < 160; bit++) {
		uint8_t header[20];
		memcpy(header, captured_syn4 + IP_AT, sizeof(header));
		header[bit / 8] ^= (uint8_t)(1 << bit % 8);
		cr_assert_neq(checksum_of(header, sizeof(header)), 0, "bit %zu", bit);
	}
}

Test(checksum, captured_ipv4_segments_come_out_as_zero) {
	cr_assert_eq(tcp4_checksum(captured_syn4, sizeof(captured_syn4)), 0);
	cr_assert_eq(tcp4_checksum(captured_answer4, sizeof(captured_answer4)), 0); // odd length
	cr_assert_eq(tcp4_checksum(captured_rst4, sizeof(captured_rst4)), 0);
}

Test(checksum, captured_ipv6_segments_come_out_as_zero) {
	cr_assert_eq(ipv6_checksum(captured_syn6, sizeof(captured_syn6), PROTO_TCP), 0);
	cr_assert_eq(ipv6_checksum(captured_syn_data6, sizeof(captured_syn_data6), PROTO_TCP), 0);
}

Test(checksum, captured_icmpv6_message_comes_out_as_zero) {
	cr_assert_eq(ipv6_checksum(captured_icmp6, sizeof(captured_icmp6), PROTO_ICMPV6), 0);
}

Test(checksum, protocol_counts) {
	// 6 in place of the 58 that the sum was made with
	cr_assert_eq(ipv6_checksum(captured_icmp6, sizeof(captured_icmp6), PROTO_TCP), 58 - 6);
}

Test(checksum, pseudo_header_holds_both_addresses_and_the_length) {
	static const uint8_t nothing[2];
	struct ip_addr a = addr_from_v4((const uint8_t[]){1, 0, 0, 0});
	struct ip_addr b = addr_from_v4((const uint8_t[]){0, 0, 2, 0});
	cr_assert_eq(checksum_pseudo(&a, &b, 6, nothing, 2), (uint16_t) ~(0x0100 + 0x0200 + 6 + 2));
}

// What is computed over a header with zeros in the checksum's place is what the kernel put there.
Test(checksum, value_is_that_of_the_kernel) {
	uint8_t frame[sizeof(captured_answer4)];
	memcpy(frame, captured_answer4, sizeof(frame));
	put_be16(frame + TCP4_AT + 16, 0);
	cr_assert_eq(
		tcp4_checksum(frame, sizeof(frame)), get_be16(captured_answer4 + TCP4_AT + 16));
}
