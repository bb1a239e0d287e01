#include "lib/jobline_csv.h"

#include "lib/jobline_json.h"

#include <stdbool.h>
#include <string.h>

enum { FIELD_DIP, FIELD_DP, FIELD_DOMAIN, FIELD_RANK, NB_FIELDS };

// A quote may become two octets, \", so the text of a field may be twice as long.
struct object {
	char text[2 * JOBLINE_MAX_OCTETS + 64];
	size_t len;
};

static void put(struct object *o, const char *text) {
	size_t len = strlen(text);
	memcpy(o->text + o->len, text, len);
	o->len += len;
}

static void put_octet(struct object *o, char c) {
	// check_octets has let through one control character, which JSON writes otherwise
	if (c == '\t') {
		put(o, "\\t");
		return;
	}
	if (c == '"' || c == '\\')
		o->text[o->len++] = '\\';
	o->text[o->len++] = c;
}

// One field, into the string that is open; *pos moves to the comma or the end behind it.
static bool take_field(const char **pos, const char *end, struct object *o) {
	const char *p = *pos;
	bool is_quoted = p < end && *p == '"';
	for (p += is_quoted; p < end && (is_quoted || *p != ','); p++) {
		if (*p == '"') {
			if (!is_quoted)
				return false;
			if (p + 1 == end || p[1] != '"')
				break;
			p++;
		}
		put_octet(o, *p);
	}
	if (is_quoted && (p == end || *p++ != '"'))
		return false;
	*pos = p;
	return p == end || *p == ',';
}

static bool is_number(const char *text, size_t len) {
	size_t digits = 0;
	while (digits < len && text[digits] >= '0' && text[digits] <= '9')
		digits++;
	return len > 0 && digits == len;
}

enum jobline_result jobline_csv_fields(const char *line, size_t len_octets, struct jobline *job,
	char text[static JOBLINE_MAX_OCTETS]) {
	static const char *const keys[NB_FIELDS] = {"dip", "dp", "domain", "rank"};
	const char *pos = line, *end = line + len_octets;
	struct object o = {.len = 0};
	bool is_rank = false; // where the address should be
	int nb = 0;
	put(&o, "{");
	for (;; pos++) {
		size_t before = o.len;
		if (nb == NB_FIELDS)
			return JOBLINE_CSV_FIELDS;
		put(&o, nb > 0 ? ",\"" : "\"");
		put(&o, keys[nb]);
		put(&o, "\":\"");
		size_t start = o.len;
		if (!take_field(&pos, end, &o))
			return JOBLINE_CSV_QUOTE;
		const char *field = o.text + start;
		size_t len = o.len - start;
		if (nb == FIELD_DIP && len == strlen("dip") && memcmp(field, "dip", len) == 0)
			return JOBLINE_NOTHING;
		is_rank |= nb == FIELD_DIP && is_number(field, len);
		put(&o, "\"");
		if (len == 0 && nb != FIELD_DIP)
			o.len = before; // as if it were not there
		nb++;
		if (pos == end)
			break;
	}
	if (nb == 2 && is_rank)
		return JOBLINE_RANK_DOMAIN;
	put(&o, "}");
	if (o.len > JOBLINE_MAX_OCTETS)
		return JOBLINE_TOO_LONG;
	return jobline_json_parse(o.text, o.len, job, text);
}
