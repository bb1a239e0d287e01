#!/usr/bin/env bash
# The metadata of a scan agree with its records, its lists and its command line; scripts/merge-shards
# believes them only as far as they prove something.
source "$(dirname "$0")/lib.sh"
need sha256sum zstd
new_lab
cd "$tmp" || exit 1
merge=$root/scripts/merge-shards

lab targets live | awk 'NR % 10 == 1' | head -n 200 >list
printf '192.0.2.0/24\n# none\n' >blocked
printf '192.0.2.7\nno address\n%s\n' "$(head -n 1 list)" >>list

# m FILTER: of the metadata, as one line
m() {
	jq -c "$1" meta.json
}

trusted_scan 60 "${usual[@]}" --targets list -b blocked -m meta.json --notes 'a "note"' -e 18446744073709551557 \
	--rounds 2 --rounds 1 --raw-cookies --overwrite -q
done_code "a scan with metadata comes to its end"
cp meta.json done.json

expect "the metadata are one JSON object" jq -es 'length == 1 and (.[0] | type) == "object"' meta.json
is "no draft is left behind" "" "$(ls | grep '\.tmp$')"
is "state and exit code" "[\"finished\",$code]" "$(m '[.state, .exit_code]')"
is "the seed is exact" '"0xffffffffffffffc5"' "$(m .seed_hex)"
is "the seed is a number, too" 1 "$(grep -c '"seed":[[:space:]]*18446744073709551557,' meta.json)"
is "the hash of the list is sha256sum's" "$(sha256sum <list | cut -d' ' -f1)" "$(jq -r '.target_lists[0].sha256' meta.json)"
is "the hash of the blocklist is, too" "$(sha256sum <blocked | cut -d' ' -f1)" "$(jq -r '.blocklists[0].sha256' meta.json)"
is "notes" '"a \"note\""' "$(m .notes)"
is "options that were given: the last one counts" '["1",true,["list"],["blocked"]]' \
	"$(m '.options | [.rounds, ."raw-cookies", .targets, ."blocklist-file"]')"
is "options that were not given have their default" '["3","dnstcp",false,null]' \
	"$(m '.options | [.tries, .connect, .controls, .seed // null, .payload] | .[:3] + [.[4]]')"
"$program" --help | sed -nE 's/^  (-.,|   ) --([a-z-]+) .*/\2/p' | grep -vxE 'help|version' | sort >names
is "every option of --help is there" "" "$(comm -23 names <(jq -r '.options | keys[]' meta.json | sort))"
awk '/^## / { on = $2 == "Metadata" } on' "$root/docs/results.md" | sed -n 's/^| `\([^`]*\)` |.*/\1/p' | sort >documented
is "every key is documented, and every one documented is there" "" "$(comm -3 <(jq -r 'keys[]' meta.json | sort) documented)"
awk '/^## / { on = $2 == "Metadata" } on' "$root/docs/results.md" >documented
is "so are the keys below, but for options, conditions and counters" "" \
	"$(jq -r 'del(.options, .conditions, .counters) | paths | select(length > 1) | map(select(type == "string")) | last' meta.json |
		sort -u | while read -r key; do grep -qF "\`$key\`" documented || echo "$key"; done)"
is "targets: as the records and the list say" \
	"$(jq -sc '[length, ([.[] | select(has("evidence"))] | length)]' "$out"),1,1,1,0" \
	"$(m '.targets | [.recorded, .answered]'),$(m .targets.blocked),$(m .targets.duplicate),$(m .targets.bad_lines),$(m .targets.unfinished)"
is "each condition: as often as in the records" "" \
	"$(diff <(jq -r '.conditions[]' "$out" | sort | uniq -c | awk '{ print $2, $1 }' | sort) \
		<(jq -r '.conditions | to_entries[] | select(.value > 0) | "\(.key) \(.value)"' meta.json | sort))"
is "ZMap's keys" '[10000,53,["10.99.0.3","fd00:99::3"],"scan0",32768,61000,"dnstcp",0,1,true]' \
	"$(m '[.rate, .target_port, .source_ips, .iface, .source_port_first, .source_port_last, .probe_module, .shard_num, .total_shards, .seed_provided]')"
is "frames: more than targets, none lost that was not counted" true \
	"$(m '.total_sent > .targets.sent and .loss.sent == .total_sent and .counters.done == .targets.recorded')"
is "trusted, unless there is a doubt" "$([ "$code" = 4 ] && echo false || echo true)" "$(m '.trusted and (.doubts == [])')"

# ---- at the start, and after an interruption

start_scan "${usual[@]}" --targets list -m meta.json -r 5 -q --overwrite
within 20 jq -e '.state == "running"' meta.json
is "from the start on they say that it runs" '["running",null,false]' "$(m '[.state, .exit_code, .seed_provided]')"
within 20 has_records 1
kill -INT "$scan_pid"
wait_end 60 "$scan_pid"
is "an interrupted scan says so" '["interrupted",3]' "$(m '[.state, .exit_code]')"
is "and how many targets have no record" true "$(m '.targets.unfinished == .targets.sent - .targets.recorded')"

