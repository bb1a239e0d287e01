#include "tests/million/crowd.h"

#include "lib/addrindex.h"
#include "lib/sim/sim_behaviour.h"
#include "lib/sim/sim_expect.h"
#include "lib/tcpstack/bytes.h"
#include "lib/tfo/late.h"
#include "lib/tfo/record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>

#define NB_SLOTS 32768u // targets in flight
#define NB_SIM_CONNS 262144u
#define START_NS (UINT64_C(1795608000) * NSEC_PER_SEC)
#define LAUNCH_GAP_NS (20 * NSEC_PER_USEC)
#define MAX_WORDS 256
#define LARGE_PAGE_OCTETS (UINT32_C(2) << 20)

static const uint8_t question_name[] = {7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'c', 'o', 'm', 0};
static const uint8_t http_head[] = "HEAD / HTTP/1.0\r\n\r\n";
static const struct ip_addr scanner4 = {.octets = {[10] = 0xff, [11] = 0xff, 10, 99, 0, 3}};
static const struct ip_addr scanner6 = {.octets = {0xfd, [15] = 3}};

enum slot_state {
	SLOT_FREE,
	SLOT_SILENT,
	SLOT_ANSWERED,
};

struct slot {
	enum slot_state state;
	unsigned int moment; // of a silent one: the next
	uint64_t index;	     // of the target
	uint64_t wake_ns;    // its turn
	uint64_t queued_ns;  // no later: the event that looks whether it is its turn
	struct launch launch;
	struct target target;
};

// Something that happens: a target's turn, or a frame that arrives at the scanner.
struct event {
	uint64_t at_ns, order;
	uint8_t *octets; // NULL: the slot's turn
	uint32_t slot, len;
};

struct crowd {
	struct sim sim;
	struct sim_sink sink;
	void *sim_memory;
	uint64_t now_ns;
	uint8_t leaving[FRAME_MAX_OCTETS];

	struct event *heap; // the first one is the next
	size_t nb_events, room_events;
	uint64_t nb_ordered;

	const struct crowd_config *config;
	struct crowd_result *result;
	struct target_rules rules;
	struct slot *slots;
	uint32_t *free_slots;
	uint32_t nb_free;
	struct addrindex index;
	void *index_memory;
	uint8_t *is_recorded;
	uint64_t nb_launched, next_launch_ns;

	struct capfile_head head;
	struct rescan *rescan;
	struct record *records, *rescanned; // of a scan, and of its frames read again
	uint64_t nb_packets;
	unsigned int nb_complaints;

	struct {
		const char *word;
		uint64_t bit;
	} words[MAX_WORDS]; // that lib/sim has used so far, by their addresses
	unsigned int nb_words;
};

static void *need(void *memory) {
	if (memory != NULL)
		return memory;
	fprintf(stderr, "no memory\n");
	abort();
}

// Zeroed; of large pages where the machine has them, for what is visited here lies far apart. Freed
// with free().
static void *need_large(size_t octets) {
	size_t whole = (octets + LARGE_PAGE_OCTETS - 1) / LARGE_PAGE_OCTETS * LARGE_PAGE_OCTETS;
	void *memory = need(aligned_alloc(LARGE_PAGE_OCTETS, whole));
	(void)madvise(memory, whole, MADV_HUGEPAGE); // a hint
	return memset(memory, 0, whole);
}

// ---- events, the first in front

static bool is_before(const struct event *a, const struct event *b) {
	return a->at_ns < b->at_ns || (a->at_ns == b->at_ns && a->order < b->order);
}

static void push_event(struct crowd *c, struct event e) {
	if (c->nb_events == c->room_events) {
		c->room_events = c->room_events ? 2 * c->room_events : 4096;
		c->heap = need(realloc(c->heap, c->room_events * sizeof(*c->heap)));
	}
	e.order = c->nb_ordered++;
	size_t i = c->nb_events++;
	for (; i > 0 && is_before(&e, &c->heap[(i - 1) / 2]); i = (i - 1) / 2)
		c->heap[i] = c->heap[(i - 1) / 2];
	c->heap[i] = e;
}

