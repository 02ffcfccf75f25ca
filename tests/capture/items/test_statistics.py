"""Figures, gathered run by run or one by one."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatctl.capture.items.dissect import Dissector
from chatctl.capture.items.statistics import BUCKETS, MAX_NAME, Rate, Spectrum, Statistics
from chatctl.capture.reassembly.findings import Findings
from chatctl.capture.record import Kind, Record
from chatctl.view.figures import figures
from chatctl.wire.codec import encode_frame
from chatctl.wire.packets import Chat, Direction, Hello, Say
from tests.capture.items.test_dissect import in_columns, talks

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT


def items(*told):
    return list(
        Dissector().dissect(
            Record(1 + at * 1_000_000, conn, Kind.DATA, way, encode_frame(packet))
            for at, conn, way, packet in told
        )
    )


def test_figures_of_a_talk():
    statistics = Statistics()
    statistics.gather(
        items(
            (0, 1, UP, Hello(nick="alice")),
            (500, 1, UP, Say(message="x" * 100)),
            (1000, 1, DOWN, Chat(nick="alice", message="x" * 100)),
        )
    )

    assert statistics.sizes.count == 3
    assert sum(statistics.rate.counts) == 3
    assert statistics.latency.quantile(0.5) in range(490_000_000, 510_000_001)
    assert statistics.up.types == {"hello": 1, "chat": 1}
    assert statistics.down.types == {"chat": 1}
    assert statistics.people == {"alice": 2}
    assert statistics.last - statistics.first == 1_000_000_000


def test_a_saying_is_followed_to_its_slowest_copy():
    statistics = Statistics()
    chat = Chat(nick="alice", message="x", seq=1, id="a")
    statistics.gather(
        items(
            (0, 1, UP, Say(message="x", id="a")),
            (2, 1, DOWN, chat),
            (3, 2, DOWN, chat),
            (9, 3, DOWN, chat),
        )
    )

    spreads = statistics.spreads
    spreads.finish()
    assert (spreads.count, spreads.copies, spreads.slowest // 1_000_000) == (1, 3, 9)


def test_all_sayings_count_however_many_are_followed_at_a_time(monkeypatch):
    monkeypatch.setattr("chatctl.capture.items.spreads.MAX_SPREADS", 3)
    statistics = Statistics()
    for n in range(1, 11):
        chat = Chat(nick="alice", message="x", seq=n)
        statistics.gather(items((n, 1, DOWN, chat), (n + 2, 2, DOWN, chat)))

    spreads = statistics.spreads
    assert len(spreads.newest) == 3
    spreads.finish()
    assert (spreads.count, spreads.copies, spreads.slowest) == (10, 20, 2_000_000)


def shown(batches, pairing):
    statistics = Statistics()
    for items in batches:
        statistics.gather(items)
    return list(figures(statistics, pairing, Findings()))


BACK = [
    Record(10**18 + later, 1, Kind.DATA, DOWN, encode_frame(Chat(nick="bob", message="hi")))
    for later in (0, 0, 10**8, 10**8, 10**8, 0)
]


@given(talks())
@example(BACK)
@settings(max_examples=60, deadline=None)
def test_neither_runs_nor_batches_change_a_figure(records):
    whole, quick = Dissector(), Dissector()
    seen = list(whole.dissect(records))
    runs = quick.batches(in_columns(records))

    alone = shown([[item] for item in seen], whole.pairing)
    assert shown([seen], whole.pairing) == alone
    assert shown(runs, quick.pairing) == alone


@given(st.lists(st.integers(0, 10**12), min_size=1))
def test_quantiles_are_within_two_percent(values):
    spectrum = Spectrum()
    spectrum.add(values[:5])
    spectrum.add(values[5:])

    exact = sorted(values)[-(-len(values) // 2) - 1]
    assert spectrum.count == len(values)
    assert spectrum.largest == max(values)
    assert abs(spectrum.quantile(0.5) - exact) <= 1 + exact * 0.02


@given(st.lists(st.integers(0, 10**15), min_size=1))
def test_a_rate_counts_all_in_few_slices(times):
    rate = Rate()
    rate.add(times[:1])
    rate.add(times)

    expected = [0] * len(rate.counts)
    for at in times[:1] + times:
        expected[max(0, at - times[0]) // rate.width] += 1
    assert rate.counts == expected
    assert sum(rate.counts) == 1 + len(times)
    assert len(rate.counts) <= BUCKETS


def test_a_flood_of_names_is_counted_in_bounded_memory(monkeypatch):
    monkeypatch.setattr("chatctl.capture.items.statistics.MAX_NAMES", 3)
    statistics = Statistics()
    statistics.gather(items(*((n, n, UP, Hello(nick=f"n{n}")) for n in range(5))))

    assert statistics.people == {"n0": 1, "n1": 1, "n2": 1, "(others)": 2}


def test_of_names_the_beginning_counts():
    statistics = Statistics()
    statistics.gather(items(*((n, n, UP, Hello(nick="n" * (60_000 + n))) for n in range(3))))

    assert statistics.people == {"n" * MAX_NAME: 3}


def test_types_that_somebody_made_up_do_not_flood_the_figures():
    frames = [b"\0\x11" + b'{"type":"t%05d"}' % number for number in range(100)]
    records = [Record(1, 1, Kind.DATA, UP, frame) for frame in frames]
    dissector = Dissector()

    lines = shown([list(dissector.dissect(records))], dissector.pairing)

    assert "and 60 types more" in lines
    assert len(lines) < 70
