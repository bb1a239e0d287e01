// Questions to the kernel's routing socket (rtnetlink(7)): the few lines that iface and iface_watch
// share. One request, its answers, one message at a time.
#pragma once

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

// A socket that hears of the multicast groups (RTMGRP_LINK; 0: of none). Returns it, or -errno.
// Reading from it never waits.
int rtnetlink_open(uint32_t groups);

// Called with each answer, in order. Not 0: stop, and hand this back.
typedef int rtnetlink_visit(const struct nlmsghdr *msg, void *arg);

// Send request (complete but for its sequence number) and visit every answer. NLM_F_DUMP in its
// flags asks for all objects. 0, -errno (the kernel's refusal), or what visit said.
int rtnetlink_ask(int fd, struct nlmsghdr *request, rtnetlink_visit *visit, void *arg);

// Visit what waits in a socket of groups. 0; -ENOBUFS: some of it was lost; or another -errno.
int rtnetlink_drain(int fd, rtnetlink_visit *visit, void *arg);

// Append an attribute to a request of cap octets in all. The caller made room for it.
void rtnetlink_put(struct nlmsghdr *msg, size_t cap, uint16_t type, const void *data, size_t len);

// The attribute of this type with at least len octets, behind the family header of hdr_len octets;
// NULL: none.
const void *rtnetlink_get(const struct nlmsghdr *msg, size_t hdr_len, uint16_t type, size_t len);
