"""ntpdate with NTS: -q and -d only, for nothing here may set this machine's clock."""
import json
import re
import tempfile
from pathlib import Path

from ntplab.plan import HOSTS

from .examine import AGREED
from .failures import towards
from .servers import COOKIE, Road, Scripted, granting


def run(ground):
    for case in (queries, mixed, failures, saved, wrong_clock, round_trips):
        case(ground)


def ntpdate(ground, *words, **more):
    return ground.run("ntpdate", "--ca", str(ground.authority.certificate), *words, **more)


def queries(ground):
    if ground.wanted("ntpdate: --nts with four servers"):
        done = ntpdate(ground, "-q", "--nts", *AGREED)
        ground.check("ntpdate: --nts with four servers", done, *(f"server {re.escape(address)}|server 2001:db8::{HOSTS[host].number}, stratum"
                     for host in AGREED for address in HOSTS[host].addresses[:1]), status=0)
    if ground.wanted("ntpdate: nts:SERVER in JSON"):
        done = ntpdate(ground, "-q", "--format", "json", "nts:time1", "nts:time2:4460")
        servers = json.loads(done.stdout)["servers"]
        right = [server["authentic"] for server in servers] == [True, True] and {server["nts"]["aead"] for server in servers} == {15, 30}
        ground.report.check("ntpdate: nts:SERVER in JSON", right and done.status == 0, done.show())
    if ground.wanted("ntpdate: -d"):
        done = ntpdate(ground, "-d", "-p", "4", "--nts", "time1")
        ground.check("ntpdate: -d traces records and fields", done, "record NTS Next Protocol", r"record New Cookie for NTPv4 \(5\), 100 octets",
                     "nts: sent 228 octets: Unique Identifier 36, NTS Cookie 104, NTS Authenticator", "nts: received 228 octets: Unique Identifier 36",
                     "authentication passed", "adjust time server|step time server", status=0, forbidden=("authentication failed",))


def mixed(ground):
    if ground.wanted("ntpdate: a server with NTS and one without"):
        done = ntpdate(ground, "-q", "--format", "json", "nts:time1", HOSTS["time3"].addresses[0])
        authentic = [server["authentic"] for server in json.loads(done.stdout)["servers"]]
        ground.report.check("ntpdate: a server with NTS and one without", sorted(authentic, key=str) == [None, True] and done.status == 0, done.show())


def failures(ground):
    namespace, target = ground.lab.namespace("stage"), HOSTS["closed"].addresses[0]
    certificate, key = ground.authority.issue("date", ["127.60.210.1"], -20, 10)
    if ground.wanted("ntpdate: expired"):
        with Scripted(ground.lab, "stage", "127.60.210.1", granting(COOKIE), certificate, key):
            done = ntpdate(ground, "-q", "--explain", "nts:127.60.210.1", host="stage")
            ground.check("ntpdate: a failure names the layer", done, r"127\.60\.210\.1: NTS failed \(certificate\): the certificate has expired",
                         "--nts-trust-time", "no server suitable", status=1)
    if ground.wanted("ntpdate: port shut"):
        done = ntpdate(ground, "-q", "--format", "json", "nts:192.0.2.50", "nts:time1")
        run = json.loads(done.stdout)
        ground.report.check("ntpdate: one that fails does not hinder the other", run["nts_failures"][0]["layer"] == "tcp" and done.status == 0, done.show())
    towards(ground, "closed")
    for name, change in [("a server that answers without proof", lambda data, _: data[:48]),
                         ("a server that sends NAK", lambda data, _: data[:1] + b"\0" + data[2:12] + b"NTSN" + data[16:84]),
                         ("a changed answer", lambda data, _: data[:40] + b"\0" + data[41:])]:
        if ground.wanted(f"ntpdate: {name}"):
            for words in ([], ["--compat", "none"]):
                with Road(namespace, "127.61.1.1", target, down=change):
                    done = ntpdate(ground, "-q", "-t", "1", *words, "nts:closed", host="stage")
                    ground.check(f"ntpdate: {name} {words}", done, "Server dropped|no server suitable", status=1, forbidden=("^server .*offset",))
    if ground.wanted("ntpdate: version"):
        ground.check("ntpdate: NTS needs version 4", ntpdate(ground, "-q", "-o", "3", "nts:time1"), "NTS needs version 4", status=1)


