"""The lists beside the timeline: any length, in sight what matters, one click an entry."""

from types import SimpleNamespace

import pytest
from textual.app import App
from textual.content import Content

from chatctl.tui.screen.conversations import Conversations
from chatctl.tui.screen.lists import Picks, duration, person_row, room_row
from tests.tui.fakes import screen


class OneList(App):
    def __init__(self):
        super().__init__()
        self.picked = []

    def compose(self):
        yield Picks("people", "people")

    def on_picks_picked(self, event):
        self.picked.append((event.name, event.picked))


@pytest.fixture
async def shown():
    app = OneList()
    async with app.run_test(size=(20, 10)) as pilot:

        async def look():
            await pilot.pause()
            return screen(app)

        look.list = app.query_one(Picks)
        look.pilot = pilot
        look.app = app
        yield look


def nicks(count):
    return [f"nick{number}" for number in range(count)]


async def test_a_short_list_is_shown_whole(shown):
    shown.list.tell("people (9)", nicks(9), Content)
    assert await shown() == ["people (9)", *nicks(9)]


async def test_a_long_one_says_how_much_is_below_and_can_be_moved_in(shown):
    shown.list.tell("people (1,000)", nicks(1000), Content)
    assert await shown() == ["people (1,000)", *nicks(8), "↓ 992 more"]

    shown.list.page(1)
    assert (await shown())[1:] == [*nicks(15)[7:], "↑ 7  ↓ 985"]
    shown.list.page(10_000)
    assert (await shown())[1:] == [*nicks(1000)[992:], "↑ 992  ↓ 0"]
    shown.list.page(-10_000)
    assert (await shown())[1:3] == nicks(2)


async def test_only_what_is_in_sight_is_made_into_text(shown):
    made = []
    shown.list.tell("people", nicks(100_000), lambda nick: made.append(nick) or Content(nick))
    await shown()
    assert set(made) == set(nicks(8))


async def test_an_entry_can_be_had_in_sight(shown):
    shown.list.tell("rooms", nicks(100), Content)
    shown.list.bring("nick50")
    assert "nick50" in await shown()
    shown.list.bring("nick3")
    assert "nick3" in await shown()


async def test_a_click_names_the_entry_and_not_the_line(shown):
    shown.list.tell("people", nicks(100), Content)
    shown.list.page(1)
    await shown()
    await shown.pilot.click("#people", offset=(2, 2))
    await shown.pilot.click("#people", offset=(2, 0))
    await shown.pilot.click("#people", offset=(2, 9))
    await shown()
    assert shown.app.picked == [("people", "nick8")]


def test_rows():
    talk = Conversations("alice", lambda: 0.0)
    talk.open("ops").unread = 3
    talk.rooms["ops"].mentions = 1
    talk.rooms["lobby"].failed.add("a")
    assert person_row(talk, True, "alice").plain == "● alice (you)"
    assert person_row(talk, True, "b\x1bob").plain == r"● b\x1bob"
    numbers = {"lobby": 1, "ops": 2}
    assert room_row(talk, numbers, "lobby").plain == "▸1 lobby      "
    assert room_row(talk, numbers, "ops").plain == "!2 ops        3"
    talk.rooms["ops"].failed.add("a")
    assert room_row(talk, numbers, "ops").plain == "✗2 ops        3"


def test_who_has_said_nothing_for_long_is_told_apart():
    clock = SimpleNamespace(now=0.0)
    talk = Conversations("alice", lambda: clock.now)
    people = talk.room.people
    people.add("carol")
    people.spoke("bob-with-a-long-nick")
    talk.minute()
    clock.now = 299.0
    assert person_row(talk, None, "bob-with-a-long-nick").plain == "● bob-with-a-long-nick"
    clock.now = 720.0
    assert person_row(talk, None, "bob-with-a-long-nick").plain == "◌ bob-with-a-… 12m"
    assert person_row(talk, None, "carol").plain == "● carol"
    people.spoke("bob-with-a-long-nick")
    assert person_row(talk, None, "bob-with-a-long-nick").plain == "● bob-with-a-long-nick"


@pytest.mark.parametrize(("seconds", "words"), [(300, "5m"), (7300, "2h"), (200_000, "2d")])
def test_durations_are_short(seconds, words):
    assert duration(seconds) == words


def test_nicks_have_their_colours_but_where_there_are_none():
    talk = Conversations("alice", lambda: 0.0)
    assert any("#" in str(span.style) for span in person_row(talk, True, "bob").spans)
    assert not any("#" in str(span.style) for span in person_row(talk, None, "bob").spans)
