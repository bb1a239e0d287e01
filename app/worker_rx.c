// What came: told apart, handed to the worker it belongs to, and to the target.
#include "app/worker_parts.h"

#include <limits.h>

// What a round takes off the queue at most; the stamp of a frame is that of its round.
#define BURSTS_A_ROUND 8

// A frame of a burst on its way through the passes of handle_burst.
struct received {
	struct rte_mbuf *m;
	struct frame frame;
	enum frame_kind kind;
	uint32_t *bucket; // of the index, for the address that a TCP or ICMP frame is about
	uint64_t hash;
};

// The worker whose part of the ports this one is in, or nb_workers.
static unsigned int owner_of_port(const struct worker *w, uint16_t port) {
	uint16_t offset = (uint16_t)(port - w->all_ports.first);
	if (port < w->all_ports.first || offset >= w->all_ports.count)
		return w->nb_workers;
	unsigned int owner = offset / w->ports_per_worker;
	return owner < w->nb_workers ? owner : w->nb_workers;
}

void rx_hand_over(struct worker *w, unsigned int owner, struct rte_mbuf **m) {
	if (rte_ring_enqueue(w->workers[owner]->frames, *m) != 0) {
		w->counters.handover_full++;
		return;
	}
	w->counters.handed_over++;
	*m = NULL; // theirs now
}

// A late frame is answered to where it came from.
static void answer_late(struct worker *w, const struct frame *frame, uint64_t now_ns) {
	struct segment out;
	uint8_t options[TCPOPT_MAX_OCTETS];
	struct conn_numbers numbers;
	if (!late_answer(&w->rules, &frame->seg, &out, options, &numbers)) {
		w->counters.odd++;
		return;
	}
	if (frame->seg.flags & TCP_SYN)
		canaries_heard(&w->canaries, &frame->seg.src, frame->seg.sport, frame->seg.dport);
	if (tx_segment(w, now_ns, frame->src_mac, &out, &numbers)) {
		w->counters.closed_late++;
		capture_late(w, now_ns);
	}
}

// The answered target at this address, made one if it was not: WHEEL_NONE if there is none, or if
// the frame names no connection of its.
static uint32_t take_target(
	struct worker *w, uint32_t *entry, uint16_t lport, uint16_t rport, uint64_t now_ns) {
	uint32_t position = addrindex_position(*entry);
	if (addrindex_is_answered(*entry))
		return position;
	struct launch *slot = &w->slots[position];
	if (!launch_takes(slot, &w->rules, lport, rport, now_ns))
		return WHEEL_NONE;
	return answered_take(w, slot, entry);
}

// The target there has not answered yet.
static bool is_silent(const uint32_t *entry) {
	return entry != NULL && !addrindex_is_answered(*entry);
}

static struct answered *answered_at(struct worker *w, uint32_t position) {
	return position == WHEEL_NONE ? NULL : &w->answered[position];
}

// What is due to a target is asked once for all of its frames that follow one another: what they
// bring together is acknowledged by one segment.
static void pump_due(struct worker *w, uint64_t now_ns) {
	if (w->pump_due == WHEEL_NONE)
		return;
	answered_pump(w, w->pump_due, now_ns);
	w->pump_due = WHEEL_NONE;
}

static void pump_later(struct worker *w, uint32_t position, uint64_t now_ns) {
	if (w->pump_due != position)
		pump_due(w, now_ns);
	w->pump_due = position;
}

static void handle_tcp(struct worker *w, const struct received *r, uint64_t now_ns) {
	const struct frame *frame = &r->frame;
	const struct segment *seg = &frame->seg;
	uint32_t *entry = launch_find_in(w, r->bucket, &seg->src, r->hash);
	bool is_first = is_silent(entry);
	uint32_t position =
		entry ? take_target(w, entry, seg->dport, seg->sport, now_ns) : WHEEL_NONE;
	capture_received(w, answered_at(w, position), r->m, now_ns);
	if (position == WHEEL_NONE) {
		answer_late(w, frame, now_ns);
		return;
	}
	if (!target_observe_received(&w->answered[position].target, &w->rules, now_ns, seg))
		answer_late(w, frame, now_ns);
	else if (is_first)
		prefix_note(w, &seg->src,
			seg->flags & TCP_RST ? PREFIX_ANSWER_RST : PREFIX_ANSWER_OTHER, now_ns);
	pump_later(w, position, now_ns); // a target that was just taken has no timer before
}

