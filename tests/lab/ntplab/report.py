"""Verdicts, and the line that closes a suite."""
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

    def close(self):
        """Prints the totals; gives the exit status."""
        notes = ", ".join(f"{count} {note}" for note, count in sorted(self._notes.items()) if note)
        if notes:
            print(f"passed: {notes}")
        for name in self._failed:
            print(f"failed: {name}")
        print(f"{self._passed} passed, {len(self._failed)} failed", flush=True)
        return 1 if self._failed or not self._passed else 0


def indent(text):
    return "\n".join("     " + line for line in text.splitlines())
