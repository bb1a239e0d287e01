// What sets a proxy apart from the server behind it, told by single segments.
#include "tests/unit/tfo/target_by_hand.h"

static bool is_suspect(void) {
	return t.evidence[PROBE_BASELINE].marks & MARK_SYNPROXY;
}

static struct segment with_timestamps(uint8_t *octets, uint32_t tsval) {
	struct segment seg = theirs(TCP_ACK, SERVER_ISS + 1, 1u + payload_len());
	seg.options_len = timestamps_of(conn()->ts_base, octets);
	seg.options = octets;
	put_be32(octets + 4, tsval);
	return seg;
}

static void begin(bool synack_has_timestamps) {
	uint8_t octets[12];
	set_up();
	send_all();
	struct segment seg = theirs(TCP_SYN | TCP_ACK, SERVER_ISS, 1);
	if (synack_has_timestamps) {
		seg.options_len = timestamps_of(conn()->ts_base, octets);
		seg.options = octets; // TSval 1
	}
	cr_assert(receive(&seg));
	send_all();
	now_ns += 100 * NSEC_PER_MSEC;
}

Test(target_note, a_server_goes_on_as_its_syn_ack_began) {
	uint8_t octets[12];
	begin(true);
	struct segment seg = with_timestamps(octets, 101);
	cr_assert(receive(&seg));
	cr_expect_not(is_suspect());
	begin(false);
	receive_flags(TCP_ACK, SERVER_ISS + 1, 1u + payload_len());
	cr_expect_not(is_suspect());
}

Test(target_note, another_ttl_is_suspect) {
	uint8_t octets[12];
	begin(true);
	struct segment seg = with_timestamps(octets, 101);
	seg.ttl = TTL - 1;
	cr_assert(receive(&seg));
	cr_expect(is_suspect());
}

Test(target_note, timestamps_that_come_or_go_are_suspect) {
	uint8_t octets[12];
	begin(true);
	receive_flags(TCP_ACK, SERVER_ISS + 1, 1u + payload_len());
	cr_expect(is_suspect());
	begin(false);
	struct segment seg = with_timestamps(octets, 101);
	cr_assert(receive(&seg));
	cr_expect(is_suspect());
}

Test(target_note, timestamps_of_another_clock_are_suspect) {
	uint8_t octets[12];
	begin(true);
	struct segment seg = with_timestamps(octets, 70000);
	cr_assert(receive(&seg));
	cr_expect(is_suspect(), "a minute too far");
	begin(true);
	seg = with_timestamps(octets, 0xfff00000);
	cr_assert(receive(&seg));
	cr_expect(is_suspect(), "back");
	begin(true);
	seg = with_timestamps(octets, 0);
	cr_assert(receive(&seg));
	cr_expect_not(is_suspect(), "one tick back: reordered");
}

Test(target_note, what_is_refused_as_odd_is_nobodys_mark) {
	uint8_t octets[12];
	begin(true);
	struct segment seg = with_timestamps(octets, 0x12345678);
	seg.ack += 0x10000;
	seg.ttl = 1;
	receive(&seg);
	cr_expect_not(is_suspect());
}
