complete -c ntpsweep -s l -l host-list -d 'Query these hosts, separated by commas; repeatable' -r
complete -c ntpsweep -l host -d 'Query only this host' -r
complete -c ntpsweep -s f -l host-file -d 'Query the hosts in this file, one per line; same as the operand' -r -F
complete -c ntpsweep -s m -l maxlevel -d 'Follow peers down to this level; 0 follows all' -r
complete -c ntpsweep -s s -l strip -d 'Remove this text from host names' -r
complete -c ntpsweep -l hosts-from -d 'Also query the hosts listed in FILE (-: standard input); repeatable' -r -F
complete -c ntpsweep -l hosts-format -d 'Format of these files; detected from the content by default' -r -f -a "auto\t'Detect the format from the content'
list\t'One host or network per line'
ansible-ini\t'An Ansible inventory in INI format'
ansible-json\t'An Ansible inventory in JSON, as ansible-inventory --list prints it'
ansible-yaml\t'An Ansible inventory in YAML'
file-sd-json\t'Prometheus targets (file_sd) in JSON'
file-sd-yaml\t'Prometheus targets (file_sd) in YAML'"
complete -c ntpsweep -l hosts-port -d 'Query the hosts in these files on this port, overriding any port in the files' -r
complete -c ntpsweep -l jobs -d 'Query at most NUMBER hosts at once' -r
complete -c ntpsweep -l format -d 'Output format [default: text]' -r -f -a "text\t'Human-readable text'
json\t'JSON'"
complete -c ntpsweep -l timeout -d 'Wait no longer than this for a host' -r
complete -c ntpsweep -l name-timeout -d 'Time limit for all name lookups, in seconds [default: 2]' -r
complete -c ntpsweep -l compat -d 'Reproduce this release of the classic program exactly: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntpsweep -s p -l peers -d 'Also list the peers of each host, and theirs'
complete -c ntpsweep -l yes -d 'Query all addresses of large networks without confirmation'
complete -c ntpsweep -s n -l numeric -d 'Print addresses instead of host names'
complete -c ntpsweep -l explain -d 'Explain each failure: its possible reasons, each with the command that confirms or excludes it'
complete -c ntpsweep -s h -s '?' -l help -d 'Print this help and exit'
complete -c ntpsweep -l more-help -d 'Print this help through $PAGER and exit'
complete -c ntpsweep -l version -d 'Print the version and exit'
complete -c ntpsweep -f -a ""
