#include "app/options.h"

#include "app/option_value.h"
#include "lib/iface_nic.h"
#include "lib/inflight.h"
#include "lib/jobline.h"
#include "lib/shard.h"
#include "lib/tfo/conditions.h"

#include <string.h>

static const char *take_targets(struct options *o, const char *value) {
	return value_file(o->targets, &o->nb_targets, value);
}

static const char *take_connect(struct options *o, const char *value) {
	o->app = app_by_name(value);
	return o->app ? NULL : "must be dnstcp, http, tls or tcp";
}

static const char *take_payload(struct options *o, const char *value) {
	o->payload_path = value;
	return NULL;
}

static const char *take_target_port(struct options *o, const char *value) {
	return value_port(value, &o->target_port);
}

static const char *take_domain(struct options *o, const char *value) {
	uint8_t wire[JOBLINE_DOMAIN_MAX_OCTETS], wire_len;
	enum jobline_result result = jobline_domain(value, strlen(value), wire, &wire_len);
	o->domain = value;
	return result == JOBLINE_TARGET ? NULL : jobline_mend(result);
}

static const char *take_probe_id(struct options *o, const char *value) {
	o->probe_id = value;
	return jobline_is_host_label(value, strlen(value))
		       ? NULL
		       : "must be a label of 1 to 63 letters, digits and hyphens, none of these at "
			 "an end";
}

static const char *take_interface(struct options *o, const char *value) {
	o->interface = value;
	return value_interface(value);
}

static const char *take_pci(struct options *o, const char *value) {
	o->pci = value;
	return iface_nic_is_pci(value) ? NULL
				       : "must be the address of a PCI device (0000:01:00.0)";
}

static const char *take_driver(struct options *o, const char *value) {
	o->driver = strcmp(value, "af_xdp") == 0 ? DRIVER_AF_XDP : DRIVER_AF_PACKET;
	bool is_known = o->driver == DRIVER_AF_XDP || strcmp(value, "af_packet") == 0;
	return is_known ? NULL : "must be af_packet or af_xdp";
}

static const char *take_source_ip(struct options *o, const char *value) {
	struct source_option source = {.is_given = true};
	const char *wrong = value_prefix(value, &source.addr, &source.prefix_bits);
	if (wrong)
		return wrong;
	struct source_option *place = addr_is_v4(&source.addr) ? &o->source4 : &o->source6;
	if (place->is_given)
		return "is given twice for one family: one address of each is enough";
	*place = source;
	return NULL;
}

static const char *take_source_port(struct options *o, const char *value) {
	return value_port_range(value, &o->source_port_first, &o->source_port_last);
}

static const char *take_gateway(struct options *o, const char *value) {
	if (value_mac(value, o->gateway_mac) == NULL) {
		o->has_gateway_mac = true;
		return NULL;
	}
	struct ip_addr addr;
	int bits;
	if (strchr(value, '/') || value_prefix(value, &addr, &bits) != NULL)
		return "must be a MAC (02:00:00:00:00:01) or an address";
	*(addr_is_v4(&addr) ? &o->gateway4 : &o->gateway6) = addr;
	*(addr_is_v4(&addr) ? &o->has_gateway4 : &o->has_gateway6) = true;
	return NULL;
}

static const char *take_source_mac(struct options *o, const char *value) {
	o->has_source_mac = true;
	return value_own_mac(value, o->source_mac);
}

static const char *take_rss_key(struct options *o, const char *value) {
	o->has_rss_key = true;
	return value_rss_key(value, o->rss_key);
}

static const char *take_no_offloads(struct options *o, const char *value) {
	(void)value;
	o->no_offloads = true;
	return NULL;
}

static const char *take_kernel_owns_source(struct options *o, const char *value) {
	(void)value;
	o->kernel_owns_source = true;
	return NULL;
}

static const char *take_output(struct options *o, const char *value) {
	o->output = value;
	return NULL;
}

static const char *take_overwrite(struct options *o, const char *value) {
	(void)value;
	o->overwrite = true;
	return NULL;
}

static const char *take_conditions(struct options *o, const char *value) {
	o->seed_conditions_only = strcmp(value, "seed") == 0;
	return o->seed_conditions_only || strcmp(value, "all") == 0 ? NULL : "must be seed or all";
}

static const char *take_output_flows(struct options *o, const char *value) {
	(void)value;
	o->output_flows = true;
	return NULL;
}

static const char *take_records(struct options *o, const char *value) {
	o->answered_only = strcmp(value, "answered") == 0;
	return o->answered_only || strcmp(value, "all") == 0 ? NULL : "must be all or answered";
}

