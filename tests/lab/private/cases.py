"""The ntpdc command lines run against real daemons. `compliance.case.parse` describes the format of the tables."""
from compliance.case import parse

EACH = ("private", "hub")

TABLES = r"""
-n -l {each}
-n -p {each}
-n -s {each}
-l -p -s {each}
-n -s -p -l {each}
-nlps {private}
--numeric --listpeers --peers --showpeers {private}
-l {private} {hub}
-n -p {private} {hub}
-c sysinfo -c loopinfo {private} {hub}
-n -c listpeers {each}
-c listpeers {each}
-n -c 'listpeers -4' -c 'listpeers -6' {each}
-n -c 'listpeers 4' -c 'listpeers 6' -c 'listpeers x' -c 'listpeers -5' {private} ## failure
-n -c peers {each}
-c peers {each}
-n -c 'peers -4' -c 'peers -6' {each}
-n -c dmpeers {each}
-c dmpeers {each}
-n -c 'dmpeers -4' -c 'dmpeers -6' {each}
-n -c monlist -c 'monlist 0' -c 'monlist 1' -c 'monlist 2' -c 'monlist -4' -c 'monlist x' {each} ## failure
-n -c peers {many}
-n -c listpeers -c dmpeers {many}
-n -c peers 192.0.2.60
-n -p private
-4 -n -l private
-6 -n -l private
-n -p 2001:db8::60
-n -p -4 private
-n -l ## where=private
-l -p ## where=hub
-n -c sysinfo localhost ## where=op
-n -l nosuchhost.lab.test
-n -l nosuchhost.lab.test {private} ## failure
-n -l {private} nosuchhost.lab.test ## failure
"""

PEERS = r"""
-n -c 'showpeer 192.0.2.11' {each}
-c 'showpeer 192.0.2.11' {each}
-n -c 'showpeer 127.127.1.0' -c 'pstats 127.127.1.0' {each}
-c 'showpeer 127.127.1.0 127.127.1.1 127.127.28.2' {private}
-n -c 'showpeer 2001:db8::11' -c 'pstats 2001:db8::11' {each}
-n -c 'showpeer 192.0.2.11 192.0.2.12' {each}
-n -c 'showpeer 192.0.2.11 2001:db8::11 127.127.1.0 192.0.2.16' {private}
-n -c 'showpeer -4 192.0.2.11 -6 2001:db8::11' {private}
-n -c 'showpeer -6 192.0.2.11' {private}
-n -c 'showpeer 192.0.2.200' -c 'pstats 192.0.2.200' {each} ## failure
-n -c 'showpeer 192.0.2.11 192.0.2.200' {private}
-c 'showpeer time1' -c 'pstats time1' {each}
-c 'showpeer -6 time1' -c 'pstats -4 time1' {each}
-n -c 'showpeer nosuchhost.lab.test' -c 'pstats x.y.z.lab.test' {private} ## failure
-n -c 'showpeer 192.0.2.255' -c 'pstats 192.0.2.255' {each}
-n -c 'showpeer 192.0.2.99' -c 'pstats 192.0.2.99' {private}
-n -c showpeer -c pstats -c clockstat -c clkbug {private} ## failure
-n -c 'pstats 192.0.2.11' {each}
-c 'pstats 192.0.2.11' {each}
-n -c 'pstats 192.0.2.11 192.0.2.12 2001:db8::11' {private}
-n -c 'pstats 192.0.2.11 192.0.2.12 192.0.2.15 192.0.2.16 192.0.2.99' {private}
-n -c 'clockstat 127.127.1.0' {each}
-c 'clockstat 127.127.28.2' -c 'clockstat 127.127.1.1' {private}
-n -c 'clockstat 127.127.1.0 127.127.1.1' {private} ## default=no
-n -c 'clockstat 192.0.2.11' -c 'clockstat 127.127.1.7' {each} ## failure
-n -c 'clkbug 127.127.1.0' -c 'clkbug 127.127.28.2' -c 'clkbug 127.127.20.0' {private}
-n -c 'clkbug 127.127.1.0 127.127.28.2' {private} ## default=no
-n -c 'clockstat 2001:db8::11' {private} ## default=no
"""

