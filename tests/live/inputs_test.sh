#!/usr/bin/env bash
# What a user gives the program, good and bad: options, target lists, blocklists, files, dry runs.
# What is bad is refused with one line, before the first frame; what is good is in the records.
source "$(dirname "$0")/lib.sh"
need setpriv
new_lab
count_frames tcp 'ip protocol tcp'
count_link_frames any ''

cd "$tmp" || exit 1

# refused SENTENCE CODE PATTERN ARGUMENTS…: one line, that matches, and no frame
refused() {
	local sentence=$1 want=$2 pattern=$3 before said
	shift 3
	before=$(frames tcp)
	scan 20 "$@"
	said=$(own_lines)
	if [ "$code" = "$want" ] && [ "$(wc -l <<<"$said")" = 1 ] && grep -qE -e "$pattern" <<<"$said" &&
		[ "$(frames tcp)" = "$before" ]; then
		pass "$sentence"
	else
		fail "$sentence" "exit code $code, wanted $want; one line wanted that matches: $pattern"$'\n'"$said"
	fi
}

## options
# Every option of --help that takes an argument, with arguments that are bad.
bad_values() {
	cat <<-'TABLE'
		connect udp
		connect
		target-port 0
		target-port 65536
		target-port 53x
		target-port -1
		domain a..b
		domain http://example.com/
		interface a/b
		interface 0123456789abcdef
		driver pcap
		pci eth0
		pci 01:00.0
		config
		source-ip 10.99.0.300
		source-ip 10.99.0.3/33
		source-ip host.example
		source-port 50
		source-port 1-2
		source-port 60000-50000
		source-port 50000-50010
		gateway 10.99.0
		gateway 02:00:00:00:00
		gateway 10.99.0.1/24
		source-mac 01:00:00:00:00:01
		source-mac 02-00-00-00-00-01
		rss-key 6d5a
		rss-key 6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fx
		output
		records some
		records
		collectors 0
		collectors 17
		conditions some
		rate -5
		rate fast
		rate 0x10
		rate 1e99
		max-per-prefix -1
		max-per-prefix 0.5
		max-per-prefix some
		probe-id
		probe-id -scan
		probe-id tfo_scan
		probe-id tfo.scan
		seed abc
		seed 18446744073709551616
		bandwidth 0
		bandwidth 10Gbit
		bandwidth 1e99
		shards 0
		shards 65537
		shard -1
		shard one
		max-targets 0
		max-targets x
		max-runtime 0
		max-runtime 5m
		cooldown -1
		cooldown 1.5
		tries 0
		tries 9
		timeout 0
		timeout 61
		rounds 4
		placebo 1.5
		placebo -1
		placebo x
		rounds 0
		metadata-file
		checkpoint
		resume
		max-in-flight 1
		max-in-flight many
		max-answered 1
		max-answered 4194305
		job-memory 0
		job-memory 1GiB
		read-pcap
		write-pcap
		write-pcap-filter works
		write-pcap-filter
		pcap-buffer 0
		pcap-buffer 1GiB
	TABLE
}
while IFS=$'\t ' read -r name value; do
	refused "--$name ${value:-''}: refused" 2 "--$name " "${usual[@]}" 198.18.0.1 "--$name" "$value"
done < <(bad_values)

# Files that are not there belong to the table below; all other options must have been tried.
"$program" --help >help 2>err.help
is "--help: exit code 0" 0 "$?"
sed -nE 's/^  (-.,|   ) --([a-z-]+) +([A-Z]+|A-B|A\[.*|MAC\|IP) .*/\2/p' help | sort -u >with-argument
is "every option with an argument was tried" "" \
	"$(comm -23 with-argument <({ bad_values | cut -d' ' -f1 && printf '%s\n' targets payload blocklist-file allowlist-file log-file status-updates-file notes; } | sort -u))"
for short in p i S s G o r B b w e n t c m C; do
	refused "-$short without its argument: refused" 2 "-$short" "${usual[@]}" 198.18.0.1 "-$short"
