// Which addresses may be probed: none that a blocklist covers and, if there are allowlists, those
// alone that one of them covers.
//
// A permit never changes. A new one may take its place while others look at it: whoever asks has a
// view of his own, looks from time to time whether there is a new permit, and holds none that he
// saw before. When all have moved on the old one is freed. Nobody waits for anybody:
//
//	replaces: permit_desk_replace → permit_view_has_moved_on (all of them) → permit_destroy
//	asks:     permit_view_open → permit_view_look, permit_allows … → permit_view_close
#pragma once

#include "lib/blocklist.h"

#include <stdatomic.h>

struct permit_files {
	const char *const *blocklists;
	unsigned int nb_blocklists;
	const char *const *allowlists;
	unsigned int nb_allowlists; // 0: all that is not blocked may be probed
	bool with_builtin;	    // the blocklist that is compiled in
};

struct permit_error {
	bool is_allowlist;
	struct blocklist_error at; // no source: there was no memory
};

struct permit {
	struct blocklist *blocked;
	struct blocklist *allowed; // NULL: all
};

// NULL: *error says why.
struct permit *permit_load(const struct permit_files *files, struct permit_error *error);
void permit_destroy(struct permit *permit); // NULL is fine

static inline bool permit_allows(const struct permit *permit, const struct ip_addr *addr) {
	return !blocklist_covers(permit->blocked, addr) &&
	       (permit->allowed == NULL || blocklist_covers(permit->allowed, addr));
}

// ---- while it may be replaced

struct permit_desk {
	_Atomic(struct permit *) current;
	atomic_uint generation; // of the current one, from 0
};

// Of one thread.
struct permit_view {
	const struct permit *permit;
	atomic_uint generation; // of that one
	atomic_bool is_closed;
};

void permit_desk_open(struct permit_desk *desk, struct permit *first);

// Returns the one before. To be called by one thread, and not before all views have moved on from
// the last time.
struct permit *permit_desk_replace(struct permit_desk *desk, struct permit *next);

// Before anybody replaces it.
void permit_view_open(struct permit_view *view, const struct permit_desk *desk);
// It asks no more.
void permit_view_close(struct permit_view *view);

// Take the current permit. False: it is the one that the view has.
static inline bool permit_view_look(struct permit_view *view, const struct permit_desk *desk) {
	unsigned int generation = atomic_load_explicit(&desk->generation, memory_order_acquire);
	if (generation == atomic_load_explicit(&view->generation, memory_order_relaxed))
		return false;
	view->permit = atomic_load_explicit(&desk->current, memory_order_relaxed);
	// whoever sees this knows that the old one is not looked at any more
	atomic_store_explicit(&view->generation, generation, memory_order_release);
	return true;
}

bool permit_view_has_moved_on(const struct permit_view *view, const struct permit_desk *desk);
