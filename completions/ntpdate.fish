complete -c ntpdate -s a -d 'Authenticate with this key and accept only authentic answers' -r
complete -c ntpdate -s e -d 'Time that authentication takes on this machine, in seconds, less than 1' -r
complete -c ntpdate -s k -d 'Key file [default: the first of /etc/ntp.keys, /etc/ntp/keys and /etc/ntpsec/ntp.keys that exists]' -r -F
complete -c ntpdate -s o -d 'Protocol version of the requests' -r
complete -c ntpdate -s p -d 'Samples per server, 1 to 8 [default: 1 with -q, otherwise 4]' -r
complete -c ntpdate -s t -d 'Time to wait for an answer, in seconds, at least 1, rounded to 0.2' -r
complete -c ntpdate -s U -l user -d 'Switch to this user once the socket is open, keeping only the privilege to set the clock' -r -f -a "(__fish_complete_users)"
complete -c ntpdate -l compat -d 'Reproduce this release of the classic program exactly: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntpdate -l format -d 'Output format [default: classic]' -r -f -a "classic\t'Classic lines'
json\t'JSON'
openmetrics\t'OpenMetrics text'"
complete -c ntpdate -l output -d 'Write the results to FILE, atomically; for a FILE ending in .prom, in the format that node_exporter\'s textfile collector reads' -r -F
complete -c ntpdate -l max-step -d 'Refuse to adjust the clock by more than this' -r
complete -c ntpdate -l retry -d 'Number of retries after a failure' -r
complete -c ntpdate -l wait -d 'Time before a retry: at least 2 s if servers were queried, doubled each time one limits the rate' -r
complete -c ntpdate -l deadline -d 'Give up after this total time' -r
complete -c ntpdate -l step-tickers -d 'Query the servers listed in this file' -r -F
complete -c ntpdate -l hosts-from -d 'Also query the hosts listed in FILE (-: standard input); repeatable' -r -F
complete -c ntpdate -l hosts-format -d 'Format of these files; detected from the content by default' -r -f -a "auto\t'Detect the format from the content'
list\t'One host or network per line'
ansible-ini\t'An Ansible inventory in INI format'
ansible-json\t'An Ansible inventory in JSON, as ansible-inventory --list prints it'
ansible-yaml\t'An Ansible inventory in YAML'
file-sd-json\t'Prometheus targets (file_sd) in JSON'
file-sd-yaml\t'Prometheus targets (file_sd) in YAML'"
complete -c ntpdate -l hosts-port -d 'Query the hosts in these files on this port, overriding any port in the files' -r
complete -c ntpdate -l jobs -d 'Query at most NUMBER hosts at once' -r
complete -c ntpdate -l port -d 'Default port of servers' -r
complete -c ntpdate -l nts-save -d 'Keep NTS keys and cookies in this file, so that later runs need no new handshake' -r -F
complete -c ntpdate -l ca -d 'For NTS, trust the certificate authorities in this PEM file only' -r -F
complete -c ntpdate -s 4 -l ipv4 -d 'Use IPv4 only'
complete -c ntpdate -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c ntpdate -s b -d 'Always step the clock, never slew it'
complete -c ntpdate -s B -d 'Always slew the clock, never step it'
complete -c ntpdate -s d -d 'Trace every step and do not set the clock; repeat for more detail'
complete -c ntpdate -s q -d 'Query only: report the servers and do not set the clock'
complete -c ntpdate -s s -d 'Write messages to syslog instead of the terminal'
complete -c ntpdate -s u -d 'Send from an unprivileged port instead of port 123'
complete -c ntpdate -s v -d 'Print the version and more messages'
complete -c ntpdate -l explain -d 'Explain each failure: its possible reasons, each with the command that confirms or excludes it'
complete -c ntpdate -l quick -d 'Do not wait for the remaining servers once a majority agrees'
complete -c ntpdate -l rtc -d 'Also set the hardware clock, whether the clock was stepped, slewed or correct; not with -U'
complete -c ntpdate -l yes -d 'Query all addresses of large networks without confirmation'
complete -c ntpdate -l nts -d 'Use Network Time Security (NTS) for every server and accept only authentic answers; nts:SERVER[:PORT] uses it for one'
complete -c ntpdate -l nts-trust-time -d 'Do not trust this machine\'s clock: accept certificates that are valid at some other time'
complete -c ntpdate -s h -l help -d 'Print this help and exit'
complete -c ntpdate -l version -d 'Print the version and exit'
complete -c ntpdate -f -a "(__fish_print_hostnames)"
