"""NTS servers: the real daemons, and scripted ones with faults."""
import asyncio
import socket
import ssl
import struct
import subprocess
import threading
import time

from ntplab import packages, world
from ntplab.namespaces import enter
from ntplab.packages import LabError
from ntplab.plan import HOSTS, local_clock
from ntplab.world import NO_CLOCK

KE_PORT = 4460
PATIENCE = 30  # seconds for a daemon to open its ports

CHRONY = """allow all
local stratum 2
pidfile @DIR@/pid
bindcmdaddress /
cmdport 0
ntsserverkey @KEY@
ntsservercert @CERT@
ntsdumpdir @DIR@
"""
NTPSEC = "\n".join(["driftfile @DIR@/drift", "disable kernel", *local_clock(1), "nts enable", "nts key @KEY@", "nts cert @CERT@",
                    "nts cookie @DIR@/cookies", "restrict default kod nomodify noquery", "restrict 127.0.0.1", ""])
NTPD_RS = """[observability]
log-level = "info"
ansi-colors = false
observation-path = "@DIR@/observe"
[[source]]
mode = "nts"
address = "time1.lab.test"
certificate-authority = "@CA@"
[[source]]
mode = "server"
address = "192.0.2.12"
[[server]]
listen = "[::]:123"
[[nts-ke-server]]
certificate-chain-path = "@CERT@"
private-key-path = "@KEY@"
listen = "[::]:4460"
[keyset]
key-storage-path = "@DIR@/keys"
[synchronization]
minimum-agreeing-sources = 1
local-stratum = 3
"""


def commands(kind, conf):
    """Returns the command of a daemon with this configuration."""
    return {
        "chrony": lambda: world.chronyd(conf),
        "chrony-new": lambda: [*packages.foreign("chronyd-new"), "-d", "-x", "-U", "-u", "root", "-f", str(conf)],
        "ntpsec": lambda: [*world.real_command("ntpsec-ntpd"), "-n", "-c", str(conf)],
        "ntpd-rs": lambda: [*packages.foreign("ntp-daemon", packages.shared_object("fake_kernel")), "-c", str(conf)],
    }[kind]()


CONFIGURATIONS = {"chrony": CHRONY, "chrony-new": CHRONY, "ntpsec": NTPSEC, "ntpd-rs": NTPD_RS}


