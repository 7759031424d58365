"""What every request goes through before it is routed."""

import re
from collections.abc import Iterable
from random import getrandbits
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Header = tuple[bytes, bytes]
REQUEST_ID: Final = b"x-request-id"
_SENSIBLE: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")


NO_SNIFFING: Final = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"same-origin"))
"""What every reply tells a browser: to take it for what it says it is, and to tell no other host where it stood."""
CLOSED: Final = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-frame-options", b"DENY"),
)
"""What a reply tells a browser that says nothing of its own: to run, load and frame nothing of it."""


def new_request_id() -> str:
    """An id for a request. It need not be secret, so that the system's randomness, 4 µs, would be wasted on it."""
    return f"{getrandbits(128):032x}"


def identify(scope: Scope) -> str:
    """Give a request an id, the client's own where it sent a sensible ``X-Request-Id``, and return it."""
    given = next((value.decode("latin-1") for name, value in scope["headers"] if name == REQUEST_ID), "")
    request_id = given if _SENSIBLE.fullmatch(given) else new_request_id()
    scope.setdefault("state", {})["request_id"] = request_id
    return request_id


class RequestId:
    """Gives each request an id, and returns it; says on each reply what a browser may do with it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI)."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = identify(scope)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = guarded(message["headers"], (REQUEST_ID, request_id.encode()))
            await send(message)

        await self.app(scope, receive, send_with_id)


def guarded(headers: Iterable[Header], *more: Header) -> list[Header]:
    """The headers of a reply with others that take the place of its own, and with what a browser may do with it."""
    instead = {name for name, _ in more}
    kept = [header for header in headers if header[0] not in instead]
    said = {name for name, _ in kept}
    wanted = NO_SNIFFING if b"content-security-policy" in said else NO_SNIFFING + CLOSED
    return [*kept, *more, *(header for header in wanted if header[0] not in said)]


class HeadAsGet:
    """Answers HEAD as GET without the content (RFC 9110, 9.3.2), which routes that state GET alone would refuse."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI)."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        ended = False

        async def send_without_content(message: Message) -> None:
            nonlocal ended
            if message["type"] != "http.response.body":
                await send(message)
            elif not ended:
                # A stream would go on without end: its client is told that there is nothing to come.
                ended = True
                await send({"type": "http.response.body", "body": b""})

        as_get = {**scope, "method": "GET"}
        try:
            await self.app(as_get, receive, send_without_content)
        finally:
            # Whoever stands outside is told what routing found.
            scope.update({**as_get, "method": "HEAD"})
