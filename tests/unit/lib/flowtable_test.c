// Connections that come, end, are forgotten, and use the ports of others again.
#include "lib/flowtable.h"

#include <criterion/criterion.h>

#define SECOND UINT64_C(1000000000)
#define START (1000 * SECOND)

static struct flowtable t;
static struct flowtable_conn done[64];
static unsigned int nb_done;

static void take(void *arg, const struct flowtable_conn *conn, uint64_t seen_until_ns) {
	cr_assert_eq(arg, &t);
	cr_assert_eq(seen_until_ns, t.now_ns);
	cr_assert_lt(nb_done, 64);
	done[nb_done++] = *conn;
}

static void create(uint32_t capacity) {
	static const struct siphash_key key = {1, 2};
	nb_done = 0;
	cr_assert_eq(flowtable_create(&t, capacity, &key, take, &t), 0);
}

static struct ip_addr host(uint8_t n) {
	return addr_from_v4((const uint8_t[]){10, 0, 0, n});
}

// A segment of the client at a port, or one to it.
static void fwd(uint64_t now_ns, uint16_t port, uint8_t flags, uint32_t seq) {
	struct segment seg = {.src = host(1),
		.dst = host(2),
		.sport = port,
		.dport = 80,
		.flags = flags,
		.seq = seq};
	flowtable_segment(&t, now_ns, &seg);
}

static void rev(uint64_t now_ns, uint16_t port, uint8_t flags, uint32_t ack) {
	struct segment seg = {.src = host(2),
		.dst = host(1),
		.sport = 80,
		.dport = port,
		.flags = flags,
		.ack = ack};
	flowtable_segment(&t, now_ns, &seg);
}

static void whole_connection(uint64_t now_ns, uint16_t port, uint32_t isn) {
	fwd(now_ns, port, TCP_SYN, isn);
	rev(now_ns, port, TCP_SYN | TCP_ACK, isn + 1);
	fwd(now_ns, port, TCP_ACK | TCP_FIN, isn + 1);
	rev(now_ns, port, TCP_ACK | TCP_FIN, isn + 2);
}

static void finish(unsigned int nb_connections) {
	flowtable_finish(&t);
	cr_expect_eq(nb_done, nb_connections);
	cr_expect_eq(t.nb_connections, nb_connections);
	flowtable_destroy(&t);
}

Test(flowtable, both_directions_are_one_connection) {
	create(8);
	whole_connection(START, 40000, 5);
	finish(1);
	cr_expect_eq(done[0].flow.pkt_fwd, 2);
	cr_expect_eq(done[0].flow.pkt_rev, 2);
	cr_expect_eq(done[0].client_port, 40000);
	cr_expect_eq(done[0].server_port, 80);
	struct ip_addr client = host(1), server = host(2);
	cr_expect(addr_equal(&done[0].client, &client));
	cr_expect(addr_equal(&done[0].server, &server));
}

Test(flowtable, what_has_ended_lingers_and_is_handed_out) {
	create(8);
	whole_connection(START, 40000, 5);
	fwd(START + SECOND, 40000, TCP_ACK, 7);
	fwd(START + SECOND + FLOWTABLE_LINGER_NS - 1, 40001, TCP_SYN, 1);
	cr_expect_eq(nb_done, 0);
	fwd(START + SECOND + FLOWTABLE_LINGER_NS, 40002, TCP_SYN, 1);
	cr_expect_eq(nb_done, 1);
	cr_expect_eq(done[0].flow.pkt_fwd, 3, "with the ACK behind its end");
	finish(3);
}

Test(flowtable, what_is_idle_for_long_is_handed_out) {
	create(8);
	fwd(START, 40000, TCP_SYN, 5);
	fwd(START + FLOWTABLE_IDLE_NS - 1, 40001, TCP_SYN, 5);
	cr_expect_eq(nb_done, 0);
	fwd(START + FLOWTABLE_IDLE_NS, 40002, TCP_SYN, 5);
	cr_expect_eq(nb_done, 1);
	finish(3);
}

