// The command line, read and checked: what can be said without looking at the machine.
#pragma once

#include "app/option_table.h"
#include "app/option_value.h"
#include "lib/tcpstack/addr.h"
#include "lib/tcpstack/frame.h"
#include "lib/tfo/app.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum driver {
	DRIVER_AF_PACKET,
	DRIVER_AF_XDP,
};

// Main and other lcores that take records and write them.
#define COLLECTORS_MAX 16

struct source_option {
	bool is_given;
	struct ip_addr addr;
	int prefix_bits; // -1: not given
};

struct options {
	const char *targets[VALUE_MAX_FILES];
	unsigned int nb_targets;
	const char *const *addresses; // the arguments that are no options
	unsigned int nb_addresses;

	const struct app *app;
	const char *payload_path;
	uint16_t target_port; // 0: the default of app
	const char *domain;
	const char *probe_id; // the label in front of every domain that is asked for; NULL: none

	const char *interface;
	const char *pci; // of a NIC bound to DPDK; NULL: as the EAL options have it
	enum driver driver;
	struct source_option source4, source6;
	uint16_t source_port_first, source_port_last;
	bool has_gateway_mac, has_gateway4, has_gateway6;
	uint8_t gateway_mac[MAC_OCTETS];
	struct ip_addr gateway4, gateway6;
	bool has_source_mac;
	uint8_t source_mac[MAC_OCTETS];
	bool kernel_owns_source;
	bool has_rss_key;
	uint8_t rss_key[VALUE_RSS_KEY_OCTETS];
	bool no_offloads;

	const char *output; // "-": stdout
	unsigned int nb_collectors;
	bool answered_only; // silent targets have a bit in place of a record
	bool overwrite, seed_conditions_only, output_flows, raw_cookies;
	const char *read_pcap;	       // NULL: a scan; "-": stdin
	const char *write_pcap;	       // NULL: no capture
	const char *write_pcap_filter; // a condition; NULL: all frames
	uint32_t pcap_buffer_mib;

	double rate_pps;       // 0: no limit
	double bandwidth_bps;  // 0: none was given
	double max_per_prefix; // frames a second to one network; 0: no limit
	const char *blocklists[VALUE_MAX_FILES];
	unsigned int nb_blocklists;
	bool no_default_blocklist;
	const char *allowlists[VALUE_MAX_FILES];
	unsigned int nb_allowlists;
	bool has_seed;
	uint64_t seed;
	unsigned int nb_shards, shard; // 1 and 0: all of it
	bool has_shard;
	uint64_t max_targets;	// 0: no limit
	uint32_t max_runtime_s; // 0: no limit
	uint32_t cooldown_s;
	uint32_t max_in_flight; // 0: by the rate, and the memory that is there
	uint32_t max_answered;	// the same
	uint32_t job_memory_mib;

	uint8_t tries, rounds;
	uint32_t timeout_s;
	bool controls;
	double placebo_share;	    // of the targets that answered, 0 to 1
	const char *status_updates; // NULL: none
	bool dry_run, quiet;
	unsigned int verbose;

	const char *config; // NULL: the usual one, if it is there
	bool check, save, print_config, list_conditions;
	const char *log_file;	   // NULL: none
	const char *checkpoint;	   // NULL: none is written
	const char *resume;	   // goes on with this one; NULL: a new scan
	const char *metadata_file; // NULL: none
	const char *notes;	   // for it; NULL: none
	struct option_settings settings;
};

// argv[0] is skipped; its strings must outlive the options.
enum options_result options_read(int argc, char **argv, struct options *o);

// A line of a configuration file, for an option that the command line does not give. The strings
// must outlive the options. NULL if all is well, else what is wrong, as the end of a sentence.
const char *options_set(struct options *o, const char *name, const char *value, unsigned int line);

// Once all are read: what follows from several of them.
void options_settle(struct options *o);

// Is it one that describes the NIC that is bound to DPDK, and thus of no use to another port?
bool options_is_of_nic(const char *name);
