#include "lib/rescan.h"

#include "lib/addrtext.h"
#include "lib/rescan_visit.h"
#include "lib/tfo/late.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

// Frames of several workers are not quite in the order of time, and a target that was measured
// while nothing could be heard begins again a while after its last frame.
#define SLACK_NS (10 * NSEC_PER_SEC)

struct worker_view {
	struct target_rules rules;
	uint8_t late[FRAME_MAX_OCTETS]; // what the last late frame deserved
	size_t late_len;		// 0: nothing, or it has left
};

struct rescan {
	const struct capfile_head *head;
	rescan_record_fn record;
	void *arg;
	struct worker_view *workers;
	void *steering; // of all workers; NULL: there is none
	struct rescan_visits visits;
	uint64_t newest_ns;
	bool has_no_memory;
	struct rescan_counts counts;
};

// As the workers' ports were. False: no memory.
static bool steer(struct rescan *r) {
	const struct measure *m = &r->head->measure;
	if (m->steer.nb_entries == 0)
		return true;
	size_t each = measure_steer_octets(m);
	each += -each % alignof(max_align_t);
	r->steering = calloc(m->nb_workers, each);
	if (r->steering == NULL)
		return false;
	for (unsigned int i = 0; i < m->nb_workers; i++)
		measure_steer(m, i, &r->workers[i].rules, (uint8_t *)r->steering + i * each);
	return true;
}

struct rescan *rescan_create(const struct capfile_head *head, rescan_record_fn record, void *arg) {
	struct rescan *r = calloc(1, sizeof(*r));
	if (r == NULL)
		return NULL;
	r->head = head;
	r->record = record;
	r->arg = arg;
	r->workers = calloc(head->measure.nb_workers, sizeof(*r->workers));
	const struct siphash_key key = {head->measure.seed, head->measure.epoch};
	if (!rescan_visits_create(&r->visits, &key) || r->workers == NULL) {
		rescan_destroy(r);
		return NULL;
	}
	for (unsigned int i = 0; i < head->measure.nb_workers; i++)
		measure_rules(&head->measure, i, &r->workers[i].rules);
	if (!steer(r)) {
		rescan_destroy(r);
		return NULL;
	}
	return r;
}

const struct rescan_counts *rescan_counts(const struct rescan *r) {
	return &r->counts;
}

void rescan_destroy(struct rescan *r) {
	rescan_visits_destroy(&r->visits);
	free(r->workers);
	free(r->steering);
	free(r);
}

// ---- records

static const struct target_rules *rules_of(const struct rescan *r, const struct rescan_visit *v) {
	return &r->workers[v->worker].rules;
}

static bool is_done(struct rescan *r, struct rescan_visit *v, uint64_t now_ns) {
	const struct target_rules *rules = rules_of(r, v);
	return v->answered ? target_is_done(&v->answered->target, rules, now_ns)
			   : launch_is_over(&v->launch, rules->conn.syn_tries, now_ns);
}

static void emit(struct rescan *r, struct rescan_visit *v) {
	struct record record;
	struct flow silent[NB_PROBES], *flows = NULL;
	if (r->head->has_flows)
		flows = v->answered ? v->answered->flows : silent;
	if (v->answered)
		record_of_target(&v->answered->target, rules_of(r, v), &record);
	else
		launch_record(&v->launch, rules_of(r, v), flows, &record);
	if (record.is_placebo) {
		enum condition word = verdict_connectivity(record.conditions);
		r->counts.nb_placebos++;
		r->counts.nb_placebos_broken += word == CONDITION_BROKEN;
		r->counts.nb_placebos_transient += word == CONDITION_TRANSIENT;
		return;
	}
	const struct record_job job = jobtext_for_record(&v->job);
	r->counts.nb_records++;
	record.index = v->index;
	r->record(r->arg, &record, flows, &job);
}

static void emit_unreached(struct rescan *r, const struct capfile_target *begun) {
	const struct flow none[NB_PROBES] = {0};
	const struct record_job job = jobtext_for_record(&begun->job);
	struct record record;
	record_of_silence(&begun->addr, begun->port, begun->from_ns, begun->to_ns, &record);
	r->counts.nb_records++;
	r->record(r->arg, &record, r->head->has_flows ? none : NULL, &job);
}

// The last that is heard of a target: its record, if it is done at that time.
static void conclude(struct rescan *r, struct rescan_visit *v, uint64_t now_ns) {
	if (v->is_judged)
		return;
	if (is_done(r, v, now_ns))
		emit(r, v);
	else
		r->counts.nb_unfinished++;
	v->is_judged = true;
}

