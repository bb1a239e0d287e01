#include "app/options_check.h"

#include "lib/jobline.h"

#include <string.h>

// The domain that is asked for where a job names none, with the label in front.
static enum options_result check_probe_id(const struct options *o) {
	if (o->probe_id == NULL)
		return OPTIONS_RUN;
	if (o->app != &app_dnstcp)
		return option_table_bad(
			"--probe-id is a label of the DNS question: it goes with --connect dnstcp");
	uint8_t wire[JOBLINE_DOMAIN_MAX_OCTETS], wire_len;
	jobline_domain(o->domain, strlen(o->domain), wire, &wire_len);
	enum jobline_result result =
		jobline_label(o->probe_id, strlen(o->probe_id), wire, &wire_len);
	if (result != JOBLINE_TARGET)
		return option_table_bad("--domain %s: %s", o->domain, jobline_mend(result));
	return OPTIONS_RUN;
}

static enum options_result check_shards(const struct options *o) {
	if (o->nb_shards > 1 && !o->has_seed)
		return option_table_bad("--shards cuts by the seed: give all parts the same one, "
					"such as -e 1");
	if (o->shard >= o->nb_shards)
		return option_table_bad("--shard %u: with --shards %u it is a number from 0 to %u",
			o->shard, o->nb_shards, o->nb_shards - 1);
	if (o->nb_shards > 1 && !o->has_shard)
		return option_table_bad("--shards %u: say with --shard which one, from 0 to %u",
			o->nb_shards, o->nb_shards - 1);
	return OPTIONS_RUN;
}

static enum options_result check_output(const struct options *o) {
	if (o->answered_only && o->read_pcap)
		return option_table_bad("--records answered goes with a scan, not with a capture");
	if (o->answered_only && strcmp(o->output, "-") == 0)
		return option_table_bad(
			"--records answered keeps silent targets in a file beside the records: "
			"give these a file with -o");
	if (o->nb_collectors > 1 && o->write_pcap_filter)
		return option_table_bad(
			"--write-pcap-filter waits for verdicts: one collector alone "
			"(--collectors 1)");
	return OPTIONS_RUN;
}

static enum options_result check_checkpoint(const struct options *o) {
	if (!o->checkpoint && !o->resume)
		return OPTIONS_RUN;
	if (o->checkpoint && o->resume)
		return option_table_bad(
			"--resume FILE goes on writing FILE: leave --checkpoint out");
	if (o->resume && o->overwrite)
		return option_table_bad(
			"--resume goes on with the records that are there: leave --overwrite out");
	if (o->read_pcap)
		return option_table_bad("--read-pcap is no scan: no checkpoint goes with it");
	if (strcmp(o->output, "-") == 0)
		return option_table_bad("a checkpoint names a place in the output: give a file "
					"with -o, not a pipe");
	if (o->write_pcap)
		return option_table_bad(
			"--write-pcap holds one run, a checkpoint joins several: leave one out");
	return OPTIONS_RUN;
}

enum options_result options_check(const struct options *o) {
	if (o->save && (!o->check || !o->interface))
		return option_table_bad("--save goes with --check and -i");
	if (o->read_pcap && (o->nb_targets > 0 || o->nb_addresses > 0 || o->interface))
		return option_table_bad(
			"--read-pcap reads a capture and sends nothing: no targets and no -i "
			"go with it");
	if (o->read_pcap && o->write_pcap)
		return option_table_bad(
			"--read-pcap sends nothing that --write-pcap could capture");
	if (o->read_pcap && o->status_updates)
		return option_table_bad("-u follows a scan, and --read-pcap is none");
	if (o->write_pcap_filter && !o->write_pcap)
		return option_table_bad("--write-pcap-filter goes with --write-pcap");
	if (o->write_pcap && strcmp(o->write_pcap, "-") == 0 && strcmp(o->output, "-") == 0)
		return option_table_bad(
			"records and capture both go to stdout: give a file with -o");
	if (o->payload_path && o->app->asks_name)
		return option_table_bad("--payload goes with --connect tcp");
	if (o->nb_targets > 1) {
		unsigned int nb_stdin = 0;
		for (unsigned int i = 0; i < o->nb_targets; i++)
			nb_stdin += strcmp(o->targets[i], "-") == 0;
		if (nb_stdin > 1)
			return option_table_bad(
				"--targets - is given twice: stdin can be read once");
	}
	if (check_probe_id(o) != OPTIONS_RUN || check_shards(o) != OPTIONS_RUN)
		return OPTIONS_BAD;
	return check_checkpoint(o) == OPTIONS_RUN ? check_output(o) : OPTIONS_BAD;
}
