// The words of a verdict: one row a word, in the order in which a record prints them. A verdict is
// a set of them. docs/results.md defines each; a test compares.
#pragma once

#include <stddef.h>
#include <stdint.h>

// X(label, word). The families of the seed come first.
#define CONDITIONS(X)                                                                              \
	X(WORKS, "tfo.connectivity.works")                                                         \
	X(BROKEN, "tfo.connectivity.broken")                                                       \
	X(OFFLINE, "tfo.connectivity.offline")                                                     \
	X(TRANSIENT, "tfo.connectivity.transient")                                                 \
	X(COOKIE_RECEIVED, "tfo.cookie.received")                                                  \
	X(COOKIE_NOT_RECEIVED, "tfo.cookie.not_received")                                          \
	X(SYNDATA_ACKED, "tfo.syndata.acked")                                                      \
	X(SYNDATA_NOT_ACKED, "tfo.syndata.not_acked")                                              \
	X(SYNDATA_FAILED, "tfo.syndata.failed")                                                    \
	X(COOKIE_LENGTH_4, "tfo.cookie.length.4")                                                  \
	X(COOKIE_LENGTH_6, "tfo.cookie.length.6")                                                  \
	X(COOKIE_LENGTH_8, "tfo.cookie.length.8")                                                  \
	X(COOKIE_LENGTH_10, "tfo.cookie.length.10")                                                \
	X(COOKIE_LENGTH_12, "tfo.cookie.length.12")                                                \
	X(COOKIE_LENGTH_14, "tfo.cookie.length.14")                                                \
	X(COOKIE_LENGTH_16, "tfo.cookie.length.16")                                                \
	X(COOKIE_ECHOED, "tfo.cookie.echoed")                                                      \
	X(COOKIE_MALFORMED, "tfo.cookie.malformed")                                                \
	X(COOKIE_DUPLICATE, "tfo.cookie.duplicate")                                                \
	X(COOKIE_WRONG_KIND, "tfo.cookie.wrong_kind")                                              \
	X(COOKIE_UNSOLICITED, "tfo.cookie.unsolicited")                                            \
	X(COOKIE_RENEWED, "tfo.cookie.renewed")                                                    \
	X(COOKIE_REJECTED, "tfo.cookie.rejected")                                                  \
	X(COOKIE_RETURNED, "tfo.cookie.returned")                                                  \
	X(COOKIE_INTERMITTENT, "tfo.cookie.intermittent")                                          \
	X(COOKIE_STABLE, "tfo.cookie.stable")                                                      \
	X(COOKIE_ROTATING, "tfo.cookie.rotating")                                                  \
	X(COOKIE_SHARED_PORTS, "tfo.cookie.shared_ports")                                          \
	X(COOKIE_PORT_BOUND, "tfo.cookie.port_bound")                                              \
	X(COOKIE_NEVER_ACCEPTED, "tfo.cookie.never_accepted")                                      \
	X(COOKIE_UNCHECKED, "tfo.cookie.unchecked")                                                \
	X(COOKIELESS_ACCEPTED, "tfo.cookieless.accepted")                                          \
	X(EXP_RECEIVED, "tfo.exp.received")                                                        \
	X(EXP_NOT_RECEIVED, "tfo.exp.not_received")                                                \
	X(SYNDATA_PARTIAL, "tfo.syndata.partial")                                                  \
	X(SYNDATA_DECLINED, "tfo.syndata.declined")                                                \
	X(ZERORTT_YES, "tfo.zerortt.yes")                                                          \
	X(ZERORTT_NO, "tfo.zerortt.no")                                                            \
	X(SYNACK_PAYLOAD, "tfo.synack.payload")                                                    \
	X(FAILURE_RST, "tfo.failure.rst")                                                          \
	X(FAILURE_ICMP, "tfo.failure.icmp")                                                        \
	X(FAILURE_BADACK, "tfo.failure.badack")                                                    \
	X(FAILURE_STALL, "tfo.failure.stall")                                                      \
	X(FAILURE_RESET_AFTER, "tfo.failure.reset_after")                                          \
	X(FAILURE_TIMEOUT, "tfo.failure.timeout")                                                  \
	X(REQUEST_WORKS, "tfo.request.works")                                                      \
	X(DATA_BROKEN, "tfo.data.broken")                                                          \
	X(OPTION_DROPPED, "tfo.option.dropped")                                                    \
	X(DATA_DROPPED, "tfo.data.dropped")                                                        \
	X(COMBO_DROPPED, "tfo.combo.dropped")                                                      \
	X(RETRY_RECOVERED, "tfo.retry.recovered")                                                  \
	X(BASELINE_FLAPPED, "tfo.baseline.flapped")                                                \
	X(BASELINE_CLOSED, "tfo.baseline.closed")                                                  \
	X(ANOMALY_SYNACK_INCONSISTENT, "tfo.anomaly.synack_inconsistent")                          \
	X(ANOMALY_CHALLENGE_ACK, "tfo.anomaly.challenge_ack")                                      \
	X(ANSWER_DUPLICATE, "tfo.answer.duplicate")                                                \
	X(PATH_INJECTED, "tfo.path.injected")                                                      \
	X(PATH_SYNACK_DROPPED, "tfo.path.synack_dropped")                                          \
	X(PATH_SYNDATA_DROPPED, "tfo.path.syndata_dropped")                                        \
	X(PATH_FLOW_BLACKHOLED, "tfo.path.flow_blackholed")                                        \
	X(PATH_BLACKLIST_SUSPECT, "tfo.path.blacklist_suspect")                                    \
	X(SYNPROXY_SUSPECT, "tfo.synproxy.suspect")

enum condition {
#define X(label, word) CONDITION_##label,
	CONDITIONS(X)
#undef X
		NB_CONDITIONS,
};

// Conditions below this one are the seed's three families: what --conditions seed prints.
#define NB_SEED_CONDITIONS CONDITION_COOKIE_LENGTH_4

// A set of conditions, bit by bit.
#define CONDITION_BIT(c) (UINT64_C(1) << (c))

const char *condition_word(enum condition c);

// The other way round: len octets, no NUL needed. NB_CONDITIONS: no condition has that word.
enum condition condition_by_word(const char *word, size_t len);
