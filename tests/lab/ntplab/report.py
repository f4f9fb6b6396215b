"""Verdicts, and the lines that close a run."""
import threading


class Report:
    """Counts the cases, shows those that failed."""

    def __init__(self, verbose=False):
        self._verbose, self._lock = verbose, threading.Lock()
        self._passed, self._failed, self._notes = 0, [], {}

    def passed(self, name, note=""):
        """`note`: how it passed; counted."""
        with self._lock:
            self._passed += 1
            self._notes[note] = self._notes.get(note, 0) + 1
            if self._verbose:
                print(f"ok   {name}{' (' + note + ')' if note else ''}", flush=True)

    def failed(self, name, explanation):
        with self._lock:
            self._failed.append(name)
            print(f"FAIL {name}\n{indent(explanation)}", flush=True)

    def check(self, name, right, explanation):
        """One case that holds or not."""
        if right:
            self.passed(name)
        else:
            self.failed(name, explanation)

    def totals(self, seconds):
        """What came of it: how many passed, the names of those that failed, how those passed that did, and how long it took."""
        return {"passed": self._passed, "failed": self._failed, "notes": self._notes, "seconds": seconds}


def close(totals, silent=()):
    """Prints a line for each suite and the totals; gives the exit status. `silent`: what ended before it had any."""
    notes, failed = {}, list(silent)
    for name, one in totals.items():
        print(f"suite {name}: {one['passed'] + len(one['failed'])} cases, {len(one['failed'])} failed, {one['seconds']:.0f} s")
        failed += one["failed"]
        for note, count in one["notes"].items():
            notes[note] = notes.get(note, 0) + count
    told = ", ".join(f"{count} {note}" for note, count in sorted(notes.items()) if note)
    if told:
        print(f"passed: {told}")
    for name in failed:
        print(f"failed: {name}")
    passed = sum(one["passed"] for one in totals.values())
    print(f"{passed} passed, {len(failed)} failed", flush=True)
    if silent:
        return 3
    return 1 if failed or not passed else 0


def indent(text):
    return "\n".join("     " + line for line in text.splitlines())
