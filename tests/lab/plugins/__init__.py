"""Compares the monitoring plugins with those of Debian's monitoring-plugins-basic: the same lines and statuses for the same
daemons. Also tests what only ours support."""
import re
import shutil
import tempfile
import time

from health import KERNEL_FOLLOWS
from ntplab import packages
from ntplab.packages import LabError
from ntplab.programs import Tool

TRIES = 8
TIME, PEER = "check_ntp_time", "check_ntp_peer"
# figures that differ between two runs
MOVING = re.compile(rb"(Offset |offset=|jitter=|distance=)-?[0-9.]+(e-?[0-9]+)?")

#        plugin  arguments
COMPARED = [
    (PEER, ["-H", "192.0.2.20"]),
    (PEER, ["-H", "192.0.2.20", "-j", "500", "-k", "1000", "-W", "3", "-C", "4", "-m", "@1", "-n", "@0"]),
    (PEER, ["-H", "192.0.2.20", "-W", "0", "-m", "1:2", "-n", "50:"]),
    (PEER, ["-H", "192.0.2.20", "-w", "-1:50", "-c", "~:100", "-j", "-1:500"]),
    (PEER, ["-H", "192.0.2.21", "-W", "5", "-C", "8", "-j", "500", "-m", "1:"]),  # NTPsec
    (PEER, ["-H", "192.0.2.11", "-W", "5"]),
    (PEER, ["-H", "192.0.2.16"]),  # never synchronised
    (PEER, ["-H", "192.0.2.16", "-q", "-W", "2", "-j", "1", "-m", "1:"]),
    (PEER, ["-H", "192.0.2.22", "-t", "2"]),  # chronyd, which does not answer mode 6
    (PEER, ["-H", "192.0.2.17", "-t", "2"]),  # ignores all packets
    (PEER, ["-H", "192.0.2.18", "-t", "2"]),  # answers no queries
    (PEER, ["-H", "192.0.2.20", "-p", "9", "-t", "2"]),
    (TIME, ["-H", "192.0.2.20"]),
    (TIME, ["-H", "192.0.2.22", "-w", "0.5", "-c", "1"]),
    (TIME, ["-H", "192.0.2.21", "-w", "0.5", "-c", "1", "-4"]),
    (TIME, ["-H", "192.0.2.15", "-w", "0.5", "-c", "10"]),  # 0.9 s off
    (TIME, ["-H", "192.0.2.15", "-w", "0.1", "-c", "0.5"]),
    (TIME, ["-H", "192.0.2.15", "-w", "0.1", "-c", "0.5", "-o", "-1"]),
    (TIME, ["-H", "192.0.2.16"]),
    (TIME, ["-H", "192.0.2.16", "-q"]),
    (TIME, ["-H", "192.0.2.17", "-t", "2"]),
    (TIME, ["-H", "192.0.2.11", "-p", "9", "-t", "2"]),
    (TIME, ["-H", "2001:db8::20", "-6"]),
    *[(plugin, words) for plugin in (TIME, PEER) for words in (
        [], ["-V"], ["-x"], ["--foo"], ["-w"], ["-w", "1"], ["-H", "nosuch.invalid"], ["-H", "192.0.2.20", "-w", "5:1"],
        ["-H", "192.0.2.20", "-w", "5x"], ["--hostname=192.0.2.20", "--warning", "@1000:2000", "--crit", "4000"])],
]
#        plugin  host   arguments                       status  a regular expression for the output
OURS = [
    (PEER, "op", ["-H", "192.0.2.22", "-w", "1", "-W", "5"], 0, rb"NTP OK: Offset [^|]*, chronyd\|offset=-?[0-9.]+s;1;120 jitter=.* stratum=1;5;;0;16 "
     rb"truechimers=1;;;0 reach=\d;;;0;8 distance=[0-9.]+s;;;0\n"),
    (PEER, "tick", ["-H", "localhost", "--daemon", "chronyd", "--rwarn", "1:"], 0, rb"NTP OK: .*reach=\d.*chronyd\|"),
    (PEER, "op", ["-H", "192.0.2.20", "--dwarn", "5", "-m", "4:"], 0, rb"NTP OK: Offset .*, truechimers=\d, distance=[0-9.]+\|"),
    (PEER, "op", ["-H", "192.0.2.20", "-m", "40:"], 1, rb"NTP WARNING: .*truechimers=\d \(WARNING\)"),
    (PEER, "op", ["-H", "192.0.2.16", "-j", "1", "-n", "1:"], 2, rb"NTP CRITICAL: Server not synchronized, Offset unknown, jitter=unknown \(UNKNOWN\), "
     rb"truechimers=0 \(CRITICAL\)\|offset=U;60;120 jitter=U;1;;0 stratum=U;;;0;16 truechimers=0;;1:;0 reach=U;;;0;8 distance=U;;;0\n"),
    (PEER, "op", ["-H", "192.0.2.16", "-n", "1:", "--grace", "100000"], 0, rb"NTP OK: .*the daemon has just started\|"),
    (PEER, "tick", ["-H", "localhost", "--daemon", "chronyd", "-n", "99:", "--grace", "100000"], 0, rb"NTP OK: .*the daemon has just started, chronyd\|"),
    (PEER, "tick", ["-H", "localhost", "--daemon", "chronyd", "-n", "99:", "--grace", "1"], 2, rb"NTP CRITICAL: .*chronyd\|"),
    (PEER, "op", ["-H", "192.0.2.17", "-t", "2"], 2, rb"NTP CRITICAL: 192\.0\.2\.17: "),
    (PEER, "op", ["-H", "192.0.2.18", "-t", "2"], 2, rb"NTP CRITICAL: 192\.0\.2\.18: it serves time but answers no queries"),
    (PEER, "op", ["-H", "192.0.2.20:9", "-t", "2"], 2, rb"NTP CRITICAL: 192\.0\.2\.20:9: no NTP daemon listens on that port there"),
    (TIME, "op", ["-H", "192.0.2.20:123", "-W", "5", "--dcrit", "20"], 0, rb"NTP OK: Offset \S+ secs, stratum=\d, distance=[0-9.]+\|"
     rb"offset=-?[0-9.]+s;60;120 stratum=\d+;5;;0;16 distance=[0-9.]+s;;20;0\n"),
    (TIME, "op", ["-H", "192.0.2.11", "-H", "192.0.2.12", "-H", "192.0.2.15", "-w", "0.3", "-c", "0.5"], 1,
     rb"NTP WARNING: Offset \S+ secs, 1 of 3 servers false,"),
    (TIME, "op", ["-H", "192.0.2.11", "-H", "192.0.2.15"], 2, rb"NTP CRITICAL: Offset unknown, two servers disagree\|offset=U"),
    (TIME, "op", ["-H", "192.0.2.11", "-p", "9"], 2, rb"NTP CRITICAL: 192\.0\.2\.11 gave no time within 10 s: no NTP daemon listens on that port there; next: on that host: ss -lunp 'sport = :9'\n"),
    (TIME, "op", ["-H", "192.0.2.16"], 2, rb"NTP CRITICAL: Offset unknown, it is not synchronised\|"),
    (TIME, "op", ["-H", "192.0.2.20", "-w", "5x"], 3, rb"NTP UNKNOWN: invalid range '5x'; see check_ntp_time --help\n"),
]


