#include "lib/visit_parts.h"

#include <string.h>

// The key of a batch's order among those that the seed gives.
#define KEY_OF_BATCHES (UINT64_C(1) << 32)

void visit_batch_begin(struct visit *visit, struct visit_batch *batch, uint64_t key) {
	struct siphash_key order = visit_key(visit, KEY_OF_BATCHES + key);
	batch->nb = batch->lines.nb + batch->nb_addresses;
	batch->next = 0;
	permute_init(&batch->order, &order, batch->nb);
}

static void take_address(struct visit *visit, uint64_t i, struct visit_target *target) {
	struct visit_batch *batch = &visit->batch;
	uint64_t at = batch->first_address + i;
	if (batch->addresses)
		at = permute_at(batch->addresses, at);
	memset(&target->job, 0, offsetof(struct jobline, domain));
	target->job.addr = netset_at(batch->networks, at);
	target->is_of_network = batch->networks == &visit->networks;
}

// False: it holds no target.
static bool take_line(struct visit *visit, uint64_t i, struct visit_target *target, char *text) {
	const struct lineref *ref = &visit->batch.lines.refs[i];
	const struct visit_source *source = &visit->sources[ref->source];
	enum jobline_result result = visit_parse(
		visit, source, visit->batch.lines.octets + ref->at, ref->len, &target->job, text);
	visit->counts.lines++;
	visit->counts.good += result == JOBLINE_TARGET || result == JOBLINE_NETWORK;
	target->text = text;
	target->is_of_network = false;
	if (result == JOBLINE_TARGET || result == JOBLINE_NETWORK || result == JOBLINE_NOTHING)
		return result == JOBLINE_TARGET;
	visit->counts.bad++;
	if (ref->number > source->probed_until)
		visit_show_bad(visit, source, ref->number, result);
	return false;
}

size_t visit_batch_draw(struct visit *visit, struct visit_target *targets) {
	struct visit_batch *batch = &visit->batch;
	uint64_t left = batch->nb - batch->next, items[VISIT_BURST];
	size_t nb_items = left < VISIT_BURST ? (size_t)left : VISIT_BURST, nb = 0;
	size_t nb_lines = batch->lines.nb;

	// Three passes: what the next one needs is on its way from memory meanwhile.
	for (size_t i = 0; i < nb_items; i++) {
		items[i] = permute_at(&batch->order, batch->next + i);
		if (items[i] < nb_lines)
			__builtin_prefetch(&batch->lines.refs[items[i]]);
	}
	for (size_t i = 0; i < nb_items; i++) {
		if (items[i] < nb_lines)
			__builtin_prefetch(batch->lines.octets + batch->lines.refs[items[i]].at);
	}
	for (size_t i = 0; i < nb_items; i++) {
		struct visit_target *target = &targets[nb];
		target->position = batch->position + batch->next + i;
		if (items[i] >= nb_lines)
			take_address(visit, items[i] - nb_lines, target);
		else if (!take_line(
				 visit, items[i], target, visit->texts + nb * JOBLINE_MAX_OCTETS))
			continue;
		nb++;
	}
	batch->next += nb_items;
	return nb;
}
