"""Writes are sent together once the loop has done all that is ready: a header with its content, reply after reply."""

from asyncio import AbstractEventLoop, Transport
from typing import Any, Final

_MOST: Final = 65_536
"""Bytes that wait at most: with more the transport has to say whether the client takes any."""


class Joined:
    """A transport that waits with what is written until the event loop has done what it is at.

    uvicorn writes a header and its content apart, and each piece that is sent is a call of the system that may have to
    wake whoever reads. Of replies that are sent right after each other the first one wakes a client of many
    connections, or a proxy, and the others find it awake. (ASGI has it that a server is not to send a header before it
    has some of the content.)
    """

    def __init__(self, transport: Transport, loop: AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []
        self._size = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else the transport has
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Have some bytes sent with those that wait."""
        if not self._held:
            self._loop.call_soon(self._send)
        self._held.append(data)
        self._size += len(data)
        if self._size > _MOST:
            self._send()

    def get_write_buffer_size(self) -> int:
        """How many bytes have not been sent yet."""
        return self._size + self._transport.get_write_buffer_size()

    def close(self) -> None:
        """Send what waits, and close."""
        self._send()
        self._transport.close()

    def abort(self) -> None:
        """Close at once: what waits is lost."""
        self._held, self._size = [], 0
        self._transport.abort()

    def _send(self) -> None:
        if self._held:
            held, self._held, self._size = self._held, [], 0
            self._transport.write(b"".join(held))
