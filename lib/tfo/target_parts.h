// What the files of a target share; for nobody else.
#pragma once

#include "lib/tfo/target.h"

// The evidence of the connection at conns[i].
static inline struct evidence *target_evidence(struct target *t, unsigned int i) {
	enum probe probe = t->probe_of[i];
	return probe < NB_PROBES ? &t->evidence[probe] : &t->controls[i];
}

// The rules that the connection at conns[i] follows.
static inline const struct conn_rules *target_conn_rules(
	const struct target *t, const struct target_rules *rules, unsigned int i) {
	return t->is_later[i] ? &rules->later : &rules->conn;
}

struct question target_question(const struct target *t, const struct target_rules *rules);

// How a connection has ended, as far as it has.
enum outcome target_outcome(const struct conn *c, const struct evidence *ev);

// target_flow.c: what becomes of the flow of the connection at conns[i]. Nothing, if it is a
// control's or if none is wanted.
void target_flow_begin(struct target *t, unsigned int i);
void target_flow_segment(struct target *t, unsigned int i, enum flow_direction direction,
	uint64_t now_ns, const struct segment *seg);
void target_flow_icmp(struct target *t, unsigned int i, const struct icmp_quote *quote);

// target_note.c: what a received segment, already seen by its connection, adds to the evidence.
void target_note_seen(struct target *t, const struct target_rules *rules, unsigned int i,
	uint64_t now_ns, const struct segment *seg, const struct conn_seen *seen);
// The same for one that came after a RST had ended the connection.
void target_note_after_refusal(
	struct evidence *ev, const struct conn *c, const struct segment *seg);