class Daemon:
    """A real daemon with NTS on a host; killed with the network."""

    def __init__(self, lab, host, kind, certificate, key, more=""):
        self.host, self.kind = host, kind
        self.folder = lab.folder / f"nts-{host}"
        self.folder.mkdir()
        conf = self.folder / "daemon.conf"
        text = CONFIGURATIONS[kind] + more
        conf.write_text(text.replace("@DIR@", str(self.folder)).replace("@CERT@", str(certificate)).replace("@CA@", str(certificate.with_name("ca.pem"))).replace("@KEY@", str(key)))
        with open(self.folder / "log", "wb") as log:
            self._process = subprocess.Popen(["ip", "netns", "exec", lab.namespace(host), *NO_CLOCK, *commands(kind, conf)],
                                             stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, start_new_session=True)

    def wait(self, lab):
        """Waits until the key exchange port is open."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self._process.poll() is not None:
                break
            try:
                connect(lab.namespace(self.host), HOSTS[self.host].addresses[0]).close()
                return
            except OSError:
                time.sleep(0.1)
        raise LabError(f"no key exchange on {self.host}: {self.log()[-2000:]}")

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def stop(self):
        self._process.terminate()
        self._process.wait()


def within(namespace, work):
    """Runs `work` in a network namespace and returns its result."""
    done = []

    def enter_and_work():
        try:
            enter(namespace)
            done.append(work())
        except OSError as error:
            done.append(error)

    thread = threading.Thread(target=enter_and_work)
    thread.start()
    thread.join()
    if isinstance(done[0], OSError):
        raise done[0]
    return done[0]


def connect(namespace, address, port=KE_PORT):
    return within(namespace, lambda: socket.create_connection((address, port), timeout=5))


def listener(namespace, address, port=KE_PORT):
    """Returns a listening TCP socket in a namespace."""
    return within(namespace, lambda: socket.create_server((address, port)))


def record(kind, body=b"", critical=True):
    return struct.pack("!HH", kind | (0x8000 if critical else 0), len(body)) + body


PROTOCOL = record(1, b"\0\0")
SIV = record(4, b"\0\x0f")
COOKIE = record(5, b"c" * 100, critical=False)
END = record(0)


def granting(*records):
    return b"".join([PROTOCOL, SIV, *records, END])


class Scripted:
    """A key exchange server that always sends the same reply, with TLS or without."""

    def __init__(self, lab, host, address, answer, certificate=None, key=None, alpn=("ntske/1",), newest=ssl.TLSVersion.TLSv1_3):
        self._context = None
        if certificate:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate, key)
            self._context.maximum_version = newest
            if alpn:
                self._context.set_alpn_protocols(list(alpn))
        self._answer = answer
        self._socket = listener(lab.namespace(host), address)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)

    def _serve(self):
        while True:
            try:
                stream, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(stream,), daemon=True).start()

    def _talk(self, stream):
        stream.settimeout(10)
        try:
            if self._context:
                stream = self._context.wrap_socket(stream, server_side=True)
                stream.recv(1000)
            stream.sendall(self._answer)
            if self._context:
                stream.unwrap()
            else:
                stream.recv(1000)
        except (OSError, ValueError):
            pass
        finally:
            stream.close()


class TamperingRelay:
    """A UDP relay that may change, record or drop datagrams; runs in threads."""

    def __init__(self, namespace, address, target, up=None, down=None):
        """`up`, `down`: functions from a datagram and its number (from 1) to the datagram or datagrams to send; None drops it."""
        self._front = within(namespace, lambda: bound(address, 123))
        self._back = within(namespace, lambda: bound("0.0.0.0", 0))
        self._back.connect((target, 123))
        self._changes = {"up": up or same, "down": down or same}
        self._client, self._ended = None, False
        self.passed = {"up": [], "down": []}
        self._threads = [threading.Thread(target=self._pump, args=way, daemon=True) for way in (("up",), ("down",))]
        for thread in self._threads:
            thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        self._ended = True
        for thread in self._threads:
            thread.join(5)
        self._front.close()
        self._back.close()

    def _pump(self, way):
        source = self._front if way == "up" else self._back
        count = 0
        while not self._ended:
            try:
                data, sender = source.recvfrom(65535)
            except OSError:
                continue
            count += 1
            self.passed[way].append(data)
            if way == "up":
                self._client = sender
            data = self._changes[way](data, count)
            for one in data if isinstance(data, list) else [data]:
                if one is not None:
                    try:
                        self._back.send(one) if way == "up" else self._front.sendto(one, self._client)
                    except OSError:
                        pass


class DistantHosts:
    """A server as seen from far away, at several addresses: its key exchange and its NTP port, each octet a fixed time later.

    TCP connections themselves are accepted at once. `silent` addresses accept connections and then say nothing."""

    def __init__(self, namespace, addresses, target, one_way, silent=()):
        self._namespace, self._addresses, self._target = namespace, addresses, target
        self._one_way, self._silent = one_way, silent
        self.first_packet = None  # time.monotonic() of the first NTP packet
        self._loop, self._ready = asyncio.new_event_loop(), threading.Event()
        self._open_ends = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        if not self._ready.wait(10):
            raise LabError("the relay does not start")
        return self

    def __exit__(self, *reason):
        self._loop.call_soon_threadsafe(self._close)
        self._thread.join(5)

    def _close(self):
        for end in self._open_ends:
            end.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.call_later(0.1, self._loop.stop)

    def _run(self):
        enter(self._namespace)
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._open())
        self._ready.set()
        self._loop.run_forever()

    async def _open(self):
        for address in self._addresses:
            server = await asyncio.start_server(lambda *ends, address=address: self._accept(address, *ends), address, KE_PORT)
            front, _ = await self._loop.create_datagram_endpoint(lambda: Front(self), local_addr=(address, 123))
            self._open_ends += [server, front]

    async def _accept(self, address, reader, writer):
        self._open_ends.append(writer)
        if address in self._silent:
            return
        back_reader, back_writer = await asyncio.open_connection(self._target, KE_PORT)
        self._open_ends.append(back_writer)
        await asyncio.gather(self._pump(reader, back_writer), self._pump(back_reader, writer))

    async def _pump(self, reader, writer):
        try:
            while data := await reader.read(65536):
                self.later(writer.write, data)
        except OSError:
            pass
        self.later(writer.close)

    def later(self, work, *what):
        self._loop.call_later(self._one_way, work, *what)

    async def back(self, front, client):
        way, _ = await self._loop.create_datagram_endpoint(lambda: Back(self, front, client), remote_addr=(self._target, 123))
        self._open_ends.append(way)
        return way


class Front(asyncio.DatagramProtocol):
    """The NTP port of a distant host."""

    def __init__(self, hosts):
        self._hosts, self._ways = hosts, {}

    def connection_made(self, transport):
        self._transport = transport

    def datagram_received(self, data, client):
        self._hosts.first_packet = self._hosts.first_packet or time.monotonic()
        asyncio.ensure_future(self._pass_on(data, client))

    async def _pass_on(self, data, client):
        if client not in self._ways:
            self._ways[client] = await self._hosts.back(self._transport, client)
        self._hosts.later(self._ways[client].sendto, data)


class Back(asyncio.DatagramProtocol):
    """The way to the real server, and back."""

    def __init__(self, hosts, front, client):
        self._hosts, self._front, self._client = hosts, front, client

    def datagram_received(self, data, _server):
        self._hosts.later(self._front.sendto, data, self._client)


def same(data, _number):
    return data


def bound(address, port):
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.settimeout(0.2)
    made.bind((address, port))
    return made


def fields(packet):
    """Returns the extension fields of a packet: (type, begin, end)."""
    found, at = [], 48
    while at + 4 <= len(packet):
        kind, length = struct.unpack_from("!HH", packet, at)
        if length < 4:
            break
        found.append((kind, at, at + length))
        at += length
    return found