static struct event pop_event(struct crowd *c) {
	struct event first = c->heap[0], last = c->heap[--c->nb_events];
	size_t i = 0;
	for (;;) {
		size_t child = 2 * i + 1;
		if (child >= c->nb_events)
			break;
		if (child + 1 < c->nb_events && is_before(&c->heap[child + 1], &c->heap[child]))
			child++;
		if (!is_before(&c->heap[child], &last))
			break;
		c->heap[i] = c->heap[child];
		i = child;
	}
	c->heap[i] = last;
	return first;
}

// Timers are mostly put off before they fire: the event that was queued stays, and when it comes,
// it is queued again.
static void set_turn(struct crowd *c, uint32_t slot, uint64_t at_ns) {
	struct slot *s = &c->slots[slot];
	s->wake_ns = at_ns;
	if (at_ns >= s->queued_ns)
		return;
	s->queued_ns = at_ns;
	push_event(c, (struct event){.at_ns = at_ns, .slot = slot});
}

// ---- the same frames, as a capture

static void capture(struct crowd *c, enum pcapng_direction direction, const uint8_t *octets,
	size_t len, const struct capfile_target *begun) {
	if (c->rescan == NULL)
		return;
	char comment[CAPFILE_TARGET_MAX_OCTETS];
	const struct pcapng_packet packet = {.time_ns = c->now_ns,
		.len = (uint32_t)len,
		.wire_len = (uint32_t)len,
		.octets = octets,
		.direction = direction};
	size_t comment_len = begun ? capfile_write_target(begun, comment) : 0;
	if (!rescan_packet(c->rescan, ++c->nb_packets, &packet, comment, comment_len))
		abort();
}

static void keep_rescanned(
	void *arg, const struct record *r, const struct flow *flows, const struct record_job *job) {
	struct crowd *c = arg;
	(void)flows;
	(void)job;
	c->rescanned[r->index] = *r;
}

static bool is_same_record(const struct record *a, const struct record *b) {
	return addr_equal(&a->addr, &b->addr) && a->port == b->port && a->from_ns == b->from_ns &&
	       a->to_ns == b->to_ns && a->conditions == b->conditions && a->rounds == b->rounds &&
	       a->first_round == b->first_round && a->is_silent == b->is_silent &&
	       memcmp(a->evidence, b->evidence, sizeof(a->evidence)) == 0;
}

// ---- the path: frames to the servers arrive at once, those from them when lib/sim says

static uint8_t *leaving_buffer(void *context) {
	struct crowd *c = context;
	return c->leaving;
}

static void leave(void *context, uint64_t at_ns, size_t len) {
	struct crowd *c = context;
	uint8_t *octets = need(malloc(len));
	memcpy(octets, c->leaving, len);
	push_event(c, (struct event){.at_ns = at_ns, .octets = octets, .len = (uint32_t)len});
}

// begun: the SYN is a target's first.
static void send_segment(struct crowd *c, const struct segment *seg,
	const struct conn_numbers *numbers, const struct capfile_target *begun) {
	uint8_t octets[FRAME_MAX_OCTETS];
	const struct frame_route route = {.src_mac = {2, 1},
		.dst_mac = {2, 2},
		.ip_id = numbers->ip_id,
		.flow_label = numbers->flow_label};
	size_t len = frame_write(octets, sizeof(octets), &route, seg);
	c->result->nb_frames_sent++;
	capture(c, PCAPNG_OUTBOUND, octets, len, begun);
	sim_receive(&c->sim, c->now_ns, octets, len, &c->sink);
}

// ---- targets

// One to one: no two numbers have one address.
static struct ip_addr addr_of(uint64_t index) {
	uint64_t i = index / 2;
	if (index % 2 == 0) {
		uint8_t v4[4];
		put_be32(v4, (uint32_t)i * UINT32_C(2654435761));
		return addr_from_v4(v4);
	}
	struct ip_addr addr = {.octets = {0x20, 0x01, 0x0d, 0xb8}};
	uint64_t host = i * UINT64_C(0x9e3779b97f4a7c15);
	put_be32(addr.octets + 8, (uint32_t)(host >> 32));
	put_be32(addr.octets + 12, (uint32_t)host);
	return addr;
}

static const struct ip_addr *addr_at(const struct crowd *c, uint32_t position) {
	const struct slot *s = &c->slots[position];
	return s->state == SLOT_ANSWERED ? &s->target.addr : &s->launch.addr;
}

