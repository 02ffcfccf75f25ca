"""The ear of a player: knows what is to come in one scope, and up to where it has come.

Matching here is eager, to let the next packet go as soon as what it waits for is there: an exact
match if there is one, else the first packet of the same type and author that is still awaited.
The verdict is given at the end, by ``compare``, from everything that came.
"""

from collections import defaultdict, deque
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from chatctl.capture.replay.cause import author, text
from chatctl.capture.replay.compare import Heard, key_of
from chatctl.capture.replay.links import Bindings
from chatctl.capture.replay.masks import Masks
from chatctl.capture.replay.numbers import log_of
from chatctl.capture.replay.plan import NOBODY, Expected, Line
from chatctl.capture.replay.steps import read_value

LOOK_AHEAD = 64
NAMES = ("nick", "to")

CAME, GIVEN_UP = 1, 2
REMEMBERED = 4096
"""Payloads whose meaning is kept at hand: a broadcast comes once for each member."""

Sort = tuple[str, bool]
"""What is alike in packets that a server sends always or never: type, and whether one's own."""


@dataclass(slots=True)
class Ear:
    """What one line waits for."""

    line: Line
    waiting: dict[Hashable, deque[int]]
    numbers: list[int]
    start: int = 0


class Listener:
    """Hears the packets of one scope.

    Attributes:
        frontier: everything before this number has come, or is not waited for any more.
        aliases: what this run's server calls people, and what the recording's called them.
    """

    def __init__(
        self,
        expected: Sequence[Expected],
        lines: Sequence[Line],
        masks: Masks,
        *,
        lenient: bool = True,
    ) -> None:
        """Wait for *expected*, all of one scope; *lenient*: see ``Player``."""
        self._lenient = lenient
        self.frontier = 0
        self.aliases: dict[str, str] = {}
        self.bindings = Bindings()
        self._expected = expected
        self._masks = masks
        self._came = bytearray(len(expected))
        self._hopeless: set[Sort] = set()
        self._named: set[int] = set()
        self._known: dict[bytes, tuple[Heard, Hashable]] = {}
        self._ears = {line.conn: Ear(line, defaultdict(deque), []) for line in lines}
        for item in expected:
            ear = self._ears[item.conn]
            ear.numbers.append(item.number)
            ear.waiting[self._key(item)].append(item.number)

    @property
    def complete(self) -> bool:
        """Whether nothing is waited for any more."""
        return self.frontier >= len(self._expected)

    def hear(self, conn: int, payload: bytes) -> tuple[Heard, Expected | None]:
        """Take *payload* from line *conn*; return it read, and what it was taken for."""
        packet, key = self._known.get(payload) or self._read(payload)
        ear = self._ears[conn]
        if conn not in self._named and self._learn_name(conn, packet):
            packet, key = self._read(payload)
        same = ear.waiting.get(key)
        number = same.popleft() if same else self._alike(ear, packet)
        if number is None:
            return packet, None
        return packet, self._arrived(number, packet)

    def lacks_welcome(self, conn: int, packet: Heard) -> bool:
        """Say whether *packet*, the first on line *conn*, is a base server's and no welcome.

        That is so only where the recording begins with one: a base server knows nothing else of
        what its client will send.
        """
        numbers = self._ears[conn].numbers
        recorded = self._expected[numbers[0]].packet.type if numbers else ""
        return (
            recorded == "welcome" and packet.type == "join" and "room" not in (packet.value or {})
        )

    def _read(self, payload: bytes) -> tuple[Heard, Hashable]:
        packet = self.translated(Heard(payload, read_value(payload)))
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[payload] = found = (packet, key_of(self._masks, packet))
        return found

    def translated(self, packet: Heard) -> Heard:
        """Return *packet* with this run's names for people replaced by the recording's."""
        value = packet.value
        if not self.aliases or value is None:
            return packet
        return Heard(packet.payload, self._renamed(value), packet.at)

    def _renamed(self, value: dict[str, Any]) -> dict[str, Any]:
        return {name: self._member(name, part) for name, part in value.items()}

    def _member(self, name: str, part: Any) -> Any:
        if name in NAMES and isinstance(part, str):
            return self.aliases.get(part, part)
        if name == "nicks" and isinstance(part, list):
            return sorted(self.aliases.get(str(nick), str(nick)) for nick in part)
        if isinstance(part, list):
            return [self._renamed(each) if isinstance(each, dict) else each for each in part]
        return part

    def closed(self, conn: int) -> Expected | None:
        """Note that line *conn* has ended; what it still waits for is given up.

        Returns the recorded closing if there was one to come.
        """
        found = None
        for number in self._ears[conn].numbers:
            if not self._came[number]:
                if self._expected[number].closing:
                    found = self._arrived(number, None)
                self._came[number] |= GIVEN_UP
        self._advance()
        return found

    def give_up(self, before: int) -> int:
        """Wait no more for what is numbered under *before*; return how many that were.

        Packets of the same sort that come later are not waited for either, until one comes.
        """
        given_up = 0
        for number in range(self.frontier, before):
            if not self._came[number]:
                self._came[number] = GIVEN_UP
                self._hopeless.add(self._sort(self._expected[number]))
                given_up += 1
        self._advance()
        return given_up

    def forgo(self, causes: Iterable[int]) -> None:
        """Wait no more for what the steps *causes*, which will not be played, brought about."""
        for cause in causes:
            for number in self._effects.get(cause, ()):
                self._came[number] |= GIVEN_UP
        self._advance()

    @cached_property
    def _effects(self) -> dict[int, list[int]]:
        """The numbers of what each step brought about; few replays ever ask."""
        effects = defaultdict(list)
        for item in self._expected:
            if item.cause != NOBODY:
                effects[item.cause].append(item.number)
        return effects

    def give_up_all(self) -> int:
        """Wait for nothing any more; return how many packets that were expected have not come."""
        missing = sum(
            not came & CAME and not item.closing
            for came, item in zip(self._came, self._expected, strict=True)
        )
        self.frontier = len(self._expected)
        return missing

    def _arrived(self, number: int, packet: Heard | None) -> Expected:
        item = self._expected[number]
        self._came[number] |= CAME
        if packet is not None:
            self._hopeless.discard(self._sort(item))
            self._learn(item, packet)
        self._advance()
        return item

    def _advance(self) -> None:
        while self.frontier < len(self._expected) and (
            self._came[self.frontier]
            or (self._hopeless and self._sort(self._expected[self.frontier]) in self._hopeless)
        ):
            self.frontier += 1

    def _alike(self, ear: Ear, packet: Heard) -> int | None:
        """Return the first awaited packet of the same type by the same author."""
        while ear.start < len(ear.numbers) and self._came[ear.numbers[ear.start]]:
            ear.start += 1
        if not self._lenient:
            return None
        nick = author(packet.value)
        for number in ear.numbers[ear.start : ear.start + LOOK_AHEAD]:
            item = self._expected[number]
            if (
                not self._came[number]
                and not item.closing
                and item.packet.type == packet.type
                and author(item.packet.value) == nick
            ):
                return number
        return None

    def _learn(self, item: Expected, packet: Heard) -> None:
        self.bindings.learn(item.sources, packet.value)
        recorded, live = item.packet.value or {}, packet.value or {}
        if "seq" in recorded and "seq" in live:
            log = log_of(self._ears[item.conn].line.nick, recorded)
            self.bindings.learn_seq(log, recorded["seq"], live["seq"])

    def _learn_name(self, conn: int, packet: Heard) -> bool:
        """Note what the server calls the one on this line: its first packet about a nick says."""
        if packet.type not in ("welcome", "join"):
            return False
        self._named.add(conn)
        live, recorded = text(packet.value or {}, "nick"), self._ears[conn].line.nick
        if not live or not recorded or live == recorded or live in self._recorded_names():
            return False
        self.aliases[live] = recorded
        self._known.clear()
        return True

    def _recorded_names(self) -> set[str]:
        return {ear.line.nick for ear in self._ears.values()}

    def _sort(self, item: Expected) -> Sort:
        own = text(item.packet.value or {}, "nick") == self._ears[item.conn].line.nick
        return (item.packet.type, own)

    def _key(self, item: Expected) -> Hashable:
        return ("closing", item.number) if item.closing else key_of(self._masks, item.packet)


def share_bindings(listeners: Sequence[Listener]) -> None:
    """Let what one client of a played server says reach the others as it says it."""
    for listener in listeners:
        listener.bindings = listeners[0].bindings
