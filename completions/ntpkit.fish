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

complete -c ntpkit -n "__fish_ntpkit_needs_command" -l compat -d 'Reproduce this release of the classic programs exactly: 4.2.8p15 or none; ntpsec prints NTPsec\'s tables' -r -f -a "4.2.8p15\t''
ntpsec\t''
none\t''"
complete -c ntpkit -n "__fish_ntpkit_needs_command" -s h -l help -d 'Print help'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -s V -l version -d 'Print version'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "fleet" -d 'Check a whole fleet of hosts at once: status 0 if all is well, 1 with warnings, 2 if anything is critical, 3 if unknown'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "keys" -d 'Check symmetric key files'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "check-config" -d 'Check the configuration of a time daemon: status 0 if clean, 1 with warnings, 2 with errors'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "chrony" -d 'Print the reports of chronyd, of this machine or of many hosts: tracking, sources and others'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "diag" -d 'Find out what is wrong with the time on this machine or other hosts, and how to fix it'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "exporter" -d 'Serve metrics over HTTP for Prometheus: of this machine, and of other hosts through `/probe`'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "exposure" -d 'Test what servers reveal to strangers, how far they amplify traffic, and which configuration prevents it'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "leap" -d 'Check the leap-seconds list: status 0 if it is intact and has not expired, 1 if not, 2 if there is none'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "nts" -d 'Examine Network Time Security (NTS) servers layer by layer'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "ping" -d 'Poll servers for the time repeatedly: offset, delay, stratum, loss, jitter, and the spread between them'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "check_ntp_peer" -d 'monitoring plugin: how well does an NTP daemon keep its clock?'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "check_ntp_time" -d 'monitoring plugin: how far is this clock from NTP servers?'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "ntpdate" -d 'set the clock once from NTP servers'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "ntpdate-debian" -d 'set the clock once from the NTP servers that the system\'s configuration names'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "ntpdc" -d 'query and change classic NTP daemons over mode 7'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "ntpmon" -d 'monitor NTP daemons on the whole terminal'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "ntpq" -d 'query NTP daemons: peers, variables, associations'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "ntp-wait" -d 'wait until the clock is synchronised'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "ntpstat" -d 'report whether the clock is synchronised'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "ntptime" -d 'read and change the kernel\'s clock discipline'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "ntptrace" -d 'follow a clock to its sources, up to a primary server'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "ntpsweep" -d 'list hosts with their strata, offsets and programs'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "ntp-keygen" -d 'make key files: symmetric keys, Autokey\'s keys and certificates'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "help" -d 'Print this help, or that of an applet'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "install" -d 'Create or remove the links for calling applets by name'
complete -c ntpkit -n "__fish_ntpkit_needs_command" -f -a "demo" -d 'Demonstrate the applets on simulated daemons, without privileges'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -l hosts-from -d 'Also query the hosts listed in FILE (`-`: standard input); repeatable' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -l hosts-format -d 'Format of these files; detected from the content by default' -r -f -a "auto\t'Detect the format from the content'
list\t'One host or network per line'
ansible-ini\t'An Ansible inventory in INI format'
ansible-json\t'An Ansible inventory in JSON, as `ansible-inventory --list` prints it'
ansible-yaml\t'An Ansible inventory in YAML'
file-sd-json\t'Prometheus targets (`file_sd`) in JSON'
file-sd-yaml\t'Prometheus targets (`file_sd`) in YAML'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -l hosts-port -d 'Query the hosts in these files on this port, overriding any port in the files' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -s p -l port -d 'Default port of hosts' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -l by -d 'Query each host over this protocol; its clock is measured by SNTP in any case' -r -f -a "auto\t'Mode 6, else chronyd\'s protocol, else SNTP only'
control\t'Mode 6 (ntpd)'
chrony\t'chronyd\'s command protocol'
sntp\t'None: the time only'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -l chrony-port -d 'Port of chronyd\'s command protocol' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -s t -l timeout -d 'Timeout per host, in seconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -s w -l warning -d 'WARNING if the absolute offset is outside this range, in seconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -s c -l critical -d 'CRITICAL if the absolute offset is outside this range, in seconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -l bound -d 'WARNING if the error bound of a host is outside this range, in seconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -l stratum -d 'WARNING if the stratum of a host is outside this range' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -l sources -d 'WARNING if the number of usable sources of a host is outside this range (RFC 8633 recommends `4:`)' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -s N -l worst -d 'Show at most this many hosts with problems in the table [default: 20]' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -l only -d 'Show all hosts of this kind' -r -f -a "problems\t'Those with problems'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -l sort -d 'Sort hosts by this figure, worst first' -r -f -a "offset\t'Absolute offset'
bound\t'Error bound'
stratum\t'Stratum'
reach\t'Reachability of the followed source'
name\t'Name'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -l watch -d 'Look repeatedly, SECONDS apart [default: 10]; on a terminal in place, until `q`' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -l format -d 'Output format [default: table]' -r -f -a "table\t'Human-readable text'
json\t'One JSON object per line: one for each host, one for the fleet'
openmetrics\t'OpenMetrics text'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -l output -d 'Write the results to FILE, atomically; for a FILE ending in `.prom`, in the format that `node_exporter`\'s textfile collector reads' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -s j -l jobs -d 'Query at most NUMBER hosts at once' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -l yes -d 'Query all addresses of large networks without confirmation'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -s 4 -l ipv4 -d 'Use IPv4 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -s a -l all -d 'Show every host; in OpenMetrics, with its own samples'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -l explain -d 'Explain each failure: its possible reasons, each with the command that confirms or excludes it'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand keys; and not __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand keys; and not __fish_seen_subcommand_from check" -f -a "check" -d 'Check how daemons read a key file: status 0 if every line is accepted, 1 if not, 2 if it cannot be read'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand keys; and __fish_seen_subcommand_from check" -l format -d 'Output format [default: text]' -r -f -a "text\t'Human-readable text'
json\t'JSON'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand keys; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check-config" -l daemon -d 'The daemon that the files are for [default: guessed from name and path]' -r -f -a "ntpd\t''
ntpsec\t''
chrony\t''
timesyncd\t''
ntpd-rs\t''
step-tickers\t''
ntpdate\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check-config" -l format -d 'Output format [default: text]' -r -f -a "text\t'Human-readable text'
json\t'JSON'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check-config" -l root -d 'Directory to use as / for the default files and for the files that they refer to' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check-config" -l suggest -d 'Print the suggested changes as a unified diff instead of the findings; nothing is written'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check-config" -l elsewhere -d 'The files are for another machine: do not check files and directories on this one'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check-config" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand chrony" -l hosts-from -d 'Also query the hosts listed in FILE (`-`: standard input); repeatable' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand chrony" -l hosts-format -d 'Format of these files; detected from the content by default' -r -f -a "auto\t'Detect the format from the content'
list\t'One host or network per line'
ansible-ini\t'An Ansible inventory in INI format'
ansible-json\t'An Ansible inventory in JSON, as `ansible-inventory --list` prints it'
ansible-yaml\t'An Ansible inventory in YAML'
file-sd-json\t'Prometheus targets (`file_sd`) in JSON'
file-sd-yaml\t'Prometheus targets (`file_sd`) in YAML'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand chrony" -l hosts-port -d 'Query the hosts in these files on this port, overriding any port in the files' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand chrony" -l jobs -d 'Query at most NUMBER hosts at once' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand chrony" -s p -l min-packets -d 'Omit clients that sent fewer packets' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand chrony" -l port -d 'Port of hosts that are named without one' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand chrony" -s t -l timeout -d 'Timeout per host, in seconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand chrony" -l format -d 'Output format [default: classic]' -r -f -a "classic\t'Classic columns'
table\t'A table with borders'
json\t'JSON, one object per host'
openmetrics\t'OpenMetrics text'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand chrony" -l output -d 'Write the results to FILE, atomically; for a FILE ending in `.prom`, in the format that `node_exporter`\'s textfile collector reads' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand chrony" -l yes -d 'Query all addresses of large networks without confirmation'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand chrony" -s n -l numeric -d 'Print addresses, not names'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand chrony" -s c -l csv -d 'Print chronyc\'s CSV; with several hosts, each line begins with the host'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand chrony" -s a -l all -d 'Also list sources whose names have no address yet'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand chrony" -s v -l verbose -d 'Explain the columns'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand chrony" -s k -l key-establishments -d 'In the columns of clients, print NTS key establishments instead of commands'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand chrony" -s 4 -l ipv4 -d 'Use IPv4 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand chrony" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand chrony" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand diag" -l hosts-from -d 'Also query the hosts listed in FILE (`-`: standard input); repeatable' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand diag" -l hosts-format -d 'Format of these files; detected from the content by default' -r -f -a "auto\t'Detect the format from the content'
list\t'One host or network per line'
ansible-ini\t'An Ansible inventory in INI format'
ansible-json\t'An Ansible inventory in JSON, as `ansible-inventory --list` prints it'
ansible-yaml\t'An Ansible inventory in YAML'
file-sd-json\t'Prometheus targets (`file_sd`) in JSON'
file-sd-yaml\t'Prometheus targets (`file_sd`) in YAML'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand diag" -l hosts-port -d 'Query the hosts in these files on this port, overriding any port in the files' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand diag" -l jobs -d 'Query at most NUMBER hosts at once' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand diag" -l timeout -d 'Timeout for each query, in seconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand diag" -l explain -d 'Explain a check, or all of them with `all`, without examining anything' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand diag" -l format -d 'Output format [default: text]' -r -f -a "text\t'Human-readable text'
json\t'JSON'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand diag" -l yes -d 'Query all addresses of large networks without confirmation'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand diag" -s 4 -l ipv4 -d 'Use IPv4 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand diag" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand diag" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exporter" -l web.listen-address -d 'Listen on ADDRESS:PORT, [ADDRESS]:PORT or :PORT; repeatable' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exporter" -l web.telemetry-path -d 'The path of this machine\'s metrics' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exporter" -l web.config.file -d 'TLS and basic authentication, in the YAML form of the Prometheus exporter toolkit' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exporter" -l allow-targets -d 'Networks whose hosts `/probe` may query, separated by commas [default: this machine and its own networks]' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exporter" -l min-interval -d 'Query a target at most once in this many seconds; other requests get the same answer' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exporter" -l probe.timeout -d 'Timeout per target, in seconds, unless the scraper allows less' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exporter" -l ca -d 'For the module `nts`, trust only the certificate authorities in this PEM file' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exporter" -l log.level -d 'Lowest level of messages to log: debug, info, warn or error' -r -f -a "debug\t'For debugging'
info\t'Normal operation'
warn\t'A problem that does not stop the exporter'
error\t'A failure'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exporter" -l daemon -d 'This machine\'s daemon: `ntpd`, `chronyd`, `ntpd-rs`, `timesyncd`, or `chronyd:PATH` or `ntpd-rs:PATH` for a socket elsewhere [default: the one that disciplines the clock]' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exporter" -l web.systemd-socket -d 'Use the sockets that systemd passes (`LISTEN_FDS`); fail if there are none'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exporter" -l collector.system -d 'Health and variables of the daemon (default)'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exporter" -l no-collector.system -d 'Without them'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exporter" -l collector.peers -d 'The daemon\'s sources (default)'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exporter" -l no-collector.peers -d 'Without them'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exporter" -l collector.kernel -d 'The kernel\'s clock (default)'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exporter" -l no-collector.kernel -d 'Without it'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exporter" -l collector.chrony -d 'What only chronyd reports: tracking, activity, server statistics (default)'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exporter" -l no-collector.chrony -d 'Without it'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exporter" -l collector.clients -d 'Recent clients of ntpd, counted by mode and version'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exporter" -l no-collector.clients -d 'Without them (default)'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exporter" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exposure" -l hosts-from -d 'Also query the hosts listed in FILE (`-`: standard input); repeatable' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exposure" -l hosts-format -d 'Format of these files; detected from the content by default' -r -f -a "auto\t'Detect the format from the content'
list\t'One host or network per line'
ansible-ini\t'An Ansible inventory in INI format'
ansible-json\t'An Ansible inventory in JSON, as `ansible-inventory --list` prints it'
ansible-yaml\t'An Ansible inventory in YAML'
file-sd-json\t'Prometheus targets (`file_sd`) in JSON'
file-sd-yaml\t'Prometheus targets (`file_sd`) in YAML'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exposure" -l hosts-port -d 'Query the hosts in these files on this port, overriding any port in the files' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exposure" -s p -l port -d 'Port of hosts that are named without one' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exposure" -l chrony-port -d 'Port of chronyd\'s command protocol' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exposure" -s w -l warning -d 'WARNING if the amplification of an answer is outside this range' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exposure" -s c -l critical -d 'CRITICAL if the amplification of an answer that needs no nonce is outside this range' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exposure" -l format -d 'Output format [default: text]' -r -f -a "text\t'Human-readable text'
json\t'JSON'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exposure" -s 4 -l ipv4 -d 'Use IPv4 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exposure" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exposure" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand leap" -s w -l warning -d 'Warn if the list expires within this many days' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand leap" -s c -l critical -d 'Critical if the list expires within this many days' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand leap" -l format -d 'Output format [default: text]' -r -f -a "text\t'Human-readable text'
json\t'JSON'
openmetrics\t'OpenMetrics text'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand leap" -l output -d 'Write the results to FILE, atomically; for a FILE ending in `.prom`, in the format that `node_exporter`\'s textfile collector reads' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand leap" -l check -d 'Print a monitoring plugin\'s line and use its exit statuses'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand leap" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand nts" -l hosts-from -d 'Also query the hosts listed in FILE (`-`: standard input); repeatable' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand nts" -l hosts-format -d 'Format of these files; detected from the content by default' -r -f -a "auto\t'Detect the format from the content'
list\t'One host or network per line'
ansible-ini\t'An Ansible inventory in INI format'
ansible-json\t'An Ansible inventory in JSON, as `ansible-inventory --list` prints it'
ansible-yaml\t'An Ansible inventory in YAML'
file-sd-json\t'Prometheus targets (`file_sd`) in JSON'
file-sd-yaml\t'Prometheus targets (`file_sd`) in YAML'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand nts" -l hosts-port -d 'Query the hosts in these files on this port, overriding any port in the files' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand nts" -l jobs -d 'Query at most NUMBER hosts at once' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand nts" -l ke-port -d 'Port of the key exchange' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand nts" -l port -d 'NTP port, unless the key exchange names another' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand nts" -l ca -d 'Trust only the certificate authorities in this PEM file' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand nts" -l aead -d 'Offer only this AEAD algorithm' -r -f -a "15\t'AEAD_AES_SIV_CMAC_256'
30\t'AEAD_AES_128_GCM_SIV'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand nts" -l timeout -d 'Timeout for name lookups and the key exchange, in seconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand nts" -s w -l warning -d 'Warn if the certificate has fewer days left' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand nts" -s c -l critical -d 'Fail if the certificate has fewer days left' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand nts" -l format -d 'Output format [default: text]' -r -f -a "text\t'Human-readable text'
json\t'JSON'
openmetrics\t'OpenMetrics text'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand nts" -l output -d 'Write the results to FILE, atomically; for a FILE ending in `.prom`, in the format that `node_exporter`\'s textfile collector reads' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand nts" -l yes -d 'Query all addresses of large networks without confirmation'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand nts" -s 4 -l ipv4 -d 'Use IPv4 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand nts" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand nts" -l nts-trust-time -d 'Do not trust this machine\'s clock: accept certificates that are valid at some other time'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand nts" -l lengths -d 'Find the longest request that gets a reply; takes up to a minute'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand nts" -l check -d 'Print a monitoring plugin\'s line and exit with its status'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand nts" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ping" -l hosts-from -d 'Also query the hosts listed in FILE (`-`: standard input); repeatable' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ping" -l hosts-format -d 'Format of these files; detected from the content by default' -r -f -a "auto\t'Detect the format from the content'
list\t'One host or network per line'
ansible-ini\t'An Ansible inventory in INI format'
ansible-json\t'An Ansible inventory in JSON, as `ansible-inventory --list` prints it'
ansible-yaml\t'An Ansible inventory in YAML'
file-sd-json\t'Prometheus targets (`file_sd`) in JSON'
file-sd-yaml\t'Prometheus targets (`file_sd`) in YAML'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ping" -l hosts-port -d 'Query the hosts in these files on this port, overriding any port in the files' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ping" -l jobs -d 'Query at most NUMBER hosts at once' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ping" -s c -l count -d 'Poll each host this many times [default: until interrupted]' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ping" -s i -l interval -d 'Time between two rounds in seconds; at least 2 except for servers on this machine' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ping" -l format -d 'Output format [default: text]' -r -f -a "text\t'Human-readable text'
json\t'JSON'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ping" -l yes -d 'Query all addresses of large networks without confirmation'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ping" -l compare -d 'Also print each clock\'s offset from the first host\'s'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ping" -l explain -d 'Explain each failure: its possible reasons, each with the command that confirms or excludes it'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ping" -s 4 -l ipv4 -d 'Use IPv4 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ping" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ping" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -s p -l port -d 'Default port of hosts' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -s w -l warning -d 'WARNING if the absolute offset is outside this range, in seconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -s c -l critical -d 'CRITICAL if the absolute offset is outside this range, in seconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -s W -l swarn -d 'WARNING if the stratum is outside this range' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -s C -l scrit -d 'CRITICAL if the stratum is outside this range' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -l dwarn -d 'WARNING if the root distance is outside this range, in seconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -l dcrit -d 'CRITICAL if the root distance is outside this range, in seconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -s t -l timeout -d 'Finish within this time, name lookups included' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -l extra-opts -d 'Also read options from an INI file: SECTION, @FILE or SECTION@FILE' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -l compat -d 'Print the bytes of this release of the Monitoring Plugins: 2.3.3, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -s H -l hostname -d 'NAME, ADDRESS, NAME:PORT or [ADDRESS]:PORT of the daemon' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -s j -l jwarn -d 'WARNING if the jitter is outside this range, in milliseconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -s k -l jcrit -d 'CRITICAL if the jitter is outside this range, in milliseconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -s m -l twarn -d 'WARNING if the number of good sources is outside this range (RFC 8633 recommends 4:)' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -s n -l tcrit -d 'CRITICAL if the number of good sources is outside this range' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -l rwarn -d 'WARNING if the number of answered polls among the source\'s last eight is outside this range' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -l rcrit -d 'CRITICAL if the number of answered polls among the source\'s last eight is outside this range' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -l grace -d 'No alert for what a daemon that started less than this long ago cannot have yet; of chronyd and systemd-timesyncd that is known on their own machine only' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -l daemon -d 'Query this daemon: auto, ntpd, chronyd, ntpd-rs, timesyncd, chronyd:PATH or ntpd-rs:PATH' -r -f -a "auto\t''
ntpd\t''
chronyd\t''
ntpd-rs\t''
timesyncd\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -s 4 -l use-ipv4 -d 'Use IPv4 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -s 6 -l use-ipv6 -d 'Use IPv6 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -s q -l quiet -d 'UNKNOWN instead of CRITICAL or WARNING if there is no time'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -s v -l verbose -d 'Also print a line for each server or source'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -l explain -d 'Explain each failure: its possible reasons, each with the command that confirms or excludes it'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -s h -l help -d 'Print this help and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_peer" -l version -d 'Print the version and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_time" -s p -l port -d 'Default port of hosts' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_time" -s w -l warning -d 'WARNING if the absolute offset is outside this range, in seconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_time" -s c -l critical -d 'CRITICAL if the absolute offset is outside this range, in seconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_time" -s W -l swarn -d 'WARNING if the stratum is outside this range' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_time" -s C -l scrit -d 'CRITICAL if the stratum is outside this range' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_time" -l dwarn -d 'WARNING if the root distance is outside this range, in seconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_time" -l dcrit -d 'CRITICAL if the root distance is outside this range, in seconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_time" -s t -l timeout -d 'Finish within this time, name lookups included' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_time" -l extra-opts -d 'Also read options from an INI file: SECTION, @FILE or SECTION@FILE' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_time" -l compat -d 'Print the bytes of this release of the Monitoring Plugins: 2.3.3, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_time" -s H -l hostname -d 'daemon to ask' -r -f -a "(__fish_print_hostnames)"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_time" -s o -l time-offset -l time_offset -d 'Add this to the measured offset, in seconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_time" -s 4 -l use-ipv4 -d 'Use IPv4 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_time" -s 6 -l use-ipv6 -d 'Use IPv6 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_time" -s q -l quiet -d 'UNKNOWN instead of CRITICAL or WARNING if there is no time'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_time" -s v -l verbose -d 'Also print a line for each server or source'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_time" -l explain -d 'Explain each failure: its possible reasons, each with the command that confirms or excludes it'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_time" -s h -l help -d 'Print this help and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check_ntp_time" -l version -d 'Print the version and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s a -d 'Authenticate with this key and accept only authentic answers' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s e -d 'Time that authentication takes on this machine, in seconds, less than 1' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s k -d 'Key file [default: the first of /etc/ntp.keys, /etc/ntp/keys and /etc/ntpsec/ntp.keys that exists]' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s o -d 'Protocol version of the requests' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s p -d 'Samples per server, 1 to 8 [default: 1 with -q, otherwise 4]' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s t -d 'Time to wait for an answer, in seconds, at least 1, rounded to 0.2' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s U -l user -d 'Switch to this user once the socket is open, keeping only the privilege to set the clock' -r -f -a "(__fish_complete_users)"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l compat -d 'Reproduce this release of the classic program exactly: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l format -d 'Output format [default: classic]' -r -f -a "classic\t'Classic lines'
json\t'JSON'
openmetrics\t'OpenMetrics text'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l output -d 'Write the results to FILE, atomically; for a FILE ending in .prom, in the format that node_exporter\'s textfile collector reads' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l max-step -d 'Refuse to adjust the clock by more than this' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l retry -d 'Number of retries after a failure' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l wait -d 'Time before a retry: at least 2 s if servers were queried, doubled each time one limits the rate' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l deadline -d 'Give up after this total time' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l step-tickers -d 'Query the servers listed in this file' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l hosts-from -d 'Also query the hosts listed in FILE (-: standard input); repeatable' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l hosts-format -d 'Format of these files; detected from the content by default' -r -f -a "auto\t'Detect the format from the content'
list\t'One host or network per line'
ansible-ini\t'An Ansible inventory in INI format'
ansible-json\t'An Ansible inventory in JSON, as ansible-inventory --list prints it'
ansible-yaml\t'An Ansible inventory in YAML'
file-sd-json\t'Prometheus targets (file_sd) in JSON'
file-sd-yaml\t'Prometheus targets (file_sd) in YAML'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l hosts-port -d 'Query the hosts in these files on this port, overriding any port in the files' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l jobs -d 'Query at most NUMBER hosts at once' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l port -d 'Default port of servers' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l nts-save -d 'Keep NTS keys and cookies in this file, so that later runs need no new handshake' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l ca -d 'For NTS, trust the certificate authorities in this PEM file only' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s 4 -l ipv4 -d 'Use IPv4 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s b -d 'Always step the clock, never slew it'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s B -d 'Always slew the clock, never step it'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s d -d 'Trace every step and do not set the clock; repeat for more detail'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s q -d 'Query only: report the servers and do not set the clock'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s s -d 'Write messages to syslog instead of the terminal'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s u -d 'Send from an unprivileged port instead of port 123'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s v -d 'Print the version and more messages'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l explain -d 'Explain each failure: its possible reasons, each with the command that confirms or excludes it'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l quick -d 'Do not wait for the remaining servers once a majority agrees'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l rtc -d 'Also set the hardware clock, whether the clock was stepped, slewed or correct; not with -U'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l yes -d 'Query all addresses of large networks without confirmation'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l nts -d 'Use Network Time Security (NTS) for every server and accept only authentic answers; nts:SERVER[:PORT] uses it for one'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l nts-trust-time -d 'Do not trust this machine\'s clock: accept certificates that are valid at some other time'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -s h -l help -d 'Print this help and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -l version -d 'Print the version and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s a -d 'Authenticate with this key and accept only authentic answers' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s e -d 'Time that authentication takes on this machine, in seconds, less than 1' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s k -d 'Key file [default: the first of /etc/ntp.keys, /etc/ntp/keys and /etc/ntpsec/ntp.keys that exists]' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s o -d 'Protocol version of the requests' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s p -d 'Samples per server, 1 to 8 [default: 1 with -q, otherwise 4]' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s t -d 'Time to wait for an answer, in seconds, at least 1, rounded to 0.2' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s U -l user -d 'Switch to this user once the socket is open, keeping only the privilege to set the clock' -r -f -a "(__fish_complete_users)"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l compat -d 'Reproduce this release of the classic program exactly: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l format -d 'Output format [default: classic]' -r -f -a "classic\t'Classic lines'
json\t'JSON'
openmetrics\t'OpenMetrics text'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l output -d 'Write the results to FILE, atomically; for a FILE ending in .prom, in the format that node_exporter\'s textfile collector reads' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l max-step -d 'Refuse to adjust the clock by more than this' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l retry -d 'Number of retries after a failure' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l wait -d 'Time before a retry: at least 2 s if servers were queried, doubled each time one limits the rate' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l deadline -d 'Give up after this total time' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l step-tickers -d 'Query the servers listed in this file' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l hosts-from -d 'Also query the hosts listed in FILE (-: standard input); repeatable' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l hosts-format -d 'Format of these files; detected from the content by default' -r -f -a "auto\t'Detect the format from the content'
list\t'One host or network per line'
ansible-ini\t'An Ansible inventory in INI format'
ansible-json\t'An Ansible inventory in JSON, as ansible-inventory --list prints it'
ansible-yaml\t'An Ansible inventory in YAML'
file-sd-json\t'Prometheus targets (file_sd) in JSON'
file-sd-yaml\t'Prometheus targets (file_sd) in YAML'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l hosts-port -d 'Query the hosts in these files on this port, overriding any port in the files' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l jobs -d 'Query at most NUMBER hosts at once' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l port -d 'Default port of servers' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l nts-save -d 'Keep NTS keys and cookies in this file, so that later runs need no new handshake' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l ca -d 'For NTS, trust the certificate authorities in this PEM file only' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s 4 -l ipv4 -d 'Use IPv4 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s b -d 'Always step the clock, never slew it'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s B -d 'Always slew the clock, never step it'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s d -d 'Trace every step and do not set the clock; repeat for more detail'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s q -d 'Query only: report the servers and do not set the clock'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s s -d 'Write messages to syslog instead of the terminal'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s u -d 'Send from an unprivileged port instead of port 123'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s v -d 'Print the version and more messages'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l explain -d 'Explain each failure: its possible reasons, each with the command that confirms or excludes it'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l quick -d 'Do not wait for the remaining servers once a majority agrees'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l rtc -d 'Also set the hardware clock, whether the clock was stepped, slewed or correct; not with -U'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l yes -d 'Query all addresses of large networks without confirmation'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l nts -d 'Use Network Time Security (NTS) for every server and accept only authentic answers; nts:SERVER[:PORT] uses it for one'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l nts-trust-time -d 'Do not trust this machine\'s clock: accept certificates that are valid at some other time'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -s h -l help -d 'Print this help and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -l version -d 'Print the version and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -s c -l command -d 'Run this command and exit; repeatable' -r -f -a "addpeer\t'configure a new peer association'
addrefclock\t'configure a new reference clock'
addserver\t'configure a new server'
addtrap\t'add a trap receiver'
authinfo\t'print symmetric authentication counters'
broadcast\t'configure a broadcast server'
clkbug\t'print debugging information of reference clock drivers'
clockstat\t'print the state of reference clocks'
clrtrap\t'remove a trap receiver'
controlkey\t'set the key that mode 6 requires'
ctlstats\t'print mode 6 counters'
debug\t'show or change the debug level'
delay\t'show or set the delay added to timestamps'
delrestrict\t'remove an access restriction'
disable\t'clear system flags'
dmpeers\t'print the peers with their selection'
enable\t'set system flags'
exit\t'exit'
fudge\t'change a parameter of a reference clock'
help\t'show the commands and their syntax'
host\t'show or select the host to query'
hostnames\t'show or set whether host names are printed'
ifreload\t'rescan the network interfaces and print them'
ifstats\t'print the network interfaces'
iostats\t'print packet counters'
kerninfo\t'print the state of the kernel clock'
keyid\t'show or select the key for changes'
keytype\t'show or set the digest type of the key'
listpeers\t'print the list of peers'
loopinfo\t'print the state of the loop filter'
memstats\t'print memory counters'
monlist\t'print the clients that the daemon has seen'
passwd\t'set the password of the key'
peers\t'print the peers'
preset\t'reset peer counters'
pstats\t'print peer counters'
quit\t'exit'
readkeys\t'reread the key file'
requestkey\t'set the key that mode 7 requires'
reset\t'reset counters'
reslist\t'print the access restrictions'
restrict\t'add an access restriction or flags to one'
showpeer\t'print the details of peers'
sysinfo\t'print the state of the daemon'
sysstats\t'print system counters'
timeout\t'show or set the timeout for answers'
timerstats\t'print timer counters'
traps\t'print the trap receivers'
trustedkey\t'trust keys'
unconfig\t'remove peers'
unrestrict\t'remove flags from an access restriction'
untrustedkey\t'stop trusting keys'
version\t'print the version'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -s D -l set-debug-level -d 'Set the debug level to N' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l hosts-from -d 'Also query the hosts listed in FILE (-: standard input); repeatable' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l hosts-format -d 'Format of these files; detected from the content by default' -r -f -a "auto\t'Detect the format from the content'
list\t'One host or network per line'
ansible-ini\t'An Ansible inventory in INI format'
ansible-json\t'An Ansible inventory in JSON, as ansible-inventory --list prints it'
ansible-yaml\t'An Ansible inventory in YAML'
file-sd-json\t'Prometheus targets (file_sd) in JSON'
file-sd-yaml\t'Prometheus targets (file_sd) in YAML'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l hosts-port -d 'Query the hosts in these files on this port, overriding any port in the files' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l jobs -d 'Query at most NUMBER hosts at once' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l load-opts -d 'Read options from this file, in addition to ~/.ntprc' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l compat -d 'Reproduce this release of the classic program exactly: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l output -d 'Write the results to FILE, atomically; for a FILE ending in .prom, in the format that node_exporter\'s textfile collector reads' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l name-timeout -d 'Time limit for all name lookups, in seconds [default: 2]' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l format -d 'Output format of peers, showpeer, sysinfo, sysstats, iostats, loopinfo, kerninfo, monlist, reslist and ifstats [default: classic]' -r -f -a "classic\t'Classic columns'
table\t'A table with borders'
json\t'JSON, one object per host'
openmetrics\t'OpenMetrics text'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -s 4 -l ipv4 -d 'Resolve names to IPv4 addresses only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -s 6 -l ipv6 -d 'Resolve names to IPv6 addresses only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -s d -l debug-level -d 'Raise the debug level by one; repeatable'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -s i -l interactive -d 'Prompt for commands even if standard input is not a terminal'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -s n -l numeric -d 'Print addresses instead of host names'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l explain -d 'Explain each failure: its possible reasons, each with the command that confirms or excludes it'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -s l -l listpeers -d 'List the peers: same as -c listpeers'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -s p -l peers -d 'Print the peers: same as -c peers'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -s s -l showpeers -d 'Print the peers in another layout: same as -c dmpeers'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l yes -d 'Query all addresses of large networks without confirmation'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l unordered -d 'Print the results of each host as soon as they are complete, in any order of the hosts'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l no-load-opts -d 'Read no options from ~/.ntprc or the environment'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l save-opts -d 'Save the options to this file (default ~/.ntprc) and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l version -d 'Print the version and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -s '?' -l help -d 'Print this help and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -l more-help -d 'Print this help through $PAGER and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpmon" -l hosts-from -d 'Also query the hosts listed in FILE (-: standard input); repeatable' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpmon" -l hosts-format -d 'Format of these files; detected from the content by default' -r -f -a "auto\t'Detect the format from the content'
list\t'One host or network per line'
ansible-ini\t'An Ansible inventory in INI format'
ansible-json\t'An Ansible inventory in JSON, as ansible-inventory --list prints it'
ansible-yaml\t'An Ansible inventory in YAML'
file-sd-json\t'Prometheus targets (file_sd) in JSON'
file-sd-yaml\t'Prometheus targets (file_sd) in YAML'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpmon" -l hosts-port -d 'Query the hosts in these files on this port, overriding any port in the files' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpmon" -l jobs -d 'Query at most NUMBER hosts at once' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpmon" -s i -l interval -d 'Time between two polls in seconds, at least 1 [default: 5, or 10 for several hosts]' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpmon" -s t -l timeout -d 'Timeout per host, in seconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpmon" -s l -l log -l logfile -d 'Append everything learnt to FILE, as JSON lines' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpmon" -l yes -d 'Query all addresses of large networks without confirmation'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpmon" -s 4 -l ipv4 -d 'Use IPv4 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpmon" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpmon" -s n -l numeric -d 'Show addresses instead of host names'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpmon" -s u -l units -d 'Show numbers with units'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpmon" -s h -s '?' -l help -d 'Print this help and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpmon" -l version -d 'Print the version and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s c -l command -d 'Run this command and exit; repeatable' -r -f -a ":config\t'configure the running daemon'
addvars\t'add variables to the list or change their values'
apeers\t'print the peers with their association identifiers'
associations\t'print the associations that are configured or reachable'
authenticate\t'show or set whether all requests are authenticated'
authinfo\t'print symmetric authentication counters'
cl\t'read the listed variables of a reference clock'
clearvars\t'remove all variables from the list'
clocklist\t'read the listed variables of a reference clock'
clockvar\t'read variables of a reference clock'
config-from-file\t'configure the running daemon with the lines of a file'
cooked\t'print variables decoded'
cv\t'read variables of a reference clock'
debug\t'show or change the debug level'
delay\t'show or set the delay added to timestamps'
drefid\t'show or set how reference identifiers are printed'
exit\t'exit'
help\t'list the commands, or explain one'
host\t'show or select the host to query'
hostnames\t'show or set whether host names are printed'
ifstats\t'print the daemon\'s network interfaces and their counters'
iostats\t'print network I/O counters'
kerninfo\t'print the state of the kernel clock'
keyid\t'show or select the key that authenticates requests'
keytype\t'show or set the type of the key that authenticates requests'
lassociations\t'print all associations'
lopeers\t'print all peers with their local addresses'
lpassociations\t'print all associations of the list last read'
lpeers\t'print all peers, including unconfigured unreachable ones'
monstats\t'print the counters and limits of the MRU list'
mreadlist\t'read the listed variables of a range of associations'
mreadvar\t'read variables of a range of associations'
mrl\t'read the listed variables of a range of associations'
mrulist\t'print the most recently seen clients'
mrv\t'read variables of a range of associations'
ntpversion\t'show or set the protocol version of requests'
ntsinfo\t'print NTS counters (NTPsec)'
ntskeinfo\t'print counters of NTS key exchanges (NTPsec)'
opeers\t'print the peers with their local addresses'
passociations\t'print the associations of the list last read'
passwd\t'set the secret of the key'
peers\t'print the peers'
poll\t'poll a server (never implemented by the original)'
pstats\t'print the statistics of one peer'
quit\t'exit'
raw\t'print variables as received'
readlist\t'read the listed variables'
readvar\t'read variables of the daemon or of one association'
reslist\t'print the access restrictions and their hit counts'
rl\t'read the listed variables'
rmvars\t'remove variables from the list'
rv\t'read variables of the daemon or of one association'
saveconfig\t'save the daemon\'s configuration to a file on its host'
showvars\t'print the variables on the list'
sysinfo\t'print the state of the daemon'
sysstats\t'print the daemon\'s uptime and packet counters'
timeout\t'show or set the timeout for answers'
timerstats\t'print interval timer counters'
version\t'print the version'
writelist\t'write the listed variables'
writevar\t'write variables'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s D -l set-debug-level -d 'Set the debug level to N' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s r -l refid -d 'Print reference identifiers that look like addresses as hash or ipv4' -r -f -a "hash\t''
ipv4\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s k -l keyfile -d 'Key file in the format of ntp.keys' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s a -l authentication -d 'Identifier of the key that authenticates requests' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l hosts-from -d 'Also query the hosts listed in FILE (-: standard input); repeatable' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l hosts-format -d 'Format of these files; detected from the content by default' -r -f -a "auto\t'Detect the format from the content'
list\t'One host or network per line'
ansible-ini\t'An Ansible inventory in INI format'
ansible-json\t'An Ansible inventory in JSON, as ansible-inventory --list prints it'
ansible-yaml\t'An Ansible inventory in YAML'
file-sd-json\t'Prometheus targets (file_sd) in JSON'
file-sd-yaml\t'Prometheus targets (file_sd) in YAML'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l hosts-port -d 'Query the hosts in these files on this port, overriding any port in the files' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l jobs -d 'Query at most NUMBER hosts at once' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l load-opts -d 'Read options from this file, in addition to ~/.ntprc' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s W -l width -d 'Format lines for N columns, even if not on a terminal' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s l -l logfile -d 'Append the debug output of -d to this file' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l format -d 'Output format [default: classic]' -r -f -a "classic\t'Classic columns'
table\t'A table with borders'
json\t'JSON, one object per host'
openmetrics\t'OpenMetrics text'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l watch -d 'Run the commands of -c and -p repeatedly, SECONDS apart [default: 2]; on a terminal in place, until q' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l output -d 'Write the results to FILE, atomically; for a FILE ending in .prom, in the format that node_exporter\'s textfile collector reads' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l color -d 'Colour the tally character [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l name-timeout -d 'Time limit for all name lookups, in seconds [default: 2]' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l daemon -d 'Query this daemon through its own protocol: chronyd, ntpd-rs, timesyncd, or chronyd:PATH or ntpd-rs:PATH for a socket elsewhere; ntpd for mode 6 only [default: the first that answers]' -r -f -a "auto\t''
ntpd\t''
chronyd\t''
ntpd-rs\t''
timesyncd\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l compat -d 'Reproduce this release of the classic program exactly: 4.2.8p15, or none; ntpsec prints NTPsec\'s tables' -r -f -a "4.2.8p15\t''
ntpsec\t''
none\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s 4 -l ipv4 -d 'Resolve names to IPv4 addresses only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s 6 -l ipv6 -d 'Resolve names to IPv6 addresses only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s d -l debug-level -d 'Raise the debug level by one; repeatable'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s i -l interactive -d 'Prompt for commands even if standard input is not a terminal'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s n -l numeric -d 'Print addresses instead of host names'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l explain -d 'Explain each failure: its possible reasons, each with the command that confirms or excludes it'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l old-rv -d 'Print the status line even for named variables'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s p -l peers -d 'Print the peers: same as -c peers'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s w -l wide -d 'Print peer names in full, long ones on a separate line'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l yes -d 'Query all addresses of large networks without confirmation'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l unordered -d 'Print the results of each host as soon as they are complete, in any order of the hosts'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l no-load-opts -d 'Read no options from ~/.ntprc or the environment'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l save-opts -d 'Save the options to this file (default ~/.ntprc) and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l version -d 'Print the version and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s '?' -l help -d 'Print this help and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -l more-help -d 'Print this help through $PAGER and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -s u -l units -d 'Print numbers with units in the classic layouts: 17.176us'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-wait" -s n -l tries -d 'Number of polls' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-wait" -s s -l sleep -d 'Seconds between polls' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-wait" -l daemon -d 'Query only this daemon: ntpd, chronyd, ntpd-rs, timesyncd, or chronyd:PATH or ntpd-rs:PATH for a socket elsewhere [default: the one that disciplines the clock]' -r -f -a "auto\t''
ntpd\t''
chronyd\t''
ntpd-rs\t''
timesyncd\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-wait" -s v -l verbose -d 'Show the progress'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-wait" -l explain -d 'Explain each failure: its possible reasons, each with the command that confirms or excludes it'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-wait" -s h -s '?' -l help -d 'Print this help and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-wait" -l more-help -d 'Print this help through $PAGER and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-wait" -l version -d 'Print the version and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -s m -l maxerror -d 'Fail if the clock may be wrong by more than this, in milliseconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -l daemon -d 'Query only this daemon: ntpd, chronyd, ntpd-rs, timesyncd, or chronyd:PATH or ntpd-rs:PATH for a socket elsewhere [default: the one that disciplines the clock]' -r -f -a "auto\t''
ntpd\t''
chronyd\t''
ntpd-rs\t''
timesyncd\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -l timeout -d 'Timeout for an answer, in seconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -l wait -d 'Wait until the clock is synchronised, but at most this long (default 600 seconds)' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -s w -l warning -d 'With --check: warn outside these ranges of the offset, the maximum error (both in seconds) and the stratum' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -s c -l critical -d 'With --check: the same for the critical state' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -l format -d 'Output format [default: classic]' -r -f -a "classic\t'Classic lines'
json\t'JSON, one object'
openmetrics\t'OpenMetrics text'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -l output -d 'Write the results to FILE, atomically; for a FILE ending in .prom, in the format that node_exporter\'s textfile collector reads' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -l compat -d 'Reproduce this release of the classic program exactly: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -l watch -d 'Query repeatedly, SECONDS apart [default: 2]; on a terminal in place, until q' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -l hosts-from -d 'Also query the hosts listed in FILE (-: standard input); repeatable' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -l hosts-format -d 'Format of these files; detected from the content by default' -r -f -a "auto\t'Detect the format from the content'
list\t'One host or network per line'
ansible-ini\t'An Ansible inventory in INI format'
ansible-json\t'An Ansible inventory in JSON, as ansible-inventory --list prints it'
ansible-yaml\t'An Ansible inventory in YAML'
file-sd-json\t'Prometheus targets (file_sd) in JSON'
file-sd-yaml\t'Prometheus targets (file_sd) in YAML'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -l hosts-port -d 'Query the hosts in these files on this port, overriding any port in the files' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -l jobs -d 'Query at most NUMBER hosts at once' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -s 4 -l ipv4 -d 'Use IPv4 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -l explain -d 'Explain each failure: its possible reasons, each with the command that confirms or excludes it'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -l check -d 'Print a monitoring plugin\'s line and exit with its status'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -s h -l help -d 'Print this help and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -l version -d 'Print the version and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -l yes -d 'Query all addresses of large networks without confirmation'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s T -d 'Set the offset of TAI from UTC, in seconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s e -d 'Set the estimated error, in microseconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s f -d 'Set the frequency, -500 to 500 parts per million' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s m -d 'Set the maximum error, in microseconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s o -d 'Slew the clock by this offset, at most half a second, in microseconds (nanoseconds if the kernel counts in nanoseconds)' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s s -d 'Set the status bits, 0 to 255, or in hexadecimal as printed (0x2001); bits that only the kernel can change are ignored' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s t -d 'Set the time constant, log2 of seconds, 0 to 6, or 0 to 10 if the kernel counts in nanoseconds' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -l compat -d 'Reproduce this release of the classic program exactly: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -l format -d 'Output format [default: classic]' -r -f -a "classic\t'Classic lines'
json\t'JSON'
openmetrics\t'OpenMetrics text'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -l output -d 'Write the results to FILE, atomically; for a FILE ending in .prom, in the format that node_exporter\'s textfile collector reads' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -l watch -d 'Print the state repeatedly, SECONDS apart [default: 1]; on a terminal in place, until q' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s M -d 'Make the kernel count in microseconds'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s N -d 'Make the kernel count in nanoseconds'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s c -d 'Print how long the calls to read the clock take'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s d -d 'Nothing: known, but only answered with the summary'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s h -d 'Print a summary of the options'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -s r -d 'Also print the times as raw numbers'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -l help -d 'Print this help and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -l version -d 'Print the version and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptrace" -s m -l max-hosts -d 'Query at most this many hosts' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptrace" -s r -l host -d 'Start with this host; same as the operand' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptrace" -l hosts-from -d 'Also query the hosts listed in FILE (-: standard input); repeatable' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptrace" -l hosts-format -d 'Format of these files; detected from the content by default' -r -f -a "auto\t'Detect the format from the content'
list\t'One host or network per line'
ansible-ini\t'An Ansible inventory in INI format'
ansible-json\t'An Ansible inventory in JSON, as ansible-inventory --list prints it'
ansible-yaml\t'An Ansible inventory in YAML'
file-sd-json\t'Prometheus targets (file_sd) in JSON'
file-sd-yaml\t'Prometheus targets (file_sd) in YAML'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptrace" -l hosts-port -d 'Query the hosts in these files on this port, overriding any port in the files' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptrace" -l jobs -d 'Query at most NUMBER hosts at once' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptrace" -l format -d 'Output format [default: text]' -r -f -a "text\t'Lines of the original'
json\t'JSON, one object'
dot\t'A graph in the language of Graphviz'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptrace" -l timeout -d 'Wait no longer than this for a host' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptrace" -l name-timeout -d 'Time limit for all name lookups, in seconds [default: 2]' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptrace" -l compat -d 'Reproduce this release of the classic program exactly: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptrace" -s n -l numeric -d 'Print addresses instead of host names'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptrace" -s a -l all -d 'Follow all sources that survive the selection, and draw them as a tree'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptrace" -l yes -d 'Query all addresses of large networks without confirmation'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptrace" -l explain -d 'Explain each failure: its possible reasons, each with the command that confirms or excludes it'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptrace" -s h -s '?' -l help -d 'Print this help and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptrace" -l more-help -d 'Print this help through $PAGER and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptrace" -l version -d 'Print the version and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptrace" -s 4 -l ipv4 -d 'Use an IPv4 address of HOST'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptrace" -s 6 -l ipv6 -d 'Use an IPv6 address of HOST'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpsweep" -s l -l host-list -d 'Query these hosts, separated by commas; repeatable' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpsweep" -l host -d 'Query only this host' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpsweep" -s f -l host-file -d 'Query the hosts in this file, one per line; same as the operand' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpsweep" -s m -l maxlevel -d 'Follow peers down to this level; 0 follows all' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpsweep" -s s -l strip -d 'Remove this text from host names' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpsweep" -l hosts-from -d 'Also query the hosts listed in FILE (-: standard input); repeatable' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpsweep" -l hosts-format -d 'Format of these files; detected from the content by default' -r -f -a "auto\t'Detect the format from the content'
list\t'One host or network per line'
ansible-ini\t'An Ansible inventory in INI format'
ansible-json\t'An Ansible inventory in JSON, as ansible-inventory --list prints it'
ansible-yaml\t'An Ansible inventory in YAML'
file-sd-json\t'Prometheus targets (file_sd) in JSON'
file-sd-yaml\t'Prometheus targets (file_sd) in YAML'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpsweep" -l hosts-port -d 'Query the hosts in these files on this port, overriding any port in the files' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpsweep" -l jobs -d 'Query at most NUMBER hosts at once' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpsweep" -l format -d 'Output format [default: text]' -r -f -a "text\t'Human-readable text'
json\t'JSON'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpsweep" -l timeout -d 'Wait no longer than this for a host' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpsweep" -l name-timeout -d 'Time limit for all name lookups, in seconds [default: 2]' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpsweep" -l compat -d 'Reproduce this release of the classic program exactly: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpsweep" -s p -l peers -d 'Also list the peers of each host, and theirs'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpsweep" -l yes -d 'Query all addresses of large networks without confirmation'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpsweep" -s n -l numeric -d 'Print addresses instead of host names'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpsweep" -l explain -d 'Explain each failure: its possible reasons, each with the command that confirms or excludes it'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpsweep" -s h -s '?' -l help -d 'Print this help and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpsweep" -l more-help -d 'Print this help through $PAGER and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpsweep" -l version -d 'Print the version and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l type -d 'Types of the symmetric keys; several types get equal shares [default: MD5 and SHA1]' -r -f -a "AES128CMAC\t''
MD5\t''
SHA1\t''
SHA224\t''
SHA256\t''
SHA384\t''
SHA512\t''
SHA3-256\t''
SHA3-512\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l count -d 'Number of symmetric keys [default: 20]' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l first-id -d 'Identifier of the first symmetric key [default: 1]' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l check -d 'Check how daemons read this file of symmetric keys; generate nothing' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s i -l ident -d 'Name of the group' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s s -l subject-name -d 'Name of the host, optionally followed by @ and the group' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s S -l sign-key -d 'Generate a new sign key: RSA or DSA [default: the host key signs]' -r -f -a "RSA\t''
DSA\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s m -l modulus -d 'Bits of RSA and DSA keys, 512 to 4096 [default: 2048]' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s c -l certificate -d 'Signature scheme of certificates [default: that of the existing certificate, or RSA-SHA256]' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s C -l cipher -d 'Cipher for private keys: des-ede3-cbc or aes-128-cbc, aes-192-cbc, aes-256-cbc' -r -f -a "des-ede3-cbc\t''
aes-128-cbc\t''
aes-192-cbc\t''
aes-256-cbc\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s l -l lifetime -d 'Validity of certificates, in days' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s p -l password -d 'Password of private keys [default: the host name]. Other users can see it in the process list; see --password-file' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l password-file -d 'Read the password of private keys from the first line of this file; it can also be set in the environment as NTP_KEYGEN_PASSWORD' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s q -l export-passwd -d 'Write the group\'s server keys to standard output, encrypted with this password' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l export-passwd-file -d 'Likewise, with the password from the first line of this file; it can also be set in the environment as NTP_KEYGEN_EXPORT_PASSWD' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l gq-layout -d 'Layout of GQ files, which depends on the ntpd build [default: that of the existing keys]' -r -f -a "original\t'For an ntpd built with OpenSSL 1.0 or older, as documented'
openssl-1.1\t'For an ntpd built with OpenSSL 1.1'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s V -l mv-params -d 'Generate new MV identity keys for this many clients, 1 to 99' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s b -l imbits -d 'Bits of identity scheme moduli, 256 to 2048 [default: 2048 for IFF, 1016 for GQ, 512 for MV]' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s D -l set-debug-level -d 'Print the public values of new keys unless this is 0' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s v -l mv-keys -d 'Refused, because it never had an effect' -r
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l load-opts -d 'Read options from this file, in addition to ~/.ntprc' -r -F
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l compat -d 'Reproduce this release of the classic program exactly: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l format -d 'Format of standard output [default: text]' -r -f -a "text\t'Human-readable text'
json\t'JSON'"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s M -l md5key -d 'Generate symmetric keys; ignore the options of all other files'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l literal -d 'Generate symmetric keys that can be typed at the passwd prompt: plain characters instead of hexadecimal digits, which the classic ntpq and ntpdc use as the secret itself'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l stdout -d 'Write symmetric keys to standard output instead of a file'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s H -l host-key -d 'Generate a new RSA host key'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s T -l trusted-cert -d 'Make the host a root of trust'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s P -l pvt-cert -d 'Make a private certificate'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s e -l id-key -d 'Write the group\'s client parameters to standard output'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s I -l iffkey -d 'Generate new IFF identity keys'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s G -l gq-params -d 'Generate new GQ identity parameters and keys'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s g -l gq-keys -d 'Generate new GQ identity keys from the existing parameters, if any'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s d -l debug-level -d 'Print the public values of new keys; repeatable'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l no-load-opts -d 'Read no options from ~/.ntprc or the environment'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l save-opts -d 'Save the options to this file (default ~/.ntprc) and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l version -d 'Print the version and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -s '?' -l help -d 'Print this help and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -l more-help -d 'Print this help through $PAGER and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand help" -s h -l help -d 'Print help'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand install" -l dir -d 'Directory for the links [default: the directory of this program]' -r -f -a "(__fish_complete_directories)"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand install" -l force -d 'Replace existing files and links to other programs'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand install" -l uninstall -d 'Remove this program\'s links instead'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand install" -s h -l help -d 'Print help'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand demo" -l list -d 'List the scenarios and exit'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand demo" -l serve -d 'Only start the daemons, print their addresses, and serve until standard input ends'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand demo" -s h -l help -d 'Print help'
complete -c ntpkit -n "__fish_ntpkit_using_subcommand fleet" -f -a "(__fish_print_hostnames)"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand check-config" -f -a ""
complete -c ntpkit -n "__fish_ntpkit_using_subcommand chrony" -f -a "tracking sources sourcestats selectdata authdata ntpdata serverstats activity clients rtcdata"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand chrony" -f -a "(__fish_print_hostnames)"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand diag" -f -a "(__fish_print_hostnames)"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand exposure" -f -a "(__fish_print_hostnames)"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand leap" -f -a ""
complete -c ntpkit -n "__fish_ntpkit_using_subcommand nts" -f -a "(__fish_print_hostnames)"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ping" -f -a "(__fish_print_hostnames)"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate" -f -a "(__fish_print_hostnames)"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdate-debian" -f -a "(__fish_print_hostnames)"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpdc" -f -a "(__fish_print_hostnames)"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpmon" -f -a "(__fish_print_hostnames)"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpq" -f -a "(__fish_print_hostnames)"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-wait" -f -a "(__fish_print_hostnames)"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpstat" -f -a "(__fish_print_hostnames)"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptime" -f -a ""
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntptrace" -f -a "(__fish_print_hostnames)"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntpsweep" -f -a ""
complete -c ntpkit -n "__fish_ntpkit_using_subcommand ntp-keygen" -f -a ""
complete -c ntpkit -n "__fish_ntpkit_using_subcommand help" -f -a "check_ntp_peer check_ntp_time ntpdate ntpdate-debian ntpdc ntpmon ntpq ntp-wait ntpstat ntptime ntptrace ntpsweep ntp-keygen"
complete -c ntpkit -n "__fish_ntpkit_using_subcommand demo" -f -a "campus ntpsec pulse young restless crowd"
