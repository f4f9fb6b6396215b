complete -c ntptrace -s m -l max-hosts -d 'Query at most this many hosts' -r
complete -c ntptrace -s r -l host -d 'Start with this host; same as the operand' -r
complete -c ntptrace -l hosts-from -d 'Also query the hosts listed in FILE (-: standard input); repeatable' -r -F
complete -c ntptrace -l hosts-format -d 'Format of these files; detected from the content by default' -r -f -a "auto\t'Detect the format from the content'
list\t'One host or network per line'
ansible-ini\t'An Ansible inventory in INI format'
ansible-json\t'An Ansible inventory in JSON, as ansible-inventory --list prints it'
ansible-yaml\t'An Ansible inventory in YAML'
file-sd-json\t'Prometheus targets (file_sd) in JSON'
file-sd-yaml\t'Prometheus targets (file_sd) in YAML'"
complete -c ntptrace -l hosts-port -d 'Query the hosts in these files on this port, overriding any port in the files' -r
complete -c ntptrace -l jobs -d 'Query at most NUMBER hosts at once' -r
complete -c ntptrace -l format -d 'Output format [default: text]' -r -f -a "text\t'Lines of the original'
json\t'JSON, one object'
dot\t'A graph in the language of Graphviz'"
complete -c ntptrace -l timeout -d 'Wait no longer than this for a host' -r
complete -c ntptrace -l name-timeout -d 'Time limit for all name lookups, in seconds [default: 2]' -r
complete -c ntptrace -l compat -d 'Reproduce this release of the classic program exactly: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntptrace -s n -l numeric -d 'Print addresses instead of host names'
complete -c ntptrace -s a -l all -d 'Follow all sources that survive the selection, and draw them as a tree'
complete -c ntptrace -l yes -d 'Query all addresses of large networks without confirmation'
complete -c ntptrace -l explain -d 'Explain each failure: its possible reasons, each with the command that confirms or excludes it'
complete -c ntptrace -s h -s '?' -l help -d 'Print this help and exit'
complete -c ntptrace -l more-help -d 'Print this help through $PAGER and exit'
complete -c ntptrace -l version -d 'Print the version and exit'
complete -c ntptrace -s 4 -l ipv4 -d 'Use an IPv4 address of HOST'
complete -c ntptrace -s 6 -l ipv6 -d 'Use an IPv6 address of HOST'
complete -c ntptrace -f -a "(__fish_print_hostnames)"
