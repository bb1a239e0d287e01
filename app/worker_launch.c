// The launch ring: targets that nobody has answered, in the order in which they were begun. As all
// of them go through the same moments, each moment is a cursor that walks the ring; the last one
// frees the slots.
#include "app/worker_parts.h"

// One round of the loop sends no more SYNs than this, so that receiving is not starved.
#define SYNS_A_ROUND 64
#define PREFETCH_SLOTS 32
#define ANSWERED_FIRST_OCTETS (offsetof(struct answered, target) + TARGET_FIRST_OCTETS)
// A SYN is repeated at its moment, or so much later without being counted.
#define LATE_NS (5 * NSEC_PER_MSEC)

static struct launch *slot_at(struct worker *w, uint64_t position) {
	return &w->slots[position & (w->nb_slots - 1)];
}

static unsigned int last_moment(const struct worker *w) {
	return launch_nb_moments(w->rules.conn.syn_tries) - 1;
}

uint32_t *launch_find_in(
	struct worker *w, uint32_t *bucket, const struct ip_addr *addr, uint64_t hash) {
	for (uint32_t ways = addrindex_candidates(bucket, hash); ways != 0; ways &= ways - 1) {
		uint32_t *entry = &bucket[__builtin_ctz(ways)];
		uint32_t position = addrindex_position(*entry);
		const struct ip_addr *kept = addrindex_is_answered(*entry)
						     ? &w->answered[position].target.addr
						     : &w->slots[position].addr;
		if (addr_equal(kept, addr))
			return entry;
	}
	return NULL;
}

uint32_t *launch_find(struct worker *w, const struct ip_addr *addr) {
	uint64_t hash = addrindex_hash(&w->index, addr);
	return launch_find_in(w, addrindex_bucket(&w->index, hash), addr, hash);
}

// The index is larger than any cache: who will soon look for an address says so before.
static void prefetch(const struct worker *w, const struct ip_addr *addr) {
	addrindex_prefetch(&w->index, addrindex_hash(&w->index, addr));
}

bool launch_prefetch_kept(const struct worker *w, const uint32_t *bucket, uint64_t hash) {
	uint32_t ways = addrindex_candidates(bucket, hash);
	if (ways == 0)
		return false;
	uint32_t entry = bucket[__builtin_ctz(ways)], position = addrindex_position(entry);
	if (!addrindex_is_answered(entry)) {
		rte_prefetch0(&w->slots[position]);
		return true;
	}
	const uint8_t *octets = (const uint8_t *)&w->answered[position];
	for (size_t i = 0; i < ANSWERED_FIRST_OCTETS; i += RTE_CACHE_LINE_SIZE)
		rte_prefetch0(octets + i);
	return false;
}

bool launch_has_room(const struct worker *w) {
	return w->cursor[0] - w->cursor[last_moment(w)] < w->nb_slots;
}

uint64_t launch_oldest_ns(struct worker *w) {
	uint64_t oldest = w->cursor[last_moment(w)];
	return oldest == w->cursor[0] ? UINT64_MAX : slot_at(w, oldest)->from_ns;
}

// A frame for each of these slots, whose moment has come, into mbufs that are there.
static void write_moment(struct worker *w, struct launch *const *slots,
	struct rte_mbuf *const *frames, unsigned int nb, unsigned int moment, uint64_t now_ns) {
	for (unsigned int i = 0; i < nb; i++) {
		struct launch *slot = slots[i];
		uint8_t *octets = rte_pktmbuf_mtod(frames[i], uint8_t *);
		size_t len = launch_frame_write(
			&w->launch_frames, slot, &w->rules, moment, now_ns, octets);
		tx_filled(w, frames[i], len);
		launch_sent(slot, w->rules.conn.syn_tries, moment, now_ns);
		if (w->capture.octets)
			capture_launch(w, slot, moment, now_ns);
	}
	pacer_charge(&w->pacer, now_ns, nb);
}

