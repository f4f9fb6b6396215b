"""`ntpkit check-config` beside the real daemons' own parsers: which lines each refuses must agree. And configurations as
distributions ship them, which must give no false alarm.

No daemon here talks to anybody: each runs in a network namespace of its own, without the right to set a clock, and only
reads its configuration."""
import json
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ntplab.packages import LabError

from . import files, parsers


def run(lab, chosen, report):
    """Every file of every language."""
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
    """Where files are written and both sides read them."""

    def __init__(self, folder, chosen, report):
        self._folder, self._ours, self._only, self._report = folder, chosen.ours, chosen.only, report

    def compare(self, language, name, text):
        """One file: the lines that the daemon refuses, and those that ours calls refused."""
        title = f"config: {language}: {name}"
        if self._only and self._only not in title:
            return
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            path = Path(folder) / parsers.NAMES[language]
            path.write_text(text)
            expected, said = parsers.refused(language, text, Path(folder))
            status, found, whole = self._check(language, path)
            got = {one["line"] for one in found if one["refused"]}
        if parsers.STOPS_AT_FIRST[language] and expected:
            got = {min(got)} if got else got  # the daemon says nothing of what comes after
        self._report.check(title, got == expected and status == worst(found),
                           f"the daemon refuses {sorted(map(str, expected))}, ours {sorted(map(str, got))}, status {status}\n{said}\n{whole}\n{numbered(text)}")

    def is_clean(self, language, name, text, *accepted):
        """One file as a distribution ships it: neither side has anything to say but what is accepted."""
        title = f"config: as shipped: {name}"
        if self._only and self._only not in title:
            return
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            path = Path(folder) / parsers.NAMES[language]
            path.write_text(text)
            expected, said = parsers.refused(language, text, Path(folder))
            status, found, whole = self._check(language, path, "--elsewhere")
        rules = {one["rule"] for one in found}
        self._report.check(title, not expected and rules == set(accepted) and status == worst(found),
                           f"status {status}, rules {sorted(rules)}\n{said}\n{whole}\n{numbered(text)}")

    def _check(self, language, path, *options):
        """The status, the findings and the whole of what ours says."""
        done = subprocess.run([self._ours, "check-config", "--format", "json", "--daemon", language, *options, str(path)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
        try:
            found = json.loads(done.stdout)["configurations"][0]["findings"]
        except (ValueError, LookupError):
            found = []
        return done.returncode, found, done.stdout + done.stderr


def worst(found):
    """The status that belongs to these findings."""
    return max([0] + [2 if one["severity"] == "error" else 1 for one in found])


def numbered(text):
    return "\n".join(f"{at:3} {line}" for at, line in enumerate(text.splitlines(), 1))
