"""A name server that never answers and counts its queries."""
import select
import threading

from .namespaces import datagram_socket


class SilentNameServer:
    """Listens on a namespace's 127.0.0.1, port 53."""

    def __init__(self, namespace):
        self._socket = datagram_socket(namespace, "127.0.0.1", 53)
        self.queries, self._ended = 0, False
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        self._ended = True
        self._thread.join()
        self._socket.close()

    def _listen(self):
        while not self._ended:
            if select.select([self._socket], [], [], 0.1)[0]:
                self._socket.recv(65535)
                self.queries += 1
