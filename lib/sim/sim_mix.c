#include "lib/sim/sim_mix.h"

#include <stddef.h>
#include <string.h>

#define MAX_WEIGHT 1000000000u // so that no sum of them passes 64 bits, nor 36

enum {
	LINUX = 1,
	PLAIN = 2,
	DEAD = 31,
	CLOSED = 32,
	GUESSED = 46, // one of its two forms is dead
};

static void fill_realistic(uint32_t *weights) {
	for (unsigned int i = 0; i <= SIM_NB_BEHAVIOURS; i++)
		weights[i] = 20;
	weights[DEAD] = 980000;
	weights[CLOSED] = 4000;
	weights[PLAIN] = 14000;
	weights[LINUX] = 1000;
}

static void fill_even(uint32_t *weights) {
	for (unsigned int i = 1; i <= SIM_NB_BEHAVIOURS; i++)
		weights[i] = 1;
}

static void fill_answering(uint32_t *weights) {
	fill_even(weights);
	weights[DEAD] = weights[CLOSED] = weights[GUESSED] = 0;
}

static const struct {
	const char *name;
	void (*fill)(uint32_t *weights);
} mixes[] = {
	{"realistic", fill_realistic},
	{"even", fill_even},
	{"answering", fill_answering},
};

// Digits up to max; *text is then behind them.
static bool read_number(const char **text, uint32_t max, uint32_t *value) {
	const char *p = *text;
	uint64_t n = 0; // no more than ten times max
	if (*p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		n = n * 10 + (uint64_t)(*p - '0');
		if (n > max)
			return false;
	}
	*text = p;
	*value = (uint32_t)n;
	return true;
}

static bool read_pairs(const char *text, uint32_t *weights) {
	bool is_given[SIM_NB_BEHAVIOURS + 1] = {false};
	uint64_t sum = 0;
	for (;;) {
		uint32_t number, weight;
		if (!read_number(&text, SIM_NB_BEHAVIOURS, &number) || is_given[number])
			return false;
		if (*text++ != ':' || !read_number(&text, MAX_WEIGHT, &weight))
			return false;
		is_given[number] = true;
		weights[number] = weight;
		sum += weight;
		if (*text == '\0')
			return sum > 0;
		if (*text++ != ',')
			return false;
	}
}

static bool read_one(const char *text, uint32_t *weights) {
	uint32_t number;
	if (!read_number(&text, SIM_NB_BEHAVIOURS, &number) || *text != '\0')
		return false;
	weights[number] = 1;
	return true;
}

bool sim_mix_parse(const char *text, uint32_t weights[SIM_NB_BEHAVIOURS + 1]) {
	uint32_t found[SIM_NB_BEHAVIOURS + 1] = {0};
	bool is_good = false;
	for (size_t i = 0; i < sizeof(mixes) / sizeof(mixes[0]) && !is_good; i++) {
		is_good = strcmp(text, mixes[i].name) == 0;
		if (is_good)
			mixes[i].fill(found);
	}
	if (!is_good)
		is_good = strchr(text, ':') ? read_pairs(text, found) : read_one(text, found);
	if (is_good)
		memcpy(weights, found, sizeof(found));
	return is_good;
}