bool launch_begin(
	struct worker *w, const struct job *job, const uint8_t *dst_mac, uint64_t now_ns) {
	uint64_t hash = addrindex_hash(&w->index, &job->addr);
	uint32_t *bucket = addrindex_bucket(&w->index, hash);
	if (!launch_has_room(w) || launch_find_in(w, bucket, &job->addr, hash))
		return false;
	uint32_t *entry = addrindex_free_entry(bucket);
	struct rte_mbuf *frame;
	if (!entry || tx_open(w, &frame, 1) == 0)
		return false;
	struct launch *slot = slot_at(w, w->cursor[0]);
	__builtin_prefetch(slot_at(w, w->cursor[0] + PREFETCH_SLOTS), 1);
	launch_start(slot, &w->rules, &job->addr, job->port);
	slot->job = job->text;
	slot->index = job->index;
	slot->first_ordinal = job->first_ordinal;
	memcpy(slot->dst_mac, dst_mac, MAC_OCTETS);
	write_moment(w, &slot, &frame, 1, 0, now_ns);
	addrindex_set(entry, hash, false, (uint32_t)(w->cursor[0] & (w->nb_slots - 1)));
	w->cursor[0]++;
	w->counters.launched++;
	pacer_charge(&w->launches, now_ns, 1);
	worker_count_in_flight(w, 1);
	return true;
}

static void leave(struct worker *w, struct launch *slot) {
	uint64_t hash = addrindex_hash(&w->index, &slot->addr);
	uint32_t position = (uint32_t)(slot - w->slots);
	*addrindex_entry(addrindex_bucket(&w->index, hash), hash, false, position) = 0;
	slot->is_live = false;
	worker_count_in_flight(w, -1);
}

static bool drop(struct worker *w, struct launch *slot) {
	if (!lists_drop(w, slot->job, slot->index))
		return false;
	leave(w, slot);
	return true;
}

// What happened while the link was down says nothing: begin again as if nothing had been.
static bool begin_again(struct worker *w, struct launch *slot, uint64_t now_ns) {
	if (!launch_may_again(w, true, now_ns))
		return false;
	struct job job = {
		.addr = slot->addr,
		.port = slot->port,
		.text = slot->job,
		.index = slot->index,
		.lists = w->lists,
		.first_ordinal =
			numbers_next_ordinal((unsigned int)slot->first_ordinal + slot->probe + 1u),
	};
	uint8_t dst_mac[MAC_OCTETS];
	memcpy(dst_mac, slot->dst_mac, MAC_OCTETS);
	leave(w, slot);
	launch_again(w, &job, dst_mac, now_ns);
	return true;
}

// The target stayed silent to its end.
static bool finish_silent(struct worker *w, struct launch *slot, uint64_t now_ns) {
	if (slot->is_void) {
		if (!control_is(&w->control->stop_launching))
			return begin_again(w, slot, now_ns);
		leave(w, slot); // unfinished, rather than wrong
		return true;
	}
	if (control_is(&w->control->link_is_down))
		return false;
	struct record_short silence = {
		.addr = slot->addr,
		.from_ns = slot->from_ns,
		.to_ns = launch_to_ns(slot),
		.job = slot->job,
		.index = slot->index,
		.port = slot->port,
	};
	if (!records_silence(w, &silence, slot))
		return false;
	leave(w, slot);
	return true;
}

// The next slots whose moment has come, at most so many; *end: behind the last of them, and behind
// those that have answered.
static unsigned int gather(struct worker *w, unsigned int moment, uint64_t now_ns,
	struct launch **slots, unsigned int nb_wanted, uint64_t *end) {
	unsigned int nb = 0;
	uint64_t at = w->cursor[moment];
	bool asks = w->has_older_slots;
	for (; at < w->cursor[moment - 1] && nb < nb_wanted; at++) {
		struct launch *slot = slot_at(w, at);
		__builtin_prefetch(slot_at(w, at + PREFETCH_SLOTS), 1);
		if (!slot->is_live)
			continue;
		if (now_ns < launch_moment_ns(slot, w->rules.conn.syn_tries, moment))
			break;
		if (!asks || !lists_forbid_slot(w, slot))
			slots[nb++] = slot;
		else if (!drop(w, slot))
			break;
	}
	*end = at;
	return nb;
}

// The position behind a slot that has been dealt with.
static uint64_t behind(const struct worker *w, uint64_t from, const struct launch *slot) {
	uint64_t offset = (uint64_t)(slot - w->slots) - from;
	return from + (offset & (w->nb_slots - 1)) + 1;
}

