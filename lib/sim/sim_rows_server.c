#include "lib/sim/sim_app.h"
#include "lib/sim/sim_option.h"
#include "lib/sim/sim_rows.h"
#include "lib/sim/sim_server.h"

#include "lib/sim/sim_hash.h"
#include "lib/tcpstack/bytes.h"

static bool has_kind34(const struct segment *seg) {
	return sim_option_find(seg, TCPOPT_KIND_EXPERIMENT_2).kind != SIM_OPTION_NONE;
}

static void take_all(const struct segment *syn, struct sim_reply *reply) {
	reply->option_len = 0;
	reply->ack_offset = reply->taken = syn->data_len;
}

static void take_nothing(struct sim_reply *reply) {
	reply->option_len = 0;
	reply->ack_offset = reply->taken = 0;
}

// As an answer to whichever kind of option was sent last, if any.
static void offer(
	const struct segment *syn, struct sim_reply *reply, const uint8_t *cookie, uint8_t octets) {
	struct sim_option opt = sim_option_find(syn, SIM_OPTION_NONE);
	take_nothing(reply);
	if (opt.kind != SIM_OPTION_NONE)
		sim_option_put(reply, opt.kind, cookie, octets);
}

static bool has_this_cookie(const struct segment *syn, const uint8_t *cookie, uint8_t octets) {
	struct sim_option opt = sim_option_find(syn, SIM_OPTION_NONE);
	return opt.cookie_octets == octets && memcmp(opt.cookie, cookie, octets) == 0;
}

// tcp_fastopen=0x203: data need no cookie, and none is offered
static void syn_cookieless(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	(void)turn;
	take_all(syn, reply);
}

static void syn_rotating(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	uint8_t cookie[SIM_OPTION_COOKIE_MAX_OCTETS];
	sim_server_cookie(turn, (uint64_t)syn->seq << 16 | syn->sport, cookie);
	offer(syn, reply, cookie, turn->row->cookie_octets);
}

// Which connection to the address this is, from 0 on: a SYN that is repeated is not another one.
static uint64_t count_conns(struct sim_turn *turn, const struct segment *syn) {
	uint64_t number = *sim_server_recall(turn, SIM_SCOPE_CONN, syn->seq);
	if (number == 0) {
		number = ++*sim_server_recall(turn, SIM_SCOPE_ADDR, 0);
		*sim_server_recall(turn, SIM_SCOPE_CONN, syn->seq) = number;
	}
	return number - 1;
}

// Machines with two keys take turns: A A B B, by the count of connections.
static void syn_two_keys(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	uint8_t cookie[SIM_OPTION_COOKIE_MAX_OCTETS];
	uint64_t turns =
		sim_behaviour_draw(turn->hash, SIM_PURPOSE_TURN, 4) + count_conns(turn, syn);
	sim_server_cookie(turn, 1 + turns / 2 % 2, cookie);
	if (has_this_cookie(syn, cookie, 8))
		take_all(syn, reply);
	else
		offer(syn, reply, cookie, 8);
}

static void syn_any_cookie(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	if (sim_option_find(syn, turn->row->ignored_kind).cookie_octets > 0)
		take_all(syn, reply);
}

// A cookie of a key that is in use for this one SYN: its number, and a proof that we made it.
static void cookie_of_moment(const struct sim_turn *turn, uint32_t number, uint8_t cookie[8]) {
	uint8_t proof[SIM_OPTION_COOKIE_MAX_OCTETS];
	sim_server_cookie(turn, UINT64_C(1) << 32 | number, proof);
	put_be32(cookie, number);
	memcpy(cookie + 4, proof, 4);
}

// The key changes after every SYN. Old ones are still good, but a new cookie comes with the answer.
static void syn_backup_key(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	uint8_t fresh[8], sent[8];
	struct sim_option opt = sim_option_find(syn, SIM_OPTION_NONE);
	cookie_of_moment(turn, (uint32_t)sim_hash_mix(syn->seq), fresh);
	offer(syn, reply, fresh, sizeof(fresh));
	if (opt.cookie_octets != sizeof(sent))
		return;
	cookie_of_moment(turn, get_be32(opt.cookie), sent);
	if (memcmp(opt.cookie, sent, sizeof(sent)) == 0)
		reply->ack_offset = reply->taken = syn->data_len;
}

