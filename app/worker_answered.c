// The answered table: targets in full, each with one timer.
#include "app/worker_parts.h"

#include "lib/jobtext.h"

#define TRY_AGAIN_NS NSEC_PER_MSEC
// Many may wait for the rate to let them begin again: each at another time.
#define BEGIN_AGAIN_NS(position) ((100 + (position) % 256) * NSEC_PER_MSEC)

uint32_t answered_take(struct worker *w, struct launch *slot, uint32_t *entry) {
	if (w->nb_free == 0) {
		// its SYN will be answered again; should it be the last one, it is measured again
		w->counters.answered_full++;
		slot->is_void = true;
		return WHEEL_NONE;
	}
	uint32_t position = w->free_answered[--w->nb_free];
	struct answered *a = &w->answered[position];
	struct jobtext text;
	jobtext_get(slot->job, &text);
	struct flow *flows = w->flows ? &w->flows[(size_t)position * NB_PROBES] : NULL;
	launch_expand(slot, &w->rules, text.name, text.name_len, flows, &a->target);
	a->job = slot->job;
	a->index = slot->index;
	a->is_void = slot->is_void;
	a->is_forbidden = false;
	a->lists = 0; // those in force are asked before its next SYN, should they be others
	// all of them were SYNs of ours
	a->nb_frames = launch_nb_sent(slot, w->rules.conn.syn_tries);
	prefix_refund(w, &slot->addr, a->nb_frames);
	memcpy(a->dst_mac, slot->dst_mac, MAC_OCTETS);
	slot->is_live = false;
	addrindex_set(entry, addrindex_hash(&w->index, &a->target.addr), true, position);
	w->counters.answered++;
	ramp_note_answer(&w->ramp, slot->from_ns, a->nb_frames);
	return position;
}

static void leave(struct worker *w, uint32_t position) {
	*launch_find(w, &w->answered[position].target.addr) = 0;
	w->free_answered[w->nb_free++] = position;
	worker_count_in_flight(w, -1);
}

// What happened while the link was down says nothing: begin again as if nothing had been.
static bool begin_again(struct worker *w, uint32_t position, uint64_t now_ns) {
	struct answered *a = &w->answered[position];
	if (!launch_may_again(w, false, now_ns))
		return false;
	struct job job = {
		.addr = a->target.addr,
		.port = a->target.port,
		.text = a->job,
		.index = a->index,
		.lists = a->lists,
		.first_ordinal = numbers_next_ordinal(
			a->target.first_ordinal + (unsigned int)a->target.nb_started),
	};
	leave(w, position);
	launch_again(w, &job, a->dst_mac, now_ns);
	return true;
}

// What becomes of a target whose evidence is complete.
enum finish {
	FINISH_LEFT,  // its place is free
	FINISH_WAIT,  // there is no room for its record, or to begin again
	FINISH_AGAIN, // it goes on as a placebo
};

// An answering target of whom the placebo's share is taken.
static bool wants_placebo(
	const struct worker *w, const struct answered *a, const struct record *r) {
	const struct target *t = &a->target;
	return !t->is_placebo && !w->rules.is_ending &&
	       verdict_connectivity(r->conditions) != CONDITION_OFFLINE &&
	       numbers_choice(&w->rules.numbers, &t->addr, t->port, NUMBERS_PLACEBO) <
		       w->placebo_below;
}

static enum finish finish_void(struct worker *w, uint32_t position, uint64_t now_ns) {
	struct answered *a = &w->answered[position];
	if (control_is(&w->control->stop_launching)) {
		leave(w, position); // unfinished, rather than wrong
		return FINISH_LEFT;
	}
	if (!a->target.is_placebo)
		return begin_again(w, position, now_ns) ? FINISH_LEFT : FINISH_WAIT;
	if (control_is(&w->control->link_is_down))
		return FINISH_WAIT;
	a->is_void = false;
	target_start_placebo(&a->target);
	return FINISH_AGAIN;
}

