#include "lib/tfo/flow_write.h"

#include "lib/tfo/evidence.h"
#include "lib/tfo/jsonput.h"

#define PROTO_TCP 6

enum flow_state flow_state_seen(const struct flow *f) {
	if (f->marks & FLOW_CONNECTED)
		return FLOW_STATE_OK;
	uint32_t refused = FLOW_RST_REV | FLOW_RST_FWD | FLOW_ICMP;
	return f->marks & refused ? FLOW_STATE_FAILED : FLOW_STATE_TIMEOUT;
}

enum flow_config flow_config_seen(const struct flow *f) {
	if (f->option_out == COOKIE_OPTION_NONE)
		return FLOW_CONFIG_BASELINE;
	return f->cookie_out_len == 0 ? FLOW_CONFIG_REQUEST : FLOW_CONFIG_DATA;
}

enum flow_state flow_state_of_outcome(uint8_t outcome) {
	static const uint8_t states[NB_OUTCOMES] = {
		[OUTCOME_OK] = FLOW_STATE_OK,
		[OUTCOME_RST] = FLOW_STATE_FAILED,
		[OUTCOME_ICMP] = FLOW_STATE_FAILED,
		[OUTCOME_BADACK] = FLOW_STATE_TIMEOUT,
		[OUTCOME_STALL] = FLOW_STATE_TIMEOUT,
		[OUTCOME_RESET_AFTER] = FLOW_STATE_FAILED,
		[OUTCOME_NONE] = FLOW_STATE_TIMEOUT,
	};
	return states[outcome];
}

// As PATHspider has it: the number of the kind.
static uint64_t kind_of(uint8_t option) {
	static const uint8_t kinds[] = {
		[COOKIE_OPTION_NONE] = 0,
		[COOKIE_OPTION_KIND34] = 34,
		[COOKIE_OPTION_KIND254] = 254,
	};
	return kinds[option];
}

static char *put_address_members(char *p, const struct flow_place *place) {
	p = put_text(p, ",\"dip\":");
	p = put_quoted_addr(p, &place->dip);
	p = put_text(p, ",\"sip\":");
	p = put_quoted_addr(p, &place->sip);
	p = put_member(p, "sp", place->sp, false);
	p = put_member(p, "dp", place->dp, false);
	return put_member(p, "proto", PROTO_TCP, false);
}

static char *put_counts(char *p, const struct flow *f) {
	p = put_member(p, "pkt_fwd", f->pkt_fwd, false);
	p = put_member(p, "pkt_rev", f->pkt_rev, false);
	p = put_member(p, "oct_fwd", f->oct_fwd, false);
	return put_member(p, "oct_rev", f->oct_rev, false);
}

static char *put_tcp(char *p, const struct flow *f) {
	p = put_member(p, "tcp_synflags_fwd", f->synflags_fwd, f->synflags_fwd == 0);
	p = put_member(p, "tcp_synflags_rev", f->synflags_rev, f->synflags_rev == 0);
	p = put_bool_member(p, "tcp_fin_fwd", f->marks & FLOW_FIN_FWD);
	p = put_bool_member(p, "tcp_fin_rev", f->marks & FLOW_FIN_REV);
	p = put_bool_member(p, "tcp_rst_fwd", f->marks & FLOW_RST_FWD);
	p = put_bool_member(p, "tcp_rst_rev", f->marks & FLOW_RST_REV);
	return put_bool_member(p, "tcp_connected", f->marks & FLOW_CONNECTED);
}

// PATHspider's are 0 where the SYN had no option.
static char *put_tfo(char *p, const struct flow *f) {
	bool has_option = f->option_out != COOKIE_OPTION_NONE;
	p = put_member(p, "tfo_synkind", kind_of(f->option_out), false);
	p = put_member(p, "tfo_ackkind", kind_of(f->option_in), false);
	p = put_member(p, "tfo_synclen", f->cookie_out_len, false);
	p = put_member(p, "tfo_ackclen", f->cookie_in_len, false);
	p = put_member(p, "tfo_seq", has_option ? f->isn : 0, false);
	p = put_member(p, "tfo_dlen", has_option ? f->syn_data_len : 0, false);
	p = put_member(p, "tfo_ack", has_option ? f->synack_ack : 0, false);
	bool has_answer = f->marks & FLOW_SYNACK_TO_RICH;
	p = put_member(p, "tfo_acked", flow_acked(f), !has_answer);
	return put_bool_member(p, "tfo_fallback", f->marks & FLOW_POOR);
}

static char *put_stamps(char *p, const struct flow *f) {
	p = put_text(p, ",\"spdr_start\":\"");
	p = put_time(p, f->from_ns);
	p = put_text(p, "\",\"spdr_stop\":\"");
	p = put_time(p, f->to_ns);
	*p++ = '"';
	return p;
}

char *flow_write(const struct flow *f, const struct flow_place *place, char *p) {
	p = put_text(p, "{\"config\":");
	p = put_number(p, place->config);
	p = put_bool_member(p, "observed", flow_is_seen(f));
	if (flow_is_seen(f)) {
		p = put_address_members(p, place);
		p = put_counts(p, f);
		p = put_tcp(p, f);
		p = put_tfo(p, f);
		p = put_stamps(p, f);
	}
	p = put_member(p, "spdr_state", place->state, false);
	*p++ = '}';
	return p;
}
