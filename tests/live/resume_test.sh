#!/usr/bin/env bash
# A scan that is killed, again and again, goes on from its checkpoint: every target has one record in
# the end. What cannot be gone on with is refused, and nothing is touched.
#
#	RESUME_KILLS=50 tests/live/resume_test.sh	so many kills in place of a few
source "$(dirname "$0")/lib.sh"
need zstd sha256sum
new_lab
cd "$tmp" || exit 1
kills=${RESUME_KILLS:-2}
checkpoint=$tmp/checkpoint

{ lab targets live && lab targets impaired | grep -E '255\.9[0-3]$|ff:9'; } | sort -u | shuf --random-source=<(yes) >targets
head -n 40 targets >doubled
{ cat targets doubled && echo 192.0.2.1; } >list
echo 192.0.2.0/24 >blocked
scanned=(-i scan0 "${source4[@]}" "${source6[@]}" --no-default-blocklist "${once[@]}" -c 0 -b blocked -r 3000 -q)

# go_on FILE OPTION…: in the background, from the checkpoint if there is one. Sets scan_pid.
go_on() {
	local file=$1 with=(--checkpoint "$checkpoint")
	shift
	[ ! -e "$checkpoint" ] || with=(--resume "$checkpoint")
	ip netns exec "$LAB_SCAN_NS" "$program" "${scanned[@]}" --targets list -o "$file" "${with[@]}" "$@" \
		2>"$tmp/err" </dev/null &
	scan_pid=$!
	started+=("$scan_pid")
}

# milliseconds FROM TO: at random
milliseconds() {
	awk -v from="$1" -v to="$2" -v r="$RANDOM" 'BEGIN { printf "%.3f\n", (from + (to - from) * r / 32768) / 1000 }'
}

# Kill it at a random moment from its start on; false: it ended before.
killed_at_random() {
	timeout "$(milliseconds 100 6000)" tail -f /dev/null --pid="$scan_pid"
	kill -KILL "$scan_pid" 2>/dev/null
	wait "$scan_pid" 2>/dev/null
	code=$?
	[ "$code" = 137 ]
}

nb_killed=0
nb_went_on=0
# scan_with_kills FILE KILLS OPTION…: to the end; sets code, of the last run
scan_with_kills() {
	local file=$1 left=$2 is_first=true
	shift 2
	rm -f "$checkpoint" "$file" "$file.silent"
	while ((left > 0)); do
		go_on "$file" "$@"
		# however slow the machine: once there is something to go on from
		! $is_first || within 60 [ -s "$checkpoint" ]
		is_first=false
		killed_at_random || {
			((code == 0 || code == 4)) && return
			fail "it goes on after kill $nb_killed" "exit code $code: $(own_lines)"
			return
		}
		left=$((left - 1))
		nb_killed=$((nb_killed + 1))
		[ -e "$checkpoint" ] && nb_went_on=$((nb_went_on + 1))
	done
	go_on "$file" "$@"
	wait_end 120 "$scan_pid"
}

# ended SENTENCE: the last run came to its end, perhaps with own loss
ended() {
	if [ "$code" = 4 ]; then
		pass "$1 (with own loss: exit code 4)"
	else
		is "$1" 0 "$code"
	fi
}

while ((nb_killed < kills)); do
	part=$((kills - nb_killed > 8 ? 8 : (kills - nb_killed + 1) / 2))
	what="killed $part times"
	scan_with_kills plain.ndjson "$part" -m meta.json
	ended "$what: it comes to its end"
	expect "$what: every line is whole" all_whole plain.ndjson
	is "$what: every target has one record" "" "$(each_once plain.ndjson targets)"
	is "$what: the metadata count the whole scan" \
		"$(jq -sc '[length, ([.[] | select(has("evidence"))] | length)] + [1, 40, 0]' plain.ndjson)" \
		"$(jq -c '.targets | [.recorded, .answered, .blocked, .duplicate, .unfinished]' meta.json)"
	is "$what: and its conditions" "" \
		"$(diff <(jq -r '.conditions[]' plain.ndjson | sort | uniq -c | awk '{ print $2, $1 }' | sort) \
			<(jq -r '.conditions | to_entries[] | select(.value > 0) | "\(.key) \(.value)"' meta.json | sort))"
	((nb_killed < kills)) || break
	part=$((kills - nb_killed > 8 ? 8 : kills - nb_killed))
	what="killed $part times, compressed, silent targets as bits"
	scan_with_kills zipped.zst "$part" --records answered
	ended "$what: it comes to its end"
	expect "$what: the file is whole" zstd -tq zipped.zst
	zstd -dcq zipped.zst >zipped.ndjson
	in_scan "$program" "${scanned[@]}" -d -e "$("$root/scripts/silent" --seed zipped.zst.silent)" --targets list --records answered -o zipped.zst 2>/dev/null </dev/null |
		"$root/scripts/silent" zipped.zst.silent | cut -d' ' -f1 >silent
	expect "$what: there are silent targets" [ -s silent ]
	is "$what: every target has a record or a bit, and none both" "" \
		"$(sort <(jq -r .dip zipped.ndjson) silent | diff - <(sort targets) | head)"
done
note "$nb_killed kills, $nb_went_on of them when there was a checkpoint"
expect "checkpoints were gone on from" [ "$nb_went_on" -gt 0 ]

# ---- what is finished, and what cannot be gone on with

hash_all() {
	sha256sum plain.ndjson "$checkpoint"
}

rm -f "$checkpoint" plain.ndjson
go_on plain.ndjson
within 30 [ -s plain.ndjson ]
kill -INT "$scan_pid"
wait_end 60 "$scan_pid"
is "INT with a checkpoint: exit code 3" 3 "$code"
before=$(hash_all)

