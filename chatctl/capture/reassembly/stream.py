"""One direction of a TCP connection put in order again, in bounded memory, every hole visible.

Each octet is delivered once and in order: what arrives early waits, what arrives again is dropped,
and where two copies differ the first one counts. A hole is given up, as a GAP record, only with
proof that the octets did arrive (the receiver has acknowledged them, and they have had time to
turn up late in the capture), or when too much waits behind it, or at the end.
"""

from bisect import insort
from collections.abc import Callable

from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.record import Kind
from chatctl.wire.packets import Direction

MAX_WAITING = 4 << 20
MAX_PIECES = 4096
GRACE_PACKETS = 64
GRACE_TIME = 1_000_000_000

MASK = 0xFFFFFFFF
_HALF = 0x80000000

Emit = Callable[[Kind, Direction, bytes, int, str], None]


def distance(seq: int, base: int) -> int:
    """Return how far *seq* lies ahead of *base* (negative: behind), both modulo 2**32."""
    return ((seq - base + _HALF) & MASK) - _HALF


class Stream:
    """One direction of one connection.

    Attributes:
        direction: which.
        position: octets delivered or given up, without wrap.
        next: the sequence number of the octet at *position*; -1 until one was seen.
        isn: the sequence number of its SYN; -1 where that was not captured.
        fin: the position of its end, and the comment on it, once a FIN was seen.
        over: whether nothing more can come.
        pieces: octets ahead of a hole, by position, without overlap.
    """

    __slots__ = (
        "_emit", "_findings", "acked", "direction", "fin", "isn", "next", "over", "pieces",
        "position", "stalled_at", "stalled_for", "waiting",
    )  # fmt: skip

    def __init__(self, direction: Direction, emit: Emit, findings: Findings) -> None:
        """Hand what happens to *emit*: kind, direction, data, octets missing, note."""
        self.direction = direction
        self.position = 0
        self.next = -1
        self.isn = -1
        self.acked = -1
        self.fin: tuple[int, str] | None = None
        self.over = False
        self.pieces: list[tuple[int, bytes]] = []
        self.waiting = 0
        self.stalled_at = 0
        self.stalled_for = 0
        self._emit = emit
        self._findings = findings

    def begin(self, seq: int) -> None:
        """Take a SYN's sequence number."""
        self.isn = seq
        self.next = (seq + 1) & MASK

    def may_begin(self, seq: int) -> bool:
        """Return whether a SYN of *seq* may be this stream's, which has none yet."""
        return self.isn < 0 and self.position == 0 and self.next in (-1, (seq + 1) & MASK)

    def data(self, at: int, seq: int, data: bytes, note: str) -> None:
        """Take a segment's octets, captured *at* nanoseconds."""
        if self.next < 0:
            self.next = seq
        ahead = distance(seq, self.next)
        if ahead < 0:
            self._findings.repeated += 1
            self.stalled_for += 1
            data = data[-ahead:]
            ahead = 0
        if not data:
            return
        if self.pieces or ahead:
            self._wait(at, self.position + ahead, data)
            self._drain(at)
        else:
            self._deliver(data, note)
        if self.fin is not None:
            self.finish()

    def acknowledged(self, at: int, ack: int) -> None:
        """Take what the receiver says it has; it may prove that a hole will not fill."""
        self.acked = ack
        if self.next < 0:
            self.next = ack
        if not self.pieces:
            return
        self.stalled_for += 1
        late = self.stalled_for > GRACE_PACKETS or at - self.stalled_at > GRACE_TIME
        if late and self._place(ack) >= self.pieces[0][0]:
            self._skip_hole(at)

    def ends(self, seq: int, note: str) -> None:
        """Take a FIN that has the sequence number *seq*."""
        if self.next < 0:
            self.next = seq
        self.fin = (self._place(seq), note)
        self.finish()

    def finish(self) -> None:
        """Close if the FIN is next."""
        if self.fin is None or self.over or self.position < self.fin[0]:
            return
        self.next = (self.next + 1) & MASK
        self.over = True
        self._emit(Kind.CLOSE, self.direction, b"", 0, self.fin[1])

    def give_up(self, at: int) -> None:
        """Show every hole as one: nothing more will come."""
        while self.pieces:
            self._skip_hole(at)
        if self.fin is not None and not self.over:
            self._gap(self.fin[0] - self.position)
            self.finish()

    def lost_tail(self) -> None:
        """Show what the receiver acknowledged and the capture never had, at the very end."""
        if self.acked >= 0 and self.next >= 0 and not self.over:
            missing = distance(self.acked, self.next)
            if 0 < missing < MAX_WAITING:
                self._gap(missing)

    def _place(self, seq: int) -> int:
        return self.position + distance(seq, self.next)

    def _deliver(self, data: bytes, note: str = "") -> None:
        self.position += len(data)
        self.next = (self.next + len(data)) & MASK
        if data:
            self._emit(Kind.DATA, self.direction, data, 0, note)

    def _wait(self, at: int, position: int, data: bytes) -> None:
        """Keep *data* until what is before it has come; octets that wait already stay."""
        if not self.pieces:
            self.stalled_at, self.stalled_for = at, 0
        for start, kept in list(self.pieces):
            if start >= position + len(data):
                break
            if start + len(kept) <= position:
                continue
            self._compare(position, data, start, kept)
            if start > position:
                self._keep(position, data[: start - position])
            data = data[start + len(kept) - position :]
            position = start + len(kept)
        if data:
            self._keep(position, data)
        if self.waiting > MAX_WAITING or len(self.pieces) > MAX_PIECES:
            self._skip_hole(at)

    def _keep(self, position: int, data: bytes) -> None:
        insort(self.pieces, (position, data))
        self.waiting += len(data)

    def _compare(self, position: int, data: bytes, start: int, kept: bytes) -> None:
        low, high = max(position, start), min(position + len(data), start + len(kept))
        again, first = data[low - position : high - position], kept[low - start : high - start]
        self._findings.repeated += 1
        if again != first:
            self._findings.conflicting += sum(a != b for a, b in zip(again, first, strict=True))

    def _drain(self, at: int) -> None:
        """Deliver what waits and is now in order."""
        done = 0
        for start, data in self.pieces:
            if start > self.position:
                break
            done += 1
            self.waiting -= len(data)
            self._deliver(data[self.position - start :])
        if done:
            del self.pieces[:done]
            self.stalled_at, self.stalled_for = at, 0

    def _skip_hole(self, at: int) -> None:
        if self.pieces:
            self._gap(self.pieces[0][0] - self.position)
            self._drain(at)
            self.finish()

    def _gap(self, missing: int) -> None:
        if missing <= 0:
            return
        self.position += missing
        self.next = (self.next + missing) & MASK
        self._findings.gaps += 1
        self._findings.missing += missing
        self._emit(Kind.GAP, self.direction, b"", missing, "")