done
refused "an unknown option" 2 '--frobnicate' "${usual[@]}" --frobnicate
refused "an unknown short option" 2 '-Z' "${usual[@]}" -Z
refused "a part of a name" 2 '--time: did you mean --timeout' "${usual[@]}" 198.18.0.1 --time 5
refused "two sources of one family" 2 'source-ip' "${usual[@]}" -S 10.99.0.4/24 198.18.0.1
refused "silent targets beside stdout" 2 'give these a file with -o' "${usual[@]}" --records answered -o - 198.18.0.1
refused "several collectors and a filter" 2 '--write-pcap-filter waits' "${usual[@]}" --collectors 2 --write-pcap cap --write-pcap-filter tfo.connectivity.works 198.18.0.1
refused "more collectors than lcores" 2 'give 3 lcores' "${usual[@]}" --collectors 2 198.18.0.1
refused "shards without a seed" 2 'such as -e 1' "${usual[@]}" --shards 2 --shard 0 198.18.0.1
refused "a shard beyond the last" 2 'from 0 to 1' "${usual[@]}" -e 1 --shards 2 --shard 2 198.18.0.1
refused "shards, and not which" 2 'say with --shard which one' "${usual[@]}" -e 1 --shards 2 198.18.0.1
refused "a payload for dnstcp" 2 '--payload' "${usual[@]}" --payload help 198.18.0.1
"$program" --version >version 2>&1
is "--version: exit code 0" 0 "$?"
expect "--version: one line" grep -qxE 'dpdk-tfoscan [0-9.]+ \(DPDK [0-9.]+\)' version

## EAL options without --
printf '198.18.0.%s\n' {1..10} >ten
# corrected ARGUMENTS…: refused with a line that, typed, works (here: as a dry run)
corrected() {
	refused "EAL option without --: $*" 2 'EAL options go before --: dpdk-tfoscan .* -- ' "$@"
	sed -n 's/.*go before --: dpdk-tfoscan//p' err >line
	[ "$(wc -l <line)" = 1 ] || return
	eval "ip netns exec \"$LAB_SCAN_NS\" \"$program\" $(cat line) --dry-run" >dry 2>err </dev/null
	is "and the line that it says works" "0 10" "$? $(wc -l <dry)"
}
base=(-i scan0 -S 10.99.0.3/24 -G 10.99.0.1 --no-default-blocklist --targets ten)
corrected -l 0-1 "${base[@]}"
corrected -l0 "${base[@]}"
corrected "${base[@]}" -l 0
corrected "${base[@]}" --lcores '(0-1)@(0)'
corrected --lcores='(0-1)@(0)' "${base[@]}"
corrected --no-huge "${base[@]}"
corrected "${base[@]}" --file-prefix abc
corrected --vdev net_null0 "${base[@]}"
corrected -a 0000:01:00.0 "${base[@]}" -l 0

## files
refused "a target list that is not there" 2 'nowhere: No such file' "${usual[@]}" --targets nowhere
refused "a target list that is a directory" 2 '/: Is a directory' "${usual[@]}" --targets /
refused "a blocklist that is not there" 2 'nowhere: No such file' "${usual[@]}" -b nowhere 198.18.0.1
refused "a payload that is not there" 2 'nowhere: No such file' "${usual[@]}" --connect tcp --payload nowhere 198.18.0.1
: >empty
refused "an empty payload" 2 'empty' "${usual[@]}" --connect tcp --payload empty 198.18.0.1
refused "an empty target list" 2 'no target' "${usual[@]}" --targets empty
printf '# nothing\n\n' >comments
refused "a target list of comments" 2 'no target' "${usual[@]}" --targets comments
refused "an output in a directory that is not there" 2 'nowhere/out: No such file' "${usual[@]}" 198.18.0.1 -o nowhere/out
echo precious >full
refused "an output that is not empty" 2 'full is not empty: give --overwrite' "${usual[@]}" 198.18.0.1 -o full
is "and it stays as it was" precious "$(cat full)"
refused "an interface that is not there" 1 'nosuch0' -i nosuch0 -S 10.99.0.3/24 -G 10.99.0.1 198.18.0.1
refused "no source" 2 'source' -i scan0 -G 10.99.0.1 198.18.0.1
refused "stdin twice" 2 'stdin' "${usual[@]}" --targets - --targets -

scan 30 "${usual[@]}" 198.18.0.1 -o full --overwrite
is "--overwrite: goes on" "0 198.18.0.1" "$code $(jq -r .dip full)"

