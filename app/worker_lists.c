// Block- and allowlists that are read again while targets are under way: no SYN goes to an address
// that they forbid from then on. Its target is given up, without a record. The reader has asked
// for each job; who has been asked for by the lists in force is not asked for again.
#include "app/worker_parts.h"

void lists_look(struct worker *w, uint64_t now_ns) {
	if (w->permits && permit_view_look(&w->permit, w->permits)) {
		w->lists = atomic_load_explicit(&w->permit.generation, memory_order_relaxed);
		w->lists_ns = now_ns;
		w->has_older_slots = true;
	} else if (w->has_older_slots) {
		w->has_older_slots = launch_oldest_ns(w) < w->lists_ns;
	}
}

static bool forbids(const struct worker *w, const struct ip_addr *addr) {
	return !permit_allows(w->permit.permit, addr);
}

bool lists_forbid_job(const struct worker *w, const struct job *job) {
	return job->lists != w->lists && forbids(w, &job->addr);
}

bool lists_forbid_slot(const struct worker *w, const struct launch *slot) {
	return w->has_older_slots && slot->from_ns < w->lists_ns && forbids(w, &slot->addr);
}

bool lists_forbid_answered(const struct worker *w, struct answered *a) {
	if (a->lists == w->lists)
		return false;
	if (forbids(w, &a->target.addr))
		return true;
	a->lists = w->lists;
	return false;
}

bool lists_forbid_canary(const struct worker *w, const struct canary *canary) {
	return w->lists != 0 && forbids(w, &canary->addr);
}

bool lists_drop(struct worker *w, uint64_t text, uint64_t index) {
	if (!records_blocked(w, text, index))
		return false;
	w->counters.blocked++;
	return true;
}
