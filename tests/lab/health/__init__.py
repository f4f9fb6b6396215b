"""The health check with real daemons: ntpstat's three lines and exit status match the state of each daemon; and the peers of
daemons that do not speak mode 6."""
import json
import os
import re
import shutil
import tempfile
import time

from ntplab import packages
from ntplab.fakeserver import FakeServer
from ntplab.mode6 import reply
from ntplab.packages import LabError
from ntplab.programs import Tool
from ntplab.world import with_run_directory

from . import waiting

GOOD = re.compile(rb"synchronised to [^\n]+ at stratum (\d+) \n   time correct to within -?\d+ ms\n   polling server every \d+ s\n")
TRIES = 5
PATIENCE = 60  # seconds for a daemon to select its server
UNPRIVILEGED = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]

# states of the fake kernel, for fake_kernel.c
KERNEL_FOLLOWS = "0 0 0 16000 2345 6 1 32768000 0 0 0 0 0 0 0 1"
KERNEL_DOES_NOT_FOLLOW = "5 0 0 16000000 16000000 6 1 32768000 0 0 0 0 0 0 0 64"

#       host    daemon     stratum
SYNCHRONISED = [("time1", "ntpd", 1), ("hub", "ntpd", None), ("sec", "ntpd", None), ("many", "ntpd", 1), ("tick", "chronyd", 2)]
#       host     arguments           status  on standard output       on standard error
OTHERS = [
    ("young", [], 1, b"unsynchronised\n", b""),
    ("closed", [], 2, b"", b"timeout\nntpstat: ntpd: no answer (UDP port 123)\n"),
    ("shy", [], 2, b"", b"timeout\n"),
    ("time4", [], 2, b"", b"timeout\n"),
    ("op", [], 2, b"", b"Unable to talk to NTP daemon. Is it running?\nntpstat: ntpd: not listening (UDP port 123)\n"),
    ("op", ["192.0.2.20"], 0, b"synchronised to NTP server (", b""),
    ("op", ["2001:db8::21"], 0, b"synchronised to ", b""),
    ("op", ["192.0.2.16"], 1, b"unsynchronised\n", b""),
    ("op", ["192.0.2.22"], 0, b"synchronised to NTP server (192.0.2.11) at stratum 2 \n", b""),  # through chronyd's protocol
    ("op", ["192.0.2.14"], 2, b"", b"timeout\nntpstat: 192.0.2.14: ntpd: no answer (UDP port 123)\nntpstat: 192.0.2.14: chronyd: "
     b"not listening (UDP port 323)\nntpstat: 192.0.2.14: it serves time but answers no queries: "),
    ("op", ["192.0.2.17"], 2, b"", b"timeout\nntpstat: 192.0.2.17: ntpd: no answer (UDP port 123)\nntpstat: 192.0.2.17: chronyd: "
     b"not listening (UDP port 323)\nntpstat: 192.0.2.17: no reply, not even to a time request: "),
    ("nodns", ["time1.lab.test"], 2, b"", b"time1.lab.test: Temporary failure in name resolution\n"
     b"ntpstat: time1.lab.test: no name server answered: "),
    ("op", ["--daemon", "ntpd", "192.0.2.14"], 2, b"", b"timeout\n"),
    ("op", ["--daemon", "chronyd", "192.0.2.20"], 2, b"", b"Unable to talk to NTP daemon. Is it running?\n"),
    ("tick", ["--daemon", "ntpd"], 2, b"", b"timeout\n"),
    ("tick", ["--compat", "4.2.8p15"], 2, b"", b"timeout\n"),
    ("twins", [], 2, b"", b"more than one NTP daemon answers\nntpstat: ntpd: synchronised to "),
    ("twins", ["--daemon", "chronyd"], 0, b"synchronised to NTP server at stratum 5 \n", b""),
]
# peers: host, arguments, pattern in the table, text on standard error
PEERS = [
    ("tick", ["-pn"], rb"\n\*192\.0\.2\.11      -                1 u ", b"the peers of chronyd"),
    ("tick", ["-pn", "--daemon", "ntpd"], b"^$", b"timed out"),
    ("tick", ["-pn", "--compat", "4.2.8p15"], b"^$", b"timed out"),
    ("twins", ["-pn"], rb"\n\*127\.127\.1\.0 ", b""),
]


def run(lab, chosen, report):
    """Runs all cases."""
    if chosen.ours == "reference":
        raise LabError("health: there is nothing to compare the reference with")
    begin = time.monotonic()
    folder = tempfile.mkdtemp(prefix="health.", dir=lab.folder)
    os.chmod(folder, 0o755)
    try:
        Cases(lab, chosen, report, folder).run()
        waiting.run(lab, chosen, report, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"health: {time.monotonic() - begin:.0f} s", flush=True)


