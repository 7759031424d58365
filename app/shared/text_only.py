"""Refuses what is not text in a path or a query, for all routes: it would be read as what nobody asked for."""

from collections.abc import Callable
from typing import Final
from urllib.parse import unquote_to_bytes

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.shared.errors import BadRequest, Flaw, NotFound, Problem

_ENCODED: Final = "percent-encode it as UTF-8, as in %C3%A9 for é"


class TextOnly:
    """Refuses NUL, which no record can hold and PostgreSQL takes for an error of ours, and what is not UTF-8.

    The latter would be read with a sign in its place that stands for anything unreadable.
    """

    def __init__(self, app: ASGIApp, show: Callable[[Request, Problem], Response]) -> None:
        self.app = app
        self._show = show

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI)."""
        refused = (_of_path(scope) or _of_query(scope)) if scope["type"] == "http" else None
        answer = self._show(Request(scope), refused) if refused else self.app
        await answer(scope, receive, send)


def _of_path(scope: Scope) -> Problem | None:
    if "\0" in scope["path"]:
        return NotFound("there is nothing at this path, which holds NUL")
    raw: bytes = scope.get("raw_path") or b""
    if _wrong_with(raw):
        return BadRequest(f"the path is not UTF-8: {_ENCODED}")
    return None


def _of_query(scope: Scope) -> Problem | None:
    query: bytes = scope["query_string"]
    if not _wrong_with(query):
        return None
    pairs = [pair.partition(b"=") for pair in query.split(b"&")]
    wrong = {name: found for name, _, value in pairs if (found := _wrong_with(name) or _wrong_with(value))}
    flaws = [Flaw(f"the parameter {found}", parameter=_readable(name)) for name, found in wrong.items()]
    return BadRequest("a parameter cannot be read", *flaws)


def _wrong_with(encoded: bytes) -> str:
    """Why a part of an address is no text, in words; empty where it is."""
    if not encoded.isascii():
        return f"has bytes beyond ASCII: {_ENCODED}"
    if b"%" not in encoded:
        return ""
    try:
        return "holds NUL, which is not text" if "\0" in unquote_to_bytes(encoded).decode() else ""
    except UnicodeDecodeError:
        return f"is not UTF-8: {_ENCODED}"


def _readable(name: bytes) -> str:
    return unquote_to_bytes(name.replace(b"+", b" ")).decode(errors="replace")
