"""What is to be disguised: a mistyped member is told, since it would stay readable."""

import pytest

from chatctl.capture.config import STANDARD_SECRETS, Redaction
from chatctl.cli.redacting import redaction_of


@pytest.mark.parametrize(
    ("text", "meant"), [("token,nikc", "nick"), ("txt", "text"), ("mask:mesage", "message")]
)
def test_what_resembles_a_member_and_is_none_is_told(text, meant, capsys):
    redaction_of(text)

    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("warning: no packet of ours has a member")
    assert line.endswith(f"did you mean {meant!r}?")


@pytest.mark.parametrize("text", ["token,password,secret", "none", "text,nick", "id", "phone"])
def test_members_of_ours_and_of_strangers_are_taken_as_they_are(text, capsys):
    redaction_of(text)

    assert capsys.readouterr().err == ""


def test_it_is_the_redaction_that_was_asked_for():
    assert redaction_of("none") == Redaction(())
    assert redaction_of(",".join(STANDARD_SECRETS)) == Redaction()
