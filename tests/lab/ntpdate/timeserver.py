"""A scripted time server (mode 4) with optional faults."""
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
    """Returns a Unix time as an NTP timestamp."""
    return int((seconds + UNIX_EPOCH) * SECOND) & (1 << 64) - 1


def code(name, secret, message):
    """Returns the MAC of a message under a key of this type."""
    digest = hashlib.new(name.lower().replace("sha3-", "sha3_").replace("sha512-", "sha512_").replace("shake", "shake_"), secret + message)
    return (digest.digest({"SHAKE128": 16, "SHAKE256": 32}[name]) if name.startswith("SHAKE") else digest.digest())[:20]


class TimeServer:
    """Answers time requests. `fault` is a function that gets a dictionary of the reply's fields, the number of the request
    and the request, and changes the dictionary or returns False for no reply."""

    def __init__(self, namespace, address, fault=None, port=123):
        self.address, self._fault, self._number, self._ended = address, fault, 0, False
        self._socket = datagram_socket(namespace, address, port)
        self._elsewhere = datagram_socket(namespace, address)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def restart(self):
        """Restarts the numbering of requests."""
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
                pass  # the program has exited and its port is closed

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
            answer += struct.pack("!I", number) + code((digest or ["MD5"])[0], secret, answer)
        answer = (answer + f["tail"])[:f["length"]]
        for _ in range(f["copies"]):
            (self._elsewhere if f["elsewhere"] else self._socket).sendto(answer, client)
