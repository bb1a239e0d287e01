#!/usr/bin/env bash
# What targets a scan takes, and in which order: networks, lists of all forms, streams, parts of a scan.
source "$(dirname "$0")/lib.sh"
need zstd gzip
new_lab
count_frames tcp 'ip protocol tcp'
cd "$tmp" || exit 1

dry() {
	timeout 60 "$program" -d --no-default-blocklist "$@" 2>err
}
addresses() {
	cut -d' ' -f1 | sort
}

## networks
# Of the lab's living addresses a whole /26, and an IPv6 /124 with some of them in it.
lab targets live 500 | sort -u >live
network=$(sed -E 's/\.([0-9]+)$/ \1/' live | awk '{ nb[$1 " " int($2 / 64)]++ }
	END { for (n in nb) if (nb[n] == 64) { split(n, part, " "); print part[1] "." part[2] * 64 "/26"; exit } }')
expect "the lab has a network of living addresses ($network)" [ -n "$network" ]
dry -e 1 "$network" | addresses >of-network
is "a network is all its addresses" 64 "$(comm -12 live of-network | wc -l)"
scan 120 "${usual[@]}" "$network"
done_code "a scan of a network: exit code 0"
expect "each address has its record" each_once "$out" of-network
expect "and it is right" all_right "$out" of-network
is "networks overlap: each address once" "256 256" "$(dry 10.0.0.0/24 10.0.0.77/25 10.0.0.200/32 10.0.0.0/30 |
	tee dry | wc -l) $(addresses <dry | uniq | wc -l)"
is "IPv6, too" "fd00:18::fffe fd00:18::ffff" "$(dry fd00:18::ffff/127 | addresses | paste -sd' ')"
dry 0.0.0.0/0 2001:db8::/66 -n 1000 -e 1 | addresses >drawn
is "of all there are, some" 1000 "$(uniq drawn | wc -l)"

## lists
lab targets live 100 >list
lab targets live6 20 >>list
sort list >sorted
gzip -k list
zstd -q list
awk '{ print $1 ",53,www.example.com," NR }' list >list.csv
{ echo 'dip,dp,domain,rank' && cat list.csv; } | gzip >heading.csv.gz
for name in list list.gz list.zst list.csv heading.csv.gz; do
	dry -e 1 --targets $name | addresses >got
	is "$name: all of it" "" "$(diff got sorted | head -n 3)"
done
dry -e 1 --targets list >from-file
dry -e 1 <list | cmp - from-file
is "stdin from a file has the order of the file" 0 "$?"
cat list | dry -e 1 | addresses | cmp - sorted
is "a pipe: all of it" 0 "$?"
dry -e 1 --targets list.gz >/dev/null
expect "a compressed list: it is said how it is shuffled" grep -q 'windows of a million lines' err

{ sed -n 1,20p list && echo "$network"; } | gzip >first.gz
sed -n 21,40p list | zstd -q >second.zst
sed -n 21,60p list.csv >third.csv
sed -n '61,$p' list >fourth
{ sed -n '1,20p;21,40p;41,60p' list && sed -n '61,$p' list && cat of-network; } | sort -u >mixed
rm -f "$out"
sed -n '1,30p' fourth | ip netns exec "$LAB_SCAN_NS" "$program" "${usual[@]}" -r 3000 --targets first.gz \
	--targets second.zst --targets third.csv --targets - --targets fourth "$network" 2>err
is "lists of all forms, a pipe and a network in one scan: exit code 0" 0 "$?"
expect "each of their targets has one record" each_once "$out" mixed
expect "and it is right" all_right "$out" mixed
is "a CSV line's fields are in the record" "" "$(jq -r 'select(.rank) | [.dip, .dp, .domain, .rank] | @csv' "$out" |
	tr -d '"' | sort | diff - <(sort third.csv | grep -vFf <(sed 's/$/,/' of-network)) | head -n 3)"

## order
"$python" -c 'for i in range(60000): print("20.%d.%d.%d" % (i >> 16, i >> 8 & 255, i & 255))' >many
dry -e 1 --targets many >one
dry -e 1 --targets many >two
dry -e 2 --targets many >other
is "the same seed, the same order" 0 "$(cmp one two >/dev/null; echo $?)"
is "another seed, another order of the same" "1 0" \
	"$(cmp one other >/dev/null; echo $?) $(cmp <(addresses <one) <(addresses <other) >/dev/null; echo $?)"
# the most of one /24 among 256 that follow each other
burst() {
	awk -F. '{ n[NR] = $3; if (NR > 256) nb[n[NR - 256]]--; if (++nb[$3] > most) most = nb[$3] } END { print most }' "$1"
}
expect "a sorted list sends no burst to a network (at most $(burst one) of 256)" [ "$(burst one)" -le 14 ]
dry -e 1 20.0.0.0/16 >net
expect "nor does a network ($(burst net))" [ "$(burst net)" -le 14 ]
cat many | dry -e 1 >streamed
expect "nor a stream ($(burst streamed))" [ "$(burst streamed)" -le 14 ]
seed=$(dry --targets list | cmp -s - from-file; sed -n 's/.*: seed \([0-9]*\): with -e.*/\1/p' err)
expect "without -e the seed is said" [ -n "$seed" ]

