// What stands in the option octets of a TCP header, good and bad.
#include "lib/tcpstack/tcpopt.h"

#include "tests/unit/tcpstack/captured.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_AT (14 + 20 + 20) // behind Ethernet, IPv4 and TCP header

// The octets on the heap, where a sanitizer sees the first one beyond them.
struct list {
	uint8_t *octets;
	struct tcpopt_iter it;
	struct tcpopt opt;
};

#define LIST(...) list_of((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static struct list list_of(const uint8_t *octets, size_t len) {
	struct list l = {.octets = calloc(1, len ? len : 1)};
	memcpy(l.octets, octets, len);
	l.it = tcpopt_begin(l.octets, len);
	return l;
}

static enum tcpopt_step step(struct list *l) {
	return tcpopt_next(&l->it, &l->opt);
}

// The next option has this kind and stands at this offset.
static bool finds(struct list *l, uint8_t kind, size_t value_at, uint8_t value_len) {
	return step(l) == TCPOPT_FOUND && l->opt.kind == kind && l->opt.len_octets == value_len &&
	       l->opt.value == l->octets + value_at;
}

static bool ends(struct list *l) {
	bool is_end = step(l) == TCPOPT_END && step(l) == TCPOPT_END;
	free(l->octets);
	return is_end;
}

static bool is_broken(struct list *l, uint8_t kind) {
	bool is = step(l) == TCPOPT_BROKEN && l->opt.kind == kind && l->opt.len_octets == 0 &&
		  step(l) == TCPOPT_BROKEN;
	free(l->octets);
	return is;
}

Test(tcpopt, no_octets_are_an_empty_list) {
	struct list l = list_of((const uint8_t *)"", 0);
	cr_assert(ends(&l));
}

Test(tcpopt, options_come_in_the_order_of_the_wire) {
	// mss 1460,sackOK,wscale 7
	struct list l = LIST(2, 4, 0x05, 0xb4, 4, 2, 3, 3, 7);
	cr_assert(finds(&l, TCPOPT_KIND_MSS, 2, 2));
	cr_assert(finds(&l, TCPOPT_KIND_SACK_PERMITTED, 6, 0));
	cr_assert(finds(&l, TCPOPT_KIND_WSCALE, 8, 1));
	cr_assert(ends(&l));
}

Test(tcpopt, nops_are_skipped_wherever_they_stand) {
	// nop,nop,sackOK,nop,wscale 7,nop
	struct list l = LIST(1, 1, 4, 2, 1, 3, 3, 7, 1);
	cr_assert(finds(&l, TCPOPT_KIND_SACK_PERMITTED, 4, 0));
	cr_assert(finds(&l, TCPOPT_KIND_WSCALE, 7, 1));
	cr_assert(ends(&l));
}

Test(tcpopt, nothing_but_nops_is_an_empty_list) {
	struct list l = LIST(1, 1, 1, 1);
	cr_assert(ends(&l));
}

Test(tcpopt, eol_ends_the_list_before_other_options) {
	// eol,sackOK
	struct list l = LIST(0, 4, 2);
	cr_assert(ends(&l));
}

Test(tcpopt, eol_behind_an_option_ends_the_list) {
	// sackOK,eol,wscale 7
	struct list l = LIST(4, 2, 0, 3, 3, 7);
	cr_assert(finds(&l, TCPOPT_KIND_SACK_PERMITTED, 2, 0));
	cr_assert(ends(&l));
}

Test(tcpopt, eol_behind_nop_ends_the_list) {
	struct list l = LIST(1, 0, 4, 2);
	cr_assert(ends(&l));
}

Test(tcpopt, option_of_length_zero_is_broken) {
	struct list l = LIST(34, 0, 1, 1);
	cr_assert(is_broken(&l, 34));
}

Test(tcpopt, option_of_length_one_is_broken) {
	struct list l = LIST(34, 1, 1, 1);
	cr_assert(is_broken(&l, 34));
}

Test(tcpopt, kind_without_length_is_broken) {
	struct list l = LIST(4, 2, 34);
	cr_assert(finds(&l, TCPOPT_KIND_SACK_PERMITTED, 2, 0));
	cr_assert(is_broken(&l, 34));
}

Test(tcpopt, option_beyond_the_header_by_one_octet_is_broken) {
	struct list l = LIST(34, 10, 1, 2, 3, 4, 5, 6, 7);
	cr_assert(is_broken(&l, 34));
}

