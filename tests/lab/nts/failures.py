"""Every layer is made to fail; ours must name it and suggest a cure."""
from concurrent.futures import ThreadPoolExecutor
import itertools
import ssl

from ntplab.packages import run as command
from ntplab.plan import HOSTS
from ntplab.world import real_command

from .authority import Authority
from .servers import END, PROTOCOL, SIV, COOKIE, TamperingRelay, Scripted, fields, granting, record

NUMBERS = itertools.count(1)


def run(context):
    for case in (unreachable, key_exchange, certificates, exchanges, octets, lengths, lengths_by_daemon):
        case(context)


def stage():
    """Returns an unused address on the host stage for a scripted server."""
    return f"127.60.{next(NUMBERS)}.1"


def expect_failure(context, name, words, layer, *needles, status=1, **more):
    """Checks that this layer is the first to fail, and that there is a hint."""
    if context.wanted(name):
        done = context.nts(*words, host=more.pop("host", "stage"), **more)
        context.check(f"nts: {name}", done, rf"FAIL +{layer} ", *needles, r"FAIL.*\n {21}\S", status=status)


def unreachable(context):
    expect_failure(context, "closed port", ["192.0.2.50"], "tcp", "ok +name", "Connection refused", "NTS key exchange is not running there")
    expect_failure(context, "no such host", ["--timeout", "1", "192.0.2.99"], "tcp", "no answer in time|No route to host")
    expect_failure(context, "no such name", ["--timeout", "3", "nobody.invalid"], "name")


def key_exchange(context):
    certificate, key = context.authority.issue("stage", ["127.0.0.1", *(f"127.60.{n}.1" for n in range(1, 60))])
    good = {"certificate": certificate, "key": key}
    long = granting(*[COOKIE] * 8, *[record(99, b"x" * 60000, critical=False)] * 3)
    for name, answer, settings, layer, *needles in [
        ("plain TCP", b"SSH-2.0-OpenSSH_9.2\r\n", {}, "tls", "ok +tcp", "does not speak TLS", "another service uses this port"),
        ("TLS 1.2 only", b"", {**good, "newest": ssl.TLSVersion.TLSv1_2}, "tls", "does not speak TLS 1.3", "must allow TLS 1.3"),
        ("no ALPN", granting(COOKIE), {**good, "alpn": ()}, "alpn", "ok +certificate", "ALPN ntske/1"),
        ("another ALPN", granting(COOKIE), {**good, "alpn": ("http/1.1",)}, "(alpn|tls)"),
        ("no common AEAD", PROTOCOL + record(4) + END, good, "aead", "ok +alpn", "no AEAD algorithm in common"),
        ("an AEAD not offered", PROTOCOL + record(4, b"\0\x11") + COOKIE + END, good, "aead", "17, which was not offered"),
        ("no cookies", granting(), good, "cookies", "sent no cookie"),
        ("empty cookies", granting(*[record(5, b"", critical=False)] * 8), good, "records", "cookie that is empty"),
        ("an error", record(2, b"\0\1") + END, good, "records", r"error 1 \(bad request\)"),
        ("an unknown critical record", granting(record(999), COOKIE), good, "records", "type 999"),
        ("no protocol record", SIV + COOKIE + END, good, "records", "specified no protocol"),
        ("another protocol", record(1, b"\x80\0") + SIV + COOKIE + END, good, "records", "does not serve NTPv4"),
        ("a truncated message", granting(COOKIE)[:30], good, "records", "before its answer was complete"),
        ("no reply within TLS", b"", good, "records", "without answering"),
        ("an endless message", long, good, "records", "too long"),
        ("an unknown NTP server name", granting(COOKIE, record(6, b"nobody.invalid", critical=False)), good, "server", "nobody.invalid"),
        ("escape sequences in the NTP server name", granting(COOKIE, record(6, b"\x1b[2J", critical=False)), good, "records"),
    ]:
        if context.wanted(name):
            address = stage()
            with Scripted(context.lab, "stage", address, answer, **settings):
                expect_failure(context, name, ["--timeout", "5", address], layer, *needles)


