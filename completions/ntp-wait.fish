complete -c ntp-wait -s n -l tries -d 'Number of polls' -r
complete -c ntp-wait -s s -l sleep -d 'Seconds between polls' -r
complete -c ntp-wait -l daemon -d 'Query only this daemon: ntpd, chronyd, ntpd-rs, timesyncd, or chronyd:PATH or ntpd-rs:PATH for a socket elsewhere [default: the one that disciplines the clock]' -r -f -a "auto\t''
ntpd\t''
chronyd\t''
ntpd-rs\t''
timesyncd\t''"
complete -c ntp-wait -s v -l verbose -d 'Show the progress'
complete -c ntp-wait -l explain -d 'Explain each failure: its possible reasons, each with the command that confirms or excludes it'
complete -c ntp-wait -s h -s '?' -l help -d 'Print this help and exit'
complete -c ntp-wait -l more-help -d 'Print this help through $PAGER and exit'
complete -c ntp-wait -l version -d 'Print the version and exit'
complete -c ntp-wait -f -a "(__fish_print_hostnames)"
