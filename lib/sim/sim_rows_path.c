#include "lib/sim/sim_emit.h"
#include "lib/sim/sim_option.h"
#include "lib/sim/sim_rows.h"
#include "lib/sim/sim_server.h"

#define BLACKLISTED_NS UINT64_C(120000000000)
#define PROXY_TIMESTAMPS_JUMP 5000000 // between those of the proxy and of the server behind it

static bool is_syn(const struct segment *seg) {
	return (seg->flags & TCP_SYN) != 0;
}

// ---- SYNs that are not answered by a SYN-ACK

static void syn_ignore_option(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	(void)turn;
	if (sim_option_is_odd(syn))
		reply->kind = SIM_SYN_IGNORED;
}

static void syn_ignore_data(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	(void)turn;
	if (syn->data_len > 0)
		reply->kind = SIM_SYN_IGNORED;
}

static void syn_ignore_both(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	(void)turn;
	if (syn->data_len > 0 && sim_option_is_odd(syn))
		reply->kind = SIM_SYN_IGNORED;
}

static void syn_reset_option(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	(void)turn;
	if (sim_option_is_odd(syn))
		reply->kind = SIM_SYN_RESET;
}

static void syn_reset_data(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	(void)turn;
	if (syn->data_len > 0)
		reply->kind = SIM_SYN_RESET;
}

static void syn_unreachable_option(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	(void)turn;
	if (sim_option_is_there(syn))
		reply->kind = SIM_SYN_UNREACHABLE;
}

static void syn_unreachable_once(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	uint64_t *nb_syns = sim_server_recall(turn, SIM_SCOPE_CONN, syn->seq);
	if ((*nb_syns)++ == 0)
		reply->kind = SIM_SYN_UNREACHABLE;
}

static void syn_closed(struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	(void)turn;
	(void)syn;
	reply->kind = SIM_SYN_RESET;
}

// A page for every SYN with data, from a box that lets nothing else through.
static void syn_inject(struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	static const uint8_t page[] = "HTTP/1.1 403 Forbidden\r\n\r\n";
	if (syn->data_len == 0)
		return;
	reply->kind = SIM_SYN_IGNORED;
	struct segment seg = {
		.seq = 0x11111111,
		.ack = syn->seq + 1 + syn->data_len,
		.flags = TCP_PSH | TCP_ACK,
		.window = 1000,
		.data = page,
		.data_len = sizeof(page) - 1,
	};
	sim_emit_segment(turn, NULL, 0, &seg);
}

// ---- somebody who sees no SYN of ours, and guesses: every number is wrong by a little

static void spoof(struct sim_turn *turn, const struct segment *syn) {
	const struct segment guesses[] = {
		{.ack = syn->seq, .flags = TCP_SYN | TCP_ACK, .window = 1},
		{.ack = syn->seq - 0x10000, .flags = TCP_SYN | TCP_ACK, .window = 1},
		{.ack = syn->seq + 0x20000, .flags = TCP_SYN | TCP_ACK, .window = 1},
		{.ack = syn->seq, .flags = TCP_RST | TCP_ACK},
		{.ack = syn->seq + 2 + syn->data_len, .flags = TCP_RST | TCP_ACK},
		{.seq = syn->seq + 1, .flags = TCP_RST},
		{.ack = syn->seq + 1, .flags = TCP_RST}, // a right number without the flag for it
		{.flags = TCP_SYN, .window = 1},
		{.flags = 0},
	};
	for (unsigned int i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++)
		sim_emit_segment(turn, NULL, 0, &guesses[i]);
	sim_emit_unreachable(turn, 1);
	sim_emit_unreachable(turn, 0x80000000);
}

static void syn_spoofed(struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	(void)reply;
	spoof(turn, syn);
}

static void syn_dead_spoofed(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	spoof(turn, syn);
	reply->kind = SIM_SYN_IGNORED;
}

