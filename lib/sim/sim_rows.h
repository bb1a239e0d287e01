// The tables of behaviours, and the words that their rows share. Rows of one number stand together.
#pragma once

#include "lib/sim/sim_behaviour.h"

#define SIM_ROWS_DEAD 31    // its row is the first
#define SIM_ROWS_TWO_KEYS 6 // its words depend on the address

// Paths, firewalls, hosts that are down, and people who guess.
extern const struct sim_behaviour sim_rows_path[];
extern const unsigned int sim_rows_path_nb;

extern const struct sim_behaviour sim_rows_server[];
extern const unsigned int sim_rows_server_nb;

#define WORKS "tfo.connectivity.works"
#define BROKEN "tfo.connectivity.broken"
#define OFFLINE "tfo.connectivity.offline"
#define TRANSIENT "tfo.connectivity.transient"
#define RECEIVED "tfo.cookie.received"
#define NOT_RECEIVED "tfo.cookie.not_received"
#define LENGTH_8 "tfo.cookie.length.8"
#define ACKED "tfo.syndata.acked"
#define NOT_ACKED "tfo.syndata.not_acked"
#define FAILED "tfo.syndata.failed"
#define EARLY "tfo.zerortt.yes"
#define LATER "tfo.zerortt.no"
#define TIMEOUT "tfo.failure.timeout"
#define ONLY_DATA "tfo.request.works", "tfo.data.broken"
#define RECOVERED "tfo.retry.recovered"
#define FLAPPED "tfo.baseline.flapped"
#define STABLE "tfo.cookie.stable"
#define ROTATING "tfo.cookie.rotating"
#define SHARED "tfo.cookie.shared_ports"
#define EXP "tfo.exp.received"
#define NO_EXP "tfo.exp.not_received"
#define NEVER_ACCEPTED "tfo.cookie.never_accepted"
#define REJECTED "tfo.cookie.rejected"

// A Linux server with Fast Open, on a path that lets all pass; and what its controls say.
#define AS_LINUX WORKS, RECEIVED, LENGTH_8, ACKED, EARLY
#define LINUX_CONTROLS STABLE, SHARED, EXP
