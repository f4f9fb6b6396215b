# Runs in the virtual machine, in busybox' shell. Prints `ok NAME` or `not ok NAME`, and the programs' output.
export TZ=UTC
BASE=1795176000 # 2026-11-20 12:00:00
PORT=1123 # leaves port 123 free for clients
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
at() { # OFFSET: whether the clock shows BASE plus the uptime since then plus OFFSET
    off=$(($(date -u +%s) - BASE - $(cut -d. -f1 /proc/uptime) + BEGIN - $1))
    [ $off -ge -2 ] && [ $off -le 2 ]
}
np() { # WORDS...: runs ntpdate and keeps its output and status
    ntpkit ntpdate -t 20 --port $PORT "$@" >/tmp/out 2>/tmp/err # long time-out: a busy host may stall this machine for seconds
    status=$?
    cat /tmp/out /tmp/err
}
out_has() { grep -q "$1" /tmp/out; }
err_has() { grep -q "$1" /tmp/err; }
exited() { [ $status = "$1" ]; }
# The microseconds that ntpdate's last run began to slew, from its JSON: they contain the error of its only sample.
reported() { awk -F '"slewing_s":' 'NF > 1 { printf "%.0f\n", $2 * 1e6 }' /tmp/out; }
slews() { # MICROSECONDS PPM: whether the kernel has about this much left to slew, at about this rate
    set -- "$1" "$2" $(slewing 5)
    echo "$*"
    off=$(($4 - $1)) rate=$(($6 - $2))
    [ $off -ge -20000 ] && [ $off -le 20000 ] && [ $rate -ge -60 ] && [ $rate -le 60 ]
}

np -p 1 127.0.0.2
verdict "a step forward" at 100
verdict "a step is reported" out_has 'step time server 127.0.0.2 offset 100\.'
np -q 127.0.0.5
verdict "-q leaves the clock alone" at 100
np -d -p 1 127.0.0.5
verdict "-d leaves the clock alone" at 100
np -p 1 127.0.0.5
verdict "a step backward" at -5000
np --max-step 60 -p 1 127.0.0.2
verdict "--max-step leaves the clock alone" at -5000
verdict "--max-step is a failure" exited 1
np -p 1 -b --compat 4.2.8p15 127.0.0.3
verdict "-b steps" at 0
verdict "the classic dialect prints the sign" out_has 'step time server 127.0.0.3 offset +[45][90]'
np -p 1 --format json 127.0.0.4
verdict "an offset below half a second is slewed" out_has '"slewing_s":-0\.[3-6]'
verdict "the kernel slews, past the target" slews $(reported) -500
verdict "a slew leaves the seconds alone" at 0
np -p 1 -B --format json 127.0.0.2
verdict "-B slews" out_has '"slewing_s":100\.[0-2]'
verdict "the kernel slews for -B" slews $(reported) 500
verdict "-B leaves the clock alone" at 0
np -p 1 -b 127.0.0.3
verdict "a step ends a slew" slews 0 0
np -p 1 -B 127.0.0.9
verdict "a slew too long is rejected" err_has "Can't adjust the time of day: Invalid argument"
verdict "a slew too long is a failure" exited 1
np -p 1 127.0.0.6
verdict "a step into the next NTP era" at 300000000
np -p 1 127.0.0.7
verdict "a step beyond 2038" at 415000000
np -p 1 127.0.0.8
verdict "a time before the build date is rejected" at 415000000
verdict "a time before the build date is a failure" exited 1
np -p 1 --compat 4.2.8p15 127.0.0.8
verdict "the classic dialect steps back to the last century" at -850000000
date -u -s @60 >/dev/null
np -p 1 127.0.0.2
verdict "a step from 1970" at 100
date -u -s @60 >/dev/null
np -p 1 127.0.0.7
verdict "a step from 1970 to 2040" at 415000000
date -u -s @$BASE >/dev/null
np -p 1 --rtc 127.0.0.5
verdict "--rtc after a step" at -5000
off=$(($(cat /sys/class/rtc/rtc0/since_epoch) - $(date -u +%s)))
verdict "the hardware clock is set too" [ "$off" -ge -2 -a "$off" -le 2 ]
np -p 1 -b 127.0.0.3 # sets the fraction too, so that the next run slews; the hardware clock is 5000 s off
np -p 1 --rtc 127.0.0.3
verdict "--rtc does not turn a slew into a step" out_has 'adjust time server 127.0.0.3 offset -\?0\.'
off=$(($(cat /sys/class/rtc/rtc0/since_epoch) - $(date -u +%s)))
verdict "--rtc after a slew" [ "$off" -ge -2 -a "$off" -le 2 ]
np -p 1 -b 127.0.0.2
printf '0.0 0 0\n0\nLOCAL\n' >/etc/adjtime
for zone in No/Such /usr/share/nothing; do
    TZ=$zone np -p 1 --rtc 127.0.0.5
    verdict "an unknown time zone ($zone) is reported" err_has 'cannot set the hardware clock: .* is unknown'
    verdict "an unknown time zone ($zone) is a failure" exited 1
