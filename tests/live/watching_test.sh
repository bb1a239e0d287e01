#!/usr/bin/env bash
# Watching a scan: the rows of -u and what telemetry tells agree with the summary, and the rate can be
# changed by telemetry and by signals.
source "$(dirname "$0")/lib.sh"
need "$python"
new_lab
cd "$tmp" || exit 1

client=$live/telemetry_client.py
# ask COMMAND…: of the scan that runs
ask() {
	"$python" "$client" "/var/run/dpdk/tfoscan$scan_pid/dpdk_telemetry.v2" "$@" 2>"$tmp/client"
}

# column NAME [ROW]: of the rows of -u; the last one, or all
column() {
	awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) n = i; next } { print $n }' "$tmp/csv"
}
last() {
	column "$1" | tail -n 1
}
has_rows() {
	[ -e csv ] && [ "$(wc -l <csv)" -gt "$1" ]
}

# Answering targets among many silent ones, of two frames each.
nb_tfo=250
{
	printf '%s\n' 198.18.0.{1..250}
	printf '%s\n' 192.0.2.{1..250} 203.0.113.{1..250}
	for net in {0..15}; do printf "198.51.$net.%s\n" {1..250}; done
} >targets
quick=("${usual[@]}" --tries 1 -c 1)

# ---- a scan that is watched

start_scan "${quick[@]}" --max-in-flight 16384 -r 200 -v -u csv --targets targets
expect "rows come, one a second" within 20 has_rows 3
has_found() {
	[ "$(last tfo-total)" -ge 5 ]
}
expect "and count what is found" within 20 has_found
is "the columns are ZMap's, and ours behind them" \
	"real-time,time-elapsed,time-remaining,percent-complete,hit-rate,active-send-threads,sent-total,sent-last-one-sec,sent-avg-per-sec,recv-success-total,recv-success-last-one-sec,recv-success-avg-per-sec,recv-total,recv-total-last-one-sec,recv-total-avg-per-sec,pcap-drop-total,drop-last-one-sec,drop-avg-per-sec,sendto-fail-total,sendto-fail-last-one-sec,sendto-fail-avg-per-sec,targets-total,in-flight,records-total,tfo-total,rate-limit" \
	"$(head -n 1 csv)"
is "every row has a value for each of them" 26 "$(tail -n +2 csv | awk -F, '{ print NF }' | sort -u)"
expect "the time of a row is now, in UTC" \
	[ $(($(date +%s) - $(date -ud "$(last real-time)" +%s))) -lt 10 ]
expect "no second had much more than the rate" \
	awk -v most="$(column sent-last-one-sec | sort -n | tail -n 1)" 'BEGIN { exit !(most > 100 && most < 250) }'
expect "how long it takes is told" [ "$(last time-remaining)" -gt 1 ]
says "where to ask is told" "^dpdk-tfoscan: telemetry: dpdk-telemetry.py -f tfoscan$scan_pid \(/"

is "the commands have help texts" 5 "$(ask /help,/tfoscan/{status,rate,workers,counters,conditions} |
	jq -r '.[]' | grep -c '[a-z]')"
is "DPDK lists them" 5 "$(ask / | jq '[.[] | select(startswith("/tfoscan/"))] | length')"
ask /tfoscan/status >status
is "the status is that of a scan" "scanning 4750 200 200" \
	"$(jq -r '[.phase, .targets_planned, .rate_wanted, .rate_limit] | join(" ")' status)"
expect "with time that is left, targets and frames" jq -e '.left_seconds > 1 and .elapsed_seconds >= 3 and
	.sent > 100 and .received > 50 and .targets_begun > 20 and .in_flight < 16384' status
is "the workers are told" "worker_0" "$(ask /tfoscan/workers | jq -r 'keys | join(" ")')"
expect "one of them with its counters" jq -e '.lcore >= 0 and .slots == 16384 and .frames_sent > 100 and .truncated == 0' \
	<(ask /tfoscan/workers,0)
is "nobody is told of a worker that is not there" '["error"] ["error"]' \
	"$(ask /tfoscan/workers,1 /tfoscan/workers,x | jq -c keys | paste -sd' ')"
expect "the counters are told, and losses" jq -e '.answered >= 5 and has("lost_socket") and has("pauses")' <(ask /tfoscan/counters)
expect "so are conditions" jq -e '.tfo_cookie_received >= 5 and .tfo_connectivity_works >= .tfo_cookie_received' <(ask /tfoscan/conditions)
echo /tfoscan/rate | dpdk-telemetry.py -f "tfoscan$scan_pid" >said 2>&1
expect "DPDK's own client gets the same" grep -q '"rate_wanted": 200' said
ask --endpoint "$root/docs/telemetry-endpoints/tfoscan.py" >metrics
expect "the exporter's endpoint makes metrics of it: of the status" grep -qx 'rate_wanted - 200' metrics
expect "of conditions" grep -qE '^condition word=tfo_cookie_received [0-9]+$' metrics
expect "of counters" grep -q '^event counter=frames_sent [1-9]' metrics
expect "of workers" grep -q '^worker_frames_sent worker=0 [1-9]' metrics

for bad in x -5 0.5 1e99 "4000 "; do
	is "telemetry refuses the rate '$bad'" '["error"]' "$(ask "/tfoscan/rate,$bad" | jq -c keys)"
