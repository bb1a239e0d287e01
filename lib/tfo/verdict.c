#include "lib/tfo/verdict.h"

#include <assert.h>

#define BIT(label) CONDITION_BIT(CONDITION_##label)

static bool is_ok(const struct evidence *ev) {
	return ev->outcome == OUTCOME_OK;
}

static bool was_made(const struct evidence *ev) {
	return ev->sport != 0;
}

static bool has_synack(const struct evidence *ev) {
	return (ev->marks & MARK_SYNACK) != 0;
}

// ---- one round

// How a connection failed; nothing for one that did not.
static uint64_t failure(uint8_t outcome) {
	static const uint64_t words[NB_OUTCOMES] = {
		[OUTCOME_OK] = 0,
		[OUTCOME_RST] = BIT(FAILURE_RST),
		[OUTCOME_ICMP] = BIT(FAILURE_ICMP),
		[OUTCOME_BADACK] = BIT(FAILURE_BADACK),
		[OUTCOME_STALL] = BIT(FAILURE_STALL),
		[OUTCOME_RESET_AFTER] = BIT(FAILURE_RESET_AFTER),
		[OUTCOME_NONE] = BIT(FAILURE_TIMEOUT),
	};
	return words[outcome];
}

// What the SYN-ACK to a SYN with the option says, whatever it says about a cookie.
static uint64_t cookie_marks(const struct evidence *ev) {
	uint64_t set = 0;
	if (ev->marks & MARK_COOKIE_EMPTY)
		set |= BIT(COOKIE_ECHOED);
	if (ev->marks & MARK_COOKIE_MALFORMED)
		set |= BIT(COOKIE_MALFORMED);
	if (ev->marks & MARK_COOKIE_DUPLICATE)
		set |= BIT(COOKIE_DUPLICATE);
	if (ev->cookie_in.len_octets > 0 && ev->option_in != ev->option_out)
		set |= BIT(COOKIE_WRONG_KIND);
	return set;
}

static uint64_t cookie(const struct evidence evidence[NB_PROBES]) {
	const struct evidence *request = &evidence[PROBE_REQUEST];
	const struct evidence *data = &evidence[PROBE_DATA];
	// nothing is said where no SYN-ACK answered a SYN with the option
	if (!has_synack(request) && !has_synack(data))
		return 0;
	uint64_t set = cookie_marks(request) | cookie_marks(data);
	uint8_t len_octets = request->cookie_in.len_octets;
	if (len_octets > 0) {
		unsigned int row = (len_octets - COOKIE_MIN_OCTETS) / 2u;
		return set | BIT(COOKIE_RECEIVED) | CONDITION_BIT(CONDITION_COOKIE_LENGTH_4 + row);
	}
	if (evidence[PROBE_BASELINE].cookie_in.len_octets > 0)
		set |= BIT(COOKIE_UNSOLICITED);
	return set | BIT(COOKIE_NOT_RECEIVED);
}

static uint64_t zerortt(const struct evidence *data) {
	if (data->marks & MARK_ZERORTT_YES)
		return BIT(ZERORTT_YES);
	return data->marks & MARK_ZERORTT_NO ? BIT(ZERORTT_NO) : 0;
}

// The SYN-ACK acknowledged no octet: what it says about the cookie that was sent.
static uint64_t refused_cookie(const struct evidence *data) {
	if (data->cookie_in.len_octets == 0)
		return 0;
	bool is_same = cookie_equal(&data->cookie_in, &data->cookie_out);
	return is_same ? BIT(COOKIE_RETURNED) : BIT(COOKIE_REJECTED);
}

static bool is_rejected(const struct evidence *data) {
	return has_synack(data) && data->data_acked == 0 &&
	       refused_cookie(data) == BIT(COOKIE_REJECTED);
}

static uint64_t syndata(const struct evidence *data) {
	if (!was_made(data))
		return 0;
	// a SYN-ACK beyond what was sent is an answer, but no acknowledgement
	if (!has_synack(data))
		return data->outcome == OUTCOME_BADACK ? BIT(SYNDATA_NOT_ACKED)
						       : BIT(SYNDATA_FAILED);
	if (data->data_acked == 0)
		return BIT(SYNDATA_NOT_ACKED) | refused_cookie(data);
	if (data->data_acked < data->data_len)
		return BIT(SYNDATA_NOT_ACKED) | BIT(SYNDATA_PARTIAL);
	bool is_renewed = data->cookie_in.len_octets > 0 &&
			  !cookie_equal(&data->cookie_in, &data->cookie_out);
	return BIT(SYNDATA_ACKED) | zerortt(data) | (is_renewed ? BIT(COOKIE_RENEWED) : 0);
}