// The key changes once, behind the first cookie that was given out; the old one is forgotten.
static void syn_new_key(struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	uint8_t cookie[SIM_OPTION_COOKIE_MAX_OCTETS];
	if (sim_option_find(syn, SIM_OPTION_NONE).kind == SIM_OPTION_NONE)
		return;
	uint64_t *is_new = sim_server_recall(turn, SIM_SCOPE_ADDR, 0);
	sim_server_cookie(turn, 1 + *is_new, cookie);
	*is_new = 1;
	if (has_this_cookie(syn, cookie, 8))
		take_all(syn, reply);
	else
		offer(syn, reply, cookie, 8);
}

static void syn_half(struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	(void)turn;
	(void)syn;
	reply->ack_offset /= 2;
	reply->taken /= 2;
}

static void syn_over_ack(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	(void)turn;
	if (reply->taken > 0)
		reply->ack_offset = syn->data_len + 5u;
}

static void syn_empty_echo(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	(void)turn;
	if (has_kind34(syn))
		sim_option_put(reply, TCPOPT_KIND_FASTOPEN, NULL, 0);
}

// A mirror that writes a cookie of its own into empty options, and takes no data.
static void syn_mirror(struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	uint8_t own[SIM_OPTION_COOKIE_MAX_OCTETS];
	struct sim_option opt = sim_option_find(syn, TCPOPT_KIND_EXPERIMENT_2);
	if (opt.kind == SIM_OPTION_NONE || opt.cookie_octets > sizeof(own))
		return;
	sim_server_cookie(turn, 0, own);
	if (opt.cookie_octets > 0)
		sim_option_put(reply, opt.kind, opt.cookie, opt.cookie_octets);
	else
		sim_option_put(reply, opt.kind, own, 8);
}

// Answers a request of kind 34 by kind 254, which nobody asked for.
static void syn_other_kind(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	uint8_t cookie[SIM_OPTION_COOKIE_MAX_OCTETS];
	struct sim_option opt = sim_option_find(syn, SIM_OPTION_NONE);
	if (opt.kind != TCPOPT_KIND_FASTOPEN || opt.cookie_octets > 0)
		return;
	take_nothing(reply);
	sim_server_cookie(turn, 0, cookie);
	sim_option_put(reply, TCPOPT_KIND_EXPERIMENT_2, cookie, 8);
}

static void syn_odd_cookie(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	static const uint8_t lengths[] = {7, 18, 1, 2, 3};
	static const uint8_t octets[18] = {1, 2, 3};
	if (has_kind34(syn))
		sim_option_put(reply, TCPOPT_KIND_FASTOPEN, octets, lengths[turn->variant]);
}

static void syn_zero_cookie(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	static const uint8_t zeros[8] = {0};
	(void)turn;
	if (has_this_cookie(syn, zeros, sizeof(zeros)))
		take_all(syn, reply);
	else
		offer(syn, reply, zeros, sizeof(zeros));
}

static void syn_two_cookies(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	static const uint8_t other[8] = {0xee};
	uint8_t cookie[SIM_OPTION_COOKIE_MAX_OCTETS];
	struct sim_option opt = sim_option_find(syn, SIM_OPTION_NONE);
	// two of kind 254 would not fit
	if (opt.kind != TCPOPT_KIND_FASTOPEN || opt.cookie_octets > 0)
		return;
	take_nothing(reply);
	sim_server_cookie(turn, 0, cookie);
	sim_option_put(reply, opt.kind, other, sizeof(other));
	sim_option_put(reply, opt.kind, cookie, 8);
}

static void syn_payload(struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	(void)turn;
	(void)syn;
	reply->has_answer = reply->taken > 0;
}

static void syn_two_answers(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	(void)turn;
	(void)syn;
	if (reply->taken == 0)
		return;
	reply->ack_offset = 0;
	reply->says_more = true;
}

static void syn_near_wrap(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	(void)turn;
	(void)syn;
	reply->iss = UINT32_MAX - reply->iss % 60;
}

static void syn_unasked(struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	uint8_t cookie[SIM_OPTION_COOKIE_MAX_OCTETS];
	sim_server_cookie(turn, 0, cookie);
	if (!sim_option_is_odd(syn))
		sim_option_put(reply, TCPOPT_KIND_FASTOPEN, cookie, 8);
}

static void syn_no_timestamps(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	(void)turn;
	(void)syn;
	reply->has_no_timestamps = true;
}

// Options as a parser would rather not have them.
struct options_form {
	uint8_t octets[TCPOPT_MAX_OCTETS];
	uint8_t len;
};

