#include "tests/conversation/behaviour_words.h"

// The SYN carries a cookie, whatever the server thinks of it.
static bool has_cookie(const struct segment *seg) {
	const uint8_t *cookie;
	uint8_t len;
	return responder_option(seg, &cookie, &len) != 0 && len > 0;
}

static void take_all(const struct segment *syn, struct syn_reply *reply) {
	reply->option_len = 0;
	reply->ack_offset = reply->taken = syn->data_len;
}

static void take_nothing(struct syn_reply *reply) {
	reply->option_len = 0;
	reply->ack_offset = reply->taken = 0;
}

static void syn_plain(struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	(void)r;
	(void)syn;
	take_nothing(reply);
}

// tcp_fastopen=0x203: data need no cookie, and none is offered
static void syn_cookieless(
	struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	(void)r;
	take_all(syn, reply);
}

static void syn_rotating(struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	take_nothing(reply);
	r->cookie[0] = (uint8_t)r->nb_syns;
	if (has_option(syn))
		responder_set_option(reply, 34, r->cookie, r->behaviour->cookie_octets);
}

static void syn_any_cookie(
	struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	(void)r;
	if (has_cookie(syn))
		take_all(syn, reply);
}

// The key changed after the request; the old one is still good.
static void syn_backup_key(
	struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	static const uint8_t renewed[8] = {0xdd, 1, 2, 3};
	if (!has_cookie(syn))
		return;
	take_all(syn, reply);
	responder_set_option(reply, 34, renewed, r->behaviour->cookie_octets);
}

static void syn_new_key(struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	static const uint8_t other[8] = {0xdd, 1, 2, 3};
	if (!has_cookie(syn))
		return;
	take_nothing(reply);
	responder_set_option(reply, 34, other, r->behaviour->cookie_octets);
}

static void syn_half(struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	(void)r;
	reply->ack_offset /= 2;
	reply->taken /= 2;
	(void)syn;
}

static void syn_over_ack(struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	(void)r;
	if (syn->data_len > 0)
		reply->ack_offset = syn->data_len + 5u;
}

// A mirror that writes a cookie of its own into empty options, and takes no data.
static void syn_mirror(struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	const uint8_t *cookie;
	uint8_t len;
	take_nothing(reply);
	if (responder_option(syn, &cookie, &len) == 0)
		return;
	responder_set_option(reply, 34, len > 0 ? cookie : r->cookie, 8);
}

static void syn_empty_echo(
	struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	(void)r;
	if (has_option(syn))
		responder_set_option(reply, 34, NULL, 0);
}

// 254 only: the option that we ask with means nothing to it.
static void syn_experimental(
	struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	syn_plain(r, syn, reply);
}

// Answers a request of kind 34 by kind 254, which nobody asked for.
static void syn_other_kind(
	struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	static const uint8_t value[10] = {0xf9, 0x89, 0xc0, 1, 2, 3, 4, 5, 6, 7};
	(void)r;
	if (!has_option(syn) || has_cookie(syn))
		return;
	take_nothing(reply);
	responder_set_option(reply, 254, value, sizeof(value));
}

static void syn_odd_cookie(
	struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	static const uint8_t lengths[] = {7, 18, 1, 2, 3};
	static const uint8_t octets[18] = {1, 2, 3};
	if (has_option(syn))
		responder_set_option(reply, 34, octets, lengths[r->variant]);
}

static void syn_zero_cookie(
	struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	static const uint8_t zeros[8] = {0};
	const uint8_t *cookie;
	uint8_t len;
	(void)r;
	take_nothing(reply);
	if (responder_option(syn, &cookie, &len) == 0)
		return;
	if (len == 8 && memcmp(cookie, zeros, 8) == 0)
		take_all(syn, reply);
	else
		responder_set_option(reply, 34, zeros, 8);
}

