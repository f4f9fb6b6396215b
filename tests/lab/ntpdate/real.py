"""What is claimed about real servers and the system's own files, beyond comparing single lines."""
import re
import tempfile
import time

from ntplab.namespaces import ETC

from . import debian
from .text import masked, unsigned, without_remarks
from .timeserver import TimeServer, stamp

DROPPED = [  # what the default dialect, which shows silent servers too, says of each kind of server
    ("one that is not synchronised", ["192.0.2.16"], "192.0.2.16: Server dropped: strata too high\n", 1),
    ("one that is closed", ["192.0.2.17"], "192.0.2.17: Server dropped: no data: no answer\n", 1),
    ("one for the authentic only", ["192.0.2.19"], "192.0.2.19: Server dropped: no data: no answer\n", 1),
    ("one 120 ms off among three that are right", ["192.0.2.33", "192.0.2.11", "192.0.2.12", "192.0.2.14"],
     "192.0.2.33: Server dropped: falseticker\n", 0),
    ("one 120 ms off and one that is right", ["192.0.2.33", "192.0.2.11"], "", 0),
]

MOST_UNCERTAIN = 1.4  # seconds of root distance
CERTAIN_AFTER = 120  # seconds: the longest that a daemon may need to know the time well enough


def wait_until_accurate(lab, tools):
    """Waits for the daemons' root distances to fall below 1.5 s, above which the default dialect follows nobody."""
    deadline = time.monotonic() + CERTAIN_AFTER
    for host in (11, 12, 13, 14, 33):
        while time.monotonic() < deadline:
            shown = tools.default.run(lab.namespace("op"), ["-d", "-p", "1", "-t", "1", f"192.0.2.{host}"]).show()
            told = re.search(r"stratum [1-9].*\n.*root delay (\S+), root dispersion (\S+)", shown)
            if told and float(told[1]) / 2 + float(told[2]) < MOST_UNCERTAIN:
                break
            time.sleep(2)


def no_services_file(lab, tools, report, _chosen):
    """Without /etc/services everything is as with it."""
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
    """Where a real daemon runs there is no port 123 for others, and -q does not want it."""
    # with -u the port is not wanted, and the clock is: an offset that the original would slew away is refused by the kernel
    for host in ("time1", "time3", "time4"):
        namespace = lab.namespace(host)
        for words, address in ((["-p", "1"], "127.0.0.1"), (["-b", "-p", "1"], "127.0.0.1"), (["-q"], "127.0.0.1"),
                               (["-u", "-B", "-p", "1"], "192.0.2.33"), (["-u", "-p", "1"], "192.0.2.33")):
            expected, got, default = (tool.run(namespace, [*words, address]) for tool in (tools.reference, tools.classic, tools.default))
            name = f"ntpdate: {' '.join(words)} where {host}'s daemon runs"
            report.check(name, complaint(expected) == complaint(got) and expected.status == got.status, expected.show() + got.show())
            # whoever shares its port has it to itself for the default dialect
            wants_port = not {"-q", "-u"} & set(words)
            told = "the NTP socket is in use, exiting" if wants_port else complaint(expected)
            same = told in complaint(default) and (expected.status == default.status)
            report.check(f"{name} [default dialect]", same, expected.show() + default.show())


def complaint(outcome):
    """The last message, without its time."""
    return outcome.stderr.decode().strip().rpartition("]: ")[2]


def each_kind_of_server(lab, tools, report, _chosen):
    """Why a server of each kind is not used."""
    for name, servers, text, status in DROPPED:
        outcome = tools.default.run(lab.namespace("op"), ["-d", "-p", "1", "-t", "1", *servers])
        told = "".join(line for line in outcome.stdout.decode().splitlines(True) if ": Server dropped: " in line)
        report.check(f"ntpdate: {name} [default dialect]", told == text and outcome.status == status, outcome.show())


def ports(lab, tools, report, _chosen):
    """A port behind an address, and brackets around one, which the original takes for names that it does not find."""
    for server in ("192.0.2.11:123", "[2001:db8::11]", "[2001:db8::11]:123"):
        expected = tools.reference.run(lab.namespace("op"), ["-q", server])
        for tool, dialect in ((tools.classic, ""), (tools.default, " [default dialect]")):
            got = tool.run(lab.namespace("op"), ["-q", server])
            right = expected.status == 1 and got.status == 0 and b"stratum 1," in got.stdout and not got.stderr
            report.check(f"ntpdate: -q {server}{dialect}", right, expected.show() + got.show())


def why_there_are_no_data(lab, tools, report, _chosen):
    """A closed port and a machine that is not there are told from silence, and the closed port is not waited for."""
    for name, server, text, longest in (("a port that nobody listens at", "127.0.0.1", "Connection refused", 4),
                                        ("a machine that is not there", "192.0.2.250", "No route to host", 20),
                                        ("a machine that is silent", "192.0.2.17", "no answer", 20)):
        begin = time.monotonic()
        outcome = tools.default.run(lab.namespace("op"), ["-q", "-p", "1", "-t", "6", server])
        spent = time.monotonic() - begin
        told = f"{server}: Server dropped: no data: {text}\n"
        right = outcome.stderr.decode().startswith(told) and not outcome.stdout and outcome.status == 1 and spent < longest
        report.check(f"ntpdate: {name} [default dialect]", right, f"{outcome.show()}\n{spent:.1f} s")


