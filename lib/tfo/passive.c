#include "lib/tfo/passive.h"

#include "lib/tcpstack/conn.h"
#include "lib/tfo/conditions.h"
#include "lib/tfo/jsonput.h"

#define BIT(label) CONDITION_BIT(CONDITION_##label)

static bool has(const struct flow *f, uint32_t marks) {
	return (f->marks & marks) == marks;
}

// A cookie that is not the one that was sent: of what comes back nobody knows who sent it.
static bool has_new_cookie(const struct flow *f) {
	return has(f, FLOW_COOKIE_GOOD) && !has(f, FLOW_COOKIE_SAME);
}

static uint64_t received(const struct flow *f) {
	unsigned int row = (f->cookie_in_len - COOKIE_MIN_OCTETS) / 2u;
	return BIT(COOKIE_RECEIVED) | CONDITION_BIT(CONDITION_COOKIE_LENGTH_4 + row);
}

// Of the SYN-ACK to a SYN with the option.
static uint64_t cookie(const struct flow *f) {
	bool is_request = f->cookie_out_len == 0;
	uint64_t set = 0;
	set |= has(f, FLOW_COOKIE_EMPTY) ? BIT(COOKIE_ECHOED) : 0;
	set |= has(f, FLOW_COOKIE_MALFORMED) ? BIT(COOKIE_MALFORMED) : 0;
	set |= has(f, FLOW_COOKIE_DUPLICATE) ? BIT(COOKIE_DUPLICATE) : 0;
	if (has(f, FLOW_COOKIE_GOOD) && f->option_in != f->option_out)
		set |= BIT(COOKIE_WRONG_KIND);
	if (has_new_cookie(f))
		set |= received(f);
	else if (is_request)
		set |= BIT(COOKIE_NOT_RECEIVED);
	if (is_request && f->option_out == COOKIE_OPTION_KIND254) {
		bool is_exp = has_new_cookie(f) && f->option_in == COOKIE_OPTION_KIND254;
		set |= is_exp ? BIT(EXP_RECEIVED) : BIT(EXP_NOT_RECEIVED);
	}
	return set;
}

// The SYN-ACK answers the cookie and the data.
static uint64_t answered_data(const struct flow *f) {
	uint64_t set = has(f, FLOW_RESET_AFTER) ? BIT(FAILURE_RESET_AFTER) : 0;
	uint32_t acked = flow_acked(f);
	if (acked == f->syn_data_len) {
		set |= has(f, FLOW_ZERORTT_YES) ? BIT(ZERORTT_YES) : 0;
		set |= has(f, FLOW_ZERORTT_NO) ? BIT(ZERORTT_NO) : 0;
		set |= has_new_cookie(f) ? BIT(COOKIE_RENEWED) : 0;
		return set | BIT(SYNDATA_ACKED);
	}
	set |= BIT(SYNDATA_NOT_ACKED);
	if (acked > 0)
		return set | BIT(SYNDATA_PARTIAL);
	if (has(f, FLOW_COOKIE_GOOD))
		set |= has(f, FLOW_COOKIE_SAME) ? BIT(COOKIE_RETURNED) : BIT(COOKIE_REJECTED);
	return set;
}

// No valid SYN-ACK came at all. Silence tells something only as long as the client asks for the
// same: where it fell back to a plain SYN, and that was not answered either, the host is away.
static uint64_t unanswered_data(const struct flow *f, uint64_t end_ns) {
	if (has(f, FLOW_BAD_ACK))
		return BIT(SYNDATA_NOT_ACKED) | BIT(FAILURE_BADACK);
	if (has(f, FLOW_REFUSED_RICH))
		return BIT(SYNDATA_FAILED) | BIT(FAILURE_RST);
	if (has(f, FLOW_ICMP))
		return BIT(SYNDATA_FAILED) | BIT(FAILURE_ICMP);
	if (f->marks & (FLOW_POOR | FLOW_REFUSED | FLOW_RST_FWD))
		return 0;
	uint64_t last_syn_ns = f->from_ns + f->last_syn_ms * NSEC_PER_MSEC;
	bool is_silent = end_ns > last_syn_ns && end_ns - last_syn_ns >= PASSIVE_SILENCE_NS;
	return is_silent ? BIT(SYNDATA_FAILED) | BIT(FAILURE_TIMEOUT) : 0;
}

static uint64_t with_option(const struct flow *f, uint64_t end_ns) {
	// a RST ends the connection, whatever follows; unless the client took no notice of it
	bool is_refused = has(f, FLOW_REFUSED_RICH) && !has(f, FLOW_CONNECTED);
	bool is_answered = has(f, FLOW_SYNACK_TO_RICH) && !is_refused;
	bool has_data = f->cookie_out.len_octets > 0 && f->syn_data_len > 0;
	uint64_t set = is_answered ? cookie(f) : 0;
	if (has_data && is_answered)
		set |= answered_data(f);
	else if (has_data && (is_refused || !has(f, FLOW_SYNACK)))
		set |= unanswered_data(f, end_ns);
	return set;
}

static uint64_t without_option(const struct flow *f) {
	uint64_t set = 0;
	if (!has(f, FLOW_SYNACK))
		return 0;
	if (has(f, FLOW_COOKIE_GOOD))
		set |= BIT(COOKIE_UNSOLICITED);
	if (f->syn_data_len > 0 && flow_acked(f) == f->syn_data_len)
		set |= BIT(COOKIELESS_ACCEPTED);
	return set;
}

uint64_t passive_conditions(const struct flow *f, uint64_t end_ns) {
	if (!has(f, FLOW_SYN))
		return 0;
	bool has_option = f->option_out != COOKIE_OPTION_NONE;
	uint64_t set = has_option ? with_option(f, end_ns) : without_option(f);
	set |= has(f, FLOW_SYNACK_PAYLOAD) ? BIT(SYNACK_PAYLOAD) : 0;
	set |= has(f, FLOW_INCONSISTENT) ? BIT(ANOMALY_SYNACK_INCONSISTENT) : 0;
	return set;
}

size_t passive_write(const struct flow *f, const struct flow_place *place, uint64_t conditions,
	bool seed_only, char *buf) {
	char *p = put_text(buf, "{\"dip\":");
	p = put_quoted_addr(p, &place->dip);
	p = put_member(p, "dp", place->dp, false);
	p = put_text(p, ",\"sip\":");
	p = put_quoted_addr(p, &place->sip);
	p = put_member(p, "sp", place->sp, false);
	p = put_text(p, ",\"path\":[");
	p = put_quoted_addr(p, &place->sip);
	*p++ = ',';
	p = put_quoted_addr(p, &place->dip);
	*p++ = ']';
	p = put_time_member(p, f->from_ns, f->to_ns);
	p = put_conditions(p, conditions, seed_only);
	p = put_text(p, ",\"flow_results\":[");
	p = flow_write(f, place, p);
	p = put_text(p, "]}\n");
	return (size_t)(p - buf);
}