## duplicates
{ cat list list && sed -n 1p of-network; } >twice
dry -e 1 --targets twice "$network" >got
is "a line that a network covers is one too many" "$(sort -u list of-network | wc -l)" "$(wc -l <got)"
is "none comes twice" "" "$(addresses <got | uniq -d | head -n 3)"
dry -e 1 --targets list "$network" -p 5300 >got
is "at another port it is no duplicate" 0 "$(grep -c ' 1 duplicate' err)"

## shards
for shard in 0 1 2 3 4 5 6 7; do
	dry -e 9 --shards 8 --shard $shard 20.0.0.0/16 --targets twice >shard.$shard
done
cat shard.? | addresses >all
dry -e 9 20.0.0.0/16 --targets twice | addresses >whole
is "eight shards are disjoint" "" "$(uniq -d all | head -n 3)"
is "and complete" 0 "$(cmp all whole >/dev/null; echo $?)"
is "each has about its part" "" "$(wc -l shard.? | awk '$2 != "total" && ($1 < 7600 || $1 > 8800)')"
is "it is the order of the whole that they have" "" "$(diff <(dry -e 9 20.0.0.0/16 --targets twice |
	grep -Fxf shard.3) shard.3 | head -n 3)"
: >records
for shard in 0 1 2; do
	scan 120 "${usual[@]}" -e 9 --shards 3 --shard $shard --targets list "$network"
	done_code "shard $shard of 3: exit code 0"
	cat "$out" >>records
done
sort -u list of-network >whole
expect "three shards, each scanned: every target has one record" each_once records whole

## what is no list
before=$(frames tcp)
# refused SENTENCE PATTERN ARGUMENTS…
refused() {
	local sentence=$1 pattern=$2
	shift 2
	scan 60 "${usual[@]}" "$@"
	is "$sentence: exit code 2" 2 "$code"
	expect "$sentence: one line says why" grep -qE -e "$pattern" err
}
cp list plain.gz
head -c 200 list.gz >cut.gz
{ head -c 100 list.zst && echo rubbish; } >broken.zst
seq 200 | sed 's/.*/x/' | gzip >bad.gz
{ head -n 100 list.csv && echo '192.0.2.1,x' && echo '192.0.2.2,y'; } >bad.csv
refused "a name that ends in .gz, and no gzip" 'plain.gz: the compressed data are' --targets plain.gz
refused "gzip that was cut" 'cut.gz: the compressed data end too soon' --targets cut.gz
refused "zstd that is broken" 'broken.zst: the compressed data' --targets broken.zst
refused "a compressed list of something else" 'bad.gz: target list refused: 200 of its first 200' --targets bad.gz
refused "a CSV of something else" 'bad.csv: target list refused: 2 of its first 102' --targets bad.csv
refused "a good list before a bad one saves nothing" 'bad.csv: target list refused' --targets many --targets bad.csv
refused "all of IPv6" 'argument:1: a network of IPv6 has 2\^63' ::/0
refused "a line without end" 'target list refused: 1 of its first 1 ' --targets /dev/zero
is "not one frame was sent" "$before" "$(frames tcp)"

## what has no end, or goes away
{ cat list && cat /dev/zero; } 2>/dev/null | "$program" -d --no-default-blocklist >got 2>err &
pid=$!
started+=("$pid")
within 20 grep -q 'windows of a million' err
kill -INT "$pid"
wait_end 10 "$pid"
is "^C ends a scan in the middle of a line without end" 3 "$code"

## an allowlist's networks, if nothing else is named

printf '%s\n' '198.51.100.0/30 # four' '2001:db8::/127' >allowed
dry -e 1 -w allowed </dev/null | addresses | sort >got
is "-w alone: its networks are the targets" \
	"198.51.100.0 198.51.100.1 198.51.100.2 198.51.100.3 2001:db8:: 2001:db8::1" "$(paste -sd' ' got)"
is "with targets it says only who may be probed" 198.51.100.1 "$(dry -e 1 -w allowed 198.51.100.1 198.51.100.9 | addresses)"
echo 2001:db8::/32 >large
dry -w large </dev/null >got
is "one that has no end is refused: exit code 2" "2 0" "$? $(wc -c <got)"
expect "and the line names it" grep -q 'allowlist-file: 2001:db8::/32 is too large' err
dry 198.51.100.0/30 >got
expect "whole networks, and nothing blocked: a warning" grep -q 'warning: --no-default-blocklist without -b' err
dry 198.51.100.1 >got
is "single addresses: none" 0 "$(grep -c warning: err)"
echo 203.0.113.0/24 >blocked
dry 198.51.100.0/30 -b blocked >got
is "with a blocklist: none" 0 "$(grep -c warning: err)"

mkfifo slow out.fifo
"$program" -d --no-default-blocklist --targets slow >got 2>err &
pid=$!
started+=("$pid")
exec 7>slow
head -n 3 list >&7
expect "a stream that does not end: what has come is scanned" within 20 grep -q 'windows of a million' err
sed -n 4p list >&7
exec 7>&-
wait_end 20 "$pid"
is "and all of it, when it ends" "0 4" "$code $(wc -l <got)"

"$python" -c 'for i in range(400000): print("20.%d.%d.%d" % (i >> 16, i >> 8 & 255, i & 255))' >shrinking
"$program" -d --no-default-blocklist --targets shrinking 2>err >out.fifo &
pid=$!
started+=("$pid")
{ head -n 10 >got && : >shrinking && cat >>got; } <out.fifo
wait_end 20 "$pid"
is "a list that is emptied while it is read: exit code 1" 1 "$code"
expect "a line says which" grep -q 'target list shrinking: it was changed while it was read' err

finish
