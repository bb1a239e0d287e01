#include "lib/flowtable.h"

#include <errno.h>
#include <stdlib.h>

#define END_OCTETS (ADDR6_OCTETS + 2)

// A segment's ends in the order of its direction.
struct ends {
	const struct ip_addr *from, *to;
	uint16_t from_port, to_port;
};

int flowtable_create(struct flowtable *t, uint32_t capacity, const struct siphash_key *key,
	flowtable_done_fn done, void *arg) {
	*t = (struct flowtable){.key = *key, .capacity = capacity, .done = done, .arg = arg};
	t->nb_heads = 1;
	while (t->nb_heads < capacity)
		t->nb_heads *= 2;
	t->conns = calloc(capacity, sizeof(*t->conns)); // pages come as they are touched
	t->heads = calloc(t->nb_heads, sizeof(*t->heads));
	if (t->conns && t->heads)
		return 0;
	flowtable_destroy(t);
	return -ENOMEM;
}

void flowtable_destroy(struct flowtable *t) {
	free(t->conns);
	free(t->heads);
	t->conns = NULL;
	t->heads = NULL;
}

static struct flowtable_conn *conn_of(struct flowtable *t, uint32_t number) {
	return &t->conns[number - 1];
}

// ---- who is where: both directions of a connection have the same hash

static void put_end(uint8_t *p, const struct ip_addr *addr, uint16_t port) {
	memcpy(p, addr->octets, ADDR6_OCTETS);
	memcpy(p + ADDR6_OCTETS, &port, sizeof(port));
}

static uint32_t *head_of(struct flowtable *t, const struct ends *e) {
	uint8_t from[END_OCTETS], to[END_OCTETS], both[2 * END_OCTETS];
	put_end(from, e->from, e->from_port);
	put_end(to, e->to, e->to_port);
	bool is_first = memcmp(from, to, END_OCTETS) < 0;
	memcpy(both, is_first ? from : to, END_OCTETS);
	memcpy(both + END_OCTETS, is_first ? to : from, END_OCTETS);
	return &t->heads[siphash13(&t->key, both, sizeof(both)) & (t->nb_heads - 1)];
}

static bool is_fwd(const struct flowtable_conn *c, const struct ends *e) {
	return c->client_port == e->from_port && c->server_port == e->to_port &&
	       addr_equal(&c->client, e->from) && addr_equal(&c->server, e->to);
}

static bool is_rev(const struct flowtable_conn *c, const struct ends *e) {
	return c->client_port == e->to_port && c->server_port == e->from_port &&
	       addr_equal(&c->client, e->to) && addr_equal(&c->server, e->from);
}

static uint32_t find(struct flowtable *t, const struct ends *e) {
	uint32_t number = *head_of(t, e);
	while (number != 0) {
		const struct flowtable_conn *c = conn_of(t, number);
		if (is_fwd(c, e) || is_rev(c, e))
			return number;
		number = c->chain;
	}
	return 0;
}

// ---- by age

static void unlink_age(struct flowtable *t, uint32_t number) {
	struct flowtable_conn *c = conn_of(t, number);
	struct flowtable_list *list = &t->lists[c->is_over];
	*(c->older ? &conn_of(t, c->older)->newer : &list->oldest) = c->newer;
	*(c->newer ? &conn_of(t, c->newer)->older : &list->newest) = c->older;
	c->older = c->newer = 0;
}

static void link_newest(struct flowtable *t, uint32_t number) {
	struct flowtable_conn *c = conn_of(t, number);
	struct flowtable_list *list = &t->lists[c->is_over];
	c->older = list->newest;
	*(list->newest ? &conn_of(t, list->newest)->newer : &list->oldest) = number;
	list->newest = number;
}

// ---- coming and going

