"""Statistics as text: aligned columns, and plots of one line made of blocks."""

from collections.abc import Callable, Iterable, Iterator

from chatctl.capture.items.item import What
from chatctl.capture.items.pairing import Pairing
from chatctl.capture.items.statistics import MAX_CONNS, Rate, Spectrum, Statistics
from chatctl.capture.reassembly.findings import Findings
from chatctl.view.escape import escape, escape_name
from chatctl.view.rows import latency, padded
from chatctl.view.wrap import hang

_BLOCKS = "▁▂▃▄▅▆▇█"
SHOWN = 10
MIN_WIDTH, MAX_WIDTH = 40, 100
SHORT = 0.1
"""Seconds below which so many a second says nothing."""
MAX_TYPES = 40


def plot(counts: Iterable[int]) -> str:
    """Return *counts* as one line of bars; a zero is a space."""
    values = list(counts)
    top = max(values, default=0)
    return "".join(" " if value == 0 else _BLOCKS[(value * 8 - 1) // top] for value in values)


def octets(count: float) -> str:
    """Return a number of octets the way people say it."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024 or unit == "GiB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return ""


def figures(
    statistics: Statistics, pairing: Pairing, findings: Findings, width: int = 0
) -> Iterator[str]:
    """Yield the lines that say what *statistics* found, on *width* columns; 0: as many as it takes.

    The tables are never wider than 36 and 40.
    """
    terminal, width = width, max(MIN_WIDTH, width or MAX_WIDTH)
    yield from _hung(_overview(statistics, width), terminal)
    if statistics.sizes.count:
        yield ""
        yield f"{'type':<12}{'to server':>12}{'to client':>12}"
        yield from _types(statistics)
        yield ""
        yield from _spectra(statistics, width)
    yield from _people(statistics, width)
    yield from _hung(_pairs(statistics, pairing), terminal)
    yield from _hung(_trouble(statistics, findings), terminal)


def _hung(lines: Iterable[str], width: int) -> Iterable[str]:
    """Return *lines*, wrapped to *width*, if any, behind the names they begin with."""
    return (hang(line, width, " " * 13) for line in lines) if width else lines


def _overview(statistics: Statistics, width: int) -> Iterator[str]:
    packets = statistics.sizes.count
    seconds = (statistics.last - statistics.first) / 1e9
    per_second = f", {packets / seconds:,.1f} a second" if seconds >= SHORT else ""
    yield f"packets      {packets:,} in {seconds:.3f} s{per_second}"
    more = " or more" if len(statistics.conns) >= MAX_CONNS else ""
    yield f"connections  {len(statistics.conns):,}{more}"
    up, down = octets(statistics.up.octets), octets(statistics.down.octets)
    yield f"payload      {up} to the server, {down} to clients"
    if len(statistics.rate.counts) > 1:
        yield f"over time    {_over_time(statistics.rate, width - 13)}"


def _over_time(rate: Rate, width: int) -> str:
    """Return bars in *width* columns, of some slices each where there is no room for all."""
    room = max(8, width - 20)
    each = -(-len(rate.counts) // room)
    counts = [sum(rate.counts[start : start + each]) for start in range(0, len(rate.counts), each)]
    return f"{plot(counts)}  ({latency(rate.width * each)} a bar)"


def _types(statistics: Statistics) -> Iterator[str]:
    up, down = statistics.up.types, statistics.down.types
    counts = up + down
    kinds = sorted(counts, key=lambda name: (-counts[name], name))
    for kind in kinds[:MAX_TYPES]:
        yield f"{escape(kind)[:11]:<12}{up[kind] or '':>12}{down[kind] or '':>12}"
    if len(kinds) > MAX_TYPES:
        yield f"and {len(kinds) - MAX_TYPES:,} types more"


def _spectra(statistics: Statistics, width: int) -> Iterator[str]:
    rows = [["", "p50", "p90", "p99", "max"], _spectrum("size", statistics.sizes, octets)]
    if statistics.latency.count:
        rows.append(_spectrum("answer", statistics.latency, latency))
    for name, *cells in rows if width >= 60 else zip(*rows, strict=True):
        yield f"{name:<12}{''.join(f'{cell:>12}' for cell in cells)}"


def _spectrum(name: str, spectrum: Spectrum, said: Callable[[int], str]) -> list[str]:
    values = [spectrum.quantile(share) for share in (0.5, 0.9, 0.99)]
    return [name, *map(said, [*values, spectrum.largest])]


def _people(statistics: Statistics, width: int) -> Iterator[str]:
    nicks = statistics.people
    if not nicks:
        return
    yield ""
    most = nicks.most_common(SHOWN)
    top, bar = most[0][1], min(30, width - 30)
    for nick, count in most:
        shown = escape_name(nick) if nick else "(nobody yet)"
        yield f"{padded(shown, 20)}{count:>8}  {'█' * max(1, count * bar // top)}"
    if len(nicks) > SHOWN:
        yield f"and {len(nicks) - SHOWN} more"


def _pairs(statistics: Statistics, pairing: Pairing) -> Iterator[str]:
    spreads = statistics.spreads
    spreads.finish()
    if spreads.count:
        yield ""
        yield (
            f"fan-out      {spreads.count:,} sayings to {spreads.copies / spreads.count:.1f} "
            f"connections each, the slowest copy after {latency(spreads.slowest)}"
        )
    if pairing.unanswered:
        yield f"unanswered   {len(pairing.unanswered):,} requests"
        for request in list(pairing.unanswered.values())[:SHOWN]:
            who = escape_name(request.nick) or "nobody"
            yield f"{'':<13}{escape(request.type)} of {who} on connection {request.conn}"


def _trouble(statistics: Statistics, findings: Findings) -> Iterator[str]:
    counted = [
        (statistics.items[What.MALFORMED], "payloads that are no packets"),
        (statistics.items[What.TRUNCATED], "frames cut short"),
        (statistics.items[What.GAP], f"holes, {octets(findings.missing)} missing"),
        (findings.skipped, "octets skipped to find a frame again"),
        (findings.repeated, "segments captured again"),
        (findings.conflicting, "octets differing between copies"),
        (findings.cut, "packets cut by the snapshot length"),
        (findings.fragments, "IP fragments, not put together"),
        (findings.foreign, "packets or records of something else"),
        (findings.dropped, "packets the recorder lost"),
    ]
    lines = [f"{count:>12,} {text}" for count, text in counted if count]
    lines += [f"{count:>12,} errors {escape(code)}" for code, count in statistics.codes.items()]
    if lines:
        yield ""
        yield "worth a look"
        yield from lines
