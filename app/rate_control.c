#include "app/rate_control.h"

#include "app/say.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>

#define STEP 0.05
#define LEAST 1.0
#define MOST 1e10
#define NAME_OCTETS 48

static volatile sig_atomic_t nb_up, nb_down;

static void on_signal(int number) {
	if (number == SIGUSR1)
		nb_up = (nb_up + 1) & 0xffff;
	else
		nb_down = (nb_down + 1) & 0xffff;
}

void rate_control_catch_signals(void) {
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
}

void rate_control_begin(
	struct rate_control *r, struct control *control, double wanted, double silent) {
	*r = (struct rate_control){
		.control = control,
		.wanted = wanted,
		.silent = silent,
		.nb_up_seen = (unsigned int)nb_up,
		.nb_down_seen = (unsigned int)nb_down,
	};
}

void rate_control_ask(struct rate_control *r, double wanted) {
	atomic_store(&r->asked_mpps, (uint64_t)(wanted * 1e3 + 0.5));
	atomic_fetch_add(&r->nb_asked, 1);
}

static const char *name_of(double rate, char name[NAME_OCTETS]) {
	if (rate > 0)
		snprintf(name, NAME_OCTETS, "%.0f", rate);
	else
		snprintf(name, NAME_OCTETS, "no limit");
	return name;
}

static void set(struct rate_control *r, double wanted, const char *by) {
	char old[NAME_OCTETS], new[NAME_OCTETS], room[128] = "";
	if (wanted > r->silent)
		snprintf(room, sizeof(room),
			"; there is room for as many targets as make %.0f if they are silent "
			"(--max-in-flight)",
			r->silent);
	say("rate: %s instead of %s frames a second, by %s%s", name_of(wanted, new),
		name_of(r->wanted, old), by, room);
	r->wanted = wanted;
	atomic_store(&r->control->wanted_mpps, (uint64_t)(wanted * 1e3 + 0.5));
	atomic_fetch_add(&r->control->rate_changes, 1);
}

// Without a limit a step down begins at the rate that the climb has come to, and there is none up.
static void step(struct rate_control *r, double limit, unsigned int nb, bool is_up) {
	const char *by = is_up ? "USR1" : "USR2";
	double from = r->wanted > 0 ? r->wanted : limit;
	if (r->wanted <= 0 && (is_up || limit <= 0)) {
		say("rate: there is no limit that %s could change", by);
		return;
	}
	double wanted = from * pow(is_up ? 1 + STEP : 1 - STEP, nb);
	set(r, fmin(fmax(wanted, LEAST), MOST), by);
}

static unsigned int nb_new(sig_atomic_t nb, unsigned int *seen) {
	unsigned int before = *seen;
	*seen = (unsigned int)nb;
	return (*seen - before) & 0xffff;
}

void rate_control_look(struct rate_control *r, double limit) {
	unsigned int up = nb_new(nb_up, &r->nb_up_seen), down = nb_new(nb_down, &r->nb_down_seen);
	if (up > 0)
		step(r, limit, up, true);
	if (down > 0)
		step(r, limit, down, false);
	unsigned int nb_asked = atomic_load(&r->nb_asked);
	if (nb_asked == r->nb_asked_seen)
		return;
	r->nb_asked_seen = nb_asked;
	set(r, (double)atomic_load(&r->asked_mpps) / 1e3, "telemetry");
}
