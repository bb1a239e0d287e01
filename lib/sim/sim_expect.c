#include "lib/sim/sim_expect.h"

#include "lib/sim/sim_rows.h"

#define HELD_ACK_LEAST_NS UINT64_C(100000000)

static void add(const char **list, const char *word) {
	unsigned int i = 0;
	for (; list[i] != NULL; i++) {
		if (strcmp(list[i], word) == 0)
			return;
	}
	assert(i + 1 < SIM_EXPECT_MAX_WORDS);
	list[i] = word;
}

static void add_all(const char **list, const char *const *words) {
	for (; *words != NULL; words++)
		add(list, *words);
}

static bool has(const char *const *list, const char *word) {
	for (; *list != NULL; list++) {
		if (strcmp(*list, word) == 0)
			return true;
	}
	return false;
}

static void leave_out(const char **list, const char *word) {
	while (*list != NULL && strcmp(*list, word) != 0)
		list++;
	for (; *list != NULL; list++)
		list[0] = list[1];
}

static void replace(const char **list, const char *word, const char *by) {
	for (; *list != NULL; list++) {
		if (strcmp(*list, word) == 0)
			*list = by;
	}
}

// ---- the machines whose two keys take turns

// The key that answers SYN number n to the address.
static unsigned int key_of(unsigned int start, unsigned int n) {
	return (start + n) / 2 % 2;
}

static void add_syndata(unsigned int start, const char **words) {
	enum { REQUEST = 1, DATA }; // after the baseline
	if (key_of(start, REQUEST) == key_of(start, DATA)) {
		add(words, ACKED);
		add(words, EARLY);
	} else {
		add(words, NOT_ACKED);
		add(words, REJECTED);
	}
}

// The schedule's controls, each the next SYN: 3 asks in kind 254, 4 has data and no option.
static void add_habits(unsigned int start, const char **words) {
	unsigned int known = key_of(start, 1), n = 5;
	bool is_acked = has(words, ACKED), may_be_third = false;
	add(words, ROTATING); // whatever the order: a request and its data, or two requests, differ
	unsigned int second = key_of(start, n++);
	if (is_acked) {
		n++; // a flipped cookie, refused
	} else if (key_of(start, n++) != second) {
		// from the port that asked for it
		may_be_third = key_of(start, n++) != second;
		if (!may_be_third)
			add(words, "tfo.cookie.port_bound");
	}
	if (key_of(start, n++) == known)
		add(words, SHARED);
	unsigned int third = key_of(start, n++);
	if (may_be_third && key_of(start, n) != third)
		add(words, NEVER_ACCEPTED);
}

// ---- without disturbance

static const char *const *first_words(
	const struct sim_behaviour *row, const struct sim_expect_rules *rules) {
	if (rules->nb_rounds > 1 && row->later_words[0] != NULL)
		return row->later_words;
	return rules->is_tcp && row->tcp_words[0] != NULL ? row->tcp_words : row->words;
}

// Whether the first octets of an answer can be there before our ACK is.
static void compare_times(const struct sim_config *config, const struct ip_addr *addr,
	const struct sim_behaviour *row, const char **words) {
	uint64_t way_ns = sim_rtt_ns(config, addr) + config->synack_delay_ns;
	if (config->answer_delay_ns == 0 || has(words, "tfo.synack.payload"))
		return;
	if (has(row->control_words, EARLY)) { // told by an ACK that is held back
		uint64_t held_ns = 2 * way_ns;
		way_ns += held_ns > HELD_ACK_LEAST_NS ? held_ns : HELD_ACK_LEAST_NS;
	}
	if (config->answer_delay_ns >= way_ns)
		replace(words, EARLY, LATER);
}

