"""A real Icinga 2 runs the commands of contrib/."""
import subprocess
import time
from pathlib import Path

CONTRIB = Path(__file__).resolve().parents[3] / "contrib/icinga2/ntpkit.conf"
PATIENCE = 40
MAIN = """
const PluginDir = "/usr/lib/nagios/plugins"
const NodeName = "lab"
include <itl>
include <plugins>
include "ntpkit.conf"
object CheckerComponent "checker" { }
object PerfdataWriter "results" {
  service_perfdata_path = "/lab/results"
  service_temp_path = "/lab/results.part"
  host_perfdata_path = "/lab/hosts.out"
  host_temp_path = "/lab/hosts.part"
  rotation_interval = 1s
  service_format_template = "$service.name$\\t$service.state_id$\\t$service.perfdata$\\t$service.output$"
}
object Host "sec" {
  check_command = "passive"
  address = "192.0.2.21"
  vars.ntp_server = true
}
template Service "case" {
  check_interval = 3s
  max_check_attempts = 1
  vars.ntp_warning = "5"
  vars.ntp_critical = "10"
  vars.ntp_wdistance = "20"
}
apply Service "time" {
  import "case"
  check_command = "ntpkit_time"
  assign where host.vars.ntp_server
}
apply Service "peer" {
  import "case"
  check_command = "ntpkit_peer"
  vars.ntp_wreach = "1:"
  vars.ntp_wsource = "1:"
  vars.ntp_grace = "1"
  assign where host.vars.ntp_server
}
apply Service "local" {
  import "case"
  check_command = "ntpkit_local"
  assign where host.vars.ntp_server
}
apply Service "fleet" {
  import "case"
  check_command = "ntpkit_fleet"
  vars.ntp_hosts_from = "/lab/hosts"
  assign where host.vars.ntp_server
}
"""
# service -> what its line and its performance data begin with
EXPECTED = {
    "ntp": ("NTP ", "offset="),  # the service in contrib/
    "time": ("NTP OK: Offset ", "offset="),
    "peer": ("NTP OK: Offset ", "offset="),
    "local": ("NTP OK: synchronised to ", "offset="),
    "fleet": ("2 hosts, 2 answered", ""),
}


def check(machine, report):
    """Runs it until each command has been run."""
    (machine.files / CONTRIB.name).write_text(CONTRIB.read_text().replace("check_interval = 1m", "check_interval = 3s"))
    (machine.files / "icinga2.conf").write_text(MAIN)
    (machine.files / "hosts").write_text("192.0.2.20\n192.0.2.21\n")
    script = "mkdir /run/icinga2 && chown -R nagios /run/icinga2 /lab && exec icinga2 daemon -c /lab/icinga2.conf >/lab/log 2>&1"
    with subprocess.Popen(machine.command("sh", "-c", script), stdin=subprocess.DEVNULL) as process:
        try:
            end = time.monotonic() + PATIENCE
            while not set(EXPECTED) <= set(results(machine)) and process.poll() is None and time.monotonic() < end:
                time.sleep(0.5)
        finally:
            process.kill()
    found, log = results(machine), machine.files / "log"
    for service, (line, figures) in EXPECTED.items():
        state, data, output = found.get(service, ("3", "", ""))
        right = state in ("0", "1", "2") and output.startswith(line) and data.startswith(figures)
        report.check(f"icinga: {service}", right, f"{found}\n{log.read_text()[-3000:]}")


def results(machine):
    """Returns the state, the performance data and the first line of each service that has been checked."""
    rows = [line.split("\t") for path in machine.files.glob("results*") for line in path.read_text().splitlines()]
    return {row[0]: tuple(row[1:]) for row in rows if len(row) == 4}
