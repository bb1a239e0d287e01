#include "lib/tfo/conditions.h"

#include <assert.h>

static_assert(NB_CONDITIONS <= 64, "a set is one uint64_t");

const char *condition_word(enum condition c) {
	static const char *const words[] = {
#define X(label, word) [CONDITION_##label] = word,
		CONDITIONS(X)
#undef X
	};
	return words[c];
}
