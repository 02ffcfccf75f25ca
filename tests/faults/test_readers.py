"""Readers that do not read: they cost the others nothing, and can have all of it afterwards."""

from chatctl.wire.packets import Chat, Gap, Resume, Welcome
from tests.peers.guests import Guest, served

TEXT = "x" * 1000
MESSAGES = 400


async def stalled_readers(running, count, **how):
    """Readers that have come in and take nothing more; their sockets hold little."""
    return [
        await Guest.join(running, f"stalled{n}", receive_buffer=4096, **how) for n in range(count)
    ]


async def test_others_hear_everything_while_a_tenth_of_them_is_stalled(tmp_path):
    async with served(slice_bytes=16_384) as running:
        writer = await Guest.join(running, "writer")
        readers = [await Guest.join(running, f"reader{n}") for n in range(18)]
        await stalled_readers(running, 2)
        for number in range(MESSAGES):
            await writer.say(f"{number} {TEXT}")
        for reader in readers:
            await reader.hears(f"{MESSAGES - 1} {TEXT}")
            assert reader.texts() == [f"{number} {TEXT}" for number in range(MESSAGES)]


async def test_a_stalled_reader_costs_the_server_a_slice_and_no_queue():
    async with served(slice_bytes=16_384) as running:
        writer = await Guest.join(running, "writer")
        await stalled_readers(running, 3)
        for number in range(MESSAGES * 5):
            await writer.say(f"{number} {TEXT}")
        await writer.hears(f"{MESSAGES * 5 - 1} {TEXT}")
        held = [link.transport.get_write_buffer_size() for link in running.server.links.values()]
        blocked = [size for size in held if size]
        assert len(blocked) == 3
        assert max(blocked) <= 16_384 + 2 * len(TEXT)


async def test_a_reader_that_was_slow_for_a_while_hears_all_of_it_in_order():
    async with served(slice_bytes=16_384) as running:
        writer = await Guest.join(running, "writer")
        (slow,) = await stalled_readers(running, 1)
        for number in range(MESSAGES * 3):
            await writer.say(f"{number} {TEXT}")
        await writer.hears(f"{MESSAGES * 3 - 1} {TEXT}")
        await slow.hears(f"{MESSAGES * 3 - 1} {TEXT}")
        assert slow.texts() == [f"{number} {TEXT}" for number in range(MESSAGES * 3)]


async def fell_off(running, writer, slow):
    """Have the room move beyond what is kept for *slow*; return how much was said."""
    lobby = running.server.hub.house.rooms["lobby"]
    (behind,) = [member for member in lobby.members.values() if member.peer.nick == "stalled0"]
    said = 0
    while behind.cursor >= lobby.window.start:
        await writer.say(f"{said} {TEXT}")
        await writer.hears(f"{said} {TEXT}")
        said += 1
    return said


async def test_a_reader_that_fell_off_resumes_without_a_hole(tmp_path):
    limits = {"slice_bytes": 8_192, "window_bytes": 500_000, "window_entries": 50}
    async with served(history=tmp_path / "history", **limits) as running:
        writer = await Guest.join(running, "writer")
        (slow,) = await stalled_readers(running, 1, version=1)
        said = await fell_off(running, writer, slow)
        heard = await slow.end()
        assert (heard[-1].code, heard[-1].retry_after) == ("slow-reader", 0.0)
        token = next(packet.token for packet in heard if isinstance(packet, Welcome))
        last = max((packet.seq for packet in heard if isinstance(packet, Chat)), default=0)

        back = await Guest.join(running, "stalled0", 1, resume=Resume(token, {"lobby": last}))
        await writer.say("the end")
        await back.hears("the end")

        seqs = [packet.seq for packet in back.heard if isinstance(packet, Chat)]
        assert seqs == list(range(last + 1, said + 2))
        assert not any(isinstance(packet, Gap) for packet in back.heard)


async def test_without_a_history_the_hole_is_named():
    limits = {"slice_bytes": 8_192, "window_bytes": 500_000, "window_entries": 50}
    async with served(**limits) as running:
        writer = await Guest.join(running, "writer")
        (slow,) = await stalled_readers(running, 1, version=1)
        said = await fell_off(running, writer, slow)
        heard = await slow.end()
        token = next(packet.token for packet in heard if isinstance(packet, Welcome))
        last = max((packet.seq for packet in heard if isinstance(packet, Chat)), default=0)

        back = await Guest.join(running, "stalled0", 1, resume=Resume(token, {"lobby": last}))
        await writer.say("the end")
        await back.hears("the end")

        (gap,) = [packet for packet in back.heard if isinstance(packet, Gap)]
        seqs = [packet.seq for packet in back.heard if isinstance(packet, Chat)]
        assert [*range(gap.first, gap.last + 1), *seqs] == list(range(last + 1, said + 2))
