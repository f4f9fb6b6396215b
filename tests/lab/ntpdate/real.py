"""Claims about real servers and the system's files, beyond comparing single command lines."""
import re
import signal
import tempfile
import time

from ntplab.namespaces import ETC, datagram_socket

from . import debian
from .text import masked, unsigned, without_notes
from .timeserver import TimeServer, stamp

DROPPED = [  # how the default dialect reports each kind of server, silent ones included
    ("an unsynchronised server", ["192.0.2.16"], "192.0.2.16: Server dropped: strata too high\n", 1),
    ("a server that ignores all packets", ["192.0.2.17"], "192.0.2.17: Server dropped: no data: no answer\n", 1),
    ("a server for authenticated clients only", ["192.0.2.19"], "192.0.2.19: Server dropped: no data: no answer\n", 1),
    ("a server 120 ms off among three correct ones", ["192.0.2.33", "192.0.2.11", "192.0.2.12", "192.0.2.14"],
     "192.0.2.33: Server dropped: falseticker\n", 0),
    ("a server 120 ms off and a correct one", ["192.0.2.33", "192.0.2.11"], "", 0),
]

MAX_ROOT_DISTANCE = 1.4  # seconds
PATIENCE = 120  # seconds for the daemons to reach that root distance


def wait_until_accurate(lab, tools):
    """Waits for the daemons' root distances to fall below 1.5 s, above which the default dialect rejects servers."""
    deadline = time.monotonic() + PATIENCE
    for host in (11, 12, 13, 14, 33):
        while time.monotonic() < deadline:
            shown = tools.default.run(lab.namespace("op"), ["-d", "-p", "1", "-t", "1", f"192.0.2.{host}"]).show()
            found = re.search(r"stratum [1-9].*\n.*root delay (\S+), root dispersion (\S+)", shown)
            if found and float(found[1]) / 2 + float(found[2]) < MAX_ROOT_DISTANCE:
                break
            time.sleep(2)


def no_services_file(lab, tools, report, _chosen):
    """A missing /etc/services makes no difference."""
    namespace = lab.namespace("stage")
    path = ETC / namespace / "services"
    path.write_text("")
    try:
        for name, tool in (("classic", tools.classic), ("default", tools.default)):
            shown = tool.run(namespace, ["-q", "-4", "time1"]).show()
            report.check(f"ntpdate: no /etc/services ({name})", "status 0" in shown and "server 192.0.2.11, stratum 1," in shown, shown)
    finally:
        path.unlink()


def a_port_in_use(lab, tools, report, _chosen):
    """A running daemon occupies port 123, which -q does not need."""
    # -u does not need the port, but does need the clock: the kernel refuses the slew
    for host in ("time1", "time3", "time4"):
        namespace = lab.namespace(host)
        for words, address in ((["-p", "1"], "127.0.0.1"), (["-b", "-p", "1"], "127.0.0.1"), (["-q"], "127.0.0.1"),
                               (["-u", "-B", "-p", "1"], "192.0.2.33"), (["-u", "-p", "1"], "192.0.2.33")):
            expected, got, default = (tool.run(namespace, [*words, address]) for tool in (tools.reference, tools.classic, tools.default))
            name = f"ntpdate: {' '.join(words)} where {host}'s daemon runs"
            report.check(name, last_message(expected) == last_message(got) and expected.status == got.status, expected.show() + got.show())
            # the default dialect treats a shared port as in use
            needs_port = not {"-q", "-u"} & set(words)
            message = "the NTP socket is in use, exiting" if needs_port else last_message(expected)
            same = message in last_message(default) and (expected.status == default.status)
            report.check(f"{name} [default dialect]", same, expected.show() + default.show())


def an_interrupt_ends_a_look_up(lab, tools, report, _chosen):
    """SIGINT while the name server is silent ends the program by that signal."""
    namespace = lab.namespace("nodns")
    for name, tool in (("reference", tools.reference), ("classic", tools.classic), ("default", tools.default)):
        with datagram_socket(namespace, "127.0.0.1", 53) as name_server:
            name_server.settimeout(20)
            run = tool.begin(namespace, ["-q", "nowhere.lab.test"])
            name_server.recv(512)
            run.interrupt()
            outcome = run.finish(30)
        report.check(f"ntpdate: SIGINT during a look-up ({name})", outcome.status == -signal.SIGINT, outcome.show())


def last_message(outcome):
    """Returns the last message without its timestamp."""
    return outcome.stderr.decode().strip().rpartition("]: ")[2]


