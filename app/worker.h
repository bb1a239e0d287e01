// A worker: one lcore, one RX and one TX queue, a part of the local ports, and the targets whose
// addresses hash to it. It shares nothing: jobs come in through a ring, records go out through
// another, frames for other workers' ports through theirs. Between receiving and sending nothing
// is allocated, locked, logged or asked of the kernel (but by the driver itself).
//
//	rx ──► worker_rx.c ──► launch ring (worker_launch.c) ──► answered table (worker_answered.c)
//	                │                  │ silent                        │ done
//	          neighbours               └──────────► record ◄───────────┘
//	      (worker_neigh.c)
#pragma once

#include "app/control.h"
#include "app/counters.h"
#include "app/job.h"
#include "app/next_hop.h"
#include "lib/addrindex.h"
#include "lib/canary.h"
#include "lib/capring.h"
#include "lib/clock.h"
#include "lib/cost.h"
#include "lib/pacer.h"
#include "lib/permit.h"
#include "lib/prefixes.h"
#include "lib/ramp.h"
#include "lib/tfo/late.h"
#include "lib/tfo/launch_frames.h"
#include "lib/tfo/record.h"
#include "lib/wheel.h"

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_ring.h>
#include <rte_ring_peek_zc.h>

#define WORKER_BURST 32
#define WORKER_TX_FRAMES 64
#define WORKER_RING_FRAMES 4096 // of other workers
#define WORKER_MAX 64
#define WORKER_MAX_MOMENTS (2 * CONN_MAX_TRIES + 1)
#define WORKER_NEIGH_PENDING 256

// What a worker does that finds nothing to do.
enum worker_idle {
	WORKER_POLLS,  // round and round
	WORKER_RESTS,  // sleeps, as soon as nothing has happened for a while
	WORKER_YIELDS, // sleeps at once: others wait for its CPU
};

// A target that has answered.
struct answered {
	uint64_t job, index;
	uint32_t nb_frames; // in the capture
	uint32_t lists;	    // generation of the lists that permit it, see lib/permit.h
	uint8_t dst_mac[MAC_OCTETS];
	bool is_void;	   // to be launched again
	bool is_forbidden; // by lists that were read again: no SYN goes to it any more
	struct target target;
};

struct neigh_pending {
	struct job job;
	uint64_t asked_ns; // the first time
	uint64_t next_ns;
	uint8_t mac[MAC_OCTETS];
	uint8_t tries;
	bool is_used, is_known;
};

struct worker {
	unsigned int id;
	uint16_t port_id, queue_id;
	uint16_t nb_workers, ports_per_worker;
	struct control *control;
	const struct tsc_clock *clock;
	struct target_rules rules;
	uint64_t placebo_below; // of 2^32: the choices for which a placebo follows
	struct next_hop hop;
	unsigned int by_nic;	     // checksums of our segments: enum frame_by_nic
	struct port_range all_ports; // of all workers
	struct rte_mempool *pool;
	struct rte_ring *jobs;	  // struct job, from the reader
	struct rte_ring *records; // struct record, or record_with_flows, to the collector
	struct rte_ring *shorts;  // struct record_short, to the collector; none if flows are wanted
	struct rte_ring *frames;  // mbufs, from other workers
	struct worker **workers;  // all of them, by id

	struct pacer pacer;
	struct ramp ramp; // sets the pacer's rate as long as it is below what the user wants
	struct canaries canaries;
	uint64_t canary_ns;		// when the next one may be asked
	uint64_t lost_seen, heard_seen; // of the control, when the epoch began
	struct cost cost;
	struct pacer launches; // what keeps a climbing worker from beginning targets in bursts
	bool has_ramp;
	bool has_stopped;  // what waited has been dropped
	uint32_t pump_due; // the answered target whose frames of this burst have been seen, or
			   // WHEEL_NONE
	enum worker_idle when_idle;
	bool is_crowded; // another worker's ring of frames is over half full
	uint64_t nb_handed_seen;
	unsigned int outages_seen, rate_changes_seen;

	const struct permit_desk *permits; // NULL: there are no lists
	struct permit_view permit;
	uint32_t lists;	      // its generation
	uint64_t lists_ns;    // when it came
	bool has_older_slots; // there may be slots that were begun before

	// launch ring: moment m of every slot below cursor[m] has passed; cursor[0] is where the
	// next target goes, the last one the oldest slot in use
	struct launch_frames launch_frames;
	struct launch *slots;
	uint32_t nb_slots;
	uint64_t cursor[WORKER_MAX_MOMENTS];
	struct addrindex index;
	struct siphash_key spread_key; // of worker_of_addr
	bool spread_by_network;	       // the same

