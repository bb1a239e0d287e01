// The exact set of (address, port).
#include "lib/seenset.h"

#include "lib/tcpstack/bytes.h"

#include <criterion/criterion.h>
#include <signal.h>

#define KIB 1024
#define NO_LIMIT SIZE_MAX
#define V4_OCTETS 8 // an entry's
#define V6_OCTETS 18

static const struct siphash_key key = {.k0 = 0x0706050403020100, .k1 = 0x0f0e0d0c0b0a0908};

static struct ip_addr v4(uint32_t number) {
	uint8_t octets[ADDR4_OCTETS];
	put_be32(octets, number);
	return addr_from_v4(octets);
}

static struct ip_addr v6(uint32_t first, uint32_t last) {
	uint8_t octets[ADDR6_OCTETS] = {0};
	put_be32(octets, first);
	put_be32(octets + 12, last);
	return addr_from_v6(octets);
}

static enum seenset_answer add(struct seenset *set, struct ip_addr addr, uint16_t port) {
	return seenset_add(set, &addr, port);
}

Test(seenset, the_second_of_a_kind_is_seen) {
	struct seenset *set = seenset_create(&key, NO_LIMIT);
	cr_expect_eq(add(set, v4(0xc0000201), 53), SEENSET_NEW);
	cr_expect_eq(add(set, v4(0xc0000201), 53), SEENSET_SEEN);
	cr_expect_eq(add(set, v6(0x20010db8, 1), 53), SEENSET_NEW);
	cr_expect_eq(add(set, v6(0x20010db8, 1), 53), SEENSET_SEEN);
	cr_expect_eq(seenset_size(set), 2);
	seenset_destroy(set);
}

Test(seenset, another_address_port_or_family_is_new) {
	struct seenset *set = seenset_create(&key, NO_LIMIT);
	cr_expect_eq(add(set, v4(0xc0000201), 53), SEENSET_NEW);
	cr_expect_eq(add(set, v4(0xc0000202), 53), SEENSET_NEW);
	cr_expect_eq(add(set, v4(0xc0000201), 54), SEENSET_NEW);
	cr_expect_eq(add(set, v4(0xc0000201), 53 << 8), SEENSET_NEW);
	cr_expect_eq(add(set, v6(0, 0xc0000201), 53), SEENSET_NEW);
	cr_expect_eq(add(set, v6(0xc0000201, 0), 53), SEENSET_NEW);
	cr_expect_eq(add(set, v6(0, 0xc0000201), 54), SEENSET_NEW);
	seenset_destroy(set);
}

Test(seenset, the_lowest_entries_are_no_empty_slots) {
	struct seenset *set = seenset_create(&key, NO_LIMIT);
	cr_expect_eq(add(set, v4(0), 1), SEENSET_NEW);
	cr_expect_eq(add(set, v4(0), 1), SEENSET_SEEN);
	cr_expect_eq(add(set, v4(0), 256), SEENSET_NEW);
	cr_expect_eq(add(set, v6(0, 0), 1), SEENSET_NEW);
	cr_expect_eq(add(set, v6(0, 0), 1), SEENSET_SEEN);
	seenset_destroy(set);
}

Test(seenset, nothing_is_lost_while_it_grows) {
	enum { NB = 100000 };
	struct seenset *set = seenset_create(&key, NO_LIMIT);
	for (uint32_t i = 0; i < NB; i++) {
		cr_assert_eq(add(set, v4(i), 53), SEENSET_NEW);
		cr_assert_eq(add(set, v6(i % 7, i), 53), SEENSET_NEW);
	}
	for (uint32_t i = 0; i < NB; i++) {
		cr_assert_eq(add(set, v4(i), 53), SEENSET_SEEN);
		cr_assert_eq(add(set, v6(i % 7, i), 53), SEENSET_SEEN);
		cr_assert_eq(add(set, v4(NB + i), 53), SEENSET_NEW);
	}
	cr_expect_eq(seenset_size(set), 3 * NB);
	cr_expect(seenset_is_exact(set));
	seenset_destroy(set);
}

Test(seenset, an_entry_costs_three_times_its_octets_at_most) {
	struct seenset *set = seenset_create(&key, NO_LIMIT);
	for (uint32_t i = 0; i < 200000; i++) {
		add(set, v4(i), 53);
		cr_assert(i < 4 * KIB || seenset_octets(set) <= (size_t)3 * V4_OCTETS * (i + 1));
	}
	seenset_destroy(set);
}

