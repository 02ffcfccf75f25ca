"""What every log promises: the same suite for memory and SQLite."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatctl.session.entries import EntryKind, LogState, Query


def seqs(page):
    return [entry.seq for entry in page.entries]


def test_each_room_numbers_its_entries_from_one(log, new):
    first = log.append(new("a"), new("b", "ops"), new("c"))
    second = log.append(new("d", "ops"))
    assert [(e.draft.log, e.seq) for e in first + second] == [
        ("lobby", 1),
        ("ops", 1),
        ("lobby", 2),
        ("ops", 2),
    ]


def test_what_was_said_is_read_as_it_was(log, new):
    said = new("ü\n\x00\x1b[31m😀", "ops", EntryKind.ACTION, session="s", id="7", time=2**52)
    told = new("psst", "@a+b", EntryKind.DIRECT, to="bob")
    log.append(said, told)
    (entry,) = log.read(Query("ops", 0, 0, 10)).entries
    assert entry.draft == said
    (entry,) = log.read(Query("@a+b", 0, 0, 10)).entries
    assert entry.draft == told


def test_pages_by_cursor(log, new):
    log.append(*(new(str(number)) for number in range(1, 11)))
    forward = log.read(Query("lobby", 3, 0, 4))
    assert (seqs(forward), forward.more, forward.reached) == ([4, 5, 6, 7], True, 7)
    backward = log.read(Query("lobby", 0, 8, 3, newest=True))
    assert (seqs(backward), backward.more) == ([5, 6, 7], True)
    assert seqs(log.read(Query("lobby", 9, 0, 4))) == [10]
    assert seqs(log.read(Query("lobby", 10, 0, 4))) == []
    assert seqs(log.read(Query("lobby", 0, 2**53 - 1, 4, newest=True))) == [7, 8, 9, 10]
    assert seqs(log.read(Query("nowhere", 0, 0, 4))) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    after=st.integers(0, 25),
    before=st.integers(0, 25),
    limit=st.integers(1, 9),
    newest=st.booleans(),
)
def test_a_page_is_what_a_list_would_give(log, new, after, before, limit, newest):
    if not log.log.states():
        log.append(*(new(str(number)) for number in range(20)))
    matching = [seq for seq in range(1, 21) if seq > after and (not before or seq < before)]
    page = log.read(Query("lobby", after, before, limit, newest))
    expected = matching[-limit:] if newest else matching[:limit]
    assert seqs(page) == expected
    assert page.more == (len(matching) > limit)


def test_states_tell_of_last_seq_and_topic(log, new):
    log.append(new("x"), new("friday", kind=EntryKind.TOPIC, nick="bob", time=5))
    (state,) = log.log.states()
    assert isinstance(state, LogState)
    assert (state.log, state.last, state.topic.seq) == ("lobby", 2, 2)
    topic = state.topic.draft
    assert (topic.message, topic.nick, topic.time) == ("friday", "bob", 5)


def test_recent_ids_are_those_within_the_time(log, new):
    log.append(new("old", id="1", time=10), new("none", time=30))
    log.append(new("new", "ops", id="2", time=30))
    assert [entry.draft.id for entry in log.log.recent(20)] == ["2"]


def test_the_secret_stays_the_same(log):
    assert log.log.secret() == log.log.secret()
    assert len(log.log.secret()) == 32
