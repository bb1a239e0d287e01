#include "lib/jobline.h"

#include "lib/jobline_csv.h"
#include "lib/jobline_json.h"
#include "lib/jobline_plain.h"

#include "lib/tfo/jsonwalk.h"

#include <assert.h>
#include <string.h>

#define RESOLVE_NAMES                                                                              \
	"resolve names first: while read -r n; do dig +short A \"$n\" | sed -n "                   \
	"\"s/^[0-9][0-9.]*$/{\\\"dip\\\":\\\"&\\\",\\\"domain\\\":\\\"$n\\\"}/p\"; "               \
	"done <names.txt >jobs.ndjson"

#define RESOLVE_RANKS                                                                              \
	"resolve names first: while IFS=, read -r r n; do dig +short A \"$n\" | sed -n "           \
	"\"s/^[0-9][0-9.]*$/"                                                                      \
	"{\\\"dip\\\":\\\"&\\\",\\\"domain\\\":\\\"$n\\\",\\\"rank\\\":\\\"$r\\\"}/p\"; "          \
	"done <ranks.csv >jobs.ndjson"

static const char *const mends[JOBLINE_NB_RESULTS] = {
	[JOBLINE_TARGET] = "nothing is wrong with it",
	[JOBLINE_NETWORK] = "a network, with which nothing is wrong",
	[JOBLINE_NOTHING] = "a blank line or a comment",

	[JOBLINE_TOO_LONG] = "longer than 4096 octets: leave out members that the record needn't "
			     "repeat, or write one job a line",
	[JOBLINE_COMPRESSED] = "compressed: give it as a file whose name ends in .gz or .zst, or "
			       "unpack it first, e.g. zcat list.gz | dpdk-tfoscan --targets -",
	[JOBLINE_NUL] = "a NUL octet: if the file is UTF-16, iconv -f UTF-16 -t UTF-8 mends it; "
			"else it is no list of targets",
	[JOBLINE_NOT_UTF8] = "not UTF-8: convert the list, e.g. iconv -f ISO-8859-1 -t UTF-8",
	[JOBLINE_CONTROL] = "a control character: remove it; lines end with LF or CR LF",
	[JOBLINE_BYTE_ORDER_MARK] = "a byte order mark inside the list: remove the three octets EF "
				    "BB BF, e.g. sed 's/^\\xef\\xbb\\xbf//'",

	[JOBLINE_BAD_PREFIX] = "behind the slash of a network stands a number up to 32 for IPv4, "
			       "128 for IPv6: 192.0.2.0/24",
	[JOBLINE_NETWORK_TOO_LARGE] = "a network of IPv6 has 2^63 addresses at most: write /65 or "
				      "longer, not in ::/80",
	[JOBLINE_NETWORK_PORT] = "a network has no port of its own: write 192.0.2.0/24, and give "
				 "the port with -p",
	[JOBLINE_RANGE] = "ranges are not read: write networks, 192.0.2.0/24, or one address a "
			  "line",
	[JOBLINE_URL] = "a URL or a path: write the address of its host, and the port behind a "
			"colon",
	[JOBLINE_HOST_NAME] = "a host name, not an address: " RESOLVE_NAMES,
	[JOBLINE_RANK_DOMAIN] = "rank,domain has no address: " RESOLVE_RANKS,
	[JOBLINE_CSV] = "CSV, of which dip,dp,domain,rank are read from a file whose name ends in "
			".csv: rename it, or write 192.0.2.1:53",
	[JOBLINE_CSV_FIELDS] = "more than the four fields dip,dp,domain,rank: leave the others "
			       "out, or write a job {\"dip\":…} in a file that is no .csv",
	[JOBLINE_CSV_QUOTE] = "quotes stand around a whole field, and twice within: "
			      "192.0.2.1,53,\"example.com\"",
	[JOBLINE_MANY_WORDS] = "more than an address: write one target a line; a comment has a "
			       "line of its own",
	[JOBLINE_QUOTED] = "quotes: write the address without them",
	[JOBLINE_NOT_ADDRESS] = "not an address: write 192.0.2.1, 192.0.2.1:53, 2001:db8::1, "
				"[2001:db8::1]:53 or a job {\"dip\":…}",

	[JOBLINE_BAD_IPV4] = "not an IPv4 address: write four numbers from 0 to 255, 192.0.2.1",
	[JOBLINE_OCTAL] = "a number with a zero in front is octal to some programs: write 10.1.1.1 "
			  "for 010.1.1.1",
	[JOBLINE_BAD_IPV6] = "not an IPv6 address; with a port, write [2001:db8::1]:53",
	[JOBLINE_MAPPED] = "IPv4 written as IPv6: write it as IPv4, 192.0.2.1",
	[JOBLINE_ZONE] = "a zone (%eth0) makes sense on one machine only: write the address "
			 "without it, and choose the interface with -i",
	[JOBLINE_BRACKET] =
		"brackets belong around an IPv6 address, both of them: [2001:db8::1]:53",
	[JOBLINE_BAD_PORT] = "a port is a number from 1 to 65535, without zeros in front",

	[JOBLINE_JSON_NOT_OBJECT] = "JSON, but not an object: write one job {\"dip\":…} a line, "
				    "e.g. jq -c '.[]'",
	[JOBLINE_JSON_CUT] = "the line ends before its JSON does: write one job a line, e.g. jq -c",
	[JOBLINE_JSON_BROKEN] = "broken JSON: a comma, colon, quote or brace is missing or too "
				"many; jq shows where",
	[JOBLINE_JSON_NUMBER] = "not a JSON number: write 53, -1, 0.5 or 1e9; no +1, 01, 1. or NaN",
	[JOBLINE_JSON_ESCAPE] = "a backslash in a JSON string begins \\\" \\\\ \\/ \\b \\f \\n \\r "
				"\\t or \\u and four hex digits, surrogates in pairs",
	[JOBLINE_JSON_CONTROL] = "a control character in a JSON string: write \\t for a tab",
	[JOBLINE_JSON_DEPTH] = "JSON nested deeper than 32 levels: flatten the job",
	[JOBLINE_JSON_TRAILING] = "text after the job's last brace: write one job a line",
	[JOBLINE_JSON_UNREADABLE] = "JSON that cJSON can't read: write numbers with 60 digits at "
				    "most",

	[JOBLINE_KEY_TWICE] = "dip, dp or domain stands twice in the job: leave one",
	[JOBLINE_NO_DIP] = "a job without dip, the address: " RESOLVE_NAMES,
	[JOBLINE_DIP_TYPE] = "dip is not a string: write \"dip\":\"192.0.2.1\"",
	[JOBLINE_DIP_PORT] = "dip is more than an address: write \"dip\":\"192.0.2.1\",\"dp\":53",
	[JOBLINE_DIP_NETWORK] = "dip is a network, a job has one address: write the network as a "
				"line of its own, 192.0.2.0/24",
	[JOBLINE_DP] = "dp is not a port: write a number from 1 to 65535, or leave dp out",
	[JOBLINE_DOMAIN_TYPE] =
		"domain is not a string: write \"domain\":\"example.com\", or leave "
		"domain out",
	[JOBLINE_DOMAIN_EMPTY_LABEL] = "domain is empty or has two dots in a row: write "
				       "example.com, or leave domain out",
	[JOBLINE_DOMAIN_LONG_LABEL] = "domain has a label of more than 63 octets: shorten it, or "
				      "leave domain out",
	[JOBLINE_DOMAIN_TOO_LONG] = "domain has more than 253 octets: shorten it, or leave domain "
				    "out",
	[JOBLINE_DOMAIN_CHARACTER] = "domain may hold letters, digits, - and _ between its dots: "
				     "write other alphabets as punycode (xn--…), no URL",
	[JOBLINE_DOMAIN_NO_ROOM] = "domain is too long with the label of --probe-id in front: 253 "
				   "octets in all; shorten one of them",
};

