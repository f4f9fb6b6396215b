"""ntpdate with NTS: only -q and -d, because nothing here may set this machine's clock."""
import json
import re
import tempfile
import time
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


EIGHT = [f"127.62.{n}.1" for n in range(1, 9)]
ONE_WAY = 0.5  # seconds: so long that what the machine itself needs is little


def round_trips(context):
    """Eight servers take no longer than one, and a dead one does not delay the others."""
    from .servers import Daemon, DistantHosts
    named("eight servers in parallel, each named", context, failing_handshakes)
    if not any(context.wanted(name) for name in ROUND_TRIPS):
        return
    certificate, key = context.authority.issue("sec", ["sec", *HOSTS["sec"].addresses, *EIGHT])
    if "sec" not in context.daemons:
        context.daemons["sec"] = Daemon(context.lab, "sec", "chrony", certificate, key)
        context.daemons["sec"].wait(context.lab)
        time.sleep(2)
    namespace, target = context.lab.namespace("stage"), HOSTS["sec"].addresses[0]
    for name, (silent, work) in ROUND_TRIPS.items():
        if context.wanted(name):
            with DistantHosts(namespace, EIGHT, target, ONE_WAY, silent) as hosts:
                work(context, name, hosts)


def named(name, context, work):
    if context.wanted(f"ntpdate: {name}"):
        work(context, f"ntpdate: {name}")


def eight(context, name, hosts):
    """The relay accepts TCP connections at once: two round trips for TLS 1.3 and the request, and one for the NTP packets.
    The bound allows for one more."""
    begun = time.monotonic()
    done = ntpdate(context, "-q", "-p", "1", "-t", "4", "--nts", *EIGHT, host="stage")
    taken = (time.monotonic() - begun) / (2 * ONE_WAY)
    context.check(f"{name}: all answer", done, *(rf"server {re.escape(address)}, stratum" for address in EIGHT), status=0)
    context.report.check(f"{name}: handshake and two round trips at most", 3 <= taken <= 4, f"{taken:.2f} round trips\n{done.show()}")


def seven(context, name, hosts):
    """The majority of eight is known long before the dead server's key exchange is given up after 8 seconds."""
    begun = time.monotonic()
    done = ntpdate(context, "-q", "--quick", "-p", "1", "-t", "4", "--nts", *EIGHT, host="stage")
    taken = (time.monotonic() - begun) / (2 * ONE_WAY)
    context.report.check(name, 3 <= taken <= 4.5 and done.status == 0, f"{taken:.2f} round trips\n{done.show()}")


def beside_a_dead_one(context, name, hosts):
    """The NTP packets are under way seconds before the dead server's key exchange is given up."""
    for program, words in [("ntpdate", ["-q", "-p", "1", "-t", "4", "--nts"]), ("nts", ["--timeout", "8"])]:
        hosts.first_packet = None
        done = context.run(program, "--ca", str(context.authority.certificate), *words, EIGHT[0], EIGHT[1], host="stage")
        early = time.monotonic() - (hosts.first_packet or time.monotonic())
        context.check(f"{name} ({program}): the dead one is named", done, r"127\.62\.1\.1.*NTS failed \(tls\)|FAIL +tls", status=1 if program == "nts" else 0)
        context.report.check(f"{name} ({program}): queried before the other is given up", early > 4, f"{early:.1f} s\n{done.show()}")


ROUND_TRIPS = {
    "ntpdate: eight distant servers": ((), eight),
    "ntpdate: seven distant servers and a dead one, --quick": (EIGHT[:1], seven),
    "nts: a server beside a dead one": (EIGHT[:1], beside_a_dead_one),
}


def failing_handshakes(context, name):
    certificate, key = context.authority.issue("slow", EIGHT)
    silent = [Scripted(context.lab, "stage", address, b"", certificate, key) for address in EIGHT]
    try:
        done = ntpdate(context, "-q", *(f"nts:{address}" for address in EIGHT), host="stage")
        context.check(name, done, *(rf"{re.escape(address)}: NTS failed \(records\)" for address in EIGHT), status=1)
    finally:
        for server in silent:
            server.__exit__()
