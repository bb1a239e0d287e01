#include "lib/progress.h"

#include <stdlib.h>
#include <string.h>

#define WORD_BITS 64u
#define WORD_OCTETS 8u
#define FIRST_WORDS 1024u

static uint64_t *word_at(const struct progress *p, uint64_t number) {
	return &p->words[number & (p->nb_words - 1)];
}

void progress_free(struct progress *p) {
	free(p->words);
	*p = (struct progress){0};
}

bool progress_copy(struct progress *to, const struct progress *from) {
	*to = *from;
	if (from->nb_words == 0)
		return true;
	to->words = malloc(from->nb_words * sizeof(*to->words));
	if (!to->words) {
		*to = (struct progress){0};
		return false;
	}
	memcpy(to->words, from->words, from->nb_words * sizeof(*to->words));
	return true;
}

// Room for word number, and all below it down to the mark.
static bool make_room(struct progress *p, uint64_t number) {
	uint64_t nb = p->nb_words ? p->nb_words : FIRST_WORDS;
	if (number - p->first_word >= PROGRESS_MAX_SPAN / WORD_BITS)
		return false;
	while (nb <= number - p->first_word)
		nb *= 2;
	if (nb == p->nb_words)
		return true;
	uint64_t *words = calloc(nb, sizeof(*words));
	if (!words)
		return false;
	for (uint64_t n = p->first_word; n < p->end_word; n++)
		words[n & (nb - 1)] = *word_at(p, n);
	free(p->words);
	p->words = words;
	p->nb_words = nb;
	return true;
}

// Full words at the start are below the mark.
static void raise_mark(struct progress *p) {
	while (p->first_word < p->end_word && *word_at(p, p->first_word) == UINT64_MAX) {
		*word_at(p, p->first_word) = 0;
		p->first_word++;
	}
	if (p->end_word < p->first_word)
		p->end_word = p->first_word;
}

bool progress_add(struct progress *p, uint64_t position) {
	uint64_t number = position / WORD_BITS;
	if (number < p->first_word)
		return true;
	if (number - p->first_word >= p->nb_words && !make_room(p, number))
		return false;
	uint64_t *word = word_at(p, number);
	*word |= UINT64_C(1) << position % WORD_BITS;
	if (number >= p->end_word)
		p->end_word = number + 1;
	if (number == p->first_word && *word == UINT64_MAX)
		raise_mark(p);
	return true;
}

bool progress_has(const struct progress *p, uint64_t position) {
	uint64_t number = position / WORD_BITS;
	if (number < p->first_word || number >= p->end_word)
		return number < p->first_word;
	return *word_at(p, number) >> position % WORD_BITS & 1;
}

uint64_t progress_low(const struct progress *p) {
	uint64_t first = p->first_word * WORD_BITS;
	if (p->first_word == p->end_word)
		return first;
	return first + (uint64_t)__builtin_ctzll(~*word_at(p, p->first_word));
}

uint64_t progress_bitmap_start(const struct progress *p) {
	return p->first_word * WORD_BITS;
}

size_t progress_bitmap_octets(const struct progress *p) {
	return (size_t)(p->end_word - p->first_word) * WORD_OCTETS;
}

void progress_bitmap(const struct progress *p, uint8_t *octets) {
	for (uint64_t n = p->first_word; n < p->end_word; n++) {
		uint64_t word = *word_at(p, n);
		for (unsigned int i = 0; i < WORD_OCTETS; i++)
			*octets++ = (uint8_t)(word >> 8 * i);
	}
}

bool progress_restore(struct progress *p, uint64_t start, const uint8_t *octets, size_t len) {
	*p = (struct progress){.first_word = start / WORD_BITS, .end_word = start / WORD_BITS};
	uint64_t nb = len / WORD_OCTETS;
	if (start % WORD_BITS != 0 || len % WORD_OCTETS != 0 || nb > PROGRESS_MAX_SPAN / WORD_BITS)
		return false;
	if (nb == 0)
		return true;
	if (!make_room(p, p->first_word + nb - 1))
		return false;
	p->end_word = p->first_word + nb;
	for (uint64_t n = p->first_word; n < p->end_word; n++) {
		uint64_t *word = word_at(p, n);
		for (unsigned int i = 0; i < WORD_OCTETS; i++)
			*word |= (uint64_t)*octets++ << 8 * i;
	}
	raise_mark(p);
	return true;
}