// RSTs and data around the connection, off by one or far away.
static void spoof_open(struct sim_turn *turn, struct sim_conn *c) {
	static const uint8_t octets[20] = {0};
	struct segment rst = {.seq = c->snd_nxt + 1, .flags = TCP_RST};
	struct segment old_rst = {.seq = c->iss, .flags = TCP_RST};
	struct segment data = {.seq = c->snd_nxt,
		.ack = c->rcv_nxt + 0x10000,
		.flags = TCP_ACK,
		.data = octets,
		.data_len = sizeof(octets)};
	sim_emit_segment(turn, c, 0, &rst);
	sim_emit_segment(turn, c, 0, &old_rst);
	sim_emit_segment(turn, c, 0, &data);
}

// ---- what is lost or changed on the way

static bool request_strip(
	struct sim_turn *turn, struct sim_conn *c, struct segment *seg, uint8_t *options) {
	(void)turn;
	(void)c;
	if (is_syn(seg))
		sim_option_strip(seg, options, TCPOPT_KIND_FASTOPEN);
	return true;
}

static bool reply_strip(
	struct sim_turn *turn, struct sim_conn *c, struct segment *seg, uint8_t *options) {
	return request_strip(turn, c, seg, options);
}

// The whole connection is lost with its SYN-ACK.
static bool request_flow_blocked(
	struct sim_turn *turn, struct sim_conn *c, struct segment *seg, uint8_t *options) {
	(void)turn;
	(void)options;
	return is_syn(seg) || !c || c->ack_offset == 0;
}

static bool reply_flow_blocked(
	struct sim_turn *turn, struct sim_conn *c, struct segment *seg, uint8_t *options) {
	(void)turn;
	(void)seg;
	(void)options;
	return !c || c->ack_offset == 0;
}

static bool reply_loses_synack_once(
	struct sim_turn *turn, struct sim_conn *c, struct segment *seg, uint8_t *options) {
	(void)turn;
	(void)options;
	if (!c || c->ack_offset == 0 || !is_syn(seg) || c->was_lost)
		return true;
	c->was_lost = true;
	return false;
}

static bool reply_loses_all_once(
	struct sim_turn *turn, struct sim_conn *c, struct segment *seg, uint8_t *options) {
	(void)turn;
	(void)seg;
	(void)options;
	return !c || c->ack_offset == 0 || c->is_established || c->nb_timeouts > 0;
}

static bool request_loses_syn_once(
	struct sim_turn *turn, struct sim_conn *c, struct segment *seg, uint8_t *options) {
	(void)c;
	(void)options;
	return !is_syn(seg) || (*sim_server_recall(turn, SIM_SCOPE_CONN, seg->seq))++ > 0;
}

// Up from the first SYN with the option on.
static bool request_late_riser(
	struct sim_turn *turn, struct sim_conn *c, struct segment *seg, uint8_t *options) {
	uint64_t *is_up = sim_server_recall(turn, SIM_SCOPE_ADDR, 0);
	(void)c;
	(void)options;
	if (is_syn(seg) && sim_option_is_there(seg))
		*is_up = 1;
	return *is_up == 1;
}

// Down from the first SYN with data on.
static bool request_until_data(
	struct sim_turn *turn, struct sim_conn *c, struct segment *seg, uint8_t *options) {
	uint64_t *is_down = sim_server_recall(turn, SIM_SCOPE_ADDR, 0);
	(void)c;
	(void)options;
	if (is_syn(seg) && seg->data_len > 0)
		*is_down = 1;
	return *is_down == 0;
}

// A client that sent the option is not heard for a while, whatever it sends.
static bool request_blacklist(
	struct sim_turn *turn, struct sim_conn *c, struct segment *seg, uint8_t *options) {
	uint64_t *until_ns = sim_server_recall(turn, SIM_SCOPE_CLIENT, 0);
	(void)c;
	(void)options;
	if (is_syn(seg) && sim_option_is_there(seg))
		*until_ns = turn->now_ns + BLACKLISTED_NS;
	return turn->now_ns >= *until_ns;
}

// ---- a proxy answers the SYN; the server one hop behind it does the rest, with a clock of its own