## bad lines
# Each of them alone in a list of a thousand good ones is skipped and shown.
bad_lines() {
	cat <<-'LINES'
		999.1.1.1
		1.2.3
		1.2.3.4.5
		198.18.0.1.
		198.18.00.1
		010.1.1.1
		198.18.0.1:0
		198.18.0.1:65536
		198.18.0.1:http
		198.18.0.1:
		198.18.0.1:53:53
		:53
		fd00:18::g
		fd00:18:::1
		1:2:3:4:5:6:7:8:9
		fd00:18::1]:53
		[fd00:18::1
		[fd00:18::1]53
		[fd00:18::1]:0
		[198.18.0.1]:53
		::ffff:198.18.0.1
		fe80::1%scan0
		198.18.0.0/33
		198.18.0.0/24:53
		fd00:18::/64
		198.18.0.1-198.18.0.9
		198.18.0.1-9
		http://198.18.0.1/
		www.example.com
		1,www.example.com
		198.18.0.1,53,example.com
		198.18.0.1 198.18.0.2
		"198.18.0.1"
		198.18.0.1 # comment
		{"dip":"198.18.0.1"
		{"dip":"198.18.0.1"}}
		{"dip":"198.18.0.1"},
		["198.18.0.1"]
		{"dip":"198.18.0.1",}
		{'dip':'198.18.0.1'}
		{"dp":53}
		{"dip":3323068417}
		{"dip":"198.18.0.1:53"}
		{"dip":"198.18.0.0/24"}
		{"dip":"198.18.0.1","dp":0}
		{"dip":"198.18.0.1","dp":"dns"}
		{"dip":"198.18.0.1","dp":70000}
		{"dip":"198.18.0.1","dip":"198.18.0.2"}
		{"dip":"198.18.0.1","domain":7}
		{"dip":"198.18.0.1","domain":"a..b"}
		{"dip":"198.18.0.1","domain":"http://a/"}
		{"dip":"198.18.0.1","x":01}
		{"dip":"198.18.0.1","x":"\q"}
	LINES
	printf '{"dip":"198.18.0.1","x":"%05000d"}\n' 0
	printf '198.18.0.1\0\n'
	printf '198.18.0.\xff\n'
	printf '198.18.\x010.1\n'
	printf '\x1f\x8b\x08\x00\n'
}
lab targets live 1000 >good
sort good >sorted-good
dry=(-d --no-default-blocklist --targets -)
bad_lines >bad
nb=$(wc -l <bad)
for ((n = 1; n <= nb; n++)); do
	{ head -n 500 good && sed -n "${n}p" bad && tail -n +501 good; } >list
	shown=$(sed -n "${n}p" bad | tr -cd '\40-\176' | head -c 50)
	"$program" "${dry[@]}" <list >dry 2>err
	code=$?
	if [ "$code" = 0 ] && cmp -s <(cut -d' ' -f1 dry | sort) sorted-good &&
		[ "$(grep -c '^dpdk-tfoscan: -:501: ..*' err)" = 1 ] && grep -q 'skipped: 1 bad line' err; then
		pass "bad line $n is skipped and shown: $shown"
	else
		fail "bad line $n is skipped and shown: $shown" "exit code $code"$'\n'"$(cat err)"
	fi
done
expect "there were at least 40 of them ($nb)" [ "$nb" -ge 40 ]

bad_lines | head -n 9 >nine
{ head -n 400 good && cat nine && tail -n +401 good; } >list
scan 60 "${usual[@]}" --targets list -r 15000
done_code "9 bad lines in 1009: the scan goes on"
expect "and every good one is measured, and right" all_right "$out" good
is "and the nine are shown with their numbers" "$(seq 401 409)" "$(sed -n 's/^dpdk-tfoscan: list:\([0-9]*\): ..*/\1/p' err)"
says "and counted" 'skipped: 9 bad lines'

bad_lines | head -n 40 | shuf -r -n 110 --random-source=<(yes) >many-bad
{ cat many-bad && head -n 890 good; } >list
before=$(frames tcp)
scan 20 "${usual[@]}" --targets list
is "11 % of bad lines: refused" 2 "$code"
is "the first ten are shown with their numbers" "$(seq 1 10)" "$(sed -n 's/^dpdk-tfoscan: list:\([0-9]*\): ..*/\1/p' err)"
says "with a line that says why" 'target list refused: 110 of its first 1000 lines are bad'
is "before the first frame" "$before" "$(frames tcp)"
scan 20 "${usual[@]}" 198.18.0.1 198.18.0.999
is "one bad address on the command line is enough" 2 "$code"
says "and it is said which" 'argument:2: '

