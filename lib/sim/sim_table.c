#include "lib/sim/sim_table.h"

#define NONE UINT32_MAX
#define AGE SIM_NB_TIMERS // the links of the list of all, oldest first, or of the free ones

static uint32_t nb_buckets(uint32_t nb_room) {
	uint32_t n = 1;
	while (n < nb_room && n < UINT32_C(1) << 31)
		n <<= 1;
	return n;
}

size_t sim_table_octets(uint32_t nb_room) {
	size_t entry = sizeof(struct sim_conn) + sizeof(struct sim_memory);
	return nb_room * entry + nb_buckets(nb_room) * 2 * sizeof(uint32_t);
}

void sim_table_init(struct sim_table *t, void *memory, uint32_t nb_room, struct siphash_key key) {
	static const struct sim_list empty = {NONE, NONE};
	assert(nb_room > 0);
	uint32_t buckets = nb_buckets(nb_room);
	uint8_t *p = memory;
	*t = (struct sim_table){.key = key,
		.nb_room = nb_room,
		.bucket_mask = buckets - 1,
		.nb_fresh_conns = nb_room};
	// the widest types first, so that each is aligned
	t->conns = (struct sim_conn *)p;
	p += nb_room * sizeof(struct sim_conn);
	t->memories = (struct sim_memory *)p;
	p += nb_room * sizeof(struct sim_memory);
	t->conn_buckets = (uint32_t *)p;
	t->memory_buckets = t->conn_buckets + buckets;
	memset(t->conn_buckets, 0xff, 2 * buckets * sizeof(uint32_t)); // NONE
	t->free = t->age = empty;
	for (unsigned int i = 0; i < SIM_NB_DURATIONS; i++)
		t->timers[i] = empty;
}

// ---- lists

// Behind `after`, or in front if that is NONE.
static void list_insert(
	struct sim_table *t, struct sim_list *list, unsigned int link, uint32_t i, uint32_t after) {
	struct sim_conn *c = &t->conns[i];
	uint32_t before = after == NONE ? list->first : t->conns[after].next[link];
	c->prev[link] = after;
	c->next[link] = before;
	if (after == NONE)
		list->first = i;
	else
		t->conns[after].next[link] = i;
	if (before == NONE)
		list->last = i;
	else
		t->conns[before].prev[link] = i;
}

static void list_remove(struct sim_table *t, struct sim_list *list, unsigned int link, uint32_t i) {
	const struct sim_conn *c = &t->conns[i];
	if (c->prev[link] == NONE)
		list->first = c->next[link];
	else
		t->conns[c->prev[link]].next[link] = c->next[link];
	if (c->next[link] == NONE)
		list->last = c->prev[link];
	else
		t->conns[c->next[link]].prev[link] = c->prev[link];
}

static uint32_t index_of(const struct sim_table *t, const struct sim_conn *c) {
	return (uint32_t)(c - t->conns);
}

// ---- connections

static uint32_t *conn_bucket(const struct sim_table *t, const struct sim_ends *ends) {
	static_assert(sizeof(*ends) == 36, "no octet between the fields");
	uint64_t hash = siphash13(&t->key, (const uint8_t *)ends, sizeof(*ends));
	return &t->conn_buckets[hash & t->bucket_mask];
}

static bool is_between(const struct sim_conn *c, const struct sim_ends *ends) {
	return memcmp(&c->ends, ends, sizeof(*ends)) == 0;
}

struct sim_conn *sim_table_find(const struct sim_table *t, const struct sim_ends *ends) {
	if (t->nb_conns == 0)
		return NULL;
	for (uint32_t i = *conn_bucket(t, ends); i != NONE; i = t->conns[i].next_in_bucket) {
		if (is_between(&t->conns[i], ends))
			return &t->conns[i];
	}
	return NULL;
}

static uint32_t take_room(struct sim_table *t) {
	uint32_t i = t->free.first;
	if (i != NONE)
		list_remove(t, &t->free, AGE, i);
	else
		i = t->nb_room - t->nb_fresh_conns--;
	return i;
}

struct sim_conn *sim_table_add(struct sim_table *t, const struct sim_ends *ends, bool *is_evicted) {
	*is_evicted = t->nb_conns == t->nb_room;
	if (*is_evicted)
		sim_table_remove(t, &t->conns[t->age.first]);
	uint32_t i = take_room(t), *bucket = conn_bucket(t, ends);
	struct sim_conn *c = &t->conns[i];
	memset(c, 0, offsetof(struct sim_conn, in) + SIM_QUESTION_ZEROED);
	c->ends = *ends;
	c->next_in_bucket = *bucket;
	for (unsigned int timer = 0; timer < SIM_NB_TIMERS; timer++)
		c->due_ns[timer] = SIM_TIMER_OFF;
	*bucket = i;
	list_insert(t, &t->age, AGE, i, t->age.last);
	t->nb_conns++;
	return c;
}

