#!/usr/bin/env bash
# ARP and neighbour discovery, both ways; the ways to name a gateway; source addresses that belong to
# somebody; GRO.
source "$(dirname "$0")/lib.sh"
need ethtool ping
new_lab
cd "$tmp" || exit 1

options=(-i scan0 --no-default-blocklist "${once[@]}" -c 0 -o "$out")
for n in 20 21 22; do
	ip -n "$LAB_SRV_NS" address add "10.99.0.$n/32" dev srv0
	ip -n "$LAB_SRV_NS" address add "fd00:99::$n/128" dev srv0 nodad
done
ip -n "$LAB_SRV_NS" route add local 10.99.0.64/29 dev lo # AnyIP
printf '%s\n' 10.99.0.{20,21,22} 10.99.0.6{4..9} 10.99.0.70 fd00:99::{20,21,22} >alive
printf '%s\n' 10.99.0.{100..105} fd00:99::{100..105} >dead
cat alive dead >targets
count_link_frames arp 'arp operation request arp saddr ip 10.99.0.3 arp daddr ip 10.99.0.20'
count_link_frames arpdead 'arp operation request arp saddr ip 10.99.0.3 arp daddr ip 10.99.0.100'
count_link_frames ndp 'ether daddr & ff:ff:ff:00:00:00 == 33:33:ff:00:00:00 ip6 saddr fd00:99::3 ip6 nexthdr icmpv6'
count_frames syndead 'tcp flags syn ip daddr 10.99.0.100-10.99.0.105'
count_frames tcp 'ip protocol tcp'

# words_of LIST: the conditions of these addresses, each kind once
words_of() {
	local list
	list=$(cat "$1")
	jq -r --arg all "$list" 'select(.dip as $d | $all | split("\n") | index($d)) | .conditions | join(" ")' "$out" |
		sed 's/ tfo.zerortt.[a-z]*//' | sort -u
}
good='tfo.connectivity.works tfo.cookie.received tfo.syndata.acked tfo.cookie.length.8'

## targets on the link
trusted_scan 60 "${options[@]}" -S 10.99.0.3/24 -S fd00:99::3/64 --targets targets -v
done_code "targets on the link: exit code 0"
expect "each has one record" each_once "$out" targets
is "those that are there: as they are" "$good" "$(words_of alive)"
is "those that are not: offline" tfo.connectivity.offline "$(words_of dead)"
is "one that is there was asked for once by ARP" 1 "$(frames arp)"
is "one that is not, three times" 3 "$(frames arpdead)"
asked=$(frames ndp)
expect "by neighbour solicitations over IPv6 ($asked)" [ "$asked" -ge $((3 + 6 * 3)) ]
is "and none got a SYN that has no MAC" 0 "$(frames syndead)"
is "they are counted" 12 "$(counter neigh_failed)"

scan 30 "${options[@]}" -S 10.99.0.3 10.99.0.20
is "-S without a length: the kernel's subnet, and its gateway" "0 $good" "$code $(words_of alive)"
scan 30 "${options[@]}" -S 10.99.0.3/32 -G 10.99.0.1 198.18.0.1
is "-S with /32: all through the gateway" 0 "$code"

## others ask for us
lab targets live 20000 >many
start_scan "${usual[@]}" --targets many -r 5000
expect "a scan that runs" within 30 has_records 50
mac=$(sed -n 's/.*, MAC \([0-9a-f:]*\),.*/\1/p' err)
expect "it says its MAC ($mac)" grep -qE '^.[26ae](:..){5}$' <<<"$mac"
expect "and it is not the interface's" [ "$mac" != "$(in_scan cat /sys/class/net/scan0/address)" ]
# asks ADDRESS: the kernel of the other side asks anew and hears our MAC
asks() {
	in_srv ip neigh flush to "$1" dev srv0 2>/dev/null
	in_srv ping -c 1 -W 1 "$1" >/dev/null 2>&1
	in_srv ip neigh show to "$1" dev srv0 | grep "lladdr $mac" | grep -v FAILED
}
expect "ARP for our address is answered" within 10 asks 10.99.0.3
expect "a neighbour solicitation, too" within 10 asks fd00:99::3
in_srv ping -c 1 -W 1 10.99.0.44 >/dev/null 2>&1
is "for somebody else's address nobody answers" "" "$(in_srv ip neigh show to 10.99.0.44 | grep lladdr)"
expect "and the scan goes on" is_running "$scan_pid"
kill -TERM "$scan_pid"
wait_end 15 "$scan_pid"
expect "the records so far are right" right_so_far "$out"

