"""Each layer fails for real, and is named, with what would work instead."""
import itertools
import ssl

from ntplab.plan import HOSTS

from .authority import Authority
from .servers import END, PROTOCOL, SIV, COOKIE, Road, Scripted, fields, granting, record

NUMBERS = itertools.count(1)


def run(ground):
    for case in (shut, key_exchange, certificates, exchanges, octets, lengths):
        case(ground)


def stage():
    """An address of its own on the stage, for a server of the laboratory's."""
    return f"127.60.{next(NUMBERS)}.1"


def failing(ground, name, words, layer, *needles, status=1, **more):
    """The layer is the first that failed, all before it work, and something is advised."""
    if ground.wanted(name):
        done = ground.nts(*words, host=more.pop("host", "stage"), **more)
        ground.check(f"nts: {name}", done, rf"FAIL +{layer} ", *needles, r"FAIL.*\n {21}\S", status=status)


def shut(ground):
    failing(ground, "port shut", ["192.0.2.50"], "tcp", "ok +name", "Connection refused", "no NTS key exchange listens there")
    failing(ground, "nobody there", ["--timeout", "1", "192.0.2.99"], "tcp", "no answer in time|No route to host")
    failing(ground, "no such name", ["--timeout", "3", "nobody.invalid"], "name")


def key_exchange(ground):
    certificate, key = ground.authority.issue("stage", ["127.0.0.1", *(f"127.60.{n}.1" for n in range(1, 60))])
    good = {"certificate": certificate, "key": key}
    long = granting(*[COOKIE] * 8, *[record(99, b"x" * 60000, critical=False)] * 3)
    for name, answer, settings, layer, *needles in [
        ("plain TCP", b"SSH-2.0-OpenSSH_9.2\r\n", {}, "tls", "ok +tcp", "does not speak TLS", "another service has this port"),
        ("TLS 1.2 only", b"", {**good, "newest": ssl.TLSVersion.TLSv1_2}, "tls", "does not speak TLS 1.3", "must allow TLS 1.3"),
        ("no ALPN", granting(COOKIE), {**good, "alpn": ()}, "alpn", "ok +certificate", "ALPN ntske/1"),
        ("another ALPN", granting(COOKIE), {**good, "alpn": ("http/1.1",)}, "(alpn|tls)"),
        ("no common AEAD", PROTOCOL + record(4) + END, good, "aead", "ok +alpn", "no AEAD algorithm in common"),
        ("an AEAD that was not offered", PROTOCOL + record(4, b"\0\x11") + COOKIE + END, good, "aead", "17, which was not offered"),
        ("no cookies", granting(), good, "cookies", "sent no cookie"),
        ("empty cookies", granting(*[record(5, b"", critical=False)] * 8), good, "records", "cookie that is empty"),
        ("an error", record(2, b"\0\1") + END, good, "records", r"error 1 \(bad request\)"),
        ("an unknown critical record", granting(record(999), COOKIE), good, "records", "type 999"),
        ("no protocol", SIV + COOKIE + END, good, "records", "names no protocol"),
        ("another protocol", record(1, b"\x80\0") + SIV + COOKIE + END, good, "records", "does not serve NTPv4"),
        ("half a message", granting(COOKIE)[:30], good, "records", "before its answer was complete"),
        ("no answer in TLS", b"", good, "records", "without an answer"),
        ("an endless message", long, good, "records", "too long"),
        ("a server that does not exist", granting(COOKIE, record(6, b"nobody.invalid", critical=False)), good, "server", "nobody.invalid"),
        ("a terminal's commands for a server", granting(COOKIE, record(6, b"\x1b[2J", critical=False)), good, "records"),
    ]:
        if ground.wanted(name):
            address = stage()
            with Scripted(ground.lab, "stage", address, answer, **settings):
                failing(ground, name, ["--timeout", "5", address], layer, *needles)


def certificates(ground):
    other = Authority(ground.lab.folder / "other", "Another CA")
    for name, issue, *needles in [
        ("wrong name", lambda: ground.authority.issue("wrong", ["other.example", "192.0.2.200"]), "not for this name, but for other.example, 192.0.2.200"),
        ("expired", lambda: ground.authority.issue("expired", ["127.60.200.1"], -20, 10), "has expired: it ended on", "renew it.*--nts-trust-time"),
        ("not yet valid", lambda: ground.authority.issue("early", ["127.60.200.1"], 10, 10), "not yet valid: it begins on", "--nts-trust-time"),
        ("unknown CA", lambda: other.issue("unknown", ["127.60.200.1"]), "not signed by an authority", "--ca FILE"),
    ]:
        if ground.wanted(name):
            certificate, key = issue()
            with Scripted(ground.lab, "stage", "127.60.200.1", granting(COOKIE), certificate, key):
                failing(ground, name, ["127.60.200.1"], "certificate", "ok +tls", *needles)
                trusting = ground.nts("--nts-trust-time", "127.60.200.1", host="stage")
                believed = name in ("expired", "not yet valid")
                ground.check(f"nts: {name}, --nts-trust-time", trusting, "warning: --nts-trust-time",
                             "WARN +certificate" if believed else "FAIL +certificate", status=1)
    if ground.wanted("trusted time"):
        # The time that is found, now, must be one at which the certificate is valid.
        ground.daemons["young"] = started(ground, "young", "chrony", "-20", "10")
        done = ground.nts("--nts-trust-time", HOSTS["young"].addresses[0], host="stage")
        ground.check("nts: trusted time outside the certificate's validity", done, "WARN +certificate", "FAIL +ntp",
                     "is outside the certificate's validity", status=1)


