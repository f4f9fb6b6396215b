complete -c ntpstat -s m -l maxerror -d 'Fail if the clock may be wrong by more than this, in milliseconds' -r
complete -c ntpstat -l daemon -d 'Query only this daemon: ntpd, chronyd, ntpd-rs, timesyncd, or chronyd:PATH or ntpd-rs:PATH for a socket elsewhere [default: the one that disciplines the clock]' -r
complete -c ntpstat -l timeout -d 'Timeout for an answer, in seconds' -r
complete -c ntpstat -l wait -d 'Wait until the clock is synchronised, but at most this long (default 600 seconds)' -r
complete -c ntpstat -s w -l warning -d 'With --check: warn outside these ranges of the offset, the maximum error (both in seconds) and the stratum' -r
complete -c ntpstat -s c -l critical -d 'With --check: the same for the critical state' -r
complete -c ntpstat -l format -d 'Output format' -r -f -a "classic\t'Classic lines'
json\t'JSON, one object'
openmetrics\t'OpenMetrics text'"
complete -c ntpstat -l compat -d 'Reproduce the classic program exactly: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntpstat -s 4 -l ipv4 -d 'Use IPv4 only'
complete -c ntpstat -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c ntpstat -l check -d 'Print a monitoring plugin\'s line and exit with its status'
complete -c ntpstat -s h -l help -d 'Print this help and exit'
complete -c ntpstat -l version -d 'Print the version and exit'
complete -c ntpstat -f -a ""
