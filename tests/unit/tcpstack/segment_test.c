#include "lib/tcpstack/segment.h"

#include "tests/unit/tcpstack/captured.h"

#include <criterion/criterion.h>

#define OPTIONS_AT (14 + 20 + 20) // behind Ethernet, IPv4 and TCP header

#define READ(...)                                                                                  \
	read_options((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static struct segment_options read_options(const uint8_t *octets, size_t len) {
	struct segment seg = {.options = octets, .options_len = (uint8_t)len};
	struct segment_options options;
	memset(&options, 0xff, sizeof(options));
	segment_options_read(&seg, &options);
	return options;
}

Test(segment, no_options_are_all_absent) {
	struct segment_options o = read_options((const uint8_t *)"", 0);
	cr_assert_not(o.has_timestamps);
	cr_assert_not(o.has_mss);
	cr_assert_eq(o.tsval, 0);
	cr_assert_eq(o.tsecr, 0);
}

// mss 1460,sackOK,TS val 4140724577 ecr 260386182,nop,wscale 10,tfo cookie,nop,nop
Test(segment, options_of_a_captured_syn_ack_are_decoded) {
	struct segment_options o = read_options(captured_cookie4 + OPTIONS_AT, 32);
	cr_assert(o.has_mss);
	cr_assert_eq(o.mss, 1460);
	cr_assert(o.has_timestamps);
	cr_assert_eq(o.tsval, 4140724577);
	cr_assert_eq(o.tsecr, 260386182);
}

Test(segment, timestamps_of_another_length_are_absent) {
	// TS of 9 and of 11 octets
	cr_assert_not(READ(8, 9, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1).has_timestamps);
	cr_assert_not(READ(8, 11, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1).has_timestamps);
}

Test(segment, mss_of_another_length_is_absent) {
	cr_assert_not(READ(2, 3, 5, 1).has_mss);
	cr_assert_not(READ(2, 5, 5, 0xb4, 0, 1, 1, 1).has_mss);
}

Test(segment, options_behind_a_broken_one_are_absent) {
	struct segment_options o = READ(34, 0, 2, 4, 5, 0xb4, 1, 1);
	cr_assert_not(o.has_mss);
}

Test(segment, options_before_a_broken_one_are_there) {
	struct segment_options o = READ(2, 4, 5, 0xb4, 34, 0, 1, 1);
	cr_assert(o.has_mss);
	cr_assert_eq(o.mss, 1460);
}

Test(segment, options_behind_eol_are_absent) {
	cr_assert_not(READ(0, 2, 4, 5, 0xb4, 1, 1, 1).has_mss);
}

Test(segment, timestamps_cut_by_the_header_are_absent) {
	cr_assert_not(READ(1, 1, 8, 10, 0, 0, 0, 1).has_timestamps);
}

Test(segment, data_syn_and_fin_take_sequence_space) {
	struct segment seg = {.flags = TCP_ACK | TCP_PSH, .data_len = 5};
	cr_assert_eq(segment_seq_len(&seg), 5);
	seg.flags = TCP_SYN;
	cr_assert_eq(segment_seq_len(&seg), 6);
	seg.flags = TCP_FIN | TCP_ACK;
	cr_assert_eq(segment_seq_len(&seg), 6);
	seg.flags = TCP_SYN | TCP_FIN;
	cr_assert_eq(segment_seq_len(&seg), 7);
}

Test(segment, bare_ack_and_rst_take_no_sequence_space) {
	struct segment seg = {.flags = TCP_ACK};
	cr_assert_eq(segment_seq_len(&seg), 0);
	seg.flags = TCP_RST;
	cr_assert_eq(segment_seq_len(&seg), 0);
}
