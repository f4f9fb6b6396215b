"""Ours on a bad network: 61 associations through a relay that drops, duplicates, reorders and corrupts datagrams.

Checks rows, statuses and counts of datagrams, never times."""
import itertools
import time
from concurrent.futures import ThreadPoolExecutor

from ntplab.plan import HOSTS
from ntplab.programs import Tools
from ntplab.relay import Relay, Impairments
from ntplab.silence import SilentNameServer

from . import outages

ASSOCIATIONS = 61
RUNS = 20
TRIES = 5
TIME_LIMIT = 120  # seconds after which a run counts as hung
NUMBERS = itertools.count(1)


def run(lab, chosen, report):
    """Runs all cases in parallel."""
    begin = time.monotonic()
    tools = Tools("ntpq", chosen.ours, lab.folder)
    tests = [whole_tables, one_request_each, corruption, silent_name_server]
    jobs = [(complete_in_every_run, (name, impairments)) for name, impairments in LOSSY.items()] + [(test, ()) for test in tests]
    pool = ThreadPoolExecutor(len(jobs))
    try:
        waiting = [pool.submit(job, lab, tools.default, report, *rest) for job, rest in jobs
                   if not chosen.only or chosen.only in job.__name__ or chosen.only in "".join(map(str, rest[:1]))]
        for done in waiting:
            done.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        tools.close()
    outages.run(lab, chosen, report)
    print(f"badnet: {time.monotonic() - begin:.0f} s", flush=True)


LOSSY = {
    "5 % loss, round trip 20 ms": Impairments(delay=0.01, loss=0.05),
    "20 % loss, round trip 20 ms": Impairments(delay=0.01, loss=0.2),
    "every third datagram duplicated": Impairments(delay=0.01, duplicate=0.33),
    "every third datagram late": Impairments(delay=0.01, reorder=0.33),
    "duplicated, late and 5 % lost": Impairments(delay=0.01, loss=0.05, duplicate=0.33, reorder=0.33),
}


def relay(lab, impairments, target="many"):
    number = next(NUMBERS)
    return Relay(lab.namespace("op"), f"127.200.{number // 250}.{number % 250 + 1}", HOSTS[target].addresses[0], impairments, seed=number)


def remotes(outcome):
    """Returns the first column of a peers table."""
    lines = outcome.stdout.decode("latin-1").splitlines()[2:]
    return sorted(line[1:].split()[0] for line in lines if line.strip())


def complete_in_every_run(lab, tool, report, name, impairments):
    """However bad the network, every run prints every row once and exits with 0."""
    expected = ["127.127.1.0", *(f"203.0.113.{n}" for n in range(1, ASSOCIATIONS))]
    bad = []
    for attempt in range(1, RUNS + 1):
        with relay(lab, impairments) as link:
            done = tool.run(lab.namespace("op"), ["-n", "-p", link.address], time_limit=TIME_LIMIT)
        missing = len(set(expected) - set(remotes(done)))
        if done.status != 0 or remotes(done) != sorted(expected) or done.stderr:
            bad.append(f"run {attempt}: status {done.status}, {missing} rows missing, {done.stderr.decode('latin-1').strip()}")
    report.check(f"{name}: all {ASSOCIATIONS} rows in {RUNS} of {RUNS} runs", not bad, "\n".join(bad))


def whole_tables(lab, tool, report):
    """A perfect relay gives the same table as a direct query."""
    direct = tool.run(lab.namespace("op"), ["-n", "-p", HOSTS["many"].addresses[0]])
    with relay(lab, Impairments()) as link:
        relayed = tool.run(lab.namespace("op"), ["-n", "-p", link.address])
    same = remotes(direct) == remotes(relayed) and len(remotes(direct)) == ASSOCIATIONS
    report.check("a perfect relay changes nothing", same, f"{direct.show()}\n{relayed.show()}")


def one_request_each(lab, tool, report):
    """A long round trip causes no retransmission: one request for the list, one per association. A run in which this
    machine was too busy to answer in time proves nothing, so the smallest count of several tries is used."""
    expected = ASSOCIATIONS + 1
    for rtt in (0.02, 0.1):
        for _ in range(TRIES):
            with relay(lab, Impairments(delay=rtt / 2)) as link:
                done = tool.run(lab.namespace("op"), ["-n", "-p", link.address], time_limit=TIME_LIMIT)
                time.sleep(rtt + 0.1)
                up, down = link.counts()
            ok = (up, len(remotes(done)), done.status) == (expected, ASSOCIATIONS, 0)
            if ok or done.status != 0 or up < expected:
                break
        report.check(f"round trip {rtt * 1000:.0f} ms: {expected} requests, {ASSOCIATIONS} rows", ok,
                     f"{up} requests, {down} answers, {len(remotes(done))} rows, status {done.status}\n{done.stderr.decode('latin-1')}")


def corruption(lab, tool, report):
    """A flipped bit may cost a row or change a number; it must not cause a crash, a hang or unescaped output."""
    bad = []
    for attempt in range(1, RUNS + 1):
        with relay(lab, Impairments(delay=0.001, corrupt=0.3)) as link:
            done = tool.run(lab.namespace("op"), ["-n", "-c", "timeout 500", "-p", link.address], time_limit=TIME_LIMIT)
        printable = all(octet == 0x0A or 0x20 <= octet < 0x7F for octet in done.stdout + done.stderr)
        if done.status not in (0, 1) or not printable or b"panicked" in done.stderr or len(remotes(done)) > ASSOCIATIONS + 1:
            bad.append(f"run {attempt}: {done.show()}")
    report.check(f"corrupted datagrams: no crash, no hang, nothing unprintable in {RUNS} runs", not bad, "\n".join(bad[:2]))


def silent_name_server(lab, tool, report):
    """With a silent name server, -p still ends and shows addresses; -pn sends no query."""
    namespace, hub = lab.namespace("nodns"), HOSTS["hub"].addresses[0]
    with SilentNameServer(namespace) as server:
        numeric = tool.run(namespace, ["-pn", hub], time_limit=TIME_LIMIT)
        asked = server.queries
        report.check("-pn sends no name query", asked == 0 and numeric.status == 0 and len(remotes(numeric)) == 11,
                     f"{asked} queries\n{numeric.show()}")
        named = tool.run(namespace, ["-p", hub], time_limit=TIME_LIMIT)
        # clock names need no name server, the rest must be addresses
        expected = sorted({*remotes(numeric), "LOCAL(0)"} - {"127.127.1.0"})
        report.check("-p with a silent name server ends and shows addresses",
                     server.queries > 0 and named.status == 0 and remotes(named) == expected,
                     f"{server.queries} queries, expected {expected}\n{named.show()}")
