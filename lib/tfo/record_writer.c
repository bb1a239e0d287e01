#include "lib/tfo/record_writer.h"

#include "lib/tfo/flow_write.h"
#include "lib/tfo/jsonfast.h"
#include "lib/tfo/jsonput.h"

static_assert(RECORD_LINE_MAX_OCTETS - RECORD_PLAIN_MAX_OCTETS >
		      sizeof(",\"flow_results\":[,,]") + NB_PROBES * FLOW_WRITE_MAX_OCTETS,
	"flows stand beside all else");

#define SECOND_OCTETS 20 // 2026-11-23 12:00:00.

// ---- what is the same in all lines

static uint16_t write_sip(char *text, const struct ip_addr *laddr) {
	char *p = put_quoted_addr(put_text(text, ",\"sip\":"), laddr);
	return (uint16_t)(p - text);
}

static uint16_t write_path(char *text, const struct ip_addr *laddr) {
	char *p = put_quoted_addr(put_text(text, ",\"path\":["), laddr);
	*p++ = ',';
	return (uint16_t)(p - text);
}

void record_writer_init(struct record_writer *w, const struct record_style *style) {
	*w = (struct record_writer){.style = *style};
	w->domain_len = style->domain ? (uint16_t)strlen(style->domain) : 0;
	w->sip_len4 = write_sip(w->sip4, &style->laddr4);
	w->sip_len6 = write_sip(w->sip6, &style->laddr6);
	w->path_len4 = write_path(w->path4, &style->laddr4);
	w->path_len6 = write_path(w->path6, &style->laddr6);
	w->from.second = w->to.second = UINT64_MAX;
}

// ---- the writer: a cursor into a buffer that is known to be large enough

static char *write_addr(char *p, const struct ip_addr *addr) {
	*p++ = '"';
	p = addr_is_v4(addr) ? fast_addr4(p, addr_v4(addr)) : put_addr(p, addr);
	*p++ = '"';
	return p;
}

static char *write_target(char *p, const struct record_writer *w, const struct ip_addr *addr,
	uint16_t port, const struct record_job *job) {
	*p++ = '{';
	if (!job->has_dip) {
		p = FAST_LITERAL(p, "\"dip\":");
		p = write_addr(p, addr);
	}
	if (job->text_len > 0) {
		if (!job->has_dip)
			*p++ = ',';
		memcpy(p, job->text, job->text_len);
		p += job->text_len;
	}
	if (!job->has_dp) {
		p = FAST_LITERAL(p, ",\"dp\":");
		p = fast_u32(p, port);
	}
	if (!job->has_domain && w->style.domain) {
		p = FAST_LITERAL(p, ",\"domain\":\"");
		memcpy(p, w->style.domain, w->domain_len);
		p += w->domain_len;
		*p++ = '"';
	}
	return addr_is_v4(addr) ? fast_text64(p, w->sip4, w->sip_len4)
				: fast_text64(p, w->sip6, w->sip_len6);
}

static char *write_path_member(char *p, const struct record_writer *w, const struct ip_addr *addr) {
	p = addr_is_v4(addr) ? fast_text64(p, w->path4, w->path_len4)
			     : fast_text64(p, w->path6, w->path_len6);
	p = write_addr(p, addr);
	*p++ = ']';
	return p;
}

static char *write_time(char *p, struct record_second *kept, uint64_t ns) {
	uint64_t second = ns / NSEC_PER_SEC;
	if (second != kept->second) {
		put_time(kept->text, second * NSEC_PER_SEC);
		kept->second = second;
	}
	memcpy(p, kept->text, sizeof(kept->text));
	return fast_six(p + SECOND_OCTETS, (uint32_t)(ns % NSEC_PER_SEC / NSEC_PER_USEC));
}

static char *write_times(char *p, struct record_writer *w, uint64_t from_ns, uint64_t to_ns) {
	p = FAST_LITERAL(p, ",\"time\":{\"from\":\"");
	p = write_time(p, &w->from, from_ns);
	p = FAST_LITERAL(p, "\",\"to\":\"");
	p = write_time(p, &w->to, to_ns);
	return FAST_LITERAL(p, "\"}");
}

// Each word with its comma in front; that of the first one becomes the bracket.
static char *write_conditions(char *p, const struct record_writer *w, uint64_t set) {
	static const struct fast_piece words[NB_CONDITIONS] = {
#define X(label, word) FAST_PIECE(",\"" word "\""),
		CONDITIONS(X)
#undef X
	};
	unsigned int nb_words = w->style.seed_conditions_only ? NB_SEED_CONDITIONS : NB_CONDITIONS;
	set &= UINT64_MAX >> (64 - nb_words);
	p = FAST_LITERAL(p, ",\"conditions\":");
	char *bracket = p;
	p += set == 0;
	for (; set != 0; set &= set - 1)
		p = fast_piece(p, &words[__builtin_ctzll(set)]);
	*bracket = '[';
	*p++ = ']';
	return p;
}

