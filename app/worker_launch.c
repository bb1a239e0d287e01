// The launch ring: targets that nobody has answered, in the order in which they were begun. As all
// of them go through the same moments, each moment is a cursor that walks the ring; the last one
// frees the slots.
#include "app/worker_parts.h"

// One round of the loop sends no more SYNs than this, so that receiving is not starved.
#define SYNS_A_ROUND 64
// Places in the answered table that are kept for targets already begun.
#define ANSWERED_RESERVE(w) ((w)->nb_answered / 4)
#define PREFETCH_SLOTS 8

static struct launch *slot_at(struct worker *w, uint64_t position) {
	return &w->slots[position & (w->nb_slots - 1)];
}

static unsigned int last_moment(const struct worker *w) {
	return launch_nb_moments(w->rules.conn.syn_tries) - 1;
}

static uint32_t *find_hashed(struct worker *w, const struct ip_addr *addr, uint64_t hash) {
	unsigned int way = 0;
	uint32_t *entry;
	while ((entry = addrindex_candidate(&w->index, hash, &way)) != NULL) {
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
	return find_hashed(w, addr, addrindex_hash(&w->index, addr));
}

// The index is larger than any cache: who will soon look for an address says so before.
static void prefetch(const struct worker *w, const struct ip_addr *addr) {
	addrindex_prefetch(&w->index, addrindex_hash(&w->index, addr));
}

bool launch_has_room(const struct worker *w) {
	return w->cursor[0] - w->cursor[last_moment(w)] < w->nb_slots;
}

static bool send_moment(
	struct worker *w, struct launch *slot, unsigned int moment, uint64_t now_ns) {
	uint8_t options[TCPOPT_MAX_OCTETS];
	struct segment seg;
	struct conn_numbers numbers;
	launch_syn(slot, &w->rules, moment, now_ns, &seg, options, &numbers);
	if (!tx_segment(w, now_ns, slot->dst_mac, &seg, &numbers))
		return false;
	launch_sent(slot, w->rules.conn.syn_tries, moment, now_ns);
	capture_launch(w, slot, moment, now_ns);
	return true;
}

bool launch_begin(
	struct worker *w, const struct job *job, const uint8_t *dst_mac, uint64_t now_ns) {
	uint64_t hash = addrindex_hash(&w->index, &job->addr);
	if (!launch_has_room(w) || find_hashed(w, &job->addr, hash))
		return false;
	uint32_t *entry = addrindex_free_entry(&w->index, hash);
	if (!entry)
		return false;
	struct launch *slot = slot_at(w, w->cursor[0]);
	*slot = (struct launch){
		.addr = job->addr,
		.port = job->port,
		.job = job->text,
		.index = job->index,
		.first_ordinal = job->first_ordinal,
		.is_live = true,
	};
	memcpy(slot->dst_mac, dst_mac, MAC_OCTETS);
	if (!send_moment(w, slot, 0, now_ns)) {
		slot->is_live = false;
		return false;
	}
	addrindex_set(entry, hash, false, (uint32_t)(w->cursor[0] & (w->nb_slots - 1)));
	w->cursor[0]++;
	w->counters.launched++;
	atomic_fetch_add_explicit(&w->in_flight, 1, memory_order_relaxed);
	return true;
}

static void leave(struct worker *w, struct launch *slot) {
	*launch_find(w, &slot->addr) = 0;
	slot->is_live = false;
	atomic_fetch_sub_explicit(&w->in_flight, 1, memory_order_relaxed);
}

// What happened while the link was down says nothing: begin again as if nothing had been.
static bool begin_again(struct worker *w, struct launch *slot, uint64_t now_ns) {
	if (!launch_may_again(w))
		return false;
	struct job job = {
		.addr = slot->addr,
		.port = slot->port,
		.text = slot->job,
		.index = slot->index,
		.first_ordinal = numbers_next_ordinal(slot->first_ordinal + slot->probe + 1u),
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

// Walk one cursor; false when the budget, or the room to send, is used up.
static bool walk(struct worker *w, unsigned int moment, uint64_t now_ns, unsigned int *budget) {
	unsigned int tries = w->rules.conn.syn_tries;
	bool is_end = moment == last_moment(w);
	while (w->cursor[moment] < w->cursor[moment - 1]) {
		struct launch *slot = slot_at(w, w->cursor[moment]);
		if (slot->is_live) {
			if (now_ns < launch_moment_ns(slot, tries, moment))
				return true;
			if (*budget == 0)
				return false;
			const struct launch *later = slot_at(w, w->cursor[moment] + PREFETCH_SLOTS);
			if (is_end && later->is_live)
				prefetch(w, &later->addr);
			bool done = is_end ? finish_silent(w, slot, now_ns)
					   : send_moment(w, slot, moment, now_ns);
			if (!done)
				return false;
			(*budget)--;
		}
		w->cursor[moment]++;
	}
	return true;
}

void launch_moments(struct worker *w, uint64_t now_ns) {
	unsigned int budget = SYNS_A_ROUND;
	for (unsigned int moment = last_moment(w); moment >= 1; moment--) {
		if (!walk(w, moment, now_ns, &budget))
			return;
	}
}

// ---- jobs

static bool may_launch(struct worker *w, uint64_t now_ns) {
	bool has_room = !control_is(&w->control->stop_launching) &&
			!control_is(&w->control->hold_launching) &&
			!control_is(&w->control->link_is_down) && tx_has_room(w) &&
			launch_has_room(w) && w->nb_free >= ANSWERED_RESERVE(w) &&
			records_have_room(w) && capture_has_room(w);
	if (!has_room || pacer_may_send(&w->pacer, now_ns))
		return has_room;
	ramp_note_limited(&w->ramp);
	return false;
}

static const uint8_t *gateway_of(const struct worker *w, const struct ip_addr *addr) {
	return addr_is_v4(addr) ? w->hop.gateway4_mac : w->hop.gateway6_mac;
}

// A MAC for the target, then the target itself. False: it has to wait.
static bool begin_job(struct worker *w, const struct job *job, uint64_t now_ns) {
	if (next_hop_is_onlink(&w->hop, &job->addr))
		return neigh_ask(w, job, now_ns);
	return launch_begin(w, job, gateway_of(w, &job->addr), now_ns);
}

static uint32_t nb_deferred(const struct worker *w) {
	return w->deferred_head - w->deferred_tail;
}

// Another target at the address is under way: come back to this one later.
static bool defer(struct worker *w, const struct job *job) {
	if (nb_deferred(w) > w->deferred_mask)
		return false;
	w->deferred[w->deferred_head++ & w->deferred_mask] = *job;
	atomic_fetch_add_explicit(&w->in_flight, 1, memory_order_relaxed);
	w->counters.deferred++;
	return true;
}

bool launch_may_again(const struct worker *w) {
	return !control_is(&w->control->link_is_down) && tx_has_room(w) && launch_has_room(w) &&
	       nb_deferred(w) <= w->deferred_mask;
}

void launch_again(
	struct worker *w, const struct job *job, const uint8_t *dst_mac, uint64_t now_ns) {
	w->counters.launched_again++;
	// without an mbuf it can't begin now, but must not be forgotten
	if (!launch_begin(w, job, dst_mac, now_ns))
		defer(w, job);
}

// The oldest of the deferred jobs, once a round; if it has to wait again it goes to the end, so
// that one busy address does not hold up the others.
static void launch_deferred(struct worker *w, uint64_t now_ns) {
	if (nb_deferred(w) == 0 || !may_launch(w, now_ns))
		return;
	struct job job = w->deferred[w->deferred_tail++ & w->deferred_mask];
	if (begin_job(w, &job, now_ns))
		atomic_fetch_sub_explicit(&w->in_flight, 1, memory_order_relaxed);
	else
		w->deferred[w->deferred_head++ & w->deferred_mask] = job;
}

static bool next_job(struct worker *w, struct job **job) {
	if (w->next_incoming == w->nb_incoming) {
		w->next_incoming = 0;
		w->nb_incoming = rte_ring_dequeue_burst_elem(
			w->jobs, w->incoming, sizeof(struct job), WORKER_BURST, NULL);
		for (unsigned int i = 0; i < w->nb_incoming; i++)
			prefetch(w, &w->incoming[i].addr);
	}
	if (w->next_incoming == w->nb_incoming)
		return false;
	*job = &w->incoming[w->next_incoming];
	return true;
}

void launch_jobs(struct worker *w, uint64_t now_ns) {
	launch_deferred(w, now_ns);
	struct job *job;
	for (unsigned int n = 0; n < WORKER_BURST; n++) {
		if (!may_launch(w, now_ns) || !next_job(w, &job))
			return;
		if (!begin_job(w, job, now_ns) && !defer(w, job))
			return;
		w->next_incoming++;
	}
}

void launch_drop_waiting(struct worker *w) {
	atomic_fetch_sub_explicit(&w->in_flight, nb_deferred(w), memory_order_relaxed);
	w->deferred_tail = w->deferred_head;
	w->next_incoming = w->nb_incoming;
}

void launch_void_all(struct worker *w) {
	for (uint64_t at = w->cursor[last_moment(w)]; at < w->cursor[0]; at++)
		slot_at(w, at)->is_void = true;
}
