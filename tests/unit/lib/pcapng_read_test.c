// What was written is read again; what is cut, broken or swapped is told.
#include "lib/pcapng.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define TEXT(s)                                                                                    \
	{ .text = (s), .len = sizeof(s) - 1 }

static uint8_t file[1 << 16];
static size_t file_len;
static struct pcapng_reader r;
static struct pcapng_block block;

static void add(size_t len) {
	cr_assert_gt(len, 0);
	file_len += len;
}

static uint8_t *end(void) {
	return file + file_len;
}

static size_t room(void) {
	return sizeof(file) - file_len;
}

static void add_start(void) {
	struct pcapng_section s = {.comment = TEXT("{\"dpdk-tfoscan\":1}"), .os = TEXT("Linux")};
	struct pcapng_interface i = {.link_type = PCAPNG_LINK_ETHERNET, .name = TEXT("eth0")};
	file_len = 0;
	add(pcapng_write_section(end(), room(), &s));
	add(pcapng_write_interface(end(), room(), &i));
}

static void add_packet(uint64_t time_ns, enum pcapng_direction direction) {
	static const struct pcapng_text comments[2] = {TEXT("one"), TEXT("and two")};
	struct pcapng_packet p = {
		.time_ns = time_ns,
		.octets = (const uint8_t *)"octets",
		.len = 6,
		.wire_len = 60,
		.direction = direction,
		.comments = comments,
		.nb_comments = 2,
	};
	add(pcapng_write_packet(end(), room(), &p));
}

static void open_octets(const uint8_t *octets, size_t len) {
	int fd = memfd_create("pcapng", 0);
	cr_assert_eq(write(fd, octets, len), (ssize_t)len);
	lseek(fd, 0, SEEK_SET);
	cr_assert_eq(pcapng_open(&r, fd), 0);
}

static void close_all(void) {
	close(r.fd);
	pcapng_close(&r);
}

static void expect_step(enum pcapng_step step) {
	cr_assert_eq(pcapng_next(&r, &block), step, "%s", r.what ? r.what : "");
}

static void expect_option(size_t *pos, uint16_t code, const char *text) {
	struct pcapng_option option;
	cr_assert(pcapng_option_next(&block, pos, &option));
	cr_expect_eq(option.code, code);
	cr_assert_eq(option.len, strlen(text));
	cr_expect_arr_eq(option.value, text, option.len);
}

Test(pcapng_read, what_was_written_is_read) {
	add_start();
	add_packet(UINT64_C(1795435200123456789), PCAPNG_OUTBOUND);
	add_packet(UINT64_MAX, PCAPNG_INBOUND);
	struct pcapng_statistics s = {.time_ns = 5, .ifdrop = 7, .comment = TEXT("end")};
	add(pcapng_write_statistics(end(), room(), &s));
	open_octets(file, file_len);

	expect_step(PCAPNG_FOUND);
	cr_expect_eq(block.kind, PCAPNG_SECTION);
	size_t pos = 0;
	expect_option(&pos, PCAPNG_OPT_COMMENT, "{\"dpdk-tfoscan\":1}");
	expect_option(&pos, PCAPNG_SHB_OS, "Linux");
	struct pcapng_option option;
	cr_expect_not(pcapng_option_next(&block, &pos, &option));
	expect_step(PCAPNG_FOUND);
	cr_expect_eq(block.kind, PCAPNG_INTERFACE);
	cr_expect_eq(block.interface.link_type, PCAPNG_LINK_ETHERNET);
	pos = 0;
	expect_option(&pos, PCAPNG_IF_NAME, "eth0");

	expect_step(PCAPNG_FOUND);
	cr_expect_eq(block.kind, PCAPNG_PACKET);
	cr_expect_eq(block.packet.time_ns, UINT64_C(1795435200123456789));
	cr_expect_eq(block.packet.direction, PCAPNG_OUTBOUND);
	cr_expect_eq(block.packet.len, 6);
	cr_expect_eq(block.packet.wire_len, 60);
	cr_expect_arr_eq(block.packet.octets, "octets", 6);
	pos = 0;
	cr_assert(pcapng_option_next(&block, &pos, &option)); // the flags
	expect_option(&pos, PCAPNG_OPT_COMMENT, "one");
	expect_option(&pos, PCAPNG_OPT_COMMENT, "and two");
	expect_step(PCAPNG_FOUND);
	cr_expect_eq(block.packet.time_ns, UINT64_MAX);
	cr_expect_eq(block.packet.direction, PCAPNG_INBOUND);
	expect_step(PCAPNG_FOUND);
	cr_expect_eq(block.kind, PCAPNG_STATISTICS);
	cr_expect_eq(block.statistics_time_ns, 5);
	expect_step(PCAPNG_END);
	expect_step(PCAPNG_END);
	close_all();
}

