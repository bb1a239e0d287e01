// A file of networks that must not be probed, or of those that alone may be: ZMap's block- and
// allowlists and masscan's exclude files, as they are. A line holds addresses, networks (CIDR) and
// ranges (192.0.2.0-192.0.2.9), IPv4 or IPv6, with blanks or commas between them; # or ; starts a
// comment, blank lines are fine. A network with host bits set (10.1.2.3/8) means the whole network,
// as with ZMap. One bad line stops the load: half a blocklist is none.
//
//	blocklist_create → blocklist_add_builtin, blocklist_add_file … → blocklist_seal → covers
//
// Sealed, it is a lib/addrset.h, and may be asked by any number of threads.
#pragma once

#include "lib/addrset.h"
#include "lib/digest.h"

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

// After it nothing may be added. 0 or -ENOMEM, then it is only fit for destruction.
int blocklist_seal(struct blocklist *list);

bool blocklist_covers(const struct blocklist *list, const struct ip_addr *addr);

// What it covers, for who counts it or walks over it; sealed. It belongs to the list.
const struct addrset *blocklist_set(const struct blocklist *list);

// The hash of all addresses that are covered, of a sealed list: two lists that cover the same have
// the same, however they are written. 0 or -errno.
int blocklist_digest(const struct blocklist *list, char text[DIGEST_TEXT_OCTETS]);
