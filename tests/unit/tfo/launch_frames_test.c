// The frame of a moment must be the octets of launch_syn's segment, written the long way.
#include "lib/tfo/launch_frames.h"

#include <criterion/criterion.h>

static const uint8_t our_mac[MAC_OCTETS] = {2, 0, 0, 0, 0, 1};
static const uint8_t their_mac[MAC_OCTETS] = {2, 0, 0, 0, 0, 2};

static struct target_rules rules_with(uint8_t tries) {
	struct target_rules rules = {
		.conn = {.syn_tries = tries, .data_tries = tries, .mss4 = 1460, .mss6 = 1440},
		.app = &app_dnstcp,
		.ports = {.first = 40000, .count = 1000},
		.laddr4 = {.octets = {[10] = 0xff, [11] = 0xff, 10, 99, 0, 3}},
		.laddr6 = {.octets = {0x20, 0x01, 0x0d, 0xb8, [15] = 3}},
	};
	numbers_init(&rules.numbers, 11, 12);
	return rules;
}

static void compare(const struct launch *l, const struct target_rules *rules, unsigned int moment,
	uint64_t now_ns) {
	struct launch_frames frames;
	launch_frames_init(&frames, rules, our_mac);
	struct segment seg;
	struct conn_numbers numbers;
	uint8_t options[TCPOPT_MAX_OCTETS], want[FRAME_MAX_OCTETS], got[SYN_FRAME_MAX_OCTETS];
	launch_syn(l, rules, moment, now_ns, &seg, options, &numbers);
	struct frame_route route = {.ip_id = numbers.ip_id, .flow_label = numbers.flow_label};
	memcpy(route.src_mac, our_mac, MAC_OCTETS);
	memcpy(route.dst_mac, their_mac, MAC_OCTETS);
	size_t len = frame_write(want, sizeof(want), &route, &seg);
	cr_assert_eq(launch_frame_write(&frames, l, rules, moment, now_ns, got), len);
	cr_assert_arr_eq(got, want, len);
}

static void go_through(const struct ip_addr *addr, uint8_t tries, uint8_t first_ordinal) {
	struct target_rules rules = rules_with(tries);
	uint64_t now_ns = UINT64_C(1795608000) * NSEC_PER_SEC + 123456;
	struct launch l;
	launch_start(&l, &rules, addr, 53);
	l.first_ordinal = first_ordinal;
	memcpy(l.dst_mac, their_mac, MAC_OCTETS);
	for (unsigned int moment = 0; moment + 1 < launch_nb_moments(tries); moment++) {
		if (moment > 0)
			now_ns = launch_moment_ns(&l, tries, moment) + 7777777;
		compare(&l, &rules, moment, now_ns);
		launch_sent(&l, tries, moment, now_ns);
	}
}

Test(launch_frames, every_moment_is_the_frame_of_launch_syn) {
	for (uint32_t i = 0; i < 200; i++) {
		uint8_t octets[ADDR6_OCTETS] = {0x20, 1, (uint8_t)i, (uint8_t)(i * 37), [15] = 9};
		struct ip_addr v4 = addr_from_v4(octets), v6 = addr_from_v6(octets);
		go_through(&v4, (uint8_t)(1 + i % CONN_MAX_TRIES), (uint8_t)(i % 64));
		go_through(&v6, (uint8_t)(1 + i % CONN_MAX_TRIES), (uint8_t)(i % 64));
	}
}