Test(tcpopt, option_of_length_255_is_broken) {
	struct list l = LIST(254, 255, 0xf9, 0x89);
	cr_assert(is_broken(&l, 254));
}

Test(tcpopt, option_that_fills_the_list_to_its_end_is_found) {
	// tfo  cookie 0102030405060708
	struct list l = LIST(34, 10, 1, 2, 3, 4, 5, 6, 7, 8);
	cr_assert(finds(&l, TCPOPT_KIND_FASTOPEN, 2, 8));
	cr_assert(ends(&l));
}

Test(tcpopt, option_without_value_is_found) {
	// tfo  cookiereq
	struct list l = LIST(34, 2);
	cr_assert(finds(&l, TCPOPT_KIND_FASTOPEN, 2, 0));
	cr_assert(ends(&l));
}

Test(tcpopt, option_of_38_octets_of_value_is_found) {
	uint8_t octets[TCPOPT_MAX_OCTETS] = {253, TCPOPT_MAX_OCTETS};
	struct list l = list_of(octets, sizeof(octets));
	cr_assert(finds(&l, TCPOPT_KIND_EXPERIMENT_1, 2, 38));
	cr_assert(ends(&l));
}

Test(tcpopt, twenty_options_are_found_in_forty_octets) {
	uint8_t octets[TCPOPT_MAX_OCTETS];
	for (size_t i = 0; i < sizeof(octets); i += 2) {
		octets[i] = TCPOPT_KIND_FASTOPEN;
		octets[i + 1] = 2;
	}
	struct list l = list_of(octets, sizeof(octets));
	for (size_t i = 0; i < sizeof(octets); i += 2)
		cr_assert(finds(&l, TCPOPT_KIND_FASTOPEN, i + 2, 0));
	cr_assert(ends(&l));
}

Test(tcpopt, unknown_kinds_are_found) {
	struct list l = LIST(99, 3, 0xaa, 255, 4, 0xf9, 0x89);
	cr_assert(finds(&l, 99, 2, 1));
	cr_assert(finds(&l, 255, 5, 2));
	cr_assert(ends(&l));
}

Test(tcpopt, good_options_before_a_broken_one_are_found) {
	struct list l = LIST(4, 2, 34, 1);
	cr_assert(finds(&l, TCPOPT_KIND_SACK_PERMITTED, 2, 0));
	cr_assert(is_broken(&l, 34));
}

Test(tcpopt, repeated_kinds_are_all_found) {
	struct list l = LIST(34, 2, 34, 2);
	cr_assert(finds(&l, TCPOPT_KIND_FASTOPEN, 2, 0));
	cr_assert(finds(&l, TCPOPT_KIND_FASTOPEN, 4, 0));
	cr_assert(ends(&l));
}

// mss 1460,sackOK,TS,nop,wscale 10,tfo cookie,nop,nop of a Linux server
Test(tcpopt, syn_ack_of_a_fast_open_server_is_read) {
	struct list l = list_of(captured_cookie4 + OPTIONS_AT, 32);
	cr_assert(finds(&l, TCPOPT_KIND_MSS, 2, 2));
	cr_assert(finds(&l, TCPOPT_KIND_SACK_PERMITTED, 6, 0));
	cr_assert(finds(&l, TCPOPT_KIND_TIMESTAMPS, 8, 8));
	cr_assert(finds(&l, TCPOPT_KIND_WSCALE, 19, 1));
	cr_assert(finds(&l, TCPOPT_KIND_FASTOPEN, 22, 8));
	cr_assert(ends(&l));
}

Test(tcpopt, list_cut_anywhere_ends_or_is_broken) {
	for (size_t len = 0; len < 32; len++) {
		struct list l = list_of(captured_cookie4 + OPTIONS_AT, len);
		enum tcpopt_step last;
		unsigned int nb_found = 0;
		while ((last = step(&l)) == TCPOPT_FOUND) {
			cr_assert(l.opt.value + l.opt.len_octets <= l.octets + len);
			nb_found++;
		}
		bool is_whole = len == 0 || len == 4 || len == 6 || len == 16 || len == 17 ||
				len == 20 || len >= 30;
		cr_assert_eq(last, is_whole ? TCPOPT_END : TCPOPT_BROKEN, "length %zu", len);
		cr_assert_leq(nb_found, 5);
		free(l.octets);
	}
}
