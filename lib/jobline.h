// One line of a target list becomes one target, or the reason why not.
//
// Lines are 192.0.2.1, 192.0.2.1:5300, 2001:db8::1, [2001:db8::1], [2001:db8::1]:53, a network
// (192.0.2.0/24, 2001:db8::/112; host bits don't count), or a job, one
// JSON object: {"dip":"192.0.2.1","dp":53,"domain":"www.example.com","rank":"7"}. Only dip is
// needed, dp may be a number or its digits in quotes, all other keys pass through to the record.
// Blank lines and lines that start with # are nothing. Blanks around, and a CR at the end, don't
// count. A record of ours is a valid job: what we add to one (sip, path, time, conditions,
// evidence, flow_results) is dropped from the text.
//
// The octets belong to the caller, need no NUL at the end and are hostile. cJSON allocates and
// frees while a job is read, so this is for the reader's thread, never for a worker.
#pragma once

#include "lib/tcpstack/addr.h"
#include "lib/tfo/name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JOBLINE_MAX_OCTETS 4096
#define JOBLINE_DOMAIN_MAX_OCTETS NAME_MAX_OCTETS

enum jobline_result {
	JOBLINE_TARGET,	 // *job and text are filled
	JOBLINE_NETWORK, // addr and prefix_bits of *job are filled: many targets
	JOBLINE_NOTHING, // blank or a comment: neither good nor bad

	// Refusals: each has its row in the table behind jobline_mend.
	JOBLINE_TOO_LONG,
	JOBLINE_COMPRESSED,
	JOBLINE_NUL,
	JOBLINE_NOT_UTF8,
	JOBLINE_CONTROL,
	JOBLINE_BYTE_ORDER_MARK,
	JOBLINE_BAD_PREFIX,
	JOBLINE_NETWORK_TOO_LARGE,
	JOBLINE_NETWORK_PORT,
	JOBLINE_RANGE,
	JOBLINE_URL,
	JOBLINE_HOST_NAME,
	JOBLINE_RANK_DOMAIN,
	JOBLINE_CSV,
	JOBLINE_CSV_FIELDS,
	JOBLINE_CSV_QUOTE,
	JOBLINE_MANY_WORDS,
	JOBLINE_QUOTED,
	JOBLINE_NOT_ADDRESS,
	JOBLINE_BAD_IPV4,
	JOBLINE_OCTAL,
	JOBLINE_BAD_IPV6,
	JOBLINE_MAPPED,
	JOBLINE_ZONE,
	JOBLINE_BRACKET,
	JOBLINE_BAD_PORT,
	JOBLINE_JSON_NOT_OBJECT,
	JOBLINE_JSON_CUT,
	JOBLINE_JSON_BROKEN,
	JOBLINE_JSON_NUMBER,
	JOBLINE_JSON_ESCAPE,
	JOBLINE_JSON_CONTROL,
	JOBLINE_JSON_DEPTH,
	JOBLINE_JSON_TRAILING,
	JOBLINE_JSON_UNREADABLE,
	JOBLINE_KEY_TWICE,
	JOBLINE_NO_DIP,
	JOBLINE_DIP_TYPE,
	JOBLINE_DIP_PORT,
	JOBLINE_DIP_NETWORK,
	JOBLINE_DP,
	JOBLINE_DOMAIN_TYPE,
	JOBLINE_DOMAIN_EMPTY_LABEL,
	JOBLINE_DOMAIN_LONG_LABEL,
	JOBLINE_DOMAIN_TOO_LONG,
	JOBLINE_DOMAIN_CHARACTER,
	JOBLINE_DOMAIN_NO_ROOM, // of jobline_label alone

	JOBLINE_NB_RESULTS
};

struct jobline {
	struct ip_addr addr;
	uint16_t port;	     // 0: the line gives none
	uint8_t prefix_bits; // of a network, in the address's own family
	uint16_t text_len;   // octets of the job's text; 0: a plain address, which has none
	uint8_t domain_len;  // octets on the wire, root label counted; 0: the line gives none
	bool text_has_dip;   // the record's writer adds what the text lacks
	bool text_has_dp;
	bool text_has_domain;
	uint8_t domain[JOBLINE_DOMAIN_MAX_OCTETS]; // as in a DNS question: labels, then the root;
						   // only domain_len octets are written
};

// Read one line, given without its LF; of a line that is too long its first JOBLINE_MAX_OCTETS + 2
// octets are enough to tell so. With JOBLINE_TARGET, *job and the first job->text_len octets
// of text are written; else they hold nothing of use. The text is what a record starts with: the
// job's members in their order, joined by commas, without the braces, no NUL at the end; keys and
// values octet for octet, but dp as a number: "dip":"192.0.2.1","dp":53,"rank":"7".
enum jobline_result jobline_parse(const uint8_t *line, size_t len_octets, struct jobline *job,
	char text[static JOBLINE_MAX_OCTETS]);

// The same of a line of a CSV file: dip,dp,domain,rank as PATHspider reads them. All but dip may be
// empty or left out; fields may stand in quotes (RFC 4180), but no line break in one. The text is
// that of a job. A line that starts with dip, is a heading: nothing.
enum jobline_result jobline_csv_parse(const uint8_t *line, size_t len_octets, struct jobline *job,
	char text[static JOBLINE_MAX_OCTETS]);

// What is wrong with the line and how to mend it: one line of text without a full stop at the end.
const char *jobline_mend(enum jobline_result result);

// A name as typed (a dot at the end is fine) into the form of a DNS question; for --domain too.
// JOBLINE_TARGET, or one of JOBLINE_DOMAIN_*.
enum jobline_result jobline_domain(const char *name, size_t len,
	uint8_t wire[static JOBLINE_DOMAIN_MAX_OCTETS], uint8_t *wire_len);

// Put a label (1 to 63 octets, no NUL needed behind them) in front of a name in the form of a DNS
// question. JOBLINE_TARGET, or JOBLINE_DOMAIN_NO_ROOM, and the name is as it was.
enum jobline_result jobline_label(const char *label, size_t label_len,
	uint8_t wire[static JOBLINE_DOMAIN_MAX_OCTETS], uint8_t *wire_len);

// Is it a label of host names: letters, digits and hyphens, 1 to 63 octets, no hyphen at an end?
bool jobline_is_host_label(const char *label, size_t label_len);
