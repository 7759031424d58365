"""A peer that is gone without a word is noticed, where the system can."""

import socket
from asyncio import Transport

from app.shared.keepalive import notice_loss


def transport_of(one: socket.socket) -> Transport:
    """A transport, as far as it tells of its socket."""
    return Transport({"socket": one})


def test_a_peer_that_says_nothing_is_asked_and_given_up() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as one,
    ):
        notice_loss(transport_of(one))
        asked = one.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        limits = [one.getsockopt(socket.IPPROTO_TCP, kind) for kind in (socket.TCP_KEEPIDLE, socket.TCP_USER_TIMEOUT)]
    assert (asked, limits) == (1, [10, 25_000])


def test_a_socket_of_this_machine_is_left_alone() -> None:
    """It has no such options, and its peer cannot go without a word."""
    one, other = socket.socketpair(socket.AF_UNIX)
    with one, other:
        notice_loss(transport_of(one))
        assert not one.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
