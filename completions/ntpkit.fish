# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_ntpkit_global_optspecs
    string join \n compat= h/help V/version
end

function __fish_ntpkit_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_ntpkit_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_ntpkit_using_subcommand
    set -l cmd (__fish_ntpkit_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c ntpkit -n "__fish_ntpkit_needs_command" -l compat -d 'Speak exactly as this release of the classic programs does: 4.2.8p15, or none; or print the tables of ntpsec' -r -f -a "4.2.8p15\t''
ntpsec\t''
none\t''"
complete -c ntpkit -n "__fish_ntpkit_needs_command" -s h -l help -d 'Print help'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -s V -l version -d 'Print version'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "keys" -d 'Look after files of symmetric keys'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "ntpdate" -d 'set the clock once from NTP servers'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "ntpdate-debian" -d 'set the clock once from the NTP servers that the system\'s configuration names'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "ntpdc" -d 'query and change classic NTP daemons over mode 7'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "ntpq" -d 'query NTP daemons: peers, variables, associations'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "ntp-wait" -d 'wait until the clock is synchronised'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "ntpstat" -d 'tell whether the clock is synchronised'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "ntptime" -d 'read and change the kernel\'s clock discipline'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "ntp-keygen" -d 'make key files: symmetric keys, Autokey\'s keys and certificates'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "help" -d 'Print this help, or that of an applet'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "install" -d 'Make (or remove) the links through which the applets are called'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "demo" -d 'Show the applets at work on simulated daemons, on this machine and without privileges'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand keys; and not __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand keys; and not __fish_seen_subcommand_from check" -f -a "check" -d 'Say what daemons would make of a key file: status 0 if they take every row, 1 if not, 2 if it cannot be read'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand keys; and __fish_seen_subcommand_from check" -l format -d 'The form of the findings' -r -f -a "text\t'Text for people'
json\t'JSON'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand keys; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s a -d 'Authenticate with the key of this number, and believe only authentic answers' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s e -d 'How long authentication takes on this machine, in seconds: less than 1' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s k -d 'The key file [default: the first of /etc/ntp.keys, /etc/ntp/keys and /etc/ntpsec/ntp.keys that exists]' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s o -d 'The protocol version of the requests' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s p -d 'How many samples to take of each server, 1 to 8: 1 with -q, else 4' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s t -d 'How long to wait for each answer, in seconds: at least 1, rounded to fifths' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s U -l user -d 'Go on as this user once the socket is open, with no privilege but that to set the clock' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l compat -d 'Speak exactly as this release of the classic program does: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l format -d 'The form of the results' -r -f -a "classic\t'The classic lines'
json\t'One JSON object'
openmetrics\t'OpenMetrics text'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l max-step -d 'Refuse to step or slew the clock by more than this' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l retry -d 'After a failure try again, so many times' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l wait -d 'How long to wait before each new try: at least 2 after servers were asked, doubled each time one limits its rate' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l deadline -d 'Give up after this time, all in all' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l step-tickers -d 'Ask the servers that this file lists' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l port -d 'The servers\' port' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s 4 -d 'Ask IPv4 addresses only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s 6 -d 'Ask IPv6 addresses only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s b -d 'Always step the clock, never slew it'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s B -d 'Always slew the clock, never step it'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s d -d 'Tell every step, and do not set the clock; twice or four times tells more'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s q -d 'Only tell what the servers say: do not set the clock'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s s -d 'Write messages to syslog instead of the terminal'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s u -d 'Send from any port, not from port 123'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s v -d 'Tell the version, and more of what happens'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l explain -d 'Say in plain words why there is no time, and what to do'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l quick -d 'Do not wait for the last servers once a majority of all agrees'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l rtc -d 'Set the hardware clock too, be the clock stepped, slewed or right; a user of -U may not'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s h -l help -d 'Print this help and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l version -d 'Print the version and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s a -d 'Authenticate with the key of this number, and believe only authentic answers' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s e -d 'How long authentication takes on this machine, in seconds: less than 1' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s k -d 'The key file [default: the first of /etc/ntp.keys, /etc/ntp/keys and /etc/ntpsec/ntp.keys that exists]' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s o -d 'The protocol version of the requests' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s p -d 'How many samples to take of each server, 1 to 8: 1 with -q, else 4' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s t -d 'How long to wait for each answer, in seconds: at least 1, rounded to fifths' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s U -l user -d 'Go on as this user once the socket is open, with no privilege but that to set the clock' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l compat -d 'Speak exactly as this release of the classic program does: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l format -d 'The form of the results' -r -f -a "classic\t'The classic lines'
json\t'One JSON object'
openmetrics\t'OpenMetrics text'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l max-step -d 'Refuse to step or slew the clock by more than this' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l retry -d 'After a failure try again, so many times' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l wait -d 'How long to wait before each new try: at least 2 after servers were asked, doubled each time one limits its rate' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l deadline -d 'Give up after this time, all in all' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l step-tickers -d 'Ask the servers that this file lists' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l port -d 'The servers\' port' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s 4 -d 'Ask IPv4 addresses only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s 6 -d 'Ask IPv6 addresses only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s b -d 'Always step the clock, never slew it'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s B -d 'Always slew the clock, never step it'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s d -d 'Tell every step, and do not set the clock; twice or four times tells more'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s q -d 'Only tell what the servers say: do not set the clock'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s s -d 'Write messages to syslog instead of the terminal'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s u -d 'Send from any port, not from port 123'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s v -d 'Tell the version, and more of what happens'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l explain -d 'Say in plain words why there is no time, and what to do'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l quick -d 'Do not wait for the last servers once a majority of all agrees'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l rtc -d 'Set the hardware clock too, be the clock stepped, slewed or right; a user of -U may not'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s h -l help -d 'Print this help and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l version -d 'Print the version and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -s c -l command -d 'Run this command and exit; may be given several times' -r -f -a ":config\t'change the configuration of the running daemon'
addvars\t'put variables on the list, or give them other values'
apeers\t'print the peers with their association identifiers'
associations\t'print the associations that are configured or reachable'
authenticate\t'show or choose whether all requests are authenticated'
authinfo\t'print the counters of symmetric authentication'
cl\t'read the variables of the list from a reference clock'
clearvars\t'take all variables off the list'
clocklist\t'read the variables of the list from a reference clock'
clockvar\t'read variables of a reference clock'
config-from-file\t'change the configuration of the running daemon by the lines of a file'
cooked\t'print variables decoded'
cv\t'read variables of a reference clock'
debug\t'show or change the debug level'
delay\t'show or set the delay added to time stamps'
drefid\t'show or set how reference identifiers are printed'
exit\t'leave'
help\t'list the commands, or explain one'
host\t'show or choose the daemon to ask'
hostnames\t'show or choose whether host names are printed'
ifstats\t'print the interfaces that the daemon uses, and their counters'
iostats\t'print the counters of network input and output'
kerninfo\t'print the state of the kernel\'s clock'
keyid\t'show or choose the key that requests are authenticated with'
keytype\t'show or choose the type of the key that requests are authenticated with'
lassociations\t'print all associations'
lopeers\t'print all peers with their local addresses'
lpassociations\t'print all associations of the last list read'
lpeers\t'print all peers, the unreachable without configuration too'
monstats\t'print the counters and limits of the list of clients'
mreadlist\t'read the variables of the list for a range of associations'
mreadvar\t'read variables of a range of associations'
mrl\t'read the variables of the list for a range of associations'
mrulist\t'print the addresses that the daemon heard of last'
mrv\t'read variables of a range of associations'
ntpversion\t'show or choose the protocol version to claim'
opeers\t'print the peers with their local addresses'
passociations\t'print the associations of the last list read'
passwd\t'give the secret of the key'
peers\t'print the peers'
poll\t'poll a server; this was never made'
pstats\t'print the statistics of one peer'
quit\t'leave'
raw\t'print variables as received'
readlist\t'read the variables of the list'
readvar\t'read variables of the daemon or of one association'
reslist\t'print the access restrictions, and how often each was used'
rl\t'read the variables of the list'
rmvars\t'take variables off the list'
rv\t'read variables of the daemon or of one association'
saveconfig\t'let the daemon write its configuration to a file'
showvars\t'print the variables on the list'
sysinfo\t'print the state of the daemon'
sysstats\t'print the uptime of the daemon and its counters of packets'
timeout\t'show or set how long to wait for an answer'
timerstats\t'print the counters of the interval timer'
version\t'print the version'
writelist\t'write the variables of the list'
writevar\t'write variables'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -s D -l set-debug-level -d 'Set the debug level' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l load-opts -d 'Take options from this file, besides ~/.ntprc' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l compat -d 'Speak exactly as this classic release does: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l format -d 'The form of what peers, showpeer, sysinfo, sysstats, iostats, loopinfo, kerninfo, monlist, reslist and ifstats print' -r -f -a "classic\t'The classic columns'
table\t'A table with borders, for people'
json\t'JSON, one object for each host'
openmetrics\t'OpenMetrics text'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l name-timeout -d 'How long to wait for all name look-ups together, in seconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -s 4 -l ipv4 -d 'Look up IPv4 addresses only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -s 6 -l ipv6 -d 'Look up IPv6 addresses only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -s d -l debug-level -d 'Raise the debug level by one; may be given several times'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -s i -l interactive -d 'Prompt for commands although standard input is no terminal'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -s l -l listpeers -d 'Print the list of peers: the same as -c listpeers'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -s n -l numeric -d 'Print addresses instead of host names; ask no name server about them'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -s p -l peers -d 'Print the peers: the same as -c peers'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -s s -l showpeers -d 'Print the peers in another form: the same as -c dmpeers'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l no-load-opts -d 'Take no options from ~/.ntprc and the environment'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l save-opts -d 'Save the options to this file, else to ~/.ntprc, and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l version -d 'Print the version and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -s '?' -l help -d 'Print this help and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l more-help -d 'Print this help through $PAGER and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s c -l command -d 'Run this command and exit; repeatable' -r -f -a ":config\t'change the configuration of the running daemon'
addvars\t'put variables on the list, or give them other values'
apeers\t'print the peers with their association identifiers'
associations\t'print the associations that are configured or reachable'
authenticate\t'show or choose whether all requests are authenticated'
authinfo\t'print the counters of symmetric authentication'
cl\t'read the variables of the list from a reference clock'
clearvars\t'take all variables off the list'
clocklist\t'read the variables of the list from a reference clock'
clockvar\t'read variables of a reference clock'
config-from-file\t'change the configuration of the running daemon by the lines of a file'
cooked\t'print variables decoded'
cv\t'read variables of a reference clock'
debug\t'show or change the debug level'
delay\t'show or set the delay added to time stamps'
drefid\t'show or set how reference identifiers are printed'
exit\t'leave'
help\t'list the commands, or explain one'
host\t'show or choose the daemon to ask'
hostnames\t'show or choose whether host names are printed'
ifstats\t'print the interfaces that the daemon uses, and their counters'
iostats\t'print the counters of network input and output'
kerninfo\t'print the state of the kernel\'s clock'
keyid\t'show or choose the key that requests are authenticated with'
keytype\t'show or choose the type of the key that requests are authenticated with'
lassociations\t'print all associations'
lopeers\t'print all peers with their local addresses'
lpassociations\t'print all associations of the last list read'
lpeers\t'print all peers, the unreachable without configuration too'
monstats\t'print the counters and limits of the list of clients'
mreadlist\t'read the variables of the list for a range of associations'
mreadvar\t'read variables of a range of associations'
mrl\t'read the variables of the list for a range of associations'
mrulist\t'print the addresses that the daemon heard of last'
mrv\t'read variables of a range of associations'
ntpversion\t'show or choose the protocol version to claim'
opeers\t'print the peers with their local addresses'
passociations\t'print the associations of the last list read'
passwd\t'give the secret of the key'
peers\t'print the peers'
poll\t'poll a server; this was never made'
pstats\t'print the statistics of one peer'
quit\t'leave'
raw\t'print variables as received'
readlist\t'read the variables of the list'
readvar\t'read variables of the daemon or of one association'
reslist\t'print the access restrictions, and how often each was used'
rl\t'read the variables of the list'
rmvars\t'take variables off the list'
rv\t'read variables of the daemon or of one association'
saveconfig\t'let the daemon write its configuration to a file'
showvars\t'print the variables on the list'
sysinfo\t'print the state of the daemon'
sysstats\t'print the uptime of the daemon and its counters of packets'
timeout\t'show or set how long to wait for an answer'
timerstats\t'print the counters of the interval timer'
version\t'print the version'
writelist\t'write the variables of the list'
writevar\t'write variables'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s D -l set-debug-level -d 'Set the debug level to N' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s r -l refid -d 'Print addresses among reference identifiers so: hash or ipv4' -r -f -a "hash\t''
ipv4\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s k -l keyfile -d 'A file of keys, in the form of ntp.keys' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s a -l authentication -d 'The identifier of the key to authenticate requests with' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l load-opts -d 'Take options from this file, besides ~/.ntprc' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s W -l width -d 'Make lines of N columns, terminal or not' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s l -l logfile -d 'Append what -d tells to this file' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l format -d 'The form of what commands print' -r -f -a "classic\t'The classic columns'
table\t'A table with borders, for people'
json\t'JSON, one object for each host'
openmetrics\t'OpenMetrics text'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l daemon -d 'Show the peers of this daemon, from its own protocol: chronyd, ntpd-rs, timesyncd, chronyd:PATH or ntpd-rs:PATH at a socket of its own; with ntpd only those of one that speaks mode 6; without, the first that answers' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l color -d 'Colour the tally character' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'In any case'
never\t'Not at all'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l name-timeout -d 'How long to wait for all name look-ups together' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l compat -d 'Speak exactly as this classic release does: 4.2.8p15, or none; or print the tables of ntpsec' -r -f -a "4.2.8p15\t''
ntpsec\t''
none\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s 4 -l ipv4 -d 'Look up IPv4 addresses only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s 6 -l ipv6 -d 'Look up IPv6 addresses only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s d -l debug-level -d 'Raise the debug level by one; repeatable'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s i -l interactive -d 'Prompt for commands, terminal or not'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s n -l numeric -d 'Print addresses, and look no names up for them'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l old-rv -d 'Print the status line also for named variables'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s p -l peers -d 'Print the peers: the same as -c peers'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s w -l wide -d 'Print the names of peers in full, long ones on lines of their own'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l no-load-opts -d 'Take no options from ~/.ntprc and the environment'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l save-opts -d 'Save the options to this file, else to ~/.ntprc, and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l version -d 'Print the version and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s '?' -l help -d 'Print this help and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l more-help -d 'Print this help through $PAGER and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s u -l units -d 'Print numbers of the classic layouts with units: 17.176us'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-wait" -s n -l tries -d 'How often to look' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-wait" -s s -l sleep -d 'How long to sleep in between' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-wait" -l daemon -d 'Ask this daemon alone: ntpd, chronyd, ntpd-rs, timesyncd, chronyd:PATH or ntpd-rs:PATH at a socket of its own; auto tries them in turn' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-wait" -s v -l verbose -d 'Show the progress'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-wait" -s h -l help -d 'Print this help and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-wait" -l version -d 'Print the version and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -s m -l maxerror -d 'Fail if the clock may be wrong by more than this, in milliseconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -l daemon -d 'Ask this daemon alone: ntpd, chronyd, ntpd-rs, timesyncd, chronyd:PATH or ntpd-rs:PATH at a socket of its own; auto tries them in turn' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -l timeout -d 'Wait no longer than this for an answer' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -l wait -d 'Wait until the clock is synchronised, but no longer than this (600 seconds without a number)' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -s w -l warning -d 'With --check: warn outside these ranges of the offset, the maximum error (both in seconds) and the stratum' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -s c -l critical -d 'With --check: the same for the critical state' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -l format -d 'The form of the results' -r -f -a "classic\t'The classic lines'
json\t'JSON, one object'
openmetrics\t'OpenMetrics text'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -l compat -d 'Speak exactly as the classic program does: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -s 4 -l ipv4 -d 'Ask over IPv4 alone'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -s 6 -l ipv6 -d 'Ask over IPv6 alone'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -l check -d 'Print the line, and end with the status, of a monitoring plugin'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -s h -l help -d 'Print this help and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -l version -d 'Print the version and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s T -d 'Set the offset of TAI from UTC, in seconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s e -d 'Set the estimated error, in microseconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s f -d 'Set the frequency, -500 to 500 parts per million' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s m -d 'Set the maximum error, in microseconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s o -d 'Slew the clock by this offset, in microseconds (nanoseconds where the kernel counts in these)' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s s -d 'Set the status bits, 0 to 255' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s t -d 'Set the time constant, log2 of seconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -l compat -d 'Speak exactly as this release of the classic program does: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -l format -d 'The form of the results' -r -f -a "classic\t'The classic lines'
json\t'JSON, one object for each reading'
openmetrics\t'OpenMetrics text'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -l watch -d 'Print the state again and again, every so many seconds (1 without a number)' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s M -d 'Let the kernel count in microseconds'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s N -d 'Let the kernel count in nanoseconds'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s c -d 'Print how long the calls to read the clock take'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s d -d 'Nothing: known, but only answered with the summary'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s h -d 'Print a summary of the options'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s r -d 'Print the times as bare numbers too'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -l help -d 'Print this help and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -l version -d 'Print the version and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l type -d 'The type of symmetric keys, MD5 and SHA1 without; several types share the keys evenly' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l count -d 'How many symmetric keys, 20 without' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l first-id -d 'The identifier of the first symmetric key, 1 without; the others follow' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l check -d 'Say what daemons would make of this file of symmetric keys, and make nothing' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s i -l ident -d 'The name of the group' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s s -l subject-name -d 'The host, and after an @ the group' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s S -l sign-key -d 'Make a new sign key: RSA or DSA; the host key signs without' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s m -l modulus -d 'Bits of RSA and DSA keys: 512 to 4096, 2048 without' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s c -l certificate -d 'How certificates are signed, RSA-SHA256 without, or as the present certificate is' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s C -l cipher -d 'The cipher of private keys: des-ede3-cbc or aes-128-cbc, aes-192-cbc, aes-256-cbc' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s l -l lifetime -d 'Days for which certificates hold' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s p -l password -d 'The password of private keys, the machine\'s name without. Others can see it in the list of processes: see --password-file' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l password-file -d 'Read the password of private keys from the first line of this file; it can also stand in the environment, as NTP_KEYGEN_PASSWORD' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s q -l export-passwd -d 'Write the group\'s keys for its servers to standard output, encrypted with this password' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l export-passwd-file -d 'The same, the password read from the first line of this file; it can also stand in the environment, as NTP_KEYGEN_EXPORT_PASSWD' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l gq-layout -d 'For which ntpd files of GQ are made, the same as the present keys are without' -r -f -a "original\t'As documented: for an ntpd built with OpenSSL 1.0 or older'
openssl-1.1\t'As an ntpd built with OpenSSL 1.1 expects them'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s V -l mv-params -d 'Make new keys of the identity scheme MV for this many clients, 1 to 99' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s b -l imbits -d 'Bits of the identity schemes\' moduli, 256 to 2048: without, 2048 for IFF, 1016 for GQ and 512 for MV' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s D -l set-debug-level -d 'Tell the public parts of what is made if this is not 0' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s v -l mv-keys -d 'Refused: it never did anything' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l format -d 'The form of what goes to standard output' -r -f -a "text\t'Text for people'
json\t'JSON'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l load-opts -d 'Take options from this file, besides ~/.ntprc' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l compat -d 'Speak exactly as this classic release does: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s M -l md5key -d 'Make a file of symmetric keys; all options of other files are ignored'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l literal -d 'Make symmetric keys that can be typed after passwd: characters, none of them special, and no hexadecimal numbers, whose digits the classic ntpq and ntpdc take for the secret itself'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l stdout -d 'Write symmetric keys to standard output and not to a file'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s H -l host-key -d 'Make a new RSA host key'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s T -l trusted-cert -d 'Make the host a root of trust'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s P -l pvt-cert -d 'Make a private certificate'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s e -l id-key -d 'Write the group\'s parameters for its clients to standard output'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s I -l iffkey -d 'Make new keys of the identity scheme IFF'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s G -l gq-params -d 'Make new parameters and keys of the identity scheme GQ'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s g -l gq-keys -d 'Make new keys of the identity scheme GQ, with the present parameters if there are any'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s d -l debug-level -d 'Tell the public parts of what is made; may be given several times'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l no-load-opts -d 'Take no options from ~/.ntprc and the environment'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l save-opts -d 'Save the options to this file, else to ~/.ntprc, and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l version -d 'Print the version and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s '?' -l help -d 'Print this help and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l more-help -d 'Print this help through $PAGER and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand help" -s h -l help -d 'Print help'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand install" -l dir -d 'Folder of the links [default: the folder of this program]' -r -f -a "(__fish_complete_directories)"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand install" -l force -d 'Replace files and links of the same names that are not this program\'s'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand install" -l uninstall -d 'Remove this program\'s links instead, and nothing else'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand install" -s h -l help -d 'Print help'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand demo" -l list -d 'List the scenarios and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand demo" -l serve -d 'Only start the daemons, print their addresses, and serve until standard input ends'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand demo" -s h -l help -d 'Print help'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -f -a ""
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -f -a ""
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -f -a "(__fish_print_hostnames)"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -f -a "(__fish_print_hostnames)"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-wait" -f -a ""
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -f -a ""
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -f -a ""
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -f -a ""
complete -c ntpkit -n "__fish_ntpkit_using_subcommand help" -f -a "ntpdate ntpdate-debian ntpdc ntpq ntp-wait ntpstat ntptime ntp-keygen"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand demo" -f -a "campus ntpsec pulse young restless crowd"
