#include "lib/ownloss.h"

#include <criterion/criterion.h>

#include <string.h>

static struct ownloss passed(uint64_t received, uint64_t sent) {
	return (struct ownloss){.received = received, .sent = sent};
}

Test(ownloss, one_in_ten_thousand_is_tolerated_and_one_more_is_not) {
	for (enum ownloss_kind kind = 0; kind < OWNLOSS_NB_KINDS; kind++) {
		struct ownloss loss = passed(1000000, 1000000);
		bool is_sending = kind == OWNLOSS_UNSENT;
		loss.nb[kind] = 100;
		cr_assert_not(ownloss_is_deaf(&loss) || ownloss_is_mute(&loss));
		loss.nb[kind] = 101;
		cr_assert_eq(ownloss_is_deaf(&loss), !is_sending);
		cr_assert_eq(ownloss_is_mute(&loss), is_sending);
	}
}

Test(ownloss, what_is_lost_in_receiving_is_one_sum) {
	struct ownloss loss = passed(1000000, 1000000);
	for (enum ownloss_kind kind = 0; kind < OWNLOSS_UNSENT; kind++)
		loss.nb[kind] = 21;
	cr_assert(ownloss_is_deaf(&loss));
	cr_assert_not(ownloss_is_mute(&loss));
	cr_assert_eq(ownloss_total(&loss), 5 * 21);
}

Test(ownloss, a_loss_counts_where_nothing_came_at_all) {
	struct ownloss loss = passed(0, 10);
	cr_assert_not(ownloss_is_deaf(&loss));
	loss.nb[OWNLOSS_IMISSED] = 1;
	cr_assert(ownloss_is_deaf(&loss));
}

Test(ownloss, the_advice_is_for_the_worst_of_the_sums_that_are_above) {
	struct ownloss loss = passed(1000000, 100);
	enum ownloss_kind worst = OWNLOSS_IMISSED;
	cr_assert_null(ownloss_advice(&loss, &worst));
	loss.nb[OWNLOSS_SOCKET] = 90; // tolerated
	loss.nb[OWNLOSS_UNSENT] = 3;
	cr_assert_not_null(ownloss_advice(&loss, &worst));
	cr_assert_eq(worst, OWNLOSS_UNSENT);
	loss.nb[OWNLOSS_HANDOVER] = 95; // together they are not
	cr_assert_not_null(ownloss_advice(&loss, &worst));
	cr_assert_eq(worst, OWNLOSS_HANDOVER);
}

Test(ownloss, the_line_names_every_counter_and_is_cut_to_its_room) {
	struct ownloss loss = passed(10, 10);
	char line[256], cut[12];
	loss.nb[OWNLOSS_RX_NOMBUF] = 7;
	ownloss_write(&loss, line, sizeof(line));
	cr_assert_str_eq(
		line, "imissed 0, ierrors 0, rx_nombuf 7, socket 0, hand-over 0, unsent 0");
	ownloss_write(&loss, cut, sizeof(cut));
	cr_assert_str_eq(cut, "imissed 0, ");
}

Test(ownloss, whoever_is_not_to_be_trusted_is_told_why) {
	char line[OWNLOSS_DOUBT_OCTETS] = "";
	struct ownloss loss = passed(1000000, 100);
	loss.nb_pauses = loss.nb_pauses_mended = 50;
	cr_assert_not(ownloss_doubt(&loss, line, sizeof(line)));
	cr_assert_str_empty(line);
	loss.nb_pauses = 51;
	cr_assert(ownloss_doubt(&loss, line, sizeof(line)));
	cr_assert_not_null(strstr(line, "not to be trusted: 51 times a worker was off its CPU"));
	for (enum ownloss_kind kind = 0; kind < OWNLOSS_NB_KINDS; kind++)
		loss.nb[kind] = UINT64_MAX / 8;
	cr_assert(ownloss_doubt(&loss, line, sizeof(line)));
	cr_assert_not_null(strstr(line, "not to be trusted: more than 0.01 %"));
	cr_assert_lt(strlen(line), sizeof(line) - 1);
	cr_assert_eq(line[strlen(line) - 1], ')');
}

Test(ownloss, damaged_frames_have_nothing_to_do_with_the_rate) {
	struct ownloss loss = passed(1000000, 100);
	loss.nb[OWNLOSS_IERRORS] = 5;
	loss.nb[OWNLOSS_UNSENT] = 3;
	cr_assert_eq(ownloss_of_rate(&loss), 0);
	loss.nb[OWNLOSS_IMISSED] = 7;
	loss.nb[OWNLOSS_SOCKET] = 2;
	cr_assert_eq(ownloss_of_rate(&loss), 9);
}