	struct answered *answered;
	uint32_t nb_answered, nb_free;
	uint32_t *free_answered;
	struct flow *flows; // NB_PROBES of each of answered; NULL: not wanted
	struct wheel wheel;

	// jobs that wait: taken from the ring and not begun, or put off
	struct job incoming[2][WORKER_BURST]; // one burst is begun, the next one's memory is on its
					      // way
	unsigned int nb_incoming[2], next_incoming, burst_at_hand;
	struct job *deferred;
	uint32_t deferred_mask;
	uint32_t deferred_head, deferred_tail;
	struct prefixes prefixes;
	struct job *waiting; // for their network: one a place of prefixes
	struct neigh_pending neigh[WORKER_NEIGH_PENDING];
	unsigned int nb_neigh;
	uint64_t neigh_next_ns;

	struct rte_mbuf *tx[WORKER_TX_FRAMES];
	unsigned int nb_tx;
	bool tx_is_refused;   // the driver took nothing, in this round
	bool tx_is_stuck;     // since tx_moved_ns, and longer than CONTROL_PAUSE_NS
	uint64_t tx_moved_ns; // when it last took a frame, or there was none
	uint64_t nb_sent_seen;

	// places in the ring of shorts, filled in this round and not yet the collector's
	struct rte_ring_zc_data shorts_open;
	unsigned int nb_shorts_open, nb_shorts;

	struct capring capture; // for --write-pcap; without octets: there is none

	struct worker_counters counters;
	_Atomic uint64_t polled_ns; // when the last round began; main looks whether there are any
	uint64_t busy_ns;	    // and the last one that found something to do
	// between two rounds of the loop: while a worker is off its CPU, frames wait, and get lost
	uint64_t longest_pause_ns;
	atomic_uint in_flight; // targets begun and without a record, jobs put off included
};

// It alone writes, so that no lock is needed.
static inline void worker_count_in_flight(struct worker *w, int nb) {
	unsigned int now = atomic_load_explicit(&w->in_flight, memory_order_relaxed);
	atomic_store_explicit(&w->in_flight, now + (unsigned int)nb, memory_order_relaxed);
}

struct worker_config {
	unsigned int id, nb_workers;
	uint16_t port_id;
	int socket_id;
	uint32_t nb_slots; // a power of two
	uint32_t nb_answered;
	uint64_t capture_octets; // a power of two; 0: no capture
	double frames_per_s;	 // of this worker; 0: no limit
	double max_per_prefix;	 // frames a second to one network; 0: no limit
	uint64_t seed;
	struct control *control;
	const struct permit_desk *permits; // NULL: what the reader gives is permitted for good
	const struct tsc_clock *clock;
	struct target_rules rules;
	bool wants_flows;
	enum worker_idle when_idle; // WORKER_POLLS, unless the port keeps what comes meanwhile
	double placebo_share;
	struct port_range all_ports;
	struct next_hop hop;
	unsigned int by_nic; // enum frame_by_nic
	struct rte_mempool *pool;
	struct worker **workers;
};

// Octets of DPDK's memory that a worker takes: for each place in the answered table, and for all
// but these, the slots and the index.
uint64_t worker_answered_octets(bool wants_flows);
uint64_t worker_fixed_octets(bool wants_flows, bool limits_networks);

// NULL: no memory, rte_errno says. Allocates all that the worker will ever need.
struct worker *worker_create(const struct worker_config *config);
void worker_destroy(struct worker *w); // NULL is fine

// What its record ring holds: octets of each, a struct record_with_flows or the start of one.
static inline unsigned int worker_record_octets(bool wants_flows) {
	return wants_flows ? sizeof(struct record_with_flows) : sizeof(struct record);
}

// In the worker's thread, before all rounds.
void worker_begin(void);

// Once round: receive, take what is due, begin targets, send.
void worker_poll(struct worker *w);

// Behind worker_poll: a worker that may, and has nothing to do, lets go of its CPU for a while. The
// first says for how long; 0: not at all.
uint64_t worker_rest_ns(const struct worker *w);
void worker_rest(const struct worker *w);

// Round and round until control->quit; for rte_eal_remote_launch.
int worker_run(void *worker);

// The worker that an address belongs to. by_network: all of a network belong to one, so that it can
// keep to a limit for it.
unsigned int worker_of_addr(const struct siphash_key *key, const struct ip_addr *addr,
	bool by_network, unsigned int nb_workers);
