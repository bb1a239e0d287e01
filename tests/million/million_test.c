// A million addresses on invented time, and no wrong verdict. NB_TARGETS is smaller where the
// build is slow. tests/meson.build runs each test here as one of its own.
//
// What the number is for: none in n targets says, with 95 % confidence, that there are fewer than
// 3 / n in all (0.95 = 1 - (1 - p)^n); of a million, fewer than 3 in a million. Two in a million,
// as loss_20 permits, are fewer than 6.3 in a million. A word that must come out at each address of
// some behaviour is tried there about NB_TARGETS / SIM_NB_BEHAVIOURS times in an even mix.
#include "tests/million/crowd.h"

#include <criterion/criterion.h>
#include <inttypes.h>

#ifndef NB_TARGETS
#define NB_TARGETS 1000000
#endif

static struct crowd_result scan(struct crowd *c, const struct crowd_config *config) {
	struct crowd_result r;
	crowd_scan(c, config, &r);
	fprintf(stderr,
		"%s: %" PRIu64 " records, %" PRIu64 " as without disturbance, %" PRIu64
		" wrong, false: %" PRIu64 " broken, %" PRIu64 " transient; placebos: %" PRIu64
		", %" PRIu64 " broken, %" PRIu64 " transient; %" PRIu64 " frames sent, %" PRIu64
		" late answers, at most %" PRIu64 " in flight, %" PRIu64 " s\n",
		config->mix, r.nb_records, r.nb_as_expected, r.nb_wrong, r.nb_false_broken,
		r.nb_false_transient, r.nb_placebos, r.nb_placebos_broken, r.nb_placebos_transient,
		r.nb_frames_sent, r.nb_late_answers, r.max_in_flight, r.invented_ns / NSEC_PER_SEC);
	return r;
}

static struct crowd_result scan_once(const struct crowd_config *config) {
	struct crowd *c = crowd_create(config);
	struct crowd_result r = scan(c, config);
	cr_expect_eq(crowd_counters(c)->nb_evicted, 0, "the servers forgot connections");
	crowd_destroy(c);
	cr_expect_eq(r.nb_records, config->nb_targets, "every target has its record");
	cr_expect_eq(r.nb_twice, 0, "and one alone");
	cr_expect_eq(r.nb_wrong, 0);
	return r;
}

static struct crowd_config config_of(const char *mix) {
	return (struct crowd_config){.mix = mix,
		.nb_targets = NB_TARGETS,
		.seed = 1,
		.epoch = 1,
		.nb_rounds = 3,
		.rtt_max_ns = 200 * NSEC_PER_MSEC,
		.placebo_one_in = 100};
}

static void expect_no_false_word(const struct crowd_result *r) {
	cr_expect_eq(r->nb_false_broken, 0);
	cr_expect_eq(r->nb_false_transient, 0);
	cr_expect_gt(r->nb_placebos, 0);
	cr_expect_eq(r->nb_placebos_broken, 0);
	cr_expect_eq(r->nb_placebos_transient, 0);
}

Test(million, realistic) {
	struct crowd_config config = config_of("realistic");
	struct crowd_result r = scan_once(&config);
	expect_no_false_word(&r);
	cr_expect_gt(r.nb_by_behaviour[31], NB_TARGETS / 100 * 97, "most are silent");
}

// With all controls.
Test(million, even) {
	struct crowd_config config = config_of("even");
	config.has_controls = true;
	struct crowd_result r = scan_once(&config);
	expect_no_false_word(&r);
	for (unsigned int b = 1; b <= SIM_NB_BEHAVIOURS; b++)
		cr_expect_gt(r.nb_by_behaviour[b], NB_TARGETS / SIM_NB_BEHAVIOURS / 2, "#%u", b);
}

Test(million, even_in_one_round) {
	struct crowd_config config = config_of("even");
	config.nb_targets = NB_TARGETS / 5;
	config.nb_rounds = 1;
	scan_once(&config);
	config.is_tcp = true;
	scan_once(&config);
}

Test(million, loss_20) {
	struct crowd_config config = config_of("answering");
	config.path.loss_in_ppm = config.path.loss_out_ppm = SIM_MILLION / 5;
	struct crowd_result r = scan_once(&config);
	cr_expect_leq(r.nb_false_broken, 2);
	cr_expect_leq(r.nb_false_transient, 2);
	cr_expect_gt(r.nb_as_expected, NB_TARGETS / 10 * 8);
}

