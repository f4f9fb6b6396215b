"""A Debian with the monitoring systems for which contrib/ has files, too heavy to install on a machine that only runs tests."""
import shutil
import subprocess
import tempfile
from pathlib import Path

from ntplab import packages
from ntplab.packages import CACHE, LabError, run
from ntplab.programs import NO_CLOCK

RELEASE = "bookworm"
TREE = CACHE / "contrib"
MACHINE = CACHE / "contrib-machine"  # a small one that boots
PACKAGES = ["systemd-sysv", "dbus", "icinga2-bin", "icinga2-common", "monitoring-plugins-basic", "munin-node", "ansible-core",
            "zabbix-server-pgsql", "zabbix-frontend-php", "postgresql-15", "php-pgsql", "php8.2-cli"]
DATABASE = "/var/lib/postgresql/zabbix"
# Arguments: the tree, the archive.
MAKE = f"""
set -eu
debootstrap --variant=minbase {RELEASE} "$1" "$2"
printf '#!/bin/sh\\nexit 101\\n' >"$1/usr/sbin/policy-rc.d"
chmod +x "$1/usr/sbin/policy-rc.d"
cp /etc/resolv.conf "$1/etc/resolv.conf"
mount -t proc proc "$1/proc"
mount --bind /dev "$1/dev"
mount -t tmpfs none "$1/run"
DEBIAN_FRONTEND=noninteractive chroot "$1" apt-get install -q -y --no-install-recommends {' '.join(PACKAGES)}
chroot "$1" apt-get clean
install -d -o 0 "$1/run/postgresql"
chroot "$1" chown postgres /run/postgresql
as_postgres() {{ chroot "$1" su postgres -s /bin/sh -c "$2"; }}
bin=/usr/lib/postgresql/15/bin
as_postgres "$1" "$bin/initdb -D {DATABASE} --no-sync -A trust"
as_postgres "$1" "$bin/pg_ctl -D {DATABASE} -w -l /tmp/log -o '-c listen_addresses= -c fsync=off -k /run/postgresql' start"
as_postgres "$1" 'createuser zabbix && createdb -O zabbix -E UTF8 -T template0 zabbix'
for part in schema images data; do
    as_postgres "$1" "zcat /usr/share/zabbix-server-pgsql/$part.sql.gz | psql -q -v ON_ERROR_STOP=1 -U zabbix zabbix"
done
as_postgres "$1" "$bin/pg_ctl -D {DATABASE} -m fast -w stop"
"""
# Arguments: the tree, a folder for what changes, the program; then the command.
ENTER = """
set -eu
mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" none "$2/root"
for there in proc dev run tmp; do mkdir -p "$2/root/$there"; done
mount -t proc proc "$2/root/proc"
mount --rbind /dev "$2/root/dev"
mount -t tmpfs none "$2/root/run"
mkdir -p "$2/root/lab"
mount --bind "$2/files" "$2/root/lab"
cp "$3" "$2/root/usr/bin/ntpkit"
root=$2/root
shift 3
exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"
"""


def make(log):
    """Installs that Debian, and a small one, into the cache."""
    if not shutil.which("debootstrap", path=packages.search_path()):
        run("apt-get", "update", "-q")
        run("apt-get", "install", "-y", "-q", "--no-install-recommends", "debootstrap")
    small = 'debootstrap --variant=minbase --include=systemd-sysv "$3" "$1" "$2"'
    CACHE.mkdir(parents=True, exist_ok=True)
    for tree, contents, script in ((TREE, PACKAGES, MAKE), (MACHINE, ["systemd-sysv"], small)):
        if tree.exists():
            continue
        print(f"lab: making a Debian {RELEASE} with {', '.join(contents)}", file=log, flush=True)
        fresh = Path(tempfile.mkdtemp(prefix="contrib.", dir=CACHE))
        try:
            fresh.chmod(0o755)
            run("unshare", "--mount", *NO_CLOCK, "sh", "-c", script, "sh", fresh, packages.archive(), RELEASE)
            fresh.rename(tree)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


class Machine:
    """That Debian on a host of the laboratory, with our program; nothing that it changes is kept."""

    def __init__(self, lab, host, folder, ours):
        self._namespace, self._folder, self._ours = lab.namespace(host), folder, ours
        self.files = folder / "files"  # there: /lab
        for name in ("upper", "work", "root", "files"):
            (folder / name).mkdir(parents=True)

    def command(self, *words):
        """Returns the command that runs a command there. All that it started ends with it."""
        return ["ip", "netns", "exec", self._namespace, "unshare", "--mount", "--pid", "--fork", "--kill-child", *NO_CLOCK,
                "sh", "-c", ENTER, "sh", str(TREE), str(self._folder), str(self._ours), *words]

    def run(self, script, time_limit=60):
        """Runs a shell script there; returns its status and its output."""
        try:
            done = subprocess.run(self.command("sh", "-c", script), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, errors="replace", timeout=time_limit, check=False)
        except subprocess.TimeoutExpired as error:
            raise LabError(f"{script}: still running after {time_limit} s: {error.output}") from error
        return done.returncode, done.stdout