printf '\xef\xbb\xbf198.18.0.1\r\n\r\n# comment\r\n  198.18.0.2  \r\n[fd00:18::1]\n[fd00:18::2]:53\n198.18.0.3:53' >odd-but-good
"$program" "${dry[@]}" <odd-but-good >dry 2>err
is "byte order mark, CR LF, blanks, brackets, no LF at the end" \
	"198.18.0.1 53 198.18.0.2 53 198.18.0.3 53 fd00:18::1 53 fd00:18::2 53" "$(cut -d' ' -f1,2 dry | sort | paste -sd' ')"

## jobs
cat >jobs <<-'JOBS'
	{"dip":"198.18.0.1","dp":53,"domain":"www.example.com","rank":"7"}
	{"rank":"8","note":"a \"quoted\" \u00e4 \\ / \/ é 漢","n":1.50e+3,"dip":"198.18.0.2"}
	{"deep":{"a":[1,2,{"b":null}],"dip":"inside"},"dip":"fd00:18::1","dp":"53","t":true}
	{ "spaced" : [ 1 , 2 ] , "dip" : "198.18.0.3" , "big" : 12345678901234567890 }
	{"dip":"198.18.0.4","conditions":["old"],"sip":"x","path":[],"time":{},"evidence":{"a":1},"flow_results":[],"kept":""}
JOBS
scan 30 "${usual[@]}" --targets jobs
done_code "jobs: exit code 0"
expect "jobs: the records are whole" all_whole "$out"
sort "$out" >records
# starts DIP TEXT: the record of this address starts with these octets
starts() {
	local line
	line=$(jq -Rr --arg d "$1" 'select((fromjson | .dip) == $d)' records)
	[[ "$line" == "$2"* ]] || {
		echo "wanted: $2"
		echo "got: $line"
		return 1
	}
}
expect "a job's keys stay in their order" starts 198.18.0.1 '{"dip":"198.18.0.1","dp":53,"domain":"www.example.com","rank":"7","sip":"10.99.0.3",'
expect "values octet for octet, what is missing is added" starts 198.18.0.2 '{"rank":"8","note":"a \"quoted\" \u00e4 \\ / \/ é 漢","n":1.50e+3,"dip":"198.18.0.2","dp":53,"domain":"example.com","sip":'
expect "nested values" starts fd00:18::1 '{"deep":{"a":[1,2,{"b":null}],"dip":"inside"},"dip":"fd00:18::1","dp":53,"t":true,"domain":"example.com","sip":"fd00:99::3",'
expect "numbers too big for a double" grep -qF '12345678901234567890' records
expect "what a record adds is dropped from a job" starts 198.18.0.4 '{"dip":"198.18.0.4","kept":"","dp":53,'
is "and stands there once" 1 "$(grep -F '"198.18.0.4","kept"' records | grep -o '"conditions"' | wc -l)"
is "all of them measured" "tfo.connectivity.works" "$(jq -r '.conditions[0]' records | sort -u)"

cp "$out" result
scan 30 "${usual[@]}" --targets result
done_code "a result file as a target list: exit code 0"
is "a result file is a target list: the same jobs come out" \
	"$(jq -cS 'del(.time, .evidence, .conditions)' result | sort)" "$(jq -cS 'del(.time, .evidence, .conditions)' "$out" | sort)"

## stdin
head -n 20 good >twenty
ip netns exec "$LAB_SCAN_NS" "$program" "${usual[@]}" -o - <twenty >"$out" 2>err
is "jobs on stdin, records on stdout" "0 20" "$? $(nb_records)"
expect "and all is right" all_right "$out" twenty
cat twenty | ip netns exec "$LAB_SCAN_NS" "$program" "${usual[@]}" -o - --targets - 2>err | cat >"$out"
is "a pipe in and a pipe out" "0 20" "${PIPESTATUS[1]} $(nb_records)"

## duplicates
{ cat twenty twenty && sed 's/$/:53/' twenty && printf '{"dip":"198.18.0.1"}\n198.18.0.1:5353\n'; } >list
"$program" "${dry[@]}" <list >dry 2>err
is "duplicates are dropped, another port is none" "0 21" "$? $(wc -l <dry)"
says "and counted" ' 41 duplicate'
scan 30 "${usual[@]}" --targets list -t 20
done_code "two ports of one address: exit code 0"
is "two ports of one address: two records" 21 "$(nb_records)"
is "the closed one is offline" "tfo.connectivity.offline" "$(jq -r 'select(.dp == 5353) | .conditions[0]' "$out")"