static bool is_blank(char c) {
	return c == ' ' || c == '\t';
}

static bool starts_with(const char *text, size_t len, const char *start) {
	return len >= strlen(start) && memcmp(text, start, strlen(start)) == 0;
}

// gzip and zstd say in their first octets what they are.
static bool is_compressed(const char *text, size_t len) {
	return starts_with(text, len, "\x1f\x8b") || starts_with(text, len, "\x28\xb5\x2f\xfd");
}

// What no line may hold, of either kind.
static enum jobline_result check_octets(const char *text, size_t len) {
	if (memchr(text, '\0', len) != NULL)
		return JOBLINE_NUL;
	if (starts_with(text, len, "\xef\xbb\xbf"))
		return JOBLINE_BYTE_ORDER_MARK;

	for (const char *pos = text, *end = text + len; pos < end;) {
		size_t octets = jsonwalk_utf8_octets(pos, end);
		if (octets == 0)
			return JOBLINE_NOT_UTF8;
		if ((uint8_t)*pos < 0x20 && *pos != '\t')
			return JOBLINE_CONTROL;
		pos += octets;
	}
	return JOBLINE_TARGET;
}

// Trims the line and says what all lines, of any kind, may not hold; JOBLINE_TARGET: it may be one.
static enum jobline_result line_begin(
	const uint8_t *line, size_t len_octets, const char **text, size_t *len) {
	const char *start = (const char *)line, *end = start + len_octets;
	if (end > start && end[-1] == '\r')
		end--;
	bool is_too_long = end - start > JOBLINE_MAX_OCTETS;
	while (end > start && is_blank(end[-1]))
		end--;
	while (start < end && is_blank(*start))
		start++;

	*text = start;
	*len = (size_t)(end - start);
	if (starts_with(start, *len, "#"))
		return JOBLINE_NOTHING;
	if (is_compressed(start, *len))
		return JOBLINE_COMPRESSED;
	if (is_too_long)
		return JOBLINE_TOO_LONG;
	return *len == 0 ? JOBLINE_NOTHING : check_octets(start, *len);
}

