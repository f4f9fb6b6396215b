"""`ntsinfo` and `ntskeinfo`: the counters of NTPsec's ntpd beside those that NTPsec's own ntpq prints."""
from ntplab.programs import NtpsecTables

SERVER = "time3"  # NTPsec


def figures(outcome):
    """The labels and values, without the blanks between them."""
    lines = outcome.stdout.decode().splitlines()
    return {label.strip(): value.strip() for label, _, value in (line.rpartition(":") for line in lines)}


def run(context):
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
