complete -c ntptime -s T -d 'Set the offset of TAI from UTC, in seconds' -r
complete -c ntptime -s e -d 'Set the estimated error, in microseconds' -r
complete -c ntptime -s f -d 'Set the frequency, -500 to 500 parts per million' -r
complete -c ntptime -s m -d 'Set the maximum error, in microseconds' -r
complete -c ntptime -s o -d 'Slew the clock by this offset, at most half a second, in microseconds (nanoseconds where the kernel counts in these)' -r
complete -c ntptime -s s -d 'Set the status bits, 0 to 255, or in hexadecimal as they are printed (0x2001): what the kernel alone may change stays' -r
complete -c ntptime -s t -d 'Set the time constant, log2 of seconds, 0 to 6, or 0 to 10 where the kernel counts in nanoseconds' -r
complete -c ntptime -l compat -d 'Speak exactly as this release of the classic program does: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntptime -l format -d 'The form of the results' -r -f -a "classic\t'Classic lines'
json\t'JSON'
openmetrics\t'OpenMetrics text'"
complete -c ntptime -l watch -d 'Print the state again and again, at this interval in seconds (1 without a number)' -r
complete -c ntptime -s M -d 'Let the kernel count in microseconds'
complete -c ntptime -s N -d 'Let the kernel count in nanoseconds'
complete -c ntptime -s c -d 'Print how long the calls to read the clock take'
complete -c ntptime -s d -d 'Nothing: known, but only answered with the summary'
complete -c ntptime -s h -d 'Print a summary of the options'
complete -c ntptime -s r -d 'Print the times as bare numbers too'
complete -c ntptime -l help -d 'Print this help and exit'
complete -c ntptime -l version -d 'Print the version and exit'
complete -c ntptime -f -a ""
