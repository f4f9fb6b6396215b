#!/bin/sh
# A custom plugin for node-problem-detector. The exit statuses of ntpstat are those that it expects: 0 OK, 1 a problem,
# 2 unknown. Prints one line of at most 80 characters.
message=$(ntpkit ntpstat 2>&1)
status=$?
printf '%s\n' "$message" | head -n 1 | cut -c 1-80
exit "$status"
