#include "app/replay_sink.h"

#include "app/say.h"
#include "app/scan.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>

#define PUSH_OCTETS (1u << 18)
#define PUSH_NS UINT64_C(1000000000)

volatile sig_atomic_t replay_is_interrupted;

int replay_sink_open(struct replay_sink *s, const struct options *o) {
	s->path = o->output;
	int ret = output_open_lines(&s->output, o->output, o->overwrite);
	if (ret == -EEXIST)
		say("%s is not empty: give --overwrite, or another name with -o", o->output);
	else if (ret < 0)
		say("cannot write %s: %s", o->output, strerror(-ret));
	return ret < 0 ? EXIT_USAGE : 0;
}

static void push(struct replay_sink *s) {
	struct output *out = &s->output;
	while (output_waiting(out) > 0 && s->error == 0) {
		enum output_state state = output_push(out);
		struct pollfd pfd = {.fd = out->fd, .events = POLLOUT};
		if (state == OUTPUT_BUSY)
			poll(&pfd, 1, -1);
		else if (state != OUTPUT_OK)
			s->error = -out->os_error;
	}
}

char *replay_sink_room(struct replay_sink *s, size_t len) {
	return s->error == 0 ? output_room(&s->output, len) : NULL;
}

void replay_sink_add(struct replay_sink *s, size_t len) {
	output_add(&s->output, len);
	if (s->output.len >= PUSH_OCTETS)
		push(s);
}

void replay_sink_count(struct replay_sink *s, uint64_t conditions) {
	for (unsigned int c = 0; c < NB_CONDITIONS; c++)
		s->nb_conditions[c] += (conditions & CONDITION_BIT(c)) != 0;
}

void replay_sink_say(uint64_t n, const char *what) {
	if (n > 0)
		say_plain("%12" PRIu64 "  %s", n, what);
}

void replay_sink_say_conditions(const struct replay_sink *s) {
	for (unsigned int c = 0; c < NB_CONDITIONS; c++)
		replay_sink_say(s->nb_conditions[c], condition_word(c));
}

void replay_sink_push_if_due(struct replay_sink *s, uint64_t now_ns) {
	if (now_ns - s->pushed_ns < PUSH_NS)
		return;
	push(s);
	s->pushed_ns = now_ns;
}

int replay_sink_close(struct replay_sink *s, int code) {
	push(s);
	int ret = output_close(&s->output);
	if (s->error != 0)
		ret = s->error;
	if (ret == 0)
		return code;
	say("cannot write %s: %s", s->path, strerror(-ret));
	return EXIT_CANNOT;
}
