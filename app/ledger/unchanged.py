"""Answers that have not changed: an ETag of the store's revision, and 304 for whom has the answer already.

No answer changes while the revision does not, so a client that polls costs one read of one number. The ETag is weak:
compression may change the bytes that are sent (RFC 9110, 8.8.1).
"""

from datetime import UTC, datetime
from hashlib import blake2b
from typing import Annotated, Any, Final

from fastapi import Header, Request, Response
from sqlalchemy import select

from app.ledger.preconditions import read_tags
from app.models.ledger import store
from app.shared.database import Database
from app.shared.errors import NotModified
from app.shared.reading import address
from app.shared.settings import Settings

_REVISION: Final = select(store.c.revision)
# What is kept has to be asked for again before it is used; the shape of an answer depends on Accept.
_CACHING: Final = {"Cache-Control": "no-cache", "Vary": "Accept"}
UNCHANGED: Final[dict[int | str, dict[str, Any]]] = {304: {"description": "What you have is still the answer."}}
"""The reply that such a route may give, for OpenAPI."""
_Known = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        description="The ETag of the answer that you have: 304 while nothing was recorded since.",
        examples=['W/"57-2f1d0b526d0c4cbb"'],
    ),
]


async def unless_unchanged(request: Request, known: _Known = None) -> None:
    """Raise NotModified where the client has the answer already, before it is worked out: a dependency of routes."""
    if known is None:
        return
    tags = read_tags(request, "If-None-Match")
    # A * asks whether there is an answer at all, which only making it tells.
    if tags and not tags.any:
        database: Database = request.app.state.database
        tag = _etag(request, await database.scalar(_REVISION, {}))
        if tags.match_weakly(tag):
            raise NotModified(_headers(tag))


def tagged(request: Request, answer: Response, revision: int | None) -> Response:
    """An answer with its ETag, where all of it was read at one revision of the store (None where it was not)."""
    if revision is None:
        answer.headers.update(_CACHING)
        return answer
    tag = _etag(request, revision)
    tags = read_tags(request, "If-None-Match")
    if tags and tags.match_weakly(tag):
        raise NotModified(_headers(tag))
    answer.headers.update(_headers(tag))
    return answer


def _headers(tag: str) -> dict[str, str]:
    return {"ETag": f"W/{tag}", **_CACHING}


def _etag(request: Request, revision: int) -> str:
    """The ETag without its ``W/``: the revision, and a digest of all else that an answer depends on.

    The address is part of it, so that an ETag which belongs to another question matches none.
    """
    settings: Settings = request.app.state.settings
    today = "" if "as_of" in request.query_params else datetime.now(UTC).date().isoformat()
    accept = ",".join(request.headers.getlist("accept"))
    parts = (request.app.version, settings.max_nodes, settings.max_edges, today, accept, address(request))
    digest = blake2b("\n".join(map(str, parts)).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f'"{revision}-{digest}"'