static void expect_words(const struct sim_config *config, const struct ip_addr *addr,
	const struct sim_behaviour *row, const struct sim_expect_rules *rules, const char **words) {
	bool is_later = rules->nb_rounds > 1 && rules->has_controls;
	if (is_later && row->later_control_words[0] != NULL) {
		add_all(words, row->later_control_words);
		return;
	}
	add_all(words, first_words(row, rules));
	if (rules->has_one_message)
		leave_out(words, "tfo.answer.duplicate");
	unsigned int start =
		sim_behaviour_draw(sim_behaviour_hash(config, addr), SIM_PURPOSE_TURN, 4);
	if (row->number == SIM_ROWS_TWO_KEYS)
		add_syndata(start, words);
	if (rules->has_controls) {
		add_all(words, row->control_words);
		if (row->number == SIM_ROWS_TWO_KEYS)
			add_habits(start, words);
	}
	compare_times(config, addr, row, words);
}

// ---- with frames lost

static const struct {
	unsigned int number;
	const char *words[12];
} chances[] = {
	{SIM_ROWS_TWO_KEYS, {ACKED, NOT_ACKED, REJECTED, EARLY, LATER}},
	// without a cookie it is never sent the data that it dies of
	{33, {EXP}},
	// the first cookie may be lost on its way
	{9, {ACKED, EARLY, LATER, STABLE, SHARED}},
	{35, {"tfo.failure.icmp"}},
	// the second SYN-ACK may be the first one that is seen
	{41, {ACKED, EARLY, LATER, "tfo.cookie.port_bound"}},
	{46, {"tfo.failure.badack", NOT_ACKED}},
};

static const char *const two_keys_controls[] = {
	STABLE, ROTATING, SHARED, NEVER_ACCEPTED, "tfo.cookie.port_bound", NULL};

static const char *const always[] = {
	WORKS, BROKEN, OFFLINE, TRANSIENT, TIMEOUT, "tfo.failure.stall", NULL};
static const char *const with_rounds[] = {RECOVERED, FLAPPED, NULL};
static const char *const with_controls[] = {"tfo.option.dropped", "tfo.data.dropped",
	"tfo.combo.dropped", "tfo.path.synack_dropped", "tfo.path.syndata_dropped",
	"tfo.path.flow_blackholed", "tfo.path.blacklist_suspect", "tfo.anomaly.challenge_ack",
	NULL};
// octets whose every SYN-ACK was lost have none that they could follow
static const char *const with_cookie[] = {FAILED, ONLY_DATA, "tfo.path.injected", NULL};

static void expect_chances(const struct sim_behaviour *row, const struct sim_expect_rules *rules,
	const char *const *words, const char **by_chance) {
	add_all(by_chance, always);
	if (rules->nb_rounds > 1)
		add_all(by_chance, with_rounds);
	if (rules->has_controls)
		add_all(by_chance, with_controls);
	if (has(words, RECEIVED))
		add_all(by_chance, with_cookie);
	if (has(words, ACKED)) {
		add(by_chance, EARLY);
		add(by_chance, LATER);
	}
	if (rules->has_controls && row->number == SIM_ROWS_TWO_KEYS)
		add_all(by_chance, two_keys_controls);
	for (unsigned int i = 0; i < sizeof(chances) / sizeof(chances[0]); i++) {
		if (chances[i].number == row->number)
			add_all(by_chance, chances[i].words);
	}
}

// Words of an address in one round may be missing, and those of fewer rounds stand instead.
static void add_first_round(const struct sim_behaviour *row, const char **by_chance) {
	if (row->later_words[0] == NULL)
		return;
	add_all(by_chance, row->words);
	add_all(by_chance, row->later_words);
	add_all(by_chance, row->control_words);
}

void sim_expect(const struct sim_config *config, const struct ip_addr *addr,
	const struct sim_expect_rules *rules, struct sim_expected *out) {
	unsigned int variant;
	const struct sim_behaviour *row =
		sim_behaviour_at(config, sim_behaviour_hash(config, addr), &variant);
	*out = (struct sim_expected){0};
	expect_words(config, addr, row, rules, out->words);
	expect_chances(row, rules, out->words, out->by_chance);
	add_first_round(row, out->by_chance);
}
