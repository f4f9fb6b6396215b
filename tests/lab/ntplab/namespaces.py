"""Creates and removes network namespaces, and opens sockets in them."""
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

from .packages import LabError, run

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
ETC = Path("/etc/netns")  # `ip netns exec` mounts these files over those in /etc


def add(name):
    """Creates a network namespace with its loopback interface up."""
    run("ip", "netns", "add", name)
    run("ip", "-n", name, "link", "set", "lo", "up")


def join(name, bridge, port, addresses):
    """Connects a namespace to the bridge in another one, with exactly these addresses."""
    run("ip", "-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", port, "netns", bridge)
    run("ip", "-n", bridge, "link", "set", port, "master", "br0", "up")
    run("ip", "-n", name, "link", "set", "eth0", "addrgenmode", "none")  # no link-local address: daemons would wait for it
    for address in addresses:
        extra = ["/64", "nodad"] if ":" in address else ["/24", None]
        run("ip", "-n", name, "addr", "add", address + extra[0], "dev", "eth0", *filter(None, extra[1:]))
    run("ip", "-n", name, "link", "set", "eth0", "up")
    run("ip", "-n", name, "route", "add", "default", "dev", "eth0")


def remove_all(prefix):
    """Kills all processes in the namespaces with this name prefix and removes the namespaces."""
    names = [line.split()[0] for line in run("ip", "netns", "list").splitlines() if line.startswith(prefix)]
    for kill in (signal.SIGTERM, signal.SIGKILL):
        left = [int(pid) for name in names for pid in run("ip", "netns", "pids", name).split()]
        for pid in left:
            if pid != os.getpid():
                try:
                    os.kill(pid, kill)
                except ProcessLookupError:
                    pass
        for _ in range(20):
            if not any(run("ip", "netns", "pids", name).split() for name in names):
                break
            time.sleep(0.05)
    for name in names:
        subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
        shutil.rmtree(ETC / name, ignore_errors=True)


def name_service(name, hosts, resolv_conf):
    """Sets /etc/hosts and /etc/resolv.conf for programs in a namespace."""
    etc = ETC / name
    etc.mkdir(parents=True, exist_ok=True)
    (etc / "hosts").write_text("127.0.0.1 localhost\n::1 localhost ip6-localhost\n" + hosts)
    (etc / "resolv.conf").write_text(resolv_conf)
    nsswitch = Path("/etc/nsswitch.conf")
    if nsswitch.exists():  # a bind mount needs an existing target
        others = [line for line in nsswitch.read_text().splitlines() if not line.startswith("hosts:")]
        (etc / "nsswitch.conf").write_text("\n".join([*others, "hosts: files dns", ""]))


def enter(namespace):
    """Moves the calling thread (only) into a network namespace."""
    handle = os.open(f"/run/netns/{namespace}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        if LIBC.setns(handle, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"entering {namespace}")
    finally:
        os.close(handle)


def datagram_socket(namespace, address, port=0):
    """Opens a bound UDP socket in a namespace (None: the current one). The calling thread stays where it is."""
    made = []

    def enter_and_make():
        try:
            if namespace is not None:
                enter(namespace)
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            made_socket = socket.socket(family, socket.SOCK_DGRAM)
            made_socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            made_socket.bind((address, port))
            made.append(made_socket)
        except OSError as error:
            made.append(error)

    thread = threading.Thread(target=enter_and_make)
    thread.start()
    thread.join()
    if isinstance(made[0], OSError):
        raise LabError(f"a socket on {address}:{port} in {namespace}: {made[0]}")
    return made[0]
