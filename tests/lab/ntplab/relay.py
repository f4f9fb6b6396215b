"""A bad network: a UDP relay, in its own process, that delays, drops, duplicates, reorders and corrupts datagrams in both
directions and counts them."""
import heapq
import mmap
import os
import random
import select
import signal
import struct
import sys
import time
from dataclasses import dataclass

from .namespaces import LIBC, datagram_socket

COUNTS = struct.Struct("=QQ")
MAX_REORDER_DELAY = 0.05  # seconds
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Impairments:
    """What happens to datagrams, in each direction. All but `delay` (seconds) and `dropped_replies` are shares from 0 to 1."""
    delay: float = 0.0
    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    corrupt: float = 0.0
    dropped_replies: int = 0  # the first datagrams from the server to drop


class Relay:
    """Relays from a port of (namespace, address) to the same port of `target`. Namespace None is the current one."""

    def __init__(self, namespace, address, target, impairments, seed=1, port=123):
        self.address = address
        self._counts = mmap.mmap(-1, mmap.PAGESIZE)
        front = datagram_socket(namespace, address, port)
        backs = ServerSockets(namespace, target, port)
        self._pid = os.fork()
        if self._pid == 0:
            try:
                LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                self._serve(front, backs, impairments, random.Random(seed))
            except BaseException as error:  # whatever happens, the child must not continue in the parent's code
                print(f"relay: {error!r}", file=sys.stderr)
            os._exit(1)
        front.close()

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)

    def counts(self):
        """Returns the numbers of datagrams received from clients and from the server."""
        return COUNTS.unpack_from(self._counts, 0)

    def _serve(self, front, backs, impairments, rng):
        queue, number, counts, poller = [], 0, [0, 0], select.poll()
        poller.register(front, select.POLLIN)

        def pass_on(data, send):
            nonlocal number
            if rng.random() < impairments.loss:
                return
            for _ in range(2 if rng.random() < impairments.duplicate else 1):
                passed = data
                if data and rng.random() < impairments.corrupt:
                    at = rng.randrange(len(data))
                    passed = data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1:]
                late = rng.uniform(0, MAX_REORDER_DELAY) if rng.random() < impairments.reorder else 0
                number += 1
                heapq.heappush(queue, (time.monotonic() + impairments.delay + late, number, send, passed))

        while True:
            while queue and queue[0][0] <= time.monotonic():
                _, _, send, data = heapq.heappop(queue)
                try:
                    send(data)
                except OSError:
                    pass  # the port was closed
            wait = None if not queue else max(0, (queue[0][0] - time.monotonic()) * 1000)
            for handle, _ in poller.poll(wait):
                try:
                    if handle == front.fileno():
                        data, client = front.recvfrom(65535)
                        back = backs.to_server_for(client, poller)
                        counts[0] += 1
                        pass_on(data, back.send)
                    else:
                        back, client = backs.by_handle[handle]
                        data = back.recv(65535)
                        counts[1] += 1
                        if counts[1] > impairments.dropped_replies:
                            pass_on(data, lambda passed, client=client: front.sendto(passed, client))
                except OSError:
                    pass
                COUNTS.pack_into(self._counts, 0, *counts)


class ServerSockets:
    """The relay's sockets to the server, one per client, so that replies reach the right client."""

    def __init__(self, namespace, target, port):
        self._namespace, self._target, self._port = namespace, target, port
        self._by_client, self.by_handle = {}, {}

    def to_server_for(self, client, poller):
        if client not in self._by_client:
            if len(self._by_client) >= 200:
                self._forget_oldest(poller)
            back = datagram_socket(self._namespace, "::" if ":" in self._target else "0.0.0.0")
            back.connect((self._target, self._port))
            self._by_client[client] = back
            self.by_handle[back.fileno()] = (back, client)
            poller.register(back, select.POLLIN)
        return self._by_client[client]

    def _forget_oldest(self, poller):
        client = next(iter(self._by_client))
        back = self._by_client.pop(client)
        poller.unregister(back)
        del self.by_handle[back.fileno()]
        back.close()
