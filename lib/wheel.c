#include "lib/wheel.h"

#define TICK_NS UINT64_C(1000000)

void wheel_init(struct wheel *w, struct wheel_node *nodes, uint32_t nb_items, uint64_t now_ns) {
	w->nodes = nodes;
	w->start_ns = now_ns;
	w->now_tick = 0;
	for (uint32_t i = 0; i < WHEEL_TICKS; i++)
		w->heads[i] = WHEEL_NONE;
	for (uint32_t i = 0; i < nb_items; i++)
		nodes[i].tick = WHEEL_NONE;
}

void wheel_restart(struct wheel *w, uint64_t now_ns) {
	w->start_ns = now_ns;
	w->now_tick = 0;
}

void wheel_cancel(struct wheel *w, uint32_t item) {
	struct wheel_node *node = &w->nodes[item];
	if (node->tick == WHEEL_NONE)
		return;
	if (node->prev == WHEEL_NONE)
		w->heads[node->tick] = node->next;
	else
		w->nodes[node->prev].next = node->next;
	if (node->next != WHEEL_NONE)
		w->nodes[node->next].prev = node->prev;
	node->tick = WHEEL_NONE;
}

// Ticks from the one at hand, at most to the horizon.
static uint32_t ticks_ahead(const struct wheel *w, uint64_t at_ns) {
	uint64_t tick = at_ns <= w->start_ns ? 0 : (at_ns - w->start_ns + TICK_NS - 1) / TICK_NS;
	if (tick < w->now_tick)
		return 0;
	return tick - w->now_tick >= WHEEL_TICKS ? WHEEL_TICKS - 1 : (uint32_t)(tick - w->now_tick);
}

static void set(struct wheel *w, uint32_t item, uint32_t ahead) {
	wheel_cancel(w, item);
	struct wheel_node *node = &w->nodes[item];
	node->tick = (uint32_t)((w->now_tick + ahead) % WHEEL_TICKS);
	node->prev = WHEEL_NONE;
	node->next = w->heads[node->tick];
	if (node->next != WHEEL_NONE)
		w->nodes[node->next].prev = item;
	w->heads[node->tick] = item;
}

void wheel_set(struct wheel *w, uint32_t item, uint64_t at_ns) {
	set(w, item, ticks_ahead(w, at_ns));
}

void wheel_set_at_latest(struct wheel *w, uint32_t item, uint64_t at_ns) {
	uint32_t tick = w->nodes[item].tick, ahead = ticks_ahead(w, at_ns);
	if (tick == WHEEL_NONE || (tick - (uint32_t)w->now_tick) % WHEEL_TICKS > ahead)
		set(w, item, ahead);
}

uint32_t wheel_expired(struct wheel *w, uint64_t now_ns) {
	uint64_t until = now_ns <= w->start_ns ? 0 : (now_ns - w->start_ns) / TICK_NS;
	while (w->now_tick <= until) {
		uint32_t item = w->heads[w->now_tick % WHEEL_TICKS];
		if (item != WHEEL_NONE) {
			wheel_cancel(w, item);
			return item;
		}
		if (w->now_tick == until)
			break;
		w->now_tick++;
	}
	return WHEEL_NONE;
}
