"""A proxy before a real daemon that asks it each question once, and then plays the same answer to everyone.

Two programs that ask the same thing one after the other get the same bytes, so their output can be compared exactly,
although the daemon's clock runs on. Questions are the same if they are equal in every octet but the sequence number."""
import select
import struct
import threading
import time

from .mode6 import HEADER, MORE
from .namespaces import datagram_socket

QUIET = 0.25  # seconds without a further fragment that end an incomplete answer


class Recorder:
    """Listens on (namespace, address) and asks `target`."""

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
                if len(packet) < HEADER.size:
                    continue
                question, answers = packet[:2] + packet[4:], self._answers
                if not answers.get(question):
                    answers[question] = self._ask(packet)
                for answer in answers[question]:
                    self._front.sendto(answer[:2] + packet[2:4] + answer[4:], client)
            except OSError:
                pass  # the program's port, or the daemon's, is closed

    def _ask(self, packet):
        while select.select([self._back], [], [], 0)[0]:
            self._back.recv(65535)  # late fragments of an earlier answer
        self._back.send(packet)
        got, until = [], time.monotonic() + QUIET
        while not complete(got):
            left = until - time.monotonic()
            if left <= 0 or not select.select([self._back], [], [], left)[0]:
                break
            answer = self._back.recv(65535)
            if len(answer) >= HEADER.size and answer[2:4] == packet[2:4]:
                got.append(answer)
                until = time.monotonic() + QUIET
        return got


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
