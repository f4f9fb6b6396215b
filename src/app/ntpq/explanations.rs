//! Explanations of the commands of `ntpq`.

use crate::console::explanations::Explanation;

/// Explanations of all commands except those of the shell.
pub static EXPLANATIONS: &[Explanation] = &[
    (
        ":config",
        "\
Sends the rest of the line to ntpd as a configuration directive, in effect
until ntpd restarts. Quotes and `>' have no special meaning here. The request
is authenticated: see keyid, keytype and passwd.",
    ),
    (
        "addvars",
        "\
Adds names, separated by commas, to the variable list used by readlist,
clocklist, mreadlist and writelist. `name=value' also stores a value, for
writelist, and replaces an earlier one.",
    ),
    (
        "rmvars",
        "\
Removes names, separated by commas, from the variable list.",
    ),
    (
        "clearvars",
        "\
Clears the variable list. readlist and the like then read the daemon's default
set.",
    ),
    (
        "showvars",
        "\
Prints the variable list with the stored values.",
    ),
    (
        "apeers",
        "\
Prints the peers table with association identifiers, as readvar and pstats
accept them. -4 or -6 selects peers of one address family.",
    ),
    (
        "peers",
        "\
Prints the peers as a table: who they are, whom they follow, and the last
measurements. The character before each name is the verdict on it:

  *  the clock follows this one         -  left out: too far from the others
  o  likewise, with a pulse per second  x  left out: the majority disagrees
  +  counted in                         .  left out: enough without it
  #  kept in reserve                    (blank)  unreachable, or not usable

refid: what it follows: the address of its server (for IPv6, a hash of it), or
in dots the name of its clock, such as .GPS., or why there is none:

  .INIT.  no answer since the start     .RATE.  asked too often: polls slower
  .STEP.  none since a clock was set    .DENY.  it refuses this client
  .POOL.  a pool that brings servers    .XFAC.  the local address changed

st: its stratum, one more than that of the server that it follows; 1 has a
reference clock, 16 is not synchronised. t: u unicast, p pool, s symmetric
active, S symmetric passive, l local reference clock, b broadcast client,
B broadcasts go there, m multicast client, M multicasts go there, a manycast.

when: seconds since it was last heard. poll: seconds between questions.
reach: the last eight answers, as an octal number; 377 means all came. delay,
offset, jitter: milliseconds. -4 or -6 leaves out peers of the other family;
lpeers also has those that are neither configured nor reachable.",
    ),
    (
        "lpeers",
        "\
Prints the peers table including peers that are neither configured nor
reachable. -4 or -6 selects peers of one address family.",
    ),
    (
        "opeers lopeers",
        "\
Prints the peers table with the local address in place of the reference
identifier and the dispersion in place of the jitter. lopeers includes peers
that are neither configured nor reachable.",
    ),
    (
        "associations",
        "\
Reads the list of associations and decodes their status words. The index in
the first column can be used in place of an identifier: `rv &2' reads the
variables of the second association. Associations that are neither configured
nor reachable are omitted; lassociations prints them, too.",
    ),
    (
        "lassociations",
        "\
Reads and prints the complete list of associations, including those that are
neither configured nor reachable, such as broadcast clients.",
    ),
    (
        "passociations",
        "\
Prints the list of associations as it was last read, without a query.",
    ),
    (
        "lpassociations",
        "\
Prints the list of associations as it was last read, including those that are
neither configured nor reachable, without a query.",
    ),
    (
        "authenticate",
        "\
Shows whether every request is authenticated or only those that must be, such
as configuration. `yes' authenticates all requests from now on.",
    ),
    (
        "authinfo",
        "\
Prints ntpd's authentication counters: keys in memory, key lookups, packets
signed and packets verified.",
    ),
    (
        "readvar rv",
        "\
Reads variables. The identifier is that of an association as printed by
associations, `&N' for the N-th of that list, or 0 (the default) for the
daemon itself. Without names the daemon sends its default set. Names are
separated by commas or blanks: `rv 0 offset,sys_jitter', `rv &1 flash'.",
    ),
    (
        "readlist rl",
        "\
Reads the variables on the list built by addvars, or the daemon's default set
if the list is empty. Identifier 0 (the default) is the daemon itself.",
    ),
    (
        "clockvar cv",
        "\
Reads the variables of a reference clock, given the identifier of its
association. Names may follow, separated by commas; without names the default
set is read. Identifier 0 is the clock in use.",
    ),
    (
        "clocklist cl",
        "\
Reads the variables on the list built by addvars from a reference clock, or
the default set if the list is empty.",
    ),
    (
        "mreadvar mrv",
        "\
Reads the same variables from a range of associations, in the order of the
list that associations prints: `mrv &1 &9 offset,jitter'.",
    ),
    (
        "mreadlist mrl",
        "\
Reads the variables on the list built by addvars from a range of associations,
separated by empty lines.",
    ),
    (
        "writevar",
        "\
Asks the daemon to set variables, given as `name=value' and separated by
commas. ntpd 4.2.8 rejects writes to all of its variables; use :config to
change its configuration. The request is authenticated: see keyid, keytype and
passwd.",
    ),
    (
        "writelist",
        "\
Asks the daemon to set the variables on the list built by addvars to the
stored values. The request is authenticated: see keyid, keytype and passwd.",
    ),
    (
        "pstats",
        "\
Prints the statistics of one association: packets sent and received, packets
rejected by reason, and the time since the last packet.",
    ),
    (
        "config-from-file",
        "\
Sends the lines of a file to ntpd one at a time, as :config does, and prints
each reply. Empty lines and comments are skipped. The requests are
authenticated: see keyid, keytype and passwd.",
    ),
    (
        "saveconfig",
        "\
Asks ntpd to save its configuration, including changes since its start, to a
file in its `saveconfigdir'. The request is authenticated: see keyid, keytype
and passwd.",
    ),
    (
        "cooked",
        "\
Prints variables decoded: timestamps as dates, status words as text, addresses
as names. This is the default; raw is the opposite.",
    ),
    (
        "raw",
        "\
Prints variables as received and status words as numbers until the next cooked
command.",
    ),
    (
        "delay",
        "\
Accepted for compatibility with existing scripts. The delay was once added to
the timestamps of authenticated requests; it has no effect today.",
    ),
    (
        "drefid",
        "\
Selects how a reference identifier that looks like an address is printed: as
an IPv4 address, or in hexadecimal, because it may be the hash of an IPv6
address. With hash, peers prints the table of apeers.",
    ),
    (
        "host",
        "\
Selects the daemon to query: a name, an address, NAME:PORT or [ADDRESS]:PORT,
optionally preceded by -4 or -6 to select the address family. Without a name,
prints the current host. The list of associations is discarded.",
    ),
    (
        "ifstats",
        "\
Prints ntpd's interfaces with their counters. The request is authenticated:
see keyid, keytype and passwd.",
    ),
    (
        "reslist",
        "\
Prints ntpd's `restrict' list with the hit count of each entry. The request is
authenticated: see keyid, keytype and passwd.",
    ),
    (
        "iostats",
        "\
Prints ntpd's network I/O counters.",
    ),
    (
        "kerninfo",
        "\
Prints the state of the kernel clock discipline: offset, frequency, error
bounds, and the PPS signal if there is one.",
    ),
    (
        "keyid",
        "\
Shows or selects the key that authenticates requests. It must be trusted and
be the one that ntpd's `controlkey' names; keytype and passwd must match its
entry in the key file.",
    ),
    (
        "monstats",
        "\
Prints the size and the limits of the daemon's MRU list. mrulist prints the
list itself.",
    ),
    (
        "mrulist",
        "\
Reads the daemon's MRU list, the most recent client first. Filters:
mincount=PACKETS, laddr=LOCAL-ADDRESS, resall=BITS, resany=BITS
(restrictions), maxlstint=SECONDS since the last packet, limited, kod; with
NTPsec's daemon also recent=ROWS, minlstint=SECONDS, mindrop=PACKETS,
minscore=SCORE. Order: sort=lstint, avgint, addr, count, score or drop, with a
`-' to reverse it. Ctrl-C ends the retrieval and prints what has been
received.",
    ),
    (
        "ntpversion",
        "\
Shows or sets the NTP version of requests, 1 to 4. Version 1 also decodes peer
status words in their old format, which is wrong for current daemons.",
    ),
    (
        "ntsinfo",
        "\
Prints the NTS counters of NTPsec's ntpd: packets sent and received as an NTS
client and as a server, cookies made and decoded, and key exchanges. Other
daemons have none; for chronyd see `ntpkit chrony'.",
    ),
    (
        "ntskeinfo",
        "\
Prints how many NTS key exchanges NTPsec's ntpd completed and failed as a
server and as a client and, from release 1.2.3 on, the time they took.",
    ),
    (
        "poll",
        "\
Never implemented by the original; prints a message that says so.",
    ),
    (
        "sysinfo",
        "\
Prints the daemon's state: its system peer and mode, the distance to the
reference clock, the leap indicator.",
    ),
    (
        "sysstats",
        "\
Prints the daemon's packet counters: received, rejected, rate-limited,
answered.",
    ),
    (
        "timerstats",
        "\
Prints ntpd's timer counters.",
    ),
    (
        "version",
        "\
Prints the version of this program. `rv 0 version' prints that of the daemon.",
    ),
];
