"""The tape: blocks on their way into a file, with checkpoints, rotation and a way to fail.

Blocks are collected and written at once. A checkpoint every 1 MiB and at the end says how many
packets there are, and what the octets since the last one and its own sum up to; a file without a
last one was not closed. docs/capture-format.md, "Checkpoints".
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from zlib import crc32

from chatctl import __version__
from chatctl.capture import pcapng
from chatctl.capture.config import RecordConfig
from chatctl.capture.writing.sink import Ring, Sink
from chatctl.wire import codec

PROFILE = 1
CHECKPOINT_EVERY = 1 << 20

Clock = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is to be told of a recording that has stopped by itself: when it does, and at its end.

    As text it is a sentence about the recording.

    Attributes:
        reason: why it stopped.
        missed: at its end, the reads and writes since that are not in it, and the segments that
            were lost with the last write. What a pipe has swallowed is not known.
    """

    reason: str
    missed: int = 0

    def __str__(self) -> str:
        """Return what to tell somebody who knows that there is a recording."""
        if not self.missed:
            return f"the recording has stopped: {self.reason}"
        return f"the recording misses {self.missed:,} reads and writes or more ({self.reason})"


Stopped = Callable[[Trouble], None]


def steady_clock() -> Clock:
    """Return a clock of nanoseconds since 1970 that never goes back, as the wall clock may."""
    offset = time.time_ns() - time.monotonic_ns()
    monotonic = time.monotonic_ns
    return lambda: monotonic() + offset


def header(config: RecordConfig, side: str, listen: str, began: int) -> bytes:
    """Return the blocks that each file of a recording begins with; it *began* at that time.

    Nothing in them tells whose machine it was, or what else was on the command line.
    """
    told = {
        "chatctl": PROFILE,
        "began": began,
        "side": side,
        "listen": listen,
        "which": config.which,
        "addresses": config.addresses,
        "redact": list(dict.fromkeys((*config.redaction.before, *config.redaction.members))),
        "clock": "wall+mono",
    }
    comment = codec.write_json(told)
    return pcapng.section_header(f"chatctl {__version__}", comment) + pcapng.interface("chat")


class Tape:
    """Collects blocks and writes them; after a failure it only counts.

    Attributes:
        collect: takes one block, which ``flush`` will write; the hot path.
        packets: packets put so far.
        written: of these, those that were handed to the system.
        dropped: reads and writes that came after the recording had stopped.
        error: what made it stop by itself; None while all is well.
        stopped: whether it takes nothing any more, closed or failed.
    """

    def __init__(self, sink: Sink, begin: bytes, clock: Clock, on_failure: Stopped) -> None:
        """Write to *sink*, each file beginning with the blocks *begin*."""
        self.packets = 0
        self.written = 0
        self.dropped = 0
        self.error: OSError | None = None
        self.stopped = False
        self.clock = clock
        self._told = False
        self._sink = sink
        self._begin = begin
        self._on_failure = on_failure
        self._batch: list[bytes] = []
        self.collect = self._batch.append
        self._crc = 0
        self._uncovered = 0
        self._offset = 0
        self._before = 0
        self._began = clock()
        if not isinstance(sink, Ring):
            self._batch.append(begin)

    @property
    def failure(self) -> str:
        """Why it stopped by itself; empty while all is well."""
        return "" if self.error is None else self.error.strerror or str(self.error)

    def put(self, block: bytes) -> None:
        """Collect the block of one packet."""
        self.collect(block)
        self.packets += 1

    def flush(self) -> bool:
        """Write what was collected; return whether a new file was begun. Never raises."""
        return self._hand_over(goes_on=True)

    def _hand_over(self, *, goes_on: bool) -> bool:
        """Do what ``flush`` does; a new file is begun only if the recording *goes_on*."""
        if not self._batch:
            return False
        data = b"".join(self._batch)
        self._batch.clear()
        try:
            turned = self._write(data, goes_on=goes_on)
        except OSError as error:
            self._fail(error)
            return False
        self.written = self.packets
        return turned

    def turn(self) -> None:
        """Write what was collected and go on in the sink's next file. Never raises."""
        self.flush()
        if self.stopped:
            return
        try:
            self._turn()
        except OSError as error:
            self._fail(error)

    def close(self) -> None:
        """Write the rest and the last checkpoint; afterwards nothing is taken any more.

        Where it had stopped before, this is when it tells what it misses.
        """
        self._hand_over(goes_on=False)
        if not self.stopped:
            self._finish()
        missed = self.dropped + self.packets - self.written
        if self.error is not None and missed and not self._told:
            self._told = True
            self._on_failure(Trouble(self.failure, missed))

    def _finish(self) -> None:
        self.stopped = True
        try:
            self._checkpoint(last=True)
            self._sink.close()
        except OSError as error:
            self._fail(error)

    def dump(self) -> str:
        """Write a ring's contents to its file; return the name of the file, or what went wrong."""
        if not isinstance(self._sink, Ring):
            return ""
        self.flush()
        body = self._begin + self._sink.contents()
        try:
            file = Sink(self._sink.path, sync=True)
            self._before = self.packets - _packets_in(body)
            file.write(body + self._statistics(0, crc32(body), last=True))
            file.close()
        except OSError as error:
            return error.strerror or str(error)
        return str(self._sink.path)

    def _write(self, data: bytes, *, goes_on: bool) -> bool:
        self._crc = crc32(data, self._crc)
        self._uncovered += len(data)
        self._sink.write(data)
        if self._uncovered >= CHECKPOINT_EVERY:
            self._checkpoint()
        if not (goes_on and self._sink.full((self.clock() - self._began) / 1e9)):
            return False
        self._turn()
        return True

    def _turn(self) -> None:
        self._checkpoint(last=True)
        self._sink.turn()
        self._offset = 0
        self._before = self.packets
        self._began = self.clock()
        self.collect(self._begin)

    def _checkpoint(self, *, last: bool = False) -> None:
        if isinstance(self._sink, Ring):
            return
        block = self._statistics(self._offset, self._crc, last=last)
        self._offset += self._uncovered + len(block)
        self._crc = self._uncovered = 0
        self._sink.write(block)

    def _statistics(self, offset: int, crc: int, *, last: bool) -> bytes:
        end = " last" if last else ""
        count = self.packets - self._before
        note = f"checkpoint n={count} off={offset} crc32={crc:08x} own=00000000{end}"
        block = pcapng.statistics(self.clock(), self.packets, self.dropped, note)
        return block.replace(b"own=00000000", b"own=%08x" % crc32(block), 1)

    def _fail(self, error: OSError) -> None:
        if self.error is not None:
            return
        self.error = error
        self.stopped = True
        self._batch.clear()
        with suppress(OSError):
            self._sink.close()
        self._on_failure(Trouble(self.failure))


def _packets_in(blocks: bytes) -> int:
    """Return how many packets there are in *blocks*, which are ours and whole."""
    count = place = 0
    while place < len(blocks):
        count += blocks[place] == pcapng.ENHANCED_PACKET
        place += int.from_bytes(blocks[place + 4 : place + 8], "little")
    return count
