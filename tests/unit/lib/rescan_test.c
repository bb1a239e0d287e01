// By hand: a silent target's SYNs, and what may be wrong with them. Whole scans are read again by
// tests/million.
#include "lib/rescan.h"

#include "lib/tfo/launch.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define START_NS (UINT64_C(1795608000) * NSEC_PER_SEC)
#define TRIES 3

static struct capfile_head head;
static struct rescan *rescan;
static struct target_rules rules;
static struct launch launch;
static const struct ip_addr them = {.octets = {[10] = 0xff, [11] = 0xff, 198, 18, 3, 4}};
static uint64_t number; // of the packet
static struct record last;
static char last_text[256];
static unsigned int nb_records;

static void keep(
	void *arg, const struct record *r, const struct flow *flows, const struct record_job *job) {
	cr_assert_null(arg);
	cr_assert_null(flows);
	last = *r;
	nb_records++;
	cr_assert_lt(job->text_len, sizeof(last_text));
	memcpy(last_text, job->text, job->text_len);
	last_text[job->text_len] = '\0';
}

static void set_up(void) {
	head = (struct capfile_head){
		.measure = {.seed = 1,
			.epoch = 2,
			.app = &app_dnstcp,
			.tries = TRIES,
			.rounds = 1,
			.timeout_s = 5,
			.mss4 = 1460,
			.mss6 = 1440,
			.laddr4 = {.octets = {[10] = 0xff, [11] = 0xff, 10, 99, 0, 3}},
			.ports = {.first = 40000, .count = 1000},
			.nb_workers = 1,
			.question_len = 3,
			.question = {1, 'a', 0}}};
	measure_rules(&head.measure, 0, &rules);
	launch_start(&launch, &rules, &them, 53);
	number = 0;
	nb_records = 0;
	rescan = rescan_create(&head, keep, NULL);
	cr_assert_not_null(rescan);
}

static void tear_down(void) {
	rescan_destroy(rescan);
}

TestSuite(rescan, .init = set_up, .fini = tear_down);

static void packet_of(enum pcapng_direction direction, uint64_t time_ns, const uint8_t *octets,
	size_t len, const char *comment) {
	const struct pcapng_packet p = {.time_ns = time_ns,
		.len = (uint32_t)len,
		.wire_len = (uint32_t)len,
		.octets = octets,
		.direction = direction};
	cr_assert(rescan_packet(rescan, ++number, &p, comment, strlen(comment)));
}

static void packet(uint64_t time_ns, const uint8_t *octets, size_t len, const char *comment) {
	packet_of(PCAPNG_OUTBOUND, time_ns, octets, len, comment);
}

// The SYN of a moment, so much after the time that is its own; an octet of it may be another.
static void syn(unsigned int moment, uint64_t late_ns, unsigned int wrong_octet, const char *text) {
	uint64_t now_ns = START_NS;
	if (moment > 0)
		now_ns = launch_moment_ns(&launch, TRIES, moment) + late_ns;
	else
		launch.from_ns = now_ns;
	uint8_t octets[FRAME_MAX_OCTETS], options[TCPOPT_MAX_OCTETS];
	struct segment seg;
	struct conn_numbers numbers;
	launch_syn(&launch, &rules, moment, now_ns, &seg, options, &numbers);
	const struct frame_route route = {.src_mac = {2, 1},
		.dst_mac = {2, 2},
		.ip_id = numbers.ip_id,
		.flow_label = numbers.flow_label};
	size_t len = frame_write(octets, sizeof(octets), &route, &seg);
	octets[wrong_octet] ^= wrong_octet > 0;
	launch_sent(&launch, TRIES, moment, now_ns);
	packet(now_ns, octets, len, text);
}

#define PLAIN "target 7 missing 0 ordinal 0 placebo 0 dip 0 dp 0 domain 0 name - job "

static void all_syns(void) {
	syn(0, 0, 0, PLAIN "\"rank\":\"5\"");
	for (unsigned int m = 1; m < 2 * TRIES; m++)
		syn(m, m, 0, "");
}

static const struct rescan_counts *counts(void) {
	return rescan_counts(rescan);
}

