#include "lib/status.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

// How long the past counts in the rate at which targets are begun.
#define FADES_S 5.0
#define MINUTE 60u
#define HOUR 3600u
#define DAY 86400u

// ---- numbers

static double share(double part, double whole) {
	return whole > 0 ? part / whole : 0;
}

static double fewer(double a, double b) {
	return a < b ? a : b;
}

// Of targets that are still to be begun, and of the user's limit: what comes first. Negative:
// nobody knows.
static double launching_left_s(const struct status_track *track, const struct status_plan *plan,
	const struct status_counts *c, double elapsed_s) {
	double left_s = -1;
	if (c->planned > 0 && track->begun_rate > 0) {
		uint64_t nb = c->planned > c->begun ? c->planned - c->begun : 0;
		left_s = (double)nb / track->begun_rate;
	}
	if (plan->max_runtime_s > 0) {
		double limit_s = plan->max_runtime_s - elapsed_s;
		left_s = left_s < 0 ? limit_s : fewer(left_s, limit_s);
		left_s = left_s < 0 ? 0 : left_s;
	}
	return left_s;
}

static double left_s(const struct status_track *track, const struct status_plan *plan,
	const struct status_counts *c, double elapsed_s) {
	double s = 0;
	switch (c->phase) {
	case STATUS_SCANNING:
		s = launching_left_s(track, plan, c, elapsed_s);
		return s < 0 ? -1 : s + plan->life_s + plan->cooldown_s;
	case STATUS_ENDING:
		s = plan->life_s - c->phase_s;
		return (s > 0 ? s : 0) + plan->cooldown_s;
	case STATUS_COOLDOWN:
		s = plan->cooldown_s - c->phase_s;
		return s > 0 ? s : 0;
	case STATUS_DONE:
		break;
	}
	return 0;
}

static void follow_begun(
	struct status_track *track, const struct status_counts *c, double since_s) {
	double rate = (double)(c->begun - track->last.begun) / since_s;
	double weight = track->has_begun_rate ? since_s / (since_s + FADES_S) : 1;
	track->begun_rate += weight * (rate - track->begun_rate);
	track->has_begun_rate |= rate > 0;
}

void status_step(struct status_track *track, const struct status_plan *plan,
	const struct status_counts *counts, double elapsed_s, struct status *status) {
	const struct status_counts *last = &track->last;
	double since_s = elapsed_s - track->last_s;
	follow_begun(track, counts, since_s);
	*status = (struct status){
		.counts = *counts,
		.elapsed_s = elapsed_s,
		.left_s = left_s(track, plan, counts, elapsed_s),
		.done = counts->planned > 0
				? share((double)counts->records, (double)counts->planned)
				: -1,
		.hits = share((double)counts->answered, (double)counts->records),
	};
#define RATES(name)                                                                                \
	status->name##_now = (double)(counts->name - last->name) / since_s;                        \
	status->name##_mean = (double)counts->name / elapsed_s
	RATES(sent);
	RATES(received);
	RATES(answered);
	RATES(drops);
	RATES(unsent);
#undef RATES
	track->last = *counts;
	track->last_s = elapsed_s;
}

// ---- the line

const char *status_number(double n, char text[STATUS_NUMBER_OCTETS]) {
	static const char *const units[] = {"", "K", "M", "G"};
	unsigned int unit = 0;
	while (n >= 999.5 && unit < 3) {
		n /= 1000;
		unit++;
	}
	int figures = unit == 0 || n >= 99.95 ? 0 : n >= 9.995 ? 1 : 2;
	snprintf(text, STATUS_NUMBER_OCTETS, "%.*f %s", figures, n, units[unit]);
	return text;
}

// What has passed, to the second.
static void write_elapsed(double seconds, char text[STATUS_NUMBER_OCTETS]) {
	unsigned int s = (unsigned int)seconds;
	if (s >= DAY)
		snprintf(text, STATUS_NUMBER_OCTETS, "%ud%u:%02u:%02u", s / DAY, s % DAY / HOUR,
			s % HOUR / MINUTE, s % MINUTE);
	else if (s >= HOUR)
		snprintf(text, STATUS_NUMBER_OCTETS, "%u:%02u:%02u", s / HOUR, s % HOUR / MINUTE,
			s % MINUTE);
	else
		snprintf(text, STATUS_NUMBER_OCTETS, "%u:%02u", s / MINUTE, s % MINUTE);
}

// What is left, by its two largest units.
static void write_left(double seconds, char text[STATUS_NUMBER_OCTETS]) {
	unsigned int s = (unsigned int)(fewer(seconds, 4e9) + 0.5);
	if (s >= 10 * DAY)
		snprintf(text, STATUS_NUMBER_OCTETS, "%ud", s / DAY);
	else if (s >= DAY)
		snprintf(text, STATUS_NUMBER_OCTETS, "%ud%02uh", s / DAY, s % DAY / HOUR);
	else if (s >= HOUR)
		snprintf(text, STATUS_NUMBER_OCTETS, "%uh%02um", s / HOUR, s % HOUR / MINUTE);
	else if (s >= MINUTE)
		snprintf(text, STATUS_NUMBER_OCTETS, "%um%02us", s / MINUTE, s % MINUTE);
	else
		snprintf(text, STATUS_NUMBER_OCTETS, "%us", s);
}

