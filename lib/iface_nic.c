#include "lib/iface_nic.h"

#include "lib/rtnetlink.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int ethtool(int fd, const char *ifname, void *command) {
	struct ifreq request = {.ifr_data = command};
	memcpy(request.ifr_name, ifname, strlen(ifname));
	return ioctl(fd, SIOCETHTOOL, &request) < 0 ? -errno : 0;
}

bool iface_nic_is_pci(const char *text) {
	static const char pattern[] = "0000:00:00.0"; // 0: any hex digit
	if (strlen(text) != sizeof(pattern) - 1)
		return false;
	for (size_t i = 0; i < sizeof(pattern) - 1; i++) {
		bool is_right = pattern[i] == '0' ? isxdigit((unsigned char)text[i]) != 0
						  : text[i] == pattern[i];
		if (!is_right)
			return false;
	}
	return true;
}

static void read_driver(int fd, const char *ifname, struct iface_nic *nic) {
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	if (ethtool(fd, ifname, &info) < 0)
		return;
	info.driver[sizeof(info.driver) - 1] = info.bus_info[sizeof(info.bus_info) - 1] = '\0';
	snprintf(nic->driver, sizeof(nic->driver), "%s", info.driver);
	if (iface_nic_is_pci(info.bus_info))
		memcpy(nic->pci, info.bus_info, sizeof(nic->pci));
}

static unsigned int count_queues_of_sysfs(const char *ifname) {
	char path[64];
	snprintf(path, sizeof(path), "/sys/class/net/%s/queues", ifname);
	DIR *dir = opendir(path);
	unsigned int nb = 0;
	for (struct dirent *entry; dir && (entry = readdir(dir));)
		nb += strncmp(entry->d_name, "rx-", 3) == 0;
	if (dir)
		closedir(dir);
	return nb;
}

static void read_queues(int fd, const char *ifname, struct iface_nic *nic) {
	struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};
	if (ethtool(fd, ifname, &channels) == 0) {
		nic->queues.now = channels.rx_count + channels.combined_count;
		nic->queues.max = channels.max_rx + channels.max_combined;
		nic->combined_queues = channels.combined_count;
	}
	if (nic->queues.now == 0)
		nic->queues.now = count_queues_of_sysfs(ifname);
	if (nic->queues.now == 0)
		nic->queues.now = 1;
	if (nic->queues.max < nic->queues.now)
		nic->queues.max = nic->queues.now;
}

static void read_descriptors(int fd, const char *ifname, struct iface_nic *nic) {
	struct ethtool_ringparam rings = {.cmd = ETHTOOL_GRINGPARAM};
	if (ethtool(fd, ifname, &rings) < 0)
		return;
	nic->rx_descriptors = (struct iface_range){rings.rx_pending, rings.rx_max_pending};
	nic->tx_descriptors = (struct iface_range){rings.tx_pending, rings.tx_max_pending};
}

static void read_rss(int fd, const char *ifname, struct iface_nic *nic) {
	struct ethtool_rxfh rss = {.cmd = ETHTOOL_GRSSH};
	if (ethtool(fd, ifname, &rss) < 0)
		return;
	nic->rss_key_octets = rss.key_size;
	nic->rss_entries = rss.indir_size;
}

static int read_numa_node(const char *ifname) {
	char path[64];
	int node = -1;
	snprintf(path, sizeof(path), "/sys/class/net/%s/device/numa_node", ifname);
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return -1;
	if (fscanf(f, "%d", &node) != 1)
		node = -1;
	fclose(f);
	return node;
}

int iface_nic_read(const char *ifname, struct iface_nic *nic) {
	*nic = (struct iface_nic){.numa_node = -1};
	if (strlen(ifname) >= IFNAMSIZ || if_nametoindex(ifname) == 0)
		return -ENODEV;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	read_driver(fd, ifname, nic);
	read_queues(fd, ifname, nic);
	read_descriptors(fd, ifname, nic);
	read_rss(fd, ifname, nic);
	close(fd);
	nic->numa_node = read_numa_node(ifname);
	return 0;
}

// The attribute holds others; of them the number of the program.
static int see_program(const struct nlmsghdr *msg, void *arg) {
	const struct rtattr *outer =
		rtnetlink_get(msg, sizeof(struct ifinfomsg), IFLA_XDP, sizeof(struct rtattr));
	if (msg->nlmsg_type != RTM_NEWLINK || outer == NULL)
		return 0;
	const struct rtattr *whole = (const struct rtattr *)((const char *)outer - RTA_LENGTH(0));
	int len = (int)RTA_PAYLOAD(whole);
	for (const struct rtattr *a = outer; RTA_OK(a, len); a = RTA_NEXT(a, len)) {
		if (a->rta_type == IFLA_XDP_PROG_ID && RTA_PAYLOAD(a) >= sizeof(uint32_t))
			memcpy(arg, RTA_DATA(a), sizeof(uint32_t));
	}
	return 0;
}

int iface_nic_xdp(const char *ifname, uint32_t *program_id) {
	*program_id = 0;
	unsigned int index = if_nametoindex(ifname);
	if (index == 0)
		return -ENODEV;
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
	} request = {
		.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
			.nlmsg_type = RTM_GETLINK},
		.info = {.ifi_index = (int)index},
	};
	int fd = rtnetlink_open(0);
	if (fd < 0)
		return fd;
	int error = rtnetlink_ask(fd, &request.header, see_program, program_id);
	close(fd);
	return error;
}