Test(rescan, a_silent_target_has_its_record_with_its_job) {
	all_syns();
	cr_expect_eq(nb_records, 0);
	rescan_finish(rescan, launch_to_ns(&launch));
	cr_assert_eq(nb_records, 1);
	cr_expect(last.is_silent);
	cr_expect_eq(last.index, 7);
	cr_expect_eq(last.from_ns, START_NS);
	cr_expect_eq(last.to_ns, launch_to_ns(&launch));
	cr_expect_eq(last.conditions, CONDITION_BIT(CONDITION_OFFLINE));
	cr_expect_str_eq(last_text, "\"rank\":\"5\"");
	cr_expect_eq(counts()->nb_targets, 1);
	cr_expect_eq(counts()->nb_contradicted, 0);
}

Test(rescan, who_is_not_done_at_the_end_has_none) {
	all_syns();
	rescan_finish(rescan, launch_to_ns(&launch) - 1);
	cr_expect_eq(nb_records, 0);
	cr_expect_eq(counts()->nb_unfinished, 1);
}

Test(rescan, without_an_end_the_newest_frame_is_it) {
	all_syns();
	rescan_finish(rescan, 0);
	cr_expect_eq(nb_records, 0);
	cr_expect_eq(counts()->nb_unfinished, 1);
}

// Every octet behind the MACs, which are the capture's to say.
Test(rescan, a_frame_that_is_not_the_schedule_s_contradicts) {
	for (unsigned int octet = 2 * MAC_OCTETS + 2; octet < 70; octet++) {
		tear_down();
		set_up();
		syn(0, 0, 0, PLAIN);
		syn(1, 0, octet, "");
		rescan_finish(rescan, START_NS + 100 * NSEC_PER_SEC);
		bool is_told = counts()->nb_contradicted == 1 && counts()->first_wrong_frame == 2;
		// or the frame is another target's, or none of TCP
		bool is_lost = counts()->nb_strange == 1 || counts()->nb_unfinished == 1;
		cr_expect(is_told || is_lost, "octet %u", octet);
		cr_expect_eq(nb_records, 0, "octet %u", octet);
	}
}

Test(rescan, a_frame_too_early_or_too_many_contradicts) {
	syn(0, 0, 0, PLAIN);
	launch.from_ns -= NSEC_PER_SEC / 2; // its own time is half a second earlier
	syn(1, 0, 0, "");
	cr_expect_eq(counts()->nb_contradicted, 1);
	cr_expect_eq(counts()->first_wrong_frame, 2);
	cr_expect(strstr(counts()->reason, "198.18.3.4"));
}

Test(rescan, a_missing_frame_contradicts) {
	syn(0, 0, 0, PLAIN);
	syn(1, 0, 0, "");
	launch_sent(&launch, TRIES, 2, launch_moment_ns(&launch, TRIES, 2));
	cr_expect_eq(counts()->nb_contradicted, 0);
	syn(3, 0, 0, "");
	cr_expect_eq(counts()->nb_contradicted, 1);
}

Test(rescan, a_target_of_which_frames_are_missing_has_no_record) {
	syn(0, 0, 0, "target 7 missing 2 ordinal 0 placebo 0 dip 0 dp 0 domain 0 name - job ");
	rescan_finish(rescan, START_NS + 100 * NSEC_PER_SEC);
	cr_expect_eq(nb_records, 0);
	cr_expect_eq(counts()->nb_incomplete, 1);
	cr_expect_eq(counts()->nb_contradicted, 0);
}

Test(rescan, one_that_begins_again_has_one_record) {
	all_syns();
	launch_start(&launch, &rules, &them, 53);
	launch.first_ordinal = 2;
	syn(0, 0, 0, "target 7 missing 0 ordinal 2 placebo 0 dip 0 dp 0 domain 0 name - job ");
	for (unsigned int m = 1; m < 2 * TRIES; m++)
		syn(m, 0, 0, "");
	rescan_finish(rescan, START_NS + 100 * NSEC_PER_SEC);
	cr_expect_eq(nb_records, 1);
	cr_expect_eq(counts()->nb_contradicted, 0);
}

