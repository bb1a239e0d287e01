#!/usr/bin/env bash
# Every option of --help, its name mistyped and its value wrong, on the command line and in a
# configuration: one line, exit code 2, no frame. What --print-config writes comes back by -C as it
# was. Then the log file, and what is made of the same table and installed: manual page, completions.
source "$(dirname "$0")/lib.sh"
new_lab
count_frames tcp 'ip protocol tcp'
cd "$tmp" || exit 1

"$program" --help >help
# name, argument or nothing
sed -nE 's/^  (-.,|   ) --([a-z0-9-]+) +([A-Z]+|A-B|A\[\S*|MAC\|IP)? .*/\2 \3/p' help >options
is "every line of --help with an option was read" "$(grep -c -- '^  .* --[a-z]' help)" "$(wc -l <options)"
# Options of one call are no part of a configuration, which --print-config shows whole.
"$program" -C /dev/null --print-config >default
sed -nE 's/^#([a-z0-9-]+)( = .*)?$/\1/p' default | sort >settable
declare -A settable=()
while read -r name; do settable[$name]=1; done <settable

# wrong PATTERN ARGUMENTS…: nothing, if it is refused as it must be. Shell alone: it is called often.
nothing='--config=/dev/null'
wrong() {
	local pattern=$1 code said out
	shift
	out=$("${in_lab[@]}" "$program" "$@" 2>err </dev/null)
	code=$?
	said=$(<err)
	said=${said#"$no_hugepages"$'\n'}
	[[ $code = 2 && -z $out && $said != *$'\n'* && $said =~ $pattern ]] ||
		printf '%s: %s: exit code %s\n%s\n' "${name-}" "$*" "$code" "${said:0:500}"
}
no_hugepages='dpdk-tfoscan: no free hugepages: tables in ordinary memory (faster with sysctl vm.nr_hugepages=512)'
in_lab=()

## names
while read -r name _; do
	mistyped=${name:0:1}x${name:1}
	wrong "^dpdk-tfoscan: unknown option --$mistyped: did you mean --$name\?" "$nothing" "--$mistyped"
	[[ ${settable[$name]-} ]] || continue
	printf '# first\n%s = 1\n' "$mistyped" >conf
	wrong "^dpdk-tfoscan: conf:2: $mistyped = 1: no such option: did you mean $name\?" -C conf -d 198.18.0.1
done <options >wrongs
is "a mistyped name, of every option: one line, exit code 2" "" "$(head -n 20 wrongs)"

## values
# Nothing that any option takes, and no file.
bad='@/nowhere,@'
in_lab=(timeout 20 ip netns exec "$LAB_SCAN_NS")
while read -r name argument; do
	if [ -z "$argument" ]; then
		wrong "^dpdk-tfoscan: --$name takes no argument" "$nothing" "--$name=x"
		continue
	fi
	wrong "^dpdk-tfoscan: --$name : must not be empty" "$nothing" "--$name="
	wrong "^dpdk-tfoscan: --$name needs an argument" "$nothing" "--$name"
	[[ $argument != TEXT && $argument != LABEL ]] || continue # as the user likes
	# A wrong word is refused before a target is looked for, a file when it is opened.
	said="--$name $bad: " said_of_line="conf:3: $name = $bad: " arguments=(198.18.0.1)
	if [ "$argument" = FILE ]; then
		said=".*$bad: No such file" said_of_line=$said
		arguments=(-i scan0 "${source4[@]}" "${once[@]}" -c 0 198.18.0.1)
		[ "$name" = output ] || arguments+=(-o "$out")
		[ "$name" != payload ] || arguments+=(--connect tcp)
		[ "$name" != read-pcap ] || arguments=()
	fi
	[ "$name" = config ] || arguments+=("$nothing")
	wrong "^dpdk-tfoscan: $said" "${arguments[@]}" "--$name=$bad"
	[[ ${settable[$name]-} ]] || continue
	printf '\n\n%s = %s\n' "$name" "$bad" >conf
	wrong "^dpdk-tfoscan: $said_of_line" "${arguments[@]}" -C conf
done <options >wrongs
is "a wrong value and an empty one, of every option: one line, exit code 2" "" "$(head -n 20 wrongs)"
in_lab=()
wrong '^dpdk-tfoscan: --rate 5\?x\?\[2J: must' "$nothing" --rate $'5\nx\e[2J' >wrongs
is "a value with a line feed and an escape: still one line, and none of them in it" "" "$(cat wrongs)"
is "not one frame went out" 0 "$(frames tcp)"

## configuration
# sample NAME ARGUMENT: a value that it takes
sample() {
	local standard
	standard=$(sed -nE "s/^#$1 = (.*)  # default$/\1/p" default)
	[ -z "$standard" ] || { echo "$standard" && return; }
	case $2 in
	FILE) echo "a \"b\" #c" ;;
	IF) echo scan0 ;;
	ADDRESS) echo 0000:01:00.0 ;;
	PORT) echo 5300 ;;
	I) echo 0 ;;
	N | S | PPS | MIB) echo 4096 ;;
	BITS) echo 10G ;;
	MAC | 'MAC|IP') echo 02:00:00:00:00:01 ;;
	'A[/LEN]') echo 10.99.0.3/24 ;;
	HEX) printf '6d%.0s' {1..40} ;;
	WORD) echo tfo.connectivity.works ;;
	LABEL) echo scan-1 ;;
	TEXT) echo ' # "a" ' ;;
	*) echo "no sample for $2" ;;
	esac
}
all=(--config=/dev/null)
while read -r name argument; do
	[[ ${settable[$name]-} ]] || continue
	all+=("--$name")
	[ -z "$argument" ] || all+=("$(sample "$name" "$argument")")
