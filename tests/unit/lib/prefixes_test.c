// The rate of networks, on invented time.
#include "lib/prefixes.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define MS UINT64_C(1000000)
#define S (1000 * MS)
#define START (UINT64_C(1700000000) * S)
#define NB_BUCKETS 4096u
#define NB_PLACES 512u
#define FRAMES 6u // what a target is charged

static struct prefixes p;
static uint64_t now;

static void start(double frames_per_s) {
	static const struct siphash_key key = {.k0 = 1, .k1 = 2};
	size_t octets = (prefixes_octets(NB_BUCKETS, NB_PLACES) + 63) / 64 * 64;
	void *memory = aligned_alloc(64, octets);
	memset(memory, 0, octets);
	now = START;
	prefixes_init(&p, memory, NB_BUCKETS, NB_PLACES, frames_per_s, &key, now);
}

static uint32_t v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
	struct ip_addr addr = addr_from_v4((uint8_t[]){a, b, c, d});
	return prefixes_bucket(&p, &addr);
}

static uint32_t v6(uint8_t sixth, uint8_t seventh) {
	struct ip_addr addr = {.octets = {0x20, 0x01, 0x0d, 0xb8, 0, sixth, seventh, 1}};
	return prefixes_bucket(&p, &addr);
}

static bool begin(uint32_t bucket) {
	bool may = prefixes_may_begin(&p, bucket, now);
	if (may)
		prefixes_charge(&p, bucket, now, FRAMES);
	return may;
}

static unsigned int begun_in(uint32_t bucket, uint64_t ns) {
	unsigned int nb = 0;
	for (uint64_t end = now + ns; now < end; now += MS)
		while (nb < 100000 && begin(bucket))
			nb++;
	return nb;
}

static void expect_begun(uint32_t bucket, uint64_t ns, double nb, double tolerance) {
	double begun = begun_in(bucket, ns);
	cr_expect_float_eq(begun, nb, tolerance, "%g, not %g", begun, nb);
}

Test(prefixes, an_ipv4_network_is_a_24) {
	start(10);
	cr_expect_eq(v4(192, 0, 2, 1), v4(192, 0, 2, 255));
	cr_expect_neq(v4(192, 0, 2, 1), v4(192, 0, 3, 1));
	cr_expect_neq(v4(192, 0, 2, 1), v4(193, 0, 2, 1));
}

Test(prefixes, an_ipv6_network_is_a_48) {
	start(10);
	cr_expect_eq(v6(1, 2), v6(1, 3));
	cr_expect_neq(v6(1, 2), v6(2, 2));
}

Test(prefixes, networks_lie_in_buckets_of_their_own) {
	start(10);
	static bool is_taken[NB_BUCKETS];
	unsigned int nb = 0;
	for (unsigned int i = 0; i < NB_BUCKETS; i++) {
		bool *place = &is_taken[v4(10, (uint8_t)(i >> 8), (uint8_t)i, 1)];
		nb += !*place;
		*place = true;
	}
	cr_expect_gt(nb, NB_BUCKETS * 6 / 10, "%u of %u", nb, NB_BUCKETS); // 1 - 1/e
}

Test(prefixes, without_a_limit_nobody_has_to_ask) {
	start(0);
	cr_expect_not(p.is_on);
	for (unsigned int i = 0; i < 1000; i++)
		cr_assert(begin(7));
}

Test(prefixes, a_limit_holds_for_each_network) {
	start(60);
	cr_expect(p.is_on);
	expect_begun(7, 10 * S, 100, 1);
	expect_begun(8, 10 * S, 100, 1);
}

Test(prefixes, a_high_limit_is_reached_though_timers_are_late) {
	start(60000);
	expect_begun(7, S, 10000, 60);
}

Test(prefixes, what_is_sent_besides_is_owed) {
	start(60);
	prefixes_charge(&p, 7, now, 300);
	expect_begun(7, 10 * S, 50, 1);
}

Test(prefixes, what_is_not_sent_after_all_is_given_back) {
	start(60);
	cr_assert(begin(7));
	cr_assert_not(begin(7));
	prefixes_refund(&p, 7, FRAMES);
	cr_assert(begin(7));
	prefixes_refund(&p, 8, FRAMES); // not below what nobody has paid
	cr_assert(begin(8));
	cr_assert_not(begin(8));
}