// They stand in the order in which they were begun: the first one is the latest.
static unsigned int nb_late(struct worker *w, struct launch *const *slots, unsigned int nb,
	unsigned int moment, uint64_t now_ns) {
	unsigned int n = 0;
	while (n < nb &&
		now_ns - launch_moment_ns(slots[n], w->rules.conn.syn_tries, moment) > LATE_NS)
		n++;
	return n;
}

// What a moment brings for slots to which it has come: done with how many of them, from the first
// on.
static unsigned int send_syns(struct worker *w, struct launch **slots, unsigned int nb,
	unsigned int moment, uint64_t now_ns) {
	struct rte_mbuf *frames[WORKER_BURST];
	unsigned int nb_done = 0, nb_open;
	while (nb_done < nb && (nb_open = tx_open(w, frames, nb - nb_done)) > 0) {
		struct launch **opened = slots + nb_done;
		w->counters.late_syns += nb_late(w, opened, nb_open, moment, now_ns);
		write_moment(w, opened, frames, nb_open, moment, now_ns);
		nb_done += nb_open;
	}
	return nb_done;
}

// The bucket of a target that comes to its end a burst after this one.
static void prefetch_later(struct worker *w, const struct launch *slot) {
	const struct launch *later = slot_at(w, (uint64_t)(slot - w->slots) + WORKER_BURST);
	if (later->is_live)
		prefetch(w, &later->addr);
}

static unsigned int end_targets(struct worker *w, struct launch **slots, unsigned int nb,
	unsigned int moment, uint64_t now_ns) {
	(void)moment;
	for (unsigned int i = 0; i < nb; i++) {
		prefetch_later(w, slots[i]);
		if (!finish_silent(w, slots[i], now_ns))
			return i;
	}
	return nb;
}

// Walk the cursor of a moment; false when the budget, or the room for what comes of it, is used up.
static bool walk(struct worker *w, unsigned int moment, uint64_t now_ns, unsigned int *budget,
	unsigned int (*deal_with)(struct worker *w, struct launch **slots, unsigned int nb,
		unsigned int moment, uint64_t now_ns)) {
	struct launch *slots[WORKER_BURST];
	while (w->cursor[moment] < w->cursor[moment - 1]) {
		unsigned int nb_wanted = *budget < WORKER_BURST ? *budget : WORKER_BURST;
		uint64_t end;
		if (nb_wanted == 0)
			return false;
		unsigned int nb = gather(w, moment, now_ns, slots, nb_wanted, &end);
		unsigned int nb_done = nb > 0 ? deal_with(w, slots, nb, moment, now_ns) : 0;
		*budget -= nb_done;
		if (nb_done < nb) {
			if (nb_done > 0)
				w->cursor[moment] =
					behind(w, w->cursor[moment], slots[nb_done - 1]);
			return false;
		}
		w->cursor[moment] = end;
		if (nb < nb_wanted)
			return true;
	}
	return true;
}

bool launch_moments(struct worker *w, uint64_t now_ns) {
	unsigned int budget = SYNS_A_ROUND, last = last_moment(w);
	// that nobody takes its records now is no reason to be late with a SYN
	(void)walk(w, last, now_ns, &budget, end_targets);
	if (!tx_has_room(w))
		tx_flush(w);
	bool is_even = tx_has_room(w);
	budget = SYNS_A_ROUND;
	for (unsigned int moment = last - 1; moment >= 1 && is_even; moment--)
		is_even = walk(w, moment, now_ns, &budget, send_syns);
	return is_even;
}

void launch_void_all(struct worker *w) {
	for (uint64_t at = w->cursor[last_moment(w)]; at < w->cursor[0]; at++)
		slot_at(w, at)->is_void = true;
}

void launch_void_since(struct worker *w, uint64_t since_ns) {
	for (uint64_t at = w->cursor[0]; at > w->cursor[last_moment(w)]; at--) {
		struct launch *slot = slot_at(w, at - 1);
		if (slot->from_ns < since_ns)
			return; // all before it were begun before
		slot->is_void = true;
	}
}
