#!/usr/bin/env bash
# Frames of somebody who does not know our numbers change no verdict, get no answer, and keep no
# target in flight for ever.
source "$(dirname "$0")/lib.sh"
need "$python"
"$python" -c 'import scapy' 2>/dev/null || skip "python3-scapy is missing; scripts/deps installs it"
new_lab
cd "$tmp" || exit 1

hosts="10.99.0.51=icmp 10.99.0.52=rst 10.99.0.53=synack 10.99.0.54=data"
# shellcheck disable=SC2086 # one word a host
ip netns exec "$LAB_SRV_NS" "$python" "$live/forging_responder.py" srv0 "$tmp/frames" $hosts \
	2>"$tmp/responder.err" &
started+=($!)
expect "somebody who guesses" within 30 grep -q ready frames

# shellcheck disable=SC2086
scan 60 -i scan0 -S 10.99.0.3/24 --no-default-blocklist "${once[@]}" -c 1 -o "$out" -v $(sed 's/=[a-z]*//g' <<<"$hosts")
done_code "exit code 0"
is "a record of each host" 4 "$(jq -r .dip "$out" | sort -u | wc -l)"
for host in 10.99.0.51 10.99.0.52 10.99.0.53; do
	is "$host is offline, and nothing else" "tfo.connectivity.offline" \
		"$(jq -r "select(.dip == \"$host\") | .conditions | join(\" \")" "$out")"
done
is "octets without a SYN-ACK were put in by somebody" "tfo.connectivity.offline tfo.path.injected" \
	"$(jq -r 'select(.dip == "10.99.0.54") | .conditions | join(" ")' "$out")"
is "an ICMP message that does not know our number is no answer" null \
	"$(jq -c 'select(.dip == "10.99.0.51") | .evidence' "$out")"
heard=$(for host in 51 52 53 54; do
	grep -c "10.99.0.$host S$" frames
done | paste -sd' ')
# a worker that was off its CPU begins again what was under way
again=$(counter launched_again)
if [ "$again" = 0 ]; then
	is "they heard six SYNs each" "6 6 6 6" "$heard"
else
	note "the scanner was starved, and began $again targets again"
	expect "they heard six SYNs each, or more as it was starved" \
		awk '{ for (i = 1; i <= NF; i++) { sum += $i; if ($i < 6) exit 1 } exit sum > '$(((4 + again) * 6))' }' <<<"$heard"
fi
is "and nothing else" $((${heard// /+})) "$(grep -c '^heard' frames)"

finish
