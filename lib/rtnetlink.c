#include "lib/rtnetlink.h"

#include <assert.h>
#include <errno.h>
#include <stdalign.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// The kernel fills messages of a dump up to 32 KiB if the reader has room for them.
#define RECEIVE_OCTETS (32 * 1024)

int rtnetlink_open(uint32_t groups) {
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (fd < 0)
		return -errno;
	struct sockaddr_nl local = {.nl_family = AF_NETLINK, .nl_groups = groups};
	if (bind(fd, (struct sockaddr *)&local, sizeof(local)) < 0) {
		int error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

// One datagram; its length, or -errno. Not from the kernel: as if it hadn't come.
static ssize_t receive(int fd, void *buf, size_t cap) {
	for (;;) {
		struct sockaddr_nl from;
		struct iovec space = {.iov_base = buf, .iov_len = cap};
		struct msghdr header = {.msg_name = &from,
			.msg_namelen = sizeof(from),
			.msg_iov = &space,
			.msg_iovlen = 1};
		ssize_t len = recvmsg(fd, &header, MSG_DONTWAIT);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return -errno;
		if (header.msg_flags & MSG_TRUNC)
			return -EMSGSIZE;
		if (from.nl_pid == 0)
			return len;
	}
}

// The kernel's verdict in NLMSG_ERROR or NLMSG_DONE: 0 or -errno.
static int verdict(const struct nlmsghdr *msg) {
	int error = 0;
	if (msg->nlmsg_len >= NLMSG_LENGTH(sizeof(error)))
		memcpy(&error, NLMSG_DATA(msg), sizeof(error));
	return error;
}

// Visit the answers to request number seq in one datagram. *is_last: nothing follows.
static int visit_answers(const struct nlmsghdr *msg, size_t len, uint32_t seq,
	rtnetlink_visit *visit, void *arg, bool *is_last) {
	for (; NLMSG_OK(msg, len); msg = NLMSG_NEXT(msg, len)) {
		if (msg->nlmsg_seq != seq)
			continue; // to a request that was given up
		*is_last = !(msg->nlmsg_flags & NLM_F_MULTI);
		if (msg->nlmsg_type == NLMSG_ERROR || msg->nlmsg_type == NLMSG_DONE) {
			*is_last = true;
			return verdict(msg);
		}
		int said = visit(msg, arg);
		if (said != 0)
			return said;
	}
	return 0;
}

int rtnetlink_ask(int fd, struct nlmsghdr *request, rtnetlink_visit *visit, void *arg) {
	static _Thread_local uint32_t seq;
	request->nlmsg_seq = ++seq;
	request->nlmsg_flags |= NLM_F_REQUEST;
	// The kernel answers within send; of a dump the rest within each receive. So none waits.
	if (send(fd, request, request->nlmsg_len, 0) < 0)
		return -errno;

	alignas(struct nlmsghdr) uint8_t buf[RECEIVE_OCTETS];
	for (bool is_last = false; !is_last;) {
		ssize_t len = receive(fd, buf, sizeof(buf));
		if (len < 0)
			return (int)len;
		int said = visit_answers((struct nlmsghdr *)buf, (size_t)len, request->nlmsg_seq,
			visit, arg, &is_last);
		if (said != 0)
			return said;
	}
	return 0;
}

int rtnetlink_drain(int fd, rtnetlink_visit *visit, void *arg) {
	alignas(struct nlmsghdr) uint8_t buf[RECEIVE_OCTETS];
	int error = 0;
	for (;;) {
		ssize_t len = receive(fd, buf, sizeof(buf));
		if (len == -EAGAIN)
			return error;
		if (len == -ENOBUFS) {
			error = -ENOBUFS; // said once; what is left can still be read
			continue;
		}
		if (len < 0)
			return (int)len;
		const struct nlmsghdr *msg = (struct nlmsghdr *)buf;
		for (size_t left = (size_t)len; NLMSG_OK(msg, left); msg = NLMSG_NEXT(msg, left)) {
			int said = visit(msg, arg);
			if (said != 0)
				return said;
		}
	}
}

void rtnetlink_put(struct nlmsghdr *msg, size_t cap, uint16_t type, const void *data, size_t len) {
	size_t at = NLMSG_ALIGN(msg->nlmsg_len);
	assert(at + RTA_SPACE(len) <= cap);
	struct rtattr *attr = (struct rtattr *)((uint8_t *)msg + at);
	attr->rta_type = type;
	attr->rta_len = (uint16_t)RTA_LENGTH(len);
	memcpy(RTA_DATA(attr), data, len);
	msg->nlmsg_len = (uint32_t)(at + RTA_SPACE(len));
}

const void *rtnetlink_get(const struct nlmsghdr *msg, size_t hdr_len, uint16_t type, size_t len) {
	size_t at = NLMSG_SPACE(hdr_len);
	if (msg->nlmsg_len < at)
		return NULL;
	const struct rtattr *attr = (const struct rtattr *)((const uint8_t *)msg + at);
	for (size_t left = msg->nlmsg_len - at; RTA_OK(attr, left); attr = RTA_NEXT(attr, left))
		if ((attr->rta_type & NLA_TYPE_MASK) == type && RTA_PAYLOAD(attr) >= len)
			return RTA_DATA(attr);
	return NULL;
}
