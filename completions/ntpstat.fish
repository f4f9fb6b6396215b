complete -c ntpstat -s m -l maxerror -d 'Fail if the clock may be wrong by more than this, in milliseconds' -r
complete -c ntpstat -l daemon -d 'Ask only this daemon: ntpd, chronyd, ntpd-rs, timesyncd, or chronyd:PATH or ntpd-rs:PATH for a socket in another place [default: the one that keeps the clock]' -r
complete -c ntpstat -l timeout -d 'Wait no longer than this for an answer' -r
complete -c ntpstat -l wait -d 'Wait until the clock is synchronised, but no longer than this (600 seconds without a number)' -r
complete -c ntpstat -s w -l warning -d 'With --check: warn outside these ranges of the offset, the maximum error (both in seconds) and the stratum' -r
complete -c ntpstat -s c -l critical -d 'With --check: the same for the critical state' -r
complete -c ntpstat -l format -d 'The form of the results' -r -f -a "classic\t'Classic lines'
json\t'JSON, one object'
openmetrics\t'OpenMetrics text'"
complete -c ntpstat -l compat -d 'Speak exactly as the classic program does: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntpstat -s 4 -l ipv4 -d 'Ask over IPv4 alone'
complete -c ntpstat -s 6 -l ipv6 -d 'Ask over IPv6 alone'
complete -c ntpstat -l check -d 'Print the line, and end with the status, of a monitoring plugin'
complete -c ntpstat -s h -l help -d 'Print this help and exit'
complete -c ntpstat -l version -d 'Print the version and exit'
complete -c ntpstat -f -a ""