## blocklist
before=$(frames tcp)
scan 20 -i scan0 "${source4[@]}" "${source6[@]}" -c 0 -o "$out" --targets twenty
is "the built-in blocklist is in force: exit code 0, no record" "0 0" "$code $(nb_records)"
says "blocked targets are counted" ' 20 blocked'
is "not one frame went out" "$before" "$(frames tcp)"
printf '10.1.2.3\n192.0.2.1\n127.0.0.1\n224.0.0.1\n100.64.0.1\n::1\nfe80::1\nff02::1\n2001:db8::1\nfd00::1\n8.8.8.8\n2001:4860:4860::8888\n' |
	"$program" -d >dry 2>err
is "special-purpose networks are blocked, others are not" "2001:4860:4860::8888 8.8.8.8" "$(cut -d' ' -f1 dry | sort | paste -sd' ')"

printf '# of ours\n198.18.0.8/29 # eight\n198.18.0.2\nfd00:18::/64\n' >blocked
{ cat twenty && echo fd00:18::5; } >list
before=$(frames tcp)
scan 30 "${usual[@]}" -b blocked --targets list
is "-b: what it names gets no record" "$(grep -vxE '198\.18\.0\.(2|8|9|1[0-5])' twenty | sort)" "$(jq -r .dip "$out" | sort)"
says "-b: and is counted" ' 10 blocked'
printf '198.18.0.1\n198.18.0.0/33\n' >bad-blocked
refused "a bad line in a blocklist: refused, with its number" 2 'bad-blocked:2: ' "${usual[@]}" -b bad-blocked --targets twenty
refused "in an allowlist, too" 2 'allowlist bad-blocked:2: ' "${usual[@]}" -w bad-blocked --targets twenty
refused "an allowlist that is not there" 2 'allowlist nowhere: No such file' "${usual[@]}" -w nowhere --targets twenty
printf 'example.com\n' >bad-blocked
refused "a name in a blocklist: refused" 2 'bad-blocked:1: ' "${usual[@]}" -b bad-blocked --targets twenty

## how much
scan 30 "${usual[@]}" --targets good -n 7
is "-n 7: seven records, exit code 0" "0 7" "$code $(nb_records)"
lab targets live 20000 >many
scan 40 "${usual[@]}" --targets many -t 2 -r 5000
is "-t 2: exit code 0" 0 "$code"
expect "-t 2: some, not all ($(nb_records))" [ "$(nb_records)" -gt 50 -a "$(nb_records)" -lt 5000 ]
expect "-t 2: what was begun is measured to its end, and right" right_so_far "$out"
is "-q: nothing but what matters on stderr" "" "$(scan 30 "${usual[@]}" 198.18.0.1 -q && own_lines)"

## dry run
before=$(frames any)
cp "$program" "$tmp/program" && chmod 755 "$tmp/program"
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all)
chmod 644 good
ip netns exec "$LAB_SCAN_NS" "${nobody[@]}" "$tmp/program" -d --no-default-blocklist --targets good >dry 2>err
is "dry run without any privilege: exit code 0, a line a target" "0 1000" "$? $(wc -l <dry)"
is "with address, port and worker" "" "$(grep -vxE '[0-9.]+ 53 0' dry)"
is "each of the list" "" "$(diff <(cut -d' ' -f1 dry | sort) sorted-good | head -n 3)"
says "and totals" 'dry run: 1000 targets'
ip netns exec "$LAB_SCAN_NS" "${nobody[@]}" "$tmp/program" -l 0-7 -- -d -i scan0 -S 10.99.0.3/24 -G 10.99.0.1 --no-default-blocklist --targets good >dry 2>err
is "with the line that everybody starts with: seven workers" "0 0 1 2 3 4 5 6" "$? $(cut -d' ' -f3 dry | sort -u | paste -sd' ')"
is "sent nothing" "$before" "$(frames any)"
"$program" -d 8.8.8.8 >/dev/full 2>err
is "a dry run that can't be written: exit code 1" 1 "$?"

finish
