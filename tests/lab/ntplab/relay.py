"""A bad network: a UDP relay in a process of its own that delays, drops, doubles, reorders and corrupts datagrams in both
directions, and counts them."""
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
REORDERED_BY = 0.05  # seconds: the most that a reordered datagram is late
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Weather:
    """What happens to a datagram on its way, in each direction. All but `delay` (seconds) and `swallowed` are shares from 0 to 1."""
    delay: float = 0.0
    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    corrupt: float = 0.0
    swallowed: int = 0  # of the server's answers, so many of the first are lost


class Relay:
    """(namespace, address), port 123, leads to `target`, port 123. A namespace of None is the one we are in."""

    def __init__(self, namespace, address, target, weather, seed=1, port=123):
        self.address = address
        self._counts = mmap.mmap(-1, mmap.PAGESIZE)
        front = datagram_socket(namespace, address, port)
        backs = Backs(namespace, target, port)
        self._pid = os.fork()
        if self._pid == 0:
            try:
                LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                self._serve(front, backs, weather, random.Random(seed))
            except BaseException as error:  # whatever it is, the child must not run on in the parent's code
                print(f"relay: {error!r}", file=sys.stderr)
            os._exit(1)
        front.close()

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)

    def counts(self):
        """The datagrams that have come from clients and from the server so far."""
        return COUNTS.unpack_from(self._counts, 0)

    def _serve(self, front, backs, weather, rng):
        queue, number, counts, poller = [], 0, [0, 0], select.poll()
        poller.register(front, select.POLLIN)

        def pass_on(data, send):
            nonlocal number
            if rng.random() < weather.loss:
                return
            for _ in range(2 if rng.random() < weather.duplicate else 1):
                passed = data
                if data and rng.random() < weather.corrupt:
                    at = rng.randrange(len(data))
                    passed = data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1:]
                late = rng.uniform(0, REORDERED_BY) if rng.random() < weather.reorder else 0
                number += 1
                heapq.heappush(queue, (time.monotonic() + weather.delay + late, number, send, passed))

        while True:
            while queue and queue[0][0] <= time.monotonic():
                _, _, send, data = heapq.heappop(queue)
                try:
                    send(data)
                except OSError:
                    pass  # a port that has been closed
            wait = None if not queue else max(0, (queue[0][0] - time.monotonic()) * 1000)
            for handle, _ in poller.poll(wait):
                try:
                    if handle == front.fileno():
                        data, client = front.recvfrom(65535)
                        back = backs.towards(client, poller)
                        counts[0] += 1
                        pass_on(data, back.send)
                    else:
                        back, client = backs.by_handle[handle]
                        data = back.recv(65535)
                        counts[1] += 1
                        if counts[1] > weather.swallowed:
                            pass_on(data, lambda passed, client=client: front.sendto(passed, client))
                except OSError:
                    pass
                COUNTS.pack_into(self._counts, 0, *counts)


class Backs:
    """The relay's sockets towards the server: one for each client, so that answers find their way back."""

    def __init__(self, namespace, target, port):
        self._namespace, self._target, self._port = namespace, target, port
        self._by_client, self.by_handle = {}, {}

    def towards(self, client, poller):
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
