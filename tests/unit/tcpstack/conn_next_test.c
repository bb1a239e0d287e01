// Asking what to send is free: it changes nothing, and gives the same answer until something
// passes.
#include "tests/unit/tcpstack/conversation.h"

// Ask three times; the connection, and what it offers, stay the same octet for octet.
static void asks_in_vain(struct talk *t) {
	struct conn before = t->conn;
	enum conn_step step = talk_ask(t);
	struct segment offered = t->sent;
	uint8_t options[TCPOPT_MAX_OCTETS];
	memcpy(options, t->sent_options, sizeof(options));
	uint64_t wake_ns = t->wake_ns;
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(talk_ask(t), step);
		cr_assert_eq(memcmp(&t->conn, &before, sizeof(before)), 0);
		if (step == CONN_WAIT) {
			cr_assert_eq(t->wake_ns, wake_ns);
			continue;
		}
		cr_assert_eq(t->sent.flags, offered.flags);
		cr_assert_eq(t->sent.seq, offered.seq);
		cr_assert_eq(t->sent.ack, offered.ack);
		cr_assert_eq(t->sent.data_len, offered.data_len);
		cr_assert_eq(t->sent.options_len, offered.options_len);
		cr_assert_eq(memcmp(t->sent_options, options, offered.options_len), 0);
	}
}

Test(conn_next, asking_changes_nothing_in_any_state) {
	struct talk t = talk_plain();
	asks_in_vain(&t);
	talk_drain(&t);
	asks_in_vain(&t);
	AT(&t, 20);
	RECEIVES(&t, SYNACK, 0, 1, "");
	asks_in_vain(&t);
	talk_drain(&t);
	asks_in_vain(&t);
	RECEIVES(&t, PSHACK, 1, 1 + PAYLOAD_LEN, ANSWER);
	asks_in_vain(&t);
	conn_succeed(&t.conn, t.now_ns);
	asks_in_vain(&t);
	talk_drain(&t);
	asks_in_vain(&t);
	RECEIVES(&t, FINACK, 1 + ANSWER_LEN, 2 + PAYLOAD_LEN, "");
	cr_assert_eq(t.conn.state, CONN_OVER);
	asks_in_vain(&t);
	talk_drain(&t);
	asks_in_vain(&t);
	HAS_NOTHING_LEFT(&t);
}

Test(conn_next, nothing_is_offered_before_the_time_it_named) {
	struct talk t = talk_plain();
	talk_drain(&t);
	WAITS_UNTIL(&t, 1000);
	talk_at_ns(&t, talk_ns(1000) - 1);
	cr_assert_eq(talk_ask(&t), CONN_WAIT);
	AT(&t, 1000);
	cr_assert_eq(talk_ask(&t), CONN_SEND);
}

Test(conn_next, a_refused_connection_has_nothing_to_send) {
	struct talk t = talk_plain();
	talk_drain(&t);
	AT(&t, 20);
	RECEIVES(&t, RSTACK, 0, 1, "");
	cr_assert_eq(t.conn.state, CONN_OVER);
	HAS_NOTHING_LEFT(&t);
}
