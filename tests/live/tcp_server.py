"""Small TCP servers on ports of every local address, IPv4 and IPv6, for tcp_mode_test.sh.

80: TFO; answers a request that ends with a blank line, then closes. 81: the same without TFO.
82: TFO; resets each connection as soon as it is accepted. 83: TFO; accepts, and never says a word.
What port 80 hears is appended to the file that is named, one connection a line, as hex.
"""
import socket
import struct
import sys
import threading

TFO_QUEUE = 256
RESET = struct.pack("ii", 1, 0)


def listen(port, queue):
    listener = socket.socket(socket.AF_INET6)
    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if queue:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, queue)
    listener.bind(("::", port))
    listener.listen(1024)
    return listener


def answer(connection, log):
    heard = b""
    connection.settimeout(10)
    try:
        while not heard.endswith(b"\r\n\r\n") and (octets := connection.recv(4096)):
            heard += octets
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
    except OSError:
        pass
    connection.close()
    if log:
        log.write(heard.hex() + "\n")
        log.flush()


def reset(connection, _):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    connection.close()


silent = []


def serve(port, queue, handler, log):
    listener = listen(port, queue)
    while True:
        connection, _ = listener.accept()
        if handler is None:
            silent.append(connection)
        else:
            threading.Thread(target=handler, args=(connection, log), daemon=True).start()


log = open(sys.argv[1], "a", encoding="ascii")
for port, queue, handler in ((81, 0, answer), (82, TFO_QUEUE, reset), (83, TFO_QUEUE, None)):
    threading.Thread(target=serve, args=(port, queue, handler, None), daemon=True).start()
serve(80, TFO_QUEUE, answer, log)
