#!/usr/bin/env bash
# What a network sees of a scan: no more than --max-per-prefix, less after it said no, one open
# connection an address, and the label that names the scan.
source "$(dirname "$0")/lib.sh"
need tcpdump mkfifo "$python"
new_lab
cd "$tmp" || exit 1
one_try=("${usual[@]}" --tries 1)
in_srv nft -f - <<-NFT
	table inet networks {
		chain path {
			type filter hook prerouting priority raw;
			ip daddr 198.18.3.0/24 drop
			ip daddr 198.18.7.0/24 reject with icmpx type admin-prohibited
			ip6 daddr fd00:18::7:0/112 reject with icmpx type admin-prohibited
			ip daddr 198.18.8.128/25 tcp flags syn reject with tcp reset
		}
		chain ports {
			type nat hook prerouting priority dstnat;
			tcp dport 5301-5303 redirect to :53
		}
	}
NFT

# capture NAME: until end_capture; of all that passes
capture() {
	capture_name=$1
	ip netns exec "$LAB_SRV_NS" tcpdump --immediate-mode -s 256 -B 16384 -U -Z root -i srv0 -w "$1" tcp 2>tcpdump.err &
	capture_pid=$!
	started+=("$capture_pid")
	within 10 grep -q 'listening on' tcpdump.err || note "$(cat tcpdump.err)"
}

end_capture() {
	kill -INT "$capture_pid"
	wait "$capture_pid" 2>/dev/null
	"$python" "$live/pcap_networks.py" "$1" "$capture_name" 10.99.0.3 fd00:99::3 >"$1"
}

# of FIELD NETWORK: frames, most, first or last
of() {
	awk -v net="$2" -v field="$1" '$1 == net { split("frames most first last", names, " ")
		for (i in names) if (names[i] == field) print $(i + 1) }' rates
}

# is_below A B
is_below() {
	awk -v a="${1:-none}" -v b="$2" 'BEGIN { exit !(a != "none" && a + 0 < b + 0) }'
}

## a limit for each network: one that answers, one that is silent, one of IPv6, and many others
printf '%s\n' 198.18.1.{1..30} 198.18.3.{1..150} fd00:18::1:{1..20} 198.18.{20..69}.1 >targets
capture limit.pcap
trusted_scan 90 "${one_try[@]}" --targets targets --max-per-prefix 100 -v
end_capture rates
done_code "a limit: exit code 0"
expect "a limit: each has one record" each_once "$out" targets
is "a limit: those that answer are as they are" 'tfo.connectivity.works' \
	"$(jq -r 'select(.dip | startswith("198.18.3.") | not).conditions[0]' "$out" | sort -u)"
is "a limit: those that are silent, too" 'tfo.connectivity.offline' \
	"$(jq -r 'select(.dip | startswith("198.18.3.")).conditions[0]' "$out" | sort -u)"
# a second may hold a twentieth more, and what targets that answer send: it is sent at once, and paid
# back. Without a limit all of it would leave in a second
for net in 198.18.1.0/24 fd00:18::/48; do
	expect "a limit: $net got $(of most "$net") of $(of frames "$net") frames in any second" \
		is_below "$(of most "$net")" 150
done
expect "a limit: the silent network got $(of most 198.18.3.0/24) of $(of frames 198.18.3.0/24)" \
	is_below "$(of most 198.18.3.0/24)" 107
# 150 targets with two SYNs each; a busy machine may be slower
expect "a limit: and was begun within $(of last 198.18.3.0/24) s, not in less than 2.9" is_below 2.85 "$(of last 198.18.3.0/24)"
expect "a limit: others did not wait for it" is_below "$(of last 198.18.69.0/24)" "$(of last 198.18.3.0/24)"
expect "a limit: those that waited are counted ($(counter prefix_waits))" [ "$(counter prefix_waits)" -gt 150 ]
says "a limit: and it is said" '[0-9]+ targets waited for the rate of their network'

is "a network has one worker" 12 "$("$program" --no-huge -l 0-4 -- -d --max-per-prefix 10 --no-default-blocklist \
	198.18.{1..12}.{1..5} 2>err | awk '{ sub(/\.[0-9]+$/, "", $1); print $1, $3 }' | sort -u | wc -l)"
expect "and networks have several" [ "$("$program" --no-huge -l 0-4 -- -d --max-per-prefix 10 --no-default-blocklist \
	198.18.{1..12}.1 2>err | awk '{ print $3 }' | sort -u | wc -l)" -gt 1 ]

## the end of a scan does not wait for those that wait
printf '%s\n' 198.18.1.{1..200} >targets
scan 30 "${one_try[@]}" --targets targets --max-per-prefix 20 -t 1
done_code "-t while many wait: exit code 0"
expect "-t while many wait: the others have no record" [ "$(nb_records)" -lt 100 ]
says "-t while many wait: they are counted" "unfinished: $((200 - $(nb_records)))\$"
start_scan "${one_try[@]}" --targets targets --max-per-prefix 20
expect "a scan in which many wait" within 20 has_records 1
kill -INT "$scan_pid"
wait_end 12 "$scan_pid"
is "INT while many wait: exit code 3" 3 "$code"
expect "INT while many wait: the records so far are right" all_whole "$out"

