"""The hosts of the laboratory: their purposes, addresses, daemons and configurations."""
from dataclasses import dataclass, field
from typing import Dict, List, Optional

KEYS = """1 MD5 secretmd5key
2 SHA1 sha1asciikey
3 AES128CMAC cmacasciikey
4 SHA1 bd0aa8d8b763670d38a3f00e46979da07e8495ac
"""


@dataclass
class Host:
    """One host. `@DIR@` in the configuration stands for the daemon's folder."""
    note: str
    number: int  # the last part of its addresses
    daemon: Optional[str] = None
    conf: str = ""
    files: Dict[str, str] = field(default_factory=dict)
    monitored: bool = False  # uses other hosts as servers, so it starts after them
    names: bool = True  # whether /etc/hosts lists the other hosts
    resolv_conf: str = "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"  # refuses connections at once

    @property
    def addresses(self) -> List[str]:
        return [f"192.0.2.{self.number}", f"2001:db8::{self.number}"]


def ntpd(*lines, keys=False):
    """Returns the configuration of a classic or NTPsec ntpd."""
    common = ["driftfile @DIR@/drift", "disable kernel"]
    keyed = ["keys @DIR@/keys", "trustedkey 1 2 3 4"] if keys else []
    return "\n".join([*common, *keyed, *lines]) + "\n"


def local_clock(stratum):
    return ["server 127.127.1.0 prefer minpoll 3 maxpoll 3", f"fudge 127.127.1.0 stratum {stratum}"]


def chrony(*lines):
    return "\n".join(["allow all", "pidfile @DIR@/pid", "bindcmdaddress /", "cmdport 0", *lines]) + "\n"


NTPD_RS = """[observability]
log-level = "info"
ansi-colors = false
observation-path = "@DIR@/observe"
[[source]]
mode = "server"
address = "192.0.2.11"
[[source]]
mode = "server"
address = "192.0.2.13"
[[server]]
listen = "[::]:123"
[synchronization]
minimum-agreeing-sources = 1
"""

UPSTREAM = [
    "tos maxdist 16",  # else a server that has just started is not accepted for half a minute
    "server 192.0.2.11 iburst minpoll 3 maxpoll 4 prefer",
    "server 192.0.2.12 iburst minpoll 3 maxpoll 4 key 2",
    "server 192.0.2.13 iburst minpoll 3 maxpoll 4",
    "server 192.0.2.14 iburst minpoll 4 maxpoll 4",
    "server 192.0.2.15 iburst minpoll 3 maxpoll 4",
    "server 192.0.2.16 iburst minpoll 3 maxpoll 4",
    "server 192.0.2.17 iburst minpoll 3 maxpoll 4",
    "server 2001:db8::11 iburst minpoll 3 maxpoll 4",
]

RESTRICTED = [  # one rule per flag, and some with several
    *(f"restrict 10.{n}.0.0 mask 255.255.0.0 {flag}" for n, flag in enumerate(
        "ignore noserve notrust noquery nomodify nopeer notrap limited version kod flake ntpport mssntp noepeer".split(), 1)),
    *(f"restrict 2001:db8:{n}:: mask ffff:ffff:ffff:: {flags}" for n, flags in enumerate(
        ("ignore", "noserve notrust", "kod limited nopeer", "ntpport", "noquery nomodify notrap"), 1)),
    *(f"restrict 172.16.{n}.0 mask 255.255.255.0 kod limited nomodify" for n in range(20)),
    "restrict 10.99.0.1", "restrict 10.99.0.1 ntpport ignore", "restrict source limited kod",
]