static uint64_t anomalies(const struct evidence *ev) {
	uint64_t set = 0;
	if (ev->marks & MARK_SYNACK_INCONSISTENT)
		set |= BIT(ANOMALY_SYNACK_INCONSISTENT);
	if (ev->marks & MARK_CHALLENGE_ACK)
		set |= BIT(ANOMALY_CHALLENGE_ACK);
	if (ev->marks & MARK_SYNACK_PAYLOAD)
		set |= BIT(SYNACK_PAYLOAD);
	if (ev->marks & MARK_ANSWER_DUPLICATE)
		set |= BIT(ANSWER_DUPLICATE);
	if (ev->marks & (MARK_INJECTED | MARK_EARLY_DATA))
		set |= BIT(PATH_INJECTED);
	return set;
}

// ---- the sum

// The better of two rounds' words counts, of equals the later.
static void take_better(uint64_t *words, uint8_t *rank, uint64_t new_words, unsigned int new_rank) {
	if (new_rank < *rank)
		return;
	*words = new_words;
	*rank = (uint8_t)new_rank;
}

static unsigned int cookie_rank(uint64_t words) {
	if (words & BIT(COOKIE_RECEIVED))
		return 2;
	return words & BIT(COOKIE_NOT_RECEIVED) ? 1 : 0;
}

static unsigned int syndata_rank(uint64_t words, const struct evidence *data) {
	unsigned int rank = 0;
	if (words & BIT(SYNDATA_ACKED))
		rank = 3;
	else if (words & BIT(SYNDATA_NOT_ACKED))
		rank = 2;
	else if (words & BIT(SYNDATA_FAILED))
		rank = 1;
	return 2 * rank + (rank > 0 && is_ok(data));
}

static void add_last(struct verdict *v, const struct evidence evidence[NB_PROBES]) {
	const struct evidence *baseline = &evidence[PROBE_BASELINE];
	const struct evidence *request = &evidence[PROBE_REQUEST];
	const struct evidence *data = &evidence[PROBE_DATA];
	// the connection that stands for Fast Open: the one with data in the SYN if it was made
	v->x_is_data = was_made(data);
	const struct evidence *x = v->x_is_data ? data : request;
	v->failed = x->outcome;
	v->b_last = is_ok(baseline);
	v->x_last = is_ok(x);
	v->request_last = is_ok(request);
	v->b_refused = baseline->outcome == OUTCOME_RST;
	v->r_silent = request->outcome == OUTCOME_NONE;
	v->d_silent = v->x_is_data && data->outcome == OUTCOME_NONE;
	bool has_data_synack = v->x_is_data && has_synack(data);
	v->d_acked = has_data_synack && data->data_acked > 0 && data->data_acked == data->data_len;
	v->d_refused = has_data_synack && data->data_acked == 0;
	v->d_rejected = v->x_is_data && is_rejected(data);
	v->d_has_no_stamp = has_data_synack && (data->marks & MARK_NO_TIMESTAMPS);
}

static enum condition connectivity_of(const struct verdict *v) {
	if (v->b_any && v->x_any)
		return CONDITION_WORKS;
	if (!v->x_any && v->b_last)
		return CONDITION_BROKEN;
	if (!v->b_any && v->x_last)
		return CONDITION_TRANSIENT;
	return CONDITION_OFFLINE;
}

void verdict_add_round(struct verdict *v, const struct evidence evidence[NB_PROBES]) {
	const struct evidence *request = &evidence[PROBE_REQUEST];
	add_last(v, evidence);
	v->b_any |= v->b_last;
	v->x_any |= v->x_last;
	if (v->nb_rounds++ == 0)
		v->first_round = (uint8_t)connectivity_of(v);
	uint64_t words = cookie(evidence);
	take_better(&v->cookie_words, &v->cookie_rank, words, cookie_rank(words));
	words = syndata(&evidence[PROBE_DATA]);
	take_better(&v->syndata_words, &v->syndata_rank, words,
		syndata_rank(words, &evidence[PROBE_DATA]));
	if (has_synack(request)) {
		bool has_cookie = request->cookie_in.len_octets > 0;
		v->with_cookie |= has_cookie;
		v->without_cookie |= !has_cookie;
	}
	verdict_add_late_marks(v, evidence);
}

void verdict_add_late_marks(struct verdict *v, const struct evidence evidence[NB_PROBES]) {
	for (unsigned int p = 0; p < NB_PROBES; p++) {
		v->other_words |= anomalies(&evidence[p]);
		v->is_synproxy |= (evidence[p].marks & MARK_SYNPROXY) != 0;
	}
}

