#include "lib/status.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct status_plan plan = {.life_s = 8, .cooldown_s = 8};

// A scan of 10,000 targets, 1,000 a second, after five seconds.
static struct status_counts halfway(void) {
	return (struct status_counts){
		.sent = 25000,
		.received = 4000,
		.begun = 5000,
		.records = 2500,
		.answered = 100,
		.cookies = 7,
		.planned = 10000,
		.in_flight = 2500,
		.nb_workers = 2,
		.limit = 5000,
	};
}

static struct status status_after(
	const struct status_plan *p, const struct status_counts *c, double elapsed_s) {
	struct status_track track = {0};
	struct status s;
	status_step(&track, p, c, elapsed_s, &s);
	return s;
}

static const char *line_of(const struct status *s, unsigned int columns) {
	static char line[STATUS_LINE_OCTETS];
	status_line(s, columns, line);
	return line;
}

Test(status, rates_are_those_of_the_last_second_and_of_all) {
	struct status_track track = {0};
	struct status_counts c = halfway();
	struct status s;
	status_step(&track, &plan, &c, 5, &s);
	c.sent += 9000;
	c.received += 1000;
	c.drops += 3;
	c.unsent += 4;
	c.answered += 20;
	status_step(&track, &plan, &c, 6, &s);
	cr_assert_float_eq(s.sent_now, 9000, 0.1);
	cr_assert_float_eq(s.sent_mean, 34000 / 6.0, 0.1);
	cr_assert_float_eq(s.received_now, 1000, 0.1);
	cr_assert_float_eq(s.drops_now, 3, 0.1);
	cr_assert_float_eq(s.unsent_now, 4, 0.1);
	cr_assert_float_eq(s.answered_now, 20, 0.1);
	cr_assert_float_eq(s.answered_mean, 20, 0.1);
}

Test(status, the_time_left_is_that_of_targets_to_begin_then_the_last_ones_then_the_cooldown) {
	struct status_counts c = halfway();
	struct status s = status_after(&plan, &c, 5);
	cr_assert_float_eq(s.left_s, 5 + 8 + 8, 0.01);
	cr_assert_float_eq(s.done, 0.25, 0.001);
	c.begun = c.planned;
	c.phase = STATUS_ENDING;
	c.phase_s = 3;
	s = status_after(&plan, &c, 13);
	cr_assert_float_eq(s.left_s, 5 + 8, 0.01);
	c.phase_s = 30; // later rounds take longer
	s = status_after(&plan, &c, 40);
	cr_assert_float_eq(s.left_s, 8, 0.01);
	c.phase = STATUS_COOLDOWN;
	c.phase_s = 6;
	s = status_after(&plan, &c, 46);
	cr_assert_float_eq(s.left_s, 2, 0.01);
	c.phase = STATUS_DONE;
	s = status_after(&plan, &c, 48);
	cr_assert_float_eq(s.left_s, 0, 0.01);
}

Test(status, the_time_left_follows_a_rate_that_changes) {
	struct status_track track = {0};
	struct status_counts c = {.planned = 1000000};
	struct status s;
	for (int i = 1; i <= 60; i++) {
		c.begun += i <= 20 ? 1000 : 4000;
		status_step(&track, &plan, &c, i, &s);
	}
	cr_assert_float_eq(s.left_s, (1000000 - 180000) / 4000.0 + 16, 2);
}

Test(status, the_limit_of_the_runtime_counts_if_it_comes_first) {
	struct status_plan limited = plan;
	limited.max_runtime_s = 7;
	struct status_counts c = halfway();
	cr_assert_float_eq(status_after(&limited, &c, 5).left_s, 2 + 16, 0.01);
	limited.max_runtime_s = 100;
	cr_assert_float_eq(status_after(&limited, &c, 5).left_s, 5 + 16, 0.01);
	c.planned = 0;
	cr_assert_float_eq(status_after(&limited, &c, 5).left_s, 95 + 16, 0.01);
}

Test(status, a_stream_has_no_end_that_is_known) {
	struct status_counts c = halfway();
	c.planned = 0;
	struct status s = status_after(&plan, &c, 5);
	cr_assert_lt(s.left_s, 0);
	cr_assert_lt(s.done, 0);
	cr_assert(strstr(line_of(&s, 0), " 0:05 (no end known); send: 25000 "));
	char row[STATUS_LINE_OCTETS];
	status_csv_row(&s, 0, row);
	cr_assert_eq(strncmp(row, "1970-01-01 00:00:00,5,,,4.000000,2,25000,", 41), 0, "%s", row);
}

