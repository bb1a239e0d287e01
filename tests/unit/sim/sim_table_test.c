#include "lib/sim/sim_table.h"

#include <criterion/criterion.h>
#include <stdalign.h>

#define ROOM 8

static struct sim_table t;
static alignas(64) uint8_t memory[ROOM * 1024];

static void begin(void) {
	cr_assert_leq(sim_table_octets(ROOM), sizeof(memory));
	memset(memory, 0xa5, sizeof(memory));
	sim_table_init(&t, memory, ROOM, (struct siphash_key){1, 2});
}

static struct sim_ends ends(uint16_t port) {
	return (struct sim_ends){.client_port = port, .port = 53};
}

static struct sim_conn *add(uint16_t port) {
	struct sim_ends e = ends(port);
	bool is_evicted;
	return sim_table_add(&t, &e, &is_evicted);
}

static struct sim_conn *find(uint16_t port) {
	struct sim_ends e = ends(port);
	return sim_table_find(&t, &e);
}

Test(sim_table, a_connection_is_found_by_its_ends_until_it_is_removed) {
	begin();
	cr_expect_null(find(1));
	struct sim_conn *one = add(1), *two = add(2);
	cr_expect_eq(find(1), one);
	cr_expect_eq(find(2), two);
	struct sim_ends other = ends(1);
	other.addr.octets[15] = 1;
	cr_expect_null(sim_table_find(&t, &other));
	sim_table_remove(&t, one);
	cr_expect_null(find(1));
	cr_expect_eq(find(2), two);
	cr_expect_eq(t.nb_conns, 1);
}

Test(sim_table, a_new_connection_is_empty_whatever_stood_there) {
	begin();
	struct sim_conn *c = add(1);
	c->is_fast = true;
	c->in_len = 7;
	sim_table_start(&t, c, SIM_TIMER_ANSWER, SIM_DURATION_ANSWER, 5);
	sim_table_remove(&t, c);
	cr_expect_eq(sim_table_due_ns(&t), SIM_TIMER_OFF, "no timer is left behind");
	c = add(2);
	cr_expect(!c->is_fast && c->in_len == 0);
	cr_expect_eq(c->due_ns[SIM_TIMER_ANSWER], SIM_TIMER_OFF);
	cr_expect_eq(c->due_ns[SIM_TIMER_RETRANSMIT], SIM_TIMER_OFF);
}

Test(sim_table, the_oldest_connection_leaves_when_there_is_no_room) {
	begin();
	for (uint16_t port = 0; port < 3 * ROOM; port++) {
		struct sim_ends e = ends(port);
		bool is_evicted;
		sim_table_add(&t, &e, &is_evicted);
		cr_expect_eq(is_evicted, port >= ROOM);
	}
	cr_expect_eq(t.nb_conns, ROOM);
	for (uint16_t port = 0; port < 3 * ROOM; port++)
		cr_expect_eq(find(port) != NULL, port >= 2 * ROOM, "port %u", port);
}

Test(sim_table, a_place_that_was_left_is_used_before_anybody_has_to_go) {
	begin();
	for (uint16_t port = 0; port < ROOM; port++)
		add(port);
	sim_table_remove(&t, find(3));
	add(100);
	cr_expect_not_null(find(0));
	cr_expect_not_null(find(100));
}

