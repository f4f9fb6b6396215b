"""Mode 7 on a bad network: a real daemon through a relay that drops, duplicates and delays datagrams. Also the client list.

Checks rows, statuses and counts of datagrams, never times."""
import difflib
import itertools
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from ntplab.plan import HOSTS
from ntplab.programs import NO_CLOCK, Tools
from ntplab.relay import Relay, Impairments

from .changes import DENIED, is_made

RUNS = 20
TRIES = 5
TIME_LIMIT = 120  # seconds after which a run counts as hung
NUMBERS = itertools.count(1)
KEY = ("keyid 1", "passwd secretmd5key")
PEERS = "192.0.2.11 192.0.2.12 2001:db8::11 127.127.1.0"
OWN = ("listpeers", "peers", "dmpeers", f"showpeer {PEERS}", f"pstats {PEERS}", "sysinfo", "sysstats", "loopinfo", "memstats", "iostats",
          "timerstats", "ctlstats", "authinfo", "kerninfo", "traps", "reslist", "clockstat 127.127.1.0", "clkbug 127.127.28.2", "ifstats")
TABLES = {"private": OWN, "many": ("listpeers", "peers", "dmpeers")}
LOSSY = {
    "5 % loss": Impairments(delay=0.001, loss=0.05),
    "20 % loss": Impairments(delay=0.001, loss=0.2),
    "duplicated, late and 5 % lost": Impairments(delay=0.001, loss=0.05, duplicate=0.33, reorder=0.33),
}
ADDRESS = r"\d+\.\d+\.\d+\.\d+|[0-9a-f]+:[0-9a-f:]+|::[0-9a-f]*"
CROWD = 600
ASK = f"""
import socket, time
for n in range({CROWD}):
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.bind((f"127.4.{{n // 250}}.{{n % 250 + 1}}", 0))
    client.sendto(b"\\x23" + bytes(47), ("127.0.0.1", 123))
    if n % 10 == 9:
        time.sleep(0.01)  # a flooded daemon drops requests
"""


def run(lab, chosen, report):
    """Runs all cases in parallel."""
    begin = time.monotonic()
    tools = Tools("ntpdc", chosen.ours, lab.folder)
    jobs = [(complete_in_every_run, (name, impairments, host)) for name, impairments in LOSSY.items() for host in TABLES]
    jobs += [(changes_on_a_lossy_path, ("20 % loss", Impairments(delay=0.001, loss=0.2)))]
    jobs += [(changes_on_a_lossy_path, ("every third duplicated", Impairments(delay=0.001, duplicate=0.33)))]
    jobs += [(changes_whose_reply_is_lost, ()), (one_round_trip_each, ()), (crowd, ())]
    pool = ThreadPoolExecutor(len(jobs))
    try:
        waiting = [pool.submit(job, lab, tools, report, *rest) for job, rest in jobs
                   if not chosen.only or chosen.only in job.__name__ or chosen.only in "".join(map(str, rest[:1]))]
        for done in waiting:
            done.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        tools.close()
    print(f"private: bad network in {time.monotonic() - begin:.0f} s", flush=True)


def relay(lab, impairments, target):
    number = next(NUMBERS)
    return Relay(lab.namespace("op"), f"127.201.{number // 250}.{number % 250 + 1}", HOSTS[target].addresses[0], impairments, seed=number)


def ask(lab, tool, address, *commands):
    words = [part for command in commands for part in ("-c", command)]
    return tool.run(lab.namespace("op"), ["-n", *words, address], time_limit=TIME_LIMIT)


def complete_in_every_run(lab, tools, report, name, impairments, host):
    """However bad the network, every run prints tables with the same fields and addresses in the same order and exits with 0."""
    direct, bad = ask(lab, tools.default, HOSTS[host].addresses[0], *KEY, *TABLES[host]), []
    for attempt in range(1, RUNS + 1):
        with relay(lab, impairments, host) as link:
            done = ask(lab, tools.default, link.address, *KEY, *TABLES[host])
        if done.status != 0 or done.stderr or rows(done) != rows(direct):
            difference = difflib.unified_diff(rows(direct), rows(done), lineterm="")
            bad.append(f"run {attempt}: status {done.status} {done.stderr.decode('latin-1')}\n" + "\n".join(difference))
    ok = direct.status == 0 and not direct.stderr and len(rows(direct)) > 150 and not bad
    report.check(f"{name}: {len(TABLES[host])} tables of {host} complete in {RUNS} of {RUNS} runs", ok, "\n".join(bad[:3]))


def rows(outcome):
    """Returns what does not change in a table: addresses, or the names of fields."""
    lines = outcome.stdout.decode("latin-1").splitlines()
    return [" ".join(re.findall(ADDRESS, line)) if re.search(ADDRESS, line) and not re.match("leap|reference|system|[a-z]+ timestamp", line)
            else re.match("[a-zA-Z ]*", line).group() for line in lines]


