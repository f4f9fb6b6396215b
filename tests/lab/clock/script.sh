# Runs in the virtual machine, by busybox' shell. Prints `ok NAME` or `not ok NAME`, and what the programs said.
export TZ=UTC
BASE=1795176000 # 2026-11-20 12:00:00
date -u -s @$BASE >/dev/null
BEGIN=$(cut -d. -f1 /proc/uptime)
for server in 2:100.25 3:0.2 4:-0.25 5:-5000 6:300000000 7:415000000 8:-850000000 9:3000; do
    timeserver 127.0.0.${server%%:*} ${server#*:} || echo "not ok server $server"
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
    ntpkit ntpdate -t 20 "$@" >/tmp/out 2>/tmp/err # a busy host may let this machine stand still for seconds
    status=$?
    cat /tmp/out /tmp/err
}
said() { grep -q "$1" /tmp/out; }
complained() { grep -q "$1" /tmp/err; }
ended() { [ $status = "$1" ]; }

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
verdict "a slew leaves the seconds alone" at 0
np -p 1 -B --format json 127.0.0.2
verdict "-B slews" said '"slewing_s":100.1'
verdict "-B leaves the clock alone" at 0
np -p 1 -B 127.0.0.9
verdict "a slew can be too long" complained "Can't adjust the time of day: Invalid argument"
verdict "a slew too long is a failure" ended 1
np -p 1 127.0.0.6
verdict "into the next era of NTP" at 300000000
np -p 1 127.0.0.7
verdict "beyond 2038" at 415000000
np -p 1 127.0.0.8
verdict "back to the last century" at -850000000
date -u -s @60 >/dev/null
np -p 1 127.0.0.2
verdict "a clock at 1970" at 100
date -u -s @$BASE >/dev/null
np -p 1 --rtc 127.0.0.5
verdict "--rtc after a step" at -5000
off=$(($(cat /sys/class/rtc/rtc0/since_epoch) - $(date -u +%s)))
verdict "the hardware clock shows it too" [ "$off" -ge -2 -a "$off" -le 2 ]
np -p 1 -U nobody 127.0.0.2
verdict "-U keeps the right to set the clock" at 100
np -p 1 -U nosuchuser 127.0.0.5
verdict "-U nobody knows" ended 1
verdict "-U nobody knows leaves the clock alone" at 100

cat >/tmp/unprivileged <<'END'
ntpkit ntpdate -t 20 -p 1 127.0.0.5; echo "status $?"
ntpkit ntpdate -t 20 -u -p 1 127.0.0.5; echo "status $?"
ntpkit ntpdate -t 20 -u -p 1 --compat 4.2.8p15 127.0.0.5; echo "status $?"
ntpkit ntpdate -t 20 -u -B -p 1 127.0.0.3; echo "status $?"
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
END
unshare -n sh /tmp/taken >/tmp/out 2>&1
cat /tmp/out
verdict "a port that is taken" said 'the NTP socket is in use, exiting'
verdict "a port that is taken is a failure, but for -q" [ "$(grep status /tmp/out | tr -d '\n')" = "status 1status 0" ]
verdict "a port that is taken leaves the clock alone" at 100

syslogd -O /tmp/log
sleep 1
np -s -p 1 127.0.0.3
verdict "-s says nothing" [ ! -s /tmp/out -a ! -s /tmp/err ]
np -s -p 1 -t 1 127.0.0.99
verdict "-s says nothing of a failure" [ ! -s /tmp/out -a ! -s /tmp/err ]
sleep 1
cat /tmp/log
verdict "syslog has the notice" grep -q 'daemon.notice ntpdate\[[0-9]*\]: step time server 127.0.0.3 offset -' /tmp/log
verdict "syslog has the error" grep -q 'daemon.err ntpdate\[[0-9]*\]: no server suitable for synchronization found' /tmp/log
echo "all done"
