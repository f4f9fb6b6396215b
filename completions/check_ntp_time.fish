complete -c check_ntp_time -s p -l port -d 'Default port of hosts' -r
complete -c check_ntp_time -s w -l warning -d 'WARNING if the absolute offset is outside this range, in seconds' -r
complete -c check_ntp_time -s c -l critical -d 'CRITICAL if the absolute offset is outside this range, in seconds' -r
complete -c check_ntp_time -s W -l swarn -d 'WARNING if the stratum is outside this range' -r
complete -c check_ntp_time -s C -l scrit -d 'CRITICAL if the stratum is outside this range' -r
complete -c check_ntp_time -l dwarn -d 'WARNING if the root distance is outside this range, in seconds' -r
complete -c check_ntp_time -l dcrit -d 'CRITICAL if the root distance is outside this range, in seconds' -r
complete -c check_ntp_time -s t -l timeout -d 'Finish within this time, name lookups included' -r
complete -c check_ntp_time -l extra-opts -d 'Also read options from an INI file: SECTION, @FILE or SECTION@FILE' -r
complete -c check_ntp_time -l compat -d 'Print the bytes of this release of the Monitoring Plugins: 2.3.3, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c check_ntp_time -s H -l hostname -d 'daemon to ask' -r -f -a "(__fish_print_hostnames)"
complete -c check_ntp_time -s o -l time-offset -l time_offset -d 'Add this to the measured offset, in seconds' -r
complete -c check_ntp_time -s 4 -l use-ipv4 -d 'Use IPv4 only'
complete -c check_ntp_time -s 6 -l use-ipv6 -d 'Use IPv6 only'
complete -c check_ntp_time -s q -l quiet -d 'UNKNOWN instead of CRITICAL or WARNING if there is no time'
complete -c check_ntp_time -s v -l verbose -d 'Also print a line for each server or source'
complete -c check_ntp_time -l explain -d 'Explain each failure: its possible reasons, each with the command that confirms or excludes it'
complete -c check_ntp_time -s h -l help -d 'Print this help and exit'
complete -c check_ntp_time -l version -d 'Print the version and exit'
