#include "lib/ramp.h"

#include <criterion/criterion.h>

#include <math.h>

#define MS UINT64_C(1000000)
#define TICK_MS 10
#define SYN_TICKS (1000 / TICK_MS) // until the second one
#define FRAMES 10		   // a target
#define AT_ONCE 12

// A path, and what stands behind it.
struct path {
	double capacity; // frames a second that pass; 0: all
	double loss;	 // of the others
	double share;	 // of the targets that would answer
	double own_loss; // above the capacity the loss is our own, and this is all that is seen of
			 // it
	unsigned int nb_canaries;
	bool is_limited;
	bool is_jumpy; // every second the share is another one
	uint32_t chance;
};

struct climb {
	struct ramp r;
	uint64_t now;
	double sent, launched, lost, highest, lowest;
	unsigned int nb_asked;
	double seconds_late[SYN_TICKS]; // second answers to come
	struct ramp_signs signs;
};

static double chance(struct path *path) {
	path->chance = path->chance * 1664525 + 1013904223;
	return (path->chance >> 8) / 16777216.0;
}

// So many out of so many, as chance has it.
static double out_of(struct path *path, double nb, double probability) {
	double normal = -6;
	for (unsigned int i = 0; i < 12; i++)
		normal += chance(path);
	double got = floor(nb * probability + normal * sqrt(nb * probability * (1 - probability)) +
			   chance(path));
	return got < 0 ? 0 : got;
}

static double passing(const struct path *path, double rate) {
	double of_queue = path->capacity > 0 && rate > path->capacity ? path->capacity / rate : 1;
	return of_queue * (1 - path->loss);
}

static struct climb start(double rate, double most) {
	struct climb c = {.highest = rate, .lowest = rate};
	ramp_init(&c.r, rate, most, 0);
	return c;
}

static void ask(struct climb *c, struct path *path, double passes) {
	if (!ramp_wants_canaries(&c->r, c->now) || c->signs.nb_asked >= AT_ONCE ||
		c->signs.nb_asked >= path->nb_canaries)
		return;
	c->signs.nb_asked++;
	c->nb_asked++;
	c->signs.nb_silent += chance(path) >= passes;
}

static void answer(struct climb *c, struct path *path, double new, double passes) {
	double share = path->share;
	if (path->is_jumpy)
		share *= (c->now / (1000 * MS)) % 2 ? 1 : 0.1;
	double there = out_of(path, new, share), first = out_of(path, there, passes);
	for (double i = 0; i < first; i++)
		ramp_note_answer(&c->r, c->now, 1);
	double *late = &c->seconds_late[(c->now / MS / TICK_MS) % SYN_TICKS];
	for (; *late >= 1; *late -= 1)
		ramp_note_answer(&c->r, c->now - 1000 * MS, 2);
	*late = out_of(path, there - first, passes);
}

static void judge(struct climb *c) {
	ramp_judge(&c->r, c->now, (uint64_t)c->sent, &c->signs);
	c->signs = (struct ramp_signs){0};
	c->highest = fmax(c->highest, c->r.rate);
	c->lowest = fmin(c->lowest, c->r.rate);
}

static void go(struct climb *c, struct path *path, unsigned int seconds) {
	uint64_t end = c->now + seconds * 1000 * MS;
	for (; c->now < end; c->now += TICK_MS * MS) {
		double sent = c->r.rate * TICK_MS / 1000, passes = passing(path, c->r.rate);
		c->sent += sent;
		c->lost += sent * (1 - passes);
		c->signs.nb_received += (uint64_t)(sent * passes);
		if (path->own_loss > 0)
			c->signs.nb_lost += (uint64_t)(sent * (1 - passes) * path->own_loss);
		double before = floor(c->launched);
		c->launched += sent / FRAMES;
		bool is_over =
			ramp_is_over(&c->r, c->now, (uint64_t)c->launched, (uint64_t)c->sent);
		answer(c, path, floor(c->launched) - before, passes);
		ask(c, path, passes);
		if (path->is_limited)
			ramp_note_limited(&c->r);
		if (is_over)
			judge(c);
	}
}

static struct path wide(double share) {
	return (struct path){.share = share, .nb_canaries = AT_ONCE, .is_limited = true};
}