// Elapsed, share done and time left.
static void write_progress(const struct status *s, char *text, size_t size) {
	static const char *const phases[] = {
		[STATUS_SCANNING] = "",
		[STATUS_ENDING] = " (ending)",
		[STATUS_COOLDOWN] = " (cooldown)",
		[STATUS_DONE] = " (done)",
	};
	char elapsed[STATUS_NUMBER_OCTETS], left[STATUS_NUMBER_OCTETS];
	char done[8] = "", time_left[STATUS_NUMBER_OCTETS + 8] = "";
	write_elapsed(s->elapsed_s, elapsed);
	if (s->done >= 0)
		snprintf(done, sizeof(done), " %.0f%%", 100 * fewer(s->done, 1));
	if (s->left_s >= 0) {
		write_left(s->left_s, left);
		snprintf(time_left, sizeof(time_left), " (%s left)", left);
	} else if (s->done < 0) {
		snprintf(time_left, sizeof(time_left), " (no end known)");
	}
	snprintf(text, size, "%5s%s%s%s", elapsed, done, time_left, phases[s->counts.phase]);
}

static void write_climb(const struct status_counts *c, char *text, size_t size) {
	char limit[STATUS_NUMBER_OCTETS];
	text[0] = '\0';
	if (c->is_climbing)
		snprintf(text, size, "; limit: %sp/s, taken back %u times",
			status_number(c->limit, limit), c->nb_back);
}

#define LLU(n) ((unsigned long long)(n))

static void write_slowed(const struct status_counts *c, char *text, size_t size) {
	text[0] = '\0';
	if (c->slowed > 0)
		snprintf(text, size, "; slowed: %llu networks", LLU(c->slowed));
}

static int write_whole(const struct status *s, char line[STATUS_LINE_OCTETS]) {
	const struct status_counts *c = &s->counts;
	char progress[96], climb[96], slowed[64];
	char n[5][STATUS_NUMBER_OCTETS];
	write_progress(s, progress, sizeof(progress));
	write_climb(c, climb, sizeof(climb));
	write_slowed(c, slowed, sizeof(slowed));
	return snprintf(line, STATUS_LINE_OCTETS,
		"%s; send: %llu %sp/s (%sp/s avg); recv: %llu %sp/s (%sp/s avg); "
		"drops: %llu (%sp/s); hitrate: %.2f%%; records: %llu; TFO: %llu%s%s",
		progress, LLU(c->sent), status_number(s->sent_now, n[0]),
		status_number(s->sent_mean, n[1]), LLU(c->received),
		status_number(s->received_now, n[2]), status_number(s->received_mean, n[3]),
		LLU(c->drops + c->unsent), status_number(s->drops_now + s->unsent_now, n[4]),
		100 * s->hits, LLU(c->records), LLU(c->cookies), climb, slowed);
}

static void write_short(const struct status *s, char line[STATUS_LINE_OCTETS]) {
	const struct status_counts *c = &s->counts;
	char progress[96];
	char n[2][STATUS_NUMBER_OCTETS];
	write_progress(s, progress, sizeof(progress));
	snprintf(line, STATUS_LINE_OCTETS,
		"%s; %sp/s sent, %sp/s recv; drops: %llu; hits: %.2f%%; TFO: %llu", progress,
		status_number(s->sent_now, n[0]), status_number(s->received_now, n[1]),
		LLU(c->drops + c->unsent), 100 * s->hits, LLU(c->cookies));
}

void status_line(const struct status *s, unsigned int columns, char line[STATUS_LINE_OCTETS]) {
	int len = write_whole(s, line);
	if (columns == 0 || len < (int)columns)
		return;
	write_short(s, line);
	if (columns <= STATUS_LINE_OCTETS)
		line[columns - 1] = '\0'; // a full line would wrap
}

// ---- CSV

const char *status_csv_head(void) {
	return "real-time,time-elapsed,time-remaining,percent-complete,hit-rate,active-send-"
	       "threads,"
	       "sent-total,sent-last-one-sec,sent-avg-per-sec,"
	       "recv-success-total,recv-success-last-one-sec,recv-success-avg-per-sec,"
	       "recv-total,recv-total-last-one-sec,recv-total-avg-per-sec,"
	       "pcap-drop-total,drop-last-one-sec,drop-avg-per-sec,"
	       "sendto-fail-total,sendto-fail-last-one-sec,sendto-fail-avg-per-sec,"
	       "targets-total,in-flight,records-total,tfo-total,rate-limit\n";
}

void status_csv_row(const struct status *s, uint64_t unix_s, char row[STATUS_LINE_OCTETS]) {
	const struct status_counts *c = &s->counts;
	time_t when = (time_t)unix_s;
	struct tm utc;
	char date[32], left[STATUS_NUMBER_OCTETS] = "", done[STATUS_NUMBER_OCTETS] = "";
	gmtime_r(&when, &utc);
	strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &utc);
	if (s->left_s >= 0)
		snprintf(left, sizeof(left), "%.0f", s->left_s);
	if (s->done >= 0)
		snprintf(done, sizeof(done), "%f", 100 * fewer(s->done, 1));
	snprintf(row, STATUS_LINE_OCTETS,
		"%s,%.0f,%s,%s,%f,%u,"
		"%llu,%.0f,%.0f,%llu,%.0f,%.0f,%llu,%.0f,%.0f,%llu,%.0f,%.0f,%llu,%.0f,%.0f,"
		"%llu,%u,%llu,%llu,%.0f\n",
		date, s->elapsed_s, left, done, 100 * s->hits, c->nb_workers, LLU(c->sent),
		s->sent_now, s->sent_mean, LLU(c->answered), s->answered_now, s->answered_mean,
		LLU(c->received), s->received_now, s->received_mean, LLU(c->drops), s->drops_now,
		s->drops_mean, LLU(c->unsent), s->unsent_now, s->unsent_mean, LLU(c->begun),
		c->in_flight, LLU(c->records), LLU(c->cookies), c->limit);
}