# other SENTENCE PATTERN OPTION…: refused with one line, and nothing is touched
other() {
	local sentence=$1 pattern=$2
	shift 2
	ip netns exec "$LAB_SCAN_NS" "$program" "$@" 2>"$tmp/err" </dev/null
	code=$?
	if [ "$code" = 2 ] && [ "$(own_lines | wc -l)" = 1 ] && own_lines | grep -E -e "$pattern" >/dev/null; then
		pass "$sentence: refused"
	else
		fail "$sentence: refused" "exit code $code, wanted 2; one line wanted that matches: $pattern"$'\n'"$(own_lines)"
	fi
	is "$sentence: nothing is touched" "$before" "$(hash_all 2>&1)"
}

same=("${scanned[@]}" -o plain.ndjson)
resume=(--resume "$checkpoint")
other "other rounds" '--rounds was 1, is 2' "${same[@]}" --targets list "${resume[@]}" --rounds 2
other "another option without a value" '--controls was not given, is given' "${same[@]}" --targets list "${resume[@]}" --controls
other "another seed" '--seed was [0-9]+, is 7' "${same[@]}" --targets list "${resume[@]}" -e 7
other "another output" '--output was plain.ndjson, is other.ndjson' "${scanned[@]}" --targets list -o other.ndjson "${resume[@]}"
{ cat list && echo 198.18.0.1; } >longer
other "another list" 'the target list longer is another one .SHA-256 was' "${same[@]}" --targets longer "${resume[@]}"
other "one list more" '--targets were 1 files, are 2' "${same[@]}" --targets list --targets longer "${resume[@]}"
other "addresses besides" 'the addresses on the command line' "${same[@]}" --targets list "${resume[@]}" 198.18.0.1
echo 203.0.113.0/24 >unblocked
other "another blocklist" 'what is blocked differs' "${same[@]/#blocked/unblocked}" --targets list "${resume[@]}"
other "both options" 'leave --checkpoint out' "${same[@]}" --targets list "${resume[@]}" --checkpoint more
other "the checkpoint is there" '--resume .*checkpoint goes on' "${same[@]}" --targets list --checkpoint "$checkpoint" -o new.ndjson
other "a checkpoint without a file" 'give a file with -o' "${scanned[@]}" --targets list --checkpoint more
other "a capture besides" 'leave one out' "${same[@]}" --targets list "${resume[@]}" --write-pcap x.pcapng
mkfifo pipe
tail -f /dev/null >pipe &
started+=("$!")
cat pipe >/dev/null &
started+=("$!")
other "a pipe" 'pipe is no file' "${scanned[@]}" --targets list -o pipe --checkpoint more
other "a checkpoint that is not there" 'none: No such file' "${same[@]}" --targets list --resume none
echo '{}' >broken
other "what is no checkpoint" 'broken: is no checkpoint' "${same[@]}" --targets list --resume broken
head -c -3 "$checkpoint" >broken
other "a checkpoint that is cut" 'broken: is damaged' "${same[@]}" --targets list --resume broken

cp plain.ndjson kept.ndjson
mv plain.ndjson gone.ndjson
before=$(hash_all 2>&1)
other "an output that is gone" 'plain.ndjson: No such file' "${same[@]}" --targets list "${resume[@]}"
head -c -1 kept.ndjson >plain.ndjson
before=$(hash_all)
other "an output that is shorter" 'plain.ndjson is shorter than' "${same[@]}" --targets list "${resume[@]}"
sed '$s/dip/DIP/' kept.ndjson >plain.ndjson
before=$(hash_all)
other "an output that was changed" 'plain.ndjson is not the output of that scan' "${same[@]}" --targets list "${resume[@]}"

# What may differ: the rate; and who has opted out since. What a crash leaves behind: half a line.
cp kept.ndjson plain.ndjson
printf '{"dip":"torn' >>plain.ndjson
go_on plain.ndjson -r 20000 -b unblocked
wait_end 120 "$scan_pid"
ended "another rate, and one blocklist more: it goes on"
expect "the torn line is gone" all_whole plain.ndjson
is "every target has one record" "" "$(each_once plain.ndjson targets)"
before=$(hash_all)
ip netns exec "$LAB_SCAN_NS" "$program" "${same[@]}" --targets list "${resume[@]}" 2>"$tmp/err" </dev/null
is "a finished scan: exit code 0" 0 "$?"
says "and it is said" 'the scan is finished, with [0-9]+ records: nothing to do'
is "and nothing is touched" "$before" "$(hash_all)"

# ---- a stream

rm -f "$checkpoint" plain.ndjson
ip netns exec "$LAB_SCAN_NS" "$program" "${same[@]}" --targets - --checkpoint "$checkpoint" < <(cat list) 2>"$tmp/err" &
scan_pid=$!
started+=("$scan_pid")
within 30 [ -s plain.ndjson ]
kill -INT "$scan_pid"
wait_end 60 "$scan_pid"
ip netns exec "$LAB_SCAN_NS" "$program" "${same[@]}" --targets - "${resume[@]}" <list 2>"$tmp/err"
is "a file in place of the stream: exit code 2" 2 "$?"
says "and a line says so" 'the target list - is another one .SHA-256 was that of a stream, is [0-9a-f]+'
cat list | ip netns exec "$LAB_SCAN_NS" "$program" "${same[@]}" --targets - "${resume[@]}" 2>"$tmp/err"
code=$?
ended "a stream: it goes on"
says "and says that it skips" 'the targets are a stream: its lines are skipped'
is "a stream: every target has one record" "" "$(each_once plain.ndjson targets)"

finish
