#!/usr/bin/env bash
# From the rings of the workers to the file: several collectors, a compressed file, silent targets as
# bits, and a reader that stops. No record is lost, none comes twice, no line is torn.
source "$(dirname "$0")/lib.sh"
need zstd python3
tfosim=${TFOSIM:-$(dirname "$program")/tfosim/tfosim}
[ -x "$tfosim" ] || skip "no program at $tfosim: build it, or say where with TFOSIM"

new_lab
lab targets >"$tmp/all"
lab targets live 4000 >"$tmp/many"
mkfifo "$tmp/fifo"

## several
what="three collectors, seven workers"
trusted_scan 60 --lcores "(0-9)@($cpus)" -- "${usual[@]}" --collectors 3 --targets "$tmp/many" -r 15000
done_code "$what: exit code 0"
says "$what: there are so many" ' with 7 workers,'
expect "$what: every line whole" all_whole "$out"
expect "$what: every record once, and right" all_right "$out" "$tmp/many"

what="three collectors, a pipe"
cat <"$tmp/fifo" >"$tmp/piped" &
started+=("$!")
scan 60 --lcores "(0-5)@($cpus)" -- "${usual[@]}" --collectors 3 --targets "$tmp/many" -r 15000 -o "$tmp/fifo"
done_code "$what: exit code 0"
expect "$what: every line whole" all_whole "$tmp/piped"
expect "$what: every target has one record" each_once "$tmp/piped" "$tmp/many"

what="too few lcores for the collectors"
scan 10 --lcores "(0-2)@($cpus)" -- "${usual[@]}" --collectors 3 --targets "$tmp/all"
is "$what: exit code 2" 2 "$code"
says "$what: the line says how many" 'give 4 lcores \(-l 0-3\)'

## compressed
what="compressed"
trusted_scan 60 --lcores "(0-3)@($cpus)" -- "${usual[@]}" --collectors 2 --targets "$tmp/many" -r 15000 -o "$tmp/out.zst" --overwrite
done_code "$what: exit code 0"
expect "$what: zstd finds nothing wrong" zstd -qt "$tmp/out.zst"
zstd -qdc "$tmp/out.zst" >"$tmp/plain"
expect "$what: every line whole" all_whole "$tmp/plain"
expect "$what: every record once, and right" all_right "$tmp/plain" "$tmp/many"
expect "$what: it is smaller" [ "$(($(stat -c %s "$tmp/out.zst") * 4))" -lt "$(stat -c %s "$tmp/plain")" ]
scan 10 "${usual[@]}" --targets "$tmp/all" -o "$tmp/out.zst"
is "$what: not written over" 2 "$code"

what="compressed, then killed"
has_octets() {
	[ -e "$1" ] && [ "$(stat -c %s "$1")" -ge "$2" ]
}
rm "$tmp/out.zst"
start_scan "${usual[@]}" --targets "$tmp/many" -r 10000 -o "$tmp/out.zst"
within 20 has_octets "$tmp/out.zst" 20000
kill -KILL "$scan_pid"
wait "$scan_pid" 2>/dev/null
zstd -qdc "$tmp/out.zst" >"$tmp/plain" 2>/dev/null
expect "$what: what was written is there" [ "$(wc -l <"$tmp/plain")" -ge 100 ]
expect "$what: every line whole" all_whole "$tmp/plain"
expect "$what: the records are right" right_so_far "$tmp/plain"

## silent targets
what="answered alone"
sort -u "$tmp/all" >"$tmp/sorted"
scan 60 "${usual[@]}" --targets "$tmp/all" --records answered
done_code "$what: exit code 0"
expect "$what: no short record" jq -es 'all(has("evidence"))' "$out"
seed=$("$root/scripts/silent" --seed "$out.silent")
is "$what: the seed is the one that was said" "$seed" "$(sed -n 's/.*seed \([0-9]*\), epoch.*/\1/p' "$tmp/err")"
in_scan "$program" -d -e "$seed" "${usual[@]}" --targets "$tmp/all" --records answered 2>/dev/null |
	"$root/scripts/silent" "$out.silent" | cut -d' ' -f1 >"$tmp/silent"