// Since then, too: what an answered target has seen counts whatever the time.
static bool is_done_since(struct rescan *r, struct rescan_visit *v, uint64_t since_ns) {
	return is_done(r, v, since_ns) && (!v->answered || target_rested_since(&v->answered->target,
								   rules_of(r, v), since_ns));
}

// With each frame a look at those that began first: so memory holds what is in flight, not all.
static void sweep(struct rescan *r) {
	struct rescan_visit *v = r->visits.oldest;
	if (r->head->filter || v == NULL || r->newest_ns < SLACK_NS)
		return;
	uint64_t now_ns = r->newest_ns - SLACK_NS;
	// those that contradict stay, so that what follows is not taken for somebody else's
	if (!v->is_judged && is_done_since(r, v, now_ns)) {
		emit(r, v);
		rescan_visit_remove(&r->visits, v);
		return;
	}
	rescan_visit_to_end(&r->visits, v);
}

void rescan_finish(struct rescan *r, uint64_t end_ns) {
	// behind a filter stand only targets that have their verdict
	uint64_t now_ns = r->head->filter ? CONN_NEVER - 1 : end_ns ? end_ns : r->newest_ns;
	while (r->visits.oldest != NULL) {
		conclude(r, r->visits.oldest, now_ns);
		rescan_visit_remove(&r->visits, r->visits.oldest);
	}
}

static void contradict(
	struct rescan *r, uint64_t number, const struct ip_addr *dst, const char *what) {
	struct rescan_counts *c = &r->counts;
	char addr[ADDRTEXT_OCTETS];
	if (c->nb_contradicted++ > 0)
		return;
	c->first_wrong_frame = number;
	snprintf(c->reason, sizeof(c->reason), "to %s %s", addrtext_print(dst, addr), what);
}

// ---- the first SYN

// It comes to stand in a record: the members of an object, on one line.
static bool is_good_job(const struct jobtext *job) {
	if (job->text_len == 0)
		return true;
	for (size_t i = 0; i < job->text_len; i++) {
		if ((unsigned char)job->text[i] < ' ')
			return false;
	}
	char *object = malloc(job->text_len + 2u);
	if (object == NULL)
		return false;
	object[0] = '{';
	memcpy(object + 1, job->text, job->text_len);
	object[job->text_len + 1] = '}';
	const char *end = NULL;
	cJSON *parsed = cJSON_ParseWithLengthOpts(object, job->text_len + 2u, &end, false);
	bool is_good = parsed != NULL && end == object + job->text_len + 2;
	cJSON_Delete(parsed);
	free(object);
	return is_good;
}

// No name: the head's question is asked.
static bool is_good_name(const struct rescan *r, const struct jobtext *job) {
	return job->name_len == 0 ||
	       app_question_is_good(r->head->measure.app, job->name, job->name_len);
}

static struct rescan_visit *add_visit(struct rescan *r, const struct capfile_target *begun,
	const struct ip_addr *addr, uint16_t port, uint8_t worker) {
	struct rescan_visit *v =
		rescan_visit_add(&r->visits, &r->workers[worker].rules, begun, addr, port);
	if (v == NULL)
		return NULL;
	v->worker = worker;
	if (!begun->is_placebo)
		return v;
	if (!rescan_visit_answer(&r->visits, v))
		return NULL;
	struct target *t = &v->answered->target;
	target_start(t, rules_of(r, v), addr, port, v->job.name, v->job.name_len);
	target_want_flows(t, r->head->has_flows ? v->answered->flows : NULL);
	t->first_ordinal = begun->first_ordinal;
	t->is_placebo = true;
	t->placebo_has_data = begun->placebo_has_data;
	return v;
}

// Another target, or the same once more. One that begins again before its verdict, but for a
// placebo's, was measured while nothing could be heard.
static void make_place(struct rescan *r, const struct capfile_target *begun,
	const struct ip_addr *addr, uint64_t now_ns) {
	struct rescan_visit *before = rescan_visit_find(&r->visits, addr);
	while (r->head->filter && r->visits.oldest != NULL && r->visits.oldest != before) {
		conclude(r, r->visits.oldest, CONN_NEVER - 1);
		rescan_visit_remove(&r->visits, r->visits.oldest);
	}
	if (before == NULL)
		return;
	bool was_placebo = before->answered && before->answered->target.is_placebo;
	bool is_again = before->index == begun->index && was_placebo == begun->is_placebo;
	if (!is_again)
		conclude(r, before, r->head->filter ? CONN_NEVER - 1 : now_ns);
	rescan_visit_remove(&r->visits, before);
}

