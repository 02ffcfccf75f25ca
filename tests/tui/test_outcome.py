import pytest

from chatctl.errors import LinkError, ProtocolError, RequestRefused, TimedOut
from chatctl.session.client.events import Delivery, LinkLost, Negotiated, Receipt, Refused, Said
from chatctl.tui.outcome import Outcome

FAILED = Delivery.FAILED
ENDED = {
    "well": ([Said("a", "x"), Receipt("1", Delivery.CONFIRMED)], None, ""),
    "lost and found": ([LinkLost("reset", 1.0)], None, ""),
    "lost": ([LinkLost("reset", None)], LinkError, "reset"),
    "lost and begun anew": ([LinkLost("reset", None), Negotiated("a", True)], None, ""),
    "no chat server": ([LinkLost("ssh", None, fault=True)], ProtocolError, "ssh"),
    "not let in": (
        [Refused("nick-taken", "taken"), LinkLost("end", None, ever=False)],
        RequestRefused,
        "taken",
    ),
    "refused something and lost later": (
        [Refused("bad-room", "no"), LinkLost("reset", None)],
        LinkError,
        "reset",
    ),
    "words refused": (
        [Receipt("1", FAILED, code="text-too-long", reason="long")],
        RequestRefused,
        "not delivered: long",
    ),
    "several": (
        [Receipt(key, FAILED, code="x", reason=key) for key in "12"],
        RequestRefused,
        "not delivered: 2 messages; the first: 1",
    ),
    "no answer": (
        [Receipt("1", FAILED, code="no-answer", reason="none")],
        TimedOut,
        "not delivered: none",
    ),
    "cut off": (
        [Receipt("1", FAILED, code="link-lost", reason="cut")],
        LinkError,
        "not delivered: cut",
    ),
    "said again": ([Receipt("1", FAILED), Receipt("1", Delivery.PENDING)], None, ""),
    "arrived late": ([Receipt("1", FAILED), Receipt("1", Delivery.CONFIRMED)], None, ""),
    "the first said again": (
        [
            Receipt("1", FAILED, code="link-lost", reason="cut"),
            Receipt("1", Delivery.PENDING),
            Receipt("2", FAILED, code="no-answer", reason="none"),
        ],
        TimedOut,
        "not delivered: none",
    ),
}


@pytest.mark.parametrize(("events", "kind", "text"), ENDED.values(), ids=ENDED)
def test_ends(events, kind, text):
    outcome = Outcome()
    for event in events:
        outcome.note(event)
    error = outcome.error()
    assert (type(error), str(error or "")) == (kind or type(None), text)


def test_a_suggestion_is_a_tip():
    outcome = Outcome()
    outcome.note(Refused("nick-taken", "taken", suggestion="alice2"))
    outcome.note(LinkLost("end", None, ever=False))
    assert outcome.error().__notes__ == ["'alice2' would be accepted"]
