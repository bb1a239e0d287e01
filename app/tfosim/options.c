#include "app/tfosim/options.h"

#include "app/option_value.h"

#include <stdio.h>
#include <string.h>

#define MAX_CONNS 10000000u
#define MAX_DELAYED 16777216u

static const char *take_mix(struct options *o, const char *value) {
	o->mix = value;
	if (sim_mix_parse(value, o->config.weights))
		return NULL;
	return "must be realistic, even, answering, a number from 0 to 46, or "
	       "NUMBER:WEIGHT,NUMBER:WEIGHT,…";
}

static const char *take_seed(struct options *o, const char *value) {
	return value_number(value, 0, UINT64_MAX, &o->config.seed);
}

static const char *take_loss(struct options *o, const char *value) {
	const char *wrong = value_percent(value, &o->config.path.loss_in_ppm);
	o->config.path.loss_out_ppm = o->config.path.loss_in_ppm;
	return wrong;
}

static const char *take_loss_in(struct options *o, const char *value) {
	return value_percent(value, &o->config.path.loss_in_ppm);
}

static const char *take_loss_out(struct options *o, const char *value) {
	return value_percent(value, &o->config.path.loss_out_ppm);
}

static const char *take_duplicate(struct options *o, const char *value) {
	return value_percent(value, &o->config.path.duplicate_ppm);
}

static const char *take_reorder(struct options *o, const char *value) {
	return value_percent(value, &o->config.path.reorder_ppm);
}

static const char *take_reorder_time(struct options *o, const char *value) {
	return value_time(value, &o->config.path.reorder_ns);
}

static const char *take_corrupt(struct options *o, const char *value) {
	return value_percent(value, &o->config.path.corrupt_ppm);
}

static const char *take_rtt(struct options *o, const char *value) {
	return value_time_range(value, &o->config.rtt_min_ns, &o->config.rtt_max_ns);
}

static const char *take_delay(struct options *o, const char *value) {
	return value_time(value, &o->config.synack_delay_ns);
}

static const char *take_answer_delay(struct options *o, const char *value) {
	return value_time(value, &o->config.answer_delay_ns);
}

static const char *take_mac(struct options *o, const char *value) {
	return value_own_mac(value, o->config.mac);
}

static const char *take_connections(struct options *o, const char *value) {
	return value_u32(value, 1, MAX_CONNS, &o->nb_conns);
}

static const char *take_in_flight(struct options *o, const char *value) {
	return value_u32(value, 64, MAX_DELAYED, &o->nb_delayed);
}

static const char *take_queues(struct options *o, const char *value) {
	uint32_t nb = 0;
	const char *wrong = value_u32(value, 1, OPTIONS_MAX_QUEUES, &nb);
	o->nb_queues = nb;
	return wrong;
}

static const char *take_spread(struct options *o, const char *value) {
	o->is_unspread = strcmp(value, "one") == 0;
	return o->is_unspread || strcmp(value, "toeplitz") == 0 ? NULL : "must be toeplitz or one";
}

static const char *take_capacity(struct options *o, const char *value) {
	return value_u32(value, 1000, 100000000, &o->capacity_pps);
}

static const char *take_duration(struct options *o, const char *value) {
	const char *wrong = value_time(value, &o->duration_ns);
	return !wrong && o->duration_ns == 0 ? "must be more than nothing" : wrong;
}

static const char *take_expect(struct options *o, const char *value) {
	(void)value;
	o->is_expect = true;
	return NULL;
}

static const char *take_targets(struct options *o, const char *value) {
	return value_file(o->targets, &o->nb_targets, value);
}

static const char *take_rounds(struct options *o, const char *value) {
	uint32_t nb = 0;
	const char *wrong = value_u32(value, 1, 3, &nb);
	o->rules.nb_rounds = nb;
	return wrong;
}

static const char *take_controls(struct options *o, const char *value) {
	(void)value;
	o->rules.has_controls = true;
	return NULL;
}

static const char *take_connect(struct options *o, const char *value) {
	const struct app *app = app_by_name(value);
	if (app == NULL)
		return "must be dnstcp, http, tls or tcp";
	o->rules.is_tcp = !app->answer_wanted;
	o->rules.has_one_message = app == &app_http || app == &app_tls;
	return NULL;
}

static const char *take_tcp(struct options *o, const char *value) {
	(void)value;
	return take_connect(o, app_tcp.name);
}

static const char *take_output(struct options *o, const char *value) {
	o->output = strcmp(value, "-") == 0 ? NULL : value;
	return *value ? NULL : "must not be empty";
}

static const char *take_quiet(struct options *o, const char *value) {
	(void)value;
	o->is_quiet = true;
	return NULL;
}

static const char *take_verbose(struct options *o, const char *value) {
	(void)value;
	o->is_verbose = true;
	return NULL;
}

