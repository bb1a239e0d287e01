// Whether the replies come to the queues that they were steered to.
#pragma once

#include "app/scan.h"

// Where RSS steers nothing, rules of the NIC may: a part of s->measure.ports is then used, that
// these can name. Before the workers get their ports.
void steering_by_rules(struct scan *s);

// The rules' ports are steered where they can be; memory, of that NUMA node, is kept until
// steering_release. False: no memory. It says why nothing is steered, if that was to be expected.
bool steering_begin(struct scan *s, unsigned int worker, int socket_id, struct target_rules *rules);
void steering_release(struct scan *s);

// Says once that the NIC does not do what it says: the verdicts are the same then, as what lands
// elsewhere is handed over. is_end: few replies are enough.
void steering_look(struct scan *s, bool is_end);
