"""``chatctl send`` as a program, against servers of ours and of strangers."""

import asyncio
import struct

import pytest

from chatctl import node
from chatctl.capture.reading.reader import read_records
from chatctl.capture.record import Kind
from chatctl.transport.address import Address
from tests.peers.answering import answering
from tests.peers.programs import Program, play
from tests.peers.strangers import Stranger, listening, reset

HERE = Address("127.0.0.1", 0)


def serving(address=HERE, **config):
    return node.serving(node.NodeConfig(listen=(address,), **config))


async def heard_by(address, count):
    """Join as a base client; return a task for the next *count* packets after the own join."""
    reader, writer = await asyncio.open_connection(address.host, address.port)
    payload = b'{"type":"hello","nick":"ear"}'
    writer.write(struct.pack(">H", len(payload)) + payload)

    async def next_packet():
        size = struct.unpack(">H", await reader.readexactly(2))[0]
        return (await reader.readexactly(size)).decode()

    async def listen():
        async with asyncio.timeout(20):
            packets = [await next_packet() for _ in range(count)]
        writer.close()
        return packets

    await next_packet()
    return asyncio.ensure_future(listen())  # noqa: TID251 - the test awaits it


async def test_once_says_one_thing_and_goes():
    async with serving() as server:
        heard = await heard_by(server.addresses[0], 3)
        done = await play("send", "hi", "--once", "--nick", "bob", "-s", server.addresses[0])
        assert done == (0, [], "")
        assert await heard == [
            '{"type":"join","nick":"bob"}',
            '{"type":"chat","nick":"bob","message":"hi"}',
            '{"type":"leave","nick":"bob"}',
        ]


async def test_goes_on_with_each_line_of_its_input():
    async with serving() as server:
        heard = await heard_by(server.addresses[0], 5)
        status, *_ = await play("send", "one", "-s", server.addresses[0], text="two\n\n/q\r\nlast")
        assert status == 0
        said = [line for line in await heard if '"chat"' in line]
        assert [line.split('"message":')[1] for line in said] == [
            '"one"}',
            '"two"}',
            '"/q"}',
            '"last"}',
        ]


async def test_takes_the_nearest_free_form_of_the_login_name():
    async with serving() as server:
        heard = await heard_by(server.addresses[0], 1)
        await play("send", "hi", "--once", "-s", server.addresses[0], LOGNAME="Ann Smith!")
        assert await heard == ['{"type":"join","nick":"Ann_Smith"}']


@pytest.mark.parametrize(
    "manners",
    [{}, {"drip": True}, {"echo": False}, {"joins": False, "echo": False}],
    ids=["plain", "octet by octet", "silent", "deaf"],
)
async def test_strangers_get_it_once_and_survive(manners):
    async with Stranger(**manners) as server:
        status, lines, errors = await play("send", "hi", "--once", "-s", f":{server.port}")
        assert (status, lines, errors) == (0, [], "")
        assert server.heard[1:] == [{"type": "chat", "message": "hi"}]
        assert (server.ends, server.died) == (["end"], None)


async def test_base_sends_a_bare_hello():
    async with Stranger() as server:
        await play("send", "hi", "--once", "--base", "-n", "bob", "-s", f":{server.port}")
        assert server.heard[0] == {"type": "hello", "nick": "bob"}


async def test_what_the_server_refuses_is_one_line_and_a_no():
    async with serving() as server:
        status, _, errors = await play("send", "x" * 5000, "--once", "-s", server.addresses[0])
    assert status == 1
    assert errors.startswith("error: not delivered: a text has at most 4096 octets")
    assert errors.count("\n") == 1


async def test_nobody_there():
    with listening() as listener:
        port = listener.getsockname()[1]
    status, _, errors = await play("send", "hi", "--once", "-s", f":{port}")
    assert status == 3
    assert errors == (
        f"error: cannot connect to 127.0.0.1:{port}: Connection refused\n"
        "tip: nobody listens there; 'chatctl serve' starts a server\n"
    )


async def test_a_reset_is_a_lost_link():
    with listening() as listener:
        port = listener.getsockname()[1]
        async with await Program.start("send", "hi", "--once", "-s", f":{port}") as program:
            await asyncio.to_thread(reset, listener)
            status, _, errors = await program.end("")
    assert status == 3
    assert errors.endswith(("Connection reset by peer\n", "the server closed the connection\n"))
    assert errors.count("\n") == 1


async def test_no_chat_server_at_all():
    async def banner(_, writer):
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\x1b[31m")
        await writer.drain()
        writer.close()

    async with answering(banner) as place:
        status, _, errors = await play("send", "hi", "--once", "-s", str(place))
    assert status == 4
    assert "that is no chat server; it sent b'SSH-2.0" in errors
    assert "\x1b" not in errors


async def test_a_server_that_never_answers_is_timed_out():
    async def deaf(reader, writer):
        await reader.read()
        writer.close()

    async with answering(deaf) as place:
        say = ["send", "hi", "--once", "--timeout", "0.3", "-s", str(place)]
        status, _, errors = await play(*say)
    assert status == 7
    assert errors.startswith("error: ")


@pytest.mark.parametrize("args", [["--once"], ["", "--once"], ["-", "--once"]])
async def test_once_wants_a_text(args):
    status, _, errors = await play("send", *args)
    assert (status, errors) == (2, "error: --once wants a text to say\n")


async def test_a_restart_in_mid_conversation_loses_and_doubles_nothing(tmp_path):
    history = node.HistoryConfig(tmp_path / "history.sqlite")
    async with serving(history=history) as server:
        address = server.addresses[0]
        program = await Program.start("send", "-s", address)
        heard = await heard_by(address, 2)
        await program.write("one\n")
        await heard
        await program.write("two\n")
    await program.write("three\n")
    async with serving(address, history=history) as server:
        status, _, errors = await program.end("four\n")
        assert (status, errors.count("connection lost")) == (0, 1)
        told = await play("connect", "eve", "--plain", "-s", address, text="/history\n")
    assert [line for line in told[1] if line.startswith("somebody: ")] == [
        f"somebody: {word}" for word in ("one", "two", "three", "four")
    ]


async def test_records_what_crossed(tmp_path):
    file = tmp_path / "send.pcapng"
    async with serving() as server:
        await play("send", "hi", "--once", "-s", server.addresses[0], "--record", file)
    records = list(read_records(file))
    assert [records[0].kind, records[-1].kind] == [Kind.OPEN, Kind.CLOSE]
    assert b'"message":"hi"' in b"".join(record.data for record in records)


async def test_imports_neither_asyncio_nor_rich():
    async with serving() as server:
        status, lines, _ = await run_code(
            "import sys\n"
            "from chatctl.cli.app import main\n"
            f"main(['send', 'hi', '--once', '-s', '{server.addresses[0]}'])\n"
            "heavy = {'asyncio', 'rich', 'textual', 'ssl', 'pydantic', 'sqlite3'}\n"
            "print(sorted(heavy & set(sys.modules)))\n"
        )
    assert (status, lines) == (0, ["[]"])


async def run_code(code):
    import sys

    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe
    )
    out, err = await process.communicate()
    return process.returncode, out.decode().splitlines(), err.decode()
