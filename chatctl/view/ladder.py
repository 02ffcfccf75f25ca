"""Who said what to whom, as a ladder: a line for each client and one for the server.

For the terminal, for Mermaid, and as the figure of the report. Bounded: a picture of more than
some hundred packets helps nobody, so the rest is counted, not drawn.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape as html_escape

from chatctl.capture.items.item import Item, What
from chatctl.view.counts import count_of
from chatctl.view.escape import escape, escape_name
from chatctl.view.rows import cut, padded
from chatctl.view.summary import summary
from chatctl.view.wrap import hang
from chatctl.wire.packets import Direction

LANE = 14
NARROW_LANE = 8
MAX_LANES = 8
MAX_DRAWN = 500
MAX_TEXT = 60
_SERVER = "server"
_ROOMY = 60
"""Columns of a terminal that has room for microseconds."""


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow or event.

    Attributes:
        seconds: since the first item.
        conn: the client's connection.
        up: whether it goes to the server.
        kind: the packet's type or what happened.
        text: what it says, escaped.
        fault: whether something is wrong with it.
    """

    seconds: float
    conn: int
    up: bool
    kind: str
    text: str
    fault: bool = False


@dataclass(slots=True)
class Ladder:
    """Steps and the names of the connections they are between."""

    steps: list[Step]
    names: dict[int, str]
    left_out: int = 0

    @property
    def rest(self) -> str:
        """What is not drawn, in words; empty if all is."""
        return f"and {self.left_out:,} steps more; choose with --filter" if self.left_out else ""


def ladder_of(items: Iterable[Item], most: int = MAX_DRAWN) -> Ladder:
    """Return the ladder of *items*, the first *most* of them."""
    ladder = Ladder([], {})
    start = -1
    for item in items:
        record = item.record
        start = record.at if start < 0 else start
        if len(ladder.steps) >= most:
            ladder.left_out += 1
            if item.nick and record.conn in ladder.names:
                ladder.names[record.conn] = item.nick
            continue
        ladder.names[record.conn] = item.nick or ladder.names.get(record.conn, "")
        up = record.direction is Direction.TO_SERVER
        fault = item.packet is None and item.what not in (What.OPEN, What.CLOSE, What.MARK)
        seconds = (record.at - start) / 1e9
        kind = escape(item.type)
        ladder.steps.append(Step(seconds, record.conn, up, kind, summary(item), fault))
    for conn, nick in ladder.names.items():
        ladder.names[conn] = escape_name(nick) if nick else f"conn {conn}"
    return ladder


def text_lines(ladder: Ladder, width: int = 0) -> Iterator[str]:
    """Yield the ladder for a terminal, lifelines of clients left and the server's right.

    It has *width* columns, 0 for as many as it takes: lanes come closer then, or are fewer, and
    words are cut or left out.
    """
    digits = 3 if 0 < width < _ROOMY else 6
    margin = digits + 4
    lanes, wide = _lanes(len(ladder.names), width and width - margin - 2 - len(_SERVER))
    conns = list(ladder.names)[:lanes]
    place = {conn: index for index, conn in enumerate(conns)}
    names = [f"{padded(ladder.names[conn], wide - 2)}  " for conn in conns]
    yield f"{'':>{margin}}  {''.join(names)}{_SERVER}"
    room = width - margin - lanes * wide - 5 if width else MAX_TEXT
    for step in ladder.steps:
        if step.conn in place:
            arrow = _arrow(step, place[step.conn], lanes, wide)
            text = cut(step.text, min(room, MAX_TEXT)) if room >= 8 else ""
            yield f"{step.seconds:>{margin}.{digits}f}  {arrow}  {text}".rstrip()
    hidden = len(ladder.names) - len(conns)
    if hidden > 0:
        more = f"and {count_of(hidden, 'connection')} more; choose with --conn"
        yield hang(more, width or MAX_TEXT)
    if ladder.rest:
        yield hang(ladder.rest, width or MAX_TEXT)


