"""Compares `ntpkit chrony` with the real chronyc, of two releases, each with a chronyd of its own: every report, with names and
without, in columns and as CSV, over UDP and through the Unix socket.

Much of what chronyd reports moves all the time. So chronyc is asked before ours and again after: a line of ours must be one of
these two answers, or have the same words and only numbers between theirs."""
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ntplab import packages, world
from ntplab.packages import LabError
from ntplab.plan import HOSTS
from ntplab.programs import Tool
from ntplab.world import NO_CLOCK
from nts.authority import Authority

TRIES = 5
PATIENCE = 40  # seconds for the daemons to select a source
SEEDS = 4
PORT = 10323
NUMBER = re.compile(rb"[-+]?\d+(?:\.\d+)?")

KEYS = "2 SHA1 ASCII:sha1asciikey\n"
SERVER = "allow all\npidfile @DIR@/pid\nbindcmdaddress /\ncmdport 0\nlocal stratum {}\nkeyfile @DIR@/keys\n"
WITH_NTS = "ntsserverkey @CA@/time1.key\nntsservercert @CA@/time1.pem\nntsdumpdir @DIR@\n"
# sources of every kind: with options, with a key, with NTS, without its key exchange, silent, unresolved, a peer, a reference clock without samples
CLIENT = """allow all
pidfile @DIR@/pid
bindcmdaddress @DIR@/chronyd.sock
cmdport 323
cmdallow all
bindcmdaddress 0.0.0.0
bindcmdaddress ::
keyfile @DIR@/keys
server 192.0.2.11 iburst minpoll 5 maxpoll 5 prefer trust
server 192.0.2.12 iburst minpoll 5 maxpoll 5 key 2
ntstrustedcerts @CA@/ca.pem
server 2001:db8::11 iburst minpoll 5 maxpoll 5 require nts
server 2001:db8::20 nts
server 2001:db8::12 iburst minpoll 5 maxpoll 5 noselect
server 192.0.2.99 minpoll 10
server nosuch.invalid
peer 192.0.2.51 minpoll 10
refclock SHM 0 refid GPSX poll 4
"""
#         host     configuration of which daemon
SERVERS = [("time1", SERVER.format(1) + WITH_NTS), ("time2", SERVER.format(2))]
#          release  host     daemon
RELEASES = [("4.3", "hub", "chrony"), ("4.6", "sec", "chrony-new")]

# reports for everybody, and those for the Unix socket alone
OPEN = ("tracking", "sources", "sources -a", "sources -v", "sourcestats", "sourcestats -a", "sourcestats -v", "activity")
PRIVATE = ("selectdata", "selectdata -a", "selectdata -v", "authdata", "authdata -a", "authdata -v", "ntpdata", "serverstats", "clients",
           "clients -k", "clients -p 2")


def run(lab, chosen, report):
    """Runs every case."""
    if chosen.ours == "reference":
        raise LabError("chrony: there is nothing to compare the reference with")
    # A Unix socket's path has at most 107 octets.
    folder = Path(tempfile.mkdtemp(prefix="c.", dir=lab.folder))
    folder.chmod(0o755)
    started = []
    Authority(folder / "ca").issue("time1", HOSTS["time1"].addresses)
    try:
        for host, text in SERVERS:
            start(lab, started, folder, host, "chrony", text)
        time.sleep(world.HEAD_START)
        for _, host, daemon in RELEASES:
            start(lab, started, folder, host, daemon, CLIENT)
        ours = Tool("ntpkit", chosen.ours, {}, folder / "ours")
        table = Tool("ntpq", chosen.ours, {}, folder / "table")
        real = {"4.3": Tool("chronyc", packages.program("chronyc"), {"LD_LIBRARY_PATH": packages.libraries("chronyc")}, folder / "4.3"),
                "4.6": Tool("chronyc", wrapper(folder), {}, folder / "4.6")}
        for release, host, _ in RELEASES:
            wait(lab, real[release], host)
        for release, host, _ in RELEASES:
            case = Case(lab, chosen, report, real[release], ours, release, host, str(folder / host / "chronyd.sock"))
            case.run()
            case.peers(table)
        generated(lab, chosen, report, real["4.6"], ours)
    finally:
        for process in started:
            process.terminate()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def wrapper(folder):
    """Returns a script that runs the newer chronyc with its own C library."""
    path = folder / "chronyc-new"
    words = " ".join(f"'{word}'" for word in packages.foreign("chronyc-new"))
    path.write_text(f"#!/bin/sh\nexec {words} \"$@\"\n")
    path.chmod(0o755)
    return path


def start(lab, started, folder, host, kind, text):
    place = folder / host
    place.mkdir(mode=0o750)
    (place / "keys").write_text(KEYS)
    (place / "keys").chmod(0o600)
    conf = place / "chrony.conf"
    conf.write_text(text.replace("@DIR@", str(place)).replace("@CA@", str(folder / "ca")))
    command = {"chrony": lambda: world.chronyd(conf),
               "chrony-new": lambda: [*packages.foreign("chronyd-new"), "-d", "-x", "-U", "-u", "root", "-f", str(conf)]}[kind]()
    with open(place / "log", "wb") as log:
        # with its own IPC namespace, so that its shared memory clocks are separate
        started.append(subprocess.Popen(["ip", "netns", "exec", lab.namespace(host), "unshare", "--ipc", *NO_CLOCK, *command],
                                        stdin=subprocess.DEVNULL, stdout=log, stderr=log))


