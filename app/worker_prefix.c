// The rate of networks: of all of them with --max-per-prefix, and of those that said no.
#include "app/worker_parts.h"

// What is paid when a target begins: the SYNs of a silent one. They go out over eight seconds, so
// that a network whose targets are begun at rate / SYNs never gets more than its rate. What an
// answering one sends is charged as it is sent.
static unsigned int nb_prepaid(const struct worker *w) {
	return 2u * w->rules.conn.syn_tries;
}

static uint32_t bucket_of(const struct worker *w, const struct ip_addr *addr) {
	return prefixes_bucket(&w->prefixes, addr);
}

bool prefix_has_turn(struct worker *w, const struct ip_addr *addr, uint64_t now_ns) {
	return prefixes_may_begin(&w->prefixes, bucket_of(w, addr), now_ns);
}

bool prefix_put_aside(struct worker *w, const struct job *job, uint64_t now_ns) {
	uint32_t place = prefixes_wait(&w->prefixes, bucket_of(w, &job->addr), now_ns);
	if (place == PREFIXES_NONE)
		return false;
	w->waiting[place] = *job;
	worker_count_in_flight(w, 1);
	w->counters.prefix_waits++;
	return true;
}

void prefix_prepay(struct worker *w, const struct ip_addr *addr, uint64_t now_ns) {
	prefixes_charge(&w->prefixes, bucket_of(w, addr), now_ns, nb_prepaid(w));
}

void prefix_charge(struct worker *w, const struct ip_addr *addr, uint64_t now_ns) {
	prefixes_charge(&w->prefixes, bucket_of(w, addr), now_ns, 1);
}

void prefix_refund(struct worker *w, const struct ip_addr *addr, unsigned int nb_syns) {
	if (w->prefixes.interval_ps > 0)
		prefixes_refund(&w->prefixes, bucket_of(w, addr), nb_prepaid(w) - nb_syns);
}

void prefix_prefetch(const struct worker *w, const struct ip_addr *addr) {
	prefixes_prefetch(&w->prefixes, bucket_of(w, addr));
}

void prefix_note(
	struct worker *w, const struct ip_addr *addr, enum prefix_answer answer, uint64_t now_ns) {
	enum prefix_change change = prefixes_note(&w->prefixes, bucket_of(w, addr), answer, now_ns);
	w->counters.prohibited += answer == PREFIX_ANSWER_PROHIBITED;
	w->counters.slowed_prefixes += change == PREFIX_SLOWED;
	w->counters.prefix_cuts += change != PREFIX_STAYS;
}