def certificates(context):
    other = Authority(context.lab.folder / "other", "Another CA")
    for name, issue, *needles in [
        ("wrong name", lambda: context.authority.issue("wrong", ["other.example", "192.0.2.200"]), "not for this name, but for other.example, 192.0.2.200"),
        ("expired", lambda: context.authority.issue("expired", ["127.60.200.1"], -20, 10), "has expired: it ended on", "renew it.*--nts-trust-time"),
        ("not yet valid", lambda: context.authority.issue("early", ["127.60.200.1"], 10, 10), "not yet valid: it begins on", "--nts-trust-time"),
        ("unknown CA", lambda: other.issue("unknown", ["127.60.200.1"]), "not signed by an authority", "--ca FILE"),
    ]:
        if context.wanted(name):
            certificate, key = issue()
            with Scripted(context.lab, "stage", "127.60.200.1", granting(COOKIE), certificate, key):
                expect_failure(context, name, ["127.60.200.1"], "certificate", "ok +tls", *needles)
                trusting = context.nts("--nts-trust-time", "127.60.200.1", host="stage")
                accepted = name in ("expired", "not yet valid")
                context.check(f"nts: {name}, --nts-trust-time", trusting, "warning: --nts-trust-time",
                             "WARN +certificate" if accepted else "FAIL +certificate", status=1)
    if context.wanted("trusted time"):
        # The certificate is not valid at the time that the server reports.
        context.daemons["young"] = start_daemon(context, "young", "chrony", "-20", "10")
        done = context.nts("--nts-trust-time", HOSTS["young"].addresses[0], host="stage")
        context.check("nts: trusted time outside the certificate's validity", done, "WARN +certificate", "FAIL +ntp",
                     "is outside the certificate's validity", status=1)


def start_daemon(context, host, kind, begin="-1", days="90", more=""):
    """Starts another real daemon."""
    from .servers import Daemon
    certificate, key = context.authority.issue(host, [host, f"{host}.lab.test", *HOSTS[host].addresses], int(begin), int(days))
    daemon = Daemon(context.lab, host, kind, certificate, key, more)
    daemon.wait(context.lab)
    return daemon


def redirected_server(context, host, more=""):
    """Returns a real key exchange server on this host that names the relay on the host stage as its NTP server."""
    if host not in context.daemons:
        context.daemons[host] = start_daemon(context, host, "chrony", more=f"ntsntpserver 127.61.1.1\n{more}")
    return context.daemons[host]


def without_authenticator(data):
    """Returns a response without its last field, the authenticator."""
    return data[:fields(data)[-1][1]] if fields(data) else data


def exchanges(context):
    namespace, target = context.lab.namespace("stage"), HOSTS["closed"].addresses[0]
    redirected_server(context, "closed")
    if context.wanted("NTP server named"):
        with TamperingRelay(namespace, "127.61.1.1", target):
            done = context.nts("closed", host="stage")
            context.check("nts: the NTP server named by the key exchange is queried", done, "127.61.1.1:123, named 127.61.1.1", "ok +ntp", status=0)
    if context.wanted("cookies of another server"):
        with TamperingRelay(namespace, "127.61.1.1", HOSTS["time1"].addresses[0]):
            expect_failure(context, "cookies of another server (NAK)", ["closed"], "ntp", "NTS NAK", "does not know the keys of its key exchange")
    first = []

    def replayed(data, _number):
        first.append(data)
        return first[0][:24] + first[-1][24:32] + first[0][32:]  # with the expected origin timestamp
    if context.wanted("a replayed response"):
        with TamperingRelay(namespace, "127.61.1.1", target, down=replayed):
            context.nts("closed", host="stage")  # its response is recorded
            expect_failure(context, "a replayed response", ["closed"], "ntp", "does not repeat the request's unique identifier", "forges packets")
    for name, change, needle in [
        ("a response without extension fields", lambda data, _: data[:48], "no unique identifier"),
        ("a response without authenticator", lambda data, _: without_authenticator(data), "no authenticator"),
        ("a truncated response", lambda data, _: data[:-8], "not an extension field"),
        ("a forged NAK", lambda data, _: without_authenticator(data[:1] + b"\0" + data[2:12] + b"NTSN" + data[16:]), "NTS NAK"),
    ]:
        if context.wanted(name):
            with TamperingRelay(namespace, "127.61.1.1", target, down=change):
                expect_failure(context, name, ["closed"], "ntp", needle)
    if context.wanted("a forged response before the authentic one"):
        with TamperingRelay(namespace, "127.61.1.1", target, down=lambda data, _: [data[:48], data[:-4] + b"abcd", data]):
            done = context.nts("closed", host="stage")
            context.check("nts: a forged response before the authentic one changes nothing", done, "ok +ntp +request", status=0)
    if context.wanted("no response"):
        with TamperingRelay(namespace, "127.61.1.1", target, up=lambda *_: None):
            expect_failure(context, "no response", ["closed"], "ntp", "no answer to 3 of 3", "plain NTP is not answered either")


