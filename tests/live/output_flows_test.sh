#!/usr/bin/env bash
# --output-flows: a scan of the lab is captured, and what its records say of each connection is compared
# with what --read-pcap makes of the same frames.
source "$(dirname "$0")/lib.sh"
need tcpdump
new_lab
cd "$tmp" || exit 1

# At the servers' end: what af_packet sends, no tap of its own interface sees.
ip netns exec "$LAB_SRV_NS" tcpdump --immediate-mode -s 4096 -B 16384 -U -Z root -i srv0 -w scan.pcap \
	'tcp or icmp or icmp6' 2>tcpdump.err &
tcpdump_pid=$!
started+=("$tcpdump_pid")
within 10 grep -q 'listening on' tcpdump.err || note "$(cat tcpdump.err)"

absent=10.99.0.77 # on the link, but nobody there
{
	lab targets live impaired live6 impaired6 4
	echo $absent
} >targets
trusted_scan 240 "${usual[@]}" --rounds 2 --output-flows --targets targets
kill -INT "$tcpdump_pid"
wait "$tcpdump_pid" 2>/dev/null
done_code "a scan with --output-flows ends"
expect "every line is one JSON object" all_whole "$out"
expect "every target has its record" each_once "$out" targets
cp "$out" records
"$program" -q --read-pcap scan.pcap >captured

# none SENTENCE FILTER: no record passes it
none() {
	is "$1" "" "$(jq -c "$2" records | head -n 5)"
}
none "each record has three, in PATHspider's order" 'select([.flow_results[].config] != [0, 1, 2])'
none "they are those of the evidence" 'select(.evidence) |
	select([.evidence | .baseline, .request, .data | .sport] != [.flow_results[].sp])'
none "their state is by the outcome" '{"ok": 0, "rst": 1, "icmp": 1, "reset_after": 1, "badack": 2, "stall": 2, "none": 2} as $state
	| select(.evidence) | select([.evidence | .baseline, .request, .data | if . then $state[.outcome] else 3 end]
		!= [.flow_results[].spdr_state])'
none "of a silent target they show the SYNs" 'select(.evidence | not) | select(.dip != "'$absent'")
	| .flow_results | map([.pkt_fwd, .pkt_rev, .spdr_state]) | select(. != [[3, 0, 2], [3, 0, 2], [null, null, 3]])'
is "where nobody told a MAC, no connection was made" \
	'[{"config":0,"observed":false,"spdr_state":3},{"config":1,"observed":false,"spdr_state":3},{"config":2,"observed":false,"spdr_state":3}]' \
	"$(jq -c --arg dip $absent 'select(.dip == $dip).flow_results' records)"
none "of two rounds they show the second" 'def seconds: .[:19] | strptime("%Y-%m-%d %H:%M:%S") | mktime;
	select(.evidence.rounds == 2) | select((.flow_results[0].spdr_start | seconds) - (.time.from | seconds) < 4)'
is "and there were such" true "$(jq -s 'any(.evidence.rounds == 2)' records)"

# pairs: what the scan says of each connection, and what the capture says. A frame that came too late for
# its connection is only in the capture.
pairs() {
	jq -n 'reduce inputs.flow_results[] as $f ({}; .["\($f.dip) \($f.sp)"] = $f)' captured >by-key.json
	jq -c --slurpfile captured by-key.json '.flow_results[] | select(.observed) | [., $captured[0]["\(.dip) \(.sp)"]]' records
}
pairs >pairs.json
note "$(wc -l <pairs.json) connections, $(jq -c 'select(.[0].pkt_rev < .[1].pkt_rev)' pairs.json | wc -l) with late frames"
# differ SENTENCE FILTER: no pair passes it
differ() {
	is "$1" "" "$(jq -c "$2" pairs.json | head -n 5)"
}
is "the capture has all of them" 0 "$(jq -c 'select(.[1] == null)' pairs.json | wc -l)"
differ "all but times and counts is the same" 'map(del(.spdr_start, .spdr_stop, .pkt_fwd, .pkt_rev, .oct_fwd, .oct_rev, .tcp_fin_rev))
	| select(.[0] != .[1])'
differ "no frame is counted that was not there" 'select(.[0].pkt_fwd > .[1].pkt_fwd or .[0].pkt_rev > .[1].pkt_rev or
	(.[0].tcp_fin_rev and (.[1].tcp_fin_rev | not)))'
differ "and of the same frames the same octets" 'select(.[0].pkt_fwd == .[1].pkt_fwd and .[0].oct_fwd != .[1].oct_fwd or
	.[0].pkt_rev == .[1].pkt_rev and .[0].oct_rev != .[1].oct_rev)'
differ "nearly all frames are counted" 'select(.[0].pkt_rev + 2 < .[1].pkt_rev or .[0].pkt_fwd + 2 < .[1].pkt_fwd)'
differ "the times agree within two seconds" 'def seconds: .[:19] | strptime("%Y-%m-%d %H:%M:%S") | mktime;
	select([.[0].spdr_start, .[1].spdr_start | seconds] | .[0] - .[1] | . > 2 or . < -2)'

"$program" -d --no-default-blocklist --targets records >dry 2>err
is "the records are a target list" "$(nb_records targets)" "$(nb_records dry)"
trusted_scan 60 "${usual[@]}" 198.18.0.1 198.19.255.90
is "without the option there are none" "2 records, 0 with flows" "$(nb_records) records, $(grep -c flow_results "$out") with flows"

finish
