#include "lib/conffile.h"

#include <stdbool.h>
#include <string.h>

static bool is_blank(char c) {
	return c == ' ' || c == '\t';
}

static bool is_of_name(char c) {
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

static bool has_control_octet(const char *line, size_t len) {
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)line[i];
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

// The end of what counts: a comment begins at the line's start, or behind a blank, and not in
// quotes.
static char *find_end(char *p, char *end) {
	bool is_quoted = false;
	for (char *at = p; at < end; at++) {
		if (*at == '"')
			is_quoted = !is_quoted;
		if (*at == '#' && !is_quoted && (at == p || is_blank(at[-1]))) {
			end = at;
			break;
		}
	}
	while (end > p && is_blank(end[-1]))
		end--;
	return end;
}

// Quotes between quotes are doubled: take one of each away. False: one stands alone.
static bool halve_quotes(char *p, char **end) {
	char *to = p;
	for (char *from = p; from < *end; from++) {
		if (*from == '"' && (from + 1 == *end || *++from != '"'))
			return false;
		*to++ = *from;
	}
	*end = to;
	return true;
}

static enum conffile_result read_value(char *p, char *end, struct conffile_entry *entry) {
	while (p < end && is_blank(*p))
		p++;
	entry->value = p;
	if (p < end && *p == '"') {
		if (end - p < 2 || end[-1] != '"')
			return CONFFILE_OPEN_QUOTE;
		entry->value = ++p;
		end--;
		if (!halve_quotes(p, &end))
			return CONFFILE_SINGLE_QUOTE;
	}
	*end = '\0';
	return CONFFILE_ENTRY;
}

enum conffile_result conffile_line(char *line, size_t len, struct conffile_entry *entry) {
	*entry = (struct conffile_entry){0};
	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (len > CONFFILE_MAX_LINE_OCTETS)
		return CONFFILE_TOO_LONG;
	if (has_control_octet(line, len))
		return CONFFILE_CONTROL_OCTET;
	char *p = line, *end = line + len;
	while (p < end && is_blank(*p))
		p++;
	end = find_end(p, end);
	if (p == end)
		return CONFFILE_NOTHING;

	entry->name = p;
	while (p < end && is_of_name(*p))
		p++;
	size_t name_len = (size_t)(p - entry->name);
	char *name_end = p;
	while (p < end && is_blank(*p))
		p++;
	if (name_len == 0 || name_len > CONFFILE_MAX_NAME_OCTETS || (p < end && *p != '='))
		return CONFFILE_BAD_NAME;
	bool has_value = p < end;
	*name_end = '\0'; // where the sign stood, perhaps
	return has_value ? read_value(p + 1, end, entry) : CONFFILE_ENTRY;
}

const char *conffile_mend(enum conffile_result result) {
	static const char *const mends[CONFFILE_NB_RESULTS] = {
		[CONFFILE_TOO_LONG] = "the line is too long",
		[CONFFILE_CONTROL_OCTET] = "the line holds an octet that is no text",
		[CONFFILE_BAD_NAME] = "must be: NAME = VALUE, or NAME, with the name of a long "
				      "option",
		[CONFFILE_OPEN_QUOTE] = "the value begins with a quote and does not end with one",
		[CONFFILE_SINGLE_QUOTE] = "a quote between quotes must be doubled",
	};
	return mends[result];
}

size_t conffile_write_value(const char *value, char *out, size_t out_octets) {
	size_t len = strlen(value), nb = 0;
	if (out_octets < 3 || has_control_octet(value, len))
		return 0;
	bool is_plain = len > 0 && !strpbrk(value, "\"#") && !is_blank(value[0]) &&
			!is_blank(value[len - 1]);
	if (!is_plain)
		out[nb++] = '"';
	for (; *value; value++) {
		if (nb + 4 > out_octets)
			return 0;
		if (*value == '"')
			out[nb++] = '"';
		out[nb++] = *value;
	}
	if (!is_plain)
		out[nb++] = '"';
	out[nb] = '\0';
	return nb;
}
