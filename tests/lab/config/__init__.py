"""Compares `ntpkit check-config` with the parsers of the real daemons: both must reject the same lines. Configurations as
shipped by distributions must cause no false alarm.

The daemons only read their configuration: each runs in its own network namespace, without the capability to set the clock."""
import json
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ntplab.packages import LabError

from . import files, parsers


def run(lab, chosen, report):
    """Checks every file of every language."""
    if chosen.ours == "reference":
        raise LabError("config: there is nothing to compare the reference with")
    with tempfile.TemporaryDirectory(prefix="config.", dir=lab.folder) as folder:
        bench = Bench(Path(folder), chosen, report)
        cases = [(language, name, text) for language, texts in files.FILES.items() for name, text in texts.items()]
        with ThreadPoolExecutor(chosen.workers) as pool:
            for done in [pool.submit(bench.compare, *case) for case in cases]:
                done.result()
            for done in [pool.submit(bench.is_clean, *case) for case in files.SHIPPED]:
                done.result()


class Bench:
    """Writes the files and has both sides read them."""

    def __init__(self, folder, chosen, report):
        self._folder, self._ours, self._only, self._report = folder, chosen.ours, chosen.only, report

    def _read(self, language, text, *options):
        """What the daemon rejects and prints, and our status, findings and output."""
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            path = Path(folder) / parsers.NAMES[language]
            path.write_text(text)
            return *parsers.refused(language, text, Path(folder)), *self._check(language, path, *options)

    def compare(self, language, name, text):
        """Checks one file: the daemon and ours must reject the same lines."""
        title = f"config: {language}: {name}"
        if self._only and self._only not in title:
            return
        expected, output, status, found, whole = self._read(language, text)
        got = {one["line"] for one in found if one["refused"]}
        ok = parsers.agree(language, text, expected, got) and status == worst(found)
        if language == "ntpd-rs" and not expected:  # not refused, but of no use
            ok = ok and ("Fewer sources" in output) == any(one["rule"] == "few-agree" for one in found)
        self._report.check(title, ok,
                           f"rejected by the daemon: {sorted(map(str, expected))}, by ours: {sorted(map(str, got))}, status {status}\n{output}\n{whole}\n{numbered(text)}")

    def is_clean(self, language, name, text, *accepted):
        """Checks one file as shipped by a distribution: neither side reports anything except the accepted rules."""
        title = f"config: as shipped: {name}"
        if self._only and self._only not in title:
            return
        expected, output, status, found, whole = self._read(language, text, "--elsewhere")
        rules = {one["rule"] for one in found}
        self._report.check(title, not expected and rules == set(accepted) and status == worst(found),
                           f"status {status}, rules {sorted(rules)}\n{output}\n{whole}\n{numbered(text)}")

    def _check(self, language, path, *options):
        """Returns our status, findings and whole output."""
        done = subprocess.run([self._ours, "check-config", "--format", "json", "--daemon", language, *options, str(path)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
        try:
            found = json.loads(done.stdout)["configurations"][0]["findings"]
        except (ValueError, LookupError):
            found = []
        return done.returncode, found, done.stdout + done.stderr


def worst(found):
    """Returns the exit status for these findings."""
    return max([0] + [2 if one["severity"] == "error" else 1 for one in found])


def numbered(text):
    return "\n".join(f"{at:3} {line}" for at, line in enumerate(text.splitlines(), 1))
