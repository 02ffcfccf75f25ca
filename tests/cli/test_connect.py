"""``chatctl connect`` as a program in a pipe, against servers of ours and of strangers."""

import asyncio
import contextlib
import signal

import pytest

from chatctl import node
from chatctl.capture.reading.reader import read_records
from chatctl.transport.address import Address
from chatctl.wire.codec import read_json
from tests.peers.programs import Program, play
from tests.peers.strangers import Stranger

HERE = Address("127.0.0.1", 0)


def serving(address=HERE, **config):
    return node.serving(node.NodeConfig(listen=(address,), **config))


def objects(lines):
    return [read_json(line.encode()) for line in lines]


async def test_the_four_lines_of_the_guide():
    async with serving() as server:
        where = ("-s", server.addresses[0])
        async with await Program.start("connect", "alice", *where) as alice:
            await alice.until("*** alice has joined the chat")
            await play("connect", "bob", *where, text="hi everyone!\n")
            await alice.until("*** bob has left the chat")
            status, lines, errors = await alice.end("hello\n/q\nnever said\n")
    assert (status, errors) == (0, "")
    assert lines == [
        "*** alice has joined the chat",
        "*** bob has joined the chat",
        "bob: hi everyone!",
        "*** bob has left the chat",
        "alice: hello",
    ]


async def test_no_recording_is_mixed_with_what_is_shown():
    status, lines, errors = await play("connect", "alice", "-s", "127.0.0.1:1", "--record", "-")
    assert (status, lines) == (2, [])
    assert "standard output is where the chat is shown" in errors


@pytest.mark.parametrize("manners", [{}, {"drip": True}, {"echo": False}, {"joins": False}])
async def test_strangers_hear_words_and_no_commands(manners):
    async with Stranger(**manners) as server:
        text = "hi\n/who\n/nonsense\n//slash\n/me waves\n/q\n"
        status, lines, _ = await play("connect", "alice", "-s", f":{server.port}", text=text)
        assert (server.ends, server.died) == (["end"], None)
    assert status == 0
    assert [packet["message"] for packet in server.heard[1:]] == ["hi", "/slash", "*waves*"]
    assert lines.count("alice: hi") == 1
    assert "!!! no command /nonsense (see /help); //… says a line that begins with /" in lines
    assert "* alice waves" in lines


async def test_everything_said_is_confirmed_before_the_end():
    text = "".join(f"{number}\n" for number in range(500))
    async with serving() as server:
        where = ("-s", server.addresses[0])
        async with await Program.start("connect", "ear", *where) as ear:
            await ear.until("ear has joined")
            status, _, _ = await play("connect", "alice", *where, text=text)
            await ear.until("alice has left")
            _, lines, _ = await ear.end("")
    assert status == 0
    said = [line for line in lines if line.startswith("alice: ")]
    assert said == [f"alice: {number}" for number in range(500)]


async def test_a_line_waits_for_the_answer_to_the_one_before():
    text = "/join ops\nin ops\n/nick ally\n/topic friday\n/part\nin the lobby\n"
    async with serving() as server:
        status, lines, errors = await play("connect", "alice", "-s", server.addresses[0], text=text)
    assert (status, errors) == (0, "")
    assert lines == [
        "*** alice has joined the chat",
        "*** alice has joined ops",
        "[ops] alice: in ops",
        "*** alice is now known as ally",
        "*** ally has set the topic of ops: friday",
        "*** ally has left ops",
        "ally: in the lobby",
    ]


async def test_refused_words_are_named_and_make_the_status():
    async with serving() as server:
        status, lines, errors = await play(
            "connect", "alice", "-s", server.addresses[0], text="x" * 5000 + "\nfine\n"
        )
    assert status == 1
    assert any(line.startswith("!!! not delivered: a text has at most 4096") for line in lines)
    assert "alice: fine" in lines
    assert errors.startswith("error: not delivered")


async def test_a_taken_nick_is_a_no_with_a_suggestion():
    async with serving() as server:
        where = ("-s", server.addresses[0])
        async with await Program.start("connect", "alice", *where) as alice:
            await alice.until("alice has joined")
            status, lines, errors = await play("connect", "alice", *where)
            await alice.end("")
    assert (status, lines) == (1, [])
    assert errors.startswith("error: ")
    assert "tip: 'alice2' would be accepted" in errors


async def test_hostile_words_stay_one_harmless_line():
    async with serving() as server:
        where = ("-s", server.addresses[0])
        async with await Program.start("connect", "ear", *where) as ear:
            await ear.until("ear has joined")
            packet = r'{"type":"chat","message":"\u001b]52;c;aGk=\u0007\n*** eve has left\u202e"}'
            await play("connect", "bot", "--json", *where, text=packet + "\n")
            line = await ear.until("bot: ")
            await ear.end("")
    assert line == r"bot: \x1b]52;c;aGk=\x07\n*** eve has left\u202e"


