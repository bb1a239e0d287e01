// Our own segments as frames.
#include "lib/tcpstack/bytes.h"
#include "lib/tcpstack/checksum.h"
#include "tests/unit/tcpstack/draft.h"

static const struct frame_route route = {
	.src_mac = {2, 0, 0, 0, 0, 1},
	.dst_mac = {2, 0, 0, 0, 0, 2},
	.ip_id = 331,
	.flow_label = 0xff955,
};

// What a captured frame says.
static struct segment segment_of(const uint8_t *octets, size_t len) {
	struct frame f;
	cr_assert_eq(frame_parse(octets, len, FRAME_TRUST_NOTHING, &f), FRAME_TCP);
	return f.seg;
}

#define SEGMENT_OF(captured) segment_of(captured, sizeof(captured))

// Into a block of this very size, which held something else before.
static size_t write_into(struct draft *d, size_t capacity, const struct segment *seg) {
	uint8_t *block = malloc(capacity + 1), *start = block + 1;
	memset(start, 0xee, capacity);
	size_t len = frame_write(start, capacity, &route, seg);
	cr_assert_leq(len, capacity);
	memcpy(d->octets, start, len);
	d->len = len;
	free(block);
	return len;
}

// What the kernel wrote is what we write, if we are told the same.
Test(frame_write, ipv4_syn_is_written_as_the_kernel_does) {
	struct segment seg = SEGMENT_OF(captured_syn4);
	struct draft d;
	cr_assert_eq(write_into(&d, sizeof(captured_syn4), &seg), sizeof(captured_syn4));
	cr_assert_arr_eq(d.octets, captured_syn4, sizeof(captured_syn4));
}

Test(frame_write, ipv6_syn_is_written_as_the_kernel_does) {
	struct segment seg = SEGMENT_OF(captured_syn6);
	struct draft d;
	cr_assert_eq(write_into(&d, sizeof(captured_syn6), &seg), sizeof(captured_syn6));
	cr_assert_arr_eq(d.octets, captured_syn6, sizeof(captured_syn6));
}

// What a NIC does with a frame whose checksums it was asked for: the sums over what it finds.
static void finish_as_a_nic(uint8_t *octets, size_t len, bool is_v4) {
	uint8_t *ip = octets + ETHER_HEADER_OCTETS;
	uint8_t *tcp = ip + (is_v4 ? 20 : 40);
	if (is_v4) {
		cr_assert_eq(get_be16(ip + 10), 0);
		put_be16(ip + 10, checksum(ip, 20));
	}
	put_be16(tcp + 16, checksum(tcp, len - (size_t)(tcp - octets)));
}

static void nic_makes_the_same(const uint8_t *captured, size_t len, bool is_v4) {
	struct segment seg = segment_of(captured, len);
	struct frame_route by_nic = route;
	by_nic.by_nic = FRAME_IP_CHECKSUM_BY_NIC | FRAME_TCP_CHECKSUM_BY_NIC;
	uint8_t whole[FRAME_MAX_OCTETS], left[FRAME_MAX_OCTETS];
	cr_assert_eq(frame_write(whole, sizeof(whole), &route, &seg), len);
	cr_assert_eq(frame_write(left, sizeof(left), &by_nic, &seg), len);
	cr_assert_arr_neq(left, whole, len);
	finish_as_a_nic(left, len, is_v4);
	cr_assert_arr_eq(left, whole, len);
}

Test(frame_write, checksums_left_to_the_nic_come_out_the_same) {
	nic_makes_the_same(captured_syn4, sizeof(captured_syn4), true);
	nic_makes_the_same(captured_answer4, sizeof(captured_answer4), true);
	nic_makes_the_same(captured_syn6, sizeof(captured_syn6), false);
	nic_makes_the_same(captured_syn_data6, sizeof(captured_syn_data6), false);
}

Test(frame_write, one_checksum_may_be_left_to_the_nic_without_the_other) {
	struct segment seg = SEGMENT_OF(captured_syn4);
	struct frame_route tcp_by_nic = route;
	tcp_by_nic.by_nic = FRAME_TCP_CHECKSUM_BY_NIC;
	uint8_t octets[FRAME_MAX_OCTETS];
	frame_write(octets, sizeof(octets), &tcp_by_nic, &seg);
	cr_assert_eq(checksum(octets + ETHER_HEADER_OCTETS, 20), 0);
	put_be16(octets + ETHER_HEADER_OCTETS + 10, 0);
	finish_as_a_nic(octets, sizeof(captured_syn4), true);
	cr_assert_arr_eq(octets, captured_syn4, sizeof(captured_syn4));
}

