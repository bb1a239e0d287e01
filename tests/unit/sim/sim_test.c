#include "lib/sim/sim.h"

#include "lib/tcpstack/neigh.h"
#include "tests/unit/sim/exchange.h"

static void ask_mac(const struct ip_addr *sender, const struct ip_addr *target) {
	uint8_t octets[NEIGH_FRAME_MAX_OCTETS];
	size_t len = neigh_request_write(octets, sizeof(octets), client_mac, sender, target);
	cr_assert_gt(len, 0);
	ex_octets(octets, len);
}

Test(sim, every_address_is_found_at_our_mac) {
	for (unsigned int is_v4 = 0; is_v4 < 2; is_v4++) {
		ex_begin(31, is_v4);
		for (unsigned int i = 0; i < 50; i++) {
			struct neigh_msg msg;
			ex.server.octets[14] = (uint8_t)i;
			ask_mac(&ex.client, &ex.server);
			cr_assert_eq(ex.nb_left, 1);
			cr_assert(neigh_parse(ex.left[0].octets, ex.left[0].len, &msg));
			cr_expect_eq(msg.kind, NEIGH_REPLY);
			cr_expect(addr_equal(&msg.sender, &ex.server));
			cr_expect_arr_eq(msg.sender_mac, server_mac, MAC_OCTETS);
		}
		cr_expect_eq(ex.sim.counters.nb_neighbours, 50);
	}
}

Test(sim, a_client_that_makes_sure_of_its_own_address_gets_no_answer) {
	static const struct ip_addr nobody6, nobody4 = {.octets = {[10] = 0xff, [11] = 0xff}};
	ex_begin(31, true);
	ask_mac(&nobody4, &client4);
	cr_expect_eq(ex.nb_left, 0);
	ask_mac(&client4, &client4);
	cr_expect_eq(ex.nb_left, 0);
	ask_mac(&nobody6, &client6);
	cr_expect_eq(ex.nb_left, 0);
	cr_expect_eq(ex.sim.counters.nb_ignored, 3);
}

Test(sim, the_way_takes_as_long_as_the_address_has_drawn) {
	static const struct sim_behaviour plain = {.name = "plain"};
	uint64_t least = UINT64_MAX, most = 0;
	const struct sim_config config = {.seed = 1,
		.only = &plain,
		.rtt_min_ns = 10 * MS,
		.rtt_max_ns = 200 * MS,
		.synack_delay_ns = 3 * MS};
	ex_begin_with(&config, true);
	for (unsigned int i = 0; i < 200; i++) {
		ex.server.octets[14] = (uint8_t)i;
		ex_plain_syn();
		uint64_t way_ns = ex.left[0].at_ns - ex.now_ns - 3 * MS;
		cr_expect_eq(way_ns, sim_rtt_ns(&config, &ex.server));
		least = way_ns < least ? way_ns : least;
		most = way_ns > most ? way_ns : most;
	}
	cr_expect(least >= 10 * MS && least < 15 * MS);
	cr_expect(most <= 200 * MS && most > 190 * MS);
}

Test(sim, the_default_table_is_smaller_than_64_mib) {
	cr_expect_lt(sim_octets(SIM_DEFAULT_CONNS), 64u << 20);
	cr_expect_gt(sim_octets(1), 0);
}

Test(sim, more_connections_than_there_is_room_for_push_out_the_oldest) {
	ex_begin(2, true);
	for (unsigned int i = 0; i < 3 * ROOM; i++) {
		ex_plain_syn();
		cr_expect_eq(ex.nb_left, 1);
		ex_next_conn();
	}
	cr_expect_eq(sim_nb_conns(&ex.sim), ROOM);
	cr_expect_eq(ex.sim.counters.nb_evicted, 2 * ROOM);
	cr_expect_eq(ex.sim.counters.nb_conns, 3 * ROOM);
}

Test(sim, the_dead_cost_no_memory) {
	ex_begin(31, true);
	for (unsigned int i = 0; i < 100; i++) {
		ex_syn(34, NULL, 0, 0);
		ex_next_conn();
	}
	cr_expect_eq(ex.sim.counters.nb_received, 100);
	cr_expect_eq(ex.sim.counters.nb_sent + ex.sim.counters.nb_syns, 0);
	cr_expect_eq(sim_wake_ns(&ex.sim), SIM_NEVER);
}

// Frames of every kind, some bits of them flipped, to every behaviour.
Test(sim, no_frame_however_broken_harms_it_and_runs_repeat) {
	uint64_t sums[2];
	for (unsigned int run = 0; run < 2; run++) {
		struct sim_config config = {.seed = 9,
			.path = {.loss_in_ppm = 10000,
				.loss_out_ppm = 10000,
				.duplicate_ppm = 10000,
				.reorder_ppm = 10000,
				.corrupt_ppm = 10000}};
		uint64_t random = 1, sum = 0;
		uint8_t octets[FRAME_MAX_OCTETS];
		cr_assert(sim_mix_parse("even", config.weights));
		ex_begin_with(&config, true);
		for (unsigned int i = 0; i < 300000; i++) {
			random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
			bool is_v4 = random >> 63;
			ex.client = is_v4 ? client4 : client6;
			ex.server = is_v4 ? server4 : server6;
			ex.server.octets[14] = (uint8_t)(random >> 24);
			ex.client_port = 40000 + (random >> 40) % 4;
			ex.server_port = random >> 44 & 1 ? 53 : 80;
			uint8_t options[8] = {34, 2, 1, 1, 1, 1, 1, 1};
			size_t len =
				ex_write((struct segment){.seq = (uint32_t)(random >> 50) % 4,
						 .ack = (uint32_t)(random >> 33),
						 .flags = (uint8_t)(1u << (random >> 20) % 5 |
								    1u << (random >> 10) % 5),
						 .options = options,
						 .options_len = (uint8_t)(random >> 12 & 4) * 2,
						 .data = question,
						 .data_len = (uint16_t)((random >> 54) % 19)},
					octets);
			if (random % 8 == 0)
				octets[(random >> 16) % len] ^= (uint8_t)(random >> 8);
			if (random % 64 == 1)
				len = (random >> 16) % len;
			ex_octets(octets, len);
			for (unsigned int k = 0; k < ex.nb_left; k++)
				sum += ex.left[k].len * (k + 1) +
				       ex.left[k].octets[ex.left[k].len - 1];
			ex_tick(ex.now_ns + (random >> 4) % (20 * MS));
		}
		sums[run] = sum;
		cr_expect_gt(ex.sim.counters.nb_sent, 100000);
	}
	cr_expect_eq(sums[0], sums[1]);
}
