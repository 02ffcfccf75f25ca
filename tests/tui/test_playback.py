"""Where a playback stands: time, pauses, steps both ways, leaps."""

import math

import pytest

from chatctl.capture.replay.scenes import Scene
from chatctl.session.client.events import Joined
from chatctl.tui.playback import Playback


@pytest.fixture
def playback():
    return Playback([Scene(float(at), Joined(str(at), "lobby")) for at in (1, 2, 20)])


def test_scenes_come_at_their_time(playback):
    assert playback.wait(0.0) == 1.0
    assert playback.wait(0.75) == 0.25
    assert playback.wait(5.0) == 0.0


def test_speed_shortens_the_wait(playback):
    playback.faster(2.0, 0.5)

    assert playback.wait(0.5) == 0.25
    assert playback.at(0.75) == 1.0


def test_without_pauses(playback):
    playback.speed = math.inf

    assert playback.wait(0.0) == 0.0


def test_the_speed_stays_within_reason(playback):
    for _ in range(1100):
        playback.faster(0.5, 0.0)
    assert playback.wait(0.0) == 64.0
    for _ in range(1100):
        playback.faster(2.0, 0.0)
    assert playback.speed == 1024.0


def test_without_pauses_there_is_a_way_back(playback):
    playback.speed = math.inf
    playback.faster(2.0, 0.0)
    assert playback.speed == math.inf
    playback.faster(0.5, 0.0)
    assert playback.speed == 1.0


@pytest.mark.parametrize("back", [lambda p: p.leap(-10.0, 0.0), lambda p: p.back(0.0)])
def test_who_goes_back_after_a_hurry_sees_something(playback, back):
    playback.speed = math.inf
    playback.position = 3
    assert playback.at(0.0) == 20.0
    back(playback)
    assert (playback.position, playback.speed) == (2, 1.0)


def test_time_stands_still_while_paused(playback):
    playback.pause(0.5)
    assert playback.wait(100.0) == math.inf
    assert playback.at(100.0) == 0.5

    playback.pause(100.0)
    assert playback.wait(100.0) == 0.5


def test_steps_both_ways(playback):
    playback.step(0.0)
    playback.step(0.0)
    assert (playback.position, playback.at(0.0)) == (2, 2.0)

    playback.back(0.0)
    assert (playback.position, playback.at(0.0), playback.paused) == (1, 1.0, True)
    playback.back(0.0)
    playback.back(0.0)
    assert (playback.position, playback.at(0.0)) == (0, 0.0)


def test_leaps(playback):
    playback.leap(10.0, 0.0)
    assert (playback.position, playback.at(0.0)) == (2, 10.0)

    playback.leap(-100.0, 0.0)
    assert (playback.position, playback.at(0.0)) == (0, 0.0)

    playback.leap(100.0, 0.0)
    assert playback.over
    playback.step(0.0)
    assert playback.position == 3
