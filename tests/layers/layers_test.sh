#!/usr/bin/env bash
# The rules of the tree that a compiler doesn't know: which layer includes which, what the pure core
# may ask for, a unit test for every file of lib/, one format, and nothing that must not be there.
#
#	tests/layers/layers_test.sh [TREE]
#
# Prints TAP; TREE: another tree than the one this file is in.
set -uo pipefail
shopt -s lastpipe # a verdict at the end of a pipe counts here
export LC_ALL=C
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../..}" || exit 1

for tool in gcc nm clang-format-14; do
	command -v "$tool" >/dev/null || { echo "1..0 # SKIP needs $tool"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

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

# All files of the project, and not what was built out of them.
all_files() {
	if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
		git ls-files -co --exclude-standard | while read -r file; do
			[ ! -f "$file" ] || echo "$file"
		done
	else
		find . -path './build*' -prune -o -path ./quickstart-results -prune -o -type f -print |
			sed 's,^\./,,'
	fi | sort -u
}
all_files >"$work/files"

# files_of DIRECTORY: its own C files, not those of directories below
files_of() {
	grep -E "^$1/[^/]+\.[ch]$" "$work/files"
}

# ---- directions of includes

# strangers DIRECTORY LAYERS: includes in quotes that lead elsewhere
strangers() {
	local layer="\"($2)/[a-z0-9_]+\.h\""
	# the one file that includes what the build makes, out of config/
	local made='^lib/blocklist\.c:.*"lib/blocklist_text\.inc"'
	files_of "$1" | xargs -r grep -nHE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' |
		grep -vE "$layer|$made"
}

strangers lib/tcpstack 'lib/tcpstack' | verdict 'lib/tcpstack includes lib/tcpstack alone'
strangers lib/tfo 'lib/tfo|lib/tcpstack' | verdict 'lib/tfo includes lib/tfo and lib/tcpstack'
strangers lib/sim 'lib/sim|lib/tcpstack' | verdict 'lib/sim includes lib/sim and lib/tcpstack'
strangers lib 'lib|lib/tfo|lib/tcpstack|lib/sim' | verdict 'lib includes nothing of app'
strangers app 'app|lib|lib/tfo|lib/tcpstack|lib/sim' | verdict 'app includes app and lib, by their names'
strangers app/tfosim 'app/tfosim|app|lib|lib/tfo|lib/tcpstack|lib/sim' |
	verdict 'app/tfosim includes itself, app and lib'

# ---- the pure core

core_files() {
	for directory in lib/tcpstack lib/tfo lib/sim; do
		files_of "$directory"
	done
}
core_files >"$work/core"
grep '\.c$' "$work/core" >"$work/core.c"

system_includes() {
	local plain='assert|stdbool|stddef|stdint|string'
	xargs -r grep -nHE '^[[:space:]]*#[[:space:]]*include[[:space:]]*<' <"$work/core" |
		grep -vE "<($plain)\.h>"
}
system_includes | verdict 'the core includes no header of clock, memory, I/O, DPDK, libpcap or cJSON'

xargs -r grep -nHwE '(rte|pcap|cJSON)_[A-Za-z0-9_]+|asm|__asm__|__rdtsc|__builtin_ia32_[a-z0-9_]+' \
	<"$work/core" | verdict 'the core names nothing of DPDK, libpcap, cJSON, nor the processor'

# Also the inline functions that nobody calls yet, and each header alone.
while read -r file; do
	gcc -std=gnu17 -fsyntax-only -I. -x c "$file" 2>&1
done <"$work/core" | grep -vE '#pragma once in main file|^ *[0-9]* \||^ *\|' |
	verdict 'every file of the core compiles alone, without the headers of DPDK'

# What the object files ask of others is what the sources call, however it is hidden.
mkdir "$work/o"
while read -r file; do
	gcc -std=gnu17 -O1 -fno-pic -fno-pie -fno-stack-protector -U_FORTIFY_SOURCE -I. -c "$file" \
		-o "$work/o/${file//\//-}.o" 2>"$work/gcc" || echo "$file: does not compile: $(head -n 1 "$work/gcc")"
done <"$work/core.c" >"$work/failed"
nm --defined-only -o "$work"/o/*.o 2>/dev/null | awk '{ print $NF }' | sort -u >"$work/own"
undefined() {
	local plain='mem(cpy|move|set|cmp|chr|rchr)|str(len|cmp|ncmp|chr|rchr|pbrk)|__assert_fail'
	local object file symbol
	cat "$work/failed"
	for object in "$work"/o/*.o; do
		file=$(basename "$object" .o)
		nm -u "$object" | awk '{ print $2 }' | grep -vxFf "$work/own" | grep -vxE "$plain" |
			while read -r symbol; do
				echo "${file//-/\/} calls $symbol"
			done
	done
}
undefined | verdict 'the core calls no clock, no random source, no allocator, no I/O'

nm -o "$work"/o/*.o 2>/dev/null | awk '$2 ~ /^[bBdDC]$/ { sub(/.*\//, "", $1); print $1, $3 }' |
	verdict 'the core keeps no state of its own'

# ---- the tree

while read -r file; do
	case $file in
	lib/tcpstack/* | lib/tfo/* | lib/sim/*) test=tests/unit/${file#lib/} ;;
	*) test=tests/unit/$file ;;
	esac
	test=${test%.c}_test.c
	grep -qxF "$test" "$work/files" || echo "$file has no $test"
done < <(grep -E '^lib/.*\.c$' "$work/files") |
	verdict 'every .c of lib has its unit test'

grep -E '(^|[/_])(utils?|misc|common|helpers?|limits)\.[ch]$' "$work/files" |
	verdict 'every C file is named after what it does'

grep -E '\.[ch]$' "$work/files" | xargs -r clang-format-14 --dry-run -Werror 2>&1 |
	sed -n 's/:[0-9]*:[0-9]*: error.*//p' | sort | uniq -c | awk '{ print $2 ": " $1 " places" }' |
	verdict 'clang-format-14 accepts every .c and .h'

# Captures and the fuzzers' corpora hold what they hold.
grep -vE '\.(pcap|pcapng|png)$|^tests/fuzz/corpus/' "$work/files" >"$work/text"

# One octet stands in brackets, so that no line here is one of those that are looked for.
paths='/wor[k]/|/far[m]/|/roo[t]/|/hom[e]/[a-z]|/tm[p]/bash_jobs'
hosts='deb\.debia[n]\.org|registry\.npmj[s]|pypi\.or[g]|proxy\.golan[g]\.org|crates\.i[o]'
xargs -r grep -nHIE "$paths|$hosts" <"$work/text" |
	verdict 'no file names a path of one machine, or the host of a package registry'

words='TOD[O]|FIXM[E]|XX[X]|HAC[K]|WI[P]|unimplemente[d]|not implemente[d]|not yet implemente[d]|coming soo[n]|placeholde[r]|TB[D]|lorem ipsu[m]'
xargs -r grep -nHIwiE "$words" <"$work/text" | verdict 'no file promises what is not there'

xargs -r grep -nHIE '[[:blank:]]+$' < <(grep -vE '\.(tsv|md)$' "$work/text") |
	verdict 'no line ends in blanks'

echo "1..$nb_tests"
[ "$nb_failed" -eq 0 ]
