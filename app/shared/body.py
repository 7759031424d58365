"""Reads the body of a request: only so much of it, only of a kind that was asked for, and only as strict JSON."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from fastapi import Request
from starlette.requests import ClientDisconnect

from app.shared.errors import BadRequest, ContentTooLarge, UnsupportedMediaType
from app.shared.http import JSON
from app.shared.json import loads

MERGE_PATCH: Final = "application/merge-patch+json"
_KEPT: Final = "body"


async def read_body(request: Request, limit: int | None = None) -> bytes:
    """The body, read once and kept for whoever asks again; at most ``limit`` bytes, by default ``max_body_bytes``.

    Raises ContentTooLarge (413) as soon as the length that was announced, or what has come so far, is past the limit.
    """
    state = request.scope["state"]
    if _KEPT not in state:
        state[_KEPT] = await _streamed(request, limit or request.app.state.settings.max_body_bytes)
    body: bytes = state[_KEPT]
    return body


async def read_json(request: Request, media_types: Sequence[str] = (JSON,)) -> Any:  # noqa: ANN401 - whatever was sent
    """The body as `app.shared.json.loads` reads it.

    Raises UnsupportedMediaType (415), naming what is taken, and BadRequest (400) for what is not JSON.
    """
    kind_of(request, media_types)
    try:
        return loads(await read_body(request))
    except ValueError as error:
        raise BadRequest(f"the body cannot be read: {error}") from None


async def whole_body(request: Request) -> None:
    """Read the body before anything is taken that others wait for: a dependency of routes."""
    await read_body(request)


async def no_body(request: Request) -> None:
    """Refuse a body: a dependency of routes that take none. Raises BadRequest."""
    if await read_body(request):
        raise BadRequest("this request takes no body: leave it out")


async def pieces(request: Request, limit: int) -> AsyncIterator[bytes]:
    """The body piece by piece, as it arrives and kept nowhere; at most ``limit`` bytes.

    Raises ContentTooLarge (413) as `read_body` does, and BadRequest (400) where the client goes away in between.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise _too_large(limit)
    size = 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > limit:
                raise _too_large(limit)
            yield piece
    except ClientDisconnect:
        raise BadRequest("the body ended before it was whole") from None


async def _streamed(request: Request, limit: int) -> bytes:
    body = bytearray()
    async for piece in pieces(request, limit):
        body += piece
    return bytes(body)


def _too_large(limit: int) -> ContentTooLarge:
    return ContentTooLarge(f"the body is larger than {limit:,} bytes, which is all that is read of one")


def kind_of(request: Request, media_types: Sequence[str]) -> str:
    """Of which of some media types the body is. Raises UnsupportedMediaType (415), naming what is taken."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding != "identity":
        coded = UnsupportedMediaType(f"the content coding {coding[:80]!r} is not read here: send the body as it is")
        # RFC 9110, 15.5.16: what would have been taken.
        coded.headers = {"Accept-Encoding": "identity"}
        raise coded
    if kind not in media_types:
        given = f", not {kind[:80]!r}" if kind else ""
        problem = UnsupportedMediaType(f"send the body as {' or '.join(media_types)} (Content-Type){given}")
        # Accept-Post: W3C LDP 1.0, 7.1. Accept-Patch: RFC 5789, 3.1.
        offered = {"POST": "Accept-Post", "PATCH": "Accept-Patch"}.get(request.method)
        problem.headers = {offered or "Accept": ", ".join(media_types)}
        raise problem
    return kind
