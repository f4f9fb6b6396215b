"""`ntpkit fleet` with real daemons of every kind: what it says of each is what that daemon is. ntpq, ntpstat and ntpdate ask the same
hosts at the same time, and each host has its line; ntpmon without a terminal prints the same state."""
import json
import os
import shutil
import tempfile
import time

from ntplab.packages import LabError
from ntplab.programs import Tool

PATIENCE = 60  # seconds for the daemons to select their servers
SILENT, GONE = (None, None, {"silent"}), (None, None, {"unreachable"})

# host -> by, stratum, causes of its problems
FLEET = {
    "192.0.2.11": ("control", 1, set()),  # classic
    "192.0.2.12": ("sntp", 2, set()),  # chronyd whose command port is closed
    "192.0.2.13": ("sntp", 3, set()),  # NTPsec, which answers no queries by default
    "192.0.2.15": ("sntp", 2, {"disagrees"}),  # 0.9 s off
    "192.0.2.16": ("control", 16, {"unsynchronized"}),
    "192.0.2.17": SILENT,  # ignores all packets
    "192.0.2.18": ("sntp", 2, set()),  # noquery
    "192.0.2.20": ("control", 2, set()),  # classic with sources of every kind
    "192.0.2.21": ("control", 2, set()),  # NTPsec with `unrestrict default noquery'
    "192.0.2.22": ("chrony", 2, set()),  # chronyd with `cmdallow all'
    "192.0.2.24": ("sntp", 2, set()),  # ntpd-rs
    "192.0.2.33": ("sntp", 2, {"disagrees"}),  # 120 ms off
    "192.0.2.50": GONE,  # no daemon
    "192.0.2.20:9": GONE,
    "2001:db8::20": ("control", 2, set()),
    "nosuch.invalid": (None, None, {"no_address"}),
}
# ntpd-rs: the round trip is shorter than its timestamps are precise, so they may contradict each other; and it follows either of
# two sources, of stratum 1 or 3.
INEXACT = "192.0.2.24"
LIMITED = "192.0.2.34"  # answers once a minute
LOST = [host for host, (by, _, _) in FLEET.items() if by is None]
CONTROLLED = [host for host, (by, _, _) in FLEET.items() if by == "control"]


def run(lab, chosen, report):
    """Runs all cases."""
    if chosen.ours == "reference":
        raise LabError("fleet: there is nothing to compare the reference with")
    folder = tempfile.mkdtemp(prefix="fleet.", dir=lab.folder)
    os.chmod(folder, 0o755)
    tools = {name: Tool(name, chosen.ours, {}, f"{folder}/{name}") for name in ("ntpkit", "ntpq", "ntpstat", "ntpdate", "ntpmon")}
    cases = {"ntpkit fleet": fleet, "ntpkit fleet, a host that limits its rate": limited, "ntpq of many hosts": ntpq,
             "ntpmon of many hosts": ntpmon, "ntpmon of one daemon of each kind": ntpmon_of_one,
             "ntpstat of many hosts": ntpstat, "ntpdate of many servers": ntpdate}
    try:
        for name, case in cases.items():
            if not chosen.only or chosen.only in name:
                begin = time.monotonic()
                while True:
                    right, said = case(lab.namespace("op"), tools)
                    if right or time.monotonic() - begin > PATIENCE:
                        break
                    time.sleep(5)
                report.check(name, right, said)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def objects(outcome):
    return [json.loads(line) for line in outcome.stdout.splitlines()]


def fleet(namespace, tools):
    """Each host is what it is, and the summary counts them."""
    outcome = tools["ntpkit"].run(namespace, ["fleet", "--all", "--format", "json", "--sort", "name", *FLEET])
    *hosts, summary = objects(outcome)
    found = {host["host"]: (host["by"], host["stratum"], {problem["cause"] for problem in host["problems"]}) for host in hosts}
    if INEXACT in found:
        by, stratum, causes = found[INEXACT]
        found[INEXACT] = (by, 2 if stratum == 4 else stratum, causes - {"unfit"})
    counted = {by: sum(wanted[0] == by for wanted in FLEET.values()) for by in ("control", "chrony", "sntp")}
    right = found == FLEET and outcome.status == 2 and summary["by"] == counted
    right = right and sum(summary["lost"].values()) == len(LOST) and summary["disagreeing"] == 2 and summary["majority"] == "found"
    differ = {host: (found.get(host), wanted) for host, wanted in FLEET.items() if found.get(host) != wanted}
    return right, f"found and wanted: {differ}\nsummary: {summary}\n{outcome.stderr.decode()}"


