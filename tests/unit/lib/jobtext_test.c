#include "lib/jobtext.h"

#include <criterion/criterion.h>

#include <string.h>

static uint64_t put(struct jobtext_store *store, const char *text) {
	static const uint8_t name[] = {1, 'a', 0};
	struct jobtext job = {
		.text = text,
		.text_len = (uint16_t)strlen(text),
		.name = name,
		.name_len = sizeof(name),
		.has_dip = true,
		.has_domain = true,
	};
	return jobtext_put(store, &job);
}

Test(jobtext, a_handle_gives_back_what_was_put) {
	struct jobtext_store *store = jobtext_create(0);
	uint64_t a = put(store, "\"dip\":\"192.0.2.1\""), b = put(store, "");
	struct jobtext job;
	jobtext_get(a, &job);
	cr_assert_eq(job.text_len, 17);
	cr_assert_eq(memcmp(job.text, "\"dip\":\"192.0.2.1\"", 17), 0);
	cr_assert_eq(job.name_len, 3);
	cr_assert_eq(memcmp(job.name, "\1a", 3), 0);
	cr_assert(job.has_dip);
	cr_assert_not(job.has_dp);
	cr_assert(job.has_domain);
	jobtext_get(b, &job);
	cr_assert_eq(job.text_len, 0);
	jobtext_release(store, a);
	jobtext_release(store, b);
	jobtext_destroy(store);
}

Test(jobtext, handle_zero_is_no_text) {
	struct jobtext job;
	jobtext_get(0, &job);
	cr_assert_eq(job.text_len, 0);
	cr_assert_eq(job.name_len, 0);
	jobtext_release(NULL, 0);
}

Test(jobtext, a_full_store_takes_no_more_until_a_block_is_released) {
	struct jobtext_store *store = jobtext_create(2 * JOBTEXT_BLOCK_OCTETS);
	static uint64_t handles[4096];
	static char text[2000];
	memset(text, 'x', sizeof(text) - 1);
	unsigned int nb = 0;
	while (nb < 4096 && (handles[nb] = put(store, text)) != 0)
		nb++;
	// two blocks of a mebibyte hold about 1,040 of them
	cr_assert_gt(nb, 1000);
	cr_assert_lt(nb, 1060);
	cr_assert_eq(put(store, text), 0);
	for (unsigned int i = 0; i < nb / 2 + 10; i++)
		jobtext_release(store, handles[i]);
	uint64_t again = put(store, text);
	cr_assert_neq(again, 0);
	for (unsigned int i = nb / 2 + 10; i < nb; i++)
		jobtext_release(store, handles[i]);
	jobtext_release(store, again);
	jobtext_destroy(store);
}