def a_limiting_server(lab, tools, report, _chosen):
    """Who asks a server that limits its answers again is told off, once. To that server each host is another client, and
    under each of its addresses too."""
    for words, server in ((["-q", "-p", "4"], "192.0.2.34"), (["-d", "-p", "4"], "2001:db8::34")):
        programs = (tools.reference, "op"), (tools.classic, "stage"), (tools.default, "young")
        runs = [tool.begin(lab.namespace(host), [*words, server]) for tool, host in programs]
        expected, classic, default = (run.finish(60).show() for run in runs)
        name = f"ntpdate: {' '.join(words)} of a server that limits its answers"
        report.check(name, "rate limit response" in expected and masked(expected) == masked(classic), f"{expected}\n{classic}")
        same = spaced(masked(without_zeros(unsigned(expected)))) == spaced(masked(without_zeros(unsigned(default))))
        # nobody can wait for its clock to settle, for that would be asking too often
        same = same or ("too uncertain" in default and default.count("rate limit response from server.") == 1)
        report.check(f"{name} [default dialect]", same, f"{expected}\n{default}")


def servers_of_the_system(lab, _tools, report, chosen):
    """ntpdate-debian finds what Debian's own finds."""
    if chosen.ours == "reference":
        return
    with tempfile.TemporaryDirectory(prefix="ntpdate-debian.") as folder:
        commands = debian.programs(chosen, folder)
        for name, files, words in debian.CASES:
            expected, classic, default = (debian.run(lab, command, files, words).show() for command in commands)
            report.check(f"ntpdate-debian: {name}", masked(expected) == masked(classic), f"{expected}\n{classic}")
            # of two that agree the default dialect follows the one with the smaller root distance
            expected, default = (re.sub(r"(adjust time server) \S+", r"\1 ONE", text) for text in (expected, default))
            # its own usage has its own name
            default = default.replace("usage: ntpdate-debian ", "usage: ntpdate ").replace("[server ...]", "server ...")
            same = masked(unsigned(expected)) == masked(without_remarks(unsigned(default)))
            report.check(f"ntpdate-debian: {name} [default dialect]", same, f"{expected}\n{default}")
        # Debian's younger script looks here
        found = debian.run(lab, commands[2], debian.OF_NTPSEC, ["-q"]).show()
        report.check("ntpdate-debian: NTPsec's configuration", "server 192.0.2.12, stratum 2," in found and "status 0" in found, found)


def boundless(answer, _number, _packet):
    """A liar that belongs to any majority, for its own word, and has the least delay."""
    now = answer["reference"] + 30 - 50000
    answer.update(stratum=1, reference=now - 30, root_dispersion=65535 << 16, receive=stamp(now - 0.005), transmit=stamp(now))


def nearly(answer, _number, _packet):
    """A liar just not too uncertain."""
    now = answer["reference"] + 30 + 1.3
    answer.update(stratum=1, reference=now - 30, root_dispersion=91750, receive=stamp(now - 0.005), transmit=stamp(now))


def an_hour_ahead(answer, *_):
    answer.update(offset=3600.0)


LIARS = {"evil": [an_hour_ahead] * 10, "honest1": [None], "honest2": [None], "honest3": [None], "boundless": [boundless], "nearly": [nearly]}
# what is asked, how many lines tell of a server dropped, and how many servers are asked
VOTES = [
    (["honest1", "honest2", "evil"], 8, 10),
    (["evil", "honest1", "honest2"], 8, 10),
    (["honest1", "boundless", "honest2", "honest3"], 1, 4),
    (["nearly", "honest1", "honest2", "honest3"], 1, 4),
    (["--quick", "nearly", "honest1", "honest2", "honest3"], None, None),
]


def no_liar_is_followed(lab, tools, report, chosen):
    """One name has one vote however many addresses it has, and no admission of any error makes a liar the choice."""
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
            right = outcome.status == 0 and "adjust time server 127.99." in lines[-1] and not any(
                f" {address} " in lines[-1] for name in ("evil", "boundless", "nearly") for address in addresses[name])
            if dropped is not None:
                right = right and outcome.stderr.decode().count(": Server dropped: ") == dropped and len(lines) == asked + 1
            report.check(f"ntpdate: no liar is followed: {' '.join(words)} [default dialect]", right, outcome.show())
        outcome = tools.default.run(namespace, ["-q", "-t", "1", "honest1.vote.test", "evil.vote.test"])
        right = outcome.status == 1 and "no majority of servers agrees" in outcome.stderr.decode()
        report.check("ntpdate: one name against one name [default dialect]", right, outcome.show())
        # the original has another protection against the first, and none against the others
        outcome = tools.reference.run(namespace, ["-q", "-t", "1", "honest1.vote.test", "boundless.vote.test", "honest2.vote.test", "honest3.vote.test"])
        report.check("ntpdate: the original does not follow the boundless either", outcome.status == 0 and " adjust " in outcome.show(), outcome.show())
        outcome = tools.default.run(namespace, ["-q", "-t", "1", "224.0.1.1", "honest1.vote.test"])
        told = "224.0.1.1 is a multicast group: without -a all its servers share one vote" in outcome.stderr.decode()
        report.check("ntpdate: a group has one vote [default dialect]", told and outcome.status == 0, outcome.show())
    finally:
        hosts.write_text(before)
        for server in servers:
            server.close()


def spaced(text):
    """The text with single spaces: numbers without a plus are padded."""
    return re.sub(" +", " ", text)


def without_zeros(text):
    """The text with a dash for lost samples, as the default dialect has it."""
    def dashed(line):
        return re.sub(r" 0\.00000(0| )?(?=\s|$)", " -", line[0])
    return re.sub(r"(?m)^(filter (delay|offset):|    {11}).*", dashed, text)


CLAIMS = [no_services_file, a_port_in_use, each_kind_of_server, ports, why_there_are_no_data, a_limiting_server, servers_of_the_system, no_liar_is_followed]