def octets(context):
    """Changes every single octet of a response: none of the results is accepted."""
    name = "a response with any octet changed"
    if not context.wanted(name):
        return
    namespace, target = context.lab.namespace("stage"), HOSTS["closed"].addresses[0]
    redirected_server(context, "closed")

    def changed(data, _):
        return [data[:place] + bytes([data[place] ^ 0x04]) + data[place + 1:] for place in range(len(data))]
    with TamperingRelay(namespace, "127.61.1.1", target, down=changed) as link:
        done = context.nts("closed", host="stage")
        authentic = sum(len(fields(answer)) == 2 for answer in link.passed["down"])
    context.check(f"nts: {name} is rejected", done, "FAIL +ntp +request of 228 octets: the answer is rejected", status=1)
    context.report.check("nts: the changed responses were authentic ones", authentic >= 3, f"{authentic} responses")


def lengths(context):
    """If longer packets are dropped, the limit is found."""
    namespace, target = context.lab.namespace("stage"), HOSTS["closed"].addresses[0]
    redirected_server(context, "closed")
    for limit, *needles in [(200, r"FAIL +ntp +request of 228 octets: no answer", "requests of up to 200 octets are answered, of 204 not"),
                            (600, "ok +ntp", "authenticated requests of up to 600 octets are answered, those of 604 and more are not"),
                            (2000, "ok +ntp", "authenticated requests of up to 1024 octets are answered\n")]:
        name = f"a relay that drops packets over {limit} octets"
        if context.wanted(name):
            with TamperingRelay(namespace, "127.61.1.1", target, up=lambda data, _, limit=limit: data if len(data) <= limit else None):
                done = context.nts("--lengths", "closed", host="stage", time_limit=150)
                context.check(f"nts: {name}", done, *needles, status=1 if limit < 228 else 0)


def lengths_by_daemon(context):
    """Every real daemon answers long requests, and a packet filter's limit is found with each of them."""
    namespace = context.lab.namespace("stage")
    rule = "table ip lengths { chain c { type filter hook output priority 0; udp dport 123 meta length > 628 drop; }; }"
    for limited in (False, True):
        names = [(host, f"lengths with {daemon.kind}{' behind a filter' if limited else ''}") for host, daemon in context.daemons.items()
                 if host.startswith("time")]
        names = [(host, name) for host, name in names if context.wanted(name)]
        if limited and names:
            command("ip", "netns", "exec", namespace, *real_command("nft"), rule)
        # Side by side: each waits for what does not come.
        with ThreadPoolExecutor() as threads:
            results = list(threads.map(lambda one: context.nts("--lengths", HOSTS[one[0]].addresses[0], host="stage", time_limit=150), names))
        for (host, name), done in zip(names, results):
            needle = "requests of up to 600 octets are answered, those of 604 and more are not" if limited else "requests of up to 1024 octets are answered\n"
            if context.daemons[host].kind == "ntpsec":
                # It rejects padding: placeholders of 108 octets lengthen a request of 232.
                needle = f"requests with cookie placeholders of up to {'556 octets are answered, those of 664 and more are not' if limited else '988 octets are answered'}"
            context.check(f"nts: {name}", done, "ok +ntp", f"authenticated {needle}", status=0)
        if limited and names:
            command("ip", "netns", "exec", namespace, *real_command("nft"), "delete", "table", "ip", "lengths")