static void proxy_established(struct sim_turn *turn, struct sim_conn *c) {
	(void)turn;
	c->ts_base += PROXY_TIMESTAMPS_JUMP;
}

static bool reply_of_proxy(
	struct sim_turn *turn, struct sim_conn *c, struct segment *seg, uint8_t *options) {
	(void)turn;
	(void)c;
	(void)options;
	if (!is_syn(seg))
		seg->ttl = SIM_TTL - 1;
	return true;
}

// ---- connections that only the server remembers: under each port, what is to be known of it

#define PORT_IS_NEW UINT64_C(0)
#define PORT_IS_GOOD UINT64_C(1)
#define PORT_IS_DEAD (UINT64_C(1) << 32) // and the number that its ACK names

static void forget_port(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply, bool is_turn) {
	uint64_t *port = sim_server_recall(turn, SIM_SCOPE_PORT, 0);
	if (*port == PORT_IS_NEW)
		*port = is_turn ? PORT_IS_DEAD | (syn->seq - SIM_CHALLENGE_OFFSET) : PORT_IS_GOOD;
	if (*port & PORT_IS_DEAD)
		reply->kind = SIM_SYN_CHALLENGED;
}

static void syn_forgotten(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	bool is_turn = false;
	if (*sim_server_recall(turn, SIM_SCOPE_PORT, 0) == PORT_IS_NEW)
		is_turn = (*sim_server_recall(turn, SIM_SCOPE_ADDR, 0))++ == turn->variant;
	forget_port(turn, syn, reply, is_turn);
}

static void syn_always_forgotten(
	struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply) {
	forget_port(turn, syn, reply, true);
}

static void reset_dead(struct sim_turn *turn, const struct segment *rst) {
	uint64_t *port = sim_server_recall(turn, SIM_SCOPE_PORT, 0);
	if (*port != (PORT_IS_DEAD | rst->seq))
		return;
	*port = PORT_IS_GOOD;
	turn->sim->counters.nb_dead_resets++;
}