// 64 KiB hold 4,096 slots of 8 octets; 8,192 slots beside them would be too much.
Test(seenset, at_its_limit_it_takes_no_more_and_says_so) {
	struct seenset *set = seenset_create(&key, 64 * KIB);
	uint32_t nb = 0;
	while (add(set, v4(nb), 53) == SEENSET_NEW) {
		cr_expect(seenset_is_exact(set));
		cr_assert_leq(seenset_octets(set), 64 * KIB);
		nb++;
	}
	cr_expect_eq(nb, 4 * KIB / 4 * 3);
	cr_expect_eq(seenset_octets(set), 4 * KIB * V4_OCTETS);
	cr_expect_not(seenset_is_exact(set));

	cr_expect_eq(add(set, v4(nb), 53), SEENSET_FULL);
	for (uint32_t i = 0; i < nb; i++)
		cr_assert_eq(add(set, v4(i), 53), SEENSET_SEEN, "what is in is still found");
	cr_expect_eq(seenset_size(set), nb);
	seenset_destroy(set);
}

Test(seenset, a_limit_that_fits_exactly_is_used) {
	struct seenset *set = seenset_create(&key, KIB * (V4_OCTETS + V6_OCTETS));
	cr_expect_eq(add(set, v6(1, 1), 53), SEENSET_NEW);
	cr_expect_eq(add(set, v4(1), 53), SEENSET_NEW);
	cr_expect_eq(seenset_octets(set), KIB * (V4_OCTETS + V6_OCTETS));
	seenset_destroy(set);
}

Test(seenset, both_families_share_the_limit) {
	struct seenset *set = seenset_create(&key, KIB * (V4_OCTETS + V6_OCTETS) - 1);
	cr_expect_eq(add(set, v6(1, 1), 53), SEENSET_NEW);
	cr_expect_eq(add(set, v4(1), 53), SEENSET_FULL);
	cr_expect_eq(add(set, v6(1, 1), 53), SEENSET_SEEN);
	cr_expect_not(seenset_is_exact(set));
	seenset_destroy(set);
}

Test(seenset, a_limit_of_nothing_is_full_at_once) {
	struct seenset *set = seenset_create(&key, 0);
	cr_expect_eq(add(set, v4(1), 53), SEENSET_FULL);
	cr_expect_eq(add(set, v6(1, 1), 53), SEENSET_FULL);
	cr_expect_eq(seenset_octets(set), 0);
	cr_expect_not(seenset_is_exact(set));
	seenset_destroy(set);
	seenset_destroy(NULL);
}

Test(seenset, room_for_those_expected_is_there_at_once) {
	struct seenset *set = seenset_create(&key, NO_LIMIT);
	seenset_expect(set, 100000);
	cr_expect_eq(seenset_octets(set), 0, "for a family that comes");
	add(set, v4(1), 53);
	size_t octets = seenset_octets(set);
	cr_expect_eq(octets, V4_OCTETS << 18);
	for (uint32_t i = 2; i <= 100000; i++)
		cr_assert_eq(add(set, v4(i), 53), SEENSET_NEW);
	cr_expect_eq(seenset_octets(set), octets);
	seenset_destroy(set);
	set = seenset_create(&key, 1 << 20);
	seenset_expect(set, 1 << 30);
	cr_expect_eq(add(set, v4(1), 53), SEENSET_NEW);
	cr_expect_eq(seenset_octets(set), 1 << 20, "the limit comes first");
	seenset_destroy(set);
}

Test(seenset, two_steps_are_the_same_as_one) {
	struct seenset *set = seenset_create(&key, NO_LIMIT);
	for (uint32_t i = 0; i < 5000; i++) {
		struct ip_addr four = v4(i / 2), six = v6(0x20010db8, i / 2);
		uint64_t hash4 = seenset_prefetch(set, &four, 53);
		uint64_t hash6 = seenset_prefetch(set, &six, 53);
		enum seenset_answer want = i % 2 ? SEENSET_SEEN : SEENSET_NEW;
		cr_assert_eq(seenset_add_hashed(set, &four, 53, hash4), want);
		cr_assert_eq(seenset_add_hashed(set, &six, 53, hash6), want);
		cr_assert_eq(add(set, four, 53), SEENSET_SEEN);
	}
	seenset_destroy(set);
}

Test(seenset, port_0_is_our_own_mistake, .signal = SIGABRT) {
	struct seenset *set = seenset_create(&key, NO_LIMIT);
	add(set, v4(1), 0);
}
