"""A proxy before a real daemon that asks it each question once, and then plays the same answer to everyone.

Two programs that ask the same thing one after the other get the same bytes, so their output can be compared exactly,
although the daemon's clock runs on. Questions are the same if they are equal in every octet but the sequence number.

A question with a MAC always goes to the daemon, which alone knows whether it is right and which may be changed by it. If
the daemon answers it with data, the answer to the first such question is played, under a MAC of its own, if its key's
digest is at hand."""
import hashlib
import select
import struct
import threading
import time

from .mode6 import ERROR, HEADER, MORE, READ_ORDERED_LIST, READ_VARIABLES
from .namespaces import datagram_socket
from .plan import KEYS

SHORTEST_MAC = 20  # octets, the key's number among them
PLAYED = (READ_VARIABLES, READ_ORDERED_LIST)  # the questions with a MAC whose answers move
DIGESTS = {"MD5": hashlib.md5, "SHA1": hashlib.sha1}
SECRETS = {int(number): (DIGESTS[kind], secret.encode()) for number, kind, secret in map(str.split, KEYS.splitlines())
           if kind in DIGESTS and len(secret) <= 20}
QUIET = 0.25  # seconds without a further fragment that end an incomplete answer


class Recorder:
    """Listens on (namespace, address) and asks `target`."""
    LEAST = HEADER.size  # octets

    def __init__(self, namespace, address, target, port=123):
        self.address = address
        self._front = datagram_socket(namespace, address, port)
        self._back = datagram_socket(namespace, "::" if ":" in target else "0.0.0.0")
        self._back.connect((target, port))
        self._answers, self._ended = {}, False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def forget(self):
        """Ask the daemon anew."""
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
                if len(packet) < self.LEAST:
                    continue
                for answer in self._answer(packet):
                    self._front.sendto(answer, client)
            except OSError:
                pass  # the program's port, or the daemon's, is closed

    def _answer(self, packet):
        end = HEADER.size + HEADER.unpack_from(packet)[-1]
        sealed = len(packet) - end >= SHORTEST_MAC
        question, answers = packet[:2] + packet[4:end if sealed else None], self._answers
        if sealed:
            live = self._ask(packet)
            if not self._complete(live) or live[0][1] & ERROR or packet[1] & 0x1F not in PLAYED or not known(live[0]):
                return live
            answers.setdefault(question, live)
        elif not answers.get(question):
            answers[question] = self._ask(packet)
        return [with_sequence(answer, packet[2:4]) for answer in answers[question]]

    def _ask(self, packet):
        while select.select([self._back], [], [], 0)[0]:
            self._back.recv(65535)  # late fragments of an earlier answer
        self._back.send(packet)
        got, until = [], time.monotonic() + QUIET
        while not self._complete(got):
            left = until - time.monotonic()
            if left <= 0 or not select.select([self._back], [], [], left)[0]:
                break
            answer = self._back.recv(65535)
            if len(answer) >= self.LEAST and self._belongs(answer, packet):
                got.append(answer)
                until = time.monotonic() + QUIET
        return got

    def _belongs(self, answer, packet):
        """Whether an answer has the sequence number of a question."""
        return answer[2:4] == packet[2:4]

    def _complete(self, packets):
        return complete(packets)


def known(answer):
    """Where the MAC of an answer begins, its digest and its secret; None if it is not of a known key."""
    for number, (digest, secret) in SECRETS.items():
        end = len(answer) - 4 - digest().digest_size
        if end >= HEADER.size + HEADER.unpack_from(answer)[-1] and answer[end:end + 4] == struct.pack("!I", number):
            return end + 4, digest, secret
    return None


def with_sequence(answer, sequence):
    """The answer to a question with this sequence number, with a MAC that fits if it had one."""
    answer, sealed = answer[:2] + sequence + answer[4:], known(answer)
    if not sealed:
        return answer
    start, digest, secret = sealed
    return answer[:start] + digest(secret + answer[:start - 4]).digest()


def complete(packets):
    """Whether the fragments of one answer are all there."""
    spans = {}
    end = None
    for packet in packets:
        offset, count = struct.unpack_from("!HH", packet, 8)
        spans[offset] = count
        if not packet[1] & MORE:
            end = offset + count
    return end is not None and (sum(spans.values()) >= end or packets[-1][1] & 0x40)
