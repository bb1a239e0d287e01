// Files that libpcap reads, and the link layers before an IP header.
#include "lib/pcapfile.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define TEST_FILE_MAX 4096

static uint8_t file[TEST_FILE_MAX];
static size_t file_len;

static void put(const void *octets, size_t len) {
	memcpy(file + file_len, octets, len);
	file_len += len;
}

static void put32(uint32_t v) {
	put(&v, sizeof(v));
}

static void start(uint32_t magic, uint32_t link_type) {
	file_len = 0;
	put32(magic);
	put((const uint16_t[]){2, 4}, 4);
	put32(0), put32(0), put32(65535), put32(link_type);
}

static void add(
	uint32_t seconds, uint32_t fraction, const void *octets, uint32_t len, uint32_t wire_len) {
	put32(seconds), put32(fraction), put32(len), put32(wire_len);
	put(octets, len);
}

#define NANOSECONDS 0xa1b23c4d
#define MICROSECONDS 0xa1b2c3d4

static struct pcapfile f;
static struct pcapfile_packet packet;

static int open_file(size_t len) {
	static uint8_t copy[TEST_FILE_MAX];
	memcpy(copy, file, len);
	return pcapfile_open(&f, fmemopen(copy, len ? len : 1, "r"));
}

Test(pcapfile, nanoseconds_are_read_as_such_and_microseconds_too) {
	start(NANOSECONDS, 101);
	add(5, 123456789, "\x45 packet", 8, 60);
	cr_assert_eq(open_file(file_len), 0, "%s", f.error);
	cr_assert_eq(pcapfile_next(&f, &packet), PCAPFILE_IP);
	cr_expect_eq(packet.time_ns, UINT64_C(5123456789));
	cr_expect_eq(packet.len, 8);
	cr_expect_eq(packet.wire_len, 60);
	cr_expect_eq(packet.octets[0], 0x45);
	cr_expect_eq(pcapfile_next(&f, &packet), PCAPFILE_END);
	pcapfile_close(&f);

	start(MICROSECONDS, 101);
	add(5, 123456, "\x60 packet", 8, 8);
	cr_assert_eq(open_file(file_len), 0);
	cr_assert_eq(pcapfile_next(&f, &packet), PCAPFILE_IP);
	cr_expect_eq(packet.time_ns, UINT64_C(5123456000));
	pcapfile_close(&f);
}

Test(pcapfile, a_file_that_ends_in_a_packet_is_broken_behind_what_was_read) {
	start(MICROSECONDS, 101);
	add(5, 0, "\x45 packet", 8, 8);
	size_t first = file_len;
	add(6, 0, "\x45 packet", 8, 8);
	for (size_t len = first + 1; len < file_len; len++) {
		cr_assert_eq(open_file(len), 0);
		cr_expect_eq(pcapfile_next(&f, &packet), PCAPFILE_IP);
		cr_expect_eq(pcapfile_next(&f, &packet), PCAPFILE_BROKEN, "%zu", len);
		cr_expect_eq(f.nb_packets, 1);
		cr_expect_neq(f.error[0], '\0');
		pcapfile_close(&f);
	}
}

Test(pcapfile, what_is_no_capture_is_refused) {
	memset(file, 'x', 100);
	cr_expect_eq(open_file(100), -1);
	cr_expect_neq(f.error[0], '\0');
	cr_expect_eq(open_file(3), -1);
}

Test(pcapfile, a_link_type_that_is_not_read_is_refused_by_name) {
	start(MICROSECONDS, 105); // IEEE 802.11
	cr_expect_eq(open_file(file_len), -1);
	cr_expect_not_null(strstr(f.error, "IEEE802_11"), "%s", f.error);
}

static bool skip(int link_type, const char *octets, size_t len) {
	packet = (struct pcapfile_packet){
		.octets = (const uint8_t *)octets, .len = len, .wire_len = len + 100};
	return pcapfile_skip_link(link_type, &packet);
}

#define SKIP(type, text) skip(type, text, sizeof(text) - 1)
#define MACS "\2\0\0\0\0\1\2\0\0\0\0\2"

static void expect_ip(bool is_ip, const char *packet_text) {
	cr_assert(is_ip);
	size_t len = strlen(packet_text);
	cr_expect_eq(packet.len, len);
	cr_expect_eq(packet.wire_len, len + 100);
	cr_expect_arr_eq(packet.octets, packet_text, len);
}

Test(pcapfile, every_link_layer_is_stepped_over) {
	expect_ip(SKIP(DLT_EN10MB, MACS "\x08\x00\x45tail"), "\x45tail");
	expect_ip(SKIP(DLT_EN10MB, MACS "\x86\xdd\x60tail"), "\x60tail");
	expect_ip(SKIP(DLT_LINUX_SLL, "\0\0\0\1\0\6\2\0\0\0\0\1\0\0\x08\x00\x45tail"), "\x45tail");
	expect_ip(SKIP(DLT_LINUX_SLL2, "\x86\xdd\0\0\0\0\0\1\0\1\0\6\2\0\0\0\0\1\0\0\x60tail"),
		"\x60tail");
	expect_ip(SKIP(DLT_RAW, "\x45tail"), "\x45tail");
	expect_ip(SKIP(DLT_IPV4, "\x45tail"), "\x45tail");
	expect_ip(SKIP(DLT_IPV6, "\x60tail"), "\x60tail");
	expect_ip(SKIP(DLT_NULL, "\2\0\0\0\x45tail"), "\x45tail");
	expect_ip(SKIP(DLT_LOOP, "\0\0\0\x18\x60tail"), "\x60tail");
}

Test(pcapfile, vlan_tags_are_stepped_over) {
	expect_ip(SKIP(DLT_EN10MB, MACS "\x81\x00\0\5\x08\x00\x45tail"), "\x45tail");
	expect_ip(SKIP(DLT_EN10MB, MACS "\x88\xa8\0\5\x81\x00\0\6\x86\xdd\x60tail"), "\x60tail");
	expect_ip(SKIP(DLT_LINUX_SLL, "\0\0\0\1\0\6\2\0\0\0\0\1\0\0\x81\x00\0\5\x08\x00\x45tail"),
		"\x45tail");
	cr_expect_not(SKIP(DLT_EN10MB, MACS "\x81\x00\0\5\x81\x00\0\5\x81\x00\0\5\x81\x00\0\5\x81"
					    "\x00\0\5\x08\x00\x45tail"),
		"five of them");
}

Test(pcapfile, what_is_no_ip_or_is_cut_is_told) {
	cr_expect_not(SKIP(DLT_EN10MB, MACS "\x08\x06\0\1tail"));
	cr_expect_not(SKIP(DLT_EN10MB, MACS "\x08\x00\x25tail"));
	cr_expect_not(SKIP(DLT_NULL, "\x1e\0\0\0"));
	cr_expect_not(SKIP(DLT_RAW, ""));
	cr_expect_not(SKIP(DLT_IEEE802_11, "\x45tail"));
	static const char tagged[] = MACS "\x81\x00\0\5\x08\x00\x45";
	for (size_t len = 0; len < sizeof(tagged) - 1; len++) {
		char *block = malloc(len + 1);
		memcpy(block + 1, tagged, len); // ends where the packet does
		cr_expect_not(skip(DLT_EN10MB, block + 1, len));
		free(block);
	}
}
