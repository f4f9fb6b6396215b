"""A real Zabbix imports the templates of contrib/, scrapes exporters with them, finds the sources and raises its triggers."""
import json
import subprocess
import time
from pathlib import Path

from contrib.debian import DATABASE

TEMPLATES = Path(__file__).resolve().parents[3] / "contrib/zabbix/ntpkit.yaml"
DAEMON, PROBE = "NTP daemon by ntpkit exporter", "NTP server by ntpkit probe"
PORT = 8080
PATIENCE = 60
WEB = """<?php
$DB["TYPE"] = "POSTGRESQL"; $DB["SERVER"] = ""; $DB["PORT"] = "0"; $DB["DATABASE"] = "zabbix"; $DB["USER"] = "zabbix";
$DB["PASSWORD"] = ""; $DB["SCHEMA"] = ""; $DB["ENCRYPTION"] = false; $DB["DOUBLE_IEEE754"] = true; $DB["VAULT_TOKEN"] = "";
$ZBX_SERVER = ""; $ZBX_SERVER_NAME = ""; $IMAGE_FORMAT_DEFAULT = IMAGE_FORMAT_PNG;
"""
SERVER = """DBHost=
DBName=zabbix
DBUser=zabbix
LogFile=/lab/server.log
PidFile=/run/zabbix/pid
SocketDir=/run/zabbix
CacheUpdateFrequency=1
"""
START = f"""set -e
mkdir /run/postgresql /run/zabbix
chown postgres /run/postgresql
chown zabbix /run/zabbix
chmod 777 /lab
su postgres -s /bin/sh -c "/usr/lib/postgresql/15/bin/pg_ctl -D {DATABASE} -w -l /tmp/log -o '-c listen_addresses= -c fsync=off -k /run/postgresql' start" >/dev/null
cp /lab/zabbix.conf.php /etc/zabbix/
setpriv --reuid=zabbix --regid=zabbix --clear-groups zabbix_server -f -c /lab/server.conf >/lab/server.out 2>&1 &
cd /usr/share/zabbix
exec php -d memory_limit=256M -d max_execution_time=300 -d post_max_size=16M -d date.timezone=UTC -S 127.0.0.1:{PORT} >/lab/php.log 2>&1
"""
CALL = """
import sys, urllib.request
request = urllib.request.Request(sys.argv[1], data=sys.stdin.buffer.read(), headers={"Content-Type": "application/json-rpc"})
sys.stdout.write(urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60).read().decode())
"""
#   host     address       template
HOSTS = [("hub", "192.0.2.20", DAEMON), ("sec", "192.0.2.21", PROBE), ("closed", "192.0.2.17", PROBE)]
# item of a host -> its last value, or None for any but none
ITEMS = {
    ("hub", "ntpkit.answered"): "1", ("hub", "ntpkit.daemon"): "ntpd", ("hub", "ntpkit.synchronized"): "1", ("hub", "ntpkit.stratum"): "2",
    ("hub", "ntpkit.error"): None, ("hub", "ntpkit.offset"): None, ("hub", "ntpkit.sources"): None, ("hub", "ntpkit.version"): None,
    ("hub", "ntpkit.kernel.frequency"): None, ("hub", 'ntpkit.peer.reach["192.0.2.11"]'): None, ("hub", 'ntpkit.peer.offset["192.0.2.15"]'): None,
    ("hub", 'ntpkit.peer.falseticker["192.0.2.11"]'): "0", ("hub", 'ntpkit.peer.reach["192.0.2.17"]'): "0",
    ("sec", "ntpkit.success"): "1", ("sec", "ntpkit.reason"): "none", ("sec", "ntpkit.stratum"): "2", ("sec", "ntpkit.offset"): None,
    ("sec", "ntpkit.bound"): None, ("sec", "ntpkit.sources"): None, ("sec", "ntpkit.duration"): None, ("sec", 'ntpkit.peer.delay["192.0.2.11"]'): None,
    ("closed", "ntpkit.success"): "0", ("closed", "ntpkit.reason"): "silent",
}
# what is not discovered: the local clock, a broadcast address
ABSENT = [("hub", 'ntpkit.peer.reach["127.127.1.0"]'), ("hub", 'ntpkit.peer.reach["192.0.2.255"]')]
# trigger of a host -> whether it is raised
TRIGGERS = {
    ("hub", "NTP: the clock is not synchronised"): "0", ("hub", "NTP: no daemon answers"): "0",
    ("hub", "NTP: source 192.0.2.17 does not answer"): "1", ("hub", "NTP: source 192.0.2.11 does not answer"): "0",
    ("sec", "NTP: the probe fails: none"): "0", ("closed", "NTP: the probe fails: silent"): "1",
}


