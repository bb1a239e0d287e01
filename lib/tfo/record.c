#include "lib/tfo/record.h"

#include "lib/tfo/flow_write.h"
#include "lib/tfo/jsonput.h"

static_assert(sizeof(struct record) <= 320, "it is copied through a ring");
static_assert(RECORD_LINE_MAX_OCTETS - RECORD_PLAIN_MAX_OCTETS >
		      sizeof(",\"flow_results\":[,,]") + NB_PROBES * FLOW_WRITE_MAX_OCTETS,
	"flows stand beside all else");

void record_of_target(const struct target *t, const struct target_rules *rules, struct record *r) {
	struct verdict v = target_verdict(t);
	*r = (struct record){
		.addr = t->addr,
		.port = t->port,
		.from_ns = t->from_ns,
		.to_ns = target_to_ns(t),
		.conditions = verdict_conditions(&v, rules->has_controls),
		.rounds = v.nb_rounds,
		.first_round = v.first_round,
		.is_placebo = t->is_placebo,
	};
	memcpy(r->evidence, t->evidence, sizeof(r->evidence));
}

void record_of_silence(const struct ip_addr *addr, uint16_t port, uint64_t from_ns, uint64_t to_ns,
	struct record *r) {
	*r = (struct record){
		.addr = *addr,
		.port = port,
		.from_ns = from_ns,
		.to_ns = to_ns,
		.conditions = verdict_of_silence(),
		.rounds = 1,
		.first_round = CONDITION_OFFLINE,
		.is_silent = true,
	};
}

void record_of_short(const struct record_short *s, struct record *r) {
	record_of_silence(&s->addr, s->port, s->from_ns, s->to_ns, r);
	r->job = s->job;
	r->index = s->index;
}

// ---- the writer: a cursor into a buffer that is known to be large enough

static char *put_cookie(
	char *p, const char *key, const struct cookie *c, const struct record_style *style) {
	if (c->len_octets == 0) {
		p = put_text(p, ",\"");
		p = put_text(p, key);
		return put_text(p, "\":null");
	}
	char word[2 * COOKIE_MAX_OCTETS + 1];
	if (style->raw_cookies) {
		*put_hex(word, c->octets, c->len_octets) = '\0';
	} else {
		uint64_t hash = siphash13(&style->cookie_key, c->octets, c->len_octets);
		uint8_t octets[4];
		for (unsigned int i = 0; i < sizeof(octets); i++)
			octets[i] = (uint8_t)(hash >> (8 * i));
		*put_hex(word, octets, sizeof(octets)) = '\0';
	}
	return put_word_member(p, key, word);
}

static const char *option_word(uint8_t option) {
	static const char *const words[] = {
		[COOKIE_OPTION_NONE] = "none",
		[COOKIE_OPTION_KIND34] = "kind34",
		[COOKIE_OPTION_KIND254] = "kind254",
	};
	return words[option];
}

static const char *outcome_word(uint8_t outcome) {
	static const char *const words[NB_OUTCOMES] = {
		[OUTCOME_OK] = "ok",
		[OUTCOME_RST] = "rst",
		[OUTCOME_ICMP] = "icmp",
		[OUTCOME_BADACK] = "badack",
		[OUTCOME_STALL] = "stall",
		[OUTCOME_RESET_AFTER] = "reset_after",
		[OUTCOME_NONE] = "none",
	};
	return words[outcome];
}

static char *put_evidence(char *p, const struct evidence *ev, const struct record_style *style) {
	bool no_synack = !(ev->marks & MARK_SYNACK);
	bool no_option = ev->option_in == COOKIE_OPTION_NONE;
	p = put_text(p, "{\"sport\":");
	p = put_number(p, ev->sport);
	p = put_member(p, "syns", ev->syns, false);
	p = put_word_member(p, "outcome", outcome_word(ev->outcome));
	p = put_member(p, "syn_rtt_us", ev->syn_rtt_us, ev->syn_rtt_us == EVIDENCE_NO_TIME);
	p = put_member(p, "answer_us", ev->answer_us, ev->answer_us == EVIDENCE_NO_TIME);
	p = put_member(p, "data_len", ev->data_len, ev->data_len == EVIDENCE_NO_LENGTH);
	p = put_member(p, "data_acked", ev->data_acked, ev->data_acked == EVIDENCE_NO_LENGTH);
	p = put_word_member(p, "option_out", option_word(ev->option_out));
	p = put_cookie(p, "cookie_out", &ev->cookie_out, style);
	p = put_word_member(p, "option_in", option_word(ev->option_in));
	p = put_cookie(p, "cookie_in", &ev->cookie_in, style);
	p = put_member(p, "cookie_in_len", ev->cookie_raw_len, no_option);
	p = put_member(p, "ttl", ev->ttl, no_synack);
	p = put_member(p, "mss", ev->mss, no_synack || ev->mss == 0);
	p = put_member(p, "window", ev->window, no_synack);
	p = put_member(p, "rcode", ev->rcode, ev->rcode == EVIDENCE_NO_RCODE);
	*p++ = '}';
	return p;
}

