// Blocks as they are written: lengths, padding, what does not fit. What they say is read again in
// pcapng_read_test.c.
#include "lib/pcapng.h"

#include <criterion/criterion.h>
#include <string.h>

static uint8_t buf[PCAPNG_BLOCK_MAX_OCTETS + 64];
static uint8_t octets[PCAPNG_BLOCK_MAX_OCTETS];

#define TEXT(s)                                                                                    \
	{ .text = (s), .len = sizeof(s) - 1 }

static uint32_t at(size_t offset) {
	uint32_t v;
	memcpy(&v, buf + offset, sizeof(v));
	return v;
}

static void expect_framed(size_t len, uint32_t type) {
	cr_assert_geq(len, 12);
	cr_expect_eq(len % 4, 0);
	cr_expect_eq(at(0), type);
	cr_expect_eq(at(4), len);
	cr_expect_eq(at(len - 4), len);
}

Test(pcapng, a_section_header_begins_with_its_magic) {
	struct pcapng_section s = {.userappl = TEXT("me")};
	size_t len = pcapng_write_section(buf, sizeof(buf), &s);
	expect_framed(len, 0x0a0d0d0a);
	cr_expect_eq(len, 12 + 16 + 8 + 4);
	cr_expect_eq(at(8), 0x1a2b3c4d);
	cr_expect_eq(at(12), 1);
	cr_expect_eq(at(16), UINT32_MAX);
	cr_expect_arr_eq(buf + 28, "me\0\0", 4);
}

Test(pcapng, a_section_without_options_has_no_end_of_them) {
	struct pcapng_section s = {.os = {.len = 0}};
	cr_expect_eq(pcapng_write_section(buf, sizeof(buf), &s), 28);
}

Test(pcapng, an_interface_counts_nanoseconds) {
	struct pcapng_interface i = {
		.link_type = PCAPNG_LINK_ETHERNET, .snaplen = 200, .name = TEXT("eth0")};
	size_t len = pcapng_write_interface(buf, sizeof(buf), &i);
	expect_framed(len, 1);
	cr_expect_eq(at(8), 1);
	cr_expect_eq(at(12), 200);
	cr_expect_eq(at(16), 4u << 16 | 2);
	cr_expect_eq(at(24), 1u << 16 | 9);
	cr_expect_eq(at(28), 9);
}

Test(pcapng, a_packet_is_padded_and_has_its_comments) {
	struct pcapng_text comments[2] = {TEXT("first"), TEXT("second one")};
	struct pcapng_packet p = {
		.time_ns = UINT64_C(0x1122334455667788),
		.octets = (const uint8_t *)"hello",
		.len = 5,
		.wire_len = 1500,
		.direction = PCAPNG_OUTBOUND,
		.comments = comments,
		.nb_comments = 2,
	};
	size_t len = pcapng_write_packet(buf, sizeof(buf), &p);
	expect_framed(len, 6);
	cr_expect_eq(len, 12 + 20 + 8 + 8 + (4 + 8) + (4 + 12) + 4);
	cr_expect_eq(at(12), 0x11223344);
	cr_expect_eq(at(16), 0x55667788);
	cr_expect_eq(at(20), 5);
	cr_expect_eq(at(24), 1500);
	cr_expect_arr_eq(buf + 28, "hello\0\0\0", 8);
	cr_expect_eq(at(36), 4u << 16 | 2);
	cr_expect_eq(at(40), 2);
}

Test(pcapng, statistics_hold_both_losses) {
	struct pcapng_statistics s = {.ifdrop = 7, .osdrop = 8, .comment = TEXT("end")};
	size_t len = pcapng_write_statistics(buf, sizeof(buf), &s);
	expect_framed(len, 5);
	cr_expect_eq(at(20), 8u << 16 | 5);
	cr_expect_eq(at(24), 7);
	cr_expect_eq(at(32), 8u << 16 | 7);
	cr_expect_eq(at(36), 8);
}

Test(pcapng, what_has_no_room_is_not_begun) {
	struct pcapng_packet p = {.octets = octets, .len = 100, .wire_len = 100};
	size_t len = pcapng_write_packet(buf, sizeof(buf), &p);
	for (size_t room = 0; room < len; room++) {
		memset(buf, 0xee, sizeof(buf));
		cr_assert_eq(pcapng_write_packet(buf, room, &p), 0);
		cr_assert_eq(buf[0], 0xee);
	}
	cr_expect_eq(pcapng_write_packet(buf, len, &p), len);
	struct pcapng_section s = {.comment = TEXT("x")};
	cr_expect_eq(pcapng_write_section(buf, 27, &s), 0);
	struct pcapng_interface i = {.name = TEXT("x")};
	cr_expect_eq(pcapng_write_interface(buf, 19, &i), 0);
	struct pcapng_statistics stats = {.comment = TEXT("x")};
	cr_expect_eq(pcapng_write_statistics(buf, 23, &stats), 0);
}

Test(pcapng, a_text_that_no_length_can_hold_is_refused) {
	struct pcapng_text text = {.text = (const char *)octets, .len = 65536};
	struct pcapng_section s = {.comment = text};
	cr_expect_eq(pcapng_write_section(buf, sizeof(buf), &s), 0);
	struct pcapng_packet p = {.comments = &text, .nb_comments = 1};
	cr_expect_eq(pcapng_write_packet(buf, sizeof(buf), &p), 0);
	text.len = 65535;
	cr_expect_gt(pcapng_write_packet(buf, sizeof(buf), &p), 65535);
}

Test(pcapng, a_block_that_could_not_be_read_again_is_refused) {
	struct pcapng_packet p = {.octets = octets, .len = PCAPNG_BLOCK_MAX_OCTETS - 32 - 12};
	cr_expect_eq(pcapng_write_packet(buf, sizeof(buf), &p), PCAPNG_BLOCK_MAX_OCTETS);
	p.len++;
	cr_expect_eq(pcapng_write_packet(buf, sizeof(buf), &p), 0);
	p.len = UINT32_MAX;
	cr_expect_eq(pcapng_write_packet(buf, sizeof(buf), &p), 0);
}