const struct sim_behaviour sim_rows_path[] = {
	{SIM_ROWS_DEAD, "dead", 0, .is_dead = true, .words = {OFFLINE}},
	{10, "drops the option", 8, .syn = syn_ignore_option, .words = {BROKEN, TIMEOUT},
		.control_words = {"tfo.option.dropped"}},
	{11, "drops data", 8, .syn = syn_ignore_data,
		.words = {BROKEN, RECEIVED, LENGTH_8, FAILED, TIMEOUT, ONLY_DATA},
		.control_words = {LINUX_CONTROLS, "tfo.data.dropped", "tfo.path.syndata_dropped"}},
	{12, "drops option with data", 8, .syn = syn_ignore_both,
		.words = {BROKEN, RECEIVED, LENGTH_8, FAILED, TIMEOUT, ONLY_DATA},
		.control_words = {LINUX_CONTROLS, "tfo.combo.dropped", "tfo.path.syndata_dropped"}},
	{13, "RST to the option", 8, .syn = syn_reset_option, .words = {BROKEN, "tfo.failure.rst"}},
	{14, "RST to data", 8, .syn = syn_reset_data,
		.words = {BROKEN, RECEIVED, LENGTH_8, FAILED, "tfo.failure.rst", ONLY_DATA},
		.control_words = {LINUX_CONTROLS}},
	{19, "SYN-ACK lost if it acknowledges data", 8, .request_passes = request_flow_blocked,
		.reply_passes = reply_flow_blocked,
		.words = {BROKEN, RECEIVED, LENGTH_8, FAILED, TIMEOUT, ONLY_DATA},
		.control_words = {LINUX_CONTROLS, "tfo.combo.dropped", "tfo.path.flow_blackholed"}},
	{20, "option taken out on the way there", 8, .request_passes = request_strip,
		.words = {WORKS, NOT_RECEIVED}, .control_words = {EXP}},
	{21, "option taken out on the way back", 8, .reply_passes = reply_strip,
		.words = {WORKS, NOT_RECEIVED}, .control_words = {EXP}},
	{27, "each first SYN lost", 8, .request_passes = request_loses_syn_once,
		.words = {AS_LINUX}, .control_words = {LINUX_CONTROLS}},
	{28, "SYN-ACK lost once", 8, .reply_passes = reply_loses_synack_once, .words = {AS_LINUX},
		.control_words = {LINUX_CONTROLS}},
	{28, "SYN-ACK lost once, and what followed it", 8, .reply_passes = reply_loses_all_once,
		.words = {WORKS, RECEIVED, LENGTH_8, ACKED, LATER},
		.tcp_words = {WORKS, RECEIVED, LENGTH_8, ACKED}, // over before the answer comes
		.control_words = {LINUX_CONTROLS}},
	{29, "a fifth of all frames lost", 8, .loss_ppm = SIM_MILLION / 5, .words = {AS_LINUX},
		.control_words = {LINUX_CONTROLS}},
	{30, "baseline dead, then up", 8, .request_passes = request_late_riser,
		.words = {TRANSIENT, RECEIVED, LENGTH_8, ACKED, EARLY},
		.later_words = {AS_LINUX, RECOVERED}, .control_words = {LINUX_CONTROLS}},
	{32, "closed", 0, .is_dead = true, .syn = syn_closed,
		.words = {OFFLINE, "tfo.baseline.closed"}},
	{33, "dies before the data", 8, .request_passes = request_until_data,
		.words = {BROKEN, RECEIVED, LENGTH_8, FAILED, TIMEOUT, ONLY_DATA},
		.later_words = {OFFLINE, RECEIVED, LENGTH_8, FAILED, TIMEOUT, FLAPPED},
		.later_control_words = {OFFLINE, RECEIVED, LENGTH_8, FAILED, TIMEOUT, FLAPPED}},
	{34, "ICMP to the option", 8, .syn = syn_unreachable_option,
		.words = {BROKEN, "tfo.failure.icmp"}},
	{35, "ICMP first", 8, .syn = syn_unreachable_once, .words = {AS_LINUX},
		.control_words = {LINUX_CONTROLS}},
	{36, "blacklists who sends the option", 8, .request_passes = request_blacklist,
		.words = {BROKEN, TIMEOUT}, .later_words = {OFFLINE, FLAPPED},
		.control_words = {"tfo.path.blacklist_suspect"},
		.later_control_words = {BROKEN, TIMEOUT, "tfo.path.blacklist_suspect"}},
	{38, "proxy before it", 0, .has_zero_window = true, .reply_passes = reply_of_proxy,
		.established = proxy_established, .words = {WORKS, NOT_RECEIVED},
		.control_words = {NO_EXP, "tfo.synproxy.suspect"}},
	{39, "injects a page", 8, .syn = syn_inject,
		.words = {BROKEN, RECEIVED, LENGTH_8, FAILED, TIMEOUT, ONLY_DATA,
			"tfo.path.injected"},
		.control_words = {LINUX_CONTROLS, "tfo.data.dropped", "tfo.path.syndata_dropped"}},
	{46, "somebody guesses", 8, .syn = syn_spoofed, .established = spoof_open,
		.words = {AS_LINUX}, .control_words = {LINUX_CONTROLS}},
	{46, "somebody guesses for the dead", 0, .is_dead = true, .syn = syn_dead_spoofed,
		.words = {OFFLINE}},
	{0, "a connection we forgot", 8, .syn = syn_forgotten, .reset = reset_dead,
		.nb_variants = 3, .words = {AS_LINUX, "tfo.anomaly.challenge_ack"},
		.control_words = {LINUX_CONTROLS}},
	{0, "connections we forgot", 8, .syn = syn_always_forgotten, .reset = reset_dead,
		.words = {AS_LINUX, "tfo.anomaly.challenge_ack"},
		.control_words = {LINUX_CONTROLS}},
};
const unsigned int sim_rows_path_nb = sizeof(sim_rows_path) / sizeof(sim_rows_path[0]);