Test(million, loss_10) {
	struct crowd_config config = config_of("answering");
	config.path.loss_in_ppm = config.path.loss_out_ppm = SIM_MILLION / 10;
	struct crowd_result r = scan_once(&config);
	expect_no_false_word(&r);
	cr_expect_gt(r.nb_as_expected, NB_TARGETS / 10 * 9);
}

Test(million, bad_path) {
	struct crowd_config config = config_of("even");
	config.nb_targets = NB_TARGETS / 5;
	config.has_controls = true;
	config.path = (struct sim_path){.loss_in_ppm = 30000,
		.loss_out_ppm = 30000,
		.duplicate_ppm = 100000,
		.reorder_ppm = 100000,
		.reorder_ns = 150 * NSEC_PER_MSEC,
		.corrupt_ppm = 50000};
	struct crowd_result r = scan_once(&config);
	cr_expect_eq(r.nb_false_broken, 0);
	cr_expect_eq(r.nb_false_transient, 0);
}

// What --write-pcap would have captured, read again: the same records, and every frame of ours is
// what the schedule says.
static void expect_same_again(struct crowd_config *config) {
	config->nb_targets = NB_TARGETS / 10;
	config->with_rescan = true;
	config->placebo_one_in = 7;
	struct crowd_result r = scan_once(config);
	cr_expect_eq(r.rescan.nb_targets, config->nb_targets);
	cr_expect_eq(r.rescan.nb_records, config->nb_targets);
	cr_expect_eq(r.nb_rescanned_differently, 0);
	cr_expect_eq(r.rescan.nb_contradicted, 0, "frame %" PRIu64 " %s",
		r.rescan.first_wrong_frame, r.rescan.reason);
	cr_expect_eq(r.rescan.nb_placebos, r.nb_placebos);
	cr_expect_eq(r.rescan.nb_placebos_broken, r.nb_placebos_broken);
	cr_expect_eq(r.rescan.nb_unfinished, 0);
	cr_expect_eq(r.rescan.nb_strange, 0);
}

Test(million, read_again) {
	struct crowd_config config = config_of("even");
	config.has_controls = true;
	expect_same_again(&config);
	config.is_tcp = true;
	expect_same_again(&config);
	config = config_of("even");
	config.path = (struct sim_path){.loss_in_ppm = 150000,
		.loss_out_ppm = 150000,
		.duplicate_ppm = 50000,
		.reorder_ppm = 50000,
		.reorder_ns = 30 * NSEC_PER_MSEC,
		.corrupt_ppm = 20000};
	expect_same_again(&config);
}

// A scan dies as it stands, and another with the same seed follows at once: to the servers its
// connections must be new ones, also where they get the ports of dead ones, of which there are few.
// Servers that remember who was there are left out: to them it is not the first scan.
Test(million, a_scan_that_died_is_run_again) {
	struct crowd_config config = config_of(
		"1:9,2:9,4:1,5:1,7:1,8:1,10:1,11:1,12:1,13:1,14:1,15:1,16:1,17:1,18:1,19:1,20:1,"
		"21:1,22:1,23:1,24:1,25:1,26:1,34:1,37:1,38:1,40:1,41:1,42:1,43:1,44:1,45:1");
	config.nb_targets = 20000;
	config.nb_ports = NUMBERS_MAX_CONNECTIONS;
	config.rtt_max_ns = NSEC_PER_SEC / 2;
	uint64_t nb_challenges = 0;
	for (uint64_t frames = 20000; frames <= 140000; frames += 40000) {
		struct crowd *c = crowd_create(&config);
		config.stop_after_frames = frames;
		config.epoch = 1;
		struct crowd_result r = scan(c, &config);
		cr_expect_lt(r.nb_records, config.nb_targets, "it died");
		config.stop_after_frames = 0;
		config.epoch = 2;
		config.may_be_challenged = true;
		r = scan(c, &config);
		cr_expect_eq(r.nb_records, config.nb_targets);
		cr_expect_eq(r.nb_twice, 0);
		cr_expect_eq(r.nb_wrong, 0);
		nb_challenges += r.nb_challenged;
		crowd_destroy(c);
	}
	cr_expect_gt(nb_challenges, 0, "not one port was met again");
}