done
rm /etc/adjtime
mkdir /etc/adjtime
np -p 1 --rtc 127.0.0.2
verdict "an unreadable file is reported" err_has 'cannot set the hardware clock: /etc/adjtime: Is a directory'
rmdir /etc/adjtime
printf '0.0 0 0\n0\nLOCAL\n' >/etc/adjtime
export TZ=EST5
np -p 1 --rtc 127.0.0.2
off=$(($(cat /sys/class/rtc/rtc0/since_epoch) - $(date -u +%s) + 18000))
verdict "--rtc sets a hardware clock that keeps local time" [ "$off" -ge -2 -a "$off" -le 2 ]
verdict "messages show local time" out_has "$(date '+%e %b %H'):.. *:*"
export TZ=UTC
rm /etc/adjtime
np -p 1 127.0.0.5
mv /dev/rtc0 /dev/clock0
np -p 1 --rtc 127.0.0.2
verdict "a missing hardware clock is reported" err_has 'cannot set the hardware clock: no /dev/rtc0'
verdict "a missing hardware clock is a failure" exited 1
mv /dev/clock0 /dev/rtc0
np -p 1 127.0.0.5
np -p 1 -U nobody 127.0.0.2
verdict "-U keeps the capability to set the clock" at 100
ip route add 192.0.2.0/24 dev lo # packets to this network are lost
echo 'nameserver 192.0.2.1' >/etc/resolv.conf
for name in 192.0.2.9 name.test; do # a silent server, and a name that never resolves
    ntpkit ntpdate -t 60 -p 1 --port $PORT -U nobody $name &
    for again in 1 2 3 4 5 6 7 8 9 10; do
        grep -q '^Uid:.*65534' /proc/$!/status && break
        sleep 1
    done
    egrep '^(Uid|Gid|Groups|Cap|NoNewPrivs)' /proc/$!/status | tr '\t' ' ' >/tmp/out
    kill $!
    cat /tmp/out
    ids=65534\ 65534\ 65534\ 65534
    verdict "-U drops the user while waiting for $name" out_has "^Uid: $ids$"
    verdict "-U drops the groups while waiting for $name" [ "$(egrep -c "^Gid: $ids$|^Groups: *65534 *$" /tmp/out)" = 2 ]
    for set in Prm Eff; do
        verdict "-U keeps one capability (Cap$set) while waiting for $name" out_has "^Cap$set: 0000000002000000$"
    done
    for set in Inh Amb; do
        verdict "-U passes on no capability (Cap$set) while waiting for $name" out_has "^Cap$set: 0000000000000000$"
    done
done
np -p 1 --deadline 8 name.test 127.0.0.5
verdict "a name that never resolves does not delay the others" at -5000
np -p 1 --deadline 2 name.test
verdict "a deadline includes names" err_has 'name server cannot be used'
np -p 1 127.0.0.2
rm /etc/resolv.conf
np -p 1 -U nosuchuser 127.0.0.5
verdict "-U with an unknown user is a failure" exited 1
verdict "-U with an unknown user leaves the clock alone" at 100