static const char *take_collectors(struct options *o, const char *value) {
	return value_u32(value, 1, COLLECTORS_MAX, &o->nb_collectors);
}

static const char *take_raw_cookies(struct options *o, const char *value) {
	(void)value;
	o->raw_cookies = true;
	return NULL;
}

static const char *take_read_pcap(struct options *o, const char *value) {
	o->read_pcap = value;
	return NULL;
}

static const char *take_write_pcap(struct options *o, const char *value) {
	o->write_pcap = value;
	return NULL;
}

static const char *take_write_pcap_filter(struct options *o, const char *value) {
	o->write_pcap_filter = value;
	bool is_known = condition_by_word(value, strlen(value)) != NB_CONDITIONS;
	return is_known ? NULL : "is no word of a record (docs/results.md has them)";
}

static const char *take_rate(struct options *o, const char *value) {
	return value_rate(value, &o->rate_pps);
}

static const char *take_bandwidth(struct options *o, const char *value) {
	return value_bandwidth(value, &o->bandwidth_bps);
}

static const char *take_max_per_prefix(struct options *o, const char *value) {
	return value_rate(value, &o->max_per_prefix);
}

static const char *take_blocklist(struct options *o, const char *value) {
	return value_file(o->blocklists, &o->nb_blocklists, value);
}

static const char *take_allowlist(struct options *o, const char *value) {
	return value_file(o->allowlists, &o->nb_allowlists, value);
}

static const char *take_no_default_blocklist(struct options *o, const char *value) {
	(void)value;
	o->no_default_blocklist = true;
	return NULL;
}

static const char *take_seed(struct options *o, const char *value) {
	o->has_seed = true;
	return value_number(value, 0, UINT64_MAX, &o->seed);
}

static const char *take_shards(struct options *o, const char *value) {
	return value_u32(value, 1, SHARD_MAX_SHARDS, &o->nb_shards);
}

static const char *take_shard(struct options *o, const char *value) {
	o->has_shard = true;
	return value_u32(value, 0, SHARD_MAX_SHARDS - 1, &o->shard);
}

static const char *take_max_targets(struct options *o, const char *value) {
	return value_number(value, 1, UINT64_MAX, &o->max_targets);
}

static const char *take_max_runtime(struct options *o, const char *value) {
	return value_u32(value, 1, 100000000, &o->max_runtime_s);
}

static const char *take_cooldown(struct options *o, const char *value) {
	return value_u32(value, 0, 3600, &o->cooldown_s);
}

static const char *take_max_in_flight(struct options *o, const char *value) {
	return value_u32(value, INFLIGHT_LEAST_ASKED, INFLIGHT_MOST_IN_FLIGHT, &o->max_in_flight);
}

static const char *take_max_answered(struct options *o, const char *value) {
	return value_u32(value, INFLIGHT_LEAST_ASKED, INFLIGHT_MOST_ANSWERED, &o->max_answered);
}

static const char *take_job_memory(struct options *o, const char *value) {
	return value_u32(value, 2, 1u << 20, &o->job_memory_mib);
}

static const char *take_pcap_buffer(struct options *o, const char *value) {
	return value_u32(value, 1, 1u << 20, &o->pcap_buffer_mib);
}

static const char *take_tries(struct options *o, const char *value) {
	uint32_t tries = 0;
	const char *wrong = value_u32(value, 1, 8, &tries);
	o->tries = (uint8_t)tries;
	return wrong;
}

static const char *take_timeout(struct options *o, const char *value) {
	return value_u32(value, 1, 60, &o->timeout_s);
}

static const char *take_rounds(struct options *o, const char *value) {
	uint32_t rounds = 0;
	const char *wrong = value_u32(value, 1, 3, &rounds);
	o->rounds = (uint8_t)rounds;
	return wrong;
}

static const char *take_controls(struct options *o, const char *value) {
	(void)value;
	o->controls = true;
	return NULL;
}

static const char *take_placebo(struct options *o, const char *value) {
	return value_share(value, &o->placebo_share);
}

static const char *take_status_updates(struct options *o, const char *value) {
	o->status_updates = value;
	return NULL;
}

static const char *take_dry_run(struct options *o, const char *value) {
	(void)value;
	o->dry_run = true;
	return NULL;
}

static const char *take_config(struct options *o, const char *value) {
	o->config = value;
	return NULL;
}

static const char *take_print_config(struct options *o, const char *value) {
	(void)value;
	o->print_config = true;
	return NULL;
}

static const char *take_check(struct options *o, const char *value) {
	(void)value;
	o->check = true;
	return NULL;
}