done <options
all+=(--targets 'b #' --targets '"' --targets=' ' -v -r 5 -r 6 -S fd00:99::3/64 -G 10.99.0.1 -b a -b b)
"$program" "${all[@]}" 198.18.0.1 --print-config >first.conf 2>err
is "all options at once: --print-config" "0 " "$? $(cat err)"
settings() {
	grep -vE '^(#|$)' "$1" | sed -E 's/  # (command line|[^#]*:[0-9]+)$//'
}
is "every option is set" "$(sort settable)" "$(settings first.conf | cut -d' ' -f1 | sort -u)"
is "those that may be repeated stand there as often" "4 2 2 2 3 1" \
	"$(for name in targets verbose source-ip gateway blocklist-file rate; do
		settings first.conf | grep -cE "^$name( |$)"
	done | paste -sd' ')"
is "and of the others the last one" "rate = 6" "$(settings first.conf | grep '^rate')"
is "where from is told" "rate = 6  # command line" "$(grep '^rate' first.conf)"
"$program" -C first.conf --print-config >second.conf 2>err
is "it is read again" "0 " "$? $(cat err)"
is "with the same outcome" "" "$(diff <(settings first.conf) <(settings second.conf))"
is "where from is told again" "rate = 6  # first.conf:$(grep -n '^rate' first.conf | cut -d: -f1)" \
	"$(grep '^rate' second.conf)"
"$program" -C second.conf --print-config -r 7 >third.conf
is "the command line counts for more" "< rate = 6 > rate = 7" \
	"$(diff <(settings second.conf) <(settings third.conf) | grep '^[<>]' | paste -sd' ')"
is "a configuration without settings is read as none" "" "$("$program" -C default --print-config | diff default -)"
"$program" "$nothing" --print-config -o $'a\nquiet' >/dev/null 2>err
is "what a configuration can't hold is refused" \
	"2 dpdk-tfoscan: --output: its value can't stand in a configuration: too long, or no text" "$? $(cat err)"
"$program" "$nothing" --print-config >/dev/full 2>err
is "a full disk: exit code 1" 1 "$?"

## log
scan 30 "${usual[@]}" --log-file log 198.18.0.1
done_code "--log-file: exit code 0"
is "what was on stderr is in the log" "" "$(diff <(grep -v '^EAL: ' err) <(cut -c25- log))"
is "each line with its time" "" \
	"$(grep -vE '^20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3} ' log)"
nb=$(wc -l <log)
scan 30 "${usual[@]}" --log-file log -q 198.18.0.1
is "a log that is there is kept" "1" "$(($(wc -l <log) >= nb))"
scan 30 "${usual[@]}" --log-file /dev/full 198.18.0.1
done_code "a log on a full disk: the scan goes on"
says "and that is said once" 'the log file is not whole: No space left'

## what is installed
build=${program%/app/*}
complete_with() {
	local word
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
	_dpdk_tfoscan
	for word in "${COMPREPLY[@]}"; do echo "$word"; done | sort | paste -sd' '
}
if [ -e "$build/build.ninja" ] && command -v meson >/dev/null; then
	DESTDIR=$tmp/root meson install -C "$build" --no-rebuild --quiet >outcome 2>&1
	is "meson install: exit code 0" 0 "$?"
	there() {
		find "root" -path "*/$1" | grep . >/dev/null
	}
	for file in bin/dpdk-tfoscan bin/tfosim man1/dpdk-tfoscan.1 man1/tfosim.1 completions/dpdk-tfoscan.bash \
		site-functions/_dpdk-tfoscan doc/dpdk-tfoscan/tfoscan.conf; do
		expect "installed: $file" there "$file"
	done
	page=$(find root -name dpdk-tfoscan.1)
	is "the manual page has every option" "" \
		"$(while read -r name _; do grep -qF -- "\\-\\-${name//-/\\-}\\fR" "$page" || echo "$name"; done <options)"
	if command -v man >/dev/null; then
		is "and no mistake" "" "$(LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l "$page" 2>&1 >/dev/null)"
	fi
	# shellcheck disable=SC1090
	source "$(find root -name dpdk-tfoscan.bash)"
	is "bash completes names" "--rate --raw-cookies" "$(complete_with dpdk-tfoscan --ra)"
	is "words" "dnstcp" "$(complete_with dpdk-tfoscan --connect d)"
	is "words behind a =" "all answered" "$(complete_with dpdk-tfoscan --records =)"
	is "files" "root" "$(complete_with dpdk-tfoscan --targets roo)"
	is "interfaces" "lo" "$(complete_with dpdk-tfoscan -i lo)"
	is "and nothing where only the user knows" "" "$(complete_with dpdk-tfoscan --rate --)"
	if command -v zsh >/dev/null; then
		expect "zsh reads its file" zsh -n "$(find root -name _dpdk-tfoscan)"
	fi
else
	note "not in a build directory: nothing was installed"
fi

# ---- the words

"$program" --list-conditions >words 2>err
is "--list-conditions: exit code 0" "0 " "$? $(cat err)"
is "it lists every word that docs/results.md defines" "" \
	"$(diff <(sort words) <(grep -oE '^\| `tfo\.[a-z0-9_.]+`' "$root/docs/results.md" | grep -oE 'tfo\.[a-z0-9_.]+' | sort -u))"
is "with --conditions seed those of its families" "9" "$("$program" --list-conditions --conditions seed | wc -l)"

finish
