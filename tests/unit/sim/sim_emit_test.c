#include "lib/sim/sim_emit.h"

#include "tests/unit/sim/exchange.h"

static void begin_with_path(struct sim_path path) {
	static const struct sim_behaviour plain = {.name = "plain"};
	ex_begin_with(&(struct sim_config){.seed = 1, .only = &plain, .path = path}, true);
}

// SYNs of so many connections; returns the SYN-ACKs that came with a good checksum.
static unsigned int nb_answered(unsigned int nb_syns) {
	unsigned int nb_good = 0;
	for (unsigned int i = 0; i < nb_syns; i++) {
		ex_plain_syn();
		for (unsigned int k = 0; k < ex.nb_left; k++)
			nb_good += ex.left[k].kind == FRAME_TCP;
		ex_next_conn();
	}
	return nb_good;
}

Test(sim_emit, a_chance_comes_as_often_as_it_should_and_the_same_each_time) {
	static bool came[2][100000];
	for (unsigned int run = 0; run < 2; run++) {
		unsigned int nb = 0;
		begin_with_path((struct sim_path){0});
		for (unsigned int i = 0; i < 100000; i++)
			nb += came[run][i] = sim_emit_chance(&ex.sim, 200000);
		cr_expect(nb > 19500 && nb < 20500, "%u of 100000", nb);
	}
	cr_expect_arr_eq(came[0], came[1], sizeof(came[0]));
	cr_expect(!sim_emit_chance(&ex.sim, 0));
	cr_expect(sim_emit_chance(&ex.sim, SIM_MILLION));
}

Test(sim_emit, frames_are_lost_either_way) {
	begin_with_path((struct sim_path){.loss_in_ppm = SIM_MILLION / 2});
	unsigned int nb = nb_answered(1000);
	cr_expect(nb > 400 && nb < 600, "%u", nb);
	cr_expect_eq(ex.sim.counters.nb_lost_in, 1000 - nb);
	begin_with_path((struct sim_path){.loss_out_ppm = SIM_MILLION / 2});
	nb = nb_answered(1000);
	cr_expect(nb > 400 && nb < 600, "%u", nb);
	cr_expect_eq(ex.sim.counters.nb_lost_out, 1000 - nb);
	cr_expect_eq(ex.sim.counters.nb_sent, nb);
}

Test(sim_emit, a_frame_that_is_doubled_comes_twice_octet_for_octet) {
	begin_with_path((struct sim_path){.duplicate_ppm = SIM_MILLION});
	ex_plain_syn();
	// the SYN, too: it gets two answers, and each of them comes twice
	cr_assert_eq(ex.nb_left, 4);
	cr_expect_eq(ex.left[0].len, ex.left[1].len);
	cr_expect_arr_eq(ex.left[0].octets, ex.left[1].octets, ex.left[0].len);
}

Test(sim_emit, a_frame_that_is_corrupted_has_a_wrong_checksum) {
	begin_with_path((struct sim_path){.corrupt_ppm = SIM_MILLION});
	cr_expect_eq(nb_answered(500), 0);
	cr_expect_eq(ex.sim.counters.nb_corrupted, 500);
}

Test(sim_emit, a_frame_that_is_overtaken_arrives_later) {
	begin_with_path((struct sim_path){.reorder_ppm = SIM_MILLION, .reorder_ns = 5 * MS});
	ex_plain_syn();
	cr_expect_eq(ex.left[0].at_ns, START_NS + 5 * MS);
}

Test(sim_emit, without_a_buffer_a_frame_is_dropped_and_counted) {
	begin_with_path((struct sim_path){0});
	ex.room = 0;
	ex_plain_syn();
	cr_expect_eq(ex.nb_left, 0);
	cr_expect_eq(ex.sim.counters.nb_no_buffer, 1);
	cr_expect_eq(ex.sim.counters.nb_sent, 0);
}

Test(sim_emit, an_unreachable_message_quotes_the_syn_in_both_families) {
	for (unsigned int is_v4 = 0; is_v4 < 2; is_v4++) {
		ex_begin(34, is_v4);
		ex_syn(TCPOPT_KIND_FASTOPEN, NULL, 0, 0);
		cr_assert_eq(ex.nb_left, 1);
		cr_assert_eq(ex.left[0].kind, FRAME_ICMP);
		const struct icmp_quote *quote = &ex.left[0].frame.quote;
		cr_expect(addr_equal(&quote->src, &ex.client));
		cr_expect(addr_equal(&quote->dst, &ex.server));
		cr_expect_eq(quote->sport, ex.client_port);
		cr_expect_eq(quote->dport, 53);
		cr_expect_eq(quote->seq, ex.seq);
		cr_expect_eq(quote->code, is_v4 ? 13 : 1);
		cr_expect_arr_eq(ex.left[0].frame.dst_mac, client_mac, MAC_OCTETS);
		cr_expect_arr_eq(ex.left[0].frame.src_mac, server_mac, MAC_OCTETS);
	}
}

Test(sim_emit, a_quote_of_the_longest_frame_fits_one) {
	static const struct sim_behaviour *row;
	static uint8_t data[1400];
	for (unsigned int i = 0; i < sim_behaviour_nb_rows(); i++) {
		if (sim_behaviour_row(i)->number == 35)
			row = sim_behaviour_row(i);
	}
	ex_begin_with(&(struct sim_config){.only = row}, false);
	ex_segment((struct segment){
		.seq = 5, .flags = TCP_SYN, .data = data, .data_len = sizeof(data)});
	cr_assert_eq(ex.nb_left, 1);
	cr_expect_eq(ex.left[0].kind, FRAME_ICMP);
	cr_expect_eq(ex.left[0].len, 14 + 1280, "the smallest MTU");
}
