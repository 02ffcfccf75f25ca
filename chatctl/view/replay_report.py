"""A replay's outcome for machines: one JSON object, or JUnit's XML for a build server."""

import math
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

from chatctl.capture.replay.compare import Change, Heard
from chatctl.capture.replay.diff import ABSENT
from chatctl.capture.replay.figures import COUNTS, MEASURES, SERIES, Verdict, measure
from chatctl.capture.replay.result import LineResult, Result
from chatctl.view import replay
from chatctl.view.escape import escape

SCHEMA = 1


def as_object(result: Result, verdicts: Sequence[Verdict], status: int) -> dict[str, Any]:
    """Return the report as plain objects, of the schema in docs/replay.md."""
    return {
        "schema": SCHEMA,
        "status": status,
        "same": result.same,
        **{name: getattr(result, name) for name in COUNTS},
        "failure": result.failure,
        "silent": result.silent,
        "timed_out": result.timed_out,
        "interrupted": result.interrupted,
        "aliases": result.aliases,
        "notes": result.notes,
        **{name: _measures(result, name) for name in SERIES},
        "assertions": [
            {"text": each.text, "value": _finite(each.value), "holds": each.holds}
            for each in verdicts
        ],
        "connections": [_connection(line) for line in result.lines],
    }


def _measures(result: Result, name: str) -> dict[str, float | None]:
    return {how: _finite(measure(result, how, name)) for how in MEASURES}


def _finite(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 6)


def _connection(line: LineResult) -> dict[str, Any]:
    found = line.comparison
    return {
        "conn": line.conn,
        "recorded": line.recorded,
        "nick": line.nick,
        "same": line.same,
        "sent": line.sent,
        "skipped": line.skipped,
        "received": line.received,
        "others": line.others,
        "lost": line.lost,
        "matched": found.matched,
        "changed": [_change(change) for change in found.changed],
        "missing": [_packet(packet) for packet in found.missing],
        "extra": [_packet(packet) for packet in found.extra],
        "disorder": [
            {"early": _packet(pair.second), "late": _packet(pair.first)} for pair in found.disorder
        ],
    }


def _packet(packet: Heard) -> Any:
    return {"raw": packet.payload.hex()} if packet.value is None else packet.value


def _change(change: Change) -> dict[str, Any]:
    return {
        "recorded": _packet(change.recorded),
        "now": _packet(change.now),
        "members": [
            {
                "path": each.path,
                **({} if each.recorded is ABSENT else {"recorded": each.recorded}),
                **({} if each.now is ABSENT else {"now": each.now}),
            }
            for each in change.differences
        ],
    }


def as_junit(result: Result, verdicts: Sequence[Verdict], name: str) -> bytes:
    """Return JUnit's XML: a test case for each connection and each assertion.

    Args:
        result: what came of it.
        verdicts: the assertions.
        name: of the test suite; the capture's.
    """
    suite = ET.Element("testsuite", name=escape(name), time=f"{result.seconds:.3f}")
    failures = 0
    for line in result.lines:
        title = f"connection {line.conn} ({escape(line.nick) or 'nobody'})"
        failures += _case(suite, title, line.same and not result.failure, _details(result, line))
    for verdict in verdicts:
        failures += _case(suite, escape(verdict.text), verdict.holds, f"it is {verdict.value:g}")
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(failures))
    root = ET.Element("testsuites")
    root.append(suite)
    xml: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return xml


def _case(suite: ET.Element, title: str, passes: bool, details: str) -> bool:
    case = ET.SubElement(suite, "testcase", classname="chatctl.replay", name=title)
    if not passes:
        first = details.partition("\n")[0]
        ET.SubElement(case, "failure", message=first.strip()).text = details
    return not passes


def _details(result: Result, line: LineResult) -> str:
    alone = Result(lines=[line])
    texts = [text.plain for text in replay.difference_lines(alone)][1:]
    return "\n".join([*filter(None, [result.failure, line.lost]), *texts])