static void syn_two_cookies(
	struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	static const uint8_t other[8] = {0xee};
	if (!has_option(syn) || has_cookie(syn))
		return;
	take_nothing(reply);
	responder_set_option(reply, 34, other, 8);
	responder_set_option(reply, 34, r->cookie, 8);
}

static void syn_payload(struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	(void)r;
	(void)syn;
	reply->has_answer = reply->taken > 0;
}

static void syn_two_answers(
	struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	(void)r;
	if (reply->taken == 0)
		return;
	(void)syn;
	reply->ack_offset = 0;
	reply->says_more = true;
}

// Options as a parser would rather not have them.
struct options_form {
	uint8_t octets[TCPOPT_MAX_OCTETS];
	uint8_t len;
};

static void set_form(
	const struct options_form *form, const struct segment *syn, struct syn_reply *reply) {
	if (!has_option(syn))
		return;
	reply->is_only_option = true;
	memcpy(reply->option, form->octets, form->len);
	reply->option_len = form->len;
}

static void syn_broken_option(
	struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	static const struct options_form forms[] = {
		{{34, 0, 1, 2, 3, 4, 5, 6}, 8},	 // a length of zero
		{{34, 1, 1, 2, 3, 4, 5, 6}, 8},	 // of one
		{{1, 1, 34, 10, 1, 2, 3, 4}, 8}, // past the end
		{{1, 1, 1, 34}, 4},		 // no length
		{{254, 12, 0xf9, 0x89}, 4},	 // the experimental form, past the end
	};
	set_form(&forms[r->variant], syn, reply);
}

static void syn_hidden_option(
	struct responder *r, const struct segment *syn, struct syn_reply *reply) {
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
	set_form(&forms[r->variant], syn, reply);
}

static void syn_unasked(struct responder *r, const struct segment *syn, struct syn_reply *reply) {
	take_nothing(reply);
	if (!has_option(syn))
		responder_set_option(reply, 34, r->cookie, 8);
}

static void app_silent_when_fast(struct responder *r, struct server_conn *c) {
	if (!c->is_fast)
		responder_answer(r, c);
}

static void reset_when_fast(struct responder *r, struct server_conn *c) {
	if (c->is_fast)
		responder_reset(r, c);
}

static void app_twice(struct responder *r, struct server_conn *c) {
	responder_answer(r, c);
	responder_answer(r, c);
}

// Answer and FIN in one.
static void app_closes(struct responder *r, struct server_conn *c) {
	c->out_fin = true;
	responder_answer(r, c);
}

