"""The command lines run against real daemons. `case.parse` describes the format of the tables."""
from .case import parse

TABLES = r"""
-p {each}
-np {each}
-n -c peers {each}
-n -c lpeers {each}
-n -c apeers {each}
-n -c opeers {each}
-n -c lopeers {each}
-c opeers {each}
-c lopeers {each}
-c apeers {each}
-w -p {each}
-wnp {each}
-nw -c opeers -c apeers {each}
-w -c lopeers {hub}
-n -c 'peers -4' -c 'peers -6' {each}
-n -c 'lpeers -6' -c 'apeers -4' -c 'opeers -6' -c 'lopeers -4' {each}
-n -c 'peers 4' -c 'peers 6' -c 'peers x' {hub}
-n -c 'peers -4 foo bar' {hub}
-n -r hash -p {each}
-n -r ipv4 -p {hub}
-n -r 0 -p {hub}
-n -r 1 -p {hub}
-n -r h -p {hub}
--refid=hash --numeric --peers {hub}
-n -c 'drefid hash' -c peers -c lpeers -c opeers -c apeers -c rv -c 'rv &1' {each}
-n -c 'drefid ipv4' -c peers -c drefid {hub}
-n -c 'ntpversion 1' -c as -c peers -c apeers -c opeers -c 'rv &1' {each}
-n -c 'ntpversion 3' -c as -c peers {each}
-n -c 'ntpversion 4' -c as -c 'rv 0 stratum' {each}
-n -c 'raw' -c peers -c apeers {each}
-c 'hostnames no' -c peers -c 'hostnames yes' -c peers {hub}
-np {many}
-n -c as -c apeers {many}
-np 2001:db8::20
-p hub
-np sec
-4 -np hub
-6 -np hub
-np ## where=hub
-p ## where=hub
-4 -np ## where=hub
-6 -np ## where=sec
-np ## where=young
"""

ASSOCIATIONS = r"""
-n -c associations {each}
-n -c as {each}
-n -c lassociations {each}
-n -c las {each}
-n -c passociations {each}
-n -c lpassociations {each}
-n -c as -c passociations -c lpassociations -c lpas {each}
-n -c lpeers -c passo {hub}
-n -c as -c 'host {sec}' -c passociations {hub}
-n -c raw -c as {hub}
-n -c 'ntpversion 1' -c las -c lpas {each}
-n -c 'as extra' {hub}
"""

VARIABLES = r"""
-n -c rv {each}
-c rv {each}
-n -c readvar -c readlist -c rl {each}
-n -c 'rv 0' -c 'rl 0' {each}
-n -c 'rv &1' {each}
-c 'rv &1' {each}
-n -c 'rl &1' {each}
-n -c 'rv &2' -c 'rv &3' -c 'rv &4' {hub}
-n -c 'rv &5' -c 'rv &6' -c 'rv &7' {hub}
-n -c 'rv &8' -c 'rv &9' -c 'rv &10' -c 'rv &11' {hub}
-n -c 'rv &2' -c 'rv &3' -c 'rv &4' -c 'rv &5' {sec}
-n -c 'rv &6' -c 'rv &7' -c 'rv &8' {sec}
-n -c 'rv {hub:192.0.2.12}' {hub}
-n -c 'rv {hub:192.0.2.255}' {hub}
-c 'rv {hub:127.127.1.0}' {hub}
-c 'rv {hub:2001:db8::11}' {hub}
-n -c 'rv &99' -c 'rv &0' {hub}
-n -c 'rv &x' {hub}
-n -c 'rv &' {hub}
-n -c 'rv 70000' {hub}
-n -c 'rv 65535' {hub}
-n -c 'rv 4294967295' {hub}
-n -c 'rv 4294967296' {hub}
-n -c 'rv abc' {hub}
-n -c 'rv -1' {hub}
-n -c 'rv 0x10' {hub}
-n -c 'rv 99' {each}
-n -c 'rv 0 stratum' {each}
-n -c 'rv 0 stratum leap refid' {each}
-n -c 'rv 0 leap,refid,reftime,ss_uptime' {each}
-n -c 'rv 0 stratum,leap offset frequency' {each}
-n -c 'rv 0 offset' {each}
-n -c 'rv 0 nosuchvariable' {each}
-n -c 'rv 0 stratum,nosuchvariable' {hub}
-n -c 'rv 0 stratum,' {hub}
-n -c 'rv 0 stratum=5' {hub}
-n -c 'rv 0 sys_var_list' {hub}
-n -c 'rv 0 tai,leapsec,expire,peeradr,mru_enabled' -c 'rv 0 peer,peeradr,peermode,sys_jitter' {hub}
-n -c 'rv &1 peer_var_list' {hub}
-n -c 'rv &1 srcadr,stratum' -c 'rv &1 filtdelay,filtoffset,filtdisp' {each}
-n -c 'rv &1 flash,reach,rec' {each}
-n -c 'rv stratum' {hub}
--old-rv -n -c 'rv 0 stratum' {each}
-n --old-rv -c 'rv 0 leap,refid' -c 'rv &1 srcadr' {hub}
-n -c cv {each}
-n -c clockvar -c clocklist -c cl {hub}
-n -c 'cv 0' -c 'cl 0' {each}
-n -c 'cv {hub:127.127.1.0}' -c 'cl {hub:127.127.1.0}' {hub}
-c 'cv &11' {hub}
-n -c 'cv &1' {each}
-n -c 'cv 0 device,poll' -c 'cv 0 clock_var_list' {hub}
-n -c 'cv 0 nosuchvariable' {hub}
-n -c 'cv x' {hub}
-n -c 'cv 99' {hub}
-n -c 'mrv &1 &3' {each}
-c 'mrv &1 &2' {hub}
-n -c 'mreadvar &1 &3 srcadr,stratum' {each}
-n -c 'mrv &3 &1 srcadr' {hub}
-n -c 'mrv 1 2' {each}
-n -c 'mrv &1 99' {hub}
-n -c mrv {hub}
-n -c mreadvar {hub}
-n -c 'mrv &1' {hub}
-n -c 'mrv a b' {hub}
-n -c 'mrl &1 &2' {each}
-n -c 'mrl &2 &1' -c 'mrl &1 &1' {hub}
-n -c mrl {hub}
-n -c mreadlist {hub}
-n -c 'mrl 1 2' {hub}
-n -c as -c 'mrv {hub:192.0.2.12} {hub:192.0.2.12} srcadr' {hub}
-n -c 'mrv &1 &11 srcadr' -c passociations {hub}
"""

