#include "app/options.h"

#include "app/option_nearest.h"

#include <stdio.h>
#include <string.h>

// SYNs are what a scan sends most: that of the second connection, with the option that asks for a
// cookie.
#define SYN_OCTETS_V4 78u
#define SYN_OCTETS_V6 98u
// On the wire, but in no frame: preamble, checksum, gap.
#define ETHERNET_FRAMING_OCTETS 24u

enum options_result options_read(int argc, char **argv, struct options *o) {
	*o = (struct options){0};
	option_table_defaults(options_table(), o);
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-iL") ==
			0) // masscan's and nmap's, two letters behind one dash
			argv[i] = "--input";
	}
	int nb = 0;
	enum options_result result =
		option_table_read(options_table(), argc, argv, o, &o->settings, &nb);
	o->addresses = (const char *const *)(argv + 1);
	o->nb_addresses = (unsigned int)nb;
	return result;
}

static bool is_on_command_line(const struct options *o, const struct option_row *row) {
	for (unsigned int i = 0; i < o->settings.nb; i++) {
		if (o->settings.said[i].row == row && o->settings.said[i].line == 0)
			return true;
	}
	return false;
}

static const char *no_such_option(const char *name) {
	static char wrong[128]; // set-up runs on one thread
	const char *nearest = option_nearest(options_table(), name);
	if (nearest == NULL)
		return "no such option (--help lists them)";
	snprintf(wrong, sizeof(wrong), "no such option: did you mean %s?", nearest);
	return wrong;
}

const char *options_set(struct options *o, const char *name, const char *value, unsigned int line) {
	const struct option_row *row = option_table_find(options_table(), name);
	if (row == NULL)
		return no_such_option(name);
	const struct option_row *option = option_table_main(options_table(), row);
	if (option->is_of_call)
		return "belongs on the command line";
	if (row->argument && value == NULL)
		return "needs a value";
	if (!row->argument && value != NULL)
		return "takes no value";
	if (is_on_command_line(o, option))
		return NULL;
	return option_table_take(options_table(), row, value, line, o, &o->settings);
}

static bool was_given(const struct options *o, const char *name) {
	for (unsigned int i = 0; i < o->settings.nb; i++) {
		if (strcmp(o->settings.said[i].row->long_name, name) == 0)
			return true;
	}
	return false;
}

void options_settle(struct options *o) {
	if (o->bandwidth_bps <= 0)
		return;
	unsigned int syn =
		o->source6.is_given && !o->source4.is_given ? SYN_OCTETS_V6 : SYN_OCTETS_V4;
	double pps = o->bandwidth_bps / (8 * (syn + ETHERNET_FRAMING_OCTETS));
	bool is_lower = o->rate_pps > 0 && o->rate_pps < pps && was_given(o, "rate");
	if (!is_lower)
		o->rate_pps = pps < 1 ? 1 : pps;
}