HOSTS = {
    "time1": Host("stratum 1, classic, has the keys", 11, "classic", ntpd(*local_clock(0), keys=True), {"keys": KEYS}),
    "time2": Host("stratum 2, chrony, has key 2", 12, "chrony", chrony("local stratum 2", "keyfile @DIR@/keys"),
                  {"keys": "2 SHA1 ASCII:sha1asciikey\n"}),
    "time3": Host("stratum 3, NTPsec", 13, "ntpsec", ntpd(*local_clock(2))),
    "time4": Host("stratum 4, chrony: silent to mode 6", 14, "chrony", chrony("local stratum 4")),
    "liar": Host("stratum 2, 0.9 s off: a falseticker", 15, "liar", "0.9"),
    "young": Host("classic, never synchronised", 16, "classic", ntpd("server 192.0.2.99")),
    "closed": Host("classic, ignores all packets", 17, "classic",
                   ntpd(*local_clock(1), "restrict default ignore", "restrict -6 default ignore")),
    "shy": Host("classic, serves time but answers no queries", 18, "classic",
                ntpd(*local_clock(1), "restrict default kod limited noquery", "restrict -6 default kod limited noquery")),
    "strict": Host("classic, serves time to authenticated clients only", 19, "classic",
                   ntpd(*local_clock(1), "restrict default notrust", "restrict -6 default notrust", keys=True), {"keys": KEYS}),
    "hub": Host("the monitored classic ntpd: associations of every kind, control key 2", 20, "classic",
                ntpd(*UPSTREAM, "peer 192.0.2.21 minpoll 3 maxpoll 4", "broadcast 192.0.2.255 minpoll 4",
                     "server 127.127.1.0", "fudge 127.127.1.0 stratum 10", "requestkey 1", "controlkey 2",
                     "enable mode7 monitor stats", "restrict default kod", "restrict -6 default kod",
                     "restrict 127.0.0.1", "restrict ::1", keys=True), {"keys": KEYS}, monitored=True),
    "sec": Host("the monitored NTPsec ntpd, control key 2", 21, "ntpsec",
                ntpd(*UPSTREAM, "controlkey 2", "enable monitor stats", "unrestrict default noquery limited", keys=True),
                {"keys": KEYS}, monitored=True),
    "tick": Host("chrony, answers its own command protocol", 22, "chrony",
                 chrony("cmdport 323", "cmdallow all", "bindcmdaddress 0.0.0.0", "bindcmdaddress ::",
                        "server 192.0.2.11 iburst minpoll 4 maxpoll 4"), monitored=True),
    "cellar": Host("chrony, reachable through its Unix socket only", 23, "chrony-socket",
                   chrony("bindcmdaddress /run/chrony/chronyd.sock", "server 192.0.2.11 iburst minpoll 4 maxpoll 4"), monitored=True),
    "rust": Host("ntpd-rs, listening on the NTP port", 24, "ntpd-rs", NTPD_RS, monitored=True),
    "bus": Host("systemd-timesyncd on its own D-Bus", 25, "timesyncd", "[Time]\nNTP=192.0.2.11\nFallbackNTP=\n", monitored=True),
    "twins": Host("a classic ntpd, and a chrony configured to leave the clock alone", 26, "twins",
                  ntpd(*local_clock(3)), {"chrony.conf": chrony("cmdport 323", "port 0", "local stratum 5")}),
    "many": Host("classic with 61 associations", 32, "classic",
                 ntpd(*local_clock(0), "tos maxclock 200", "enable mode7", *(f"server 203.0.113.{n} minpoll 10" for n in range(1, 61)))),
    **{f"{kind}{number}": Host(f"{daemon}, control key {number}: tests may change its configuration", 40 + 4 * place + number, daemon,
                               ntpd(*local_clock(1), f"controlkey {number}", "saveconfigdir @DIR@" if daemon == "classic" else
                                    "unrestrict default noquery limited", "enable monitor", keys=True), {"keys": KEYS})
       for place, (kind, daemon) in enumerate((("key", "classic"), ("seckey", "ntpsec"))) for number in (1, 2, 3, 4)},
    "private": Host("classic with mode 7 and an example of everything it reports: clocks, restrictions, traps; request key 1", 60, "classic",
                    ntpd("tos maxdist 16", "server 127.127.1.0", "fudge 127.127.1.0 stratum 13 time1 0.001 time2 -0.002 refid ABCD flag1 1",
                         "server 127.127.1.1 noselect", "fudge 127.127.1.1 stratum 12", "server 127.127.28.2 minpoll 4",
                         "server 192.0.2.11 iburst minpoll 3 maxpoll 4 prefer", "server 192.0.2.12 key 2 minpoll 3 maxpoll 4",
                         "server 2001:db8::11 iburst burst minpoll 3 maxpoll 4", "peer 192.0.2.16 version 3", "peer 2001:db8::16",
                         "broadcast 192.0.2.255 minpoll 4 ttl 3", "server 192.0.2.99", "server 2001:db8::99", "server 192.0.2.15",
                         "requestkey 1", "controlkey 2", "enable mode7 monitor stats", "trap 192.0.2.50", "trap 192.0.2.51 port 1234",
                         "restrict default kod", "restrict -6 default kod nopeer", *RESTRICTED, keys=True), {"keys": KEYS}, monitored=True),
    **{f"change{number}": Host(f"classic with mode 7, request key {number}: tests may change its configuration", 60 + number, "classic",
                               ntpd(*local_clock(1), f"requestkey {number}", "controlkey 2", "enable mode7", "restrict default kod", keys=True),
                               {"keys": KEYS}) for number in (1, 2, 3)},
    "off": Host("stratum 2, 120 ms off", 33, "liar", "0.12"),
    "limited": Host("classic, rate-limits clients to one request a minute, with one kiss-o'-death", 34, "classic",
                    ntpd(*local_clock(1), "discard minimum 60", "restrict default limited kod", "restrict -6 default limited kod")),
    "op": Host("the operator's host: no daemon", 50),
    "stage": Host("where scripted servers run: no daemon", 51),
    "nodns": Host("no /etc/hosts entries, and a name server that never answers", 52, names=False,
                  resolv_conf="nameserver 127.0.0.1\n"),
}


def hosts_file():
    """Returns a hosts file with the addresses and names of all hosts."""
    return "".join(f"{address} {name}.lab.test {name}\n" for name, host in HOSTS.items() for address in host.addresses)
