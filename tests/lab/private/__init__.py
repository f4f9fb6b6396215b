"""Mode 7: ntpdc beside the real one, and on the real daemons that it changes."""
import time

from compliance.comparison import Manner, compare_all
from ntplab.mode7 import Request
from ntplab.private_recorder import PrivateRecorder

from . import changes, weather
from .cases import daemon_cases
from .dialect import expected_in_default_dialect, without_hints

MANNER = Manner("ntpdc", PrivateRecorder, Request, expected_in_default_dialect, without_hints)


def run(lab, chosen, report):
    """Runs every case."""
    begin = time.monotonic()
    count = compare_all(lab, chosen, report, MANNER, daemon_cases())
    print(f"private: {count} command lines in {time.monotonic() - begin:.0f} s", flush=True)
    changes.run(lab, chosen, report)
    weather.run(lab, chosen, report)