static const char *take_save(struct options *o, const char *value) {
	(void)value;
	o->save = true;
	return NULL;
}

static const char *take_log_file(struct options *o, const char *value) {
	o->log_file = value;
	return NULL;
}

static const char *take_checkpoint(struct options *o, const char *value) {
	o->checkpoint = value;
	return NULL;
}

static const char *take_resume(struct options *o, const char *value) {
	o->resume = value;
	return NULL;
}

static const char *take_metadata_file(struct options *o, const char *value) {
	o->metadata_file = value;
	return NULL;
}

static const char *take_notes(struct options *o, const char *value) {
	o->notes = value;
	return NULL;
}

static const char *take_quiet(struct options *o, const char *value) {
	(void)value;
	o->quiet = true;
	return NULL;
}

static const char *take_verbose(struct options *o, const char *value) {
	(void)value;
	o->verbose++;
	return NULL;
}

static const char *take_list_conditions(struct options *o, const char *value) {
	(void)value;
	o->list_conditions = true;
	return NULL;
}

// Rows say what they have; the rest is NULL.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

// One row an option, and nothing else anywhere: --help, the manual page, the completions,
// --print-config and config/tfoscan.conf are made of it.
static const struct option_row rows[] = {
	{0, "targets", "FILE",
		"targets, one a line: address, network, JSON job; - for stdin; .csv, .gz, .zst",
		take_targets, .section = "Targets", .repeats = true,
		.text = "An address may have a port: 192.0.2.1:53, [2001:db8::1]:53. What a file "
			"holds goes by its name: .csv is dip,dp,domain,rank, .gz and .zst are "
			"unpacked. Without it, and without an address on the command line, targets "
			"are read "
			"from stdin, unless that is a terminal. May be given several times."},
	{0, "connect", "APP",
		"dnstcp: an A query, port 53; http: HEAD, 80; tls: ClientHello, 443; tcp: 80, no "
		"answer needed",
		take_connect, .is_of_scan = true, .standard = "dnstcp",
		.words = "dnstcp http tls tcp"},
	{0, "payload", "FILE", "with --connect tcp: what to send; else HEAD / HTTP/1.0",
		take_payload},
	{'p', "target-port", "PORT", "for targets that name none", take_target_port,
		.is_of_scan = true},
	{0, "domain", "NAME", "to ask for (http: Host, tls: SNI) where the target names none",
		take_domain, .is_of_scan = true, .standard = "example.com"},
	{0, "probe-id", "LABEL", "names the scan: LABEL.example.com is asked for", take_probe_id,
		.is_of_scan = true,
		.text = "With --connect dnstcp. The label stands in front of every domain, those "
			"of jobs, too; records keep the job's own."},
	{'n', "max-targets", "N", "stop launching after so many", take_max_targets,
		.is_of_scan = true},
	{'b', "blocklist-file", "FILE", "networks never to probe, besides the built-in list",
		take_blocklist, .repeats = true,
		.text = "Addresses, networks and ranges, # begins a comment: ZMap's and masscan's "
			"files, and IPv6, too. May be given several times. SIGHUP reads them "
			"again."},
	{'w', "allowlist-file", "FILE", "networks that alone may be probed", take_allowlist,
		.repeats = true,
		.text = "In the same form; who is also on a blocklist is not probed. If no targets "
			"are named its networks are the targets."},
	{0, "no-default-blocklist", NULL, "without the built-in list (for a lab)",
		take_no_default_blocklist, .is_of_scan = true,
		.text = "The built-in list is config/blocklist.conf: IANA's special-purpose "
			"networks, IPv4 and IPv6."},

	{'i', "interface", "IF", "a kernel interface, shared with the host", take_interface,
		.section = "How frames leave",
		.text = "DPDK's options are made from it: no PCI, a file prefix of its own, "
			"hugepages if there are any, and two lcores if no others are named."},
	{0, "pci", "ADDRESS", "a NIC that is bound to DPDK (0000:01:00.0); else what -a says",
		take_pci},
	{0, "driver", "NAME", "for -i: af_packet or af_xdp", take_driver, .standard = "af_packet",
		.words = "af_packet af_xdp"},
	{'S', "source-ip", "A[/LEN]",
		"source address, one that no kernel owns; once for IPv4, once for IPv6",
		take_source_ip, .repeats = true},
	{'s', "source-port", "A-B", "local ports", take_source_port, .standard = "32768-61000"},
	{'G', "gateway", "MAC|IP", "next hop; else the kernel's default route of -i", take_gateway,
		.repeats = true, .text = "Once for IPv4 and once for IPv6 if they differ."},
	{0, "source-mac", "MAC", "else one of our own (-i), or the port's", take_source_mac},
	{0, "rss-key", "HEX", "who spreads frames over our queues hashes with it; else the port's",
		take_rss_key},
	{0, "no-offloads", NULL, "checksums in software, though the NIC can make them",
		take_no_offloads},
	{0, "kernel-owns-source", NULL, "go on although the kernel owns the source address",
		take_kernel_owns_source,
		.text = "A kernel that owns it answers SYN-ACKs with RSTs, unless it is kept from "
			"that."},

	{'r', "rate", "PPS", "frames a second, all told; 0: no limit", take_rate,
		.section = "How fast, how much", .standard = "10000",
		.text = "With a unit: 10k, 1.5M. A rate above 50,000 is climbed to, and taken back "
			"when answers are lost."},
	{'B', "bandwidth", "BITS", "a second, the framing of Ethernet included: 100M, 10G",
		take_bandwidth,
		.text = "As ZMap counts: a SYN with preamble, checksum and gap between frames. "
			"It takes the place of the default rate; of -r and -B the lower one "
			"counts."},
	{0, "max-per-prefix", "PPS", "frames a second to one /24, or /48 of IPv6; 0: no limit",
		take_max_per_prefix, .standard = "0",
		.text = "Who waits for that is in nobody's way. A network that says no (ICMP "
			"administratively prohibited, a jump of RSTs) is slowed down without it, "
			"too."},
	{'t', "max-runtime", "S", "stop launching after so many seconds", take_max_runtime,
		.text = "What is in flight ends."},
	{'c', "cooldown", "S", "count late frames so long after the last verdict", take_cooldown,
		.standard = "8"},
	{'e', "seed", "N", "fixes the order of the targets, and the shards", take_seed,
		.text = "Ports and numbers follow from it and the time of the start. Without it a "
			"random one is taken, and said."},
	{0, "shards", "N", "the scan is cut into so many parts, all with the same -e", take_shards,
		.is_of_scan = true, .standard = "1",
		.text = "To which part a target belongs is a hash of its address and port: the "
			"parts are disjoint and together complete."},
	{0, "shard", "I", "which of them this is, from 0", take_shard},
	{0, "max-in-flight", "N", "targets at a time; else by -r and the memory that is there",
		take_max_in_flight},
	{0, "max-answered", "N", "of these, that have answered; else up to an eighth",
		take_max_answered},
	{0, "job-memory", "MIB", "for the text of jobs under way", take_job_memory,
		.standard = "2048"},

	{0, "tries", "K", "SYNs a connection, 1 to 8", take_tries, .is_of_scan = true,
		.section = "Measurement", .standard = "3"},
	{0, "timeout", "S", "for a complete answer", take_timeout, .is_of_scan = true,
		.standard = "5"},
	{0, "rounds", "N", "1 to 3: what may be chance is measured again", take_rounds,
		.is_of_scan = true, .standard = "3"},
	{0, "controls", NULL, "further connections that tell what is dropped, and why",
		take_controls, .is_of_scan = true},
	{0, "placebo", "SHARE",
		"of the answering targets are measured again without Fast Open; 0: off",
		take_placebo, .is_of_scan = true, .standard = "0.01"},

	{'o', "output", "FILE",
		"records, one JSON object a line; - for stdout; FILE.zst: compressed", take_output,
		.section = "Output", .standard = "-",
		.text = "A file that is not empty is refused without --overwrite or --resume."},
	{0, "overwrite", NULL, "write to a file that is not empty", take_overwrite},
	{0, "records", "SET", "all; answered: silent targets get a bit in FILE.silent, no line",
		take_records, .is_of_scan = true, .standard = "all", .words = "all answered"},
	{0, "collectors", "N", "lcores that write records, main's one of them", take_collectors,
		.standard = "1"},
	{0, "conditions", "SET", "all; seed: PATHspider's words only", take_conditions,
		.is_of_scan = true, .standard = "all", .words = "seed all"},
	{0, "output-flows", NULL, "PATHspider's flow_results: what each connection looked like",
		take_output_flows, .is_of_scan = true},
	{0, "raw-cookies", NULL, "cookies as they are, not hashed", take_raw_cookies,
		.is_of_scan = true},
	{0, "read-pcap", "FILE",
		"no scan: records of the connections in a capture of any client; - for stdin",
		take_read_pcap, .is_of_call = true},
	{0, "write-pcap", "FILE", "capture what passes, so that --read-pcap gives the same records",
		take_write_pcap},
	{0, "write-pcap-filter", "WORD", "of targets with this condition alone",
		take_write_pcap_filter},
	{0, "pcap-buffer", "MIB", "for frames that wait for the file, or for a verdict",
		take_pcap_buffer, .standard = "256"},

	{0, "checkpoint", "FILE", "written every two seconds: what --resume needs after a crash",
		take_checkpoint, .section = "How it goes",
		.text = "It needs an output that is a file. One that is there is refused without "
			"--overwrite."},
	{0, "resume", "FILE", "go on with the scan of this checkpoint, and write it on",
		take_resume, .is_of_call = true,
		.text = "Lists and options must be as they were, but for the rate and others that "
			"do not change what is measured. In the end every target has exactly one "
			"record."},
	{'m', "metadata-file", "FILE", "how the scan was made and how it went, as JSON",
		take_metadata_file,
		.text = "Written before the first frame, at each checkpoint and at the end; "
			"docs/results.md has the keys."},
	{0, "notes", "TEXT", "goes into the metadata as it is", take_notes},
	{0, "log-file", "FILE", "what goes to stderr is added to it, too, each line with its time",
		take_log_file,
		.text = "Lines of DPDK itself, and those of a call that is refused for its usage, "
			"go to stderr alone."},
	{'u', "status-updates-file", "FILE", "CSV, a row a second, with ZMap's columns",
		take_status_updates,
		.text = "A file that is not empty is refused without --overwrite."},
	{'q', "quiet", NULL, "no status line, no summary", take_quiet},
	{'v', "verbose", NULL, "all counters at the end, and DPDK's own messages", take_verbose,
		.repeats = true},
	{'d', "dry-run", NULL, "send nothing: one line a target, then totals", take_dry_run,
		.is_of_call = true},
	{0, "check", NULL, "send nothing: what ports can do, what is missing, and what mends it",
		take_check, .is_of_call = true},
	{0, "save", NULL, "with --check and -i: keep its addresses for when it is bound to DPDK",
		take_save, .is_of_call = true},
	{'C', "config", "FILE",
		"options, one a line: NAME = VALUE; else /etc/dpdk-tfoscan/tfoscan.conf",
		take_config, .is_of_call = true,
		.text = "What the command line says counts for more. The usual file need not be "
			"there."},
	{0, "print-config", NULL, "send nothing: all options as a file for -C, and who set them",
		take_print_config, .is_of_call = true,
		.text = "An option that nobody set stands there as a comment. Targets that are "
			"arguments, and DPDK's options, are no part of it."},
	{0, "list-conditions", NULL, "the words that a record can hold, one a line",
		take_list_conditions, .is_of_call = true,
		.text = "In the order in which records have them; with --conditions seed its words "
			"alone. What each means says docs/results.md."},
	{'h', "help", NULL, "this text", NULL, .is_of_call = true},
	{'V', "version", NULL, "its version, and that of DPDK", NULL, .is_of_call = true},
	{0, "dryrun", NULL, NULL, take_dry_run},
	{0, "cooldown-time", "S", NULL, take_cooldown},
	{0, "wait", "S", NULL, take_cooldown},
	{0, "output-file", "FILE", NULL, take_output},
	{0, "target-ports", "PORT", NULL, take_target_port},
	{0, "input", "FILE", NULL, take_targets},
	{'I', "list-of-ips-file", "FILE", NULL, take_targets},
	{0, "excludefile", "FILE", NULL, take_blocklist},
	{0, "blacklist-file", "FILE", NULL, take_blocklist},
	{0, "whitelist-file", "FILE", NULL, take_allowlist},
	{0, "router-mac", "MAC", NULL, take_gateway},
	{0, "gateway-mac", "MAC", NULL, take_gateway},
	{0, "probes", "K", NULL, take_tries},
};

static const struct option_table table = {
	.rows = rows,
	.nb_rows = sizeof(rows) / sizeof(rows[0]),
	.brief = "scan for TCP Fast Open, and for what breaks it",
	.usage = "dpdk-tfoscan [EAL options] -- [options] [address or network …]\n"
		 "dpdk-tfoscan -i IF [options] [address or network …]\n",
	.about = "Finds out for every target whether TCP Fast Open works, is ignored, or breaks "
		 "the\nconnection. Records go to stdout, one JSON object a line; the rest to "
		 "stderr.\n",
	.tail = "Exit: 0 done; 1 cannot start or go on; 2 usage; 3 interrupted; 4 own loss.\n"
		"docs/results.md defines every key and word of a record; docs/ethics.md is to be "
		"read\nbefore a scan of the Internet.\n",
};

const struct option_table *options_table(void) {
	return &table;
}

bool options_is_of_nic(const char *name) {
	static const char *const names[] = {"pci", "source-ip", "source-mac", "gateway"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}