Test(flowtable, a_port_that_is_used_again_is_another_connection) {
	create(8);
	whole_connection(START, 40000, 5);
	whole_connection(START + 1, 40000, 77);
	fwd(START + 2, 40000, TCP_SYN, 999);
	fwd(START + 3, 40000, TCP_SYN, 1234); // the one before has not ended
	finish(4);
	cr_expect_eq(done[1].flow.isn, 77);
	cr_expect_eq(done[1].flow.pkt_rev, 2);
}

Test(flowtable, a_repeated_syn_is_the_same_connection) {
	create(8);
	fwd(START, 40000, TCP_SYN, 5);
	fwd(START + SECOND, 40000, TCP_SYN, 5);
	finish(1);
	cr_expect_eq(done[0].flow.pkt_fwd, 2);
}

Test(flowtable, the_other_side_may_begin_once_the_connection_is_over) {
	create(8);
	fwd(START, 40000, TCP_SYN, 5);
	rev(START, 40000, TCP_SYN, 0); // both at once: one connection
	cr_expect_eq(nb_done, 0);
	rev(START, 40000, TCP_RST | TCP_ACK, 6);
	rev(START, 40000, TCP_SYN, 0);
	finish(2);
	cr_expect_eq(done[1].client_port, 80);
	cr_expect_eq(done[1].server_port, 40000);
}

Test(flowtable, a_connection_without_its_syn_is_counted_once) {
	create(8);
	rev(START, 40000, TCP_SYN | TCP_ACK, 6);
	fwd(START, 40000, TCP_ACK, 6);
	rev(START, 40000, TCP_ACK, 6);
	fwd(START, 40001, TCP_ACK, 6);
	fwd(START, 40001, TCP_SYN, 7); // and a new one in its place
	finish(1);
	cr_expect_eq(t.nb_without_syn, 2);
}

Test(flowtable, a_full_table_hands_out_the_oldest) {
	create(4);
	for (uint16_t port = 1; port <= 4; port++)
		fwd(START + port, port, TCP_SYN, 5);
	fwd(START + 5, 1, TCP_ACK, 6); // young again
	fwd(START + 6, 5, TCP_SYN, 5);
	cr_assert_eq(nb_done, 1);
	cr_expect_eq(done[0].client_port, 2);
	rev(START + 7, 4, TCP_RST | TCP_ACK, 6); // over: leaves before those that are not
	fwd(START + 8, 6, TCP_SYN, 5);
	cr_assert_eq(nb_done, 2);
	cr_expect_eq(done[1].client_port, 4);
	cr_expect_eq(t.nb_early, 2);
	finish(6);
}

Test(flowtable, many_connections_through_a_small_table_are_all_handed_out) {
	static const struct siphash_key key = {3, 4};
	uint32_t sizes[] = {1, 3, 64};
	for (size_t i = 0; i < 3; i++) {
		create(sizes[i]);
		flowtable_destroy(&t);
		cr_assert_eq(flowtable_create(&t, sizes[i], &key, take, &t), 0);
		for (uint32_t n = 0; n < 20000; n++) {
			whole_connection(START + n * 1000, (uint16_t)(n * 7919), n);
			nb_done = 0;
		}
		flowtable_finish(&t);
		cr_expect_eq(t.nb_connections, 20000);
		cr_expect_eq(t.nb_without_syn, 0);
		flowtable_destroy(&t);
	}
}

Test(flowtable, a_clock_that_is_set_back_harms_nothing) {
	create(8);
	fwd(START, 40000, TCP_SYN, 5);
	rev(START - 500 * SECOND, 40000, TCP_SYN | TCP_ACK, 6);
	cr_expect_eq(nb_done, 0);
	finish(1);
	cr_expect_eq(done[0].flow.pkt_rev, 1);
}

Test(flowtable, icmp_finds_the_connection_it_quotes) {
	create(8);
	struct icmp_quote quote = {
		.src = host(1), .dst = host(2), .sport = 40000, .dport = 80, .seq = 5};
	flowtable_icmp(&t, START, &quote); // of nobody
	fwd(START, 40000, TCP_SYN, 5);
	flowtable_icmp(&t, START, &quote);
	finish(1);
	cr_expect(done[0].flow.marks & FLOW_ICMP);
}
