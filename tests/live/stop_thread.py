#!/usr/bin/env python3
# stop_thread.py PID NAME SECONDS: one thread of a process is off its CPU for so long, the others go
# on. No signal can do that; a debugger can.
import ctypes
import os
import sys
import time

PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207
WALL = 0x40000000

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


def ptrace(request, tid):
    if libc.ptrace(request, tid, None, None) < 0:
        sys.exit("ptrace: %s" % os.strerror(ctypes.get_errno()))


def find(pid, name):
    for tid in os.listdir("/proc/%s/task" % pid):
        with open("/proc/%s/task/%s/comm" % (pid, tid)) as comm:
            if comm.read().strip() == name:
                return int(tid)
    sys.exit("no thread %s" % name)


pid, name, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
tid = find(pid, name)
ptrace(PTRACE_SEIZE, tid)
ptrace(PTRACE_INTERRUPT, tid)
os.waitpid(tid, WALL)
time.sleep(seconds)
ptrace(PTRACE_DETACH, tid)
