"""No two connections that are open have the same ends."""

from chatctl.capture.writing.flows import Flows

AL, SERVER = "127.0.0.1:50000", "127.0.0.1:3490"


def ends(flow):
    return flow.to_server.ends


def test_the_second_of_two_with_the_same_ends_gets_others():
    flows = Flows(virtual=False)
    one, other, third = (flows.begin(conn, AL, SERVER) for conn in (1, 2, 3))

    assert len({ends(one), ends(other), ends(third)}) == 3
    assert one.to_server.is_v4
    assert (other.client, other.server) == (AL, SERVER)


def test_ends_are_free_again_when_their_connection_is_forgotten():
    flows = Flows(virtual=False)
    first = ends(flows.begin(1, AL, SERVER))
    flows.begin(2, AL, SERVER)
    flows.forget(2)
    flows.forget(1)
    flows.forget(1)

    assert ends(flows.begin(3, AL, SERVER)) == first
    assert [flow.conn for flow in flows] == [3]
    assert set(flows.up) == set(flows.down) == {3}


def test_the_same_number_anew_keeps_its_ends():
    flows = Flows(virtual=True)

    assert ends(flows.begin(7)) == ends(flows.begin(7))
    assert flows.newest().conn == 7
