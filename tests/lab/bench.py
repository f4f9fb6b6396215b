"""Compares the speed of ours with the reference, NTPsec's ntpq and chronyc, run alternately (A B C A B C ...) over the same relay.
Not a test. The limit of a case is what the protocol needs: its round trips in turn.

  lab.py bench --ours PROGRAM --fleet target/release/examples/fleet: thousands of simulated hosts instead
  lab.py bench --ours PROGRAM [--rtt 0,20,100] [--loss 0.05,0.2] [--runs 5] [--skip name-server]
"""
import argparse
import os
import select
import statistics
import struct
import subprocess
import tempfile
import time
from pathlib import Path

import bench_fleet
from ntplab import namespaces, packages
from ntplab.plan import HOSTS
from ntplab.relay import Relay, Impairments
from ntplab.silence import SilentNameServer
from ntplab.world import World

TIME_LIMIT = 300


def main(arguments):
    parser = argparse.ArgumentParser(prog="lab.py bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", required=True, help="the multicall binary")
    parser.add_argument("--rtt", default="0,20,100", help="milliseconds")
    parser.add_argument("--loss", default="0.05", help="shares from 0 to 1, at a round trip of 20 ms")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--skip", default="", help="start-up, table, chrony, loss, name-server")
    parser.add_argument("--fleet", metavar="PROGRAM", help="the example `fleet`: measure on a simulated fleet, with nothing beside ours")
    chosen = parser.parse_args(arguments)
    if chosen.fleet:
        return bench_fleet.main(chosen.ours, chosen.fleet)
    skipped = chosen.skip.split(",")
    with World() as lab, tempfile.TemporaryDirectory() as folder:
        sides = {"reference": Side(folder, "reference", packages.program("ntpq"), {"LD_LIBRARY_PATH": packages.libraries("ntpq")}),
                 "ntpsec": Side(folder, "ntpsec", packages.program("ntpsec-ntpq"), ntpsec_settings()),
                 "ours": Side(folder, "ours", chosen.ours, {})}
        lab.wait_until_ready()
        print(f"{'case':34} {'tool':9} {'median ms':>10} {'min-max':>15} {'ratio':>6} {'limit':>6} {'up':>5} {'down':>5} {'rows':>5} {'RSS KiB':>8} status")
        if "start-up" not in skipped:
            compare("ntpq -c version", sides, lab.namespace("op"), ["-c", "version"], chosen.runs * 4)
        if "table" not in skipped:
            for rtt in map(float, chosen.rtt.split(",")):
                table(lab, sides, f"-pn, 61 associations, {rtt:g} ms", Impairments(delay=rtt / 2000), chosen.runs)
        if "chrony" not in skipped:
            chrony(lab, folder, chosen)
        if "loss" not in skipped:
            for loss in map(float, chosen.loss.split(",")):
                table(lab, sides, f"-pn, 61, 20 ms, {loss:.0%} lost", Impairments(delay=0.01, loss=loss), min(chosen.runs, 3))
        if "name-server" not in skipped:
            with SilentNameServer(lab.namespace("nodns")):
                for option in ("-pn", "-p"):
                    compare(f"{option}, silent name server", sides, lab.namespace("nodns"), [option, HOSTS["hub"].addresses[0]], 1)


def ntpsec_settings():
    """The environment of NTPsec's ntpq, which is a Python script."""
    modules = packages.program("ntpsec-ntpq").parent.parent / "lib/python3/dist-packages"
    return {"LD_LIBRARY_PATH": packages.libraries("ntpsec-ntpq"), "PYTHONPATH": str(modules), "PYTHONDONTWRITEBYTECODE": "1"}