// ---- evidence

static char *write_cookie(char *p, struct record_writer *w, const struct cookie *c) {
	if (c->len_octets == 0)
		return FAST_LITERAL(p, "null");
	*p++ = '"';
	if (w->style.raw_cookies) {
		p = put_hex(p, c->octets, c->len_octets);
		*p++ = '"';
		return p;
	}
	if (!cookie_equal(c, &w->hashed)) {
		uint64_t hash = siphash13(&w->style.cookie_key, c->octets, c->len_octets);
		uint8_t octets[sizeof(w->hash) / 2];
		for (unsigned int i = 0; i < sizeof(octets); i++)
			octets[i] = (uint8_t)(hash >> (8 * i));
		put_hex(w->hash, octets, sizeof(octets));
		w->hashed = *c;
	}
	memcpy(p, w->hash, sizeof(w->hash));
	p += sizeof(w->hash);
	*p++ = '"';
	return p;
}

static char *write_number(char *p, uint32_t v, bool is_null) {
	return is_null ? FAST_LITERAL(p, "null") : fast_u32(p, v);
}

static char *write_octet(char *p, uint8_t v, bool is_null) {
	return is_null ? FAST_LITERAL(p, "null") : fast_u8(p, v);
}

// What the SYN brought, then what the SYN-ACK had.
static char *write_options(char *p, struct record_writer *w, const struct evidence *ev) {
	static const struct fast_piece out[] = {
		[COOKIE_OPTION_NONE] = FAST_PIECE(",\"option_out\":\"none\",\"cookie_out\":"),
		[COOKIE_OPTION_KIND34] = FAST_PIECE(",\"option_out\":\"kind34\",\"cookie_out\":"),
		[COOKIE_OPTION_KIND254] = FAST_PIECE(",\"option_out\":\"kind254\",\"cookie_out\":"),
	};
	static const struct fast_piece in[] = {
		[COOKIE_OPTION_NONE] = FAST_PIECE(",\"option_in\":\"none\",\"cookie_in\":"),
		[COOKIE_OPTION_KIND34] = FAST_PIECE(",\"option_in\":\"kind34\",\"cookie_in\":"),
		[COOKIE_OPTION_KIND254] = FAST_PIECE(",\"option_in\":\"kind254\",\"cookie_in\":"),
	};
	p = fast_piece(p, &out[ev->option_out]);
	p = write_cookie(p, w, &ev->cookie_out);
	p = fast_piece(p, &in[ev->option_in]);
	p = write_cookie(p, w, &ev->cookie_in);
	p = FAST_LITERAL(p, ",\"cookie_in_len\":");
	return write_octet(p, ev->cookie_raw_len, ev->option_in == COOKIE_OPTION_NONE);
}

static char *write_synack(char *p, const struct evidence *ev) {
	if (!(ev->marks & MARK_SYNACK))
		return FAST_LITERAL(p, ",\"ttl\":null,\"mss\":null,\"window\":null");
	p = FAST_LITERAL(p, ",\"ttl\":");
	p = fast_u8(p, ev->ttl);
	p = FAST_LITERAL(p, ",\"mss\":");
	p = write_number(p, ev->mss, ev->mss == 0);
	p = FAST_LITERAL(p, ",\"window\":");
	return fast_u32(p, ev->window);
}

// All three keys; one of them at most has a value.
static char *write_code(char *p, const struct record_writer *w, uint16_t code) {
	static const struct fast_piece before[NB_APP_CODES] = {
		[APP_CODE_RCODE] = FAST_PIECE(",\"rcode\":"),
		[APP_CODE_STATUS] = FAST_PIECE(",\"rcode\":null,\"status\":"),
		[APP_CODE_ALERT] = FAST_PIECE(",\"rcode\":null,\"status\":null,\"alert\":"),
	};
	static const struct fast_piece behind[NB_APP_CODES] = {
		[APP_CODE_RCODE] = FAST_PIECE(",\"status\":null,\"alert\":null"),
		[APP_CODE_STATUS] = FAST_PIECE(",\"alert\":null"),
		[APP_CODE_ALERT] = FAST_PIECE(""),
	};
	p = fast_piece(p, &before[w->style.code]);
	p = write_number(p, code, code == EVIDENCE_NO_CODE);
	return fast_piece(p, &behind[w->style.code]);
}