def limited(namespace, tools):
    """Whoever has just been answered is asked to come less often, and is told so."""
    said = []
    for _ in range(2):
        outcome = tools["ntpkit"].run(namespace, ["fleet", "--by", "sntp", "--format", "json", LIMITED])
        said.append({problem["cause"] for problem in objects(outcome)[0]["problems"]})
    return bool(said[1] & {"rate_limited", "silent"}), f"problems: {said}"


def ntpq(namespace, tools):
    """Hosts are printed in their order; those that do not answer over mode 6 have an object that says so."""
    hosts = [host for host in FLEET if host != "nosuch.invalid"]
    outcome = tools["ntpq"].run(namespace, ["-n", "--format", "json", "-c", "timeout 1000", "-c", "rv 0 stratum", *hosts])
    rows = objects(outcome)
    named = [f"{row['address']}:{row['port']}" if row["port"] != 123 else row["address"] for row in rows]
    answered = [name for name, row in zip(named, rows) if "error" not in row]
    return named == hosts and answered == CONTROLLED and outcome.status == 1, outcome.show()


def ntpstat(namespace, tools):
    """The status is that of the worst."""
    outcome = tools["ntpstat"].run(namespace, ["--format", "json", *FLEET])
    rows = {row["host"]: row for row in objects(outcome)}
    known = {host: rows[host]["synchronized"] for host in rows if "error" not in rows[host]}
    wanted = {host: stratum != 16 for host, (by, stratum, _) in FLEET.items() if by in ("control", "chrony")}
    return list(rows) == list(FLEET) and known == wanted and outcome.status == 2, outcome.show()


def ntpdate(namespace, tools):
    """Every server that gives the time has its line."""
    servers = [host for host, (by, stratum, _) in FLEET.items() if by and stratum != 16]
    outcome = tools["ntpdate"].run(namespace, ["-q", *servers])
    lines = outcome.stdout.decode().splitlines()
    missing = [host for host in servers if not any(line.startswith(f"server {host},") for line in lines)]
    return not missing and outcome.status == 0, f"missing: {missing}\n{outcome.show()}"


def ntpmon(namespace, tools):
    """One frame: a row for each host with its protocol and stratum, those with problems first."""
    outcome = tools["ntpmon"].run(namespace, ["-n", *FLEET])
    title, _, _, *rows = outcome.stdout.decode().splitlines()
    found = {row[:25].strip(): row[25:].split()[:2] for row in rows}
    differ = {}
    for host, (by, stratum, _) in FLEET.items():
        wanted = [by or "-", "-" if stratum is None else str(stratum)]
        if host != INEXACT and found.get(host) != wanted:
            differ[host] = (found.get(host), wanted)
    is_ok = [row.endswith(" ok") for row in rows]
    right = not differ and outcome.status == 1 and title.startswith(f"ntpmon  {len(FLEET)} hosts") and is_ok == sorted(is_ok)
    return right, f"found and wanted: {differ}\n{outcome.show()}"


def ntpmon_of_one(namespace, tools):
    """The daemon's protocol, its state and its sources."""
    said = []
    right = True
    for host, words in {"192.0.2.20": ["mode 6: ntpd 4.2.8", "stratum 2", "\n*", "measured "],
                        "192.0.2.21": ["mode 6: ntpd ntpsec-", "stratum 2", "\n*"],
                        "192.0.2.22": ["chronyd's protocol", "stratum 2", "\n*"],
                        "192.0.2.18": ["SNTP\n", "stratum 2", "measured "]}.items():
        outcome = tools["ntpmon"].run(namespace, ["-n", host])
        text = outcome.stdout.decode()
        missing = [word for word in words if word not in text]
        right = right and not missing and outcome.status == 0 and "\x1b" not in text
        said.append(f"{host}: missing {missing}\n{outcome.show()}")
    return right, "\n".join(said)
