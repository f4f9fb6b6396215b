"""Compares ntptrace and ntpsweep with the Perl scripts of 4.2.8p15: the same lines and statuses for the same daemons. Also
tests what only ours support."""
import re
import shutil
import tempfile
import time

from ntplab import packages
from ntplab.packages import LabError
from ntplab.programs import Tool

TRIES = 6
TRACE, SWEEP = "ntptrace", "ntpsweep"
# figures that differ between two runs
MOVING = re.compile(rb"(offset |distance |^.{35})( *-?[0-9.]+)", re.MULTILINE)
# ntpq's rows, which the script mistakes for errors
ROWS = re.compile(rb"^(ERROR: .\S+).*", re.MULTILINE)
# the original lists all its options after a usage error
USAGE = re.compile(rb"(\nUSAGE: [^\n]*\n).*", re.DOTALL)
# warnings of the Perl interpreter
PERL = re.compile(rb"^Use of uninitialized value [^\n]*\n|^Argument [^\n]* isn't numeric [^\n]*\n", re.MULTILINE)

#        script  arguments
COMPARED = [
    *[(TRACE, words.split()) for words in (
        "192.0.2.20", "-n 192.0.2.20", "-n -r 192.0.2.21", "--host=192.0.2.11", "-n 192.0.2.16", "-n -m 1 192.0.2.20", "+N -MAX 1 192.0.2.20",
        "-n 192.0.2.20 -m 1", "hub", "-n hub", "-n 192.0.2.20 192.0.2.21", "-n 2001:db8::20", "-n 192.0.2.13", "-n -m 0 192.0.2.11",
        "-x", "-m", "-m x hub", "-h", "--m=", "-n=1 hub")],
    *[(SWEEP, words.split()) for words in (
        "-l 192.0.2.20", "-l hub -l 192.0.2.21 -l 192.0.2.11", "-h hub", "-p -l 192.0.2.11", "-p -l hub", "-p -m 1 -l 192.0.2.21",
        "-s .lab -l hub", "-l 192.0.2.16", "/nonexistent", "", "-x", "-m 1")],
]
#        script  host   arguments                       status  a regular expression for the output, and one for the messages
OURS = [
    (TRACE, "op", "-n 192.0.2.20", 0, rb"192\.0\.2\.20: stratum \d, offset -?[0-9.]+, synch distance [0-9.]+\n"
     rb"192\.0\.2\.\d+: stratum [^\n]*\n$", rb"$"),
    (TRACE, "op", "-n 192.0.2.22", 0, rb"192\.0\.2\.22: stratum 2, offset -?[0-9.]+, synch distance [0-9.]+, by chronyd\n"
     rb"192\.0\.2\.11: stratum 1, offset [0-9.]+, synch distance [0-9.]+, refid 'LOCL'\n$", rb"$"),
    (TRACE, "op", "-n 192.0.2.18", 1, rb"192\.0\.2\.18: stratum 2, offset unknown, synch distance [0-9.]+, by SNTP\n$",
     rb"ntptrace: 192\.0\.2\.18: it follows its own clock, not a time source\n$"),
    # ntpd-rs follows either of its two sources; the second is driven by its own clock.
    (TRACE, "op", "-n 192.0.2.24", (0, 1), rb"192\.0\.2\.24: stratum (2|4), offset unknown, synch distance [0-9.]+, by SNTP\n"
     rb"192\.0\.2\.1(1: stratum 1|3: stratum 3), ", rb"(ntptrace: 192\.0\.2\.13: it follows its own clock, not a time source\n)?$"),
    (TRACE, "op", "-n 192.0.2.16", 1, rb"192\.0\.2\.16: stratum 16, .* <- the error begins here: not synchronised\n$",
     rb"ntptrace: 192\.0\.2\.16: it is not synchronised\n$"),
    (TRACE, "op", "-n --timeout 1 192.0.2.17", 1, rb"$", rb"ntptrace: 192\.0\.2\.17: no reply, not even to a time request: .*; next: on that host: tcpdump -ni any udp port 123\n$"),
    (TRACE, "op", "-n --all 192.0.2.20", 0, rb"192\.0\.2\.20: [^\n]*\n(  )+\*192\.0\.2\.11: stratum 1, (.|\n)*  \+192\.0\.2\.1\d: ", rb"$"),
    (SWEEP, "op", "-n -l 192.0.2.20,192.0.2.22,192.0.2.18", 0, rb"Host +st .*\n-+.*\n192\.0\.2\.20 +\d +-?[0-9.]+ 4\.2\.8p15@1\. Linux[^\n]*\n"
     rb"192\.0\.2\.22 +2 +-?[0-9.]+ chronyd +\n192\.0\.2\.18 +2 +-?[0-9.]+ +\n$", rb"$"),
    (SWEEP, "op", "-n -p -m 1 -l 192.0.2.22", 0, rb"[^\n]*\n[^\n]*\n192\.0\.2\.22 \(1\) +2 [^\n]*\n 192\.0\.2\.11 \(0\) +1 ", rb"$"),
    (TRACE, "op", "nosuch.invalid", 1, rb"$", rb"ntptrace: nosuch\.invalid: "),
]


