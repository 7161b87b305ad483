"""The end in Python of scripts/bench/contestant.ts: a process that times calls when told to."""

import json
import resource
import sys
import time

import torch


def serve(call, steps=1):
    """Calls twice to warm up and prints {"ready": true, "version": ...}; then each line {"steps": n} on stdin is answered by one line
    {"ms": [...], "peakRssMB": ...} with the times of n calls, each divided by the steps that a call takes. Ends with stdin."""
    for _ in range(2):
        call()
    print(json.dumps({"ready": True, "version": torch.__version__}), flush=True)
    for line in sys.stdin:
        times = []
        for _ in range(json.loads(line)["steps"]):
            begun = time.perf_counter()
            call()
            times.append(1e3 * (time.perf_counter() - begun) / steps)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps({"ms": times, "peakRssMB": peak}), flush=True)
