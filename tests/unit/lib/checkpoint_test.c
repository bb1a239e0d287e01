#include "lib/checkpoint.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

static cJSON *head, *head_again;
static struct progress done, done_again;
static uint8_t *octets;
static size_t len;

static void set_up(void) {
	head = cJSON_CreateObject();
	cJSON_AddStringToObject(head, "own", "a member");
	checkpoint_add_number(head, "large", UINT64_MAX);
	for (uint64_t i = 0; i < 100000; i += 1 + (i > 70000))
		progress_add(&done, i);
	octets = checkpoint_pack(head, &done, &len);
	cr_assert(octets);
}

TestSuite(checkpoint, .init = set_up);

static enum checkpoint_result unpack(const void *packed, size_t packed_len) {
	return checkpoint_unpack(packed, packed_len, &head_again, &done_again);
}

Test(checkpoint, what_was_packed_comes_out_again) {
	uint64_t large = 0;
	cr_assert_eq(unpack(octets, len), CHECKPOINT_GOOD);
	cr_assert_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(head_again, "own")), "a member");
	cr_assert(checkpoint_number(head_again, "large", &large));
	cr_assert_eq(large, UINT64_MAX);
	for (uint64_t i = 0; i < 100100; i++)
		cr_assert_eq(progress_has(&done_again, i), progress_has(&done, i));
}

Test(checkpoint, every_cut_is_noticed) {
	for (size_t n = 0; n < len; n++) {
		enum checkpoint_result result = unpack(octets, n);
		cr_assert(result == CHECKPOINT_DAMAGED || result == CHECKPOINT_NOT_ONE,
			"%zu of %zu octets: %d", n, len, result);
		cr_assert_null(head_again);
		cr_assert_null(done_again.words);
	}
}

// Some octets of a frame may be one or the other, and say the same.
static bool is_same(void) {
	bool is_equal = progress_low(&done_again) == progress_low(&done) &&
			progress_bitmap_octets(&done_again) == progress_bitmap_octets(&done) &&
			cJSON_Compare(head_again, head, true);
	for (uint64_t i = 0; i < 100100 && is_equal; i++)
		is_equal = progress_has(&done_again, i) == progress_has(&done, i);
	return is_equal;
}

Test(checkpoint, an_octet_that_is_changed_is_noticed_or_changes_nothing) {
	size_t nb_noticed = 0;
	for (size_t n = 0; n < len; n++) {
		octets[n] ^= 0x01;
		bool is_good = unpack(octets, len) == CHECKPOINT_GOOD;
		cr_assert(!is_good || is_same(), "octet %zu", n);
		nb_noticed += !is_good;
		octets[n] ^= 0x01;
	}
	cr_assert_geq(nb_noticed, len * 9 / 10);
}

Test(checkpoint, octets_behind_it_are_noticed) {
	uint8_t *more = malloc(len + 1);
	memcpy(more, octets, len);
	more[len] = 0;
	cr_assert_neq(unpack(more, len + 1), CHECKPOINT_GOOD);
	free(more);
}

// What somebody else packed, with a checksum that is right.
static enum checkpoint_result unpack_text(const char *text, size_t text_len) {
	char packed[1000];
	size_t n = ZSTD_compress(packed, sizeof(packed), text, text_len, 1);
	cr_assert_not(ZSTD_isError(n));
	return unpack(packed, n);
}

#define FORMAT "\"format\":\"dpdk-tfoscan checkpoint\""

static enum checkpoint_result unpack_line(const char *text) {
	return unpack_text(text, strlen(text));
}

Test(checkpoint, heads_that_are_wrong_have_their_word) {
	cr_assert_eq(unpack_line("{" FORMAT ",\"form\":1,\"start\":\"64\",\"bitmap\":\"0\"}\n"),
		CHECKPOINT_GOOD);
	cJSON_Delete(head_again);
	cr_assert_eq(unpack_line("no checkpoint\n"), CHECKPOINT_NOT_ONE);
	cr_assert_eq(unpack_line("{}\n"), CHECKPOINT_NOT_ONE);
	cr_assert_eq(unpack_line("{" FORMAT), CHECKPOINT_NOT_ONE);
	cr_assert_eq(unpack_line("{\"format\":7}\n"), CHECKPOINT_NOT_ONE);
	cr_assert_eq(unpack_line("{" FORMAT "}\n"), CHECKPOINT_NONSENSE);
	cr_assert_eq(unpack_line("{" FORMAT ",\"form\":2,\"start\":\"64\",\"bitmap\":\"0\"}\n"),
		CHECKPOINT_TOO_NEW);
	cr_assert_eq(unpack_line("{" FORMAT ",\"form\":1,\"start\":\"63\",\"bitmap\":\"0\"}\n"),
		CHECKPOINT_NONSENSE);
	cr_assert_eq(unpack_line("{" FORMAT ",\"form\":1,\"start\":\"-64\",\"bitmap\":\"0\"}\n"),
		CHECKPOINT_NONSENSE);
	cr_assert_eq(unpack_line("{" FORMAT ",\"form\":1,\"start\":\"64\",\"bitmap\":\"8\"}\n"),
		CHECKPOINT_NONSENSE);
	cr_assert_eq(
		unpack_line("{" FORMAT ",\"form\":1,\"start\":\"64\",\"bitmap\":\"7\"}\n1234567"),
		CHECKPOINT_NONSENSE);
	cr_assert_eq(unpack_line("{" FORMAT ",\"form\":1,\"start\":\"18446744073709551552\","
				 "\"bitmap\":\"8\"}\n12345678"),
		CHECKPOINT_NONSENSE);
}

Test(checkpoint, what_unpacks_to_more_than_there_can_be_is_refused) {
	// a frame's header that promises 2^62 octets
	static const uint8_t bomb[] = {
		0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x40, 1, 0, 0};
	cr_assert_eq(unpack(bomb, sizeof(bomb)), CHECKPOINT_NONSENSE);
}

Test(checkpoint, numbers_are_digits_and_fit) {
	uint64_t value;
	cJSON *object = cJSON_Parse("{\"a\":\"18446744073709551616\",\"b\":\"\",\"c\":\" 1\","
				    "\"d\":\"-1\",\"e\":1,\"f\":\"0\"}");
	for (const char *key = "abcdeg"; *key; key++) {
		char name[] = {*key, '\0'};
		cr_assert_not(checkpoint_number(object, name, &value), "%s", name);
	}
	cr_assert(checkpoint_number(object, "f", &value));
	cr_assert_eq(value, 0);
	cJSON_Delete(object);
}

Test(checkpoint, each_outcome_has_its_words) {
	for (int result = CHECKPOINT_GOOD; result <= CHECKPOINT_NONSENSE; result++)
		cr_assert_gt(strlen(checkpoint_mend(result)), 5);
}
