complete -c check_ntp_peer -s p -l port -d 'Default port of hosts' -r
complete -c check_ntp_peer -s w -l warning -d 'WARNING if the absolute offset is outside this range, in seconds' -r
complete -c check_ntp_peer -s c -l critical -d 'CRITICAL if the absolute offset is outside this range, in seconds' -r
complete -c check_ntp_peer -s W -l swarn -d 'WARNING if the stratum is outside this range' -r
complete -c check_ntp_peer -s C -l scrit -d 'CRITICAL if the stratum is outside this range' -r
complete -c check_ntp_peer -l dwarn -d 'WARNING if the root distance is outside this range, in seconds' -r
complete -c check_ntp_peer -l dcrit -d 'CRITICAL if the root distance is outside this range, in seconds' -r
complete -c check_ntp_peer -s t -l timeout -d 'Finish within this time, name lookups included' -r
complete -c check_ntp_peer -l extra-opts -d 'Also read options from an INI file: SECTION, @FILE or SECTION@FILE' -r
complete -c check_ntp_peer -l compat -d 'Print the bytes of this release of the Monitoring Plugins: 2.3.3, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c check_ntp_peer -s H -l hostname -d 'NAME, ADDRESS, NAME:PORT or [ADDRESS]:PORT of the daemon' -r
complete -c check_ntp_peer -s j -l jwarn -d 'WARNING if the jitter is outside this range, in milliseconds' -r
complete -c check_ntp_peer -s k -l jcrit -d 'CRITICAL if the jitter is outside this range, in milliseconds' -r
complete -c check_ntp_peer -s m -l twarn -d 'WARNING if the number of good sources is outside this range (RFC 8633 recommends 4:)' -r
complete -c check_ntp_peer -s n -l tcrit -d 'CRITICAL if the number of good sources is outside this range' -r
complete -c check_ntp_peer -l rwarn -d 'WARNING if the number of answered polls among the source\'s last eight is outside this range' -r
complete -c check_ntp_peer -l rcrit -d 'CRITICAL if the number of answered polls among the source\'s last eight is outside this range' -r
complete -c check_ntp_peer -l grace -d 'No alert for what a daemon that started less than this long ago cannot have yet; of chronyd and systemd-timesyncd that is known on their own machine only' -r
complete -c check_ntp_peer -l daemon -d 'Query this daemon: auto, ntpd, chronyd, ntpd-rs, timesyncd, chronyd:PATH or ntpd-rs:PATH' -r -f -a "auto\t''
ntpd\t''
chronyd\t''
ntpd-rs\t''
timesyncd\t''"
complete -c check_ntp_peer -s 4 -l use-ipv4 -d 'Use IPv4 only'
complete -c check_ntp_peer -s 6 -l use-ipv6 -d 'Use IPv6 only'
complete -c check_ntp_peer -s q -l quiet -d 'UNKNOWN instead of CRITICAL or WARNING if there is no time'
complete -c check_ntp_peer -s v -l verbose -d 'Also print a line for each server or source'
complete -c check_ntp_peer -l explain -d 'Explain each failure: its possible reasons, each with the command that confirms or excludes it'
complete -c check_ntp_peer -s h -l help -d 'Print this help and exit'
complete -c check_ntp_peer -l version -d 'Print the version and exit'