Test(ramp, it_climbs_to_the_wanted_rate_and_stays_there) {
	struct climb c = start(50000, 1000000);
	struct path path = wide(0.3);
	go(&c, &path, 8);
	cr_assert_float_eq(c.r.rate, 1000000, 1);
	go(&c, &path, 600);
	cr_assert_eq(c.r.nb_back, 0);
	cr_assert_float_eq(c.highest, 1000000, 1);
}

Test(ramp, without_a_wanted_rate_it_doubles_as_long_as_all_holds) {
	struct climb c = start(50000, 0);
	struct path path = wide(0.1);
	go(&c, &path, 11);
	cr_assert_geq(c.r.rate, 50000 * 64);
}

// Silent networks, lists that change as they go, few canaries and none: no cause to go back.
Test(ramp, it_climbs_whoever_answers_if_nothing_is_lost) {
	static const double shares[] = {0, 0.0003, 0.003, 0.05, 0.95};
	for (unsigned int i = 0; i < 5 * 3 * 2 * 2; i++) {
		struct climb c = start(i / 30 ? 5000 : 50000, 400000);
		struct path path = wide(shares[i % 5]);
		path.nb_canaries = i / 5 % 3 * 6;
		path.is_jumpy = i / 15 % 2;
		path.loss = 0.003;
		path.chance = i;
		go(&c, &path, path.is_jumpy ? 30 : i / 30 ? 12 : 8);
		cr_assert_float_eq(c.r.rate, 400000, 1, "%u: %.0f", i, c.r.rate);
		go(&c, &path, 60);
		cr_assert_eq(c.r.nb_back, 0, "%u: %u times", i, c.r.nb_back);
	}
}

Test(ramp, it_stays_where_the_rate_is_not_what_holds_back) {
	struct climb c = start(50000, 0);
	struct path path = wide(0.3);
	path.is_limited = false;
	go(&c, &path, 5);
	cr_assert_float_eq(c.r.rate, 50000, 1);
}

Test(ramp, it_does_not_climb_while_nothing_is_begun) {
	struct climb c = start(50000, 0);
	for (unsigned int i = 0; i < 1000; i++, c.now += TICK_MS * MS) {
		ramp_note_limited(&c.r); // what was sent before is still owed
		if (ramp_is_over(&c.r, c.now, 0, 0))
			judge(&c);
	}
	cr_assert_float_eq(c.r.rate, 50000, 1);
}

// What was lost, and what went a second, of the time after the first seconds.
static double lost_after(struct climb *c, struct path *path, unsigned int seconds, double *mean) {
	go(c, path, seconds);
	double lost = c->lost, sent = c->sent;
	go(c, path, 120);
	*mean = (c->sent - sent) / 120;
	return (c->lost - lost) / (c->sent - sent);
}

Test(ramp, it_finds_what_a_bottleneck_lets_pass) {
	for (unsigned int i = 0; i < 64; i++) {
		struct climb c = start(50000, i & 1 ? 400000 : 0);
		struct path path = wide(i & 2 ? 0.02 : 0.75);
		path.nb_canaries = i & 4 ? AT_ONCE : 0;
		path.capacity = 20000 << (i / 8 % 4);
		path.chance = i;
		double mean, lost = lost_after(&c, &path, 12, &mean);
		// so few answers in an epoch tell it late
		double most = i & 2 ? 0.35 : 0.04;
		cr_assert_lt(lost, most, "%u: %.3f lost, rate %.0f", i, lost, c.r.rate);
		cr_assert_gt(mean, 0.6 * path.capacity, "%u: %.0f a second", i, mean);
	}
}

Test(ramp, canaries_alone_find_it_if_nobody_else_answers) {
	struct climb c = start(50000, 0);
	struct path path = wide(0);
	path.capacity = 130000;
	double mean, lost = lost_after(&c, &path, 12, &mean);
	cr_assert_lt(lost, 0.15, "%.3f lost", lost);
	cr_assert_gt(mean, 60000, "%.0f a second", mean);
}