Test(sim_table, timers_are_due_in_the_order_of_their_times) {
	static const struct {
		uint16_t port;
		enum sim_timer timer;
		enum sim_duration duration;
		uint64_t due_ns;
	} started[] = {
		{1, SIM_TIMER_RETRANSMIT, SIM_DURATION_SYNACK, 40},
		{2, SIM_TIMER_RETRANSMIT, SIM_DURATION_DATA, 20},
		{3, SIM_TIMER_RETRANSMIT, SIM_DURATION_SYNACK, 50},
		{1, SIM_TIMER_ANSWER, SIM_DURATION_ANSWER, 30},
		{2, SIM_TIMER_ANSWER, SIM_DURATION_ANSWER, 10}, // shorter than the one before
	};
	begin();
	for (uint16_t port = 1; port < 4; port++)
		add(port);
	for (unsigned int i = 0; i < sizeof(started) / sizeof(started[0]); i++)
		sim_table_start(&t, find(started[i].port), started[i].timer, started[i].duration,
			started[i].due_ns);
	static const uint16_t ports[] = {2, 2, 1, 1, 3};
	for (unsigned int i = 0; i < 5; i++) {
		enum sim_timer timer;
		uint64_t due_ns = (i + 1) * 10;
		cr_expect_eq(sim_table_due_ns(&t), due_ns);
		cr_expect_null(sim_table_due(&t, due_ns - 1, &timer), "not yet");
		struct sim_conn *c = sim_table_due(&t, due_ns, &timer);
		cr_expect_eq(c, find(ports[i]), "timer %u", i);
		cr_expect_eq(timer, i == 0 || i == 2 ? SIM_TIMER_ANSWER : SIM_TIMER_RETRANSMIT);
		cr_expect_eq(c->due_ns[timer], SIM_TIMER_OFF);
	}
	cr_expect_eq(sim_table_due_ns(&t), SIM_TIMER_OFF);
}

Test(sim_table, a_timer_that_is_started_again_runs_anew_and_one_that_is_stopped_does_not) {
	begin();
	struct sim_conn *c = add(1), *d = add(2);
	enum sim_timer timer;
	sim_table_start(&t, c, SIM_TIMER_RETRANSMIT, SIM_DURATION_SYNACK, 10);
	sim_table_start(&t, d, SIM_TIMER_RETRANSMIT, SIM_DURATION_SYNACK, 15);
	sim_table_start(&t, c, SIM_TIMER_RETRANSMIT, SIM_DURATION_SYNACK + 1, 20);
	sim_table_stop(&t, d, SIM_TIMER_RETRANSMIT);
	sim_table_stop(&t, d, SIM_TIMER_RETRANSMIT);
	cr_expect_eq(sim_table_due_ns(&t), 20);
	cr_expect_eq(sim_table_due(&t, 30, &timer), c);
	cr_expect_null(sim_table_due(&t, 30, &timer));
}

Test(sim_table, a_number_is_kept_under_its_key_until_newer_ones_need_the_room) {
	begin();
	for (uint64_t key = 0; key < ROOM; key++) {
		uint64_t *value = sim_table_recall(&t, key << 32 | 7);
		cr_expect_eq(*value, 0);
		*value = key + 100;
	}
	for (uint64_t key = 0; key < ROOM; key++)
		cr_expect_eq(*sim_table_recall(&t, key << 32 | 7), key + 100);
	cr_expect_eq(*sim_table_recall(&t, 12345), 0, "a new one");
	cr_expect_eq(*sim_table_recall(&t, UINT64_C(1) << 32 | 7), 101, "the second is kept");
	cr_expect_eq(*sim_table_recall(&t, 7), 0, "the oldest has left");
}

Test(sim_table, after_a_long_mixture_everything_is_still_consistent) {
	begin();
	uint64_t random = 1;
	for (unsigned int i = 0; i < 100000; i++) {
		random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
		uint16_t port = (random >> 40) % 20;
		struct sim_conn *c = find(port);
		enum sim_timer timer;
		if (!c)
			c = add(port);
		else if (random >> 62 == 0)
			sim_table_remove(&t, c);
		else if (random >> 62 == 1)
			sim_table_stop(&t, c, SIM_TIMER_RETRANSMIT);
		else
			sim_table_start(&t, c, SIM_TIMER_RETRANSMIT, (random >> 50) % 12,
				i + (random >> 20) % 50);
		while ((c = sim_table_due(&t, i, &timer)) != NULL)
			cr_assert_eq(find(c->ends.client_port), c);
		cr_assert_leq(t.nb_conns, ROOM);
		cr_assert(sim_table_due_ns(&t) > i);
	}
}
