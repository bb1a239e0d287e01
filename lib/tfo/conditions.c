#include "lib/tfo/conditions.h"

#include <assert.h>
#include <string.h>

static_assert(NB_CONDITIONS <= 64, "a set is one uint64_t");

const char *condition_word(enum condition c) {
	static const char *const words[] = {
#define X(label, word) [CONDITION_##label] = word,
		CONDITIONS(X)
#undef X
	};
	return words[c];
}

enum condition condition_by_word(const char *word, size_t len) {
	enum condition c = 0;
	while (c < NB_CONDITIONS &&
		(strlen(condition_word(c)) != len || memcmp(condition_word(c), word, len) != 0))
		c++;
	return c;
}
