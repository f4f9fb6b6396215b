"""What a start costs: programs that ask nobody, ours and the reference's in turn. Not a test.

  lab.py start --ours PROGRAM [--runs 200]

Page faults, system calls and libraries are the same every time; times are medians, for a quiet machine. What runs is a copy, as
installing makes one: a file that the linker has just written lies in memory in smaller pieces, and a start takes 3 % longer. Needs
no privilege; system calls are counted where strace is there, memory where GNU time is.
"""
import argparse
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from ntplab import packages

# case -> (arguments of ours, program and arguments beside it)
CASES = {
    "ntptime": (["ntptime"], ["ntptime"]),
    "ntpstat, no daemon": (["ntpstat", "127.0.0.1:9"], ["/bin/true"]),
    "ntpq -c version": (["ntpq", "-c", "version"], ["/bin/true"]),
}
LOOPS = 20


def main(arguments):
    parser = argparse.ArgumentParser(prog="lab.py start", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", required=True, help="the multicall binary")
    parser.add_argument("--runs", type=int, default=200)
    chosen = parser.parse_args(arguments)
    ours = str(Path(chosen.ours).resolve())
    print(f"{ours}: {os.path.getsize(ours):,} octets, needs {', '.join(needed(ours)) or 'no library'}")
    print(f"{'case':20} {'program':10} {'median ms':>9} {'min ms':>7} {'ratio':>6} {'faults':>6} {'calls':>6} {'KiB':>6}")
    with tempfile.TemporaryDirectory() as home:
        installed = shutil.copy(ours, home)
        for case, (words, other) in CASES.items():
            name, *rest = other
            environment = {"PATH": "/usr/bin:/bin", "HOME": home, "LC_ALL": "C", "TZ": "UTC"}
            if name.startswith("/"):
                beside = ([name, *rest], environment)
            else:
                beside = ([str(packages.program(name)), *rest], {**environment, "LD_LIBRARY_PATH": packages.libraries(name)})
            compare(case, {Path(name).name: beside, "ntpkit": ([installed, *words], environment)}, chosen.runs)


def compare(case, sides, runs):
    """Runs the sides in turn, prints a line for each."""
    figures = {label: [] for label in sides}
    for _ in range(runs):
        for label, side in sides.items():
            figures[label].append(run(*side))
    base = statistics.median(figures[next(iter(sides))][at][0] for at in range(runs))
    for label, got in figures.items():
        times = [one[0] * 1000 for one in got]
        faults = min(one[1] for one in got)
        middle = statistics.median(times)
        print(f"{case:20} {label:10} {middle:9.2f} {min(times):7.2f} {middle / base / 1000:6.2f} {faults:6} {calls(*sides[label]):>6} {memory(*sides[label]):>6}",
              flush=True)


def run(command, environment):
    """(seconds, page faults) of one run."""
    quiet = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in range(3)]
    begin = time.perf_counter()
    process = os.posix_spawn(command[0], command, environment, file_actions=quiet)
    _, _, used = os.wait4(process, 0)
    return time.perf_counter() - begin, used.ru_minflt + used.ru_majflt


def calls(command, environment):
    """How many system calls a run makes."""
    if not shutil.which("strace"):
        return "?"
    with tempfile.NamedTemporaryFile() as trace:
        subprocess.run(["strace", "-f", "-o", trace.name, *command], env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        return sum(b"(" in line for line in trace.read().splitlines())


def memory(command, environment):
    """KiB of memory that a run takes at most. Its parent must be small: the figure begins with what that has."""
    if not shutil.which("time"):
        return "?"
    with tempfile.NamedTemporaryFile(mode="r") as report:
        watched = [shutil.which("time"), "-o", report.name, "-f", "%M", *command]
        subprocess.run(watched, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        return report.read().split()[-1]


def needed(program):
    """The libraries that a program names."""
    listed = subprocess.run(["objdump", "-p", program], capture_output=True, text=True, check=False).stdout
    return re.findall(r"NEEDED\s+(\S+)", listed)
