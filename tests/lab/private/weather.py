"""Mode 7 over a bad network: tables through a relay that loses, doubles and reorders datagrams, or is far away.

What is asserted are rows, statuses and counts of datagrams, never times."""
import itertools
import time

from ntplab.plan import HOSTS
from ntplab.relay import Relay, Weather

RUNS = 20
TIME_LIMIT = 120  # seconds after which a run counts as endless
NUMBERS = itertools.count(1)
ASSOCIATIONS = 61  # of the host `many`
LOSSY = {
    "5 % loss": Weather(delay=0.005, loss=0.05),
    "20 % loss": Weather(delay=0.005, loss=0.2),
    "doubled, late and 5 % lost": Weather(delay=0.005, loss=0.05, duplicate=0.33, reorder=0.33),
}
# host, command line: the tables that take several packets, and one that takes one
TABLES = (("many", "peers"), ("many", "listpeers"), ("private", "reslist"), ("private", "dmpeers"), ("private", "sysinfo"))


def jobs(lab, tools, report):
    """Every case, to be run side by side."""
    lossy = [(complete_in_every_run, lab, tools.default, report, name, weather, host, command)
             for name, weather in LOSSY.items() for host, command in TABLES]
    return lossy + [(one_request_each, lab, tools.default, report, host, command) for host, command in TABLES]


def relay(lab, weather, host):
    number = next(NUMBERS)
    return Relay(lab.namespace("op"), f"127.201.{number // 250}.{number % 250 + 1}", HOSTS[host].addresses[0], weather, seed=number)


def keys(outcome):
    """What stays the same of a table from one moment to the next: the beginnings of its lines."""
    return [line[1:32] for line in outcome.stdout.decode("latin-1").splitlines() if not line.startswith(("reference time", "root dis", "jitter"))]


def complete_in_every_run(lab, tool, report, name, weather, host, command):
    """However bad the network, every row is there in every run, once, and the status is 0."""
    expected = keys(tool.run(lab.namespace("op"), ["-n", "-c", command, HOSTS[host].addresses[0]]))
    bad = []
    with relay(lab, weather, host) as road:
        for attempt in range(1, RUNS + 1):
            done = tool.run(lab.namespace("op"), ["-n", "-c", command, road.address], time_limit=TIME_LIMIT)
            if done.status != 0 or keys(done) != expected or done.stderr:
                bad.append(f"run {attempt}: expected {len(expected)} lines\n{done.show()}")
    right = not bad and len(expected) >= (ASSOCIATIONS if host == "many" else 10)
    report.check(f"{command} of {host}, {name}: complete in {RUNS} of {RUNS} runs", right, "\n".join(bad[:2]))


def one_request_each(lab, tool, report, host, command):
    """A long way is no reason to ask twice."""
    with relay(lab, Weather(delay=0.05), host) as road:
        done = tool.run(lab.namespace("op"), ["-n", "-c", command, road.address], time_limit=TIME_LIMIT)
        time.sleep(0.2)
        up, down = road.counts()
    report.check(f"{command} of {host}, round trip 100 ms: one request", (up, done.status) == (1, 0) and down >= 1,
                 f"{up} requests, {down} answers\n{done.show()}")
