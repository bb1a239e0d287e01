// The TCP connections of a capture, found by addresses and ports, from the SYN to what ends them:
// both sides have closed and nothing came for a while, nothing came for long, another SYN with the
// same ports, or the end. Its memory is bounded: if it is full, the oldest connection is handed out
// early. Time is that of the capture.
#pragma once

#include "lib/tcpstack/siphash.h"
#include "lib/tfo/flow.h"

#define FLOWTABLE_LINGER_NS UINT64_C(5000000000) // after the end: repeated FINs and ACKs
#define FLOWTABLE_IDLE_NS UINT64_C(120000000000) // more than the pauses between Linux's SYNs

struct flowtable_conn {
	struct flow flow;
	struct ip_addr client, server;
	uint16_t client_port, server_port;
	uint32_t chain, older, newer; // numbers of others, from 1; 0: none
	bool is_over;
};

// A connection has ended, or left the table early. seen_until_ns: the newest time of the capture.
typedef void (*flowtable_done_fn)(
	void *arg, const struct flowtable_conn *conn, uint64_t seen_until_ns);

struct flowtable {
	struct flowtable_conn *conns; // number 1 is conns[0]
	uint32_t *heads;
	uint32_t capacity, nb_heads, nb_touched;
	uint32_t free; // chained
	struct flowtable_list {
		uint32_t oldest, newest;
	} lists[2]; // by is_over
	struct siphash_key key;
	uint64_t now_ns;
	flowtable_done_fn done;
	void *arg;

	uint64_t nb_connections; // that were handed to done
	uint64_t nb_early;	 // of those, because there was no room
	uint64_t nb_without_syn; // counted, not handed out: their beginning is not in the capture
};

// key: of numbers that nobody who writes captures can know. 0, or -ENOMEM.
int flowtable_create(struct flowtable *t, uint32_t capacity, const struct siphash_key *key,
	flowtable_done_fn done, void *arg);
void flowtable_destroy(struct flowtable *t);

void flowtable_segment(struct flowtable *t, uint64_t now_ns, const struct segment *seg);
void flowtable_icmp(struct flowtable *t, uint64_t now_ns, const struct icmp_quote *quote);

// The capture has ended: hand out all that are left.
void flowtable_finish(struct flowtable *t);