const struct behaviour behaviours_server[] = {
	{1, "Linux with Fast Open", 8, .words = {WORKS, RECEIVED, LENGTH_8, ACKED, EARLY}},
	{2, "plain server", 0, .words = {WORKS, NOT_RECEIVED}},
	{3, "queue full", 8, .syn = syn_plain, .words = {WORKS, NOT_RECEIVED}},
	{4, "0x203", 8, .syn = syn_cookieless, .words = {WORKS, NOT_RECEIVED}},
	{5, "another cookie each time", 8, .syn = syn_rotating,
		.words = {WORKS, RECEIVED, LENGTH_8, NOT_ACKED, "tfo.cookie.rejected"}},
	{7, "any cookie is good", 8, .syn = syn_any_cookie,
		.words = {WORKS, RECEIVED, LENGTH_8, ACKED, EARLY}},
	{8, "new key, old one kept", 8, .syn = syn_backup_key,
		.words = {WORKS, RECEIVED, LENGTH_8, ACKED, EARLY, "tfo.cookie.renewed"}},
	{9, "new key", 8, .syn = syn_new_key,
		.words = {WORKS, RECEIVED, LENGTH_8, NOT_ACKED, "tfo.cookie.rejected"}},
	{15, "RST after our ACK", 8, .app = app_silent_when_fast, .established = reset_when_fast,
		.words = {BROKEN, RECEIVED, LENGTH_8, ACKED, "tfo.failure.reset_after", ONLY_DATA},
		.tcp_words = {WORKS, RECEIVED, LENGTH_8, ACKED}},
	{16, "takes data, never answers", 8, .app = app_silent_when_fast,
		.words = {BROKEN, RECEIVED, LENGTH_8, ACKED, "tfo.failure.stall", ONLY_DATA},
		.tcp_words = {WORKS, RECEIVED, LENGTH_8, ACKED}},
	{17, "takes half", 8, .syn = syn_half,
		.words = {WORKS, RECEIVED, LENGTH_8, NOT_ACKED, "tfo.syndata.partial"}},
	{18, "takes more than there was", 8, .syn = syn_over_ack,
		.words = {BROKEN, RECEIVED, LENGTH_8, NOT_ACKED, "tfo.failure.badack", ONLY_DATA}},
	{22, "options come back", 0, .syn = syn_empty_echo,
		.words = {WORKS, NOT_RECEIVED, "tfo.cookie.echoed"}},
	{23, "cookies come back", 0, .syn = syn_mirror,
		.words = {WORKS, RECEIVED, LENGTH_8, NOT_ACKED, "tfo.cookie.returned"}},
	{24, "no cookie has that length", 0, .syn = syn_odd_cookie, .nb_variants = 5,
		.words = {WORKS, NOT_RECEIVED, "tfo.cookie.malformed"}},
	{25, "4 octets", 4, .words = {WORKS, RECEIVED, "tfo.cookie.length.4", ACKED, EARLY}},
	{25, "16 octets", 16, .words = {WORKS, RECEIVED, "tfo.cookie.length.16", ACKED, EARLY}},
	{25, "all zero", 0, .syn = syn_zero_cookie,
		.words = {WORKS, RECEIVED, LENGTH_8, ACKED, EARLY}},
	{26, "kind 254 alone", 0, .syn = syn_experimental, .words = {WORKS, NOT_RECEIVED}},
	{26, "kind 254 for 34", 8, .syn = syn_other_kind,
		.words = {WORKS, RECEIVED, LENGTH_8, ACKED, EARLY, "tfo.cookie.wrong_kind"}},
	{37, "answer in the SYN-ACK", 8, .syn = syn_payload,
		.words = {WORKS, RECEIVED, LENGTH_8, ACKED, EARLY, "tfo.synack.payload"}},
	{40, "answers twice", 8, .app = app_twice, .is_dns_only = true,
		.words = {WORKS, RECEIVED, LENGTH_8, ACKED, EARLY, "tfo.answer.duplicate"}},
	{41, "two SYN-ACKs", 8, .syn = syn_two_answers,
		.words = {WORKS, RECEIVED, LENGTH_8, NOT_ACKED, "tfo.anomaly.synack_inconsistent"}},
	{42, "FIN with the answer, no window, late ACKs", 8, .has_zero_window = true,
		.ack_delay_ns = 300 * NSEC_PER_MSEC, .app = app_closes,
		.words = {WORKS, RECEIVED, LENGTH_8, ACKED, EARLY}},
	{43, "broken option", 0, .syn = syn_broken_option, .nb_variants = 5,
		.words = {WORKS, NOT_RECEIVED, "tfo.cookie.malformed"}},
	{43, "hidden option", 0, .syn = syn_hidden_option, .nb_variants = 5,
		.words = {WORKS, NOT_RECEIVED}},
	{45, "two cookies", 8, .syn = syn_two_cookies,
		.words = {WORKS, RECEIVED, LENGTH_8, ACKED, EARLY, "tfo.cookie.duplicate"}},
	{0, "cookie that nobody asked for", 0, .syn = syn_unasked,
		.words = {WORKS, NOT_RECEIVED, "tfo.cookie.unsolicited"}},
};
const unsigned int nb_behaviours_server = sizeof(behaviours_server) / sizeof(behaviours_server[0]);
