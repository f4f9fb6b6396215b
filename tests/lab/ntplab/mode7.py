"""Mode 7 packets as a server sees them, and ways to build malformed ones."""
import struct

HEADER = struct.Struct("!BBBBHH")
MORE, RESPONSE, SEALED = 0x40, 0x80, 0x80
FIRST_OCTET = 0x17  # of a request: version 2, mode 7
CURRENT, OLD = 3, 2  # implementation numbers
ROOM = 500  # octets for items in a reply


class Request:
    """A request's header fields and items."""
    MIN_LENGTH = HEADER.size  # octets

    def __init__(self, packet):
        self.packet = packet
        self.first_octet, second, self.implementation, self.code, count, size = HEADER.unpack_from(packet)
        self.sealed = bool(second & SEALED)
        self.size, self.count = size & 0xFFF, count & 0xFFF
        body = packet[HEADER.size:HEADER.size + self.size * self.count]
        self.items = [body[at:at + self.size] for at in range(0, len(body), self.size)] if self.size else []


def reply(request, items=(), size=None, error=0, sequence=0, more=False, count=None, implementation=None, code=None, first=None,
          second=None, reserved=0):
    """Returns one reply packet; every field can be overridden."""
    items = list(items)
    size = (len(items[0]) if items else 0) if size is None else size
    head = HEADER.pack((RESPONSE | FIRST_OCTET | (MORE if more else 0)) if first is None else first,
                       sequence if second is None else second,
                       request.implementation if implementation is None else implementation,
                       request.code if code is None else code,
                       error << 12 | (len(items) if count is None else count), reserved << 12 | size)
    return head + b"".join(items)


def replies(request, items, room=ROOM):
    """Returns the reply packets for any number of items."""
    items = list(items)
    if not items:
        return [reply(request)]
    each = max(1, room // len(items[0]))
    starts = range(0, len(items), each)
    return [reply(request, items[at:at + each], sequence=number, more=at + each < len(items)) for number, at in enumerate(starts)]


def is_complete(packets):
    """Whether all packets of a reply have arrived."""
    sequences = {packet[1] & 0x7F for packet in packets}
    last = [packet[1] & 0x7F for packet in packets if not packet[0] & MORE]
    return bool(last) and len(sequences) == last[-1] + 1


def error_code(packet):
    """Returns the error code of a reply."""
    return packet[4] >> 4
