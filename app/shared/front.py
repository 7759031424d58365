"""An app that can have something in front of all its layers, FastAPI's own among them, which cost 9 µs together."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send


class Reply(NamedTuple):
    """A reply in one piece; the header names are in small letters, as ASGI has them."""

    status: int
    headers: list[tuple[bytes, bytes]]
    content: bytes


Soon: TypeAlias = Callable[[Scope, Callable[[Reply | None], None]], bool]
"""Answers a request by a call, with None where it has to go the ordinary way; False where there will be no call."""


class Fronted(FastAPI):
    """An app whose requests are first given to ``front``, where there is one; it passes on to ``behind``.

    A server that has a way of its own to send a reply in one piece may ask for it by ``soon``, where there is one.
    """

    front: ASGIApp | None = None
    soon: Soon | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or the life of the app (ASGI)."""
        if self.front is not None and scope["type"] == "http":
            await self.front(scope, receive, send)
        else:
            await self.behind(scope, receive, send)

    async def behind(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle it by the layers and the routes (ASGI)."""
        await super().__call__(scope, receive, send)