REPORTS = r"""
-n -c 'pstats &1' {each}
-c 'pstats &1' {each}
-n -c 'pstats &2' -c 'pstats &5' -c 'pstats &8' {hub}
-n -c 'pstats {hub:127.127.1.0}' {hub}
-c 'pstats {hub:127.127.1.0}' {hub}
-n -c 'pstats {hub:192.0.2.255}' -c 'pstats {hub:2001:db8::11}' {hub}
-c 'pstats {hub:2001:db8::11}' {hub}
-n -c pstats {hub}
-n -c 'pstats abc' {hub}
-n -c 'pstats 99' {each}
-n -c 'pstats 0' {each}
-n -c raw -c 'pstats &1' {each}
"""

RAW = r"""
-n -c raw {hub}
-n -c raw -c rv -c cv -c 'rv &1' {each}
-n -c raw -c 'rv 0 stratum' -c cooked -c 'rv 0 stratum' {each}
-n -c raw -c 'mrv &1 &2 srcadr' -c 'mrl &1 &2' {hub}
-n -c raw -c 'rv 99' {hub}
-n -c cooked {hub}
"""

LOCAL = r"""
-c version ## own=text
-c version -c version {hub} ## own=text
-c timeout -c 'timeout 1500' -c timeout {hub}
-c 'timeout x' -c 'timeout -5' -c timeout {hub}
-c 'timeout 0' -c timeout {hub}
-c delay -c 'delay 1234' -c delay -c 'delay -5' -c delay -c 'delay x' {hub} ## default=no
-c host {hub}
-c host hub
-c host ## where=hub
-n -c 'host {sec}' -c host -c 'rv 0 stratum' {hub}
-n -c 'host {sec}' -c 'rv 0 version' -c 'host {hub}' -c 'rv 0 version' {hub}
-c 'host no.such.host.invalid' -c host -c 'rv 0 stratum' {hub}
-c 'host -4 hub' -c 'host -6 hub' -c host {hub}
-c 'host -4 2001:db8::20' -c host {hub}
-c 'host foo bar' -c host {hub} ## failure
-c hostnames -n {hub}
-n -c hostnames {hub}
-c hostnames -c 'hostnames no' -c hostnames -c 'hostnames yes' -c hostnames {hub}
-c 'hostnames maybe' {hub}
-c debug -c 'debug more' -c 'debug more' -c 'debug less' -c 'debug no' -c debug {hub}
-c 'debug x' {hub} ## failure
-D 3 -c debug {hub}
-d -c debug {hub}
-d -d -c debug {hub}
--debug-level -c debug {hub}
--set-debug-level=2 -c debug {hub}
-D x -c debug {hub}
-D -1 -c debug {hub}
-c drefid -c 'drefid hash' -c drefid -c 'drefid ipv4' -c drefid {hub}
-c 'drefid x' {hub} ## failure
-c 'drefid h' -c drefid {hub} ## failure
-r hash -c drefid {hub}
-c ntpversion -c 'ntpversion 3' -c ntpversion {hub}
-c 'ntpversion 5' -c 'ntpversion 0' -c ntpversion {hub}
-c 'ntpversion x' {hub}
-c 'ntpversion -1' {hub}
-c quit {hub}
-c exit -c 'rv 0 stratum' {hub}
-c 'help peers' {hub} ## own=description
-c '? rv' {hub} ## own=description
-c 'help pstats' {hub} ## own=description
-c 'help mrl' {hub} ## own=description
-c 'help host' {hub} ## own=description
-c 'help drefid' {hub} ## own=description
-c 'help zzz' {hub}
-c 'help l' {hub}
-c 'help pee' {hub} ## own=description
"""

