"""What is claimed about real servers and the system's own files, beyond comparing single lines."""
from ntplab.namespaces import ETC


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
    for host, address in (("time1", "127.0.0.1"), ("time3", "127.0.0.1"), ("time4", "127.0.0.1")):
        namespace = lab.namespace(host)
        for words in (["-p", "1"], ["-b", "-p", "1"], ["-q"]):
            expected, got, default = (tool.run(namespace, [*words, address]) for tool in (tools.reference, tools.classic, tools.default))
            name = f"ntpdate: {' '.join(words)} where {host}'s daemon runs"
            report.check(name, complaint(expected) == complaint(got) and expected.status == got.status, expected.show() + got.show())
            same = complaint(expected) in complaint(default) and (expected.status == default.status)
            report.check(f"{name} [default dialect]", same, expected.show() + default.show())


def complaint(outcome):
    """The last message, without its time."""
    return outcome.stderr.decode().strip().rpartition("]: ")[2]


CLAIMS = [no_services_file, a_port_in_use]