class Side:
    """One of the programs."""

    def __init__(self, folder, label, path, settings, name="ntpq"):
        home = Path(folder) / label
        home.mkdir()
        self._program = home / name
        self._program.symlink_to(Path(path).resolve())
        self._settings = {"PATH": "/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C", "TZ": "UTC", **settings}

    def run(self, namespace, arguments, watch_memory=False):
        """Returns (seconds, table rows, peak KiB of memory, status). Watching memory slows the run, so do it in a separate one."""
        resolv_conf = namespaces.ETC / namespace / "resolv.conf"
        reader, writer = os.pipe()
        with tempfile.TemporaryFile() as out:
            def move():
                namespaces.enter(namespace)
                namespaces.LIBC.unshare(0x00020000)  # a mount namespace, for the name service
                namespaces.LIBC.mount(b"none", b"/", None, 0x4000 | 1 << 18, None)  # private
                for file in ("resolv.conf", "hosts", "nsswitch.conf"):
                    namespaces.LIBC.mount(str(resolv_conf.with_name(file)).encode(), f"/etc/{file}".encode(), None, 0x1000, None)  # bind
                os.write(writer, struct.pack("d", time.monotonic()))  # just before exec, where the program starts
            process = subprocess.Popen([str(self._program), *arguments], env=self._settings, stdin=subprocess.DEVNULL, stdout=out,
                                       stderr=subprocess.DEVNULL, preexec_fn=move)
            ended = os.pidfd_open(process.pid)  # process.wait(timeout) only polls
            memory = self._watch(process.pid, ended) if watch_memory else 0
            if not select.select([ended], [], [], TIME_LIMIT)[0]:
                process.kill()
            spent = time.monotonic() - struct.unpack("d", os.read(reader, 8))[0]
            process.wait()
            for handle in (ended, reader, writer):
                os.close(handle)
            out.seek(0)
            lines = out.read().decode("latin-1").splitlines()
        return spent, len([line for line in lines[2:] if line.strip()]), memory, process.returncode

    @staticmethod
    def _watch(pid, ended):
        memory, until = 0, time.monotonic() + TIME_LIMIT
        while not select.select([ended], [], [], 0.0005)[0] and time.monotonic() < until:
            status = Path(f"/proc/{pid}/status").read_text()
            high = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")]
            memory = max([memory, *high])
        return memory


def table(lab, sides, case, impairments, runs):
    with Relay(lab.namespace("op"), "127.201.0.1", HOSTS["many"].addresses[0], impairments) as link:
        # The list of associations, then the variables of all of them.
        compare(case, sides, lab.namespace("op"), ["-pn", link.address], runs, link, limit=4 * impairments.delay)


def chrony(lab, folder, chosen):
    """chronyc and ours, asking a chronyd over its port."""
    sides = {"reference": Side(folder, "chronyc", packages.program("chronyc"), {"LD_LIBRARY_PATH": packages.libraries("chronyc")}, "chronyc"),
             "ours": Side(folder, "ours-chrony", chosen.ours, {}, "ntpkit")}
    host = HOSTS["tick"].addresses[0]
    for command in "tracking", "sources":
        words = {"reference": ["-n", "-h", host, command], "ours": ["chrony", command, host]}
        compare(f"chronyc {command}", sides, lab.namespace("op"), words, chosen.runs * 2)


def compare(case, sides, namespace, arguments, runs, link=None, limit=None):
    """Runs the sides alternately; prints a line for each. `arguments` may differ from side to side; `limit`: seconds."""
    words = arguments if isinstance(arguments, dict) else dict.fromkeys(sides, arguments)
    figures = {label: [] for label in sides}
    for _ in range(runs):
        for label, side in sides.items():
            before = link.counts() if link else (0, 0)
            spent, rows, _, status = side.run(namespace, words[label])
            time.sleep(0.02 if link else 0)
            after = link.counts() if link else (0, 0)
            figures[label].append((spent, rows, status, after[0] - before[0], after[1] - before[1]))
    base = statistics.median(one[0] for one in figures["reference"])
    limit_shown = "" if limit is None else f"{limit * 1000:.0f}"
    for label, got in figures.items():
        memory = sides[label].run(namespace, words[label], watch_memory=True)[2] if runs > 1 else 0
        times = [one[0] * 1000 for one in got]
        middle = statistics.median(times)
        rows, up, down = (statistics.median(one[index] for one in got) for index in (1, 3, 4))
        print(f"{case:34} {label:9} {middle:10.1f} {min(times):7.1f}-{max(times):<7.1f} {middle / base / 1000:6.2f} {limit_shown:>6} {up:5g} {down:5g} {rows:5g} {memory:8}"
              f" {sorted({one[2] for one in got})}", flush=True)