void verdict_add_control(struct verdict *v, enum probe control, const struct evidence *ev,
	const struct cookie *known) {
	unsigned int facts = is_ok(ev) ? FACT_OK : FACT_FAILED;
	facts |= ev->outcome == OUTCOME_NONE ? FACT_SILENT : 0;
	facts |= ev->marks & MARK_ZERORTT_YES ? FACT_ZERORTT_YES : 0;
	facts |= ev->marks & MARK_ZERORTT_NO ? FACT_ZERORTT_NO : 0;
	if (has_synack(ev)) {
		facts |= FACT_SYNACK;
		facts |= ev->data_acked == 0 ? FACT_REFUSED : 0;
		facts |= is_rejected(ev) ? FACT_REJECTED : 0;
		facts |= ev->data_acked > 0 && ev->data_acked == ev->data_len ? FACT_ACKED : 0;
	}
	if (ev->cookie_in.len_octets > 0) {
		facts |= FACT_COOKIE;
		facts |= cookie_equal(&ev->cookie_in, &ev->cookie_out) ? FACT_COOKIE_SENT : 0;
		facts |= cookie_equal(&ev->cookie_in, known) ? FACT_COOKIE_KNOWN : 0;
		facts |= ev->option_in == COOKIE_OPTION_KIND254 ? FACT_COOKIE_KIND254 : 0;
	}
	v->facts[control - NB_PROBES] = (uint16_t)facts;
}

bool verdict_is_open(const struct verdict *v) {
	return v->b_last != v->x_last || (v->x_is_data && !v->b_last);
}

// ---- the words

static uint64_t connectivity(const struct verdict *v, bool with_controls) {
	enum condition word = connectivity_of(v);
	switch (word) {
	case CONDITION_WORKS: {
		bool is_recovered = v->first_round != CONDITION_WORKS;
		return BIT(WORKS) | (is_recovered ? BIT(RETRY_RECOVERED) : 0);
	}
	case CONDITION_BROKEN: {
		bool only_data = v->x_is_data && v->request_last;
		bool is_back = with_controls && verdict_has(v, PROBE_LONE_BASELINE, FACT_OK);
		return BIT(BROKEN) | failure(v->failed) |
		       (only_data ? BIT(REQUEST_WORKS) | BIT(DATA_BROKEN) : 0) |
		       (is_back ? BIT(PATH_BLACKLIST_SUSPECT) : 0);
	}
	case CONDITION_TRANSIENT:
		return BIT(TRANSIENT);
	default:
		break;
	}
	// a path that blocks us for a while after a SYN with the option
	if (with_controls && v->b_any && verdict_has(v, PROBE_LONE_BASELINE, FACT_OK))
		return BIT(BROKEN) | failure(v->failed) | BIT(PATH_BLACKLIST_SUSPECT);
	uint64_t set = BIT(OFFLINE);
	set |= v->b_any ? BIT(BASELINE_FLAPPED) : 0;
	set |= v->b_refused ? BIT(BASELINE_CLOSED) : 0;
	return set | (v->x_is_data && !v->x_any ? failure(v->failed) : 0);
}

bool verdict_is_gone(const struct verdict *v) {
	return verdict_has(v, PROBE_FRESH_BASELINE, FACT_FAILED);
}

// Which part of a SYN is not let through.
static uint64_t dropped(const struct verdict *v) {
	uint64_t set = 0;
	if (!v->b_last || verdict_is_gone(v))
		return 0;
	if (v->r_silent && verdict_has(v, PROBE_FOREIGN, FACT_SILENT))
		set |= BIT(OPTION_DROPPED);
	if (verdict_has(v, PROBE_BARE_DATA, FACT_SILENT))
		set |= BIT(DATA_DROPPED);
	if (v->d_silent && v->request_last && verdict_has(v, PROBE_BARE_DATA, FACT_SYNACK))
		set |= BIT(COMBO_DROPPED);
	if (!v->d_silent)
		return set;
	if (verdict_has(v, PROBE_SAME_TUPLE, FACT_ACKED))
		set |= BIT(PATH_SYNACK_DROPPED);
	else if (verdict_has(v, PROBE_SAME_TUPLE, FACT_REFUSED))
		set |= BIT(PATH_SYNDATA_DROPPED);
	else if (verdict_has(v, PROBE_SAME_TUPLE, FACT_SILENT) &&
		 verdict_has(v, PROBE_FRESH_BASELINE, FACT_OK))
		set |= BIT(PATH_FLOW_BLACKHOLED);
	return set;
}

// The requests besides those of rounds.
static const enum probe more_requests[] = {PROBE_REQUEST_2, PROBE_REQUEST_3};
#define NB_MORE_REQUESTS (sizeof(more_requests) / sizeof(more_requests[0]))

// The control's SYN-ACK brought a cookie that is neither the one known nor the one sent.
static bool has_other_cookie(const struct verdict *v, enum probe control) {
	return verdict_has(v, control, FACT_COOKIE) &&
	       !verdict_has(v, control, FACT_COOKIE_KNOWN) &&
	       !verdict_has(v, control, FACT_COOKIE_SENT);
}