// Anybody can send a message that quotes us; who has not seen our SYN does not know its number.
static bool is_quote_of_ours(const struct worker *w, const struct icmp_quote *quote) {
	uint64_t target = numbers_target(&w->rules.numbers, &quote->dst, quote->dport);
	return quote->seq == numbers_conn(target, quote->sport).isn;
}

static void handle_icmp(struct worker *w, const struct received *r, uint64_t now_ns) {
	const struct icmp_quote *quote = &r->frame.quote;
	uint32_t *entry = is_quote_of_ours(w, quote)
				  ? launch_find_in(w, r->bucket, &quote->dst, r->hash)
				  : NULL;
	bool is_first = is_silent(entry);
	uint32_t position =
		entry ? take_target(w, entry, quote->sport, quote->dport, now_ns) : WHEEL_NONE;
	capture_received(w, answered_at(w, position), r->m, now_ns);
	if (position == WHEEL_NONE) {
		w->counters.odd++;
		return;
	}
	if (!target_observe_icmp(&w->answered[position].target, &w->rules, now_ns, quote))
		w->counters.odd++;
	else if (is_first)
		prefix_note(w, &quote->dst,
			icmp_is_prohibited(quote) ? PREFIX_ANSWER_PROHIBITED : PREFIX_ANSWER_OTHER,
			now_ns);
	pump_later(w, position, now_ns); // a target that was just taken has no timer before
}

// Frames for another worker's ports are handed over, once.
static bool is_mine(struct worker *w, uint16_t lport, bool was_handed_over, struct rte_mbuf **m) {
	unsigned int owner = owner_of_port(w, lport);
	if (owner == w->id)
		return true;
	if (owner == w->nb_workers || was_handed_over)
		w->counters.strays++;
	else
		rx_hand_over(w, owner, m);
	return false;
}

static bool tcp_is_mine(
	struct worker *w, uint16_t lport, bool was_handed_over, struct rte_mbuf **m) {
	bool mine = is_mine(w, lport, was_handed_over, m);
	if (!was_handed_over) {
		w->counters.steered += mine;
		w->counters.elsewhere += *m == NULL; // handed over
	}
	return mine;
}

static void count_refused(struct worker_counters *c, enum frame_kind kind) {
	switch (kind) {
	case FRAME_TRUNCATED:
		c->truncated++;
		break;
	case FRAME_BAD_LENGTH:
		c->bad_length++;
		break;
	case FRAME_BAD_IP_CHECKSUM:
	case FRAME_BAD_CHECKSUM:
		c->bad_checksum++;
		break;
	case FRAME_FRAGMENT:
		c->fragments++;
		break;
	default:
		c->not_for_us++;
		break;
	}
}

// "None" is said of a frame that never was on a wire: its checksum is undone, its octets are good.
static bool is_verified(uint64_t flags, uint64_t good, uint64_t none) {
	return flags == good || flags == none;
}

// Some drivers call good what they never looked at, so TCP has to be named.
static enum frame_trust trust_of(const struct rte_mbuf *m) {
	unsigned int trust = FRAME_TRUST_NOTHING;
	if (is_verified(m->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK, RTE_MBUF_F_RX_IP_CKSUM_GOOD,
		    RTE_MBUF_F_RX_IP_CKSUM_NONE))
		trust |= FRAME_TRUST_IP_CHECKSUM;
	if ((m->packet_type & RTE_PTYPE_L4_MASK) == RTE_PTYPE_L4_TCP &&
		is_verified(m->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK, RTE_MBUF_F_RX_L4_CKSUM_GOOD,
			RTE_MBUF_F_RX_L4_CKSUM_NONE))
		trust |= FRAME_TRUST_L4_CHECKSUM;
	return trust;
}