REPORTS = r"""
-n -c loopinfo -c 'loopinfo oneline' -c 'loopinfo multiline' {each}
-n -c 'loopinfo x' {private} ## failure
-n -c sysinfo {each}
-c sysinfo {each}
-n -c sysstats {each}
-n -c iostats {each}
-n -c memstats {each}
-n -c timerstats {each}
-n -c ctlstats {each}
-n -c authinfo {each}
-n -c kerninfo {each}
-n -c traps {hub}
-n -c traps {private} ## default=no
-c traps {private} ## default=no
-n -c reslist {each}
-c reslist {each}
-n -c 'reslist -4' -c 'reslist -6' {each}
-c sysi -c syss -c mem -c io -c ct -c tim -c lo -c ker -c aut {private} ## failure
-n -c 'sysinfo extra' -c 'sysstats 1 2' {private}
-n -c ifstats {private} ## stdin='' failure
"""

LOCAL = r"""
-c version ## own=text
-c 'version extra' {private} ## own=text
-c timeout -c 'timeout 1500' -c timeout {private}
-c 'timeout x' -c 'timeout -5' -c timeout {private} ## failure
-c 'timeout 0' -c timeout {private}
-c delay -c 'delay 1234' -c delay -c 'delay -5' -c delay -c 'delay x' {private} ## failure
-c host {private}
-c host private
-c host ## where=hub
-n -c 'host {hub}' -c host -c 'loopinfo oneline' {private}
-n -c 'host nosuchhost.lab.test' -c host {private} ## failure
-n -c 'host -4 {hub}' -c host {private}
-n -c 'host -6 2001:db8::20' -c host -c 'listpeers -4' {private}
-n -c 'host a b' -c 'host -4' {private} ## failure
-c hostnames -c 'hostnames no' -c hostnames -c listpeers -c 'hostnames yes' -c listpeers {private}
-c 'hostnames x' -c hostnames {private} ## failure
-n -c hostnames {private}
-c keyid -c 'keyid 5' -c keyid -c 'keyid 0' -c keyid {private}
-c 'keyid x' -c 'keyid -1' -c keyid {private} ## failure
-c keytype -c 'keytype SHA1' -c keytype -c 'keytype md5' -c keytype -c 'keytype AES128CMAC' -c keytype {private}
-c 'keytype nosuchtype' -c keytype {private} ## failure
-c 'keytype des' -c keytype {private} ## default=no
-c debug -c 'debug no' -c 'debug no' -c debug {private}
-c 'debug x' {private} ## failure
-c help {private}
-c '?' {private}
-c 'help zz' -c 'help re' -c '? zz' {private} ## failure
-c quit -c sysinfo {private}
-c exit -c sysinfo {private}
-c bogus -c re -c s {private} ## failure
-c '' -c ' ' {private}
-c ' sysstats' -c '	iostats' {private}
-n -c '"listpeers"' -c 'listpeers "-4"' {private} ## failure
"""

NAMES = ("addpeer addrefclock addserver addtrap authinfo broadcast clkbug clockstat clrtrap controlkey ctlstats debug delay "
         "delrestrict disable dmpeers enable exit fudge help host hostnames ifreload ifstats iostats kerninfo keyid keytype listpeers "
         "loopinfo memstats monlist passwd peers preset pstats quit readkeys requestkey reset reslist restrict showpeer sysinfo "
         "sysstats timeout timerstats traps trustedkey unconfig unrestrict untrustedkey version").split()

OPTIONS = r"""
-l -c version {private}
-p -c version {private}
-s -c version {private}
-i -c version {private}
-i -p {private}
-4 -6 -l {private}
-z {private}
--nosuchoption {private}
-c
-D x -c version {private}
--list -n {private}
--pe -n {private}
"""

