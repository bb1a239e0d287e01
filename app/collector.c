#include "app/collector.h"

#define RECORDS_A_RING 256
#define PUSH_OCTETS (256u << 10)
#define PUSH_NS (NSEC_PER_SEC / 10)

static void count_placebo(struct collector *c, const struct record *r) {
	enum condition word = verdict_connectivity(r->conditions);
	c->nb_placebos++;
	c->nb_placebos_broken += word == CONDITION_BROKEN;
	c->nb_placebos_transient += word == CONDITION_TRANSIENT;
}

static void count(struct collector *c, const struct record *r) {
	c->nb_records++;
	c->nb_silent += r->is_silent;
	for (unsigned int i = 0; i < NB_CONDITIONS; i++)
		c->nb_by_condition[i] += (r->conditions & CONDITION_BIT(i)) != 0;
	if (c->first_syn_ns == 0 || r->from_ns < c->first_syn_ns)
		c->first_syn_ns = r->from_ns;
	if (r->to_ns > c->last_verdict_ns)
		c->last_verdict_ns = r->to_ns;
}

static void write_line(
	struct collector *c, const struct record *r, const struct flow *flows, char *room) {
	struct jobtext text;
	jobtext_get(r->job, &text);
	struct record_job job = jobtext_for_record(&text);
	output_add(&c->output, record_writer_write(&c->writer, r, flows, &job, room));
}

// The line of a record goes into room.
static void take(struct collector *c, unsigned int worker, const struct record *r,
	const struct flow *flows, char *room) {
	capture_verdict(c->capture, worker, r);
	if (r->is_placebo) {
		count_placebo(c, r);
	} else {
		count(c, r);
		write_line(c, r, flows, room);
	}
	if (!r->keeps_job)
		jobtext_release(c->texts, r->job);
}

static unsigned int drain(struct collector *c, unsigned int worker) {
	const struct worker *w = c->workers[worker];
	unsigned int nb = 0, octets = worker_record_octets(w->flows != NULL);
	struct record_with_flows r;
	char *room;
	while (nb < RECORDS_A_RING &&
		(room = output_room(&c->output, RECORD_LINE_MAX_OCTETS)) != NULL &&
		rte_ring_dequeue_elem(w->records, &r, octets) == 0) {
		take(c, worker, &r.record, w->flows ? r.flows : NULL, room);
		nb++;
	}
	return nb;
}

static unsigned int drain_shorts(struct collector *c, unsigned int worker) {
	const struct worker *w = c->workers[worker];
	unsigned int nb = 0;
	struct record_short s;
	char *room;
	while (nb < RECORDS_A_RING &&
		(room = output_room(&c->output, RECORD_LINE_MAX_OCTETS)) != NULL &&
		rte_ring_dequeue_elem(w->shorts, &s, sizeof(s)) == 0) {
		struct record r;
		record_of_short(&s, &r);
		take(c, worker, &r, NULL, room);
		nb++;
	}
	return nb;
}

enum output_state collector_flush(struct collector *c, uint64_t now_ns) {
	c->pushed_ns = now_ns;
	c->state = output_push(&c->output);
	return c->state;
}

unsigned int collector_step(struct collector *c, uint64_t now_ns) {
	unsigned int nb = 0;
	for (unsigned int i = 0; i < c->nb_workers; i++)
		nb += drain(c, i) + drain_shorts(c, i);
	bool is_due = c->output.len >= PUSH_OCTETS || now_ns >= c->pushed_ns + PUSH_NS;
	// a full disk is tried again by main, each second
	if (is_due && c->output.len > 0 && c->state != OUTPUT_FULL)
		collector_flush(c, now_ns);
	return nb;
}
