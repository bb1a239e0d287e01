// Canaries: targets that answered well and soon, early in the scan. Whenever the rate has risen
// some of them are asked again by one plain SYN; what comes is closed as any late frame is
// (lib/tfo/late.h). They have no record. If they fall silent it is not they who have changed.
//
// Politely: each one at most every 3 s, and 16 times in all.
#pragma once

#include "lib/tcpstack/addr.h"
#include "lib/tcpstack/frame.h"

#define CANARY_MAX 64
#define CANARY_REST_NS UINT64_C(3000000000)
#define CANARY_MAX_ASKED 16
#define CANARY_AT_ONCE 12

struct canary {
	struct ip_addr addr;
	uint16_t port;
	uint16_t lport; // that it was last asked from
	uint8_t dst_mac[MAC_OCTETS];
	uint8_t nb_asked;
	uint8_t nb_silent; // times in a row
	uint64_t asked_ns;
	bool is_out; // asked in this epoch
	bool has_answered;
};

struct canaries {
	struct canary list[CANARY_MAX];
	unsigned int nb;
	unsigned int next; // whose turn it is
	unsigned int nb_out;
	unsigned int nb_spent; // that are not asked any more: others take their places
};

// One more, as long as there is room.
void canaries_add(
	struct canaries *c, const struct ip_addr *addr, uint16_t port, const uint8_t *dst_mac);

// Who may be asked now; NULL: nobody any more.
struct canary *canaries_next(struct canaries *c, uint64_t now_ns);
void canaries_asked(struct canaries *c, struct canary *canary, uint16_t lport, uint64_t now_ns);

// One that canaries_next gave is asked no more: another takes its place.
void canaries_drop(struct canaries *c, struct canary *canary);

// A SYN-ACK that belongs to no target. Whether a canary's.
bool canaries_heard(struct canaries *c, const struct ip_addr *addr, uint16_t rport, uint16_t lport);

// The end of an epoch: how many were asked, and how many of them kept silent. Who is silent twice
// in a row is none any more.
void canaries_count(struct canaries *c, unsigned int *nb_asked, unsigned int *nb_silent);

// Those who are asked shall have nothing to do with the count: not all was heard.
void canaries_forget(struct canaries *c);
