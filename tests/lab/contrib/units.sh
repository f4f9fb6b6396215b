# Runs in the virtual machine. Each line that it prints is a case: its name, a bar, what was found.
ask() { exec 3<>/dev/tcp/127.0.0.1/10123 && printf 'GET %s HTTP/1.0\r\nHost: x\r\n\r\n' "$1" >&3 && cat <&3 && exec 3<&-; } 2>/dev/null
get() { ask "$1" | sed '1,/^\r$/d'; }
found() { echo "CASE $1|$2"; }
until_healthy() { for _ in $(seq 60); do [ -n "$(get /-/healthy)" ] && return; sleep 0.5; done; }
folder=/var/lib/prometheus/node-exporter

systemd-sysusers ntpkit-exporter.conf
systemd-sysusers --inline 'u prometheus - "Prometheus" - -'
install -d -o prometheus -g prometheus "$folder"
for unit in ntpkit-exporter ntpkit-textfile; do
    found "exposure of $unit" "$(systemd-analyze security --no-pager "$unit.service" | tail -n 1)"
done

systemctl start ntpkit-exporter.service
until_healthy
found "the service" "$(systemctl is-active ntpkit-exporter.service) $(get /-/healthy)"
pid=$(systemctl show -P MainPID ntpkit-exporter.service)
found "its user" "$(stat -c %U "/proc/$pid")"
found "its privileges" "$(grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' "/proc/$pid/status" | tr -d '\t' | tr '\n' ' ')"
found "the kernel's clock" "$(get /metrics | grep -E '^ntpkit_(kernel_code|scrape_collector_success.collector="kernel").* ' | tr '\n' ' ')"
found "a probe" "$(get '/probe?target=localhost&module=auto' | grep '^ntpkit_probe_failure_info')"
kill -9 "$pid"
until_healthy
found "after a crash" "$(systemctl show -P NRestarts ntpkit-exporter.service) $(get /-/healthy)"
systemctl stop ntpkit-exporter.service
found "when stopped" "$(systemctl show -P Result ntpkit-exporter.service) $(ask / | head -n 1)"

systemctl start ntpkit-exporter.socket
found "before the first connection" "$(systemctl is-active ntpkit-exporter.socket ntpkit-exporter.service | tr '\n' ' ')"
found "socket activation" "$(get /-/healthy) $(systemctl is-active ntpkit-exporter.service)"
printf 'ARGS="--web.config.file /etc/web.yml"\n' >/etc/default/ntpkit-exporter
printf 'basic_auth_users:\n  alice: $2y$04$Uk4e8F8Ri6ZpyHQ0j3bpGuGZ8n3wJ6s2Jj2sKuZzSxgXcVJYlX2bG\n' >/etc/web.yml
chgrp ntpkit-exporter /etc/web.yml
chmod 640 /etc/web.yml
systemctl restart ntpkit-exporter.service
for _ in $(seq 60); do [ -n "$(ask /)" ] && break; sleep 0.5; done
found "with a password" "$(ask /metrics | head -n 1 | tr -d '\r')"

systemctl start ntpkit-textfile.service
found "the textfile" "$(systemctl show -P Result ntpkit-textfile.service) $(stat -c '%U %a' "$folder/ntpkit.prom") $(grep -E '^ntpkit_textfile_success' "$folder/ntpkit.prom")"
rm "$folder/ntpkit.prom"
systemctl start ntpkit-textfile.timer
for _ in $(seq 200); do [ -e "$folder/ntpkit.prom" ] && break; sleep 0.5; done
found "the timer" "$(ls "$folder")"
echo END
