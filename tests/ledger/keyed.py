"""Requests with a key: the header that carries one, and an app that says only whether a request got past the gate."""

from collections.abc import Iterable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.ledger import keys
from app.models.ledger import Scope as KeyScope
from app.shared.database import Database

PASSED = 204


async def bearer(database: Database, scope: KeyScope = "write", name: str = "editor") -> dict[str, str]:
    """The header of a request that carries a new key."""
    return {"Authorization": f"Bearer {await keys.create(database, name, scope)}"}


async def passed(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer whatever gets here with 204 (an ASGI app)."""
    await send({"type": "http.response.start", "status": PASSED, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def asked(
    app: ASGIApp,
    method: str,
    path: str,
    headers: Iterable[tuple[bytes, bytes]] = (),
    **more: Any,  # noqa: ANN401 - what ASGI has in a scope
) -> tuple[int, dict[str, str], bytes]:
    """The status, headers and body of one request, straight to an app: the path as it is, whatever a client may do."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    about = {"type": "http", "method": method, "path": path, "headers": list(headers), "query_string": b""}
    await app(about | {"client": ("192.0.2.1", 1), "root_path": ""} | more, receive, send)
    start, *rest = sent
    told = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
    return start["status"], told, b"".join(message.get("body", b"") for message in rest)
