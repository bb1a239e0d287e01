#include "lib/tfo/flow.h"

#include "lib/tcpstack/conn.h"
#include "lib/tcpstack/seq.h"

#include <assert.h>

// A TSecr that is older than this, in ticks of the client, is none of this connection: 17 minutes.
#define TSVAL_OLD (1 << 20)

static_assert(sizeof(struct flow) <= 96, "three hang on each answered target");

static bool is_bare_syn(const struct segment *seg) {
	return (seg->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
}

static void count(uint32_t *packets, uint64_t *octets, const struct segment *seg) {
	*packets += *packets < UINT32_MAX;
	*octets += segment_ip_len(seg);
}

// ---- the client's SYNs

static void take_rich(struct flow *f, const struct segment *seg, const struct cookie_offer *offer) {
	f->marks |= FLOW_RICH;
	f->option_out = offer->option & 0xf;
	f->cookie_out_len = offer->raw_octets;
	f->cookie_out = offer->cookie;
	f->syn_data_len = seg->data_len;
}

static void observe_syn(struct flow *f, uint64_t now_ns, const struct segment *seg) {
	struct cookie_offer offer;
	struct segment_options options;
	cookie_read(seg->options, seg->options_len, &offer);
	segment_options_read(seg, &options);
	bool is_first = !(f->marks & FLOW_SYN);
	bool has_option = offer.option != COOKIE_OPTION_NONE;
	uint64_t after_ms = now_ns > f->from_ns ? (now_ns - f->from_ns) / NSEC_PER_MSEC : 0;
	f->isn = seg->seq;
	f->marks |= FLOW_SYN;
	f->last_syn_ms = after_ms > UINT32_MAX ? UINT32_MAX : (uint32_t)after_ms;
	if (!(f->marks & FLOW_SYNACK)) {
		f->marks &= ~(uint32_t)FLOW_SYN_STAMPED;
		f->marks |= options.has_timestamps ? FLOW_SYN_STAMPED : 0;
		f->syn_tsval = options.tsval;
	}

	bool is_rich = has_option || seg->data_len > 0;
	if (!(f->marks & FLOW_RICH) && is_rich) {
		take_rich(f, seg, &offer);
		// a poor one before it: what comes can be the answer to either
		f->marks |= is_first ? 0 : FLOW_POOR;
		return;
	}
	bool is_poor = (f->option_out != COOKIE_OPTION_NONE && !has_option) ||
		       seg->data_len < f->syn_data_len;
	if (!is_poor || (f->marks & FLOW_POOR))
		return;
	f->marks |= FLOW_POOR | (options.has_timestamps ? FLOW_POOR_STAMPED : 0);
	f->poor_tsval = options.tsval;
}

// ---- the server's SYN-ACKs

static void read_cookie(struct flow *f, const struct segment *seg) {
	struct cookie_offer offer;
	cookie_read(seg->options, seg->options_len, &offer);
	f->option_in = offer.option & 0xf;
	f->cookie_in_len = offer.raw_octets;
	if (offer.option == COOKIE_OPTION_NONE)
		return;
	f->marks |= offer.is_empty ? FLOW_COOKIE_EMPTY : 0;
	f->marks |= offer.is_malformed ? FLOW_COOKIE_MALFORMED : 0;
	f->marks |= offer.is_duplicate ? FLOW_COOKIE_DUPLICATE : 0;
	if (offer.cookie.len_octets == 0)
		return;
	f->marks |= FLOW_COOKIE_GOOD;
	f->marks |= cookie_equal(&offer.cookie, &f->cookie_out) ? FLOW_COOKIE_SAME : 0;
}

// Older than the poor SYN is the rich one.
static bool is_stamped_rich(const struct flow *f, const struct segment *seg) {
	struct segment_options options;
	segment_options_read(seg, &options);
	return (f->marks & FLOW_POOR_STAMPED) && options.has_timestamps &&
	       seq_before(options.tsecr, f->poor_tsval);
}

static bool answers_rich(const struct flow *f, const struct segment *seg) {
	if (!(f->marks & FLOW_RICH))
		return false;
	return !(f->marks & FLOW_POOR) || flow_acked(f) > 0 || f->option_in != COOKIE_OPTION_NONE ||
	       is_stamped_rich(f, seg);
}

static bool is_all_acked(const struct flow *f) {
	return f->syn_data_len > 0 && flow_acked(f) == f->syn_data_len;
}

static void observe_synack(struct flow *f, const struct segment *seg) {
	uint32_t acked = seg->ack - f->isn - 1;
	if (!(f->marks & FLOW_SYN))
		return;
	if (acked > f->syn_data_len) {
		if (!(f->marks & (FLOW_SYNACK | FLOW_BAD_ACK)))
			f->synack_ack = seg->ack;
		f->marks |= FLOW_BAD_ACK;
		return;
	}
	if (f->marks & FLOW_SYNACK) {
		f->marks |= acked != flow_acked(f) ? FLOW_INCONSISTENT : 0;
		return;
	}
	bool is_overtaken = (f->marks & FLOW_EARLY) && f->irs == seg->seq;
	f->irs = seg->seq;
	f->synack_ack = seg->ack;
	read_cookie(f, seg);
	f->marks |= FLOW_SYNACK;
	f->marks |= answers_rich(f, seg) ? FLOW_SYNACK_TO_RICH : 0;
	f->marks |= seg->data_len > 0 ? FLOW_SYNACK_PAYLOAD : 0;
	if (is_overtaken) // octets that left before our ACK could, as the SYN-ACK did
		f->marks |= FLOW_DATA_REV | (is_all_acked(f) ? FLOW_ZERORTT_YES : 0);
}

// ---- what comes after

static void observe_ack(struct flow *f, const struct segment *seg) {
	if (!(f->marks & FLOW_SYNACK) || (f->marks & FLOW_CONNECTED))
		return;
	struct segment_options options;
	segment_options_read(seg, &options);
	f->marks |= FLOW_CONNECTED | (options.has_timestamps ? FLOW_ACK_STAMPED : 0);
	f->ack_tsval = options.tsval;
}

// The server's first octets. Seen before the client's ACK they left before it arrived, wherever on
// the path one looks. Behind it their timestamp tells, if that of the ACK is not the SYN's, too.
static uint32_t zerortt(const struct flow *f, const struct segment *seg) {
	if (!is_all_acked(f))
		return 0;
	if (!(f->marks & FLOW_CONNECTED))
		return FLOW_ZERORTT_YES;
	struct segment_options options;
	segment_options_read(seg, &options);
	uint32_t stamps = FLOW_SYN_STAMPED | FLOW_ACK_STAMPED;
	if ((f->marks & stamps) != stamps || !options.has_timestamps ||
		!seq_before(f->syn_tsval, f->ack_tsval))
		return 0;
	int32_t age = seq_diff(f->ack_tsval, options.tsecr);
	if (age > TSVAL_OLD)
		return 0;
	return age > 0 ? FLOW_ZERORTT_YES : FLOW_ZERORTT_NO;
}

static void observe_rst(struct flow *f, const struct segment *seg) {
	uint32_t acked = seg->ack - f->isn - 1;
	if (!(f->marks & FLOW_SYN))
		return;
	if (!(f->marks & FLOW_SYNACK)) {
		// RFC 9293 section 3.10.7.3
		if (!(seg->flags & TCP_ACK) || acked > f->syn_data_len)
			return;
		bool to_rich = (f->marks & FLOW_RICH) && (acked > 0 || !(f->marks & FLOW_POOR));
		f->marks |= FLOW_REFUSED | (to_rich ? FLOW_REFUSED_RICH : 0);
		return;
	}
	uint32_t too_late = FLOW_DATA_REV | FLOW_FIN_REV | FLOW_FIN_FWD | FLOW_RST_FWD;
	if (!(f->marks & too_late) && seg->seq == f->irs + 1)
		f->marks |= FLOW_RESET_AFTER;
}

static void observe_fwd(struct flow *f, uint64_t now_ns, const struct segment *seg) {
	count(&f->pkt_fwd, &f->oct_fwd, seg);
	if (is_bare_syn(seg))
		observe_syn(f, now_ns, seg);
	else if ((seg->flags & (TCP_ACK | TCP_SYN | TCP_RST)) == TCP_ACK)
		observe_ack(f, seg);
	if ((seg->flags & TCP_SYN) && f->synflags_fwd == 0)
		f->synflags_fwd = seg->flags;
	f->marks |= seg->flags & TCP_FIN ? FLOW_FIN_FWD : 0;
	f->marks |= seg->flags & TCP_RST ? FLOW_RST_FWD : 0;
}

static void observe_rev(struct flow *f, const struct segment *seg) {
	count(&f->pkt_rev, &f->oct_rev, seg);
	if (seg->flags & TCP_RST)
		observe_rst(f, seg);
	else if ((seg->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK))
		observe_synack(f, seg);
	if (seg->data_len > 0 && (f->marks & FLOW_SYNACK) && !(seg->flags & TCP_RST)) {
		f->marks |= f->marks & FLOW_DATA_REV ? 0 : zerortt(f, seg);
		f->marks |= FLOW_DATA_REV;
	} else if (seg->data_len > 0 && !(seg->flags & TCP_RST)) {
		f->marks |= FLOW_EARLY;
		f->irs = seg->seq - 1;
	}
	if ((seg->flags & TCP_SYN) && f->synflags_rev == 0)
		f->synflags_rev = seg->flags;
	f->marks |= seg->flags & TCP_FIN ? FLOW_FIN_REV : 0;
	f->marks |= seg->flags & TCP_RST ? FLOW_RST_REV : 0;
}

void flow_observe(
	struct flow *f, enum flow_direction direction, uint64_t now_ns, const struct segment *seg) {
	if (direction == FLOW_FWD && flow_is_other(f, seg))
		*f = (struct flow){0};
	if (!flow_is_seen(f))
		f->from_ns = f->to_ns = now_ns;
	if (now_ns > f->to_ns)
		f->to_ns = now_ns;
	if (direction == FLOW_FWD)
		observe_fwd(f, now_ns, seg);
	else
		observe_rev(f, seg);
}

void flow_observe_icmp(struct flow *f, const struct icmp_quote *quote) {
	uint32_t has = f->marks & (FLOW_SYN | FLOW_POOR | FLOW_SYNACK);
	if (has == FLOW_SYN && quote->seq == f->isn)
		f->marks |= FLOW_ICMP;
}

bool flow_is_other(const struct flow *f, const struct segment *seg) {
	return is_bare_syn(seg) && (f->marks & FLOW_SYN) && seg->seq != f->isn;
}

bool flow_is_over(const struct flow *f) {
	uint32_t both = FLOW_FIN_FWD | FLOW_FIN_REV;
	return (f->marks & both) == both || (f->marks & (FLOW_RST_FWD | FLOW_RST_REV));
}