Test(ramp, what_our_own_side_loses_stops_it_without_any_answer) {
	struct climb c = start(50000, 0);
	struct path path = wide(0);
	path.nb_canaries = 0;
	path.capacity = 130000;
	path.own_loss = 1;
	double mean, lost = lost_after(&c, &path, 12, &mean);
	cr_assert_lt(lost, 0.03, "%.3f lost", lost);
	cr_assert_gt(mean, 60000, "%.0f a second", mean);
}

Test(ramp, it_never_falls_below_its_floor) {
	struct climb c = start(50000, 0);
	struct path path = wide(0.5);
	path.capacity = 10;
	go(&c, &path, 60);
	cr_assert_geq(c.lowest, 2500);
}

Test(ramp, a_loss_that_is_the_same_at_every_rate_holds_nobody_back) {
	for (unsigned int i = 1; i <= 4; i++) {
		struct climb c = start(50000, 1000000);
		struct path path = wide(0.3);
		path.loss = 0.05 * i;
		path.nb_canaries = 0;
		go(&c, &path, 30);
		cr_assert_float_eq(c.r.rate, 1000000, 1, "%u: %.0f", i, c.r.rate);
	}
}

Test(ramp, it_yields_when_the_path_collapses_at_a_steady_rate) {
	struct climb c = start(50000, 200000);
	struct path path = wide(0.3);
	go(&c, &path, 10);
	cr_assert_float_eq(c.r.rate, 200000, 1);
	path.capacity = 100000;
	go(&c, &path, 4);
	cr_assert_lt(c.r.rate, 110000);
	path.capacity = 0;
	go(&c, &path, 60);
	cr_assert_float_eq(c.r.rate, 200000, 1);
}

Test(ramp, canaries_are_asked_only_while_a_rate_is_on_trial) {
	struct climb c = start(50000, 400000);
	struct path path = wide(0.3);
	go(&c, &path, 60);
	cr_assert_eq(c.nb_asked, 3 * AT_ONCE); // to 100, 200 and 400 thousand
}

Test(ramp, fewer_hits_put_off_the_next_rise) {
	struct climb c = start(50000, 0);
	struct path path = wide(0.5);
	go(&c, &path, 3); // two epochs
	path.share = 0.1;
	go(&c, &path, 1);
	double before = c.r.rate;
	go(&c, &path, 1);
	cr_assert_float_eq(c.r.rate, before, 1);
	go(&c, &path, 4);
	cr_assert_gt(c.r.rate, before);
	cr_assert_eq(c.r.nb_back, 0);
}

Test(ramp, what_was_not_heard_is_not_judged) {
	struct climb c = start(50000, 200000);
	struct path path = wide(0.3);
	go(&c, &path, 10);
	path.loss = 0.9;
	for (unsigned int i = 0; i < 20; i++) { // no epoch comes to its end
		go(&c, &path, 1);
		ramp_forget(&c.r, c.now);
		c.signs = (struct ramp_signs){0};
	}
	path.loss = 0;
	go(&c, &path, 10);
	cr_assert_eq(c.r.nb_back, 0);
}

Test(ramp, a_lower_rate_is_there_at_once_and_a_higher_one_is_climbed_to) {
	struct climb c = start(50000, 400000);
	struct path path = wide(0.3);
	go(&c, &path, 10);
	ramp_set_most(&c.r, 60000);
	cr_assert_float_eq(c.r.rate, 60000, 1);
	go(&c, &path, 30);
	cr_assert_float_eq(c.r.rate, 60000, 1);
	ramp_set_most(&c.r, 500000);
	cr_assert_float_eq(c.r.rate, 60000, 1);
	go(&c, &path, 3);
	cr_assert_leq(c.r.rate, 240000);
	go(&c, &path, 10);
	cr_assert_float_eq(c.r.rate, 500000, 1);
	cr_assert_eq(c.r.nb_back, 0);
}

Test(ramp, what_is_wanted_stays_the_most_whatever_was_taken_back) {
	struct climb c = start(50000, 0);
	struct path path = wide(0.3);
	path.capacity = 150000;
	go(&c, &path, 30);
	cr_assert_gt(c.r.nb_back, 0);
	ramp_set_most(&c.r, 1000); // far below its first floor
	path.loss = 0.1;	   // of every rate
	for (unsigned int i = 0; i < 60; i++) {
		go(&c, &path, 1);
		cr_assert_leq(c.r.rate, 1000);
	}
}
