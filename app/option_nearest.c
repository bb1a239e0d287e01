#include "app/option_nearest.h"

#include <string.h>

#define MAX_OCTETS 64u

static size_t min(size_t a, size_t b) {
	return a < b ? a : b;
}

// How many octets were left out, put in, changed or exchanged with their neighbour (the distance of
// optimal string alignment). MAX_OCTETS if one is too long.
static size_t distance(const char *a, const char *b) {
	size_t len_a = strlen(a), len_b = strlen(b);
	size_t rows[3][MAX_OCTETS + 1]; // the one before last, the last one, this one
	if (len_a >= MAX_OCTETS || len_b >= MAX_OCTETS)
		return MAX_OCTETS;
	size_t *older = rows[0], *old = rows[1], *now = rows[2];
	for (size_t j = 0; j <= len_b; j++)
		now[j] = j;
	for (size_t i = 1; i <= len_a; i++) {
		size_t *free_row = older;
		older = old;
		old = now;
		now = free_row;
		now[0] = i;
		for (size_t j = 1; j <= len_b; j++) {
			size_t changed = old[j - 1] + (a[i - 1] != b[j - 1]);
			now[j] = min(changed, 1 + min(old[j], now[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = min(now[j], older[j - 2] + 1);
		}
	}
	return now[len_b];
}

const char *option_nearest(const struct option_table *table, const char *typed) {
	size_t len = strlen(typed);
	size_t least = 2 + len / 4; // more is another word
	const char *nearest = NULL;
	for (size_t i = 0; i < table->nb_rows; i++) {
		const struct option_row *row = &table->rows[i];
		size_t d = distance(typed, row->long_name);
		if (d < least && d < len) {
			least = d;
			nearest = row->long_name;
		}
	}
	for (size_t i = 0; nearest == NULL && len > 1 && i < table->nb_rows; i++) {
		if (table->rows[i].help && strncmp(table->rows[i].long_name, typed, len) == 0)
			nearest = table->rows[i].long_name;
	}
	return nearest;
}