Test(pcapng_read, a_file_that_ends_anywhere_is_truncated_there) {
	add_start();
	size_t start = file_len;
	add_packet(1, PCAPNG_INBOUND);
	size_t second = file_len;
	add_packet(2, PCAPNG_INBOUND);
	for (size_t len = start; len < file_len; len++) {
		open_octets(file, len);
		expect_step(PCAPNG_FOUND);
		expect_step(PCAPNG_FOUND);
		if (len >= second)
			expect_step(PCAPNG_FOUND);
		bool is_whole = len == start || len == second;
		expect_step(is_whole ? PCAPNG_END : PCAPNG_TRUNCATED);
		if (!is_whole) {
			cr_expect_eq(r.offset, len >= second ? second : start);
			cr_expect_eq(r.nb_blocks, len >= second ? 4 : 3);
			expect_step(PCAPNG_END);
		}
		close_all();
	}
}

Test(pcapng_read, other_octets_are_no_pcapng) {
	static const char *const texts[] = {"", "x", "\xd4\xc3\xb2\xa1 an old pcap file, all of it",
		"\x0a\x0d\x0d\x0a\x1c\0\0\0no magic in this one, though"};
	static const size_t lens[] = {0, 1, 30, 36};
	for (size_t i = 0; i < 4; i++) {
		open_octets((const uint8_t *)texts[i], lens[i]);
		expect_step(PCAPNG_NOT_PCAPNG);
		close_all();
	}
}

// One field of the packet block made wrong.
static void expect_broken(size_t offset, uint32_t value) {
	uint8_t saved[4];
	memcpy(saved, file + offset, 4);
	memcpy(file + offset, &value, 4);
	open_octets(file, file_len);
	expect_step(PCAPNG_FOUND);
	expect_step(PCAPNG_FOUND);
	expect_step(PCAPNG_BROKEN);
	cr_expect_not_null(r.what);
	cr_expect_eq(r.nb_blocks, 3);
	expect_step(PCAPNG_END);
	close_all();
	memcpy(file + offset, saved, 4);
}

Test(pcapng_read, a_block_that_contradicts_itself_is_broken) {
	add_start();
	size_t at = file_len;
	add_packet(1, PCAPNG_INBOUND);
	uint32_t total = (uint32_t)(file_len - at);
	expect_broken(at + 4, 0);
	expect_broken(at + 4, 8);
	expect_broken(at + 4, total - 1);
	expect_broken(at + 4, total - 4); // the other length is not there
	expect_broken(at + 4, PCAPNG_BLOCK_MAX_OCTETS + 4);
	expect_broken(at + 4, UINT32_MAX - 3);
	expect_broken(at + 8, 1);      // an interface that nobody described
	expect_broken(at + 20, total); // more octets than the block has
	expect_broken(at + 20, UINT32_MAX);
	expect_broken(file_len - 4, total + 4);
}

