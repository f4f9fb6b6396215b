"""ntpdate with NTS: only -q and -d, because nothing here may set this machine's clock."""
import json
import re
import tempfile
from pathlib import Path

from ntplab.plan import HOSTS

from .examine import AGREED
from .failures import redirected_server
from .servers import COOKIE, TamperingRelay, Scripted, granting


def run(context):
    for case in (queries, mixed, failures, saved, wrong_clock, round_trips):
        case(context)


def ntpdate(context, *words, **more):
    return context.run("ntpdate", "--ca", str(context.authority.certificate), *words, **more)


def queries(context):
    if context.wanted("ntpdate: --nts with four servers"):
        done = ntpdate(context, "-q", "--nts", *AGREED)
        context.check("ntpdate: --nts with four servers", done, *(f"server {re.escape(address)}|server 2001:db8::{HOSTS[host].number}, stratum"
                     for host in AGREED for address in HOSTS[host].addresses[:1]), status=0)
    if context.wanted("ntpdate: nts:SERVER in JSON"):
        done = ntpdate(context, "-q", "--format", "json", "nts:time1", "nts:time2:4460")
        servers = json.loads(done.stdout)["servers"]
        ok = [server["authentic"] for server in servers] == [True, True] and {server["nts"]["aead"] for server in servers} == {15, 30}
        context.report.check("ntpdate: nts:SERVER in JSON", ok and done.status == 0, done.show())
    if context.wanted("ntpdate: -d"):
        done = ntpdate(context, "-d", "-p", "4", "--nts", "time1")
        context.check("ntpdate: -d traces records and fields", done, "record NTS Next Protocol", r"record New Cookie for NTPv4 \(5\), 100 octets",
                     "nts: sent 228 octets: Unique Identifier 36, NTS Cookie 104, NTS Authenticator", "nts: received 228 octets: Unique Identifier 36",
                     "authentication passed", "adjust time server|step time server", status=0, forbidden=("authentication failed",))


def mixed(context):
    if context.wanted("ntpdate: a server with NTS and one without"):
        done = ntpdate(context, "-q", "--format", "json", "nts:time1", HOSTS["time3"].addresses[0])
        authentic = [server["authentic"] for server in json.loads(done.stdout)["servers"]]
        context.report.check("ntpdate: a server with NTS and one without", sorted(authentic, key=str) == [None, True] and done.status == 0, done.show())


def failures(context):
    namespace, target = context.lab.namespace("stage"), HOSTS["closed"].addresses[0]
    certificate, key = context.authority.issue("date", ["127.60.210.1"], -20, 10)
    if context.wanted("ntpdate: expired"):
        with Scripted(context.lab, "stage", "127.60.210.1", granting(COOKIE), certificate, key):
            done = ntpdate(context, "-q", "--explain", "nts:127.60.210.1", host="stage")
            context.check("ntpdate: a failure names the layer", done, r"127\.60\.210\.1: NTS failed \(certificate\): the certificate has expired",
                         "--nts-trust-time", "no server suitable", status=1)
    if context.wanted("ntpdate: port shut"):
        done = ntpdate(context, "-q", "--format", "json", "nts:192.0.2.50", "nts:time1")
        run = json.loads(done.stdout)
        context.report.check("ntpdate: a failing server does not affect the other", run["nts_failures"][0]["layer"] == "tcp" and done.status == 0, done.show())
    redirected_server(context, "closed")
    for name, change in [("a server that answers without authentication", lambda data, _: data[:48]),
                         ("a server that sends NAK", lambda data, _: data[:1] + b"\0" + data[2:12] + b"NTSN" + data[16:84]),
                         ("a changed response", lambda data, _: data[:40] + b"\0" + data[41:])]:
        if context.wanted(f"ntpdate: {name}"):
            for words in ([], ["--compat", "none"]):
                with TamperingRelay(namespace, "127.61.1.1", target, down=change):
                    done = ntpdate(context, "-q", "-t", "1", *words, "nts:closed", host="stage")
                    context.check(f"ntpdate: {name} {words}", done, "Server dropped|no server suitable", status=1, forbidden=("^server .*offset",))
    if context.wanted("ntpdate: version"):
        context.check("ntpdate: NTS needs version 4", ntpdate(context, "-q", "-o", "3", "nts:time1"), "NTS needs version 4", status=1)


