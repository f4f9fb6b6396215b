//! Explanations of the commands of `ntpdc`.

use crate::console::explanations::Explanation;

/// Explanations of all commands except those of the shell.
pub static EXPLANATIONS: &[Explanation] = &[
    (
        "addpeer addserver",
        "\
Adds an association: addserver as a client of the host, addpeer in symmetric
mode. These options may follow the address in any order:

  keyid N      authenticate with this key (or the first bare number)
  version N    NTP version, default 3 (or the second bare number)
  minpoll N    minimum poll interval, 2^N seconds, default 6
  maxpoll N    maximum poll interval, default 10
  prefer       mark the association as preferred
  iburst       send a burst of packets at the start
  burst        send a burst of packets at each poll

The association lasts until ntpd restarts; unconfig removes it. The request is
authenticated: see keyid.",
    ),
    (
        "addrefclock",
        "\
Adds a reference clock by its address 127.127.TYPE.UNIT. mode is a
driver-specific number; minpoll N, maxpoll N and prefer may follow. The clock
lasts until ntpd restarts; unconfig removes it. The request is authenticated:
see keyid.",
    ),
    (
        "addtrap",
        "\
Makes ntpd send event messages (traps) to a receiver, given by its address,
its port (default 18447) and the local address to send from. clrtrap removes
it. The request is authenticated: see keyid.",
    ),
    (
        "authinfo",
        "\
Prints ntpd's authentication counters: keys in memory, key lookups, and
packets encrypted and decrypted.",
    ),
    (
        "broadcast",
        "\
Makes ntpd broadcast the time to a broadcast or multicast address, with a key,
a version and `minpoll N' as for addpeer. unconfig removes it. The request is
authenticated: see keyid.",
    ),
    (
        "clkbug",
        "\
Prints debugging values of reference clock drivers. Their meaning is defined
by the driver; most drivers have none. A clock is named by its address,
127.127.TYPE.UNIT.",
    ),
    (
        "clockstat",
        "\
Prints the state of reference clocks, named by address, 127.127.TYPE.UNIT:
polls, replies by quality, and the fudge values.",
    ),
    (
        "clrtrap",
        "\
Removes a trap receiver, given by the same address, port and interface as for
addtrap. The request is authenticated: see keyid.",
    ),
    (
        "controlkey",
        "\
Sets the key that ntpd requires for ntpq's (mode 6) authenticated requests. It
must be trusted. The request is authenticated: see keyid.",
    ),
    (
        "ctlstats",
        "\
Prints ntpd's counters of mode 6 requests: replies, fragments, and errors by
reason.",
    ),
    (
        "delay",
        "\
Shows or sets the milliseconds that are added to the timestamp of
authenticated requests. ntpd rejects requests whose timestamp differs from its
own clock by more than ten seconds; the delay can compensate for different
clocks.",
    ),
    (
        "delrestrict",
        "\
Removes an access restriction, given by its address and mask, and with ntpport
the one for packets from port 123. The request is authenticated: see keyid.",
    ),
    (
        "disable enable",
        "\
Sets (enable) or clears (disable) system flags of ntpd:

  auth       require authentication, including for changes by ntpdc; without
             it, any client that the restrictions admit may change ntpd
  bclient    listen for broadcasts
  calibrate  calibrate reference clocks
  kernel     use the kernel clock discipline
  monitor    keep the client list that monlist and ntpq's mrulist print
  ntp        discipline the clock
  pps        use a PPS signal
  stats      write statistics files

The request is authenticated: see keyid.",
    ),
    (
        "dmpeers",
        "\
Prints the peers table with the selection state in the first column:

  *  system peer                          .  outlier or surplus candidate
  +  candidate, combined into the time       (blank) rejected

-4 or -6 selects peers of one address family. See peers.",
    ),
    (
        "fudge",
        "\
Changes a value of a reference clock, named by its address 127.127.TYPE.UNIT:

  time1, time2   seconds with a fraction; most drivers add time1 to the time
  val1           the stratum
  val2           the reference identifier as a number; on most machines its
                 low octet is the first letter
  flags          four bits as a hexadecimal digit: flag1 is 1, flag4 is 8

The request is authenticated: see keyid.",
    ),
    (
        "host",
        "\
Selects the daemon to query: a name, an address, NAME:PORT or [ADDRESS]:PORT,
optionally preceded by -4 or -6 to select the address family. Without a name,
prints the current host.",
    ),
    (
        "ifreload",
        "\
Makes ntpd rescan the network interfaces and prints those in use; the second
column marks new (+) and removed (-) ones. The request is authenticated: see
keyid.",
    ),
    (
        "ifstats",
        "\
Prints ntpd's interfaces with address, mask and packet counters. E is D if the
interface ignores packets; PC is the number of associations that use it. The
request is authenticated: see keyid.",
    ),
    (
        "iostats",
        "\
Prints ntpd's I/O counters: buffers, and packets received, dropped, ignored
and sent.",
    ),
    (
        "kerninfo",
        "\
Prints the state of the kernel clock discipline: offset, frequency, error
bounds, status bits, and the PPS counters if there is a PPS signal.",
    ),
    (
        "keyid",
        "\
Shows or selects the key that authenticates changes. It must be trusted and be
the one that ntpd's `requestkey' names; keytype and passwd must match its
entry in the key file. With key 0 requests are unauthenticated, which ntpd
accepts only if auth is disabled.",
    ),
    (
        "listpeers",
        "\
Lists the peers with their modes. -4 or -6 selects peers of one address
family.",
    ),
    (
        "loopinfo",
        "\
Prints the state of the clock discipline loop: the last offset, the frequency
correction, the poll adjustment and the seconds since the last update.
`oneline' prints them on one line.",
    ),
    (
        "memstats",
        "\
Prints ntpd's memory counters for associations and the distribution over its
hash table.",
    ),
    (
        "monlist",
        "\
Prints the clients that ntpd has seen. Daemons since 4.2.7p26 return none; use
`ntpq -c mrulist' for them. A number other than 1 requests the old list format
of very old daemons.",
    ),
    (
        "peers",
        "\
Prints the table of peers; the character before each says how it is asked:

  *  the clock follows it    +  symmetric active   -  symmetric passive
  =  a server that is asked  ^  broadcasts go there
  ~  broadcasts come from it

Delay, offset and dispersion are seconds. -4 or -6 leaves out peers of the
other family.",
    ),
    (
        "preset",
        "\
Resets peer counters. The request is authenticated: see keyid.",
    ),
    (
        "pstats",
        "\
Prints peer statistics: time since the last packet, packets sent and received,
and packets rejected by reason.",
    ),
    (
        "readkeys",
        "\
Makes ntpd reread its key file. The request is authenticated: see keyid.",
    ),
    (
        "requestkey",
        "\
Sets the key that ntpd requires for changes by ntpdc. It must be trusted. The
request itself is authenticated with the previous key: see keyid.",
    ),
    (
        "reset",
        "\
Resets counters: those of iostats (io), sysstats (sys), memstats (mem),
timerstats (timer), authinfo (auth), ctlstats (ctl), or of all peers
(allpeers). The request is authenticated: see keyid.",
    ),
    (
        "reslist",
        "\
Prints the access restrictions with address, mask, hit count and flags. The
most specific match applies to an address. -4 or -6 selects one address
family.",
    ),
    (
        "restrict",
        "\
Adds flags to an access restriction, or creates it:

  ignore    drop all packets             noserve   refuse time requests
  noquery   refuse ntpq and ntpdc        nomodify  refuse changes by them
  nopeer    refuse new associations      notrust   refuse unauthenticated time
  notrap    refuse trap receivers        lptrap    give traps low priority
  limited   refuse clients over the      kod       send them a kiss-o'-death
            rate limit                   ntpport   match source port 123 only
  version   refuse other NTP versions

It lasts until ntpd restarts. The request is authenticated: see keyid.",
    ),
    (
        "unrestrict",
        "\
Removes flags from an access restriction; see restrict for their names.
delrestrict removes the restriction itself. The request is authenticated: see
keyid.",
    ),
    (
        "showpeer",
        "\
Prints the details of peers: modes and poll intervals, the timestamps of the
last packets, and the last eight samples.",
    ),
    (
        "sysinfo",
        "\
Prints the state of ntpd: system peer, stratum, error bounds and system flags.",
    ),
    (
        "sysstats",
        "\
Prints ntpd's packet counters: received, processed, and rejected by reason.",
    ),
    (
        "timerstats",
        "\
Prints ntpd's timer counters.",
    ),
    (
        "traps",
        "\
Prints the trap receivers: their addresses, how they were configured, and when
they were set.",
    ),
    (
        "trustedkey untrustedkey",
        "\
Makes ntpd trust keys of its key file (trustedkey) or stop trusting them
(untrustedkey). The request is authenticated: see keyid.",
    ),
    (
        "unconfig",
        "\
Removes associations by address. Those in ntpd's configuration file return
when it restarts. The request is authenticated: see keyid.",
    ),
    (
        "version",
        "\
Prints the version of this program. `ntpq -c 'rv 0 version'' prints that of
the daemon.",
    ),
];