Test(status, numbers_have_three_figures_and_a_unit) {
	char text[STATUS_NUMBER_OCTETS];
	cr_assert_str_eq(status_number(0, text), "0 ");
	cr_assert_str_eq(status_number(999, text), "999 ");
	cr_assert_str_eq(status_number(999.6, text), "1.00 K");
	cr_assert_str_eq(status_number(9500, text), "9.50 K");
	cr_assert_str_eq(status_number(9999, text), "10.0 K");
	cr_assert_str_eq(status_number(95000, text), "95.0 K");
	cr_assert_str_eq(status_number(999949, text), "1.00 M");
	cr_assert_str_eq(status_number(14880952, text), "14.9 M");
	cr_assert_str_eq(status_number(2.5e12, text), "2500 G");
}

Test(status, the_line_has_the_form_of_zmaps) {
	struct status_counts c = halfway();
	struct status s = status_after(&plan, &c, 5);
	cr_assert_str_eq(line_of(&s, 0),
		" 0:05 25% (21s left); send: 25000 5.00 Kp/s (5.00 Kp/s avg); recv: 4000 800 p/s "
		"(800 p/s avg); drops: 0 (0 p/s); hitrate: 4.00%; records: 2500; TFO: 7");
	c.is_climbing = true;
	c.nb_back = 2;
	c.phase = STATUS_COOLDOWN;
	s = status_after(&plan, &c, 3 * 86400 + 3723);
	cr_assert(strstr(line_of(&s, 0), "3d1:02:03 25% (8s left) (cooldown); "), "%s",
		line_of(&s, 0));
	cr_assert(strstr(line_of(&s, 0), "TFO: 7; limit: 5.00 Kp/s, taken back 2 times"));
	cr_assert_null(strstr(line_of(&s, 0), "slowed"));
	s.counts.slowed = 3;
	cr_assert(strstr(line_of(&s, 0), "taken back 2 times; slowed: 3 networks"));
}

Test(status, long_times_have_two_units) {
	struct status_counts c = {.planned = 1, .begun = 0, .phase = STATUS_SCANNING};
	static const struct {
		double left_s;
		const char *text;
	} rows[] = {
		{59, "(59s left)"},
		{61, "(1m01s left)"},
		{3 * 3600 + 240, "(3h04m left)"},
		{86400 + 3600, "(1d01h left)"},
		{12 * 86400, "(12d left)"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct status_plan p = {.max_runtime_s = rows[i].left_s + 1};
		struct status s = status_after(&p, &c, 1);
		cr_assert(strstr(line_of(&s, 0), rows[i].text), "%s", line_of(&s, 0));
	}
}

Test(status, a_line_does_not_fill_the_terminal) {
	struct status_counts c = halfway();
	struct status s = status_after(&plan, &c, 5);
	size_t whole = strlen(line_of(&s, 0));
	cr_assert_eq(strlen(line_of(&s, (unsigned int)whole + 1)), whole);
	cr_assert_str_eq(line_of(&s, 100), " 0:05 25% (21s left); 5.00 Kp/s sent, 800 p/s recv; "
					   "drops: 0; hits: 4.00%; TFO: 7");
	for (unsigned int columns = 1; columns < 90; columns++)
		cr_assert_lt(strlen(line_of(&s, columns)), columns);
}

static unsigned int nb_commas(const char *text) {
	unsigned int nb = 0;
	for (; *text; text++)
		nb += *text == ',';
	return nb;
}

Test(status, a_row_has_a_value_for_each_column) {
	struct status_counts c = halfway();
	c.drops = 5;
	c.unsent = 10;
	struct status s = status_after(&plan, &c, 5);
	char row[STATUS_LINE_OCTETS];
	status_csv_row(&s, 1764450000, row);
	cr_assert_str_eq(row,
		"2025-11-29 "
		"21:00:00,5,21,25.000000,4.000000,2,25000,5000,5000,100,20,20,4000,800,800,"
		"5,1,1,10,2,2,5000,2500,2500,7,5000\n");
	cr_assert_eq(nb_commas(row), nb_commas(status_csv_head()));
	cr_assert_eq(strncmp(status_csv_head(), "real-time,time-elapsed,time-remaining,", 38), 0);
}

Test(status, the_longest_row_has_room) {
	struct status_counts c;
	memset(&c, 0xff, sizeof(c));
	c.limit = 1e10;
	c.phase = STATUS_DONE;
	c.is_climbing = true;
	struct status s = status_after(&plan, &c, 1e9);
	char row[STATUS_LINE_OCTETS];
	status_csv_row(&s, 1764450000, row);
	cr_assert_eq(row[strlen(row) - 1], '\n');
	cr_assert(strstr(line_of(&s, 0), "taken back"));
}