def changes_on_a_lossy_path(lab, tools, report, name, impairments):
    """A change is made and reported once: the original finds the added server once, and not at all after its removal."""
    target, bad = HOSTS["change1"].addresses[0], []
    for attempt in range(1, RUNS + 1):
        server = f"203.0.113.{100 + attempt + (30 if impairments.loss else 0)}".encode()
        with relay(lab, impairments, "change1") as link:
            added = ask(lab, tools.default, link.address, *KEY, f"addserver {server.decode()}")
            listed = ask(lab, tools.reference, target, "listpeers").stdout
            removed = ask(lab, tools.default, link.address, *KEY, f"unconfig {server.decode()}")
        left = ask(lab, tools.reference, target, "listpeers").stdout
        if not is_made(added) or not is_made(removed) or listed.split().count(server) != 1 or server in left.split():
            bad.append(f"run {attempt}: {added.show()}\n{removed.show()}\n{listed.decode()}{left.decode()}")
    report.check(f"{name}: changes are made once in {RUNS} of {RUNS} runs", not bad, "\n".join(bad[:2]))


# Changes, and whether ours can find out that the first request was effective when the retransmission is refused. Each change
# is undone by a later one.
LOST = (
    ("addserver 203.0.113.90", True), ("addpeer 203.0.113.91", True), ("broadcast 224.0.1.1", True), ("unconfig 203.0.113.90 203.0.113.91 224.0.1.1", True),
    ("enable stats", True), ("disable calibrate", True), ("restrict 10.8.7.0 255.255.255.0 kod", True), ("unrestrict 10.8.7.0 255.255.255.0 kod", True),
    ("delrestrict 10.8.7.0 255.255.255.0", True), ("addtrap 192.0.2.50 1001", True), ("clrtrap 192.0.2.50 1001", False),
    ("fudge 127.127.1.0 time2 0.5", True), ("fudge 127.127.1.0 time2 0", True), ("trustedkey 4", True), ("readkeys", True),
    ("controlkey 2", True), ("reset io", True),
)


def changes_whose_reply_is_lost(lab, tools, report):
    """The daemon made the change, but its first reply is lost: ours reports the outcome of the retransmission correctly."""
    for command, is_known in LOST:
        with relay(lab, Impairments(dropped_replies=1), "change1") as link:
            done = ask(lab, tools.default, link.address, *KEY, command)
            requests, _ = link.counts()
        unsure = done.status == 1 and not done.stdout and b"the request had to be sent more than once: an earlier one may have had its effect" in done.stderr
        report.check(f"the reply to {command.split()[0]} is lost", requests > 1 and (is_made(done) if is_known else unsure), done.show())
    with relay(lab, Impairments(dropped_replies=1), "change1") as link:
        done = ask(lab, tools.default, link.address, "keyid 1", "passwd wrong", "requestkey 3")
    ok = done.status == 1 and DENIED in done.stderr and not done.stdout
    report.check("the refusal of a wrong key is lost", ok, done.show())


def one_round_trip_each(lab, tools, report):
    """A round trip of 100 ms causes no retransmission: each table takes one request. A run in which this machine was too
    busy to answer in time proves nothing, so the smallest count of several tries is used."""
    for table, host in [(table, host) for host, tables in TABLES.items() for table in tables]:
        key = KEY if table == "ifstats" else ()
        for _ in range(TRIES):
            with relay(lab, Impairments(delay=0.05), host) as link:
                done = ask(lab, tools.default, link.address, *key, table)
                time.sleep(0.2)
                requests, answers = link.counts()
            ok = requests == 1 and done.status == 0 and not done.stderr
            if ok or done.status != 0 or done.stderr:
                break
        report.check(f"round trip 100 ms: one request for {table.split()[0]} of {host}", ok,
                     f"{requests} requests, {answers} answers\n{done.show()}")


def crowd(lab, tools, report):
    """A daemon with 600 clients does not list them in mode 7; ours fails like the original and adds a hint."""
    namespace = lab.namespace("change1")
    subprocess.run(["ip", "netns", "exec", namespace, *NO_CLOCK, sys.executable, "-c", ASK], check=True)
    original, classic, ours = (tool.run(namespace, ["-n", "-c", "monlist", "127.0.0.1"]) for tool in (tools.reference, tools.classic, tools.default))
    report.check("monlist of a daemon with 600 clients, like the original", original == classic and b"***Server reports data not found\n" == original.stderr,
                 f"{original.show()}\n{classic.show()}")
    report.check("monlist of a daemon with 600 clients", ours.status == 1 and not ours.stdout and original.stderr in ours.stderr, ours.show())
