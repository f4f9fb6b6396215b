# Two daemons at a time: continues the script. $LIBRARIES has the libraries of ntpd and chronyd.
printf 'server 127.127.1.0\ndriftfile /tmp/drift\n' >/tmp/ntp.conf
printf 'port 0\ncmdport 0\nbindcmdaddress /\npidfile /tmp/second.pid\nlocal stratum 10\n' >/tmp/second.conf
LD_LIBRARY_PATH=$LIBRARIES ntpd -n -c /tmp/ntp.conf >/tmp/ntpd.log 2>&1 &
NTPD=$!
LD_LIBRARY_PATH=$LIBRARIES chronyd -d -u root -f /tmp/second.conf >/tmp/second.log 2>&1 &
CHRONYD=$!
diagnose() {
    ntpkit diag >/tmp/out 2>/tmp/err
    grep daemons: /tmp/out
    cat /tmp/err
}
sleep 10
diagnose
verdict "two daemons are a fault, and both are named" grep -q '^FAIL *daemons: 2 daemons may set the clock: .*ntpd (process .*chronyd (process \|^FAIL *daemons: 2 daemons may set the clock: .*chronyd (process .*ntpd (process ' /tmp/out
verdict "the cure is to stop one of them" grep -q 'systemctl disable --now' /tmp/out
kill $CHRONYD
wait $CHRONYD
diagnose
verdict "one daemon is none" grep -q '^OK *daemons: ntpd (process [0-9]*) disciplines the clock' /tmp/out
[ -s /tmp/ntpd.log ] && tail -n 5 /tmp/ntpd.log
kill $NTPD
