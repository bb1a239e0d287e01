#include "app/summary.h"

#include "app/lists.h"
#include "app/say.h"
#include "lib/addrtext.h"
#include "lib/wilson.h"

#include <stdio.h>
#include <string.h>

#define LOSSES_OCTETS 256
// Frames that a target takes: silent, SYNs alone; answering, about so many in three connections.
#define FRAMES_PER_ANSWERING 12

static void add_counters(struct worker_counters *sum, const struct worker_counters *c) {
#define X(name, text) sum->name += c->name;
	WORKER_COUNTERS(X)
#undef X
}

// af_xdp counts as errors what it leaves to us, and what we offer again.
static uint64_t unsent_of(const struct scan *s, uint64_t oerrors, uint64_t nb_kept) {
	uint64_t nb = oerrors - s->stats_before.oerrors;
	if (strcmp(s->port.driver, "net_af_xdp") == 0)
		return nb > nb_kept ? nb - nb_kept : 0;
	return nb;
}

static void add_port_losses(struct scan *s, struct scan_totals *t) {
	uint64_t *nb = t->loss.nb;
	struct rte_eth_stats stats;
	if (rte_eth_stats_get(s->port.id, &stats) == 0) {
		nb[OWNLOSS_IMISSED] = stats.imissed - s->stats_before.imissed;
		nb[OWNLOSS_IERRORS] = stats.ierrors - s->stats_before.ierrors;
		nb[OWNLOSS_RX_NOMBUF] = stats.rx_nombuf - s->stats_before.rx_nombuf;
		nb[OWNLOSS_UNSENT] += unsent_of(s, stats.oerrors, t->workers.tx_kept);
	}
	if (s->has_drops && iface_packet_drops_read(&s->drops) == 0)
		nb[OWNLOSS_SOCKET] = s->drops.nb_dropped;
}

double summary_rate(const struct scan *s) {
	double rate = 0;
	for (unsigned int i = 0; i < s->nb_workers; i++)
		rate += s->workers[i]->has_ramp ? s->workers[i]->ramp.rate : 0;
	return rate;
}

void summary_totals(struct scan *s, struct scan_totals *t) {
	*t = (struct scan_totals){0};
	for (unsigned int i = 0; i < s->nb_workers; i++) {
		add_counters(&t->workers, &s->workers[i]->counters);
		t->loss.nb[OWNLOSS_UNSENT] += s->has_ended ? s->workers[i]->nb_tx : 0;
		if (s->workers[i]->has_ramp)
			t->nb_back += s->workers[i]->ramp.nb_back;
		if (s->workers[i]->longest_pause_ns > t->longest_pause_ns)
			t->longest_pause_ns = s->workers[i]->longest_pause_ns;
	}
	t->rate = summary_rate(s);
	add_port_losses(s, t);
	t->loss.nb[OWNLOSS_HANDOVER] = t->workers.handover_full;
	t->loss.received = t->workers.frames_received;
	t->loss.sent = t->workers.frames_sent;
	t->loss.nb_pauses = atomic_load(&s->control.pauses) + atomic_load(&s->control.stalls);
	t->loss.nb_pauses_mended =
		RTE_MIN(t->loss.nb_pauses, (unsigned int)CONTROL_PAUSES_FORGIVEN);
}

void summary_add_past(const struct scan *s, struct scan_totals *t) {
	const struct ownloss *past = &s->past.loss;
	add_counters(&t->workers, &s->past.counters);
	for (enum ownloss_kind kind = 0; kind < OWNLOSS_NB_KINDS; kind++)
		t->loss.nb[kind] += past->nb[kind];
	t->loss.received += past->received;
	t->loss.sent += past->sent;
	t->loss.nb_pauses += past->nb_pauses;
	t->loss.nb_pauses_mended += past->nb_pauses_mended;
}

