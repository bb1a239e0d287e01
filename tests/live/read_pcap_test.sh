#!/usr/bin/env bash
# --read-pcap: the kernel's own client is captured while it asks the servers of the lab, and what is
# said of its connections is compared with what the kernel counted. Then the same frames in files of
# every kind, and files that are none.
source "$(dirname "$0")/lib.sh"
need tcpdump kdig nstat setpriv mkfifo "$python"
new_lab
cd "$tmp" || exit 1

# capture NAME ARGUMENTS…: in the background, until what it captures is there
captures=()
capture() {
	local name=$1
	shift
	# in immediate mode each frame takes a place of the whole snaplen: with the usual one, eight fit
	ip netns exec "$LAB_SCAN_NS" tcpdump --immediate-mode -s 4096 -B 16384 -U -Z root -w "$name" "$@" tcp 2>"$name.err" &
	captures+=($!)
	started+=($!)
	within 10 grep -q 'listening on' "$name.err" || note "$(cat "$name.err")"
}

# ask ADDRESS [PORT]: one query of the kernel's client, with Fast Open
ask() {
	in_scan timeout 15 kdig +tcp +fastopen +retry=0 +time=10 -p "${2-53}" "@$1" example.com A >/dev/null 2>&1
}

read_pcap() {
	"$program" --read-pcap "$@" 2>"$tmp/err"
}

# What stays the same however a frame was captured: times are those of the file.
essence() {
	jq -c 'del(.time) | del(.flow_results[].spdr_start, .flow_results[].spdr_stop)' "$@" | sort
}

# words ADDRESS [PORT]: of its connections in their order, one a line
words() {
	jq -rs --arg dip "$1" --argjson dp "${2-53}" 'map(select(.dip == $dip and .dp == $dp)) | sort_by(.time.from)[]
		| .conditions | map(select(startswith("tfo.zerortt") | not)) | join(" ")' records |
		sed 's/^$/-/'
}

## the kernel's client

capture ethernet.pcap -i scan0
capture sll2.pcap -i any
capture sll.pcap -i any -y LINUX_SLL
in_scan ip tcp_metrics flush >/dev/null
in_scan nstat -nz >/dev/null

live=198.18.0.7 fresh=198.18.0.8 live6=fd00:18::7 drop=198.19.255.30 strip=198.19.255.10 off=198.19.255.100 reset=198.19.255.50
for address in $live $live6 $drop $strip $off $reset; do
	ask "$address"
	ask "$address"
done
ask "$fresh" 54 # nobody listens, and no cookie is known
in_scan nstat -az >counted
number_of() {
	awk -v name="TcpExtTCPFastOpen$1" '$1 == name { print $2 }' counted
}

# The last connection is refused: both of its segments are there.
is_all_there() {
	"$program" -q --read-pcap "$1" 2>/dev/null | jq -es 'any(.dp == 54 and .flow_results[0].tcp_rst_rev) and
		all(.dp == 54 or (.flow_results[0] | .tcp_fin_fwd and .tcp_fin_rev or .tcp_rst_rev or .tcp_rst_fwd))'
}
for name in ethernet.pcap sll2.pcap sll.pcap; do
	expect "$name holds all connections" within 10 is_all_there "$name"
done
kill -INT "${captures[@]}"
wait "${captures[@]}" 2>/dev/null

read_pcap ethernet.pcap -o records
is "a capture is read: exit code 0" 0 $?
expect "every line is one JSON object" all_whole records
is "one record a connection" 13 "$(nb_records records)"
says "the summary says how many" '^ *13  connections$'

is "a request, then cookie and data" "tfo.cookie.received tfo.cookie.length.8
tfo.syndata.acked" "$(words $live)"
is "the same with IPv6" "tfo.cookie.received tfo.cookie.length.8
tfo.syndata.acked" "$(words $live6)"
is "a path that drops the data: the client fell back, and nothing is said of them" \
	"tfo.cookie.received tfo.cookie.length.8
-" "$(words $drop)"
is "and the flow says that it did" "34 8 true null" \
	"$(jq -r --arg dip $drop 'select(.dip == $dip) | .flow_results[0] | select(.tfo_dlen > 0)
		| [.tfo_synkind, .tfo_synclen, .tfo_fallback, .tfo_acked] | map(tostring) | join(" ")' records)"
is "a path that takes kind 34 out: the client then tries kind 254, and gets its cookie" \
	"tfo.cookie.not_received
tfo.cookie.received tfo.cookie.length.8 tfo.exp.received" "$(words $strip)"
is "a server without Fast Open, asked in kind 34 and in kind 254" \
	"tfo.cookie.not_received
tfo.cookie.not_received tfo.exp.not_received" "$(words $off)"
is "a RST to the data is named" "tfo.cookie.received tfo.cookie.length.8
tfo.syndata.failed tfo.failure.rst" "$(words $reset)"
is "a closed port says nothing of Fast Open" - "$(words $fresh 54)"
is "and its state is failed" 1 "$(jq 'select(.dp == 54) | .flow_results[0].spdr_state' records)"

note "the kernel: $(grep FastOpenActive counted | tr -s ' ' | tr '\n' ';')"
is "as many were acknowledged as the kernel counts (TCPFastOpenActive)" "$(number_of Active)" \
	"$(jq -c 'select(.conditions | index("tfo.syndata.acked"))' records | wc -l)"