def run(lab, chosen, report):
    """Runs all cases."""
    if chosen.ours == "reference":
        raise LabError("trace: there is nothing to compare the reference with")
    folder = tempfile.mkdtemp(prefix="trace.", dir=lab.folder)
    perl = {
        "PATH": ":".join([*(str(packages.program(name).parent) for name in ("ntpq", "sntp")), packages.search_path()]),
        "PERL5LIB": str(packages.CACHE / "classic/usr/share/ntp/lib"),
        "LD_LIBRARY_PATH": ":".join(packages.libraries(name) for name in ("ntpq", "sntp")),
    }
    tools = {}
    for script in (TRACE, SWEEP):
        tools["real", script] = Tool(script, packages.program("ntpq").with_name(script), perl, f"{folder}/real-{script}")
        tools["classic", script] = Tool(script, chosen.ours, {"NTPKIT_COMPAT": packages.REFERENCE_VERSION}, f"{folder}/classic-{script}")
        tools["ours", script] = Tool(script, chosen.ours, {}, f"{folder}/ours-{script}")
    try:
        for script, words in COMPARED:
            name = f"{script} {' '.join(words)} like the real one"
            if not chosen.only or chosen.only in name:
                compare(lab, report, tools, script, words, name)
        for script, host, words, *expected in OURS:
            name = f"{script} {words} on {host}"
            if not chosen.classic_only and (not chosen.only or chosen.only in name):
                ours(lab, report, tools["ours", script], host, words.split(), expected, name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def plain(outcome):
    """Returns an outcome without varying figures, the original's list of options, and Perl's warnings."""
    stderr = ROWS.sub(rb"\1", USAGE.sub(rb"\1", PERL.sub(b"", outcome.stderr)))
    return outcome.status, MOVING.sub(rb"\1N", outcome.stdout), stderr


def compare(lab, report, tools, script, words, name):
    """Compares the real script with ours in its dialect. Retries, because the state of the daemons changes."""
    for _ in range(TRIES):
        real, classic = (tools[whose, script].run(lab.namespace("op"), words) for whose in ("real", "classic"))
        if plain(real) == plain(classic):
            break
        time.sleep(1)
    report.check(name, plain(real) == plain(classic), f"real: {real.show()}\nours: {classic.show()}")


def ours(lab, report, tool, host, words, expected, name):
    """Checks our output in the default dialect."""
    status, pattern, messages = expected
    statuses = status if isinstance(status, tuple) else (status,)
    for _ in range(TRIES):
        outcome = tool.run(lab.namespace(host), words)
        ok = outcome.status in statuses and bool(re.match(pattern, outcome.stdout)) and bool(re.match(messages, outcome.stderr))
        if ok:
            break
        time.sleep(1)
    report.check(name, ok, outcome.show())