def wait(lab, chronyc, host):
    """Waits until a daemon follows a source and has measured the others."""
    end = time.monotonic() + PATIENCE
    while True:
        outcome = chronyc.run(lab.namespace(host), ["-n", "-h", "127.0.0.1", "sources"])
        if outcome.stdout.count(b"\n^*") == 1 and len(re.findall(rb"\n\^[-+?]\s\S+ +[12] .* 17 ", outcome.stdout)) == 3:
            return
        if time.monotonic() > end:
            raise LabError(f"chrony: {host} follows nobody: {outcome.show()}")
        time.sleep(0.5)


class Case:
    """The comparisons with one release."""

    def __init__(self, lab, chosen, report, real, ours, release, host, socket):
        self._lab, self._only, self._report = lab, chosen.only, report
        self._real, self._ours, self._release, self._host, self._socket = real, ours, release, host, socket
        self._address = HOSTS[host].addresses[0]

    def run(self):
        for words in OPEN:
            for options in ([], ["-n"], ["-c"]):
                self._compare(words, options, "op", self._address)
        for words in OPEN + PRIVATE:
            for options in ([], ["-n"], ["-c"]):
                self._compare(words, options, self._host, self._socket)
        self._when("over IPv6", lambda name: self._compare("sources", ["-n"], "op", HOSTS[self._host].addresses[1]))
        for words in ("selectdata", "authdata", "ntpdata", "serverstats", "clients"):
            self._when(f"{words} over UDP needs the socket", lambda name, words=words: self._refused(name, words))
        self._when("rtcdata without a real-time clock", self._no_clock)
        self._when("an interval that nobody answers in", self._silence)
        self._when("several hosts", self._several)
        self._when("the socket's folder is left as it was", self._left)

    def peers(self, table):
        """ntpq's peers have what chronyc's authdata says of each source, through the socket; over UDP they have nothing of it."""
        name = f"{self._release}: ntpq reports authdata like chronyc"
        if self._only and self._only not in name:
            return
        for _ in range(TRIES):
            real = self._run_real(self._host, ["-n", "-c"], self._socket, "authdata")
            ours = table.run(self._lab.namespace(self._host), ["--daemon", f"chronyd:{self._socket}", "--format", "json", "-n", "-p"])
            again = self._run_real(self._host, ["-n", "-c"], self._socket, "authdata")
            wanted, found, later = rows_of(real), authenticated(ours), rows_of(again)
            right = len(found) > 5 and all(found[address] in (wanted[address], later[address]) for address in wanted)
            if right:
                break
            time.sleep(0.3)
        self._report.check(name, right, f"{wanted}\n{found}\n{real.show()}\n{ours.show()}")
        self._report.check(f"{name}: with and without keys", {row[0] for row in found.values()} == {"-", "SK", "NTS"} and
                           any(row[0] == "NTS" and row[-2] > 0 for row in found.values()), str(found))
        shown = table.run(self._lab.namespace(self._host), ["--daemon", f"chronyd:{self._socket}", "-c", "rv &2 mechanism", "-c", "as"])
        self._report.check(f"{name}: as variables", re.search(rb"mechanism=(none|symmetric|nts)\n", shown.stdout) is not None, shown.show())
        over_udp = table.run(self._lab.namespace("op"), ["--daemon", "chronyd", "--format", "json", "-n", "-p", self._address])
        self._report.check(f"{name}: not over UDP", over_udp.status == 0 and all(peer["authentication"] is None for peer in peers_of(over_udp)), over_udp.show())

    def _when(self, name, check):
        name = f"{self._release}: {name}"
        if not self._only or self._only in name:
            check(name)

    def _run_real(self, host, options, target, words):
        # The explanations are not in the CSV, and clients have no explanations.
        return self._real.run(self._lab.namespace(host), [*options, "-h", target, *words.split()])

    def _run_ours(self, host, words, *more):
        return self._ours.run(self._lab.namespace(host), ["chrony", *words.split(), *more])

    def _compare(self, words, options, host, target):
        name = f"{self._release}: {words} {' '.join(options)} at {Path(target).name} like chronyc"
        if self._only and self._only not in name:
            return
        for _ in range(TRIES):
            before = self._run_real(host, options, target, words)
            ours = self._run_ours(host, words, *options, target)
            after = self._run_real(host, options, target, words)
            difference = differs(before.stdout, ours.stdout, after.stdout)
            right = difference is None and before.status == ours.status == after.status == 0 and not ours.stderr
            if right:
                break
            time.sleep(0.3)
        self._report.check(name, right and len(ours.stdout) > 5, f"{difference}\nreal: {before.show()}\nours: {ours.show()}\n"
                           f"real again: {after.show()}")

    def _refused(self, name, words):
        real = self._run_real("op", [], self._address, words)
        ours = self._run_ours("op", words, self._address)
        hint = f"not authorised: chronyd gives this report only through its Unix socket; run `ntpkit chrony {words}'".encode()
        right = b"501 Not authorised" in real.stdout and (ours.status, ours.stdout) == (1, b"") and hint in ours.stderr
        self._report.check(name, right and real.status == 1, f"real: {real.show()}\nours: {ours.show()}")

    def _no_clock(self, name):
        real = self._run_real(self._host, [], self._socket, "rtcdata")
        ours = self._run_ours(self._host, "rtcdata", self._socket)
        right = b"513 RTC driver not running" in real.stdout and (ours.status, ours.stdout) == (1, b"")
        self._report.check(name, right and b"rtcfile" in ours.stderr, f"real: {real.show()}\nours: {ours.show()}")

    def _silence(self, name):
        begin = time.monotonic()
        ours = self._run_ours("op", "tracking", "-t", "0.5", "192.0.2.98")
        right = (ours.status, ours.stdout) == (1, b"") and b"192.0.2.98: no answer on UDP port 323" in ours.stderr
        self._report.check(name, right and time.monotonic() - begin < 30, ours.show())

    def _several(self, name):
        addresses = [HOSTS[host].addresses[0] for _, host, _ in RELEASES]
        ours = self._run_ours("op", "activity", *addresses)
        right = ours.status == 0 and [ours.stdout.count(f"{address}:\n200 OK\n".encode()) for address in addresses] == [1, 1]
        csv = self._run_ours("op", "activity", "-c", *addresses)
        right = right and [line.split(b",")[0].decode() for line in csv.stdout.splitlines()] == addresses
        self._report.check(name, right, f"{ours.show()}\n{csv.show()}")

    def _left(self, name):
        left = sorted(path.name for path in Path(self._socket).parent.iterdir() if "sock" in path.name or path.name.startswith("chronyc"))
        self._report.check(name, left == ["chronyd.sock"], str(left))


