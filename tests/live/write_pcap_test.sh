#!/usr/bin/env bash
# --write-pcap: a scan of the lab is captured, and --read-pcap gives its records again; so does a capture
# of chosen targets, of those. What is damaged, cut or missing is named.
source "$(dirname "$0")/lib.sh"
need tcpdump
new_lab
cd "$tmp" || exit 1

absent=10.99.0.77 # on the link, but nobody there
lab targets live impaired live6 impaired6 3 >addresses
with_job=$(head -n 1 addresses)
echo $absent >>addresses
{
	printf '{"dip":"%s","domain":"www.example.net","rank":"7","note":"a \\"quoted\\" word, \303\274"}\n' "$with_job"
	tail -n +2 addresses
} >targets
# same SENTENCE RECORDS…: both files hold the same lines, whatever their order
same() {
	is "$1" "" "$(diff <(sort "$2") <(sort "$3") | cut -c 1-300 | head -n 6)"
}
read_back() { # FILE ARGUMENTS…: sets code; records go to again
	"$program" --read-pcap "$1" -o again --overwrite "${@:2}" 2>err
	code=$?
}

scan 240 --lcores "(0-2)@($cpus)" -- "${usual[@]}" --rounds 2 --placebo 0.5 --output-flows --raw-cookies \
	--targets targets --write-pcap all.pcapng
done_code "a scan with --write-pcap ends"
expect "every target has its record" each_once "$out" addresses
cp "$out" records
cp "$out" whole
cp err scan.err
read_back all.pcapng
is "its capture is read without a word of complaint" "0 " "$code $(grep '^dpdk-tfoscan:' err)"
same "and gives the same records" records again
is "one of the job with its own keys among them" 1 "$(grep -c '"rank":"7","note":"a \\"quoted\\" word, .*"' again)"
is "and one of the target that has no MAC" 1 "$(grep -c $absent again)"
is "as many placebos" "$(sed -nE 's/.*placebo: ([0-9]+) .*/\1/p' scan.err)" \
	"$(sed -nE 's/ *([0-9]+)  placebos$/\1/p' err)"
nb_frames=$(sed -nE 's/^ *([0-9]+)  frames of .*/\1/p' err)
is "tcpdump reads as many frames" "$nb_frames" "$(tcpdump -nr all.pcapng 2>/dev/null | wc -l)"
"$program" -q --read-pcap - <all.pcapng >again 2>err
same "read from a pipe it gives the same" records again
read_back all.pcapng --conditions seed
is "--conditions seed is obeyed" 0 "$(grep -c 'cookie.length' again)"

refused_write() { # SENTENCE PATTERN ARGUMENTS…
	scan 20 "${usual[@]}" 198.18.0.1 "${@:3}"
	is "$1: exit code 2" 2 "$code"
	says "$1: says so" "$2"
}
refused_write "a capture that is there is not overwritten" 'all.pcapng is not empty' --write-pcap all.pcapng
refused_write "two things on stdout" 'both go to stdout' -o - --write-pcap -
refused_write "a filter without a capture" 'goes with --write-pcap' --write-pcap-filter tfo.connectivity.broken
is "and what was there is there" "$nb_frames" "$(tcpdump -nr all.pcapng 2>/dev/null | wc -l)"

## a filter
scan 240 "${usual[@]}" --rounds 2 --targets targets --write-pcap broken.pcapng \
	--write-pcap-filter tfo.connectivity.broken --pcap-buffer 2
done_code "a scan with a filter ends"
grep -F '"tfo.connectivity.broken"' "$out" >records
read_back broken.pcapng
is "its capture is complete" "0 " "$code $(grep '^dpdk-tfoscan:' err)"
same "and gives the records with the word, and no others" records again
expect "there were some" test -s again
expect "its frames are few" test "$(tcpdump -nr broken.pcapng 2>/dev/null | wc -l)" -lt "$nb_frames"

## what is wrong with a file
# change FILE NUMBER WHAT: the frame of that number loses an octet's value, or leaves
cat >change.py <<'PY'
import struct, sys
data, number, what = bytearray(open(sys.argv[1], "rb").read()), int(sys.argv[2]), sys.argv[3]
at = seen = 0
while at < len(data):
	kind, size = struct.unpack_from("<II", data, at)
	seen += kind == 6
	if kind == 6 and seen == number:
		break
	at += size
if what == "leave":
	del data[at:at + size]
else:
	data[at + 28 + 14 + 8] ^= 1 # TTL, or an octet of the source address: of any frame of ours
open("changed.pcapng", "wb").write(data)
PY
# Frame 1 is the first SYN of all.
$python change.py all.pcapng 1 flip
read_back changed.pcapng
is "a frame that we would not have sent: exit code 1" 1 "$code"
expect "and its number is said" grep -qE '^dpdk-tfoscan: changed.pcapng: frame 1 contradicts the method: to ' err
is "all other targets have their records" "$(($(wc -l <targets) - 1))" "$(wc -l <again)"
$python change.py all.pcapng 1 leave
read_back changed.pcapng
is "a frame that is not there any more: exit code 1" 1 "$code"
head -c "$(($(stat -c %s all.pcapng) / 2))" all.pcapng >cut.pcapng
read_back cut.pcapng
is "a file cut in two: exit code 1" 1 "$code"
expect "the line names the block and the octet" \
	grep -qE '^dpdk-tfoscan: cut.pcapng: block [0-9]+ at octet [0-9]+ cannot be read: the file ends in it' err
expect "what was done by then has its record" test -s again
is "and each of them is one of the scan's" "" "$(comm -13 <(sort whole) <(sort again) | cut -c 1-300 | head -n 3)"

## a scan that is killed
start_scan "${usual[@]}" --targets targets --write-pcap killed.pcapng
# tells FILE: it has all of one target, at least
tells() {
	[ -e "$1" ] && read_back "$1" && [ -s again ]
}
expect "the capture grows" within 30 tells killed.pcapng
kill -KILL "$scan_pid"
wait "$scan_pid" 2>/dev/null
read_back killed.pcapng
is "the capture of a scan that was killed is incomplete" 4 "$code"
expect "and is said to be" grep -qE '^dpdk-tfoscan: killed.pcapng is incomplete: it ends before the scan did' err
expect "what it can tell, it tells" test -s again

## a disk without room
mkdir small && mount -t tmpfs -o size=64k none small
scan 120 "${usual[@]}" --targets targets --write-pcap small/full.pcapng
expect "every target has its record, though the capture has no room" each_once "$out" addresses
is "and the exit code says that not all was done" 1 "$code"
says "with a line" 'cannot write the end of small/full.pcapng'

## a reader that goes away
mkfifo fifo
head -c 2000 <fifo >/dev/null &
started+=("$!")
scan 120 "${usual[@]}" --targets targets --write-pcap fifo --pcap-buffer 1
expect "every target has its record, though nobody reads the capture" each_once "$out" addresses
is "and the exit code says that not all was done" 1 "$code"
says "with a line" 'cannot write fifo: Broken pipe: the scan goes on without a capture'
finish
