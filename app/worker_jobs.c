// Targets to be begun: those that the reader hands over, those that wait for another one at their
// address, and those that wait for the rate of their network.
#include "app/worker_parts.h"

// Of the places for jobs that wait: those that are kept for targets to be begun again, and of these
// the ones for silent targets alone. Each silent one that leaves makes a place in the ring for one
// that waits; of the others, and of new ones, so many may not wait that it finds no place. More
// than WORKER_NEIGH_PENDING each: so many may be begun meanwhile that have not waited here.
#define DEFERRED_FOR_AGAIN 1024
#define DEFERRED_FOR_SILENT 512
// Places in the answered table that are kept for targets already begun.
#define ANSWERED_RESERVE(w) ((w)->nb_answered / 4)
// A job whose turn has come and that can't be begun for another reason.
#define TRY_AGAIN_NS NSEC_PER_MSEC

// There is room for a burst of targets, but for the pace and for those of them that answer.
static bool may_begin(const struct worker *w) {
	return !control_is(&w->control->stop_launching) &&
	       !control_is(&w->control->hold_launching) && !control_is(&w->control->link_is_down) &&
	       atomic_load_explicit(&w->control->nb_crowded, memory_order_relaxed) == 0 &&
	       launch_has_room(w) && records_have_room(w) && capture_has_room(w);
}

static bool is_its_turn(struct worker *w, uint64_t now_ns) {
	if (!tx_has_room(w))
		tx_flush(w);
	if (!tx_has_room(w))
		return false;
	if (pacer_may_send(&w->pacer, now_ns) && pacer_may_send(&w->launches, now_ns))
		return true;
	ramp_note_limited(&w->ramp);
	return false;
}

static const uint8_t *gateway_of(const struct worker *w, const struct ip_addr *addr) {
	return addr_is_v4(addr) ? w->hop.gateway4_mac : w->hop.gateway6_mac;
}

// A MAC for the target, then the target itself. False: it has to wait.
static bool begin_job(struct worker *w, const struct job *job, uint64_t now_ns) {
	if (lists_forbid_job(w, job))
		return lists_drop(w, job->text, job->index);
	bool is_begun = next_hop_is_onlink(&w->hop, &job->addr)
				? neigh_ask(w, job, now_ns)
				: launch_begin(w, job, gateway_of(w, &job->addr), now_ns);
	if (is_begun)
		prefix_begun(w, &job->addr, now_ns);
	return is_begun;
}

static uint32_t nb_deferred(const struct worker *w) {
	return w->deferred_head - w->deferred_tail;
}

static uint32_t room_to_defer(const struct worker *w) {
	return w->deferred_mask + 1 - nb_deferred(w);
}

// Another target at the address is under way: come back to this one later.
static bool defer(struct worker *w, const struct job *job) {
	if (room_to_defer(w) == 0)
		return false;
	w->deferred[w->deferred_head++ & w->deferred_mask] = *job;
	worker_count_in_flight(w, 1);
	w->counters.deferred++;
	return true;
}

// The ring may be full: a silent target that leaves makes the room itself, if it may wait for it.
bool launch_may_again(struct worker *w, bool is_silent, uint64_t now_ns) {
	// all at once would be as fast as what made it necessary
	bool is_time = !w->has_ramp || is_its_turn(w, now_ns);
	return !control_is(&w->control->link_is_down) && tx_has_room(w) && is_time &&
	       room_to_defer(w) > (is_silent ? 0 : DEFERRED_FOR_SILENT);
}

void launch_again(
	struct worker *w, const struct job *job, const uint8_t *dst_mac, uint64_t now_ns) {
	w->counters.launched_again++;
	if (!prefix_may_begin(w, &job->addr, now_ns) && prefix_put_aside(w, job, now_ns))
		return;
	// without an mbuf, or a slot, it can't begin now, but must not be forgotten
	if (!lists_forbid_job(w, job) && launch_begin(w, job, dst_mac, now_ns))
		prefix_begun(w, &job->addr, now_ns);
	else
		defer(w, job);
}