is "as many fell back as the kernel counts (TCPFastOpenActiveFail)" "$(number_of ActiveFail)" \
	"$(jq -c 'select(.flow_results[0] | .tfo_dlen > 0 and .tfo_fallback)' records | wc -l)"
is "no word of connectivity is said" "" "$(jq -c 'select(.conditions | any(startswith("tfo.connectivity")))' records)"

read_pcap ethernet.pcap --conditions seed -q >seed
is "--conditions seed leaves PATHspider's words" "tfo.cookie.not_received
tfo.cookie.received
tfo.syndata.acked
tfo.syndata.failed" "$(jq -r '.conditions[]' seed | sort -u)"
is "-q says nothing" "" "$(cat err)"

## files of every kind

essence records >want
for name in sll2.pcap sll.pcap; do
	read_pcap "$name" -q >got
	is "$name: the same records" "" "$(essence got | diff want - | head -n 5)"
done
for kind in raw null loop vlan qinq sll nano big pcapng pcapng-big cut sums own; do
	"$root/tests/live/convert_pcap.py" ethernet.pcap $kind "file.$kind"
	read_pcap "file.$kind" >got
	is "$kind: exit code 0" 0 $?
	is "$kind: the same records" "" "$(essence got | diff want - | head -n 5)"
	case $kind in
	sums) says "wrong checksums are counted" ' segments with a wrong checksum' ;;
	cut) says "what was cut is counted" ' segments cut behind their headers' ;;
	esac
done
"$program" --read-pcap - -q <file.pcapng >got
is "stdin: the same records" "" "$(essence got | diff want - | head -n 5)"
cp file.nano readable.pcap && chmod 644 readable.pcap
setpriv --reuid=65534 --regid=65534 --clear-groups "$program" --read-pcap "$tmp/readable.pcap" -q >got 2>err
is "no privilege is needed" "0 " "$? $(cat err)"

## a part of the connections

tcpdump -r ethernet.pcap -w nosyn.pcap 'tcp[13] & 2 == 0 and ip' 2>/dev/null
read_pcap nosyn.pcap >got
is "without SYNs there is no record" "0 0" "$? $(wc -l <got)"
says "the connections are counted all the same" 'connections skipped: their SYN is not in the capture'

## broken files

size=$(stat -c %s file.pcapng)
for kind in nano pcapng; do
	head -c $((size * 2 / 3)) "file.$kind" >"cut.$kind"
	read_pcap "cut.$kind" >got
	is "a $kind file that ends early: exit code 1" 1 $?
	says "one line names the file, the packet, and what is wrong" \
		"^dpdk-tfoscan: cut.$kind: packet [0-9]+ cannot be read: .*truncated"
	expect "what was read before is there, whole" all_whole got
	[ "$(nb_records got)" -gt 3 ] && pass "and not little" || fail "and not little" "$(nb_records got) records"
done
"$root/tests/live/convert_pcap.py" ethernet.pcap two file.two
read_pcap file.two >got
is "two link types in one file: exit code 1" 1 $?
says "and a line that says so" 'file.two: packet [0-9]+ cannot be read: '

echo kept >kept
head -c 5000 /dev/urandom >garbage
: >empty
head -c 20 ethernet.pcap >header
for name in garbage empty header "$program" absent .; do
	read_pcap "$name" -o kept --overwrite
	code=$?
	is "$(basename "$name"): exit code 2" 2 "$code"
	is "$(basename "$name"): one line" 1 "$(wc -l <err)"
done
is "and the output is as it was" kept "$(cat kept)"
read_pcap ethernet.pcap -o kept
is "a file that is not empty is refused" 2 $?
read_pcap ethernet.pcap $live
is "targets do not go with it" 2 $?
read_pcap ethernet.pcap -q >/dev/full
is "a full disk: exit code 1" 1 $?
says "and one line" '^dpdk-tfoscan: cannot write -: No space left'

## a capture without an end

mkfifo pipe
"$program" --read-pcap - -o endless <pipe 2>err &
reader=$!
started+=("$reader")
exec 9>pipe
cat ethernet.pcap >&9
# it lingers at the pipe: what had ended 5 s before the last frame is there
is_reading() {
	[ "$(awk '/^rchar/ { print $2 }' "/proc/$reader/io")" -gt "$(stat -c %s ethernet.pcap)" ]
}
expect "an endless capture is read" within 10 is_reading
kill -INT "$reader"
wait_end 10 "$reader"
exec 9>&-
is "INT: exit code 3" 3 "$code"
is "INT: what was read is there" "" "$(essence endless | diff want - | head -n 5)"

# interrupted FILE: the exit code of who has read that much of a pipe, and waits
interrupted() {
	"$program" --read-pcap - -o "rest-of-$1" <pipe 2>err &
	reader=$!
	started+=("$reader")
	exec 9>pipe
	cat "$1" >&9
	waits() {
		[[ $(<"/proc/$reader/stat") == *"(dpdk-tfoscan) S "* ]]
	}
	within 10 waits
	kill -INT "$reader"
	wait_end 10 "$reader"
	exec 9>&-
}
: >nothing
interrupted nothing
is "INT before the first octet: exit code 3" "3 1" "$code $(grep -c 'interrupted before the first frame' err)"
head -c 40 ethernet.pcap >begun
interrupted begun
is "INT within the first frame: exit code 3" 3 "$code"

finish