Test(prefixes, who_waits_comes_in_its_order_and_at_its_time) {
	start(60);
	cr_assert(begin(7));
	uint32_t places[3];
	for (unsigned int i = 0; i < 3; i++)
		places[i] = prefixes_wait(&p, 7, now);
	for (unsigned int i = 0; i < 3; i++) {
		cr_assert_eq(prefixes_due(&p, now + 99 * MS), PREFIXES_NONE);
		now += 100 * MS;
		cr_assert_eq(prefixes_due(&p, now), places[i]);
		prefixes_charge(&p, 7, now, FRAMES);
		prefixes_leave(&p, places[i]);
	}
	cr_assert_eq(p.nb_waiting, 0);
	cr_assert_eq(prefixes_due(&p, now + 10 * S), PREFIXES_NONE);
}

Test(prefixes, nobody_overtakes_who_waits) {
	start(60);
	cr_assert(begin(7));
	prefixes_wait(&p, 7, now);
	now += S;
	cr_assert_not(prefixes_may_begin(&p, 7, now));
	cr_assert(prefixes_may_begin(&p, 8, now));
}

Test(prefixes, a_slow_network_is_in_nobody_elses_way) {
	start(6);
	cr_assert(begin(7));
	cr_assert(begin(8));
	prefixes_charge(&p, 7, now, 6000);
	prefixes_wait(&p, 7, now);
	uint32_t place = prefixes_wait(&p, 8, now);
	now += S;
	cr_assert_eq(prefixes_due(&p, now), place);
	prefixes_leave(&p, place);
	for (unsigned int s = 1; s < 1000; s++, now += S)
		cr_assert_eq(prefixes_due(&p, now), PREFIXES_NONE, "after %u s", s);
	now += 2 * S;
	cr_assert_neq(prefixes_due(&p, now), PREFIXES_NONE);
}

Test(prefixes, who_can_not_begin_is_put_off_and_stays_first) {
	start(60);
	uint32_t first = prefixes_wait(&p, 7, now);
	prefixes_wait(&p, 7, now);
	cr_assert_eq(prefixes_due(&p, now), first);
	prefixes_put_off(&p, first, now + 5 * MS);
	cr_assert_eq(prefixes_due(&p, now + 4 * MS), PREFIXES_NONE);
	cr_assert_eq(prefixes_due(&p, now + 6 * MS), first);
}

Test(prefixes, places_have_an_end_and_are_used_again) {
	start(60);
	for (unsigned int round = 0; round < 3; round++) {
		for (unsigned int i = 0; i < NB_PLACES; i++)
			cr_assert_neq(prefixes_wait(&p, i, now), PREFIXES_NONE);
		cr_assert_eq(prefixes_wait(&p, 0, now), PREFIXES_NONE);
		for (unsigned int i = 0; i < NB_PLACES; i++) {
			uint32_t place = prefixes_due(&p, now);
			cr_assert_neq(place, PREFIXES_NONE);
			prefixes_leave(&p, place);
		}
		cr_assert_eq(p.nb_waiting, 0);
		now += 100 * S;
	}
}

Test(prefixes, all_can_be_dropped) {
	start(60);
	for (unsigned int i = 0; i < NB_PLACES; i++)
		prefixes_wait(&p, i / 2, now);
	prefixes_drop_all(&p);
	cr_assert_eq(p.nb_waiting, 0);
	cr_assert_eq(prefixes_due(&p, now + 60 * S), PREFIXES_NONE);
	cr_assert(begin(3));
	for (unsigned int i = 0; i < NB_PLACES; i++)
		cr_assert_neq(prefixes_wait(&p, i, now), PREFIXES_NONE);
}

// ---- networks that say no

static enum prefix_change say(uint32_t bucket, enum prefix_answer answer, unsigned int nb) {
	enum prefix_change change = PREFIX_STAYS;
	while (nb-- > 0)
		change = prefixes_note(&p, bucket, answer, now);
	return change;
}

