"""A room that talks at a steady pace: how long a message takes to readers, at what cost.

The time a message was sent is in its text, and a few readers look for it; the others only count.
"""

import heapq
import re
import time
from dataclasses import dataclass

from load import Connection, Crowd
from rivals import Rival

SIZE = 100
SAMPLED = 5
_STAMP = re.compile(rb"T(\d{20})T")


@dataclass(frozen=True, slots=True)
class Pace:
    """How busy the room is: *writers* of *rate* messages a second each, *seconds* long."""

    readers: int
    writers: int
    rate: float
    seconds: float
    stalled: int = 0

    @property
    def messages(self) -> int:
        """All of them."""
        return int(self.writers * self.rate * self.seconds)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was measured.

    Attributes:
        latencies: milliseconds to a sampled reader, of each message.
        cpu: the share of one processor that the server used.
        grown: KiB of memory the server has more than before.
    """

    latencies: list[float]
    cpu: float
    grown: float


def talk(rival: Rival, pace: Pace) -> Outcome:
    """Have a room of *rival*, which runs, talk at *pace*; return when all have heard all of it."""
    crowd = Crowd(rival.address)
    crowd.join(rival.reader(number) for number in range(pace.readers))
    asleep = crowd.join(rival.reader(90_000 + number) for number in range(pace.stalled))
    writers = crowd.join(rival.writer(number) for number in range(pace.writers))
    crowd.settle()
    crowd.learn(writers[0], rival.say(_text()))
    for connection in asleep:
        crowd.ignore(connection)
    for connection in writers:
        connection.size = 0  # what comes back to them differs too much from server to server
    latencies: list[float] = []
    for connection in crowd.connections[:SAMPLED]:
        connection.on_data = lambda data: latencies.extend(map(_age, _STAMP.findall(data)))
    crowd.expect(lambda size: rival.delivered(size, pace.messages))
    memory, cpu, start = rival.memory(), rival.cpu(), time.perf_counter()
    _send(crowd, rival, writers, pace)
    end = crowd.wait()
    used = (rival.cpu() - cpu) / (end - start)
    grown = (rival.memory() - memory) / 1024
    crowd.close()
    return Outcome(latencies, used, grown)


def _send(crowd: Crowd, rival: Rival, writers: list[Connection], pace: Pace) -> None:
    gap = 1 / pace.rate
    start = time.perf_counter()
    due = [(start + gap * place / len(writers), place) for place in range(len(writers))]
    for _ in range(pace.messages):
        when, place = due[0]
        while (wait := when - time.perf_counter()) > 0:
            crowd.pump(wait)
        crowd.send(writers[place], rival.say(_text()))
        crowd.pump(0)
        heapq.heapreplace(due, (when + gap, place))


def _text() -> str:
    return f"T{time.perf_counter_ns():020}T".ljust(SIZE, ".")


def _age(stamp: bytes) -> float:
    return (time.perf_counter_ns() - int(stamp)) / 1e6