def started(ground, host, kind, begin="-1", days="90", more=""):
    """One more real daemon."""
    from .servers import Daemon
    certificate, key = ground.authority.issue(host, [host, f"{host}.lab.test", *HOSTS[host].addresses], int(begin), int(days))
    daemon = Daemon(ground.lab, host, kind, certificate, key, more)
    daemon.wait(ground.lab)
    return daemon


def towards(ground, host, more=""):
    """A real key exchange on this host that names the relay on the stage as its NTP server."""
    if host not in ground.daemons:
        ground.daemons[host] = started(ground, host, "chrony", more=f"ntsntpserver 127.61.1.1\n{more}")
    return ground.daemons[host]


def unproved(data):
    """An answer without its last field, the authenticator."""
    return data[:fields(data)[-1][1]] if fields(data) else data


def exchanges(ground):
    namespace, target = ground.lab.namespace("stage"), HOSTS["closed"].addresses[0]
    towards(ground, "closed")
    if ground.wanted("NTP server named"):
        with Road(namespace, "127.61.1.1", target):
            done = ground.nts("closed", host="stage")
            ground.check("nts: the NTP server that the key exchange names is asked", done, "127.61.1.1:123, named 127.61.1.1", "ok +ntp", status=0)
    if ground.wanted("cookies of another server"):
        with Road(namespace, "127.61.1.1", HOSTS["time1"].addresses[0]):
            failing(ground, "cookies of another server (NAK)", ["closed"], "ntp", "NTS NAK", "does not know the keys of its key exchange")
    first = []

    def replayed(data, _number):
        first.append(data)
        return first[0][:24] + first[-1][24:32] + first[0][32:]  # with the origin that is waited for
    if ground.wanted("a replayed answer"):
        with Road(namespace, "127.61.1.1", target, down=replayed):
            ground.nts("closed", host="stage")  # its answer is the one that is kept
            failing(ground, "a replayed answer", ["closed"], "ntp", "does not repeat the request's unique identifier", "forges packets")
    for name, change, needle in [
        ("an answer without extension fields", lambda data, _: data[:48], "no unique identifier"),
        ("an answer without its authenticator", lambda data, _: unproved(data), "no authenticator"),
        ("an answer cut short", lambda data, _: data[:-8], "not an extension field"),
        ("a forged NAK", lambda data, _: unproved(data[:1] + b"\0" + data[2:12] + b"NTSN" + data[16:]), "NTS NAK"),
    ]:
        if ground.wanted(name):
            with Road(namespace, "127.61.1.1", target, down=change):
                failing(ground, name, ["closed"], "ntp", needle)
    if ground.wanted("a forged answer before the authentic one"):
        with Road(namespace, "127.61.1.1", target, down=lambda data, _: [data[:48], data[:-4] + b"abcd", data]):
            done = ground.nts("closed", host="stage")
            ground.check("nts: a forged answer before the authentic one changes nothing", done, "ok +ntp +request", status=0)
    if ground.wanted("silence"):
        with Road(namespace, "127.61.1.1", target, up=lambda *_: None):
            failing(ground, "silence", ["closed"], "ntp", "no answer to 3 of 3", "plain NTP is not answered either")


def octets(ground):
    """For each octet of an answer one that differs in it alone: none of them counts."""
    name = "an answer with any octet changed"
    if not ground.wanted(name):
        return
    namespace, target = ground.lab.namespace("stage"), HOSTS["closed"].addresses[0]
    towards(ground, "closed")

    def changed(data, _):
        return [data[:place] + bytes([data[place] ^ 0x04]) + data[place + 1:] for place in range(len(data))]
    with Road(namespace, "127.61.1.1", target, down=changed) as road:
        done = ground.nts("closed", host="stage")
        enough = sum(len(fields(answer)) == 2 for answer in road.passed["down"])
    ground.check(f"nts: {name} does not count", done, "FAIL +ntp +request of 228 octets: the answer does not count", status=1)
    ground.report.check("nts: the answers that were changed were authentic ones", enough >= 3, f"{enough} answers")


def lengths(ground):
    """Where packets of more than some octets vanish, the length is found."""
    namespace, target = ground.lab.namespace("stage"), HOSTS["closed"].addresses[0]
    towards(ground, "closed")
    for limit, *needles in [(200, r"FAIL +ntp +request of 228 octets: no answer", "requests of up to 200 octets are answered, of 204 not"),
                            (600, "ok +ntp", "authenticated requests of up to 600 octets are answered, of 604 and more not"),
                            (2000, "ok +ntp", "authenticated requests of up to 1024 octets are answered\n")]:
        name = f"a relay that drops packets over {limit} octets"
        if ground.wanted(name):
            with Road(namespace, "127.61.1.1", target, up=lambda data, _, limit=limit: data if len(data) <= limit else None):
                done = ground.nts("--lengths", "closed", host="stage", time_limit=150)
                ground.check(f"nts: {name}", done, *needles, status=1 if limit < 228 else 0)
