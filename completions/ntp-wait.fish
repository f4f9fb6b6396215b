complete -c ntp-wait -s n -l tries -d 'How often to look' -r
complete -c ntp-wait -s s -l sleep -d 'How long to sleep in between' -r
complete -c ntp-wait -l daemon -d 'Ask this daemon alone: ntpd, chronyd, ntpd-rs, timesyncd, chronyd:PATH or ntpd-rs:PATH at a socket of its own; auto tries them in turn' -r
complete -c ntp-wait -s v -l verbose -d 'Show the progress'
complete -c ntp-wait -s h -l help -d 'Print this help and exit'
complete -c ntp-wait -l version -d 'Print the version and exit'
complete -c ntp-wait -f -a ""
