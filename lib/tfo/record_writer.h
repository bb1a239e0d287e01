// The line of JSON that a record becomes. The keys are PATHspider's first; docs/results.md defines
// each. A line of a kilobyte takes a few hundred cycles: keys are copied as constants, what is the
// same in all lines is kept as text, and numbers are written eight digits at a time.
#pragma once

#include "lib/tfo/app.h"
#include "lib/tfo/record.h"

// How a line is written. The octets belong to the caller.
struct record_style {
	struct ip_addr laddr4, laddr6;
	struct siphash_key cookie_key; // equal cookies look equal, and none is published
	bool raw_cookies;
	bool seed_conditions_only;
	const char *domain; // of targets without a job; NULL: the key is left out
	enum app_code code; // what the code of an answer is
};

// The text of a second of time, which many records share.
struct record_second {
	uint64_t second;
	char text[32]; // 2026-11-23 12:00:00. and more
};

// Pieces that no record changes, and what was written last. Not to be shared by threads.
struct record_writer {
	struct record_style style;
	uint16_t domain_len;
	uint16_t sip_len4, sip_len6;   // of the text in sip4, sip6
	uint16_t path_len4, path_len6; // of the text in path4, path6
	char sip4[64], sip6[64];       // ,"sip":"…"
	char path4[64], path6[64];     // ,"path":["…",
	struct record_second from, to;
	struct cookie hashed; // the last cookie, and the word that stands for it
	char hash[8];
};

// style: copied, but for the domain's octets.
void record_writer_init(struct record_writer *w, const struct record_style *style);

// Write the line, LF included, no NUL behind it. buf holds RECORD_LINE_MAX_OCTETS; what lies behind
// the line is not kept. Returns its octets. flows (NB_PROBES) may be NULL: then the line has none.
size_t record_writer_write(struct record_writer *w, const struct record *r,
	const struct flow *flows, const struct record_job *job, char *buf);

// The line of a target from which no frame came; the same as that of its struct record.
size_t record_writer_short(struct record_writer *w, const struct record_short *s,
	const struct record_job *job, char *buf);