class Api:
    """Zabbix's API."""

    def __init__(self, namespace):
        self._namespace, self._token = namespace, None

    def call(self, method, **parameters):
        """Returns the result, or None and keeps the answer."""
        body = {"jsonrpc": "2.0", "method": method, "params": parameters.get("whole", parameters), "id": 1, "auth": self._token}
        done = subprocess.run(["ip", "netns", "exec", self._namespace, "python3", "-c", CALL, f"http://127.0.0.1:{PORT}/api_jsonrpc.php"],
                              input=json.dumps(body), capture_output=True, text=True, timeout=90, check=False)
        self.answer = done.stdout + done.stderr
        try:
            return json.loads(done.stdout).get("result")
        except ValueError:
            return None

    def log_in(self):
        """Waits for the server, and logs in as the user that Zabbix comes with."""
        end = time.monotonic() + PATIENCE
        while not self._token and time.monotonic() < end:
            self._token = self.call("user.login", username="Admin", password="zabbix")
            time.sleep(0.2)


def check(machine, namespace, report):
    """Runs all cases. An exporter runs on the host of the namespace, another one on `hub`."""
    (machine.files / "zabbix.conf.php").write_text(WEB)
    (machine.files / "server.conf").write_text(SERVER)
    with subprocess.Popen(machine.command("sh", "-c", START), stdin=subprocess.DEVNULL) as process:
        try:
            within(Api(namespace), report)
        finally:
            process.kill()


def within(api, report):
    """The cases while it runs."""
    api.log_in()
    kinds = ("groups", "templates", "items", "triggers", "discoveryRules", "valueMaps")
    rules = {kind: {"createMissing": True, "updateExisting": True} for kind in kinds} | {"templateLinkage": {"createMissing": True}}
    imported = api.call("configuration.import", format="yaml", rules=rules, source=TEMPLATES.read_text())
    report.check("zabbix imports the templates", imported is True, api.answer)
    if not imported:
        return
    templates = {one["host"]: one["templateid"] for one in api.call("template.get", output=["host"], filter={"host": [DAEMON, PROBE]})}
    group = api.call("hostgroup.get", output=["groupid"], limit=1)[0]["groupid"]
    numbers = {}
    for name, address, template in HOSTS:
        interface = {"type": 1, "main": 1, "useip": 1, "ip": address, "dns": "", "port": "10050"}
        made = api.call("host.create", host=name, groups=[{"groupid": group}], interfaces=[interface],
                        templates=[{"templateid": templates[template]}])
        report.check(f"zabbix: a host with {template}: {name}", bool(made), api.answer)
        numbers[made["hostids"][0]] = name
    time.sleep(2)  # for its cache
    masters = api.call("item.get", hostids=list(numbers), output=["itemid"], filter={"key_": "ntpkit.metrics"})
    end, asked = time.monotonic() + PATIENCE, 0
    while True:
        if time.monotonic() > asked + 10:  # the next page, without waiting for its minute
            api.call("task.create", whole=[{"type": 6, "request": {"itemid": one["itemid"]}} for one in masters])
            asked = time.monotonic()
        items, triggers = state(api, numbers)
        if time.monotonic() > end or not wrong(items, triggers):
            break
        time.sleep(1)
    for (host, key), value in ITEMS.items():
        found = items.get((host, key))
        report.check(f"zabbix: {host}: {key}", found not in (None, "") and value in (None, found), f"{found}\n{items}")
    for place in ABSENT:
        report.check(f"zabbix: {' '.join(place)} is not discovered", place not in items, str(items))
    for place, value in TRIGGERS.items():
        report.check(f"zabbix: trigger of {': '.join(place)}", triggers.get(place) == value, str(triggers))
    broken = [one for kind in ("item", "discoveryrule") for one in api.call(f"{kind}.get", hostids=list(numbers), output=["key_", "error", "state"])
              if one["state"] != "0" or one["error"]]
    report.check("zabbix supports every item", not broken, str(broken))


def state(api, numbers):
    """Returns the last values of items that have one, and the values of triggers, by host and name."""
    items = api.call("item.get", hostids=list(numbers), output=["key_", "hostid", "lastvalue", "lastclock"])
    triggers = api.call("trigger.get", hostids=list(numbers), output=["description", "value"], selectHosts=["hostid"], expandDescription=True)
    return ({(numbers[one["hostid"]], one["key_"]): one["lastvalue"] for one in items if one["lastclock"] != "0"},
            {(numbers[one["hosts"][0]["hostid"]], one["description"]): one["value"] for one in triggers})


def wrong(items, triggers):
    """Whether something is not yet as it should be."""
    return (any(items.get(place) in (None, "") or value not in (None, items[place]) for place, value in ITEMS.items())
            or any(triggers.get(place) != value for place, value in TRIGGERS.items()))
