# Runs systemd-timesyncd for a second with a configuration, in its own mount namespace.
# Arguments: the configuration, the folder of the real programs, to be mounted at /srv, and below it the daemon and its libraries.
set -e
mount -t tmpfs tmpfs /mnt
cp "$1" /mnt/lab.conf
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/timesyncd.conf.d /run/systemd/timesync /run/systemd/netif/links
chown 65534 /run/systemd/timesync
cp /mnt/lab.conf /run/systemd/timesyncd.conf.d/lab.conf
mount --bind "$2" /srv
export SYSTEMD_LOG_TARGET=console SYSTEMD_LOG_LEVEL=debug SYSTEMD_LOG_COLOR=0 LD_LIBRARY_PATH="$4"
exec timeout 1 setpriv --reuid=65534 --regid=65534 --clear-groups "$3"
