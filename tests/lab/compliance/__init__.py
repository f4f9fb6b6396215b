"""The compliance suite: the real ntpq and ours must produce the same bytes for the same command lines.

Each case runs the reference and ours one after the other on the same host: standard output, standard error, exit status
and written files are compared byte for byte. Daemons are behind a recorder, which replays the same replies to both, so
nothing needs to be masked; the few numbers that still change (`when` follows this machine's clock) are handled by
retrying. A second comparison checks the default dialect against the reference's output, changed where the default
dialect is documented to differ.
"""
import time

from ntplab.mode6 import Request
from ntplab.recorder import Recorder

from .cases import daemon_cases
from .comparison import ComparisonRules, compare_all
from .dialect import expected_in_default_dialect, without_hints
from .fakes import fake_cases
from .keyed import keyed_cases

RULES = ComparisonRules("ntpq", Recorder, Request, expected_in_default_dialect, without_hints)


def run(lab, chosen, report):
    """Runs all cases."""
    begin = time.monotonic()
    count = compare_all(lab, chosen, report, RULES, [*daemon_cases(), *keyed_cases(), *fake_cases()])
    print(f"compliance: {count} command lines in {time.monotonic() - begin:.0f} s", flush=True)