static bool begin(struct rescan *r, const struct capfile_target *begun,
	const struct pcapng_packet *packet, const struct ip_addr *addr, uint16_t port) {
	if (!is_good_job(&begun->job) || !is_good_name(r, &begun->job)) {
		r->counts.nb_strange++;
		return true;
	}
	make_place(r, begun, addr, packet->time_ns);
	r->counts.nb_targets += !begun->is_placebo;
	if (begun->is_unreached && begun->nb_missing == 0) {
		emit_unreached(r, begun);
		return true;
	}
	struct rescan_visit *v = add_visit(r, begun, addr, port, (uint8_t)packet->interface);
	if (v == NULL)
		return false;
	v->is_judged = begun->nb_missing > 0;
	r->counts.nb_incomplete += v->is_judged;
	return true;
}

// ---- frames

// Written as the one in the capture was, with its MACs.
static bool is_same_frame(const struct pcapng_packet *packet, const struct frame *frame,
	const struct segment *seg, const struct conn_numbers *numbers) {
	uint8_t octets[FRAME_MAX_OCTETS];
	struct frame_route route = {.ip_id = numbers->ip_id, .flow_label = numbers->flow_label};
	memcpy(route.src_mac, frame->src_mac, MAC_OCTETS);
	memcpy(route.dst_mac, frame->dst_mac, MAC_OCTETS);
	size_t len = frame_write(octets, sizeof(octets), &route, seg);
	return len == packet->len && memcmp(octets, packet->octets, len) == 0;
}

static bool is_late_answer(struct worker_view *w, const struct pcapng_packet *packet) {
	bool is_it = w->late_len > 0 && w->late_len == packet->len &&
		     memcmp(w->late, packet->octets, packet->len) == 0;
	if (is_it)
		w->late_len = 0;
	return is_it;
}

static const char *send_launch(struct rescan *r, struct rescan_visit *v,
	const struct pcapng_packet *packet, const struct frame *frame) {
	const struct target_rules *rules = rules_of(r, v);
	unsigned int tries = rules->conn.syn_tries;
	struct launch *l = &v->launch;
	unsigned int moment = launch_nb_sent(l, tries);
	uint64_t now_ns = packet->time_ns;
	if (moment + 1 >= launch_nb_moments(tries))
		return "goes a SYN more than the schedule has";
	if (moment > 0 && now_ns < launch_moment_ns(l, tries, moment))
		return "goes a SYN before its time";
	if (moment == 0)
		l->from_ns = now_ns;
	uint8_t options[TCPOPT_MAX_OCTETS];
	struct segment seg;
	struct conn_numbers numbers;
	launch_syn(l, rules, moment, now_ns, &seg, options, &numbers);
	if (!is_same_frame(packet, frame, &seg, &numbers))
		return "goes another SYN than the schedule's";
	launch_sent(l, tries, moment, now_ns);
	return NULL;
}

static const char *send_target(struct rescan *r, struct rescan_visit *v,
	const struct pcapng_packet *packet, const struct frame *frame) {
	const struct target_rules *rules = rules_of(r, v);
	struct target_segment out;
	uint64_t wake_ns, now_ns = packet->time_ns;
	if (target_next(&v->answered->target, rules, now_ns, &out, &wake_ns) != TARGET_SEND)
		return "goes a segment where the schedule has none";
	if (!is_same_frame(packet, frame, &out.seg, &out.numbers))
		return "goes another segment than the schedule's";
	target_observe_sent(&v->answered->target, rules, now_ns, &out.seg);
	return NULL;
}

static bool take_sent(struct rescan *r, uint64_t number, const struct pcapng_packet *packet,
	const struct capfile_target *begun) {
	struct frame frame;
	const enum frame_trust trust = FRAME_TRUST_IP_CHECKSUM | FRAME_TRUST_L4_CHECKSUM;
	if (frame_parse(packet->octets, packet->len, trust, &frame) != FRAME_TCP) {
		r->counts.nb_strange++;
		return true;
	}
	if (begun && !begin(r, begun, packet, &frame.seg.dst, frame.seg.dport))
		return false;
	if (is_late_answer(&r->workers[packet->interface], packet))
		return true;
	if (begun && begun->nb_missing > 0)
		return true;
	struct rescan_visit *v = rescan_visit_find(&r->visits, &frame.seg.dst);
	if (v == NULL) {
		contradict(r, number, &frame.seg.dst, "goes a frame, and no target began there");
		return true;
	}
	if (v->is_judged)
		return true;
	const char *wrong =
		v->answered ? send_target(r, v, packet, &frame) : send_launch(r, v, packet, &frame);
	v->is_judged = wrong != NULL;
	if (wrong)
		contradict(r, number, rescan_visit_addr(v), wrong);
	return true;
}

