#include "lib/ownloss.h"

#include <inttypes.h>
#include <stdio.h>

// One in ten thousand.
#define TOLERATED 10000u

static const struct {
	const char *word, *advice;
} kinds[OWNLOSS_NB_KINDS] = {
	[OWNLOSS_IMISSED] = {"imissed", "a lower rate (-r), or more workers with a CPU each"},
	[OWNLOSS_IERRORS] = {"ierrors", "look at cable, driver and MTU"},
	[OWNLOSS_RX_NOMBUF] = {"rx_nombuf",
		"more memory for mbufs: hugepages (sysctl vm.nr_hugepages=1024)"},
	[OWNLOSS_SOCKET] = {"socket", "a lower rate (-r), or a CPU of its own for each worker"},
	[OWNLOSS_HANDOVER] = {"hand-over", "a CPU of its own for each worker, or fewer workers"},
	[OWNLOSS_UNSENT] = {"unsent", "a lower rate (-r); ip -s link shows what the device says"},
};

const char *ownloss_word(enum ownloss_kind kind) {
	return kinds[kind].word;
}

static bool is_sending(enum ownloss_kind kind) {
	return kind == OWNLOSS_UNSENT;
}

static uint64_t sum(const struct ownloss *loss, bool of_sending) {
	uint64_t nb = 0;
	for (enum ownloss_kind kind = 0; kind < OWNLOSS_NB_KINDS; kind++) {
		if (is_sending(kind) == of_sending)
			nb += loss->nb[kind];
	}
	return nb;
}

static bool is_above(uint64_t lost, uint64_t passed) {
	return lost > passed / TOLERATED;
}

uint64_t ownloss_total(const struct ownloss *loss) {
	return sum(loss, false) + sum(loss, true);
}

uint64_t ownloss_of_rate(const struct ownloss *loss) {
	return sum(loss, false) - loss->nb[OWNLOSS_IERRORS];
}

bool ownloss_is_deaf(const struct ownloss *loss) {
	return is_above(sum(loss, false), loss->received);
}

bool ownloss_is_mute(const struct ownloss *loss) {
	return is_above(sum(loss, true), loss->sent);
}

void ownloss_write(const struct ownloss *loss, char *buf, size_t len) {
	size_t at = 0;
	if (len > 0)
		buf[0] = '\0';
	for (enum ownloss_kind kind = 0; kind < OWNLOSS_NB_KINDS && at < len; kind++)
		at += (size_t)snprintf(buf + at, len - at, "%s%s %" PRIu64, kind > 0 ? ", " : "",
			kinds[kind].word, loss->nb[kind]);
}

const char *ownloss_advice(const struct ownloss *loss, enum ownloss_kind *worst) {
	bool is_found = false;
	for (enum ownloss_kind kind = 0; kind < OWNLOSS_NB_KINDS; kind++) {
		bool is_bad = is_sending(kind) ? ownloss_is_mute(loss) : ownloss_is_deaf(loss);
		if (!is_bad || (is_found && loss->nb[kind] <= loss->nb[*worst]))
			continue;
		*worst = kind;
		is_found = true;
	}
	return is_found ? kinds[*worst].advice : NULL;
}

bool ownloss_doubt(const struct ownloss *loss, char *line, size_t len) {
	enum ownloss_kind worst;
	const char *advice = ownloss_advice(loss, &worst);
	if (advice) {
		char losses[OWNLOSS_DOUBT_OCTETS / 2];
		ownloss_write(loss, losses, sizeof(losses));
		snprintf(line, len,
			"not to be trusted: more than 0.01 %% of the frames %s were lost on our "
			"own side, most of them as %s: %s (%s)",
			ownloss_is_deaf(loss) ? "that came" : "to be sent", kinds[worst].word,
			advice, losses);
		return true;
	}
	if (loss->nb_pauses <= loss->nb_pauses_mended)
		return false;
	snprintf(line, len,
		"not to be trusted: %u times a worker was off its CPU, or its port took no frame, "
		"and only at the first %u what was under way was measured again: a CPU of its own "
		"for each worker, or a lower rate (-r)",
		loss->nb_pauses, loss->nb_pauses_mended);
	return true;
}