Test(prefixes, four_messages_that_prohibit_slow_a_network_down) {
	start(0);
	cr_expect_eq(say(7, PREFIX_ANSWER_PROHIBITED, 3), PREFIX_STAYS);
	cr_expect_not(p.is_on);
	cr_expect_eq(say(7, PREFIX_ANSWER_PROHIBITED, 1), PREFIX_SLOWED);
	cr_expect(p.is_on);
	expect_begun(7, 6 * S, 64, 1);
	cr_expect_gt(begun_in(8, MS), 99999);
}

Test(prefixes, hosts_that_prohibit_among_others_are_no_reason) {
	start(0);
	for (unsigned int i = 0; i < 100; i++) {
		cr_assert_eq(say(7, PREFIX_ANSWER_PROHIBITED, 3), PREFIX_STAYS);
		cr_assert_eq(
			say(7, i % 2 ? PREFIX_ANSWER_OTHER : PREFIX_ANSWER_RST, 1), PREFIX_STAYS);
	}
}

Test(prefixes, who_goes_on_saying_no_is_slowed_down_further_each_second) {
	static const double rates[] = {64, 32, 16, 8, 8, 8};
	start(0);
	cr_expect_eq(say(7, PREFIX_ANSWER_PROHIBITED, 4), PREFIX_SLOWED);
	for (unsigned int i = 0; i < 6; i++) {
		cr_expect_eq(say(7, PREFIX_ANSWER_PROHIBITED, 3), PREFIX_STAYS);
		uint64_t then = now;
		expect_begun(7, 30 * S, rates[i] * 30 / FRAMES, 2);
		now = then + 1000 * MS;
		p.buckets[7].paid_until_ps = 0;
		say(7, PREFIX_ANSWER_PROHIBITED, 1);
	}
}

Test(prefixes, a_limit_is_halved) {
	start(40);
	say(7, PREFIX_ANSWER_PROHIBITED, 4);
	expect_begun(7, 30 * S, 20 * 30 / FRAMES, 1);
}

Test(prefixes, a_limit_below_the_least_stays) {
	start(6);
	say(7, PREFIX_ANSWER_PROHIBITED, 4);
	expect_begun(7, 30 * S, 30, 1);
}

Test(prefixes, after_quiet_minutes_the_rate_is_what_it_was) {
	start(0);
	say(7, PREFIX_ANSWER_PROHIBITED, 4);
	now += S;
	cr_expect_eq(say(7, PREFIX_ANSWER_PROHIBITED, 1), PREFIX_CUT);
	now += 59 * S;
	expect_begun(7, S - MS, 32 / FRAMES, 2);
	now += MS;
	expect_begun(7, 30 * S, 64 * 30 / FRAMES, 2);
	now += 31 * S;
	cr_expect_gt(begun_in(7, MS), 99999);
}

Test(prefixes, a_jump_of_rsts_slows_a_network_down) {
	start(0);
	say(7, PREFIX_ANSWER_OTHER, 8);
	cr_expect_eq(say(7, PREFIX_ANSWER_RST, 7), PREFIX_STAYS);
	cr_expect_eq(say(7, PREFIX_ANSWER_RST, 1), PREFIX_SLOWED);
}

Test(prefixes, a_network_that_refused_from_the_start_is_no_jump) {
	start(0);
	cr_expect_eq(say(7, PREFIX_ANSWER_RST, 1000), PREFIX_STAYS);
	cr_expect_not(p.is_on);
}

Test(prefixes, rsts_among_others_are_no_jump) {
	start(0);
	for (unsigned int i = 0; i < 100; i++) {
		cr_assert_eq(say(7, PREFIX_ANSWER_OTHER, 2), PREFIX_STAYS);
		cr_assert_eq(say(7, PREFIX_ANSWER_RST, 1), PREFIX_STAYS);
	}
	cr_expect_eq(say(7, PREFIX_ANSWER_RST, 100), PREFIX_STAYS, "a third of them were");
}

Test(prefixes, as_long_as_rsts_go_on_the_rate_stays_low) {
	start(0);
	say(7, PREFIX_ANSWER_OTHER, 24);
	say(7, PREFIX_ANSWER_RST, 8);
	for (unsigned int i = 0; i < 10; i++) {
		now += 50 * S;
		cr_assert_neq(say(7, PREFIX_ANSWER_RST, 1), PREFIX_SLOWED);
	}
	cr_expect_lt(begun_in(7, S), 30);
	now += 300 * S;
	cr_expect_gt(begun_in(7, MS), 99999);
}
