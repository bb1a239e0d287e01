// libFuzzer target: any octets as a line of a target list, plain and CSV. What is accepted is good
// JSON without what a record adds itself, and means the same when it is read again; what is refused
// has a mend.
#include "lib/jobline.h"
#include "lib/netset.h"

#include <cJSON.h>
#include <stdlib.h>

#define REQUIRE(truth) ((truth) ? (void)0 : abort())

// cJSON reads numbers of 63 characters; nothing else that jsonwalk lets through may be beyond it.
#define LONG_NUMBER_OCTETS 63

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_wire_domain(const struct jobline *job) {
	size_t pos = 0;
	while (job->domain[pos] != 0) {
		REQUIRE(job->domain[pos] <= 63);
		pos += 1 + (size_t)job->domain[pos];
		REQUIRE(pos < job->domain_len);
	}
	REQUIRE(pos + 1 == job->domain_len);
}

static void require_same(const struct jobline *job, const char *text, const uint8_t *line) {
	struct jobline again;
	char text_again[JOBLINE_MAX_OCTETS];
	size_t line_len = (size_t)job->text_len + 2;
	if (line_len > JOBLINE_MAX_OCTETS)
		return;
	REQUIRE(jobline_parse(line, line_len, &again, text_again) == JOBLINE_TARGET);
	size_t domain = offsetof(struct jobline, domain);
	REQUIRE(memcmp(&again, job, domain + job->domain_len) == 0);
	REQUIRE(memcmp(text_again, text, job->text_len) == 0);
}

static void require_good_text(const struct jobline *job, const char *text) {
	static const char *const dropped[] = {
		"sip", "path", "time", "conditions", "evidence", "flow_results"};
	char line[JOBLINE_MAX_OCTETS + 2] = "{";
	memcpy(line + 1, text, job->text_len);
	line[1 + job->text_len] = '}';

	cJSON *object = cJSON_ParseWithLength(line, (size_t)job->text_len + 2);
	REQUIRE(cJSON_IsObject(object));
	REQUIRE(cJSON_HasObjectItem(object, "dip"));
	for (size_t i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++) {
		// A key "sip\u0000" is another key, but cJSON can't tell.
		const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, dropped[i]);
		REQUIRE(item == NULL || memmem(text, job->text_len, "\\u0000", 6) != NULL);
	}
	if (job->text_has_dp && memmem(text, job->text_len, "\\u0000", 6) == NULL)
		REQUIRE(cJSON_GetObjectItemCaseSensitive(object, "dp")->valueint == job->port);
	cJSON_Delete(object);
	require_same(job, text, (const uint8_t *)line);
}

static void require_long_number(const uint8_t *data, size_t size) {
	size_t run = 0;
	for (size_t i = 0; i < size && run < LONG_NUMBER_OCTETS; i++)
		run = data[i] != '\0' && strchr("0123456789+-.eE", data[i]) ? run + 1 : 0;
	REQUIRE(run == LONG_NUMBER_OCTETS);
}

static void require_network(const struct jobline *job) {
	REQUIRE(job->prefix_bits < (addr_is_v4(&job->addr) ? 32 : 128));
	REQUIRE(addr_is_v4(&job->addr) || job->prefix_bits >= NETSET_MIN_PREFIX6);
	REQUIRE(job->port == 0 && job->text_len == 0 && job->domain_len == 0);
}

static void require_target(const struct jobline *job, const char *text) {
	REQUIRE(job->text_has_dip == (job->text_len > 0));
	REQUIRE(job->text_has_dp || job->text_len == 0 || job->port == 0);
	REQUIRE(job->text_has_domain == (job->domain_len > 0));
	if (job->domain_len > 0)
		require_wire_domain(job);
	if (job->text_len > 0)
		require_good_text(job, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct jobline job;
	char text[JOBLINE_MAX_OCTETS];
	enum jobline_result result = jobline_parse(data, size, &job, text);

	REQUIRE(*jobline_mend(result) != '\0');
	if (result == JOBLINE_JSON_UNREADABLE)
		require_long_number(data, size);
	if (result == JOBLINE_NETWORK)
		require_network(&job);
	if (result == JOBLINE_TARGET)
		require_target(&job, text);
	result = jobline_csv_parse(data, size, &job, text);
	REQUIRE(*jobline_mend(result) != '\0' && result != JOBLINE_NETWORK);
	if (result == JOBLINE_TARGET) {
		REQUIRE(job.text_has_dip);
		require_target(&job, text);
	}
	return 0;
}