static enum finish finish(struct worker *w, uint32_t position, uint64_t now_ns) {
	struct answered *a = &w->answered[position];
	if (a->is_void)
		return finish_void(w, position, now_ns);
	if (control_is(&w->control->link_is_down))
		return FINISH_WAIT; // it may have been its reason, or not
	struct record_with_flows *r = records_room(w);
	if (!r)
		return FINISH_WAIT;
	record_of_target(&a->target, &w->rules, &r->record);
	r->record.job = a->job;
	r->record.index = a->index;
	if (a->target.flows)
		memcpy(r->flows, a->target.flows, sizeof(r->flows));
	bool wants_more = r->record.keeps_job = wants_placebo(w, a, &r->record);
	bool works = verdict_connectivity(r->record.conditions) == CONDITION_WORKS;
	records_add(w, r);
	if (wants_more) {
		target_start_placebo(&a->target);
		return FINISH_AGAIN;
	}
	if (works)
		worker_ramp_finished(w, a);
	leave(w, position);
	return FINISH_LEFT;
}

// A target that goes on no further, and has no record.
static enum finish give_up(struct worker *w, uint32_t position) {
	struct answered *a = &w->answered[position];
	if (!a->is_forbidden)
		w->counters.unfinished += !a->target.is_placebo;
	else if (!records_blocked_answered(w, a->job, a->index, a->target.is_placebo))
		return FINISH_WAIT;
	else
		w->counters.blocked += !a->target.is_placebo; // which has its record
	leave(w, position);
	return FINISH_LEFT;
}

// All that is due now; what next() said then.
static enum target_step send_due(
	struct worker *w, struct answered *a, uint64_t now_ns, uint64_t *wake_ns) {
	struct target_segment out;
	enum target_step step;
	while ((step = target_next(&a->target, &w->rules, now_ns, &out, wake_ns)) == TARGET_SEND) {
		if ((out.seg.flags & TCP_SYN) && lists_forbid_answered(w, a)) {
			a->is_forbidden = true;
			return TARGET_UNFINISHED;
		}
		if (!tx_segment(w, now_ns, a->dst_mac, &out.seg, &out.numbers)) {
			// as soon as there is room, or when an mbuf may have come back
			*wake_ns = tx_has_room(w) ? now_ns + TRY_AGAIN_NS : 0;
			return TARGET_WAIT;
		}
		bool is_first = a->target.nb_started == 0;
		target_observe_sent(&a->target, &w->rules, now_ns, &out.seg);
		capture_sent(w, a, is_first, now_ns);
	}
	return step;
}

void answered_pump(struct worker *w, uint32_t position, uint64_t now_ns) {
	uint64_t wake_ns;
	enum finish end = FINISH_AGAIN;
	while (end == FINISH_AGAIN) {
		switch (send_due(w, &w->answered[position], now_ns, &wake_ns)) {
		case TARGET_DONE:
			end = finish(w, position, now_ns);
			wake_ns = now_ns + (w->answered[position].is_void ? BEGIN_AGAIN_NS(position)
									  : TRY_AGAIN_NS);
			break;
		case TARGET_UNFINISHED:
			end = give_up(w, position);
			wake_ns = now_ns + TRY_AGAIN_NS;
			break;
		default:
			end = FINISH_WAIT;
			break;
		}
	}
	if (end == FINISH_LEFT)
		wheel_cancel(&w->wheel, position);
	else
		wheel_set_at_latest(&w->wheel, position, wake_ns);
}

bool answered_timers(struct worker *w, uint64_t now_ns) {
	while (tx_has_room(w)) {
		uint32_t position = wheel_expired(&w->wheel, now_ns);
		if (position == WHEEL_NONE)
			return true;
		answered_pump(w, position, now_ns);
	}
	return false;
}

void answered_void_since(struct worker *w, uint64_t since_ns) {
	for (uint32_t i = 0; i < w->nb_answered; i++) {
		// free ones, most of a large table, have no timer
		if (!wheel_is_set(&w->wheel, i))
			continue;
		struct answered *a = &w->answered[i];
		a->is_void |= !target_rested_since(&a->target, &w->rules, since_ns);
	}
}

void answered_ask_all(struct worker *w, uint64_t now_ns) {
	for (uint32_t i = 0; i < w->nb_answered; i++) {
		if (wheel_is_set(&w->wheel, i))
			wheel_set(&w->wheel, i, now_ns);
	}
}
