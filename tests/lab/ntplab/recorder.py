"""A proxy in front of a real daemon that forwards each request once and then replays the same reply to everyone.

Two programs that send the same requests get the same bytes, so their output can be compared exactly although the daemon's
state changes. Requests are the same if they are equal in every octet except the sequence number.

A request with a MAC always goes to the daemon, which alone can verify it and may be changed by it. If the reply has data,
the reply to the first such request is replayed, with a new MAC if the digest of the key is available."""
import hashlib
import select
import struct
import threading
import time

from .mode6 import ERROR, HEADER, MORE, READ_ORDERED_LIST, READ_VARIABLES
from .namespaces import datagram_socket
from .plan import KEYS

MIN_MAC_LENGTH = 20  # octets, including the key identifier
REPLAYED = (READ_VARIABLES, READ_ORDERED_LIST)  # authenticated requests whose replies change over time
DIGESTS = {"MD5": hashlib.md5, "SHA1": hashlib.sha1}
SECRETS = {int(number): (DIGESTS[kind], secret.encode()) for number, kind, secret in map(str.split, KEYS.splitlines())
           if kind in DIGESTS and len(secret) <= 20}
QUIET = 0.25  # seconds without another fragment after which an incomplete reply is given up


class Recorder:
    """Listens on (namespace, address) and queries `target`."""
    MIN_LENGTH = HEADER.size  # octets

    def __init__(self, namespace, address, target, port=123):
        self.address = address
        self._front = datagram_socket(namespace, address, port)
        self._back = datagram_socket(namespace, "::" if ":" in target else "0.0.0.0")
        self._back.connect((target, port))
        self._answers, self._ended = {}, False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def forget(self):
        """Drops the recorded replies, so that the daemon is queried again."""
        self._answers = {}

    def close(self):
        self._ended = True
        self._thread.join()
        self._front.close()
        self._back.close()

    def _serve(self):
        while not self._ended:
            if not select.select([self._front], [], [], 0.1)[0]:
                continue
            try:
                packet, client = self._front.recvfrom(65535)
                if len(packet) < self.MIN_LENGTH:
                    continue
                for answer in self._answer(packet):
                    self._front.sendto(answer, client)
            except OSError:
                pass  # the program's port, or the daemon's, is closed

    def _answer(self, packet):
        end = HEADER.size + HEADER.unpack_from(packet)[-1]
        sealed = len(packet) - end >= MIN_MAC_LENGTH
        question, answers = packet[:2] + packet[4:end if sealed else None], self._answers
        if sealed:
            live = self._ask(packet)
            if not self._is_complete(live) or live[0][1] & ERROR or packet[1] & 0x1F not in REPLAYED or not find_mac(live[0]):
                return live
            answers.setdefault(question, live)
        elif not answers.get(question):
            answers[question] = self._ask(packet)
        return [with_sequence(answer, packet[2:4]) for answer in answers[question]]

    def _ask(self, packet):
        while select.select([self._back], [], [], 0)[0]:
            self._back.recv(65535)  # late fragments of an earlier reply
        self._back.send(packet)
        got, until = [], time.monotonic() + QUIET
        while not self._is_complete(got):
            left = until - time.monotonic()
            if left <= 0 or not select.select([self._back], [], [], left)[0]:
                break
            answer = self._back.recv(65535)
            if len(answer) >= self.MIN_LENGTH and self._belongs(answer, packet):
                got.append(answer)
                until = time.monotonic() + QUIET
        return got

    def _belongs(self, answer, packet):
        """Whether a reply has the sequence number of a request."""
        return answer[2:4] == packet[2:4]

    def _is_complete(self, packets):
        return is_complete(packets)


def find_mac(answer):
    """Returns where the digest in a reply's MAC starts, its function and its secret; None if the key is unknown."""
    for number, (digest, secret) in SECRETS.items():
        end = len(answer) - 4 - digest().digest_size
        if end >= HEADER.size + HEADER.unpack_from(answer)[-1] and answer[end:end + 4] == struct.pack("!I", number):
            return end + 4, digest, secret
    return None


def with_sequence(answer, sequence):
    """Returns a reply with this sequence number, and with a new MAC if it had one."""
    answer, mac = answer[:2] + sequence + answer[4:], find_mac(answer)
    if not mac:
        return answer
    start, digest, secret = mac
    return answer[:start] + digest(secret + answer[:start - 4]).digest()


def is_complete(packets):
    """Whether all fragments of a reply have arrived."""
    spans = {}
    end = None
    for packet in packets:
        offset, count = struct.unpack_from("!HH", packet, 8)
        spans[offset] = count
        if not packet[1] & MORE:
            end = offset + count
    return end is not None and (sum(spans.values()) >= end or packets[-1][1] & 0x40)