class Cases:
    """The cases and their environment."""

    def __init__(self, lab, chosen, report, folder):
        self.lab, self.chosen, self.report, self.folder = lab, chosen, report, folder
        self.stat, self.table = (self.tool(name, name) for name in ("ntpstat", "ntpq"))

    def run(self):
        for host, daemon, stratum in SYNCHRONISED:
            self.when(f"ntpstat on {host}", lambda name: self.synchronised(host, self.stat, [], name, daemon, stratum))
        for host, arguments, status, stdout, stderr in OTHERS:
            name = f"ntpstat {' '.join(arguments)} on {host}".replace("  ", " ")
            self.when(name, lambda name: self.ends(self.stat.run(self.lab.namespace(host), arguments), name, status, stdout, stderr))
        for host, arguments, stdout, stderr in PEERS:
            self.when(f"ntpq {' '.join(arguments)} on {host}", lambda name: self.shows(self.table, host, arguments, name, stdout, stderr))
        self.when("one datagram each way", self.one_datagram)
        self.when("two daemons, one of which may set the clock", self.owner)
        self.when("ntpd-rs", self.ntpd_rs)
        self.when("systemd-timesyncd", self.timesyncd)
        self.when("chronyd through its socket", self.socket)

    def when(self, name, case):
        if not self.chosen.only or self.chosen.only in name:
            case(name)

    def tool(self, folder, name, **settings):
        return Tool(name, self.chosen.ours, settings, f"{self.folder}/{folder}")

    def tool_with_run_directory(self, folder, name, host, run_name, before=()):
        """Returns the program wrapped so that it sees a host's folder as /run/NAME, and nothing else in /run."""
        words = with_run_directory(self.lab.folder / host, run_name, [*before, str(os.path.realpath(self.chosen.ours)), name])
        script = f"{self.folder}/{folder}.sh"
        quoted = " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)
        with open(script, "w", encoding="utf-8") as out:
            out.write(f'#!/bin/sh\nexec {quoted} "$@"\n')
        os.chmod(script, 0o755)
        return Tool(name, script, {}, f"{self.folder}/{folder}")

    def synchronised(self, host, stat, arguments, name, daemon, stratum):
        """Checks the three lines, status 0, JSON and plugin output of a synchronised daemon."""
        def check(name, options, is_good):
            deadline = time.monotonic() + PATIENCE
            while True:
                outcome = stat.run(self.lab.namespace(host), [*arguments, *options])
                ok = is_good(outcome)
                # Not yet; or, on a busy machine, too late for the daemon's bus.
                if ok or time.monotonic() > deadline:
                    break
                time.sleep(1)
            self.report.check(name, ok, outcome.show())

        def is_good_object(outcome):
            health = json.loads(outcome.stdout or b"{}")
            return health.get("daemon") == daemon and health.get("ok") is True and stratum in (None, health.get("stratum"))

        line = rb"NTP OK: synchronised to [^|\n]+\|offset=-?[\d.]+s;5;10 jitter=[\d.]+s;;;0 stratum=\d+;15;;0;16 maximum_error=[\d.]+s;5;10;0\n"
        check(name, [], lambda outcome: bool(GOOD.fullmatch(outcome.stdout)) and outcome.status == 0 and not outcome.stderr)
        check(f"{name} (json)", ["--format", "json"], is_good_object)
        check(
            f"{name} (check)",
            ["--check", "-w", "5,5,15", "-c", "10,10"],
            lambda outcome: bool(re.fullmatch(line, outcome.stdout)) and outcome.status == 0,
        )

    def ends(self, outcome, name, status, stdout, stderr):
        ok = outcome.status == status and outcome.stdout.startswith(stdout) and outcome.stderr.startswith(stderr)
        self.report.check(name, ok and bool(outcome.stdout) == bool(stdout), outcome.show())

    def shows(self, table, host, arguments, name, stdout, stderr):
        deadline = time.monotonic() + PATIENCE
        while True:
            outcome = table.run(self.lab.namespace(host), arguments)
            ok = bool(re.search(stdout, outcome.stdout)) and (stderr in outcome.stderr if stderr else not outcome.stderr)
            if ok or time.monotonic() > deadline:
                break
            time.sleep(1)
        self.report.check(name, ok, outcome.show())

    def by_itself(self, table, host, name, note):
        """Variables and associations, without `--daemon`; the dialect of 4.2.8p15 asks nobody else."""
        self.shows(table, host, ["-c", "rv 0 stratum"], f"{name}: variables", rb"stratum=\d+\n", note)
        self.shows(table, host, ["-c", "as"], f"{name}: associations", rb"\n  1     1  [0-9a-f]{4} ", note)
        outcome = table.run(self.lab.namespace(host), ["--compat", "4.2.8p15", "-c", "timeout 200", "-c", "rv 0 stratum"])
        ok = not outcome.stdout.strip() and note not in outcome.stderr
        self.report.check(f"{name}: variables in the dialect of 4.2.8p15", ok, outcome.show())

    def one_datagram(self, name):
        """One request and one reply suffice, and the other address is not queried."""
        namespace = self.lab.namespace("stage")
        servers = [FakeServer(namespace, address) for address in ("127.0.0.1", "::1")]
        try:
            text = "leap=0, stratum=2, rootdelay=3.0, rootdisp=1.0, refid=192.0.2.1, tc=6, offset=-0.25"

            def answer(request, number):
                return [reply(request, text, status=0x0615)]

            # if this machine was too busy to answer in time, ntpstat retransmits, and the run proves nothing
            for _ in range(TRIES):
                for server in servers:
                    server.play(answer)
                outcome = self.stat.run(namespace, [])
                counts = [server.requests for server in servers]
                if counts == [1, 0]:
                    break
            self.report.check(name, outcome.status == 0 and counts == [1, 0], f"{counts}\n{outcome.show()}")
            for _ in range(TRIES):
                servers[0].play(lambda request, number: [])
                servers[1].play(answer)
                outcome = self.stat.run(namespace, [])
                asked = servers[1].requests
                if asked == 1:
                    break
            self.report.check(f"{name}, to the other address", outcome.status == 0 and asked == 1, f"{asked}\n{outcome.show()}")
        finally:
            for server in servers:
                server.close()

    def owner(self, name):
        """If two daemons answer, ntpstat reports the one that may set the clock: here a process with a daemon's name."""
        with waiting.Impostor(self.lab.namespace("twins"), self.folder) as has_privilege:
            if not has_privilege:
                print(f"LEFT OUT {name}: needs a process with the capability to set the clock, which was given up", flush=True)
                return
            self.ends(self.stat.run(self.lab.namespace("twins"), []), name, 0, b"synchronised to local net at stratum 4 \n", b"")

    def ntpd_rs(self, name):
        path = f"ntpd-rs:{self.lab.folder}/rust/observe"
        self.synchronised("rust", self.stat, ["--daemon", path], f"{name} by path", "ntpd-rs", None)
        # with the daemon's folder in its usual place, so that it is found without a path
        stat = self.tool_with_run_directory("rust-stat", "ntpstat", "rust", "ntpd-rs")
        self.synchronised("rust", stat, [], f"{name} without a path", "ntpd-rs", None)
        table = self.tool_with_run_directory("rust-table", "ntpq", "rust", "ntpd-rs")
        row = rb"\n.192\.0\.2\.13      -                [\d-] u +\d+ +\d+    - +-?[\d.]+ +-?[\d.]+ +[\d.]+\n"
        self.shows(table, "rust", ["-pn"], f"{name}: peers", row, b"the peers of ntpd-rs, from its own protocol")
        self.by_itself(table, "rust", name, b"ntpd-rs answers, in its own protocol")
        stat = self.tool_with_run_directory("rust-nobody", "ntpstat", "rust", "ntpd-rs", before=UNPRIVILEGED)
        self.synchronised("rust", stat, [], f"{name} as an unprivileged user", "ntpd-rs", None)

    def timesyncd(self, name):
        settings = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.lab.folder}/bus/bus", "LD_PRELOAD": str(packages.shared_object("fake_kernel"))}
        stat = self.tool("bus-stat", "ntpstat", FAKE_KERNEL=KERNEL_FOLLOWS, **settings)
        self.synchronised("bus", stat, [], name, "systemd-timesyncd", 2)
        self.synchronised("bus", stat, ["--daemon", "timesyncd"], f"{name} by name", "systemd-timesyncd", 2)
        stat = self.tool("bus-idle", "ntpstat", FAKE_KERNEL=KERNEL_DOES_NOT_FOLLOW, **settings)
        self.ends(stat.run(self.lab.namespace("bus"), []), f"{name}, clock not synchronised", 1, b"unsynchronised\n", b"")
        table = self.tool("bus-table", "ntpq", FAKE_KERNEL=KERNEL_FOLLOWS, **settings)
        row = rb"\n\*192\.0\.2\.11      \.LOCL\.           1 u +[\d-]+ +\d+    - +[\d.]+ +-?[\d.]+ +[\d.]+\n"
        self.shows(table, "bus", ["-pn"], f"{name}: peers", row, b"the peers of systemd-timesyncd, from its own protocol")
        self.by_itself(table, "bus", name, b"timesyncd answers, in its own protocol")

    def socket(self, name):
        stat = self.tool_with_run_directory("socket-stat", "ntpstat", "cellar", "chrony")
        self.synchronised("cellar", stat, [], name, "chronyd", 2)
        table = self.tool_with_run_directory("socket-table", "ntpq", "cellar", "chrony")
        row = rb"\n\*192\.0\.2\.11      \.LOCL\.           1 u +\d+ +16 +\d+ +\d+\.\d+ +-?[\d.]+ +[\d.]+\n"
        self.shows(table, "cellar", ["-pn"], f"{name}: peers", row, b"the peers of chronyd, from its own protocol")
        self.by_itself(table, "cellar", name, b"chronyd answers, in its own protocol")
        left = sorted(path.name for path in (self.lab.folder / "cellar").glob("*.sock"))
        self.report.check(f"{name}: no socket is left behind", left == ["chronyd.sock"], str(left))
        stat = self.tool_with_run_directory("socket-nobody", "ntpstat", "cellar", "chrony", before=UNPRIVILEGED)
        outcome = stat.run(self.lab.namespace("cellar"), [])
        line = b"ntpstat: chronyd listens at /run/chrony/chronyd.sock, which is closed to this user\n"
        self.report.check(f"{name} as an unprivileged user", outcome.status == 2 and line in outcome.stderr, outcome.show())
