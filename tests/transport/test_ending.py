import asyncio
import os
import signal
import threading

import pytest

from chatctl.transport.ending import ENDING, run_until_signal


def send(number):
    os.kill(os.getpid(), number)


@pytest.fixture(autouse=True)
def handlers():
    """Leave the handlers of this process as they were."""
    before = {number: signal.getsignal(number) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


async def forever(then=lambda: None):
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        then()


def test_what_ends_by_itself():
    done = []

    async def act():
        done.append(1)

    assert (run_until_signal(act()), done) == (0, [1])


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_cancels_and_is_the_status(number):
    def usual(*_):
        raise AssertionError("not ended by the loop")

    signal.signal(number, usual)
    cleaned = []

    async def act():
        asyncio.get_running_loop().call_soon(send, number)
        await forever(lambda: cleaned.append(1))

    assert (run_until_signal(act()), cleaned) == (128 + number, [1])
    assert signal.getsignal(number) is usual


def test_a_signal_during_a_finalizer_is_not_lost():
    class Last:
        def __del__(self):
            send(signal.SIGTERM)

    async def act():
        Last()
        await forever()

    assert run_until_signal(act()) == 143


def test_a_second_signal_does_not_wait():
    async def act():
        loop = asyncio.get_running_loop()
        loop.call_soon(send, signal.SIGTERM)
        try:
            await forever()
        except asyncio.CancelledError:
            send(signal.SIGTERM)
            await forever()

    with pytest.raises(KeyboardInterrupt):
        run_until_signal(act())


def test_what_is_ignored_stays_ignored():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)

    async def act():
        send(signal.SIGHUP)
        await asyncio.sleep(0)

    assert run_until_signal(act()) == 0


def test_an_error_is_its_own():
    async def act():
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        run_until_signal(act())


def test_a_cancellation_without_a_signal_is_not_swallowed():
    async def act():
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        run_until_signal(act())


def test_in_another_thread():
    ended = []

    async def act():
        await asyncio.sleep(0)

    thread = threading.Thread(target=lambda: ended.append(run_until_signal(act())))
    thread.start()
    thread.join(10)
    assert ended == [0]
