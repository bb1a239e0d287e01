#!/usr/bin/python3
"""The frames of an Ethernet capture (pcap, microseconds, this machine's order) in other files.

    convert_pcap.py IN KIND OUT

KIND: raw, null, loop, vlan, qinq, sll (link types and tags), nano, big, pcapng, pcapng-big (files),
cut (a snaplen right behind the longest headers), sums (checksums that nobody has filled in),
own (pcapng with the comment of our own captures), two (two link types in one pcapng).
"""
import struct
import sys

ETHERNET = 1
LINK = {"raw": 101, "null": 0, "loop": 108, "sll": 113}


def packets(path):
    data = open(path, "rb").read()
    magic, link = struct.unpack_from("<I", data)[0], struct.unpack_from("<I", data, 20)[0]
    assert magic == 0xA1B2C3D4 and link == ETHERNET, (hex(magic), link)
    at = 24
    while at < len(data):
        seconds, micros, there, wire = struct.unpack_from("<IIII", data, at)
        yield seconds, micros, data[at + 16 : at + 16 + there], wire
        at += 16 + there


def without_sums(frame):
    octets = bytearray(frame)
    if octets[12:14] == b"\x08\x00" and octets[23] == 6:
        tcp = 14 + (octets[14] & 15) * 4
        octets[24:26] = b"\0\0"
    elif octets[12:14] == b"\x86\xdd" and octets[20] == 6:
        tcp = 54
    else:
        return frame
    octets[tcp + 16 : tcp + 18] = b"\0\0"
    return bytes(octets)


def changed(kind, frame):
    ip = frame[14:]
    family = 2 if ip[0] >> 4 == 4 else 24
    return {
        "raw": lambda: ip,
        "null": lambda: struct.pack("<I", family) + ip,
        "loop": lambda: struct.pack(">I", family) + ip,
        "sll": lambda: struct.pack(">HHH8s", 0, 1, 6, b"") + frame[12:],
        "vlan": lambda: frame[:12] + b"\x81\x00\x00\x05" + frame[12:],
        "qinq": lambda: frame[:12] + b"\x88\xa8\x00\x05\x81\x00\x00\x06" + frame[12:],
        "sums": lambda: without_sums(frame),
    }.get(kind, lambda: frame)()


def is_ip(frame):
    return frame[12:14] in (b"\x08\x00", b"\x86\xdd")


def write_pcap(kind, frames, out):
    order = ">" if kind == "big" else "<"
    is_nano = kind == "nano"
    magic = 0xA1B23C4D if is_nano else 0xA1B2C3D4
    link = LINK.get(kind, ETHERNET)
    out.write(struct.pack(order + "IHHIIII", magic, 2, 4, 0, 0, 262144, link))
    for seconds, micros, frame, wire in frames:
        if link != ETHERNET and not is_ip(frame):
            continue
        octets = changed(kind, frame)
        wire += len(octets) - len(frame)
        if kind == "cut":
            octets = octets[: 14 + 40 + 60]
        out.write(struct.pack(order + "IIII", seconds, micros * (1000 if is_nano else 1), len(octets), wire))
        out.write(octets)


def block(order, kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)


def write_pcapng(kind, frames, out):
    order = ">" if kind == "pcapng-big" else "<"
    comment = b'{"dpdk-tfoscan":1}' if kind == "own" else b"somebody else's"
    option = struct.pack(order + "HH", 1, len(comment)) + comment + b"\0" * (-len(comment) % 4)
    out.write(block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1) + option + b"\0" * 4))
    out.write(block(order, 1, struct.pack(order + "HHI", ETHERNET, 0, 0)))
    if kind == "two":
        out.write(block(order, 1, struct.pack(order + "HHI", 101, 0, 0)))
    for number, (seconds, micros, frame, wire) in enumerate(frames):
        ticks = seconds * 1000000 + micros
        interface = 1 if kind == "two" and number > 20 else 0
        head = struct.pack(order + "IIIII", interface, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), wire)
        out.write(block(order, 6, head + frame))


def main():
    source, kind, target = sys.argv[1:]
    is_ng = kind.startswith("pcapng") or kind in ("own", "two")
    with open(target, "wb") as out:
        (write_pcapng if is_ng else write_pcap)(kind, packets(source), out)


main()