def each_kind_of_server(lab, tools, report, _chosen):
    """Reports why a server of each kind is not used."""
    for name, servers, text, status in DROPPED:
        outcome = tools.default.run(lab.namespace("op"), ["-d", "-p", "1", "-t", "1", *servers])
        dropped = "".join(line for line in outcome.stdout.decode().splitlines(True) if ": Server dropped: " in line)
        report.check(f"ntpdate: {name} [default dialect]", dropped == text and outcome.status == status, outcome.show())


def ports(lab, tools, report, _chosen):
    """A port after an address, and brackets around one, which the original treats as unknown names."""
    for server in ("192.0.2.11:123", "[2001:db8::11]", "[2001:db8::11]:123"):
        expected = tools.reference.run(lab.namespace("op"), ["-q", server])
        for tool, dialect in ((tools.classic, ""), (tools.default, " [default dialect]")):
            got = tool.run(lab.namespace("op"), ["-q", server])
            ok = expected.status == 1 and got.status == 0 and b"stratum 1," in got.stdout and not got.stderr
            report.check(f"ntpdate: -q {server}{dialect}", ok, expected.show() + got.show())


def reasons_for_no_data(lab, tools, report, _chosen):
    """A closed port and an unreachable machine are distinguished from silence, and a closed port ends the wait."""
    for name, server, text, max_seconds in (("a closed port", "127.0.0.1", "Connection refused", 4),
                                            ("an unreachable machine", "192.0.2.250", "No route to host", 20),
                                            ("a silent machine", "192.0.2.17", "no answer", 20)):
        begin = time.monotonic()
        outcome = tools.default.run(lab.namespace("op"), ["-q", "-p", "1", "-t", "6", server])
        spent = time.monotonic() - begin
        message = f"{server}: Server dropped: no data: {text}\n"
        ok = outcome.stderr.decode().startswith(message) and not outcome.stdout and outcome.status == 1 and spent < max_seconds
        report.check(f"ntpdate: {name} [default dialect]", ok, f"{outcome.show()}\n{spent:.1f} s")


def a_limiting_server(lab, tools, report, _chosen):
    """A rate-limiting server sends one kiss-o'-death to a client that asks again. To it every host is a different client, and
    so is every address of a host."""
    for words, server in ((["-q", "-p", "4"], "192.0.2.34"), (["-d", "-p", "4"], "2001:db8::34")):
        programs = (tools.reference, "op"), (tools.classic, "stage"), (tools.default, "young")
        runs = [tool.begin(lab.namespace(host), [*words, server]) for tool, host in programs]
        expected, classic, default = (run.finish(60).show() for run in runs)
        name = f"ntpdate: {' '.join(words)} of a rate-limiting server"
        report.check(name, "rate limit response" in expected and masked(expected) == masked(classic), f"{expected}\n{classic}")
        same = single_spaced(masked(without_zeros(unsigned(expected)))) == single_spaced(masked(without_zeros(unsigned(default))))
        # its root distance may still be too large, and waiting for it to shrink would take too many requests
        same = same or ("too uncertain" in default and default.count("rate limit response from server.") == 1)
        report.check(f"{name} [default dialect]", same, f"{expected}\n{default}")


def servers_of_the_system(lab, _tools, report, chosen):
    """ntpdate-debian uses the same servers as Debian's script."""
    if chosen.ours == "reference":
        return
    with tempfile.TemporaryDirectory(prefix="ntpdate-debian.") as folder:
        commands = debian.programs(chosen, folder)
        for name, files, words in debian.CASES:
            expected, classic, default = (debian.run(lab, command, files, words).show() for command in commands)
            report.check(f"ntpdate-debian: {name}", masked(expected) == masked(classic), f"{expected}\n{classic}")
            # of two servers that agree, the default dialect follows the one with the smaller root distance
            expected, default = (re.sub(r"(adjust time server) \S+", r"\1 ONE", text) for text in (expected, default))
            # its usage message has its own name
            default = default.replace("usage: ntpdate-debian ", "usage: ntpdate ").replace("[server ...]", "server ...")
            same = masked(unsigned(expected)) == masked(without_notes(unsigned(default)))
            report.check(f"ntpdate-debian: {name} [default dialect]", same, f"{expected}\n{default}")
        # Debian's newer script reads this file
        found = debian.run(lab, commands[2], debian.NTPSEC_FILES, ["-q"]).show()
        report.check("ntpdate-debian: NTPsec's configuration", "server 192.0.2.12, stratum 2," in found and "status 0" in found, found)


