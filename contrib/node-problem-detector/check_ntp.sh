#!/bin/sh
# A custom plugin for node-problem-detector, which expects 0 (no problem), 1 (a problem) or 2 (unknown): the exit statuses
# of ntpstat. With the argument `daemon`, only a daemon that does not answer is a problem. Prints one line of at most 80
# characters.
message=$(ntpkit ntpstat 2>&1)
status=$?
if [ "${1:-}" = daemon ]; then
    case $status in
    0 | 1)
        message='a time daemon answers'
        status=0
        ;;
    2) status=1 ;;
    *) status=2 ;;
    esac
fi
printf '%s\n' "$message" | head -n 1 | cut -c 1-80
exit "$status"
