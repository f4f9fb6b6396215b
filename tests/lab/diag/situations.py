"""Broken machines: each has a real daemon in a network of its own and one fault, and `ntpkit diag` names that fault alone."""
import calendar
import functools
import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Tuple

from ntplab import namespaces
from ntplab.packages import run as command
from ntplab.plan import KEYS, chrony, ntpd
from ntplab.world import NO_CLOCK, launch, real_command

PATIENCE = 130  # seconds; a packet filter is judged after 64 s
MACHINE_CHECKS = {"clock-source", "hardware-clock", "configuration", "kernel", "daemons"}
PARTNERS = 60  # from the number of a host to that of its partner
NTP_EPOCH = 2_208_988_800  # seconds from 1900 to 1970
LEAP_LIST = "/usr/share/zoneinfo/leap-seconds.list"
FOUR = tuple(f"server 192.0.2.{number} iburst minpoll 3 maxpoll 4" for number in (11, 12, 13, 14))
ONE = ("WARN", "1 source, ")
CHRONY = ("cmdport 323", "bindcmdaddress 127.0.0.1")
SILENT = ("FAIL", "has not answered any of the last eight polls")
UNSYNCHRONIZED = ("FAIL", "not synchronised: ")


# the other programs that say why a daemon is not synchronised
WHY = (["ntpstat"], ["ntp-wait", "-n", "1"])


@dataclass(frozen=True)
class Situation:
    """A configuration, a fault outside of it, and the checks that are not OK -> (state, text)."""
    name: str
    lines: Tuple[str, ...]
    wanted: Dict[str, Tuple[str, str]]
    rules: str = ""  # of the packet filter
    before: Tuple[str, ...] = ()  # a command that is run in the network
    keys: str = ""
    kind: str = "classic"  # of the daemon
    partner: Tuple[str, ...] = ()  # the configuration of a second daemon at @PARTNER@; @SELF@ is the first
    has_ipv6: bool = False
    is_in_etc: bool = False  # the configuration is this machine's ntp.conf, too
    says: str = ""  # why it is not synchronised, in diag, ntpstat and ntp-wait
    leap: int = 400  # days until the list of leap seconds expires; below 0 it has expired, 0: it is damaged
    rows: Tuple[Tuple[int, int], ...] = ((3692217600, 37),)  # of that list
    hosts: str = ""  # names in /etc/hosts
    fine: Tuple[str, str] = ()  # a check that is OK, and a part of what it says


# The second after each leap second since 1972, in seconds since 1900, and TAI minus UTC from then on.
LEAP_SECONDS = tuple((begin, 10 + number) for number, begin in enumerate((
    2272060800, 2287785600, 2303683200, 2335219200, 2366755200, 2398291200, 2429913600, 2461449600, 2492985600, 2524521600, 2571782400,
    2603318400, 2634854400, 2698012800, 2776982400, 2840140800, 2871676800, 2918937600, 2950473600, 2982009600, 3029443200, 3076704000,
    3124137600, 3345062400, 3439756800, 3550089600, 3644697600, 3692217600)))


def announced():
    """The next row of a list: a leap second at the end of the half-year after this one."""
    now = time.gmtime()
    year, month = (now.tm_year + 1, 1) if now.tm_mon > 6 else (now.tm_year, 7)
    return calendar.timegm((year, month, 1, 0, 0, 0)) + NTP_EPOCH, LEAP_SECONDS[-1][1] + 1


