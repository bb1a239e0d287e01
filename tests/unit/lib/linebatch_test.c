// Lines in memory.
#include "lib/linebatch.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

Test(linebatch, what_was_added_is_there) {
	struct linebatch batch;
	linebatch_init(&batch);
	for (int i = 0; i < 10000; i++) {
		char line[16];
		int len = snprintf(line, sizeof(line), "line %d", i);
		cr_assert(linebatch_reserve(&batch, 1, (size_t)len));
		linebatch_add(&batch, (uint8_t *)line, (size_t)len, 7, (uint64_t)i + 1);
	}
	cr_assert_eq(batch.nb, 10000);
	const struct lineref *ref = &batch.refs[4321];
	cr_expect_eq(ref->len, 9);
	cr_expect_eq(memcmp(batch.octets + ref->at, "line 4321", 9), 0);
	cr_expect_eq(ref->source, 7);
	cr_expect_eq(ref->number, 4322);
	linebatch_free(&batch);
}

Test(linebatch, cleared_it_is_empty_and_keeps_its_memory) {
	struct linebatch batch;
	linebatch_init(&batch);
	cr_assert(linebatch_reserve(&batch, 100, 1000));
	linebatch_add(&batch, (const uint8_t *)"x", 1, 0, 1);
	const uint8_t *octets = batch.octets;
	linebatch_clear(&batch);
	cr_expect_eq(batch.nb, 0);
	cr_assert(linebatch_reserve(&batch, 100, 1000));
	cr_expect_eq(batch.octets, octets);
	linebatch_free(&batch);
}

Test(linebatch, more_than_its_offsets_can_tell_is_refused) {
	struct linebatch batch;
	linebatch_init(&batch);
	cr_expect(!linebatch_reserve(&batch, 1, (size_t)LINEBATCH_MAX_OCTETS + 1));
	cr_expect(!linebatch_reserve(&batch, SIZE_MAX / 64, 1));
	cr_expect(linebatch_reserve(&batch, 1, 1));
	linebatch_free(&batch);
}
