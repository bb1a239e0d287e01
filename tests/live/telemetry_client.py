#!/usr/bin/env python3
# Ask a scan by DPDK's telemetry socket.
#
#	telemetry_client.py SOCKET COMMAND…        the answer to each, a line of JSON
#	telemetry_client.py SOCKET --endpoint FILE what this endpoint of DPDK's exporter makes of it, a
#	                                           line each: name, labels, value; all must be in info()
import importlib.util
import json
import socket
import sys


class Client:
    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.sock.settimeout(10)
        self.sock.connect(path)
        self.octets = json.loads(self.sock.recv(1024))["max_output_len"]

    def cmd(self, uri, arg=None):
        self.sock.send((uri if arg is None else "%s,%s" % (uri, arg)).encode())
        return json.loads(self.sock.recv(self.octets))[uri]


client = Client(sys.argv[1])
if sys.argv[2] == "--endpoint":
    spec = importlib.util.spec_from_file_location("endpoint", sys.argv[3])
    endpoint = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode = True
    spec.loader.exec_module(endpoint)
    info = endpoint.info()
    for name, value, labels in endpoint.metrics(client):
        text, kind = info[name]
        assert text and kind in ("counter", "gauge"), name
        print(name, ",".join("%s=%s" % pair for pair in sorted(labels.items())) or "-", value)
else:
    for command in sys.argv[2:]:
        print(json.dumps(client.cmd(*command.split(",", 1))))