def saved(ground):
    if not ground.wanted("ntpdate: --nts-save"):
        return
    folder = Path(tempfile.mkdtemp(dir=ground.lab.folder))
    keys = folder / "keys"

    def once(*hosts, host="op"):
        return ntpdate(ground, "-d", "-p", "1", "--nts-save", str(keys), "--nts", *hosts, folder=folder, host=host)
    first = once("time1", "time2")
    ground.check("ntpdate: --nts-save, first run: handshakes", first, "nts time1: key exchange", "nts time2: key exchange", status=0)
    about = json.loads(keys.read_text())
    cookies = [server["cookies"] for server in about["servers"]]
    ground.report.check("ntpdate: --nts-save: a private file with eight cookies each", keys.stat().st_mode & 0o777 == 0o600
                        and [len(one) for one in cookies] == [8, 8], f"{keys.stat().st_mode:o} {about}")
    second = once("time1", "time2")
    ground.check("ntpdate: --nts-save, second run: no handshake", second, "authentication passed", status=0, forbidden=("key exchange",))
    later = [cookie for server in json.loads(keys.read_text())["servers"] for cookie in server["cookies"]]
    used = [one[0] for one in cookies]
    ground.report.check("ntpdate: --nts-save: a cookie that was used is gone", not set(used) & set(later), f"{used}")
    # A server that has lost its keys: NAK, and a new handshake in the same run.
    from .failures import started
    if "shy" not in ground.daemons:
        ground.daemons["shy"] = started(ground, "shy", "chrony")
    once("shy")
    ground.daemons["shy"].stop()
    for left in (ground.lab.folder / "nts-shy").glob("ntskeys"):
        left.unlink()
    import shutil
    shutil.rmtree(ground.lab.folder / "nts-shy")
    ground.daemons["shy"] = started(ground, "shy", "chrony")
    third = once("shy")
    ground.check("ntpdate: --nts-save: kept keys that the server has lost are replaced at once", third, "nts shy: key exchange", "authentication passed",
                 status=0)
    keys.chmod(0o644)
    ground.check("ntpdate: --nts-save: a file that others may read is not used", once("time1"), "others may read or write it", "key exchange", status=0)


def wrong_clock(ground):
    from .failures import started
    if not ground.wanted("ntpdate: --nts-trust-time"):
        return
    if "young" not in ground.daemons:
        ground.daemons["young"] = started(ground, "young", "chrony", "-20", "10")
    address = HOSTS["young"].addresses[0]
    ground.check("ntpdate: an expired certificate", ntpdate(ground, "-q", f"nts:{address}"), r"NTS failed \(certificate\)", status=1)
    ground.check("ntpdate: --nts-trust-time with a time outside the certificate's validity", ntpdate(ground, "-q", "--nts-trust-time", f"nts:{address}"),
                 "--nts-trust-time: this machine's clock is not believed", "lies outside the validity of its certificate", status=1)


def round_trips(ground):
    """Eight servers take no longer than one: their handshakes run side by side."""
    if not ground.wanted("ntpdate: eight servers side by side"):
        return
    certificate, key = ground.authority.issue("slow", [f"127.62.{n}.1" for n in range(1, 9)])
    silent = [Scripted(ground.lab, "stage", f"127.62.{n}.1", b"", certificate, key) for n in range(1, 9)]
    try:
        done = ntpdate(ground, "-q", *(f"nts:127.62.{n}.1" for n in range(1, 9)), host="stage")
        ground.check("ntpdate: eight servers at once, each named", done, *(rf"127\.62\.{n}\.1: NTS failed \(records\)" for n in range(1, 9)), status=1)
    finally:
        for server in silent:
            server.__exit__()
