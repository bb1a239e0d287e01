#include "lib/canary.h"

#include <string.h>

#define SILENT_TWICE 2

static bool is_spent(const struct canary *canary) {
	return canary->nb_asked >= CANARY_MAX_ASKED || canary->nb_silent >= SILENT_TWICE;
}

static struct canary *free_place(struct canaries *c) {
	if (c->nb < CANARY_MAX)
		return &c->list[c->nb++];
	for (unsigned int i = 0; c->nb_spent > 0 && i < c->nb; i++) {
		struct canary *canary = &c->list[i];
		if (is_spent(canary) && !canary->is_out) {
			c->nb_spent--;
			return canary;
		}
	}
	return NULL;
}

void canaries_add(
	struct canaries *c, const struct ip_addr *addr, uint16_t port, const uint8_t *dst_mac) {
	struct canary *canary = free_place(c);
	if (!canary)
		return;
	*canary = (struct canary){.addr = *addr, .port = port};
	memcpy(canary->dst_mac, dst_mac, MAC_OCTETS);
}

static bool may_ask(const struct canary *canary, uint64_t now_ns) {
	bool has_rested = canary->nb_asked == 0 || now_ns - canary->asked_ns >= CANARY_REST_NS;
	return has_rested && !canary->is_out && !is_spent(canary);
}

struct canary *canaries_next(struct canaries *c, uint64_t now_ns) {
	if (c->nb_out >= CANARY_AT_ONCE)
		return NULL;
	for (unsigned int i = 0; i < c->nb; i++) {
		struct canary *canary = &c->list[(c->next + i) % c->nb];
		if (!may_ask(canary, now_ns))
			continue;
		c->next = (c->next + i + 1) % c->nb;
		return canary;
	}
	return NULL;
}

void canaries_asked(struct canaries *c, struct canary *canary, uint16_t lport, uint64_t now_ns) {
	canary->lport = lport;
	canary->asked_ns = now_ns;
	canary->nb_asked++;
	canary->is_out = true;
	canary->has_answered = false;
	c->nb_out++;
}

void canaries_drop(struct canaries *c, struct canary *canary) {
	canary->nb_asked = CANARY_MAX_ASKED;
	c->nb_spent++;
}

bool canaries_heard(
	struct canaries *c, const struct ip_addr *addr, uint16_t rport, uint16_t lport) {
	for (unsigned int i = 0; c->nb_out > 0 && i < c->nb; i++) {
		struct canary *canary = &c->list[i];
		if (canary->is_out && canary->lport == lport && canary->port == rport &&
			addr_equal(&canary->addr, addr)) {
			canary->has_answered = true;
			return true;
		}
	}
	return false;
}

void canaries_count(struct canaries *c, unsigned int *nb_asked, unsigned int *nb_silent) {
	*nb_asked = *nb_silent = 0;
	for (unsigned int i = 0; c->nb_out > 0 && i < c->nb; i++) {
		struct canary *canary = &c->list[i];
		if (!canary->is_out)
			continue;
		*nb_asked += 1;
		*nb_silent += !canary->has_answered;
		canary->nb_silent = canary->has_answered ? 0 : (uint8_t)(canary->nb_silent + 1);
		canary->is_out = false;
		c->nb_spent += is_spent(canary);
	}
	c->nb_out = 0;
}

void canaries_forget(struct canaries *c) {
	for (unsigned int i = 0; i < c->nb; i++) {
		c->nb_spent += c->list[i].is_out && is_spent(&c->list[i]);
		c->list[i].is_out = false;
	}
	c->nb_out = 0;
}
