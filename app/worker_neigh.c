// ARP and neighbour discovery: we answer for our own addresses, and ask for targets on the link.
#include "app/worker_parts.h"

#include "lib/tcpstack/neigh.h"

#define NEIGH_TRIES 3
#define NEIGH_RETRY_NS NSEC_PER_SEC
#define NEIGH_TICK_NS NSEC_PER_MSEC

static void send_request(struct worker *w, struct neigh_pending *p, uint64_t now_ns) {
	uint8_t frame[NEIGH_FRAME_MAX_OCTETS];
	bool is_v4 = addr_is_v4(&p->job.addr);
	size_t len = neigh_request_write(frame, sizeof(frame), w->hop.our_mac,
		is_v4 ? &w->hop.laddr4 : &w->hop.laddr6, &p->job.addr);
	if (len == 0 || !tx_octets(w, now_ns, frame, len))
		return;
	p->tries++;
	p->next_ns = now_ns + NEIGH_RETRY_NS;
}

static struct neigh_pending *find(struct worker *w, const struct ip_addr *addr) {
	for (unsigned int i = 0; w->nb_neigh > 0 && i < WORKER_NEIGH_PENDING; i++) {
		if (w->neigh[i].is_used && addr_equal(&w->neigh[i].job.addr, addr))
			return &w->neigh[i];
	}
	return NULL;
}

bool neigh_ask(struct worker *w, const struct job *job, uint64_t now_ns) {
	if (w->nb_neigh == WORKER_NEIGH_PENDING || find(w, &job->addr) ||
		launch_find(w, &job->addr))
		return false;
	struct neigh_pending *p = w->neigh;
	while (p->is_used)
		p++;
	*p = (struct neigh_pending){
		.job = *job, .asked_ns = now_ns, .next_ns = now_ns, .is_used = true};
	w->nb_neigh++;
	worker_count_in_flight(w, 1);
	send_request(w, p, now_ns);
	return true;
}

static void leave(struct worker *w, struct neigh_pending *p) {
	p->is_used = false;
	w->nb_neigh--;
	worker_count_in_flight(w, -1);
}

void neigh_drop_all(struct worker *w) {
	for (unsigned int i = 0; i < WORKER_NEIGH_PENDING; i++) {
		if (w->neigh[i].is_used)
			leave(w, &w->neigh[i]);
	}
}

static void step(struct worker *w, struct neigh_pending *p, uint64_t now_ns) {
	if (lists_forbid_job(w, &p->job)) {
		if (lists_drop(w, p->job.text, p->job.index))
			leave(w, p);
		return;
	}
	if (p->is_known) {
		if (tx_has_room(w) && launch_begin(w, &p->job, p->mac, now_ns))
			leave(w, p);
		return;
	}
	if (now_ns < p->next_ns || control_is(&w->control->link_is_down))
		return;
	if (p->tries < NEIGH_TRIES) {
		send_request(w, p, now_ns);
		return;
	}
	// nobody has the address: as silent as a target can be
	struct record_short silence = {
		.addr = p->job.addr,
		.from_ns = p->asked_ns,
		.to_ns = p->next_ns,
		.job = p->job.text,
		.index = p->job.index,
		.port = p->job.port,
	};
	if (!records_silence(w, &silence, NULL))
		return;
	capture_unreached(w, &p->job, p->asked_ns, p->next_ns);
	w->counters.neigh_failed++;
	leave(w, p);
}

void neigh_timers(struct worker *w, uint64_t now_ns) {
	if (w->nb_neigh == 0 || now_ns < w->neigh_next_ns)
		return;
	w->neigh_next_ns = now_ns + NEIGH_TICK_NS;
	for (unsigned int i = 0; i < WORKER_NEIGH_PENDING; i++) {
		if (w->neigh[i].is_used)
			step(w, &w->neigh[i], now_ns);
	}
}

static void answer(struct worker *w, const struct neigh_msg *request, uint64_t now_ns) {
	uint8_t frame[NEIGH_FRAME_MAX_OCTETS];
	size_t len =
		neigh_reply_write(frame, sizeof(frame), w->hop.our_mac, &request->target, request);
	if (len > 0 && tx_octets(w, now_ns, frame, len))
		w->counters.neigh_requests++;
}

void neigh_heard(
	struct worker *w, const uint8_t *frame, size_t len, uint64_t now_ns, struct rte_mbuf **m) {
	struct neigh_msg msg;
	if (!neigh_parse(frame, len, &msg)) {
		w->counters.not_for_us++;
		return;
	}
	if (msg.kind == NEIGH_REQUEST) {
		if (next_hop_owns(&w->hop, &msg.target))
			answer(w, &msg, now_ns);
		else
			w->counters.not_for_us++;
		return;
	}
	unsigned int owner =
		worker_of_addr(&w->spread_key, &msg.sender, w->spread_by_network, w->nb_workers);
	if (owner != w->id) {
		rx_hand_over(w, owner, m);
		return;
	}
	struct neigh_pending *p = find(w, &msg.sender);
	if (!p || p->is_known)
		return;
	p->is_known = true;
	memcpy(p->mac, msg.sender_mac, MAC_OCTETS);
	step(w, p, now_ns);
}