SYNTAX = r"""
-c '' {hub}
-c '' -c 'rv 0 stratum' -c '' {hub}
-c ' ' -c 'rv 0 stratum' {hub}
-c '	rv	0	stratum' {hub}
-c 'rv 0 "stratum"' -c 'rv 0 "stratum' {hub}
-c '"rv" 0 stratum' {hub} ## default=no
-c 'rv "0" stratum' -c 'rv "0"stratum' -c 'rv 0"stratum"' {hub}
-c 'rv 0 stratum > out' {hub}
-c 'rv 0 stratum >out' -c 'rv 0 leap' {hub}
-n -c 'peers > table' -c 'as > list' -c 'passociations > cached' {hub}
-c 'rv 0 stratum >' {hub}
-c 'rv 0 stratum > /nonexistent/file' {hub}
-c 'rv 0 stratum > .' {hub}
-c 'rv 0 stratum > out extra' {hub}
-c 'timeout > t' -c 'host > h' {hub}
-c 'rv 0 stratum a b c d' {hub}
-c 'rv 0 a b c d e' {hub}
-c 'as 1 2 3 4 5' {hub}
-c 'as 1 2 3 4 5 6' {hub}
-c frobnicate {hub}
-c frobnicate -c 'rv 0 stratum' {hub}
-c l {hub}
-c rea {hub}
-c m {hub}
-c p {hub}
-c ho {hub}
-c pee -n {hub}
-n -c o {hub}
-c PEERS {hub}
-c 'rv 0 stratum; as' {hub}
-c '# comment' {hub}
-c '>x' {hub}
-c ':' {hub}
-c 'rv 0 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' {hub}
"""

STANDARD_INPUT = r"""
-n {hub} ## stdin='rv 0 stratum\nquit\n'
-n {hub} ## stdin='as\n\nrv 0 leap,stratum\nexit\n'
-n {hub} ## stdin='frobnicate\nhost\nquit\n'
-n {hub} ## stdin='rv 0 stratum\r\nquit\r\n'
-n ## where=hub stdin='peers\nlas\nquit\n'
"""

OPTIONS = r"""
-z {hub}
-V
--bogus {hub}
--bogus=1 {hub}
-n -n -p {hub}
-w -w -p {hub}
-4 -4 -p {hub}
--numeric -n -p {hub}
-i -p {hub}
-i -c rv {hub}
-c rv -i {hub}
-i -i
-4 -6 -p {hub}
-6 -4
-r bogus -p {hub}
-r 7 -p {hub}
-r
-r hash -r ipv4 -p {hub}
-c
-D
--command
--refid
--numeric=1 -p {hub}
--n -p {hub}
--nu -p {hub}
--num --pe {hub}
--comm='rv 0 stratum' {hub}
--command 'rv 0 stratum' {hub}
--command='rv 0 stratum' --command='rv 0 leap' {hub}
-c'rv 0 stratum' {hub}
-nc 'rv 0 stratum' {hub}
-npc 'rv 0 stratum' {hub}
-c 'rv 0 stratum' -np {hub}
-npp {hub}
--old -n -c 'rv 0 stratum' {hub}
--wide --numeric --peers {hub}
--ipv4 -n -p hub
--ipv6 -n -p hub
--ipv -p hub
-np -- {hub}
-n -c 'rv 0 stratum' -- -4 hub -6 hub
-n -c 'rv 0 stratum' -- -4 -6 hub
-n -c 'rv 0 stratum' -- -x
-c 'rv 0 stratum' -- ## where=hub
--version ## own=text
--version=v ## own=text
--version=c ## own=text
--version=n ## own=text
--version=x ## own=text
--help ## own=text
'-?' ## own=text
"""

