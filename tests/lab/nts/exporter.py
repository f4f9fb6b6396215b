"""The module `nts` of the exporter's /probe, with the real servers."""
import re

from exporter import fetch, lint, sample, start, wait_for

from .examine import AGREED
from .servers import KE_PORT

#    target                   success  reason
PROBES = [
    *((host, 1, None) for host in AGREED),
    (f"192.0.2.11:{KE_PORT}", 1, None),
    ("hub", 0, "tcp"),  # a daemon without NTS
    ("nosuch.invalid", 0, "name"),
]


def run(context):
    name = "nts: the exporter's probes"
    if not context.wanted(name):
        return
    started = []
    lab, folder = context.lab, context.authority.certificate.parent
    try:
        command = [context.chosen.ours, "exporter", "--ca", str(context.authority.certificate)]
        start(started, lab, "op", command, folder / "exporter.log", limits=["setpriv", "--bounding-set", "-sys_time", "--inh-caps", "-all"])
        wait_for(lab, "op")
        for target, success, reason in PROBES:
            status, body = fetch(lab, "op", f"/probe?target={target}&module=nts")
            right = status == 200 and sample(body, "ntpkit_probe_success") == success
            if success:
                right = right and re.search(r"^ntpkit_nts_success\b.* 1$", body, re.M) and "ntpkit_nts_certificate_not_after" in body
            else:
                right = right and sample(body, f'ntpkit_probe_failure_info{{reason="{reason}"}}') == 1
            context.report.check(f"{name}: {target}", bool(right), f"status {status}\n{body}")
            code, output = lint(body)
            context.report.check(f"{name}: promtool about {target}", code == 0, output)
    finally:
        for process in started:
            process.kill()
            process.wait()
