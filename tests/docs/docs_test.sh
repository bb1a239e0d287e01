#!/usr/bin/env bash
# The documentation against the program: every word, key, outcome and option that one of them has,
# the other has, too; links lead somewhere; and the README's commands run.
#
#	tests/docs/docs_test.sh [PROGRAM]       default: $TFOSCAN, else build/app/dpdk-tfoscan
#
# Prints TAP. The program only runs with --help and -d: nothing is sent.
set -uo pipefail
shopt -s lastpipe # a verdict at the end of a pipe counts here
export LC_ALL=C.UTF-8
program=${1:-${TFOSCAN:-build/app/dpdk-tfoscan}}
[ "$program" = build/app/dpdk-tfoscan ] || program=$(realpath -m "$program")
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
program=$(realpath -m "$program")

for tool in gcc jq unshare ip; do
	command -v "$tool" >/dev/null || { echo "1..0 # SKIP needs $tool"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

results=docs/results.md
docs=(README.md CONTRIBUTING.md CHANGELOG.md docs/*.md)
nb_tests=0
nb_failed=0

# verdict SENTENCE: what is wrong comes on stdin, a line each; nothing is good
verdict() {
	local wrong
	wrong=$(head -n 40)
	nb_tests=$((nb_tests + 1))
	if [ -z "$wrong" ]; then
		echo "ok $nb_tests - $1"
		return
	fi
	nb_failed=$((nb_failed + 1))
	echo "not ok $nb_tests - $1"
	sed 's/^/#   /' <<<"$wrong"
}

# same A B: lines that only one of two files has. Nothing on either side is no agreement.
same() {
	[ -s "$1" ] && [ -s "$2" ] || echo "nothing to compare"
	comm -3 <(sort -u "$1") <(sort -u "$2") | awk -F '\t' -v a="${1##*/}" -v b="${2##*/}" \
		'{ print $1 == "" ? "only in " b ": " $2 : "only in " a ": " $1 }'
}

# section FILE HEADING: its lines, those of its subsections included
section() {
	awk -v heading="$2" '
		/^```/ { fenced = !fenced }
		!fenced && /^#+ / {
			level = length($1)
			title = substr($0, level + 2)
			if (inside && level <= inside) inside = 0
			if (title == heading) inside = level
		}
		inside' "$1"
}

# first_words: the words in backquotes with which table rows begin
first_words() {
	sed -n 's/^| `\([^`]*\)` |.*/\1/p'
}

# ---- conditions

sed -n 's/^\tX([A-Z0-9_]*, "\([^"]*\)").*/\1/p' lib/tfo/conditions.h >"$work/conditions.h"
section $results Conditions | first_words >"$work/results.md"
same "$work/conditions.h" "$work/results.md" | verdict 'every condition is defined, and every one defined exists'

section $results Conditions | first_words | sort | uniq -d |
	verdict 'no condition is defined twice'

# A family, or a family with all its ends in braces, is as good as a word.
grep -nHoE 'tfo\.[a-z]+(\.[a-z0-9_]+)*' "${docs[@]}" config/lab.tsv | sort -u | while IFS=: read -r file line word; do
	grep -qE "^${word//./\\.}(\..*)?$" "$work/conditions.h" || echo "$file:$line: $word"
done | verdict 'every condition that is mentioned anywhere exists'

# ---- records

# Every outcome and every option once, then a silent target: lines as the program writes them.
cat >"$work/records.c" <<'C'
#include "lib/tfo/record_writer.h"

#include <stdio.h>

static void write(const struct record *r) {
	static char line[RECORD_LINE_MAX_OCTETS];
	static const struct record_style style = {.domain = "example.com"};
	static const struct record_job none;
	static const struct flow flows[NB_PROBES];
	struct record_writer writer;
	record_writer_init(&writer, &style);
	fwrite(line, record_writer_write(&writer, r, flows, &none, line), 1, stdout);
}

static const struct cookie cookie = {.len_octets = 8, .octets = {1, 2, 3}};

static struct evidence evidence(enum outcome outcome, enum cookie_option option, bool is_full) {
	return (struct evidence){
		.sport = 40000,
		.syns = 1,
		.outcome = (uint8_t)outcome,
		.option_out = (uint8_t)option,
		.option_in = is_full ? (uint8_t)option : COOKIE_OPTION_NONE,
		.marks = is_full ? MARK_SYNACK : 0,
		.syn_rtt_us = is_full ? 1 : EVIDENCE_NO_TIME,
		.answer_us = is_full ? 1 : EVIDENCE_NO_TIME,
		.data_len = is_full ? 1 : EVIDENCE_NO_LENGTH,
		.data_acked = is_full ? 1 : EVIDENCE_NO_LENGTH,
		.code = is_full ? 1 : EVIDENCE_NO_CODE,
		.mss = 1460,
		.cookie_raw_len = 8,
		.cookie_in = is_full ? cookie : (struct cookie){0},
	};
}

int main(void) {
	struct record r;
	for (int outcome = 0; outcome < NB_OUTCOMES; outcome++) {
		for (int option = COOKIE_OPTION_NONE; option <= COOKIE_OPTION_KIND254; option++) {
			r = (struct record){.port = 53, .rounds = 1};
			r.conditions = CONDITION_BIT(CONDITION_WORKS);
			r.evidence[PROBE_BASELINE] = evidence(outcome, option, false);
			r.evidence[PROBE_REQUEST] = evidence(outcome, option, true);
			if (option != COOKIE_OPTION_NONE)
				r.evidence[PROBE_DATA] = evidence(outcome, option, true);
			write(&r);
		}
	}
	struct ip_addr addr = {{0}};
	record_of_silence(&addr, 53, 1, 2, &r);
	write(&r);
	return 0;
}
C
gcc -std=gnu17 -I. -o "$work/records" "$work/records.c" lib/tfo/*.c lib/tcpstack/*.c 2>&1 |
	verdict 'a program that writes records builds out of the core'
"$work/records" >"$work/records.ndjson"
jq -c 'select(.evidence)' "$work/records.ndjson" >"$work/full"
jq -c 'select(.evidence | not)' "$work/records.ndjson" >"$work/short"

connections='["evidence.baseline", "evidence.request", "evidence.data"]'
jq -r --argjson c "$connections" '
	paths | select(all(type == "string")) | join(".") as $path
	| select(any($c[]; . as $start | $path | startswith($start + ".")) | not) | $path' \
	"$work/full" >"$work/record.c"
section $results 'Keys of a record' | first_words >"$work/results.md"
same "$work/record.c" "$work/results.md" | verdict 'every key of a record is defined, and every one defined is there'

jq -r '.evidence | (.baseline, .request, (.data // empty)) | keys[]' "$work/full" >"$work/record.c"
section $results 'Keys of a connection' | first_words >"$work/results.md"
same "$work/record.c" "$work/results.md" | verdict 'every key of a connection is defined, and every one defined is there'

jq -r 'paths | select(all(type == "string")) | join(".")' "$work/short" >"$work/record.c"
section $results 'Keys of a record' | sed -n 's/^| `\([^`]*\)` | [^|]* | yes |.*/\1/p' >"$work/results.md"
same "$work/record.c" "$work/results.md" | verdict 'the short record has the keys that are marked so'

section $results 'Keys of a connection' | sed -n 's/^| `\([^`]*\)` | [^|]* | never.*/\1/p' | while read -r key; do
	jq -r --arg key "$key" '.evidence | (.baseline, .request, (.data // empty))
		| select(.[$key] == null) | $key' "$work/full" | head -n 1
done | verdict 'what is never null never is'

section $results 'Keys of a connection' | grep '^| `' | grep -vE '^\| `[^`]*` \| [^|]* \| never' | first_words | while read -r key; do
	jq -e -s --arg key "$key" '[.[].evidence | (.baseline, .request, (.data // empty)) | .[$key] == null] | any' \
		"$work/full" >/dev/null || echo "$key"
done | verdict 'what may be null sometimes is'

jq -r '.evidence.baseline.outcome' "$work/full" >"$work/record.c"
section $results Outcomes | first_words >"$work/results.md"
same "$work/record.c" "$work/results.md" | verdict 'every outcome is defined, and every one defined exists'

jq -r '.evidence.baseline.option_out' "$work/full" >"$work/record.c"
section $results 'Option words' | first_words >"$work/results.md"
same "$work/record.c" "$work/results.md" | verdict 'every option word is defined, and every one defined exists'

sed -n 's/.*{"\([a-z_]*\)", MEMBER_OURS}.*/\1/p' lib/jobline_json.c >"$work/jobline_json.c"
section $results Jobs | awk '/^- / { on = /^- A job.s own/ } on' | grep -oE '`[a-z_]+`' | tr -d '`' >"$work/results.md"
same "$work/jobline_json.c" "$work/results.md" | verdict 'the keys that a job loses are named'

sed -n 's/^\tEXIT_[A-Z_]* = \([0-9]*\),$/\1/p' app/exit_code.h >"$work/exit_code.h"
section $results 'Exit codes' | first_words >"$work/results.md"
same "$work/exit_code.h" "$work/results.md" | verdict 'every exit code is defined, and every one defined exists'

# ---- records of a capture

cat >"$work/passive.c" <<'C'
#include "lib/tfo/passive.h"

#include <stdio.h>

int main(void) {
	static char line[PASSIVE_LINE_MAX_OCTETS];
	struct flow_place place = {.sp = 40000, .dp = 53};
	for (uint32_t n = 0; n < 2; n++) {
		struct flow f = {.pkt_fwd = 1, .synflags_fwd = (uint8_t)(2 * n), .synflags_rev = (uint8_t)(18 * n)};
		f.marks = n * (FLOW_SYN | FLOW_SYNACK | FLOW_SYNACK_TO_RICH);
		fwrite(line, passive_write(&f, &place, 1, false, line), 1, stdout);
	}
	return 0;
}
C
gcc -std=gnu17 -I. -o "$work/passive" "$work/passive.c" lib/tfo/*.c lib/tcpstack/*.c 2>&1 |
	verdict 'a program that writes records of a capture builds out of the core'
"$work/passive" >"$work/passive.ndjson"

jq -r 'paths | select(all(type == "string")) | join(".")' "$work/passive.ndjson" >"$work/passive.c"
section $results 'Keys of a record of a capture' | first_words >"$work/results.md"
same "$work/passive.c" "$work/results.md" | verdict 'every key of a record of a capture is defined, and every one defined is there'

jq -r '.flow_results[] | keys[]' "$work/passive.ndjson" >"$work/flow_write.c"
section $results 'Keys of a flow' | first_words >"$work/results.md"
same "$work/flow_write.c" "$work/results.md" | verdict 'every key of a flow is defined, and every one defined is there'

jq -r '.flow_results[] | to_entries[] | select(.value == null) | .key' "$work/passive.ndjson" >"$work/flow_write.c"
section $results 'Keys of a flow' | sed -n 's/^| `\([^`]*\)` | [^|]*or null[^|]* |.*/\1/p' >"$work/results.md"
same "$work/flow_write.c" "$work/results.md" | verdict 'what may be null in a flow is told'

# Each word that passive.c says has its rule among the words of a capture.
grep -oE 'BIT\([A-Z0-9_]+\)' lib/tfo/passive.c | sed 's/BIT(//; s/)//' | sort -u | while read -r label; do
	sed -n "s/^\tX($label, \"\([^\"]*\)\").*/\1/p" lib/tfo/conditions.h
done | grep -v '^$' >"$work/passive.c"
section $results 'Words of a capture' | grep '^| `' | grep -oE '`tfo\.[a-z0-9_.]+`' | tr -d '`' |
	grep -v '\.length\.' >"$work/results.md"
same "$work/passive.c" "$work/results.md" | verdict 'every word of a capture has its rule, and every rule its word'

# ---- watching

watching=docs/watching.md
# table HEADING: the first words of the table there against those on stdin, of the code
table() {
	sort >"$work/code"
	section $watching "$1" | first_words | sort >"$work/watching.md"
	same "$work/code" "$work/watching.md"
}
sed -n '/^const char \*status_csv_head/,/^}/s/^[^"]*"\(.*\)".*/\1/p' lib/status.c | tr -d '\n' | sed 's/\\n$//' | tr ',' '\n' | table CSV |
	verdict 'every column of -u is defined, and every one defined is there'
sed -n '/^static void tell_status/,/^}/p; /^static void add_rate/,/^}/p' app/telemetry.c |
	grep -oE 'd, "[a-z_]+"' | grep -oE '[a-z_]{2,}' | table Status |
	verdict 'every member of the status is defined, and every one defined is there'
sed -n '/^static void add_worker(/,/^}/p' app/telemetry.c | grep -oE 'd, "[a-z_]+"' | grep -oE '[a-z_]{2,}' | table Workers |
	verdict 'every member of a worker is defined, and every one defined is there'
{
	sed -n 's/^\tX(\([a-z_]*\), ".*/\1/p' app/counters.h
	sed -n '/^static void tell_counters/,/^}/p' app/telemetry.c | grep -oE '"[a-z_]+"' | tr -d '"'
} | table Counters | verdict 'every counter is defined, and every one defined is there'
grep -oE '\{"/tfoscan/[a-z]+", "' app/telemetry.c | grep -oE '/[a-z/]+' | table Commands |
	verdict 'every telemetry command is told, and every one told is there'

# ---- the command line

if [ ! -x "$program" ]; then
	echo "$program is not there: build it first (ninja -C build)" | verdict 'the program is there'
	echo "1..$nb_tests"
	exit 1
fi
"$program" --help >"$work/help"
simulator=$(dirname "$program")/tfosim/tfosim
"$simulator" --help >"$work/simulator-help"

"$program" -C /dev/null --print-config | diff config/tfoscan.conf - |
	verdict 'config/tfoscan.conf is what --print-config prints'

# Options of other programs that the docs speak of.
foreign=(--cat --lcores --no-telemetry --full --quick --markdown --list --name --vdev --no-huge --no-pci --file-prefix) # scripts/merge-shards, scripts/test, scripts/bench, scripts/deps, scripts/lab, DPDK
grep -nHoE '(^|[^[:alnum:]-])--[a-z][a-z0-9-]*' "${docs[@]}" | sed 's/:[^:]*--/:--/' | sort -u |
	while IFS=: read -r file line option; do
		[[ " ${foreign[*]} " = *" $option "* ]] ||
			grep -qE -- "(^|[ ,])$option( |$)" "$work/help" ||
			{ [ "$file" = docs/simulator.md ] && grep -qE -- "^ .* $option( |$)" "$work/simulator-help"; } ||
			echo "$file:$line: $option"
	done | verdict 'every long option that is mentioned exists'

grep -oE '^ .* --[a-z-]+' "$work/simulator-help" | grep -oE -- '--[a-z-]+$' |
	grep -vxE -- '--(help|version)' | while read -r option; do
	grep -qE -- "$option([^a-z-]|\$)" docs/simulator.md || echo "$option"
done | verdict 'every option of tfosim is mentioned'

# In backquotes alone: `-d`, `-b FILE`, `-r 0`; not the switches of other programs' commands.
grep -nHoE '`-[a-zA-Z]( [^`]*)?`' "${docs[@]}" | sed 's/`-\(.\).*/-\1/' | sort -u | while IFS=: read -r file line option; do
	[[ $option = -[la] ]] || # DPDK's
		grep -qE -- "^ +$option," "$work/help" || echo "$file:$line: $option"
done | verdict 'every short option that is mentioned exists'

# What stands in a block that is marked as commands, comments and continued lines aside.
commands_of() {
	awk '/^```/ { fenced = $0 == "```sh"; next } fenced && NF && !/^#/' "$@"
}

commands_of README.md CONTRIBUTING.md | while read -r word rest; do
	case $word in
	*/*) [ -x "$word" ] || echo "$word $rest" ;;
	dpdk-tfoscan | meson | ninja) ;;
	*) echo "$word $rest" ;;
	esac
done | verdict 'every command of README and CONTRIBUTING is one that is there'

for command in scripts/quickstart scripts/test; do
	commands_of README.md | grep -xF "$command" >/dev/null || echo "$command is not in the README"
done | verdict 'the README has its two commands'

# An interface as in the README, in a namespace that is gone afterwards; as many lcores as there are.
dry_run() {
	local command=$1 last_lcore
	last_lcore=$(($(nproc) - 1))
	((last_lcore < 7)) || last_lcore=7
	command=${command/#dpdk-tfoscan/$program}
	command=${command/-l 0-7/-l 0-$last_lcore}
	[[ $command =~ \ -d( |$) ]] || command+=' -d'
	printf '9.9.9.9\n{"dip":"9.9.9.10","rank":"7"}\n' >"$work/hitlist.txt"
	# shellcheck disable=SC2016
	unshare --net "${as_root[@]}" -- sh -c 'ip link add eth0 type veth peer name eth9 &&
		ip addr add 192.0.2.2/24 dev eth0 && ip link set eth0 up && ip link set eth9 up &&
		ip route add default via 192.0.2.1 && cd "$1" && shift && exec "$@"' \
		sh "$work" $command
}
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(--map-root-user)
if unshare --net "${as_root[@]}" true 2>/dev/null; then
	commands_of README.md | grep '^dpdk-tfoscan ' >"$work/commands"
	{
		[ -s "$work/commands" ] || echo 'there is none'
		while read -r command; do
			dry_run "$command" >"$work/out" 2>"$work/err" </dev/null ||
				{ echo "$command: exit $?"; tail -n 3 "$work/err"; }
			awk '{ print $1, $2 }' "$work/out" | sort | diff - <(printf '9.9.9.10 53\n9.9.9.9 53\n')
		done <"$work/commands"
	} | verdict 'every scan of the README runs, as a dry run'
else
	echo "# no network namespace can be made: the scans of the README were not run"
fi

# ---- the lab

number=$(scripts/lab targets live impaired | wc -l)
grep -oE 'scans [0-9,]+ addresses' README.md | tr -dc '0-9\n' | grep -vx "$number" |
	verdict "the README counts the lab's addresses right"

# The README's table: the last column follows from config/lab.tsv.
awk -F '\t' '!/^#/ { n = split($7, word, " "); for (i = 1; i <= n; i++) count[word[i]] += $4 }
	END { for (w in count) print w, count[w] }' config/lab.tsv | sort >"$work/lab.tsv"
awk '/^condition .* expected$/ { on = 1; next } /^```/ { on = 0 } on && /^tfo\./ && $NF != "-" { print $1, $NF }' \
	README.md | sort >"$work/README.md"
same "$work/lab.tsv" "$work/README.md" | verdict "the README's table expects what the lab expects"

# ---- links

# anchors FILE: what GitHub makes of its headings
anchors() {
	awk '/^```/ { fenced = !fenced } !fenced && /^#+ /' "$1" | sed 's/^#* //; s/`//g' |
		tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9 _-]//g; s/ /-/g'
}
for file in "${docs[@]}"; do
	grep -oE '\]\([^)]+\)' "$file" | sed 's/^](//; s/)$//' | while read -r link; do
		[[ $link != http* ]] || continue
		path=${link%%#*} anchor=
		[[ $link != *#* ]] || anchor=${link#*#}
		target=$file
		[ -z "$path" ] || target=$(dirname "$file")/$path
		[ -e "$target" ] || { echo "$file: $link"; continue; }
		[ -z "$anchor" ] || anchors "$target" | grep -xF "$anchor" >/dev/null || echo "$file: $link"
	done
done | verdict 'every link leads to a file and a heading that are there'

# Paths in backquotes; what a build or a run makes is not in the tree.
grep -nHoE '`(app|lib|tests|scripts|config|docs)/[A-Za-z0-9_./-]*[A-Za-z0-9_/]`' "${docs[@]}" | tr -d '`' |
	while IFS=: read -r file line path; do
		[ -e "$path" ] || echo "$file:$line: $path"
	done | verdict 'every file that is mentioned is there'

echo "1..$nb_tests"
[ "$nb_failed" -eq 0 ]
