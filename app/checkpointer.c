#include "app/checkpointer.h"

#include "app/checkpoint_head.h"
#include "app/resume.h"
#include "lib/checkpoint.h"
#include "lib/wholefile.h"

#include <rte_lcore.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ns(void) {
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
}

int checkpointer_open(struct checkpointer *c, const char *output) {
	pthread_mutex_init(&c->mutex, NULL);
	pthread_cond_init(&c->wanted, NULL);
	c->output_fd = open(output, O_RDONLY | O_CLOEXEC);
	return c->output_fd < 0 ? -errno : wholefile_sync_directory(output);
}

// First what it speaks of, then the checkpoint itself.
static int sync_output(struct checkpointer *c) {
	int ret = c->silent ? silentmap_flush(c->silent) : 0;
	if (ret == 0 && c->silent)
		ret = silentmap_sync(c->silent);
	return ret == 0 && fdatasync(c->output_fd) < 0 ? -errno : ret;
}

static int write_checkpoint(struct checkpointer *c, cJSON *head, const struct recorded *r) {
	char digest[DIGEST_TEXT_OCTETS];
	int ret = sync_output(c);
	if (ret == 0)
		ret = resume_tail(c->output_fd, r->file_octets, digest);
	if (ret < 0)
		return ret;
	checkpoint_head_add(head, r, digest);
	size_t len = 0;
	void *octets = checkpoint_pack(head, &r->done, &len);
	ret = octets ? wholefile_write(c->path, octets, len) : -ENOMEM;
	free(octets);
	return ret;
}

int checkpointer_write(struct checkpointer *c, cJSON *head, char *metadata) {
	uint64_t begun_ns = now_ns();
	struct recorded look;
	int ret = head && recorded_look(&c->recorded, &look) ? 0 : -ENOMEM;
	if (ret == 0) {
		ret = look.has_failed ? -ENOMEM : write_checkpoint(c, head, &look);
		progress_free(&look.done);
	}
	if (ret == 0 && metadata)
		ret = wholefile_write(c->metadata_path, metadata, strlen(metadata));
	cJSON_Delete(head);
	free(metadata);
	uint64_t took_ns = now_ns() - begun_ns;
	c->longest_ns = took_ns > c->longest_ns ? took_ns : c->longest_ns;
	c->nb_written += ret == 0;
	atomic_store(&c->error, -ret);
	return ret;
}

static void *run(void *context) {
	struct checkpointer *c = context;
	pthread_mutex_lock(&c->mutex);
	while (true) {
		while (!c->is_wanted && !c->is_ending)
			pthread_cond_wait(&c->wanted, &c->mutex);
		if (!c->is_wanted)
			break;
		pthread_mutex_unlock(&c->mutex);
		checkpointer_write(c, c->head, c->metadata);
		pthread_mutex_lock(&c->mutex);
		c->is_wanted = false;
	}
	pthread_mutex_unlock(&c->mutex);
	return NULL;
}

int checkpointer_start(struct checkpointer *c) {
	int ret = rte_ctrl_thread_create(&c->thread, "tfoscan-save", NULL, run, c);
	c->has_thread = ret == 0;
	return ret;
}

bool checkpointer_is_due(struct checkpointer *c, uint64_t now) {
	if (!c->has_thread || now < c->due_ns)
		return false;
	pthread_mutex_lock(&c->mutex);
	bool is_free = !c->is_wanted;
	pthread_mutex_unlock(&c->mutex);
	return is_free;
}

void checkpointer_ask(struct checkpointer *c, cJSON *head, char *metadata, uint64_t now) {
	c->due_ns = now + CHECKPOINTER_NS;
	pthread_mutex_lock(&c->mutex);
	c->head = head;
	c->metadata = metadata;
	c->is_wanted = true;
	pthread_cond_signal(&c->wanted);
	pthread_mutex_unlock(&c->mutex);
}

void checkpointer_stop(struct checkpointer *c) {
	if (!c->has_thread)
		return;
	pthread_mutex_lock(&c->mutex);
	c->is_ending = true;
	pthread_cond_signal(&c->wanted);
	pthread_mutex_unlock(&c->mutex);
	pthread_join(c->thread, NULL);
	c->has_thread = false;
}

void checkpointer_close(struct checkpointer *c) {
	if (c->path == NULL)
		return;
	checkpointer_stop(c);
	if (c->output_fd > 0)
		close(c->output_fd);
	recorded_free(&c->recorded);
}
