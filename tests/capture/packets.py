"""Packets and captures made up by hand, for readers to read."""

import struct

from hypothesis import strategies as st

from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Chat, Hello, NickChange, Ping, Pong, Say

CLIENT, SERVER = b"\x0a\0\0\1", b"\x0a\0\0\2"


def tcp(seq, data=b"", flags=0x18, ack=0, *, up=True, port=3490, client=50000, options=b""):
    source, target = (client, port) if up else (port, client)
    words = 5 + len(options) // 4 << 4
    head = struct.pack(">HHIIBBHHH", source, target, seq, ack, words, flags, 65535, 0, 0)
    return head + options + data


def ipv4(segment, *, up=True, total=None, fragment=0):
    ends = CLIENT + SERVER if up else SERVER + CLIENT
    size = 20 + len(segment) if total is None else total
    return struct.pack(">BBHHHBBH", 0x45, 0, size, 0, fragment, 64, 6, 0) + ends + segment


def ipv6(segment, *, extension=b""):
    ends = (b"\0" * 15 + b"\1") * 2
    kind = 0 if extension else 6
    size = len(extension) + len(segment)
    return struct.pack(">IHBB", 0x60000000, size, kind, 64) + ends + extension + segment


def pcap(packets, linktype=101, *, order="<", nano=False, snap=None):
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, linktype)]
    for number, packet in enumerate(packets):
        kept = packet[:snap]
        out.append(struct.pack(order + "IIII", 1000, number, len(kept), len(packet)) + kept)
    return b"".join(out)


def block(kind, body, *, order="<"):
    body += b"\0" * (-len(body) % 4)
    length = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + length + body + length


def section(*, order="<", resolution=9, linktype=101):
    options = struct.pack(order + "HHB3xHH", 9, 1, resolution, 0, 0)
    return block(
        0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order=order
    ) + block(1, struct.pack(order + "HHI", linktype, 0, 0) + options, order=order)


def enhanced(packet, stamp, *, order="<", interface=0, kept=None, comment=b""):
    data = packet[:kept]
    head = struct.pack(
        order + "IIIII", interface, stamp >> 32, stamp & 0xFFFFFFFF, len(data), len(packet)
    )
    data += b"\0" * (-len(data) % 4)
    options = b""
    if comment:
        padded = comment + b"\0" * (-len(comment) % 4)
        options = struct.pack(order + "HH", 1, len(comment)) + padded + b"\0\0\0\0"
    return block(6, head + data + options, order=order)


# ------------------------------------------------------------ any talk, for hypothesis

_NICKS = st.sampled_from(["alice", "bob", "eve\u202e"])
_TEXTS = st.sampled_from(["hi", "x" * 90, "{[}]", "é"])
_IDS = st.sampled_from(["", "1", "2"])

UPWARD = st.one_of(
    st.builds(Hello, nick=_NICKS, v=st.sampled_from([0, 1])),
    st.builds(Say, message=_TEXTS, id=_IDS),
    st.builds(Ping, id=_IDS),
).map(encode_frame)

DOWNWARD = st.one_of(
    st.builds(Chat, nick=_NICKS, message=_TEXTS, seq=st.integers(0, 3), id=_IDS),
    st.builds(NickChange, nick=_NICKS, to=_NICKS),
    st.builds(Pong, id=_IDS),
    st.sampled_from(["chat", "odd"]).map(lambda kind: Chat(nick=kind, message=kind)),
).map(encode_frame)

ODD = st.sampled_from(
    [b"\0\0", b"\0\3abc", b'\0\x0f{"type":"zzz1"}', b'\0\x0f{"type":"chat"}', b"\xff", b'\0\x40{"t']
)
