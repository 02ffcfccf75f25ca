"""The Prometheus endpoint of a server: read from the hub's counts when it is asked for.

A scrape comes in on a thread of the client library's; the numbers are read on the event loop, so
that they belong together and nothing has to be locked.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Protocol

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from chatctl.capture.writing.recorder import Recorder
from chatctl.transport.server import Server

SCRAPE_TIMEOUT = 5.0
PREFIX = "chatctl_"


class Commits(Protocol):
    """A log that knows what its commits cost."""

    commits: int
    commit_seconds: float


def collect(server: Server, commits: Commits | None, recording: Recorder | None) -> list[Metric]:
    """Return the metrics of *server*, as docs/operations.md lists them. Runs on its loop."""
    house, traffic = server.hub.house, server.traffic
    counters = house.counters
    metrics = [
        _gauge("connections", "Open connections.", len(server.links)),
        _gauge("rooms", "Rooms with somebody in them.", _occupied(server)),
        _gauge("sessions", "Sessions connected or held for their return.", len(house.seats)),
        _gauge("slowest_cursor_lag", "Items the slowest reader is behind.", _slowest(server)),
        _gauge("loop_lag_seconds", "How late the event loop's last timer was.", traffic.lag),
        _counter("connections_accepted", "Connections accepted.", counters.accepted),
        _counter("messages", "Messages taken from peers.", counters.messages),
        _counter("deliveries", "Items written to members of rooms.", counters.deliveries),
        _counter("bytes_read", "Octets read from peers.", traffic.read),
        _counter("bytes_written", "Octets written to peers.", traffic.written),
        _counter("passes", "Passes of the loop that did something.", traffic.passes),
        _counter("malformed", "Payloads that were no packets.", counters.malformed),
        _counter("delayed", "Times flood control made a peer wait.", counters.delayed),
        _counter("unstored", "Messages the history could not keep.", counters.unstored),
        _by_code("refused", "Requests answered with an error.", counters.refused),
        _by_code("expelled", "Peers closed by the server.", counters.expelled),
    ]
    if commits is not None:
        metrics += [
            _counter("log_commits", "Commits of the history.", commits.commits),
            _counter("log_commit_seconds", "Time spent in them.", commits.commit_seconds),
        ]
    if recording is not None:
        metrics += [
            _counter("recorder_packets", "Segments recorded.", recording.packets),
            _counter(
                "recorder_dropped", "Segments lost by a stopped recording.", recording.dropped
            ),
            _gauge("recorder_stopped", "1 after the recording failed.", bool(recording.failure)),
        ]
    return metrics


def serve_metrics(
    collected: Callable[[], list[Metric]], host: str, port: int
) -> Callable[[], None]:
    """Answer scrapes on *host*:*port* with what *collected* returns; return what ends that.

    Raises:
        OSError: the address cannot be had.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_OnLoop(asyncio.get_running_loop(), collected))
    server, thread = start_http_server(port, host, registry)

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop


class _OnLoop:
    """A collector whose work is done by the event loop while the scraping thread waits."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, collected: Callable[[], list[Metric]]
    ) -> None:
        self._loop = loop
        self._collected = collected

    def describe(self) -> list[Metric]:
        """Return nothing: the names are known when they are asked for."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics. Called on a thread of the client library's."""
        answer: Future[list[Metric]] = Future()
        self._loop.call_soon_threadsafe(lambda: answer.set_result(self._collected()))
        yield from answer.result(SCRAPE_TIMEOUT)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(PREFIX + name, text, value=value)


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(PREFIX + name, text, value=value)


def _by_code(name: str, text: str, values: dict[str, int]) -> Metric:
    family = CounterMetricFamily(PREFIX + name, text, labels=["code"])
    for code, value in values.items():
        family.add_metric([code], value)
    return family


def _occupied(server: Server) -> int:
    return sum(bool(room.members) for room in server.hub.house.rooms.values())


def _slowest(server: Server) -> int:
    rooms = server.hub.house.rooms.values()
    return max((room.window.end - room.slowest() for room in rooms), default=0)
