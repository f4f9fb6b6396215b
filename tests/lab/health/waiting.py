"""Daemons that start, stop and start again while a program waits for them."""
import os
import shutil
import subprocess
import time

from ntplab.programs import NO_CLOCK, Tool
from ntplab.world import chronyd, real_command

CONF = "driftfile {folder}/drift\ndisable kernel\nserver 127.127.1.0 prefer minpoll 3 maxpoll 3\n"
PATIENCE = 60  # seconds for a daemon to trust its own clock


class Impostor:
    """A sleeping process with the name of a daemon; returns whether it has the capability to set the clock."""

    def __init__(self, namespace, folder):
        self._namespace, self._path = namespace, f"{folder}/ntpd"
        self._process = None

    def __enter__(self):
        shutil.copy(os.path.realpath(shutil.which("sleep")), self._path)
        self._process = subprocess.Popen(["ip", "netns", "exec", self._namespace, self._path, "300"], stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:  # until it has the name
            with open(f"/proc/{self._process.pid}/comm", encoding="ascii") as name:
                if name.read() == "ntpd\n":
                    break
            time.sleep(0.01)
        with open(f"/proc/{self._process.pid}/status", encoding="ascii") as status:
            capabilities = next(line for line in status if line.startswith("CapEff:"))
        return bool(int(capabilities.split()[1], 16) & 1 << 25)

    def __exit__(self, *reason):
        self._process.kill()
        self._process.wait()


class Daemon:
    """A daemon that can be started and killed."""

    def __init__(self, namespace, folder, command):
        self._words, self._folder = ["ip", "netns", "exec", namespace, *NO_CLOCK, *command], folder
        self._process = None

    def start(self):
        with open(f"{self._folder}/log", "ab") as log:
            self._process = subprocess.Popen(self._words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def end(self):
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


def run(lab, chosen, report, folder):
    """Runs all cases."""
    namespace = lab.namespace("stage")
    for kind, make in (("ntpd", classic), ("chronyd", chrony)):
        for program, arguments in (("ntp-wait", ["-v", "-n", "120", "-s", "0.5"]), ("ntpstat", ["--wait=90"])):
            name = f"{program} while {kind} starts, stops and starts again"
            if chosen.only and chosen.only not in name:
                continue
            place = f"{folder}/{kind}-{program}"
            os.makedirs(place)
            daemon = Daemon(namespace, place, make(place))
            try:
                comes_and_goes(namespace, Tool(program, chosen.ours, {}, f"{place}/bin"), arguments, daemon, report, name)
            finally:
                daemon.end()


def classic(place):
    with open(f"{place}/conf", "w", encoding="ascii") as conf:
        conf.write(CONF.format(folder=place))
    return [*real_command("ntpd"), "-n", "-c", f"{place}/conf"]


def chrony(place):
    os.chmod(place, 0o750)
    with open(f"{place}/conf", "w", encoding="ascii") as conf:
        conf.write(f"pidfile {place}/pid\nbindcmdaddress /\nport 0\nlocal stratum 4\n")
    return chronyd(f"{place}/conf")


def comes_and_goes(namespace, tool, arguments, daemon, report, name):
    """No daemon, one for a moment, none again, then one that keeps running."""
    began = tool.begin(namespace, arguments)
    time.sleep(1.5)
    daemon.start()
    time.sleep(0.3)
    daemon.end()
    time.sleep(1.5)
    daemon.start()
    outcome = began.finish(PATIENCE + 30)
    if tool.name == "ntp-wait":
        ok = outcome.stdout.startswith(b"Waiting for ntpd to synchronize...  \x08") and outcome.stdout.endswith(b"\x08OK!\n")
    else:
        first = b"ntpstat: waiting since 0 s: Unable to talk to NTP daemon. Is it running?\n"
        ok = outcome.stdout.startswith(b"synchronised to ") and outcome.stderr.startswith(first)
    report.check(name, ok and outcome.status == 0, outcome.show())
    daemon.end()
    if tool.name == "ntpstat":
        outcome = tool.run(namespace, [])
        report.check(f"{name}: finally stopped", outcome.status == 2 and not outcome.stdout, outcome.show())
