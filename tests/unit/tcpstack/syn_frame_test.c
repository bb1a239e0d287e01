// The octets must be those that frame_write would have written.
#include "lib/tcpstack/syn_frame.h"

#include "lib/tcpstack/bytes.h"

#include <criterion/criterion.h>

static const uint8_t src_mac[MAC_OCTETS] = {2, 0, 0, 0, 0, 1};
static const uint8_t dst_mac[MAC_OCTETS] = {2, 0, 0, 0, 0, 2};

static uint64_t state = 1;

static uint32_t chance(void) {
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(state >> 32);
}

static struct ip_addr some_addr(bool is_v4) {
	uint8_t octets[ADDR6_OCTETS];
	for (unsigned int i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)chance();
	octets[0] |= 0x20; // never a mapped one
	return is_v4 ? addr_from_v4(octets) : addr_from_v6(octets);
}

static size_t write_options(uint8_t *options, bool has_timestamps, unsigned int nb_more) {
	size_t len = 4;
	put_be32(options, 0x020405b4);
	if (has_timestamps) {
		put_be32(options + 4, 0x0402080a);
		put_be32(options + 8, chance());
		put_be32(options + 12, 0);
		len = 16;
	}
	for (unsigned int i = 0; i < nb_more; i++, len += 4)
		put_be32(options + len, 0x22040101);
	return len;
}

static void compare(bool is_v4, bool has_timestamps, unsigned int nb_more) {
	uint8_t options[TCPOPT_MAX_OCTETS], want[FRAME_MAX_OCTETS], got[SYN_FRAME_MAX_OCTETS];
	struct segment seg = {.src = some_addr(is_v4), .dst = some_addr(is_v4), .window = 64240};
	seg.flags = TCP_SYN;
	seg.options = options;
	seg.options_len = (uint8_t)write_options(options, has_timestamps, nb_more);
	struct syn_pattern pattern;
	syn_pattern_init(&pattern, src_mac, &seg);
	for (unsigned int i = 0; i < 2000; i++) {
		bool is_zero = i == 0;
		seg.dst = some_addr(is_v4);
		seg.sport = is_zero ? 0 : (uint16_t)chance();
		seg.dport = is_zero ? 0 : (uint16_t)chance();
		seg.seq = is_zero ? 0 : chance();
		struct syn_fields fields = {.dst = &seg.dst,
			.dst_mac = dst_mac,
			.seq = seg.seq,
			.sport = seg.sport,
			.dport = seg.dport,
			.tsval = chance(),
			.flow_label = chance() & 0xfffff,
			.ip_id = (uint16_t)chance()};
		if (has_timestamps)
			put_be32(options + 8, fields.tsval);
		struct frame_route route = {.ip_id = fields.ip_id, .flow_label = fields.flow_label};
		memcpy(route.src_mac, src_mac, MAC_OCTETS);
		memcpy(route.dst_mac, dst_mac, MAC_OCTETS);
		size_t len = frame_write(want, sizeof(want), &route, &seg);
		syn_frame_write(got, &pattern, &fields);
		cr_assert_eq(pattern.len, len);
		cr_assert_arr_eq(got, want, len);
	}
}

Test(syn_frame, all_kinds_are_those_of_frame_write) {
	for (unsigned int nb_more = 0; nb_more <= 6; nb_more++) {
		compare(true, true, nb_more);
		compare(false, true, nb_more);
		compare(true, false, nb_more);
		compare(false, false, nb_more);
	}
}

Test(syn_frame, no_more_is_written_than_the_header_promises) {
	uint8_t options[TCPOPT_MAX_OCTETS] = {0}, got[SYN_FRAME_MAX_OCTETS + 1];
	struct segment seg = {.src = some_addr(false), .dst = some_addr(false)};
	seg.flags = TCP_SYN;
	seg.options = options;
	seg.options_len = sizeof(options);
	struct syn_pattern pattern;
	syn_pattern_init(&pattern, src_mac, &seg);
	cr_assert_leq(pattern.copy_octets, SYN_FRAME_MAX_OCTETS);
	got[SYN_FRAME_MAX_OCTETS] = 0xee;
	syn_frame_write(got, &pattern, &(struct syn_fields){.dst = &seg.dst, .dst_mac = dst_mac});
	cr_assert_eq(got[SYN_FRAME_MAX_OCTETS], 0xee);
}
