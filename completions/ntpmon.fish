complete -c ntpmon -l hosts-from -d 'Also query the hosts listed in FILE (-: standard input); repeatable' -r -F
complete -c ntpmon -l hosts-format -d 'Format of these files; detected from the content by default' -r -f -a "auto\t'Detect the format from the content'
list\t'One host or network per line'
ansible-ini\t'An Ansible inventory in INI format'
ansible-json\t'An Ansible inventory in JSON, as ansible-inventory --list prints it'
ansible-yaml\t'An Ansible inventory in YAML'
file-sd-json\t'Prometheus targets (file_sd) in JSON'
file-sd-yaml\t'Prometheus targets (file_sd) in YAML'"
complete -c ntpmon -l hosts-port -d 'Query the hosts in these files on this port, overriding any port in the files' -r
complete -c ntpmon -l jobs -d 'Query at most NUMBER hosts at once' -r
complete -c ntpmon -s i -l interval -d 'Time between two polls in seconds, at least 1 [default: 5, or 10 for several hosts]' -r
complete -c ntpmon -s t -l timeout -d 'Timeout per host, in seconds' -r
complete -c ntpmon -s l -l log -l logfile -d 'Append everything learnt to FILE, as JSON lines' -r -F
complete -c ntpmon -l yes -d 'Query all addresses of large networks without confirmation'
complete -c ntpmon -s 4 -l ipv4 -d 'Use IPv4 only'
complete -c ntpmon -s 6 -l ipv6 -d 'Use IPv6 only'
complete -c ntpmon -s n -l numeric -d 'Show addresses instead of host names'
complete -c ntpmon -s u -l units -d 'Show numbers with units'
complete -c ntpmon -s h -s '?' -l help -d 'Print this help and exit'
complete -c ntpmon -l version -d 'Print the version and exit'
complete -c ntpmon -f -a "(__fish_print_hostnames)"