static void say_family(const struct network *net, bool is_v4) {
	const struct next_hop *hop = &net->hop;
	char source[ADDRTEXT_OCTETS], gateway[64] = "none, targets on the link only";
	const uint8_t *mac = is_v4 ? hop->gateway4_mac : hop->gateway6_mac;
	if (is_v4 ? hop->has_gateway4 : hop->has_gateway6)
		snprintf(gateway, sizeof(gateway), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
			mac[2], mac[3], mac[4], mac[5]);
	say("source %s%s, gateway %s", addrtext_print(is_v4 ? &hop->laddr4 : &hop->laddr6, source),
		net->kernel_owns_source ? " (the kernel's, as you said)" : "", gateway);
}

void summary_before(const struct scan *s) {
	const struct options *o = &s->options;
	const struct network *net = &s->network;
	const uint8_t *mac = net->hop.our_mac;
	if (net->hop.has_v4)
		say_family(net, true);
	if (net->hop.has_v6)
		say_family(net, false);
	say("port %u (%s%s%s) with %u worker%s, MAC %02x:%02x:%02x:%02x:%02x:%02x, local ports "
	    "%u-%u",
		s->port.id, s->port.driver, o->interface ? " on " : "",
		o->interface ? o->interface : "", s->nb_workers, s->nb_workers > 1 ? "s" : "",
		mac[0], mac[1], mac[2], mac[3], mac[4], mac[5], o->source_port_first,
		o->source_port_last);
	say("seed %llu, epoch %llu", (unsigned long long)s->seed, (unsigned long long)s->epoch);
	if (o->nb_shards > 1)
		say("shard %u of %u, counted from 0", o->shard, o->nb_shards);
	lists_say(s->reader.permit.permit, "");
	uint64_t nb = s->nb_lines;
	if (o->max_targets > 0 && (nb == 0 || o->max_targets < nb))
		nb = o->max_targets;
	unsigned int silent_frames = 2u * o->tries;
	if (nb == 0) {
		say("targets as they come; %g frames a second%s", o->rate_pps,
			o->rate_pps > 0 ? "" : " (no limit)");
		return;
	}
	double max_frames = (double)nb * FRAMES_PER_ANSWERING;
	if (o->rate_pps > 0)
		say("at most %llu targets, about %.0f frames; at %.0f a second: %.0f s if all are "
		    "silent, "
		    "%.0f s if all answer",
			(unsigned long long)nb, max_frames, o->rate_pps,
			(double)nb * silent_frames / o->rate_pps, max_frames / o->rate_pps);
	else
		say("at most %llu targets, about %.0f frames, no limit of the rate",
			(unsigned long long)nb, max_frames);
}

