"""A replay's outcome for people: one table, the differences member by member, the remarks."""

import math
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from chatctl.capture.replay.compare import Change, Disorder, Heard
from chatctl.capture.replay.diff import ABSENT
from chatctl.capture.replay.figures import Verdict, measure
from chatctl.capture.replay.plan import Plan
from chatctl.capture.replay.result import LineResult, Result
from chatctl.view.counts import count_of
from chatctl.view.escape import escape
from chatctl.wire import codec

SHOWN = 20
"""Differences shown of each connection; the rest is counted."""
LINES_SHOWN = 20
WIDEST = 100


def report(result: Result, verdicts: Sequence[Verdict] = (), *, judged: bool = True) -> Group:
    """Return everything about *result*; *judged*: differences are shown, not only counted."""
    parts: list[RenderableType] = [lines_table(result), figures_table(result)]
    if judged:
        parts += list(difference_lines(result))
    parts += [_verdict_line(verdict) for verdict in verdicts]
    parts += [Text(f"note: {escape(note)}", style="dim") for note in result.notes]
    return Group(*parts, *_endings(result, judged=judged))


def lines_table(result: Result) -> Table:
    """Return one row for each connection."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("conn", justify="right")
    table.add_column("nick")
    for name in ("sent", "came", "as rec.", "changed", "missing", "extra", "order", "others"):
        table.add_column(name, justify="right")
    table.add_column("", no_wrap=True)
    for line in sorted(result.lines, key=lambda line: line.same)[:LINES_SHOWN]:
        table.add_row(*_row(line, compared=result.compared))
    if len(result.lines) > 1:
        table.add_section()
        table.add_row(*_total(result), style="bold")
    return table


def _row(line: LineResult, *, compared: bool) -> list[RenderableType]:
    found = line.comparison
    counts = (len(found.changed), len(found.missing), len(found.extra), len(found.disorder))
    cells = [_alarm(count) if compared else Text("-") for count in counts]
    nick = Text(escape(line.nick) or "-")
    lost = Text(escape(line.lost), style="red")
    return [str(line.conn), nick, str(line.sent), str(line.received), str(found.matched), *cells,
            str(line.others), lost]  # fmt: skip


def _total(result: Result) -> list[RenderableType]:
    counts = [result.sent, result.received, result.matched]
    alarms = [result.changed, result.missing, result.extra, result.disordered]
    hidden = len(result.lines) - LINES_SHOWN
    note = f"{count_of(hidden, 'connection')} not shown" if hidden > 0 else ""
    cells = [_alarm(count) if result.compared else Text("-") for count in alarms]
    others = str(sum(line.others for line in result.lines))
    return ["", "all", *map(str, counts), *cells, others, Text(note, style="dim")]


def _alarm(count: int) -> Text:
    return Text(str(count), style="bold red" if count else "")


def figures_table(result: Result) -> RenderableType:
    """Return how late packets left, and how soon answers came, now and in the recording."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("", "p50", "p90", "p99", "max"):
        table.add_column(name, justify="right" if name else "left")
    rows = [("answers", "rtt"), ("recorded", "recorded"), ("left late by", "lag")]
    for title, name in rows:
        values = [measure(result, how, name) for how in ("p50", "p90", "p99", "max")]
        if not math.isnan(values[0]):
            table.add_row(title, *map(duration, values))
    return table if table.rows else Text()


def duration(seconds: float) -> str:
    """Return *seconds* with the unit that suits it, three figures or so."""
    if math.isnan(seconds):
        return "-"
    if abs(seconds) < 0.001:
        return f"{seconds * 1e6:.0f} µs"
    return f"{seconds * 1e3:.1f} ms" if abs(seconds) < 1 else f"{seconds:.2f} s"


