"""A scripted server: a function answers each request with any list of datagrams."""
import select
import threading

from . import mode6
from .namespaces import datagram_socket


class FakeServer:
    """Answers on an address of a namespace. `script(request, number)` returns the datagrams of the reply; `number` counts
    requests from 1 since the script was set. `request` parses a packet: `mode6.Request` or `mode7.Request`."""

    def __init__(self, namespace, address, request=mode6.Request, port=123):
        self.address, self._request = address, request
        self._socket = datagram_socket(namespace, address, port)
        self._script, self._number, self._ended = None, 0, False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def play(self, script):
        """Sets a script and restarts the numbering of requests."""
        self._number = 0
        self._script = script

    @property
    def requests(self):
        """The number of requests since the script was set."""
        return self._number

    def close(self):
        self._ended = True
        self._thread.join()
        self._socket.close()

    def _serve(self):
        while not self._ended:
            if not select.select([self._socket], [], [], 0.1)[0]:
                continue
            try:
                packet, client = self._socket.recvfrom(65535)
                if len(packet) < self._request.MIN_LENGTH or self._script is None:
                    continue
                self._number += 1
                for answer in self._script(self._request(packet), self._number) or []:
                    self._socket.sendto(answer, client)
            except OSError:
                pass  # the program has exited and its port is closed
