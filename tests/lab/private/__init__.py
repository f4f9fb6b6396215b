"""Mode 7: ntpdc compared with the real one, on real daemons that it changes, over a bad network, and without mode 7 support."""
import time
from concurrent.futures import ThreadPoolExecutor

from compliance.comparison import ComparisonRules, compare_all
from ntplab.mode7 import Request
from ntplab.private_recorder import PrivateRecorder
from ntplab.programs import Tools

from . import bad_network, changes, long_lists
from .cases import daemon_cases
from .cures import check_cures
from .dialect import expected_in_default_dialect, without_hints
from .formats import check_formats
from .hints import check_hints
from .hostile import hostile_cases
from .scripted import scripted_cases

RULES = ComparisonRules("ntpdc", PrivateRecorder, Request, expected_in_default_dialect, without_hints)


def run(lab, chosen, report):
    """Runs all cases."""
    begin = time.monotonic()
    count = compare_all(lab, chosen, report, RULES, [*daemon_cases(), *scripted_cases(), *hostile_cases()])
    print(f"private: {count} command lines in {time.monotonic() - begin:.0f} s", flush=True)
    tools = Tools("ntpdc", chosen.ours, lab.folder)
    jobs = long_lists.jobs(lab, tools, report)
    pool = ThreadPoolExecutor(chosen.workers)
    try:
        waiting = [pool.submit(*job) for job in jobs if not chosen.only or chosen.only in f"{job[0].__module__} {' '.join(map(str, job[4:]))}"]
        for done in waiting:
            done.result()
        if tools.has_dialects:
            check_cures(lab, chosen, report, tools)
            check_formats(lab, chosen, report, tools)
            check_hints(lab, chosen, report)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        tools.close()
    changes.run(lab, chosen, report)
    bad_network.run(lab, chosen, report)
    print(f"private: {time.monotonic() - begin:.0f} s", flush=True)
