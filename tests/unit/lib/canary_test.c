#include "lib/canary.h"

#include <criterion/criterion.h>

#define SECOND UINT64_C(1000000000)

static const uint8_t mac[MAC_OCTETS] = {2, 0, 0, 0, 0, 2};

static struct ip_addr addr_of(unsigned int i) {
	return addr_from_v4((const uint8_t[]){192, 0, 2, (uint8_t)i});
}

static struct canaries of(unsigned int nb) {
	struct canaries c = {0};
	for (unsigned int i = 0; i < nb; i++) {
		struct ip_addr addr = addr_of(i);
		canaries_add(&c, &addr, 53, mac);
	}
	return c;
}

// As many as may be asked. Those below nb_alive, by their last octet, answer.
static unsigned int ask(struct canaries *c, uint64_t now_ns, unsigned int nb_alive) {
	struct canary *canary;
	unsigned int nb = 0;
	while ((canary = canaries_next(c, now_ns)) != NULL) {
		canaries_asked(c, canary, (uint16_t)(40000 + nb++), now_ns);
		unsigned int i = canary->addr.octets[ADDR6_OCTETS - 1];
		if (i < nb_alive)
			cr_assert(canaries_heard(c, &canary->addr, 53, canary->lport));
	}
	return nb;
}

struct count {
	unsigned int nb_asked, nb_silent;
};

static struct count count_of(struct canaries *c) {
	struct count count;
	canaries_count(c, &count.nb_asked, &count.nb_silent);
	return count;
}

Test(canary, only_so_many_are_kept_and_only_so_many_asked_at_once) {
	struct canaries c = of(200);
	cr_assert_eq(c.nb, CANARY_MAX);
	cr_assert_eq(ask(&c, SECOND, 200), CANARY_AT_ONCE);
	cr_assert_null(canaries_next(&c, 9 * SECOND));
	struct count count = count_of(&c);
	cr_assert_eq(count.nb_asked, CANARY_AT_ONCE);
	cr_assert_eq(count.nb_silent, 0);
	cr_assert_eq(count_of(&c).nb_asked, 0);
}

Test(canary, the_silent_are_counted_and_twice_is_enough) {
	struct canaries c = of(10);
	cr_assert_eq(ask(&c, SECOND, 7), 10);
	cr_assert_eq(count_of(&c).nb_silent, 3);
	cr_assert_eq(ask(&c, 5 * SECOND, 7), 10);
	cr_assert_eq(count_of(&c).nb_silent, 3);
	cr_assert_eq(ask(&c, 9 * SECOND, 7), 7);
}

Test(canary, who_answers_again_is_forgiven) {
	struct canaries c = of(1);
	for (unsigned int i = 0; i < 6; i++) {
		cr_assert_eq(ask(&c, (1 + 4 * i) * SECOND, i % 2), 1);
		cr_assert_eq(count_of(&c).nb_silent, 1 - i % 2);
	}
}

Test(canary, each_has_its_rest_and_is_asked_so_often_and_no_more) {
	struct canaries c = of(1);
	uint64_t now_ns = SECOND;
	for (unsigned int i = 0; i < CANARY_MAX_ASKED; i++, now_ns += CANARY_REST_NS) {
		cr_assert_eq(ask(&c, now_ns, 1), 1);
		count_of(&c);
		cr_assert_null(canaries_next(&c, now_ns + CANARY_REST_NS - 1));
	}
	cr_assert_null(canaries_next(&c, now_ns + 100 * SECOND));
}

Test(canary, another_takes_the_place_of_one_that_is_spent) {
	struct canaries c = of(CANARY_MAX);
	for (unsigned int round = 0; round < 12; round++) {
		ask(&c, (1 + round) * SECOND, 60); // four are dead
		count_of(&c);
	}
	cr_assert_eq(c.nb_spent, 4);
	for (unsigned int i = 100; i < 110; i++) {
		struct ip_addr addr = addr_of(i);
		canaries_add(&c, &addr, 53, mac);
	}
	cr_assert_eq(c.nb_spent, 0);
	unsigned int nb_new = 0;
	for (unsigned int i = 0; i < CANARY_MAX; i++)
		nb_new += c.list[i].addr.octets[ADDR6_OCTETS - 1] >= 100;
	cr_assert_eq(nb_new, 4);
}

Test(canary, only_the_connection_that_was_asked_for_counts) {
	struct canaries c = of(2);
	struct ip_addr addr = addr_of(0), stranger = addr_of(9);
	cr_assert_not(canaries_heard(&c, &addr, 53, 40000));
	ask(&c, SECOND, 0);
	cr_assert_not(canaries_heard(&c, &addr, 53, 40001));
	cr_assert_not(canaries_heard(&c, &addr, 80, 40000));
	cr_assert_not(canaries_heard(&c, &stranger, 53, 40000));
	cr_assert(canaries_heard(&c, &addr, 53, 40000));
	cr_assert_eq(count_of(&c).nb_silent, 1);
	cr_assert_not(canaries_heard(&c, &addr, 53, 40000));
}

Test(canary, what_was_not_heard_makes_nobody_silent) {
	struct canaries c = of(5);
	for (unsigned int i = 0; i < 4; i++) {
		cr_assert_eq(ask(&c, (1 + 4 * i) * SECOND, 0), 5);
		canaries_forget(&c);
		cr_assert_eq(count_of(&c).nb_asked, 0);
	}
}

Test(canary, who_is_dropped_is_asked_no_more_and_leaves_the_place) {
	struct canaries c = of(CANARY_MAX);
	struct canary *canary = canaries_next(&c, 1);
	struct ip_addr gone = canary->addr, other = addr_of(200);
	canaries_drop(&c, canary);
	canaries_add(&c, &other, 53, mac);
	unsigned int nb_gone = 0, nb_other = 0;
	for (unsigned int i = 0; i < c.nb; i++) {
		nb_gone += addr_equal(&c.list[i].addr, &gone);
		nb_other += addr_equal(&c.list[i].addr, &other);
	}
	cr_expect_eq(nb_gone, 0);
	cr_expect_eq(nb_other, 1);
}