SESSIONS = (
    ("-n {private}", "listpeers\npeers -4\nloopinfo oneline\nquit\n"),
    ("-n {private}", "sysinfo\n\n  \nbogus\nquit\nsysinfo\n"),
    ("{private}", "host {hub}\nlistpeers\nexit\n"),
    ("-n {private}", "keyid 1\npasswd secretmd5key\nifstats\nquit\n"),
    ("-n {private} {hub}", "loopinfo oneline\nquit\n"),
    ("-n {private}", "timeout 2000\ntimeout\nkeyid 3\nkeyid\nhostnames\nquit\n"),
)

# with the daemon's key
KEYED = r"""
{key} -n -c ifstats {private}
{key} -c ifstats {hub}
{key} -n -c ifreload {private}
{key} -n -c 'ifstats extra' {private}
{key} -n -c readkeys -c 'readkeys extra' {private}
{key} -n -c 'addserver 203.0.113.1' -c listpeers -c 'pstats 203.0.113.1' -c 'unconfig 203.0.113.1' -c listpeers {private}
{key} -n -c 'addserver 203.0.113.2 2 4 iburst prefer' -c 'addpeer 203.0.113.3 minpoll 5 maxpoll 8' -c 'unconfig 203.0.113.2 203.0.113.3' {private}
{key} -n -c 'addserver fd00:9::7' -c 'unconfig fd00:9::7' {private}
{key} -n -c 'broadcast 192.0.2.255 2 4 5' -c 'broadcast 224.0.1.1' -c 'unconfig 224.0.1.1' {private} ## failure
{key} -n -c 'addrefclock 127.127.1.3 2 prefer' -c 'addrefclock 127.127.1.3 x' -c 'unconfig 127.127.1.3' {private} ## failure
{key} -n -c 'addserver 203.0.113.4 bogus' -c 'addserver 203.0.113.4 -3' -c 'addserver 203.0.113.4 1 9' -c 'addserver 203.0.113.4 minpoll 2' {private} ## failure
{key} -n -c 'addserver 203.0.113.4 maxpoll 18' -c 'addserver 203.0.113.4 version x' -c 'addserver' {private} ## failure
{key} -n -c 'addserver 203.0.113.4 keyid' {private} ## default=no
{key} -n -c 'unconfig 203.0.113.77' -c unconfig -c 'preset 203.0.113.77' -c 'preset 192.0.2.99' -c preset {private} ## failure
{key} -n -c 'enable auth bogus' -c 'enable monitor' -c 'disable stats' -c 'enable stats' -c enable -c disable -c 'enable bogus' {private} ## failure
{key} -n -c 'enable bclient' -c sysinfo -c 'disable bclient' {private} ## default=no
{key} -n -c 'enable pps ntp kernel calibrate' -c 'disable calibrate kernel pps' {private}
{key} -n -c 'enable pll' {private} ## failure
{key} -n -c 'restrict 10.8.1.0 255.255.255.0 noquery kod ntpport' -c 'delrestrict 10.8.1.0 255.255.255.0 ntpport' {private}
{key} -n -c 'restrict 10.8.2.0 255.255.255.0 noserve' -c 'unrestrict 10.8.2.0 255.255.255.0 noserve' -c 'delrestrict 10.8.2.0 255.255.255.0' {private}
{key} -n -c 'delrestrict 10.8.0.0 255.255.0.0 kod' -c 'restrict 10.8.0.0 255.0.255.0 kod' -c 'restrict 10.8.0.0 255.255.0.0 nope' {private} ## failure
{key} -n -c restrict -c 'restrict 10.8.3.0' -c 'restrict 10.8.3.0 255.255.255.0' -c delrestrict -c unrestrict {private} ## failure
{key} -n -c 'restrict 10.8.4.0 2001:db8::1 kod' {private} ## default=no
{key} -n -c 'delrestrict 10.8.5.0 255.255.255.0' -c 'unrestrict 10.8.6.0 255.255.255.0 kod' {private}
{key} -n -c 'reset io sys' -c 'reset foo' -c 'reset mem timer auth ctl allpeers' -c reset -c 'reset io foo bar' {private} ## failure
{key} -n -c 'trustedkey 3' -c 'untrustedkey 3' -c 'trustedkey 3 4' -c trustedkey -c untrustedkey -c 'trustedkey x' {private} ## failure
{key} -n -c 'requestkey 1' -c 'controlkey 2' -c requestkey -c controlkey -c 'controlkey x' {private} ## default=no
{key} -n -c 'fudge 127.127.1.1 time1 0.001' -c 'fudge 127.127.1.1 time2 -.5' -c 'fudge 127.127.1.1 val1 6' -c 'fudge 127.127.1.1 flags 3' {private}
{key} -n -c 'fudge 127.127.1.1 xx 3' -c 'fudge 127.127.1.1 time1 zz' -c fudge -c 'fudge 127.127.1.1' -c 'fudge 127.127.1.1 val1 x' {private} ## failure
{key} -n -c 'fudge 127.127.1.1 val2 0x41424344' -c 'fudge 127.127.1.1 flags zz' -c 'fudge 127.127.1.1 flags 0xff' {private} ## default=no
{key} -n -c 'addtrap 192.0.2.50 999' -c 'clrtrap 192.0.2.50 999' -c 'clrtrap 192.0.2.50 999' {private} ## failure
{key} -n -c 'addtrap 192.0.2.50 999 192.0.2.60' -c 'clrtrap 192.0.2.50 999 192.0.2.60' {private}
{key} -n -c 'addtrap 192.0.2.50 999 2001:db8::60' -c addtrap -c clrtrap -c 'addtrap 192.0.2.50 x' {private} ## failure
{wrong} -n -c ifstats -c ifreload -c 'addserver 203.0.113.9' -c readkeys -c 'reset io' {private} ## failure
{other} -n -c ifstats -c 'unconfig 192.0.2.11' -c 'restrict 10.8.1.0 255.255.255.0 kod' {private} ## failure
-n -c 'keyid 0' -c readkeys -c ifstats {private} ## failure
-n -c readkeys {private} ## stdin='1\nsecretmd5key\n' default=no
-n -c readkeys -c readkeys {private} ## stdin='0\n0\n' default=no
-n -c 'keyid 1' -c ifstats {private} ## stdin='secretmd5key\n' failure=no
-n -c 'keyid 1' -c passwd -c ifstats {private} ## stdin='secretmd5key\n' failure=no
"""

