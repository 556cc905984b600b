# SPDX-License-Identifier: Apache-2.0
"""What the benchmark scripts share: running commands side by side, spread, and the machine."""

import argparse
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def cores():
    return len(os.sched_getaffinity(0))


def positive(text):
    """An argument that is a count: nothing can be measured, or divided by, in no round at all."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def find_reelmill(given):
    """The tool: as given, or from a release build of this tree."""
    for path in [given] if given else [ROOT / "build/release/bin/reelmill",
                                       ROOT / "build/bench/bin/reelmill"]:
        if shutil.which(str(path)):
            return str(path)
    sys.exit("no release build of reelmill: cmake --preset release && cmake --build build/release")


class Cost:
    """Wall seconds and CPU seconds of all processes of one job."""

    def __init__(self, wall, cpu, peak_kib=0):
        self.wall, self.cpu, self.peak_kib = wall, cpu, peak_kib


def run_together(commands, env=None):
    """Starts all commands at once, waits for all. Ends the script where one fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    with tempfile.TemporaryFile() as said:
        running = [subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                                    env={**os.environ, **(env or {})}) for command in commands]
        codes = [process.wait() for process in running]
        wall = time.monotonic() - begin
        if any(codes):
            said.seek(0)
            sys.exit(f"{commands[0]}: exit {codes}\n{said.read().decode(errors='replace')[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def peak_of(command):
    """Runs a command; its exit code and peak resident memory in KiB."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_maxrss


def spread(values):
    """`median (least-greatest)`."""
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def machine():
    """The machine and what runs on it, without names of places."""
    info = Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", info)
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    version = subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True).stdout.split()
    system = re.search(r'PRETTY_NAME="(.*)"', Path("/etc/os-release").read_text())
    return (f"{model.group(1) if model else 'unknown processor'}, {cores()} cores, "
            f"{int(memory.group(1)) // 2**20} GiB, {system.group(1)}, FFmpeg {version[2]}")
