"""Programs written to the guide by strangers chat with each other through our server."""

import asyncio

import pytest

from tests.peers.guests import served
from tests.peers.students import ALL, OneRecv, Student


def lesson(port, kind):
    """One of *kind* comes, talks with a classmate, and goes; the classmate sees all of it."""
    anna = Student(port, "anna")
    anna.sees("*** anna has joined the chat")
    bert = kind(port, "bert")
    bert.sees("*** bert has joined the chat")
    anna.sees("*** bert has joined the chat")
    bert.say("hello, I am bert")
    anna.sees("bert: hello, I am bert")
    bert.sees("bert: hello, I am bert")
    anna.say("grüß dich 😀")
    anna.sees("anna: grüß dich 😀")
    bert.sees("anna: grüß dich 😀")
    bert.quit()
    anna.sees("*** bert has left the chat")
    anna.quit()
    return anna.screen, bert.screen


SEEN_BY_ANNA = [
    "*** anna has joined the chat",
    "*** bert has joined the chat",
    "bert: hello, I am bert",
    "anna: grüß dich 😀",
    "*** bert has left the chat",
]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("history", [True, False], ids=["history", "no history"])
async def test_a_student_is_understood_whatever_its_style(tmp_path, kind, history):
    async with served(history=tmp_path / "history" if history else None) as running:
        port = running.addresses[0].port
        anna, bert = await asyncio.to_thread(lesson, port, kind)

    assert anna == SEEN_BY_ANNA
    assert bert == SEEN_BY_ANNA[1:4]


async def test_nothing_rides_behind_ones_own_join():
    """A program that drops what it over-reads still learns that it is in."""

    def crowd(port):
        students = [OneRecv(port, f"s{number}") for number in range(20)]
        for number, student in enumerate(students):
            student.read_line()
            assert student.screen == [f"*** s{number} has joined the chat"]
            student.quit()

    async with served() as running:
        await asyncio.to_thread(crowd, running.addresses[0].port)


def class_of_all(port):
    """Everybody at once; each sees every word once, in the same order."""
    students = [kind(port, kind.__name__) for kind in ALL if kind is not OneRecv]
    for student in students:
        student.sees(f"*** {student.nick} has joined the chat")
    for student in students:
        student.say(f"{student.nick} speaks")
        students[0].sees(f"{student.nick}: {student.nick} speaks")
    for student in students:
        student.sees(f"{students[-1].nick}: {students[-1].nick} speaks")
        student.sock.close()
    return [[line for line in student.screen if "speaks" in line] for student in students]


async def test_everybody_sees_the_same_in_the_same_order():
    async with served() as running:
        screens = await asyncio.to_thread(class_of_all, running.addresses[0].port)

    assert screens[0] == [f"{k.__name__}: {k.__name__} speaks" for k in ALL if k is not OneRecv]
    assert all(screen == screens[0] for screen in screens)


async def test_a_student_that_prints_its_own_words_is_spared_its_echo():
    def lesson(port):
        anna, bert = Student(port, "anna"), Student(port, "bert")
        bert.sees("*** bert has joined the chat")
        anna.sees("*** bert has joined the chat")
        anna.say("no echo")
        bert.sees("anna: no echo")
        bert.say("none")
        anna.sees("bert: none")
        anna.quit()
        bert.quit()
        return anna.screen

    async with served(echo=False) as running:
        screen = await asyncio.to_thread(lesson, running.addresses[0].port)
    assert "anna: no echo" not in screen
