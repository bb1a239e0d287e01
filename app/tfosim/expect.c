#include "app/tfosim/expect.h"

#include "app/exit_code.h"
#include "app/say.h"
#include "app/target_list.h"
#include "lib/sim/sim_behaviour.h"
#include "lib/tfo/jsonput.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WAIT_MS 1000
#define WORD_MAX_OCTETS 64
#define LINE_OCTETS (2 * SIM_EXPECT_MAX_WORDS * (WORD_MAX_OCTETS + 3) + 256)

static char *put_words(char *p, const char *key, const char *const *words) {
	p = put_text(p, ",\"");
	p = put_text(p, key);
	p = put_text(p, "\":[");
	for (unsigned int i = 0; words[i] != NULL; i++) {
		p = put_text(p, i == 0 ? "\"" : ",\"");
		p = put_text(p, words[i]);
		p = put_text(p, "\"");
	}
	return put_text(p, "]");
}

// Frames are lost on the way to this address: by the path's doing, or its own.
static bool is_disturbed(const struct options *o, const struct ip_addr *addr) {
	unsigned int variant;
	uint64_t hash = sim_behaviour_hash(&o->config, addr);
	return sim_path_is_bad(&o->config.path) ||
	       sim_behaviour_at(&o->config, hash, &variant)->loss_ppm > 0;
}

static bool write_line(const struct options *o, const struct ip_addr *addr, FILE *out) {
	static char line[LINE_OCTETS];
	struct sim_expected expected;
	sim_expect(&o->config, addr, &o->rules, &expected);
	char *p = put_text(line, "{\"dip\":");
	p = put_quoted_addr(p, addr);
	p = put_member(p, "behaviour", sim_behaviour_of(&o->config, addr), false);
	p = put_words(p, "conditions", expected.words);
	if (is_disturbed(o, addr))
		p = put_words(p, "by_chance", expected.by_chance);
	p = put_text(p, "}\n");
	size_t len = (size_t)(p - line);
	return fwrite(line, 1, len, out) == len;
}

// Signals end the process as they do by default.
static bool is_interrupted(void) {
	return false;
}

static int write_all(const struct options *o, struct visit *visit, FILE *out) {
	for (;;) {
		struct visit_target targets[VISIT_BURST];
		size_t nb;
		const char *path, *why;
		enum visit_step step = visit_draw(visit, WAIT_MS, targets, &nb);
		for (size_t i = 0; i < nb; i++) {
			if (!write_line(o, &targets[i].job.addr, out))
				return EXIT_CANNOT;
		}
		if (step == VISIT_ERROR) {
			why = visit_failure(visit, &path);
			say("target list %s: %s", path, why);
			return EXIT_CANNOT;
		}
		if (step == VISIT_END)
			return EXIT_DONE;
	}
}

int expect_run(const struct options *o) {
	static const char *const from_stdin[] = {"-"};
	bool has_none = o->nb_targets == 0 && o->nb_addresses == 0;
	if (has_none && isatty(STDIN_FILENO)) {
		say("no targets: give --targets FILE, addresses, or lines on stdin");
		return EXIT_USAGE;
	}
	const struct visit_config config = {
		.arguments = o->addresses,
		.nb_arguments = o->nb_addresses,
		.paths = has_none ? from_stdin : o->targets,
		.nb_paths = has_none ? 1 : o->nb_targets,
	};
	struct visit *visit;
	int code = target_list_open(&config, is_interrupted, &visit);
	FILE *out = stdout;
	if (code == 0 && o->output)
		out = fopen(o->output, "wxe"); // never over what is there
	if (code == 0 && out == NULL) {
		say("cannot write %s: %s", o->output, strerror(errno));
		code = EXIT_USAGE;
	}
	if (code == 0) {
		errno = 0;
		code = write_all(o, visit, out);
		bool is_written = fflush(out) == 0 && !ferror(out);
		if (!is_written) {
			say("cannot write %s: %s", o->output ? o->output : "stdout",
				strerror(errno));
			code = EXIT_CANNOT;
		}
		if (o->output)
			fclose(out);
	}
	visit_destroy(visit);
	return code;
}