static void set_form(
	const struct options_form *form, const struct segment *syn, struct sim_reply *reply) {
	if (!has_kind34(syn))
		return;
	reply->is_only_option = true;
	memcpy(reply->option, form->octets, form->len);
	reply->option_len = form->len;
}

static void syn_broken_option(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	static const struct options_form forms[] = {
		{{34, 0, 1, 2, 3, 4, 5, 6}, 8},	 // a length of zero
		{{34, 1, 1, 2, 3, 4, 5, 6}, 8},	 // of one
		{{1, 1, 34, 10, 1, 2, 3, 4}, 8}, // past the end
		{{1, 1, 1, 34}, 4},		 // no length
		{{254, 12, 0xf9, 0x89}, 4},	 // the experimental form, past the end
	};
	set_form(&forms[turn->variant], syn, reply);
}

static void syn_hidden_option(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	static const struct options_form forms[] = {
		// behind the end of the list, with MSS before it, behind a length of zero, inside
		// an option that goes past the end, and nothing but NOPs
		{{0, 34, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1}, 12},
		{{2, 4, 5, 0xb4, 0, 34, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1}, 16},
		{{3, 0, 34, 10, 1, 2, 3, 4, 5, 6, 7, 8}, 12},
		{{3, 60, 34, 10, 1, 2, 3, 4, 5, 6, 7, 8}, 12},
		{{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
			 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
			40},
	};
	set_form(&forms[turn->variant], syn, reply);
}

static void app_silent_when_fast(struct sim_turn *turn, struct sim_conn *c) {
	if (!c->is_fast)
		sim_server_answer(turn, c);
}

static void reset_when_fast(struct sim_turn *turn, struct sim_conn *c) {
	if (c->is_fast)
		sim_server_reset(turn, c);
}

static void app_twice(struct sim_turn *turn, struct sim_conn *c) {
	sim_server_answer(turn, c);
	sim_server_answer(turn, c);
}

// Answer and FIN in one.
static void app_closes(struct sim_turn *turn, struct sim_conn *c) {
	c->out_fin = true;
	sim_server_answer(turn, c);
}

const struct sim_behaviour sim_rows_server[] = {
	// those without a number first: they go on where the table of the path ends
	{0, "cookie that nobody asked for", 0, .syn = syn_unasked,
		.words = {WORKS, NOT_RECEIVED, "tfo.cookie.unsolicited"},
		.control_words = {NO_EXP}},
	{0, "kind 254 for 34", 8, .syn = syn_other_kind,
		.words = {AS_LINUX, "tfo.cookie.wrong_kind"}, .control_words = {LINUX_CONTROLS}},
	{0, "no timestamps", 8, .syn = syn_no_timestamps,
		.words = {WORKS, RECEIVED, LENGTH_8, ACKED},
		.control_words = {LINUX_CONTROLS, EARLY}},
	{1, "Linux with Fast Open", 8, .words = {AS_LINUX}, .control_words = {LINUX_CONTROLS}},
	{2, "plain server", 0, .words = {WORKS, NOT_RECEIVED}, .control_words = {NO_EXP}},
	{3, "queue full", 0, .words = {WORKS, NOT_RECEIVED}, .control_words = {NO_EXP}},
	{4, "0x203", 0, .syn = syn_cookieless, .words = {WORKS, NOT_RECEIVED},
		.control_words = {NO_EXP, "tfo.cookieless.accepted"}},
	{5, "another cookie each time", 8, .syn = syn_rotating,
		.words = {WORKS, RECEIVED, LENGTH_8, NOT_ACKED, REJECTED},
		.control_words = {ROTATING, NEVER_ACCEPTED, EXP}},
	{SIM_ROWS_TWO_KEYS, "two keys by turns", 8, .syn = syn_two_keys,
		.words = {WORKS, RECEIVED, LENGTH_8}, .control_words = {EXP}},
	{7, "any cookie is good", 8, .ignored_kind = TCPOPT_KIND_EXPERIMENT_2,
		.syn = syn_any_cookie, .words = {AS_LINUX},
		.control_words = {STABLE, SHARED, NO_EXP, "tfo.cookie.unchecked"}},
	{8, "new key, old one kept", 8, .syn = syn_backup_key,
		.words = {AS_LINUX, "tfo.cookie.renewed"}, .control_words = {ROTATING, EXP}},
	{9, "new key", 8, .syn = syn_new_key,
		.words = {WORKS, RECEIVED, LENGTH_8, NOT_ACKED, REJECTED},
		.control_words = {ROTATING, EXP}},
	{15, "RST after our ACK", 8, .app = app_silent_when_fast, .established = reset_when_fast,
		.words = {BROKEN, RECEIVED, LENGTH_8, ACKED, "tfo.failure.reset_after", ONLY_DATA},
		.tcp_words = {WORKS, RECEIVED, LENGTH_8, ACKED}, .control_words = {LINUX_CONTROLS}},
	{16, "takes data, never answers", 8, .app = app_silent_when_fast,
		.words = {BROKEN, RECEIVED, LENGTH_8, ACKED, "tfo.failure.stall", ONLY_DATA},
		.tcp_words = {WORKS, RECEIVED, LENGTH_8, ACKED}, .control_words = {LINUX_CONTROLS}},
	{17, "takes half", 8, .syn = syn_half,
		.words = {WORKS, RECEIVED, LENGTH_8, NOT_ACKED, "tfo.syndata.partial"},
		.control_words = {LINUX_CONTROLS}},
	{18, "takes more than there was", 8, .syn = syn_over_ack,
		.words = {BROKEN, RECEIVED, LENGTH_8, NOT_ACKED, "tfo.failure.badack", ONLY_DATA},
		.control_words = {LINUX_CONTROLS}},
	{22, "options come back", 0, .syn = syn_empty_echo,
		.words = {WORKS, NOT_RECEIVED, "tfo.cookie.echoed"}, .control_words = {NO_EXP}},
	{23, "cookies come back", 0, .syn = syn_mirror,
		.words = {WORKS, RECEIVED, LENGTH_8, NOT_ACKED, "tfo.cookie.returned"},
		.control_words = {STABLE, SHARED, NO_EXP, "tfo.cookie.echoed"}},
	{24, "no cookie has that length", 0, .syn = syn_odd_cookie, .nb_variants = 5,
		.words = {WORKS, NOT_RECEIVED, "tfo.cookie.malformed"}, .control_words = {NO_EXP}},
	{25, "4 octets", 4, .words = {WORKS, RECEIVED, "tfo.cookie.length.4", ACKED, EARLY},
		.control_words = {LINUX_CONTROLS}},
	{25, "16 octets", 16, .words = {WORKS, RECEIVED, "tfo.cookie.length.16", ACKED, EARLY},
		.control_words = {LINUX_CONTROLS}},
	{25, "all zero", 8, .syn = syn_zero_cookie, .words = {AS_LINUX},
		.control_words = {LINUX_CONTROLS}},
	{26, "kind 254 alone", 8, .ignored_kind = TCPOPT_KIND_FASTOPEN,
		.words = {WORKS, NOT_RECEIVED}, .control_words = {EXP}},
	{37, "answer in the SYN-ACK", 8, .syn = syn_payload,
		.words = {AS_LINUX, "tfo.synack.payload"}, .control_words = {LINUX_CONTROLS}},
	{40, "answers twice", 8, .app = app_twice, .words = {AS_LINUX, "tfo.answer.duplicate"},
		.tcp_words = {AS_LINUX}, .control_words = {LINUX_CONTROLS}},
	{41, "two SYN-ACKs", 8, .syn = syn_two_answers,
		.words = {WORKS, RECEIVED, LENGTH_8, NOT_ACKED, "tfo.anomaly.synack_inconsistent"},
		.control_words = {LINUX_CONTROLS}},
	{42, "FIN with the answer, no window, late ACKs", 8, .has_zero_window = true,
		.ack_delay_ns = UINT64_C(300000000), .app = app_closes, .words = {AS_LINUX},
		.control_words = {LINUX_CONTROLS}},
	{43, "broken option", 0, .syn = syn_broken_option, .nb_variants = 5,
		.words = {WORKS, NOT_RECEIVED, "tfo.cookie.malformed"}, .control_words = {NO_EXP}},
	{43, "hidden option", 0, .syn = syn_hidden_option, .nb_variants = 5,
		.words = {WORKS, NOT_RECEIVED}, .control_words = {NO_EXP}},
	{44, "numbers near their end", 8, .syn = syn_near_wrap, .words = {AS_LINUX},
		.control_words = {LINUX_CONTROLS}},
	{45, "two cookies", 8, .syn = syn_two_cookies, .words = {AS_LINUX, "tfo.cookie.duplicate"},
		.control_words = {LINUX_CONTROLS}},
};
const unsigned int sim_rows_server_nb = sizeof(sim_rows_server) / sizeof(sim_rows_server[0]);
