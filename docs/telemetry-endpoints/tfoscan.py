# An endpoint of DPDK's dpdk-telemetry-exporter.py: what a running scan tells at /tfoscan/*, for
# Prometheus, OpenMetrics or Graphite. docs/watching.md says how to use it.
#
#	dpdk-telemetry-exporter.py -p docs/telemetry-endpoints -s /var/run/dpdk/rte/dpdk_telemetry.v2

# of /tfoscan/status: the name there, what it is, and its type
STATUS = {
    "elapsed_seconds": ("Since the start.", "gauge"),
    "left_seconds": ("Until the end, if that is known.", "gauge"),
    "targets_planned": ("Targets in all, if that is known.", "gauge"),
    "targets_begun": ("Targets begun.", "counter"),
    "in_flight": ("Targets begun and without a record.", "gauge"),
    "records": ("Targets that are done.", "counter"),
    "answered": ("Of these, from which a frame came.", "counter"),
    "tfo": ("Of these, that gave a cookie.", "counter"),
    "sent": ("Frames sent.", "counter"),
    "received": ("Frames received.", "counter"),
    "drops": ("Frames that came and were lost on our own side.", "counter"),
    "unsent": ("Frames that were to leave and did not.", "counter"),
    "rate_wanted": ("Frames a second that are wanted; 0: no limit.", "gauge"),
    "rate_limit": ("Frames a second, now; 0: no limit.", "gauge"),
    "rate_silent": ("Frames a second that there is room for if all targets are silent.", "gauge"),
    "rate_taken_back": ("Times that a climbing rate was taken back.", "counter"),
}

WORKER = {
    "frames_sent": ("Frames sent by a worker.", "counter"),
    "frames_received": ("Frames received by a worker.", "counter"),
    "in_flight": ("Targets in flight of a worker.", "gauge"),
    "done": ("Targets that a worker has done.", "counter"),
    "longest_pause_us": ("Longest pause of a worker, in microseconds.", "gauge"),
}


def info():
    of_workers = {"worker_" + name: row for name, row in WORKER.items()}
    return {
        **STATUS,
        **of_workers,
        "event": ("Each counter of all workers, and own losses.", "counter"),
        "condition": ("Targets with each condition.", "counter"),
    }


def metrics(sock):
    status = sock.cmd("/tfoscan/status")
    values = [(name, status[name], {}) for name in STATUS if name in status]
    for name, value in sock.cmd("/tfoscan/counters").items():
        values.append(("event", value, {"counter": name}))
    for word, value in sock.cmd("/tfoscan/conditions").items():
        values.append(("condition", value, {"word": word}))
    for worker, row in sock.cmd("/tfoscan/workers").items():
        for name in WORKER:
            values.append(("worker_" + name, row[name], {"worker": worker.split("_")[1]}))
    return values