done
is "and it is as it was" 200 "$(ask /tfoscan/rate | jq .rate_wanted)"

said() {
	grep -q -- "$1" err
}
kill -USR1 "$scan_pid"
expect "USR1: a twentieth more" within 10 said '^dpdk-tfoscan: rate: 210 instead of 200 frames a second, by USR1$'
kill -USR2 "$scan_pid"
expect "USR2: a twentieth less" within 10 said '^dpdk-tfoscan: rate: 200 instead of 210 frames a second, by USR2$'

is "a rate is set" 4000 "$(ask /tfoscan/rate,4k | jq .rate_wanted)"
expect "that is said" within 10 said '^dpdk-tfoscan: rate: 4000 instead of 200 frames a second, by telemetry$'
is_faster() {
	local now
	now=$(last sent-last-one-sec)
	[ "$now" -gt 400 ] && [ "$now" -lt 4600 ]
}
expect "and frames follow" within 10 is_faster
is "telemetry tells the new one" "4000 4000" "$(ask /tfoscan/rate | jq -r '[.rate_wanted, .rate_limit] | join(" ")')"
wait_end 40 "$scan_pid"
done_code "exit code 0"
is "nothing of telemetry is left behind" "" "$(find /var/run/dpdk -maxdepth 1 -name "tfoscan$scan_pid")"

summary=$(grep ' records in ' err)
is "the last row counts the frames that the summary counts" \
	"$(sed 's/.*sent \([0-9]*\), received \([0-9]*\) .*/\1 \2/' <<<"$summary")" "$(last sent-total) $(last recv-total)"
is "and the records that there are" "4750 $(nb_records) 4750 0" \
	"$(last records-total) $(last records-total) $(last targets-total) $(last in-flight)"
is "and the answers" "$(jq -c 'select(.evidence)' out | wc -l)" "$(last recv-success-total)"
is "and Fast Open" "$nb_tfo $nb_tfo" "$(grep -c tfo.cookie.received out) $(last tfo-total)"
is "it is the end" "100.000000 0 0" "$(last percent-complete) $(last time-remaining) $(last active-send-threads)"
expect "the status line has the form of ZMap's" grep -qE \
	'^ 0:[0-9]{2} [0-9]+% \([0-9]+s left\); send: [0-9]+ [0-9.]+ K?p/s \([0-9.]+ K?p/s avg\); recv: [0-9]+ [0-9.]+ K?p/s \([0-9.]+ K?p/s avg\); drops: 0 \(0 p/s\); hitrate: [0-9.]+%; records: [0-9]+; TFO: [0-9]+$' err
expect "the cooldown is told" grep -qE '\((1|0)s left\) \(cooldown\); ' err

# ---- a terminal; and a stream

head -n 400 targets >few
wrap=("$python" "$live/terminal.py" 90)
ip netns exec "$LAB_SCAN_NS" "${wrap[@]}" "$program" "${quick[@]}" -o out2 -r 500 --targets few >screen 2>&1 </dev/null
wrap=()
is "a terminal: every line but that of the status ends" 0 "$(tr -d '\r' <screen | sed 's/.*\x1b\[K//' | grep -cvE '^dpdk-tfoscan: |^  |^EAL' )"
tr '\r' '\n' <screen | grep -a 'TFO: ' | sed 's/^\x1b\[K//' >lines
expect "a terminal: one line is written over" [ "$(wc -l <lines)" -ge 2 ]
expect "a terminal: and it fits" awk 'length($0) >= 90 { exit 1 }' lines

mkfifo stream
exec {writer}<>stream
start_scan "${quick[@]}" -r 500 -u csv2 -q --targets stream
printf '%s\n' 198.18.0.{1..10} >&"$writer"
has_answers() {
	[ "$(ask /tfoscan/status | jq .records)" = 10 ]
}
expect "a stream: it runs" within 20 has_answers
expect "a stream: nobody says when it ends" jq -e 'has("left_seconds") or has("targets_planned") | not' <(ask /tfoscan/status)
kill -TERM "$scan_pid"
exec {writer}>&-
wait_end 30 "$scan_pid"
is "a stream: it ends when it is told to" 3 "$code"
is "a stream: a row without the time that is left, and the share" "," \
	"$(sed -n 3p csv2 | cut -d, -f 3,4)"
is "-q: no status line" 0 "$(grep -c 'TFO: ' err)"

# ---- a file that can't be written

scan 30 "${quick[@]}" -u /dev/full 198.18.0.1
done_code "no room for -u: the scan is done"
says "no room for -u: one line" 'cannot write /dev/full: No space left on device: the scan goes on'
is "no room for -u: the record is there" 1 "$(nb_records)"
scan 30 "${quick[@]}" -u /nowhere/csv 198.18.0.1
is "-u in no directory: exit code 2" 2 "$code"
says "-u in no directory: one line" 'cannot write /nowhere/csv: No such file or directory \(-u names'
scan 30 "${quick[@]}" -u csv 198.18.0.1
is "-u that is not empty: exit code 2" 2 "$code"
says "-u that is not empty: one line" 'cannot write csv: it is not empty: give --overwrite, or another name'
scan 30 "${quick[@]}" -u csv3 --read-pcap x
is "-u with a capture: exit code 2" 2 "$code"

finish
