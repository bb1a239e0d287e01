#include "lib/tfo/verdict.h"

#include <assert.h>

#define BIT(label) CONDITION_BIT(CONDITION_##label)

static bool is_ok(const struct evidence *ev) {
	return ev->outcome == OUTCOME_OK;
}

static bool was_made(const struct evidence *ev) {
	return ev->sport != 0;
}

// How a connection failed; nothing for one that did not.
static uint64_t failure(const struct evidence *ev) {
	static const uint64_t words[NB_OUTCOMES] = {
		[OUTCOME_OK] = 0,
		[OUTCOME_RST] = BIT(FAILURE_RST),
		[OUTCOME_ICMP] = BIT(FAILURE_ICMP),
		[OUTCOME_BADACK] = BIT(FAILURE_BADACK),
		[OUTCOME_STALL] = BIT(FAILURE_STALL),
		[OUTCOME_RESET_AFTER] = BIT(FAILURE_RESET_AFTER),
		[OUTCOME_NONE] = BIT(FAILURE_TIMEOUT),
	};
	return words[ev->outcome];
}

static bool is_baseline_ok(const struct evidence evidence[NB_PROBES]) {
	return is_ok(&evidence[PROBE_BASELINE]);
}

// The connection that stands for Fast Open: the one with data in the SYN if it could be made.
static const struct evidence *fast_open(const struct evidence evidence[NB_PROBES]) {
	bool has_data = was_made(&evidence[PROBE_DATA]);
	return &evidence[has_data ? PROBE_DATA : PROBE_REQUEST];
}

static uint64_t connectivity(const struct evidence evidence[NB_PROBES]) {
	const struct evidence *x = fast_open(evidence);
	bool b = is_baseline_ok(evidence);
	if (b && is_ok(x))
		return BIT(WORKS);
	if (b) {
		bool only_data = x == &evidence[PROBE_DATA] && is_ok(&evidence[PROBE_REQUEST]);
		return BIT(BROKEN) | failure(x) |
		       (only_data ? BIT(REQUEST_WORKS) | BIT(DATA_BROKEN) : 0);
	}
	if (is_ok(x))
		return BIT(TRANSIENT);
	bool is_closed = evidence[PROBE_BASELINE].outcome == OUTCOME_RST;
	return BIT(OFFLINE) | (is_closed ? BIT(BASELINE_CLOSED) : 0);
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
	if (!((request->marks | data->marks) & MARK_SYNACK))
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
static uint64_t refused_cookie(const struct evidence *data, const struct cookie *sent) {
	if (data->cookie_in.len_octets == 0)
		return 0;
	return cookie_equal(&data->cookie_in, sent) ? BIT(COOKIE_RETURNED) : BIT(COOKIE_REJECTED);
}

static uint64_t syndata(const struct evidence evidence[NB_PROBES]) {
	const struct evidence *data = &evidence[PROBE_DATA];
	const struct cookie *sent = &evidence[PROBE_REQUEST].cookie_in;
	if (!was_made(data))
		return 0;
	if (!(data->marks & MARK_SYNACK)) {
		// a SYN-ACK beyond what was sent is an answer, but no acknowledgement
		bool is_badack = data->outcome == OUTCOME_BADACK;
		return failure(data) | (is_badack ? BIT(SYNDATA_NOT_ACKED) : BIT(SYNDATA_FAILED));
	}
	uint64_t set = failure(data);
	if (data->data_acked == 0)
		return set | BIT(SYNDATA_NOT_ACKED) | refused_cookie(data, sent);
	if (data->data_acked < data->data_len)
		return set | BIT(SYNDATA_NOT_ACKED) | BIT(SYNDATA_PARTIAL);
	bool is_renewed = data->cookie_in.len_octets > 0 && !cookie_equal(&data->cookie_in, sent);
	return set | BIT(SYNDATA_ACKED) | zerortt(data) | (is_renewed ? BIT(COOKIE_RENEWED) : 0);
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

uint64_t verdict_of_round(const struct evidence evidence[NB_PROBES]) {
	uint64_t set = connectivity(evidence) | cookie(evidence) | syndata(evidence);
	for (unsigned int p = 0; p < NB_PROBES; p++)
		set |= anomalies(&evidence[p]);
	return set;
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
