#include "app/port_rss.h"

#include <string.h>

#define BOTH_TCP (RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV6_TCP)
#define KEY_MAX_OCTETS 256
#define BY_HAND_ENTRIES 128
// The table that we set repeats itself after so many entries: short, so that each class of ports is
// large, and long enough for queues that are no power of two.
#define TURN_ENTRIES 64
#define GROUPS (PORTS_MAX_ENTRIES / RTE_ETH_RETA_GROUP_SIZE)

void port_rss_wish(
	const struct rte_eth_dev_info *info, unsigned int nb_queues, struct rte_eth_conf *conf) {
	uint64_t rss = info->flow_type_rss_offloads & (RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP);
	if (nb_queues <= 1 || rss == 0)
		return;
	conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	conf->rx_adv_conf.rss_conf.rss_hf = rss;
}

static bool has_key(const uint8_t *key) {
	for (unsigned int i = 0; i < STEER_KEY_OCTETS; i++) {
		if (key[i] != 0)
			return true;
	}
	return false;
}

// A key of ours, for a NIC that tells none. No two octets in it are alike in what they do.
static bool set_key(uint16_t port_id, uint8_t len, uint8_t *key) {
	for (unsigned int i = 0; i < len; i++)
		key[i] = (uint8_t)(0x6d + 0x5b * i + (i * i >> 3));
	struct rte_eth_rss_conf conf = {.rss_key = key, .rss_key_len = len, .rss_hf = BOTH_TCP};
	return rte_eth_dev_rss_hash_update(port_id, &conf) == 0;
}

static const char *read_hash(
	uint16_t port_id, const struct rte_eth_dev_info *info, struct steer *steer) {
	uint8_t key[KEY_MAX_OCTETS] = {0};
	if (info->hash_key_size > 0 && info->hash_key_size < STEER_KEY_OCTETS)
		return "its key is too short";
	uint8_t len = info->hash_key_size ? info->hash_key_size : STEER_KEY_OCTETS;
	struct rte_eth_rss_conf conf = {.rss_key = key, .rss_key_len = len};
	int ret = rte_eth_dev_rss_hash_conf_get(port_id, &conf);
	if (ret == 0 && (conf.rss_hf & BOTH_TCP) != BOTH_TCP)
		return "it does not hash the ports of TCP";
	if ((ret != 0 || !has_key(key)) && !set_key(port_id, len, key))
		return "its key can be neither read nor set";
	memcpy(steer->key, key, STEER_KEY_OCTETS);
	return NULL;
}

static const char *read_table(
	uint16_t port_id, unsigned int nb_entries, unsigned int nb_queues, struct steer *steer) {
	struct rte_eth_rss_reta_entry64 groups[GROUPS] = {0};
	for (unsigned int i = 0; i < nb_entries; i++) {
		struct rte_eth_rss_reta_entry64 *g = &groups[i / RTE_ETH_RETA_GROUP_SIZE];
		g->mask |= UINT64_C(1) << i % RTE_ETH_RETA_GROUP_SIZE;
		g->reta[i % RTE_ETH_RETA_GROUP_SIZE] = (uint16_t)(i % TURN_ENTRIES % nb_queues);
	}
	bool is_set = rte_eth_dev_rss_reta_update(port_id, groups, (uint16_t)nb_entries) == 0;
	bool is_read = rte_eth_dev_rss_reta_query(port_id, groups, (uint16_t)nb_entries) == 0;
	if (!is_set && !is_read)
		return "its table can be neither read nor set";
	for (unsigned int i = 0; i < nb_entries; i++) {
		uint16_t queue =
			groups[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE];
		steer->queues[i] = queue < nb_queues ? (uint8_t)queue : UINT8_MAX;
	}
	steer->nb_entries = (uint16_t)nb_entries;
	return NULL;
}

const char *port_rss_read(uint16_t port_id, unsigned int nb_queues, struct steer *steer) {
	struct rte_eth_dev_info info;
	*steer = (struct steer){0};
	if (rte_eth_dev_info_get(port_id, &info) < 0 ||
		(info.flow_type_rss_offloads & BOTH_TCP) != BOTH_TCP)
		return "it has no RSS of TCP";
	unsigned int nb_entries = info.reta_size;
	if (nb_entries == 0 || nb_entries > PORTS_MAX_ENTRIES || (nb_entries & (nb_entries - 1)))
		return "its RSS has no table that can be used";
	const char *why = read_hash(port_id, &info, steer);
	return why ? why : read_table(port_id, nb_entries, nb_queues, steer);
}

void port_rss_by_hand(
	const uint8_t key[STEER_KEY_OCTETS], unsigned int nb_queues, struct steer *steer) {
	steer->nb_entries = BY_HAND_ENTRIES;
	memcpy(steer->key, key, STEER_KEY_OCTETS);
	for (unsigned int i = 0; i < BY_HAND_ENTRIES; i++)
		steer->queues[i] = (uint8_t)(i % nb_queues);
}