## networks that say no
# words SCAN-ARGUMENTS…: of one target, by itself
words() {
	scan 30 "${one_try[@]}" "$@"
	jq -c .conditions "$out"
}
alone4=$(words 198.18.7.1)
alone6=$(words fd00:18::7:1)
printf '%s\n' 198.18.7.{1..50} 198.18.{20..79}.1 >targets
capture no.pcap
trusted_scan 90 "${one_try[@]}" --targets targets -r 2000 -v
end_capture rates
done_code "prohibited: exit code 0"
expect "prohibited: each has one record" each_once "$out" targets
is "prohibited: verdicts do not change by it" "$alone4" \
	"$(jq -c 'select(.dip | startswith("198.18.7.")).conditions' "$out" | sort -u)"
is "prohibited: one network is slowed down" 1 "$(counter slowed_prefixes)"
expect "prohibited: and more as it goes on ($(counter prefix_cuts) times)" [ "$(counter prefix_cuts)" -gt 2 ]
expect "prohibited: what said so is counted" [ "$(counter prohibited)" -ge 50 ]
says "prohibited: it is said" 'slowed down: 1 networks that said no, [0-9]+ times in all'
expect "prohibited: its last target was begun after $(of last 198.18.7.0/24) s" is_below 2 "$(of last 198.18.7.0/24)"
expect "prohibited: the last one of others after $(of last 198.18.79.0/24) s" is_below "$(of last 198.18.79.0/24)" "$(of last 198.18.7.0/24)"
printf '%s\n' fd00:18::7:{1..12} >targets
scan 90 "${one_try[@]}" --targets targets -v
is "prohibited, IPv6: the same" "1 $alone6" \
	"$(counter slowed_prefixes) $(jq -c .conditions "$out" | sort -u)"

mkfifo list
start_scan "${one_try[@]}" --targets list -r 2000 -v
exec 5>list
printf '%s\n' 198.18.8.{1..12} >&5
expect "a network that works" within 30 has_records 12
printf '%s\n' 198.18.8.{128..160} >&5
exec 5>&-
wait_end 60 "$scan_pid"
done_code "a jump of RSTs: exit code 0"
is "a jump of RSTs: the network is slowed down" 1 "$(counter slowed_prefixes)"
is "a jump of RSTs: all have their record" 45 "$(nb_records)"
printf '%s\n' 198.18.8.{128..160} >targets
scan 60 "${one_try[@]}" --targets targets -r 2000 -v
is "RSTs alone are no jump" "0 33" "$(counter slowed_prefixes) $(nb_records)"

## one open connection an address
printf '%s\n' 198.18.5.{1..5} 198.18.5.{1..5}:530{1..3} >targets
capture open.pcap
trusted_scan 60 "${usual[@]}" --targets targets -v
end_capture open
is "ports of one address: all have their record" 20 "$(nb_records)"
is "ports of one address: all work" tfo.connectivity.works "$(jq -r '.conditions[0]' "$out" | sort -u)"
is "ports of one address: twelve connections each, one open at a time" "5 12 1" \
	"$(awk '{ print $2, $3 }' open | sort | uniq -c | xargs)"
expect "ports of one address: they waited ($(counter deferred))" [ "$(counter deferred)" -gt 0 ]

## the label that names the scan
cat >targets <<-'JSON'
	{"dip":"198.18.6.1","domain":"www.example.org","rank":"7"}
	198.18.6.2
JSON
scan 30 "${usual[@]}" --targets targets --probe-id tfo-scan --write-pcap label.pcapng
is "a label: the servers answer" "0 2" "$code $(grep -c connectivity.works "$out")"
is "a label: the record has the job's own domain" '"198.18.6.1","www.example.org","7" "198.18.6.2","example.com",null' \
	"$(jq -r '[.dip, .domain, .rank] | @csv' "$out" | sed 's/,$/,null/' | sort | xargs -d '\n')"
expect "a label: it is asked in front of the job's domain" grep -qaP '\x08tfo-scan\x03www\x07example\x03org\x00' label.pcapng
expect "a label: and in front of the usual one" grep -qaP '\x08tfo-scan\x07example\x03com\x00' label.pcapng
"$program" -q --read-pcap label.pcapng >again
is "a label: the capture gives the same records" "" "$(diff <(sort "$out") <(sort again))"
# refused SENTENCE PATTERN ARGUMENTS…
refused() {
	local sentence=$1 pattern=$2
	shift 2
	scan 30 "${usual[@]}" "$@" 198.18.6.1
	is "$sentence: exit code 2" 2 "$code"
	says "$sentence: it is said" "$pattern"
	is "$sentence: in one line" 1 "$(own_lines | wc -l)"
}
refused "a label that is none" "--probe-id tfo_scan: must be a label" --probe-id tfo_scan
refused "a label without a question" 'goes with --connect dnstcp' --probe-id tfo-scan --connect tcp
long=$(printf '123456789.%.0s' {1..25})a
refused "a domain without room for it" 'too long with the label of --probe-id' --probe-id tfo-scan --domain "$long"
refused "a limit below one" '--max-per-prefix 0.5: must be frames a second' --max-per-prefix 0.5

finish