def difference_lines(result: Result) -> Iterator[Text]:
    """Yield what differs, connection by connection, in the colours of a diff."""
    for recorded, now in ((known, live) for live, known in result.aliases.items()):
        yield Text(f"{escape(recorded)} is called {escape(now)} by the target", style="yellow")
    for line in result.lines:
        texts = [text for text in _differences(line) if text.plain]
        if texts:
            yield Text(f"connection {line.conn} ({escape(line.nick) or 'nobody'})", style="bold")
            yield from texts[:SHOWN]
        if len(texts) > SHOWN:
            yield Text(f"  ... and {len(texts) - SHOWN} lines more", style="dim")


def _differences(line: LineResult) -> Iterator[Text]:
    found = line.comparison
    for change in found.changed:
        yield from changed_lines(change)
    for pair in found.disorder:
        yield disorder_line(pair)
    for packet in found.missing:
        yield Text(f"  - missing  {packet_text(packet)}", style="red")
    for packet in found.extra:
        yield Text(f"  + extra    {packet_text(packet)}", style="green")
    if line.skipped:
        yield Text(f"  - {count_of(line.skipped, 'packet')} could not be sent", style="red")


def changed_lines(change: Change) -> Iterator[Text]:
    """Yield a changed packet and each member of it that differs."""
    yield Text(f"  ~ changed  {packet_text(change.recorded)}", style="yellow")
    for difference in change.differences:
        path = escape(difference.path)
        yield Text(f"      {path}: recorded {value_text(difference.recorded)}", style="red")
        yield Text(f"      {' ' * len(path)}  now      {value_text(difference.now)}", style="green")


def disorder_line(pair: Disorder) -> Text:
    """Return a wrong order in words."""
    early, late = packet_text(pair.second), packet_text(pair.first)
    return Text(f"  ! order    {early} came before {late}", style="magenta")


def packet_text(packet: Heard) -> str:
    """Return a packet on one harmless line, cut where it is long."""
    return _cut(escape(packet.payload.decode(errors="replace")))


def value_text(value: object) -> str:
    """Return one member's value on one harmless line."""
    if value is ABSENT:
        return repr(value)
    return _cut(escape(codec.write_json(value).decode()))


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def _verdict_line(verdict: Verdict) -> Text:
    value = "no such figure" if math.isnan(verdict.value) else f"{verdict.value:g}"
    mark, style = ("holds", "green") if verdict.holds else ("FAILS", "bold red")
    return Text(f"{mark}  {escape(verdict.text)}  ({value})", style=style)


def _endings(result: Result, *, judged: bool) -> Iterator[Text]:
    """Yield the last lines: why it ended early if it did, and the verdict in one sentence."""
    if result.failure:
        yield Text(escape(result.failure), style="bold red")
    if result.silent:
        yield Text("the target stopped answering", style="bold red")
    if result.interrupted:
        yield Text("interrupted", style="bold red")
    if judged and result.same:
        yield Text("everything came back as recorded", style="green")
    elif judged:
        yield Text("this is not what was recorded", style="bold red")
    yield Text(
        f"{count_of(result.sent, 'packet')} sent, {result.received:,} received"
        f" in {duration(result.seconds)}"
    )


def plan_lines(plan: Plan) -> Group:
    """Return what *plan* would do, for ``--dry-run``."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("conn", "nick", "packets", "begins", "ends", "repeats"):
        table.add_column(name, justify="left" if name == "nick" else "right")
    for line in plan.lines[:LINES_SHOWN]:
        moves = line.moves
        links = sum(len(move.links) for move in moves)
        packets = sum(bool(move.payload) for move in moves)
        ends = [duration(move.offset) for move in (moves[:1] + moves[-1:])] or ["-", "-"]
        nick = Text(escape(line.nick) or "-")
        table.add_row(str(line.conn), nick, str(packets), *ends, str(links or ""))
    summary = (
        f"{count_of(len(plan.lines), 'connection')}, {count_of(plan.packets, 'packet')} to send,"
        f" {plan.expected:,} to come, {duration(plan.duration)} at the recorded pace"
    )
    notes = [Text(f"note: {escape(note)}", style="dim") for note in plan.notes]
    return Group(table, *notes, Text(summary))
