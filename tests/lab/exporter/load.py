"""200 probes of different hosts a second while hostile clients do what they can: every probe is answered, in little memory.

As a program: load.py EXPORTER_PORT HOSTS_PORT prints, as JSON, how many probes were sent, and the answers that were not as they should be."""
import json
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

RATE, SECONDS = 200, 20
CROWD = 1000  # connections that are held open
MEMORY = 56 << 20  # octets by which the exporter may grow
ATTACKS = [
    b"",  # says nothing
    b"GET /metrics HTTP/1.1\r\nX-Slow: ",  # never ends
    b"GET / HTTP/1.1\r\nX-Long: " + b"a" * (1 << 20),
    b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 100,  # reads none of the answers
    b"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\nx",
]


def check(report, begin, port, hosts_port, exporter):
    """Runs it on a host. `begin`: starts a command there; `exporter`: a process that listens at that port."""
    before = memory(exporter)
    with begin([sys.executable, __file__, port, hosts_port]) as client:
        output, errors = client.communicate(timeout=180)
    found = json.loads(output) if output else {"sent": 0, "wrong": [errors]}
    grown = memory(exporter) - before
    name = f"load: {RATE} probes a second beside hostile clients"
    report.check(name, found["sent"] == RATE * SECONDS and not found["wrong"], f"{found['sent']} sent, {len(found['wrong'])} wrong: {found['wrong'][:5]}")
    report.check(f"{name}: memory", grown < MEMORY, f"{grown} octets more than {before}")


def memory(process):
    """The memory of a program that was started through `ip netns exec` and setpriv, which it has replaced."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())[1]) << 10


def main(port, hosts_port):
    wrong, ended = [], threading.Event()
    attackers = [threading.Thread(target=attack, args=(port, ended)) for _ in range(2)]
    for attacker in attackers:
        attacker.start()
    probes, start = [], time.monotonic()
    for number in range(RATE * SECONDS):
        time.sleep(max(0, start + number / RATE - time.monotonic()))
        target = f"127.{1 + (number >> 16)}.{number >> 8 & 255}.{number & 255}:{hosts_port}"
        probes.append(threading.Thread(target=probe, args=(port, target, wrong)))
        probes[-1].start()
    for one in probes:
        one.join()
    ended.set()
    for attacker in attackers:
        attacker.join()
    print(json.dumps({"sent": len(probes), "wrong": wrong}))


def probe(port, target, wrong):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as stream:
            stream.sendall(f"GET /probe?target={target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while octets := stream.recv(65536):
                answer += octets
    except OSError as error:
        wrong.append(f"{target}: {error}")
        return
    if b"\nntpkit_probe_success 1\n" not in answer:
        wrong.append(f"{target}: {answer[:100]!r}")


def attack(port, ended):
    """Opens 200 connections a second, as many as CROWD at once, and ends half of them for one direction."""
    crowd, number = [], 0
    while not ended.wait(0.005):
        number += 1
        try:
            stream = socket.create_connection(("127.0.0.1", port), timeout=5, source_address=("127.0.0.66", 0))
            crowd.append(stream)
            stream.setblocking(False)
            stream.send(ATTACKS[number % len(ATTACKS)])
            if number % 2:
                stream.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it was refused or closed
        while len(crowd) > CROWD // 2:
            crowd.pop(0).close()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
