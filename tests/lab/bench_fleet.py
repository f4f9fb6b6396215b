"""Figures of ours on a simulated fleet: how long thousands of hosts take, and how much memory. Not a test."""
import itertools
import os
import resource
import subprocess
import tempfile
import time
from pathlib import Path

ROUND_TRIP = 20  # milliseconds
LONGEST = 600  # seconds that a fleet lives
HOSTS, MANY, FEW, HUNDRED = 10_000, 3000, 1000, 100
# The hosts' numbers: all of them, and those that are chronyds.
ALL = range(257, 1 << 24)
CHRONYDS = range(331, 1 << 24, 50)


def main(ours, fleet):
    """Runs every case; `fleet` is the example of that name."""
    with tempfile.TemporaryDirectory() as folder:
        for silent_every, label in ((0, "all answer"), (10, "every tenth silent")):
            with Fleet(fleet, silent_every) as (port, chrony_port):
                measure = Measure(ours, folder, port)
                print(f"{'case, ' + label:48} {'s':>7} {'MiB':>6} {'lines':>6} status", flush=True)
                peers = ["ntpq", "-n", "--format", "json", "-p"]
                measure(f"{HOSTS} hosts, ntpq -n --format json -p", peers, HOSTS)
                measure(f"{HOSTS} hosts, ntpq --format json -p", ["ntpq", "--format", "json", "-p"], HOSTS)
                measure(f"{HOSTS} hosts, ntpkit fleet", ["fleet", "--chrony-port", str(chrony_port), "--format", "json"], HOSTS)
                chronyds = Measure(ours, folder, chrony_port, CHRONYDS)
                chronyds(f"{MANY} chronyds, ntpq -n --format json -p", ["ntpq", "--daemon", "chronyd", "-n", "--format", "json", "-p"], MANY)
                measure(f"{HOSTS} servers, ntpdate -q", ["ntpdate", "-q"], HOSTS)
                measure(f"{HUNDRED} hosts, ntpq -n -p", ["ntpq", "-n", "-p"], HUNDRED)
                measure(f"{FEW} hosts, ntpq -n -p, 64 descriptors", peers, FEW, descriptors=64)


class Fleet:
    """The simulated fleet at 127/8."""

    def __init__(self, program, silent_every):
        words = [program, str(LONGEST), str(ROUND_TRIP), str(silent_every)]
        self._process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        # ntpkit fleet --port PORT --chrony-port PORT NETWORK
        words = self._process.stdout.readline().split()
        return tuple(int(words[words.index(option) + 1]) for option in ("--port", "--chrony-port"))

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()


class Measure:
    """Runs a command line for so many hosts, and prints what it took."""

    def __init__(self, ours, folder, port, numbers=ALL):
        self._ours, self._folder, self._port, self._numbers = Path(ours).resolve(), Path(folder), port, numbers

    def __call__(self, case, words, count, descriptors=None):
        hosts = self._folder / "hosts"
        names = (f"127.{n >> 16}.{n >> 8 & 255}.{n & 255}:{self._port}" for n in itertools.islice(self._numbers, count))
        hosts.write_text("\n".join(names) + "\n")

        def limit():
            if descriptors:
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
        out = self._folder / "out"
        begin = time.monotonic()
        with open(out, "wb") as stdout:
            process = subprocess.Popen([self._ours, *words, "--hosts-from", hosts, "--yes"], stdout=stdout, stderr=subprocess.DEVNULL, preexec_fn=limit)
            _, status, used = os.wait4(process.pid, 0)
        spent = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        # What this process holds in memory counts as the next one's, which is forked from it.
        with open(out, "rb") as results:
            lines = sum(1 for _ in results)
        print(f"{case:48} {spent:7.2f} {used.ru_maxrss / 1024:6.1f} {lines:6} {process.returncode}", flush=True)
