#!/usr/bin/env bash
# scripts/bench --quick: all figures are there that a machine can give, and none is judged.
source "$(dirname "$0")/lib.sh"
need dpdk-testpmd
build=${BENCH_BUILD:-$root/build}
[ -x "$build/tests/worker_bench" ] || skip "no worker_bench in $build: build it"

if ! BENCH_BUILD=$build timeout 300 "$root/scripts/bench" --quick -o "$tmp/results.json" \
	>"$tmp/table" 2>"$tmp/err"; then
	grep -q 'free hugepages' "$tmp/err" && skip "$(tail -n 1 "$tmp/err")"
	fail "scripts/bench ends well" "$(cat "$tmp/err")"
	finish
fi
pass "scripts/bench ends well"

# figures FILTER: what it gives of the results
figures() {
	jq -e "$1" "$tmp/results.json"
}

for key in memif.ratio_64k memif.ratio_32m memif.mpps_64k memif.mpps_32m af_xdp.ratio af_packet.ratio \
	cycles_above_driver.silent cycles_above_driver.plain cycles_above_driver.tfo match_cycles \
	collector.records_per_s octets_per_target own_loss; do
	expect "the key $key is there" figures "[\"$key\" | split(\".\")] as [\$p] | [paths] | index([\$p]) != null"
done
expect "what was measured is above zero, and memif was" figures \
	'[.memif.ratio_64k, .memif.mpps_64k, .cycles_per_target.silent, .frames_per_target] | all(. > 0)'
if [ -x "$build/tests/answer_bench" ]; then
	expect "answering targets, the match and the host's state were measured" figures \
		'[.cycles_above_driver.plain, .cycles_above_driver.tfo, .match_cycles, .machine.distance_cycles] | all(. > 0)'
	expect "no verdict was wrong meanwhile, and every SYN-ACK found its target" figures \
		'.answering.wrong == 0 and (.raw["match.found_percent"] | all(. > 99))'
fi
expect "targets were measured through tfosim" figures '[.targets_per_s.plain["1"], .targets_per_s.tfo["1"]] | all(. > 0)'
expect "the versions are named, and the date" figures '[.date, .machine.dpdk, .machine.kernel, .machine.compiler] | all(length > 2)'
expect "the median lies between the least and the most" figures \
	'.memif.ratio_64k >= .least.memif.ratio_64k and .memif.ratio_64k <= .most.memif.ratio_64k'
expect "a round counts for no more than one mode" figures \
	'[.by_mode[] | [.[] | values] | length] | add <= 3'
expect "lines were read, and the start took a time" figures '[.lines_per_s, .start_ms] | all(. > 0)'
expect "a ratio that was not measured is null, no other thing" figures \
	'[.memif.ratio_32m, .af_xdp.ratio, .af_packet.ratio] | all(. == null or . > 0)'
expect "every round's raw figures are lists of numbers" figures \
	'[.raw[]] | length > 0 and all(type == "array" and all(type == "number"))'
expect "something is said about what is missing" figures '.notes | length > 0'
expect "the table has a line for each" [ "$(wc -l <"$tmp/table")" -ge 17 ]
is "a wrong option is refused" 2 "$("$root/scripts/bench" --fast >"$tmp/said" 2>&1; echo $?)"

finish