cat >/tmp/unprivileged <<END
ntpkit ntpdate -t 20 --port $PORT -p 1 127.0.0.5; echo "status \$?"
ntpkit ntpdate -t 20 --port $PORT -u -p 1 127.0.0.5; echo "status \$?"
ntpkit ntpdate -t 20 --port $PORT -u -p 1 --compat 4.2.8p15 127.0.0.5; echo "status \$?"
ntpkit ntpdate -t 20 --port $PORT -u -B -p 1 127.0.0.3; echo "status \$?"
END
su nobody -s /bin/sh -c "sh /tmp/unprivileged" >/tmp/out 2>&1
cat /tmp/out
verdict "without privileges the clock is left alone" at 100
verdict "without privileges port 123 is refused" out_has 'bind() fails: Permission denied'
verdict "without privileges a step is refused" out_has 'step-systime: Operation not permitted'
verdict "without privileges a slew is refused" out_has "Can't adjust the time of day: Operation not permitted"
verdict "exit statuses of refusals" [ "$(grep status /tmp/out | tr -d '\n')" = "status 1status 1status 0status 1" ]

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
ntpkit ntpdate -t 1 -p 1 --compat 4.2.8p15 127.0.0.1 # the reply goes to the other socket, whose address is more specific
END
unshare -n sh /tmp/shared >/tmp/out 2>&1
cat /tmp/out
verdict "a shared port counts as in use" out_has 'the NTP socket is in use, exiting'
verdict "a shared port is a failure" out_has 'status 1'
verdict "the classic dialect shares it" [ "$(grep -c 'in use' /tmp/out)" = 1 ]
np -p 1 127.0.0.2
syslogd -O /tmp/log
sleep 1
unshare -n sh /tmp/taken >/tmp/out 2>&1
cat /tmp/out
verdict "a port in use is reported" out_has 'the NTP socket is in use, exiting'
verdict "a port in use is a failure, except with -q and -u" [ "$(grep status /tmp/out | tr -d '\n')" = "status 1status 0status 1status 0" ]
verdict "a port in use is reported once, and once in the log" [ "$(grep -c 'in use, exiting' /tmp/out)$(grep -c 'daemon.err ntpdate.*: the NTP socket is in use, exiting' /tmp/log)" = 11 ]
verdict "-u warns that the port is in use" out_has 'port 123 is in use; is a time daemon running?'
verdict "-u sets the clock from another port" at -4900
np -p 1 127.0.0.2

ntpkit ntptime -m 1000 -s 1 >/dev/null # as a daemon would do
np -u -p 1 127.0.0.5
verdict "a disciplined clock causes a warning" err_has 'already being disciplined; is a time daemon running?'
verdict "a disciplined clock is set" at -5000
ntpkit ntptime -m 1000 -s 1 >/dev/null
np -s -u -p 1 127.0.0.2
verdict "-s sends warnings to the log" grep -q 'daemon.warn.* ntpdate.*: the kernel clock is already being disciplined' /tmp/log
verdict "-s prints no warnings" [ ! -s /tmp/out -a ! -s /tmp/err ]

for more in "" "--retry 1 --wait 0"; do
    ntpkit ntpdate -t 20 -p 3 --port $PORT $more 127.0.0.5 >/tmp/out 2>/tmp/err & # 4 s
    sleep 2
    date -u -s @$((BASE + $(cut -d. -f1 /proc/uptime) - BEGIN)) >/dev/null
    wait $!
    status=$?
    cat /tmp/out /tmp/err
    verdict "setting the clock during a run is noticed ($more)" err_has 'another program set the clock'
    if [ -z "$more" ]; then
        verdict "a clock set during a run is left alone" at 0
        verdict "a clock set during a run is a failure" exited 1
    else
        verdict "--retry measures again" at -5000
        verdict "--retry succeeds" exited 0
    fi
done

date -u -s @$((BASE + $(cut -d. -f1 /proc/uptime) - BEGIN)) >/dev/null
(sleep 4; timeserver 127.0.0.50 50 $PORT) &
ntpkit ntpdate --port $PORT -b -t 1 -p 1 --retry 30 --wait 1 --deadline 60 127.0.0.50 >/tmp/out 2>/tmp/err
verdict "--retry waits for a server that starts later" at 50
verdict "each try is reported" err_has 'no server suitable for synchronization found'
np -s -p 1 127.0.0.3
verdict "-s prints nothing" [ ! -s /tmp/out -a ! -s /tmp/err ]
np -s -p 1 -t 1 127.0.0.99
verdict "-s prints nothing on failure" [ ! -s /tmp/out -a ! -s /tmp/err ]
sleep 1
cat /tmp/log
verdict "syslog gets the notice" grep -q 'daemon.notice ntpdate\[[0-9]*\]: step time server 127.0.0.3 offset -' /tmp/log
verdict "syslog gets the error" grep -q 'daemon.err ntpdate\[[0-9]*\]: no server suitable for synchronization found' /tmp/log