static uint32_t *find(struct crowd *c, const struct ip_addr *addr) {
	uint64_t hash = addrindex_hash(&c->index, addr);
	uint32_t *bucket = addrindex_bucket(&c->index, hash);
	for (uint32_t ways = addrindex_candidates(bucket, hash); ways != 0; ways &= ways - 1) {
		uint32_t *entry = &bucket[__builtin_ctz(ways)];
		if (addr_equal(addr_at(c, addrindex_position(*entry)), addr))
			return entry;
	}
	return NULL;
}

static void free_slot(struct crowd *c, uint32_t position) {
	struct slot *s = &c->slots[position];
	*find(c, addr_at(c, position)) = 0;
	s->state = SLOT_FREE;
	set_turn(c, position, CONN_NEVER);
	c->free_slots[c->nb_free++] = position;
}

static bool may_launch(const struct crowd *c) {
	return c->nb_free > 0 && c->nb_launched < c->config->nb_targets;
}

// A full bucket of the index lets the target wait, as in a worker.
static void launch_one(struct crowd *c) {
	struct ip_addr addr = addr_of(c->nb_launched);
	uint64_t hash = addrindex_hash(&c->index, &addr);
	uint32_t *entry = addrindex_free_entry(addrindex_bucket(&c->index, hash));
	c->next_launch_ns = c->now_ns + LAUNCH_GAP_NS;
	if (entry == NULL)
		return;
	uint32_t position = c->free_slots[--c->nb_free];
	struct slot *s = &c->slots[position];
	s->state = SLOT_SILENT;
	s->moment = 0;
	s->index = c->nb_launched++;
	launch_start(&s->launch, &c->rules, &addr, c->config->is_tcp ? 80 : 53);
	s->launch.from_ns = c->now_ns;
	addrindex_set(entry, hash, false, position);
	set_turn(c, position, c->now_ns);
	uint64_t in_flight = NB_SLOTS - c->nb_free;
	if (in_flight > c->result->max_in_flight)
		c->result->max_in_flight = in_flight;
}

// ---- verdicts

static uint64_t bit_of_word(const char *word) {
	enum condition c = condition_by_word(word, strlen(word));
	if (c != NB_CONDITIONS)
		return CONDITION_BIT(c);
	fprintf(stderr, "lib/sim has a word that no record can hold: %s\n", word);
	abort();
}

static uint64_t set_of(struct crowd *c, const char *const *list) {
	uint64_t set = 0;
	for (; *list != NULL; list++) {
		unsigned int i = 0;
		while (i < c->nb_words && c->words[i].word != *list)
			i++;
		if (i == c->nb_words) {
			if (i == MAX_WORDS)
				abort();
			c->words[i].word = *list;
			c->words[i].bit = bit_of_word(*list);
			c->nb_words++;
		}
		set |= c->words[i].bit;
	}
	return set;
}

static void print_set(const char *what, uint64_t set) {
	fprintf(stderr, "  %s", what);
	for (unsigned int i = 0; i < NB_CONDITIONS; i++) {
		if (set & CONDITION_BIT(i))
			fprintf(stderr, " %s", condition_word(i));
	}
	fputc('\n', stderr);
}

static void complain(
	struct crowd *c, const struct record *r, uint64_t index, const char *what, uint64_t want) {
	if (c->nb_complaints++ >= CROWD_MAX_COMPLAINTS)
		return;
	fprintf(stderr,
		"%s: target %" PRIu64 ", behaviour %u, seed %" PRIu64 ", epoch %" PRIu64 "\n", what,
		index, sim_behaviour_of(&c->sim.config, &r->addr), c->config->seed,
		c->config->epoch);
	print_set("got ", r->conditions);
	print_set("want", want);
}

// Rows that lose frames of their own are a path within the path.
static bool has_own_loss(const struct crowd *c, const struct ip_addr *addr) {
	unsigned int variant;
	return sim_behaviour_at(&c->sim.config, sim_behaviour_hash(&c->sim.config, addr), &variant)
		       ->loss_ppm > 0;
}