SITUATIONS = [
    Situation("healthy", FOUR, {}),
    Situation("no packet for port 123 leaves", FOUR, {"synchronized": UNSYNCHRONIZED, "reach": SILENT},
              rules="table ip t { chain c { type filter hook output priority 0; udp dport 123 ip daddr != 127.0.0.0/8 drop; }; }"),
    Situation("no packet from port 123 leaves", FOUR,
              {"synchronized": UNSYNCHRONIZED, "reach": SILENT, "port-123": ("FAIL", "silent to the daemon, but answering a request")},
              rules="table ip t { chain c { type filter hook output priority 0; udp sport 123 udp dport 123 ip daddr != 127.0.0.0/8 drop; }; }"),
    Situation("no route", tuple(f"server 198.51.100.{number} iburst" for number in (1, 2, 3, 4)),
              {"synchronized": UNSYNCHRONIZED, "reach": SILENT}, before=("ip", "route", "del", "default")),
    Situation("wrong key", (*FOUR, "server 192.0.2.20 iburst minpoll 3 maxpoll 4 key 2"),
              {"authentication": ("FAIL", "not authentic: 192.0.2.20")}, keys=KEYS.replace("sha1asciikey", "another")),
    Situation("servers that follow one server", tuple(f"server 192.0.2.{number} iburst minpoll 3 maxpoll 4" for number in (22, 23)),
              {"independence": ("WARN", "all 2 sources follow 192.0.2.11"), "sources": ("WARN", "2 sources, 2 answering")}),
    Situation("young: no answer yet", ("server 192.0.2.99",), {"synchronized": UNSYNCHRONIZED, "reach": SILENT, "sources": ONE},
              says="its only source has not answered yet; it started "),
    Situation("drunk: two that contradict each other", ("server 192.0.2.15 iburst minpoll 3 maxpoll 4", "server 192.0.2.33 iburst minpoll 3 maxpoll 4"),
              {"synchronized": UNSYNCHRONIZED, "falsetickers": ("WARN", "outside the majority"), "sources": ("WARN", "2 sources, 2 answering")},
              says="2 of the 2 sources that answer are falsetickers: no majority agrees"),
    Situation("tired: a source that is not synchronised itself", ("server 192.0.2.16 iburst minpoll 3 maxpoll 4",),
              {"synchronized": UNSYNCHRONIZED, "tests": ("WARN", "192.0.2.16 is not synchronised itself"), "sources": ONE},
              says="192.0.2.16, the only source that answers, is not synchronised itself"),
    Situation("no sources", (), {"synchronized": UNSYNCHRONIZED, "sources": ("FAIL", "no sources")}, says="it has no sources"),
    Situation("chronyd without sources", CHRONY, {"synchronized": UNSYNCHRONIZED, "sources": ("FAIL", "no sources")}, kind="chrony",
              says="it has no sources"),
    Situation("chronyd with a silent source", (*CHRONY, "server 192.0.2.99 iburst"),
              {"synchronized": UNSYNCHRONIZED, "reach": SILENT, "sources": ONE}, kind="chrony", says="its only source does not answer"),
    Situation("loop", (*FOUR, "server @PARTNER@ iburst minpoll 3 maxpoll 4"), {"tests": ("WARN", "is synchronised to this host")},
              partner=("server @SELF@ iburst minpoll 3 maxpoll 4",)),
    Situation("RATE", (*FOUR, "server 192.0.2.34 iburst minpoll 3 maxpoll 3"), {"reach": ("WARN", "192.0.2.34 limits the rate of requests")}),
    Situation("one server at two addresses", (*FOUR, "server 2001:db8::11 iburst minpoll 3 maxpoll 4"),
              {"independence": ("WARN", "192.0.2.11 and 2001:db8::11 are the same server")}, has_ipv6=True),
    Situation("dead name server", (*FOUR, "server time9.lab.test iburst"), {"names": ("FAIL", "time9.lab.test: ")}, is_in_etc=True),
    Situation("noquery except for 127.0.0.1", (*FOUR, "restrict default nomodify noquery", "restrict 127.0.0.1"), {}),
    Situation("noquery except for ::1", (*FOUR, "restrict default nomodify noquery", "restrict ::1"), {}),
    Situation("noquery for this host, too", (*FOUR, "restrict default nomodify noquery"), {"answer": ("FAIL", "it serves time but answers no queries")}),
    Situation("notrust", (*FOUR, "restrict default notrust"), {"synchronized": UNSYNCHRONIZED, "reach": ("FAIL", "notrust' refuses replies without a key")}, is_in_etc=True),
    Situation("one server under two names", (*FOUR, "server one.lab.test iburst minpoll 3 maxpoll 4", "server other.lab.test iburst minpoll 3 maxpoll 4"),
              {"independence": ("WARN", "one.lab.test and other.lab.test are the same server")}, is_in_etc=True,
              hosts="192.0.2.20 one.lab.test other.lab.test\n"),
    Situation("whole leap list", FOUR, {}, rows=LEAP_SECONDS, fine=("leap", "leap-seconds.list is intact and has not expired")),
    Situation("leap list that announces a leap second", FOUR, {}, rows=(*LEAP_SECONDS, announced()), fine=("leap", "has not expired: a second is inserted before ")),
    Situation("damaged leap list", FOUR, {"leap": ("WARN", "/leap")}, leap=0),
    Situation("expired leap list", FOUR, {"leap": ("WARN", "the list expired on ")}, leap=-3),
]


def leap_list(path, days, rows):
    """Writes a list of leap seconds with a valid hash."""
    now = int(time.time()) + NTP_EPOCH
    update, expiry = now - 86400 * 500, now + 86400 * days
    digits = hashlib.sha1("".join(map(str, [update, expiry, *(number for row in rows for number in row)])).encode()).hexdigest()
    digits = digits if days else digits[::-1]
    words = " ".join(digits[at:at + 8] for at in range(0, 40, 8))
    lines = "".join(f"{begin} {offset}\n" for begin, offset in rows)
    path.write_text(f"#$ {update}\n#@ {expiry}\n{lines}#h {words}\n")