// The oldest of the deferred jobs, once a round; if it has to wait again it goes to the end, so
// that one busy address does not hold up the others.
static void launch_deferred(struct worker *w, uint64_t now_ns) {
	if (nb_deferred(w) == 0 || !is_its_turn(w, now_ns))
		return;
	struct job job = w->deferred[w->deferred_tail++ & w->deferred_mask];
	if (prefix_may_begin(w, &job.addr, now_ns) && begin_job(w, &job, now_ns))
		worker_count_in_flight(w, -1);
	else
		w->deferred[w->deferred_head++ & w->deferred_mask] = job;
}

static void prefetch(const struct worker *w, const struct ip_addr *addr) {
	addrindex_prefetch(&w->index, addrindex_hash(&w->index, addr));
	if (w->prefixes.is_on)
		prefixes_prefetch(&w->prefixes, prefixes_bucket(&w->prefixes, addr));
}

// The index is larger than any cache, and so is the ring: what will be looked at is asked for a
// burst before (the bucket), and before the first of the burst is begun (who else is in it).
static void take_burst(struct worker *w) {
	unsigned int coming = w->burst_at_hand;
	w->burst_at_hand = 1 - coming;
	w->next_incoming = 0;
	unsigned int nb = rte_ring_dequeue_burst_elem(
		w->jobs, w->incoming[coming], sizeof(struct job), WORKER_BURST, NULL);
	w->nb_incoming[coming] = nb;
	for (unsigned int i = 0; i < nb; i++)
		prefetch(w, &w->incoming[coming][i].addr);
	for (unsigned int i = 0; i < w->nb_incoming[w->burst_at_hand]; i++) {
		uint64_t hash = addrindex_hash(&w->index, &w->incoming[w->burst_at_hand][i].addr);
		(void)launch_prefetch_kept(w, addrindex_bucket(&w->index, hash), hash);
	}
}

// Those whose network has a token again, each after the others of its network.
static unsigned int launch_waiting(struct worker *w, uint64_t now_ns, unsigned int nb_most) {
	unsigned int nb = 0;
	uint32_t place;
	while (nb < nb_most && w->prefixes.nb_waiting > 0 && is_its_turn(w, now_ns) &&
		(place = prefixes_due(&w->prefixes, now_ns)) != PREFIXES_NONE) {
		if (!begin_job(w, &w->waiting[place], now_ns) && !defer(w, &w->waiting[place])) {
			prefixes_put_off(&w->prefixes, place, now_ns + TRY_AGAIN_NS);
			break;
		}
		prefixes_leave(&w->prefixes, place);
		worker_count_in_flight(w, -1);
		nb++;
	}
	return nb;
}

// Begun, or in the place where it is to wait. False: there is none.
static bool take_job(struct worker *w, const struct job *job, uint64_t now_ns) {
	if (!prefix_may_begin(w, &job->addr, now_ns))
		return prefix_put_aside(w, job, now_ns);
	return begin_job(w, job, now_ns) || defer(w, job);
}

static bool next_job(struct worker *w, struct job **job) {
	if (w->next_incoming == w->nb_incoming[w->burst_at_hand])
		take_burst(w);
	if (w->next_incoming == w->nb_incoming[w->burst_at_hand])
		return false;
	*job = &w->incoming[w->burst_at_hand][w->next_incoming];
	return true;
}

void launch_jobs(struct worker *w, uint64_t now_ns) {
	if (!may_begin(w))
		return;
	bool has_answered_room = w->nb_free >= ANSWERED_RESERVE(w);
	bool is_full = room_to_defer(w) <= DEFERRED_FOR_AGAIN;
	// targets that have answered may wait for a place among those that wait
	if (has_answered_room || is_full)
		launch_deferred(w, now_ns);
	if (!has_answered_room || is_full)
		return;
	struct job *job;
	for (unsigned int n = launch_waiting(w, now_ns, WORKER_BURST); n < WORKER_BURST; n++) {
		if (!is_its_turn(w, now_ns) || !next_job(w, &job) || !take_job(w, job, now_ns))
			return;
		w->next_incoming++;
	}
}

void launch_drop_waiting(struct worker *w) {
	worker_count_in_flight(w, -(int)nb_deferred(w));
	w->deferred_tail = w->deferred_head;
	worker_count_in_flight(w, -(int)w->prefixes.nb_waiting);
	prefixes_drop_all(&w->prefixes);
	w->nb_incoming[0] = w->nb_incoming[1] = w->next_incoming = 0;
}