// Whether the same client gets the same cookie from every port and at every time.
static uint64_t steadiness(const struct verdict *v) {
	static const enum probe with_cookie[] = {PROBE_REQUEST_2, PROBE_REQUEST_3, PROBE_DATA_2,
		PROBE_DATA_SAME_PORT, PROBE_DATA_3, PROBE_FLIPPED, PROBE_HELD_ACK};
	if (v->syndata_words & (BIT(COOKIE_REJECTED) | BIT(COOKIE_RENEWED)))
		return BIT(COOKIE_ROTATING);
	for (unsigned int i = 0; i < sizeof(with_cookie) / sizeof(with_cookie[0]); i++) {
		if (has_other_cookie(v, with_cookie[i]))
			return BIT(COOKIE_ROTATING);
	}
	for (unsigned int i = 0; i < NB_MORE_REQUESTS; i++) {
		if (!verdict_has(v, more_requests[i], FACT_COOKIE_KNOWN))
			return 0;
	}
	return BIT(COOKIE_STABLE);
}

// What becomes of cookies, and whether they are looked at.
static uint64_t cookie_habits(const struct verdict *v) {
	uint64_t set = steadiness(v);
	if (verdict_has(v, PROBE_OTHER_PORT, FACT_COOKIE_KNOWN))
		set |= BIT(COOKIE_SHARED_PORTS);

	bool is_rejected_twice = v->d_rejected && verdict_has(v, PROBE_DATA_2, FACT_REJECTED);
	if (is_rejected_twice && verdict_has(v, PROBE_DATA_SAME_PORT, FACT_ACKED))
		set |= BIT(COOKIE_PORT_BOUND);
	if (is_rejected_twice && verdict_has(v, PROBE_DATA_SAME_PORT, FACT_REJECTED) &&
		verdict_has(v, PROBE_DATA_3, FACT_REJECTED))
		set |= BIT(COOKIE_NEVER_ACCEPTED);

	if (v->d_acked && verdict_has(v, PROBE_FLIPPED, FACT_ACKED))
		set |= BIT(COOKIE_UNCHECKED);
	if (!(v->syndata_words & BIT(COOKIE_RETURNED)) ||
		!verdict_has(v, PROBE_FLIPPED, FACT_SYNACK))
		return set;
	bool is_mirror = verdict_has(v, PROBE_FLIPPED, FACT_COOKIE_SENT);
	return set | (is_mirror ? BIT(COOKIE_ECHOED) : BIT(SYNDATA_DECLINED));
}

static uint64_t of_controls(const struct verdict *v) {
	uint64_t set = dropped(v) | cookie_habits(v);
	if (verdict_has(v, PROBE_EXPERIMENT, FACT_SYNACK))
		set |= verdict_has(v, PROBE_EXPERIMENT, FACT_COOKIE_KIND254)
			       ? BIT(EXP_RECEIVED)
			       : BIT(EXP_NOT_RECEIVED);
	if (verdict_has(v, PROBE_BARE_DATA, FACT_ACKED))
		set |= BIT(COOKIELESS_ACCEPTED);
	if (verdict_has(v, PROBE_HELD_ACK, FACT_ZERORTT_YES))
		set |= BIT(ZERORTT_YES);
	else if (verdict_has(v, PROBE_HELD_ACK, FACT_ZERORTT_NO))
		set |= BIT(ZERORTT_NO);
	return set | (v->is_synproxy ? BIT(SYNPROXY_SUSPECT) : 0);
}

static bool is_intermittent(const struct verdict *v, bool with_controls) {
	bool with = v->with_cookie, without = v->without_cookie;
	for (unsigned int i = 0; with_controls && i < NB_MORE_REQUESTS; i++) {
		bool has_synack_here = verdict_has(v, more_requests[i], FACT_SYNACK);
		without |= has_synack_here && !verdict_has(v, more_requests[i], FACT_COOKIE);
	}
	return with && without;
}

uint64_t verdict_conditions(const struct verdict *v, bool with_controls) {
	uint64_t set = connectivity(v, with_controls) | v->cookie_words | v->syndata_words |
		       v->other_words;
	if (is_intermittent(v, with_controls))
		set |= BIT(COOKIE_INTERMITTENT);
	return with_controls ? set | of_controls(v) : set;
}

uint64_t verdict_of_round(const struct evidence evidence[NB_PROBES]) {
	struct verdict v = {0};
	verdict_add_round(&v, evidence);
	return verdict_conditions(&v, false);
}

uint64_t verdict_of_silence(void) {
	return BIT(OFFLINE);
}

enum condition verdict_connectivity(uint64_t conditions) {
	for (enum condition c = CONDITION_WORKS; c <= CONDITION_TRANSIENT; c++) {
		if (conditions & CONDITION_BIT(c))
			return c;
	}
	assert(!"every verdict has a connectivity word");
	return CONDITION_OFFLINE;
}
