# The hooks of packaging/hooks, each run once: continues the script. 127.0.0.2 is 100 s ahead, 127.0.0.5 is 5000 s behind.
restart() { # puts the clock where no server is
    date -u -s @$((BASE + 1000 + $(cut -d. -f1 /proc/uptime) - BEGIN)) >/dev/null
}
configure() { # SERVERS: what hooks find in the system's configuration
    echo "NTPSERVERS='$1'
NTPOPTIONS='-p 1 -t 20 --port $PORT'" >/etc/default/ntpdate
}
becomes() { # OFFSET: as `at`, within a minute, because hooks do not wait
    for _ in $(seq 60); do
        at "$1" && return 0
        sleep 1
    done
    return 1
}
stays() { # whether the clock has been left alone, once there was time to set it
    sleep 4
    at 1000
}
list_is() { [ "$(cat /run/ntpdate.dhcp)" = "NTPSERVERS='$1'" ]; }
mkdir -p /etc/default /run /var/spool/cron /etc/init.d

# cron: the clock is put to just before the time in the file, whose pause is shortened
configure 127.0.0.2
sed -n 's/^\([^#A-Z]*\) root \(.*\)/\1 \2/p' /bin/ntpdate.cron | sed 's/0-1799/0-1/' >/tmp/line
grep '^[A-Z]*=' /bin/ntpdate.cron | cat - /tmp/line >/var/spool/cron/root
date -u -s '2026-11-20 12:24:50' >/dev/null
crond -c /var/spool/cron -L /tmp/crond.log
verdict "the file for cron sets the clock" becomes 100
kill "$(pidof crond)"

# systemd: the command of the service, without the unit's sandbox
restart
configure 127.0.0.5
mkdir -p /usr
ln -sf /bin /usr/bin
$(sed -n 's/^ExecStart=//p' /bin/ntpdate.service) >/tmp/out 2>&1
cat /tmp/out
verdict "the service of systemd sets the clock" at -5000
verdict "the service of systemd reports the step" out_has 'step time server 127.0.0.5 offset -'

# ifupdown
restart
configure 127.0.0.2
for set in "lo inet loopback" "--all inet manual" "eth0 ipx static"; do
    set -- $set
    IFACE=$1 ADDRFAM=$2 METHOD=$3 sh /bin/ntpdate.if-up
done
verdict "the hook of ifupdown ignores other interfaces" stays
IFACE=eth0 ADDRFAM=inet METHOD=static sh /bin/ntpdate.if-up
verdict "the hook of ifupdown sets the clock" becomes 100

# dhclient
dhclient() { # REASON NEW OLD: sources the hook as dhclient-script does
    (
        reason=$1 new_ntp_servers=$2 old_ntp_servers=$3
        . /bin/ntpdate.dhclient
        echo "went on"
    ) >/tmp/out 2>&1
    cat /tmp/out
}
restart
dhclient PREINIT
dhclient BOUND "127.0.0.2'; reboot"
verdict "the hook of dhclient ignores what is no list" [ ! -e /run/ntpdate.dhcp ]
dhclient BOUND 127.0.0.5
verdict "the hook of dhclient sets the clock" becomes -5000
verdict "the hook of dhclient keeps the servers" list_is 127.0.0.5
verdict "the hook of dhclient lets its script go on" out_has 'went on'
restart
dhclient RENEW 127.0.0.5 127.0.0.5
verdict "the hook of dhclient ignores an unchanged lease" stays
dhclient REBIND "127.0.0.2 127.0.0.2" 127.0.0.5
verdict "the hook of dhclient follows a changed lease" becomes 100
dhclient EXPIRE
verdict "the hook of dhclient forgets the servers" [ ! -e /run/ntpdate.dhcp ]

# NetworkManager
dispatch() { DHCP4_NTP_SERVERS=$3 sh /bin/ntpdate.networkmanager "$1" "$2"; }
restart
dispatch lo up 127.0.0.5
dispatch eth0 connectivity-change 127.0.0.5
dispatch eth0 up "127.0.0.5'; reboot"
verdict "the hook of NetworkManager ignores other events" stays
dispatch eth0 up 127.0.0.5
verdict "the hook of NetworkManager sets the clock" becomes -5000
restart
dispatch eth0 dhcp4-change 127.0.0.5
verdict "the hook of NetworkManager ignores an unchanged lease" stays
dispatch eth1 down
verdict "the hook of NetworkManager keeps the servers" grep -q "'127.0.0.5'" /run/ntpdate.dhcp
dispatch eth0 down
verdict "the hook of NetworkManager forgets the servers" [ ! -e /run/ntpdate.dhcp ]
dispatch eth0 up ""
verdict "the hook of NetworkManager takes the configured servers" becomes 100

# OpenWrt
printf '#!/bin/sh\necho "127.0.0.5:%s 127.0.0.5:%s"\n' $PORT $PORT >/bin/uci
printf '#!/bin/sh\n[ ! -e /tmp/sysntpd ]\n' >/etc/init.d/sysntpd
chmod +x /bin/uci /etc/init.d/sysntpd
hotplug() { # ACTION INTERFACE: sources the hook as hotplug-call does
    (
        ACTION=$1 INTERFACE=$2
        . /bin/ntpdate.hotplug
    )
}
restart
hotplug ifup wan # OpenWrt's own daemon is enabled
touch /tmp/sysntpd
hotplug ifdown wan
hotplug ifup loopback
verdict "the hook of OpenWrt ignores other events" stays
hotplug ifup wan
verdict "the hook of OpenWrt sets the clock" becomes -5000
grep ntpdate /tmp/log | tail -n 20
