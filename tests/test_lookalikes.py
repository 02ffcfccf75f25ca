"""Letters of other scripts: allowed on request, and no way to pass for somebody else."""

import pytest

from chatctl.lookalikes import look
from chatctl.session.names import nick_fault


@pytest.mark.parametrize("nick", ["аliсе", "ALICE", "ａlice", "𝐚𝐥𝐢𝐜𝐞"])
def test_what_can_be_taken_for_alice_looks_like_alice(nick):
    assert look(nick) == look("alice")


@pytest.mark.parametrize("nick", ["bob", "日本太郎", "Ольга", "müller", "alice2"])
def test_other_names_do_not(nick):
    assert look(nick) != look("alice")


@pytest.mark.parametrize("nick", ["日本太郎", "Ольга", "müller", "ひろし太郎", "γιώργος", "user_1"])
def test_letters_of_one_script_are_allowed_on_request(nick):
    assert nick_fault(nick, 32, unicode_nicks=True) == ""


@pytest.mark.parametrize(
    "nick", ["аlice", "ａlice", "a\u202eb", "x\u200dy", "a b", "\u115f", "e\u0301", "a\u3164"]
)
def test_mixed_scripts_and_invisible_letters_are_not(nick):
    assert nick_fault(nick, 32, unicode_nicks=True)


async def test_a_server_knows_who_looks_like_whom(tmp_path):
    from chatctl.node import NodeConfig, serving
    from chatctl.session.server.house import Rules
    from chatctl.transport.address import Address
    from chatctl.wire.packets import Join
    from tests.peers.plain import PlainPeer

    config = NodeConfig((Address(port=0),), Rules(unicode_nicks=True))
    async with serving(config) as node:
        first = await PlainPeer.over_tcp(node.addresses[0])
        second = await PlainPeer.over_tcp(node.addresses[0])
        assert await first.enter("соса") == [Join("соса")]
        assert await second.enter("coca") == [Join("coca2")]
        await first.close()
        await second.close()