static double share(uint64_t part, uint64_t whole) {
	return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

static void say_conditions(const struct collector_counts *c) {
	for (unsigned int i = 0; i < NB_CONDITIONS; i++) {
		if (c->nb_by_condition[i] > 0)
			say_plain("  %-34s %12llu %7.3f %%", condition_word(i),
				(unsigned long long)c->nb_by_condition[i],
				share(c->nb_by_condition[i], c->nb_records));
	}
}

static void say_floor(const char *word, uint64_t nb, uint64_t nb_placebos) {
	struct wilson interval = wilson(nb, nb_placebos);
	say_plain("  of chance alone %-18s %12llu %7.3f %% (95 %%: %.3f to %.3f %%)", word,
		(unsigned long long)nb, share(nb, nb_placebos), 100 * interval.low,
		100 * interval.high);
}

static void say_placebos(const struct collector_counts *c) {
	if (c->nb_placebos == 0)
		return;
	say("placebo: %llu answering targets were measured again without Fast Open",
		(unsigned long long)c->nb_placebos);
	say_floor("broken", c->nb_placebos_broken, c->nb_placebos);
	say_floor("transient", c->nb_placebos_transient, c->nb_placebos);
}

static void say_skipped(struct scan *s, const struct scan_totals *t) {
	const struct reader *r = &s->reader;
	say("skipped: %llu bad lines, %llu blocked, %llu duplicate%s, %llu without a way; "
	    "unfinished: "
	    "%llu",
		(unsigned long long)atomic_load(&r->nb_bad),
		(unsigned long long)atomic_load(&r->nb_blocked) + t->workers.blocked,
		(unsigned long long)atomic_load(&r->nb_duplicate),
		seenset_is_exact(r->seen) ? "" : " (not exact: memory ran out)",
		(unsigned long long)atomic_load(&r->nb_no_way),
		(unsigned long long)s->nb_unfinished);
}

static void say_counters(const struct scan_totals *t) {
#define X(name, text)                                                                              \
	say_plain("  %-18s %14llu  %s", #name, (unsigned long long)t->workers.name, text);
	WORKER_COUNTERS(X)
#undef X
}

static void say_losses(const struct ownloss *loss) {
	char line[LOSSES_OCTETS];
	ownloss_write(loss, line, sizeof(line));
	say("own loss: %s", line);
}

// Networks that said no, and those that had to wait for their rate.
static void say_networks(const struct scan_totals *t) {
	const struct worker_counters *c = &t->workers;
	if (c->slowed_prefixes > 0)
		say("slowed down: %llu networks that said no, %llu times in all (%llu targets "
		    "answered by ICMP, administratively prohibited)",
			(unsigned long long)c->slowed_prefixes, (unsigned long long)c->prefix_cuts,
			(unsigned long long)c->prohibited);
	if (c->prefix_waits > 0)
		say("%llu targets waited for the rate of their network",
			(unsigned long long)c->prefix_waits);
}

// Where the climb has come to. A rate that was taken back is one that would have cost answers.
static void say_climb(const struct scan *s, const struct scan_totals *t) {
	if (t->rate <= 0)
		return;
	char wanted[64] = "no limit wanted";
	if (s->rate.wanted > 0)
		snprintf(wanted, sizeof(wanted), "%.0f wanted", s->rate.wanted);
	say("rate: %.0f frames a second at the end (%s); taken back %u times because answers "
	    "were lost; canaries: %llu asked, %llu silent",
		t->rate, wanted, t->nb_back, (unsigned long long)t->workers.canaries,
		(unsigned long long)t->workers.canaries_silent);
}

bool summary_after(struct scan *s) {
	struct scan_totals t;
	summary_totals(s, &t);
	summary_add_past(s, &t);
	struct collector_counts counts;
	const struct collector_counts *c = &counts;
	collectors_sum(&s->collectors, &counts);
	uint64_t nb_now = c->nb_records - s->past.counts.nb_records;
	double span_s = c->last_verdict_ns > c->first_syn_ns
				? (double)(c->last_verdict_ns - c->first_syn_ns) / 1e9
				: 0;
	unsigned int nb_pauses = atomic_load(&s->control.pauses);
	if (nb_pauses > 0)
		say("a worker was off its CPU for over 0.3 s %u times: what was under way was "
		    "measured again; give each worker a CPU of its own",
			nb_pauses);
	unsigned int nb_stalls = atomic_load(&s->control.stalls);
	if (nb_stalls > 0)
		say("the port took no frame for over 0.3 s %u times: what was under way was "
		    "measured again",
			nb_stalls);
	if (!s->options.quiet) {
		say_conditions(c);
		say("%llu records in %.3f s: %.0f targets a second; sent %llu, received %llu "
		    "frames",
			(unsigned long long)nb_now, span_s,
			span_s > 0 ? (double)nb_now / span_s : 0,
			(unsigned long long)t.workers.frames_sent,
			(unsigned long long)t.workers.frames_received);
		say_placebos(c);
		say_skipped(s, &t);
		say_losses(&t.loss);
		say_climb(s, &t);
		say_networks(&t);
		say("late frames closed: %llu; longest pause of a worker: %.1f ms",
			(unsigned long long)t.workers.closed_late,
			(double)t.longest_pause_ns / 1e6);
	}
	if (t.workers.bad_checksum > 0)
		say("%llu frames had a wrong checksum and were ignored: if the peer is a local "
		    "interface, its offload writes none (ethtool -K PEER tx off)",
			(unsigned long long)t.workers.bad_checksum);
	if (s->options.verbose > 0)
		say_counters(&t);
	char doubt[OWNLOSS_DOUBT_OCTETS];
	if (!ownloss_doubt(&t.loss, doubt, sizeof(doubt)))
		return false;
	say("%s", doubt);
	return true;
}
