#include "lib/rescan_visit.h"

#include <stdlib.h>

#define NB_BUCKETS (1u << 20)

bool rescan_visits_create(struct rescan_visits *visits, const struct siphash_key *key) {
	*visits = (struct rescan_visits){.key = *key};
	visits->buckets = calloc(NB_BUCKETS, sizeof(struct rescan_visit *));
	return visits->buckets != NULL;
}

void rescan_visits_destroy(struct rescan_visits *visits) {
	while (visits->oldest != NULL)
		rescan_visit_remove(visits, visits->oldest);
	free(visits->buckets);
}

const struct ip_addr *rescan_visit_addr(const struct rescan_visit *v) {
	return v->answered ? &v->answered->target.addr : &v->launch.addr;
}

static struct rescan_visit **bucket_of(
	const struct rescan_visits *visits, const struct ip_addr *addr) {
	uint64_t hash = siphash13(&visits->key, addr->octets, sizeof(addr->octets));
	return &visits->buckets[hash % NB_BUCKETS];
}

struct rescan_visit *rescan_visit_find(
	const struct rescan_visits *visits, const struct ip_addr *addr) {
	struct rescan_visit *v = *bucket_of(visits, addr);
	while (v != NULL && !addr_equal(rescan_visit_addr(v), addr))
		v = v->next_in_bucket;
	return v;
}

// ---- the order

static void append(struct rescan_visits *visits, struct rescan_visit *v) {
	v->older = visits->newest;
	v->newer = NULL;
	*(v->older ? &v->older->newer : &visits->oldest) = v;
	visits->newest = v;
}

static void take_out(struct rescan_visits *visits, struct rescan_visit *v) {
	*(v->older ? &v->older->newer : &visits->oldest) = v->newer;
	*(v->newer ? &v->newer->older : &visits->newest) = v->older;
}

void rescan_visit_to_end(struct rescan_visits *visits, struct rescan_visit *v) {
	take_out(visits, v);
	append(visits, v);
}

// ---- beginning and end

struct rescan_visit *rescan_visit_add(struct rescan_visits *visits,
	const struct target_rules *rules, const struct capfile_target *begun,
	const struct ip_addr *addr, uint16_t port) {
	const struct jobtext *job = &begun->job;
	size_t size = sizeof(struct rescan_visit) + job->name_len + job->text_len;
	struct rescan_visit *v = visits->nb < RESCAN_MAX_VISITS ? calloc(1, size) : NULL;
	if (v == NULL)
		return NULL;
	v->index = begun->index;
	launch_start(&v->launch, rules, addr, port);
	v->launch.first_ordinal = begun->first_ordinal;
	v->job = *job;
	v->job.name = memcpy(v->octets, job->name, job->name_len);
	v->job.text = memcpy(v->octets + job->name_len, job->text, job->text_len);
	struct rescan_visit **bucket = bucket_of(visits, addr);
	v->next_in_bucket = *bucket;
	*bucket = v;
	append(visits, v);
	visits->nb++;
	return v;
}

bool rescan_visit_answer(struct rescan_visits *visits, struct rescan_visit *v) {
	if (visits->nb_answered == RESCAN_MAX_ANSWERED)
		return false;
	struct rescan_answered *answered = calloc(1, sizeof(*answered));
	if (answered == NULL)
		return false;
	answered->target.addr = v->launch.addr; // it must be found all the time
	v->answered = answered;
	visits->nb_answered++;
	return true;
}

void rescan_visit_remove(struct rescan_visits *visits, struct rescan_visit *v) {
	struct rescan_visit **p = bucket_of(visits, rescan_visit_addr(v));
	while (*p != v)
		p = &(*p)->next_in_bucket;
	*p = v->next_in_bucket;
	take_out(visits, v);
	visits->nb--;
	visits->nb_answered -= v->answered != NULL;
	free(v->answered);
	free(v);
}