expect "$what: there are silent targets" [ -s "$tmp/silent" ]
is "$what: each target has a record, or is in the file" "" \
	"$(sort <(jq -r .dip "$out") "$tmp/silent" | diff - "$tmp/sorted" | head -n 5)"
expect "$what: those with a record are right" right_so_far "$out"
says "$what: it is said how many" "$(wc -l <"$tmp/silent") silent targets have no record but a bit"
scan 10 "${usual[@]}" --targets "$tmp/all" --records answered
is "$what: the file is not written over" "2 1" "$code $(grep -c 'out.silent is not empty: give --overwrite' "$tmp/err")"

## a reader that stops
# All there is runs full: buffer, rings, slots. Nearly all targets are silent.
what="a reader that stops"
mix=31:90,32:2,2:5,1:3 # silent, closed, plain, Fast Open
python3 -c 'for i in range(100000): print("%d.%d.%d.%d" % (20 + i % 97, i // 65536, i // 256 % 256, i % 256))' >"$tmp/list"
"$tfosim" --vdev "net_memif0,role=server,id=0,socket=$tmp/memif" -- --queues 2 --mix "$mix" --rtt 1ms-20ms 2>"$tmp/sim" </dev/null &
sim=$!
started+=("$sim")
within 20 grep -q ': port' "$tmp/sim"
"$program" --no-huge -m 1024 --no-pci --no-shconf --no-telemetry --file-prefix "collector-$$" \
	--lcores "(0-2)@($cpus)" --vdev "net_memif1,role=client,id=0,socket=$tmp/memif" -- \
	-S 10.99.0.3 -G 02:00:00:00:00:02 --no-default-blocklist --targets "$tmp/list" "${once[@]}" \
	--tries 1 --max-in-flight 32768 -r 200000 -c 0 -o - 2>"$tmp/err" </dev/null >"$tmp/fifo" &
scan_pid=$!
started+=("$scan_pid")

# For four seconds hardly anything is sent: no SYN that begins a target, nor what silent ones get.
stands_still() {
	grep -o 'send: [0-9]*' "$tmp/err" | tail -n 5 | awk '{ sent[NR] = $2 }
		END { exit !(NR == 5 && sent[1] > 0 && sent[5] - sent[1] < 500) }'
}

# The longest that a silent target took, in seconds.
longest() {
	jq -r 'select(has("evidence") | not) | .time | (.from, .to) | split(".") |
		(.[0] | strptime("%Y-%m-%d %H:%M:%S") | mktime) + (.[1] | tonumber) / 1e6' "$1" |
		paste - - | awk '$2 - $1 > most { most = $2 - $1 } END { printf "%.1f", most }'
}
exec {slow}<"$tmp/fifo"
head -c 100000 <&"$slow" >"$tmp/slow"
expect "$what: the workers stop launching" within 40 stands_still
expect "$what: the scan waits" is_running "$scan_pid"
head -c 3000 <&"$slow" >>"$tmp/slow"
cat <&"$slow" >>"$tmp/slow"
exec {slow}<&-
wait_end 60 "$scan_pid"
done_code "$what: exit code 0"
is "$what: nobody saw a worker stand still" 0 "$(grep -c 'off its CPU' "$tmp/err")"
expect "$what: every line whole" all_whole "$tmp/slow"
expect "$what: every target has one record" each_once "$tmp/slow" "$tmp/list"
"$tfosim" --expect --mix "$mix" --rtt 1ms-20ms --rounds 1 --targets "$tmp/list" >"$tmp/expected"
is "$what: with the words that are expected" "" "$(diff <(jq -c '[.dip, (.conditions | sort)]' "$tmp/slow" | sort) \
	<(jq -c '[.dip, (.conditions | sort)]' "$tmp/expected" | sort) | head -n 5)"
# two SYNs, each given up after a second: that the reader stopped does not make it longer
took=$(longest "$tmp/slow")
expect "$what: silent targets took no longer than without ($took s)" [ "${took%.*}" -lt 4 ]
kill -INT "$sim"
wait_end 10 "$sim"

finish
