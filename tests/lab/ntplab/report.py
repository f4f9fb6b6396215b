"""Counts verdicts and prints the totals of a run."""
import threading


class Report:
    """Counts the cases and prints those that failed."""

    def __init__(self, verbose=False):
        self._verbose, self._lock = verbose, threading.Lock()
        self._passed, self._failed, self._notes = 0, [], {}

    def passed(self, name, note=""):
        """Counts a passed case. `note`: how it passed; counted too."""
        with self._lock:
            self._passed += 1
            self._notes[note] = self._notes.get(note, 0) + 1
            if self._verbose:
                print(f"ok   {name}{' (' + note + ')' if note else ''}", flush=True)

    def failed(self, name, explanation):
        with self._lock:
            self._failed.append(name)
            print(f"FAIL {name}\n{indent(explanation)}", flush=True)

    def check(self, name, ok, explanation):
        """Counts a case as passed or failed."""
        if ok:
            self.passed(name)
        else:
            self.failed(name, explanation)

    def totals(self, seconds):
        """Returns the number of passed cases, the names of failed ones, the counted notes, and the time taken."""
        return {"passed": self._passed, "failed": self._failed, "notes": self._notes, "seconds": seconds}


def close(totals, silent=()):
    """Prints a line per suite and the totals; returns the exit status. `silent`: lanes that ended without a result."""
    notes, failed = {}, list(silent)
    for name, one in totals.items():
        print(f"suite {name}: {one['passed'] + len(one['failed'])} cases, {len(one['failed'])} failed, {one['seconds']:.0f} s")
        failed += one["failed"]
        for note, count in one["notes"].items():
            notes[note] = notes.get(note, 0) + count
    counted = ", ".join(f"{count} {note}" for note, count in sorted(notes.items()) if note)
    if counted:
        print(f"passed: {counted}")
    for name in failed:
        print(f"failed: {name}")
    passed = sum(one["passed"] for one in totals.values())
    print(f"{passed} passed, {len(failed)} failed", flush=True)
    if silent:
        return 3
    return 1 if failed or not passed else 0


def indent(text):
    return "\n".join("     " + line for line in text.splitlines())
