"""Runs the cases of a compliance suite: the reference and ours, run one after the other, must produce the same bytes."""
import random
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from difflib import unified_diff
from typing import Callable

from ntplab.fakeserver import FakeServer
from ntplab.packages import LabError
from ntplab.plan import HOSTS
from ntplab.programs import Tools

from .dialect import with_unknown, without_stale_memory

TRIES = 6  # in which both runs of the reference agreed and ours differed
TIME_LIMIT = 60.0  # seconds for all tries of a case
AGE = re.compile(r"(?m)(?<= [a-zA-Z] )[ \d]{3}\d(?= [ \d]{3}\d +[0-7]{1,3} )")  # `when` in a peers table, in seconds


@dataclass(frozen=True)
class ComparisonRules:
    """What is specific to the comparison of one program."""
    applet: str
    recorder: type  # the proxy in front of a real daemon
    request: type  # the class with which a scripted server parses packets
    expected: Callable  # (the reference's outcome, the case) -> the outcome expected of the default dialect
    hidden: Callable  # (our outcome, the reference's) -> ours without what the default dialect may add


def compare_all(lab, chosen, report, rules, cases):
    """Runs the chosen cases; returns their number."""
    tools = Tools(rules.applet, chosen.ours, lab.folder)
    peers = {host: {peer: number for peer, (_, number) in lab.peers(host).items()} for host in ("hub", "sec", "young")}
    cases = [case for case in cases if not chosen.only or chosen.only in case.name]
    names = [case.name for case in cases]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise LabError(f"duplicate case names: {', '.join(sorted(twice))}")
    numbered = sorted(enumerate(cases), key=lambda pair: not pair[1].slow)  # slow ones first, so that they overlap
    pool = ThreadPoolExecutor(chosen.workers)
    try:
        comparisons = [Comparison(lab, tools, rules, peers, number, case, report, chosen.classic_only) for number, case in numbered]
        for done in [pool.submit(comparison.run) for comparison in comparisons]:
            done.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        tools.close()
    return len(cases)


class Comparison:
    """A running case."""

    def __init__(self, lab, tools, rules, peers, number, case, report, classic_only):
        self._lab, self._tools, self._rules, self._case, self._report = lab, tools, rules, case, report
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
            self._servers["fake"] = FakeServer(namespace, addresses["fake"], self._rules.request)
        for index, host in enumerate(case.recorded()):
            addresses[host] = self._address(1 + index)
            self._servers[host] = self._rules.recorder(namespace, addresses[host], HOSTS[host].addresses[0])
        self._arguments = case.command(addresses, self._peers)

    def _reset(self, forget):
        """Resets the servers before a run."""
        for server in self._servers.values():
            if isinstance(server, FakeServer):
                server.play(self._case.script())
            elif forget:
                server.forget()

    def _run(self, tool, forget=False):
        self._reset(forget)
        outcome = tool.run(self._lab.namespace(self._case.where), self._arguments, self._case.stdin)
        return outcome if self._case.script else without_stale_memory(outcome)

    def _compare(self):
        waiting = ["", " [default dialect]"] if self._with_default else [""]
        begin = time.monotonic()
        tries = unchanged = 0
        while waiting:
            tries += 1
            started = time.monotonic()
            before = self._reference()
            answers = {dialect: self._sides(dialect, before) for dialect in waiting}
            waiting = [dialect for dialect in waiting if not self._same(dialect, *answers[dialect], tries)]
            if not waiting:
                return
            after = self._reference()
            unchanged += before == after
            last = unchanged == TRIES or time.monotonic() - begin > TIME_LIMIT
            for dialect in list(waiting):
                expected, got = answers[dialect]
                later = self._expected(dialect, after)
                if between(expected, later, got):
                    self._report.passed(self._case.name + dialect, "between two states of a changing daemon")
                elif tries > 1 and expected == with_reference_ages(expected, got, time.monotonic() - started):
                    self._report.passed(self._case.name + dialect, "except for the seconds between two runs on a busy machine")
                elif last or got.status is None:
                    self._report.failed(self._case.name + dialect, difference(expected, got))
                else:
                    continue
                waiting.remove(dialect)
            if waiting:
                time.sleep(random.uniform(0.05, 0.3))

    def _same(self, dialect, expected, got, tries):
        if expected != got:
            return False
        self._report.passed(self._case.name + dialect, "at once" if tries == 1 else "after a retry")
        return True

    def _reference(self):
        reference = self._run(self._tools.reference, forget=True)
        if reference.status is None:
            raise LabError(f"the reference did not end: {self._case.name}")
        return reference

    def _expected(self, dialect, reference):
        return self._case.normalise(self._rules.expected(reference, self._case) if dialect else reference)

    def _sides(self, dialect, reference):
        expected = self._expected(dialect, reference)
        if not dialect:
            return expected, self._case.normalise(self._run(self._tools.classic))
        hidden = self._rules.hidden(self._run(self._tools.default), reference)
        return expected, self._case.normalise(with_unknown(self._rules.expected(reference, self._case), hidden))


def between(before, after, got):
    """Whether each line of ours is what the reference printed either before or after ours ran.

    A daemon that polls in the meantime changes one figure in one line; nothing else may differ.
    """
    if before == after or replace(got, stdout=b"") not in (replace(before, stdout=b""), replace(after, stdout=b"")):
        return False
    old, new, ours = (outcome.stdout.split(b"\n") for outcome in (before, after, got))
    return len(old) == len(new) == len(ours) and all(line in pair for line, *pair in zip(ours, old, new))


def with_reference_ages(expected, got, seconds):
    """Returns our outcome with the reference's ages of peers, where ours are older by at most the time between the runs."""
    theirs, ours = (AGE.findall(outcome.stdout.decode("latin-1")) for outcome in (expected, got))
    if len(theirs) != len(ours):
        return got
    pairs = iter(zip(theirs, ours))

    def age(_match):
        old, new = next(pairs)
        return old if 0 <= int(new) - int(old) <= seconds + 1 else new
    return replace(got, stdout=AGE.sub(age, got.stdout.decode("latin-1")).encode("latin-1"))


def difference(expected, got):
    """Returns the difference between two outcomes: `-` reference, `+` ours."""
    lines = unified_diff(visible(expected), visible(got), "reference", "ours", lineterm="", n=2)
    return "\n".join(lines)


def visible(outcome):
    return [line.encode("unicode_escape").decode() for line in outcome.show().split("\n")]
