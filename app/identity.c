#include "app/identity.h"

#include "app/exit_code.h"
#include "app/say.h"

#include <errno.h>
#include <string.h>

static int cannot_sum(const char *what, int ret) {
	say("%s: no hash of it: %s", what, strerror(-ret));
	return EXIT_CANNOT;
}

static int read_files(
	const char *const *paths, unsigned int nb, char (*texts)[DIGEST_TEXT_OCTETS]) {
	for (unsigned int i = 0; i < nb; i++) {
		// stdin may be a file: it is visited in another order than a stream
		const char *path = strcmp(paths[i], "-") == 0 ? "/dev/stdin" : paths[i];
		int ret = digest_file(path, texts[i]);
		if (ret == -ESPIPE)
			texts[i][0] = '\0';
		else if (ret < 0)
			return cannot_sum(paths[i], ret);
	}
	return 0;
}

static int read_permit(struct identity *id, const struct permit *permit) {
	int ret = blocklist_digest(permit->blocked, id->blocked);
	id->nb_blocked_ipv4 = addrset_nb_ipv4(blocklist_set(permit->blocked));
	id->allowed[0] = '\0';
	if (ret == 0 && permit->allowed)
		ret = blocklist_digest(permit->allowed, id->allowed);
	return ret;
}

int identity_read_lists(struct identity *id, const struct options *o, const struct permit *permit) {
	pthread_mutex_lock(&id->lists_lock);
	int code = read_files(o->blocklists, o->nb_blocklists, id->blocklists);
	if (code == 0)
		code = read_files(o->allowlists, o->nb_allowlists, id->allowlists);
	if (code == 0) {
		int ret = read_permit(id, permit);
		code = ret == 0 ? 0 : cannot_sum("block- and allowlists", ret);
	}
	pthread_mutex_unlock(&id->lists_lock);
	return code;
}

int identity_read(struct identity *id, const struct options *o, const struct permit *permit,
	const uint8_t *question, size_t question_len) {
	pthread_mutex_init(&id->lists_lock, NULL);
	id->is_read = true;
	int code = read_files(o->targets, o->nb_targets, id->targets);
	if (code == 0)
		code = identity_read_lists(id, o, permit);
	if (code != 0)
		return code;
	int ret = digest_octets(question, question_len, id->question);
	return ret == 0 ? 0 : cannot_sum("the question", ret);
}
