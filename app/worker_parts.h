// What the files of a worker call in one another; for nobody else.
#pragma once

#include "app/worker.h"

// Where the climb begins, of all workers; who wants no more has it at once.
#define CLIMB_FROM_FRAMES_PER_S 50000.0

// worker_tx.c: a frame is taken, or put off to be offered again.
bool tx_segment(struct worker *w, uint64_t now_ns, const uint8_t *dst_mac,
	const struct segment *seg, const struct conn_numbers *numbers);
bool tx_octets(struct worker *w, uint64_t now_ns, const uint8_t *octets, size_t len);
// Empty mbufs, as many as there is room for: the number. Each is to be filled (tx_filled), in this
// order, before anything else is sent; to be charged by the caller.
unsigned int tx_open(struct worker *w, struct rte_mbuf **frames, unsigned int nb);
void tx_filled(struct worker *w, struct rte_mbuf *m, size_t len);
bool tx_has_room(const struct worker *w);
void tx_flush(struct worker *w);

// worker_rx.c
// False: there is more to be received than one round takes.
bool rx_receive(struct worker *w, uint64_t now_ns);
// *m becomes NULL if the other worker has taken it.
void rx_hand_over(struct worker *w, unsigned int owner, struct rte_mbuf **m);

// worker_launch.c: targets that nobody has answered.
// False: more is due than could be sent, or was looked at.
bool launch_moments(struct worker *w, uint64_t now_ns);
void launch_void_all(struct worker *w);
// Those that were begun since then.
void launch_void_since(struct worker *w, uint64_t since_ns);
// False: the job has to wait.
bool launch_begin(struct worker *w, const struct job *job, const uint8_t *dst_mac, uint64_t now_ns);
bool launch_has_room(const struct worker *w);
// When the oldest of them was begun; UINT64_MAX: there is none.
uint64_t launch_oldest_ns(struct worker *w);
// Which slot or answered target has this address: its index entry, or NULL.
uint32_t *launch_find(struct worker *w, const struct ip_addr *addr);
// The same for who has the hash and the bucket of the address at hand.
uint32_t *launch_find_in(
	struct worker *w, uint32_t *bucket, const struct ip_addr *addr, uint64_t hash);
// What is kept of the target that is found there will be looked at. True: it has not answered yet.
bool launch_prefetch_kept(const struct worker *w, const uint32_t *bucket, uint64_t hash);

// worker_jobs.c: targets to be begun.
void launch_jobs(struct worker *w, uint64_t now_ns);
// Launching has stopped: what waits to be begun gets no record.
void launch_drop_waiting(struct worker *w);
// Begin a target again, whose place has been left; only if launch_may_again has said so.
bool launch_may_again(struct worker *w, bool is_silent, uint64_t now_ns);
void launch_again(struct worker *w, const struct job *job, const uint8_t *dst_mac, uint64_t now_ns);

// worker_prefix.c: the rate of networks. As long as none has one, nobody is called.
bool prefix_has_turn(struct worker *w, const struct ip_addr *addr, uint64_t now_ns);
static inline bool prefix_may_begin(struct worker *w, const struct ip_addr *addr, uint64_t now_ns) {
	return !w->prefixes.is_on || prefix_has_turn(w, addr, now_ns);
}
// The job waits for its network, counted as in flight. False: there is no place.
bool prefix_put_aside(struct worker *w, const struct job *job, uint64_t now_ns);
void prefix_prepay(struct worker *w, const struct ip_addr *addr, uint64_t now_ns);
void prefix_charge(struct worker *w, const struct ip_addr *addr, uint64_t now_ns);
// A target is begun.
static inline void prefix_begun(struct worker *w, const struct ip_addr *addr, uint64_t now_ns) {
	if (w->prefixes.is_on)
		prefix_prepay(w, addr, now_ns);
}
// A segment leaves, other than the SYNs of a silent target.
static inline void prefix_sent(struct worker *w, const struct ip_addr *addr, uint64_t now_ns) {
	if (w->prefixes.is_on)
		prefix_charge(w, addr, now_ns);
}
// A target has answered after so many SYNs.
void prefix_refund(struct worker *w, const struct ip_addr *addr, unsigned int nb_syns);
// Its network will be told of its first answer.
void prefix_prefetch(const struct worker *w, const struct ip_addr *addr);
// This was the answer.
void prefix_note(
	struct worker *w, const struct ip_addr *addr, enum prefix_answer answer, uint64_t now_ns);

