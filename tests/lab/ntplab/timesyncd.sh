# Runs systemd-timesyncd, and the D-Bus daemon on which it publishes its state, in their own mount namespace.
# Arguments: its folder, its configuration, the folder of the real programs, to be mounted at /srv (the daemon's user cannot
# read root's home); and, as paths below /srv, the object to preload, the two programs, and their libraries.
set -e
mount --bind "$1" /mnt
cp "$2" /mnt/lab.conf
mount --bind "$3" /srv
preload=$4 daemon=$5 bus=$6 libraries=$7
mount -t tmpfs tmpfs /run
[ ! -d /var/lib/systemd ] || mount -t tmpfs tmpfs /var/lib/systemd
mkdir -p /run/systemd/timesync /run/systemd/timesyncd.conf.d /run/systemd/netif/links
chown 65534 /run/systemd/timesync
cp /mnt/lab.conf /run/systemd/timesyncd.conf.d/lab.conf
cat >/mnt/bus.conf <<'END'
<busconfig><type>system</type><listen>unix:path=/mnt/bus</listen><auth>EXTERNAL</auth><policy context="default">
<allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/></policy></busconfig>
END
LD_LIBRARY_PATH=$libraries "$bus" --config-file=/mnt/bus.conf --nofork --nopidfile &
while [ ! -S /mnt/bus ]; do sleep 0.05; done
chmod 666 /mnt/bus
export DBUS_SYSTEM_BUS_ADDRESS=unix:path=/mnt/bus SYSTEMD_LOG_TARGET=console LD_LIBRARY_PATH="$libraries" LD_PRELOAD="$preload"
exec setpriv --reuid=65534 --regid=65534 --clear-groups "$daemon"
