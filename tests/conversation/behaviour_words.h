// What the tables of behaviours share.
#pragma once

#include "tests/conversation/behaviours.h"

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
#define TIMEOUT "tfo.failure.timeout"
#define ONLY_DATA "tfo.request.works", "tfo.data.broken"

static inline bool has_option(const struct segment *seg) {
	const uint8_t *cookie;
	uint8_t len;
	return responder_option(seg, &cookie, &len) != 0;
}
