"""Up, Down and Ctrl-R."""

from chatctl.tui.screen.recall import MOST, Recall


def recall(*lines):
    made = Recall()
    for line in lines:
        made.sent(line)
    return made


def test_earlier_and_later_and_the_draft():
    lines = recall("a", "b")
    assert [lines.earlier("draft"), lines.earlier("x"), lines.earlier("x")] == ["b", "a", None]
    assert [lines.later(), lines.later(), lines.later()] == ["b", "draft", None]


def test_looking_back_ends_with_what_was_being_written():
    lines = recall("a", "b")
    assert lines.rest("draft") == "draft"
    lines.earlier("draft")
    assert lines.rest("b") == "draft"
    assert lines.earlier("other") == "b"
    assert lines.rest("b, changed") == "b, changed"


def test_the_same_twice_is_remembered_once_and_nothing_never():
    lines = recall("a", "a", "")
    assert [lines.earlier(""), lines.earlier("")] == ["a", None]


def test_seeking_goes_further_back_when_asked_to_and_never_to_the_same():
    lines = recall("make test", "ls", "make demo", "ls", "make demo")
    lines.begin("draft")
    assert lines.seek("make") == "make demo"
    assert lines.seek("make", further=True) == "make test"
    assert lines.seek("make", further=True) is None
    assert lines.seek("LS") == "ls"
    assert lines.seek("nothing") is None
    assert [lines.later(), lines.later()] == ["make demo", "draft"]


def test_how_often_something_was_begun_with_a_word():
    lines = recall("/retry", "/record a", "/record b", "/recording")
    assert [lines.count(word) for word in ("/retry", "/record", "/nick")] == [1, 2, 0]


def test_only_so_many_are_kept():
    lines = recall(*map(str, range(MOST + 10)))
    count = 0
    while lines.earlier("") is not None:
        count += 1
    assert count == MOST


def test_what_was_sent_in_sessions_before_comes_first():
    lines = Recall(["old", "older"][::-1])
    assert lines.sent("new")
    assert not lines.sent("new")
    assert [lines.earlier("") for _ in range(4)] == ["new", "old", "older", None]