def _lanes(names: int, room: int) -> tuple[int, int]:
    """Return how many lanes there are, and how wide each is, in *room* columns, 0 for any."""
    lanes = min(names, MAX_LANES)
    if not room:
        return lanes, LANE
    lanes = min(lanes, max(1, room // NARROW_LANE))
    return lanes, max(NARROW_LANE, min(LANE, room // max(lanes, 1)))


def _arrow(step: Step, lane: int, lanes: int, wide: int) -> str:
    """Return the lifelines with an arrow between *lane* and the server's."""
    before = f"│{' ' * (wide - 1)}" * lane
    width = (lanes - lane) * wide - 1
    label = f" {step.kind} "[: width - 1]
    if step.kind in ("open", "close", "mark"):
        return f"{before}{'╷╵┊'[('open', 'close', 'mark').index(step.kind)]}{label:<{width}}│"
    line = f"─{label}".ljust(width, "─")
    if step.up:
        return f"{before}├{line[:-1]}▶│"
    return f"{before}│◀{line[1:]}┤"


def mermaid_lines(ladder: Ladder) -> Iterator[str]:
    """Yield the ladder as a Mermaid sequence diagram."""
    yield "sequenceDiagram"
    for conn, name in ladder.names.items():
        yield f"    participant c{conn} as {_mermaid(name)}"
    yield "    participant server"
    for step in ladder.steps:
        said = _mermaid(f"{step.kind} {step.text[:60]}".strip())
        if step.kind in ("open", "close", "mark"):
            yield f"    Note over c{step.conn}: {said}"
        elif step.up:
            yield f"    c{step.conn}->>server: {said}"
        else:
            yield f"    server-->>c{step.conn}: {said}"
    if ladder.rest:
        yield f"    Note over server: {_mermaid(ladder.rest)}"


def _mermaid(text: str) -> str:
    return "".join(f"#{ord(char)};" if char in '#;:<>"{}()[]' else char for char in text) or "-"


def svg(ladder: Ladder) -> str:
    """Return the ladder as an SVG picture; its texts cannot be markup."""
    conns = list(ladder.names)
    lane, row, top = 140, 26, 50
    width = (len(conns) + 1) * lane + 300
    height = top + row * (len(ladder.steps) + 1 + bool(ladder.rest)) + 20
    at = {conn: 80 + index * lane for index, conn in enumerate(conns)}
    server = 80 + len(conns) * lane
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="sans-serif" font-size="12">'
    )
    tip = (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#555"/></marker></defs>'
    )
    parts = [head, tip]
    for x, name in [*((at[conn], ladder.names[conn]) for conn in conns), (server, "server")]:
        parts.append(
            f'<text x="{x}" y="24" text-anchor="middle" font-weight="bold">{_h(name)}</text>'
        )
        parts.append(f'<line x1="{x}" y1="34" x2="{x}" y2="{height - 10}" stroke="#bbb"/>')
    for index, step in enumerate(ladder.steps):
        parts.append(_svg_step(step, at[step.conn], server, top + row * (index + 1)))
    if ladder.rest:
        parts.append(f'<text x="80" y="{height - 14}" fill="#555">{_h(ladder.rest)}</text>')
    return "".join([*parts, "</svg>"])


def _svg_step(step: Step, client: int, server: int, y: int) -> str:
    colour = "#c22" if step.fault else "#555"
    label = _h(f"{step.kind} {step.text}"[:60])
    if step.kind in ("open", "close", "mark"):
        return (
            f'<circle cx="{client}" cy="{y}" r="4" fill="{colour}"/>'
            f'<text x="{client + 8}" y="{y + 4}" fill="{colour}">{label}</text>'
        )
    start, end = (client, server) if step.up else (server, client)
    return (
        f'<g class="step"><line x1="{start}" y1="{y}" x2="{end}" y2="{y}" stroke="{colour}" '
        f'marker-end="url(#tip)"/><text x="{client + 8}" y="{y - 4}" fill="{colour}">{label}'
        f"</text></g>"
    )


def _h(text: str) -> str:
    return html_escape(escape(text))
