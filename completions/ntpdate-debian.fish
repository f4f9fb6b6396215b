complete -c ntpdate-debian -s a -d 'Authenticate with the key of this number, and believe only authentic answers' -r
complete -c ntpdate-debian -s e -d 'How long authentication takes on this machine, in seconds: less than 1' -r
complete -c ntpdate-debian -s k -d 'The key file [default: the first of /etc/ntp.keys, /etc/ntp/keys and /etc/ntpsec/ntp.keys that exists]' -r -F
complete -c ntpdate-debian -s o -d 'The protocol version of the requests' -r
complete -c ntpdate-debian -s p -d 'How many samples to take of each server, 1 to 8: 1 with -q, else 4' -r
complete -c ntpdate-debian -s t -d 'How long to wait for each answer, in seconds: at least 1, rounded to fifths' -r
complete -c ntpdate-debian -s U -l user -d 'Go on as this user once the socket is open, with no privilege but that to set the clock' -r
complete -c ntpdate-debian -l compat -d 'Speak exactly as this release of the classic program does: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntpdate-debian -l format -d 'The form of the results' -r -f -a "classic\t'The classic lines'
json\t'One JSON object'
openmetrics\t'OpenMetrics text'"
complete -c ntpdate-debian -l max-step -d 'Refuse to step or slew the clock by more than this' -r
complete -c ntpdate-debian -l retry -d 'After a failure try again, so many times' -r
complete -c ntpdate-debian -l wait -d 'How long to wait before each new try: at least 2 after servers were asked, doubled each time one limits its rate' -r
complete -c ntpdate-debian -l deadline -d 'Give up after this time, all in all' -r
complete -c ntpdate-debian -l step-tickers -d 'Ask the servers that this file lists' -r -F
complete -c ntpdate-debian -l port -d 'The servers\' port' -r
complete -c ntpdate-debian -s 4 -d 'Ask IPv4 addresses only'
complete -c ntpdate-debian -s 6 -d 'Ask IPv6 addresses only'
complete -c ntpdate-debian -s b -d 'Always step the clock, never slew it'
complete -c ntpdate-debian -s B -d 'Always slew the clock, never step it'
complete -c ntpdate-debian -s d -d 'Tell every step, and do not set the clock; twice or four times tells more'
complete -c ntpdate-debian -s q -d 'Only tell what the servers say: do not set the clock'
complete -c ntpdate-debian -s s -d 'Write messages to syslog instead of the terminal'
complete -c ntpdate-debian -s u -d 'Send from any port, not from port 123'
complete -c ntpdate-debian -s v -d 'Tell the version, and more of what happens'
complete -c ntpdate-debian -l explain -d 'Say in plain words why there is no time, and what to do'
complete -c ntpdate-debian -l quick -d 'Do not wait for the last servers once a majority of all agrees'
complete -c ntpdate-debian -l rtc -d 'Set the hardware clock too, be the clock stepped, slewed or right; a user of -U may not'
complete -c ntpdate-debian -s h -l help -d 'Print this help and exit'
complete -c ntpdate-debian -l version -d 'Print the version and exit'
complete -c ntpdate-debian -f -a ""
