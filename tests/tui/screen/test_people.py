"""Who is here, without case, and who spoke last."""

from chatctl.tui.screen.people import MOST_MINUTES, People


def people(*nicks):
    made = People()
    made.listed(nicks, first=True)
    return made


def test_they_are_in_the_order_of_the_alphabet_and_there_once():
    here = people("carol", "Bob", "alice")
    here.add("BOB")
    assert list(here) == ["alice", "BOB", "carol"]
    assert "bOb" in here
    assert len(here) == 3


def test_who_spoke_last_is_offered_first():
    here = people("bob", "bobby", "bo")
    here.spoke("bobby")
    here.spoke("bob")
    assert here.beginning("BO") == ["bob", "bobby", "bo"]
    here.remove("bob")
    assert here.beginning("bo") == ["bobby", "bo"]


def test_a_new_nick_keeps_its_turn():
    here = people("bob", "bobby")
    here.spoke("bobby")
    assert here.rename("bobby", "bobo")
    assert not here.rename("nobody", "x")
    assert here.beginning("bob") == ["bobo", "bob"]


def test_how_long_somebody_has_said_nothing_is_known_to_the_minute():
    here = people("bob", "carol", "dave")
    here.spoke("bob")
    assert here.quiet("bob", 50.0) == 0.0
    here.minute(60.0)
    here.minute(120.0)
    here.spoke("carol")
    here.minute(180.0)
    here.spoke("carol")
    assert here.quiet("BOB", 300.0) == 240.0
    assert here.quiet("carol", 300.0) == 0.0
    here.minute(240.0)
    assert here.quiet("carol", 300.0) == 60.0
    assert here.quiet("dave", 300.0) == 0.0


def test_what_is_remembered_of_minutes_is_bounded():
    here = people()
    for minute in range(MOST_MINUTES + 10):
        here.spoke(f"nick{minute}")
        here.minute(minute * 60.0)
    assert here.quiet("nick0", MOST_MINUTES * 60.0) == (MOST_MINUTES - 10) * 60.0


def test_a_list_replaces_what_was_known():
    here = people("gone")
    here.listed(["a"], first=True)
    here.listed(["b"], first=False)
    assert list(here) == ["a", "b"]
