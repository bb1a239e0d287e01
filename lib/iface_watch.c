// Two sources, since neither tells all: the events of the routing socket show a link that was set
// down and up by hand, and a deletion; the kernel's count of lost carriers shows a cable that was
// out for a millisecond, which the kernel may sum up in one event that says "up".
#include "lib/iface_watch.h"

#include "lib/rtnetlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// What is read from one or more messages about the link with this index.
struct sighting {
	unsigned int index;
	bool is_up; // as the last message had it
	bool was_down;
	bool was_deleted;
	uint32_t carrier_downs;
};

static int sight(const struct nlmsghdr *msg, void *arg) {
	struct sighting *seen = arg;
	if (msg->nlmsg_type != RTM_NEWLINK && msg->nlmsg_type != RTM_DELLINK)
		return 0;
	if (msg->nlmsg_len < NLMSG_LENGTH(sizeof(struct ifinfomsg)))
		return 0;
	const struct ifinfomsg *info = NLMSG_DATA(msg);
	// A bridge says of a port that leaves it: deleted, in the family AF_BRIDGE.
	if (info->ifi_family != AF_UNSPEC || (unsigned int)info->ifi_index != seen->index)
		return 0;

	if (msg->nlmsg_type == RTM_DELLINK) {
		seen->was_deleted = true;
		return 0;
	}
	// Not IFF_RUNNING, which follows the carrier with a delay of up to a second.
	const unsigned int needed = IFF_UP | IFF_LOWER_UP;
	seen->is_up = (info->ifi_flags & needed) == needed;
	seen->was_down |= !seen->is_up;
	const void *count = rtnetlink_get(
		msg, sizeof(*info), IFLA_CARRIER_DOWN_COUNT, sizeof(seen->carrier_downs));
	if (count != NULL)
		memcpy(&seen->carrier_downs, count, sizeof(seen->carrier_downs));
	return 0;
}

// Ask for the link as it is now. 0, -ENODEV, or another -errno.
static int query(int fd, struct sighting *seen) {
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
		uint8_t attributes[RTA_SPACE(sizeof(uint32_t))];
	} request = {
		.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
			.nlmsg_type = RTM_GETLINK},
		.info = {.ifi_index = (int)seen->index},
	};
	const uint32_t without = RTEXT_FILTER_SKIP_STATS;
	rtnetlink_put(&request.header, sizeof(request), IFLA_EXT_MASK, &without, sizeof(without));
	return rtnetlink_ask(fd, &request.header, sight, seen);
}

// Take events of this one interface only: a host that starts containers has hundreds of others,
// which would fill the socket. If the filter is refused, sight() still drops them.
static void filter_events(int fd, unsigned int index) {
	const unsigned int at = NLMSG_HDRLEN + offsetof(struct ifinfomsg, ifi_index);
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(index), 0, 1), // loads swap octets
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = {.len = sizeof(code) / sizeof(code[0]), .filter = code};
	setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

int iface_watch_open(struct iface_watch *watch, const char *ifname) {
	unsigned int index = if_nametoindex(ifname);
	if (index == 0)
		return -ENODEV;
	*watch = (struct iface_watch){.index = index};
	snprintf(watch->name, sizeof(watch->name), "%s", ifname);

	// Listening starts first: what happens after the query is an event.
	int error;
	watch->event_fd = error = rtnetlink_open(RTMGRP_LINK);
	if (error < 0)
		return error;
	filter_events(watch->event_fd, index);
	watch->query_fd = error = rtnetlink_open(0);
	if (error < 0)
		goto fail_query;

	struct sighting now = {.index = index};
	error = query(watch->query_fd, &now);
	if (error != 0)
		goto fail;
	watch->last = now.is_up ? IFACE_LINK_UP : IFACE_LINK_DOWN;
	watch->carrier_downs = now.carrier_downs;
	return 0;
fail:
	close(watch->query_fd);
fail_query:
	close(watch->event_fd);
	return error;
}

int iface_watch_poll(struct iface_watch *watch, struct iface_watch_state *state) {
	struct sighting past = {.index = watch->index}, now = past;
	int lost = 0, error = 0;
	if (watch->last != IFACE_LINK_GONE) {
		lost = rtnetlink_drain(watch->event_fd, sight, &past);
		if (lost != 0 && lost != -ENOBUFS)
			return lost;
		error = query(watch->query_fd, &now);
		if (error != 0 && error != -ENODEV)
			return error;
	}

	*state = (struct iface_watch_state){.link = now.is_up ? IFACE_LINK_UP : IFACE_LINK_DOWN};
	if (watch->last == IFACE_LINK_GONE || past.was_deleted || error == -ENODEV) {
		state->link = IFACE_LINK_GONE;
		state->is_replaced = if_nametoindex(watch->name) != 0;
	}
	if (watch->last == IFACE_LINK_UP && state->link == IFACE_LINK_UP)
		state->has_flapped =
			past.was_down || lost != 0 || now.carrier_downs != watch->carrier_downs;
	watch->last = state->link;
	watch->carrier_downs = now.carrier_downs;
	return 0;
}

void iface_watch_close(struct iface_watch *watch) {
	close(watch->query_fd);
	close(watch->event_fd);
}