static char *write_evidence(char *p, struct record_writer *w, const struct evidence *ev) {
	static const struct fast_piece outcomes[NB_OUTCOMES] = {
#define OUTCOME(word) FAST_PIECE(",\"outcome\":\"" word "\",\"syn_rtt_us\":")
		[OUTCOME_OK] = OUTCOME("ok"),
		[OUTCOME_RST] = OUTCOME("rst"),
		[OUTCOME_ICMP] = OUTCOME("icmp"),
		[OUTCOME_BADACK] = OUTCOME("badack"),
		[OUTCOME_STALL] = OUTCOME("stall"),
		[OUTCOME_RESET_AFTER] = OUTCOME("reset_after"),
		[OUTCOME_NONE] = OUTCOME("none"),
#undef OUTCOME
	};
	p = FAST_LITERAL(p, "{\"sport\":");
	p = fast_u32(p, ev->sport);
	p = FAST_LITERAL(p, ",\"syns\":");
	p = fast_u8(p, ev->syns);
	p = fast_piece(p, &outcomes[ev->outcome]);
	p = write_number(p, ev->syn_rtt_us, ev->syn_rtt_us == EVIDENCE_NO_TIME);
	p = FAST_LITERAL(p, ",\"answer_us\":");
	p = write_number(p, ev->answer_us, ev->answer_us == EVIDENCE_NO_TIME);
	p = FAST_LITERAL(p, ",\"data_len\":");
	p = write_number(p, ev->data_len, ev->data_len == EVIDENCE_NO_LENGTH);
	p = FAST_LITERAL(p, ",\"data_acked\":");
	p = write_number(p, ev->data_acked, ev->data_acked == EVIDENCE_NO_LENGTH);
	p = write_options(p, w, ev);
	p = write_synack(p, ev);
	p = write_code(p, w, ev->code);
	*p++ = '}';
	return p;
}

// "tfo.connectivity.works" → works
static const char *last_part(const char *word) {
	return strrchr(word, '.') + 1;
}

static char *write_all_evidence(char *p, struct record_writer *w, const struct record *r) {
	static const struct fast_piece names[NB_PROBES] = {
		[PROBE_BASELINE] = FAST_PIECE("\",\"baseline\":"),
		[PROBE_REQUEST] = FAST_PIECE(",\"request\":"),
		[PROBE_DATA] = FAST_PIECE(",\"data\":"),
	};
	p = FAST_LITERAL(p, ",\"evidence\":{\"rounds\":");
	p = fast_u8(p, r->rounds);
	p = FAST_LITERAL(p, ",\"first_round\":\"");
	p = put_text(p, last_part(condition_word(r->first_round)));
	for (unsigned int i = 0; i < NB_PROBES; i++) {
		p = fast_piece(p, &names[i]);
		if (r->evidence[i].sport == 0)
			p = FAST_LITERAL(p, "null");
		else
			p = write_evidence(p, w, &r->evidence[i]);
	}
	*p++ = '}';
	return p;
}

// The connections in PATHspider's order, which is that of enum probe.
static char *write_flows(
	char *p, const struct record_writer *w, const struct record *r, const struct flow *flows) {
	p = FAST_LITERAL(p, ",\"flow_results\":[");
	for (unsigned int i = 0; i < NB_PROBES; i++) {
		const struct evidence *ev = &r->evidence[i];
		enum flow_state state = flow_state_of_outcome(ev->outcome);
		struct flow_place place = {
			.sip = addr_is_v4(&r->addr) ? w->style.laddr4 : w->style.laddr6,
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

// ---- lines

size_t record_writer_write(struct record_writer *w, const struct record *r,
	const struct flow *flows, const struct record_job *job, char *buf) {
	char *p = write_target(buf, w, &r->addr, r->port, job);
	if (!r->is_silent)
		p = write_path_member(p, w, &r->addr);
	p = write_times(p, w, r->from_ns, r->to_ns);
	p = write_conditions(p, w, r->conditions);
	if (flows)
		p = write_flows(p, w, r, flows);
	if (!r->is_silent)
		p = write_all_evidence(p, w, r);
	p = FAST_LITERAL(p, "}\n");
	return (size_t)(p - buf);
}

size_t record_writer_short(struct record_writer *w, const struct record_short *s,
	const struct record_job *job, char *buf) {
	char *p = write_target(buf, w, &s->addr, s->port, job);
	p = write_times(p, w, s->from_ns, s->to_ns);
	p = write_conditions(p, w, verdict_of_silence());
	p = FAST_LITERAL(p, "}\n");
	return (size_t)(p - buf);
}