void sim_table_remove(struct sim_table *t, struct sim_conn *c) {
	uint32_t i = index_of(t, c);
	uint32_t *link = conn_bucket(t, &c->ends);
	while (*link != i)
		link = &t->conns[*link].next_in_bucket;
	*link = c->next_in_bucket;
	for (unsigned int timer = 0; timer < SIM_NB_TIMERS; timer++)
		sim_table_stop(t, c, timer);
	list_remove(t, &t->age, AGE, i);
	list_insert(t, &t->free, AGE, i, NONE);
	t->nb_conns--;
}

// ---- timers

void sim_table_stop(struct sim_table *t, struct sim_conn *c, enum sim_timer timer) {
	if (c->due_ns[timer] == SIM_TIMER_OFF)
		return;
	list_remove(t, &t->timers[c->duration[timer]], timer, index_of(t, c));
	c->due_ns[timer] = SIM_TIMER_OFF;
}

void sim_table_start(struct sim_table *t, struct sim_conn *c, enum sim_timer timer,
	enum sim_duration duration, uint64_t due_ns) {
	// a list has one link of each connection, so it takes one kind of timer
	assert((duration == SIM_DURATION_ANSWER) == (timer == SIM_TIMER_ANSWER));
	sim_table_stop(t, c, timer);
	struct sim_list *list = &t->timers[duration];
	// At once the right place, unless a delay was made shorter under way.
	uint32_t after = list->last;
	while (after != NONE && t->conns[after].due_ns[timer] > due_ns)
		after = t->conns[after].prev[timer];
	list_insert(t, list, timer, index_of(t, c), after);
	c->due_ns[timer] = due_ns;
	c->duration[timer] = (uint8_t)duration;
}

static enum sim_timer timer_of(unsigned int duration) {
	return duration == SIM_DURATION_ANSWER ? SIM_TIMER_ANSWER : SIM_TIMER_RETRANSMIT;
}

static uint64_t first_due_ns(const struct sim_table *t, unsigned int duration) {
	uint32_t i = t->timers[duration].first;
	return i == NONE ? SIM_TIMER_OFF : t->conns[i].due_ns[timer_of(duration)];
}

static unsigned int first_duration(const struct sim_table *t) {
	unsigned int first = 0;
	for (unsigned int d = 1; d < SIM_NB_DURATIONS; d++) {
		if (first_due_ns(t, d) < first_due_ns(t, first))
			first = d;
	}
	return first;
}

uint64_t sim_table_due_ns(const struct sim_table *t) {
	return first_due_ns(t, first_duration(t));
}

struct sim_conn *sim_table_due(struct sim_table *t, uint64_t now_ns, enum sim_timer *timer) {
	unsigned int duration = first_duration(t);
	uint64_t due_ns = first_due_ns(t, duration);
	if (due_ns == SIM_TIMER_OFF || due_ns > now_ns)
		return NULL;
	struct sim_conn *c = &t->conns[t->timers[duration].first];
	*timer = timer_of(duration);
	sim_table_stop(t, c, *timer);
	return c;
}

// ---- numbers under a key

static void forget(struct sim_table *t, uint32_t i) {
	uint32_t *link = &t->memory_buckets[t->memories[i].key & t->bucket_mask];
	while (*link != i)
		link = &t->memories[*link].next_in_bucket;
	*link = t->memories[i].next_in_bucket;
}

uint64_t *sim_table_recall(struct sim_table *t, uint64_t key) {
	uint32_t *bucket = &t->memory_buckets[key & t->bucket_mask];
	for (uint32_t i = *bucket; i != NONE; i = t->memories[i].next_in_bucket) {
		if (t->memories[i].key == key)
			return &t->memories[i].value;
	}
	uint32_t i = t->next_memory;
	t->next_memory = (i + 1) % t->nb_room;
	if (t->nb_memories == t->nb_room)
		forget(t, i);
	else
		t->nb_memories++;
	t->memories[i] = (struct sim_memory){.key = key, .next_in_bucket = *bucket};
	*bucket = i;
	return &t->memories[i].value;
}