Test(pcapng_read, options_end_at_the_first_broken_one) {
	uint8_t options[] = {1, 0, 2, 0, 'a', 'b', 0, 0, 1, 0, 200, 0, 'x', 'y', 'z', 0};
	block = (struct pcapng_block){.options = options, .options_len = sizeof(options)};
	size_t pos = 0;
	struct pcapng_option option;
	cr_assert(pcapng_option_next(&block, &pos, &option));
	cr_expect_eq(option.len, 2);
	cr_expect_not(pcapng_option_next(&block, &pos, &option));
	for (size_t len = 0; len < 8; len++) {
		pos = 0;
		block.options_len = len;
		cr_expect_not(pcapng_option_next(&block, &pos, &option));
	}
}

static void put(uint32_t v) {
	v = __builtin_bswap32(v);
	memcpy(end(), &v, 4);
	file_len += 4;
}

static void put_half(uint16_t a, uint16_t b) {
	put((uint32_t)a << 16 | b);
}

// A file of a machine of the other kind; resolution and offset of its clock.
static uint64_t swapped_time(uint8_t resolution, uint32_t offset_s, uint64_t ticks) {
	file_len = 0;
	put(0x0a0d0d0a), put(28), put(0x1a2b3c4d), put_half(1, 0), put(UINT32_MAX), put(UINT32_MAX);
	put(28);
	put(1), put(44), put_half(1, 0), put(0);
	put_half(9, 1), put((uint32_t)resolution << 24);
	put_half(14, 8), put(0), put(offset_s), put(0), put(44);
	put(6), put(48), put(0), put((uint32_t)(ticks >> 32)), put((uint32_t)ticks), put(3),
		put(60);
	put(0x61626300), put_half(2, 4), put(1), put(0), put(48);
	open_octets(file, file_len);
	expect_step(PCAPNG_FOUND);
	expect_step(PCAPNG_FOUND);
	expect_step(PCAPNG_FOUND);
	cr_expect_eq(block.packet.direction, PCAPNG_INBOUND);
	cr_expect_eq(block.packet.len, 3);
	cr_expect_eq(block.packet.wire_len, 60);
	cr_expect_arr_eq(block.packet.octets, "abc", 3);
	uint64_t ns = block.packet.time_ns;
	expect_step(PCAPNG_END);
	close_all();
	return ns;
}

Test(pcapng_read, the_other_order_of_octets_is_read) {
	cr_expect_eq(
		swapped_time(9, 0, UINT64_C(1795435200123456789)), UINT64_C(1795435200123456789));
}

Test(pcapng_read, clocks_of_every_resolution_give_nanoseconds) {
	cr_expect_eq(swapped_time(6, 0, UINT64_C(1795435200123456)), UINT64_C(1795435200123456000));
	cr_expect_eq(swapped_time(0, 0, 5), UINT64_C(5000000000));
	cr_expect_eq(swapped_time(12, 0, 5999), 5);
	cr_expect_eq(swapped_time(127, 0, UINT64_MAX), 0);
	cr_expect_eq(swapped_time(0x80 | 1, 0, 3), UINT64_C(1500000000));
	cr_expect_eq(swapped_time(0x80 | 127, 0, 3), 0);
	cr_expect_eq(swapped_time(9, 2, 1), UINT64_C(2000000001));
	cr_expect_eq(swapped_time(0, 0, UINT64_MAX), UINT64_MAX, "no later time can be told");
}

Test(pcapng_read, a_pipe_that_gives_little_at_a_time_is_read) {
	add_start();
	add_packet(1, PCAPNG_INBOUND);
	int ends[2];
	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(pcapng_open(&r, ends[0]), 0);
	cr_assert_eq(write(ends[1], file, file_len), (ssize_t)file_len);
	expect_step(PCAPNG_FOUND);
	expect_step(PCAPNG_FOUND);
	expect_step(PCAPNG_FOUND);
	close(ends[1]);
	expect_step(PCAPNG_END);
	close_all();
}

Test(pcapng_read, a_read_that_fails_is_told) {
	cr_assert_eq(pcapng_open(&r, -1), 0);
	expect_step(PCAPNG_FAILED);
	cr_expect_neq(r.os_error, 0);
	pcapng_close(&r);
}
