#!/usr/bin/env bash
# A SYN-ACK that comes after its connection was given up, once in the life of the target and once
# after its verdict: it is acknowledged and closed in one frame, never reset (that would hold a TFO
# slot of the server for a minute), and no verdict changes.
source "$(dirname "$0")/lib.sh"
need "$python"
"$python" -c 'import scapy' 2>/dev/null || skip "python3-scapy is missing; scripts/deps installs it"
new_lab
cd "$tmp" || exit 1

late=10.99.0.50
ip netns exec "$LAB_SRV_NS" "$python" "$live/late_responder.py" srv0 "$late" 4.5 "$tmp/frames" 2>"$tmp/responder.err" &
started+=($!)
expect "a host that is late" within 30 grep -q ready frames

scan 60 -i scan0 -S 10.99.0.3/24 --no-default-blocklist "${once[@]}" -c 6 -o "$out" -v "$late"
done_code "exit code 0"
is "one record: offline" "tfo.connectivity.offline" "$(jq -r '.conditions | join(" ")' "$out")"
is "SYN-ACKs came late, of baseline and request" 2 "$(grep -c '^late' frames)"
is "each was acknowledged and closed in one frame" 2 "$(grep -c '^heard [0-9]* FA ' frames)"
is "with the number that it acknowledged" "" "$(diff \
	<(sed -n 's/^late \([0-9]*\) SA /\1 /p' frames | sort) \
	<(sed -n 's/^heard \([0-9]*\) FA /\1 /p' frames | sort))"
is "never a RST" 0 "$(grep -c '^heard [0-9]* [A-Z]*R' frames)"
is "and nothing else but the SYNs" 6 "$(grep -c '^heard [0-9]* S ' frames)"
is "8 frames in all" 8 "$(grep -c '^heard' frames)"
is "counted" 2 "$(counter closed_late)"

finish
