# Network Time Security: continues the script. $NOW is the time, at which the certificate of chronyd is valid, and $LIBRARIES
# has chronyd's libraries. chronyd's clock stays right whatever this machine's shows.
BASE=$NOW
date -u -s @$BASE >/dev/null
BEGIN=$(cut -d. -f1 /proc/uptime)
cat >/tmp/chrony.conf <<END
allow all
local stratum 2
bindaddress 127.0.0.10
port $PORT
pidfile /tmp/chronyd.pid
bindcmdaddress /
cmdport 0
ntsserverkey /bin/server.key
ntsservercert /bin/server.pem
ntsdumpdir /tmp
END
chmod 600 /bin/server.key
LD_LIBRARY_PATH=$LIBRARIES LD_PRELOAD=/bin/steady.so chronyd -x -d -u root -f /tmp/chrony.conf >/tmp/chronyd.log 2>&1 &
for _ in $(seq 100); do
    nc 127.0.0.10 4460 </dev/null >/dev/null 2>&1 && break
    sleep 0.2
done

date -u -s @$((BASE + 100)) >/dev/null
np --nts --ca /bin/ca.pem -p 1 127.0.0.10
verdict "a step by authenticated time" at 0
verdict "a step by authenticated time is reported" out_has 'step time server 127.0.0.10 offset -'
date -u -s @3000 >/dev/null
np --explain --nts --ca /bin/ca.pem -p 1 127.0.0.10
verdict "in 1970 no certificate is valid" exited 1
verdict "in 1970 the remedy is named" err_has 'nts-trust-time'
verdict "in 1970 nothing is set" [ $(date +%s) -lt 6000 ]
np --nts --nts-trust-time --ca /bin/ca.pem -p 1 127.0.0.10
verdict "--nts-trust-time sets the clock from 1970" at 0
verdict "--nts-trust-time warns" err_has 'clock is not trusted'
np --nts --nts-save /tmp/keys --ca /bin/ca.pem -p 1 127.0.0.10
verdict "keys are saved" [ -s /tmp/keys ]
date -u -s @$(($(date +%s) - 4000)) >/dev/null
np -d -p 1 --nts --nts-save /tmp/keys --ca /bin/ca.pem 127.0.0.10
verdict "saved keys need no handshake" [ "$status" = 0 -a -z "$(grep 'key exchange in' /tmp/out)" ]
np -p 1 --nts --nts-save /tmp/keys --ca /bin/ca.pem 127.0.0.10
verdict "saved keys set the clock" at 0
date -u -s @$((BASE + 4000)) >/dev/null
np -p 1 --nts --ca /bin/ca.pem 127.0.0.10 nts:127.0.0.3
verdict "a server without NTS is left out" at 0
kill $(cat /tmp/chronyd.pid)
[ "$status" = 0 ] || cat /tmp/chronyd.log
