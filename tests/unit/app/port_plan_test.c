// What is asked of a port, by what its driver tells of it.
#include "app/port_plan.h"

#include <criterion/criterion.h>

static const struct port_wishes seven = {.nb_queues = 7, .mbufs_a_worker = 1000};

// A NIC of the data centre.
static struct rte_eth_dev_info large(void) {
	return (struct rte_eth_dev_info){
		.max_rx_queues = 64,
		.max_tx_queues = 64,
		.max_rx_pktlen = 9728,
		.min_mtu = 68,
		.max_mtu = 9710,
		.min_rx_bufsize = 1024,
		.rx_desc_lim = {.nb_max = 4096, .nb_min = 64, .nb_align = 32},
		.tx_desc_lim = {.nb_max = 4096, .nb_min = 64, .nb_align = 32},
		.rx_offload_capa = UINT64_MAX,
		.tx_offload_capa = UINT64_MAX,
		.flow_type_rss_offloads = RTE_ETH_RSS_NONFRAG_IPV4_TCP,
	};
}

static struct port_plan planned(const struct rte_eth_dev_info *info) {
	struct port_plan plan;
	const char *lacks = port_plan_make(info, &seven, &plan);
	cr_assert_null(lacks, "%s", lacks);
	return plan;
}

Test(port_plan, a_large_nic_gives_all_that_is_wanted) {
	struct rte_eth_dev_info info = large();
	struct port_plan plan = planned(&info);
	cr_assert_eq(plan.nb_queues, 7);
	cr_assert_eq(plan.nb_rx_desc, 1024);
	cr_assert_eq(plan.nb_tx_desc, 1024);
	cr_assert_eq(plan.mtu_octets, 1500);
	cr_assert_eq(plan.buffer_octets, RTE_MBUF_DEFAULT_BUF_SIZE);
	cr_assert_geq(plan.nb_mbufs, 7 * (1024 + 1024 + 1000));
	cr_assert(plan.has_rss);
}

Test(port_plan, an_e1000_has_one_queue_whatever_its_driver_says) {
	struct rte_eth_dev_info info = large();
	info.driver_name = "net_e1000_em";
	info.max_rx_queues = info.max_tx_queues = 2;
	struct port_plan plan = planned(&info);
	cr_assert_eq(plan.nb_queues, 1);
	cr_assert_not(plan.has_rss);
}

Test(port_plan, of_all_offloads_only_those_that_are_used_are_asked_for) {
	struct rte_eth_dev_info info = large();
	struct port_plan plan = planned(&info);
	cr_assert_eq(
		plan.rx_offloads, RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_TCP_CKSUM);
	cr_assert_eq(plan.tx_offloads, RTE_ETH_TX_OFFLOAD_IPV4_CKSUM |
					       RTE_ETH_TX_OFFLOAD_TCP_CKSUM |
					       RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE);
}

Test(port_plan, an_offload_that_is_not_there_is_not_asked_for) {
	struct rte_eth_dev_info info = large();
	info.rx_offload_capa = RTE_ETH_RX_OFFLOAD_SCATTER;
	info.tx_offload_capa = RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	struct port_plan plan = planned(&info);
	cr_assert_eq(plan.rx_offloads, 0);
	cr_assert_eq(plan.tx_offloads, RTE_ETH_TX_OFFLOAD_TCP_CKSUM);
}

Test(port_plan, checksums_stay_in_software_if_that_is_wished) {
	struct rte_eth_dev_info info = large();
	struct port_wishes wishes = seven;
	struct port_plan plan;
	wishes.no_offloads = true;
	cr_assert_null(port_plan_make(&info, &wishes, &plan));
	cr_assert_eq(plan.rx_offloads, 0);
	cr_assert_eq(plan.tx_offloads, RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE);
}