def rows_of(outcome):
    """chronyc's rows of authdata, without the ages, by address."""
    rows = [line.split(",") for line in outcome.stdout.decode().splitlines()]
    return {row[0]: (row[1], *(int(figure) for place, figure in enumerate(row[2:]) if place != 3)) for row in rows}


def peers_of(outcome):
    return [peer for line in outcome.stdout.splitlines() for peer in json.loads(line).get("peers", [])]


def authenticated(outcome):
    """The same of ours."""
    words = {"none": "-", "symmetric": "SK", "nts": "NTS"}
    found = {}
    for peer in peers_of(outcome):
        known = peer["authentication"]
        if known and peer["address"]:
            figures = [known[key] or 0 for key in ("key_id", "key_type", "key_bits", "key_attempts", "nts_naks")]
            found[peer["address"]] = (words[known["mechanism"]], *figures, peer["nts_cookies"] or 0, known["nts_cookie_length"] or 0)
    return found


def generated(lab, chosen, report, real, ours):
    """Compares what is printed about replies drawn from a seed, which do not move."""
    name = "generated replies like chronyc"
    if chosen.only and chosen.only not in name:
        return
    differences, compared = [], 0
    for seed in range(SEEDS):
        command = ["ip", "netns", "exec", lab.namespace("op"), sys.executable, str(Path(__file__).with_name("replies.py")), str(seed), str(PORT)]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as server:
            try:
                server.stdout.readline()
                for words in (*OPEN[:7:2], "sourcestats -a", "activity", *PRIVATE[:3:2], "selectdata -a", "authdata -a", "ntpdata", "serverstats",
                              "clients", "clients -k", "rtcdata"):
                    for option in ("-n", "-c"):
                        there = real.run(lab.namespace("op"), [option, "-h", "127.0.0.1", "-p", str(PORT), *words.split()])
                        here = ours.run(lab.namespace("op"), ["chrony", *words.split(), option, f"127.0.0.1:{PORT}"])
                        compared += 1
                        if (there.status, there.stdout) != (0, here.stdout) or here.status:
                            differences.append(f"seed {seed}, {words} {option}\nreal: {there.show()}\nours: {here.show()}")
            finally:
                server.kill()
    report.check(name, compared > 100 and not differences, "\n".join(differences[:3]))


def differs(before, ours, after):
    """Returns the first line of ours that lies outside what chronyc printed before and after; None if there is none."""
    lines = [text.split(b"\n") for text in (before, ours, after)]
    if len({len(each) for each in lines}) != 1:
        return "another number of lines"
    for first, line, second in zip(*lines):
        if line not in (first, second) and not is_between(first, line, second):
            return f"{first!r}\n{line!r}\n{second!r}"
    return None


def is_between(first, line, second):
    if len({NUMBER.sub(b"N", text) for text in (first, line, second)}) != 1:
        return False
    if len(first) == len(second) != len(line):
        return False
    numbers = [[float(number) for number in NUMBER.findall(text)] for text in (first, line, second)]
    return all(min(low, high) <= number <= max(low, high) for low, number, high in zip(*numbers))
