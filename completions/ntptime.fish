complete -c ntptime -s T -d 'Set the offset of TAI from UTC, in seconds' -r
complete -c ntptime -s e -d 'Set the estimated error, in microseconds' -r
complete -c ntptime -s f -d 'Set the frequency, -500 to 500 parts per million' -r
complete -c ntptime -s m -d 'Set the maximum error, in microseconds' -r
complete -c ntptime -s o -d 'Slew the clock by this offset, at most half a second, in microseconds (nanoseconds if the kernel counts in nanoseconds)' -r
complete -c ntptime -s s -d 'Set the status bits, 0 to 255, or in hexadecimal as printed (0x2001); bits that only the kernel can change are ignored' -r
complete -c ntptime -s t -d 'Set the time constant, log2 of seconds, 0 to 6, or 0 to 10 if the kernel counts in nanoseconds' -r
complete -c ntptime -l compat -d 'Reproduce this release of the classic program exactly: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntptime -l format -d 'Output format [default: classic]' -r -f -a "classic\t'Classic lines'
json\t'JSON'
openmetrics\t'OpenMetrics text'"
complete -c ntptime -l output -d 'Write the results to FILE, atomically; for a FILE ending in .prom, in the format that node_exporter\'s textfile collector reads' -r -F
complete -c ntptime -l watch -d 'Print the state repeatedly, SECONDS apart [default: 1]; on a terminal in place, until q' -r
complete -c ntptime -s M -d 'Make the kernel count in microseconds'
complete -c ntptime -s N -d 'Make the kernel count in nanoseconds'
complete -c ntptime -s c -d 'Print how long the calls to read the clock take'
complete -c ntptime -s d -d 'Nothing: known, but only answered with the summary'
complete -c ntptime -s h -d 'Print a summary of the options'
complete -c ntptime -s r -d 'Also print the times as raw numbers'
complete -c ntptime -l help -d 'Print this help and exit'
complete -c ntptime -l version -d 'Print the version and exit'
complete -c ntptime -f -a ""