scan 20 "${usual[@]}" --targets list -m /nonexistent/meta.json
is "metadata that can't be written: refused" 2 "$code"
says "with a line that names the file" "/nonexistent/meta.json: No such file"

# ---- shards

# shard I N [FILTER]: metadata of shard I of N, made of the scan's
shard() {
	jq ".shard_num = $1 | .total_shards = $2 | .trusted = true | .doubts = [] | ${3-.}" done.json
}

# judged SENTENCE CODE LINES-MATCHING ARGUMENTS…: one line, or none if nothing must match
judged() {
	local sentence=$1 want=$2 pattern=$3 got
	shift 3
	"$merge" "$@" >merged 2>said
	got=$?
	if [ "$got" = "$want" ] && [ "$(wc -l <said)" = "$([ -n "$pattern" ] && echo 1 || echo 0)" ] &&
		{ [ -z "$pattern" ] || grep -qE -e "$pattern" said; }; then
		pass "$sentence"
	else
		fail "$sentence" "exit code $got, wanted $want; wanted: $pattern"$'\n'"$(cat said)"
	fi
}

shard 0 1 >one.json
shard 0 3 >a.json
shard 1 3 >b.json
shard 2 3 >c.json
judged "a scan of one shard is whole" 0 '' one.json
judged "three of three, in any order" 0 '' c.json a.json b.json
judged "one is missing" 1 'shard 1 of 3 is missing' a.json c.json
judged "one is there twice" 1 'shard 2 is there 2 times: c.json, c.json' a.json b.json c.json c.json
shard 1 3 '.seed_hex = "0x0000000000000001"' >bad.json
judged "another seed" 1 'bad.json: seed 0x0{15}1, but 0xf{14}c5 in a.json' a.json bad.json c.json
shard 1 3 '.target_lists[0].sha256 = "00"' >bad.json
judged "another list" 1 'bad.json: hashes of the target lists' a.json bad.json c.json
shard 1 3 '.target_lists[0].path = "elsewhere"' >bad.json
judged "the same list at another place is the same" 0 '' a.json bad.json c.json
shard 1 3 '.blocked_sha256 = "00"' >bad.json
judged "another blocklist" 1 'bad.json: hash of what is blocked' a.json bad.json c.json
shard 1 3 '.options.rounds = "3"' >bad.json
judged "another option of the measurement" 1 'bad.json: --rounds 3, but 1 in a.json' a.json bad.json c.json
shard 1 3 '.options.rate = "77"' >bad.json
judged "another rate does not matter" 0 '' a.json bad.json c.json
shard 1 3 '.state = "interrupted" | .targets.unfinished = 7' >bad.json
judged "one that was interrupted" 1 'bad.json: not finished but interrupted: 7 targets' a.json bad.json c.json
shard 1 3 '.trusted = false | .doubts = ["lost frames"]' >bad.json
judged "one that is not to be trusted" 1 'bad.json: not to be trusted: lost frames' a.json bad.json c.json
shard 1 3 '.target_lists[0].sha256 = null' >bad.json
"$merge" a.json bad.json c.json 2>said
is "a stream proves nothing" "1 1" "$? $(grep -c 'was a stream' said)"
shard 5 3 >bad.json
"$merge" a.json b.json bad.json 2>said
is "a shard that can't be" "1 1" "$? $(grep -c 'bad.json: shard 5 of 3' said)"
echo '{"program":"dpdk-tfoscan"' >bad.json
judged "no JSON" 1 'bad.json: no metadata' a.json b.json c.json bad.json
echo '{"program":"zmap"}' >bad.json
judged "another program's metadata" 1 'bad.json: no metadata' a.json b.json c.json bad.json
judged "a file that is not there" 2 'none.json: cannot be read' a.json none.json

printf '{"n":1}\n' >shard-a.ndjson
printf '{"n":2}\n' | zstd -q >shard-b.ndjson.zst
mkdir elsewhere
printf '{"n":3}\n' >elsewhere/shard-c.ndjson
shard 0 3 '.output_filename = "shard-a.ndjson"' >a.json
shard 1 3 '.output_filename = "shard-b.ndjson.zst"' >b.json
shard 2 3 '.output_filename = "/gone/shard-c.ndjson"' >elsewhere/c.json
judged "--cat gives the records of all" 0 '' --cat a.json b.json elsewhere/c.json
is "each once" '{"n":1}{"n":2}{"n":3}' "$(tr -d '\n' <merged)"
rm shard-a.ndjson
judged "--cat without the records" 2 'neither shard-a.ndjson' --cat a.json b.json elsewhere/c.json

finish