static void judge(struct crowd *c, const struct record *r, uint64_t index) {
	struct crowd_result *result = c->result;
	struct sim_expect_rules rules = {.nb_rounds = c->config->nb_rounds,
		.has_controls = c->config->has_controls,
		.is_tcp = c->config->is_tcp};
	struct sim_expected expected;
	bool own_loss = has_own_loss(c, &r->addr);
	sim_expect(&c->sim.config, &r->addr, &rules, &expected);
	uint64_t want = set_of(c, expected.words), chance = set_of(c, expected.by_chance);
	rules.nb_rounds = 1;
	sim_expect(&c->sim.config, &r->addr, &rules, &expected);
	uint64_t want_once = set_of(c, expected.words);

	const uint64_t challenged = CONDITION_BIT(CONDITION_ANOMALY_CHALLENGE_ACK);
	uint64_t got = r->conditions;
	result->nb_challenged += (got & challenged) != 0;
	if (c->config->may_be_challenged) {
		got &= ~challenged;
		want &= ~challenged;
	}
	result->nb_by_behaviour[sim_behaviour_of(&c->sim.config, &r->addr)]++;
	result->nb_as_expected += got == want;
	bool may_differ = sim_path_is_bad(&c->config->path) || own_loss;
	bool is_wrong = may_differ ? (got & ~(want | chance)) != 0 : got != want;
	if (is_wrong) {
		result->nb_wrong++;
		complain(c, r, index, "wrong", want);
	}
	uint64_t false_words = got & ~(want | want_once);
	if (!own_loss && (false_words & CONDITION_BIT(CONDITION_BROKEN))) {
		result->nb_false_broken++;
		complain(c, r, index, "false broken", want);
	}
	if (!own_loss && (false_words & CONDITION_BIT(CONDITION_TRANSIENT))) {
		result->nb_false_transient++;
		complain(c, r, index, "false transient", want);
	}
}

static void take_record(struct crowd *c, const struct record *r, uint64_t index) {
	if (r->is_placebo) {
		c->result->nb_placebos++;
		c->result->nb_placebos_broken +=
			(r->conditions & CONDITION_BIT(CONDITION_BROKEN)) != 0;
		c->result->nb_placebos_transient +=
			(r->conditions & CONDITION_BIT(CONDITION_TRANSIENT)) != 0;
		return;
	}
	c->result->nb_records++;
	c->result->nb_twice += c->is_recorded[index];
	c->is_recorded[index] = 1;
	if (c->records)
		c->records[index] = *r;
	judge(c, r, index);
}

// ---- turns

static bool wants_placebo(const struct crowd *c, const struct slot *s, const struct record *r) {
	uint64_t one_in = c->config->placebo_one_in;
	return one_in > 0 && !s->target.is_placebo && s->index / 2 % one_in == 0 &&
	       !(r->conditions & CONDITION_BIT(CONDITION_OFFLINE));
}

static void pump(struct crowd *c, uint32_t position) {
	struct slot *s = &c->slots[position];
	struct target_segment out;
	uint64_t wake_ns = CONN_NEVER;
	enum target_step step;
	while ((step = target_next(&s->target, &c->rules, c->now_ns, &out, &wake_ns)) !=
		TARGET_WAIT) {
		if (step == TARGET_SEND) {
			const struct capfile_target begun = {.index = s->index,
				.first_ordinal = s->target.first_ordinal,
				.is_placebo = s->target.is_placebo,
				.placebo_has_data = s->target.placebo_has_data};
			bool is_first = s->target.nb_started == 0;
			target_observe_sent(&s->target, &c->rules, c->now_ns, &out.seg);
			send_segment(c, &out.seg, &out.numbers, is_first ? &begun : NULL);
			continue;
		}
		struct record r;
		record_of_target(&s->target, &c->rules, &r);
		take_record(c, &r, s->index);
		if (!wants_placebo(c, s, &r)) {
			free_slot(c, position);
			return;
		}
		target_start_placebo(&s->target);
	}
	set_turn(c, position, wake_ns);
}

static void move_silent(struct crowd *c, uint32_t position) {
	struct slot *s = &c->slots[position];
	unsigned int tries = c->rules.conn.syn_tries;
	if (s->moment + 1 == launch_nb_moments(tries)) {
		struct record r;
		record_of_silence(&s->launch.addr, s->launch.port, s->launch.from_ns,
			launch_to_ns(&s->launch), &r);
		take_record(c, &r, s->index);
		free_slot(c, position);
		return;
	}
	uint8_t options[TCPOPT_MAX_OCTETS];
	struct segment seg;
	struct conn_numbers numbers;
	launch_syn(&s->launch, &c->rules, s->moment, c->now_ns, &seg, options, &numbers);
	launch_sent(&s->launch, tries, s->moment, c->now_ns);
	const struct capfile_target begun = {.index = s->index};
	send_segment(c, &seg, &numbers, s->moment++ == 0 ? &begun : NULL);
	set_turn(c, position, launch_moment_ns(&s->launch, tries, s->moment));
}

