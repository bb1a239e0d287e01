#include "app/target_list.h"

#include "app/exit_code.h"
#include "app/say.h"

#include <string.h>

#define PROBE_WAIT_MS 1000

static void say_bad_line(void *context, const struct targets_bad *bad) {
	(void)context;
	say("%s:%llu: %s", bad->source, (unsigned long long)bad->line, bad->mend);
}

static int judge(struct targets *targets, bool (*is_interrupted)(void)) {
	enum targets_step step;
	do {
		step = targets_probe(targets, PROBE_WAIT_MS);
	} while (step == TARGETS_AGAIN && !is_interrupted());
	struct targets_counts counts = targets_counts(targets);
	const char *path;
	switch (step) {
	case TARGETS_REFUSED:
		say("target list refused: %llu of its first %llu lines are bad, more than 1 %%",
			(unsigned long long)counts.bad, (unsigned long long)counts.lines);
		return EXIT_USAGE;
	case TARGETS_ERROR: {
		int os_error = targets_failure(targets, &path);
		say("target list %s: %s", path, strerror(os_error));
		return EXIT_USAGE;
	}
	case TARGETS_AGAIN:
		say("interrupted before the first target");
		return EXIT_INTERRUPTED;
	case TARGETS_END:
		say("no target: the list holds none");
		return EXIT_USAGE;
	default:
		return 0;
	}
}

int target_list_open(const struct targets_config *config, bool (*is_interrupted)(void),
	struct targets **targets) {
	struct targets_config own = *config;
	own.on_bad = say_bad_line;
	const char *failed_path = NULL;
	*targets = NULL;
	int ret = targets_create(&own, targets, &failed_path);
	if (ret == 0)
		return judge(*targets, is_interrupted);
	say("target list %s: %s", failed_path ? failed_path : "", strerror(-ret));
	return EXIT_USAGE;
}
