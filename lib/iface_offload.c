#include "lib/iface_offload.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

// Linux has about 60 features; more than this is not a count.
#define FEATURES_MAX 1024
#define FEATURES_PER_BLOCK 32

static int ethtool(int fd, const char *ifname, void *command) {
	struct ifreq request = {.ifr_data = command};
	memcpy(request.ifr_name, ifname, strlen(ifname));
	return ioctl(fd, SIOCETHTOOL, &request) < 0 ? -errno : 0;
}

// How many features has this kernel? Their number, or -errno.
static int count_features(int fd, const char *ifname) {
	union {
		struct ethtool_sset_info info;
		uint8_t room[sizeof(struct ethtool_sset_info) + sizeof(uint32_t)];
	} set = {.info = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_FEATURES}};
	int error = ethtool(fd, ifname, &set);
	if (error != 0)
		return error;
	if (set.info.sset_mask == 0)
		return 0;
	uint32_t nb_features;
	memcpy(&nb_features, set.room + sizeof(set.info), sizeof(nb_features));
	return nb_features <= FEATURES_MAX ? (int)nb_features : -EPROTO;
}

static void note_feature(
	const char *name, bool is_on, bool is_fixed, struct iface_offloads *offloads) {
	bool unused;
	const struct {
		const char *name;
		bool *is_on, *is_fixed;
	} known[] = {
		{"rx-gro", &offloads->has_gro, &unused},
		{"rx-lro", &offloads->has_lro, &offloads->is_lro_fixed},
		{"rx-gro-hw", &offloads->has_gro_hw, &offloads->is_gro_hw_fixed},
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strncmp(name, known[i].name, ETH_GSTRING_LEN) != 0)
			continue;
		*known[i].is_on = is_on;
		*known[i].is_fixed = is_fixed;
	}
}

static int read_features(
	int fd, const char *ifname, uint32_t nb_features, struct iface_offloads *offloads) {
	uint32_t nb_blocks = (nb_features + FEATURES_PER_BLOCK - 1) / FEATURES_PER_BLOCK;
	struct ethtool_gstrings *names =
		calloc(1, sizeof(*names) + (size_t)nb_features * ETH_GSTRING_LEN);
	struct ethtool_gfeatures *states =
		calloc(1, sizeof(*states) + nb_blocks * sizeof(states->features[0]));
	int error = -ENOMEM;
	if (names == NULL || states == NULL)
		goto out;

	*names = (struct ethtool_gstrings){
		.cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_FEATURES, .len = nb_features};
	*states = (struct ethtool_gfeatures){.cmd = ETHTOOL_GFEATURES, .size = nb_blocks};
	error = ethtool(fd, ifname, names);
	if (error == 0)
		error = ethtool(fd, ifname, states);
	if (error != 0)
		goto out;

	for (uint32_t i = 0; i < nb_features; i++) {
		const struct ethtool_get_features_block *block =
			&states->features[i / FEATURES_PER_BLOCK];
		uint32_t bit = 1U << i % FEATURES_PER_BLOCK;
		bool is_fixed = !(block->available & bit) || (block->never_changed & bit);
		note_feature((const char *)names->data + (size_t)i * ETH_GSTRING_LEN,
			block->active & bit, is_fixed, offloads);
	}
out:
	free(states);
	free(names);
	return error;
}

int iface_offload_read(const char *ifname, struct iface_offloads *offloads) {
	if (strlen(ifname) >= IFNAMSIZ)
		return -ENODEV;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;

	struct iface_offloads found = {0};
	int nb_features = count_features(fd, ifname), error = nb_features;
	if (nb_features >= 0)
		error = read_features(fd, ifname, (uint32_t)nb_features, &found);
	close(fd);
	if (error == 0)
		*offloads = found;
	return error;
}