## gateways
mac_of_gateway=$(in_srv cat /sys/class/net/srv0/address)
# through SENTENCE TARGET ARGUMENTS…
through() {
	local sentence=$1 target=$2
	shift 2
	scan 30 "${options[@]}" "$@" "$target"
	is "$sentence" "0 $good" "$code $(words_of <(echo "$target"))"
}
through "gateway by MAC" 198.18.0.1 -S 10.99.0.3/24 -G "$mac_of_gateway"
through "gateway by MAC, IPv6" fd00:18::1 -S fd00:99::3/64 -G "$mac_of_gateway"
through "gateway by address" 198.18.0.1 -S 10.99.0.3/24 -G 10.99.0.1
through "gateway by address, IPv6" fd00:18::1 -S fd00:99::3/64 -G fd00:99::1
through "gateway of the kernel's default route" 198.18.0.1 -S 10.99.0.3/24
through "gateway of the kernel's default route, IPv6" fd00:18::1 -S fd00:99::3/64
through "a MAC of our choice" 198.18.0.1 -S 10.99.0.3/24 --source-mac 02:00:00:00:00:77
through "a few local ports" 198.18.0.1 -S 10.99.0.3/24 -s 5000-5127

# refused SENTENCE CODE PATTERN ARGUMENTS…: one line, and no TCP frame
refused() {
	local sentence=$1 want=$2 pattern=$3 before
	shift 3
	before=$(frames tcp)
	scan 30 "${options[@]}" "$@"
	is "$sentence: exit code $want" "$want" "$code"
	says "$sentence: it is said" "$pattern"
	is "$sentence: in one line" 1 "$(own_lines | wc -l)"
	is "$sentence: before the first SYN" "$before" "$(frames tcp)"
}
refused "a gateway that is not there" 1 'gateway 10.99.0.250 does not answer ARP' -S 10.99.0.3/24 -G 10.99.0.250 198.18.0.1
refused "an IPv6 gateway that is not there" 1 'gateway fd00:99::250 does not answer' -S fd00:99::3/64 -G fd00:99::250 fd00:18::1
ip -n "$LAB_SCAN_NS" route del default
refused "no gateway at all, and a source without its subnet" 2 'next hop' -S 10.98.0.3 198.18.0.1
ip -n "$LAB_SCAN_NS" route add default via 10.99.0.1
scan 30 "${options[@]}" -S 10.99.0.3/24 fd00:18::1 198.18.0.1
is "a target of a family without a source is skipped" "0 198.18.0.1" "$code $(jq -r .dip "$out")"
says "and it is said what to give" 'no way to fd00:18::1: '
says "and counted" ' 1 without a way'

## sources
for n in 20 21 22; do
	ip -n "$LAB_SRV_NS" address del "10.99.0.$n/32" dev srv0
done
ip -n "$LAB_SRV_NS" route del local 10.99.0.64/29 dev lo
# owned FAMILY ADDRESS TARGET
owned() {
	local name=$1 address=$2 target=$3 proposal
	refused "$name: a source that the kernel owns" 2 "source address $address is the kernel's" -S "$address" "$target"
	proposal=$(sed -n 's/.*(\(-S [^)]*\)).*/\1/p' err)
	expect "$name: another is proposed ($proposal)" grep -qE '^-S [0-9a-f.:]+/[0-9]+$' <<<"$proposal"
	# shellcheck disable=SC2086
	through "$name: which, typed, works" "$target" $proposal
}
owned IPv4 10.99.0.2 198.18.0.1
owned IPv6 fd00:99::2 fd00:18::1
through "--kernel-owns-source: the address of a third, who is not asked" 198.18.0.1 -S 10.99.0.3/24 --kernel-owns-source
scan 30 "${options[@]}" -S 10.99.0.2/24 --kernel-owns-source 198.18.0.1
is "--kernel-owns-source: goes on" "0 1" "$code $(nb_records)"
says "and it is said" "10.99.0.2 \(the kernel's, as you said\)"
refused "no source: one is proposed" 2 'no source address: .*-S 10\.99\.0\.[0-9]+/24' 198.18.0.1

ip -n "$LAB_SRV_NS" address add 10.99.0.3/32 dev srv0
refused "a source that somebody else has" 1 "10.99.0.3 is in use by $mac_of_gateway" -S 10.99.0.3/24 198.18.0.1
ip -n "$LAB_SRV_NS" address del 10.99.0.3/32 dev srv0
ip -n "$LAB_SRV_NS" address add fd00:99::3/128 dev srv0 nodad
refused "an IPv6 source that somebody else has" 1 "fd00:99::3 is in use by $mac_of_gateway" -S fd00:99::3/64 fd00:18::1
ip -n "$LAB_SRV_NS" address del fd00:99::3/128 dev srv0
through "free again" 198.18.0.1 -S 10.99.0.3/24

## GRO
in_scan ethtool -K scan0 gro on
refused "GRO on" 1 'ethtool -K scan0 gro off' -S 10.99.0.3/24 198.18.0.1
command=$(sed -n 's/.*: \(ethtool -K .*\)$/\1/p' err)
# shellcheck disable=SC2086
expect "the command that it says ($command)" in_scan $command
through "mends it" 198.18.0.1 -S 10.99.0.3/24

finish
