"""Files for both ntpds. Valid and invalid lines are mixed."""

BOTH = {
    "sources": "server 192.0.2.1 iburst prefer minpoll 4 maxpoll 10 key 3 version 4 mode 1\npeer -4 a.example\npool -6 b.example iburst\n",
    "misspelt options": "server 192.0.2.1 perfer\nserver 192.0.2.2 mimpoll 3\nserver 192.0.2.3 iburts\n",
    "misspelt commands": "sever 192.0.2.1\ndrfitfile /x\nrestirct default\n",
    "joined numbers": "server 192.0.2.1 minpoll3\nserver 192.0.2.1 minpoll=3\nserver 192.0.2.1 minpoll 3\n",
    "values of the wrong type": "server 192.0.2.1 minpoll x\nserver 192.0.2.1 key 3.5\nserver 192.0.2.1 key 0x1f\nserver 192.0.2.1 key\n",
    "missing arguments": "server\npool\nrestrict\nkeys\ntos\ntinker\nenable\nstatistics\nlogconfig\nfudge 127.127.1.0\n",
    "capitals": "SERVER 192.0.2.1\nserver 192.0.2.1 IBURST\nRestrict default\n",
    "quotes": 'server "192.0.2.1" iburst\n"server" 192.0.2.1\nserver 192.0.2.1 "iburst"\ndriftfile "/var/lib/a b"\nkeys "/x\n',
    "empty quotes": 'server "" 192.0.2.1\nserver 192.0.2.1 ""\n',
    "comments": "# one\n  # two\nserver 192.0.2.1 # three\nserver 192.0.2.1#four\n#\n",
    "blanks": "\n   \n\t\nserver\t192.0.2.1\t iburst  \n   server 192.0.2.2\n",
    "carriage returns": "server 192.0.2.1 iburst\r\nserver 192.0.2.2 nosuch\r\n",
    "no newline at the end": "server 192.0.2.1 iburst\nserver 192.0.2.2 nosuch",
    "semicolons": "server 192.0.2.1; iburst\nserver 192.0.2.1 iburst;\n",
    "families": "server -4 192.0.2.1\nserver -6 a.example iburst\nserver -4\nserver -6 a.example -4\nserver -4x a.example\n",
    "restrictions": "restrict default nomodify noquery limited kod\nrestrict -4 default noquery\nrestrict -6 default noquery\n"
                    "restrict 127.0.0.1\nrestrict ::1\nrestrict 192.0.2.0 mask 255.255.255.0 nomodify\nrestrict a.example noserve\n",
    "invalid restrictions": "restrict default nosuch\nrestrict default mask 255.0.0.0\nrestrict -4 192.0.2.0 mask 255.0.0.0\n"
                              "restrict mask 255.0.0.0\nrestrict 192.0.2.1 mask\nrestrict default noquery, nomodify\nrestrict server\n",
    "restrictions of sources": "restrict source nomodify\nrestrict -4 source\n",
    "invalid masks": "restrict 192.0.2.0 mask 255.0.255.0\nrestrict 192.0.2.0 mask nonsense\n",
    "fudge": "fudge 127.127.1.0 stratum 10 refid LOCL\nfudge 127.127.1.0 stratum 17\nfudge 127.127.1.0 time1 .5 flag1 1 flag2 true\n"
             "fudge 127.127.1.0 flag3 2\nfudge 127.127.1.0 nosuch 1\n",
    "fudge on the server's line": "server 127.127.1.0 fudge stratum 10\n",
    "numbers": "tos mindist 1e-3\ntos mindist .5\ntos mindist -1\ntos mindist +1.\ntos mindist .\ntos mindist 1e\ntos minsane 1.5\n",
    "tos": "tos minclock 3 maxclock 6 minsane 2 floor 1 ceiling 15 orphan 6 orphanwait 3\ntos nosuch 1\ntos orphan\n",
    "tinker": "tinker panic 0 step .1 stepout 900\ntinker panic\ntinker nosuch 1\ntinker 5\n",
    "drift files": "driftfile /x\ndriftfile\ndriftfile /x 3.5\ndriftfile /x 3\ndriftfile /x /y\n",
    "statistics": "statsdir /x\nstatistics loopstats peerstats clockstats\nstatistics nosuch\nfilegen loopstats file l type day enable\n"
                  "filegen loopstats\nfilegen loopstats nosuch\nfilegen loopstats type nosuch\nfilegen nosuch\n",
    "keys": "keys /x\ntrustedkey 1 2 3\ntrustedkey (1 ... 5) 9\ntrustedkey (1...5)\ntrustedkey x\ncontrolkey 1\ncontrolkey x\n",
    "variables": "setvar a = b\nsetvar a = b default\nsetvar a=b\nsetvar a\nsetvar a = b nosuch\n",
    "interfaces": "interface ignore wildcard\ninterface listen 192.0.2.1\nnic drop eth0\ninterface nosuch all\ninterface listen\ninterface\n",
    "logs": "logconfig all\nlogconfig =syncstatus +sysevents\nlogfile /x\nlogfile /x /y\n",
    "switches": "enable kernel ntp stats calibrate monitor\ndisable monitor\nenable nosuch\ndisable kernel nosuch\n",
    "limits": "rlimit memlock 32 stacksize 50\nrlimit nosuch 3\nrlimit memlock x\nmru maxdepth 600 maxage 64\nmru nosuch 1\nmru maxmem x\n",
    "keywords in the wrong place": "server server\nkey 3\niburst\nserver 192.0.2.1 server\ndefault\nrestrict 192.0.2.1 version\n",
    "an error on the last line": "server 192.0.2.1 nosuch\n",
    "non-ASCII letters": "sérver 192.0.2.1\nserver 192.0.2.1 ibürst # é\n",
    "leap seconds": "leapfile /x\nleapfile\nleapsmearinterval 3600\n",
    "reset and unpeer": "unpeer 192.0.2.1\nunconfig 192.0.2.1\nreset allpeers io\nreset nosuch\n",
    "other": "pidfile /x\ndscp 46\ndscp x\nmdnstries 3\nnonvolatile .1\nphone 1 2 3\ntick 3\n",
    "lists of servers": "server 192.0.2.1 192.0.2.2\npool a.example b.example iburst\n",
}

