"""What came against what was recorded: sets, order, changes."""

import pytest

from chatctl.capture.replay.compare import Heard, compare
from chatctl.capture.replay.masks import Masks
from chatctl.wire import codec


def heard(*values):
    return [Heard(codec.write_json(value), value) for value in values]


def chat(nick, message, **more):
    return {"type": "chat", "nick": nick, "message": message, **more}


A1, A2, B1 = chat("a", "1", seq=1), chat("a", "2", seq=2), chat("b", "1", seq=3)
JOIN_A = {"type": "join", "nick": "a"}
LEAVE_A = {"type": "leave", "nick": "a"}
WELCOME = {"type": "welcome", "v": 1}


@pytest.mark.parametrize(
    ("recorded", "now", "found"),
    [
        ([A1, B1], [A1, B1], "2 matched"),
        ([A1, B1], [B1, A1], "2 matched"),
        ([A1, A1], [A1, A1], "2 matched"),
        ([chat("a", "1", seq=7)], [A1], "1 matched"),
        ([A1, A2], [A2, A1], "2 matched, 1 disorder"),
        ([JOIN_A, A1], [A1, JOIN_A], "2 matched, 1 disorder"),
        ([WELCOME, B1], [B1, WELCOME], "2 matched, 1 disorder"),
        ([A1, LEAVE_A], [A1], "1 matched, 1 missing"),
        ([A1], [A1, A1], "1 matched, 1 extra"),
        ([A1], [chat("a", "one", seq=1)], "0 matched, 1 changed"),
        ([A1], [{"type": "chat", "name": "a", "message": "1", "seq": 1}], "0 matched, 1 changed"),
        ([A1], [chat("c", "other", seq=1)], "0 matched, 1 missing, 1 extra"),
        ([A1], [{**A1, "type": "words"}], "0 matched, 1 missing, 1 extra"),
        ([], [], "0 matched"),
    ],
)
def test_compare(recorded, now, found):
    outcome = compare(Masks(), heard(*recorded), heard(*now))

    kinds = ("changed", "missing", "extra", "disorder")
    counts = {kind: len(getattr(outcome, kind)) for kind in kinds}
    rest = [f"{count} {kind}" for kind, count in counts.items() if count]
    assert ", ".join([f"{outcome.matched} matched", *rest]) == found
    assert outcome.same is (not rest)


def test_what_comes_after_everything_recorded_is_counted_apart():
    early, late = chat("x", "early"), chat("x", "late")

    outcome = compare(Masks(), heard(A1), heard(early, A1, late, late))

    assert [packet.value["message"] for packet in outcome.extra] == ["early", "late", "late"]
    assert outcome.trailing == 2


def test_a_change_names_its_members():
    renamed = {"type": "chat", "name": "a", "message": "1", "seq": 1}
    [change] = compare(Masks(), heard(A1), heard(renamed)).changed

    assert [difference.path for difference in change.differences] == ["nick", "name"]


def test_what_is_no_json_is_compared_octet_by_octet():
    junk, other = Heard(b"junk", None), Heard(b"other", None)

    assert compare(Masks(), [junk], [junk]).same
    assert compare(Masks(), [junk], [other]).missing == [junk]
