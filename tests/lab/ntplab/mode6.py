"""Mode 6 packets (RFC 9327) as a server sees them, and ways to build malformed ones."""
import struct

HEADER = struct.Struct("!BBHHHHH")
READ_STATUS, READ_VARIABLES, READ_CLOCK, READ_ORDERED_LIST = 1, 2, 4, 11
MORE, ERROR, RESPONSE = 0x20, 0x40, 0x80
FRAGMENT = 468


class Request:
    """A request's header fields and data."""
    MIN_LENGTH = HEADER.size  # octets

    def __init__(self, packet):
        self.packet = packet
        (self.first_octet, second, self.sequence, self.status, self.association_id, self.offset,
         self.count) = HEADER.unpack_from(packet)
        self.opcode = second & 0x1F
        self.data = packet[HEADER.size:HEADER.size + self.count]


def octets(text):
    return text.encode("latin-1") if isinstance(text, str) else text


def reply(request, data=b"", status=0, more=False, offset=0, error=False, association_id=None, opcode=None,
          version=None, count=None, sequence=None, pad=True):
    """Returns one reply packet; every field can be overridden."""
    data = octets(data)
    second = (RESPONSE | (ERROR if error else 0) | (MORE if more else 0)
              | ((request.opcode if opcode is None else opcode) & 0x1F))
    head = HEADER.pack(request.first_octet if version is None else version << 3 | 6, second,
                       request.sequence if sequence is None else sequence, status,
                       request.association_id if association_id is None else association_id, offset,
                       len(data) if count is None else count)
    return head + data + (b"\0" * (-len(data) % 4) if pad else b"")


def replies(request, data, status=0):
    """Returns the reply packets for data of any length."""
    data = octets(data)
    starts = range(0, max(len(data), 1), FRAGMENT)
    return [reply(request, data[at:at + FRAGMENT], status, more=at + FRAGMENT < len(data), offset=at) for at in starts]


def status_list(entries):
    """Returns the data of a READSTAT reply with these (association ID, peer status word) pairs."""
    return b"".join(struct.pack("!HH", association, status) for association, status in entries)
