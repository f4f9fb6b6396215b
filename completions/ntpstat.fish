complete -c ntpstat -s m -l maxerror -d 'Fail if the clock may be wrong by more than this, in milliseconds' -r
complete -c ntpstat -l daemon -d 'Query only this daemon: ntpd, chronyd, ntpd-rs, timesyncd, or chronyd:PATH or ntpd-rs:PATH for a socket elsewhere [default: the one that disciplines the clock]' -r -f -a "auto\t''
ntpd\t''
chronyd\t''
ntpd-rs\t''
timesyncd\t''"
complete -c ntpstat -l timeout -d 'Timeout for an answer, in seconds' -r
complete -c ntpstat -l wait -d 'Wait until the clock is synchronised, but at most this long (default 600 seconds)' -r
complete -c ntpstat -s w -l warning -d 'With --check: warn outside these ranges of the offset, the maximum error (both in seconds) and the stratum' -r
complete -c ntpstat -s c -l critical -d 'With --check: the same for the critical state' -r
complete -c ntpstat -l format -d 'Output format [default: classic]' -r -f -a "classic\t'Classic lines'
json\t'JSON, one object'
openmetrics\t'OpenMetrics text'"
complete -c ntpstat -l output -d 'Write the results to FILE, atomically; for a FILE ending in .prom, in the format that node_exporter\'s textfile collector reads' -r -F
complete -c ntpstat -l compat -d 'Reproduce this release of the classic program exactly: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntpstat -l watch -d 'Query repeatedly, SECONDS apart [default: 2]; on a terminal in place, until q' -r
complete -c ntpstat -l hosts-from -d 'Also query the hosts listed in FILE (-: standard input); repeatable' -r -F
complete -c ntpstat -l hosts-format -d 'Format of these files; detected from the content by default' -r -f -a "auto\t'Detect the format from the content'
list\t'One host or network per line'
ansible-ini\t'An Ansible inventory in INI format'
ansible-json\t'An Ansible inventory in JSON, as ansible-inventory --list prints it'
ansible-yaml\t'An Ansible inventory in YAML'
file-sd-json\t'Prometheus targets (file_sd) in JSON'
file-sd-yaml\t'Prometheus targets (file_sd) in YAML'"
complete -c ntpstat -l hosts-port -d 'Query the hosts in these files on this port, overriding any port in the files' -r
complete -c ntpstat -l jobs -d 'Query at most NUMBER hosts at once' -r
complete -c ntpstat -s 4 -l ipv4 -d 'Use IPv4 only'
complete -c ntpstat -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c ntpstat -l explain -d 'Explain each failure: its possible reasons, each with the command that confirms or excludes it'
complete -c ntpstat -l check -d 'Print a monitoring plugin\'s line and exit with its status'
complete -c ntpstat -s h -l help -d 'Print this help and exit'
complete -c ntpstat -l version -d 'Print the version and exit'
complete -c ntpstat -l yes -d 'Query all addresses of large networks without confirmation'
complete -c ntpstat -f -a "(__fish_print_hostnames)"
