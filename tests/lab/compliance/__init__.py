"""The compliance suite: the same command lines, given to the real ntpq and to ours, must leave the same bytes.

Each case runs the reference and ours one after the other on the same host: standard output, standard error, exit
status and the files written are compared byte for byte. A daemon stands behind a recorder, which plays one answer to
both, so that nothing needs to be masked; the few numbers that still move (`when` follows this machine's clock) are met
by trying again. A second comparison holds the default dialect against the reference's output, changed where the
default dialect is documented to differ.
"""
import time

from ntplab.mode6 import Request
from ntplab.recorder import Recorder

from .cases import daemon_cases
from .comparison import Manner, compare_all
from .dialect import expected_in_default_dialect, without_hints
from .fakes import fake_cases
from .keyed import keyed_cases

MANNER = Manner("ntpq", Recorder, Request, expected_in_default_dialect, without_hints)


def run(lab, chosen, report):
    """Runs every case."""
    begin = time.monotonic()
    count = compare_all(lab, chosen, report, MANNER, [*daemon_cases(), *keyed_cases(), *fake_cases()])
    print(f"compliance: {count} command lines in {time.monotonic() - begin:.0f} s", flush=True)
