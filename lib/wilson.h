// How sure a share is that was counted: Wilson's score interval for a binomial proportion, 95 %.
#pragma once

#include <stdint.h>

struct wilson {
	double low, high; // 0 to 1
};

// Of nb_trials, nb_hits were so. Nothing tried: 0 to 1.
struct wilson wilson(uint64_t nb_hits, uint64_t nb_trials);
