// What is success when no answer is wanted: --connect tcp.
#include "tests/unit/tcpstack/conversation.h"

Test(conn_tcpmode, an_ack_of_the_payload_is_success) {
	struct talk t = talk_plain();
	talk_in_tcp_mode(&t);
	talk_opens(&t, 0);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	AT(&t, 40);
	RECEIVES(&t, ACK, 1, 1 + PAYLOAD_LEN, "");
	cr_assert_eq(t.conn.state, CONN_CLOSING);
	cr_assert_eq(t.conn.end, CONN_END_SUCCESS);
	cr_assert_eq(t.conn.close_ns, talk_ns(40));
	SENDS(&t, FINACK, 1 + PAYLOAD_LEN, 1, "");
}

Test(conn_tcpmode, an_ack_of_half_the_payload_is_not_yet_success) {
	struct talk t = talk_plain();
	talk_in_tcp_mode(&t);
	talk_opens(&t, 0);
	talk_drain(&t);
	RECEIVES(&t, ACK, 1, 1 + PAYLOAD_LEN - 1, "");
	cr_assert_eq(t.conn.state, CONN_OPEN);
}

Test(conn_tcpmode, an_octet_is_success) {
	struct talk t = talk_plain();
	talk_in_tcp_mode(&t);
	talk_opens(&t, 0);
	talk_drain(&t);
	RECEIVES(&t, PSHACK, 1, 1, "x");
	cr_assert_eq(t.conn.end, CONN_END_SUCCESS);
	SENDS(&t, FINPSHACK, 1, 2, PAYLOAD);
}

Test(conn_tcpmode, a_fin_is_success) {
	struct talk t = talk_plain();
	talk_in_tcp_mode(&t);
	talk_opens(&t, 0);
	talk_drain(&t);
	RECEIVES(&t, FINACK, 1, 1, "");
	cr_assert_eq(t.conn.end, CONN_END_SUCCESS);
}

Test(conn_tcpmode, accepted_syn_data_are_success_at_once) {
	struct talk t = talk_syn_data();
	talk_in_tcp_mode(&t);
	talk_opens(&t, PAYLOAD_LEN);
	cr_assert_eq(t.conn.end, CONN_END_SUCCESS);
	SENDS(&t, ACK, 1 + PAYLOAD_LEN, 1, "");
	SENDS(&t, FINACK, 1 + PAYLOAD_LEN, 1, "");
}

Test(conn_tcpmode, syn_data_that_were_not_accepted_are_waited_for) {
	struct talk t = talk_syn_data();
	talk_in_tcp_mode(&t);
	talk_opens(&t, 0);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	cr_assert_eq(t.conn.state, CONN_OPEN);
	RECEIVES(&t, ACK, 1, 1 + PAYLOAD_LEN, "");
	cr_assert_eq(t.conn.end, CONN_END_SUCCESS);
}

Test(conn_tcpmode, half_a_second_of_silence_is_success) {
	struct talk t = talk_plain();
	talk_in_tcp_mode(&t);
	talk_opens(&t, 0);
	AT(&t, 30);
	SENDS(&t, PSHACK, 1, 1, PAYLOAD);
	talk_at_ns(&t, talk_ns(530) - 1);
	cr_assert_eq(t.conn.state, CONN_OPEN);
	AT(&t, 530);
	cr_assert_eq(t.conn.end, CONN_END_SUCCESS);
	cr_assert_eq(t.conn.close_ns, talk_ns(530));
	SENDS(&t, FINPSHACK, 1, 1, PAYLOAD);
}

Test(conn_tcpmode, a_rst_before_any_sign_is_failure) {
	struct talk t = talk_plain();
	talk_in_tcp_mode(&t);
	talk_opens(&t, 0);
	talk_drain(&t);
	RECEIVES(&t, ACK, 1, 1 + 3, "");
	AT(&t, 519);
	cr_assert_eq(RECEIVES(&t, RST, 1, 0, ""), CONN_EV_RST);
	cr_assert_eq(t.conn.end, CONN_END_RESET);
}

Test(conn_tcpmode, a_rst_after_a_sign_is_success) {
	struct talk t = talk_plain();
	talk_in_tcp_mode(&t);
	talk_opens(&t, 0);
	talk_drain(&t);
	RECEIVES(&t, ACK, 1, 1 + PAYLOAD_LEN, "");
	cr_assert_eq(RECEIVES(&t, RST, 1, 0, ""), CONN_EV_RST);
	cr_assert_eq(t.conn.end, CONN_END_SUCCESS);
}

Test(conn_tcpmode, a_rst_after_the_half_second_is_success) {
	struct talk t = talk_plain();
	talk_in_tcp_mode(&t);
	talk_opens(&t, 0);
	talk_drain(&t);
	t.now_ns = talk_ns(521); // nobody asked before
	RECEIVES(&t, RST, 1, 0, "");
	cr_assert_eq(t.conn.end, CONN_END_SUCCESS);
	cr_assert_eq(t.conn.close_ns, talk_ns(520));
}

Test(conn_tcpmode, an_odd_segment_is_no_sign) {
	struct talk t = talk_plain();
	talk_in_tcp_mode(&t);
	talk_opens(&t, 0);
	talk_drain(&t);
	RECEIVES(&t, PSHACK, 1, 0x80000000, "x");
	RECEIVES(&t, RST, 9, 0, "");
	RECEIVES(&t, SYNACK, 0, 1, "");
	cr_assert_eq(t.conn.state, CONN_OPEN);
}

Test(conn_tcpmode, a_connection_without_syn_ack_is_unanswered) {
	struct talk t = talk_plain();
	talk_in_tcp_mode(&t);
	t.rules.syn_tries = 1;
	SENDS(&t, SYN, 0, 0, "");
	AT(&t, 1000);
	cr_assert_eq(t.conn.end, CONN_END_UNANSWERED);
}
