"""Mode 7: ntpdc beside the real one, and on the real daemons that it changes."""
import time

from compliance.comparison import Manner, compare_all
from ntplab.mode7 import Request
from ntplab.private_recorder import PrivateRecorder
from ntplab.programs import Tools

from .cases import daemon_cases
from .cures import check_cures
from .dialect import expected_in_default_dialect, without_hints
from .formats import check_formats
from .hints import check_hints
from .hostile import hostile_cases

MANNER = Manner("ntpdc", PrivateRecorder, Request, expected_in_default_dialect, without_hints)


def run(lab, chosen, report):
    """Runs every case."""
    begin = time.monotonic()
    count = compare_all(lab, chosen, report, MANNER, [*daemon_cases(), *hostile_cases()])
    tools = Tools("ntpdc", chosen.ours, lab.folder)
    try:
        if tools.has_dialects:
            count += check_cures(lab, chosen, report, tools)
            count += check_formats(lab, chosen, report, tools)
            count += check_hints(lab, chosen, report)
    finally:
        tools.close()
    print(f"private: {count} command lines in {time.monotonic() - begin:.0f} s", flush=True)
