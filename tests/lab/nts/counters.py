"""What daemons report of NTS: the counters of NTPsec's ntpd beside those that NTPsec's own ntpq prints, and the sources of
ntpd-rs."""
import time

from ntplab.programs import NtpsecTables

SERVER, CLIENT = "time3", "time4"  # NTPsec, and ntpd-rs as a client of time1
PATIENCE = 60  # seconds for ntpd-rs to exchange keys


def figures(outcome):
    """The labels and values, without the blanks between them."""
    lines = outcome.stdout.decode().splitlines()
    return {label.strip(): value.strip() for label, _, value in (line.rpartition(":") for line in lines)}


def run(context):
    counters(context)
    sources(context)


def sources(context):
    """The source with NTS has cookies, the other none; diag counts it as authenticated."""
    name = "ntpd-rs's source with NTS"
    if not context.wanted(name):
        return
    daemon = f"ntpd-rs:{context.daemons[CLIENT].folder}/observe"
    end = time.monotonic() + PATIENCE
    cookies, table = {}, None
    while time.monotonic() < end and cookies.get("time1.lab.test") is None:
        table = context.run("ntpq", "--daemon", daemon, "--format", "json", "-n", "-p", host=CLIENT)
        if table.status == 0:
            cookies = {peer["configured_name"] or peer["address"]: peer["nts_cookies"] for peer in context.json(table)["peers"]}
        time.sleep(0.5)
    context.report.check(name, (cookies.get("time1.lab.test") or 0) > 0 and cookies.get("192.0.2.12", 0) is None, f"{cookies}\n{table.show()}")
    context.check(f"{name}: the column of NTPsec's table", context.run("ntpq", "--compat", "ntpsec", "--daemon", daemon, "-n", "-p", host=CLIENT),
                  r"(?m)^.\S+ +\S+ +\d+ [1-8] ", status=0)


def counters(context):
    name = "ntsinfo beside NTPsec's"
    if not context.wanted(name):
        return
    context.nts(f"{SERVER}.lab.test")  # so that there is something to count
    tools = NtpsecTables(context.chosen.ours, context.lab.folder)
    try:
        namespace = context.lab.namespace(SERVER)
        reference, ours, exchanges = (tool.run(namespace, ["-c", command, "127.0.0.1"])
                                      for tool, command in ((tools.reference, "ntsinfo"), (tools.ours, "ntsinfo"), (tools.ours, "ntskeinfo")))
    finally:
        tools.close()
    expected, got = figures(reference), figures(ours)
    context.report.check(name, ours.status == 0 and got == expected and not ours.stderr, f"{reference.show()}\n{ours.show()}")
    context.report.check(f"{name}: there are exchanges to count", int(got.get("NTS KE serves good", 0)) > 0 and int(got.get("NTS make cookies", 0)) > 0, ours.show())
    wanted = {label: value for label, value in expected.items() if label.startswith("NTS KE")}
    counted = {label: value for label, value in figures(exchanges).items() if label in wanted}
    context.report.check(f"{name}: ntskeinfo has the same key exchanges", counted == wanted, exchanges.show())