static void remove_conn(struct flowtable *t, uint32_t number) {
	struct flowtable_conn *c = conn_of(t, number);
	if (c->flow.marks & FLOW_SYN) {
		t->nb_connections++;
		t->done(t->arg, c, t->now_ns);
	} else {
		t->nb_without_syn++;
	}
	struct ends e = {&c->client, &c->server, c->client_port, c->server_port};
	uint32_t *link = head_of(t, &e);
	while (*link != number)
		link = &conn_of(t, *link)->chain;
	*link = c->chain;
	unlink_age(t, number);
	c->chain = t->free;
	t->free = number;
}

static void remove_oldest(struct flowtable *t) {
	uint32_t over = t->lists[true].oldest;
	uint32_t number = over ? over : t->lists[false].oldest;
	t->nb_early += (conn_of(t, number)->flow.marks & FLOW_SYN) != 0;
	remove_conn(t, number);
}

static uint32_t add(struct flowtable *t, const struct ends *e) {
	if (t->free == 0 && t->nb_touched == t->capacity)
		remove_oldest(t);
	uint32_t number = t->free;
	if (number != 0)
		t->free = conn_of(t, number)->chain;
	else
		number = ++t->nb_touched;
	struct flowtable_conn *c = conn_of(t, number);
	uint32_t *head = head_of(t, e);
	*c = (struct flowtable_conn){
		.client = *e->from,
		.server = *e->to,
		.client_port = e->from_port,
		.server_port = e->to_port,
		.chain = *head,
	};
	*head = number;
	link_newest(t, number);
	return number;
}

static void expire(struct flowtable *t, bool is_over, uint64_t pause_ns) {
	uint32_t number;
	while ((number = t->lists[is_over].oldest) != 0) {
		uint64_t to_ns = conn_of(t, number)->flow.to_ns;
		if (t->now_ns < to_ns || t->now_ns - to_ns < pause_ns)
			return;
		remove_conn(t, number);
	}
}

// ---- segments

// A SYN that begins another connection with the same ends.
static bool begins_anew(
	const struct flowtable_conn *c, const struct ends *e, const struct segment *seg) {
	if ((seg->flags & (TCP_SYN | TCP_ACK | TCP_RST)) != TCP_SYN)
		return false;
	if (!(c->flow.marks & FLOW_SYN))
		return true;
	return is_fwd(c, e) ? flow_is_other(&c->flow, seg) : c->is_over;
}

static void set_now(struct flowtable *t, uint64_t now_ns) {
	if (now_ns > t->now_ns)
		t->now_ns = now_ns;
	expire(t, true, FLOWTABLE_LINGER_NS);
	expire(t, false, FLOWTABLE_IDLE_NS);
}

void flowtable_segment(struct flowtable *t, uint64_t now_ns, const struct segment *seg) {
	struct ends e = {&seg->src, &seg->dst, seg->sport, seg->dport};
	set_now(t, now_ns);
	uint32_t number = find(t, &e);
	if (number != 0 && begins_anew(conn_of(t, number), &e, seg)) {
		remove_conn(t, number);
		number = 0;
	}
	if (number == 0)
		number = add(t, &e);
	struct flowtable_conn *c = conn_of(t, number);
	flow_observe(&c->flow, is_fwd(c, &e) ? FLOW_FWD : FLOW_REV, now_ns, seg);
	unlink_age(t, number);
	c->is_over = flow_is_over(&c->flow);
	link_newest(t, number);
}

void flowtable_icmp(struct flowtable *t, uint64_t now_ns, const struct icmp_quote *quote) {
	struct ends e = {&quote->src, &quote->dst, quote->sport, quote->dport};
	set_now(t, now_ns);
	uint32_t number = find(t, &e);
	if (number != 0 && is_fwd(conn_of(t, number), &e))
		flow_observe_icmp(&conn_of(t, number)->flow, quote);
}

void flowtable_finish(struct flowtable *t) {
	for (unsigned int is_over = 0; is_over < 2; is_over++) {
		while (t->lists[is_over].oldest != 0)
			remove_conn(t, t->lists[is_over].oldest);
	}
}
