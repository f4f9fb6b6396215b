"""Generated replies: a scripted server sends replies drawn from a seed; the real ntpq and ntpdc of 4.2.8p15 and ours in
their dialect must print the same standard output and exit with the same status.

The seed is fixed, so that a failure comes from a change and not from chance. NTPKIT_LAB_SEED sets another one (`random`: a
new one), NTPKIT_LAB_ROUNDS the number of rounds instead of a time limit. A case is one server and a sequence of commands. A
case that differs is retried, because `when` counts seconds and a busy machine delays datagrams; if it always differs, each
command is run alone to find which ones fail. `items` and `texts` list which replies are not generated, and why."""
import hashlib
import os
import random
import time
from concurrent.futures import ThreadPoolExecutor

from compliance.comparison import difference
from ntplab import mode6, mode7
from ntplab.fakeserver import FakeServer
from ntplab.programs import Outcome, Tools

from . import items, texts

SECONDS = 50  # no new rounds are started after this time
MAX_ROUNDS = 10000
SEED = "2036"
ATTEMPTS = 3
SIDES = (("ntpdc", items, mode7.Request), ("ntpq", texts, mode6.Request))


def run(lab, chosen, report):
    """Runs rounds until the time or their number is used up."""
    begin = time.monotonic()
    seed = os.environ.get("NTPKIT_LAB_SEED") or SEED
    if seed == "random":
        seed = str(random.randrange(1 << 32))
    rounds = int(os.environ.get("NTPKIT_LAB_ROUNDS") or 0)
    print(f"generated: seed {seed}", flush=True)
    sides = [Side(lab, chosen, report, seed, *side) for side in SIDES]
    pool = ThreadPoolExecutor(chosen.workers)
    try:
        number = 0
        while number < rounds if rounds else time.monotonic() - begin < SECONDS and number < MAX_ROUNDS:
            batch = [pool.submit(side.round, number + at) for at in range(chosen.workers) for side in sides]
            for done in batch:
                done.result()
            number += chosen.workers
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for side in sides:
            side.close()
    answers = sum(side.answers for side in sides)
    print(f"generated: {answers} replies in {time.monotonic() - begin:.0f} s", flush=True)


class Side:
    """One program and the kind of replies it gets."""

    def __init__(self, lab, chosen, report, seed, applet, kind, request):
        self._namespace, self._report, self._seed, self._applet, self._kind, self._request = (
            lab.namespace("stage"), report, seed, applet, kind, request)
        self._only = chosen.only
        self._tools = Tools(applet, chosen.ours, lab.folder)
        self._place = 7 + len(applet)  # part of the loopback addresses
        self.answers = 0

    def close(self):
        self._tools.close()

    def round(self, number):
        """Runs one case: servers and their commands."""
        name = f"generated: {self._applet} {self._seed}/{number}"
        if self._only and self._only not in name:
            return
        dice = random.Random(hashlib.sha256(name.encode()).digest())
        hosts = [FakeServer(self._namespace, f"127.{self._place}{at}.{number // 250 % 250}.{number % 250 + 1}", self._request)
                 for at in range(self._kind.hosts(dice) if hasattr(self._kind, "hosts") else 1)]
        scripts = [self._kind.Server(dice) for _ in hosts]
        commands = self._kind.commands(dice, len(hosts))
        numeric = ["-n"] if dice.random() < 0.9 else []
        try:
            self._compare(name, hosts, scripts, commands, numeric)
        finally:
            for host in hosts:
                host.close()

    def _compare(self, name, hosts, scripts, commands, numeric):
        def ask(tool, some):
            for host, script in zip(hosts, scripts):
                host.play(script)
            words = [word for command in some for word in ("-c", command)]
            done = tool.run(self._namespace, [*numeric, *words, *(host.address for host in hosts)])
            return Outcome(done.stdout, b"", done.status), done

        # both programs run close together in time
        for attempt in range(ATTEMPTS):
            expected, whole = ask(self._tools.reference, commands)
            got, ours = ask(self._tools.classic, commands)
            self.answers += len(commands)
            if expected == got:
                self._report.passed(name, "after a retry" if attempt else "at once")
                return
        together = f"{difference(expected, got)}\nreference's stderr {whole.stderr!r}, ours {ours.stderr!r}"
        differing = []
        for command in commands[2:]:
            some = [*commands[:2], command]
            expected, whole = ask(self._tools.reference, some)
            got, ours = ask(self._tools.classic, some)
            if expected != got:
                shown = "; ".join(self._kind.describe(script, command) for script in scripts) if hasattr(self._kind, "describe") else ""
                differing.append(f"{command}: {shown}\n{difference(expected, got)}\nreference's stderr {whole.stderr!r}, ours {ours.stderr!r}")
        self._report.failed(name, "\n".join(differing) or f"differs only with all commands together:\n{together}")