// Both connections of a target are refused at once.
static void refused_twice(uint64_t now_ns, uint8_t first_ordinal, bool is_placebo) {
	struct target t;
	struct target_segment out;
	uint64_t wake_ns;
	uint8_t octets[FRAME_MAX_OCTETS];
	target_start(&t, &rules, &them, 53, NULL, 0);
	t.first_ordinal = first_ordinal;
	t.is_placebo = is_placebo;
	char text[128];
	snprintf(text, sizeof(text),
		"target 7 missing 0 ordinal %u placebo %u dip 0 dp 0 domain 0 name - job ",
		first_ordinal, is_placebo);
	for (bool is_first = true; target_next(&t, &rules, now_ns, &out, &wake_ns) == TARGET_SEND;
		is_first = false) {
		const struct frame_route route = {
			.ip_id = out.numbers.ip_id, .flow_label = out.numbers.flow_label};
		size_t len = frame_write(octets, sizeof(octets), &route, &out.seg);
		target_observe_sent(&t, &rules, now_ns, &out.seg);
		packet(now_ns, octets, len, is_first ? text : "");
		const struct segment reset = {.src = out.seg.dst,
			.dst = out.seg.src,
			.sport = out.seg.dport,
			.dport = out.seg.sport,
			.ack = out.seg.seq + 1,
			.flags = TCP_RST | TCP_ACK};
		const struct frame_route back = {0};
		len = frame_write(octets, sizeof(octets), &back, &reset);
		cr_assert(target_observe_received(&t, &rules, now_ns, &reset));
		packet_of(PCAPNG_INBOUND, now_ns, octets, len, "");
	}
	cr_assert_eq(t.nb_started, 2);
}

Test(rescan, one_that_begins_again_after_its_last_answer_has_one_record) {
	refused_twice(START_NS, 0, false);
	refused_twice(START_NS + NSEC_PER_SEC, 2, false);
	rescan_finish(rescan, START_NS + 100 * NSEC_PER_SEC);
	cr_expect_eq(nb_records, 1);
	cr_expect_eq(last.from_ns, START_NS + NSEC_PER_SEC);
	cr_expect_eq(counts()->nb_contradicted, 0);
}

Test(rescan, a_placebo_that_begins_again_counts_once) {
	refused_twice(START_NS, 0, true);
	refused_twice(START_NS + NSEC_PER_SEC, 2, true);
	rescan_finish(rescan, START_NS + 100 * NSEC_PER_SEC);
	cr_expect_eq(counts()->nb_placebos, 1);
	cr_expect_eq(counts()->nb_contradicted, 0);
}

Test(rescan, one_that_was_never_reached_has_a_record_without_frames) {
	packet(START_NS, NULL, 0,
		"unreached 198.18.0.9 port 53 from 1000 to 3000 "
		"target 8 missing 0 ordinal 0 placebo 0 dip 0 dp 0 domain 0 name - job ");
	cr_assert_eq(nb_records, 1);
	cr_expect(last.is_silent);
	cr_expect_eq(last.from_ns, 1000);
	cr_expect_eq(last.to_ns, 3000);
	rescan_finish(rescan, START_NS);
	cr_expect_eq(nb_records, 1);
}

Test(rescan, a_job_that_is_no_json_begins_nothing) {
	static const char *const jobs[] = {
		"\"a\":", "}", "\"a\":1}", "\"a\":1},{\"b\":2", "x", "\"a\":\"\n\"", "\"a\":1,"};
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		char comment[256];
		snprintf(comment, sizeof(comment), PLAIN "%s", jobs[i]);
		syn(0, 0, 0, comment);
		cr_expect_eq(counts()->nb_targets, 0, "%s", jobs[i]);
		cr_expect_eq(counts()->nb_strange, i + 1);
	}
}

Test(rescan, a_name_that_no_list_could_have_given_begins_nothing) {
	// a CR LF in a label, a label over the end, something behind the root
	static const char *const names[] = {"03610d0a00", "036100", "01610000"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char comment[256];
		snprintf(comment, sizeof(comment),
			"target 7 missing 0 ordinal 0 placebo 0 dip 0 dp 0 domain 0 name %s job ",
			names[i]);
		syn(0, 0, 0, comment);
		cr_expect_eq(counts()->nb_targets, 0, "%s", names[i]);
		cr_expect_eq(counts()->nb_strange, i + 1);
	}
	syn(0, 0, 0, "target 7 missing 0 ordinal 0 placebo 0 dip 0 dp 0 domain 0 name 016100 job ");
	cr_expect_eq(counts()->nb_targets, 1);
}

Test(rescan, frames_of_nobody_are_passed_over) {
	static const uint8_t rubbish[64] = {1, 2, 3};
	for (size_t len = 0; len <= sizeof(rubbish); len++)
		packet(START_NS, rubbish, len, "");
	const struct pcapng_packet elsewhere = {.interface = 1, .octets = rubbish, .len = 64};
	cr_assert(rescan_packet(rescan, 1, &elsewhere, "", 0));
	rescan_finish(rescan, START_NS);
	cr_expect_eq(nb_records, 0);
	cr_expect_eq(counts()->nb_strange, sizeof(rubbish) + 2);
}
