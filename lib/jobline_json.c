#include "lib/jobline_json.h"

#include "lib/jobline_plain.h"

#include "lib/addrtext.h"
#include "lib/tfo/jsonwalk.h"

#include <assert.h>
#include <cJSON.h>
#include <stdio.h>
#include <string.h>

enum member {
	MEMBER_DIP,
	MEMBER_DP,
	MEMBER_DOMAIN,
	MEMBER_OURS, // of a record: written anew, so dropped here
	MEMBER_OTHER,
};

static enum member member_named(const struct json_span *key) {
	static const struct {
		const char *name;
		enum member member;
	} rows[] = {
		{"dip", MEMBER_DIP},
		{"dp", MEMBER_DP},
		{"domain", MEMBER_DOMAIN},
		{"sip", MEMBER_OURS},
		{"path", MEMBER_OURS},
		{"time", MEMBER_OURS},
		{"conditions", MEMBER_OURS},
		{"evidence", MEMBER_OURS},
		{"flow_results", MEMBER_OURS},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (jsonwalk_string_is(key, rows[i].name))
			return rows[i].member;
	return MEMBER_OTHER;
}

static enum jobline_result result_of(enum jsonwalk_step step) {
	switch (step) {
	case JSONWALK_MEMBER:
	case JSONWALK_END:
		return JOBLINE_TARGET;
	case JSONWALK_NOT_OBJECT:
		return JOBLINE_JSON_NOT_OBJECT;
	case JSONWALK_CUT:
		return JOBLINE_JSON_CUT;
	case JSONWALK_BROKEN:
		return JOBLINE_JSON_BROKEN;
	case JSONWALK_BAD_NUMBER:
		return JOBLINE_JSON_NUMBER;
	case JSONWALK_BAD_ESCAPE:
		return JOBLINE_JSON_ESCAPE;
	case JSONWALK_BAD_CONTROL:
		return JOBLINE_JSON_CONTROL;
	case JSONWALK_BAD_UTF8:
		return JOBLINE_NOT_UTF8;
	case JSONWALK_TOO_DEEP:
		return JOBLINE_JSON_DEPTH;
	case JSONWALK_TRAILING:
		return JOBLINE_JSON_TRAILING;
	}
	return JOBLINE_JSON_BROKEN;
}

// The whole line is one object of RFC 8259, or why not.
static enum jobline_result validate(const char *line, size_t len_octets) {
	struct jsonwalk walk = jsonwalk_begin(line, len_octets);
	struct json_span key, value;
	enum jsonwalk_step step;
	do
		step = jsonwalk_next(&walk, &key, &value);
	while (step == JSONWALK_MEMBER);
	return result_of(step);
}

// cJSON ends a string at \u0000. What it gives is all of the value only if both readers agree; then
// it is ASCII, too.
static const char *whole_string(const struct json_span *value, const cJSON *item) {
	const char *string = cJSON_GetStringValue(item);
	return string != NULL && jsonwalk_string_is(value, string) ? string : NULL;
}

static enum jobline_result dip_read(
	const struct json_span *value, const cJSON *item, struct jobline *job) {
	if (!cJSON_IsString(item))
		return JOBLINE_DIP_TYPE;
	const char *dip = whole_string(value, item);
	if (dip == NULL)
		return JOBLINE_NOT_ADDRESS;
	if (addrtext_parse(dip, strlen(dip), &job->addr) == ADDRTEXT_OK)
		return JOBLINE_TARGET;

	// It is no bare address: as a line of its own, what would it be?
	struct jobline other = {.port = 0};
	enum jobline_result result = jobline_plain_parse(dip, strlen(dip), &other);
	if (result == JOBLINE_NETWORK)
		return JOBLINE_DIP_NETWORK;
	return result == JOBLINE_TARGET ? JOBLINE_DIP_PORT : result;
}

static enum jobline_result dp_read(
	const struct json_span *value, const cJSON *item, struct jobline *job) {
	if (cJSON_IsNumber(item)) {
		double number = cJSON_GetNumberValue(item);
		if (!(number >= 1 && number <= UINT16_MAX))
			return JOBLINE_DP;
		job->port = (uint16_t)number;
		return job->port == number ? JOBLINE_TARGET : JOBLINE_DP;
	}
	const char *digits = whole_string(value, item);
	if (digits == NULL || !jobline_plain_port(digits, strlen(digits), &job->port))
		return JOBLINE_DP;
	return JOBLINE_TARGET;
}

static enum jobline_result domain_read(
	const struct json_span *value, const cJSON *item, struct jobline *job) {
	if (!cJSON_IsString(item))
		return JOBLINE_DOMAIN_TYPE;
	const char *name = whole_string(value, item);
	if (name == NULL)
		return JOBLINE_DOMAIN_CHARACTER;
	return jobline_domain(name, strlen(name), job->domain, &job->domain_len);
}

// The text fits in JOBLINE_MAX_OCTETS: it is the line without its braces, and grows nowhere but at
// dp, of which there is one, by two octets at most (1e4 becomes 10000).
static void append(struct jobline *job, char *text, const char *octets, size_t len_octets) {
	assert(len_octets <= JOBLINE_MAX_OCTETS - (size_t)job->text_len);
	memcpy(text + job->text_len, octets, len_octets);
	job->text_len = (uint16_t)(job->text_len + len_octets);
}

static void append_member(struct jobline *job, char *text, const struct json_span *key,
	const struct json_span *value, bool is_dp) {
	char number[sizeof("65535")];
	struct json_span written = *value;
	if (is_dp) {
		written.start = number;
		written.len_octets =
			(size_t)snprintf(number, sizeof(number), "%u", (unsigned int)job->port);
	}
	if (job->text_len > 0)
		append(job, text, ",", 1);
	append(job, text, key->start, key->len_octets);
	append(job, text, ":", 1);
	append(job, text, written.start, written.len_octets);
}

static enum jobline_result member_read(const struct json_span *key, const struct json_span *value,
	const cJSON *item, struct jobline *job, char *text) {
	enum jobline_result result = JOBLINE_TARGET;
	enum member member = member_named(key);
	bool *is_there = NULL;

	switch (member) {
	case MEMBER_DIP:
		is_there = &job->text_has_dip;
		result = dip_read(value, item, job);
		break;
	case MEMBER_DP:
		is_there = &job->text_has_dp;
		result = dp_read(value, item, job);
		break;
	case MEMBER_DOMAIN:
		is_there = &job->text_has_domain;
		result = domain_read(value, item, job);
		break;
	case MEMBER_OURS:
		return JOBLINE_TARGET;
	case MEMBER_OTHER:
		break;
	}
	if (is_there != NULL && *is_there)
		return JOBLINE_KEY_TWICE;
	if (result != JOBLINE_TARGET)
		return result;
	if (is_there != NULL)
		*is_there = true;
	append_member(job, text, key, value, member == MEMBER_DP);
	return JOBLINE_TARGET;
}

enum jobline_result jobline_json_parse(const char *line, size_t len_octets, struct jobline *job,
	char text[static JOBLINE_MAX_OCTETS]) {
	enum jobline_result result = validate(line, len_octets);
	if (result != JOBLINE_TARGET)
		return result;
	cJSON *object = cJSON_ParseWithLength(line, len_octets);
	if (object == NULL)
		return JOBLINE_JSON_UNREADABLE;

	// Both readers meet the same members in the same order. To ask cJSON by name would find
	// "dip\u0000x", which it takes for dip.
	struct jsonwalk walk = jsonwalk_begin(line, len_octets);
	struct json_span key, value;
	const cJSON *item = object->child;
	while (result == JOBLINE_TARGET && item != NULL &&
		jsonwalk_next(&walk, &key, &value) == JSONWALK_MEMBER) {
		result = member_read(&key, &value, item, job, text);
		item = item->next;
	}
	cJSON_Delete(object);
	if (result == JOBLINE_TARGET && !job->text_has_dip)
		return JOBLINE_NO_DIP;
	return result;
}