def run(lab, chosen, report, folder):
    """Builds all situations side by side, and looks at them until each shows its fault."""
    cases = [case for case in SITUATIONS if not chosen.only or chosen.only in f"situation: {case.name}"]
    if any(case.rules for case in cases) and not has_packet_filter(lab):
        for case in cases:
            if case.rules:
                print(f"LEFT OUT situation: {case.name}: this kernel has no nf_tables", flush=True)
        cases = [case for case in cases if not case.rules]
    running = []
    try:
        for number, case in enumerate(cases, 70):
            running += start(lab, case, number, Path(folder))
        with ThreadPoolExecutor(max(len(cases), 1)) as pool:
            looks = pool.map(lambda pair: look(lab, pair[0], pair[1], chosen.ours, Path(folder)), zip(cases, range(70, 70 + len(cases))))
            for case, (ok, text) in zip(cases, looks):
                report.check(f"situation: {case.name}", ok, text)
    finally:
        for process in running:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def has_packet_filter(lab):
    """Whether the kernel has nf_tables."""
    listed = subprocess.run(["ip", "netns", "exec", lab.namespace("op"), *real_command("nft"), "list", "tables"], stdin=subprocess.DEVNULL, capture_output=True)
    return listed.returncode == 0


def start(lab, case, number, folder):
    """Builds a network with the fault, and starts the daemon in it."""
    place, name = folder / f"situation{number}", f"{lab.prefix}s{number}"
    place.mkdir(mode=0o755)
    namespaces.name_service(name, case.hosts, "nameserver 127.0.0.1\n")
    namespaces.add(name)
    addresses = [f"192.0.2.{number}", *([f"2001:db8::{number}"] if case.has_ipv6 else [])]
    namespaces.join(name, f"{lab.prefix}net", f"p{number}", addresses)
    if case.rules:
        command("ip", "netns", "exec", name, *real_command("nft"), case.rules)
    if case.before:
        command("ip", "netns", "exec", name, *case.before)
    leap_list(place / "leap", case.leap, case.rows)
    (place / "keys").write_text(case.keys)
    (place / "keys").chmod(0o600)
    names = {"@SELF@": f"192.0.2.{number}", "@PARTNER@": f"192.0.2.{number + PARTNERS}"}
    lines = [functools.reduce(lambda line, name: line.replace(name, names[name]), names, line) for line in (*case.lines, *case.partner)]
    own, others = lines[:len(case.lines)], lines[len(case.lines):]
    started = []
    if others:
        beside, folder = f"{lab.prefix}s{number + PARTNERS}", place / "partner"
        folder.mkdir()
        namespaces.add(beside)
        namespaces.join(beside, f"{lab.prefix}net", f"p{number + PARTNERS}", [names["@PARTNER@"]])
        started.append(launch(beside, "classic", ntpd("tos maxdist 16", *others), folder))
    if case.is_in_etc:
        shutil.copytree("/etc", place / "etc", symlinks=True)
        (place / "etc/ntp.conf").write_text("\n".join(own) + "\n")
        (place / "etc/resolv.conf").unlink(missing_ok=True)
        (place / "etc/resolv.conf").write_text("nameserver 127.0.0.1\n")
        (place / "etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost\n" + case.hosts)
    configuration = chrony(*own) if case.kind == "chrony" else ntpd("tos maxdist 16", *own, keys=bool(case.keys))
    return [*started, launch(name, case.kind, configuration, place)]


def look(lab, case, number, ours, folder):
    """Runs diag, with the leap list of the situation, until it shows what is wanted."""
    deadline = time.monotonic() + PATIENCE
    place = folder / f"situation{number}"
    mounts = f'mount --bind "$0" {LEAP_LIST} &&' + (f" mount --bind '{place}/etc' /etc &&" if case.is_in_etc else "")
    with_list = ["unshare", "-m", "sh", "-c", f'{mounts} exec "$@"', str(place / "leap")]
    words = ["ip", "netns", "exec", f"{lab.prefix}s{number}", *NO_CLOCK, *with_list, ours]
    while True:
        done, *others = (subprocess.run([*words, *command], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
                         for command in (["diag", "--format", "json"], *(WHY if case.says else ())))
        checks = json.loads(done.stdout or '{"checks": []}')["checks"]
        found = {one["check"]: (one["state"], one["seen"]) for one in checks if one["state"] != "OK" and one["check"] not in MACHINE_CHECKS}
        ok = found.keys() == case.wanted.keys() and all(found[key][0] == state and text in found[key][1]
                                                       for key, (state, text) in case.wanted.items())
        said = [found.get("synchronized", ("", ""))[1], *(other.stderr for other in others)]
        if case.fine:
            ok = ok and any(one["check"] == case.fine[0] and one["state"] == "OK" and case.fine[1] in one["seen"] for one in checks)
        ok = ok and all(case.says in words and (words is said[0] or "; next: " in words) for words in said)
        if ok or time.monotonic() > deadline:
            return ok, f"wanted {case.wanted}\nfound {found}\n{done.stdout}{done.stderr}\n" + "\n".join(said)
        time.sleep(3)
