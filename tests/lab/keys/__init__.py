"""Tests the files of ntp-keygen with real programs: daemons that authenticate with them, openssl that reads them, and the
original ntp-keygen for comparison. Also tests what happens to files when a run is killed, the disk is full, or there are
hostile links."""
import time
from concurrent.futures import ThreadPoolExecutor

from ntplab.packages import LabError

from . import autokey, comparison, cures, faults, files, keys_check, symmetric
from .context import Context, guarded

PARTS = {"autokey": autokey, "symmetric": symmetric, "faults": faults, "comparison": comparison, "cures": cures, "files": files, "keys check": keys_check}


def run(lab, chosen, report):
    """Runs all parts in parallel, because the Autokey exchanges mostly wait for daemons."""
    if chosen.ours == "reference":
        raise LabError("keys: there is nothing to compare the reference with")
    begin = time.monotonic()
    context = Context(lab, chosen, report)
    spent = {}

    def timed(name, part):
        started = time.monotonic()
        guarded(context, name, lambda: part.run(context))
        spent[name] = time.monotonic() - started

    try:
        with ThreadPoolExecutor(len(PARTS)) as pool:
            for done in [pool.submit(timed, name, part) for name, part in PARTS.items()]:
                done.result()
    finally:
        context.close()
    print(f"keys: {', '.join(f'{name} {seconds:.0f} s' for name, seconds in spent.items())}; {time.monotonic() - begin:.0f} s", flush=True)
