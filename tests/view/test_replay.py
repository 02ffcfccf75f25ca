"""A replay's outcome for people and machines. Nothing a peer sent reaches either unescaped."""

import io
from xml.etree import ElementTree as ET

from rich.console import Console

from chatctl.capture.replay.compare import Change, Comparison, Disorder, Heard
from chatctl.capture.replay.diff import ABSENT, Difference
from chatctl.capture.replay.figures import Verdict
from chatctl.capture.replay.result import LineResult, Result
from chatctl.view.replay import duration, report
from chatctl.view.replay_report import as_junit, as_object
from chatctl.wire import codec


def heard(**value):
    return Heard(codec.write_json(value), value)


EVIL = "\x1b[2J[red]\u202e"
CHAT = heard(type="chat", nick="al", message="hi")
COMPARISON = Comparison(
    matched=3,
    changed=[Change(CHAT, CHAT, [Difference("nick", "al", ABSENT), Difference("n", ABSENT, EVIL)])],
    missing=[heard(type="leave", nick=EVIL)],
    extra=[Heard(EVIL.encode(), None)],
    disorder=[Disorder(CHAT, heard(type="join", nick="al"))],
)
RESULT = Result(
    seconds=1.5,
    lines=[
        LineResult(1, 1, EVIL, COMPARISON, 2, 4, 1, 7, 0, "reset"),
        LineResult(2, 2, "bob", Comparison(matched=5), 0, 1, 0, 5, 0, ""),
    ],
    latencies=[(0.002, 0.001)],
    lags=[0.0001],
    aliases={"al_": "al"},
    notes=["a note"],
)
VERDICTS = [Verdict("missing==0", 1.0, False), Verdict("lost<2", 1.0, True)]


def printed(result, verdicts=()):
    out = io.StringIO()
    Console(file=out, width=120, color_system=None).print(report(result, verdicts), soft_wrap=True)
    return out.getvalue()


def test_the_report_names_every_difference():
    text = printed(RESULT, VERDICTS)

    for expected in (
        '~ changed  {"type":"chat","nick":"al","message":"hi"}',
        'nick: recorded "al"',
        "now      (absent)",
        "- missing",
        "+ extra",
        '! order    {"type":"join","nick":"al"} came before {"type":"chat"',
        "1 packet could not be sent",
        "al is called al_ by the target",
        "FAILS  missing==0  (1)",
        "holds  lost<2  (1)",
        "note: a note",
        "5 packets sent, 12 received in 1.50 s",
        "2.0 ms",
    ):
        assert expected in text


def test_nothing_of_a_peer_is_printed_raw():
    text = printed(RESULT)

    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[red]" in text


def test_the_object_is_lossless_json():
    found = codec.read_json(codec.write_json(as_object(RESULT, VERDICTS, 1)))

    assert (found["schema"], found["status"], found["same"]) == (1, 1, False)
    assert (found["missing"], found["extra"], found["changed"], found["disordered"]) == (1, 1, 1, 1)
    assert found["rtt"]["p99"] == 0.002
    assert found["assertions"][0] == {"text": "missing==0", "value": 1.0, "holds": False}
    first = found["connections"][0]
    assert first["nick"] == EVIL
    assert first["changed"][0]["members"][0] == {"path": "nick", "recorded": "al"}
    assert first["extra"] == [{"raw": EVIL.encode().hex()}]


def test_junit_has_a_case_for_each_connection_and_assertion():
    suite = ET.fromstring(as_junit(RESULT, VERDICTS, "x.pcapng")).find("testsuite")

    assert (suite.get("tests"), suite.get("failures")) == ("4", "2")
    assert [case.find("failure") is None for case in suite] == [False, True, False, True]
    assert 'nick: recorded "al"' in suite[0].find("failure").text


def test_durations_have_the_unit_that_suits_them():
    assert [duration(s) for s in (0.0000123, 0.0123, 12.3, float("nan"))] == [
        "12 µs", "12.3 ms", "12.30 s", "-",
    ]  # fmt: skip
