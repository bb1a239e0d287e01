#include "lib/cost.h"

#include <criterion/criterion.h>

#define WINDOW COST_WINDOW_NS

struct counts {
	uint64_t now_ns, sent, launched;
};

// So many windows in which each target takes so many frames.
static void go(struct cost *c, struct counts *n, unsigned int nb_windows, uint64_t launched,
	uint64_t frames) {
	for (unsigned int i = 0; i < nb_windows; i++) {
		n->now_ns += WINDOW;
		n->launched += launched;
		n->sent += launched * frames;
		cost_step(c, n->now_ns, n->sent, n->launched);
	}
}

static struct cost start(void) {
	struct cost c;
	cost_init(&c, 10000, 0);
	return c;
}

Test(cost, it_comes_to_what_targets_take) {
	struct cost c = start();
	struct counts n = {0};
	cr_assert_float_eq(c.frames, COST_FIRST, 0.01);
	go(&c, &n, 40, 1000, 3);
	cr_assert_float_eq(c.frames, 3, 0.1);
	go(&c, &n, 40, 1000, 14);
	cr_assert_float_eq(c.frames, 14, 0.2);
}

Test(cost, what_is_paid_for_earlier_targets_is_soon_forgotten) {
	struct cost c = start();
	struct counts n = {0};
	go(&c, &n, 20, 1000, 10);
	n.sent += 30000; // nothing is begun meanwhile
	go(&c, &n, 2, 0, 0);
	cr_assert_gt(c.frames, 12);
	go(&c, &n, 24, 1000, 10);
	cr_assert_float_eq(c.frames, 10, 0.5);
}

Test(cost, it_stays_within_bounds) {
	struct cost c = start();
	struct counts n = {0};
	go(&c, &n, 90, 1000, 0);
	cr_assert_float_eq(c.frames, COST_LEAST, 0.01);
	go(&c, &n, 50, 1000, 1000);
	cr_assert_float_eq(c.frames, COST_MOST, 0.01);
}

Test(cost, nearly_nothing_says_nothing) {
	struct cost c = start();
	cr_assert_not(cost_step(&c, WINDOW - 1, 1000, 100));
	cr_assert(cost_step(&c, WINDOW, 0, 0));
	for (unsigned int i = 2; i < 50; i++)
		cost_step(&c, i * WINDOW, 0, 0);
	double before = c.frames;
	cr_assert_not(cost_step(&c, 50 * WINDOW, 50, 1));
	cr_assert_float_eq(c.frames, before, 0.01);
}
