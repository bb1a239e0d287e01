#include "lib/wilson.h"

#include <math.h>

#define Z_95 1.959963984540054

struct wilson wilson(uint64_t nb_hits, uint64_t nb_trials) {
	if (nb_trials == 0)
		return (struct wilson){.low = 0, .high = 1};
	double n = (double)nb_trials, p = (double)nb_hits / n, z2 = Z_95 * Z_95;
	double center = p + z2 / (2 * n);
	double reach = Z_95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n));
	struct wilson w = {
		.low = (center - reach) / (1 + z2 / n),
		.high = (center + reach) / (1 + z2 / n),
	};
	// the ends are exact where rounding would miss them
	if (nb_hits == 0)
		w.low = 0;
	if (nb_hits == nb_trials)
		w.high = 1;
	return w;
}