HOSTS = r"""
-p no.such.host.invalid
-np no.such.host.invalid {hub}
-c 'rv 0 stratum' no.such.host.invalid no.such.host2.invalid
-p [192.0.2.20
-np [{hub}]
-np [2001:db8::20]
-4 -p 2001:db8::20
-6 -p 192.0.2.20
-p ''
-p 192.0.2.256
-np 127.1 ## where=hub
-np 0 ## where=hub
-np
-np op
-c 'rv 0 stratum' -c as op
-np op {hub}
-n -p {hub} {sec}
-n -p {sec} {hub} {young}
-p {hub} {sec}
-p hub sec
-c opeers -c lopeers hub young
-wnp {hub} {sec}
-w -p hub sec
-n -r hash -p {hub} {sec}
-n -c rv -c as {young} {hub}
-n -c 'rv 0 stratum' -c 'cv' -c 'rl' {hub} {sec}
-n -c 'rv &1 srcadr' -c passociations {hub} {sec}
-n -c 'rv 99' -c 'mrv &1 &2 srcadr' -c 'mrl &1 &2' -c 'pstats &1' {hub} {sec}
-n -c raw -c 'rv 0 stratum' {hub} {sec}
-n -c frobnicate {hub} {sec}
-n -p {hub} no.such.host.invalid {sec}
-n -p hub hub
"""

# commands that the other tables run on the classic daemon only, or not under all of their names
EVERYWHERE = r"""
-n -c 'addvars stratum=1,leap' -c showvars -c rl -c 'rmvars leap,nosuch' -c rl -c clearvars -c showvars {each}
-n -c 'addvars nosuchvariable' -c readlist -c 'mreadlist &1 &2' {each}
-n -c clocklist -c 'clockvar 0 device' -c 'clockvar &1' -c 'clocklist 99' {each}
-n -c 'mreadlist &1 &2' -c 'mrl 1 2' -c 'mreadvar 1 2 srcadr' {each}
-n -c 'pstats 99' -c 'pstats x' -c pstats -c 'timerstats x' {each}
-n -c 'keyid 7' -c keyid -c 'keytype sha1' -c keytype -c authenticate {each}
-n -c 'timeout 4000' -c timeout -c 'delay 30' -c delay -c poll -c 'debug more' -c 'debug no' -c debug {each}
-n -c raw -c 'rv 0 stratum' -c cooked -c 'rv 0 stratum' -c version -c exit {each} ## own=text
-n -c 'hostnames yes' -c hostnames -c 'drefid hash' -c drefid -c 'ntpversion 3' -c ntpversion {each}
-n -c associations -c lassociations -c passociations -c lpassociations -c 'host 127.0.0.1' -c quit {each}
-n -c :config -c config-from-file -c saveconfig -c writevar -c 'writevar 0' {each}
-n -c 'mrulist sort=nonsense mincount=1000000000' {each} ## default=no
"""

SILENT = r"""
-np {time4}
-p 192.0.2.14
-np 192.0.2.17
-np 192.0.2.18
-p 192.0.2.99
-n -c as -c 'rv 0 stratum' {time4}
-n -c 'timeout 300' -p {time4}
-c 'timeout 300' -c 'rv 0 stratum' -c host 192.0.2.17
-c 'timeout 300' -c 'rv &1' 192.0.2.17
-c 'timeout 300' -c 'mrv 1 2' -c 'mrl &1 &2' 192.0.2.17
-n -c 'timeout 300' -c 'pstats 1' -c cv -c lpeers -c las 192.0.2.17
-n -c 'timeout 300' -p -c 'rv 0 stratum' {young} 192.0.2.14 no.such.host.invalid {young}
-n -c 'timeout 300' -c as -c 'rv 0 stratum' {hub} 192.0.2.14 no.such.host.invalid {sec}
-n -c 'timeout 300' -c 'rv 0 sys_var_list' {sec}
-n -c 'timeout 300' -p -c opeers {time4} {young}
"""


def daemon_cases():
    """Returns all cases that need a real daemon."""
    long_line = "rv 0 " + "x" * 600
    return [
        *parse(TABLES), *parse(ASSOCIATIONS), *parse(VARIABLES), *parse(REPORTS), *parse(RAW), *parse(LOCAL),
        *parse(SYNTAX), *parse(STANDARD_INPUT), *parse(OPTIONS), *parse(HOSTS), *parse(SILENT, slow=True),
        *parse(f"-c '{long_line}' {{hub}}"), *parse(EVERYWHERE),
    ]