// "tfo.connectivity.works" → works
static const char *last_part(const char *word) {
	return strrchr(word, '.') + 1;
}

static char *put_all_evidence(char *p, const struct record *r, const struct record_style *style) {
	static const char *const names[NB_PROBES] = {
		[PROBE_BASELINE] = "baseline",
		[PROBE_REQUEST] = "request",
		[PROBE_DATA] = "data",
	};
	p = put_text(p, ",\"evidence\":{\"rounds\":");
	p = put_number(p, r->rounds);
	p = put_word_member(p, "first_round", last_part(condition_word(r->first_round)));
	for (unsigned int i = 0; i < NB_PROBES; i++) {
		p = put_text(p, ",\"");
		p = put_text(p, names[i]);
		p = put_text(p, "\":");
		if (r->evidence[i].sport == 0)
			p = put_text(p, "null");
		else
			p = put_evidence(p, &r->evidence[i], style);
	}
	*p++ = '}';
	return p;
}

// The connections in PATHspider's order, which is that of enum probe.
static char *put_flows(
	char *p, const struct record *r, const struct flow *flows, const struct ip_addr *laddr) {
	p = put_text(p, ",\"flow_results\":[");
	for (unsigned int i = 0; i < NB_PROBES; i++) {
		const struct evidence *ev = &r->evidence[i];
		enum flow_state state = flow_state_of_outcome(ev->outcome);
		struct flow_place place = {
			.sip = *laddr,
			.dip = r->addr,
			.sp = ev->sport,
			.dp = r->port,
			.config = (uint8_t)(FLOW_CONFIG_BASELINE + i),
			.state = (uint8_t)(ev->sport == 0 ? FLOW_STATE_SKIPPED : state),
		};
		if (i > 0)
			*p++ = ',';
		p = flow_write(&flows[i], &place, p);
	}
	*p++ = ']';
	return p;
}

static char *put_target(char *p, const struct record *r, const struct record_style *style,
	const struct record_job *job) {
	char *start = p;
	if (!job->has_dip) {
		p = put_text(p, "\"dip\":");
		p = put_quoted_addr(p, &r->addr);
	}
	if (job->text_len > 0) {
		if (p != start)
			*p++ = ',';
		memcpy(p, job->text, job->text_len);
		p += job->text_len;
	}
	if (!job->has_dp)
		p = put_member(p, "dp", r->port, false);
	if (!job->has_domain && style->domain)
		p = put_word_member(p, "domain", style->domain);
	return p;
}

size_t record_write(const struct record *r, const struct flow *flows,
	const struct record_style *style, const struct record_job *job, char *buf) {
	const struct ip_addr *laddr = addr_is_v4(&r->addr) ? &style->laddr4 : &style->laddr6;
	char *p = buf;
	*p++ = '{';
	p = put_target(p, r, style, job);
	p = put_text(p, ",\"sip\":");
	p = put_quoted_addr(p, laddr);
	if (!r->is_silent) {
		p = put_text(p, ",\"path\":[");
		p = put_quoted_addr(p, laddr);
		*p++ = ',';
		p = put_quoted_addr(p, &r->addr);
		*p++ = ']';
	}
	p = put_time_member(p, r->from_ns, r->to_ns);
	p = put_conditions(p, r->conditions, style->seed_conditions_only);
	if (flows)
		p = put_flows(p, r, flows, laddr);
	if (!r->is_silent)
		p = put_all_evidence(p, r, style);
	p = put_text(p, "}\n");
	return (size_t)(p - buf);
}
