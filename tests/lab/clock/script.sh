# Runs in the virtual machine, by busybox' shell. Prints `ok NAME` or `not ok NAME`, and what the programs said.
export TZ=UTC
BASE=1795176000 # 2026-11-20 12:00:00
PORT=1123 # so that port 123 of all addresses is free for a client
date -u -s @$BASE >/dev/null
BEGIN=$(cut -d. -f1 /proc/uptime)
for server in 2:100.25 3:0.2 4:-0.25 5:-5000 6:300000000 7:415000000 8:-850000000 9:3000; do
    timeserver 127.0.0.${server%%:*} ${server#*:} $PORT || echo "not ok server $server"
done

verdict() { # NAME COMMAND...
    name=$1
    shift
    if "$@"; then echo "ok $name"; else echo "not ok $name"; fi
}
at() { # OFFSET: whether the clock shows the beginning, what has passed since, and this
    off=$(($(date -u +%s) - BASE - $(cut -d. -f1 /proc/uptime) + BEGIN - $1))
    [ $off -ge -2 ] && [ $off -le 2 ]
}
np() { # WORDS...: runs, keeps what was said and the status
    ntpkit ntpdate -t 20 --port $PORT "$@" >/tmp/out 2>/tmp/err # a busy host may let this machine stand still for seconds
    status=$?
    cat /tmp/out /tmp/err
}
said() { grep -q "$1" /tmp/out; }
complained() { grep -q "$1" /tmp/err; }
ended() { [ $status = "$1" ]; }
slews() { # MICROSECONDS PPM: whether about so much is left to the kernel to slew, and it slews so fast
    set -- "$1" "$2" $(slewing 5)
    echo "$*"
    off=$(($4 - $1)) rate=$(($6 - $2))
    [ $off -ge -20000 ] && [ $off -le 20000 ] && [ $rate -ge -60 ] && [ $rate -le 60 ]
}

np -p 1 127.0.0.2
verdict "a step forward" at 100
verdict "a step is told" said 'step time server 127.0.0.2 offset 100\.'
np -q 127.0.0.5
verdict "-q leaves the clock alone" at 100
np -d -p 1 127.0.0.5
verdict "-d leaves the clock alone" at 100
np -p 1 127.0.0.5
verdict "a step back" at -5000
np --max-step 60 -p 1 127.0.0.2
verdict "--max-step leaves the clock alone" at -5000
verdict "--max-step is a failure" ended 1
np -p 1 -b --compat 4.2.8p15 127.0.0.3
verdict "-b steps" at 0
verdict "the classic dialect has its sign" said 'step time server 127.0.0.3 offset +[45][90]'
np -p 1 --format json 127.0.0.4
verdict "less than half a second is slewed" said '"slewing_s":-0\.[45]'
verdict "the kernel slews, and beyond the aim" slews -512000 -500
verdict "a slew leaves the seconds alone" at 0
np -p 1 -B --format json 127.0.0.2
verdict "-B slews" said '"slewing_s":100.1'
verdict "the kernel slews for -B" slews 100112000 500
verdict "-B leaves the clock alone" at 0
np -p 1 -b 127.0.0.3
verdict "a step ends a slew" slews 0 0
np -p 1 -B 127.0.0.9
verdict "a slew can be too long" complained "Can't adjust the time of day: Invalid argument"
verdict "a slew too long is a failure" ended 1
np -p 1 127.0.0.6
verdict "into the next era of NTP" at 300000000
np -p 1 127.0.0.7
verdict "beyond 2038" at 415000000
np -p 1 127.0.0.8
verdict "a time before this program is refused" at 415000000
verdict "a time before this program is a failure" ended 1
np -p 1 --compat 4.2.8p15 127.0.0.8
verdict "the original goes back to the last century" at -850000000
date -u -s @60 >/dev/null
np -p 1 127.0.0.2
verdict "a clock at 1970" at 100
date -u -s @60 >/dev/null
np -p 1 127.0.0.7
verdict "a clock at 1970 in the year 2040" at 415000000
date -u -s @$BASE >/dev/null
np -p 1 --rtc 127.0.0.5
verdict "--rtc after a step" at -5000
off=$(($(cat /sys/class/rtc/rtc0/since_epoch) - $(date -u +%s)))
verdict "the hardware clock shows it too" [ "$off" -ge -2 -a "$off" -le 2 ]
np -p 1 -b 127.0.0.3 # to the fraction, so that the next is a slew; the hardware clock is wrong by 5000 s
np -p 1 --rtc 127.0.0.3
verdict "a slew needs no step for --rtc" said 'adjust time server 127.0.0.3 offset -\?0\.'
off=$(($(cat /sys/class/rtc/rtc0/since_epoch) - $(date -u +%s)))
verdict "--rtc after a slew" [ "$off" -ge -2 -a "$off" -le 2 ]
np -p 1 -b 127.0.0.2
printf '0.0 0 0\n0\nLOCAL\n' >/etc/adjtime
for zone in No/Such /usr/share/nothing; do
    TZ=$zone np -p 1 --rtc 127.0.0.5
    verdict "a zone that is not known ($zone) is not UTC" complained 'cannot set the hardware clock: .* is unknown'
    verdict "a zone that is not known ($zone) is a failure" ended 1
done
rm /etc/adjtime
mkdir /etc/adjtime
np -p 1 --rtc 127.0.0.2
verdict "a file that cannot be read is reported" complained 'cannot set the hardware clock: /etc/adjtime: Is a directory'
rmdir /etc/adjtime
printf '0.0 0 0\n0\nLOCAL\n' >/etc/adjtime
export TZ=EST5
np -p 1 --rtc 127.0.0.2
off=$(($(cat /sys/class/rtc/rtc0/since_epoch) - $(date -u +%s) + 18000))
verdict "--rtc sets the local time where the hardware clock has it" [ "$off" -ge -2 -a "$off" -le 2 ]
verdict "messages have the local time" said "$(date '+%e %b %H'):.. *:*"
export TZ=UTC
rm /etc/adjtime
np -p 1 127.0.0.5
mv /dev/rtc0 /dev/clock0
np -p 1 --rtc 127.0.0.2
verdict "a hardware clock that is not there" complained 'cannot set the hardware clock: no /dev/rtc0'
verdict "a hardware clock that is not there is a failure" ended 1
mv /dev/clock0 /dev/rtc0
np -p 1 127.0.0.5
np -p 1 -U nobody 127.0.0.2
verdict "-U keeps the right to set the clock" at 100
ip route add 192.0.2.0/24 dev lo # what goes there is lost
echo 'nameserver 192.0.2.1' >/etc/resolv.conf
for name in 192.0.2.9 name.test; do # one that is silent, one that the name service never tells
    ntpkit ntpdate -t 60 -p 1 --port $PORT -U nobody $name &
    for again in 1 2 3 4 5 6 7 8 9 10; do
        grep -q '^Uid:.*65534' /proc/$!/status && break
        sleep 1
    done
    egrep '^(Uid|Gid|Groups|Cap|NoNewPrivs)' /proc/$!/status | tr '\t' ' ' >/tmp/out
    kill $!
    cat /tmp/out
    ids=65534\ 65534\ 65534\ 65534
    verdict "-U gives up the user while $name is waited for" said "^Uid: $ids$"
    verdict "-U gives up the groups while $name is waited for" [ "$(egrep -c "^Gid: $ids$|^Groups: *65534 *$" /tmp/out)" = 2 ]
    for set in Prm Eff; do
        verdict "-U keeps one right (Cap$set) while $name is waited for" said "^Cap$set: 0000000002000000$"
    done
    for set in Inh Amb; do
        verdict "-U hands on no right (Cap$set) while $name is waited for" said "^Cap$set: 0000000000000000$"
    done
done
np -p 1 --deadline 8 name.test 127.0.0.5
verdict "a name that is never told costs others nothing" at -5000
np -p 1 --deadline 2 name.test
verdict "a deadline includes names" complained 'name server cannot be used'
np -p 1 127.0.0.2
rm /etc/resolv.conf
np -p 1 -U nosuchuser 127.0.0.5
verdict "-U nobody knows" ended 1
verdict "-U nobody knows leaves the clock alone" at 100

cat >/tmp/unprivileged <<END
ntpkit ntpdate -t 20 --port $PORT -p 1 127.0.0.5; echo "status \$?"
ntpkit ntpdate -t 20 --port $PORT -u -p 1 127.0.0.5; echo "status \$?"
ntpkit ntpdate -t 20 --port $PORT -u -p 1 --compat 4.2.8p15 127.0.0.5; echo "status \$?"
ntpkit ntpdate -t 20 --port $PORT -u -B -p 1 127.0.0.3; echo "status \$?"
END
su nobody -s /bin/sh -c "sh /tmp/unprivileged" >/tmp/out 2>&1
cat /tmp/out
verdict "without privilege nothing is set" at 100
verdict "without privilege there is no port 123" said 'bind() fails: Permission denied'
verdict "without privilege a step is refused" said 'step-systime: Operation not permitted'
verdict "without privilege a slew is refused" said "Can't adjust the time of day: Operation not permitted"
verdict "the statuses of refusals" [ "$(grep status /tmp/out | tr -d '\n')" = "status 1status 1status 0status 1" ]

cat >/tmp/taken <<'END'
ip link set lo up
timeserver 0.0.0.0 -5000
ntpkit ntpdate -t 20 -p 1 127.0.0.1; echo "status $?"
ntpkit ntpdate -t 20 -q 127.0.0.1; echo "status $?"
ntpkit ntpdate -t 20 -s 127.0.0.1; echo "status $?"
ntpkit ntpdate -t 20 -u -p 1 127.0.0.1; echo "status $?"
END
cat >/tmp/shared <<'END'
ip link set lo up
timeserver 127.0.0.1 -5000 # shares its port, as chronyd does
ntpkit ntpdate -t 20 -p 1 127.0.0.1; echo "status $?"
ntpkit ntpdate -t 1 -p 1 --compat 4.2.8p15 127.0.0.1 # the answer goes to the other, whose address is the nearer one
END
unshare -n sh /tmp/shared >/tmp/out 2>&1
cat /tmp/out
verdict "a port that somebody shares is taken" said 'the NTP socket is in use, exiting'
verdict "a port that somebody shares is a failure" said 'status 1'
verdict "the original shares it" [ "$(grep -c 'in use' /tmp/out)" = 1 ]
np -p 1 127.0.0.2
syslogd -O /tmp/log
sleep 1
unshare -n sh /tmp/taken >/tmp/out 2>&1
cat /tmp/out
verdict "a port that is taken" said 'the NTP socket is in use, exiting'
verdict "a port that is taken is a failure, but for -q and -u" [ "$(grep status /tmp/out | tr -d '\n')" = "status 1status 0status 1status 0" ]
verdict "a port that is taken is told once, and once in the log" [ "$(grep -c 'in use, exiting' /tmp/out)$(grep -c 'daemon.err ntpdate.*: the NTP socket is in use, exiting' /tmp/log)" = 11 ]
verdict "-u warns of who has the port" said 'port 123 is in use; is a time daemon running?'
verdict "-u sets the clock from another port" at -4900
np -p 1 127.0.0.2

ntpkit ntptime -m 1000 -s 1 >/dev/null # as a daemon would tell the kernel
np -u -p 1 127.0.0.5
verdict "a clock under discipline is told" complained 'already being disciplined; is a time daemon running?'
verdict "a clock under discipline is set" at -5000
ntpkit ntptime -m 1000 -s 1 >/dev/null
np -s -u -p 1 127.0.0.2
verdict "-s has warnings in the log" grep -q 'daemon.warn.* ntpdate.*: the kernel clock is already being disciplined' /tmp/log
verdict "-s has warnings nowhere else" [ ! -s /tmp/out -a ! -s /tmp/err ]

for more in "" "--retry 1 --wait 0"; do
    ntpkit ntpdate -t 20 -p 3 --port $PORT $more 127.0.0.5 >/tmp/out 2>/tmp/err & # 4 s
    sleep 2
    date -u -s @$((BASE + $(cut -d. -f1 /proc/uptime) - BEGIN)) >/dev/null
    wait $!
    status=$?
    cat /tmp/out /tmp/err
    verdict "a clock that is set meanwhile is noticed ($more)" complained 'another program set the clock'
    if [ -z "$more" ]; then
        verdict "a clock that is set meanwhile is left alone" at 0
        verdict "a clock that is set meanwhile is a failure" ended 1
    else
        verdict "--retry measures anew" at -5000
        verdict "--retry succeeds" ended 0
    fi
done

date -u -s @$((BASE + $(cut -d. -f1 /proc/uptime) - BEGIN)) >/dev/null
(sleep 4; timeserver 127.0.0.50 50 $PORT) &
ntpkit ntpdate --port $PORT -b -t 1 -p 1 --retry 30 --wait 1 --deadline 60 127.0.0.50 >/tmp/out 2>/tmp/err
verdict "--retry waits for a server that comes later" at 50
verdict "each try is told" complained 'no server suitable for synchronization found'
np -s -p 1 127.0.0.3
verdict "-s says nothing" [ ! -s /tmp/out -a ! -s /tmp/err ]
np -s -p 1 -t 1 127.0.0.99
verdict "-s says nothing of a failure" [ ! -s /tmp/out -a ! -s /tmp/err ]
sleep 1
cat /tmp/log
verdict "syslog has the notice" grep -q 'daemon.notice ntpdate\[[0-9]*\]: step time server 127.0.0.3 offset -' /tmp/log
verdict "syslog has the error" grep -q 'daemon.err ntpdate\[[0-9]*\]: no server suitable for synchronization found' /tmp/log
echo "all done"
