#include "app/lists.h"

#include "app/say.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

// The first file that is none; NULL: they all are.
static const char *irregular(const char *const *paths, unsigned int nb) {
	for (unsigned int i = 0; i < nb; i++) {
		struct stat st; // what is not there is found out when it is read
		if (stat(paths[i], &st) == 0 && !S_ISREG(st.st_mode))
			return paths[i];
	}
	return NULL;
}

static void explain(const struct permit_error *error, char why[LISTS_WHY_OCTETS]) {
	const char *kind = error->is_allowlist ? "allowlist" : "blocklist";
	const struct blocklist_error *at = &error->at;
	if (!at->source)
		snprintf(why, LISTS_WHY_OCTETS, "%s: %s", kind, strerror(ENOMEM));
	else if (at->line == 0)
		snprintf(why, LISTS_WHY_OCTETS, "%s %s: %s", kind, at->source,
			strerror(at->os_error));
	else if (at->os_error != 0)
		snprintf(why, LISTS_WHY_OCTETS, "%s %s:%" PRIu64 ": %s", kind, at->source, at->line,
			strerror(at->os_error));
	else
		snprintf(why, LISTS_WHY_OCTETS, "%s %s:%" PRIu64 ": %s", kind, at->source, at->line,
			at->mend);
}

struct permit *lists_load(const struct options *o, bool is_again, char why[LISTS_WHY_OCTETS]) {
	const struct permit_files files = {
		.blocklists = o->blocklists,
		.nb_blocklists = o->nb_blocklists,
		.allowlists = o->allowlists,
		.nb_allowlists = o->nb_allowlists,
		.with_builtin = !o->no_default_blocklist,
	};
	const char *once = NULL;
	if (is_again)
		once = irregular(files.blocklists, files.nb_blocklists);
	if (is_again && !once)
		once = irregular(files.allowlists, files.nb_allowlists);
	if (once) {
		snprintf(why, LISTS_WHY_OCTETS,
			"%s is no regular file and can be read only once: give a file", once);
		return NULL;
	}
	struct permit_error error;
	struct permit *permit = permit_load(&files, &error);
	if (!permit)
		explain(&error, why);
	return permit;
}

void lists_say(const struct permit *permit, const char *when) {
	const struct addrset *blocked = blocklist_set(permit->blocked);
	char allowed[96] = "";
	if (permit->allowed) {
		const struct addrset *set = blocklist_set(permit->allowed);
		snprintf(allowed, sizeof(allowed),
			"; allowed are %" PRIu64 " and %zu, and nobody else", addrset_nb_ipv4(set),
			set->v6.nb);
	}
	say("%sblocked are %" PRIu64 " IPv4 addresses and %zu ranges of IPv6%s", when,
		addrset_nb_ipv4(blocked), blocked->v6.nb, allowed);
}
