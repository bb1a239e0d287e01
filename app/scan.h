// A scan while it runs: what main does on its lcore until the end, and how it ended.
#pragma once

#include "app/capture.h"
#include "app/checkpointer.h"
#include "app/collectors.h"
#include "app/exit_code.h"
#include "app/identity.h"
#include "app/link.h"
#include "app/past.h"
#include "app/port.h"
#include "app/rate_control.h"
#include "app/reader.h"
#include "app/reload.h"
#include "app/resume.h"
#include "app/watch.h"
#include "lib/iface_packet_drops.h"

#include <pthread.h>

struct scan {
	struct options options;
	uint64_t seed, epoch;
	struct identity identity; // read if there are metadata or checkpoints
	struct resume resume;
	struct past past;
	struct checkpointer checkpointer;
	struct tsc_clock clock;
	struct control control;
	struct network network;
	struct port port;
	struct worker *workers[WORKER_MAX];
	unsigned int nb_workers;
	void *steering[WORKER_MAX]; // tables of each worker's ports
	bool is_steered, is_steering_judged;
	bool is_one_loop; // main does the only worker's work
	struct permit_desk permits;
	struct reload reload;
	struct reader reader;
	pthread_t reader_thread;
	bool has_reader_thread;
	struct collectors collectors;
	struct measure measure;
	struct capture capture;
	struct watch watch;
	struct rate_control rate;
	uint8_t question[APP_PAYLOAD_MAX_OCTETS];
	uint16_t question_len;
	bool is_unguarded; // whole networks are targets, and no list says what to leave out
	uint64_t nb_lines; // of the target files, 0: not known

	struct link link;
	struct iface_packet_drops drops;
	bool has_drops;
	struct rte_eth_stats stats_before;
	uint64_t oerrors_seen; // when the link was last seen up

	uint64_t start_ns;
	uint64_t end_ns;       // when the workers had stopped
	bool has_ended;	       // they have
	uint64_t link_down_ns; // since when, 0: it is up
	uint64_t disk_full_ns;
	bool said_link_down;
	bool is_deaf; // a worker is off its CPU
	bool interrupted;
	uint64_t give_up_ns; // interrupted: what is still in flight then gets no record
	bool runtime_over;
	uint64_t cooldown_from_ns;
	uint64_t nb_unfinished;
};

// Signals that ask for the end: INT and TERM once for a clean end, twice for one at once; and those
// that change the rate.
void scan_catch_signals(struct control *control);
bool scan_is_interrupted(void);

// Targets begun and without a record, of all workers.
unsigned int scan_in_flight(const struct scan *s);

// Run until all is done or cannot go on. Returns the exit code so far.
enum exit_code scan_run(struct scan *s);
