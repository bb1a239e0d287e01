// The head of a checkpoint: which scan it is of, and what was counted.
#pragma once

#include "app/scan.h"

// All but what the checkpoint's thread knows better: counts of records and the place in the output.
// Main alone may ask for it. NULL: no memory.
cJSON *checkpoint_head(struct scan *s, bool is_finished);

// What the thread adds: of the records in the output's first file_octets. digest: of the octets in
// front of that place.
void checkpoint_head_add(cJSON *head, const struct recorded *r, const char *digest);

// Out of a checkpoint. False: something is missing, or no number.
bool checkpoint_head_past(const cJSON *head, struct past *past);

// NULL if head is of this very scan; else what differs, as a sentence.
const char *checkpoint_head_differs(const cJSON *head, struct scan *s);
