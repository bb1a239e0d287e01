#!/usr/bin/env bash
# The host that shares its interface with a scan: its pings and its TCP session, IPv4 and IPv6, go on
# without a loss, and its kernel takes no part in the scan's conversations.
source "$(dirname "$0")/lib.sh"
source "$live/host_traffic.sh"
need ping nstat
new_lab

lab targets >"$tmp/targets"
lab targets live 3000 >"$tmp/live"

# Sent by anybody from our addresses, and by the host's kernel from any.
count_frames rst4 'ip saddr 10.99.0.3 tcp flags & rst == rst'
count_frames rst6 'ip6 saddr fd00:99::3 tcp flags & rst == rst'
count_frames syn4 'ip saddr 10.99.0.3 tcp flags & (syn | ack) == syn'
count_frames icmp4 'ip saddr { 10.99.0.2, 10.99.0.3 } icmp type destination-unreachable'
count_frames icmp6 'ip6 saddr { fd00:99::2, fd00:99::3 } icmpv6 type destination-unreachable'

begin_host_traffic

resets() {
	in_scan nstat -asz TcpOutRsts | awk '/TcpOutRsts/ { print $2 }'
}
resets_before=$(resets)

trusted_scan 90 "${usual[@]}" --targets "$tmp/targets" -r 15000
done_code "a scan beside the host's traffic: exit code 0"
expect "every record as the table says" all_right "$out" "$tmp/targets"
expect "the TCP session over IPv4 is alive" is_running "$tcp4"
expect "the TCP session over IPv6 is alive" is_running "$tcp6"

end_host_traffic

expect "the scan's SYNs were counted" [ "$(frames syn4)" -gt 2000 ]
is "the host's kernel sent no RST" "$resets_before" "$(resets)"
is "no port unreachable or the like from the host, IPv4" 0 "$(frames icmp4)"
is "no port unreachable or the like from the host, IPv6" 0 "$(frames icmp6)"

rst4_before=$(frames rst4)
trusted_scan 90 "${usual[@]}" --targets "$tmp/live" -r 15000
is "a server that is well gets no RST from our address" "$rst4_before" "$(frames rst4)"
is "nor over IPv6" 0 "$(frames rst6)"

# Proof that RSTs would have been seen: an address that the kernel owns, as the program warns.
scan 60 -i scan0 -S 10.99.0.2/24 -G 10.99.0.1 --kernel-owns-source --no-default-blocklist -c 0 -o "$out" \
	198.18.0.1 198.18.0.2
expect "with the kernel's own address it would have sent some" [ "$(resets)" -gt "$resets_before" ]

finish