static void job_clear(struct jobline *job) {
	memset(job, 0, offsetof(struct jobline, domain));
}

enum jobline_result jobline_parse(const uint8_t *line, size_t len_octets, struct jobline *job,
	char text[static JOBLINE_MAX_OCTETS]) {
	const char *start;
	size_t len;
	job_clear(job);
	if (jobline_plain_quick((const char *)line, len_octets, job))
		return JOBLINE_TARGET;
	enum jobline_result result = line_begin(line, len_octets, &start, &len);
	if (result != JOBLINE_TARGET)
		return result;
	if (*start == '{')
		return jobline_json_parse(start, len, job, text);
	return jobline_plain_parse(start, len, job);
}

enum jobline_result jobline_csv_parse(const uint8_t *line, size_t len_octets, struct jobline *job,
	char text[static JOBLINE_MAX_OCTETS]) {
	const char *start;
	size_t len;
	job_clear(job);
	enum jobline_result result = line_begin(line, len_octets, &start, &len);
	if (result != JOBLINE_TARGET)
		return result;
	return jobline_csv_fields(start, len, job, text);
}

enum jobline_result jobline_domain(const char *name, size_t len,
	uint8_t wire[static JOBLINE_DOMAIN_MAX_OCTETS], uint8_t *wire_len) {
	const char *pos = name, *end = name + len;
	size_t used = 0;

	if (len == 1 && *name == '.')
		pos = end; // the root has no label of its own
	else if (len == 0)
		return JOBLINE_DOMAIN_EMPTY_LABEL;
	while (pos < end) {
		const char *label = pos;
		while (pos < end && name_is_label_octet((uint8_t)*pos))
			pos++;
		size_t label_len = (size_t)(pos - label);
		if (pos < end && *pos != '.')
			return JOBLINE_DOMAIN_CHARACTER;
		if (label_len == 0)
			return JOBLINE_DOMAIN_EMPTY_LABEL;
		if (label_len > NAME_MAX_LABEL_OCTETS)
			return JOBLINE_DOMAIN_LONG_LABEL;
		if (used + 1 + label_len + 1 > JOBLINE_DOMAIN_MAX_OCTETS)
			return JOBLINE_DOMAIN_TOO_LONG;

		wire[used++] = (uint8_t)label_len;
		memcpy(wire + used, label, label_len);
		used += label_len;
		if (pos < end)
			pos++;
	}
	wire[used++] = 0;
	*wire_len = (uint8_t)used;
	return JOBLINE_TARGET;
}

enum jobline_result jobline_label(const char *label, size_t label_len,
	uint8_t wire[static JOBLINE_DOMAIN_MAX_OCTETS], uint8_t *wire_len) {
	if (1 + label_len + *wire_len > JOBLINE_DOMAIN_MAX_OCTETS)
		return JOBLINE_DOMAIN_NO_ROOM;
	memmove(wire + 1 + label_len, wire, *wire_len);
	wire[0] = (uint8_t)label_len;
	memcpy(wire + 1, label, label_len);
	*wire_len = (uint8_t)(*wire_len + 1 + label_len);
	return JOBLINE_TARGET;
}

bool jobline_is_host_label(const char *label, size_t label_len) {
	if (label_len == 0 || label_len > NAME_MAX_LABEL_OCTETS || label[0] == '-' ||
		label[label_len - 1] == '-')
		return false;
	for (size_t i = 0; i < label_len; i++) {
		if (!name_is_label_octet(label[i]) || label[i] == '_')
			return false;
	}
	return true;
}

const char *jobline_mend(enum jobline_result result) {
	assert((unsigned int)result < JOBLINE_NB_RESULTS && mends[result] != NULL);
	return mends[result];
}
