#include "lib/rtnetlink.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <net/if.h>
#include <stdalign.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct link_request {
	struct nlmsghdr header;
	struct ifinfomsg info;
	uint8_t attributes[64];
};

static struct link_request ask_for_link(int index) {
	return (struct link_request){
		.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
			.nlmsg_type = RTM_GETLINK},
		.info = {.ifi_index = index},
	};
}

static int count_links(const struct nlmsghdr *msg, void *arg) {
	*(unsigned int *)arg += msg->nlmsg_type == RTM_NEWLINK;
	return 0;
}

static int stop_at_once(const struct nlmsghdr *msg, void *arg) {
	(void)msg;
	++*(unsigned int *)arg;
	return 42;
}

Test(rtnetlink, attribute_that_was_put_is_got_back) {
	struct link_request request = ask_for_link(1);
	const uint32_t first = 0x01020304, second = 0x0a0b0c0d;
	rtnetlink_put(&request.header, sizeof(request), IFLA_MTU, &first, sizeof(first));
	rtnetlink_put(&request.header, sizeof(request), IFLA_EXT_MASK, &second, sizeof(second));
	const void *found =
		rtnetlink_get(&request.header, sizeof(request.info), IFLA_EXT_MASK, sizeof(second));
	cr_assert_not_null(found);
	cr_assert_eq(memcmp(found, &second, sizeof(second)), 0);
}

Test(rtnetlink, attribute_that_is_not_there_is_null) {
	struct link_request request = ask_for_link(1);
	cr_assert_null(rtnetlink_get(&request.header, sizeof(request.info), IFLA_MTU, 0));
}

Test(rtnetlink, attribute_that_is_too_short_is_null) {
	struct link_request request = ask_for_link(1);
	const uint16_t two_octets = 7;
	rtnetlink_put(&request.header, sizeof(request), IFLA_MTU, &two_octets, sizeof(two_octets));
	cr_assert_null(rtnetlink_get(&request.header, sizeof(request.info), IFLA_MTU, 4));
	cr_assert_not_null(rtnetlink_get(&request.header, sizeof(request.info), IFLA_MTU, 2));
}

Test(rtnetlink, broken_lengths_end_the_search) {
	for (unsigned int length = 0; length < 3; length++) {
		struct link_request request = ask_for_link(1);
		const uint32_t value = 7;
		rtnetlink_put(&request.header, sizeof(request), IFLA_MTU, &value, sizeof(value));
		struct rtattr *attr = (struct rtattr *)request.attributes;
		attr->rta_len = (uint16_t[]){0, 3, 64}[length];
		cr_expect_null(rtnetlink_get(&request.header, sizeof(request.info), IFLA_MTU, 4));
	}
}

Test(rtnetlink, message_shorter_than_its_family_header_has_no_attributes) {
	struct link_request request = ask_for_link(1);
	const uint32_t value = 7;
	rtnetlink_put(&request.header, sizeof(request), IFLA_MTU, &value, sizeof(value));
	request.header.nlmsg_len = NLMSG_LENGTH(4);
	cr_assert_null(rtnetlink_get(&request.header, sizeof(request.info), IFLA_MTU, 0));
}

Test(rtnetlink, one_link_is_one_answer) {
	struct link_request request = ask_for_link((int)if_nametoindex("lo"));
	unsigned int nb_links = 0;
	int fd = rtnetlink_open(0);
	cr_assert_geq(fd, 0);
	cr_assert_eq(rtnetlink_ask(fd, &request.header, count_links, &nb_links), 0);
	cr_assert_eq(nb_links, 1);
	close(fd);
}

Test(rtnetlink, dump_visits_every_link) {
	struct if_nameindex *all = if_nameindex();
	unsigned int nb_names = 0, nb_links = 0;
	while (all[nb_names].if_index != 0)
		nb_names++;
	if_freenameindex(all);

	struct link_request request = ask_for_link(0);
	request.header.nlmsg_flags = NLM_F_DUMP;
	int fd = rtnetlink_open(0);
	cr_assert_eq(rtnetlink_ask(fd, &request.header, count_links, &nb_links), 0);
	cr_assert_eq(nb_links, nb_names);
	close(fd);
}

Test(rtnetlink, refusal_of_the_kernel_is_an_errno) {
	struct link_request request = ask_for_link(0x7ffffff0);
	unsigned int nb_links = 0;
	int fd = rtnetlink_open(0);
	cr_assert_eq(rtnetlink_ask(fd, &request.header, count_links, &nb_links), -ENODEV);
	cr_assert_eq(nb_links, 0);
	close(fd);
}

Test(rtnetlink, visitor_can_stop_and_the_socket_can_be_asked_again) {
	unsigned int nb_visits = 0, nb_links = 0;
	int fd = rtnetlink_open(0);
	struct link_request request = ask_for_link(0);
	request.header.nlmsg_flags = NLM_F_DUMP;
	cr_assert_eq(rtnetlink_ask(fd, &request.header, stop_at_once, &nb_visits), 42);
	cr_assert_eq(nb_visits, 1);

	request = ask_for_link((int)if_nametoindex("lo"));
	cr_assert_eq(rtnetlink_ask(fd, &request.header, count_links, &nb_links), 0);
	cr_assert_eq(nb_links, 1);
	close(fd);
}

Test(rtnetlink, message_that_is_not_the_kernels_is_not_visited) {
	struct link_request forged = ask_for_link(1);
	forged.header.nlmsg_type = RTM_NEWLINK;
	unsigned int nb_links = 0;
	int fd = rtnetlink_open(0), other = rtnetlink_open(0);
	struct sockaddr_nl to;
	socklen_t len = sizeof(to);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&to, &len), 0);
	if (sendto(other, &forged, forged.header.nlmsg_len, 0, (struct sockaddr *)&to, len) < 0)
		cr_skip("the kernel lets nobody forge");
	cr_assert_eq(rtnetlink_drain(fd, count_links, &nb_links), 0);
	cr_assert_eq(nb_links, 0);
	close(other);
	close(fd);
}

Test(rtnetlink, draining_a_quiet_socket_visits_nothing) {
	unsigned int nb_links = 0;
	int fd = rtnetlink_open(0);
	cr_assert_eq(rtnetlink_drain(fd, count_links, &nb_links), 0);
	cr_assert_eq(nb_links, 0);
	close(fd);
}