// worker_answered.c: targets that have answered.
// Make the slot's target one of them; its position, or WHEEL_NONE if there is no room.
uint32_t answered_take(struct worker *w, struct launch *slot, uint32_t *entry);
void answered_pump(struct worker *w, uint32_t position, uint64_t now_ns);
// False: there is no room to send what may be due.
bool answered_timers(struct worker *w, uint64_t now_ns);
// Those of which a connection was under way at, or after, that time.
void answered_void_since(struct worker *w, uint64_t since_ns);
// Ask all of them what is due, in the next rounds of the loop.
void answered_ask_all(struct worker *w, uint64_t now_ns);

// worker_records.c: what the collector gets.
// Else no target is to be begun.
bool records_have_room(const struct worker *w);
// The place of the next record, flows included only with w->flows; NULL: the ring is full. It is to
// be filled, and then handed over by records_add.
struct record_with_flows *records_room(struct worker *w);
void records_add(struct worker *w, const struct record_with_flows *r);
// Of a target from which no frame came. False: there is no room. l: its launch, or NULL if it had
// none. records_flush hands all of them over.
bool records_silence(struct worker *w, const struct record_short *silence, const struct launch *l);
void records_flush(struct worker *w);

// Of a target that lists which were read again forbid: the collector forgets it. False: there is no
// room.
bool records_blocked(struct worker *w, uint64_t text, uint64_t index);
// The same behind a record that it may have: the ring is the same.
bool records_blocked_answered(struct worker *w, uint64_t text, uint64_t index, bool is_placebo);

// worker_lists.c: lists that are read again while targets are under way.
void lists_look(struct worker *w, uint64_t now_ns);
// Whether the address may have no SYN any more.
bool lists_forbid_job(const struct worker *w, const struct job *job);
bool lists_forbid_slot(const struct worker *w, const struct launch *slot);
bool lists_forbid_answered(const struct worker *w, struct answered *a);
bool lists_forbid_canary(const struct worker *w, const struct canary *canary);
// The target has no record and is counted, once it has left its place. False: it has to wait.
bool lists_drop(struct worker *w, uint64_t text, uint64_t index);

// worker_ramp.c: the rate of a worker whose rate climbs; else nothing is done.
void worker_ramp_poll(struct worker *w, uint64_t now_ns);
// The user wants another rate, of this worker; 0: no limit. Above what a climb begins with it
// climbs.
void worker_ramp_want(struct worker *w, double frames_per_s, uint64_t now_ns);
// Not all was heard.
void worker_ramp_forget(struct worker *w, uint64_t now_ns);
// A target is done, and works: it may be a canary.
void worker_ramp_finished(struct worker *w, const struct answered *a);

// worker_capture.c: all of them do nothing without --write-pcap.
// The SYN of a moment has just been sent.
void capture_launch(
	struct worker *w, const struct launch *slot, unsigned int moment, uint64_t now_ns);
// A segment of the target has just been sent; is_first: the SYN that begins it.
void capture_sent(struct worker *w, struct answered *a, bool is_first, uint64_t now_ns);
// The answer to a late frame has just been sent.
void capture_late(struct worker *w, uint64_t now_ns);
// Nobody told the MAC of a target: it has a record, and no frame.
void capture_unreached(struct worker *w, const struct job *job, uint64_t from_ns, uint64_t to_ns);
// a: the target at its address, or NULL.
void capture_received(
	struct worker *w, struct answered *a, const struct rte_mbuf *m, uint64_t now_ns);
// Else no target is to be begun.
bool capture_has_room(const struct worker *w);

// worker_neigh.c
// Ask for the target's MAC, then launch it. False: too many are asked for already.
bool neigh_ask(struct worker *w, const struct job *job, uint64_t now_ns);
void neigh_timers(struct worker *w, uint64_t now_ns);
void neigh_drop_all(struct worker *w);
void neigh_heard(
	struct worker *w, const uint8_t *frame, size_t len, uint64_t now_ns, struct rte_mbuf **m);