// Rows say what they have; the rest is NULL.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

static const struct option_row rows[] = {
	{0, "mix", "MIX", "realistic (default), even, answering, N, or N:WEIGHT,N:WEIGHT,…",
		take_mix, .section = "Options"},
	{'e', "seed", "N", "fixes what stands at every address (1)", take_seed},
	{0, "rtt", "A-B", "there and back, different for every address: 1ms-40ms (0)", take_rtt},
	{0, "delay", "TIME", "on top of it, for SYN-ACKs (0)", take_delay},
	{0, "answer-delay", "TIME", "until an application has its answer (0)", take_answer_delay},
	{0, "loss", "PERCENT", "of the frames are lost, each way (0)", take_loss},
	{0, "loss-in", "PERCENT", "of the frames to the servers", take_loss_in},
	{0, "loss-out", "PERCENT", "of the frames from them", take_loss_out},
	{0, "duplicate", "PERCENT", "come twice, each way (0)", take_duplicate},
	{0, "reorder", "PERCENT", "of the frames from the servers are held up (0)", take_reorder},
	{0, "reorder-time", "TIME", "for so long (1ms)", take_reorder_time},
	{0, "corrupt", "PERCENT", "of the frames from the servers have a wrong bit (0)",
		take_corrupt},
	{0, "mac", "MAC", "at which all addresses are found (02:00:00:00:00:02)", take_mac},
	{0, "connections", "N", "that are remembered, the oldest leaves (100000)",
		take_connections},
	{0, "in-flight", "N", "frames that are under way at a time (65536)", take_in_flight},
	{0, "queues", "N", "as many as the scanner has workers (1)", take_queues},
	{0, "spread", "HOW", "over the queues: toeplitz (default), or one: all on the first",
		take_spread},
	{0, "capacity", "PPS", "frames that a bottleneck before all servers lets pass (any)",
		take_capacity},
	{0, "duration", "TIME", "then it ends by itself", take_duration},
	{0, "expect", NULL, "no port: what must be found at each target, as NDJSON", take_expect},
	{0, "targets", "FILE", "with --expect: as for dpdk-tfoscan; - for stdin", take_targets},
	{0, "rounds", "N", "with --expect: those of the scan (3)", take_rounds},
	{0, "controls", NULL, "with --expect: the scan makes them", take_controls},
	{0, "connect", "APP", "with --expect: that of the scan (dnstcp)", take_connect},
	{0, "tcp", NULL, "the same as --connect tcp", take_tcp},
	{'o', "output", "FILE", "with --expect: a new file; - for stdout (default)", take_output},
	{'q', "quiet", NULL, "no counters at the end", take_quiet},
	{'v', "verbose", NULL, "DPDK's own messages, too", take_verbose},
	{'h', "help", NULL, "this text", NULL},
	{'V', "version", NULL, "version", NULL},
};

static const struct option_table table = {
	.rows = rows,
	.nb_rows = sizeof(rows) / sizeof(rows[0]),
	.brief = "simulated Internet for dpdk-tfoscan",
	.usage = "tfosim EAL-options -- [options]\n"
		 "tfosim --expect [options] [address …]\n",
	.about =
		"A simulated Internet behind a DPDK port: a server, or what stands in front of it, "
		"at\nevery address of both families, to try a scanner against.\n",
	.tail = "Exit: 0 done; 1 cannot start or go on; 2 usage; 4 frames were lost that should "
		"not.\ndocs/simulator.md says more.\n",
};

const struct option_table *options_table(void) {
	return &table;
}

static enum options_result check_together(const struct options *o) {
	bool has_targets = o->nb_targets > 0 || o->nb_addresses > 0;
	bool has_rules =
		o->rules.has_controls || o->rules.is_tcp || o->rules.has_one_message || o->output;
	if (!o->is_expect && (has_targets || has_rules))
		return option_table_bad("targets, --controls, --connect and -o go with --expect");
	return OPTIONS_RUN;
}

enum options_result options_read(int argc, char **argv, struct options *o) {
	*o = (struct options){
		.config = {.seed = 1, .path = {.reorder_ns = 1000000}, .mac = {2, 0, 0, 0, 0, 2}},
		.nb_conns = SIM_DEFAULT_CONNS,
		.nb_delayed = 65536,
		.nb_queues = 1,
		.rules = {.nb_rounds = 3},
	};
	take_mix(o, "realistic");
	static struct option_settings settings; // nobody asks
	int nb = 0;
	enum options_result result = option_table_read(&table, argc, argv, o, &settings, &nb);
	if (result != OPTIONS_RUN)
		return result;
	o->addresses = (const char *const *)(argv + 1);
	o->nb_addresses = (unsigned int)nb;
	return check_together(o);
}
