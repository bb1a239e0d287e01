#!/usr/bin/env bash
# --connect tcp: small web servers, with TFO and without, one that resets and one that says nothing.
source "$(dirname "$0")/lib.sh"
need "$python"
new_lab
cd "$tmp" || exit 1

ip netns exec "$LAB_SRV_NS" "$python" "$live/tcp_server.py" "$tmp/heard" &
started+=($!)
listen_all() {
	[ "$(in_srv ss -Hltn 'sport >= :80 and sport <= :83' | wc -l)" = 4 ]
}
expect "the servers listen" within 20 listen_all

tfo='tfo.connectivity.works tfo.cookie.received tfo.syndata.acked tfo.cookie.length.8'
# words: of all records, each kind once
words() {
	jq -r '.conditions | join(" ")' "$out" | sed 's/ tfo.zerortt.[a-z]*//' | sort -u
}
outcomes() {
	jq -r '[.evidence | .baseline, .request, .data | .outcome? // "-"] | join(" ")' "$out" | sort -u
}

printf '%s\n' 198.18.0.{1..20} fd00:18::{1..9} >targets
# request TEXT: as the server writes it
request() {
	printf '%b' "$1" | od -An -tx1 | tr -d ' \n'
}

scan 30 "${usual[@]}" --connect tcp --targets targets
done_code "a web server with TFO: exit code 0"
is "every target has its record" 29 "$(nb_records)"
is "cookie and data in the SYN" "$tfo" "$(words)"
is "no domain is told that nobody was asked for" 0 "$(jq -c 'select(has("domain"))' "$out" | wc -l)"
is "port 80" 80 "$(jq .dp "$out" | sort -u)"
is "the server heard HEAD / in all three connections" "87 $(request 'HEAD / HTTP/1.0\r\n\r\n')" \
	"$(sort heard | uniq -c | tr -s ' ' | sed 's/^ //')"

: >heard
printf 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n' >payload
scan 30 "${usual[@]}" --connect tcp --payload payload --targets targets
done_code "--payload: exit code 0"
is "--payload: cookie and data in the SYN" "$tfo" "$(words)"
is "--payload: the server heard it, octet for octet" "87 $(request 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n')" \
	"$(sort heard | uniq -c | tr -s ' ' | sed 's/^ //')"
is "and the record has its length" 28 "$(jq '.evidence.data.data_len' "$out" | sort -u)"

scan 30 "${usual[@]}" --connect tcp -p 81 --targets targets
done_code "without TFO: exit code 0"
is "without TFO: no cookie" 'tfo.connectivity.works tfo.cookie.not_received' "$(words)"

scan 30 "${usual[@]}" --connect tcp -p 83 --targets targets
done_code "a server that says nothing: exit code 0"
is "a server that says nothing: no answer is needed" "$tfo" "$(words)"

scan 30 "${usual[@]}" --connect tcp -p 82 --targets targets
done_code "a server that resets: exit code 0"
is "a server that resets: every target has its record" 29 "$(nb_records)"
note "a server that resets: $(outcomes | paste -sd';') -> $(words | paste -sd';')"
is "a server that resets: the word is what the connections were" "" "$(jq -c 'select((.conditions |
	index("tfo.connectivity.works")) and (.evidence | .baseline.outcome != "ok" or
	(.data // .request).outcome != "ok"))' "$out")"

# A RST before the payload is acknowledged is no success; in the SYN of the third connection it is.
in_srv nft -f - <<-NFT
	table inet reset_data {
		chain c {
			type filter hook prerouting priority -400;
			ip daddr 198.18.0.77 tcp dport 80 tcp flags & (syn | ack | fin) == ack @ih,0,8 0-255 reject with tcp reset
		}
	}
NFT
scan 30 "${usual[@]}" --connect tcp 198.18.0.77
done_code "a RST before success: exit code 0"
is "a RST before success: reset_after, twice" "reset_after reset_after ok" "$(outcomes)"
is "a RST before success: the words for that" \
	"tfo.connectivity.transient tfo.cookie.received tfo.syndata.acked tfo.cookie.length.8" "$(words)"

scan 30 "${usual[@]}" --connect tcp -p 84 --targets targets
done_code "a closed port: exit code 0"
is "a closed port: offline" 'tfo.connectivity.offline tfo.baseline.closed' "$(words)"

finish
