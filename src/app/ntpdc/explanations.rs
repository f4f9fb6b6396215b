//! What each command of `ntpdc` is good for.

use crate::console::explanations::Explanation;

/// All but what the shell's own commands are good for.
pub static EXPLANATIONS: &[Explanation] = &[
    (
        &["addpeer", "addserver"],
        "\
Adds an association with a host: addserver asks it for the time, addpeer lets
both ask each other. What follows the address is taken in any order:

  keyid N      authenticate it with this key (or the first bare number)
  version N    NTP version, default 3 (or the second bare number)
  minpoll N    shortest poll interval, 2^N seconds; default 6
  maxpoll N    longest poll interval; default 10
  prefer       prefer it to the others
  iburst       send several packets at the start
  burst        send several packets at each poll

The association lasts until ntpd is restarted; unconfig removes it. The
request is authenticated: see keyid.",
    ),
    (
        &["addrefclock"],
        "\
Adds a reference clock, by its address 127.127.TYPE.UNIT; mode is a number
that its driver understands. minpoll N, maxpoll N and prefer may follow. The
clock stays until ntpd is restarted; unconfig removes it. The request is
authenticated: see keyid.",
    ),
    (
        &["addtrap"],
        "\
Has ntpd send messages about events to a receiver: its address, its port
(default 18447), and the address that ntpd shall send from. clrtrap ends it.
The request is authenticated: see keyid.",
    ),
    (
        &["authinfo"],
        "\
Prints what ntpd counts about keys: how many it has, how often they were
looked for, and how many packets they were used on.",
    ),
    (
        &["broadcast"],
        "\
Has ntpd send the time to a broadcast or multicast address, with a key, a
version and `minpoll N' as in addpeer. unconfig ends it. The request is
authenticated: see keyid.",
    ),
    (
        &["clkbug"],
        "\
Prints the numbers and times that the drivers of reference clocks give away
for the search of faults; what they mean, the driver's source says. Most
drivers give none. A clock is named by its address, 127.127.TYPE.UNIT.",
    ),
    (
        &["clockstat"],
        "\
Prints the state of reference clocks, each named by its address,
127.127.TYPE.UNIT: how often it was asked, how often it answered and how, and
the fudge values.",
    ),
    (
        &["clrtrap"],
        "\
Has ntpd send no more messages about events to a receiver; its address, port
and interface are given as to addtrap. The request is authenticated: see
keyid.",
    ),
    (
        &["controlkey"],
        "\
Chooses the key that must authenticate requests by ntpq (mode 6) from now on.
It must be trusted. The request is authenticated: see keyid.",
    ),
    (
        &["ctlstats"],
        "\
Prints what ntpd counts about requests by ntpq (mode 6): answers, fragments,
and requests that were wrong, by what was wrong with them.",
    ),
    (
        &["delay"],
        "\
Says, or chooses, how many milliseconds are added to the time stamp of
authenticated requests. ntpd refuses requests whose time stamp is more than
ten seconds from its own clock: where the clocks differ, this makes up for it.",
    ),
    (
        &["delrestrict"],
        "\
Removes a rule of access altogether, by its address and mask; with ntpport the
one for packets from the NTP port. The request is authenticated: see keyid.",
    ),
    (
        &["disable", "enable"],
        "\
Sets (enable) or clears (disable) flags of ntpd:

  auth       require keys, also for changes by this program: once it is
             disabled, anybody whom the rules let in may change ntpd
  bclient    listen to broadcasts
  calibrate  measure the frequency of reference clocks
  kernel     let the kernel discipline the clock
  monitor    keep the list that monlist and ntpq's mrulist print
  ntp        set the clock
  pps        use a pulse-per-second signal
  stats      write statistics files

The request is authenticated: see keyid.",
    ),
    (
        &["dmpeers"],
        "\
Prints the table of peers; the character before each says how far it came:

  *  the clock follows it                 .  left out late: too many, too far
  +  it counts in the combined time          left out early (a blank)

-4 or -6 leaves out peers of the other family. See peers.",
    ),
    (
        &["fudge"],
        "\
Changes a value of a reference clock, named by its address 127.127.TYPE.UNIT:

  time1, time2   seconds, with a fraction; most drivers add time1 to the time
  val1           the stratum
  val2           the reference identifier, as a number; on most machines its
                 low octet is the first letter
  flags          four bits as a hexadecimal digit: flag1 is 1, flag4 is 8

The request is authenticated: see keyid.",
    ),
    (
        &["host"],
        "\
Chooses the daemon that is asked from now on: a name, an address, NAME:PORT or
[ADDRESS]:PORT. -4 or -6 before it chooses the family of its addresses.
Without a name this says who is asked.",
    ),
    (
        &["ifreload"],
        "\
Has ntpd look at the machine's network interfaces again, and prints those it
uses; the second column shows which are new (+) and which are gone (-). The
request is authenticated: see keyid.",
    ),
    (
        &["ifstats"],
        "\
Prints the addresses that ntpd listens on, each with its mask, and how many
packets came and went there. E is D where it ignores packets, PC counts the
associations that use it. The request is authenticated: see keyid.",
    ),
    (
        &["iostats"],
        "\
Prints what ntpd counts about its input and output: buffers, packets received,
dropped, ignored and sent.",
    ),
    (
        &["kerninfo"],
        "\
Prints the kernel's view of its clock: offset and frequency of its loop, how
far it may be wrong, its status bits, and with a pulse-per-second signal the
counters about that.",
    ),
    (
        &["keyid"],
        "\
Says, or chooses, which of the daemon's keys authenticates requests that
change something. The key must be the one that the daemon's `requestkey'
names and be trusted; keytype and passwd must match the daemon's key file. 0
sends requests without any key, which ntpd takes only if auth is disabled.",
    ),
    (
        &["listpeers"],
        "\
Prints the peers, each with the mode in which it is asked. -4 or -6 leaves out
those of the other family.",
    ),
    (
        &["loopinfo"],
        "\
Prints the state of the loop that disciplines the clock: the last offset, the
frequency correction, how near the poll interval is to a change, and the
seconds since the last update. `oneline' puts it on one line.",
    ),
    (
        &["memstats"],
        "\
Prints what ntpd counts about the memory of its associations, and how they are
spread over its hash table.",
    ),
    (
        &["monlist"],
        "\
Prints the clients that ntpd has heard from. Daemons since 4.2.7p26 report
none; `ntpq -c mrulist' reads their list. A number other than 1 asks for the
older form of the list, which very old daemons have.",
    ),
    (
        &["peers"],
        "\
Prints the table of peers; the character before each says how it is asked:

  *  the clock follows it    +  symmetric active   -  symmetric passive
  =  a server that is asked  ^  broadcasts go there
  ~  broadcasts come from it

Delay, offset and dispersion are seconds. -4 or -6 leaves out peers of the
other family.",
    ),
    (
        &["preset"],
        "\
Sets the counters of peers back to zero. The request is authenticated: see
keyid.",
    ),
    (
        &["pstats"],
        "\
Prints what ntpd counts about peers: when they were last heard, packets sent
and received, and packets that were refused, by the reason.",
    ),
    (
        &["readkeys"],
        "\
Has ntpd read its key file again. The request is authenticated: see keyid.",
    ),
    (
        &["requestkey"],
        "\
Chooses the key that must authenticate the changes by this program from now
on. It must be trusted. The request is authenticated, with the key that holds
until then: see keyid.",
    ),
    (
        &["reset"],
        "\
Sets counters of ntpd back to zero: those of iostats (io), sysstats (sys),
memstats (mem), timerstats (timer), authinfo (auth), ctlstats (ctl), or of all
peers (allpeers). The request is authenticated: see keyid.",
    ),
    (
        &["reslist"],
        "\
Prints the rules of access: to which addresses each applies, how often it did,
and what it refuses. The narrowest rule that fits an address counts. -4 or -6
leaves out rules of the other family.",
    ),
    (
        &["restrict"],
        "\
Adds flags to a rule of access, or makes the rule:

  ignore    answer nothing at all      noserve   give no time
  noquery   answer no ntpq and ntpdc   nomodify  let them change nothing
  nopeer    let no peer in by itself   notrust   ignore time without a key
  notrap    keep no receivers of traps lptrap    keep them with low priority
  limited   refuse those too frequent  kod       and tell them so
  version   refuse older versions      ntpport   only packets from port 123

The rule lasts until ntpd is restarted. The request is authenticated: see
keyid.",
    ),
    (
        &["unrestrict"],
        "\
Takes flags off a rule of access; see restrict for their names. The rule
stays: delrestrict removes it. The request is authenticated: see keyid.",
    ),
    (
        &["showpeer"],
        "\
Prints all that ntpd knows of peers: modes and polls, the time stamps of the
last packets, and the last eight measurements.",
    ),
    (
        &["sysinfo"],
        "\
Prints the state of ntpd: whom it follows, its stratum, how far it may be
wrong, and which of its flags are set.",
    ),
    (
        &["sysstats"],
        "\
Prints what ntpd counts about packets: received, processed, refused and why.",
    ),
    (
        &["timerstats"],
        "\
Prints what ntpd counts about its timer.",
    ),
    (
        &["traps"],
        "\
Prints the receivers of messages about events: their addresses, how they came
to be, and how long ago they were set.",
    ),
    (
        &["trustedkey", "untrustedkey"],
        "\
Has ntpd trust keys of its key file (trustedkey), or trust them no longer
(untrustedkey). The request is authenticated: see keyid.",
    ),
    (
        &["unconfig"],
        "\
Removes associations, by their addresses. Those that ntpd's configuration
names come back when it is restarted. The request is authenticated: see keyid.",
    ),
    (
        &["version"],
        "\
Prints the version of this program. `ntpq -c 'rv 0 version'' prints the
daemon's.",
    ),
];
