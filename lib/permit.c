#include "lib/permit.h"

#include <errno.h>
#include <stdlib.h>

// A list that is open for one file after the other, then sealed.
static int read_files(struct blocklist *list, const char *const *paths, unsigned int nb_paths,
	struct blocklist_error *error) {
	int code = 0;
	for (unsigned int i = 0; code == 0 && i < nb_paths; i++)
		code = blocklist_add_file(list, paths[i], error);
	return code == 0 ? blocklist_seal(list) : code;
}

static int load(struct permit *p, const struct permit_files *files, struct permit_error *error) {
	int code = 0;
	p->blocked = blocklist_create();
	if (!p->blocked)
		return -ENOMEM;
	if (files->with_builtin)
		code = blocklist_add_builtin(p->blocked, &error->at);
	if (code == 0)
		code = read_files(p->blocked, files->blocklists, files->nb_blocklists, &error->at);
	if (code < 0 || files->nb_allowlists == 0)
		return code;
	error->is_allowlist = true;
	p->allowed = blocklist_create();
	if (!p->allowed)
		return -ENOMEM;
	return read_files(p->allowed, files->allowlists, files->nb_allowlists, &error->at);
}

struct permit *permit_load(const struct permit_files *files, struct permit_error *error) {
	*error = (struct permit_error){0};
	struct permit *p = calloc(1, sizeof(*p));
	if (p && load(p, files, error) == 0)
		return p;
	permit_destroy(p);
	return NULL;
}

void permit_destroy(struct permit *permit) {
	if (permit == NULL)
		return;
	blocklist_destroy(permit->blocked);
	blocklist_destroy(permit->allowed);
	free(permit);
}

// ---- while it may be replaced

void permit_desk_open(struct permit_desk *desk, struct permit *first) {
	atomic_init(&desk->current, first);
	atomic_init(&desk->generation, 0);
}

struct permit *permit_desk_replace(struct permit_desk *desk, struct permit *next) {
	struct permit *old = atomic_exchange_explicit(&desk->current, next, memory_order_relaxed);
	// who sees the new generation sees the new permit, and what it points to
	atomic_fetch_add_explicit(&desk->generation, 1, memory_order_release);
	return old;
}

void permit_view_open(struct permit_view *view, const struct permit_desk *desk) {
	view->permit = atomic_load(&desk->current);
	atomic_init(&view->generation, atomic_load(&desk->generation));
	atomic_init(&view->is_closed, false);
}

void permit_view_close(struct permit_view *view) {
	atomic_store_explicit(&view->is_closed, true, memory_order_release);
}

bool permit_view_has_moved_on(const struct permit_view *view, const struct permit_desk *desk) {
	return atomic_load_explicit(&view->is_closed, memory_order_acquire) ||
	       atomic_load_explicit(&view->generation, memory_order_acquire) ==
		       atomic_load_explicit(&desk->generation, memory_order_relaxed);
}
