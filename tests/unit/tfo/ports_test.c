// The list of a target's ports: without steering, and with tables made by hand.
#include "lib/tfo/ports.h"

#include <criterion/criterion.h>

static const struct ip_addr a4 = {.octets = {[10] = 0xff, [11] = 0xff, 192, 0, 2, 1}};
static const struct ip_addr a6 = {.octets = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}};

static uint64_t spread(unsigned int i) {
	return (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

Test(ports, without_steering_a_target_has_all_ports_of_the_part) {
	static const struct ports parts[] = {
		{32768, 128, NULL}, {65535 - 199, 200, NULL}, {1, 131, NULL}};
	for (unsigned int i = 0; i < 300; i++) {
		const struct ports *p = &parts[i % 3];
		bool is_used[200] = {false};
		cr_assert_eq(ports_nb(p, true), p->count);
		for (unsigned int k = 0; k < p->count; k++) {
			unsigned int at = ports_choose(p, spread(i), &a4, 53, k) - p->first;
			cr_assert_lt(at, p->count);
			cr_assert(!is_used[at]);
			is_used[at] = true;
			cr_assert_eq(
				ports_ordinal(p, spread(i), &a4, 53, (uint16_t)(p->first + at)), k);
		}
	}
}

Test(ports, a_port_of_another_part_has_no_ordinal) {
	static const struct ports p = {40000, 200, NULL};
	cr_expect_eq(ports_ordinal(&p, 1, &a4, 53, 39999), UINT32_MAX);
	cr_expect_eq(ports_ordinal(&p, 1, &a4, 53, 40200), UINT32_MAX);
	cr_expect_neq(ports_ordinal(&p, 1, &a4, 53, 40199), UINT32_MAX);
}

// The hash is the lowest bit of their last octet and of our port; entry 1 is ours. Ports 40000 to
// 40004: class 0 has three, of which two are used, class 1 has two.
static struct ports_steering by_hand(void) {
	static const uint16_t by_class[] = {40000, 40002, 40001, 40003};
	static const uint16_t place_of[] = {0, 0, 1, 1, 2};
	struct ports_steering s = {.mask = 1, .nb_good = 1, .good = {1}};
	s.good_of[0] = PORTS_MAX_ENTRIES;
	for (unsigned int v = 0; v < 256; v++)
		s.v4.raddr[15][v] = s.v4.lport[1][v] = v & 1;
	s.v4.nb_each = 2;
	s.v4.by_class = by_class;
	s.v4.place_of = place_of;
	s.v6 = s.v4;
	return s;
}

Test(ports, with_steering_only_ports_of_the_right_class_are_chosen) {
	struct ports_steering s = by_hand();
	struct ports p = {40000, 5, &s};
	for (unsigned int i = 0; i < 100; i++) {
		struct ip_addr addr = i % 2 ? a4 : a6;
		addr.octets[15] = (uint8_t)i;
		for (unsigned int k = 0; k < 2; k++) {
			uint16_t port = ports_choose(&p, spread(i), &addr, 53, k);
			cr_assert_eq((port ^ i) & 1, 1);
			cr_assert_eq(ports_ordinal(&p, spread(i), &addr, 53, port), k);
		}
		cr_assert_neq(ports_choose(&p, spread(i), &addr, 53, 0),
			ports_choose(&p, spread(i), &addr, 53, 1));
	}
}

Test(ports, a_port_of_the_wrong_class_or_beyond_the_cut_has_no_ordinal) {
	struct ports_steering s = by_hand();
	struct ports p = {40000, 5, &s};
	cr_expect_eq(ports_nb(&p, true), 2);
	cr_expect_eq(ports_ordinal(&p, 7, &a4, 53, 40001), UINT32_MAX, "1 xor 1 is entry 0");
	struct ip_addr even = a4;
	even.octets[15] = 2;
	cr_expect_neq(ports_ordinal(&p, 7, &even, 53, 40001), UINT32_MAX);
	even.octets[15] = 1;
	cr_expect_eq(ports_ordinal(&p, 7, &even, 53, 40004), UINT32_MAX, "the third of its class");
}
