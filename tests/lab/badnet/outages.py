"""Ours when the network says no: each kind of ICMP error, and an interface that goes down while replies are awaited."""
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from ntplab import namespaces
from ntplab.packages import run as command
from ntplab.programs import Tool
from ntplab.world import real_command

TIME_LIMIT = 60  # seconds after which a run counts as hung
SELF, SELF6 = "192.0.2.229", "2001:db8::229"
UNREACHABLE, NO_ROUTE, REFUSED = "Network is unreachable", "No route to host", "Connection refused|not listening|no NTP daemon listens"
# the filter's name of the ICMP error -> the cause that ours names
KINDS = {
    "icmp type net-unreachable": UNREACHABLE,
    "icmp type host-unreachable": NO_ROUTE,
    "icmp type prot-unreachable": "Protocol not available",
    "icmp type port-unreachable": REFUSED,
    "icmp type net-prohibited": UNREACHABLE,
    "icmp type host-prohibited": NO_ROUTE,
    "icmp type admin-prohibited": NO_ROUTE,
    "icmpv6 type no-route": UNREACHABLE,
    "icmpv6 type admin-prohibited": "Permission denied",
    "icmpv6 type addr-unreachable": NO_ROUTE,
    "icmpv6 type port-unreachable": REFUSED,
}
APPLETS = {
    "ntpq": ["-n", "-c", "rv"],
    "ntpdc": ["-n", "-c", "sysinfo"],
    "ntpdate": ["-q", "-u"],
    "ntpstat": [],
    "ntpkit": ["ping", "-c", "1"],
}


def run(lab, chosen, report):
    """Each kind has a network of its own, whose servers answer every request with that error."""
    kinds = [kind for kind in KINDS if not chosen.only or chosen.only in f"outage: {kind}"]
    listed = subprocess.run(["ip", "netns", "exec", lab.namespace("op"), *real_command("nft"), "list", "tables"], stdin=subprocess.DEVNULL, capture_output=True)
    if kinds and listed.returncode:
        print("LEFT OUT outages: ICMP errors: this kernel has no nf_tables", flush=True)
        kinds = []
    folder = tempfile.TemporaryDirectory(prefix="outages.", dir=lab.folder)
    with folder:
        tools = {applet: Tool(applet, chosen.ours, {}, f"{folder.name}/{applet}") for applet in APPLETS}
        for number, kind in enumerate(kinds):
            namespaces.add(name(lab, number))
            addresses = [f"192.0.2.{230 + number}", f"2001:db8::{230 + number}"]
            namespaces.join(name(lab, number), f"{lab.prefix}net", f"o{number}", addresses)
            rule = f"udp dport 123 reject with {kind}"
            family = "ip6" if kind.startswith("icmpv6") else "ip"
            table = f"table {family} refusals {{ chain c {{ type filter hook input priority 0; {rule}; }}; }}"
            command("ip", "netns", "exec", name(lab, number), *real_command("nft"), table)
        cases = [(number, kind, applet) for number, kind in enumerate(kinds) for applet in APPLETS]
        with ThreadPoolExecutor(8) as pool:
            for ok, title, text in pool.map(lambda case: refused(lab, tools, *case), cases):
                report.check(title, ok, text)
        if not chosen.only or chosen.only in "outage: the interface goes down":
            interface_down(lab, tools["ntpq"], report)


def name(lab, number):
    """The network of a kind."""
    return f"{lab.prefix}o{number}"


def refused(lab, tools, number, kind, applet):
    """The cause is named, with the host, and the wait ends with it."""
    address = f"2001:db8::{230 + number}" if kind.startswith("icmpv6") else f"192.0.2.{230 + number}"
    begin = time.monotonic()
    done = tools[applet].run(lab.namespace("stage"), [*APPLETS[applet], address], time_limit=TIME_LIMIT)
    spent = time.monotonic() - begin
    said = (done.stdout + done.stderr).decode("latin-1")
    ok = any(cause in said for cause in KINDS[kind].split("|")) and address in said and done.status not in (0, None)
    return ok, f"outage: {kind}: {applet}", f"{spent:.1f} s\n{done.show()}"


def interface_down(lab, tool, report):
    """The interface goes down after the first request: no hang, the cause or the silence is named."""
    mine = f"{lab.prefix}odown"
    namespaces.add(mine)
    namespaces.join(mine, f"{lab.prefix}net", "odown", [SELF, SELF6])
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(tool.run, mine, ["-n", "-c", "timeout 1000", "-p", "-c", "rv", "192.0.2.99"], time_limit=TIME_LIMIT)
        time.sleep(0.5)
        command("ip", "-n", mine, "link", "set", "eth0", "down")
        done = waiting.result()
    said = done.stderr.decode("latin-1")
    ok = done.status == 1 and "192.0.2.99" in said and (UNREACHABLE in said or "timed out" in said)
    report.check("outage: the interface goes down", ok, done.show())

