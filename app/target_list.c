#include "app/target_list.h"

#include "app/exit_code.h"
#include "app/say.h"

#include <string.h>

#define PROBE_WAIT_MS 1000

static void say_bad_line(void *context, const struct visit_bad *bad) {
	(void)context;
	say("%s:%llu: %s", bad->source, (unsigned long long)bad->line, bad->mend);
}

static int say_refusal(const struct visit *visit) {
	uint64_t nb_bad, nb_lines;
	const char *path = visit_refusal(visit, &nb_bad, &nb_lines);
	say("%s: target list refused: %llu of its first %llu lines are bad, more than 1 %%", path,
		(unsigned long long)nb_bad, (unsigned long long)nb_lines);
	return EXIT_USAGE;
}

static int judge(struct visit *visit, bool (*is_interrupted)(void)) {
	enum visit_step step;
	const char *path, *why;
	do {
		step = visit_probe(visit, PROBE_WAIT_MS);
	} while (step == VISIT_AGAIN && !is_interrupted());
	switch (step) {
	case VISIT_REFUSED:
		return say_refusal(visit);
	case VISIT_ERROR:
		why = visit_failure(visit, &path);
		say("target list %s: %s", path, why);
		return EXIT_USAGE;
	case VISIT_AGAIN:
		say("interrupted before the first target");
		return EXIT_INTERRUPTED;
	case VISIT_END:
		say("no target: the list holds none");
		return EXIT_USAGE;
	default:
		return 0;
	}
}

int target_list_open(
	const struct visit_config *config, bool (*is_interrupted)(void), struct visit **visit) {
	struct visit_config own = *config;
	own.on_bad = say_bad_line;
	const char *failed_path = NULL;
	*visit = NULL;
	int ret = visit_create(&own, visit, &failed_path);
	if (ret == 0)
		return judge(*visit, is_interrupted);
	say("target list %s: %s", failed_path ? failed_path : "", strerror(-ret));
	return EXIT_USAGE;
}