static void take_turn(struct crowd *c, const struct event *e) {
	struct slot *s = &c->slots[e->slot];
	if (s->queued_ns != e->at_ns)
		return;
	s->queued_ns = CONN_NEVER;
	if (s->wake_ns > e->at_ns) {
		set_turn(c, e->slot, s->wake_ns);
		return;
	}
	s->wake_ns = CONN_NEVER;
	if (s->state == SLOT_SILENT)
		move_silent(c, e->slot);
	else
		pump(c, e->slot);
}

// ---- frames that arrive

// The position of the target in full, made one if it was not; NB_SLOTS: there is none.
static uint32_t take_target(
	struct crowd *c, const struct ip_addr *addr, uint16_t lport, uint16_t rport) {
	uint32_t *entry = find(c, addr);
	if (entry == NULL)
		return NB_SLOTS;
	uint32_t position = addrindex_position(*entry);
	struct slot *s = &c->slots[position];
	if (s->state == SLOT_ANSWERED)
		return position;
	if (!launch_takes(&s->launch, &c->rules, lport, rport, c->now_ns))
		return NB_SLOTS;
	launch_expand(&s->launch, &c->rules, NULL, 0, NULL, &s->target);
	s->state = SLOT_ANSWERED;
	set_turn(c, position, CONN_NEVER);
	return position;
}

static void answer_late(struct crowd *c, const struct segment *seg) {
	struct segment out;
	struct conn_numbers numbers;
	uint8_t options[TCPOPT_MAX_OCTETS];
	if (!late_answer(&c->rules, seg, &out, options, &numbers))
		return;
	c->result->nb_late_answers++;
	send_segment(c, &out, &numbers, NULL);
}

static void receive(struct crowd *c, const struct event *e) {
	struct frame frame;
	enum frame_kind kind = frame_parse(e->octets, e->len, FRAME_TRUST_NOTHING, &frame);
	uint32_t position = NB_SLOTS;
	if (kind == FRAME_TCP || kind == FRAME_ICMP)
		capture(c, PCAPNG_INBOUND, e->octets, e->len, NULL);
	if (kind == FRAME_TCP) {
		const struct segment *seg = &frame.seg;
		position = take_target(c, &seg->src, seg->dport, seg->sport);
		if (position == NB_SLOTS || !target_observe_received(&c->slots[position].target,
						    &c->rules, c->now_ns, seg))
			answer_late(c, seg);
	} else if (kind == FRAME_ICMP) {
		const struct icmp_quote *quote = &frame.quote;
		position = take_target(c, &quote->dst, quote->sport, quote->dport);
		if (position != NB_SLOTS)
			target_observe_icmp(
				&c->slots[position].target, &c->rules, c->now_ns, quote);
	}
	if (position != NB_SLOTS)
		pump(c, position);
}

// ---- all of it

static void set_rules(struct crowd *c, const struct crowd_config *config) {
	bool is_dns = !config->is_tcp;
	c->head = (struct capfile_head){
		.measure = {.seed = config->seed,
			.epoch = config->epoch,
			.app = is_dns ? &app_dnstcp : &app_tcp,
			.tries = 3,
			.rounds = (uint8_t)config->nb_rounds,
			.has_controls = config->has_controls,
			.timeout_s = 5,
			.mss4 = 1460,
			.mss6 = 1440,
			.laddr4 = scanner4,
			.laddr6 = scanner6,
			.ports = {.first = 32768,
				.count = config->nb_ports ? config->nb_ports : 28000},
			.nb_workers = 1,
			.question_len = is_dns ? sizeof(question_name) : sizeof(http_head) - 1}};
	struct measure *m = &c->head.measure;
	memcpy(m->question, is_dns ? question_name : http_head, m->question_len);
	measure_rules(m, 0, &c->rules);
}

