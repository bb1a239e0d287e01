// The rate of each network that is scanned, a /24 of IPv4 or a /48 of IPv6: a token bucket for
// each, and the queue of those who wait for a token. A network has a rate if all have one (a
// limit), or if it said no: then its rate is lowered for a time.
//
// A bucket is found by a keyed hash of its network. Networks that share one share its tokens too,
// so a network may be slower than its rate, never faster. Who begins something pays for the frames
// it is going to need, at its beginning; each frame above that is owed, and paid before the next
// one begins.
//
// Who waits is a place, a number; the first of each queue has a timer, at the moment its bucket has
// a token. So those of a slow network are in nobody's way, and cost nothing while they wait.
//
// What counts as a no are the first answers of targets: the last four all said "administratively
// prohibited", or the last eight were all RSTs where no more than a quarter of those before (at
// least eight of the last 24) were. A single host that refuses, and a network in which all ports
// are closed, say nothing about our rate. A no cuts the rate to 64 frames a second, or to half of a
// limit below 128, and each further one, a second later or more, halves it again, down to 8. After
// a minute without one the rate is doubled, and so on until it is what it was.
//
// No clock, no allocation: time is an argument, the memory is the caller's. One thread at a time.
#pragma once

#include "lib/tcpstack/addr.h"
#include "lib/tcpstack/siphash.h"
#include "lib/wheel.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PREFIXES_NONE WHEEL_NONE
// What a network without a limit is taken to have had when it says no, and the least after that.
#define PREFIXES_SLOW_FROM 128.0
#define PREFIXES_SLOW_LEAST 8.0
#define PREFIXES_MAX_STEPS 4
#define PREFIXES_STEP_MS 1000u
#define PREFIXES_EASE_MS 60000u

struct prefix_bucket {
	uint64_t paid_until_ps;	  // since the start
	uint32_t first, last;	  // of its queue; PREFIXES_NONE: nobody waits
	uint32_t cut_ms, said_ms; // the newest cut, the newest no or step back
	uint32_t rsts;		  // of the newest answers, the newest in bit 0: it was a RST
	uint8_t prohibited;	  // the same: it was a message that prohibits
	uint8_t nb_answers;	  // that rsts holds
	uint8_t steps;		  // how often the rate is halved
	uint8_t unused;
};
static_assert(sizeof(struct prefix_bucket) == 32, "two a cache line: there may be 256 thousand");

struct prefix_place {
	uint32_t next; // in its queue, or in the list of free ones
	uint32_t bucket;
};

struct prefixes {
	struct prefix_bucket *buckets;
	struct prefix_place *places;
	struct wheel wheel; // of places
	uint64_t keys[2];
	uint64_t start_ns;
	uint64_t interval_ps; // of a frame of each network; 0: no limit
	uint32_t bucket_mask, nb_places;
	uint32_t first_free;
	uint32_t nb_waiting;
	bool is_on; // some network has a rate: else nobody has to ask
};

// Octets of the memory for so many buckets (a power of two) and places.
size_t prefixes_octets(uint32_t nb_buckets, uint32_t nb_places);

// memory: prefixes_octets() of zeros, aligned to a cache line. frames_per_s 0: no limit.
void prefixes_init(struct prefixes *p, void *memory, uint32_t nb_buckets, uint32_t nb_places,
	double frames_per_s, const struct siphash_key *key, uint64_t now_ns);

// The network of an address, as the first address in it.
struct ip_addr prefixes_network(const struct ip_addr *addr);

// Its bucket: a number.
uint32_t prefixes_bucket(const struct prefixes *p, const struct ip_addr *addr);
static inline void prefixes_prefetch(const struct prefixes *p, uint32_t bucket) {
	__builtin_prefetch(&p->buckets[bucket], 1);
}

// Nobody of this network waits, and there is a token: something may begin.
bool prefixes_may_begin(struct prefixes *p, uint32_t bucket, uint64_t now_ns);

// Frames that are sent, or are going to be; they may be more than there are tokens.
void prefixes_charge(struct prefixes *p, uint32_t bucket, uint64_t now_ns, unsigned int nb_frames);
// So many are not sent after all. Never more than was charged: of a network that has been slowed
// down meanwhile it is what they cost before.
void prefixes_refund(struct prefixes *p, uint32_t bucket, unsigned int nb_frames);

// Wait at the end of the network's queue: the place, or PREFIXES_NONE if none is free.
uint32_t prefixes_wait(struct prefixes *p, uint32_t bucket, uint64_t now_ns);
// Whose turn it is, or PREFIXES_NONE. It is to be charged and then to leave, or to be put off,
// before this is asked again.
uint32_t prefixes_due(struct prefixes *p, uint64_t now_ns);
void prefixes_leave(struct prefixes *p, uint32_t place);
void prefixes_put_off(struct prefixes *p, uint32_t place, uint64_t until_ns);
// Nobody waits any more.
void prefixes_drop_all(struct prefixes *p);

// The first answer of a target.
enum prefix_answer {
	PREFIX_ANSWER_OTHER, // a SYN-ACK, say
	PREFIX_ANSWER_RST,
	PREFIX_ANSWER_PROHIBITED, // ICMP: administratively prohibited
};

// What came of it.
enum prefix_change {
	PREFIX_STAYS,
	PREFIX_SLOWED, // its rate is lowered from now on
	PREFIX_CUT,    // it was lowered before, and is halved
};

enum prefix_change prefixes_note(
	struct prefixes *p, uint32_t bucket, enum prefix_answer answer, uint64_t now_ns);