static bool is_for_our_mac(const struct worker *w, const uint8_t *dst_mac) {
	bool is_group = dst_mac[0] & 1;
	return is_group || memcmp(dst_mac, w->hop.our_mac, MAC_OCTETS) == 0;
}

// Most frames of a shared interface are the host's: look no further.
static bool is_worth_parsing(struct worker *w, const struct rte_mbuf *m) {
	if (m->nb_segs > 1) {
		w->counters.segmented++;
		return false;
	}
	const uint8_t *octets = rte_pktmbuf_mtod(m, const uint8_t *);
	if (rte_pktmbuf_data_len(m) < ETHER_HEADER_OCTETS || !is_for_our_mac(w, octets)) {
		w->counters.not_for_us++;
		return false;
	}
	return true;
}

static const struct ip_addr *peer_of(const struct received *r) {
	return r->kind == FRAME_TCP ? &r->frame.seg.src : &r->frame.quote.dst;
}

static bool is_about_target(const struct received *r) {
	return r->kind == FRAME_TCP || r->kind == FRAME_ICMP;
}

static void parse(struct worker *w, struct rte_mbuf *m, struct received *r) {
	r->m = m;
	r->kind = frame_parse(rte_pktmbuf_mtod(m, const uint8_t *), rte_pktmbuf_data_len(m),
		trust_of(m), &r->frame);
	if (!is_about_target(r))
		return;
	r->hash = addrindex_hash(&w->index, peer_of(r));
	r->bucket = addrindex_bucket(&w->index, r->hash);
	rte_prefetch0(r->bucket);
}

static void handle(struct worker *w, struct received *r, bool was_handed_over, uint64_t now_ns) {
	const struct frame *frame = &r->frame;
	switch (r->kind) {
	case FRAME_TCP:
		if (!next_hop_owns(&w->hop, &frame->seg.dst))
			w->counters.not_for_us++;
		else if (tcp_is_mine(w, frame->seg.dport, was_handed_over, &r->m))
			handle_tcp(w, r, now_ns);
		break;
	case FRAME_ICMP:
		if (!next_hop_owns(&w->hop, &frame->quote.src))
			w->counters.not_for_us++;
		else if (is_mine(w, frame->quote.sport, was_handed_over, &r->m))
			handle_icmp(w, r, now_ns);
		break;
	case FRAME_NEIGH:
		neigh_heard(w, rte_pktmbuf_mtod(r->m, const uint8_t *), rte_pktmbuf_data_len(r->m),
			now_ns, &r->m);
		break;
	default:
		count_refused(&w->counters, r->kind);
		break;
	}
}

// In one piece and nobody else's: its second cache line, which no one has touched, says nothing
// new.
static bool is_plain(const struct worker *w, const struct rte_mbuf *m) {
	return m->pool == w->pool && m->nb_segs == 1 && RTE_MBUF_DIRECT(m) &&
	       rte_mbuf_refcnt_read(m) == 1;
}

static void free_frames(struct worker *w, struct rte_mbuf **frames, unsigned int nb_frames) {
	unsigned int nb = 0;
	for (unsigned int i = 0; i < nb_frames; i++) {
		if (is_plain(w, frames[i]))
			frames[nb++] = frames[i];
		else
			rte_pktmbuf_free(frames[i]);
	}
	rte_mempool_put_bulk(w->pool, (void **)frames, nb);
}

static void prefetch_targets(const struct worker *w, struct received *received, unsigned int nb) {
	for (unsigned int i = 0; i < nb; i++) {
		const struct received *r = &received[i];
		if (is_about_target(r) && launch_prefetch_kept(w, r->bucket, r->hash))
			prefix_prefetch(w, peer_of(r));
	}
}