static void comes_back_the_same(const struct segment *seg) {
	struct draft d;
	struct frame f;
	cr_assert_gt(write_into(&d, sizeof(d.octets), seg), 0);
	cr_assert_eq(parse_cut(d.octets, d.len, FRAME_TRUST_NOTHING, &f), FRAME_TCP);
	frame_parse(d.octets, d.len, FRAME_TRUST_NOTHING, &f);
	cr_assert(addr_equal(&f.seg.src, &seg->src));
	cr_assert(addr_equal(&f.seg.dst, &seg->dst));
	cr_assert_eq(f.seg.sport, seg->sport);
	cr_assert_eq(f.seg.dport, seg->dport);
	cr_assert_eq(f.seg.seq, seg->seq);
	cr_assert_eq(f.seg.ack, seg->ack);
	cr_assert_eq(f.seg.window, seg->window);
	cr_assert_eq(f.seg.flags, seg->flags);
	cr_assert_eq(f.seg.ttl, seg->ttl);
	cr_assert_eq(f.seg.options_len, seg->options_len);
	cr_assert_arr_eq(f.seg.options, seg->options, seg->options_len);
	cr_assert_eq(f.seg.data_len, seg->data_len);
	cr_assert_arr_eq(f.seg.data, seg->data, seg->data_len);
}

Test(frame_write, segments_come_back_the_same) {
	struct segment segs[] = {SEGMENT_OF(captured_syn_data4), SEGMENT_OF(captured_cookie4),
		SEGMENT_OF(captured_answer4), SEGMENT_OF(captured_syn_data6),
		SEGMENT_OF(captured_cookie6), SEGMENT_OF(captured_answer6)};
	for (size_t i = 0; i < NB(segs); i++) {
		segs[i].ttl = (uint8_t)(255 - i);
		comes_back_the_same(&segs[i]);
	}
}

Test(frame_write, segment_of_header_alone_is_written) {
	struct segment seg = {
		.src = v4(192, 0, 2, 1),
		.dst = v4(192, 0, 2, 2),
		.sport = 40001,
		.dport = 53,
		.seq = 7,
		.flags = TCP_RST,
	};
	struct draft d;
	struct frame f;
	cr_assert_eq(write_into(&d, 54, &seg), 54);
	cr_assert_eq(frame_parse(d.octets, d.len, FRAME_TRUST_NOTHING, &f), FRAME_TCP);
	cr_assert_eq(f.seg.seq, 7);
	cr_assert_eq(f.seg.options_len, 0);
}

Test(frame_write, macs_are_those_of_the_route) {
	struct segment seg = SEGMENT_OF(captured_syn6);
	struct draft d;
	write_into(&d, sizeof(d.octets), &seg);
	cr_assert_arr_eq(d.octets, route.dst_mac, MAC_OCTETS);
	cr_assert_arr_eq(d.octets + MAC_OCTETS, route.src_mac, MAC_OCTETS);
}

Test(frame_write, ttl_is_64_unless_the_segment_says_otherwise) {
	struct segment seg = SEGMENT_OF(captured_syn4);
	struct draft d;
	seg.ttl = 0;
	write_into(&d, sizeof(d.octets), &seg);
	cr_assert_eq(d.octets[IP_AT + 8], 64);
	seg.ttl = 7;
	write_into(&d, sizeof(d.octets), &seg);
	cr_assert_eq(d.octets[IP_AT + 8], 7);
	seg = SEGMENT_OF(captured_syn6);
	seg.ttl = 0;
	write_into(&d, sizeof(d.octets), &seg);
	cr_assert_eq(d.octets[IP_AT + 7], 64);
}

Test(frame_write, flow_label_has_twenty_bits) {
	struct frame_route wide = route;
	wide.flow_label = 0xfff12345;
	struct segment seg = SEGMENT_OF(captured_syn6);
	uint8_t octets[FRAME_MAX_OCTETS];
	frame_write(octets, sizeof(octets), &wide, &seg);
	cr_assert_eq(get_be32(octets + IP_AT), 0x60012345);
}

Test(frame_write, buffer_that_is_too_small_is_not_touched) {
	struct segment seg = SEGMENT_OF(captured_syn_data4);
	for (size_t capacity = 0; capacity < sizeof(captured_syn_data4); capacity++) {
		struct draft d;
		cr_assert_eq(write_into(&d, capacity, &seg), 0, "capacity %zu", capacity);
	}
	uint8_t octets[sizeof(captured_syn_data4) - 1] = {0x5a};
	cr_assert_eq(frame_write(octets, sizeof(octets), &route, &seg), 0);
	cr_assert_eq(octets[0], 0x5a);
}

Test(frame_write, largest_segment_of_an_ethernet_frame_fits) {
	static const uint8_t data[1460];
	struct segment seg = SEGMENT_OF(captured_rst4);
	uint8_t octets[FRAME_MAX_OCTETS];
	seg.data = data;
	seg.data_len = sizeof(data);
	cr_assert_eq(frame_write(octets, sizeof(octets), &route, &seg), FRAME_MAX_OCTETS);
	struct frame f;
	cr_assert_eq(frame_parse(octets, sizeof(octets), FRAME_TRUST_NOTHING, &f), FRAME_TCP);
	cr_assert_eq(f.seg.data_len, sizeof(data));
}

// A sum of zeros is written as it is: only UDP makes an exception of 0.
Test(frame_write, every_checksum_is_right) {
	struct segment seg = SEGMENT_OF(captured_syn4);
	for (uint32_t seq = 0; seq < 0x10000; seq++) {
		struct frame f;
		uint8_t octets[128];
		seg.seq = seq;
		size_t len = frame_write(octets, sizeof(octets), &route, &seg);
		cr_assert_eq(frame_parse(octets, len, FRAME_TRUST_NOTHING, &f), FRAME_TCP);
	}
}
