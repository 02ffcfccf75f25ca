"""Words a second, from looks at numbers that grow."""

from chatctl.tui.screen.rates import Rates


def looked(*looks):
    rates = Rates()
    for look in looks:
        rates.look(*look)
    return rates.words


def test_the_mean_of_the_last_seconds():
    assert looked() == looked((0, 5, 5)) == "in 0/s  out 0/s"
    assert looked((0, 0, 0), (1, 42, 0), (2, 84, 1)) == "in 42/s  out 0.5/s"
    assert looked(*((n, 1000 * n, 0) for n in range(100))) == "in 1,000/s  out 0/s"


def test_what_is_long_past_does_not_count():
    assert looked((0, 0, 0), *((n, 900, 9) for n in range(1, 9))) == "in 0/s  out 0/s"


def test_a_clock_that_is_set_back_does_no_harm():
    assert looked((100, 0, 0), (50, 10, 0), (52, 30, 0)) == "in 10/s  out 0/s"