// In passes over the burst, so that memory is on its way for all of its frames while others are
// looked at: octets, index, target. Their order stays what it was.
static void handle_burst(struct worker *w, struct rte_mbuf **frames, unsigned int nb_frames,
	bool were_handed_over, uint64_t now_ns) {
	struct received received[WORKER_BURST];
	unsigned int nb = 0, nb_spent = 0;
	for (unsigned int i = 0; i < nb_frames; i++)
		rte_prefetch0(rte_pktmbuf_mtod(frames[i], const void *));
	for (unsigned int i = 0; i < nb_frames; i++) {
		if (is_worth_parsing(w, frames[i]))
			parse(w, frames[i], &received[nb++]);
		else
			frames[nb_spent++] = frames[i];
	}
	prefetch_targets(w, received, nb);
	for (unsigned int i = 0; i < nb; i++) {
		handle(w, &received[i], were_handed_over, now_ns);
		if (received[i].m) // else it was handed on
			frames[nb_spent++] = received[i].m;
	}
	pump_due(w, now_ns);
	free_frames(w, frames, nb_spent);
}

static bool receive_handed_over(struct worker *w, uint64_t now_ns) {
	struct rte_mbuf *frames[WORKER_BURST];
	unsigned int nb = rte_ring_dequeue_burst(w->frames, (void **)frames, WORKER_BURST, NULL);
	w->counters.taken_over += nb;
	handle_burst(w, frames, nb, true, now_ns);
	return nb < WORKER_BURST;
}

// Places left in the fullest of the other workers' rings.
static unsigned int least_room(const struct worker *w) {
	unsigned int least = UINT_MAX;
	for (unsigned int i = 0; i < w->nb_workers; i++) {
		unsigned int room =
			i == w->id ? UINT_MAX : rte_ring_free_count(w->workers[i]->frames);
		least = room < least ? room : least;
	}
	return least;
}

// All may land on one queue. A ring over half full: its worker is behind, and until it has caught
// up nobody begins a target.
static void notice_crowd(struct worker *w) {
	bool is_crowded = least_room(w) < rte_ring_get_capacity(w->frames) / 2;
	w->nb_handed_seen = w->counters.handed_over;
	if (is_crowded == w->is_crowded)
		return;
	w->is_crowded = is_crowded;
	if (is_crowded)
		atomic_fetch_add(&w->control->nb_crowded, 1);
	else
		atomic_fetch_sub(&w->control->nb_crowded, 1);
}

// What comes stays with the driver rather than to be lost at a full ring: each of the workers may
// have a burst for the same one.
static bool may_take(struct worker *w) {
	if (!w->is_crowded || least_room(w) >= w->nb_workers * WORKER_BURST)
		return true;
	w->counters.handover_waits++;
	return false;
}

static unsigned int take_from_driver(struct worker *w, struct rte_mbuf **frames) {
	uint64_t before = rte_rdtsc();
	unsigned int nb = rte_eth_rx_burst(w->port_id, w->queue_id, frames, WORKER_BURST);
	if (nb > 0)
		w->counters.driver_cycles += rte_rdtsc() - before;
	w->counters.frames_received += nb;
	return nb;
}

bool rx_receive(struct worker *w, uint64_t now_ns) {
	struct rte_mbuf *frames[WORKER_BURST];
	bool is_drained = false, has_all = w->nb_workers == 1;
	for (unsigned int i = 0; i < BURSTS_A_ROUND && !(is_drained && has_all); i++) {
		if (!is_drained && may_take(w)) {
			unsigned int nb = take_from_driver(w, frames);
			handle_burst(w, frames, nb, false, now_ns);
			is_drained = nb < WORKER_BURST;
		}
		if (!has_all)
			has_all = receive_handed_over(w, now_ns);
	}
	if (w->is_crowded || w->counters.handed_over != w->nb_handed_seen)
		notice_crowd(w);
	return is_drained && has_all;
}
