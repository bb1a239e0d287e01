// Networks that must not be probed, in ZMap's format: one address or CIDR a line, IPv4 or IPv6,
// # starts a comment, blank lines are fine. A network with host bits set (10.1.2.3/8) means the
// whole network, as with ZMap. One bad line stops the load: half a blocklist is none.
//
//	blocklist_create → blocklist_add_builtin, blocklist_add_file … → blocklist_seal → covers
//
// Sealed, it is a sorted array of disjoint ranges a family; blocklist_covers is a binary search,
// reads only, and may be called by any number of threads. Both families are apart: ::/0 does not
// cover IPv4, and ::ffff:0:0/96 does not either.
#pragma once

#include "lib/tcpstack/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct blocklist_error {
	const char *source; // the path as given, or the name given with the text
	uint64_t line;	    // 0: the file itself, then os_error says why
	int os_error;	    // errno, 0 if the line is to blame
	const char *mend;   // what to do about the line; a string constant
};

struct blocklist;

struct blocklist *blocklist_create(void); // NULL: no memory
void blocklist_destroy(struct blocklist *list);

// Add the networks of a text, of a file (16 MiB at most, - is not stdin), or of
// config/blocklist.conf, which is compiled in. 0, -EINVAL (a bad line) or -errno, *error filled;
// after a failure the list may hold the lines before the bad one and is only fit for destruction.
int blocklist_add_text(struct blocklist *list, const char *name, const char *text, size_t len,
	struct blocklist_error *error);
int blocklist_add_file(struct blocklist *list, const char *path, struct blocklist_error *error);
int blocklist_add_builtin(struct blocklist *list, struct blocklist_error *error);

// Sort and merge; after it nothing may be added.
void blocklist_seal(struct blocklist *list);

bool blocklist_covers(const struct blocklist *list, const struct ip_addr *addr);

// Addresses of IPv4 that are covered, 0 to 2^32; for the summary before the first frame.
uint64_t blocklist_nb_ipv4(const struct blocklist *list);
