"""A real Nagios runs the commands of contrib/."""
import re
from pathlib import Path

from ntplab import packages
from ntplab.programs import NO_CLOCK

CONTRIB = Path(__file__).resolve().parents[3] / "contrib/nagios/ntpkit.cfg"
#   command, and its arguments
SERVICES = ["check_ntp_time!5!10", "check_ntp_peer!5!10", "check_ntp_local!5!10", "check_ntp_fleet!@HOSTS@"]
MAIN = """cfg_file=@HOME@/ntpkit.cfg
cfg_file=@HOME@/objects.cfg
log_file=@HOME@/nagios.log
object_cache_file=@HOME@/objects.cache
precached_object_file=@HOME@/objects.precache
status_file=@HOME@/status.dat
state_retention_file=@HOME@/retention.dat
lock_file=@HOME@/nagios.lock
temp_file=@HOME@/nagios.tmp
temp_path=@HOME@/tmp
check_result_path=@HOME@/results
command_file=@HOME@/nagios.cmd
query_socket=@HOME@/nagios.qh
nagios_user=root
nagios_group=root
check_external_commands=0
execute_host_checks=0
enable_notifications=0
check_for_updates=0
event_broker_options=0
interval_length=1
status_update_interval=2
service_inter_check_delay_method=n
"""
OBJECTS = """define timeperiod {
    timeperiod_name  always
    alias            always
    sunday           00:00-24:00
    monday           00:00-24:00
    tuesday          00:00-24:00
    wednesday        00:00-24:00
    thursday         00:00-24:00
    friday           00:00-24:00
    saturday         00:00-24:00
}
define contact {
    contact_name                   nobody
    host_notifications_enabled     0
    service_notifications_enabled  0
    host_notification_period       always
    service_notification_period    always
    host_notification_commands     check_ntp_local
    service_notification_commands  check_ntp_local
}
define service {
    name                   generic-service
    register               0
    max_check_attempts     1
    check_interval         60
    retry_interval         60
    check_period           always
    notification_period    always
    notification_interval  60
    contacts               nobody
}
define hostgroup {
    hostgroup_name  ntp-servers
    members         sec
}
define host {
    host_name              sec
    address                192.0.2.21
    max_check_attempts     1
    check_period           always
    notification_period    always
    notification_interval  60
    contacts               nobody
}
"""


def begin(started, start, lab, folder, ours):
    """Starts it on the host `hub`; returns its folder."""
    home = folder / "nagios"
    for name in ("tmp", "results", "bin"):
        (home / name).mkdir(parents=True)
    (home / "bin/ntpkit").symlink_to(Path(ours).resolve())
    (home / "hosts").write_text("192.0.2.20\n192.0.2.21\n")
    (home / "ntpkit.cfg").write_text(CONTRIB.read_text().replace("/usr/bin/ntpkit", f"{home}/bin/ntpkit"))
    services = [f"define service {{\n    use generic-service\n    host_name sec\n    service_description {command.split('!')[0]}\n"
                f"    check_command {command.replace('@HOSTS@', f'{home}/hosts')}\n}}\n" for command in SERVICES]
    (home / "objects.cfg").write_text(OBJECTS + "".join(services))
    (home / "nagios.cfg").write_text(MAIN.replace("@HOME@", str(home)))
    start(started, lab, "hub", [packages.program("nagios4"), f"{home}/nagios.cfg"], folder / "nagios.log", limits=NO_CLOCK)
    return home


def checked(home):
    """Returns the state and the output of each service that has been checked, by its name."""
    status = home / "status.dat"
    blocks = re.findall(r"servicestatus \{(.*?)\n\t\}", status.read_text(), re.S) if status.exists() else []
    found = [dict(line.strip().split("=", 1) for line in block.strip().splitlines()) for block in blocks]
    return {one["service_description"]: (int(one["current_state"]), one["plugin_output"]) for one in found if one["has_been_checked"] == "1"}


def shown(home, folder):
    """What to look at after a failure."""
    logs = [path.read_text() for path in (home / "nagios.log", folder / "nagios.log") if path.exists()]
    return f"{checked(home)}\n" + "\n".join(logs)[-3000:]