def run(lab, chosen, report):
    """Runs all cases."""
    if chosen.ours == "reference":
        raise LabError("plugins: there is nothing to compare the reference with")
    folder = tempfile.mkdtemp(prefix="plugins.", dir=lab.folder)
    tools = {}
    for plugin in (TIME, PEER):
        tools["real", plugin] = Tool(plugin, packages.program(plugin), {}, f"{folder}/real-{plugin}")
        tools["classic", plugin] = Tool(plugin, chosen.ours, {"NTPKIT_COMPAT": packages.REFERENCE_VERSION}, f"{folder}/classic-{plugin}")
        tools["ours", plugin] = Tool(plugin, chosen.ours, {}, f"{folder}/ours-{plugin}")
    try:
        for plugin, words in COMPARED:
            name = f"{plugin} {' '.join(words)} like the real one"
            if not chosen.only or chosen.only in name:
                compare(lab, report, tools, plugin, words, name)
        for plugin, host, words, status, pattern in OURS:
            name = f"{plugin} {' '.join(words)} on {host}"
            if not chosen.only or chosen.only in name:
                ours(lab, report, tools["ours", plugin], host, words, (status, pattern), name)
        if not chosen.only or chosen.only in "ntpd-rs and timesyncd":
            others(lab, chosen, report, folder, tools["ours", PEER])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def others(lab, chosen, report, folder, tool):
    """The daemons that answer nobody but this machine."""
    words = ["-H", "localhost", "-w", "1", "-W", "5", "-m", "1:", "--dwarn", "5"]
    begin = rb"NTP OK: Offset [^|]*, stratum=\d, truechimers=\d, distance=[0-9.]+, "
    figures = rb"\|offset=-?[0-9.]+s;1;120 jitter=\S+ stratum=\d;5;;0;16 truechimers=\d;1:;;0 reach=\S+ distance=[0-9.]+s;5;;0\n"
    path = f"ntpd-rs:{lab.folder}/rust/observe"
    ours(lab, report, tool, "rust", [*words, "--daemon", path], (0, begin + b"ntpd-rs" + figures), f"{PEER} of ntpd-rs")
    settings = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={lab.folder}/bus/bus", "LD_PRELOAD": str(packages.shared_object("fake_kernel")),
                "FAKE_KERNEL": KERNEL_FOLLOWS}
    tool = Tool(PEER, chosen.ours, settings, f"{folder}/bus-{PEER}")
    for more in ([], ["--daemon", "timesyncd"]):
        ours(lab, report, tool, "bus", [*words, *more], (0, begin + b"systemd-timesyncd" + figures), f"{PEER} of timesyncd {' '.join(more)}")


def plain(outcome):
    """Returns an outcome without varying figures."""
    return outcome.status, MOVING.sub(rb"\1N", outcome.stdout), outcome.stderr


def compare(lab, report, tools, plugin, words, name):
    """Compares the real plugin with ours in its dialect. Retries, because the state of the daemons changes."""
    for _ in range(TRIES):
        real, classic = (tools[whose, plugin].run(lab.namespace("op"), words) for whose in ("real", "classic"))
        if plain(real) == plain(classic):
            break
        time.sleep(1)
    report.check(name, plain(real) == plain(classic), f"real: {real.show()}\nours: {classic.show()}")


def ours(lab, report, tool, host, words, expected, name):
    """Checks our output in the default dialect, and that the time-out is kept."""
    status, pattern = expected
    for _ in range(TRIES):
        begin = time.monotonic()
        outcome = tool.run(lab.namespace(host), words)
        took = time.monotonic() - begin
        ok = outcome.status == status and bool(re.match(pattern, outcome.stdout)) and not outcome.stderr
        if ok:
            break
        time.sleep(1)
    report.check(name, ok and b"nan" not in outcome.stdout and took < 12, f"{took:.1f} s\n{outcome.show()}")
