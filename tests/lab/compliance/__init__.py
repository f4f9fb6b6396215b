"""The compliance suite: the same command lines, given to the real ntpq and to ours, must leave the same bytes.

Each case runs the reference and ours one after the other on the same host: standard output, standard error, exit
status and the files written are compared byte for byte. A daemon stands behind a recorder, which plays one answer to
both, so that nothing needs to be masked; the few numbers that still move (`when` follows this machine's clock) are met
by trying again. A second comparison holds the default dialect against the reference's output, changed where the
default dialect is documented to differ.
"""
import random
import time
from concurrent.futures import ThreadPoolExecutor
from difflib import unified_diff

from ntplab.fakeserver import FakeServer
from ntplab.packages import LabError
from ntplab.plan import HOSTS
from ntplab.programs import Tools
from ntplab.recorder import Recorder

from .cases import daemon_cases
from .dialect import expected_in_default_dialect, with_unknown, without_hints
from .fakes import fake_cases

TRIES = 6


def run(lab, chosen, report):
    """Runs every case."""
    tools = Tools("ntpq", chosen.ours, lab.folder)
    peers = {host: {peer: number for peer, (_, number) in lab.peers(host).items()} for host in ("hub", "sec", "young")}
    cases = [case for case in [*daemon_cases(), *fake_cases()] if not chosen.only or chosen.only in case.name]
    names = [case.name for case in cases]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise LabError(f"cases of the same name: {', '.join(sorted(twice))}")
    begin = time.monotonic()
    numbered = sorted(enumerate(cases), key=lambda pair: not pair[1].slow)  # the slow first: they overlap
    pool = ThreadPoolExecutor(chosen.workers)
    try:
        for done in [pool.submit(Comparison(lab, tools, peers, number, case, report, chosen.classic_only).run) for number, case in numbered]:
            done.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        tools.close()
    print(f"compliance: {len(cases)} command lines in {time.monotonic() - begin:.0f} s", flush=True)


class Comparison:
    """One case on its way."""

    def __init__(self, lab, tools, peers, number, case, report, classic_only):
        self._lab, self._tools, self._case, self._report = lab, tools, case, report
        self._peers, self._number = peers, number
        self._with_default = tools.has_dialects and case.default and not classic_only
        self._servers = {}

    def run(self):
        try:
            self._prepare()
            self._compare()
        except (LabError, OSError) as error:
            self._report.failed(self._case.name, f"the laboratory: {error}")
        finally:
            for server in self._servers.values():
                server.close()

    def _address(self, index):
        """A loopback address that no other case uses."""
        return f"127.{10 + index}.{self._number // 250}.{self._number % 250 + 1}"

    def _prepare(self):
        case = self._case
        addresses = {}
        namespace = self._lab.namespace(case.where)
        if case.script:
            addresses["fake"] = self._address(0)
            self._servers["fake"] = FakeServer(namespace, addresses["fake"])
        for index, host in enumerate(case.recorded()):
            addresses[host] = self._address(1 + index)
            self._servers[host] = Recorder(namespace, addresses[host], HOSTS[host].addresses[0])
        self._arguments = case.command(addresses, self._peers)

    def _anew(self, forget):
        """The servers' state at the beginning of a run."""
        for server in self._servers.values():
            if isinstance(server, FakeServer):
                server.play(self._case.script())
            elif forget:
                server.forget()

    def _run(self, tool, forget=False):
        self._anew(forget)
        return tool.run(self._lab.namespace(self._case.where), self._arguments, self._case.stdin)

    def _compare(self):
        waiting = ["", " [default dialect]"] if self._with_default else [""]
        for attempt in range(TRIES):
            reference = self._run(self._tools.reference, forget=True)
            if reference.status is None:
                raise LabError(f"the reference did not end: {self._case.name}")
            for dialect in list(waiting):
                expected, got = self._sides(dialect, reference)
                if expected == got:
                    waiting.remove(dialect)
                    self._report.passed(self._case.name + dialect, "after another try" if attempt else "at once")
                elif attempt + 1 == TRIES or got.status is None:
                    waiting.remove(dialect)
                    self._report.failed(self._case.name + dialect, difference(expected, got))
            if not waiting:
                return
            time.sleep(random.uniform(0.05, 0.3))

    def _sides(self, dialect, reference):
        if not dialect:
            return self._case.normalise(reference), self._case.normalise(self._run(self._tools.classic))
        expected = expected_in_default_dialect(reference, self._case)
        got = with_unknown(expected, without_hints(self._run(self._tools.default), reference))
        return self._case.normalise(expected), self._case.normalise(got)


def difference(expected, got):
    """The two outcomes' difference, `-` reference, `+` ours."""
    lines = unified_diff(visible(expected), visible(got), "reference", "ours", lineterm="", n=2)
    return "\n".join(lines)


def visible(outcome):
    return [line.encode("unicode_escape").decode() for line in outcome.show().split("\n")]
