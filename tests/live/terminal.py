#!/usr/bin/env python3
# Run a command with a terminal of so many columns as its stderr, and copy what it writes there.
#
#	terminal.py COLUMNS COMMAND…
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

ours, theirs = pty.openpty()
fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
child = subprocess.Popen(sys.argv[2:], stderr=theirs)
os.close(theirs)
while True:
    try:
        said = os.read(ours, 4096)
    except OSError:  # nobody has the terminal any more
        break
    os.write(1, said)
sys.exit(child.wait())
