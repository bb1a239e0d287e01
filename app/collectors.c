#include "app/collectors.h"

#include "app/exit_code.h"
#include "app/lcores.h"
#include "app/say.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SILENT_FLUSH_NS NSEC_PER_SEC

int collectors_check_lcores(const struct options *o, unsigned int nb_lcores) {
	if (lcores_nb_workers(nb_lcores, o->nb_collectors) > 0)
		return 0;
	say("--collectors %u: takes main's lcore and %u more, and a worker needs one, too: give "
	    "%u lcores (-l 0-%u)",
		o->nb_collectors, o->nb_collectors - 1, o->nb_collectors + 1, o->nb_collectors);
	return EXIT_USAGE;
}

static int cannot_write(const char *path, int ret) {
	if (ret == -EEXIST)
		say("%s is not empty: give --overwrite, or another name with -o", path);
	else
		say("cannot write %s: %s", path, strerror(-ret));
	return EXIT_USAGE;
}

static bool is_done(void *context, uint64_t index) {
	const struct resume *resume = context;
	return progress_has(&resume->done, index);
}

static int open_silent(struct collectors *c, const struct options *o, uint64_t seed, uint64_t epoch,
	struct resume *resume) {
	int len = snprintf(c->silent_path, sizeof(c->silent_path), "%s.silent", o->output);
	int ret = len < (int)sizeof(c->silent_path) ? 0 : -ENAMETOOLONG;
	if (ret == 0 && resume->head)
		ret = silentmap_resume(&c->silent, c->silent_path, seed, epoch, is_done, resume);
	else if (ret == 0)
		ret = silentmap_create(&c->silent, c->silent_path, o->overwrite, seed, epoch);
	return ret == 0 ? 0 : cannot_write(c->silent_path, ret);
}

int collectors_open(struct collectors *c, const struct options *o, const struct record_style *style,
	uint64_t seed, uint64_t epoch, struct resume *resume) {
	c->nb = o->nb_collectors;
	// the bits first: if they can't be had, the records are as they were
	int code = o->answered_only && resume->head ? open_silent(c, o, seed, epoch, resume) : 0;
	if (code != 0)
		return code;
	struct output *first = &c->each[0].output;
	int ret = resume->head ? output_resume_lines(first, o->output, resume->output_octets)
			       : output_open_lines(first, o->output, o->overwrite);
	for (unsigned int i = 1; i < c->nb && ret == 0; i++)
		ret = output_share(&c->each[i].output, &c->each[0].output);
	for (unsigned int i = 0; i < c->nb; i++)
		record_writer_init(&c->each[i].writer, style);
	if (ret < 0)
		return cannot_write(o->output, ret);
	return o->answered_only && !c->silent ? open_silent(c, o, seed, epoch, resume) : 0;
}

int collectors_note(struct collectors *c, struct recorded *recorded) {
	for (unsigned int i = 0; i < c->nb; i++) {
		struct collector *one = &c->each[i];
		one->recorded = recorded_queue_create(recorded);
		if (!one->recorded)
			return -ENOMEM;
		one->output.on_written = recorded_written;
		one->output.context = one->recorded;
	}
	return 0;
}

void collectors_assign(struct collectors *c, struct worker **workers, unsigned int nb_workers,
	const struct collector *common) {
	for (unsigned int i = 0; i < c->nb; i++) {
		struct collector *one = &c->each[i];
		one->texts = common->texts;
		one->capture = common->capture;
		one->control = common->control;
		one->clock = common->clock;
		one->silent = c->silent;
	}
	for (unsigned int i = 0; i < nb_workers; i++) {
		struct collector *one = &c->each[i % c->nb];
		one->workers[one->nb_workers++] = workers[i];
	}
}

unsigned int collectors_step(struct collectors *c, uint64_t now_ns) {
	if (c->silent && now_ns >= c->silent_flushed_ns + SILENT_FLUSH_NS) {
		c->silent_flushed_ns = now_ns;
		silentmap_flush(c->silent); // silentmap_error keeps what it says
	}
	return collector_step(&c->each[0], now_ns);
}

enum output_state collectors_state(const struct collectors *c, int *os_error) {
	enum output_state worst = OUTPUT_OK;
	*os_error = 0;
	for (unsigned int i = 0; i < c->nb; i++) {
		enum output_state state = atomic_load(&c->each[i].state);
		if (state <= worst)
			continue;
		worst = state;
		*os_error = c->each[i].output.os_error;
	}
	int silent_error = c->silent ? -silentmap_error(c->silent) : 0;
	if (silent_error == 0 || worst >= OUTPUT_NO_READER)
		return worst;
	*os_error = silent_error;
	bool is_full = silent_error == ENOSPC || silent_error == EDQUOT;
	return is_full ? OUTPUT_FULL : OUTPUT_FAILED;
}

void collectors_sum(const struct collectors *c, struct collector_counts *sum) {
	*sum = c->past ? c->past->counts : (struct collector_counts){0};
	for (unsigned int i = 0; i < c->nb; i++)
		collector_counts_add(sum, &c->each[i].counts);
}

bool collectors_have_written(const struct collectors *c) {
	for (unsigned int i = 0; i < c->nb; i++) {
		const struct collector *one = &c->each[i];
		for (unsigned int w = 0; w < one->nb_workers; w++) {
			if (!rte_ring_empty(one->workers[w]->records) ||
				!rte_ring_empty(one->workers[w]->shorts))
				return false;
		}
		// it says so before it takes anything out of a ring
		atomic_thread_fence(memory_order_acquire);
		if (atomic_load(&one->has_rest))
			return false;
	}
	return true;
}

void collectors_write_rest(struct collectors *c) {
	const struct tsc_clock *clock = c->each[0].clock;
	uint64_t until_ns = clock_now_ns(clock) + NSEC_PER_SEC;
	uint64_t now_ns;
	int os_error;
	do {
		now_ns = clock_now_ns(clock);
		for (unsigned int i = 0; i < c->nb; i++) {
			collector_step(&c->each[i], now_ns);
			collector_flush(&c->each[i], now_ns);
			atomic_store(&c->each[i].has_rest, output_waiting(&c->each[i].output) > 0);
		}
	} while (now_ns < until_ns && !collectors_have_written(c) &&
		 collectors_state(c, &os_error) <= OUTPUT_BUSY);
}

int collectors_close(struct collectors *c, const struct options *o) {
	size_t waiting = 0;
	int ret = 0;
	for (unsigned int i = c->nb; i-- > 0;) {
		waiting += output_waiting(&c->each[i].output);
		int one = output_close(&c->each[i].output);
		free(c->each[i].recorded);
		ret = one < 0 ? one : ret;
	}
	if (waiting > 0)
		say("%zu octets of records could not be written to %s: those targets are missing "
		    "there",
			waiting, o->output);
	if (ret < 0)
		cannot_write(o->output, ret);
	uint64_t nb_silent = c->silent ? silentmap_nb(c->silent) : 0;
	int silent_ret = silentmap_close(c->silent);
	if (silent_ret < 0)
		cannot_write(c->silent_path, silent_ret);
	else if (c->silent && !o->quiet)
		say("%llu silent targets have no record but a bit in %s",
			(unsigned long long)nb_silent, c->silent_path);
	return ret < 0 || silent_ret < 0 ? EXIT_CANNOT : 0;
}
