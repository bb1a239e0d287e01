# A host that goes about its business on the interface that is scanned from: pings and a TCP session,
# over IPv4 and IPv6. Source it behind lib.sh.

# Numbered lines to a server that sends them back, until a file appears; says how many came back.
cat >"$tmp/session.py" <<'PYTHON'
import os, socket, sys, threading, time

def serve(family, address, port):
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen()
    while True:
        connection, _ = listener.accept()
        def echo(connection=connection):
            while octets := connection.recv(4096):
                connection.sendall(octets)
        threading.Thread(target=echo, daemon=True).start()

def talk(address, port, stop):
    connection = socket.create_connection((address, port), timeout=10)
    stream = connection.makefile("rb")
    nb, slowest = 0, 0
    while not os.path.exists(stop):
        line = b"line %d\n" % nb
        begun = time.monotonic()
        connection.sendall(line)
        if stream.readline() != line:
            print("line", nb, "came back changed")
            sys.exit(1)
        slowest = max(slowest, time.monotonic() - begun)
        nb += 1
        time.sleep(0.01)
    print(nb, "lines, slowest %.3f s" % slowest)

if sys.argv[1] == "serve":
    threading.Thread(target=serve, args=(socket.AF_INET, "0.0.0.0", 7777), daemon=True).start()
    serve(socket.AF_INET6, "fd00:99::1", 7778)
talk(sys.argv[2], int(sys.argv[3]), sys.argv[4])
PYTHON

listens() {
	[ -n "$(in_srv ss -Hltn "sport = :$1")" ]
}

begin_host_traffic() {
	ip netns exec "$LAB_SRV_NS" "$python" "$tmp/session.py" serve &
	started+=($!)
	expect "a server for the host" within 10 listens 7778

	# a lab that is new needs a moment for IPv6
	for address in 10.99.0.1 fd00:99::1; do
		expect "$address answers" within 10 in_scan ping -q -c 1 -W 1 "$address"
	done

	ip netns exec "$LAB_SCAN_NS" "$python" "$tmp/session.py" talk 10.99.0.1 7777 "$tmp/stop" >"$tmp/tcp4" 2>&1 &
	tcp4=$!
	ip netns exec "$LAB_SCAN_NS" "$python" "$tmp/session.py" talk fd00:99::1 7778 "$tmp/stop" >"$tmp/tcp6" 2>&1 &
	tcp6=$!
	ip netns exec "$LAB_SCAN_NS" ping -q -i 0.02 10.99.0.1 >"$tmp/ping4" 2>&1 &
	ping4=$!
	ip netns exec "$LAB_SCAN_NS" ping -q -i 0.02 fd00:99::1 >"$tmp/ping6" 2>&1 &
	ping6=$!
	started+=("$tcp4" "$tcp6" "$ping4" "$ping6")
}

# A check for each: nothing was lost.
end_host_traffic() {
	local session ping lost
	touch "$tmp/stop"
	for session in tcp4 tcp6; do
		wait_end 15 "${!session}"
		is "$session: every line came back as it was ($(tail -n 1 "$tmp/$session"))" 0 "$code"
		expect "$session: and there were many" grep -qE '^[0-9]{3,} lines' "$tmp/$session"
	done
	for ping in ping4 ping6; do
		kill -INT "${!ping}"
		wait_end 10 "${!ping}"
		# one may be under way when it ends
		lost=$(awk '/packets transmitted/ { print $1 - $4 }' "$tmp/$ping")
		expect "$ping: none lost ($(grep transmitted "$tmp/$ping"))" [ "${lost:-99}" -le 1 ]
	done
}
