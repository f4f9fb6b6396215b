"""Runs the suites in parallel, because they mostly wait.

A lane is a list of suites that run one after the other, in their own process and network, so that lanes do not see each
other's traffic. The output of a lane is printed when the lane ends."""
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ntplab import machine, packages, world
from ntplab.packages import LabError
from ntplab.report import Report, close

LANES = (("private",), ("keys", "config"), ("compliance", "control", "mrulist", "plugins", "exporter", "contrib", "trace", "fleet"), ("health", "diag", "ntpdate", "badnet"), ("kernel",), ("clock",),
         ("generated", "chrony"), ("nts",))
# These measure delays and count datagrams, so they wait until the heavy lanes have ended. They are the last of their lane.
QUIET = ("ntpdate", "badnet")
NAMES = tuple(name for lane in LANES for name in lane)
# Suites that need only a few hosts, without daemons.
FEW_HOSTS = {"config": (), "kernel": ("op",), "clock": (), "generated": ("stage",),
             "chrony": ("op", "time1", "time2", "hub", "sec"),
             "nts": ("op", "stage", "time1", "time2", "time3", "time4", "young", "closed", "shy", "strict", "hub", "sec", "tick")}
IN_MACHINE = ("kernel", "clock")


def run(chosen):
    """Runs the chosen suites; returns the exit status: 0 passed, 1 failed, 3 something could not be tested at all."""
    names = chosen.names or NAMES
    lanes = [[name for name in lane if name in names] for lane in LANES]
    lanes = [lane for lane in lanes if lane]
    if chosen.in_turn:
        lanes = [[name for lane in lanes for name in lane]]
    with tempfile.TemporaryDirectory(prefix="ntpkit-lab.") as folder:
        os.chmod(folder, 0o755)  # some cases run as an unprivileged user
        if chosen.totals is None:
            chosen.ours = copy_of(chosen.ours, folder)
        if len(lanes) == 1:
            return in_this_process(lanes[0], chosen)
        return side_by_side(lanes, chosen, Path(folder))


def copy_of(ours, folder):
    """Copies the program to where every user may run it and no build replaces it."""
    if ours == "reference":
        return ours
    if not os.access(ours, os.X_OK):
        raise LabError(f"--ours {ours}: not a program")
    return shutil.copy(ours, Path(folder) / "ntpkit")


def in_this_process(names, chosen):
    """Runs these suites one after the other in one network."""
    hosts = None
    if all(name in FEW_HOSTS for name in names):
        hosts = sorted({host for name in names for host in FEW_HOSTS[name]})
    begin, totals = time.monotonic(), {}
    with world.World(hosts=hosts) as lab:
        built = time.monotonic() - begin
        print(f"lab: built in {built:.0f} s, ready {lab.wait_until_ready():.0f} s later", flush=True)
        for name in names:
            if name in QUIET and chosen.lock:
                with open(chosen.lock, encoding="ascii") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX)  # waits for the heavy lanes
            report, started = Report(chosen.verbose), time.monotonic()
            __import__(name, fromlist=["run"]).run(lab, chosen, report)
            totals[name] = report.totals(time.monotonic() - started)
    if chosen.totals is None:
        return close(totals)
    Path(chosen.totals).write_text(json.dumps(totals))
    return 0


def side_by_side(lanes, chosen, folder):
    """Runs each lane in its own process."""
    packages.fetch()  # once for all
    if any(name in IN_MACHINE for lane in lanes for name in lane):
        try:
            machine.prepare()
        except LabError:
            pass  # the suite itself reports what is missing
    for kind in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(kind, lambda number, frame: sys.exit(128 + number))
    options = ["--ours", chosen.ours, "--workers", str(chosen.workers), *(["--only", chosen.only] if chosen.only else []),
               *(["--classic-only"] if chosen.classic_only else []), *(["--verbose"] if chosen.verbose else [])]
    lock = folder / "heavy"
    lock.touch()
    processes, totals, silent = [], {}, []

    def start(number, lane):
        is_heavy = not any(name in QUIET or name in IN_MACHINE for name in lane)
        held = open(lock, encoding="ascii") if is_heavy else None
        if held:
            fcntl.flock(held, fcntl.LOCK_SH)
        words = [sys.executable, str(Path(__file__).with_name("lab.py")), "suite", *lane, *options, "--totals", str(folder / f"{number}.json"),
                 "--lock", str(lock)]
        processes.append(subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                          errors="replace"))
        return processes[-1], held

    def watch(started):
        """Waits for a lane; returns its output."""
        process, held = started
        try:
            return process.communicate()[0]
        finally:
            if held:
                held.close()

    try:
        started = [start(number, lane) for number, lane in enumerate(lanes)]
        with ThreadPoolExecutor(len(lanes)) as pool:
            for number, output in enumerate(pool.map(watch, started)):
                print(f"--- {', '.join(lanes[number])}\n{output}", end="", flush=True)
                left = folder / f"{number}.json"
                if processes[number].returncode == 0 and left.exists():
                    totals.update(json.loads(left.read_text()))
                else:
                    silent.append(f"{', '.join(lanes[number])}: ended with status {processes[number].returncode}, nothing was tested")
    finally:
        for process in processes:
            if process.poll() is None:
                process.terminate()  # it takes its network down
                process.wait()
    ordered = {name: totals[name] for name in NAMES if name in totals}
    return close(ordered, silent)