def saved(context):
    if not context.wanted("ntpdate: --nts-save"):
        return
    folder = Path(tempfile.mkdtemp(dir=context.lab.folder))
    keys = folder / "keys"

    def once(*hosts, host="op"):
        return ntpdate(context, "-d", "-p", "1", "--nts-save", str(keys), "--nts", *hosts, folder=folder, host=host)
    first = once("time1", "time2")
    context.check("ntpdate: --nts-save, first run: handshakes", first, "nts time1: key exchange", "nts time2: key exchange", status=0)
    about = json.loads(keys.read_text())
    cookies = [server["cookies"] for server in about["servers"]]
    context.report.check("ntpdate: --nts-save: a private file with eight cookies each", keys.stat().st_mode & 0o777 == 0o600
                        and [len(one) for one in cookies] == [8, 8], f"{keys.stat().st_mode:o} {about}")
    second = once("time1", "time2")
    context.check("ntpdate: --nts-save, second run: no handshake", second, "authentication passed", status=0, forbidden=("key exchange",))
    later = [cookie for server in json.loads(keys.read_text())["servers"] for cookie in server["cookies"]]
    used = [one[0] for one in cookies]
    context.report.check("ntpdate: --nts-save: a used cookie is removed", not set(used) & set(later), f"{used}")
    # A server that has lost its keys sends a NAK, which causes a new handshake in the same run.
    from .failures import start_daemon
    if "shy" not in context.daemons:
        context.daemons["shy"] = start_daemon(context, "shy", "chrony")
    once("shy")
    context.daemons["shy"].stop()
    for left in (context.lab.folder / "nts-shy").glob("ntskeys"):
        left.unlink()
    import shutil
    shutil.rmtree(context.lab.folder / "nts-shy")
    context.daemons["shy"] = start_daemon(context, "shy", "chrony")
    third = once("shy")
    context.check("ntpdate: --nts-save: saved keys that the server has lost are replaced at once", third, "nts shy: key exchange", "authentication passed",
                 status=0)
    keys.chmod(0o644)
    context.check("ntpdate: --nts-save: a file readable by others is not used", once("time1"), "others may read or write it", "key exchange", status=0)


def wrong_clock(context):
    from .failures import start_daemon
    if not context.wanted("ntpdate: --nts-trust-time"):
        return
    if "young" not in context.daemons:
        context.daemons["young"] = start_daemon(context, "young", "chrony", "-20", "10")
    address = HOSTS["young"].addresses[0]
    context.check("ntpdate: an expired certificate", ntpdate(context, "-q", f"nts:{address}"), r"NTS failed \(certificate\)", status=1)
    context.check("ntpdate: --nts-trust-time with a time outside the certificate's validity", ntpdate(context, "-q", "--nts-trust-time", f"nts:{address}"),
                 "--nts-trust-time: this machine's clock is not trusted", "is outside the validity of its certificate", status=1)


def round_trips(context):
    """Eight servers take no longer than one: their handshakes run in parallel."""
    if not context.wanted("ntpdate: eight servers in parallel"):
        return
    certificate, key = context.authority.issue("slow", [f"127.62.{n}.1" for n in range(1, 9)])
    silent = [Scripted(context.lab, "stage", f"127.62.{n}.1", b"", certificate, key) for n in range(1, 9)]
    try:
        done = ntpdate(context, "-q", *(f"nts:127.62.{n}.1" for n in range(1, 9)), host="stage")
        context.check("ntpdate: eight servers in parallel, each named", done, *(rf"127\.62\.{n}\.1: NTS failed \(records\)" for n in range(1, 9)), status=1)
    finally:
        for server in silent:
            server.__exit__()