CLASSIC = {
    **BOTH,
    "end with an argument": "server 192.0.2.1\nend x\n",
    "nothing after the end": "server 192.0.2.1\nend\nnosuch\n",
    "NTPsec options": "server 192.0.2.1 nts\nnts enable\nrefclock shm unit 0\nstatistics usestats\nunrestrict 192.0.2.1\nlimit average 3\n",
    "classic only": "broadcast 192.0.2.255 ttl 3 key 4\nbroadcastclient\nmanycastserver 224.0.1.1\nmulticastclient 224.0.1.1\n"
                        "manycastclient 224.0.1.1\ncrypto pw x host y\nautomax 3\nrevoke 3\nbroadcastdelay .3\ntrap 192.0.2.1 port 3\nident x\n"
                        "keysdir /x\nrequestkey 3\nsaveconfigdir /x\nttl 1 2 3\nserver 192.0.2.1 xleave xmtnonce autokey preempt ttl 3 ident x\n",
    "classic only, invalid": "broadcastclient key\nmulticastclient\nautomax x\ntrap -4 192.0.2.1\nttl x\nrequestkey 0x10\ncrypto nosuch\n",
    "restrict options of the classic ntpd": "restrict default ippeerlimit 3 noepeer\nrestrict default kod ippeerlimit 3\nrestrict source serverresponse fuzz\n"
                             "restrict source serverresponse\nrestrict 192.0.2.1 epeer lowpriotrap\n",
    "recent features": "leapfile /x ignorehash\nleapfile /x nosuch\ntos basedate 2020-01-01 bcpollbstep 2\npollskewlist 6 1|2 default 3|4\n"
                     "pollskewlist 6 1\nfudge 127.127.1.0 minjitter .1\ndisable peer_clear_digest_early\nenable mode7 auth bclient\n",
    "discard": "discard average 3 minimum 1 monitor 3000\ndiscard average .5\ndiscard nosuch 1\n",
    "keywords that are not commands": "mem\npoll 3\nminjitter 1\nchecksum\nippeerlimit 3\nbasedate 2020-01-01\n",
}