struct crowd *crowd_create(const struct crowd_config *config) {
	struct crowd *c = need(calloc(1, sizeof(*c)));
	struct sim_config sim = {.seed = config->seed,
		.mac = {2, 2},
		.path = config->path,
		.rtt_max_ns = config->rtt_max_ns};
	if (!sim_mix_parse(config->mix, sim.weights))
		abort();
	c->sim_memory = need_large(sim_octets(NB_SIM_CONNS));
	sim_init(&c->sim, &sim, c->sim_memory, NB_SIM_CONNS);
	c->sink = (struct sim_sink){.context = c, .buffer = leaving_buffer, .commit = leave};
	c->now_ns = START_NS;
	c->slots = need_large(NB_SLOTS * sizeof(*c->slots));
	c->free_slots = need(calloc(NB_SLOTS, sizeof(*c->free_slots)));
	c->is_recorded = need(calloc(config->nb_targets, 1));
	c->index_memory = need_large(addrindex_octets(NB_SLOTS));
	return c;
}

void crowd_destroy(struct crowd *c) {
	for (size_t i = 0; i < c->nb_events; i++)
		free(c->heap[i].octets);
	free(c->heap);
	free(c->sim_memory);
	free(c->slots);
	free(c->free_slots);
	free(c->is_recorded);
	free(c->index_memory);
	free(c);
}

// Nothing of ours is left of the scan before: its turns are out of date, its frames come late.
static void begin(struct crowd *c, const struct crowd_config *config, struct crowd_result *result) {
	const struct siphash_key key = {config->seed, config->epoch};
	*result = (struct crowd_result){0};
	c->config = config;
	c->result = result;
	c->nb_launched = 0;
	c->next_launch_ns = c->now_ns;
	c->nb_free = 0;
	for (uint32_t i = NB_SLOTS; i-- > 0;) {
		c->slots[i].state = SLOT_FREE;
		c->slots[i].wake_ns = c->slots[i].queued_ns = CONN_NEVER;
		c->free_slots[c->nb_free++] = i;
	}
	memset(c->index_memory, 0, addrindex_octets(NB_SLOTS));
	addrindex_init(&c->index, c->index_memory, NB_SLOTS, &key);
	memset(c->is_recorded, 0, config->nb_targets);
	set_rules(c, config);
	if (!config->with_rescan)
		return;
	c->nb_packets = 0;
	c->records = need(calloc(config->nb_targets, sizeof(*c->records)));
	c->rescanned = need(calloc(config->nb_targets, sizeof(*c->rescanned)));
	c->rescan = need(rescan_create(&c->head, keep_rescanned, c));
}

static void end_rescan(struct crowd *c) {
	if (c->rescan == NULL)
		return;
	rescan_finish(c->rescan, c->now_ns);
	c->result->rescan = *rescan_counts(c->rescan);
	rescan_destroy(c->rescan);
	for (uint64_t i = 0; i < c->config->nb_targets; i++)
		c->result->nb_rescanned_differently +=
			!is_same_record(&c->records[i], &c->rescanned[i]);
	free(c->records);
	free(c->rescanned);
	c->rescan = NULL;
	c->records = c->rescanned = NULL;
}

// False: nothing is left that could happen.
static bool step(struct crowd *c) {
	uint64_t event_ns = c->nb_events > 0 ? c->heap[0].at_ns : CONN_NEVER;
	uint64_t sim_ns = sim_wake_ns(&c->sim);
	uint64_t launch_ns = may_launch(c) ? c->next_launch_ns : CONN_NEVER;
	if (launch_ns < c->now_ns)
		launch_ns = c->now_ns;
	if (event_ns == CONN_NEVER && sim_ns == SIM_NEVER && launch_ns == CONN_NEVER)
		return false;
	if (launch_ns <= event_ns && launch_ns <= sim_ns) {
		c->now_ns = launch_ns;
		launch_one(c);
	} else if (sim_ns <= event_ns) {
		c->now_ns = sim_ns;
		sim_tick(&c->sim, sim_ns, &c->sink);
	} else {
		struct event e = pop_event(c);
		c->now_ns = e.at_ns;
		if (e.octets == NULL)
			take_turn(c, &e);
		else
			receive(c, &e);
		free(e.octets);
	}
	return true;
}

void crowd_scan(struct crowd *c, const struct crowd_config *config, struct crowd_result *result) {
	uint64_t from_ns = c->now_ns, stop = config->stop_after_frames;
	begin(c, config, result);
	while ((stop == 0 || result->nb_frames_sent < stop) && step(c))
		;
	end_rescan(c);
	result->invented_ns = c->now_ns - from_ns;
}

const struct sim_counters *crowd_counters(const struct crowd *c) {
	return &c->sim.counters;
}