# a daemon that does not answer
SILENT = r"""
-n -c 'timeout 300' -c listpeers -c sysinfo 192.0.2.17 ## slow
-n -c 'timeout 300' -c sysinfo 192.0.2.11 ## slow
-n -c 'timeout 300' -c peers 192.0.2.13 ## slow
-n -c 'timeout 300' -c monlist -c reslist 192.0.2.14 ## slow
-n -c 'timeout 300' -c loopinfo 192.0.2.17 192.0.2.11 ## slow
-n -c 'timeout 300' -c 'keyid 1' -c 'passwd x' -c ifstats -c readkeys 192.0.2.11 ## slow
"""

REDIRECTED = r"""
-n -c 'sysinfo > out' {private} ## default=no
-n -c 'listpeers > out' {private} ## default=no
-n -c 'loopinfo oneline > out' {private} ## default=no
-n -c 'help > out' {private} ## default=no
-n -c 'sysstats >out' -c iostats {private} ## default=no
-n -c 'sysinfo > /nonexistent/out' {private} ## default=no
"""


def daemon_cases():
    """Returns all cases of this file."""
    key = "-c 'keyid 1' -c 'passwd secretmd5key'"
    keyed = KEYED.replace("{key}", key).replace("{wrong}", "-c 'keyid 1' -c 'passwd wrong'")
    keyed = keyed.replace("{other}", "-c 'keytype SHA1' -c 'keyid 2' -c 'passwd sha1asciikey'")
    tables = [TABLES, PEERS, REPORTS, LOCAL, OPTIONS, keyed, SILENT, REDIRECTED]
    cases = [case for table in tables for case in parse(table, EACH)]
    for name in NAMES:
        cases += parse(f"-c 'help {name}' {{private}} ## own=description")
    for arguments, typed in SESSIONS:
        cases += parse(arguments, stdin=typed.encode())
    # with -i the default dialect prompts
    cases += parse("-n -i {private}", stdin=b"loopinfo oneline\nbogus\nquit\n", default=False)
    return cases