// The target in full, made so if a frame names its connection at hand; NULL: there is none.
static struct target *take_target(struct rescan *r, const struct ip_addr *addr, uint16_t lport,
	uint16_t rport, uint64_t now_ns) {
	struct rescan_visit *v = rescan_visit_find(&r->visits, addr);
	if (v == NULL)
		return NULL;
	if (v->answered)
		return &v->answered->target;
	const struct target_rules *rules = rules_of(r, v);
	const struct launch *l = &v->launch;
	if (l->nb_syns == 0 || !launch_takes(l, rules, lport, rport, now_ns))
		return NULL;
	r->has_no_memory = !rescan_visit_answer(&r->visits, v);
	if (r->has_no_memory)
		return NULL;
	launch_expand(l, rules, v->job.name, v->job.name_len,
		r->head->has_flows ? v->answered->flows : NULL, &v->answered->target);
	return &v->answered->target;
}

static void expect_late_answer(struct worker_view *w, const struct frame *frame) {
	struct segment out;
	uint8_t options[TCPOPT_MAX_OCTETS];
	struct conn_numbers numbers;
	w->late_len = 0;
	if (!late_answer(&w->rules, &frame->seg, &out, options, &numbers))
		return;
	struct frame_route route = {.ip_id = numbers.ip_id, .flow_label = numbers.flow_label};
	memcpy(route.src_mac, frame->dst_mac, MAC_OCTETS);
	memcpy(route.dst_mac, frame->src_mac, MAC_OCTETS);
	w->late_len = frame_write(w->late, sizeof(w->late), &route, &out);
}

// begun: of a target whose first frames are missing, or NULL.
static bool take_received(
	struct rescan *r, const struct pcapng_packet *packet, const struct capfile_target *begun) {
	struct worker_view *w = &r->workers[packet->interface];
	struct frame frame;
	const enum frame_trust trust = FRAME_TRUST_IP_CHECKSUM | FRAME_TRUST_L4_CHECKSUM;
	enum frame_kind kind = frame_parse(packet->octets, packet->len, trust, &frame);
	if (begun && kind == FRAME_TCP)
		return begin(r, begun, packet, &frame.seg.src, frame.seg.sport);
	if (begun && kind == FRAME_ICMP)
		return begin(r, begun, packet, &frame.quote.dst, frame.quote.dport);
	switch (kind) {
	case FRAME_TCP: {
		const struct segment *seg = &frame.seg;
		struct target *t =
			take_target(r, &seg->src, seg->dport, seg->sport, packet->time_ns);
		if (t == NULL || !target_observe_received(t, &w->rules, packet->time_ns, seg))
			expect_late_answer(w, &frame);
		break;
	}
	case FRAME_ICMP: {
		const struct icmp_quote *quote = &frame.quote;
		struct target *t =
			take_target(r, &quote->dst, quote->sport, quote->dport, packet->time_ns);
		if (t != NULL)
			target_observe_icmp(t, &w->rules, packet->time_ns, quote);
		break;
	}
	default:
		r->counts.nb_strange++;
		break;
	}
	return true;
}

bool rescan_packet(struct rescan *r, uint64_t number, const struct pcapng_packet *packet,
	const char *comment, size_t comment_len) {
	struct capfile_target begun;
	bool begins = comment_len > 0 && capfile_read_target(comment, comment_len, &begun);
	if (packet->interface >= r->head->measure.nb_workers) {
		r->counts.nb_strange++;
		return true;
	}
	if (packet->time_ns > r->newest_ns)
		r->newest_ns = packet->time_ns;
	bool has_memory = true;
	if (begins && begun.is_unreached)
		has_memory = begin(r, &begun, packet, &begun.addr, begun.port);
	else if (packet->direction == PCAPNG_OUTBOUND)
		has_memory = take_sent(r, number, packet, begins ? &begun : NULL);
	else
		has_memory =
			take_received(r, packet, begins && begun.nb_missing > 0 ? &begun : NULL);
	sweep(r);
	return has_memory && !r->has_no_memory;
}