def huge_dispersion(answer, _number, _packet):
    """A liar whose claimed error fits any majority, with the smallest delay."""
    now = answer["reference"] + 30 - 50000
    answer.update(stratum=1, reference=now - 30, root_dispersion=65535 << 16, receive=stamp(now - 0.005), transmit=stamp(now))


def large_dispersion(answer, _number, _packet):
    """A liar whose claimed error is just below the limit."""
    now = answer["reference"] + 30 + 1.3
    answer.update(stratum=1, reference=now - 30, root_dispersion=91750, receive=stamp(now - 0.005), transmit=stamp(now))


def an_hour_ahead(answer, *_):
    answer.update(offset=3600.0)


LIARS = {"evil": [an_hour_ahead] * 10, "honest1": [None], "honest2": [None], "honest3": [None], "huge": [huge_dispersion], "large": [large_dispersion]}
# arguments, how many servers are reported as dropped, how many servers are queried
VOTES = [
    (["honest1", "honest2", "evil"], 8, 10),
    (["evil", "honest1", "honest2"], 8, 10),
    (["honest1", "huge", "honest2", "honest3"], 1, 4),
    (["large", "honest1", "honest2", "honest3"], 1, 4),
    (["--quick", "large", "honest1", "honest2", "honest3"], None, None),
]


def no_liar_is_followed(lab, tools, report, chosen):
    """A name has one vote however many addresses it has, and claiming a large error does not make a liar win."""
    if chosen.classic_only or not tools.has_dialects:
        return
    namespace = lab.namespace("op")
    hosts = ETC / namespace / "hosts"
    before = hosts.read_text()
    addresses = {name: [f"127.99.{place}.{number}" for number in range(1, len(faults) + 1)]
                 for place, (name, faults) in enumerate(LIARS.items(), 1)}
    servers = []
    try:
        with hosts.open("a") as file:
            file.writelines(f"{address} {name}.vote.test\n" for name, several in addresses.items() for address in several)
        servers = [TimeServer(namespace, address, fault) for name, faults in LIARS.items() for address, fault in zip(addresses[name], faults)]
        for words, dropped, asked in VOTES:
            names = [word if word.startswith("-") else f"{word}.vote.test" for word in words]
            outcome = tools.default.run(namespace, ["-q", "-t", "1", *names])
            lines = outcome.stdout.decode().splitlines()
            ok = outcome.status == 0 and "adjust time server 127.99." in lines[-1] and not any(
                f" {address} " in lines[-1] for name in ("evil", "huge", "large") for address in addresses[name])
            if dropped is not None:
                ok = ok and outcome.stderr.decode().count(": Server dropped: ") == dropped and len(lines) == asked + 1
            report.check(f"ntpdate: no liar is followed: {' '.join(words)} [default dialect]", ok, outcome.show())
        outcome = tools.default.run(namespace, ["-q", "-t", "1", "honest1.vote.test", "evil.vote.test"])
        ok = outcome.status == 1 and "no majority of servers agrees" in outcome.stderr.decode()
        report.check("ntpdate: one name against one name [default dialect]", ok, outcome.show())
        # the original has a different protection against the first liar, and none against the others
        outcome = tools.reference.run(namespace, ["-q", "-t", "1", "honest1.vote.test", "huge.vote.test", "honest2.vote.test", "honest3.vote.test"])
        report.check("ntpdate: the original does not follow a server with a huge dispersion either", outcome.status == 0 and " adjust " in outcome.show(), outcome.show())
        outcome = tools.default.run(namespace, ["-q", "-t", "1", "224.0.1.1", "honest1.vote.test"])
        warned = "224.0.1.1 is a multicast group: without -a all its servers share one vote" in outcome.stderr.decode()
        report.check("ntpdate: a group has one vote [default dialect]", warned and outcome.status == 0, outcome.show())
    finally:
        hosts.write_text(before)
        for server in servers:
            server.close()


def single_spaced(text):
    """Returns the text with single spaces: numbers without a plus sign are padded."""
    return re.sub(" +", " ", text)


def without_zeros(text):
    """Returns the text with a dash for lost samples, as in the default dialect."""
    def dashed(line):
        return re.sub(r" 0\.00000(0| )?(?=\s|$)", " -", line[0])
    return re.sub(r"(?m)^(filter (delay|offset):|    {11}).*", dashed, text)


CLAIMS = [no_services_file, a_port_in_use, an_interrupt_ends_a_look_up, each_kind_of_server, ports, reasons_for_no_data, a_limiting_server, servers_of_the_system, no_liar_is_followed]
