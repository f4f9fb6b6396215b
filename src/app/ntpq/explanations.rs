//! What each command of `ntpq` is good for.

use crate::console::explanations::Explanation;

/// All but what the shell's own commands are good for.
pub static EXPLANATIONS: &[Explanation] = &[
    (
        &[":config"],
        "\
Sends the rest of the line to ntpd, which treats it as a line of its
configuration file, from now on and until it is restarted. Quotes and `>' have
no meaning here. The request is authenticated: see keyid, keytype and passwd.",
    ),
    (
        &["addvars"],
        "\
Adds names, parted by commas, to the list of variables that readlist,
clocklist, mreadlist and writelist work through. `name=value' also keeps a
value, for writelist. A name that is there already takes the new value.",
    ),
    (
        &["rmvars"],
        "\
Takes names, parted by commas, off the list of variables that addvars makes.",
    ),
    (
        &["clearvars"],
        "\
Empties the list of variables that addvars makes: readlist and its kin then
read what the daemon says unasked.",
    ),
    (
        &["showvars"],
        "\
Prints the list of variables that addvars makes, with the values kept for
them.",
    ),
    (
        &["apeers"],
        "\
Prints the table of peers with the association identifiers that readvar and
pstats take. -4 or -6 leaves out peers of the other family.",
    ),
    (
        &["peers"],
        "\
Prints the peers as a table: who they are, whom they follow, and the last
measurements. The character before each name is the verdict on it:

  *  the clock follows this one         -  left out: too far from the others
  o  likewise, with a pulse per second  x  left out: the majority disagrees
  +  counted in                         .  left out: enough without it
  #  kept in reserve                    (blank)  unreachable, or not usable

when: seconds since it was last heard. poll: seconds between questions.
reach: the last eight answers, as an octal number; 377 means all came. delay,
offset, jitter: milliseconds. -4 or -6 leaves out peers of the other family;
lpeers also has those that are neither configured nor reachable.",
    ),
    (
        &["lpeers"],
        "\
Prints the table of peers, also those that are neither configured nor
reachable. -4 or -6 leaves out peers of the other family.",
    ),
    (
        &["opeers", "lopeers"],
        "\
Prints the table of peers with the local address that each is spoken to from,
in place of the reference identifier, and the dispersion in place of the
jitter. lopeers also has those that are neither configured nor reachable.",
    ),
    (
        &["associations"],
        "\
Reads the list of associations and prints what their status words say. The
number in the first column can stand for the identifier: `rv &2' reads the
variables of the second. Associations that are neither configured nor
reachable are left out; lassociations has them, too.",
    ),
    (
        &["lassociations"],
        "\
Reads the list of associations and prints all of it, also those that are
neither configured nor reachable, such as the clients of a broadcast.",
    ),
    (
        &["passociations"],
        "\
Prints the list of associations as it was last read; asks the daemon nothing.",
    ),
    (
        &["lpassociations"],
        "\
Prints the list of associations as it was last read, those that are neither
configured nor reachable included; asks the daemon nothing.",
    ),
    (
        &["authenticate"],
        "\
Says whether every request is authenticated, or only those that must be, such
as configuration. `yes' authenticates all of them from now on.",
    ),
    (
        &["authinfo"],
        "\
Prints what ntpd counts about its keys: how many it holds, how often it looked
for one, and how many packets it signed and checked.",
    ),
    (
        &["readvar", "rv"],
        "\
Reads variables. The identifier is that of an association as associations
prints it, `&N' for the N-th of that list, or 0, or nothing, for the daemon
itself. Without names the daemon says what it finds worth saying; names may
follow, parted by commas or blanks: `rv 0 offset,sys_jitter', `rv &1 flash'.",
    ),
    (
        &["readlist", "rl"],
        "\
Reads the variables that addvars has listed, or what the daemon says unasked
when the list is empty. Identifier 0, or none, means the daemon itself.",
    ),
    (
        &["clockvar", "cv"],
        "\
Reads the variables of a reference clock: the identifier is that of its
association. Names may follow, parted by commas; without, the clock says what
it finds worth saying. Identifier 0 means the clock in use.",
    ),
    (
        &["clocklist", "cl"],
        "\
Reads the variables that addvars has listed from a reference clock, or what
the clock says unasked when the list is empty.",
    ),
    (
        &["mreadvar", "mrv"],
        "\
Reads the same variables of all associations from one identifier to another,
in the order of the list that associations prints: `mrv &1 &9 offset,jitter'.",
    ),
    (
        &["mreadlist", "mrl"],
        "\
Reads the variables that addvars has listed from all associations from one
identifier to another, with an empty line between them.",
    ),
    (
        &["writevar"],
        "\
Sends `name=value', or several parted by commas, for the daemon to set. ntpd
4.2.8 refuses all of its own variables, `leap' as well; :config changes its
configuration instead. The request is authenticated: see keyid, keytype and
passwd.",
    ),
    (
        &["writelist"],
        "\
Sends the names and values that addvars has listed for the daemon to set. The
request is authenticated: see keyid, keytype and passwd.",
    ),
    (
        &["pstats"],
        "\
Prints what the daemon counts about one association: packets sent and
received, why packets were refused, and when it last heard from the peer.",
    ),
    (
        &["config-from-file"],
        "\
Sends a file to ntpd line by line, as :config does, and prints the answer to
each. Empty lines and comments are passed over. The requests are
authenticated: see keyid, keytype and passwd.",
    ),
    (
        &["saveconfig"],
        "\
Makes ntpd write its configuration, with all changes made since it was
started, to a file in the folder that its `saveconfigdir' names. The request
is authenticated: see keyid, keytype and passwd.",
    ),
    (
        &["cooked"],
        "\
Prints variables decoded: times as dates, status words in words, addresses as
names. This is how it begins; raw is the opposite.",
    ),
    (
        &["raw"],
        "\
Prints variables as the daemon wrote them, and status words as numbers, until
cooked is said.",
    ),
    (
        &["delay"],
        "\
Kept so that scripts that set it go on working: it was added to the time
stamps of requests that changed things over slow lines. Nothing depends on it
now.",
    ),
    (
        &["drefid"],
        "\
Chooses how a reference identifier that is an address is printed: as an IPv4
address, or as a number in hexadecimal digits, since it may just as well be
the hash of an IPv6 address. The peers are then printed as apeers does.",
    ),
    (
        &["host"],
        "\
Chooses the daemon that is asked from now on: a name, an address, NAME:PORT or
[ADDRESS]:PORT. -4 or -6 before it chooses the family of its addresses.
Without a name this says who is asked. The list of associations is forgotten.",
    ),
    (
        &["ifstats"],
        "\
Prints the addresses that ntpd listens on and what it counts about each. The
request is authenticated: see keyid, keytype and passwd.",
    ),
    (
        &["reslist"],
        "\
Prints ntpd's `restrict' list: which addresses may do what, and how often each
entry was met. The request is authenticated: see keyid, keytype and passwd.",
    ),
    (
        &["iostats"],
        "\
Prints what ntpd counts about its buffers and packets.",
    ),
    (
        &["kerninfo"],
        "\
Prints what the kernel's clock discipline says: its offset, its frequency, its
error bounds, and those of a pulse-per-second signal where there is one.",
    ),
    (
        &["keyid"],
        "\
Says, or chooses, which of the daemon's keys authenticates requests. The key
must be the one that its `controlkey' names and be trusted; keytype and passwd
must match its key file.",
    ),
    (
        &["monstats"],
        "\
Prints how large the daemon's list of recent clients is and may become.
mrulist prints the list itself.",
    ),
    (
        &["mrulist"],
        "\
Reads the daemon's list of clients, the most recent first. To narrow it:
mincount=N packets at least, laddr=ADDRESS that they came to, resall=BITS or
resany=BITS of the restrictions, maxlstint=SECONDS since the last packet,
limited, kod; of NTPsec's daemon also recent=ROWS, minlstint=SECONDS,
mindrop=PACKETS, minscore=SCORE. To order it: sort=lstint, avgint, addr,
count, score or drop, with a `-' for the reverse. Ctrl-C ends the retrieval
and prints what has come so far.",
    ),
    (
        &["ntpversion"],
        "\
Says, or chooses, the version of NTP that requests claim: 1 to 4. Version 1
also reads the status words of peers as they were then, which is wrong for
today's daemons although they answer it.",
    ),
    (
        &["poll"],
        "\
Was never made; it says so.",
    ),
    (
        &["sysinfo"],
        "\
Prints the daemon's state in labelled lines: its source and how it follows it,
the distance from the reference clock, the leap indicator.",
    ),
    (
        &["sysstats"],
        "\
Prints what the daemon counts about packets: received, refused, limited,
answered.",
    ),
    (
        &["timerstats"],
        "\
Prints what ntpd counts about its timer.",
    ),
    (
        &["version"],
        "\
Prints the version of this program. `rv 0 version' prints the daemon's.",
    ),
];