async def test_json_in_and_out():
    text = '{"type":"who","id":"w1"}\n{"type":"chat","message":"hey","id":"m1"}\nplain\n{"x\n'
    async with serving() as server:
        status, lines, errors = await play(
            "connect", "bot", "--json", "-s", server.addresses[0], text=text
        )
    events = objects(lines)
    assert (status, errors) == (0, "")
    assert events[0]["event"] == "negotiated"
    assert [e["nicks"] for e in events if e.get("ref") == "w1"] == [["bot"]]
    assert [e.get("state") for e in events if e.get("ref") == "m1"] == ["pending", "confirmed"]
    assert [e["text"] for e in events if e["event"] == "said"] == ["hey", "plain"]
    assert [e["event"] for e in events if "not a packet" in e.get("text", "")] == ["problem"]


@pytest.mark.parametrize("mode", ["--plain", "--json"])
async def test_a_restart_in_mid_conversation_loses_and_doubles_nothing(tmp_path, mode):
    history = node.HistoryConfig(tmp_path / "history.sqlite")
    async with serving(history=history) as server:
        address = server.addresses[0]
        ear = await Program.start("connect", "ear", "-s", address, mode)
        await ear.until("ear")
        mouth = await Program.start("connect", "mouth", "-s", address)
        await ear.until("mouth")
        await mouth.write("one\n")
        await ear.until("one")
        await mouth.write("two\n")
    await mouth.write("three\n")
    async with serving(address, history=history):
        await mouth.write("four\n")
        await ear.until("four")
        (status, said, _), (ear_status, heard, _) = await mouth.end(""), await ear.end("")
    words = ["one", "two", "three", "four"]
    assert (status, ear_status) == (0, 0)
    assert [line[7:] for line in said if line.startswith("mouth: ")] == words
    if mode == "--json":
        assert [e["text"] for e in objects(heard) if e["event"] == "said"] == words
    else:
        assert [line[7:] for line in heard if line.startswith("mouth: ")] == words


async def test_follow_stays_after_the_input():
    async with serving() as server:
        where = ("-s", server.addresses[0])
        async with await Program.start("connect", "alice", "--follow", *where) as alice:
            alice.process.stdin.close()
            await alice.until("alice has joined")
            await play("send", "hi", "--once", "-n", "bob", *where)
            await alice.until("bob: hi")
            alice.process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(10):
                assert await alice.process.wait() == 143


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGQUIT, 131)])
async def test_ctrl_c_leaves_in_good_order(number, status):
    async with serving() as server:
        where = ("-s", server.addresses[0])
        async with await Program.start("connect", "ear", *where) as ear:
            await ear.until("ear has joined")
            async with await Program.start("connect", "alice", *where) as alice:
                await alice.until("alice has joined")
                alice.process.send_signal(number)
                async with asyncio.timeout(10):
                    assert await alice.process.wait() == status
                assert await alice.errors() == ""
            await ear.until("*** alice has left the chat")
            await ear.end("")


async def test_a_closed_stdout_ends_it_quietly():
    async with (
        serving() as server,
        await Program.start("connect", "alice", "-s", server.addresses[0]) as alice,
    ):
        await alice.until("alice has joined")
        alice.process._transport.get_pipe_transport(1).close()
        ended = asyncio.ensure_future(alice.process.wait())  # noqa: TID251 - awaited right here
        async with asyncio.timeout(30):
            while not ended.done():
                with contextlib.suppress(ConnectionError):
                    await alice.write("more\n")
                await asyncio.wait([ended], timeout=0.1)
        assert await ended == 141
        assert await alice.errors() == ""


async def test_records_and_marks_in_mid_session(tmp_path):
    file = tmp_path / "mid.pcapng"
    async with serving() as server:
        text = f"before\n/record {file}\n/mark here\nafter\n/record stop\nlast\n"
        status, lines, _ = await play("connect", "alice", "-s", server.addresses[0], text=text)
    records = list(read_records(file))
    crossed = b"".join(record.data for record in records)
    assert status == 0
    assert f"*** recording to {file}" in lines
    assert b'"after"' in crossed
    assert b'"before"' not in crossed
    assert b'"last"' not in crossed
    assert "here" in [record.note for record in records]


async def test_plain_and_json_do_not_go_together():
    status, _, errors = await play("connect", "alice", "--plain", "--json")
    assert (status, errors) == (2, "error: --plain and --json do not go together\n")
