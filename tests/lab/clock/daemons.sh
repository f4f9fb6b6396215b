# Two daemons at a time: continues the script. $LIBRARIES has chronyd's libraries, $NTPD_LIBRARIES those of ntpd.
# chronyd ends if it has neither sources nor clients.
printf 'server 127.127.1.0\ndriftfile /tmp/drift\n' >/tmp/ntp.conf
printf 'port 1124\nallow 127.0.0.0/8\ncmdport 0\nbindcmdaddress /\npidfile /tmp/second.pid\nlocal stratum 10\n' >/tmp/second.conf
LD_LIBRARY_PATH=$NTPD_LIBRARIES ntpd -n -c /tmp/ntp.conf >/tmp/ntpd.log 2>&1 &
NTPD=$!
LD_LIBRARY_PATH=$LIBRARIES chronyd -d -u root -f /tmp/second.conf >/tmp/second.log 2>&1 &
CHRONYD=$!
diagnose() {
    ntpkit diag >/tmp/out 2>/tmp/err
    grep daemons: /tmp/out
    cat /tmp/err
}
for _ in $(seq 30); do
    diagnose
    out_has ' daemons: 2 ' && break
    sleep 1
done
verdict "two daemons are a fault" out_has '^FAIL *daemons: 2 daemons may set the clock: '
verdict "both daemons are named with their processes" out_has "daemons: .*ntpd (process $NTPD)"
verdict "the second one, too" out_has "daemons: .*chronyd (process $CHRONYD)"
verdict "the cure is to stop one of them" out_has 'systemctl disable --now'
kill $CHRONYD
wait $CHRONYD
diagnose
verdict "one daemon is none" out_has "^OK *daemons: ntpd (process $NTPD) disciplines the clock"
kill $NTPD
cat /tmp/second.log /tmp/ntpd.log
