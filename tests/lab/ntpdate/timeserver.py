"""A scripted time server, mode 4, that can be wrong in many ways."""
import hashlib
import select
import struct
import threading
import time

from ntplab.namespaces import datagram_socket

HEADER = struct.Struct("!BBbbIIIQQQQ")
SECOND = 1 << 32
UNIX_EPOCH = 2208988800


def stamp(seconds):
    """A Unix time as an NTP time stamp."""
    return int((seconds + UNIX_EPOCH) * SECOND) & (1 << 64) - 1


class TimeServer:
    """Answers requests for the time. `fault` is a function: it gets a dictionary of the answer's fields, the number
    of the request and the request itself, and changes the dictionary (or returns False: no answer)."""

    def __init__(self, namespace, address, fault=None, port=123):
        self.address, self._fault, self._number, self._ended = address, fault, 0, False
        self._socket = datagram_socket(namespace, address, port)
        self._elsewhere = datagram_socket(namespace, address)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def restart(self):
        """The next request is the first again."""
        self._number = 0

    def close(self):
        self._ended = True
        self._thread.join()
        self._socket.close()
        self._elsewhere.close()

    def _serve(self):
        while not self._ended:
            if not select.select([self._socket], [], [], 0.1)[0]:
                continue
            try:
                packet, client = self._socket.recvfrom(4096)
                now = time.time()
                if len(packet) >= HEADER.size:
                    self._number += 1
                    self._answer(packet, client, now)
            except OSError:
                pass  # the program has ended and its port is closed

    def _answer(self, packet, client, now):
        fields = dict(leap=0, version=packet[0] >> 3 & 7, mode=4, stratum=2, poll=3, precision=-20, root_delay=4660,
                      root_dispersion=1383, refid=0xC0000201, offset=0.0, reference=now - 30, origin=None, receive=None,
                      transmit=None, length=None, key=None, tail=b"", copies=1, elsewhere=False)
        if self._fault and self._fault(fields, self._number, packet) is False:
            return
        f = fields
        at = now + f["offset"]
        times = [stamp(f["reference"] + f["offset"]), HEADER.unpack(packet[:48])[10] if f["origin"] is None else f["origin"],
                 stamp(at) if f["receive"] is None else f["receive"], stamp(at) if f["transmit"] is None else f["transmit"]]
        answer = HEADER.pack(f["leap"] << 6 | f["version"] << 3 | f["mode"], f["stratum"], f["poll"], f["precision"],
                             f["root_delay"], f["root_dispersion"], f["refid"], *times)
        if f["key"]:
            number, secret, *digest = f["key"]
            answer += struct.pack("!I", number) + hashlib.new((digest or ["md5"])[0], secret + answer).digest()[:20]
        answer = (answer + f["tail"])[:f["length"]]
        for _ in range(f["copies"]):
            (self._elsewhere if f["elsewhere"] else self._socket).sendto(answer, client)
