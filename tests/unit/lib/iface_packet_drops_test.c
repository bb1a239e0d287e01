// Packet sockets need a privilege: tests/live/iface_test.sh opens some and lets them overflow.
#include "lib/iface_packet_drops.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

Test(iface_packet_drops, other_sockets_are_not_packet_sockets) {
	struct iface_packet_drops drops;
	int other = socket(AF_INET, SOCK_DGRAM, 0);
	cr_assert_eq(iface_packet_drops_open(&drops, 0), -ENOENT);
	cr_assert_eq(drops.nb_sockets, 0);
	close(other);
}

Test(iface_packet_drops, socket_that_was_closed_is_an_error) {
	struct iface_packet_drops drops = {.nb_sockets = 1, .sockets = {-1}, .nb_dropped = 3};
	cr_assert_eq(iface_packet_drops_read(&drops), -EBADF);
	cr_assert_eq(drops.nb_dropped, 3);
}