NTPSEC = {
    **BOTH,
    "network time security": "server a.example nts noval ca /x cert /y aead z\nnts enable\nnts cert /x key /y cookie /z\n"
                             "nts mintls TLS1.2 maxtls TLS1.3 port 4460 tlsciphersuites x\nnts nosuch\nserver a.example nts nosuch\nnts\n",
    "reference clocks": "refclock shm unit 0 refid GPS time1 .1 flag1 1\nrefclock local stratum 10\nrefclock shm unit x\nrefclock shm nosuch\nrefclock\n",
    "classic options": "server 192.0.2.1 autokey\nserver 192.0.2.1 xleave\nbroadcast 192.0.2.255\nbroadcastclient\ncrypto pw x\nautomax 3\n"
                              "discard average 3\nenable mode7\nenable auth\nrestrict default lowpriotrap\nstatistics cryptostats\n"
                              "ident x\nsaveconfigdir /x\ntos beacon 3\ntos basedate 2020-01-01\nleapfile /x ignorehash\n",
    "NTPsec only": "unrestrict 192.0.2.1\nlimit average .1 burst 5 kod .3\nlimit nosuch 1\nmru maxage 3 minage 3\nstatistics usestats\n"
                   "filegen usestats file u type day enable\ntos minclock 3.5 maxdisp 3\nserver 192.0.2.1 bias .1 baud 9600 subtype 3 path /x ppspath /y\n",
}

DEBIAN_ACCESS = "restrict -4 default kod notrap nomodify nopeer noquery limited\nrestrict -6 default kod notrap nomodify nopeer noquery limited\n" \
                "restrict 127.0.0.1\nrestrict ::1\nrestrict source notrap nomodify noquery\n"

SHIPPED = [
    ("ntpd", "Debian 11, ntp", "driftfile /var/lib/ntp/ntp.drift\nleapfile /usr/share/zoneinfo/leap-seconds.list\n#statsdir /var/log/ntpstats/\n"
     "statistics loopstats peerstats clockstats\nfilegen loopstats file loopstats type day enable\nfilegen peerstats file peerstats type day enable\n"
     "filegen clockstats file clockstats type day enable\n" + "".join(f"pool {at}.debian.pool.ntp.org iburst\n" for at in range(4)) + DEBIAN_ACCESS),
    ("ntpsec", "Debian 12, ntpsec", "driftfile /var/lib/ntpsec/ntp.drift\nleapfile /usr/share/zoneinfo/leap-seconds.list\ntos maxclock 11\n"
     "tos minclock 4 minsane 3\n" + "".join(f"pool {at}.debian.pool.ntp.org iburst\n" for at in range(4))
     + "restrict default kod nomodify noquery limited\nrestrict 127.0.0.1\nrestrict ::1\n"),
    ("ntpd", "Fedora, ntp", "driftfile /var/lib/ntp/drift\nrestrict default nomodify notrap nopeer noepeer noquery\nrestrict source nomodify notrap noepeer noquery\n"
     "restrict 127.0.0.1\nrestrict ::1\npool 2.fedora.pool.ntp.org iburst\nincludefile /etc/ntp/crypto/pw\nkeys /etc/ntp/keys\n"),
    ("ntpd", "FreeBSD", "tos minclock 3 maxclock 6\npool 0.freebsd.pool.ntp.org iburst\nrestrict default limited kod nomodify notrap noquery nopeer\n"
     "restrict source limited kod nomodify notrap noquery\nrestrict 127.0.0.1\nrestrict ::1\nleapfile \"/var/db/ntpd.leap-seconds.list\"\n"
     "driftfile /var/db/ntp/ntpd.drift\n"),
    ("ntpd", "OpenWrt, ntpd", "driftfile /var/lib/ntp/ntp.drift\nrestrict default limited kod nomodify notrap nopeer noquery\nrestrict -6 default limited kod nomodify notrap nopeer noquery\n"
     "restrict source noquery\nrestrict 127.0.0.1\nrestrict ::1\n" + "".join(f"server {at}.openwrt.pool.ntp.org iburst\n" for at in range(4))),
    # Arch's sources really have no iburst, so that is reported.
    ("ntpd", "Arch", "".join(f"server {at}.arch.pool.ntp.org\n" for at in range(4))
     + "restrict default kod limited nomodify nopeer noquery notrap\nrestrict 127.0.0.1\nrestrict ::1\ndriftfile /var/lib/ntp/ntp.drift\n", "no-iburst"),
]
