"""Connections of which the other end is gone without a word: a cable that was cut, a machine that lost its power."""

import socket
from asyncio import BaseTransport
from typing import Final

# A quiet peer is asked after 10 s, then every 5; the third question that has no answer ends it, and so does what
# was sent and not received for as long. Linux would ask after two hours, and send again for a quarter of one.
_OPTIONS: Final = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 25_000}


def notice_loss(transport: BaseTransport) -> None:
    """Let a connection fail some 25 s after its peer can be reached no longer (RFC 9293, 3.8.3 and 3.8.4).

    A peer that is there and has nothing to say is not lost: its system answers for it.
    """
    one = transport.get_extra_info("socket")
    if one.family not in (socket.AF_INET, socket.AF_INET6):
        return
    one.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _OPTIONS.items():
        if hasattr(socket, name):
            one.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