Test(port_plan, descriptors_keep_to_the_limits_of_the_queue) {
	struct rte_eth_dev_info info = large();
	info.rx_desc_lim = (struct rte_eth_desc_lim){.nb_max = 500, .nb_align = 32};
	info.tx_desc_lim = (struct rte_eth_desc_lim){.nb_max = 8192, .nb_min = 2048};
	struct port_plan plan = planned(&info);
	cr_assert_eq(plan.nb_rx_desc, 480);
	cr_assert_eq(plan.nb_tx_desc, 2048);
}

Test(port_plan, descriptors_of_a_driver_that_tells_no_limit_are_as_wanted) {
	struct rte_eth_dev_info info = large();
	info.rx_desc_lim = info.tx_desc_lim = (struct rte_eth_desc_lim){0};
	struct port_plan plan = planned(&info);
	cr_assert_eq(plan.nb_rx_desc, 1024);
	cr_assert_eq(plan.nb_tx_desc, 1024);
}

Test(port_plan, one_queue_is_enough) {
	struct rte_eth_dev_info info = large();
	info.max_rx_queues = 1;
	struct port_plan plan = planned(&info);
	cr_assert_eq(plan.nb_queues, 1);
	cr_assert_not(plan.has_rss);
}

Test(port_plan, a_port_without_queues_is_refused) {
	struct rte_eth_dev_info info = large();
	struct port_plan plan;
	info.max_tx_queues = 0;
	cr_assert_not_null(port_plan_make(&info, &seven, &plan));
}

Test(port_plan, mtu_is_no_larger_than_the_port_or_the_path_carries) {
	struct rte_eth_dev_info info = large();
	info.max_mtu = 1460;
	cr_assert_eq(planned(&info).mtu_octets, 1460);
	info = large();
	info.max_rx_pktlen = 1318;
	cr_assert_eq(planned(&info).mtu_octets, 1300);
	info.max_rx_pktlen = 300;
	struct port_plan plan;
	cr_assert_not_null(port_plan_make(&info, &seven, &plan));
}

Test(port_plan, a_frame_fits_into_one_buffer) {
	struct rte_eth_dev_info info = large();
	info.min_rx_bufsize = 4096;
	cr_assert_eq(planned(&info).buffer_octets, 4096 + RTE_PKTMBUF_HEADROOM);
	info.min_rx_bufsize = UINT32_MAX - RTE_PKTMBUF_HEADROOM;
	struct port_plan plan;
	cr_assert_not_null(port_plan_make(&info, &seven, &plan));
}

Test(port_plan, a_port_that_refuses_is_asked_for_less_and_less) {
	struct rte_eth_dev_info info = large();
	struct port_plan plan = planned(&info);
	cr_assert_str_eq(port_plan_weaken(&info, &plan), "offloads");
	cr_assert_eq(plan.rx_offloads | plan.tx_offloads, 0);
	cr_assert_str_eq(port_plan_weaken(&info, &plan), "RSS");
	cr_assert_not(plan.has_rss);
	cr_assert_not_null(port_plan_weaken(&info, &plan));
	cr_assert_eq(plan.nb_queues, 4);
	cr_assert_not_null(port_plan_weaken(&info, &plan));
	cr_assert_eq(plan.nb_queues, 2);
	cr_assert_str_eq(port_plan_weaken(&info, &plan), "more than one queue");
	cr_assert_eq(plan.nb_queues, 1);
	cr_assert_str_eq(port_plan_weaken(&info, &plan), "so many descriptors");
	cr_assert_eq(plan.nb_rx_desc, 256);
	cr_assert_eq(plan.nb_tx_desc, 256);
	cr_assert_null(port_plan_weaken(&info, &plan));
}

Test(port_plan, descriptors_never_grow_as_a_port_is_asked_for_less) {
	struct rte_eth_dev_info info = large();
	info.rx_desc_lim.nb_max = 128;
	struct port_plan plan = planned(&info);
	while (port_plan_weaken(&info, &plan))
		;
	cr_assert_eq(plan.nb_rx_desc, 128);
	cr_assert_eq(plan.nb_tx_desc, 256);
}
